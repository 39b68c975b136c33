"""The siting model: a list of small functions, one law each.

Decided: which option each candidate gets (0 or 1), and how many pupils of each group go to each node. All
stages stand in one program, because a nine-year school serves two of them and the budget is one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from layoutplan.siting.candidates import Candidate, Option
from layoutplan.siting.shortage import IntArray, Shortage
from layoutplan.solve import Program, ProgramBuilder


@dataclass(frozen=True)
class Choice:
    """One option that may be chosen.

    ``candidate`` is a position in the list of candidates, ``place`` one in the seats of
    :class:`~layoutplan.siting.shortage.StageReach`; ``price`` is its cost, or its seats where the profile
    does not price all seats that could be proposed.
    """

    candidate: int
    place: int
    is_new: bool
    price: float
    option: Option


@dataclass(frozen=True)
class Columns:
    """Numbers of the columns: ``choose`` one a choice, ``go`` by stage one an arc."""

    choose: IntArray
    go: Mapping[str, IntArray]


def priced(candidates: Sequence[Candidate]) -> bool:
    """Say whether every option has a cost; if not, plans are compared by seats built."""
    return all(option.cost is not None for candidate in candidates for option in candidate.options)


def useful_choices(
    candidates: Sequence[Candidate], places: Sequence[int], shortages: Mapping[str, Shortage]
) -> tuple[Choice, ...]:
    """Return the options that can help an unserved pupil and that no other option of the place replaces.

    An option is replaced when another of the same candidate offers as many usable seats in every stage and
    costs as little (ties: the first stays). Seats are usable up to the pupils within reach. Nothing is lost
    by leaving the others out: neither pupils served nor cost can improve with them.
    """
    by_cost = priced(candidates)
    chosen: list[Choice] = []
    for position, (candidate, place) in enumerate(zip(candidates, places, strict=True)):
        offers = [
            (
                _usable(option, place, shortages),
                option.cost if by_cost and option.cost else option.total_seats,
            )
            for option in candidate.options
        ]
        for index, option in enumerate(candidate.options):
            usable, price = offers[index]
            rivals = [(offer, rank < index) for rank, offer in enumerate(offers) if rank != index]
            if any(seats > 0 for seats in usable) and not any(
                _replaces(rival, offers[index], is_first=is_first) for rival, is_first in rivals
            ):
                chosen.append(Choice(position, place, candidate.is_new, price, option))
    return tuple(chosen)


def _price(option: Option, *, by_cost: bool) -> float:
    return option.cost if by_cost and option.cost is not None else option.total_seats


_Offer = tuple[tuple[float, ...], float]


def _replaces(rival: _Offer, offer: _Offer, *, is_first: bool) -> bool:
    """Say whether a rival (usable seats by stage, price) makes an offer superfluous."""
    as_useful = all(one >= other for one, other in zip(rival[0], offer[0], strict=True))
    return as_useful and rival[1] <= offer[1] and (rival != offer or is_first)


def _usable(option: Option, place: int, shortages: Mapping[str, Shortage]) -> tuple[float, ...]:
    """Return the usable seats of an option by stage."""
    found = []
    for stage, shortage in shortages.items():
        node = shortage.node_of(place)
        reachable = 0.0 if node is None else shortage.within_reach(node)
        found.append(min(option.seats.get(stage, 0.0), reachable))
    return tuple(found)


def define_choices(builder: ProgramBuilder, choices: Sequence[Choice]) -> IntArray:
    """Let each choice be taken or not; a candidate gets at most one."""
    choose = builder.columns(len(choices), upper=1.0, integer=True)
    candidates, row = np.unique([choice.candidate for choice in choices], return_inverse=True)
    rows = builder.rows(len(candidates), upper=1.0)
    builder.entries(rows[row], choose, 1.0)
    return choose


def define_pupils(builder: ProgramBuilder, shortage: Shortage) -> IntArray:
    """Place no more pupils of a group than it has."""
    go = builder.columns(len(shortage.group), upper=shortage.groups[shortage.group])
    rows = builder.rows(len(shortage.groups), upper=shortage.groups)
    builder.entries(rows[shortage.group], go, 1.0)
    return go


def define_seats(
    builder: ProgramBuilder, shortage: Shortage, choices: Sequence[Choice], *, columns: Columns
) -> None:
    """Let a node take no more pupils than it has seats, those chosen included."""
    rows = builder.rows(len(shortage.seats), upper=shortage.seats)
    builder.entries(rows[shortage.node], columns.go[shortage.stage], 1.0)
    for choice, column in zip(choices, columns.choose, strict=True):
        node = shortage.node_of(choice.place)
        seats = choice.option.seats.get(shortage.stage, 0.0)
        if node is not None and seats > 0:
            builder.entries(rows[node], column, -seats)


def define_budget(
    builder: ProgramBuilder, choices: Sequence[Choice], *, columns: Columns, budget: float | None
) -> None:
    """Let what is chosen cost no more than the budget; no budget, no limit."""
    if budget is not None:
        row = builder.rows(1, upper=budget)
        builder.entries(row, columns.choose, [choice.price for choice in choices])


def define_new_schools(
    builder: ProgramBuilder, choices: Sequence[Choice], *, columns: Columns, limit: int | None
) -> None:
    """Open no more new schools than allowed; enlargements do not count."""
    if limit is not None:
        row = builder.rows(1, upper=float(limit))
        builder.entries(row, columns.choose, [float(choice.is_new) for choice in choices])


def define_served_floor(builder: ProgramBuilder, *, columns: Columns, least: float) -> None:
    """Place at least so many pupils of the groups."""
    row = builder.rows(1, lower=least)
    for go in columns.go.values():
        builder.entries(row, go, 1.0)


@dataclass(frozen=True)
class Limits:
    """What the plan allows: money (``None`` = any) and new schools (``None`` = any)."""

    budget: float | None = None
    new_schools: int | None = None


def _feasible_plans(
    shortages: Mapping[str, Shortage], choices: Sequence[Choice], limits: Limits
) -> tuple[ProgramBuilder, Columns]:
    """Return columns and rows that every plan must satisfy."""
    builder = ProgramBuilder()
    choose = define_choices(builder, choices)
    go = {stage: define_pupils(builder, shortage) for stage, shortage in shortages.items()}
    columns = Columns(choose=choose, go=go)
    for shortage in shortages.values():
        define_seats(builder, shortage, choices, columns=columns)
    define_budget(builder, choices, columns=columns, budget=limits.budget)
    define_new_schools(builder, choices, columns=columns, limit=limits.new_schools)
    return builder, columns


def serve_program(
    shortages: Mapping[str, Shortage], choices: Sequence[Choice], limits: Limits
) -> tuple[Program, Columns]:
    """Return the program that serves the most pupils; its objective is pupils newly served."""
    builder, columns = _feasible_plans(shortages, choices, limits)
    served_now = sum(shortage.served({}) for shortage in shortages.values())
    program = builder.program(
        "maximise", [(go, np.ones(len(go))) for go in columns.go.values()], offset=-served_now
    )
    return program, columns


def cost_program(
    shortages: Mapping[str, Shortage], choices: Sequence[Choice], limits: Limits, *, newly_served: float
) -> tuple[Program, Columns]:
    """Return the program that serves at least ``newly_served`` pupils more than now for the least money."""
    builder, columns = _feasible_plans(shortages, choices, limits)
    served_now = sum(shortage.served({}) for shortage in shortages.values())
    define_served_floor(builder, columns=columns, least=served_now + newly_served)
    prices = [choice.price for choice in choices]
    return builder.program("minimise", [(columns.choose, prices)]), columns
