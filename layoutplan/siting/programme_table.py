"""Result table ``plan_programme`` (年度实施计划表): the plan as one list of work, a row a project."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from layoutplan.dictionary import empty_frame, result_table
from layoutplan.siting.measures import KINDS, NEW
from layoutplan.texts import Language, text

_SINGLE: Final = ("convert", "enlarge", *NEW, "shrink", "close")
"""Kinds of measures that stand alone."""
_SUMMED: Final = ("seats", "pupils", "running")


def programme_table(measures: pd.DataFrame, years: pd.DataFrame, lang: Language) -> pd.DataFrame:
    """Return result table ``plan_programme``.

    What is built, converted or given up has a row of its own, in the order of opening. What passes has a row
    for each kind and stage, all places together: temporary classes, purchased seats, buses and redrawing.

    Parameters
    ----------
    measures, years
        Result tables ``measures`` and ``measure_years``.
    lang
        Language of the stages' names.

    Returns
    -------
    DataFrame
        Money and pupil-years add up to those of ``measures``.
    """
    table = result_table("plan_programme")
    plain = pd.DataFrame(measures.drop(columns="geometry", errors="ignore"))
    plain["stages"] = [_stages(row) for row in plain.to_dict("records")]
    built = plain[plain["kind"].isin(_SINGLE)].sort_values(["first_year", "measure_id"], kind="stable")
    rows = [_row(pd.DataFrame([one]), years, lang) for _, one in built.iterrows()]
    passing = plain[~plain["kind"].isin(_SINGLE)]
    order = pd.CategoricalDtype([*reversed(KINDS)], ordered=True)
    grouped = passing.assign(kind=passing["kind"].astype(order)).groupby(["kind", "stages"], observed=True)
    rows += [_row(own, years, lang) for _, own in grouped]
    frame = pd.DataFrame(
        [{"number": at, **row} for at, row in enumerate(rows, start=1)], columns=[*table.column_names]
    )
    return frame.astype(empty_frame(table).dtypes.to_dict())


def _stages(row: dict[Any, Any]) -> str:
    """Return the stages that a measure serves, separated by ``;``."""
    if isinstance(row["stage"], str):
        return row["stage"]
    columns = [str(name) for name in row if str(name).startswith("seats_") and row[name] != 0]
    return ";".join(name.removeprefix("seats_") for name in columns)


def _row(own: pd.DataFrame, years: pd.DataFrame, lang: Language) -> dict[str, object]:
    """Return the row of some measures of one kind and the same stages."""
    acting = years[years["measure_id"].isin(own["measure_id"])]
    most = acting.groupby("year")[[*_SUMMED]].sum().max()
    first, last, lasts = own.iloc[0], own["last_year"], own["last_year"].isna().any()
    alone = len(own) == 1 and pd.notna(first["seats"])
    pupil_years, placed = float(own["pupil_years"].sum()), int(own["school_id"].notna().sum())
    return {
        "kind": first["kind"],
        "name": first["name"] if len(own) == 1 and placed else None,
        "places": placed or None,
        "stages": text("document.list.comma", lang).join(
            text(f"stages.{stage}", lang) for stage in first["stages"].split(";")
        ),
        "school_type": first["school_type"],
        "seats": (float(first["seats"]) if alone else float(most["seats"])) or None,
        "pupils": float(most["pupils"]),
        "capital": float(own["capital"].sum()),
        "running": float(most["running"]),
        "paid_from": own["paid_from"].min(),
        "first_year": own["first_year"].min(),
        "last_year": None if lasts else last.max(),
        "land": first["land"],
        "serves": first["serves"] if len(own) == 1 else None,
        "pupil_years": pupil_years,
        "added": float(own["added"].sum()),
        "discounted": float(own["discounted"].sum()),
        "cost_per_pupil_year": float(own["discounted"].sum()) / pupil_years if pupil_years > 0 else None,
    }
