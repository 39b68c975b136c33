"""Scenarios side by side, from stored runs alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from layoutplan.errors import FaultLog
from layoutplan.runs.folder import read_summary

FIGURES = ("demand", "seats", "balance", "shortfall", "unserved", "share_within_radius", "mean_walk_m")
"""Figures of the summary that are compared, for each stage."""


def find_runs(paths: Sequence[Path]) -> list[Path]:
    """Return the scenario folders meant by ``paths``.

    Each is a scenario folder, one that holds some, or one whose ``out`` does.

    Raises
    ------
    InputError
        Naming every path that holds no finished run.
    """
    log = FaultLog()
    found: list[Path] = []
    for path in paths:
        inside = _inside(path) or _inside(path / "out")
        runs = [path] if (path / "summary.json").is_file() else inside
        if not runs:
            log.add("not_a_run", file=str(path))
        found.extend(runs)
    log.raise_if_errors()
    return list(dict.fromkeys(found))


def _inside(folder: Path) -> list[Path]:
    """Return the scenario folders directly inside a folder, in order of their names."""
    files = folder.glob("*/summary.json")
    return sorted(file.parent for file in files if not file.parent.name.startswith("."))


def compare_runs(folders: Sequence[Path]) -> pd.DataFrame:
    """Compare stored runs in their target year.

    Returns
    -------
    DataFrame
        One row a stage, figure and variant (``baseline``, ``proposed``) in the order of the summary, and one
        column a run, named by its scenario (by folder where two scenarios share a name).

    Raises
    ------
    InputError
        If a folder holds no run, or its summary can not be read.
    """
    summaries = _summaries(folders)
    names = _names(folders, summaries)
    columns = {name: _figures(summary) for name, summary in zip(names, summaries, strict=True)}
    frame = pd.DataFrame(columns)
    order = list(dict.fromkeys(key for figures in columns.values() for key in figures))
    frame = frame.reindex(order)
    frame.index = pd.MultiIndex.from_tuples(order, names=["stage", "variant", "figure"])
    return frame.reset_index()


def _summaries(folders: Sequence[Path]) -> list[dict[str, Any]]:
    log = FaultLog()
    summaries = []
    for folder in folders:
        try:
            summaries.append(read_summary(folder))
        except FileNotFoundError:
            log.add("not_a_run", file=str(folder))
        except (OSError, json.JSONDecodeError, UnicodeDecodeError) as error:
            log.add("broken_run", file=str(folder / "summary.json"), reason=str(error))
    log.raise_if_errors()
    return summaries


def _names(folders: Sequence[Path], summaries: Sequence[dict[str, Any]]) -> list[str]:
    scenarios = [str(summary["scenario"]) for summary in summaries]
    unique = len(set(scenarios)) == len(scenarios)
    return scenarios if unique else [f"{folder.parent.name}/{folder.name}" for folder in folders]


def _figures(summary: dict[str, Any]) -> dict[tuple[str, str, str], float | None]:
    year = str(summary["target_year"])
    figures: dict[tuple[str, str, str], float | None] = {}
    for stage in summary["stages"]:
        for variant, stages in summary["stages_by_year"].items():
            for figure in FIGURES:
                figures[stage, variant, figure] = stages[stage][year][figure]
    for figure in ("count", "seats", "cost"):
        proposals = summary["proposals"] or {}
        figures["all", "proposed", f"proposals_{figure}"] = proposals.get(figure)
    figures["all", "baseline", "hotspots"] = summary["hotspots"]["count"]
    figures["all", "baseline", "flags"] = sum(summary["flags"].values())
    return figures
