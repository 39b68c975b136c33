"""The search: annealing from several temperatures, then rounds of four tasks up to the limits.

1. Lagrangian seat prices (:mod:`.lagrangian`) and a first solution close to the relaxed one
   (:mod:`.region_growing`).
2. Cold starts: annealing (:mod:`.kernel`) from the first solution at several temperatures. The results are
   the first elite: good solutions that differ from each other. Every run adds districts to a pool.
3. Rounds of four tasks, on all available cores:

   * solution merging (:mod:`.neighbourhoods`): the best solution recombined with others of the elite by a
     binary program over the arcs that they use. It finds most improvements after the cold starts;
   * exact re-optimisation of adjacent districts, as many as can be solved to optimality;
   * annealing after a perturbation, or warm;
   * in turn: set partitioning over the pool where districts are small (:mod:`.set_partitioning`), a second
     perturbation, or another cold start, which brings new parents for the merging.

The tasks of a round depend only on the results of earlier rounds and on the seed, so a run limited by work is
reproducible on any number of cores. A task ends after about as much work as one annealing run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np

from layoutplan.arrays import BoolArray
from layoutplan.solve.districting.moves import (
    HeuristicSolution,
    anneal_solution,
    perturb_and_anneal,
)
from layoutplan.solve.districting.neighbourhoods import (
    NeighbourhoodSearch,
    arcs_of_solutions,
    reoptimise,
)
from layoutplan.solve.districting.search import Search
from layoutplan.solve.districting.set_partitioning import (
    columns_of_assignments,
    concatenate_columns,
    merge_pools,
    solve_set_partitioning,
)
from layoutplan.solve.districting.state import clear_pool

_END_TEMPERATURE: Final = 0.05
_ARCHIVE_SIZE: Final = 40_000
"""Columns kept from one set partitioning to the next."""
_PARTITION_INTERVAL: Final = 3
"""Rounds from one set partitioning to the next."""
_PATIENCE: Final = 8
"""Rounds without a new best solution after which a task continues from the best one."""

_BEST_SHARE: Final = 0.6
"""Share of the exact tasks that start from the best solution; the others start from another of the elite."""

_Task = Callable[[], tuple[HeuristicSolution, float]]
"""Returns a solution and the work done, millions of proposals."""


def run_cold_starts(search: Search) -> None:
    """Anneal from the first solution at several start temperatures.

    Parameters
    ----------
    search
        The search; updated in place.
    """
    with ThreadPoolExecutor(max_workers=search.budget.cores) as threads:
        temperatures = list(search.temperatures * 3)[: search.cold_starts]
        batch = len(search.current)
        for first in range(0, len(temperatures), batch):
            tasks = [
                _cold_start(search, slot, temperature)
                for slot, temperature in enumerate(temperatures[first : first + batch])
            ]
            found = _run_all(threads, tasks)
            for slot, (solution, work) in enumerate(found):
                search.budget.spent += work
                search.record(solution, f"cold start {temperatures[first + slot]}")
                if solution.is_better_than(search.current[slot]) or first == 0:
                    search.current[slot] = solution
            if search.budget.is_exhausted:
                return


def run_rounds(search: Search, *, share: float, cores: int, stop: Callable[[], bool] = lambda: False) -> None:
    """Run rounds until a share of the limits is used.

    Parameters
    ----------
    search
        The search; updated in place.
    share
        Share of time or work at which to stop.
    cores
        Number of threads.
    stop
        Called before each round; a true result stops the search.
    """
    with ThreadPoolExecutor(max_workers=cores) as threads:
        while search.budget.used_share < share and not stop():
            _round(search, threads)


def _round(search: Search, threads: ThreadPoolExecutor) -> None:
    """Run four tasks and record their solutions."""
    search.rounds += 1
    usable = search.usable_arcs()
    partitions = search.uses_set_partitioning and search.rounds % _PARTITION_INTERVAL == 1
    tasks = {
        "merging": _merging(search, usable),
        "reoptimisation": _reoptimisation(search, usable),
        "perturbation" if search.rounds % 3 else "warm start": (
            _perturbation(search, 2) if search.rounds % 3 else _warm_start(search, 2)
        ),
    }
    if partitions:
        tasks["partition"] = _partition(search)
    elif search.rounds % 2:
        tasks["second perturbation"] = _perturbation(search, 3)
    else:
        temperature = search.temperatures[search.rounds // 2 % len(search.temperatures)]
        tasks["cold start"] = _cold_start(search, 3, temperature)
    found = _run_all(threads, list(tasks.values()))
    for slot, ((solution, work), move) in enumerate(zip(found, tasks, strict=True)):
        search.budget.spent += work
        improved = search.record(solution, move)
        _accept(search, slot, solution, improved=improved)


def _accept(search: Search, slot: int, solution: HeuristicSolution, *, improved: bool) -> None:
    """Choose the solution from which a task continues: its result unless much worse, or the best."""
    present = search.current[slot]
    close = solution.overload <= present.overload and solution.cost <= present.cost + 3e-4 * abs(present.cost)
    if solution.is_better_than(present) or close:
        search.current[slot] = solution
    search.stalled[slot] = 0 if improved else search.stalled[slot] + 1
    if search.stalled[slot] >= _PATIENCE:
        search.current[slot] = search.best
        search.stalled[slot] = 0


def _run_all(threads: ThreadPoolExecutor, tasks: Sequence[_Task]) -> list[tuple[HeuristicSolution, float]]:
    return list(threads.map(lambda task: task(), tasks))


def _cold_start(search: Search, slot: int, temperature: float) -> _Task:
    seed = int(search.random().integers(2**62))
    proposals = int(search.proposals_millions * 1e6)
    start = search.best if search.has_few_proposals else search.start

    def task() -> tuple[HeuristicSolution, float]:
        found = anneal_solution(
            search.context,
            start,
            search.pools[slot],
            temperatures=(temperature, _END_TEMPERATURE),
            proposals=proposals,
            seed=seed,
        )
        return found, search.proposals_millions

    return task


def _warm_start(search: Search, slot: int) -> _Task:
    random, solution = search.random(), search.current[slot]

    def task() -> tuple[HeuristicSolution, float]:
        temperature = float(random.choice([0.25, 0.5, 1.0]))
        seed, proposals = int(random.integers(2**62)), int(search.proposals_millions * 1e6)
        found = anneal_solution(
            search.context,
            solution,
            search.pools[slot],
            temperatures=(temperature, _END_TEMPERATURE),
            proposals=proposals,
            seed=seed,
        )
        return found, search.proposals_millions

    return task


def _perturbation(search: Search, slot: int) -> _Task:
    random, start = search.random(), search.current[slot]

    def task() -> tuple[HeuristicSolution, float]:
        best = solution = start
        for _ in range(2):
            temperature = float(random.choice([0.2, 0.4, 0.8]))
            solution = perturb_and_anneal(
                search.context,
                solution,
                search.pools[slot],
                temperature=temperature,
                proposals=int(search.proposals_millions * 4e5),
                random=random,
            )
            best = solution if solution.is_better_than(best) else best
            if search.context.is_out_of_time():
                break
        return best if best is not start else solution, search.proposals_millions

    return task


def _merging(search: Search, usable: BoolArray) -> _Task:
    """Recombine the best or another good solution with some of the others."""
    random, elite, context = search.random(), list(search.elite), search.context
    start = search.best if random.random() < _BEST_SHARE else elite[int(random.integers(len(elite)))]
    partners = [one for one in elite if one is not start]

    def draw_arcs() -> BoolArray:
        count = 1 + int(random.integers(len(partners))) if partners else 0
        chosen = random.permutation(len(partners))[:count]
        return usable & arcs_of_solutions(context, [partners[k] for k in chosen.tolist()])

    return _exact_task(search, start, search.merging, draw_arcs, random)


def _reoptimisation(search: Search, usable: BoolArray) -> _Task:
    """Re-optimise adjacent districts of the best or another good solution."""
    random, elite = search.random(), list(search.elite)
    start = search.best if random.random() < _BEST_SHARE else elite[int(random.integers(len(elite)))]
    return _exact_task(search, start, search.reoptimisation, usable.copy, random)


def _exact_task(
    search: Search,
    start: HeuristicSolution,
    memory: NeighbourhoodSearch,
    draw_arcs: Callable[[], BoolArray],
    random: np.random.Generator,
) -> _Task:
    cuts = list(search.relaxation.cuts) if search.relaxation is not None else []
    allowance = search.task_allowance()

    def task() -> tuple[HeuristicSolution, float]:
        found = reoptimise(
            search.context,
            start,
            memory,
            draw_arcs=draw_arcs,
            cuts=cuts,
            random=random,
            proposals_millions=search.proposals_millions,
            allowance=allowance,
        )
        return found, allowance.spent

    return task


def _partition(search: Search) -> _Task:
    """Merge the pools and prepare set partitioning over them and the archive."""
    problem, prices = search.context.problem, search.context.prices
    pooled = merge_pools(search.pools)
    for pool in search.pools:
        clear_pool(pool)
    if search.column_archive is not None:
        pooled = concatenate_columns(search.column_archive, pooled)
    start, allowance = search.best, search.task_allowance()
    if search.duals is None:
        value = prices.reduced * 0 + problem.arc_cost
        value = value + (prices.price[problem.arc_school] * problem.demand[problem.arc_unit]).sum(axis=1)
        least = np.minimum.reduceat(value, problem.arc_first[:-1])
        search.duals = (least, -(prices.price * problem.capacity).sum(axis=1))

    def task() -> tuple[HeuristicSolution, float]:
        columns = concatenate_columns(columns_of_assignments(problem, [start.assignment]), pooled)
        found = solve_set_partitioning(
            problem,
            columns,
            best=start.cost,
            duals=search.duals or (np.zeros(problem.units), np.zeros(problem.schools)),
            nodes=500,
            allowance=allowance,
        )
        search.duals = (found.unit_dual, found.school_dual)
        reduced = columns.cost - columns.sum_over_units(found.unit_dual) - found.school_dual[columns.school]
        kept = np.sort(np.argsort(reduced, kind="stable")[:_ARCHIVE_SIZE])
        search.column_archive = columns.subset(kept)
        better = None if found.assignment is None else search.context.evaluate(found.assignment, start.price)
        return better or start, allowance.spent

    return task
