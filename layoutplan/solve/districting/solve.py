"""Solve a districting problem, and the result type."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.errors import DefectError
from layoutplan.solve.districting.audit import DistrictingAudit, audit
from layoutplan.solve.districting.bound import Relaxation, cost_relaxation, overload_relaxation, solve_integer
from layoutplan.solve.districting.budget import Allowance, Budget
from layoutplan.solve.districting.overload import reduce_overload
from layoutplan.solve.districting.problem import DistrictingProblem, reachable_arcs
from layoutplan.solve.districting.rounds import run_cold_starts, run_rounds
from layoutplan.solve.districting.search import Search, start_search
from layoutplan.solve.outcome import Outcome

_SEARCH_SHARE: Final = 0.8
"""Used share of the limits from which one core works on the bound."""
_MAX_ARCS: Final = 60_000
"""Largest number of arcs for which the linear relaxation is solved."""
_MAX_UNITS: Final = 20_000
_SEATS_SHARE: Final = 0.4
"""Used share of the limits after which overload that is left is searched without regard to costs."""
_PHASE_SHARE: Final = 0.4
"""Share of what then remains that this search may use."""
_FIRST_NODES: Final = 100
_LAST_NODES: Final = 1_000_000
_LAST_ROUNDS: Final = 100
_GAP_TOLERANCE: Final = 1e-6


@dataclass(frozen=True)
class Districting:
    """A districting and what is proven about it.

    Attributes
    ----------
    outcome
        ``OPTIMAL``: no districting has less overload, and none with equal overload costs less (to 1e-6).
        ``FEASIBLE``: a districting that is not proven optimal; ``overload`` states whether it is within
        capacity. ``NO_PLAN_EXISTS``: see ``unreachable``. ``NO_PLAN_FOUND``: the limits were reached first.
    assignment
        School of each unit, shape (units,); empty without a districting.
    cost
        Sum of the costs of the arcs used; nan without a districting.
    overload
        Pupils above capacity, shape (schools, columns).
    bound
        Lower bound of the cost of districtings with at most this total overload.
    overload_bound
        Lower bound of the total overload.
    gap
        (cost - bound) / cost; 0 if both are 0.
    audit
        The districting recomputed without the search.
    unreachable
        Units that cannot be in a connected district of any school.
    """

    outcome: Outcome
    assignment: IntArray
    cost: float
    overload: FloatArray
    bound: float
    overload_bound: float
    gap: float
    audit: DistrictingAudit | None
    unreachable: IntArray


def solve_districting(
    problem: DistrictingProblem,
    *,
    seconds: float = 60.0,
    work: float = np.inf,
    cores: int = 2,
    seed: int = 0,
    start: IntArray | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Districting:
    """Assign units to schools in connected districts: minimise overload, then cost; and bound the cost.

    Parameters
    ----------
    problem
        See :func:`~layoutplan.solve.districting.problem.districting_problem`.
    seconds
        Time limit, by ``clock``; the call exceeds it by at most a tenth, plus a second for compiling.
    work
        Limit in millions of proposals. A run that ends by this limit, not by time, is reproducible for a seed
        on any number of cores.
    cores
        Number of threads.
    seed
        Seed of all random numbers.
    start
        School of each unit in a connected districting that is known, shape (units,): the search starts from
        it where it can construct none itself. ``None``: none is known.
    clock
        Returns the time in seconds.

    Returns
    -------
    Districting
        The audited result.

    Raises
    ------
    DefectError
        If the result does not pass the audit.
    """
    usable, unreachable = reachable_arcs(problem)
    if unreachable.any():
        return _none(problem, Outcome.NO_PLAN_EXISTS, np.flatnonzero(unreachable))
    usable_problem = problem.restricted(usable)
    budget = Budget(seconds, work, cores, clock)
    search = start_search(usable_problem, budget, seed=seed, known=start)
    if search is None:
        return _none(problem, Outcome.NO_PLAN_FOUND, np.zeros(0, dtype=np.int64))
    run_cold_starts(search)
    _prove_overload(search, work=0.1)
    search.relaxation = _relaxation(search)
    _prove(search, nodes=_FIRST_NODES, share=0.1)
    if not _proven(search):
        alone = search.relaxation is None
        _search_for_seats(search, known=start)
        run_rounds(search, share=1.0 if alone else _SEARCH_SHARE, cores=cores)
        _prove_overload(search, work=0.5)
        _renew_relaxation(search)
        _finish(search)
    return _answer(problem, search)


def _prove_overload(search: Search, *, work: float) -> None:
    """Raise the lower bound of the overload; record a solution with less if one is found.

    ``work`` is the share of the remaining work that this may take.
    """
    best, budget, problem = search.best, search.budget, search.context.problem
    surplus = problem.demand.sum(axis=0) - problem.capacity.sum(axis=0)
    search.least_overload = max(search.least_overload, float(np.maximum(surplus, 0.0).sum()))
    if search.has_least_overload or len(problem.arc_cost) > _MAX_ARCS:
        return
    relaxation = overload_relaxation(problem, search.context.region_grower.neighbours, overload=best.overload)
    relaxation.bound = search.least_overload
    allowance = budget.allowance(time=0.2, work=work)
    relaxation.solve_rounds(rounds=3, allowance=allowance)
    found = solve_integer(relaxation, nodes=_FIRST_NODES, allowance=allowance)
    budget.spent += allowance.spent
    if found is not None:
        search.record(search.context.evaluate(found, best.price), "overload")
    search.least_overload = max(search.least_overload, relaxation.bound)


def _search_for_seats(search: Search, *, known: IntArray | None) -> None:
    """Run rounds until the overload is proven unavoidable; after some, search without regard to costs."""
    cores = search.budget.cores
    run_rounds(search, share=_SEATS_SHARE, cores=cores, stop=lambda: search.has_least_overload)
    if not search.has_least_overload:
        reduce_overload(search, share=_PHASE_SHARE, known=known)
    _renew_relaxation(search)


def _renew_relaxation(search: Search) -> None:
    """Replace the relaxation if the best solution has less overload than it allows."""
    if search.relaxation is None or search.best.overload < search.relaxation.overload:
        search.relaxation = _relaxation(search)


def _relaxation(search: Search) -> Relaxation | None:
    """Return the relaxation for the best solution, with the bound of the prices; ``None`` if too large."""
    best = search.best
    if search.context.problem.units > _MAX_UNITS:
        return None
    usable = search.usable_arcs_by_prices()
    if usable.sum() > _MAX_ARCS:
        return None
    relaxation = cost_relaxation(
        search.context.problem,
        search.context.region_grower.neighbours,
        usable,
        cutoff=best.cost,
        overload=best.overload,
    )
    relaxation.raise_bound(search.context.prices.bound_for_overload(best.overload))
    return relaxation


def _prove(search: Search, *, nodes: int, share: float) -> None:
    """Raise the bound for a share of the remaining time; record a better solution if one is found."""
    budget, relaxation = search.budget, search.relaxation
    if relaxation is None:
        return
    allowance = budget.allowance(time=share, work=share)
    relaxation.solve_rounds(rounds=30, allowance=allowance)
    found = solve_integer(relaxation, nodes=nodes, allowance=allowance)
    budget.spent += allowance.spent
    if found is not None:
        search.record(search.context.evaluate(found, search.best.price), "integer program")


def _proven(search: Search) -> bool:
    relaxation, best = search.relaxation, search.best
    if relaxation is None or best.overload < relaxation.overload:
        return False
    return best.cost <= relaxation.bound + _GAP_TOLERANCE * abs(relaxation.bound)


def _finish(search: Search) -> None:
    """Raise the bound in the remaining time, and continue the search in parallel on the other cores."""
    relaxation, budget = search.relaxation, search.budget
    if relaxation is None:
        return
    search.usable_arcs()
    allowance = budget.allowance(work=0.5)
    with ThreadPoolExecutor(max_workers=1) as background:
        search.relaxation = _frozen(relaxation)
        bounding = background.submit(_raise_bound, relaxation, allowance)
        if budget.cores == 1:
            bounding.result()
        run_rounds(
            search,
            share=1.0 if np.isinf(budget.work) else (1.0 + budget.used_share) / 2,
            cores=max(1, budget.cores - 1),
            stop=lambda: bounding.done() and relaxation.bound >= relaxation.cutoff,
        )
        found = bounding.result()
    budget.spent += allowance.spent
    search.relaxation = relaxation
    if found is not None:
        search.record(search.context.evaluate(found, search.best.price), "integer program")
    if np.isfinite(budget.work) and not _proven(search):
        run_rounds(search, share=1.0, cores=budget.cores)


def _raise_bound(relaxation: Relaxation, allowance: Allowance) -> IntArray | None:
    """Solve the integer program; where the work does not allow it, the relaxation as far as it goes."""
    found = solve_integer(relaxation, nodes=_LAST_NODES, allowance=allowance)
    if found is None and relaxation.bound < relaxation.cutoff:
        relaxation.solve_rounds(rounds=_LAST_ROUNDS, allowance=allowance)
    return found


def _frozen(relaxation: Relaxation) -> Relaxation:
    """Return a copy that stays unchanged while the original is solved."""
    return replace(relaxation, usable=relaxation.usable.copy(), cuts=dict(relaxation.cuts))


def _answer(problem: DistrictingProblem, search: Search) -> Districting:
    solution, relaxation, least = search.best, search.relaxation, search.least_overload
    audited = audit(problem, solution.assignment)
    if not audited.holds:
        raise DefectError("a districting violates its constraints")
    cost, bound = audited.cost, -np.inf
    overload = float(audited.overload.sum())
    if relaxation is not None and overload <= relaxation.overload + 1e-9 * (1 + overload):
        bound = min(relaxation.bound, cost)
    else:
        bound = min(search.context.prices.bound_for_overload(overload), cost)
    gap = 0.0 if cost == bound else (cost - bound) / max(abs(cost), 1e-12)
    best = gap <= _GAP_TOLERANCE and overload <= least + _GAP_TOLERANCE * max(1.0, least)
    return Districting(
        outcome=Outcome.OPTIMAL if best else Outcome.FEASIBLE,
        assignment=solution.assignment,
        cost=cost,
        overload=audited.overload,
        bound=bound,
        overload_bound=min(least, overload),
        gap=gap,
        audit=audited,
        unreachable=np.zeros(0, dtype=np.int64),
    )


def _none(problem: DistrictingProblem, outcome: Outcome, unreachable: IntArray) -> Districting:
    return Districting(
        outcome=outcome,
        assignment=np.zeros(0, dtype=np.int64),
        cost=float("nan"),
        overload=np.zeros_like(problem.capacity),
        bound=np.inf if outcome is Outcome.NO_PLAN_EXISTS else -np.inf,
        overload_bound=0.0,
        gap=float("nan"),
        audit=None,
        unreachable=unreachable,
    )
