"""Which files of an output folder layoutplan wrote; only these are ever replaced or removed.

A **run folder** is recognised by a ``manifest.json`` with a run id; only the files that a run writes are
removed from it, one by one, so that files of others cannot be lost. A **temporary folder** is recognised by
the suffix of its name. Pages next to the run folders are recognised by :mod:`~layoutplan.runs.pages`, stored
walks by the tag of their folder.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from layoutplan.dictionary import result_tables
from layoutplan.errors import FaultLog
from layoutplan.runs.file_names import MANIFEST, SUMMARY
from layoutplan.runs.locks import is_busy
from layoutplan.runs.stored import Manifest, read_manifest

PREVIOUS: Final = ".previous"
"""Suffix of the last run's folder between the two renames of a swap."""

EDITED_BY_PEOPLE: Final = ("workbook.xlsx", "report.docx", "tables/ledger.csv")
"""Files of a run that an office may edit; once changed they are not replaced."""

_FILES: Final = frozenset(
    {
        SUMMARY,
        MANIFEST,
        *(
            "results.gpkg",
            "workbook.xlsx",
            "map.html",
            "scorecard.html",
            "report.docx",
            "summary.pdf",
            "atlas.pdf",
        ),
        *("results.gpkg-wal", "results.gpkg-shm", "results.gpkg-journal"),  # left by a viewer
    }
)
_LITTER: Final = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})  # left by file managers
_TABLES: Final = "tables"
_MARK: Final = ".layoutplan-writing"
"""Suffix of a temporary folder's name."""
_UNFINISHED: Final = re.compile(r"\.(?P<name>.+)-[a-z0-9_]{8}" + re.escape(_MARK))
_SHOWN: Final = 5


def previous_of(folder: Path) -> Path:
    """Return the path of the last run while a new one replaces it.

    Parameters
    ----------
    folder
        The run folder.

    Returns
    -------
    Path
        ``<name>.previous``.
    """
    return folder.with_name(folder.name + PREVIOUS)


def is_run(folder: Path) -> bool:
    """Return whether a folder is a run of layoutplan, of this version or an earlier one.

    Parameters
    ----------
    folder
        The folder.

    Returns
    -------
    bool
        ``False`` for a symbolic link.
    """
    if folder.is_symlink() or not folder.is_dir():
        return False
    return read_manifest(folder, log=FaultLog()) is not None


def foreign_names(folder: Path) -> list[str]:
    """Return the names in a run folder that no run writes; symbolic links are among them.

    Parameters
    ----------
    folder
        The run folder.

    Returns
    -------
    list of str
        Sorted, relative to ``folder``.
    """
    listed = _listed(folder)
    foreign = []
    for path in sorted(folder.iterdir()):
        if path.name == _TABLES and path.is_dir() and not path.is_symlink():
            foreign += [
                f"{_TABLES}/{inner.name}"
                for inner in sorted(path.iterdir())
                if not _is_ours(inner, folder, listed)
            ]
        elif not _is_ours(path, folder, listed):
            foreign.append(path.name)
    return foreign


def edited_names(folder: Path) -> list[str]:
    """Return the editable files that were changed since the run wrote them, according to the manifest.

    Parameters
    ----------
    folder
        The run folder.

    Returns
    -------
    list of str
        Relative to ``folder``; empty where the manifest lists no files.
    """
    manifest = read_manifest(folder, log=FaultLog())
    files = manifest.files if manifest else {}
    return [
        name
        for name in EDITED_BY_PEOPLE
        if name in files and (folder / name).is_file() and sha256_of(folder / name) != files[name]
    ]


def report_run_folder(folder: Path, *, log: FaultLog) -> None:
    """Record why a run must not replace a folder; nothing if it is absent, empty or a run of layoutplan.

    The folder ``<name>.previous`` that a killed run may have left is checked too.

    Parameters
    ----------
    folder
        The run folder.
    log
        Receives the faults.
    """
    for path in (folder, previous_of(folder)):
        if not os.path.lexists(path):
            continue
        if path.is_symlink():
            log.add("output_is_link", file=str(path))
        elif not path.is_dir():
            log.add("not_written_file_in_the_way", file=str(path))
        else:
            _report_content(path, log=log)
    if is_busy(folder):
        log.add("run_busy", file=str(folder))


def _report_content(folder: Path, *, log: FaultLog) -> None:
    try:
        names = sorted(path.name for path in folder.iterdir())
        if not names:
            return
        if not is_run(folder):
            log.add("output_not_ours", file=str(folder), names=_shown(names))
            return
        if foreign := foreign_names(folder):
            log.add("output_foreign_files", file=str(folder), names=_shown(foreign))
        if edited := edited_names(folder):
            log.add("output_edited", file=str(folder), names=_shown(edited))
        for inner in (folder, folder / _TABLES):
            if inner.is_dir() and not os.access(inner, os.W_OK | os.X_OK):
                log.add("not_written_no_permission", file=str(inner))
    except OSError as error:
        log.add("not_written", file=str(folder), reason=error.strerror or str(error))


def remove_run(folder: Path) -> None:
    """Remove the files of a run, then its folders if they are empty; other files remain.

    Parameters
    ----------
    folder
        The run folder.
    """
    listed = _listed(folder)
    tables = folder / _TABLES
    if folder.is_symlink():
        return
    for inner in (tables, folder):
        if not inner.is_dir() or inner.is_symlink():
            continue
        # The manifest goes last, so that an interrupted removal is still recognised as a run.
        paths = sorted(inner.iterdir(), key=lambda path: path.name == MANIFEST)
        for path in paths:
            if _is_ours(path, folder, listed):
                path.unlink()
        with suppress(OSError):
            inner.rmdir()


def make_temporary(place: Path) -> Path:
    """Create an empty temporary folder in the parent folder of a location, whose lock must be held.

    Parameters
    ----------
    place
        The location.

    Returns
    -------
    Path
        The folder.
    """
    folder = Path(tempfile.mkdtemp(prefix=f".{place.name}-", suffix=_MARK, dir=place.parent))
    folder.chmod(0o755)
    return folder


def clear_temporary(place: Path) -> None:
    """Remove the temporary folders of a location whose lock this process holds.

    Parameters
    ----------
    place
        The location.
    """
    for folder, name in _unfinished(place.parent):
        if name == place.name:
            shutil.rmtree(folder, ignore_errors=True)


def clean_up_killed_runs(output: Path) -> None:
    """Remove the temporary folders of killed runs from an output folder, and restore their last runs.

    Nothing is touched that a running process uses or that layoutplan did not write.

    Parameters
    ----------
    output
        The output folder.
    """
    for folder, name in _unfinished(output):
        if not is_busy(output / name):
            shutil.rmtree(folder, ignore_errors=True)
    for old in sorted(output.glob(f"*{PREVIOUS}")):
        folder = old.with_name(old.name.removesuffix(PREVIOUS))
        if folder.name and not is_busy(folder):
            recover(folder)


def recover(folder: Path) -> None:
    """Restore the last run if a kill came between the two renames; remove it if a kill came later.

    Parameters
    ----------
    folder
        The run folder.
    """
    old = previous_of(folder)
    if not is_run(old):
        return
    if not os.path.lexists(folder):
        old.rename(folder)
    elif is_run(folder) and not foreign_names(old) and not edited_names(old):
        remove_run(old)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    str
        Hexadecimal digits.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def files_of(folder: Path) -> dict[str, str]:
    """Return the files of a folder with their SHA-256.

    Parameters
    ----------
    folder
        The folder.

    Returns
    -------
    dict
        Hexadecimal digits by path relative to ``folder``.
    """
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): sha256_of(path) for path in paths}


def _unfinished(output: Path) -> Iterator[tuple[Path, str]]:
    """Yield the temporary folders of layoutplan in an output folder, with the name of their location."""
    for folder in sorted(output.glob(f".*{_MARK}")):
        found = _UNFINISHED.fullmatch(folder.name)
        if found and folder.is_dir() and not folder.is_symlink():
            yield folder, found["name"]


def _listed(folder: Path) -> frozenset[str]:
    """Return the files that a run folder's manifest lists."""
    manifest: Manifest | None = read_manifest(folder, log=FaultLog())
    return frozenset(manifest.files if manifest else ())


def _is_ours(path: Path, folder: Path, listed: frozenset[str]) -> bool:
    """Return whether a run wrote a file of its folder."""
    if path.is_symlink() or not path.is_file():
        return False
    name = path.relative_to(folder).as_posix()
    if name in listed or name in _FILES or path.name in _LITTER:
        return True
    return path.parent.name == _TABLES and path.suffix == ".csv" and path.stem in result_tables()


def _shown(names: list[str]) -> str:
    more = f" … (+{len(names) - _SHOWN})" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
