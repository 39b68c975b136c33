"""What differs between stored runs and what they have in common: settings, measures chosen, all figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from layoutplan.errors import FaultLog
from layoutplan.outputs.pages import Contrast
from layoutplan.runs.batch.figures import figure_table, scenario_figures
from layoutplan.runs.stored import StoredRun, read_stored_tables

_MEASURES: Final = {"proposals": ("site_id", "school_id", "name", "school_type", "target_year", "seats")}
_KEY: Final = ["place", "name", "school_type"]
_DISTRICTS: Final = {"district_balance": ("layout", "district_id", "name", "stage", "year", "unserved")}
_HALF_A_PUPIL: Final = 0.5
_RANGES: Final = {
    "least_seats": ("seats", "min"),
    "most_seats": ("seats", "max"),
    "first_year": ("target_year", "min"),
    "last_year": ("target_year", "max"),
}


def contrast_of(runs: Mapping[str, StoredRun]) -> Contrast:
    """Return what a comparison page shows beside the figures.

    Parameters
    ----------
    runs
        Stored runs by name.

    Returns
    -------
    Contrast
        Settings, measures and districts.
    """
    return Contrast(differing_settings(runs), chosen_measures(runs), district_shortages(runs))


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
        ``name``, ``school_type``, ``runs`` (how many), ``share`` of all runs, ``least_seats``,
        ``most_seats``, ``first_year`` and ``last_year`` (school years in which it opens), ``names`` of
        the runs as a tuple; the most frequent first.
    """
    parts = []
    for name, run in runs.items():
        table = read_stored_tables(run.folder, _MEASURES, log=FaultLog()).get("proposals")
        if table is not None and len(table):
            place = table["site_id"].fillna(table["school_id"]).fillna(table["name"])
            parts.append(table.assign(place=place, run=name))
    columns = ["name", "school_type", "runs", "share", *_RANGES, "names"]
    if not parts:
        return pd.DataFrame(columns=columns)
    every = pd.concat(parts, ignore_index=True)
    grouped = every.groupby(_KEY, sort=False, dropna=False)
    found = grouped.agg(
        runs=("run", "nunique"), names=("run", lambda names: tuple(dict.fromkeys(names))), **_RANGES
    ).reset_index()
    found["share"] = found["runs"] / len(runs)
    return found.sort_values("runs", ascending=False, kind="stable", ignore_index=True)[columns]


def district_shortages(runs: Mapping[str, StoredRun]) -> pd.DataFrame:
    """Return the pupils without a seat in reach by district, in the target year of each run.

    Parameters
    ----------
    runs
        Stored runs by name. Runs whose table of districts is missing or was altered have no values.

    Returns
    -------
    DataFrame
        ``stage``, ``layout``, ``district`` (its name), then one column per run; districts where some run
        leaves somebody without a seat, in the order of the first run that has them.
    """
    key = ["stage", "layout", "district_id"]
    found: dict[str, pd.Series[float]] = {}
    names: dict[tuple[str, ...], str] = {}
    for name, run in runs.items():
        table = read_stored_tables(run.folder, _DISTRICTS, log=FaultLog()).get("district_balance")
        if table is None:
            continue
        rows = table[table["year"] == run.summary.target_year].set_index(key)
        found[name] = rows["unserved"].astype(float)
        names |= dict(zip(rows.index, rows["name"].astype(str), strict=True))
    frame = pd.DataFrame(found).reindex(list(names)).reindex(columns=list(runs))
    frame = frame[(frame >= _HALF_A_PUPIL).any(axis=1)]
    frame.index = pd.MultiIndex.from_tuples(list(frame.index), names=key)
    return (
        frame.reset_index()
        .assign(district_id=[names[one] for one in frame.index])
        .rename(columns={"district_id": "district"})
    )


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
