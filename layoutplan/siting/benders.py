"""Solve the siting model by cuts: the choices alone, and what flows teach about them.

Where everybody reaches many schools, the direct program (:mod:`layoutplan.siting.formulation`) has tens of
thousands of columns for pupils, and few of them matter. Here the program holds the choices and, for each
region, one column for the pupils served. A flow tells what a choice really serves; its minimum cut is a law
that the program then must keep::

    served in the part ≤ pupils outside a set of groups + seats, chosen ones included, that the set can use

(:mod:`layoutplan.siting.parts` has them by region.) Every such law is true for every whole choice (it is half
of max-flow min-cut), so a program's bound is always valid; once no law is broken, the program says the truth,
so its answer is optimal. First fractional choices are cut until the bound hardly moves, halfway points to a
good choice included; then whole ones: of the choices that were taken at least in part, which are few and hold
good plans, and at last of all. A school chosen in part may take that part of every group only: with the set's
pupils as the limit of each choice, as in the strong form of facility location, few fractions are left to be
branched on.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np

from layoutplan.arrays import BoolArray, FloatArray, IntArray
from layoutplan.siting.formulation import (
    Choice,
    Columns,
    Effort,
    Limits,
    Solved,
    define_budget,
    define_choices,
    define_new_schools,
    money_unit,
    taken,
)
from layoutplan.siting.parts import Part, PartFlow, PartInequality, split_parts
from layoutplan.siting.shortage import Shortage, merge_arcs
from layoutplan.solve import Outcome, Program, ProgramBuilder, solve_program
from layoutplan.travel.distinct import distinct

_PUPILS_UNIT: Final = 1000.0  # pupils are counted in thousands: the solver's tolerances suit such numbers
_HALF: Final = 0.5
_BROKEN: Final = 1e-3  # pupils by which a law must be broken to be added
_STILL: Final = 1e-4  # a bound that moved by no more, relatively, hardly moves
_ROUNDING: Final = 1e-9  # relative; what arithmetic leaves behind
_FIRST_GAP: Final = 5e-3  # relative gap to which a program is solved while it is still far from the truth


@dataclass(frozen=True)
class Question:
    """What can be chosen within which limits, and the laws learnt of it: they serve any aim."""

    shortages: Mapping[str, Shortage]
    choices: Sequence[Choice]
    limits: Limits
    cuts: list[PartInequality] = field(default_factory=list)

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The pieces that choices change; all others serve what they serve now."""
        return split_parts(list(self.shortages.values()), self.choices)

    @cached_property
    def served_now(self) -> float:
        """Pupils of the parts who have a seat without any choice."""
        return sum(part.piece.served(part.now) for part in self.parts)

    @cached_property
    def fees(self) -> FloatArray:
        """What each choice must place before it counts."""
        return np.full(len(self.choices), self.limits.min_pupils)

    @cached_property
    def prices(self) -> FloatArray:
        """What each choice costs."""
        return np.array([one.price for one in self.choices], dtype=np.float64)


def flow_of(question: Question, choose: FloatArray) -> PartFlow:
    """Place the groups for a choice; return the pupils served and the cuts nearest source and sink."""
    flows = [part.flow(choose) for part in question.parts]
    return PartFlow(sum(flow.served for flow in flows), tuple(cut for flow in flows for cut in flow.cuts))


@dataclass(frozen=True)
class _ToldApart:
    """Regions gathered that no law known tells apart: of each region its group and its share of that."""

    group: IntArray
    share: FloatArray
    most: FloatArray


def _told_apart(question: Question) -> _ToldApart:
    pupils = np.concatenate([part.pupils for part in question.parts])
    regions = [cut.regions for cut in question.cuts]
    laws = np.repeat(np.arange(len(regions)), [len(one) for one in regions])
    group, most = merge_arcs(np.concatenate([np.zeros(0, dtype=np.int64), *regions]), laws, weights=pupils)
    free = group < 0  # of no law
    group[free] = len(most)
    most = np.append(most, pupils[free].sum())
    return _ToldApart(group, pupils / most[group], most)


def _program(
    question: Question, among: IntArray, told: _ToldApart, *, least: float | None, whole: bool
) -> tuple[Program, IntArray, IntArray]:
    """Return the program of some choices under the laws known, and its columns: choices, served by group."""
    builder = ProgramBuilder()
    choices = [question.choices[position] for position in among]
    choose = define_choices(builder, choices, whole=whole)
    columns = Columns(choose=choose, go={})
    define_budget(builder, choices, columns=columns, budget=question.limits.budget)
    define_new_schools(builder, choices, columns=columns, limit=question.limits.new_schools)
    most = told.most
    served = builder.columns(len(most), upper=most / _PUPILS_UNIT)
    column = np.full(len(question.choices), -1)
    column[among] = choose
    for cut in question.cuts:
        row = builder.rows(1, upper=cut.constant / _PUPILS_UNIT)
        builder.entries(row, served[distinct(told.group[cut.regions])], 1.0)
        used = column[cut.choices] >= 0
        builder.entries(row, column[cut.choices[used]], -cut.seats[used] / _PUPILS_UNIT)
    worth = [(served, np.ones(len(most))), (choose, -question.fees[among] / _PUPILS_UNIT)]
    if least is None:
        program = builder.program("maximise", worth, offset=-question.served_now / _PUPILS_UNIT)
        return program, choose, served
    row = builder.rows(1, lower=(least + question.served_now) / _PUPILS_UNIT)
    for terms, values in worth:
        builder.entries(row, terms, values)
    prices = question.prices[among] / money_unit(question.choices)
    return builder.program("minimise", [(choose, prices)]), choose, served


@dataclass(frozen=True)
class _Point:
    """What a program answered: a choice, the pupils it claims to serve by region, bound and outcome."""

    choose: FloatArray
    served: FloatArray
    bound: float
    outcome: Outcome


@dataclass
class _Search:
    """The state of a search: a good point to look halfway to, the best whole plan, the bound.

    ``least`` is the least worth of a plan where the least cost is looked for; ``until`` is when time is over;
    ``point`` the last fractional choice; ``seen`` the choices that were taken, in part or whole, at any such.
    """

    question: Question
    least: float | None
    relative_gap: float
    until: float
    seen: BoolArray
    inner: FloatArray | None = None
    point: FloatArray | None = None
    best: FloatArray | None = None
    value: float = float("nan")
    bound: float = float("nan")

    @property
    def everything(self) -> IntArray:
        """All choices."""
        return np.arange(len(self.question.choices))

    def take_parts(self) -> None:
        """Learn at fractional choices until the bound hardly moves, and round the last one to a plan."""
        bound = float("nan")
        while (point := self._solve(self.everything, whole=False, until=self.until)) is not None:
            self.point = point.choose
            self.seen |= point.choose > 0
            learnt, _ = self._learn_at(point)
            if learnt == 0 or abs(point.bound - bound) <= _STILL * abs(bound):
                break
            bound = point.bound
        if self.point is not None:
            plan = _rounded(self.question, self.point)
            self._keep(flow_of(self.question, plan), plan)

    def choose_among(self, among: IntArray, until: float) -> bool:
        """Look for the best whole plan of some choices; return whether there is surely none better.

        As long as programs claim to serve more than flows find, they are not asked for their last digits.
        """
        gap = max(_FIRST_GAP, self.relative_gap)
        while (point := self._solve(among, whole=True, until=until, relative_gap=gap)) is not None:
            learnt, flow = self._learn_at(point)
            self._keep(flow, point.choose)
            enough = self.relative_gap + _ROUNDING
            last = learnt == 0 and point.outcome is Outcome.OPTIMAL and gap <= enough
            if last or _gap(self.value, point.bound) <= enough:
                return True
            claimed = float(point.served.sum())
            wrong = (claimed - flow.served) / max(1.0, flow.served - self.question.served_now)
            gap = max(self.relative_gap, min(_FIRST_GAP, wrong / 4))
        return False

    def _solve(
        self, among: IntArray, *, whole: bool, until: float, relative_gap: float = 0.0
    ) -> _Point | None:
        """Solve the program of some choices; ``None`` without time or a plan."""
        left = until - time.monotonic()
        if left <= 0:
            return None
        told = _told_apart(self.question)
        program, choose, served = _program(self.question, among, told, least=self.least, whole=whole)
        solution = solve_program(program, time_limit_s=left, relative_gap=relative_gap)
        if not solution.outcome.has_plan:
            return None
        taken_up = np.zeros(len(self.question.choices))
        taken_up[among] = solution.values[choose]
        bound = solution.bound * (_PUPILS_UNIT if self.least is None else money_unit(self.question.choices))
        if len(among) == len(taken_up):
            self.bound = float((np.fmin if self.least is None else np.fmax)(self.bound, bound))
        pupils = solution.values[served][told.group] * told.share * _PUPILS_UNIT
        return _Point(taken_up, pupils, bound, solution.outcome)

    def _learn_at(self, point: _Point) -> tuple[int, PartFlow]:
        """Learn at a point and halfway to the inner one; return how many laws, and the flow at the point."""
        flow = flow_of(self.question, point.choose)
        learnt = self._learn(flow, point)
        if learnt and self.inner is not None:
            middle = (self.inner + point.choose) / 2
            halfway = flow_of(self.question, middle)
            self._learn(halfway, point)
            if self.least is None or self._worth(halfway, middle) >= self.least:
                self.inner = middle
        elif self.inner is None:
            self.inner = point.choose
        return learnt, flow

    def _learn(self, flow: PartFlow, point: _Point) -> int:
        """Add the laws that a point breaks; return how many."""
        broken = [
            cut for cut in flow.cuts if point.served[cut.regions].sum() > cut.at(point.choose) + _BROKEN
        ]
        self.question.cuts.extend(broken)
        return len(broken)

    def _worth(self, flow: PartFlow, choose: FloatArray) -> float:
        """Return pupils newly served less fees."""
        return flow.served - self.question.served_now - float((self.question.fees * choose).sum())

    def _keep(self, flow: PartFlow, choose: FloatArray) -> None:
        """Keep a whole plan if it is the best so far."""
        worth = self._worth(flow, choose)
        if self.least is None:
            value, good = worth, not worth <= self.value
        else:
            value = float((self.question.prices * choose).sum())
            good = worth >= self.least - _BROKEN and not value >= self.value
        if good:
            self.best, self.value = choose, value


def _gap(value: float, bound: float) -> float:
    """Return the relative gap between a plan and a bound; nan without either."""
    return abs(value - bound) / max(1.0, abs(value))


def _rounded(question: Question, choose: FloatArray) -> FloatArray:
    """Return the whole plan of the choices taken by half or more, the surest first, within the limits."""
    plan, limits = np.zeros(len(choose)), question.limits
    money = np.inf if limits.budget is None else limits.budget
    schools = np.inf if limits.new_schools is None else float(limits.new_schools)
    settled: set[int] = set()
    for place in np.argsort(-choose, kind="stable"):
        choice = question.choices[place]
        if choose[place] < _HALF:
            break
        if choice.candidate not in settled and choice.price <= money and choice.is_new <= schools:
            plan[place] = 1.0
            settled.add(choice.candidate)
            money, schools = money - choice.price, schools - choice.is_new
    return plan


def answer_by_cuts(
    question: Question, effort: Effort, *, least: float | None = None, known: Sequence[Choice] = ()
) -> Solved:
    """Return the plan of the greatest worth, or the cheapest of those worth at least ``least``.

    Parameters
    ----------
    question
        What can be chosen; what is learnt is kept there.
    effort
        Seconds for all rounds together, and the relative gap at which to stop.
    known
        A plan known to be good: a start for the halfway points, and its choices are among the first tried.

    Returns
    -------
    Answer
        The best whole plan met, with the tightest bound of all programs; ``OPTIMAL`` if the gap is closed.
    """
    until = time.monotonic() + effort.time_limit_s
    start = np.array([float(any(choice is one for one in known)) for choice in question.choices])
    inner = start if len(known) else None
    search = _Search(question, least, effort.relative_gap, until, seen=start > 0, inner=inner)
    search.take_parts()
    # The best plan is nearly always one of choices that were of use in part: these few are tried first.
    search.choose_among(np.flatnonzero(search.seen), until=(time.monotonic() + until) / 2)
    return _answer(search, proven=search.choose_among(search.everything, until))


def _answer(search: _Search, *, proven: bool) -> Solved:
    if search.best is None:
        return Solved((), Outcome.NO_PLAN_FOUND, float("nan"), search.bound, float("nan"))
    # The bound of the last program may lie a hair on the wrong side of a plan it proves the best.
    closest = max if search.least is None else min
    bound = closest(search.bound, search.value)
    return Solved(
        chosen=taken(search.question.choices, search.best),
        outcome=Outcome.OPTIMAL if proven else Outcome.FEASIBLE,
        objective=search.value,
        bound=bound,
        gap=_gap(search.value, bound),
    )
