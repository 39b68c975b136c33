"""Regular files: anything else (a pipe, a device, a folder, an address) is detected before it is opened."""

from __future__ import annotations

import errno
import os
import re
import stat
from pathlib import Path
from typing import Final, Literal

Obstacle = Literal["missing", "folder", "special", "loop", "address", "home", "name", "closed"]
"""Why a path cannot be read: nothing there, a folder, not a regular file (a pipe, a device, a socket), a
loop of links, an address on the network, another user's home, an invalid file name, no permission."""

_ADDRESS: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/|/vsi\w+/|\\\\")
_HOME: Final = re.compile(r"~[^/\\]")


def is_address(written: str) -> bool:
    """Return whether a path as written is an address: ``https://…``, ``s3://…``, GDAL's ``/vsicurl/…``.

    Parameters
    ----------
    written
        Path as the user wrote it.

    Returns
    -------
    bool
        True for URLs, GDAL virtual file systems and UNC paths (two backslashes and a server); False for
        Windows drives.

    Examples
    --------
    >>> is_address("https://a.cn/b.csv"), is_address("/vsizip/a.zip/b.shp"), is_address("C:/a.csv")
    (True, True, False)
    """
    return _ADDRESS.match(written) is not None


def is_other_home(written: str) -> bool:
    """Return whether a path as written begins in the home folder of a named user (``~zhang/a.csv``).

    Parameters
    ----------
    written
        Path as the user wrote it.

    Returns
    -------
    bool
        False for the user's own home (``~/a.csv``).
    """
    return _HOME.match(written) is not None


def obstacle(path: Path) -> Obstacle | None:
    """Return why a path is not a readable regular file.

    Nothing is opened, so no pipe is waited for and no device is read.

    Parameters
    ----------
    path
        Path to check; symbolic links are followed.

    Returns
    -------
    Obstacle or None
        ``None`` for a regular file that may be read.
    """
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError, RuntimeError) as error:
        return _of_error(error)
    if stat.S_ISDIR(mode):
        return "folder"
    if not stat.S_ISREG(mode):
        return "special"
    return None if os.access(path, os.R_OK) else "closed"


def _of_error(error: Exception) -> Obstacle:
    """Return the obstacle for an error: ``ValueError`` is a zero byte, ``RuntimeError`` a link loop."""
    if isinstance(error, PermissionError):
        return "closed"
    if isinstance(error, RuntimeError) or getattr(error, "errno", None) == errno.ELOOP:
        return "loop"
    return "missing" if isinstance(error, (FileNotFoundError, NotADirectoryError)) else "name"


def read_regular(path: Path, *, most_bytes: int) -> bytes | None:
    """Return the bytes of a regular file.

    The type is checked after the file is opened (without blocking), so that it cannot be replaced in between.

    Parameters
    ----------
    path
        File to read.
    most_bytes
        Largest size accepted, bytes.

    Returns
    -------
    bytes or None
        ``None`` for anything but a regular file, for a larger file, and for a file that cannot be opened.
    """
    waits_not = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        handle = os.open(path, os.O_RDONLY | waits_not)
    except (OSError, ValueError):
        return None
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode) or found.st_size > most_bytes:
            return None
        data = file.read(most_bytes + 1)
    return data if len(data) <= most_bytes else None
