"""Evaluate a layout: four separate views of seats and demand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np

from layoutplan.balance import result_tables, zoned_tables
from layoutplan.balance.arcs import walks_of
from layoutplan.balance.assignment import StagePlacement
from layoutplan.balance.located import located
from layoutplan.balance.result import Balance
from layoutplan.balance.reuse import PlacedStages, known_years, with_known
from layoutplan.balance.stage_balance import StageTask, evaluate_stage, stage_task
from layoutplan.errors import FaultLog
from layoutplan.layouts.layout import Layout
from layoutplan.second_process import SecondProcess
from layoutplan.study import Study

PARALLEL_SIZE: Final = 10_000_000
"""Pairs × years from which a second process pays: about five seconds of work for one core."""


@dataclass
class _Count:
    """Counts the years placed over all stages and reports progress."""

    steps: int
    advanced: Callable[[int, int], None] | None
    done: int = 0

    def one_more(self) -> None:
        self.done += 1
        if self.advanced:
            self.advanced(self.done, self.steps)


def evaluate(study: Study, layout: Layout | None = None) -> Balance:
    """Evaluate a layout for every stage and year, in four separate views of seats and demand.

    1. **Enrolment and seats** of every school in the base year, including schools that do not count (table
       ``school_balance``: ``enrolment``, ``over_capacity``).
    2. **Demand and the seats of the own catchment** (tables ``catchment_balance``, ``district_balance``,
       ``city_balance``: ``seats``, ``demand``, ``shortfall``, ``surplus``);
       :mod:`layoutplan.balance.catchment_view` describes the partition.
    3. **Optimal assignment** of all pupils to counted seats within reach, irrespective of catchments:
       maximise the pupils served, then minimise the distance walked (``served``, ``unserved``, ``assigned``,
       walks). Where the layout permits boarding, pupils without a seat within reach may be placed in a school
       with beds in their district (``boarders``, :mod:`layoutplan.balance.boarding`).

    4. **As zoned** (tables ``zoned_city``, ``zoned_catchment``, ``zoned_school``): everyone at a school of
    the
       own catchment; overload by school, walks to it, pupils with another school than today, connected parts
       of catchments, schools outside the catchments they serve (:mod:`layoutplan.balance.zoned`).

    ``share_within_radius`` of an area is the share of its demand with a school (with counted seats in that
    year) within the profile's service radius, walking; ``share_within_circle`` the same in a straight line,
    as codes draw a service radius. ``share_within_radius`` of a school is the share of the pupils walking to
    it whose walk is within the radius. Mean walks of an area are over all its pupils
    (:class:`~layoutplan.balance.measures.GroupMeasures`); those of a school, and longest walks, are of the
    pupils who walk.

    Parameters
    ----------
    study
        Demand, city, standards and placement distances.
    layout
        Seats, catchments and walks; ``None`` for today's layout.

    Returns
    -------
    Balance
        Tables whose column ``layout`` is the layout's id; without rows where there is nothing to evaluate
        (no catchments, no districts).

    Raises
    ------
    ValueError
        If the layout's walks do not match the city's units and the layout's schools, in this order, or a
        stage has no placement distance.
    DefectError
        If a law of :func:`~layoutplan.balance.conservation.check_conservation` is violated.
    """
    with Evaluator(study) as evaluator:
        return evaluator.evaluate(layout or study.today)


class Evaluator:
    """Evaluates several layouts of one study.

    Years in which a layout equals today's are not placed again but take today's placement. Which of several
    optimal placements is found therefore depends on the study and the layout only, not on previous
    evaluations. For a large city the stages are shared with a second process. Use it as a context manager: on
    exit it stops the process and releases the placements, which are large for a large city.

    Parameters
    ----------
    study
        As in :func:`evaluate`.
    advanced
        Progress callback: receives the number of stage-years placed and their total.
    second_process
        A process that may be running already; it is stopped when the evaluator is closed.

    Attributes
    ----------
    placed_today
        The placements of today's layout, once it has been evaluated; set it to those of an earlier
        evaluation of the same study to take them over.
    """

    def __init__(
        self,
        study: Study,
        *,
        advanced: Callable[[int, int], None] | None = None,
        second_process: SecondProcess | None = None,
    ) -> None:
        self._study = study
        self._advanced = advanced
        self._second_process = second_process or SecondProcess(__name__)
        self.placed_today: PlacedStages = {}

    def __enter__(self) -> Self:
        """Return the evaluator."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the evaluator."""
        self.close()

    def close(self) -> None:
        """Stop the second process and release the placements."""
        self._second_process.stop()
        self.placed_today = {}

    def evaluate(self, layout: Layout) -> Balance:
        """Evaluate one layout; see :func:`evaluate`.

        Today's layout is evaluated first, unless it has been.

        Parameters
        ----------
        layout
            Layout to evaluate.

        Returns
        -------
        Balance
            Result tables of the layout.

        Raises
        ------
        ValueError, DefectError
            As :func:`evaluate`.
        """
        study, city = self._study, self._study.city
        _check(study, layout)
        if layout is not study.today and not self.placed_today:
            self.evaluate(study.today)
        log, walks = FaultLog(), walks_of(layout.walks)
        tasks = [stage_task(stage, study, layout, walks=walks, log=log) for stage in city.stages]
        count = _Count(len(city.stages) * len(city.years), self._advanced)
        placements = _placed(tasks, count, self._second_process, self.placed_today)
        if layout is study.today:
            self.placed_today = {one.stage: (one, how) for one, how in zip(tasks, placements, strict=True)}
        stages = [
            evaluate_stage(task, placement, study=study, layout=layout, walks=walks)
            for task, placement in zip(tasks, placements, strict=True)
        ]
        schools, catchments = layout.seats.schools.geometry, layout.zoning.catchments.geometry
        return Balance(
            schools=located(result_tables.school_table(stages, city, layout), schools, "school_id"),
            catchments=located(
                result_tables.catchment_table(stages, city, layout), catchments, "catchment_id"
            ),
            districts=located(
                result_tables.district_table(stages, city, layout), city.districts.geometry, "district_id"
            ),
            city=result_tables.city_table(stages, city, layout),
            units=located(result_tables.unit_table(stages, city, layout), city.units.geometry, "unit_id"),
            assignment=result_tables.assignment_table(stages, city, layout),
            zoned_city=zoned_tables.zoned_city_table(stages, city, layout),
            zoned_catchments=zoned_tables.zoned_catchment_table(stages, city, layout),
            zoned_schools=zoned_tables.zoned_school_table(stages, city, layout),
            notes=log.notes,
        )


def _check(study: Study, layout: Layout) -> None:
    walks = layout.walks
    if not (
        walks.origins.equals(study.city.units.index) and walks.destinations.equals(layout.seats.schools.index)
    ):
        raise ValueError("the walks of a layout must go from city.units to its schools, in their order")
    missing = [stage for stage in study.city.stages if stage not in study.reach_m]
    if missing:
        raise ValueError(f"reach_m has no placement distance for the stages {', '.join(missing)}")


def _placed(
    tasks: Sequence[StageTask], count: _Count, second_process: SecondProcess, placed: PlacedStages
) -> list[StagePlacement]:
    """Place every stage in the years that ``placed`` does not contain, and add those it does."""
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
        found.append(whole)
    return found


def _each_placed(
    tasks: Sequence[StageTask], count: _Count, second_process: SecondProcess
) -> list[StagePlacement]:
    """Place the stages one after the other or, for a large problem, on two cores, largest stage first.

    The solver holds the interpreter lock, so the second core needs a process of its own.
    """
    if sum(task.size for task in tasks) < PARALLEL_SIZE:
        return [task.place(count.one_more) for task in tasks]
    order = sorted(range(len(tasks)), key=lambda place: (-tasks[place].size, place))
    found = {}
    for place, placement in second_process.share(StageTask.place, [tasks[place] for place in order]):
        found[order[place]] = placement
        for _ in placement.years:
            count.one_more()
    return [found[place] for place in range(len(tasks))]
