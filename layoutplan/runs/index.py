"""``index.html`` of all scenarios of a plan."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pandas as pd

from layoutplan.errors import FaultLog
from layoutplan.outputs.files.csv_files import csv_bytes
from layoutplan.outputs.map import combine_maps
from layoutplan.outputs.pages import render_comparison
from layoutplan.runs.compare import (
    comparison_of,
    find_runs,
    layout_titles,
    read_whole_runs,
    report_unreadable,
)
from layoutplan.runs.contrast import contrast_of
from layoutplan.runs.file_names import MAP, SCORECARD
from layoutplan.runs.pages import write_pages
from layoutplan.runs.stored import StoredRun, read_stored, read_stored_map
from layoutplan.runs.write_faults import not_written
from layoutplan.texts import Language


def write_index(
    output: Path, *, runs: Sequence[Path] | None = None, lang: Language, log: FaultLog | None = None
) -> Path:
    """Write ``index.html``, ``comparison.csv`` and ``map.html`` (all scenarios) to ``output``.

    Parameters
    ----------
    output
        Folder to write to; files that layoutplan did not write are never replaced.
    runs
        The scenario folders to compare, each of which must be complete; default: the readable ones inside
        ``output``.
    lang
        Language shown first.
    log
        Receives a warning for every run or map left out.

    Returns
    -------
    Path
        ``index.html``.

    Raises
    ------
    InputError
        If there is no complete run, a named one cannot be read, or the pages cannot be written.
    """
    log = FaultLog() if log is None else log
    stored = _readable(find_runs([output]), log=log) if runs is None else read_whole_runs(runs)
    frame = comparison_of(stored)
    names = list(frame.columns[3:])
    links = {name: _relative(run.folder, output) for name, run in zip(names, stored, strict=True)}
    years = {name: run.summary.target_year for name, run in zip(names, stored, strict=True)}
    titles = layout_titles(stored)
    named = frame.assign(title=[titles[layout][lang] for layout in frame["layout"]])
    page = _joint_map(stored, output, lang, log=log)
    index = render_comparison(
        frame,
        links=links,
        years=years,
        titles=titles,
        lang=lang,
        answers={
            name: run.summary.answers[0].said
            for name, run in zip(names, stored, strict=True)
            if run.summary.answers
        },
        together="map.html" if page is not None else "",
        files={
            name: {path.name for path in run.folder.iterdir()}
            for name, run in zip(names, stored, strict=True)
        },
        contrast=contrast_of(dict(zip(names, stored, strict=True))) if len(stored) > 1 else None,
    )
    pages = {
        "index.html": index.encode(),
        "comparison.csv": csv_bytes(named[[*frame.columns[:2], "title", *frame.columns[2:]]]),
        "map.html": None if page is None else page.encode(),
    }
    write_own(output, pages)
    return output / "index.html"


def write_own(folder: Path, contents: dict[str, bytes | None]) -> None:
    """Write files to a folder, unless one would replace a file that layoutplan did not write.

    Parameters
    ----------
    folder
        The folder.
    contents
        Content by file name; ``None`` removes the file.

    Raises
    ------
    InputError
        If such a file exists, or the files cannot be written.
    """
    log = FaultLog()
    try:
        write_pages(folder, contents, log=log)
    except OSError as error:
        raise not_written(folder, error) from error
    log.raise_if_errors()


def write_table(frame: pd.DataFrame, path: Path) -> Path:
    """Write a table as CSV to a path chosen by the user.

    Parameters
    ----------
    frame
        The table.
    path
        The file.

    Returns
    -------
    Path
        ``path``.

    Raises
    ------
    InputError
        If a file exists that layoutplan did not write, or the file cannot be written.
    """
    write_own(path.parent, {path.name: csv_bytes(frame)})
    return path


def _readable(folders: Sequence[Path], *, log: FaultLog) -> list[StoredRun]:
    """Read the runs and leave out those that cannot be read.

    Raises
    ------
    InputError
        If none can be read.
    """
    every, runs = FaultLog(), []
    for folder in folders:
        faults = FaultLog()
        run = read_stored(folder, log=faults)
        if run is not None:
            runs.append(run)
            continue
        every.extend(faults)
        report_unreadable(folder, faults, log=log)
    if not runs:
        every.raise_if_errors()
    return runs


def _joint_map(runs: Sequence[StoredRun], output: Path, lang: Language, *, log: FaultLog) -> str | None:
    """Return all scenarios on one map; ``None`` if they cannot be combined. Broken maps are left out."""
    pages: list[str] = []
    mapped: list[Path] = []
    for run in runs:
        if not os.path.lexists(run.folder / MAP):
            continue
        faults = FaultLog()
        page = read_stored_map(run.folder, log=faults)
        log.extend(replace(fault, severity="warning") for fault in faults)
        if page is not None:
            pages.append(page)
            mapped.append(run.folder)
    while pages:
        scorecards = [_scorecard(folder, output) for folder in mapped]
        try:
            return combine_maps(pages, lang=lang, scorecards=scorecards)
        except Exception as error:  # noqa: BLE001  an altered map may raise anything
            place = getattr(error, "place", None)
            broken = place if isinstance(place, int) else _broken(pages, lang)
            log.add("stored_map", severity="warning", file=str(mapped[broken] / MAP))
            del pages[broken], mapped[broken]
    return None


def _broken(pages: Sequence[str], lang: Language) -> int:
    """Return the first page that cannot be combined even with itself, otherwise the last."""
    for place, page in enumerate(pages):
        try:
            combine_maps([page, page], lang=lang)
        except Exception:  # noqa: BLE001  as above
            return place
    return len(pages) - 1


def _scorecard(folder: Path, output: Path) -> str:
    """Return the scorecard's address relative to the page; empty where there is none."""
    place = _relative(folder, output)
    return f"{place}/{SCORECARD}" if place and (folder / SCORECARD).is_file() else ""


def _relative(folder: Path, output: Path) -> str:
    """Return the folder's address relative to the page; empty where there is none (another drive)."""
    try:
        path = os.path.relpath(folder.resolve(), output.resolve())
    except ValueError:
        return ""
    return quote(Path(path).as_posix())
