"""Measure access to schools under one layout, by stage and year."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import pandas as pd

from layoutplan.access import result_tables as tables
from layoutplan.access.coverage import seated_pupils
from layoutplan.access.decay import gaussian_m, within_m
from layoutplan.access.floating import three_step_access, two_step_access
from layoutplan.access.nearest import count_within, mean_of_nearest
from layoutplan.access.places_table import place_table
from layoutplan.access.result import Access, StageAccess
from layoutplan.arrays import FloatArray
from layoutplan.balance.arcs import walks_of
from layoutplan.balance.grade_bands import GradeBands, grades_in_year
from layoutplan.balance.nearest import NearestSchools, nearest_in_line, nearest_on_foot
from layoutplan.balance.result import Balance
from layoutplan.city.city import City
from layoutplan.layouts.layout import Layout
from layoutplan.layouts.seats import Seats
from layoutplan.study import Study
from layoutplan.travel.matrix import WalkMatrix


def measure_access(
    study: Study, balance: Balance, layout: Layout | None = None, *, years: Sequence[int] | None = None
) -> Access:
    """Compute all access measures of one layout, for every stage.

    Parameters
    ----------
    study
        Provides demand, city and standards. The catchment distance of the floating catchment methods is the
        stage's longest placement distance (``reach_m``), unless ``[access] distance_m`` of the plan sets one.
    balance
        Result of :func:`~layoutplan.balance.evaluate` for the same layout; provides the walk to the nearest
        school and the seats and demand of catchments and districts.
    layout
        Seats and walks; ``None`` for today's layout.
    years
        Years to measure, a subset of the study's years; by default the base year and the target year. Table
        ``access_by_place`` always covers all years.

    Returns
    -------
    Access
        Tables without rows where there is nothing to measure.

    Raises
    ------
    ValueError
        If the layout's walks do not match the city's units and the layout's schools, in this order.
    """
    city, demand, settings = study.city, study.demand, study.plan.access
    layout = layout or study.today
    seats, pairs = layout.seats, layout.walks
    if not (pairs.origins.equals(city.units.index) and pairs.destinations.equals(seats.schools.index)):
        raise ValueError("the walks of a layout must go from city.units to its schools, in their order")
    chosen = sorted({study.base_year, study.target_year} if years is None else set(years))
    distance_m = {**study.reach_m, **{str(stage): metres for stage, metres in settings.distance_m.items()}}
    known = balance.units[balance.units["year"].isin(chosen)]
    measured = [
        _measure(
            stage,
            year,
            pupils=demand.pupils[stage][year].to_numpy(dtype=float),
            offered=seats.counted(stage)[year].to_numpy(dtype=float),
            pairs=pairs,
            nearest_m=_nearest(known, city, stage=stage, year=year),
            in_line=_in_line(study, seats, stage=stage, year=year),
            grades=grades_in_year(study, seats, stage, year),
            radius_m=study.profile.at(year).service_radius_m(stage),
            distance_m=distance_m[stage],
            several=settings.nearest_schools,
        )
        for stage in city.stages
        for year in chosen
    ]
    return Access(
        units=tables.access_unit_table(measured, city, layout=layout.id),
        coverage=tables.coverage_table(measured, city, layout=layout.id),
        gaps=tables.gap_table(measured, city, layout=layout.id),
        inequality=tables.inequality_table(measured, city, balance, layout=layout.id),
        places=place_table(study, layout, distance_m=distance_m),
    )


def _nearest(units: pd.DataFrame, city: City, *, stage: str, year: int) -> FloatArray:
    """Return the walk to the nearest school, metres, from the balance, in the order of the city's units."""
    rows = units[(units["stage"] == stage) & (units["year"] == year)].set_index("unit_id")
    return np.array(rows["nearest_school_m"].reindex(city.units.index), dtype=np.float64)


def _in_line(study: Study, seats: Seats, *, stage: str, year: int) -> NearestSchools:
    """Return the straight lines to the nearest school with counted seats, for one year."""
    is_open = seats.counted(stage)[[year]].to_numpy(dtype=float) > 0
    return nearest_in_line(study, seats, is_open, grades_in_year(study, seats, stage, year))


def _measure(
    stage: str,
    year: int,
    *,
    pupils: FloatArray,
    offered: FloatArray,
    pairs: WalkMatrix,
    nearest_m: FloatArray,
    in_line: NearestSchools,
    grades: GradeBands | None,
    radius_m: float,
    distance_m: float,
    several: int,
) -> StageAccess:
    """Measure one stage in one year; schools without counted seats are ignored.

    Where schools teach some grades only, the pupils of each band of grades compete for the seats of the
    schools that teach it; a figure per pupil is then the mean over the pupils of the unit.
    """
    near = pairs.keep((pairs.metres <= max(distance_m, radius_m)) & (offered > 0)[pairs.indices])
    homes, wanted = near, pupils
    within = (nearest_m <= radius_m).astype(float)
    summed: Callable[[FloatArray], FloatArray] = _array
    mean: Callable[[FloatArray], FloatArray] = _array
    if grades is not None:
        homes, wanted = grades.split_matrix(near), grades.pupils(pupils[:, None])[:, 0]
        summed = grades.by_unit
        mean = partial(_mean, grades)
        on_foot = nearest_on_foot(walks_of(near), offered[:, None] > 0, units=len(pupils), grades=grades)
        within = on_foot.within(radius_m)[:, 0]
    several_m = _array(mean_of_nearest(homes, k=several))
    plain, gaussian = within_m(distance_m), gaussian_m(distance_m)
    return StageAccess(
        stage=stage,
        year=year,
        radius_m=radius_m,
        demand=pupils,
        near=pupils * within,
        near_circle=pupils * in_line.within(radius_m)[:, 0],
        seated=summed(_array(seated_pupils(homes, pupils=wanted, seats=offered, radius_m=radius_m))),
        nearest_m=nearest_m,
        several_m=mean(np.where(np.isfinite(several_m), several_m, np.nan)),
        schools=_array(count_within(near, radius_m)),
        two_step=mean(_array(two_step_access(homes, pupils=wanted, seats=offered, decay=plain))),
        enhanced=mean(_array(two_step_access(homes, pupils=wanted, seats=offered, decay=gaussian))),
        three_step=mean(_array(three_step_access(homes, pupils=wanted, seats=offered, decay=gaussian))),
    )


def _mean(grades: GradeBands, values: FloatArray) -> FloatArray:
    return grades.mean(values[:, None])[:, 0]


def _array(values: pd.Series | FloatArray) -> FloatArray:
    return np.asarray(values, dtype=np.float64)
