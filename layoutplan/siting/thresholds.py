"""Which measures a plan must not hold: too few pupils, or too much money for each (``[siting]``)."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from layoutplan.arrays import IntArray
from layoutplan.siting.measures import BuildingPlan, Measure
from layoutplan.solve import Outcome
from layoutplan.solve.expansion import ExpansionPlan, ExpansionStep
from layoutplan.solve.flow import assign_pupils

_ROUNDING: Final = 1e-6
FEW_LEFT: Final = 0.5
"""Pupil-years below which nobody is said to lose a seat."""


def pupils_a_year(measure: Measure) -> float:
    """Return the pupils placed in the seats of a measure, the mean over the years in which it is in force.

    Parameters
    ----------
    measure
        The measure.
    """
    return float(measure.pupils.sum()) / max(int(measure.in_force.sum()), 1)


def cost_a_pupil(measure: Measure) -> float:
    """Return the discounted cost of a measure by the pupil-years in its seats; infinite without any.

    Parameters
    ----------
    measure
        The measure.
    """
    pupils = float(measure.pupils.sum())
    return measure.discounted / pupils if pupils > _ROUNDING else np.inf


def without_seat_by(plan: BuildingPlan, measure: Measure) -> float:
    """Return the pupil-years without a seat that the seats given up by a measure would serve.

    Parameters
    ----------
    plan
        The plan.
    measure
        The measure; all others stay.
    """
    problem, lost = plan.model.problem, 0.0
    for number, market in enumerate(problem.markets):
        given_up = measure.lost[market.stage, market.year]
        placed = plan.found.figures.placements[number]
        unserved = float(placed.unserved.sum())
        if given_up <= 0 or unserved <= 0:
            continue
        seats = plan.seats(number)
        seats[measure.place] += given_up
        again = assign_pupils(
            origin=market.origin,
            destination=market.destination,
            metres=np.zeros(len(market.origin)),
            pupils=market.pupils,
            seats=seats,
        )
        lost += max(unserved - float(again.unserved.sum()), 0.0)
    return lost


def states_below(plan: BuildingPlan) -> IntArray:
    """Return the states that a plan must not take, since a measure does not meet ``[siting]``.

    A school built or enlarged for fewer pupils a year than ``min_pupils`` is given up as a whole; one that
    costs more a pupil-year than ``max_cost_per_pupil``, at this size and every larger one. Seats are
    not given up where a pupil would have a seat with them.

    Parameters
    ----------
    plan
        The plan.
    """
    settings, states = plan.model.places.study.plan.siting, plan.model.problem.states
    most = np.inf if settings.max_cost_per_pupil is None else settings.max_cost_per_pupil
    total = states.seats.sum(axis=1)
    found: list[IntArray] = []
    for one in plan.measures:
        if not (one.lasts or one.gives_up) or one.option is None:
            continue
        kinds = np.array(
            [option is not None and option.kind == one.option.kind for option in plan.model.options]
        )
        own = np.flatnonzero((states.place == one.place) & kinds)
        if one.gives_up or one.lost.any():
            if without_seat_by(plan, one) > FEW_LEFT:
                found.append(own)
            if one.gives_up:
                continue
        if pupils_a_year(one) < settings.min_pupils - _ROUNDING:
            found.append(own)
        elif plan.model.by_cost and cost_a_pupil(one) > most + _ROUNDING:
            found.append(own[total[own] >= one.seats.sum(axis=0).max() - _ROUNDING])
    return np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *found]))


def without(plan: BuildingPlan, forbidden: IntArray) -> BuildingPlan:
    """Return the plan with its model short of the moves into some states.

    Parameters
    ----------
    plan
        The plan; its choice is not changed and does not fit the new model.
    forbidden
        The states.
    """
    return replace(plan, model=replace(plan.model, problem=plan.model.problem.without_moves(forbidden)))


def restated(found: ExpansionPlan, first: ExpansionPlan) -> ExpansionPlan:
    """Return a plan found without some states, with the bounds of the search that had all of them.

    What was given up might meet the limits beside other measures, so nothing is proven of the plan but what
    was proven before: fewest pupils without a seat, and the least cost where as many are left.

    Parameters
    ----------
    found
        The plan.
    first
        The plan of the whole problem.
    """
    bounds = {step.name: step.bound for step in first.steps}
    same = abs(found.steps[0].value - first.steps[0].value) <= _ROUNDING * max(1.0, abs(first.steps[0].value))
    steps = []
    for step in found.steps:
        known = step.name == "serve" or (same and step.name == "cost")
        bound = min(bounds.get(step.name, -np.inf), step.value) if known else -np.inf
        steps.append(_told(step, bound))
    return replace(found, steps=tuple(steps), late=found.late or first.late)


def _told(step: ExpansionStep, bound: float) -> ExpansionStep:
    gap = (step.value - bound) / max(1.0, abs(step.value)) if np.isfinite(bound) else np.inf
    return replace(step, outcome=Outcome.FEASIBLE, bound=bound, gap=gap)
