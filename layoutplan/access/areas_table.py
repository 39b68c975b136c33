"""Result table ``service_areas``: the service area of each school of a layout."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from layoutplan.access.service_areas import service_areas
from layoutplan.balance.grade_bands import grades_in_year
from layoutplan.dictionary import result_table
from layoutplan.layouts.layout import Layout
from layoutplan.layouts.seats import Seats
from layoutplan.study import Study
from layoutplan.travel.gates import at_gates, gates_of, united


def service_area_table(study: Study, layout: Layout | None = None) -> gpd.GeoDataFrame:
    """Return table ``service_areas``: one row per school and stage with counted seats in the target year.

    Stages whose service radius exceeds ``access.largest_area_m`` of the plan are omitted, and so are schools
    that could not be snapped to a street. A school that teaches two stages with the same radius has the same
    polygon in two rows.

    Parameters
    ----------
    study
        Provides the demand, the street network, the standards of the target year and ``[access]`` of the
        plan.
    layout
        Layout to describe; its walks must extend at least to the service radii. ``None`` for today's layout.

    Returns
    -------
    geopandas.GeoDataFrame
        All columns of the result table and polygons in the city's CRS; no rows where no stage qualifies.
    """
    layout, city, year = layout or study.today, study.city, study.target_year
    seats, settings, walking = layout.seats, study.plan.access, study.walking
    standards = study.profile.at(year)
    radii = {stage: standards.service_radius_m(stage) for stage in city.stages}
    drawn = {stage: radius for stage, radius in radii.items() if radius <= settings.largest_area_m}
    offered = {stage: seats.counted(stage)[year].to_numpy(dtype=float) for stage in drawn}
    shapes = {}
    for radius_m in sorted(set(drawn.values())):
        taught = np.any([offered[stage] > 0 for stage, radius in drawn.items() if radius == radius_m], axis=0)
        schools = gpd.GeoSeries(seats.schools.geometry[taught])
        gates = gates_of(at_gates(schools, walking.gates))
        by_gate = service_areas(
            gates.points,
            walking.network,
            radius_m=radius_m,
            street_side_m=settings.street_side_m,
            snap_limit_m=walking.snap_limit_m,
            detour_factor=walking.detour_factor,
        )
        shapes[radius_m] = united(by_gate, gates, schools.index)
    frames = [
        _of_stage(
            stage,
            seats=seats,
            offered=offered[stage],
            areas=shapes[radius_m],
            radius_m=radius_m,
            pupils=_pupils_within(study, layout, stage, radius_m=radius_m),
        )
        for stage, radius_m in drawn.items()
    ]
    columns = [*result_table("service_areas").column_names, "geometry"]
    whole = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)
    return gpd.GeoDataFrame(whole[columns], geometry="geometry", crs=city.crs)


def _of_stage(
    stage: str,
    *,
    seats: Seats,
    offered: np.ndarray,
    areas: gpd.GeoSeries,
    radius_m: float,
    pupils: np.ndarray,
) -> pd.DataFrame:
    """Return the rows of one stage; schools without a service area are omitted."""
    polygon = areas.reindex(seats.schools.index)
    rows = np.flatnonzero((offered > 0) & polygon.notna().to_numpy())
    schools = seats.schools.iloc[rows]
    return pd.DataFrame(
        {
            "school_id": schools.index,
            "name": schools["name"].to_numpy(),
            "stage": stage,
            "status": schools["status"].to_numpy(),
            "radius_m": radius_m,
            "area_m2": polygon.iloc[rows].area.to_numpy(),
            "seats": offered[rows],
            "pupils_within": pupils[rows],
            "geometry": polygon.iloc[rows].to_numpy(),
        }
    )


def _pupils_within(study: Study, layout: Layout, stage: str, *, radius_m: float) -> np.ndarray:
    """Return, for each school, the number of pupils of its grades whose walk is within the radius."""
    near, year = layout.walks.within(radius_m), study.target_year
    pupils = study.demand.pupils[stage][[year]].to_numpy(dtype=float)
    grades = grades_in_year(study, layout.seats, stage, year)
    if grades is not None:
        near, pupils = grades.split_matrix(near), grades.pupils(pupils)
    return np.bincount(near.indices, weights=pupils[near.rows, 0], minlength=len(near.destinations))
