"""The districting problem as a value: units, schools, arcs, and the graph in which districts are connected.

Every unit is assigned to one school (single source); every district is connected and contains its school's
own unit; and the demand of a district is within the capacity in every column (years, grade groups). A zone of
several schools is represented as one school: its seats are summed, one of the own units is the ``own`` unit,
and the others are ``locked`` to it; edges between them allow a zone to have several components.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from layoutplan.arrays import BoolArray, FloatArray, IntArray

_Positions = Sequence[int] | npt.NDArray[np.integer[Any]]


class DistrictingInputError(ValueError):
    """The arrays do not define a problem; ``units`` and ``schools`` are the positions concerned."""

    def __init__(self, message: str, *, units: _Positions = (), schools: _Positions = ()) -> None:
        super().__init__(message)
        self.units = tuple(np.asarray(units, dtype=np.int64).tolist())
        self.schools = tuple(np.asarray(schools, dtype=np.int64).tolist())


class ShapeError(DistrictingInputError):
    """Arrays whose sizes do not fit together, or numbers that are negative, not finite or out of range."""


class SchoolWithoutUnitError(DistrictingInputError):
    """Schools outside every unit: no district can contain them."""


class SharedUnitError(DistrictingInputError):
    """Schools with the same own unit: a unit cannot belong to two districts (merge them into one zone)."""


class LockedUnitError(DistrictingInputError):
    """Own units that are locked to another school."""


@dataclass(frozen=True, eq=False)
class DistrictingProblem:
    """Units, schools and arcs; see :func:`districting_problem`, which checks and sorts.

    Attributes
    ----------
    demand
        Pupils, shape (units, columns).
    capacity
        Seats, shape (schools, columns).
    own
        Unit that must belong to each school's district, shape (schools,).
    locked
        School that each unit must be assigned to, or -1, shape (units,).
    arc_first, arc_school, arc_cost
        Permitted assignments in compressed form, sorted by unit and school: first arc of each unit, school
        and cost of each arc (for example metres x pupils).
    edge_first, edge_to
        Neighbours of each unit in compressed form, both directions.
    """

    demand: FloatArray
    capacity: FloatArray
    own: IntArray
    locked: IntArray
    arc_first: IntArray
    arc_school: IntArray
    arc_cost: FloatArray
    edge_first: IntArray
    edge_to: IntArray

    @property
    def units(self) -> int:
        """Number of units."""
        return len(self.demand)

    @property
    def schools(self) -> int:
        """Number of schools."""
        return len(self.capacity)

    @cached_property
    def arc_unit(self) -> IntArray:
        """The unit of each arc."""
        return np.repeat(np.arange(self.units, dtype=np.int64), np.diff(self.arc_first))

    @cached_property
    def edge_from(self) -> IntArray:
        """The unit at the beginning of each directed edge."""
        return np.repeat(np.arange(self.units, dtype=np.int64), np.diff(self.edge_first))

    def cost_of(self, assignment: IntArray) -> FloatArray:
        """Return the cost of each unit's arc.

        Parameters
        ----------
        assignment
            School of each unit, shape (units,); -1 for none.

        Returns
        -------
        FloatArray
            Shape (units,); inf where the unit has no arc to its school.
        """
        key = self.arc_unit * self.schools + self.arc_school
        wanted = np.arange(self.units, dtype=np.int64) * self.schools + assignment
        place = np.searchsorted(key, wanted)
        known = (assignment >= 0) & (place < len(key))
        known[known] = key[place[known]] == wanted[known]
        cost = np.full(self.units, np.inf)
        cost[known] = self.arc_cost[place[known]]
        return cost

    def load_of(self, assignment: IntArray) -> FloatArray:
        """Return the demand assigned to each school.

        Parameters
        ----------
        assignment
            School of each unit, shape (units,); -1 for none.

        Returns
        -------
        FloatArray
            Pupils, shape (schools, columns).
        """
        load = np.zeros_like(self.capacity)
        placed = assignment >= 0
        np.add.at(load, assignment[placed], self.demand[placed])
        return load

    def restricted(self, arcs: BoolArray) -> DistrictingProblem:
        """Return the problem with some of its arcs only.

        Parameters
        ----------
        arcs
            Mask of the arcs to keep, shape (arcs,).

        Returns
        -------
        DistrictingProblem
            Units, schools and edges are unchanged.
        """
        count = np.bincount(self.arc_unit[arcs], minlength=self.units)
        return DistrictingProblem(
            demand=self.demand,
            capacity=self.capacity,
            own=self.own,
            locked=self.locked,
            arc_first=np.concatenate([[0], np.cumsum(count)]).astype(np.int64),
            arc_school=self.arc_school[arcs],
            arc_cost=self.arc_cost[arcs],
            edge_first=self.edge_first,
            edge_to=self.edge_to,
        )


def districting_problem(
    demand: npt.ArrayLike,
    capacity: npt.ArrayLike,
    *,
    own: npt.ArrayLike,
    arcs: tuple[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike],
    edges: npt.ArrayLike,
    locked: npt.ArrayLike | None = None,
) -> DistrictingProblem:
    """Check the arrays of a districting problem and return it.

    Parameters
    ----------
    demand
        Pupils, shape (units,) or (units, columns), not negative.
    capacity
        Seats, shape (schools,) or (schools, columns), not negative.
    own
        Unit in which each school is located, shape (schools,); -1 (outside every unit) is refused.
    arcs
        Unit, school and cost of each permitted assignment, in any order; see :func:`dense_arcs`. An own unit
        needs an arc to its school.
    edges
        Pairs of neighbouring units, each once or twice, in any order, shape (edges, 2).
    locked
        School that each unit must be assigned to, or -1, shape (units,). Own units need not be listed.

    Returns
    -------
    DistrictingProblem
        The checked problem.

    Raises
    ------
    ShapeError, SchoolWithoutUnitError, SharedUnitError, LockedUnitError
        With the positions concerned. That no districting exists is an outcome of the solve instead.
    """
    pupils, seats = _columns(demand), _columns(capacity)
    places = np.asarray(own, dtype=np.int64).ravel()
    fixed = np.full(len(pupils), -1, dtype=np.int64) if locked is None else np.array(locked, dtype=np.int64)
    unit, school = (np.asarray(part, dtype=np.int64).ravel() for part in arcs[:2])
    cost = np.asarray(arcs[2], dtype=np.float64).ravel()
    pairs = np.asarray(edges, dtype=np.int64).reshape(-1, 2)
    _check_shapes(pupils, seats, places, fixed)
    _check_arcs((unit, school, cost), len(pupils), len(seats))
    if pairs.size and (pairs.min() < 0 or pairs.max() >= len(pupils)):
        wrong = pairs[((pairs < 0) | (pairs >= len(pupils))).any(axis=1)]
        raise ShapeError("edges name units that do not exist", units=wrong.ravel().tolist())
    _check_own(places, fixed, len(pupils))
    order = np.lexsort((school, unit))
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    both = np.unique(np.concatenate([pairs, pairs[:, ::-1]]), axis=0)
    return DistrictingProblem(
        demand=pupils,
        capacity=seats,
        own=places,
        locked=fixed,
        arc_first=_starts(unit, len(pupils)),
        arc_school=school[order],
        arc_cost=cost[order],
        edge_first=_starts(both[:, 0], len(pupils)),
        edge_to=np.ascontiguousarray(both[:, 1]),
    )


def dense_arcs(
    cost: npt.ArrayLike, mask: npt.ArrayLike | None = None
) -> tuple[IntArray, IntArray, FloatArray]:
    """Return the arcs of a cost matrix.

    Parameters
    ----------
    cost
        Cost of each assignment, shape (units, schools); an infinite or nan cost forbids it.
    mask
        Permitted assignments, shape (units, schools); default: all.

    Returns
    -------
    tuple of IntArray, IntArray, FloatArray
        Unit, school and cost of each arc, as :func:`districting_problem` takes them.
    """
    matrix = np.asarray(cost, dtype=np.float64)
    permitted = np.isfinite(matrix) if mask is None else np.asarray(mask, dtype=bool) & np.isfinite(matrix)
    unit, school = np.nonzero(permitted)
    return unit.astype(np.int64), school.astype(np.int64), matrix[unit, school]


def reachable_arcs(problem: DistrictingProblem) -> tuple[BoolArray, BoolArray]:
    """Return the arcs that a connected district can use, and the units without any.

    A unit can be assigned to a school only along units that can be assigned to it as well. An arc is unusable
    if the unit is not connected to the school's own unit through units with arcs to the school that are
    neither locked to another school nor the own unit of one.

    Parameters
    ----------
    problem
        The problem.

    Returns
    -------
    usable : BoolArray
        Mask of the arcs, shape (arcs,).
    unreachable : BoolArray
        Units without a usable arc, shape (units,).
    """
    target = problem.locked.copy()
    target[problem.own] = np.arange(problem.schools)
    unit, school = problem.arc_unit, problem.arc_school
    usable = (target[unit] < 0) | (target[unit] == school)
    place = np.full(problem.units, -1, dtype=np.int64)
    by_school = np.argsort(school, kind="stable")
    ends = np.searchsorted(school[by_school], np.arange(problem.schools + 1))
    graph = csr_array(
        (np.ones(len(problem.edge_to), dtype=np.int8), problem.edge_to, problem.edge_first),
        shape=(problem.units, problem.units),
    )
    for j in range(problem.schools):
        mine = by_school[ends[j] : ends[j + 1]]
        mine = mine[usable[mine]]
        members = unit[mine]
        place[members] = np.arange(len(members))
        if place[problem.own[j]] < 0:
            usable[mine] = False
        else:
            _, part = connected_components(graph[members][:, members], directed=False)
            usable[mine[part != part[place[problem.own[j]]]]] = False
        place[members] = -1
    served = np.zeros(problem.units, dtype=bool)
    served[unit[usable]] = True
    return usable, ~served


def _columns(values: npt.ArrayLike) -> FloatArray:
    array = np.array(values, dtype=np.float64)
    return np.ascontiguousarray(array[:, None] if array.ndim == 1 else array)


def _starts(sorted_or_not: IntArray, count: int) -> IntArray:
    sizes = np.bincount(sorted_or_not, minlength=count)
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


def _check_shapes(demand: FloatArray, capacity: FloatArray, own: IntArray, locked: IntArray) -> None:
    if demand.ndim != 2 or capacity.ndim != 2 or demand.shape[1] != capacity.shape[1] or demand.shape[1] == 0:  # noqa: PLR2004
        raise ShapeError("demand and capacity need the same columns, at least one")
    if len(capacity) == 0:
        raise ShapeError("there is no school")
    if len(own) != len(capacity) or locked.shape != (len(demand),):
        raise ShapeError("one own unit a school, one lock a unit")
    bad = np.flatnonzero(~(np.isfinite(demand) & (demand >= 0)).all(axis=1))
    worse = np.flatnonzero(~(np.isfinite(capacity) & (capacity >= 0)).all(axis=1))
    if len(bad) or len(worse):
        raise ShapeError("demand and capacity are finite and not negative", units=bad, schools=worse)
    outside = np.flatnonzero((locked < -1) | (locked >= len(capacity)))
    if len(outside):
        raise ShapeError("units locked to schools that do not exist", units=outside)


def _check_arcs(arcs: tuple[IntArray, IntArray, FloatArray], units: int, schools: int) -> None:
    unit, school, cost = arcs
    if not len(unit) == len(school) == len(cost):
        raise ShapeError("unit, school and cost of each arc")
    bad = (unit < 0) | (unit >= units) | (school < 0) | (school >= schools) | ~np.isfinite(cost)
    if bad.any():
        raise ShapeError("arcs out of range or without a finite cost", units=unit[bad], schools=school[bad])
    key = np.sort(unit * schools + school)
    twice = np.unique(key[1:][key[1:] == key[:-1]])
    if len(twice):
        raise ShapeError("arcs given twice", units=twice // schools, schools=twice % schools)


def _check_own(own: IntArray, locked: IntArray, units: int) -> None:
    outside = np.flatnonzero((own < 0) | (own >= units))
    if len(outside):
        raise SchoolWithoutUnitError("schools outside every unit", schools=outside)
    order = np.argsort(own, kind="stable")
    same = np.flatnonzero(np.diff(own[order]) == 0)
    if len(same):
        both = np.unique(np.concatenate([order[same], order[same + 1]]))
        raise SharedUnitError("schools in the same unit", units=np.unique(own[both]), schools=both)
    elsewhere = np.flatnonzero((locked[own] >= 0) & (locked[own] != np.arange(len(own))))
    if len(elsewhere):
        raise LockedUnitError("own units locked to another school", units=own[elsewhere], schools=elsewhere)
