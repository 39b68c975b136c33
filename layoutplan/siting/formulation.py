"""The siting model as a mixed-integer program: one function per constraint.

Decision variables: the option chosen for each candidate (0 or 1), and the pupils of each group assigned to
each node. All stages are in one program, since a nine-year school serves two stages and the budget is shared.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from layoutplan.arrays import IntArray
from layoutplan.siting.candidates import Candidate, Option
from layoutplan.siting.shortage import Shortage
from layoutplan.solve import Outcome, Program, ProgramBuilder, solve_program


@dataclass(frozen=True)
class Choice:
    """One option that may be chosen.

    Attributes
    ----------
    candidate
        Position in the list of candidates.
    place
        Position in the places of :class:`~layoutplan.siting.reach.StageReach`.
    is_new
        Whether a new school would open.
    price
        Cost, or seats if the profile does not price all seats that could be proposed.
    option
        The option.
    """

    candidate: int
    place: int
    is_new: bool
    price: float
    option: Option


@dataclass(frozen=True)
class Effort:
    """Time limit of the solves together, seconds, and the relative gap at which each may stop."""

    time_limit_s: float = 30.0
    relative_gap: float = 0.0

    def half(self) -> Effort:
        """Return an effort with half of the time, for the first of two solves."""
        return replace(self, time_limit_s=self.time_limit_s / 2)

    def left(self, since: float) -> Effort:
        """Return an effort with the remaining time.

        Parameters
        ----------
        since
            Start of the time, as ``time.monotonic``, seconds.
        """
        return replace(self, time_limit_s=max(0.0, self.time_limit_s - (time.monotonic() - since)))


@dataclass(frozen=True)
class Solved:
    """The choices of a solve with outcome, objective, bound and gap; no choices without a plan."""

    chosen: tuple[Choice, ...]
    outcome: Outcome
    objective: float
    bound: float
    gap: float


def taken(choices: Sequence[Choice], values: npt.NDArray[np.float64]) -> tuple[Choice, ...]:
    """Return the choices whose value is one.

    Parameters
    ----------
    choices
        The choices.
    values
        Their values in a solution, rounded to integers, shape (choices,).
    """
    return tuple(choice for choice, value in zip(choices, np.rint(values), strict=True) if value == 1)


@dataclass(frozen=True)
class Columns:
    """Indices of the columns: ``choose`` of each choice, ``go`` by stage of each arc."""

    choose: IntArray
    go: Mapping[str, IntArray]


@dataclass(frozen=True)
class Limits:
    """Limits of the plan.

    ``budget``: money; ``new_schools``: number that may open (``None``: no limit). ``min_pupils``: pupils
    without a seat otherwise that each proposal must place.
    """

    budget: float | None = None
    new_schools: int | None = None
    min_pupils: float = 0.0


def priced(candidates: Sequence[Candidate]) -> bool:
    """Return whether every option has a cost; if not, plans are compared by seats built.

    Parameters
    ----------
    candidates
        The candidates.
    """
    return all(option.cost is not None for candidate in candidates for option in candidate.options)


def useful_choices(
    candidates: Sequence[Candidate], places: Sequence[int], shortages: Mapping[str, Shortage]
) -> tuple[Choice, ...]:
    """Return the options that can serve an unserved pupil and that no other of the candidate dominates.

    An option is dominated by another of the same candidate that offers at least as many usable seats in every
    stage at no higher price (ties: the first is kept). Usable seats are limited to the pupils within reach.
    Omitting dominated options affects neither the pupils served nor the cost of an optimal plan.

    Parameters
    ----------
    candidates, places
        The candidates and their positions in the places of :class:`~layoutplan.siting.reach.StageReach`.
    shortages
        By stage, the part of the city that new seats can change.
    """
    by_cost = priced(candidates)
    chosen: list[Choice] = []
    for position, (candidate, place) in enumerate(zip(candidates, places, strict=True)):
        offers = [
            (
                _usable(option, place, shortages),
                _price(option, by_cost=by_cost),
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
    """Return whether a rival (usable seats by stage, price) dominates an offer."""
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


def define_choices(builder: ProgramBuilder, choices: Sequence[Choice], *, whole: bool = True) -> IntArray:
    """Add a column per choice, binary or in [0, 1]; each candidate gets at most one option.

    Parameters
    ----------
    builder
        Receives columns and rows; returns the columns' indices, shape (choices,).
    choices
        The choices.
    whole
        Whether the columns are integer.
    """
    choose = builder.columns(len(choices), upper=1.0, integer=whole)
    candidates, row = np.unique([choice.candidate for choice in choices], return_inverse=True)
    rows = builder.rows(len(candidates), upper=1.0)
    builder.entries(rows[row], choose, 1.0)
    return choose


def define_pupils(builder: ProgramBuilder, shortage: Shortage) -> IntArray:
    """Add a column per arc; the flow from a group is at most its pupils.

    Parameters
    ----------
    builder
        Receives columns and rows; returns the columns' indices, shape (arcs,).
    shortage
        Groups, nodes and arcs of one stage.
    """
    go = builder.columns(len(shortage.group), upper=shortage.groups[shortage.group])
    rows = builder.rows(len(shortage.groups), upper=shortage.groups)
    builder.entries(rows[shortage.group], go, 1.0)
    return go


def define_seats(
    builder: ProgramBuilder, shortage: Shortage, choices: Sequence[Choice], *, columns: Columns
) -> None:
    """Constrain the flow into a node to its seats, chosen ones included.

    Parameters
    ----------
    builder, choices, columns
        The program, its choices and the indices of their columns.
    shortage
        Groups, nodes and arcs of one stage.
    """
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
    """Constrain the price of the choices to the budget.

    Parameters
    ----------
    builder, choices, columns
        The program, its choices and the indices of their columns.
    budget
        In the unit of the prices; ``None`` for no limit.
    """
    if budget is not None:
        prices = np.array([choice.price for choice in choices])
        unit = money_unit(choices)
        row = builder.rows(1, upper=budget / unit)
        builder.entries(row, columns.choose, prices / unit)


def money_unit(choices: Sequence[Choice]) -> float:
    """Return a unit in which the highest price is 1,000, a scale that suits the solver's tolerances.

    Parameters
    ----------
    choices
        The choices.
    """
    return max(1e-3 * max((choice.price for choice in choices), default=0.0), 1e-9)


def define_new_schools(
    builder: ProgramBuilder, choices: Sequence[Choice], *, columns: Columns, limit: int | None
) -> None:
    """Constrain the number of new schools; enlargements do not count.

    Parameters
    ----------
    builder, choices, columns
        The program, its choices and the indices of their columns.
    limit
        Number of new schools; ``None`` for no limit.
    """
    if limit is not None:
        row = builder.rows(1, upper=float(limit))
        builder.entries(row, columns.choose, [float(choice.is_new) for choice in choices])


def worth(
    choices: Sequence[Choice], columns: Columns, limits: Limits
) -> list[tuple[IntArray, npt.NDArray[np.float64]]]:
    """Return the objective terms of a plan's worth: pupils placed, less ``min_pupils`` per proposal.

    In a plan of maximum worth every proposal places at least ``min_pupils`` pupils who would have no seat
    without it: otherwise the plan without it would be worth more.

    Parameters
    ----------
    choices, columns
        The choices and the indices of their columns.
    limits
        Limits of the plan.
    """
    fees = np.full(len(choices), limits.min_pupils)
    return [(columns.choose, -fees), *((go, np.ones(len(go))) for go in columns.go.values())]


def define_worth_floor(
    builder: ProgramBuilder, choices: Sequence[Choice], *, columns: Columns, limits: Limits, least: float
) -> None:
    """Constrain the worth of the plan from below.

    Parameters
    ----------
    builder, choices, columns, limits
        The program, its choices, the indices of their columns, and the limits.
    least
        Minimum worth, pupils, those served without any choice included.
    """
    row = builder.rows(1, lower=least)
    for terms, values in worth(choices, columns, limits):
        builder.entries(row, terms, values)


def _feasible_plans(
    shortages: Mapping[str, Shortage], choices: Sequence[Choice], limits: Limits
) -> tuple[ProgramBuilder, Columns]:
    """Return the columns and rows common to both programs."""
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
    """Return the program of maximum worth: pupils newly served, less ``min_pupils`` per proposal.

    Parameters
    ----------
    shortages, choices, limits
        The part of the city that new seats can change, by stage; the choices; the limits.
    """
    builder, columns = _feasible_plans(shortages, choices, limits)
    terms = worth(choices, columns, limits)
    return builder.program("maximise", terms, offset=-_served_now(shortages)), columns


def cost_program(
    shortages: Mapping[str, Shortage], choices: Sequence[Choice], limits: Limits, *, least: float
) -> tuple[Program, Columns]:
    """Return the program of minimum cost, in :func:`money_unit`, of a plan worth at least ``least``.

    Parameters
    ----------
    shortages, choices, limits
        As in :func:`serve_program`.
    least
        Minimum worth, pupils newly served less fees.
    """
    builder, columns = _feasible_plans(shortages, choices, limits)
    least += _served_now(shortages)
    define_worth_floor(builder, choices, columns=columns, limits=limits, least=least)
    prices = np.array([choice.price for choice in choices]) / money_unit(choices)
    return builder.program("minimise", [(columns.choose, prices)]), columns


def _served_now(shortages: Mapping[str, Shortage]) -> float:
    return sum(shortage.served({}) for shortage in shortages.values())


def answer_directly(
    program: Program, choices: Sequence[Choice], columns: Columns, effort: Effort, *, unit: float = 1.0
) -> Solved:
    """Solve a program and return its choices.

    Parameters
    ----------
    program, choices, columns
        The program, its choices and the indices of its columns.
    effort
        Time limit and relative gap.
    unit
        Factor that converts the program's objective to the unit of the result.
    """
    solution = solve_program(program, time_limit_s=effort.time_limit_s, relative_gap=effort.relative_gap)
    chosen = taken(choices, solution.values[columns.choose]) if solution.outcome.has_plan else ()
    return Solved(chosen, solution.outcome, solution.objective * unit, solution.bound * unit, solution.gap)
