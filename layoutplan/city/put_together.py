"""Put a city together from clean tables: residents spread over units, catchments of units, districts."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from layoutplan.city.city import City
from layoutplan.city.coverage import report_cut, report_outside
from layoutplan.city.displaced import report_displaced
from layoutplan.city.draft import CityDraft, ordered
from layoutplan.city.frames import named_frame, resident_units, whole_residents
from layoutplan.city.links import district_of, named_by_schools, split_districts
from layoutplan.city.other_tables import other_tables
from layoutplan.city.population import Residents, suppressed_residents
from layoutplan.city.spread import refuse_many_cells, spread_residents
from layoutplan.city.totals import report_totals
from layoutplan.dictionary import empty_frame, input_table

_OUTSIDE_BY_CHANCE: Final = 0.01
"""Share of the residents outside all catchments from which the layers are compared as wholes."""


def put_together(
    draft: CityDraft, stages: tuple[str, ...], residents: Residents, links: pd.DataFrame
) -> City:
    """Return the city of a draft whose tables are all sound.

    Parameters
    ----------
    draft
        Tables and layers.
    stages
        Stages planned.
    residents
        Residents of the rows of table ``units``.
    links
        Schools of each catchment.
    """
    plan, spatial = draft.plan, draft.spatial
    standards = plan.profile.at(plan.general.base_year)
    report_totals(
        spatial["units"],
        residents.total[spatial["units"].index],
        residents.by_age.loc[spatial["units"].index],
        schools=spatial["schools"],
        ages={stage: standards.ages(stage) for stage in stages},
        stages=stages,
        logs={name: draft.of(name) for name in ("units", "schools")},
    )
    districts, groups = split_districts(_districts(draft))
    if draft.shared is not None:
        spatial = {**spatial, "catchments": ordered(draft.shared.catchments, by=("catchment_id",))}
        links = draft.shared.links(links)
    areas = named_frame(spatial["units"], "unit_id", districts)
    planned = spatial["catchments"][spatial["catchments"]["stage"].isin(stages)]
    catchments = named_frame(named_by_schools(planned, links, spatial["schools"]), "catchment_id", districts)
    catchments["school_district_id"] = district_of(planned, groups).to_numpy()
    dwellings = spatial.get("dwellings")
    refuse_many_cells(areas.geometry, plan.population, log=draft.of("units"))
    spread = spread_residents(
        areas.geometry,
        dwellings,
        catchments,
        cell_m=plan.population.spread_cell_m,
        log=draft.of("dwellings") if dwellings is not None else None,
        by=plan.population.spread_by,
        tolerance_m2=plan.space.overlap_tolerance_m2,
    )
    rows = spatial["units"].index
    units, population = resident_units(spread.units, areas, residents.total[rows], residents.by_age.loc[rows])
    if plan.population.whole_residents:
        units, population = whole_residents(units, population)
    report_cut(units["residents"], spread.parts, log=draft.of("units"))
    held = _held(spread.catchments, stages, units)
    drawn = held[[stage for stage in stages if stage in spread.catchments]]
    _report_outside(draft, areas, units, catchments, drawn)
    return City(
        name=plan.general.title(plan.general.lang) or plan.path.stem,
        crs=draft.crs,
        schooling=plan.profile.schooling,
        stages=stages,
        years=plan.general.years,
        schools=named_frame(spatial["schools"], "school_id", districts),
        areas=areas,
        units=units,
        population=population,
        catchments=catchments,
        catchment_schools=links,
        unit_catchments=held,
        districts=districts,
        school_districts=groups,
        gates=_gates(draft),
        parts=spread.parts,
        population_bounds=_population_bounds(draft, spread.units, areas),
        tables=MappingProxyType(other_tables(draft.spatial, draft.given, draft.crs, plan.profile.schooling)),
        sources=draft.sources,
        lang=plan.general.lang,
    )


def _held(within: pd.DataFrame, stages: tuple[str, ...], units: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the catchment of each unit by stage; none for stages without catchments."""
    nothing = np.full(len(units), None, dtype=object)
    return pd.DataFrame(
        {stage: within.get(stage, nothing) for stage in stages}, index=units.index, dtype=object
    )


def _report_outside(
    draft: CityDraft,
    areas: gpd.GeoDataFrame,
    units: gpd.GeoDataFrame,
    catchments: gpd.GeoDataFrame,
    known: pd.DataFrame,
) -> None:
    """Report residents outside every catchment of a stage, and layers that lie beside each other."""
    log, residents = draft.of("units"), units["residents"]
    as_error = draft.plan.space.outside_residents == "error"
    report_outside(residents, units["area_id"], known, as_error=as_error, log=log)
    for stage in known:
        if residents[known[stage].isna()].sum() > _OUTSIDE_BY_CHANCE * residents.sum():
            own = catchments.geometry[catchments["stage"] == stage]
            report_displaced(areas.geometry, own, log=log)


def _gates(draft: CityDraft) -> gpd.GeoSeries:
    """Return the gates of the schools that stay, by ``school_id``."""
    ids = draft.spatial["schools"]["school_id"]
    kept = draft.gates[draft.gates.index.isin(ids.index)]
    return kept.set_axis(pd.Index(ids[kept.index], name="school_id", dtype=object))


def _districts(draft: CityDraft) -> gpd.GeoDataFrame:
    frame = draft.spatial.get("districts")
    if frame is None:
        frame = gpd.GeoDataFrame(empty_frame(input_table("districts")), geometry=[], crs=draft.crs)
    return frame.set_index("district_id")


def _population_bounds(
    draft: CityDraft, units: gpd.GeoDataFrame, areas: gpd.GeoDataFrame
) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """Return the population of the units between whose values suppressed counts leave it open."""
    plan, given, rows = draft.plan, draft.given["units"], draft.spatial["units"].index
    standards = plan.profile.at(plan.general.base_year)
    stated = {str(stage): rate for stage, rate in plan.demand.participation.items()}
    found = suppressed_residents(
        given.frame, plan.population, standards, participation=stated, suppressed=given.suppressed
    )
    if found is None:
        return None
    low, high = (resident_units(units, areas, side.sum(axis=1)[rows], side.loc[rows])[1] for side in found)
    return low, high
