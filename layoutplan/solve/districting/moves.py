"""Improvement moves of the search: each takes a solution and returns one, without changing shared data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from layoutplan.arrays import BoolArray, FloatArray, IntArray
from layoutplan.solve.districting.compiled_arrays import AnnealingSchedule, ColumnPool, Instance, State
from layoutplan.solve.districting.kernel import anneal
from layoutplan.solve.districting.lagrangian import LagrangianPrices
from layoutplan.solve.districting.problem import DistrictingProblem
from layoutplan.solve.districting.region_growing import RegionGrower
from layoutplan.solve.districting.state import make_state
from layoutplan.solve.districting.subproblem import improve_districts, make_subproblem

_PROPOSALS_PER_CALL: Final = 50_000
_CHECK_INTERVAL: Final = 500
_OVERLOAD_SHARE: Final = 0.2
_POOLED_FROM: Final = 0.5
_POOLED_COST_FACTOR: Final = 1.01


@dataclass(frozen=True)
class HeuristicSolution:
    """A connected assignment with its figures.

    Attributes
    ----------
    assignment
        School of each unit, shape (units,).
    cost
        Sum of the costs of the arcs used.
    overload
        Pupils above capacity, all schools and columns.
    price
        Penalties per pupil above capacity at which it was found, shape (schools, columns).
    """

    assignment: IntArray
    cost: float
    overload: float
    price: FloatArray

    def is_better_than(self, other: HeuristicSolution) -> bool:
        """Return whether this solution has less overload than another, or equal overload and a lower cost.

        Parameters
        ----------
        other
            Another solution of the same problem.
        """
        small = 1e-9 * (1.0 + other.overload)
        if abs(self.overload - other.overload) > small:
            return self.overload < other.overload
        return self.cost < other.cost - 1e-9 * abs(other.cost)


@dataclass(frozen=True)
class SearchContext:
    """Data that all moves read.

    Attributes
    ----------
    problem
        The problem, restricted to usable arcs.
    instance
        Its arrays for compiled code.
    prices
        Lagrangian prices, bound and reduced costs.
    price_ceiling
        Largest penalty per pupil above capacity.
    region_grower
        Constructs and repairs assignments.
    fixed
        Units that must not move, shape (units,).
    chain_probability
        Probability that a proposal is an ejection chain.
    is_out_of_time
        Returns whether the time limit is reached.
    """

    problem: DistrictingProblem
    instance: Instance
    prices: LagrangianPrices
    price_ceiling: float
    region_grower: RegionGrower
    fixed: BoolArray
    chain_probability: float
    is_out_of_time: Callable[[], bool]

    def evaluate(self, assignment: IntArray, price: FloatArray) -> HeuristicSolution:
        """Return the solution of an assignment.

        Parameters
        ----------
        assignment
            School of each unit, shape (units,); connected.
        price
            Penalty per pupil above capacity, shape (schools, columns).

        Returns
        -------
        HeuristicSolution
            The assignment with its cost and overload.
        """
        overload = np.maximum(self.problem.load_of(assignment) - self.problem.capacity, 0.0)
        return HeuristicSolution(
            assignment, float(self.problem.cost_of(assignment).sum()), float(overload.sum()), price
        )


def anneal_solution(
    context: SearchContext,
    solution: HeuristicSolution,
    pool: ColumnPool,
    *,
    temperatures: tuple[float, float],
    proposals: int,
    seed: int,
    fixed_unit: int = -1,
) -> HeuristicSolution:
    """Improve a solution by simulated annealing.

    Parameters
    ----------
    context
        Data of the search.
    solution
        Start solution.
    pool
        Receives districts; changed in place.
    temperatures
        Start and end temperature, in units of the regret (:class:`.lagrangian.LagrangianPrices`).
    proposals
        Number of proposals.
    seed
        Seed of the run.
    fixed_unit
        A further unit that must not move, or -1.

    Returns
    -------
    HeuristicSolution
        The best solution of the run.
    """
    if len(context.instance.edge_to) == 0:  # no unit can move, and compiled code does not check bounds
        return solution
    fixed = context.fixed
    if fixed_unit >= 0:
        fixed = fixed.copy()
        fixed[fixed_unit] = True
    state = make_state(
        context.problem, context.instance, solution.assignment, price=solution.price, fixed=fixed, seed=seed
    )
    start, end = (factor * context.prices.regret for factor in temperatures)
    schedule = AnnealingSchedule(
        start,
        end,
        context.chain_probability,
        _CHECK_INTERVAL,
        _OVERLOAD_SHARE,
        context.price_ceiling,
        _POOLED_FROM,
        _POOLED_COST_FACTOR,
    )
    for begin in range(0, proposals, _PROPOSALS_PER_CALL):
        anneal(
            context.instance,
            state,
            pool,
            (begin, min(begin + _PROPOSALS_PER_CALL, proposals), proposals),
            schedule,
        )
        if context.is_out_of_time():
            break
    return _best_of(context, state)


def _best_of(context: SearchContext, state: State) -> HeuristicSolution:
    return context.evaluate(state.best.copy(), state.price.copy())


def perturb_and_anneal(
    context: SearchContext,
    solution: HeuristicSolution,
    pool: ColumnPool,
    *,
    temperature: float,
    proposals: int,
    random: np.random.Generator,
) -> HeuristicSolution:
    """Move a random unit to another of its five cheapest schools and anneal, first with that unit fixed.

    Units are drawn in proportion to their demand relative to the mean capacity.

    Parameters
    ----------
    context
        Data of the search.
    solution
        Start solution.
    pool
        Receives districts; changed in place.
    temperature
        Start temperature with the unit fixed, in units of the regret.
    proposals
        Number of proposals with the unit fixed; a quarter of it follows with the unit free.
    random
        Random generator.

    Returns
    -------
    HeuristicSolution
        Result of the annealing; the start solution if no unit can be moved.
    """
    problem = context.problem
    size = (problem.demand / np.maximum(problem.capacity.mean(axis=0), 1e-9)).max(axis=1)
    has_choice = (np.diff(problem.arc_first) > 1) & ~context.fixed
    weight = np.where(has_choice, size + 1e-9, 0.0)
    if weight.sum() <= 0:
        return solution
    unit = int(random.choice(problem.units, p=weight / weight.sum()))
    low, high = problem.arc_first[unit], problem.arc_first[unit + 1]
    order = np.argsort(context.prices.reduced[low:high], kind="stable")[:5]
    schools = problem.arc_school[low:high][order]
    schools = schools[schools != solution.assignment[unit]]
    seed = int(random.integers(2**62))
    changed = context.region_grower.reassign_unit(solution.assignment, unit, int(random.choice(schools)))
    if changed is None:
        return solution
    start = context.evaluate(changed, solution.price)
    held = anneal_solution(
        context,
        start,
        pool,
        temperatures=(temperature, 0.05),
        proposals=proposals,
        seed=seed,
        fixed_unit=unit,
    )
    return anneal_solution(
        context, held, pool, temperatures=(0.2, 0.05), proposals=proposals // 4, seed=seed + 1
    )


@dataclass
class NeighbourhoodSize:
    """Adaptive size of the subproblems: the largest that can be solved to optimality.

    Attributes
    ----------
    arcs
        Current limit on the arcs of a subproblem.
    minimum, maximum
        Range of the limit.
    """

    arcs: float = 250.0
    minimum: float = 60.0
    maximum: float = 1_500.0

    def update(self, *, solved: bool) -> None:
        """Enlarge the limit by 12 % after a solved subproblem, otherwise reduce it by 25 %.

        Parameters
        ----------
        solved
            Whether the last subproblem was solved to optimality.
        """
        self.arcs = min(self.maximum, self.arcs * 1.12) if solved else max(self.minimum, self.arcs * 0.75)


def reoptimise_neighbourhood(
    context: SearchContext,
    solution: HeuristicSolution,
    neighbourhood: NeighbourhoodSize,
    *,
    usable: BoolArray,
    random: np.random.Generator,
    remaining_s: Callable[[], float],
) -> HeuristicSolution:
    """Re-optimise a few adjacent districts exactly (large neighbourhood search).

    Parameters
    ----------
    context
        Data of the search.
    solution
        Start solution.
    neighbourhood
        Limit on the size of the subproblem; updated in place.
    usable
        Arcs that a better solution can use, shape (arcs,).
    random
        Random generator.
    remaining_s
        Returns the remaining time, seconds.

    Returns
    -------
    HeuristicSolution
        The improved solution, or the start solution.
    """
    problem = context.problem
    schools = _neighbourhood(context, solution, usable, limit=neighbourhood.arcs, random=random)
    subproblem = make_subproblem(
        problem, context.region_grower.neighbours, solution.assignment, schools=schools, usable=usable
    )
    load = problem.load_of(solution.assignment)[subproblem.schools]
    subproblem.capacity = np.maximum(subproblem.capacity, load)
    changed, solved = improve_districts(
        subproblem, solution.assignment, rounds=12, nodes=150, remaining_s=remaining_s
    )
    neighbourhood.update(solved=solved)
    return solution if changed is None else context.evaluate(changed, solution.price)


def _neighbourhood(
    context: SearchContext,
    solution: HeuristicSolution,
    usable: BoolArray,
    *,
    limit: float,
    random: np.random.Generator,
) -> IntArray:
    """Grow a set of adjacent districts from a random one until its subproblem reaches the limit of arcs."""
    problem, district = context.problem, solution.assignment
    start, end = district[problem.edge_from], district[problem.edge_to]
    border = start != end
    chosen = np.zeros(problem.schools, dtype=bool)
    chosen[int(random.integers(problem.schools))] = True
    free_arcs = usable & (np.diff(problem.arc_first)[problem.arc_unit] > 1)
    from_school, to_school = district[problem.arc_unit[free_arcs]], problem.arc_school[free_arcs]
    while True:
        border_edges = np.bincount(end[border & chosen[start] & ~chosen[end]], minlength=problem.schools)
        if not border_edges.any():
            return np.flatnonzero(chosen)
        joining = int(np.argmax(border_edges * random.random(problem.schools)))
        chosen[joining] = True
        if chosen.sum() > 2 and (chosen[from_school] & chosen[to_school]).sum() > limit:  # noqa: PLR2004
            chosen[joining] = False
            return np.flatnonzero(chosen)
