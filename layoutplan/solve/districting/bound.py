"""A lower bound of the cost: the linear relaxation with capacities and contiguity inequalities.

Variables are the arcs that a solution cheaper than the best known one (``cutoff``) can use: an arc whose
reduced cost exceeds ``cutoff − bound`` is eliminated, so the proven bound is ``min(cutoff, relaxation)``.
Violated inequalities are added (:mod:`.separation`). Finally the integer program is solved in the remaining
time; its bound is valid as well.

If overload is unavoidable, the bound is over solutions with at most the overload of the best one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from scipy.sparse import csr_array

from layoutplan.arrays import BoolArray, FloatArray, IntArray
from layoutplan.solve.districting.arc_elimination import arcs_within_capacity, arcs_within_slack
from layoutplan.solve.districting.budget import Allowance
from layoutplan.solve.districting.problem import DistrictingProblem
from layoutplan.solve.districting.program import is_one, solve_binary, solve_linear
from layoutplan.solve.districting.separation import Separation
from layoutplan.solve.districting.separators import ContiguityCut
from layoutplan.solve.outcome import Outcome

_MAX_SLACK_ROUNDS: Final = 6
"""Rounds for which an inequality may be slack before it is removed."""
_TOLERANCE: Final = 1e-6
_BOUND_MARGIN: Final = 1e-7
"""Relative margin subtracted from a solver's bound for its tolerances."""


@dataclass
class Relaxation:
    """The relaxation of one problem, with the bound that it has proven so far.

    Attributes
    ----------
    problem
        The problem.
    neighbours
        Neighbours of each unit.
    usable
        Arcs that a solution cheaper than ``cutoff`` can use, shape (arcs,).
    arc_cost, overload_cost
        The objective: costs of the arcs, and of each pupil above capacity (0 costs and 1: overload alone).
    cutoff
        Objective of the best known solution.
    overload
        Largest total overload of the solutions considered.
    bound
        Lower bound of the objective of these solutions.
    cuts
        Contiguity inequalities in the relaxation, with the rounds for which each may still be slack.
    converged
        Whether the last relaxation violated no contiguity inequality.
    reduced
        Reduced cost of each arc in the last relaxation, shape (arcs,); ``None`` before the first.
    """

    problem: DistrictingProblem
    neighbours: Sequence[Sequence[int]]
    usable: BoolArray
    arc_cost: FloatArray
    overload_cost: float
    cutoff: float
    overload: float
    bound: float = -np.inf
    cuts: dict[ContiguityCut, int] = field(default_factory=dict)
    converged: bool = False
    reduced: FloatArray | None = None

    def solve_rounds(self, *, rounds: int, allowance: Allowance) -> None:
        """Solve the relaxation and add violated inequalities, repeatedly, until none is violated.

        Parameters
        ----------
        rounds
            Largest number of repetitions.
        allowance
            Time and work; work is counted there.
        """
        for _ in range(rounds):
            if self.converged or allowance.is_exhausted:
                return
            allowance.spend_linear(int(self.usable.sum()))
            values = self._solve_linear(allowance.remaining_s())
            if values is None:
                return
            found = self._violated(values)
            for cut in found:
                self.cuts.setdefault(cut, _MAX_SLACK_ROUNDS)
            self.converged = not found

    def tighten(self, cutoff: float, *, rounds: int, allowance: Allowance) -> None:
        """Lower the cutoff to the cost of a better solution, which eliminates arcs.

        Parameters
        ----------
        cutoff
            Objective of the better solution.
        rounds, allowance
            As for :meth:`solve_rounds`.
        """
        self.cutoff, self.converged = cutoff, False
        self.solve_rounds(rounds=rounds, allowance=allowance)

    def usable_arcs(self) -> IntArray:
        """Return the positions of the usable arcs."""
        return np.flatnonzero(self.usable)

    def constraints(self, arcs: IntArray) -> tuple[csr_array, FloatArray, FloatArray]:
        """Return the constraint matrix and the limits of its rows.

        Rows: each unit once; load minus overload at most the capacity, by column and school; total overload;
        contiguity inequalities. Columns: the arcs, then one overload variable per demand column and school.

        Parameters
        ----------
        arcs
            Positions of the arcs that are variables.

        Returns
        -------
        matrix : csr_array
            Shape (rows, columns).
        low, high : FloatArray
            Lower and upper limit of each row.
        """
        problem, columns = self.problem, self.problem.demand.shape[1]
        unit, school = problem.arc_unit[arcs], problem.arc_school[arcs]
        count, units, schools = len(arcs), problem.units, problem.schools
        columns_of_arcs = np.arange(count)
        rows, positions, values = [unit], [columns_of_arcs], [np.ones(count)]
        slack = count + np.arange(schools * columns)
        for column in range(columns):
            row = units + column * schools
            rows += [row + school, row + np.arange(schools)]
            positions += [columns_of_arcs, slack[column * schools : (column + 1) * schools]]
            values += [problem.demand[unit, column], -np.ones(schools)]
        row = units + columns * schools
        rows.append(np.full(len(slack), row))
        positions.append(slack)
        values.append(np.ones(len(slack)))
        row += 1
        column_of = np.full(len(problem.arc_school), -1, dtype=np.int64)
        column_of[arcs] = columns_of_arcs
        for (q, y, separator), position in zip(self.cuts, range(row, row + len(self.cuts)), strict=True):
            inside = self._columns(column_of, (y, *separator), q)
            if inside[0] < 0:
                continue
            used = inside[inside >= 0]
            rows.append(np.full(len(used), position))
            positions.append(used)
            values.append(np.concatenate([[1.0], -np.ones(len(used) - 1)]))
        row += len(self.cuts)
        low, high = np.full(row, -np.inf), np.zeros(row)
        low[:units] = high[:units] = 1.0
        high[units : units + columns * schools] = problem.capacity.T.ravel()
        high[units + columns * schools] = self.overload
        entries = (np.concatenate(values), (np.concatenate(rows), np.concatenate(positions)))
        return csr_array(entries, shape=(row, count + len(slack))), low, high

    def _columns(self, column_of: IntArray, units: tuple[int, ...], school: int) -> IntArray:
        problem = self.problem
        found = np.full(len(units), -1, dtype=np.int64)
        for place, unit in enumerate(units):
            low, high = problem.arc_first[unit], problem.arc_first[unit + 1]
            arc = low + int(np.searchsorted(problem.arc_school[low:high], school))
            if arc < high and problem.arc_school[arc] == school:
                found[place] = column_of[arc]
        return found

    def _solve_linear(self, time_s: float) -> FloatArray | None:
        """Solve the linear program, raise the bound and eliminate arcs; return the value of every arc."""
        problem, arcs = self.problem, self.usable_arcs()
        matrix, low, high = self.constraints(arcs)
        equal = np.isfinite(low)
        slacks = matrix.shape[1] - len(arcs)
        cost = np.concatenate([self.arc_cost[arcs], np.full(slacks, self.overload_cost)])
        upper = np.concatenate([np.ones(len(arcs)), np.full(slacks, np.inf if self.overload > 0 else 0.0)])
        found = solve_linear(
            cost,
            matrix[equal],
            equal_rhs=high[equal],
            less=matrix[~equal],
            less_rhs=high[~equal],
            upper=upper,
            time_s=time_s,
        )
        if isinstance(found, Outcome):
            if found is Outcome.NO_PLAN_EXISTS:
                self.bound, self.converged = self.cutoff, True
            return None
        self.raise_bound(found.cost - _BOUND_MARGIN * abs(found.cost))
        self._prune_cuts(found.slack[len(found.slack) - len(self.cuts) :])
        reduced = np.zeros(len(problem.arc_cost))
        reduced[arcs] = found.reduced[: len(arcs)]
        self.reduced = reduced
        slack = max(self.cutoff - found.cost, 0.0) + _TOLERANCE * abs(found.cost)
        if np.isfinite(slack):
            self.usable = arcs_within_slack(problem, self.usable, reduced, slack=slack)
        values = np.zeros(len(problem.arc_cost))
        values[arcs] = found.values[: len(arcs)]
        return values

    def raise_bound(self, value: float) -> None:
        """Raise the bound to a proven value, at most to the cutoff.

        Parameters
        ----------
        value
            A proven lower bound; a smaller value than the present bound has no effect.
        """
        self.bound = max(self.bound, min(value, self.cutoff))

    def _prune_cuts(self, slack: FloatArray) -> None:
        """Remove inequalities that have been slack for some rounds."""
        for cut, row_slack in zip(list(self.cuts), slack.tolist(), strict=True):
            if row_slack > _TOLERANCE:
                self.cuts[cut] -= 1
                if self.cuts[cut] <= 0:
                    del self.cuts[cut]

    def _violated(self, values: FloatArray) -> list[ContiguityCut]:
        """Return the inequalities that a relaxed solution violates, school by school."""
        problem = self.problem
        cuts: list[ContiguityCut] = []
        arcs = self.usable_arcs()
        order = arcs[np.argsort(problem.arc_school[arcs], kind="stable")]
        ends = np.searchsorted(problem.arc_school[order], np.arange(problem.schools + 1))
        for school in range(problem.schools):
            mine = order[ends[school] : ends[school + 1]]
            share = dict(zip(problem.arc_unit[mine].tolist(), values[mine].tolist(), strict=True))
            cuts += self._separation(school, share.keys()).of_shares(share)
        return cuts

    def violated_by(self, assignment: IntArray) -> list[ContiguityCut]:
        """Return the contiguity inequalities that an assignment violates.

        Parameters
        ----------
        assignment
            School of each unit, shape (units,).

        Returns
        -------
        list of ContiguityCut
            Empty if all districts are connected.
        """
        arcs = self.usable_arcs()
        cuts: list[ContiguityCut] = []
        for school in range(self.problem.schools):
            allowed = set(self.problem.arc_unit[arcs[self.problem.arc_school[arcs] == school]].tolist())
            members = set(np.flatnonzero(assignment == school).tolist())
            cuts += self._separation(school, allowed).of_members(members)
        return cuts

    def _separation(self, school: int, allowed: Collection[int]) -> Separation:
        problem = self.problem
        seats = problem.capacity[school] + self.overload
        return Separation(problem, self.neighbours, school, allowed=allowed, seats=seats)


def solve_integer(relaxation: Relaxation, *, nodes: int, allowance: Allowance) -> IntArray | None:
    """Solve the relaxation with integrality; every solve raises the bound.

    If a district of the solution is not connected, violated inequalities are added and the program is solved
    again, until the allowance is used up.

    Parameters
    ----------
    relaxation
        The relaxation; its bound and inequalities are updated.
    nodes
        Node limit of one solve.
    allowance
        Time and work; work is counted there.

    Returns
    -------
    IntArray or None
        School of each unit in a solution better than the cutoff; ``None`` if none was found.
    """
    problem = relaxation.problem
    while True:
        arcs = relaxation.usable_arcs()
        matrix, low, high = relaxation.constraints(arcs)
        slacks = matrix.shape[1] - len(arcs)
        if relaxation.overload <= 0:
            matrix, slacks = matrix[:, : len(arcs)], 0
        cost = np.concatenate([relaxation.arc_cost[arcs], np.full(slacks, relaxation.overload_cost)])
        affordable = allowance.affordable_nodes(len(cost), most=nodes)
        if not affordable:
            return None
        answer = solve_binary(
            cost,
            matrix,
            (low, high),
            nodes=affordable,
            time_s=allowance.remaining_s(),
            gap=_BOUND_MARGIN,
            continuous=slacks,
        )
        allowance.spend_binary(len(cost), answer.nodes)
        if answer.is_infeasible:
            relaxation.raise_bound(np.inf)
            return None
        if np.isfinite(answer.bound):
            relaxation.raise_bound(answer.bound - _BOUND_MARGIN * abs(answer.bound))
        if answer.values is None:
            return None
        assignment = np.full(problem.units, -1, dtype=np.int64)
        on = arcs[is_one(answer.values[: len(arcs)])]
        assignment[problem.arc_unit[on]] = problem.arc_school[on]
        violated = relaxation.violated_by(assignment)
        if not violated:
            return assignment
        relaxation.cuts.update(dict.fromkeys(violated, _MAX_SLACK_ROUNDS))


def cost_relaxation(
    problem: DistrictingProblem,
    neighbours: Sequence[Sequence[int]],
    usable: BoolArray,
    *,
    cutoff: float,
    overload: float,
) -> Relaxation:
    """Return the relaxation that bounds the cost at a given overload.

    Parameters
    ----------
    problem
        The problem.
    neighbours
        Neighbours of each unit.
    usable
        Arcs that a solution cheaper than the cutoff can use, shape (arcs,).
    cutoff
        Cost of the best known solution.
    overload
        Largest total overload of the solutions considered, pupils.

    Returns
    -------
    Relaxation
        Not solved yet.
    """
    usable = arcs_within_capacity(problem, usable, overload=overload)
    return Relaxation(problem, neighbours, usable, problem.arc_cost, 0.0, cutoff, overload)


def overload_relaxation(
    problem: DistrictingProblem, neighbours: Sequence[Sequence[int]], *, overload: float
) -> Relaxation:
    """Return the relaxation that bounds the total overload.

    Parameters
    ----------
    problem
        The problem.
    neighbours
        Neighbours of each unit.
    overload
        Total overload of the best known solution, pupils.

    Returns
    -------
    Relaxation
        Not solved yet.
    """
    all_arcs = np.ones(len(problem.arc_cost), dtype=bool)
    zero = np.zeros_like(problem.arc_cost)
    return Relaxation(problem, neighbours, all_arcs, zero, 1.0, overload, overload)
