"""One stage judged, all years: the arrays from which every result table is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from layoutplan.arrays import FloatArray
from layoutplan.balance.arcs import Walks
from layoutplan.balance.assignment import StagePlacement, place_stage
from layoutplan.balance.boarding import Beds, stage_beds
from layoutplan.balance.catchment_view import Parts, divide
from layoutplan.balance.conservation import check_conservation
from layoutplan.balance.measures import UnitMeasures, measure_units
from layoutplan.balance.own_catchment import handicap
from layoutplan.balance.school_view import SchoolMeasures, measure_schools
from layoutplan.errors import FaultLog
from layoutplan.layouts.layout import Layout
from layoutplan.layouts.seats import Seats
from layoutplan.study import Study


@dataclass(frozen=True)
class StageBalance:
    """One stage's figures. ``counted`` are the seats that count, schools × years."""

    stage: str
    counted: FloatArray
    placement: StagePlacement
    parts: Parts
    units: UnitMeasures
    schools: SchoolMeasures


@dataclass(frozen=True)
class StageTask:
    """One stage to be judged: what its pupils are placed by, all arrays; ``years`` are those to be placed."""

    stage: str
    pupils: FloatArray
    counted: FloatArray
    near: Walks
    handicap_m: FloatArray
    beds: Beds | None
    parts: Parts
    radius_m: FloatArray
    years: npt.NDArray[np.bool_]

    @property
    def size(self) -> int:
        """Walks times years: what the placement costs."""
        return len(self.near.units) * int(self.years.sum())

    def place(self, year_placed: Callable[[], None] = lambda: None) -> StagePlacement:
        """Place the pupils of every year; ``year_placed`` is called for each."""
        return place_stage(
            self.pupils,
            self.counted,
            self.near,
            handicap_m=self.handicap_m,
            beds=self.beds,
            years=self.years,
            year_placed=year_placed,
        )


def stage_task(stage: str, study: Study, layout: Layout, *, walks: Walks, log: FaultLog) -> StageTask:
    """Return the arrays by which the pupils of a stage are placed.

    ``walks`` are those of the layout.
    """
    demand, seats, reach_m = study.demand, layout.seats, study.reach_m[stage]
    own_catchment_m, known_to_m = study.plan.travel.own_catchment_m, layout.walks.limit_m
    pupils = demand.pupils[stage].to_numpy(dtype=float)
    counted = seats.counted(stage).to_numpy(dtype=float)
    radius_m = np.array([study.profile.at(year).service_radius_m(stage) for year in demand.years])
    farthest = max(reach_m, float(radius_m.max()))
    if farthest > known_to_m:
        log.add("walks_cut_off", severity="warning", stage=stage, limit=known_to_m, needed=farthest)
    parts = divide(study.city, layout, stage=stage, demand=pupils, counted=counted)
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
        parts=parts,
        radius_m=radius_m,
        years=np.ones(len(demand.years), dtype=bool),
    )


def evaluate_stage(
    task: StageTask, placement: StagePlacement, *, study: Study, seats: Seats, walks: Walks
) -> StageBalance:
    """Evaluate one stage in every year as placed, and check that pupils and seats are conserved."""
    pupils, counted, beds = task.pupils, task.counted, task.beds
    check_conservation(
        stage=task.stage, demand=pupils, counted=counted, placement=placement, parts=task.parts, beds=beds
    )
    return StageBalance(
        stage=task.stage,
        counted=counted,
        placement=placement,
        parts=task.parts,
        units=measure_units(
            children=study.demand.children[task.stage].to_numpy(dtype=float),
            demand=pupils,
            seats=counted,
            walks=walks,
            placement=placement,
            radius_m=task.radius_m,
        ),
        schools=measure_schools(
            study.city, seats, stage=task.stage, placement=placement, beds=beds, radius_m=task.radius_m
        ),
    )
