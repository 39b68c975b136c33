"""Evaluation of one stage in all years: the arrays behind the result tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from layoutplan.arrays import FloatArray
from layoutplan.balance.arcs import Walks
from layoutplan.balance.assignment import StagePlacement, place_stage
from layoutplan.balance.boarding import Beds, stage_beds
from layoutplan.balance.catchment_view import Parts, divide
from layoutplan.balance.conservation import check_conservation
from layoutplan.balance.grade_bands import GradeBands, grade_bands
from layoutplan.balance.measures import UnitMeasures, measure_units
from layoutplan.balance.nearest import nearest_in_line, nearest_on_foot
from layoutplan.balance.own_catchment import handicap, in_own_catchment
from layoutplan.balance.pools import pooled_shortage
from layoutplan.balance.school_view import SchoolMeasures, measure_schools
from layoutplan.balance.zoned import Zoned, measure_zoned
from layoutplan.errors import FaultLog
from layoutplan.layouts.layout import Layout
from layoutplan.study import Study


@dataclass(frozen=True)
class StageBalance:
    """Evaluation of one stage.

    Attributes
    ----------
    stage
        Stage.
    counted
        Counted seats, schools × years.
    placement
        Optimal placement of all years.
    parts
        Partition of demand and seats by catchment.
    units, schools
        Figures by unit and by school.
    short
        Pupils of each unit who lack a seat by the shortage of their pool, units × years
        (:func:`~layoutplan.balance.pools.pooled_shortage`).
    demand_bounds
        Demand with suppressed counts at their least and at their largest, units × years; ``None`` without.
    zoned
        Everyone at a school of the own catchment; ``None`` for a stage without catchments.
    """

    stage: str
    counted: FloatArray
    placement: StagePlacement
    parts: Parts
    units: UnitMeasures
    short: FloatArray
    schools: SchoolMeasures
    demand_bounds: tuple[FloatArray, FloatArray] | None = None
    zoned: Zoned | None = None


@dataclass(frozen=True)
class StageTask:
    """Placement problem of one stage; pickles, so that another process can solve it.

    Attributes
    ----------
    stage
        Stage.
    pupils
        Demand, units × years.
    counted
        Counted seats, schools × years.
    near
        Pairs within the stage's reach.
    handicap_m
        Metres added to each pair for comparison (:func:`~layoutplan.balance.own_catchment.handicap`).
    beds
        Beds of the stage; ``None`` if no pupil may board.
    grades
        Bands of grades that some schools do not teach; ``None`` if every school teaches all.
    parts
        Partition of demand and seats by catchment.
    radius_m
        Service radius of each year, walking metres.
    years
        Boolean mask of the years to place.
    """

    stage: str
    pupils: FloatArray
    counted: FloatArray
    near: Walks
    handicap_m: FloatArray
    beds: Beds | None
    grades: GradeBands | None
    parts: Parts
    radius_m: FloatArray
    years: npt.NDArray[np.bool_]

    @property
    def size(self) -> int:
        """Number of pairs × years to place, a measure of the computing time."""
        return len(self.near.units) * int(self.years.sum())

    def place(self, year_placed: Callable[[], None] = lambda: None) -> StagePlacement:
        """Solve the placement of the selected years.

        Parameters
        ----------
        year_placed
            Called after each year.

        Returns
        -------
        StagePlacement
            The years selected by ``years``.
        """
        return place_stage(
            self.pupils,
            self.counted,
            self.near,
            handicap_m=self.handicap_m,
            beds=self.beds,
            grades=self.grades,
            years=self.years,
            year_placed=year_placed,
        )


def stage_task(stage: str, study: Study, layout: Layout, *, walks: Walks, log: FaultLog) -> StageTask:
    """Assemble the placement problem of a stage.

    Parameters
    ----------
    stage
        Stage.
    study
        Demand, city, plan, service radii and placement distance.
    layout
        Seats, catchments and walks.
    walks
        The layout's walks as pairs.
    log
        Receives a warning where the walks are known less far than reach or service radius require.

    Returns
    -------
    StageTask
        With all years selected.
    """
    demand, seats, reach_m = study.demand, layout.seats, study.reach_m[stage]
    own_catchment_m, known_to_m = study.plan.travel.own_catchment_m, layout.walks.limit_m
    pupils = demand.pupils[stage].to_numpy(dtype=float)
    counted = seats.counted(stage).to_numpy(dtype=float)
    radius_m = np.array([study.profile.at(year).service_radius_m(stage) for year in demand.years])
    farthest = max(reach_m, float(radius_m.max()))
    if farthest > known_to_m:
        log.add("walks_cut_off", severity="warning", stage=stage, limit=known_to_m, needed=farthest)
    grades = grade_bands(study, seats, stage)
    parts = divide(study.city, layout, stage=stage, demand=pupils, counted=counted, grades=grades)
    near = walks.where(walks.metres <= reach_m)
    extra = handicap(near, parts, layout, stage=stage, own_catchment_m=own_catchment_m)
    beds = stage_beds(stage, seats, units=study.city.units, near=near, farthest_m=reach_m + own_catchment_m)
    return StageTask(
        stage=stage,
        pupils=pupils,
        counted=counted,
        near=near,
        handicap_m=extra,
        beds=beds,
        grades=grades,
        parts=parts,
        radius_m=radius_m,
        years=np.ones(len(demand.years), dtype=bool),
    )


def evaluate_stage(
    task: StageTask, placement: StagePlacement, *, study: Study, layout: Layout, walks: Walks
) -> StageBalance:
    """Compute the figures of one stage from its placement, and check the conservation laws.

    Parameters
    ----------
    task
        Placement problem.
    placement
        Placement of all years.
    study
        Children by unit, and the city.
    layout
        Layout evaluated: its seats, and which schools serve which catchment.
    walks
        All walks of the layout.

    Returns
    -------
    StageBalance
        Figures of all years.

    Raises
    ------
    DefectError
        If a conservation law is violated.
    """
    pupils, counted, beds, seats = task.pupils, task.counted, task.beds, layout.seats
    check_conservation(
        stage=task.stage, demand=pupils, counted=counted, placement=placement, parts=task.parts, beds=beds
    )
    on_foot = partial(nearest_on_foot, is_open=counted > 0, units=len(pupils), grades=task.grades)
    return StageBalance(
        stage=task.stage,
        counted=counted,
        placement=placement,
        parts=task.parts,
        units=measure_units(
            children=study.demand.children[task.stage].to_numpy(dtype=float),
            demand=pupils,
            placement=placement,
            nearest=on_foot(walks),
            nearest_own=on_foot(walks.where(in_own_catchment(walks, task.parts, layout, stage=task.stage))),
            straight=nearest_in_line(study, seats, counted > 0, task.grades),
            reach_m=study.reach_m[task.stage],
            radius_m=task.radius_m,
        ),
        short=pooled_shortage(placement, task.near, demand=pupils, parts=task.parts),
        schools=measure_schools(
            study.city, layout.seats, stage=task.stage, placement=placement, beds=beds, radius_m=task.radius_m
        ),
        demand_bounds=_demand_bounds(task.stage, study),
        zoned=_zoned(task, study, layout, walks),
    )


def _demand_bounds(stage: str, study: Study) -> tuple[FloatArray, FloatArray] | None:
    sides = study.demand.bounds.get(stage)
    if sides is None:
        return None
    low, high = (side.to_numpy(dtype=np.float64) for side in sides)
    return low, high


def _zoned(task: StageTask, study: Study, layout: Layout, walks: Walks) -> Zoned | None:
    if task.parts.catchments.empty:
        return None
    return measure_zoned(
        study,
        layout,
        stage=task.stage,
        parts=task.parts,
        demand=task.pupils,
        counted=task.counted,
        walks=walks,
        radius_m=task.radius_m,
        grades=task.grades,
    )
