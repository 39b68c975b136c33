"""Judge a plan: three views of seats against pupils, kept apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from layoutplan.balance import result_tables
from layoutplan.balance.arcs import walks_of
from layoutplan.balance.assignment import StagePlacement
from layoutplan.balance.result import Balance
from layoutplan.balance.reuse import PlacedStages, known_years, with_known
from layoutplan.balance.stage_balance import StageTask, evaluate_stage, stage_task
from layoutplan.city.city import City
from layoutplan.demand.demand import Demand
from layoutplan.errors import FaultLog
from layoutplan.layouts.seats import Seats
from layoutplan.second_process import SecondProcess
from layoutplan.standards.rules import Profile
from layoutplan.travel.matrix import WalkMatrix

PARALLEL_SIZE: Final = 10_000_000
"""Walks times years from which a second process pays: some five seconds of work for one core."""


@dataclass
class _Count:
    """Counts years placed, of all stages together."""

    steps: int
    advanced: Callable[[int, int], None] | None
    done: int = 0

    def one_more(self) -> None:
        self.done += 1
        if self.advanced:
            self.advanced(self.done, self.steps)


def evaluate(
    city: City,
    demand: Demand,
    seats: Seats,
    pairs: WalkMatrix,
    profile: Profile,
    *,
    reach_m: Mapping[str, float],
    own_catchment_m: float = 0.0,
    variant: str = "baseline",
    advanced: Callable[[int, int], None] | None = None,
    second_process: SecondProcess | None = None,
    placed: PlacedStages | None = None,
) -> Balance:
    """Judge a plan (today's, or one with proposals) for every stage and year.

    Three views are kept apart:

    1. **Enrolment against seats** of every school at the base year, those that do not count too (table
       ``school_balance``: ``enrolment``, ``over_capacity``).
    2. **Resident demand against the seats of its own catchment** (tables ``catchment_balance``,
       ``district_balance``, ``city_balance``: ``seats``, ``demand``, ``shortfall``, ``surplus``); how demand
       and seats are divided is said in :mod:`layoutplan.balance.catchment_view`.
    3. **The best possible assignment** of all pupils to seats that count within reach, whatever the
       catchments: most pupils first, then least walking (``served``, ``unserved``, ``assigned``, walks).
       Where ``seats`` says that pupils may board, those without a seat within reach may go to a school with
       beds in their district (``boarders``, :mod:`layoutplan.balance.boarding`).

    ``share_within_radius`` is the share of the demand with a school (with seats that count, that year)
    within the profile's service radius, walking; of a school, the share of the pupils who walk to it whose
    walk is no longer than that. Boarders are in no mean or longest walk.

    Parameters
    ----------
    city, demand, seats, profile
        ``demand`` and ``seats`` for the same years and for the city's stages.
    pairs
        Origins ``city.units``, destinations ``seats.schools``, in their order, known as far as the longest
        reach and service radius.
    reach_m
        Longest placement distance of each stage, walking metres.
    own_catchment_m
        How much farther a pupil is placed to stay in the own catchment, walking metres: the best assignment
        adds them to walks to other schools (:mod:`layoutplan.balance.own_catchment`); 0: catchments do not
        matter to it.
    variant
        What the tables' column ``variant`` says.
    advanced
        Told how many of the stages' years are placed, and of how many.
    beside
        A process that places stages of a large city beside this one; without it, one is started here.
    placed
        Placements of another plan for the same city, to which this one may add schools: years that do not
        differ are taken over. The placements made here are put there. Those of a large city are large.

    Returns
    -------
    Balance
        Tables without rows where there is nothing to judge (no catchments, no districts).

    Raises
    ------
    ValueError
        If ``pairs`` do not belong to these units and schools, or ``reach_m`` lacks a stage of the city.
    DefectError
        If a law of :func:`~layoutplan.balance.conservation.check_conservation` is broken.
    """
    if not (pairs.origins.equals(city.units.index) and pairs.destinations.equals(seats.schools.index)):
        raise ValueError("pairs must go from city.units to seats.schools, in their order")
    missing = [stage for stage in city.stages if stage not in reach_m]
    if missing:
        raise ValueError(f"reach_m has no placement distance for the stages {', '.join(missing)}")
    log, walks = FaultLog(), walks_of(pairs)
    tasks = [
        stage_task(
            stage,
            city=city,
            demand=demand,
            seats=seats,
            walks=walks,
            known_to_m=pairs.limit_m,
            profile=profile,
            reach_m=reach_m[stage],
            own_catchment_m=own_catchment_m,
            log=log,
        )
        for stage in city.stages
    ]
    placements = _placed(
        tasks,
        _Count(len(city.stages) * len(city.years), advanced),
        second_process,
        {} if placed is None else placed,
    )
    stages = [
        evaluate_stage(task, placement, city=city, demand=demand, seats=seats, walks=walks)
        for task, placement in zip(tasks, placements, strict=True)
    ]
    return Balance(
        schools=result_tables.school_table(stages, city, seats, variant=variant),
        catchments=result_tables.catchment_table(stages, city, variant=variant),
        districts=result_tables.district_table(stages, city, seats, variant=variant),
        city=result_tables.city_table(stages, city, seats, variant=variant),
        units=result_tables.unit_table(stages, city, variant=variant),
        assignment=result_tables.assignment_table(stages, city, seats, variant=variant),
        notes=log.notes,
    )


def _placed(
    tasks: Sequence[StageTask], count: _Count, second_process: SecondProcess | None, placed: PlacedStages
) -> list[StagePlacement]:
    """Place every stage, in the years that are not placed already."""
    known = [
        known_years(task, placed[task.stage][0])
        if task.stage in placed
        else np.zeros(task.pupils.shape[1], dtype=bool)
        for task in tasks
    ]
    for _ in range(sum(int(years.sum()) for years in known)):
        count.one_more()
    rest = [replace(task, years=~years) for task, years in zip(tasks, known, strict=True)]
    found = []
    for task, years, placement in zip(tasks, known, _each_placed(rest, count, second_process), strict=True):
        whole = with_known(placement, placed[task.stage][1], years, task=task) if years.any() else placement
        placed[task.stage] = task, whole
        found.append(whole)
    return found


def _each_placed(
    tasks: Sequence[StageTask], count: _Count, second_process: SecondProcess | None
) -> list[StagePlacement]:
    """Place one stage after the other or, where there is work for it, on two cores.

    The solver holds the interpreter's lock, so the second core is used by a process; the largest stage
    begins.
    """
    if sum(task.size for task in tasks) < PARALLEL_SIZE:
        return [task.place(count.one_more) for task in tasks]
    order = sorted(range(len(tasks)), key=lambda place: (-tasks[place].size, place))
    others, found = second_process or SecondProcess(__name__), {}
    try:
        for place, placement in others.share(StageTask.place, [tasks[place] for place in order]):
            found[order[place]] = placement
            for _ in placement.years:
                count.one_more()
    finally:
        if second_process is None:
            others.stop()
    return [found[place] for place in range(len(tasks))]
