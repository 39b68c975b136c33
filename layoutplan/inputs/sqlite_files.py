"""Files of SQLite (GeoPackage), read without altering them.

SQLite moves what is pending in ``-wal`` or ``-journal`` beside a file into it when the file is opened or
closed, even for reading alone. Such a file is read from a copy.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_MAGIC: Final = b"SQLite format 3\0"
_WRITE_VERSION: Final = slice(18, 20)  # of the header: 2 where the file keeps a write-ahead log
_WITH_LOG: Final = b"\x02"
_PENDING: Final = ("-wal", "-journal")
_TRIES: Final = 5


@contextmanager
def unaltered(path: Path) -> Iterator[Path]:
    """Give a path at which a file can be opened: its own, or that of a private copy with all that is pending.

    A file that no database engine alters by opening it (no SQLite, or nothing pending and no log) is its own.

    Raises
    ------
    OSError
        If it can not be read or copied.
    """
    if not _opening_alters(path):
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="layoutplan-") as folder:
        copy = Path(folder) / path.name
        _copy(path, copy)
        yield copy


def database_parts(path: Path) -> list[Path]:
    """Return a database file and what is pending beside it: together they are the data."""
    if not _is_database(path):
        return [path]
    return [path, *(part for part in _pending(path) if part.stat().st_size)]


def _opening_alters(path: Path) -> bool:
    return _is_database(path) and (bool(_pending(path)) or _WITH_LOG in _header(path)[_WRITE_VERSION])


def _is_database(path: Path) -> bool:
    return _header(path).startswith(_MAGIC)


def _header(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(100)


def _pending(path: Path) -> list[Path]:
    beside = [path.with_name(path.name + ending) for ending in _PENDING]
    return [part for part in beside if part.is_file()]


def _copy(path: Path, copy: Path) -> None:
    """Copy a file and what is pending; again where somebody wrote to them meanwhile."""
    for _ in range(_TRIES):
        before = _stamps(path)
        for part in database_parts(path):
            shutil.copyfile(part, copy.with_name(copy.name + part.name.removeprefix(path.name)))
        if _stamps(path) == before:
            return


def _stamps(path: Path) -> list[tuple[str, int, int]]:
    stats = [(part.name, part.stat()) for part in database_parts(path)]
    return [(name, stat.st_size, stat.st_mtime_ns) for name, stat in stats]
