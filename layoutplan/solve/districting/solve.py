"""Districting: the call, and its answer."""

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
from layoutplan.solve.districting.bound import Relaxation, cost_relaxation, overload_relaxation, whole_plan
from layoutplan.solve.districting.budget import Budget
from layoutplan.solve.districting.problem import DistrictingProblem, reachable_arcs
from layoutplan.solve.districting.search import Search, begin, run_cold, run_rounds
from layoutplan.solve.outcome import Outcome

_SEARCHED: Final = 0.8
"""Share of the limits after which one core works on the bound."""
_LARGEST: Final = 60_000
"""Arcs up to which the relaxation is solved as a linear program."""
_LARGEST_UNITS: Final = 20_000
_FIRST_NODES: Final = 100
_LAST_NODES: Final = 1_000_000
_NODES_A_WORK: Final = 20
_PROVEN: Final = 1e-6


@dataclass(frozen=True)
class Districting:
    """A districting and what is proven about it.

    Attributes
    ----------
    outcome
        ``OPTIMAL``: no plan has less overload, none with as little costs less (to 1e-6). ``FEASIBLE``: a
        plan; ``overload`` tells whether it is within capacity. ``NO_PLAN_EXISTS``: see ``unreachable``.
        ``NO_PLAN_FOUND``: the limits were reached first.
    assignment
        (units,): the school of each unit; empty without a plan.
    cost
        Sum of the arcs used; nan without a plan.
    overload
        (schools, columns): pupils above capacity; all zero where the plan is within capacity.
    bound
        No plan whose total overload is at most this plan's costs less.
    overload_bound
        No plan has less overload in all.
    gap
        (cost - bound) / cost; 0 where both are 0.
    audit
        The plan recomputed without the search.
    unreachable
        Units that no school can have in a connected district.
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
    clock: Callable[[], float] = time.monotonic,
) -> Districting:
    """Assign units to schools in connected districts: least overload, then least cost; and bound the cost.

    Parameters
    ----------
    problem
        See :func:`~layoutplan.solve.districting.problem.districting_problem`.
    seconds
        Time limit, by ``clock``; the call ends within a tenth of it, plus a second for compiling.
    work
        Limit in millions of proposals. A run that it stops, and the time limit does not, repeats exactly for
        a seed, on any number of cores.
    cores
        Threads; compiled moves and programs run beside each other.

    Returns
    -------
    Districting
        Audited.

    Raises
    ------
    DefectError
        If the audit finds a constraint broken.
    """
    usable, unreachable = reachable_arcs(problem)
    if unreachable.any():
        return _none(problem, Outcome.NO_PLAN_EXISTS, np.flatnonzero(unreachable))
    useful = problem.restricted(usable)
    budget = Budget(seconds, work, cores, clock)
    search = begin(useful, budget, seed=seed)
    if search is None:
        return _none(problem, Outcome.NO_PLAN_FOUND, np.zeros(0, dtype=np.int64))
    run_cold(search)
    least = _prove_overload(search)
    search.relaxation = _relaxation(search)
    _prove(search, nodes=_FIRST_NODES, share=0.1)
    if not _proven(search):
        alone = search.relaxation is None
        run_rounds(search, share=1.0 if alone else _SEARCHED, cores=cores)
        least = max(least, _prove_overload(search))
        if search.relaxation is None or search.best.overload < search.relaxation.overload:
            search.relaxation = _relaxation(search)
        _finish(search)
    return _answer(problem, search, least)


def _prove_overload(search: Search) -> float:
    """Return a bound of the overload; take a plan over that has less."""
    best, budget, problem = search.best, search.budget, search.ground.problem
    surplus = problem.demand.sum(axis=0) - problem.capacity.sum(axis=0)
    least = float(np.maximum(surplus, 0.0).sum())
    if best.overload <= least or len(problem.arc_cost) > _LARGEST:
        return least
    relaxation = overload_relaxation(problem, search.ground.grower.neighbours, overload=best.overload)
    relaxation.bound = least
    until = budget.left_s * 0.8
    relaxation.advance(rounds=3, left_s=lambda: budget.left_s - until)
    found = whole_plan(relaxation, nodes=_FIRST_NODES, left_s=lambda: budget.left_s - until)
    if found is not None:
        search.take(search.ground.plan(found, best.price), "overload")
    return relaxation.bound


def _relaxation(search: Search) -> Relaxation | None:
    """Return the relaxation for the best plan so far, with what the prices prove; ``None`` if too large."""
    best = search.best
    if search.ground.problem.units > _LARGEST_UNITS:
        return None
    usable = search.usable_by_prices()
    if usable.sum() > _LARGEST:
        return None
    relaxation = cost_relaxation(
        search.ground.problem,
        search.ground.grower.neighbours,
        usable,
        upper=best.cost,
        overload=best.overload,
    )
    relaxation.prove(search.ground.prices.bound_with(best.overload))
    return relaxation


def _prove(search: Search, *, nodes: int, share: float) -> None:
    """Work on the bound for a share of the time that is left; take a better plan over."""
    budget, relaxation = search.budget, search.relaxation
    if relaxation is None:
        return
    until = budget.left_s * (1 - share)
    relaxation.advance(rounds=30, left_s=lambda: budget.left_s - until)
    found = whole_plan(relaxation, nodes=nodes, left_s=lambda: budget.left_s - until)
    if found is not None:
        search.take(search.ground.plan(found, search.best.price), "whole")


def _proven(search: Search) -> bool:
    relaxation, best = search.relaxation, search.best
    if relaxation is None or best.overload < relaxation.overload:
        return False
    return best.cost <= relaxation.bound + _PROVEN * abs(relaxation.bound)


def _finish(search: Search) -> None:
    """Bound the best plan with what is left, and search on beside it where there is a core for it."""
    relaxation, budget = search.relaxation, search.budget
    if relaxation is None:
        return
    search.usable()
    nodes = int(_NODES_A_WORK * budget.work) if np.isfinite(budget.work) else _LAST_NODES
    with ThreadPoolExecutor(max_workers=1) as beside:
        search.relaxation = _frozen(relaxation)
        bounding = beside.submit(whole_plan, relaxation, nodes=nodes, left_s=lambda: budget.left_s)
        if budget.cores == 1:
            bounding.result()
        run_rounds(
            search,
            share=1.0,
            cores=max(1, budget.cores - 1),
            stop=lambda: bounding.done() and relaxation.bound >= relaxation.upper,
        )
        found = bounding.result()
    search.relaxation = relaxation
    if found is not None:
        search.take(search.ground.plan(found, search.best.price), "whole")


def _frozen(relaxation: Relaxation) -> Relaxation:
    """Return a copy that can be solved while the original is."""
    return replace(relaxation, usable=relaxation.usable.copy(), cuts=dict(relaxation.cuts))


def _answer(problem: DistrictingProblem, search: Search, least: float) -> Districting:
    plan, relaxation = search.best, search.relaxation
    audited = audit(problem, plan.assignment)
    if not audited.holds:
        raise DefectError("a districting breaks its own constraints")
    cost, bound = audited.cost, -np.inf
    overload = float(audited.overload.sum())
    if relaxation is not None and overload <= relaxation.overload + 1e-9 * (1 + overload):
        bound = min(relaxation.bound, cost)
    else:
        bound = min(search.ground.prices.bound_with(overload), cost)
    gap = 0.0 if cost == bound else (cost - bound) / max(abs(cost), 1e-12)
    best = gap <= _PROVEN and overload <= least + _PROVEN * max(1.0, least)
    return Districting(
        outcome=Outcome.OPTIMAL if best else Outcome.FEASIBLE,
        assignment=plan.assignment,
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
