"""Exclusive write access to a location between processes, by a lock that the system releases on exit."""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from layoutplan.errors import Fault, InputError

LOCK_MARK: Final = b"layoutplan lock\n"
"""Content of a lock file; an empty one is valid too, since a kill may precede the write."""

_BUSY: Final = frozenset({errno.EACCES, errno.EAGAIN, errno.EDEADLK})
_PAUSE_S: Final = 0.05
_held: dict[Path, int] = {}
"""Locks held by this process; a second lock of the same file would fail."""


def lock_file(place: Path) -> Path:
    """Return the lock file of a location: hidden, in the same folder.

    Parameters
    ----------
    place
        A run folder or another path.

    Returns
    -------
    Path
        ``.<name>.lock``.
    """
    return place.with_name(f".{place.name}.lock")


@contextmanager
def held(place: Path, *, wait_s: float = 0.0) -> Iterator[None]:
    """Prevent other processes from writing to a location while the block runs; calls of one process may nest.

    Parameters
    ----------
    place
        A path in an existing folder; it need not exist itself.
    wait_s
        How long to wait for another process, seconds.

    Raises
    ------
    InputError
        If another process holds the lock.
    OSError
        If the folder cannot be written to.
    """
    path = lock_file(place.absolute())
    if path in _held:
        yield
        return
    handle = None
    try:
        handle = _acquire(path, wait_s=wait_s)
        if handle is None:
            raise InputError((Fault(code="run_busy", file=str(place)),))
        _held[path] = handle
        yield
    finally:
        if handle is not None:
            _held.pop(path, None)
            _release(handle, path)


def is_busy(place: Path) -> bool:
    """Return whether another process is writing to a location; nothing is changed.

    Parameters
    ----------
    place
        The location.

    Returns
    -------
    bool
        Whether its lock is held.
    """
    path = lock_file(place.absolute())
    if path in _held or not path.is_file() or path.is_symlink():
        return False
    try:
        handle = os.open(path, os.O_RDWR)
    except OSError:
        return False
    try:
        return not _lock(handle)
    finally:
        os.close(handle)


def is_lock(path: Path) -> bool:
    """Return whether a path is a lock file of layoutplan or does not exist.

    Parameters
    ----------
    path
        The path.

    Returns
    -------
    bool
        Whether it may be used as a lock file.
    """
    if not os.path.lexists(path):
        return True
    if path.is_symlink() or not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return file.read(len(LOCK_MARK) + 1) in {b"", LOCK_MARK}
    except OSError:
        return False


def _acquire(path: Path, *, wait_s: float) -> int | None:
    until = time.monotonic() + wait_s
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o644)
        if _lock(handle):
            if _is_still(handle, path):
                os.pwrite(handle, LOCK_MARK, 0) if hasattr(os, "pwrite") else os.write(handle, LOCK_MARK)
                return handle
            os.close(handle)  # the previous holder has removed the file
            continue
        os.close(handle)
        if time.monotonic() >= until:
            return None
        time.sleep(_PAUSE_S)


def _lock(handle: int) -> bool:
    """Lock an open file; a file system without locks grants every request."""
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415  of this system alone

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415  of these systems alone

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in _BUSY
    return True


def _is_still(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except OSError:
        return False


def _release(handle: int, path: Path) -> None:
    if sys.platform == "win32":  # an open file can not be removed there
        os.close(handle)
    with suppress(OSError):
        path.unlink()
    if sys.platform != "win32":
        os.close(handle)
