"""Compare scenarios, from stored runs alone."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd

from layoutplan.errors import FaultLog
from layoutplan.runs.file_names import MANIFEST, SUMMARY
from layoutplan.runs.locks import is_busy
from layoutplan.runs.ownership import PREVIOUS, previous_of, recover
from layoutplan.runs.results import result_frames
from layoutplan.runs.stored import FIGURES, StoredRun, Summary, read_stored
from layoutplan.runs.summary import summarise
from layoutplan.texts import LANGUAGES, Language, Said

if TYPE_CHECKING:
    from layoutplan.runs.record import RunRecord

_PAIR: Final = 2
_ALL = "all"
_BANDS: Final = ("p10", "p90")
_KEY = ("stage", "layout", "figure")
_TAKEN = (*_KEY, "title")  # columns of comparison.csv that are no scenario


def find_runs(paths: Sequence[Path]) -> list[Path]:
    """Return the scenario folders at the given paths, complete or not.

    Each path is a scenario folder, a folder that contains some, or one whose subfolder ``out`` does. If a run
    was killed between the two renames of a folder swap, the last complete run is restored.

    Parameters
    ----------
    paths
        The paths.

    Returns
    -------
    list of Path
        Each folder once, in the order of ``paths``, then by name.

    Raises
    ------
    InputError
        Naming every path without a run.
    """
    log = FaultLog()
    found: list[Path] = []
    for path in paths:
        try:
            _put_back(path)
            runs = [path] if _is_meant(path) else _inside(path) or _inside(path / "out")
        except (OSError, ValueError):
            runs = []
        if not runs:
            log.add("not_a_run", file=str(path))
        found.extend(runs)
    log.raise_if_errors()
    return list(dict.fromkeys(found))


def _is_meant(folder: Path) -> bool:
    """Return whether a folder looks like a run; its reader checks whether it is complete."""
    return any((folder / name).is_file() for name in (SUMMARY, MANIFEST))


def _inside(folder: Path) -> list[Path]:
    """Return the scenario folders directly inside a folder, in order of their names."""
    if not folder.is_dir():
        return []
    for old in sorted(folder.glob(f"*{PREVIOUS}")):
        _put_back(old.with_name(old.name.removesuffix(PREVIOUS)))
    inside = [path for path in folder.iterdir() if not path.name.startswith(".")]
    return sorted(path for path in inside if not path.name.endswith(PREVIOUS) and _is_meant(path))


def _put_back(folder: Path) -> None:
    if folder.name and previous_of(folder).is_dir() and not folder.exists() and not is_busy(folder):
        recover(folder)


def read_runs(folders: Sequence[Path], *, log: FaultLog) -> list[StoredRun]:
    """Read stored runs and omit those that cannot be read.

    Parameters
    ----------
    folders
        Scenario folders.
    log
        Receives the reasons for omissions.

    Returns
    -------
    list of StoredRun
        The readable runs, in the order of ``folders``.
    """
    return [run for folder in folders if (run := read_stored(folder, log=log)) is not None]


def report_unreadable(folder: Path, faults: FaultLog, *, log: FaultLog) -> None:
    """Record that a run is left out and why; the reader's errors become warnings.

    Parameters
    ----------
    folder
        The run folder.
    faults
        Faults of its reader.
    log
        Receives the warnings.
    """
    log.extend(replace(fault, severity="warning") for fault in faults)
    log.add("sibling_left_out", severity="warning", file=str(folder))


def compare_runs(folders: Sequence[Path]) -> pd.DataFrame:
    """Compare stored runs in their target year.

    Parameters
    ----------
    folders
        Scenario folders.

    Returns
    -------
    DataFrame
        One row a stage, layout (its id, today's first) and figure in the order of the summary, and one
        column a run, named by its scenario (by folder where two scenarios share a name).

    Raises
    ------
    InputError
        If a folder holds no run, or its summary or manifest can not be read: every fault of every folder.
    """
    return comparison_of(read_whole_runs(folders))


def read_whole_runs(folders: Sequence[Path]) -> list[StoredRun]:
    """Read stored runs, none of which may be damaged.

    Parameters
    ----------
    folders
        Run folders.

    Returns
    -------
    list of StoredRun
        In the order of the folders.

    Raises
    ------
    InputError
        With every fault of every folder that cannot be read.
    """
    log = FaultLog()
    runs = read_runs(folders, log=log)
    log.raise_if_errors()
    return runs


def layout_titles(runs: Sequence[StoredRun]) -> dict[str, Said]:
    """Return the titles of the layouts of runs.

    Parameters
    ----------
    runs
        Stored runs.

    Returns
    -------
    dict of Said
        Title in both languages, by id of the layout; different titles of one id are joined by ``/``.
    """
    said: dict[str, dict[Language, dict[str, None]]] = {}
    for layout in (layout for run in runs for layout in run.summary.layouts):
        for lang in LANGUAGES:
            said.setdefault(layout.id, {}).setdefault(lang, {})[layout.title[lang]] = None
    return {name: {lang: " / ".join(titles[lang]) for lang in LANGUAGES} for name, titles in said.items()}


def comparison_of(runs: Sequence[StoredRun]) -> pd.DataFrame:
    """Return the table of :func:`compare_runs` for runs that have been read.

    Parameters
    ----------
    runs
        The runs.

    Returns
    -------
    DataFrame
        As :func:`compare_runs`.
    """
    return _side_by_side({name: run.summary for name, run in zip(_names(runs), runs, strict=True)})


def compare_in_memory(runs: Sequence[RunRecord]) -> pd.DataFrame:
    """Return the table of :func:`compare_runs` for runs that are not stored.

    Parameters
    ----------
    runs
        The runs.

    Returns
    -------
    DataFrame
        As :func:`compare_runs`; of two runs with a column ``change``, the second less the first.
    """
    summaries = [Summary.model_validate_json(json.dumps(summarise(run, result_frames(run)))) for run in runs]
    frame = _side_by_side(dict(zip(_distinct([one.scenario for one in summaries]), summaries, strict=True)))
    if len(runs) == _PAIR:
        first, second = frame.columns[-2:]
        frame["change"] = frame[second] - frame[first]
    return frame


def _distinct(names: Sequence[str]) -> list[str]:
    """Return the names, numbered where they repeat or are taken."""
    found: list[str] = []
    for name in names:
        tries = (name, *(f"{name} ({count})" for count in range(2, len(names) + 2)))
        found.append(next(one for one in tries if one not in (*found, *_TAKEN, "change")))
    return found


def _side_by_side(summaries: Mapping[str, Summary]) -> pd.DataFrame:
    columns = {name: _figures(summary) for name, summary in summaries.items()}
    frame = pd.DataFrame(columns)
    keys = dict.fromkeys(key for figures in columns.values() for key in figures)
    ranks = [{name: at for at, name in enumerate(dict.fromkeys(part))} for part in zip(*keys, strict=True)]
    ranks[0][_ALL] = len(ranks[0])
    order = sorted(keys, key=lambda key: [rank[part] for rank, part in zip(ranks, key, strict=True)])
    frame = frame.reindex(order)
    frame.index = pd.MultiIndex.from_tuples(order, names=list(_KEY))
    return frame.reset_index()


def _names(runs: Sequence[StoredRun]) -> list[str]:
    """Return distinct names: of the scenarios, otherwise of the folders, otherwise their full paths."""
    for names in (
        [run.summary.scenario for run in runs],
        [f"{run.folder.absolute().parent.name}/{run.folder.name}" for run in runs],
    ):
        if len({*names, *_TAKEN}) == len(names) + len(_TAKEN):
            return names
    return [str(run.folder) for run in runs]


def _figures(summary: Summary) -> dict[tuple[str, str, str], float | None]:
    year, today = str(summary.target_year), summary.layouts[0].id
    figures: dict[tuple[str, str, str], float | None] = {}
    for stage in summary.stages:
        for layout, stages in summary.stages_by_year.items():
            for figure in FIGURES:
                figures[stage, layout, figure] = stages[stage][year][figure]
            bands = summary.outlook.bands.get(stage, {}).get(year, {}) if layout == today else {}
            for band in _BANDS:
                if bands.get(band) is not None:
                    figures[stage, layout, f"demand_{band}"] = bands[band]
    proposals = summary.proposals
    for one in summary.layouts:
        if proposals is not None and one.proposals:
            for figure in ("count", "seats", "cost"):
                figures[_ALL, one.id, f"proposals_{figure}"] = getattr(proposals, figure)
            figures[_ALL, one.id, "cost_per_pupil_placed"] = proposals.cost_per_pupil_placed
    figures[_ALL, today, "hotspots"] = summary.hotspots.count
    figures[_ALL, today, "flags"] = sum(summary.flags.values())
    return figures
