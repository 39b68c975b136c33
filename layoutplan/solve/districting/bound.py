"""A lower bound of every plan's cost: the linear relaxation with capacity and with separators of contiguity.

Variables are the arcs that a plan cheaper than the best one known (``upper``) can use: an arc whose
reduced cost exceeds ``upper − bound`` is left out, so what is proven is ``min(upper, relaxation)``.
Separators are found by minimum cuts (:mod:`.separators`): for a unit ``y`` and a school ``q`` the largest
flow from the own unit of ``q`` to ``y`` through units of capacity ``x[., q]`` must carry ``x[y, q]``. In the
end the program is solved over whole units for as long as there is time; its own bound holds as well.

Where overload can not be avoided, plans with at most the overload of the plan found are bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.solve.districting.paths import within_seats, within_slack
from layoutplan.solve.districting.problem import DistrictingProblem, Marks
from layoutplan.solve.districting.program import chosen, solve_binary, solve_linear
from layoutplan.solve.districting.separators import Cut, cut_off_cuts, part_of, touched

_SCALE: Final = 1_000_000
_VIOLATED: Final = 0.01
_KEPT: Final = 6
"""Rounds for which an inequality may be slack before it is dropped."""
_TOLERANCE: Final = 1e-6
_SHAVED: Final = 1e-7
"""Share of the value that the solver's tolerances may have added to it."""


@dataclass
class Relaxation:
    """The relaxation of one problem, with what has been proven by it.

    Attributes
    ----------
    arc_cost, over_cost
        What is minimised: the cost of the arcs, or (0 and 1) the overload alone.
    upper, overload
        Worth of the best plan known, and its overload, which no plan considered may exceed.
    bound
        No such plan is worth less.
    usable
        Arcs that a plan cheaper than ``upper`` can use.
    settled
        Whether no inequality was broken any more.
    """

    problem: DistrictingProblem
    neighbours: Sequence[Sequence[int]]
    usable: Marks
    arc_cost: FloatArray
    over_cost: float
    upper: float
    overload: float
    bound: float = -np.inf
    cuts: dict[Cut, int] = field(default_factory=dict)
    settled: bool = False

    def advance(self, *, rounds: int, left_s: Callable[[], float]) -> None:
        """Solve the relaxation and add what it breaks, some times."""
        for _ in range(rounds):
            if self.settled or left_s() <= 0:
                return
            values = self._linear(left_s())
            if values is None:
                return
            found = self._separated(values)
            for cut in found:
                self.cuts.setdefault(cut, _KEPT)
            self.settled = not found

    def tighten(self, upper: float, *, rounds: int, left_s: Callable[[], float]) -> None:
        """Take over the cost of a better plan: fewer arcs stay usable."""
        self.upper, self.settled = upper, False
        self.advance(rounds=rounds, left_s=left_s)

    def arcs(self) -> IntArray:
        """Return the places of the usable arcs."""
        return np.flatnonzero(self.usable)

    def rows(self, arcs: IntArray) -> tuple[csr_array, FloatArray, FloatArray]:
        """Return matrix and limits over arcs, then one column of overload a school and demand column."""
        problem, columns = self.problem, self.problem.demand.shape[1]
        unit, school = problem.arc_unit[arcs], problem.arc_school[arcs]
        count, units, schools = len(arcs), problem.units, problem.schools
        every = np.arange(count)
        rows, places, values = [unit], [every], [np.ones(count)]
        slack = count + np.arange(schools * columns)
        for column in range(columns):
            at = units + column * schools
            rows += [at + school, at + np.arange(schools)]
            places += [every, slack[column * schools : (column + 1) * schools]]
            values += [problem.demand[unit, column], -np.ones(schools)]
        at = units + columns * schools
        rows.append(np.full(len(slack), at))
        places.append(slack)
        values.append(np.ones(len(slack)))
        at += 1
        column_of = np.full(len(problem.arc_school), -1, dtype=np.int64)
        column_of[arcs] = every
        for (q, y, separator), place in zip(self.cuts, range(at, at + len(self.cuts)), strict=True):
            inside = self._columns(column_of, (y, *separator), q)
            if inside[0] < 0:
                continue
            used = inside[inside >= 0]
            rows.append(np.full(len(used), place))
            places.append(used)
            values.append(np.concatenate([[1.0], -np.ones(len(used) - 1)]))
        at += len(self.cuts)
        low, high = np.full(at, -np.inf), np.zeros(at)
        low[:units] = high[:units] = 1.0
        high[units : units + columns * schools] = problem.capacity.T.ravel()
        high[units + columns * schools] = self.overload
        entries = (np.concatenate(values), (np.concatenate(rows), np.concatenate(places)))
        return csr_array(entries, shape=(at, count + len(slack))), low, high

    def _columns(self, column_of: IntArray, units: tuple[int, ...], school: int) -> IntArray:
        problem = self.problem
        found = np.full(len(units), -1, dtype=np.int64)
        for place, unit in enumerate(units):
            low, high = problem.arc_first[unit], problem.arc_first[unit + 1]
            arc = low + int(np.searchsorted(problem.arc_school[low:high], school))
            if arc < high and problem.arc_school[arc] == school:
                found[place] = column_of[arc]
        return found

    def _linear(self, time_s: float) -> FloatArray | None:
        """Solve the linear program; take over its bound and leave out arcs that are too dear."""
        problem, arcs = self.problem, self.arcs()
        matrix, low, high = self.rows(arcs)
        equal = np.isfinite(low)
        over = matrix.shape[1] - len(arcs)
        cost = np.concatenate([self.arc_cost[arcs], np.full(over, self.over_cost)])
        upper = np.concatenate([np.ones(len(arcs)), np.full(over, np.inf if self.overload > 0 else 0.0)])
        found = solve_linear(
            cost,
            matrix[equal],
            right=high[equal],
            below=matrix[~equal],
            limit=high[~equal],
            upper=upper,
            time_s=time_s,
        )
        if isinstance(found, bool):
            if not found:
                self.bound, self.settled = self.upper, True
            return None
        self.prove(found.cost - _SHAVED * abs(found.cost))
        self._prune_cuts(found.slack[len(found.slack) - len(self.cuts) :])
        reduced = np.zeros(len(problem.arc_cost))
        reduced[arcs] = found.reduced[: len(arcs)]
        slack = max(self.upper - found.cost, 0.0) + _TOLERANCE * abs(found.cost)
        if np.isfinite(slack):
            self.usable = within_slack(problem, self.usable, reduced, slack=slack)
        values = np.zeros(len(problem.arc_cost))
        values[arcs] = found.values[: len(arcs)]
        return values

    def prove(self, value: float) -> None:
        """Raise the bound, never above the cost of the plan known."""
        self.bound = max(self.bound, min(value, self.upper))

    def _prune_cuts(self, slack: FloatArray) -> None:
        """Drop inequalities that have been slack for some rounds."""
        for cut, room in zip(list(self.cuts), slack.tolist(), strict=True):
            if room > _TOLERANCE:
                self.cuts[cut] -= 1
                if self.cuts[cut] <= 0:
                    del self.cuts[cut]

    def _separated(self, values: FloatArray) -> list[Cut]:
        """Return inequalities that the values break, by school."""
        problem = self.problem
        cuts: list[Cut] = []
        arcs = self.arcs()
        order = arcs[np.argsort(problem.arc_school[arcs], kind="stable")]
        ends = np.searchsorted(problem.arc_school[order], np.arange(problem.schools + 1))
        for school in range(problem.schools):
            mine = order[ends[school] : ends[school + 1]]
            share = dict(zip(problem.arc_unit[mine].tolist(), values[mine].tolist(), strict=True))
            cuts += self._of_school(school, share)
        return cuts

    def broken_by(self, plan: IntArray) -> list[Cut]:
        """Return inequalities that a plan of whole units breaks."""
        arcs = self.arcs()
        cuts: list[Cut] = []
        for school in range(self.problem.schools):
            allowed = set(self.problem.arc_unit[arcs[self.problem.arc_school[arcs] == school]].tolist())
            members = set(np.flatnonzero(plan == school).tolist())
            own = int(self.problem.own[school])
            cuts += cut_off_cuts(self.neighbours, school, own, members=members, allowed=allowed)
        return cuts

    def _of_school(self, school: int, share: dict[int, float]) -> list[Cut]:
        own = int(self.problem.own[school])
        support = {unit for unit, part in share.items() if part > _TOLERANCE} | {own}
        joined = part_of(self.neighbours, own, support)
        cuts = cut_off_cuts(self.neighbours, school, own, members=support, allowed=share.keys())
        inside = sorted(joined)
        place = {unit: k for k, unit in enumerate(inside)}
        near = {own, *self.neighbours[own]}
        flow = _Flow(self.neighbours, inside, place, share)
        for unit in inside:
            part = share.get(unit, 0.0)
            if unit in near or part < _VIOLATED:
                continue
            reached = flow.short(place[own], place[unit], part)
            if reached is None:
                continue
            passed, met = reached
            edge = met | {v for k in passed for v in self.neighbours[k] if v in share and v not in place}
            edge.discard(unit)
            separator = touched(self.neighbours, unit, edge=edge, allowed=share.keys())
            cuts.append((school, unit, separator))
        return cuts


class _Flow:
    """Unit capacities of one school as a graph of split nodes."""

    def __init__(
        self,
        neighbours: Sequence[Sequence[int]],
        inside: list[int],
        place: dict[int, int],
        share: dict[int, float],
    ) -> None:
        size = len(inside)
        start = [2 * k for k in range(size)]
        end = [2 * k + 1 for k in range(size)]
        room = [round(share.get(unit, 1.0) * _SCALE) for unit in inside]
        for k, unit in enumerate(inside):
            for other in neighbours[unit]:
                if other in place:
                    start.append(2 * k + 1)
                    end.append(2 * place[other])
                    room.append(2 * _SCALE)
        self._inside = inside
        self._graph = csr_array((np.array(room, dtype=np.int32), (start, end)), shape=(2 * size, 2 * size))

    def short(self, source: int, target: int, wanted: float) -> tuple[list[int], set[int]] | None:
        """Return the units the source reaches, and those it can not pass, if too little flows."""
        found = maximum_flow(self._graph, 2 * source + 1, 2 * target)
        if found.flow_value >= (wanted - _VIOLATED) * _SCALE:
            return None
        rest: Any = self._graph - found.flow
        rest.data[rest.data < 0] = 0
        rest.eliminate_zeros()
        reached = breadth_first_order(rest, 2 * source + 1, return_predecessors=False)
        whole = {int(node) // 2 for node in reached if node % 2 == 1}
        met = {int(node) // 2 for node in reached if node % 2 == 0} - whole
        return sorted(self._inside[k] for k in whole), {self._inside[k] for k in met}


def whole_plan(relaxation: Relaxation, *, nodes: int, left_s: Callable[[], float]) -> IntArray | None:
    """Solve the relaxation over whole units; return a better plan if one comes out.

    Every solve proves a bound. Where its plan is cut off somewhere, separators are added and it is solved
    again, until the time is used up.
    """
    problem = relaxation.problem
    while True:
        arcs = relaxation.arcs()
        matrix, low, high = relaxation.rows(arcs)
        free = matrix.shape[1] - len(arcs)
        if relaxation.overload <= 0:
            matrix, free = matrix[:, : len(arcs)], 0
        cost = np.concatenate([relaxation.arc_cost[arcs], np.full(free, relaxation.over_cost)])
        answer = solve_binary(
            cost, matrix, (low, high), nodes=nodes, time_s=left_s(), gap=_SHAVED, continuous=free
        )
        if answer.none_exists:
            relaxation.prove(np.inf)
            return None
        if np.isfinite(answer.bound):
            relaxation.prove(answer.bound - _SHAVED * abs(answer.bound))
        if answer.values is None:
            return None
        plan = np.full(problem.units, -1, dtype=np.int64)
        on = arcs[chosen(answer.values[: len(arcs)])]
        plan[problem.arc_unit[on]] = problem.arc_school[on]
        broken = relaxation.broken_by(plan)
        if not broken:
            return plan
        relaxation.cuts.update(dict.fromkeys(broken, _KEPT))


def cost_relaxation(
    problem: DistrictingProblem,
    neighbours: Sequence[Sequence[int]],
    usable: Marks,
    *,
    upper: float,
    overload: float,
) -> Relaxation:
    """Return the relaxation that bounds the cost of plans with at most this overload."""
    usable = within_seats(problem, usable, overload=overload)
    return Relaxation(problem, neighbours, usable, problem.arc_cost, 0.0, upper, overload)


def overload_relaxation(
    problem: DistrictingProblem, neighbours: Sequence[Sequence[int]], *, overload: float
) -> Relaxation:
    """Return the relaxation that bounds the overload."""
    every = np.ones(len(problem.arc_cost), dtype=bool)
    zero = np.zeros_like(problem.arc_cost)
    return Relaxation(problem, neighbours, every, zero, 1.0, overload, overload)
