"""One stage judged, all years: the arrays from which every result table is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from layoutplan.balance.assignment import StagePlacement, place_stage
from layoutplan.balance.boarding import stage_beds
from layoutplan.balance.catchment_view import Parts, divide
from layoutplan.balance.conservation import check_conservation
from layoutplan.balance.measures import UnitMeasures, measure_units
from layoutplan.balance.model import Seats
from layoutplan.balance.preference import handicap
from layoutplan.balance.school_view import SchoolMeasures, measure_schools
from layoutplan.balance.supply import FloatArray
from layoutplan.balance.walks import Walks
from layoutplan.demand.model import Demand
from layoutplan.errors import FaultLog
from layoutplan.inputs.city import City
from layoutplan.standards.model import Profile


@dataclass(frozen=True)
class StageBalance:
    """One stage's figures. ``counted`` are the seats that count, schools × years."""

    stage: str
    counted: FloatArray
    placement: StagePlacement
    parts: Parts
    units: UnitMeasures
    schools: SchoolMeasures


def judge_stage(
    stage: str,
    *,
    city: City,
    demand: Demand,
    seats: Seats,
    walks: Walks,
    known_to_m: float,
    profile: Profile,
    reach_m: float,
    own_catchment_m: float,
    log: FaultLog,
    placed: Callable[[], None],
) -> StageBalance:
    """Judge one stage in every year, and check that pupils and seats are conserved.

    ``walks`` go from the city's units to the plan's schools, all those of at most ``known_to_m`` metres;
    ``placed`` is called for every year placed.
    """
    pupils = demand.pupils[stage].to_numpy(dtype=float)
    counted = seats.counted(stage).to_numpy(dtype=float)
    radius_m = np.array([profile.at(year).service_radius_m(stage) for year in demand.years])
    farthest = max(reach_m, float(radius_m.max()))
    if farthest > known_to_m:
        log.add("walks_cut_off", severity="warning", stage=stage, limit=known_to_m, needed=farthest)
    parts = divide(city, seats, stage=stage, demand=pupils, counted=counted)
    near = walks.where(walks.metres <= reach_m)
    extra = handicap(near, parts, seats, stage=stage, own_catchment_m=own_catchment_m)
    beds = stage_beds(stage, seats, units=city.units, near=near, farthest_m=reach_m + own_catchment_m)
    placement = place_stage(pupils, counted, near, handicap_m=extra, beds=beds, year_placed=placed)
    check_conservation(
        stage=stage, demand=pupils, counted=counted, placement=placement, parts=parts, beds=beds
    )
    return StageBalance(
        stage=stage,
        counted=counted,
        placement=placement,
        parts=parts,
        units=measure_units(
            children=demand.children[stage].to_numpy(dtype=float),
            demand=pupils,
            seats=counted,
            walks=walks,
            placement=placement,
            radius_m=radius_m,
        ),
        schools=measure_schools(city, seats, stage=stage, placement=placement, beds=beds, radius_m=radius_m),
    )
