"""Solve the siting model by Benders decomposition with cuts from minimum cuts of a flow.

Where every group reaches many schools, the direct program (:mod:`layoutplan.siting.formulation`) has tens of
thousands of flow columns, of which few matter. Here the master program contains the choices and, for each
region, one column for the pupils served. A maximum flow gives the pupils that a choice actually serves; its
minimum cut gives an inequality that is added to the master program::

    served in the part ≤ pupils outside a set of groups + seats, chosen ones included, that the set can use

(:mod:`layoutplan.siting.parts` separates them by region.) By max-flow min-cut, every inequality holds for
every integer choice, so the bound of the master program is always valid; with no violated inequality the
relaxation is exact and its solution optimal. Fractional choices are separated first, until the bound stalls;
points halfway to an interior point are separated too (in-out separation). Integer choices follow: first among
the choices that were positive in some fractional solution, which are few and contain good plans, then among
all. A fractionally chosen school may take only that fraction of every group. This limits each choice by the
pupils of the set, as in the strong formulation of facility location, and leaves few fractions to branch on.
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

_PUPILS_UNIT: Final = 1000.0  # thousands of pupils: a scale that suits the solver's tolerances
_HALF: Final = 0.5
_BROKEN: Final = 1e-3  # pupils: an inequality violated by less is not added
_STILL: Final = 1e-4  # relative improvement of the bound below which it stalls
_ROUNDING: Final = 1e-9  # relative rounding error
_FIRST_GAP: Final = 5e-3  # relative gap of the master program while the relaxation is inaccurate


@dataclass(frozen=True)
class Question:
    """The choices, the limits, and the inequalities found so far, which are valid for every objective.

    Attributes
    ----------
    shortages
        By stage, the part of the city that new seats can change.
    choices
        The options that may be chosen.
    limits
        Budget, number of new schools, minimum pupils per proposal.
    cuts
        Inequalities found; extended during a solve.
    """

    shortages: Mapping[str, Shortage]
    choices: Sequence[Choice]
    limits: Limits
    cuts: list[PartInequality] = field(default_factory=list)

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The connected pieces that choices can change; all others serve the same pupils under any choice."""
        return split_parts(list(self.shortages.values()), self.choices)

    @cached_property
    def served_now(self) -> float:
        """Pupils of the parts who have a seat without any choice."""
        return sum(part.piece.served(part.now) for part in self.parts)

    @cached_property
    def fees(self) -> FloatArray:
        """Pupils that each choice must place before it counts, shape (choices,)."""
        return np.full(len(self.choices), self.limits.min_pupils)

    @cached_property
    def prices(self) -> FloatArray:
        """Price of each choice, shape (choices,)."""
        return np.array([one.price for one in self.choices], dtype=np.float64)


def flow_of(question: Question, choose: FloatArray) -> PartFlow:
    """Evaluate a choice by maximum flow.

    Parameters
    ----------
    question
        Choices and parts.
    choose
        Value of each choice, 0 to 1, shape (choices,).

    Returns
    -------
    PartFlow
        Pupils served in the parts, and the inequalities of the minimum cuts nearest source and sink.
    """
    flows = [part.flow(choose) for part in question.parts]
    return PartFlow(sum(flow.served for flow in flows), tuple(cut for flow in flows for cut in flow.cuts))


@dataclass(frozen=True)
class _RegionGroups:
    """Regions aggregated into groups that no inequality distinguishes.

    ``group`` is the group of each region, ``share`` its share of the group's pupils, ``most`` the pupils of
    each group.
    """

    group: IntArray
    share: FloatArray
    most: FloatArray


def _group_regions(question: Question) -> _RegionGroups:
    """Return the regions aggregated by the inequalities that contain them."""
    pupils = np.concatenate([part.pupils for part in question.parts])
    regions = [cut.regions for cut in question.cuts]
    cut_of = np.repeat(np.arange(len(regions)), [len(one) for one in regions])
    group, most = merge_arcs(np.concatenate([np.zeros(0, dtype=np.int64), *regions]), cut_of, weights=pupils)
    free = group < 0  # in no inequality
    group[free] = len(most)
    most = np.append(most, pupils[free].sum())
    return _RegionGroups(group, pupils / most[group], most)


def _program(
    question: Question, among: IntArray, grouped: _RegionGroups, *, least: float | None, whole: bool
) -> tuple[Program, IntArray, IntArray]:
    """Return the master program of some choices, and its columns: choices, pupils served by group."""
    builder = ProgramBuilder()
    choices = [question.choices[position] for position in among]
    choose = define_choices(builder, choices, whole=whole)
    columns = Columns(choose=choose, go={})
    define_budget(builder, choices, columns=columns, budget=question.limits.budget)
    define_new_schools(builder, choices, columns=columns, limit=question.limits.new_schools)
    most = grouped.most
    served = builder.columns(len(most), upper=most / _PUPILS_UNIT)
    column = np.full(len(question.choices), -1)
    column[among] = choose
    for cut in question.cuts:
        row = builder.rows(1, upper=cut.constant / _PUPILS_UNIT)
        builder.entries(row, served[distinct(grouped.group[cut.regions])], 1.0)
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
    """A solution of the master program: choice, pupils served by region, bound and outcome."""

    choose: FloatArray
    served: FloatArray
    bound: float
    outcome: Outcome


@dataclass
class _Search:
    """State of a search: an interior point, the best integer plan and the bound.

    ``least`` is the minimum worth of a plan when cost is minimised; ``until`` is the deadline on the
    monotonic clock; ``point`` is the last fractional choice; ``seen`` marks the choices that were positive in
    any fractional solution.
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
        """Positions of all choices."""
        return np.arange(len(self.question.choices))

    def take_parts(self) -> None:
        """Separate fractional choices until the bound stalls, and round the last one to a plan."""
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
        """Search the best integer plan of some choices; return whether it is proven that none is better.

        While the relaxation overestimates the pupils served, the master program is solved to a wider gap.

        Parameters
        ----------
        among
            Positions of the choices.
        until
            Deadline on the monotonic clock, seconds.
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
        """Solve the master program of some choices; return ``None`` without time or a plan."""
        left = until - time.monotonic()
        if left <= 0:
            return None
        grouped = _group_regions(self.question)
        program, choose, served = _program(self.question, among, grouped, least=self.least, whole=whole)
        solution = solve_program(program, time_limit_s=left, relative_gap=relative_gap)
        if not solution.outcome.has_plan:
            return None
        taken_up = np.zeros(len(self.question.choices))
        taken_up[among] = solution.values[choose]
        bound = solution.bound * (_PUPILS_UNIT if self.least is None else money_unit(self.question.choices))
        if len(among) == len(taken_up):
            self.bound = float((np.fmin if self.least is None else np.fmax)(self.bound, bound))
        pupils = solution.values[served][grouped.group] * grouped.share * _PUPILS_UNIT
        return _Point(taken_up, pupils, bound, solution.outcome)

    def _learn_at(self, point: _Point) -> tuple[int, PartFlow]:
        """Separate at a point and halfway to the interior point; return the number of cuts and the flow."""
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
        """Add the inequalities that a point violates; return their number."""
        broken = [
            cut for cut in flow.cuts if point.served[cut.regions].sum() > cut.at(point.choose) + _BROKEN
        ]
        self.question.cuts.extend(broken)
        return len(broken)

    def _worth(self, flow: PartFlow, choose: FloatArray) -> float:
        """Return the pupils newly served, less the fees of the choices."""
        return flow.served - self.question.served_now - float((self.question.fees * choose).sum())

    def _keep(self, flow: PartFlow, choose: FloatArray) -> None:
        """Keep an integer plan if it is the best so far."""
        worth = self._worth(flow, choose)
        if self.least is None:
            value, good = worth, not worth <= self.value
        else:
            value = float((self.question.prices * choose).sum())
            good = worth >= self.least - _BROKEN and not value >= self.value
        if good:
            self.best, self.value = choose, value


def _gap(value: float, bound: float) -> float:
    """Return the relative gap between a plan and a bound; NaN without either."""
    return abs(value - bound) / max(1.0, abs(value))


def _rounded(question: Question, choose: FloatArray) -> FloatArray:
    """Return the integer plan of the choices of value one half or more, largest first, within the limits."""
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
    """Return the plan of maximum worth, or the cheapest plan of at least a given worth.

    Parameters
    ----------
    question
        Choices and limits; inequalities found are stored in it.
    effort
        Time limit of all rounds together, and the relative gap at which to stop.
    least
        Minimum worth, pupils; ``None`` maximises the worth, otherwise the price is minimised.
    known
        A feasible plan: the initial interior point, whose choices are among the first tried.

    Returns
    -------
    Solved
        The best integer plan found, with the tightest bound of all programs; ``OPTIMAL`` if the gap is
        closed, ``NO_PLAN_FOUND`` without a plan.
    """
    until = time.monotonic() + effort.time_limit_s
    start = np.array([float(any(choice is one for one in known)) for choice in question.choices])
    inner = start if len(known) else None
    search = _Search(question, least, effort.relative_gap, until, seen=start > 0, inner=inner)
    search.take_parts()
    # The best plan nearly always consists of choices that were positive in a relaxation: try them first.
    search.choose_among(np.flatnonzero(search.seen), until=(time.monotonic() + until) / 2)
    return _answer(search, proven=search.choose_among(search.everything, until))


def _answer(search: _Search, *, proven: bool) -> Solved:
    if search.best is None:
        return Solved((), Outcome.NO_PLAN_FOUND, float("nan"), search.bound, float("nan"))
    # Within tolerances, the bound of the last program may be slightly worse than the plan it proves optimal.
    closest = max if search.least is None else min
    bound = closest(search.bound, search.value)
    return Solved(
        chosen=taken(search.question.choices, search.best),
        outcome=Outcome.OPTIMAL if proven else Outcome.FEASIBLE,
        objective=search.value,
        bound=bound,
        gap=_gap(search.value, bound),
    )
