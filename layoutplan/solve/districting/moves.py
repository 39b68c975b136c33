"""Annealing moves of the search: each takes a solution and returns one, without changing shared data."""

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
