"""Checks before a file is opened: existence, regular file, supported format and size."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from layoutplan.city.limits import FILE_BYTES, GIGABYTE
from layoutplan.dictionary.table_log import TableLog
from layoutplan.regular_files import Obstacle, is_address, is_other_home, obstacle

_OBSTACLES: Final[dict[Obstacle, str]] = {
    "missing": "missing_file",
    "folder": "is_folder",
    "special": "not_regular",
    "loop": "link_loop",
    "name": "missing_file",
    "closed": "file_unreadable",
}


def is_readable(path: Path, *, written: Path, suffixes: Sequence[str], log: TableLog) -> bool:
    """Return whether a file may be read; report the reason if not.

    Parameters
    ----------
    path
        Location of the file; it need not exist.
    written
        The path as written in the plan.
    suffixes
        Supported suffixes, in lower case.
    log
        Receives the fault.

    Returns
    -------
    bool
        The content is not checked.
    """
    if is_address(written.as_posix()):
        log.add("is_address", path=written)
        return False
    if is_other_home(written.as_posix()):
        log.add("home_of_user", path=written)
        return False
    found = obstacle(path)
    suffix = path.suffix.lower()
    if found is not None:
        log.add(_OBSTACLES[found], path=str(path), reason="permission denied")
    elif suffix == ".xls":
        log.add("old_workbook")
    elif suffix not in suffixes:
        log.add("unknown_format", suffix=suffix or path.name)
    elif path.stat().st_size == 0:
        log.add("empty_file")
    elif path.stat().st_size > FILE_BYTES:
        log.add("file_too_large", gigabytes=f"{path.stat().st_size / GIGABYTE:.1f}")
    else:
        return True
    return False
