"""What the plan over the years does: measures, remedies of each shortage, the waterfall, the plan by year."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

import pandas as pd

from layoutplan.dictionary.rolls import stage_column
from layoutplan.outputs.map.frames import Record, numbers, records, series, short
from layoutplan.outputs.map.meta import MapMeta
from layoutplan.outputs.programme import BUILT, STEPS, plan_years, remedies_by_step, waterfall
from layoutplan.outputs.row_lookup import Frames


def waterfalls(tables: Frames, meta: MapMeta) -> Record:
    """Return by stage what is left of its shortage after each group of remedies, a value a year.

    Parameters
    ----------
    tables
        Result tables by name.
    meta
        Gives the stages and years.

    Returns
    -------
    Record
        ``{stage: {step: [a value per year]}}``, null in years without a shortage; stages without any are left
        out.
    """
    found: Record = {}
    for stage in meta.stages:
        rows = waterfall(tables, stage)
        if len(rows):
            by_year = rows.astype(float).reindex(list(meta.years))
            found[stage] = {str(step): numbers(by_year[step]) for step in by_year}
    return found


def plan_year_records(tables: Frames) -> list[Record]:
    """Return the plan year by year; ``opens`` holds ``name`` and ``seats`` of what opens.

    Parameters
    ----------
    tables
        Result tables by name.

    Returns
    -------
    list[Record]
        Empty without a plan over the years.
    """
    return [
        {
            **{
                name: value if name == "year" else short(value)
                for name, value in asdict(one).items()
                if name not in ("opens", "bridged")
            },
            "opens": [{"name": name, "seats": short(seats)} for name, seats in one.opens],
        }
        for one in plan_years(tables)
    ]


_MEASURE: Final = (
    "measure_id",
    "kind",
    "school_id",
    "name",
    "first_year",
    "last_year",
    "paid_from",
    "classes",
    "seats",
    "pupils_peak",
    "pupil_years",
    "added",
    "catchment_id",
    "capital",
    "running",
    "cost_per_pupil_year",
    "alternative_cost",
    "alternative_unserved",
)
_GAINS: Final = 5


def measure_records(tables: Frames, meta: MapMeta) -> list[Record]:
    """Return the measures of the plan over the years.

    Parameters
    ----------
    tables
        Result tables by name.
    meta
        Gives the stages.

    Returns
    -------
    list[Record]
        Columns of table ``measures``, and ``lasts`` (built to stay), ``amounts`` (by stage a value a year:
        its seats, negative where given up, of redrawing and buses pupils; null when not in force) and
        ``gains``: name and pupils of the residential units from which most pupils have a seat there.
    """
    measures = tables.get("measures")
    if measures is None or measures.empty:
        return []
    plain = pd.DataFrame(measures.drop(columns="geometry", errors="ignore"))
    gains = {school: [*rows] for school, rows in _gains(tables).items()}
    years = {str(one): rows.set_index("year") for one, rows in tables["measure_years"].groupby("measure_id")}
    return [
        {
            **{name: record[name] for name in _MEASURE},
            "lasts": record["kind"] in BUILT,
            "amounts": _amounts(years[record["measure_id"]], record["stage"], meta),
            "gains": gains.get(record["school_id"], []) if record["kind"] != "temporary" else [],
        }
        for record in records(plain)
    ]


def _amounts(rows: pd.DataFrame, stage: str | None, meta: MapMeta) -> Record:
    """Return what a measure gives by stage, a value a year, from its rows of table ``measure_years``."""
    whole = rows["seats"].where(rows["seats"] > 0, rows["pupils"])
    given = {stage: whole} if stage else {one: rows[stage_column("seats", one)] for one in meta.stages}
    return {
        one: numbers(values.astype(float).where(values != 0).reindex(list(meta.years)))
        for one, values in given.items()
        if (values != 0).any()
    }


def _gains(tables: Frames) -> dict[str, list[tuple[str, float | int]]]:
    """Return, by new school, the named units from which most pupils have a seat there."""
    placed = tables.get("placed_in_new")
    if placed is None or placed.empty:
        return {}
    names = tables["units"]["name"] if "name" in tables["units"] else pd.Series(dtype=object)
    known = placed.assign(name=placed["unit_id"].map(names)).dropna(subset="name")
    sums = known.groupby(["school_id", "name"], observed=True)["pupils"].sum().reset_index()
    ranked = sums.sort_values(["pupils", "name"], ascending=[False, True], kind="stable")
    return {
        str(school): [
            (str(name), short(float(pupils)))
            for name, pupils in zip(rows["name"], rows["pupils"], strict=True)
        ][:_GAINS]
        for school, rows in ranked.groupby("school_id", observed=True)
    }


def zone_remedies(tables: Frames, meta: MapMeta) -> Record:
    """Return what answers the shortage of each catchment.

    Parameters
    ----------
    tables
        Result tables by name.
    meta
        Gives the years.

    Returns
    -------
    Record
        By catchment: ``figures`` (pupils by group of remedies and ``cost``, a value a year) and ``main`` (the
        main remedy of each year).
    """
    rows = remedies_by_step(tables)
    if rows.empty:
        return {}
    figures = series(
        rows.assign(layout="all"),
        ["shortfall", *STEPS, "left", "cost"],
        by=["catchment_id"],
        years=meta.years,
    )
    main = rows.set_index(["catchment_id", "year"])["main"].to_dict()
    return {
        zone: {"figures": of["all"], "main": [main.get((zone, year)) for year in meta.years]}
        for zone, of in figures.items()
    }
