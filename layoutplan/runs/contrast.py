"""What differs between stored runs and what they have in common: settings, measures chosen, all figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from layoutplan.errors import FaultLog
from layoutplan.runs.batch.figures import figure_table, scenario_figures
from layoutplan.runs.stored import StoredRun, read_stored_tables

_MEASURES: Final = {"proposals": ("site_id", "school_id", "name", "school_type", "seats")}
_KEY: Final = ["place", "name", "school_type"]


def differing_settings(runs: Mapping[str, StoredRun]) -> pd.DataFrame:
    """Return the settings that are not the same in all runs.

    Parameters
    ----------
    runs
        Stored runs by name.

    Returns
    -------
    DataFrame
        One row per setting, by dotted key; one column per run, as text, empty where a run has no such key.
        Values of the profile that a plan replaces are ``override <rule> <of>``.
    """
    said = {name: _settings(run.manifest.plan) for name, run in runs.items()}
    frame = pd.DataFrame({name: pd.Series(one, dtype="string") for name, one in said.items()}).fillna("")
    keys = list(dict.fromkeys(key for one in said.values() for key in one))
    differs = frame.ne(frame.iloc[:, 0], axis=0).any(axis=1)
    return frame.loc[[key for key in keys if differs[key]]].rename_axis("setting").reset_index()


def _settings(plan: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for section, content in plan.items():
        if isinstance(content, dict) and section != "tables":
            found |= {f"{section}.{key}": _said(value) for key, value in content.items()}
        elif isinstance(content, list):
            entries = [one for one in content if isinstance(one, dict)]
            found |= {
                f"{section} {one.get('key', '')} {one.get('of', '')}".strip(): _said(one.get("value"))
                for one in entries
            }
    return found


def _said(value: object) -> str:
    return "" if value is None else str(value)


def chosen_measures(runs: Mapping[str, StoredRun]) -> pd.DataFrame:
    """Return which proposed projects are chosen in how many runs.

    Parameters
    ----------
    runs
        Stored runs by name. Runs whose table of proposals is missing or was altered are left out.

    Returns
    -------
    DataFrame
        ``name``, ``school_type``, ``runs`` (how many), ``share`` of all runs, ``least_seats`` and
        ``most_seats``, ``names`` of the runs; the most frequent first.
    """
    parts = []
    for name, run in runs.items():
        table = read_stored_tables(run.folder, _MEASURES, log=FaultLog()).get("proposals")
        if table is not None and len(table):
            place = table["site_id"].fillna(table["school_id"]).fillna(table["name"])
            parts.append(table.assign(place=place, run=name))
    columns = ["name", "school_type", "runs", "share", "least_seats", "most_seats", "names"]
    if not parts:
        return pd.DataFrame(columns=columns)
    every = pd.concat(parts, ignore_index=True)
    grouped = every.groupby(_KEY, sort=False, dropna=False)
    found = grouped.agg(
        runs=("run", "nunique"),
        least_seats=("seats", "min"),
        most_seats=("seats", "max"),
        names=("run", lambda names: ", ".join(dict.fromkeys(names))),
    ).reset_index()
    found["share"] = found["runs"] / len(runs)
    return found.sort_values("runs", ascending=False, kind="stable", ignore_index=True)[columns]


def long_figures(runs: Mapping[str, StoredRun], *, plan: str = "") -> pd.DataFrame:
    """Return every figure of the summaries of runs as one tidy table.

    Parameters
    ----------
    runs
        Stored runs by name.
    plan
        Value of column ``plan``.

    Returns
    -------
    DataFrame
        As the figures of a batch (:class:`~layoutplan.runs.batch.batch.Batch`): layout, stage, year, figure
        and value, rounded as printed; bands P10, P50 and P90; cost per pupil placed.
    """
    rows = [
        row
        for name, run in runs.items()
        for row in scenario_figures(run.summary.model_dump(mode="json"), plan=plan, scenario=name)
    ]
    return figure_table(rows)


def named_runs(runs: Sequence[StoredRun], names: Sequence[str]) -> dict[str, StoredRun]:
    """Return runs by their names in a comparison.

    Parameters
    ----------
    runs
        The runs.
    names
        Columns of the comparison that are runs, in the same order.

    Returns
    -------
    dict
        Run by name.
    """
    return dict(zip(names, runs, strict=True))
