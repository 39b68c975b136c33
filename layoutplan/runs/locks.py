"""One process at a time writes to a place: a lock that the system takes back when its holder dies."""

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
"""What a lock file of ours holds; an empty one is ours too, a kill may strike before it is written."""

_BUSY: Final = frozenset({errno.EACCES, errno.EAGAIN, errno.EDEADLK})
_PAUSE_S: Final = 0.05
_held: dict[Path, int] = {}
"""Locks of this process: the system would refuse it a second one of its own."""


def lock_file(place: Path) -> Path:
    """Return the lock file of a run folder or another place: hidden, beside it."""
    return place.with_name(f".{place.name}.lock")


@contextmanager
def held(place: Path, *, wait_s: float = 0.0) -> Iterator[None]:
    """Keep other processes from writing to ``place`` while the block runs; this one may nest.

    Parameters
    ----------
    place
        A path in a folder that exists; it need not exist itself.
    wait_s
        How long to wait for another process, in seconds.

    Raises
    ------
    InputError
        If another process holds the lock.
    OSError
        If the folder can not be written to.
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
    """Say whether another process is writing to ``place``; nothing is changed."""
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
    """Say whether a file is a lock of ours, or nothing at all."""
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
            os.close(handle)  # its last holder removed the file meanwhile
            continue
        os.close(handle)
        if time.monotonic() >= until:
            return None
        time.sleep(_PAUSE_S)


def _lock(handle: int) -> bool:
    """Lock an open file; a file system that knows no locks lets everybody in."""
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
