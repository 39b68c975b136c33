"""Decide what to build: the most pupils first, then the least cost. Each step says how sure it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from layoutplan.siting.model import Choice, Columns, Limits, cost_program, serve_program
from layoutplan.siting.shortage import Shortage
from layoutplan.solve import Outcome, Program, Solution, solve_program

PUPILS_TOLERANCE: Final = 0.5
"""Pupils that the cheapest plan may serve fewer than the best: less than one child."""


@dataclass(frozen=True)
class Step:
    """One solve: ``serve`` (pupils newly served, the more the better) or ``cost`` (the less the better).

    ``objective``, ``bound`` and ``gap`` as in :class:`~layoutplan.solve.Solution`; ``audited`` is the
    objective recomputed from the choices alone, by flow or by adding up.
    """

    name: Literal["serve", "cost"]
    outcome: Outcome
    objective: float
    bound: float
    gap: float
    audited: float


@dataclass(frozen=True)
class Decision:
    """The choices taken, in the order of the candidates; empty when nothing helps or no plan was found."""

    chosen: tuple[Choice, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Effort:
    """How long each solve may take, and at which relative gap it may stop."""

    time_limit_s: float = 60.0
    relative_gap: float = 0.0


def decide(
    shortages: Mapping[str, Shortage], choices: Sequence[Choice], limits: Limits, effort: Effort
) -> Decision:
    """Return the cheapest of the plans that serve the most pupils.

    Two exact solves: the most pupils newly served within the limits; then the least cost of a plan that
    serves as many (less than one pupil fewer). The first one's plan is a plan of the second: it stands when
    the second finds no cheaper one in time.
    """
    program, columns = serve_program(shortages, choices, limits)
    solution = _solve(program, effort)
    first = _taken(choices, columns, solution)
    newly = newly_served(shortages, first)
    serve = Step(
        name="serve",
        outcome=solution.outcome,
        objective=solution.objective,
        bound=solution.bound,
        gap=solution.gap,
        audited=newly if solution.outcome.has_plan else float("nan"),
    )
    if newly < PUPILS_TOLERANCE:
        return Decision((), (serve,))
    program, columns = cost_program(shortages, choices, limits, newly_served=newly - PUPILS_TOLERANCE)
    solution = _solve(program, effort)
    second = _taken(choices, columns, solution)
    if not second or _cost(second) > _cost(first):
        step = _unimproved(first, solution)
        return Decision(first, (serve, step))
    step = Step("cost", solution.outcome, solution.objective, solution.bound, solution.gap, _cost(second))
    return Decision(second, (serve, step))


def _cost(chosen: Sequence[Choice]) -> float:
    return sum(choice.price for choice in chosen)


def _unimproved(first: Sequence[Choice], solution: Solution) -> Step:
    """Return the second step when the plan of the first stands: proven cheapest only if the bound says so."""
    cost = _cost(first)
    bound = min(solution.bound, cost) if np.isfinite(solution.bound) else -np.inf
    gap = abs(cost - bound) / max(1.0, cost)
    return Step("cost", Outcome.FEASIBLE, cost, bound, gap, cost)


def _solve(program: Program, effort: Effort) -> Solution:
    return solve_program(program, time_limit_s=effort.time_limit_s, relative_gap=effort.relative_gap)


def _taken(choices: Sequence[Choice], columns: Columns, solution: Solution) -> tuple[Choice, ...]:
    if not solution.outcome.has_plan:
        return ()
    taken = np.rint(solution.values[columns.choose]) == 1
    return tuple(choice for choice, is_taken in zip(choices, taken, strict=True) if is_taken)


def newly_served(shortages: Mapping[str, Shortage], chosen: Sequence[Choice]) -> float:
    """Return the pupils, all stages, that have a seat with the choices and have none without: by flow."""
    return sum(shortage.newly_served(seats_added(chosen, stage)) for stage, shortage in shortages.items())


def seats_added(chosen: Sequence[Choice], stage: str) -> dict[int, float]:
    """Return the seats of a stage that choices add, by place."""
    return {choice.place: choice.option.seats[stage] for choice in chosen if choice.option.seats.get(stage)}


def marginal_pupils(shortages: Mapping[str, Shortage], chosen: Sequence[Choice]) -> tuple[float, ...]:
    """Return for each choice the pupils served with all choices minus those served without it."""
    everything = newly_served(shortages, chosen)
    return tuple(
        max(0.0, everything - newly_served(shortages, [one for one in chosen if one is not choice]))
        for choice in chosen
    )
