"""``index.html`` beside the scenarios of a plan."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from layoutplan.maps import combine_maps
from layoutplan.reports import render_comparison, write_csv_files
from layoutplan.runs.compare import compare_runs, find_runs
from layoutplan.runs.folder import read_summary, write_text
from layoutplan.runs.writing import SCORECARD
from layoutplan.texts import Language


def write_index(output: Path, *, runs: Sequence[Path] | None = None, lang: Language) -> Path:
    """Write ``index.html``, ``comparison.csv`` and ``map.html`` (all scenarios) to ``output``.

    ``runs`` are the scenario folders to compare; default those inside ``output``.

    Raises
    ------
    InputError
        If there is no finished run, or the folder can not be written.
    """
    folders = list(runs) if runs is not None else find_runs([output])
    frame = compare_runs(folders)
    names = list(frame.columns[3:])
    links = {name: _relative(folder, output) for name, folder in zip(names, folders, strict=True)}
    years = {
        name: int(read_summary(folder)["target_year"]) for name, folder in zip(names, folders, strict=True)
    }
    together = "map.html" if _write_map(folders, output, lang) else ""
    page = render_comparison(frame, links=links, years=years, lang=lang, together=together)
    write_text(page, output / "index.html")
    write_csv_files({"comparison": frame}, output)
    return output / "index.html"


def _write_map(folders: Sequence[Path], output: Path, lang: Language) -> bool:
    """Write ``map.html``, all scenarios on one map; say whether they belong on one."""
    mapped = [folder for folder in folders if (folder / "map.html").is_file()]
    pages = [(folder / "map.html").read_text(encoding="utf-8") for folder in mapped]
    page = combine_maps(pages, lang=lang, scorecards=[_scorecard(folder, output) for folder in mapped])
    if page is None:
        (output / "map.html").unlink(missing_ok=True)
    else:
        write_text(page, output / "map.html")
    return page is not None


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
