"""The result tables of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from layoutplan.balance.located import located
from layoutplan.dictionary import below, empty_frame, result_table
from layoutplan.outputs.names import OtherNames
from layoutplan.rules import make_scorecard
from layoutplan.runs.answers import answer_table
from layoutplan.runs.map_inputs import all_schools
from layoutplan.runs.risks import risk_table
from layoutplan.standards import Schooling
from layoutplan.texts import LANGUAGES

if TYPE_CHECKING:
    from layoutplan.access import Access
    from layoutplan.balance import Balance
    from layoutplan.runs.record import RunRecord


def result_frames(run: RunRecord) -> dict[str, pd.DataFrame]:
    """Return every result table of a run.

    Parameters
    ----------
    run
        The run.

    Returns
    -------
    dict of DataFrame
        By name, with the columns of the data dictionary in its order. ``hotspots``, ``proposals`` and
        ``service_areas`` are GeoDataFrames in the city's CRS. Tables of balance and access contain every
        layout; column ``layout`` is its id.
    """
    judged = [one.balance for one in run.evaluations.values()]
    accesses = [one.access for one in run.evaluations.values()]
    frames: dict[str, pd.DataFrame] = {
        "layouts": _layouts(run),
        "city_balance": _stack("city", judged),
        "district_balance": _stack("districts", judged),
        "catchment_balance": _stack("catchments", judged),
        "school_balance": _stack("schools", judged),
        "unit_demand": _stack("units", judged),
        "assignment": _stack("assignment", judged),
        "zoned_city": _stack("zoned_city", judged),
        "zoned_catchment": _stack("zoned_catchments", judged),
        "zoned_school": _stack("zoned_schools", judged),
        "reconciliation": run.study.reconciliation,
        "demand_bands": run.outlook.bands,
        "total_bands": run.outlook.totals,
        "peaks": run.outlook.peaks,
        "demand_streams": run.outlook.streams,
        "area_bases": run.outlook.area_bases,
        "estate_gaps": run.outlook.estate_gaps,
        "flags": run.flags,
        "ledger": run.ledger,
        "unsafe_walks": run.unsafe_walks.table,
        "hotspots": run.hotspots.hotspots,
        "area_hotspots": run.hotspots.areas,
        "access": _stack("units", accesses),
        "coverage": _stack("coverage", accesses),
        "access_gaps": _stack("gaps", accesses),
        "access_inequality": _stack("inequality", accesses),
        "access_by_place": _stack("places", accesses),
        "service_areas": run.service_areas,
        **run.rule_tables,
        "estates": _as_given("estates", run.city.tables["housing"]),
        "rule_results": run.rule_results,
        "scorecard": make_scorecard(run.rule_results),
    }
    if run.study.forecast:
        frames["enrolment_forecast"] = run.study.forecast.table()
    if run.study.backtest:
        frames["enrolment_backtest"] = run.study.backtest.table
    if run.proposal:
        frames["proposals"] = run.proposal.proposals
        frames["siting_outcome"] = run.proposal.outcome
        frames |= run.proposal.tables
    if run.redraws:
        frames["zoning_outcome"] = below([one.outcome for one in run.redraws])
        frames["zoning_changes"] = below([one.changes for one in run.redraws])
        frames["zoning_moves"] = below([one.moves for one in run.redraws])
        frames["zoning_feeders"] = below([one.feeders for one in run.redraws])
    frames["answers"] = answer_table(
        frames,
        stages=run.city.stages,
        target_year=run.plan.general.target,
        proposed=run.proposal.layout.id if run.proposal else None,
        currency=run.plan.profile.currency,
        lang=run.study.lang,
    )
    remarks = sum(note.severity == "warning" for note in run.notes)
    frames["risks"] = risk_table(frames, remarks=remarks, lang=run.study.lang)
    names = other_names(run)
    return {
        name: _translated(names, _ordered(name, frame, run.city.schooling)) for name, frame in frames.items()
    }


def other_names(run: RunRecord) -> OtherNames:
    """Return the names of a run's city in the language that the run is not in.

    Parameters
    ----------
    run
        The run.

    Returns
    -------
    OtherNames
        Of schools, areas, units, catchments, districts and every input table with names.
    """
    city = run.city
    areas = (city.schools, city.areas, city.units, city.catchments, city.districts, city.school_districts)
    return OtherNames((*areas, *city.tables.values()), lang=run.study.lang)


def _translated(names: OtherNames, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose sentences in the other language name things in it."""
    columns = [name for name in frame.columns.astype(str) if name.endswith("_translated")]
    said = {name: frame[name].map(names.of, na_action="ignore").astype(frame[name].dtype) for name in columns}
    return frame.assign(**said) if said else frame


def _layouts(run: RunRecord) -> pd.DataFrame:
    """Return result table ``layouts``."""
    proposed = run.proposal.layout.id if run.proposal else None
    rows = [
        {
            "layout": layout.id,
            **{f"title_{lang}": layout.title[lang] for lang in LANGUAGES},
            "proposals": layout.id == proposed,
        }
        for layout in run.layouts
    ]
    return pd.DataFrame(rows).astype(empty_frame(result_table("layouts")).dtypes)


def _as_given(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of an input table that result table ``name`` repeats, sorted by its key."""
    table = result_table(name)
    kept = pd.DataFrame(frame)[list(table.column_names)]
    return kept.sort_values(list(table.key), kind="stable", ignore_index=True)


def _stack(attribute: str, judged: Sequence[Balance | Access]) -> pd.DataFrame:
    """Return one table of all layouts, without geometry."""
    frames = (getattr(one, attribute) for one in judged)
    return below([pd.DataFrame(frame.drop(columns="geometry", errors="ignore")) for frame in frames])


def _ordered(name: str, frame: pd.DataFrame, schooling: Schooling) -> pd.DataFrame:
    """Return the dictionary's columns in its order; a column that it does not describe is a defect."""
    table = result_table(name, schooling)
    extra = [column for column in frame.columns if column not in (*table.column_names, "geometry")]
    if extra:
        raise KeyError(f"result table {name} has columns the data dictionary does not describe: {extra}")
    columns = [*table.column_names, *(["geometry"] if table.geometry != "none" else [])]
    return frame[columns]


def spatial_layers(
    run: RunRecord, frames: Mapping[str, pd.DataFrame]
) -> Iterator[tuple[str, gpd.GeoDataFrame]]:
    """Yield the layers of ``results.gpkg``: every spatial result, in the city's CRS.

    Balance layers have one row per entity, stage, year and layout; ``unit_demand`` keeps the base and the
    target year only, to limit the size of the file.

    Parameters
    ----------
    run
        The run.
    frames
        Its result tables.

    Yields
    ------
    name, layer
        Layer of ``results.gpkg``.
    """
    city = run.city
    schools = all_schools(run.layouts)
    units = frames["unit_demand"]
    shown = units["year"].isin({city.base_year, run.plan.general.target})
    yield "schools", located(frames["school_balance"], schools.geometry, "school_id")
    yield "catchments", _catchments(run, frames["catchment_balance"])
    yield "districts", located(frames["district_balance"], city.districts.geometry, "district_id")
    yield "units", located(units[shown], city.units.geometry, "unit_id")
    yield "areas", located(frames["area_hotspots"], run.hotspots.cells, "area_id")
    for name in ("hotspots", "service_areas", "proposals", "measures"):
        if name in frames:
            yield name, gpd.GeoDataFrame(frames[name], geometry="geometry", crs=city.crs)


def _catchments(run: RunRecord, balance: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return the balance of the catchments of every layout, with their outlines in that layout."""
    parts = [
        located(balance[balance["layout"] == one.id], one.zoning.catchments.geometry, "catchment_id")
        for one in run.layouts
    ]
    return gpd.GeoDataFrame(below(parts), geometry="geometry", crs=run.city.crs)
