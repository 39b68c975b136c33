"""Dynamic adjustment mechanism (动态调整机制): changes since an earlier run that call for action."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from layoutplan.dictionary import empty_frame, result_table
from layoutplan.errors import DefectError, FaultLog
from layoutplan.layouts import TODAY
from layoutplan.runs.index import write_table
from layoutplan.runs.stored import read_stored, read_stored_tables

StoredTables = Mapping[str, pd.DataFrame]

_COLUMNS = {
    "catchment_balance": ("layout", "catchment_id", "name", "stage", "year", "shortfall", "surplus"),
    "rule_results": ("rule", "area_kind", "area_id", "area", "stage", "year", "value", "unit", "status"),
    "estates": ("housing_id", "phase", "name", "dwellings", "first_occupancy_year"),
    "programme": ("project_id", "name", "state", "opening_year"),
    "ledger": (
        "case_id",
        "school_id",
        "name",
        "rule",
        "stage",
        "opened",
        "closed",
        "status",
        "excess_pupils",
    ),
}
"""Columns read from each run."""

_LEDGER_OPEN = ("open", "overdue")
_ENDED = "cancelled"


def find_triggers(folder: Path, *, since: Path) -> pd.DataFrame:
    """Compare a stored run with an earlier one and list the changes that call for adjusting the plan.

    ``balance_flipped``
        a catchment with a shortage in a year in which the earlier run had enough seats, or the reverse: the
        first such year that both runs cover;
    ``rule_missed``, ``rule_met``
        a threshold crossed: an area misses a rule that it met in the earlier run, or the reverse, in
        the base year of each run, or in the same forecast year;
    ``estate_added``, ``estate_grown``
        an estate, or a phase of one, that is new or has more dwellings;
    ``project_slipped``, ``project_hastened``, ``project_cancelled``, ``project_added``
        a project that opens later or earlier than in the earlier run, is cancelled, or is new;
    ``case_opened``, ``case_closed``
        a case of the ledger that is opened or closed.

    Parameters
    ----------
    folder, since
        Scenario folders of the current and the earlier stored run.

    Returns
    -------
    DataFrame
        Result table ``triggers``: kinds in the order above, within each in the order of the tables.

    Raises
    ------
    InputError
        If a folder holds no run, its tables are missing or altered, or ``since`` has a later base
        year than ``folder``.
    """
    log = FaultLog()
    this, that = (read_stored(path, log=log) for path in (folder, since))
    if this is None or that is None:
        log.raise_if_errors()
        raise DefectError("a run that can not be read has a fault")
    now, before = (read_stored_tables(path, _COLUMNS, log=log) for path in (folder, since))
    years = this.summary.base_year, that.summary.base_year
    if years[1] > years[0]:
        log.add("since_is_later", file=str(since), this=years[0], that=years[1])
    log.raise_if_errors()
    parts = [
        _balance(now, before),
        _rules(now, before, years),
        _estates(now, before),
        _projects(now, before),
        _ledger(now, before),
    ]
    table = result_table("triggers")
    blank = empty_frame(table)
    found = [part for part in parts if len(part)]
    if not found:
        return blank
    frame = pd.concat(found, ignore_index=True).reindex(columns=list(table.column_names))
    return frame.astype(blank.dtypes)


def _pairs(now: StoredTables, before: StoredTables, name: str, key: list[str]) -> pd.DataFrame:
    """Join a table of both runs on its key; columns of the earlier one end in ``_before``."""
    if name not in now or name not in before:
        return pd.DataFrame()
    pairs = now[name].merge(before[name], on=key, how="outer", suffixes=("", "_before"), indicator=True)
    return pairs.reset_index(drop=True)


def _balance(now: StoredTables, before: StoredTables) -> pd.DataFrame:
    """Return the catchments whose balance changed sign, in the first year in which it did."""
    name = "catchment_balance"
    base = {which: tables[name][tables[name]["layout"] == TODAY] for which, tables in
            (("now", now), ("before", before)) if name in tables}  # fmt: skip
    if len(base) < 2:  # noqa: PLR2004  both runs
        return pd.DataFrame()
    pairs = _pairs({name: base["now"]}, {name: base["before"]}, name, ["catchment_id", "stage", "year"])
    pairs = pairs[pairs["_merge"] == "both"]
    short, was_short = (
        np.asarray(pairs[f"shortfall{end}"] > pairs[f"surplus{end}"], dtype=bool) for end in ("", "_before")
    )
    flipped = pairs[short != was_short].sort_values(["stage", "catchment_id", "year"], kind="stable")
    first = flipped.drop_duplicates(["stage", "catchment_id"])
    return pd.DataFrame(
        {
            "trigger": "balance_flipped",
            "area_kind": "catchment",
            "area_id": first["catchment_id"],
            "area": first["name"],
            "stage": first["stage"],
            "year": first["year"],
            "before": first["surplus_before"] - first["shortfall_before"],
            "after": first["surplus"] - first["shortfall"],
            "unit": "seats",
        }
    )


def _rules(now: StoredTables, before: StoredTables, years: tuple[int, int]) -> pd.DataFrame:
    """Return the areas that crossed a rule's threshold; base years are compared with each other."""
    name, key = "rule_results", ["rule", "area_kind", "area_id", "stage", "year"]
    if name not in now or name not in before:
        return pd.DataFrame()
    moved = before[name].assign(year=before[name]["year"].replace(years[1], years[0]))
    pairs = _pairs(now, {name: moved}, name, key)
    assessed = pairs["status"].isin(["met", "missed"]) & pairs["status_before"].isin(["met", "missed"])
    crossed = pairs[assessed & (pairs["status"] != pairs["status_before"])]
    return pd.DataFrame(
        {
            "trigger": "rule_" + crossed["status"].astype(str),
            "area_kind": crossed["area_kind"],
            "area_id": crossed["area_id"],
            "area": crossed["area"],
            "stage": crossed["stage"],
            "year": crossed["year"],
            "rule": crossed["rule"],
            "before": crossed["value_before"],
            "after": crossed["value"],
            "unit": crossed["unit"],
        }
    ).sort_values(["trigger"], ascending=False, kind="stable")


def _estates(now: StoredTables, before: StoredTables) -> pd.DataFrame:
    pairs = _pairs(now, before, "estates", ["housing_id", "phase"])
    if pairs.empty:
        return pairs
    added = pairs["_merge"] == "left_only"
    grown = (pairs["_merge"] == "both") & (pairs["dwellings"] > pairs["dwellings_before"])
    found = pairs[added | grown]
    return pd.DataFrame(
        {
            "trigger": np.where(added[added | grown], "estate_added", "estate_grown"),
            "area_kind": "estate",
            "area_id": found["housing_id"],
            "area": found["name"],
            "year": found["first_occupancy_year"],
            "before": found["dwellings_before"],
            "after": found["dwellings"],
            "unit": "dwellings",
        }
    ).sort_values("trigger", kind="stable")


def _projects(now: StoredTables, before: StoredTables) -> pd.DataFrame:
    pairs = _pairs(now, before, "programme", ["project_id"])
    if pairs.empty:
        return pairs
    both, state, was = pairs["_merge"] == "both", pairs["state"], pairs["state_before"]
    opens, opened = (pairs[f"opening_year{end}"].astype(float) for end in ("", "_before"))
    kinds = {
        "project_slipped": both & (opens > opened) & (state != _ENDED),
        "project_hastened": both & (opens < opened) & (state != _ENDED),
        "project_cancelled": (both & (state == _ENDED) & (was != _ENDED)) | (pairs["_merge"] == "right_only"),
        "project_added": pairs["_merge"] == "left_only",
    }
    parts = [pairs[chosen.fillna(value=False)].assign(trigger=kind) for kind, chosen in kinds.items()]
    found = pd.concat(parts, ignore_index=True)
    return pd.DataFrame(
        {
            "trigger": found["trigger"],
            "area_kind": "project",
            "area_id": found["project_id"],
            "area": found["name"].where(found["name"].notna(), found["name_before"]),
            "year": found["opening_year"].where(found["opening_year"].notna(), found["opening_year_before"]),
            "before": found["opening_year_before"],
            "after": found["opening_year"].where(found["trigger"] != "project_cancelled"),
            "unit": "year",
        }
    )


def _ledger(now: StoredTables, before: StoredTables) -> pd.DataFrame:
    """Return the cases that are open now and were not, and those no longer open that were."""
    pairs = _pairs(now, before, "ledger", ["case_id"])
    if pairs.empty:
        return pairs
    is_open, was_open = (pairs[f"status{end}"].isin(_LEDGER_OPEN) for end in ("", "_before"))
    closed = was_open & ~is_open & (pairs["_merge"] == "both")
    parts = {"case_opened": pairs[is_open & ~was_open], "case_closed": pairs[closed]}
    found = pd.concat([part.assign(trigger=kind) for kind, part in parts.items()], ignore_index=True)
    return pd.DataFrame(
        {
            "trigger": found["trigger"],
            "area_kind": "school",
            "area_id": found["school_id"],
            "area": found["name"],
            "stage": found["stage"],
            "year": found["opened"].where(found["trigger"] == "case_opened", found["closed"]),
            "rule": found["rule"],
            "before": found["excess_pupils_before"],
            "after": found["excess_pupils"].where(found["trigger"] == "case_opened"),
            "unit": "pupils",
        }
    )


def write_triggers(triggers: pd.DataFrame, output: Path) -> Path:
    """Write ``triggers.csv``.

    Parameters
    ----------
    triggers
        Result table ``triggers``.
    output
        Folder to write to.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        As :func:`~layoutplan.runs.index.write_table`.
    """
    return write_table(triggers, output / "triggers.csv")
