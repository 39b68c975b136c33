"""The state of a districting search, and its first solution."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from layoutplan.arrays import BoolArray, FloatArray, IntArray
from layoutplan.solve.districting.arc_elimination import arcs_within_slack
from layoutplan.solve.districting.bound import Relaxation
from layoutplan.solve.districting.budget import Allowance, Budget
from layoutplan.solve.districting.compiled_arrays import ColumnPool
from layoutplan.solve.districting.lagrangian import lagrangian_prices, price_ceiling
from layoutplan.solve.districting.moves import HeuristicSolution, SearchContext
from layoutplan.solve.districting.neighbourhoods import NeighbourhoodSearch
from layoutplan.solve.districting.problem import DistrictingProblem
from layoutplan.solve.districting.region_growing import RegionGrower, cheapest_schools
from layoutplan.solve.districting.set_partitioning import (
    DistrictColumns,
)
from layoutplan.solve.districting.state import make_instance, make_pool

_TASKS: Final = 4
_TEMPERATURES: Final = (1.5, 5.0, 5.0, 20.0)
_LOW_TEMPERATURES: Final = (0.2, 0.4, 0.8, 1.5)
_MIN_PROPOSALS_PER_UNIT: Final = 1_000
"""Proposals per unit below which a run starts from the best solution at a low temperature."""
_COLD_START_PROPOSALS: Final = 2.0
"""Millions of proposals of a cold start with 600 units."""
_COLD_START_SHARE: Final = 0.3
_MAX_COLD_STARTS: Final = 8
_MAX_UNITS_PER_DISTRICT: Final = 40
"""Mean units per school up to which districts recur often enough for set partitioning."""
_SUBPROBLEM_S: Final = 3.0
_ELITE_SIZE: Final = 16
_OVERLOAD_TOLERANCE: Final = 1e-6
_MIN_DIFFERENCE: Final = 0.01
"""Share of the units in which solutions of the elite differ at least."""


def make_context(problem: DistrictingProblem, budget: Budget) -> SearchContext:
    """Return the data that all moves of a search read.

    Parameters
    ----------
    problem
        The problem, restricted to usable arcs.
    budget
        Limits of the search.

    Returns
    -------
    SearchContext
        Prices, arrays and the region grower.
    """
    ceiling = price_ceiling(problem)
    prices = lagrangian_prices(problem, ceiling=ceiling)
    fixed = problem.locked >= 0
    fixed[problem.own] = True
    return SearchContext(
        problem=problem,
        instance=make_instance(problem),
        prices=prices,
        price_ceiling=ceiling,
        region_grower=RegionGrower(problem, prices.reduced),
        fixed=fixed,
        chain_probability=min(0.3, 6 * problem.schools / problem.units),
        is_out_of_time=lambda: budget.remaining_s <= 0,
    )


@dataclass
class Search:
    """The state of a search between rounds.

    Attributes
    ----------
    context
        Data that all moves read.
    budget
        Limits, and what is used of them.
    seed
        Seed of all random numbers.
    start
        The first solution.
    best
        The best solution so far.
    current
        The solution from which each of the four tasks continues.
    stalled
        Rounds without a new best solution, by task.
    pools
        Column pool of each task.
    column_archive
        Most promising columns of earlier set partitioning problems.
    duals
        Dual values of units and schools from the last set partitioning.
    elite
        Good solutions that differ from each other, best first.
    merging, reoptimisation
        Neighbourhoods of solution merging and of re-optimisation.
    relaxation
        The relaxation that bounds the cost; ``None`` if it is too large.
    least_overload
        A lower bound of the overload.
    rounds
        Number of rounds so far.
    task_count
        Number of random generators handed out.
    proposals_millions
        Proposals of one annealing run, millions.
    improved
        Receives the name of the move and the solution whenever the best solution improves.
    """

    context: SearchContext
    budget: Budget
    seed: int
    start: HeuristicSolution
    best: HeuristicSolution
    current: list[HeuristicSolution]
    stalled: list[int] = field(default_factory=lambda: [0] * _TASKS)
    pools: list[ColumnPool] = field(default_factory=list)
    column_archive: DistrictColumns | None = None
    duals: tuple[FloatArray, FloatArray] | None = None
    elite: list[HeuristicSolution] = field(default_factory=list)
    merging: NeighbourhoodSearch = field(default_factory=NeighbourhoodSearch)
    reoptimisation: NeighbourhoodSearch = field(default_factory=NeighbourhoodSearch)
    relaxation: Relaxation | None = None
    least_overload: float = 0.0
    rounds: int = 0
    task_count: int = 0
    proposals_millions: float = _COLD_START_PROPOSALS
    improved: Callable[[str, HeuristicSolution], None] = lambda _move, _solution: None

    @property
    def has_least_overload(self) -> bool:
        """Whether no solution has less overload than the best, as far as is proven."""
        return self.best.overload <= self.least_overload + _OVERLOAD_TOLERANCE * max(1.0, self.least_overload)

    @property
    def has_few_proposals(self) -> bool:
        """Whether a run has too few proposals to cool from a high temperature."""
        return self.proposals_millions * 1e6 < _MIN_PROPOSALS_PER_UNIT * self.context.problem.units

    @property
    def temperatures(self) -> tuple[float, ...]:
        """Start temperatures of successive cold starts, in units of the regret."""
        return _LOW_TEMPERATURES if self.has_few_proposals else _TEMPERATURES

    @property
    def uses_set_partitioning(self) -> bool:
        """Whether districts are small enough for set partitioning."""
        problem = self.context.problem
        return problem.units <= _MAX_UNITS_PER_DISTRICT * problem.schools

    @property
    def cold_starts(self) -> int:
        """Number of cold starts at the beginning of the search; none where no work is left for proposals."""
        if self.proposals_millions <= 0:
            return 0
        affordable = _COLD_START_SHARE * self.budget.planned_work / self.proposals_millions
        return int(np.clip(affordable, 2, _MAX_COLD_STARTS))

    def usable_arcs(self) -> BoolArray:
        """Return the arcs that a better solution than the best can use, as far as the relaxation proves.

        All arcs where less overload is not ruled out: such a solution may cost more than the best.
        The relaxation is solved again for every new best solution: it then eliminates more arcs.

        Returns
        -------
        BoolArray
            Mask of the arcs, shape (arcs,).
        """
        best, relaxation = self.best, self.relaxation
        if relaxation is None or not self.has_least_overload or relaxation.overload > best.overload:
            return np.ones(len(self.context.prices.reduced), dtype=bool)
        if best.cost < relaxation.cutoff:
            allowance = self.budget.allowance()
            relaxation.tighten(best.cost, rounds=2, allowance=allowance)
            self.budget.spent += allowance.spent
        return relaxation.usable.copy()

    def usable_arcs_by_prices(self) -> BoolArray:
        """Return the arcs that a better solution can use, as far as the Lagrangian prices prove.

        Returns
        -------
        BoolArray
            Mask of the arcs, shape (arcs,).
        """
        prices, problem, best = self.context.prices, self.context.problem, self.best
        slack = best.cost - prices.bound_for_overload(best.overload) + 1e-7 * abs(prices.bound)
        usable = np.asarray(prices.reduced <= slack)
        return arcs_within_slack(problem, usable, prices.reduced, slack=slack)

    def task_allowance(self) -> Allowance:
        """Return the time of one program of a task, and the work that the task may use.

        A run limited by work must be reproducible, so its programs are limited by nodes alone; a task uses
        its share of the remaining work, or as much as an annealing run.

        Returns
        -------
        Allowance
            Nothing is spent yet.
        """
        budget = self.budget
        if np.isfinite(budget.work):
            work = max(budget.remaining_work / _TASKS, self.proposals_millions)
            return Allowance(lambda: budget.remaining_s, work)
        return Allowance(lambda: min(budget.remaining_s, _SUBPROBLEM_S))

    def random(self) -> np.random.Generator:
        """Return a random generator for the next task."""
        self.task_count += 1
        return np.random.Generator(np.random.PCG64([self.seed, self.task_count]))

    def record(self, solution: HeuristicSolution, move: str) -> bool:
        """Record a solution if it is better than the best.

        Parameters
        ----------
        solution
            The solution.
        move
            Name of the move that found it.

        Returns
        -------
        bool
            Whether it is the new best.
        """
        self._add_to_elite(solution)
        if solution.is_better_than(self.best):
            self.best = solution
            self.improved(move, solution)
            return True
        return False

    def _add_to_elite(self, solution: HeuristicSolution) -> None:
        """Add a solution to the elite; of two that differ in few units, only the better one stays."""
        least = max(1.0, _MIN_DIFFERENCE * len(solution.assignment))
        near = [other for other in self.elite if (other.assignment != solution.assignment).sum() < least]
        if any(not solution.is_better_than(other) for other in near):
            return
        kept = [other for other in self.elite if not any(other is one for one in near)]
        self.elite = sorted([*kept, solution], key=lambda one: (one.overload, one.cost))[:_ELITE_SIZE]


def start_search(
    problem: DistrictingProblem, budget: Budget, *, seed: int, known: IntArray | None = None
) -> Search | None:
    """Construct a first solution and return the search.

    Parameters
    ----------
    problem
        The problem, restricted to usable arcs.
    budget
        Limits of the search.
    seed
        Seed of all random numbers.
    known
        A connected solution, or ``None``.

    Returns
    -------
    Search or None
        ``None`` if no connected solution was found.
    """
    context = make_context(problem, budget)
    first = context.region_grower.grow(cheapest_schools(problem, context.prices.reduced))
    if first is None and known is not None:
        first = context.region_grower.grow(known)
    if first is None:
        return None
    price = context.prices.price
    positive = price[price > 0]
    floor = float(positive.mean()) if len(positive) else context.price_ceiling / 100.0
    solution = context.evaluate(first, np.maximum(price, floor))
    search = Search(
        context=context, budget=budget, seed=seed, start=solution, best=solution, current=[solution] * _TASKS
    )
    size = 60_000 if search.uses_set_partitioning else 4
    unit_slots = size * max(1, min(_MAX_UNITS_PER_DISTRICT, 2 * problem.units // problem.schools))
    search.pools = [make_pool(size, unit_slots) for _ in range(_TASKS)]
    search.proposals_millions = min(
        _COLD_START_PROPOSALS * max(problem.units / 600, min(1.0, problem.units / 300)),
        _COLD_START_SHARE * budget.planned_work / _MAX_COLD_STARTS * 2,
    )
    return search
