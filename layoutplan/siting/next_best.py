"""The next best alternative of a measure, computed: without it, or with a place near it instead."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from layoutplan.arrays import FloatArray
from layoutplan.siting.measures import BuildingPlan, Measure
from layoutplan.solve.expansion import Alternatives, without_unmet
from layoutplan.texts import Language, text

_NEAR: Final = 1
_MOST: Final = 12  # measures whose alternatives are computed, dearest first
_ROUNDING: Final = 1e-6


@dataclass(frozen=True)
class NextBest:
    """The best of the alternatives tried for one measure.

    Attributes
    ----------
    name
        Place built at instead; ``None``: nothing, temporary classes and buses chosen anew.
    dearer
        How much more the plan then costs, discounted.
    unserved
        How many more pupil-years are then without a seat.
    """

    name: str | None
    dearer: float
    unserved: float

    def what(self, lang: Language) -> str:
        """Return what is done instead.

        Parameters
        ----------
        lang
            The language.
        """
        if self.name is None:
            return text("siting.instead.nothing", lang)
        return text("siting.instead.place", lang, place=self.name)


def next_best(plan: BuildingPlan, *, time_limit_s: float) -> tuple[dict[str, NextBest], bool]:
    """Return the next best alternative of the dearest schools built or enlarged, twelve at most.

    Fewer where the work is done before.

    Tried are the plan without it, and with the nearest other candidate that has no measure,
    at the size nearest to its own and in the same year. Fewer pupils without a seat come first, then cost.

    Parameters
    ----------
    plan
        The plan.
    time_limit_s
        Time for all of them together.

    Returns
    -------
    dict
        By measure id.
    bool
        Whether time ended it: the measures for which there was none are left out.
    """
    until = time.monotonic() + time_limit_s
    tried = Alternatives(plan.model.problem, plan.found)
    figures = plan.found.figures
    base, lost = figures.cost, float(figures.unserved.sum())
    found: dict[str, NextBest] = {}
    lasting = sorted((one for one in plan.measures if one.lasts), key=lambda one: (-one.discounted, one.id))
    for one in lasting[:_MOST]:
        options = []
        for name, moves in _instead(plan, one):
            if time.monotonic() >= until:
                return found, True
            cost, unserved = tried.cost(moves, time_limit_s=max(until - time.monotonic(), 0.1))
            if tried.ended:
                return found, False
            options.append(NextBest(name, round(cost - base, 2) + 0.0, unserved - lost))
        if options:
            found[one.id] = min(options, key=lambda each: (round(each.unserved, 3), each.dearer))
    return found, time.monotonic() >= until


def _instead(plan: BuildingPlan, measure: Measure) -> Iterator[tuple[str | None, FloatArray]]:
    """Yield the plan without a measure, then with one of its nearest neighbours instead."""
    model, problem = plan.model, plan.model.problem
    moves, states = problem.moves, problem.states
    site_of = states.site[moves.after]
    place_of = states.place[moves.after]
    own = (plan.found.moves > _ROUNDING) & (place_of == measure.place)
    without = without_unmet(problem, np.where(own, 0.0, plan.found.moves))
    yield None, without
    busy = set(site_of[plan.found.moves > _ROUNDING].tolist())
    here = measure.candidate
    if here is None:
        return
    year = int(moves.year[own].min())
    wanted = measure.seats.max(axis=1)
    near = sorted(
        (number for number in range(len(model.sites)) if number not in busy),
        key=lambda number: np.hypot(model.sites[number].x - here.x, model.sites[number].y - here.y),
    )
    shown = 0
    for number in near:
        first = states.first[number]
        able = np.flatnonzero((site_of == number) & (moves.before == first) & (moves.year == year))
        able = able[(states.seats[moves.after[able]][:, wanted > 0] > 0).any(axis=1)]
        if not len(able) or shown == _NEAR:
            continue
        shown += 1
        apart = np.abs(states.seats[moves.after[able]] - wanted).sum(axis=1)
        other = without.copy()
        other[able[int(np.argmin(apart))]] = 1.0
        other = without_unmet(problem, other)
        if _within_limits(plan, other):
            yield model.sites[number].name, other


def _within_limits(plan: BuildingPlan, made: FloatArray) -> bool:
    """Return whether moves keep to the money and the number of schools allowed."""
    problem = plan.model.problem
    moves, limits, years = problem.moves, problem.limits, problem.years
    spent = np.bincount(moves.spent_in, weights=moves.spent * made, minlength=years)
    opened = np.bincount(moves.year, weights=moves.opens * made, minlength=years)
    return bool(
        (spent <= limits.spent + _ROUNDING).all()
        and spent.sum() <= limits.spent_in_all + _ROUNDING
        and (opened <= limits.opened + _ROUNDING).all()
        and opened.sum() <= limits.opened_in_all + _ROUNDING
    )
