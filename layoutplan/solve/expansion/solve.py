"""Solve an expansion problem: serve pupils, then least cost, then least walking over the choice; audited."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

import numpy as np

from layoutplan.arrays import FloatArray
from layoutplan.solve.expansion.audit import PlanFigures, audit_plan
from layoutplan.solve.expansion.effort import ExpansionEffort, Work
from layoutplan.solve.expansion.inequalities import Capacities, ExpansionChoice, FlowInequality
from layoutplan.solve.expansion.master import Weights
from layoutplan.solve.expansion.paths import states_of
from layoutplan.solve.expansion.polish import polish
from layoutplan.solve.expansion.pricing import PricedMarket, rounded_market
from layoutplan.solve.expansion.problem import Expansion, check_expansion
from layoutplan.solve.expansion.search import ExpansionSearch, Objective, PricedPlan
from layoutplan.solve.expansion.whole_plans import decide
from layoutplan.solve.outcome import Outcome

SLACK: Final = 0.005
"""Share of the least cost that less walking may cost."""
CHAIN: Final = 50.0
"""A pupil without a seat costs more than a chain of so many dearest arcs."""
_STILL: Final = 1e-3  # the relaxation only shows places where another step has bounded the cost
_TAIL: Final = 0.05  # of the gap asked for: a round of the relaxation that gains less is not worth another
_SHARES: Final = {"serve": 0.25, "cost": 0.75}  # of the time and work left; the rest is for walking
_SERVE_GAP: Final = 0.2  # of the gap asked for: pupils come first, and are soon decided


@dataclass(frozen=True)
class ExpansionStep:
    """One objective: how its search ended, its value, bound and gap, and the value recomputed by the audit.

    ``name`` is ``serve`` (pupil-years without a seat, and the fees of states), ``cost`` (money, with the
    loss of pupils without a seat where serving was no objective of its own) or ``walk`` (cost, and walking
    at the small price ``price``).
    """

    name: str
    outcome: Outcome
    value: float
    bound: float
    gap: float
    audited: float = float("nan")
    price: float = 0.0


@dataclass(frozen=True)
class ExpansionPlan:
    """The plan found, with the steps that led to it.

    Attributes
    ----------
    moves
        Whether each move is made, shape (moves,).
    states
        1 where a state is in force, shape (states, years).
    units
        Units of each row, shape (rows,).
    steps
        The steps.
    figures
        Placement, cost and walking, recomputed by the audit.
    late
        Whether time cut a step short: another run may find another plan.
    work
        Work done.
    """

    moves: FloatArray
    states: FloatArray
    units: FloatArray
    steps: tuple[ExpansionStep, ...]
    figures: PlanFigures
    late: bool = False
    work: float = 0.0


def solve_expansion(problem: Expansion, effort: ExpansionEffort | None = None) -> ExpansionPlan:
    """Return what to do at each site and in each year.

    In this order: fewest pupils without a seat (with the fees of states), least cost, and least walking
    within half a per cent of the least cost. The plan is polished: no move can be left out, and no state
    taken smaller, without loss.

    Parameters
    ----------
    problem
        The problem.
    effort
        Time, work and gap.

    Returns
    -------
    ExpansionPlan
        Audited; with every step's bound and gap. Doing nothing is always a plan.

    Raises
    ------
    DefectError
        If the arrays do not fit each other, or the audit contradicts the search.
    """
    check_expansion(problem)
    effort = effort or ExpansionEffort()
    problem = replace(problem, markets=tuple(rounded_market(market) for market in problem.markets))
    until = time.monotonic() + effort.time_limit_s
    work = Work(effort.work_for(problem))
    solver = _Solver(problem, Capacities(problem), effort, until, work)
    nothing = _nothing(problem)
    plan, steps, limit = nothing, [], None
    if problem.serve_first:
        served, step = solver.serve(nothing)
        plan, limit = served, served.unserved
        lost = audit_plan(problem, served.moves, served.choice).unserved.sum()
        fees = (problem.states.fee[:, None] * served.choice.states).sum()
        steps.append(replace(step, audited=float(lost + fees)))
    cheapest, step = solver.cost([nothing, plan], limit)
    figures = audit_plan(problem, cheapest.moves, cheapest.choice)
    steps.append(replace(step, audited=_cost(problem, figures)))
    plan, step = solver.walk(cheapest, limit)
    figures = audit_plan(problem, plan.moves, plan.choice)
    steps[-1] = _no_dearer(steps[-1], _cost(problem, figures), effort.relative_gap)
    audited = _cost(problem, figures) + step.price * figures.walk
    steps.append(replace(step, audited=audited))
    moves, units = np.rint(plan.moves), np.rint(plan.choice.units)  # whole but for rounding, by the audit
    states = states_of(problem, moves)
    return ExpansionPlan(moves, states, units, tuple(steps), figures, solver.late, work.done)


def _no_dearer(step: ExpansionStep, cost: float, relative_gap: float) -> ExpansionStep:
    """Return the step of the least cost; that of the final plan where walking led to a cheaper one."""
    if cost >= step.audited:
        return step
    gap = max(cost - step.bound, 0.0) / max(1.0, abs(cost))
    outcome = Outcome.OPTIMAL if gap <= relative_gap else step.outcome
    return replace(step, outcome=outcome, value=cost, bound=min(step.bound, cost), gap=gap, audited=cost)


def _cost(problem: Expansion, figures: PlanFigures) -> float:
    """Return the cost of a plan, with the loss of pupils without a seat where it alone weighs them."""
    if problem.serve_first:
        return figures.cost
    return figures.cost + float((problem.loss * figures.unserved).sum())


def _nothing(problem: Expansion) -> PricedPlan:
    states = np.zeros(problem.states.cost.shape)
    states[problem.states.first] = 1.0
    choice = ExpansionChoice(states, np.zeros(len(problem.units.most)))
    return PricedPlan(np.zeros(len(problem.moves.year)), choice, np.inf, np.inf)


@dataclass
class _Solver:
    """The steps, sharing capacities and time."""

    problem: Expansion
    capacities: Capacities
    effort: ExpansionEffort
    until: float
    work: Work
    cheap: ExpansionSearch | None = None
    on_unserved: list[FlowInequality] = field(default_factory=list)
    late: bool = False

    @cached_property
    def free(self) -> tuple[PricedMarket, ...]:
        """The markets without costs."""
        return tuple(
            PricedMarket(market, np.zeros(len(market.origin)), 1.0) for market in self.problem.markets
        )

    def serve(self, start: PricedPlan) -> tuple[PricedPlan, ExpansionStep]:
        """Minimise pupils without a seat, and the fees of states."""
        markets = self.problem.markets
        weights = Weights(0.0, np.ones(len(markets)), 1.0, 1.0)
        search = self._search(Objective(self.capacities, self.free, weights), "serve")
        found = self._run("serve", search, [start])
        self.on_unserved = search.cuts
        return found

    def cost(self, starts: Sequence[PricedPlan], limit: float | None) -> tuple[PricedPlan, ExpansionStep]:
        """Minimise cost."""
        search = self._search(self._priced(0.0, limit), "cost")
        if search.objective.large:
            search.cuts.extend(self.on_unserved)
        self.cheap = search
        return self._run("cost", search, starts)

    def walk(self, cheapest: PricedPlan, limit: float | None) -> tuple[PricedPlan, ExpansionStep]:
        """Minimise cost and walking at a small price; keep the cheapest plan where that costs too much."""
        figures = audit_plan(self.problem, cheapest.moves, cheapest.choice)
        price = 1.0
        if figures.cost != 0 and figures.walk > 0:
            price = SLACK * abs(figures.cost) / figures.walk
        search = self._search(self._priced(price, limit), "walk")
        beside = figures.cost != 0
        if beside and self.cheap is not None:
            # What costs at least so much costs no less with walking; only places seen there are compared.
            search.bound, search.seen = self.cheap.bound, self.cheap.seen.copy()
            search.cuts.extend(self.cheap.cuts)
        plan, step = self._run("walk", search, [cheapest], whole=not beside)
        found = audit_plan(self.problem, plan.moves, plan.choice)
        if found.cost > figures.cost + SLACK * abs(figures.cost):
            plan, step = cheapest, replace(step, outcome=Outcome.FEASIBLE)
        return plan, replace(step, price=price)

    def _priced(self, walk: float, limit: float | None) -> Objective:
        markets, problem = self.problem.markets, self.problem
        most = max((float(market.walk.max(initial=0.0)) for market in markets), default=0.0)
        loss = problem.loss + walk * most
        if problem.serve_first:
            loss = np.full(len(loss), CHAIN * float(loss.max(initial=0.0)))
        priced = tuple(
            PricedMarket(market, market.cost + walk * market.walk, float(lost))
            for market, lost in zip(markets, loss, strict=True)
        )
        unit = max(
            float(np.abs(problem.moves.cost).max(initial=0.0)),
            float(np.abs(problem.states.cost).max(initial=0.0)),
            float(problem.units.cost.max(initial=0.0)),
            float(loss.max(initial=0.0)) / CHAIN,
        )
        unit = unit or 1.0  # nothing costs anything, as where there is no year to plan for
        constant = 0.0 if limit is None else limit * float(loss.max(initial=0.0))
        free = () if limit is None else self.free
        return Objective(self.capacities, priced, Weights(1.0, loss, 0.0, unit, constant), limit, free)

    def _search(self, objective: Objective, step: str) -> ExpansionSearch:
        now = time.monotonic()
        share = _SHARES.get(step, 1.0)
        self.work.share(share)
        gap = self.effort.relative_gap * (_SERVE_GAP if step == "serve" else 1.0)
        return ExpansionSearch(objective, gap, now + share * max(self.until - now, 0.0), self.work)

    def _run(
        self, name: str, search: ExpansionSearch, starts: Sequence[PricedPlan], *, whole: bool = True
    ) -> tuple[PricedPlan, ExpansionStep]:
        for start in starts:
            plan, cuts = search.price(start.moves, start.choice)
            search.cuts.extend(cuts)
            search.keep(plan)
        search.relax(still=_TAIL * self.effort.relative_gap if whole else _STILL)
        proven = decide(search, all_moves=whole)
        if search.best is None:  # no start leaves as few pupils without a seat; the step before had one
            search.keep(replace(starts[-1], value=np.inf))
        polish(search)
        self.late |= search.late
        best = search.best or starts[-1]
        proven = proven or search.gap <= self.effort.relative_gap
        outcome = Outcome.OPTIMAL if proven else Outcome.FEASIBLE
        bound = min(search.bound, best.value)
        return best, ExpansionStep(name, outcome, best.value, bound, search.gap)
