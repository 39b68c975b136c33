"""Decide what to build: the most pupils first, then the least cost. Each step says how sure it is."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from layoutplan.siting.benders import Question, answer_by_cuts
from layoutplan.siting.formulation import (
    Choice,
    Effort,
    Limits,
    Solved,
    answer_directly,
    cost_program,
    money_unit,
    serve_program,
)
from layoutplan.siting.shortage import Shortage
from layoutplan.solve import Outcome

StepName = Literal["serve", "cost", "serve_generated", "cost_generated"]

PUPILS_TOLERANCE: Final = 0.5
"""Pupils that the cheapest plan may serve fewer than the best: less than one child."""


@dataclass(frozen=True)
class Step:
    """One solve: ``serve`` (the more the better) or ``cost`` (the less the better).

    ``serve`` counts pupils newly served, less ``Limits.min_pupils`` for every proposal.

    ``objective``, ``bound`` and ``gap`` as in :class:`~layoutplan.solve.Solution`; ``audited`` is the
    objective recomputed from the choices alone, by flow or by adding up; ``pupils`` those newly served.
    """

    name: StepName
    outcome: Outcome
    objective: float
    bound: float
    gap: float
    audited: float
    pupils: float = 0.0


@dataclass(frozen=True)
class Decision:
    """The choices taken, in the order of the candidates; empty when nothing helps or no plan was found."""

    chosen: tuple[Choice, ...]
    steps: tuple[Step, ...]


DENSE_ARCS: Final = 500
"""Pairs of a group and a place above which cuts are quicker than the direct program."""


def decide(
    shortages: Mapping[str, Shortage], choices: Sequence[Choice], limits: Limits, effort: Effort
) -> Decision:
    """Return the cheapest of the plans that serve the most pupils.

    Two exact solves: the most pupils newly served within the limits, a proposal counting only for what it
    places beyond ``min_pupils``; then the least cost of a plan as good (less than one pupil fewer). The first
    one's plan is a plan of the second: it stands when the second finds no cheaper one in time. The first may
    take half of the time, the second what is left of it.
    """
    begun = time.monotonic()
    question = Question(shortages, choices, limits)
    most = _most_served(question, effort.half())
    reached = _worth(shortages, most.chosen, limits)
    serve = replace(_step("serve", most, audited=reached), pupils=newly_served(shortages, most.chosen))
    if reached < PUPILS_TOLERANCE:
        return Decision((), (serve,))
    least = reached - PUPILS_TOLERANCE
    cheapest = _cheapest(question, effort.left(begun), least=least, known=most.chosen)
    known = _cost(most.chosen)
    if not cheapest.chosen or _cost(cheapest.chosen) > known:
        return Decision(most.chosen, (serve, _unimproved(known, bound=cheapest.bound)))
    return Decision(cheapest.chosen, (serve, _step("cost", cheapest, audited=_cost(cheapest.chosen))))


def _dense(question: Question) -> bool:
    return sum(len(shortage.group) for shortage in question.shortages.values()) > DENSE_ARCS


def _most_served(question: Question, effort: Effort) -> Solved:
    """Return the plan of the greatest worth, by the quicker of two exact ways."""
    if _dense(question):
        return answer_by_cuts(question, effort)
    program, columns = serve_program(question.shortages, question.choices, question.limits)
    return answer_directly(program, question.choices, columns, effort)


def _cheapest(question: Question, effort: Effort, *, least: float, known: Sequence[Choice]) -> Solved:
    """Return the cheapest plan worth at least ``least``, in the same way; ``known`` is such a plan."""
    if _dense(question):
        return answer_by_cuts(question, effort, least=least, known=known)
    choices = question.choices
    program, columns = cost_program(question.shortages, choices, question.limits, least=least)
    return answer_directly(program, choices, columns, effort, unit=money_unit(choices))


def _cost(chosen: Sequence[Choice]) -> float:
    return sum(choice.price for choice in chosen)


def _step(name: StepName, answer: Solved, *, audited: float) -> Step:
    found = audited if answer.outcome.has_plan else float("nan")
    return Step(name, answer.outcome, answer.objective, answer.bound, answer.gap, found)


def _worth(shortages: Mapping[str, Shortage], chosen: Sequence[Choice], limits: Limits) -> float:
    """Return pupils newly served, less ``min_pupils`` for every proposal."""
    return newly_served(shortages, chosen) - limits.min_pupils * len(chosen)


def _unimproved(cost: float, *, bound: float) -> Step:
    """Return the second step when the plan of the first stands; its cost is not proven the least."""
    proven = min(bound, cost) if np.isfinite(bound) else -np.inf
    return Step("cost", Outcome.FEASIBLE, cost, proven, abs(cost - proven) / max(1.0, cost), cost)


def together(known: Decision, generated: Decision) -> Decision:
    """Return two decisions as one: known land first, then generated places for what is left."""
    if not known.steps:
        return generated
    names: dict[str, StepName] = {"serve": "serve_generated", "cost": "cost_generated"}
    later = tuple(replace(step, name=names[step.name]) for step in generated.steps)
    return Decision((*known.chosen, *generated.chosen), (*known.steps, *later))


def newly_served(shortages: Mapping[str, Shortage], chosen: Sequence[Choice]) -> float:
    """Return the pupils, all stages, that have a seat with the choices and have none without: by flow."""
    return sum(shortage.newly_served(chosen_seats(chosen, stage)) for stage, shortage in shortages.items())


def chosen_seats(chosen: Sequence[Choice], stage: str) -> dict[int, float]:
    """Return the seats of a stage that choices add, by place."""
    return {choice.place: choice.option.seats[stage] for choice in chosen if choice.option.seats.get(stage)}


def marginal_pupils(shortages: Mapping[str, Shortage], chosen: Sequence[Choice]) -> tuple[float, ...]:
    """Return for each choice the pupils served with all choices minus those served without it."""
    lost = [0.0] * len(chosen)
    for stage, shortage in shortages.items():
        seats = shortage.seats_with(chosen_seats(chosen, stage))
        for position, choice in enumerate(chosen):
            count = choice.option.seats.get(stage, 0.0)
            lost[position] -= shortage.gain(seats, {choice.place: -count}) if count else 0.0
    return tuple(max(0.0, pupils) for pupils in lost)
