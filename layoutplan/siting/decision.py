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
    serves as many (less than one pupil fewer). If the second finds no plan in time, the first one's stands.
    """
    program, columns = serve_program(shortages, choices, limits)
    solution = _solve(program, effort)
    first = _taken(choices, columns, solution)
    newly = newly_served(shortages, first)
    steps = [_step("serve", solution, audited=newly)]
    if newly < PUPILS_TOLERANCE:
        return Decision((), tuple(steps))
    program, columns = cost_program(shortages, choices, limits, newly_served=newly - PUPILS_TOLERANCE)
    solution = _solve(program, effort)
    second = _taken(choices, columns, solution)
    steps.append(_step("cost", solution, audited=sum(choice.price for choice in second)))
    return Decision(second if solution.outcome.has_plan else first, tuple(steps))


def _solve(program: Program, effort: Effort) -> Solution:
    return solve_program(program, time_limit_s=effort.time_limit_s, relative_gap=effort.relative_gap)


def _taken(choices: Sequence[Choice], columns: Columns, solution: Solution) -> tuple[Choice, ...]:
    if not solution.outcome.has_plan:
        return ()
    taken = np.rint(solution.values[columns.choose]) == 1
    return tuple(choice for choice, is_taken in zip(choices, taken, strict=True) if is_taken)


def _step(name: Literal["serve", "cost"], solution: Solution, *, audited: float) -> Step:
    return Step(
        name=name,
        outcome=solution.outcome,
        objective=solution.objective,
        bound=solution.bound,
        gap=solution.gap,
        audited=audited if solution.outcome.has_plan else float("nan"),
    )


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
