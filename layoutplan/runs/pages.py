"""Pages and tables next to the run folders, and other single files that a command writes for the user.

``.layoutplan.json`` of their folder lists them with the SHA-256 of what was written: a file that layoutplan
did not write, or that was changed since, is never replaced. Files of the first versions, which had no such
list, are recognised by their content.
"""

from __future__ import annotations

import filecmp
import json
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from layoutplan.dictionary import result_table
from layoutplan.errors import FaultLog
from layoutplan.runs.locks import held, is_lock, lock_file
from layoutplan.runs.ownership import clear_temporary, make_temporary, sha256_of
from layoutplan.runs.write_faults import not_written
from layoutplan.texts import LANGUAGES, text

MARKS: Final = ".layoutplan.json"
"""Lists the files that layoutplan wrote in a folder, with their SHA-256."""

_PLACE: Final = "pages.new"
"""Takes the place of a scenario's name for the pages' lock; no scenario name contains a dot."""
_STAGE: Final = "files.new"
_WAIT_S: Final = 20.0
_KEPT: Final = 2  # the present content and the one about to replace it
_HEAD_BYTES: Final = 8192
_MOST_BYTES: Final = 2**24
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_TABLES: Final = ("triggers", "enrolment_backtest")


Content = bytes | Path | None
"""Content of a file: bytes, a file to be moved there, or ``None`` to remove it."""


class _Marks(BaseModel):
    """Content of ``.layoutplan.json``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    layoutplan: Literal["files written here, with their SHA-256"] = "files written here, with their SHA-256"
    format: Literal[2] = 2
    files: dict[str, list[Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]]] = {}


def report_pages(folder: Path, names: Iterable[str], *, log: FaultLog) -> None:
    """Record the files of a folder that a command would replace and that layoutplan did not write.

    Parameters
    ----------
    folder
        The folder.
    names
        File names that the command would write.
    log
        Receives the faults.
    """
    marks = _read_marks(folder / MARKS)
    if marks is None:
        log.add("output_page_not_ours", file=str(folder / MARKS))
    if not is_lock(lock_file(folder / _PLACE)):
        log.add("output_page_not_ours", file=str(lock_file(folder / _PLACE)))
    for name in names:
        if not _is_ours(folder / name, marks or _Marks()):
            log.add("output_page_not_ours", file=str(folder / name))


def write_pages(folder: Path, contents: Mapping[str, Content], *, log: FaultLog) -> None:
    """Write files to a folder, each completely or not at all.

    If one of them exists and layoutplan did not write it, the fault is recorded and nothing is written.

    Parameters
    ----------
    folder
        The folder; created if missing.
    contents
        Content by file name; ``None`` removes the file.
    log
        Receives the faults.

    Raises
    ------
    InputError
        If another process keeps writing pages there.
    OSError
        If the folder cannot be written to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / _PLACE
    with held(place, wait_s=_WAIT_S):
        clear_temporary(place)
        marks = _read_marks(folder / MARKS)
        known = marks or _Marks()
        before = len(log.errors)
        if marks is None:
            log.add("output_page_not_ours", file=str(folder / MARKS))
        for name, content in contents.items():
            if not _is_ours(folder / name, known) and not _holds(folder / name, content):
                log.add("output_page_not_ours", file=str(folder / name))
        if len(log.errors) > before:
            return
        new = make_temporary(place)
        try:
            _replace(folder, new, contents, known=known)
        finally:
            clear_temporary(place)


def write_files_of_ours(folder: Path, make: Callable[[Path], Path]) -> Path:
    """Create files in a temporary folder and move them to ``folder``, unless a foreign file is in the way.

    Parameters
    ----------
    folder
        Target folder; created if missing.
    make
        Writes files to the folder given and returns the path of one of them.

    Returns
    -------
    Path
        The final path of that file.

    Raises
    ------
    InputError
        Naming every foreign file, or if the folder cannot be written to; nothing is changed then.
    """
    log, place = FaultLog(), folder / _STAGE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with held(place, wait_s=_WAIT_S):
            clear_temporary(place)
            try:
                new = make_temporary(place)
                made = make(new).name
                write_pages(folder, {path.name: path for path in sorted(new.iterdir())}, log=log)
            finally:
                clear_temporary(place)
    except OSError as error:
        raise not_written(folder, error) from error
    log.raise_if_errors()
    return folder / made


def _replace(folder: Path, new: Path, contents: Mapping[str, Content], *, known: _Marks) -> None:
    files = dict(known.files)
    for name, content in contents.items():
        if content is not None:
            if isinstance(content, Path):
                content.replace(new / name)
            else:
                (new / name).write_bytes(content)
            digest = sha256_of(new / name)
            files[name] = list(dict.fromkeys([digest, *files.get(name, [])]))[:_KEPT]
    # The list is written before the files: after a kill in between, files are recognised either way.
    plain = json.dumps(_Marks(files=dict(sorted(files.items()))).model_dump(), ensure_ascii=False, indent=1)
    (new / MARKS).write_text(plain + "\n", encoding="utf-8", newline="\n")
    (new / MARKS).replace(folder / MARKS)
    for name, content in contents.items():
        if content is None:
            (folder / name).unlink(missing_ok=True)
        else:
            (new / name).replace(folder / name)


def _read_marks(path: Path) -> _Marks | None:
    """Return the list of a folder, empty if there is none; ``None`` if the file is not such a list."""
    if not os.path.lexists(path):
        return _Marks()
    if path.is_symlink() or not path.is_file() or path.stat().st_size > _MOST_BYTES:
        return None
    try:
        return _Marks.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def _is_ours(path: Path, marks: _Marks) -> bool:
    """Return whether a file may be replaced: absent, unchanged since written, or of a first version."""
    if not os.path.lexists(path):
        return True
    if path.is_symlink() or not path.is_file():
        return False
    known = marks.files.get(path.name)
    return _is_of_first_version(path) if known is None else sha256_of(path) in known


def _holds(path: Path, content: Content) -> bool:
    """Return whether a file already has the content."""
    if content is None or path.is_symlink() or not path.is_file():
        return False
    if isinstance(content, Path):
        return filecmp.cmp(path, content, shallow=False)
    return path.stat().st_size == len(content) and path.read_bytes() == content


def _is_of_first_version(path: Path) -> bool:
    """Return whether a first version wrote a file, recognised by its content."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if path.name == "index.html":
        titles = [f"<title>{text('report.compare.title', lang)}</title>".encode() for lang in LANGUAGES]
        return head.startswith(b'<!doctype html>\n<html lang="') and any(title in head for title in titles)
    if path.name == "map.html":
        page = path.read_bytes()
        return (
            b'<script type="application/octet-stream" id="payload">' in page and b"layoutplan.start(" in page
        )
    first = head.partition(b"\n")[0] + b"\n"
    if path.name == "comparison.csv":
        return first.startswith(_BYTE_ORDER_MARK + b"stage,variant,figure,")
    headers = [",".join(result_table(name).column_names).encode() + b"\n" for name in _TABLES]
    return path.suffix.lower() == ".csv" and first in [_BYTE_ORDER_MARK + header for header in headers]
