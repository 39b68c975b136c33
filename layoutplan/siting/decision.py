"""Decide what to build: maximum pupils served, then minimum cost, with the proof status of each step."""

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
"""Pupils by which the cheapest plan may fall short of the best: less than one child."""


@dataclass(frozen=True)
class Step:
    """One solve: ``serve`` (maximised) or ``cost`` (minimised).

    Attributes
    ----------
    name
        Name of the step.
    outcome, objective, bound, gap
        As in :class:`~layoutplan.solve.Solution`; the objective of ``serve`` is the pupils newly served, less
        ``Limits.min_pupils`` per proposal.
    audited
        The objective recomputed from the choices alone, by flow or by summation.
    pupils
        Pupils newly served.
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
    """The choices made, in the order of the candidates; empty if nothing helps or no plan was found."""

    chosen: tuple[Choice, ...]
    steps: tuple[Step, ...]


DENSE_ARCS: Final = 500
"""Number of arcs between groups and places above which Benders cuts are faster than the direct program."""


def decide(
    shortages: Mapping[str, Shortage], choices: Sequence[Choice], limits: Limits, effort: Effort
) -> Decision:
    """Return the cheapest of the plans that serve the most pupils.

    Two exact solves. The first maximises the pupils newly served within the limits, where a proposal counts
    only for the pupils that it places beyond ``min_pupils``. The second minimises the cost of a plan of that
    worth, less a tolerance below one pupil. The first plan is feasible in the second solve and is returned if
    no cheaper one is found in time. The first solve may use half of the time, the second what remains.

    Parameters
    ----------
    shortages
        By stage, the part of the city that new seats can change.
    choices
        The options that may be chosen.
    limits
        Budget, number of new schools, minimum pupils per proposal.
    effort
        Time limit and relative gap.

    Returns
    -------
    Decision
        The choices, and one step per solve.
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
    """Return the plan of maximum worth, by the faster of two exact methods."""
    if _dense(question):
        return answer_by_cuts(question, effort)
    program, columns = serve_program(question.shortages, question.choices, question.limits)
    return answer_directly(program, question.choices, columns, effort)


def _cheapest(question: Question, effort: Effort, *, least: float, known: Sequence[Choice]) -> Solved:
    """Return the cheapest plan worth at least ``least``, by the same method; ``known`` is such a plan."""
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
    """Return the second step when the plan of the first is kept; its cost is not proven minimal."""
    proven = min(bound, cost) if np.isfinite(bound) else -np.inf
    return Step("cost", Outcome.FEASIBLE, cost, proven, abs(cost - proven) / max(1.0, cost), cost)


def together(known: Decision, generated: Decision) -> Decision:
    """Return two decisions as one: known land first, then generated locations for the remaining pupils.

    Parameters
    ----------
    known, generated
        Decisions on known land and on generated locations.

    Returns
    -------
    Decision
        Steps of ``generated`` are renamed unless ``known`` has none.
    """
    if not known.steps:
        return generated
    names: dict[str, StepName] = {"serve": "serve_generated", "cost": "cost_generated"}
    later = tuple(replace(step, name=names[step.name]) for step in generated.steps)
    return Decision((*known.chosen, *generated.chosen), (*known.steps, *later))


def newly_served(shortages: Mapping[str, Shortage], chosen: Sequence[Choice]) -> float:
    """Return the pupils of all stages who have a seat with the choices and none without, by maximum flow.

    Parameters
    ----------
    shortages
        By stage, the part of the city that new seats can change.
    chosen
        The choices.

    Returns
    -------
    float
        Pupils.
    """
    return sum(shortage.newly_served(chosen_seats(chosen, stage)) for stage, shortage in shortages.items())


def chosen_seats(chosen: Sequence[Choice], stage: str) -> dict[int, float]:
    """Return the seats of a stage that choices add, by place.

    Parameters
    ----------
    chosen
        The choices, at most one per place.
    stage
        Stage id.

    Returns
    -------
    dict
        Seats by place.
    """
    return {choice.place: choice.option.seats[stage] for choice in chosen if choice.option.seats.get(stage)}


def marginal_pupils(shortages: Mapping[str, Shortage], chosen: Sequence[Choice]) -> tuple[float, ...]:
    """Return, for each choice, the pupils served with all choices minus those served without it.

    Parameters
    ----------
    shortages
        By stage, the part of the city that new seats can change.
    chosen
        The choices.

    Returns
    -------
    tuple of float
        Pupils, all stages together, never negative. They need not add up to the pupils newly served.
    """
    lost = [0.0] * len(chosen)
    for stage, shortage in shortages.items():
        seats = shortage.seats_with(chosen_seats(chosen, stage))
        for position, choice in enumerate(chosen):
            count = choice.option.seats.get(stage, 0.0)
            lost[position] -= shortage.gain(seats, {choice.place: -count}) if count else 0.0
    return tuple(max(0.0, pupils) for pupils in lost)
