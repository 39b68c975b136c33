"""The planner's question as a districting problem: blocks of units, arcs to zones, costs, the graph."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from typing import Final

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from layoutplan.arrays import BoolArray, FloatArray, IntArray
from layoutplan.errors import FaultLog
from layoutplan.layouts.layout import Layout
from layoutplan.solve.districting import DistrictingProblem, districting_problem
from layoutplan.study import Study
from layoutplan.texts import rounded
from layoutplan.zoning.arcs import Arcs, Permits, completed, open_arcs, permitted_pairs
from layoutplan.zoning.connected import connected_division
from layoutplan.zoning.grades import GradeColumns, grade_columns
from layoutplan.zoning.request import locked_units
from layoutplan.zoning.zones import Zones

_NOBODY: Final = 0.05
"""Pupils that a unit without pupils counts as in costs, so that it too is drawn sensibly."""
_COMPACT: Final = 1e-3
"""Cost per metre of straight line to the own unit, beside a metre walked: the last tie-break."""


@dataclass(frozen=True)
class StageProblem:
    """One stage to be divided.

    Attributes
    ----------
    zones
        The zones.
    block
        Units: the block that each belongs to; blocks are divided, units never.
    moving
        Units × years: pupils who go where the unit goes; the others stay at today's school.
    arcs
        Walks from units to zones that are open to them.
    weight
        Units: pupils that costs count, the mean of the years.
    problem
        Blocks as units, zones as schools. Cost is pupil-metres, with the price of moves and the tie-break.
    start
        Blocks: a connected division, capacity not regarded.
    exclaves
        Units joined to the nearest one because the adjacency leaves them no way to any school.
    stay
        Zones × columns: pupils who stay at today's school.
    straight
        Arcs: straight line from the unit to the zone's own unit, metres.
    grades
        Further columns of ``problem``, for sets of grades that some schools do not teach.
    """

    zones: Zones
    block: IntArray
    moving: FloatArray
    arcs: Arcs
    weight: FloatArray
    problem: DistrictingProblem
    start: IntArray
    exclaves: IntArray
    stay: FloatArray
    straight: FloatArray
    grades: GradeColumns

    @property
    def column_years(self) -> tuple[int, ...]:
        """The school year of each column: the years, and again for each set of grades."""
        years = self.zones.years
        return years * (1 + self.grades.count // len(years))

    @property
    def moving_by_column(self) -> FloatArray:
        """Pupils who go where the unit goes, units × columns."""
        return np.hstack([self.moving, self.grades.pupils(self.moving)])

    @property
    def seats_by_column(self) -> FloatArray:
        """All seats, zones × columns."""
        return np.hstack([self.zones.seats, self.grades.seats])

    def most_over(self, over: FloatArray) -> FloatArray:
        """Return the pupils above the seats by year: most of the columns of the year, zones × years.

        Parameters
        ----------
        over
            Zones × columns.
        """
        years = len(self.zones.years)
        return np.asarray(over.reshape(len(over), -1, years).max(axis=1))

    def compactness(self, zone: IntArray) -> float:
        """Return the tie-break of a division: its part of the cost.

        Parameters
        ----------
        zone
            Units: the zone of each.

        Returns
        -------
        float
            Pupil-metres.
        """
        place = self.arc_at(zone)
        return float((_COMPACT * self.weight * self.straight[place]).sum())

    def arc_at(self, zone: IntArray) -> IntArray:
        """Return the arc of each unit to its zone.

        Parameters
        ----------
        zone
            Units: the zone of each.

        Returns
        -------
        array of int
            Positions in ``arcs``.
        """
        size = len(self.zones.zones)
        key = self.arcs.unit * size + self.arcs.zone
        return np.searchsorted(key, np.arange(len(zone)) * size + zone)


def stage_problem(
    study: Study, layout: Layout, zones: Zones, held: pd.DataFrame, *, price_m: float, log: FaultLog
) -> StageProblem:
    """Return the districting problem of a stage.

    Parameters
    ----------
    study
        Demand, adjacency, and ``[zoning]`` of the plan.
    layout
        Walks.
    zones
        The zones, without faults (:func:`~layoutplan.zoning.request.zones_to_redraw`).
    held
        Units × stages: catchments, of the stages already divided the new ones; for the feeder map.
    price_m
        Metres of walking that a pupil with another school is counted as.
    log
        Receives warnings of units larger than any school and of locked units above the seats, and exclaves.

    Returns
    -------
    StageProblem
        Its arcs go to zones within the walk limit, to today's zone and to the nearest zone, and to farther
        ones where no connected division exists without them.
    """
    moving, locked = _moving(study, zones), locked_units(study, zones)
    units = len(zones.today)
    block = _blocks(study, zones) if study.plan.zoning.whole_areas else np.arange(units, dtype=np.int64)
    permits = permitted_pairs(study, zones, held, locked=locked)
    near = open_arcs(study, layout, zones, permits)
    none: IntArray = np.zeros(0, dtype=np.int64)
    edges = np.concatenate([block[study.adjacency.edges], _within_zones(zones, block)])
    grades = grade_columns(study, layout, zones)
    one = _Stage(study, layout, zones, block, moving, near, permits, price_m, grades)
    arcs, problem = one.problem((none, none), edges)
    first = connected_division(
        problem,
        _of_blocks(zones.today, block),
        np.asarray(study.city.units.geometry.array, dtype=object)[np.unique(block, return_index=True)[1]],
        permits=cache(partial(_permitted_zones, block, len(zones.zones), permits)),
    )
    if len(first.beyond[0]) or len(first.bridges):
        arcs, problem = one.problem(first.beyond, np.concatenate([edges, first.bridges]))
    exclaves = np.flatnonzero(np.isin(block, first.exclaves))
    _report(study, zones, problem, block, exclaves, locked=locked, moving=moving, log=log)
    return StageProblem(
        zones=zones,
        block=block,
        moving=moving,
        arcs=arcs,
        weight=one.weight,
        problem=problem,
        start=first.zone,
        exclaves=exclaves,
        stay=one.stay,
        straight=one.straight(arcs),
        grades=grades,
    )


@dataclass(frozen=True)
class _Stage:
    """What the problem of a stage is made of."""

    study: Study
    layout: Layout
    zones: Zones
    block: IntArray
    moving: FloatArray
    near: Arcs
    permits: Permits
    price_m: float
    grades: GradeColumns

    @property
    def weight(self) -> FloatArray:
        return np.asarray(np.maximum(self.moving.mean(axis=1), _NOBODY))

    @property
    def stay(self) -> FloatArray:
        zones = self.zones
        pupils = self.study.demand.pupils[zones.stage].to_numpy(dtype=float)[:, zones.columns]
        by_year, held = pupils - self.moving, zones.today >= 0
        by_unit = np.hstack([by_year, self.grades.pupils(by_year)])
        stay = np.zeros((len(zones.zones), by_unit.shape[1]))
        np.add.at(stay, zones.today[held], by_unit[held])
        return stay

    def straight(self, arcs: Arcs) -> FloatArray:
        points = np.asarray(self.study.city.units.geometry.array, dtype=object)
        own = points[self.zones.own[arcs.zone]]
        return np.asarray(shapely.distance(points[arcs.unit], own), dtype=np.float64)

    def problem(self, extra: tuple[IntArray, IntArray], edges: IntArray) -> tuple[Arcs, DistrictingProblem]:
        """Return the arcs of the units, and the problem of the blocks with extra arcs of blocks."""
        zones, block = self.zones, self.block
        arcs = completed(self.study, self.layout, zones, block, self.near, extra=extra, permits=self.permits)
        moved = (zones.today[arcs.unit] >= 0) & (zones.today[arcs.unit] != arcs.zone)
        cost = self.weight[arcs.unit] * (arcs.metres + self.price_m * moved + _COMPACT * self.straight(arcs))
        sums = pd.Series(cost).groupby([block[arcs.unit], arcs.zone], sort=True).sum()
        ends = [sums.index.get_level_values(level).to_numpy(np.int64) for level in (0, 1)]
        moving = np.hstack([self.moving, self.grades.pupils(self.moving)])
        demand = np.zeros((int(block.max(initial=-1)) + 1, moving.shape[1]))
        np.add.at(demand, block, moving)
        problem = districting_problem(
            demand,
            np.maximum(np.hstack([zones.seats, self.grades.seats]) - self.stay, 0.0),
            own=block[zones.own],
            arcs=(ends[0], ends[1], sums.to_numpy(dtype=float)),
            edges=edges,
            locked=_fixed(zones, block, len(demand)),
        )
        return arcs, problem


def _of_blocks(today: IntArray, block: IntArray) -> IntArray:
    """Return today's zone of each block, that of its first unit."""
    return today[np.unique(block, return_index=True)[1]]


def _permitted_zones(block: IntArray, size: int, permits: Permits, one: int) -> BoolArray:
    """Return the zones that are permitted to every unit of a block."""
    members = np.flatnonzero(block == one)
    marks = permits(np.repeat(members, size), np.tile(np.arange(size), len(members)))
    return np.asarray(marks.reshape(len(members), size).all(axis=0))


def _moving(study: Study, zones: Zones) -> FloatArray:
    """Return the pupils of each unit and year who go where the unit goes.

    Where only entry grades move, those who were there the year before stay until they leave; the grades are
    taken to be of equal size, and a unit has no more pupils who stay than it had pupils then.
    """
    frame, settings = study.demand.pupils[zones.stage], study.plan.zoning
    pupils = frame.to_numpy(dtype=float)[:, zones.columns]
    if settings.movers == "all":
        return pupils
    first, last = study.profile.at(study.base_year).ages(zones.stage)
    grades = max(1.0, last - first + 1)
    start = entry_year(study)
    left = 1 - np.clip(np.array(zones.years) - start + 1, 0, grades) / grades
    there = frame[max(start - 1, study.base_year)].to_numpy(dtype=float)[:, None]
    stay = np.where((zones.today >= 0)[:, None], np.minimum(pupils, there) * left, 0.0)
    return np.asarray(pupils - stay)


def entry_year(study: Study) -> int:
    """Return the first school year whose entry grade goes by the new catchments.

    Parameters
    ----------
    study
        The plan.

    Returns
    -------
    int
        ``from_year`` of ``[zoning]``, else the year after the base year.
    """
    start = study.plan.zoning.from_year
    return study.base_year + 1 if start is None else start


def _blocks(study: Study, zones: Zones) -> IntArray:
    """Return the block of each unit: the connected units of an area that belong to one zone today.

    An area in which several zones have a unit of their own is not kept together.
    """
    count = len(zones.today)
    area, _ = pd.factorize(study.city.units["area_id"])
    owned: dict[int, set[int]] = {}
    for place, zone in enumerate(zones.zones):
        for unit in zone.units:
            owned.setdefault(int(area[unit]), set()).add(place)
    loose = np.isin(area, [one for one, owners in owned.items() if len(owners) > 1])
    one, other = study.adjacency.edges.T
    together = (area[one] == area[other]) & (zones.today[one] == zones.today[other]) & ~loose[one]
    graph = csr_array((np.ones(int(together.sum())), (one[together], other[together])), shape=(count, count))
    return connected_components(graph, directed=False)[1].astype(np.int64)


def _within_zones(zones: Zones, block: IntArray) -> IntArray:
    """Return edges between the schools' units of one zone: it need not touch itself there."""
    pairs = [(zone.units[0], other) for zone in zones.zones for other in zone.units[1:]]
    return block[np.array(pairs, dtype=np.int64).reshape(-1, 2)]


def _fixed(zones: Zones, block: IntArray, count: int) -> IntArray:
    fixed = np.full(count, -1, dtype=np.int64)
    for place, zone in enumerate(zones.zones):
        fixed[block[list(zone.units)]] = place
    return fixed


def _report(
    study: Study,
    zones: Zones,
    problem: DistrictingProblem,
    block: IntArray,
    exclaves: IntArray,
    *,
    locked: BoolArray,
    moving: FloatArray,
    log: FaultLog,
) -> None:
    """Say what no redraw can mend: blocks larger than any school, locked units above the seats, exclaves."""
    names = study.city.units["name"].astype(str).to_numpy()
    most = np.zeros_like(problem.demand)
    np.maximum.at(most, problem.arc_unit, problem.capacity[problem.arc_school])
    large = np.flatnonzero((problem.demand > most + 1e-9).any(axis=1))
    if len(large):
        shown = [names[np.flatnonzero(block == one)[0]] for one in large[:5]]
        pupils = (problem.demand - most)[large].max(axis=1).sum()
        log.add(
            "zoning_unit_too_large",
            severity="warning",
            stage=zones.stage,
            count=len(large),
            names=", ".join(shown),
            pupils=f"{rounded(pupils):,.0f}",
        )
    held = np.zeros_like(zones.seats)
    np.add.at(held, zones.today[locked], moving[locked])
    over = (held - problem.capacity[:, : len(zones.years)]).max(axis=1, initial=0.0)
    full = np.flatnonzero(over > 0.5)  # noqa: PLR2004  half a pupil
    if len(full):
        log.add(
            "zoning_locked_over_capacity",
            severity="warning",
            stage=zones.stage,
            catchments=", ".join(f"{zones.zones[one].name} ({rounded(over[one]):,.0f})" for one in full),
        )
    if len(exclaves):
        log.add(
            "zoning_exclaves",
            severity="notice",
            stage=zones.stage,
            count=len(exclaves),
            names=", ".join(names[exclaves[:5]]) + (" …" if len(exclaves) > 5 else ""),  # noqa: PLR2004
        )
