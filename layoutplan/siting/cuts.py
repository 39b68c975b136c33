"""Solve the siting model by cuts: the choices alone, and what flows teach about them.

Where everybody reaches many schools, the direct program (:mod:`layoutplan.siting.model`) has tens of
thousands of columns for pupils, and few of them matter. Here the program holds the choices and, for each
connected part of each stage, one column for the pupils served. A flow tells what a choice really serves; its
minimum cut is a law that the program then must keep::

    served in the part ≤ pupils outside a set of groups + seats, chosen ones included, that the set can use

Every such law is true for every whole choice (it is half of max-flow min-cut), so the program's bound is
always valid; once no law is broken, the program says the truth, so its answer is optimal. First fractional
choices are cut until none is broken, halfway points to a good choice included, then whole ones. A school
chosen in part may take that part of every group only: with the set's pupils as the limit of each choice, as
in the strong form of facility location, few fractions are left to be branched on.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np

from layoutplan.siting.model import (
    Answer,
    Choice,
    Columns,
    Effort,
    Limits,
    define_budget,
    define_choices,
    define_new_schools,
    money_unit,
    taken,
)
from layoutplan.siting.pieces import FloatArray, IntArray, Law, Piece
from layoutplan.siting.shortage import Shortage
from layoutplan.solve import Outcome, Program, ProgramBuilder, solve_program

_PUPILS_UNIT: Final = 1000.0  # pupils are counted in thousands: the solver's tolerances suit such numbers
_HALF: Final = 0.5
_BROKEN: Final = 1e-3  # pupils by which a law must be broken to be added


@dataclass(frozen=True)
class Part:
    """A piece of a stage where something can be chosen.

    ``now`` are the seats of its nodes without any choice; ``choice``, ``node`` and ``seats`` say which choice
    adds how many seats at which of its nodes.
    """

    piece: Piece
    now: FloatArray
    choice: IntArray
    node: IntArray
    seats: FloatArray

    def seats_with(self, choose: FloatArray) -> FloatArray:
        """Return the seats of its nodes with a choice, whole or fractional."""
        seats = self.now.copy()
        np.add.at(seats, self.node, self.seats * choose[self.choice])
        return seats

    def share_with(self, choose: FloatArray) -> FloatArray:
        """Return what share of every group each of its nodes may take: all where there are seats already."""
        share = (self.now > 0).astype(np.float64)
        np.add.at(share, self.node, choose[self.choice])
        return np.minimum(share, 1.0)


@dataclass(frozen=True)
class Cut:
    """Served in ``part`` ≤ ``constant`` + ``seats`` of each choice."""

    part: int
    constant: float
    seats: FloatArray

    def at(self, choose: FloatArray) -> float:
        """Return the most that can be served by a choice, by this law."""
        return self.constant + float((self.seats * choose).sum())


@dataclass(frozen=True)
class Question:
    """What is asked: the greatest worth, or the least cost of a plan worth at least ``least``."""

    shortages: Mapping[str, Shortage]
    choices: Sequence[Choice]
    limits: Limits
    aim: Literal["serve", "cost"]
    least: float = 0.0
    parts: tuple[Part, ...] = field(init=False)
    served_now: float = field(init=False)

    def __post_init__(self) -> None:
        """Find the pieces that choices change; all others serve what they serve now."""
        parts = [part for shortage in self.shortages.values() for part in _parts(shortage, self.choices)]
        object.__setattr__(self, "parts", tuple(parts))
        object.__setattr__(self, "served_now", sum(part.piece.served(part.now) for part in parts))

    @property
    def fees(self) -> FloatArray:
        """What each choice must place before it counts."""
        return np.full(len(self.choices), self.limits.min_pupils)

    @property
    def prices(self) -> FloatArray:
        """What each choice costs."""
        return np.array([one.price for one in self.choices], dtype=np.float64)


def _parts(shortage: Shortage, choices: Sequence[Choice]) -> list[Part]:
    offers: dict[int, list[tuple[int, float]]] = {}  # of each node: choices, and the seats they add
    for position, choice in enumerate(choices):
        node, seats = shortage.node_of(choice.place), choice.option.seats.get(shortage.stage)
        if node is not None and seats:
            offers.setdefault(node, []).append((position, seats))
    found = []
    for piece in shortage.pieces:
        own = [
            (choice, local, seats)
            for local, node in enumerate(piece.nodes)
            for choice, seats in offers.get(int(node), [])
        ]
        if own:
            found.append(
                Part(
                    piece=piece,
                    now=shortage.seats[piece.nodes],
                    choice=np.array([offer[0] for offer in own], dtype=np.int64),
                    node=np.array([offer[1] for offer in own], dtype=np.int64),
                    seats=np.array([offer[2] for offer in own], dtype=np.float64),
                ),
            )
    return found


@dataclass(frozen=True)
class Flow:
    """What a choice, whole or fractional, really serves; and the laws its minimum cuts teach."""

    served: float
    cuts: tuple[Cut, ...]


def flow_of(question: Question, choose: FloatArray) -> Flow:
    """Place the groups for a choice; return the pupils served and the cuts nearest source and sink."""
    served, cuts = 0.0, []
    whole = bool((choose == np.rint(choose)).all())
    for number, part in enumerate(question.parts):
        seats = part.seats_with(choose)
        if whole:
            laws = part.piece.place(seats).laws
        else:
            laws = part.piece.laws(seats, share=part.share_with(choose))
        learnt = [_cut(part, number, law, len(question.choices)) for law in laws]
        served += min(cut.at(choose) for cut in learnt)
        cuts += learnt
    return Flow(served=served, cuts=tuple(cuts))


def _cut(part: Part, number: int, law: Law, choices: int) -> Cut:
    """Return a law of the part's seats as one of the choices, of which a node gets at most one."""
    seats = np.zeros(choices)
    now, usable = part.now[part.node], law.usable[part.node]
    np.add.at(seats, part.choice, np.minimum(now + part.seats, usable) - np.minimum(now, usable))
    return Cut(part=number, constant=law.at(part.now), seats=seats)


def _program(question: Question, cuts: Sequence[Cut], *, whole: bool) -> tuple[Program, IntArray, IntArray]:
    """Return the program of the choices under the laws known, and its columns: choices, served by part."""
    builder = ProgramBuilder()
    choose = define_choices(builder, question.choices, whole=whole)
    columns = Columns(choose=choose, go={})
    define_budget(builder, question.choices, columns=columns, budget=question.limits.budget)
    define_new_schools(builder, question.choices, columns=columns, limit=question.limits.new_schools)
    most = np.array([part.piece.total for part in question.parts])
    served = builder.columns(len(most), upper=most / _PUPILS_UNIT)
    for cut in cuts:
        row = builder.rows(1, upper=cut.constant / _PUPILS_UNIT)
        used = np.flatnonzero(cut.seats)
        builder.entries(row, served[cut.part], 1.0)
        builder.entries(row, choose[used], -cut.seats[used] / _PUPILS_UNIT)
    worth = [(served, np.ones(len(most))), (choose, -question.fees / _PUPILS_UNIT)]
    if question.aim == "serve":
        program = builder.program("maximise", worth, offset=-question.served_now / _PUPILS_UNIT)
        return program, choose, served
    row = builder.rows(1, lower=(question.least + question.served_now) / _PUPILS_UNIT)
    for terms, values in worth:
        builder.entries(row, terms, values)
    prices = question.prices / money_unit(question.choices)
    return builder.program("minimise", [(choose, prices)]), choose, served


@dataclass
class _Search:
    """The state of a search: laws known, a good point to look halfway to, the best whole plan, the bound."""

    question: Question
    cuts: list[Cut] = field(default_factory=list)
    inner: FloatArray | None = None
    best: FloatArray | None = None
    value: float = float("nan")
    bound: float = float("nan")

    def learn(self, flow: Flow, choose: FloatArray, served: FloatArray) -> int:
        """Add the laws that a point breaks; return how many."""
        broken = [cut for cut in flow.cuts if served[cut.part] > cut.at(choose) + _BROKEN]
        self.cuts += broken
        return len(broken)

    def worth(self, flow: Flow, choose: FloatArray) -> float:
        """Return pupils newly served less fees."""
        return flow.served - self.question.served_now - float((self.question.fees * choose).sum())

    def look_halfway(self, choose: FloatArray, served: FloatArray) -> None:
        """Learn at the point halfway to the inner one, and move that there if it is good enough."""
        if self.inner is None:
            self.inner = choose
            return
        middle = (self.inner + choose) / 2
        flow = flow_of(self.question, middle)
        self.learn(flow, choose, served)
        if self.question.aim == "serve" or self.worth(flow, middle) >= self.question.least:
            self.inner = middle

    def keep_rounded(self, choose: FloatArray) -> None:
        """Keep a fractional point rounded, so that a plan is at hand whenever the time is over."""
        plan = _rounded(self.question, choose)
        self.keep(flow_of(self.question, plan), plan)

    def keep(self, flow: Flow, choose: FloatArray) -> None:
        """Keep a whole plan if it is the best so far."""
        worth = self.worth(flow, choose)
        if self.question.aim == "serve":
            better = not worth <= self.value
            value = worth
        else:
            value = float((self.question.prices * choose).sum())
            better = worth >= self.question.least - _BROKEN and not value >= self.value
        if better:
            self.best, self.value = choose, value

    @property
    def gap(self) -> float:
        """Relative gap between the best plan and the bound; nan without either."""
        return abs(self.value - self.bound) / max(1.0, abs(self.value))


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


def answer_by_cuts(question: Question, effort: Effort, *, inner: Sequence[Choice] = ()) -> Answer:
    """Answer the question by cuts.

    Parameters
    ----------
    question
        What is asked.
    effort
        Seconds for all rounds together, and the relative gap at which to stop.
    inner
        A plan known to be good: a start for the halfway points.

    Returns
    -------
    Answer
        The best whole plan met, with the bound of the last program; ``OPTIMAL`` if the gap is closed.
    """
    unit = _PUPILS_UNIT if question.aim == "serve" else money_unit(question.choices)
    search = _Search(question)
    if inner:
        search.inner = np.array([float(any(choice is one for one in inner)) for choice in question.choices])
    end = time.monotonic() + effort.time_limit_s
    whole, point = False, None
    while (left := end - time.monotonic()) > 0:
        program, choose, served = _program(question, search.cuts, whole=whole)
        solution = solve_program(
            program, time_limit_s=left, relative_gap=effort.relative_gap if whole else 0.0
        )
        if not solution.outcome.has_plan:
            break
        point, claimed = solution.values[choose], solution.values[served] * _PUPILS_UNIT
        search.bound = solution.bound * unit
        flow = flow_of(question, point)
        learnt = search.learn(flow, point, claimed)
        if whole:
            search.keep(flow, point)
            closed = search.gap <= effort.relative_gap
            if closed or (learnt == 0 and solution.outcome is Outcome.OPTIMAL):
                return _answer(search, proven=True)
        elif learnt == 0:
            whole = True
            search.keep_rounded(point)
        else:
            search.look_halfway(point, claimed)
    if search.best is None and point is not None:
        search.keep_rounded(point)
    return _answer(search, proven=False)


def _answer(search: _Search, *, proven: bool) -> Answer:
    if search.best is None:
        return Answer((), Outcome.NO_PLAN_FOUND, float("nan"), search.bound, float("nan"))
    serve = search.question.aim == "serve"
    bound = max(search.bound, search.value) if serve else min(search.bound, search.value)
    return Answer(
        chosen=taken(search.question.choices, search.best),
        outcome=Outcome.OPTIMAL if proven else Outcome.FEASIBLE,
        objective=search.value,
        bound=bound,
        gap=abs(search.value - bound) / max(1.0, abs(search.value)),
    )
