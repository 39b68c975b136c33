"""The simple forecasts of a district that are weighed against each other: what each believes to go on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from layoutplan.arrays import FloatArray
from layoutplan.enrolment.baselines import followed_births, last_value, three_year_mean
from layoutplan.enrolment.births import Births
from layoutplan.enrolment.filters import Motion, extended, followed
from layoutplan.enrolment.history import History
from layoutplan.enrolment.ratios import log_ratios, pooled_ratios

_ENTRY_NOISE: Final = 0.02
"""Standard deviation of a year's entry about its level, beside chance (variance 1 ÷ pupils)."""

_RATIO_NOISE: Final = 0.01
_RATIO_CHANCE: Final = 0.1
"""The same of a year's ratio: its own part, and variance × pupils (few of the pupils come or go)."""


_UNSTEADY: Final = (1.25, 0.02)
"""How much larger than steps of entry those of entry per birth may be: times, and more."""


_PER_BIRTH: Final = Motion(0.01)


@dataclass(frozen=True, slots=True)
class Belief:
    """What a cohort member believes of ratios and of entry.

    Attributes
    ----------
    half_life, drawn
        Years and pupils: memory and shrinkage of ratios, as of
        :func:`~layoutplan.enrolment.ratios.pooled_ratios`.
    entry
        How entry moves.
    drift
        How ratios move, for a member that lets each keep a damped trend.
    per_birth
        How entry per birth moves, where there are births: slowly, since they carry the turns.
    """

    half_life: float
    drawn: float
    entry: Motion
    drift: Motion | None = None
    per_birth: Motion = _PER_BIRTH


BELIEFS: Final[Mapping[str, Belief]] = MappingProxyType(
    {
        "long": Belief(4.0, 300.0, Motion(0.03, 0.005, damping=0.9)),
        "steady": Belief(6.0, 1000.0, Motion(0.01)),
        "drift": Belief(3.0, 100.0, Motion(0.03), drift=Motion(0.005, 0.005, damping=0.8)),
        "trend": Belief(
            1.5, 300.0, Motion(0.02, 0.02, damping=0.9), per_birth=Motion(0.01, 0.01, damping=0.9)
        ),
    }
)
"""Cohort members: long memory, nearly no change, drifting ratios, short memory with a trend of entry."""

_TOTAL: Final = Motion(0.02, 0.01, damping=0.8)
_TOTAL_NOISE: Final = 0.005
_TOTAL_CHANCE: Final = 0.3
"""How the pupils of a stage move in the member that follows them together; noise as of a ratio."""

MEMBERS: Final = (*BELIEFS, "total", "three_year_mean", "last_value")


def member_forecasts(history: History, births: Births, *, horizon: int) -> dict[str, FloatArray]:
    """Return the district's forecast by each member of the ensemble.

    Parameters
    ----------
    history
        Past enrolment.
    births
        Births known at the origin.
    horizon
        Number of years.

    Returns
    -------
    dict of FloatArray
        Pupils by name of the member, grades × years.
    """
    born = _born(history, births, horizon=horizon)
    found = {name: _cohort(history, belief, born, horizon=horizon) for name, belief in BELIEFS.items()}
    found["total"] = _together(history, horizon=horizon)
    found["three_year_mean"] = three_year_mean(history, births, horizon=horizon)[0]
    found["last_value"] = last_value(history, horizon=horizon)[0]
    return found


def _cohort(history: History, belief: Belief, born: Mapping[int, FloatArray], *, horizon: int) -> FloatArray:
    """Return the pupils, grades × years ahead, as one belief has them."""
    if belief.drift is None:
        pooled = pooled_ratios(history, half_life=belief.half_life, drawn=belief.drawn)
        ratios = np.repeat(pooled[:, None], horizon, axis=1)
    else:
        ratios = _drifting(history, belief.drift, horizon=horizon)
    entering = {
        grade: _entry(history, grade, belief, born.get(grade), horizon=horizon)
        for grade in range(len(history.grades))
        if grade in born or not np.isfinite(ratios[grade]).all()
    }
    now = np.nan_to_num(history.totals[:, -1])
    ahead = np.zeros((len(history.grades), horizon))
    for step in range(horizon):
        after = np.array(
            [
                entering[grade][step] if grade in entering else now[grade - 1] * math.exp(ratios[grade, step])
                for grade in range(len(history.grades))
            ]
        )
        ahead[:, step] = now = after
    return ahead


def _entry(
    history: History, grade: int, belief: Belief, born: FloatArray | None, *, horizon: int
) -> FloatArray:
    """Return the entrants by year ahead: the level of entry, or of entry per birth, and its trend."""
    entering = np.nan_to_num(history.totals[grade])
    years = len(entering)
    if not (entering > 0).any():
        return np.zeros(horizon)
    per = np.zeros(years + horizon) if born is None else np.log(born)
    motion = belief.entry if born is None else belief.per_birth
    values = np.where(entering > 0, np.log(np.maximum(entering, 0.5)) - per[:years], np.nan)
    typical = np.cumsum(entering) / np.maximum(np.cumsum(entering > 0), 1)
    noise = _ENTRY_NOISE**2 + 1.0 / np.maximum(typical, 1.0)
    level, slope = followed(values[None], noise[None], motion=motion)
    return np.asarray(np.exp(extended(level, slope, motion=motion, horizon=horizon)[0] + per[years:]))


def _together(history: History, *, horizon: int) -> FloatArray:
    """Return the pupils of the last year, each stage times the damped trend of all its pupils together.

    Where ratios and entry move against each other (fewer pupils repeat the first grade, more go up), each
    goes astray that is carried on alone, and their sum does not.
    """
    now = np.nan_to_num(history.totals[:, -1])
    ahead = np.repeat(now[:, None], horizon, axis=1)
    for stage in history.stages:
        rows = history.stage_rows(stage)
        pupils = history.totals[rows].sum(axis=0)  # nan in a year without one of the grades
        known = np.nan_to_num(pupils) > 0
        if not known.any() or not now[rows].sum() > 0:
            continue
        logs = np.where(known, np.log(np.where(known, pupils, 1.0)), np.nan)
        noise = _TOTAL_NOISE**2 + _TOTAL_CHANCE / np.where(known, pupils, 1.0)
        level, slope = followed(logs[None], noise[None], motion=_TOTAL)
        going = np.exp(extended(level, slope, motion=_TOTAL, horizon=horizon)[0])
        ahead[rows] *= going / now[rows].sum()
    return ahead


def _drifting(history: History, motion: Motion, *, horizon: int) -> FloatArray:
    """Return log ratios, grades × years ahead, each grade's own level and damped trend; nan without any."""
    ratios = log_ratios(history)
    below = np.ones_like(ratios)
    below[1:] = np.maximum(np.nan_to_num(history.totals[:-1, :-1]), 1.0)
    level, slope = followed(ratios, _RATIO_NOISE**2 + _RATIO_CHANCE / below, motion=motion)
    going = extended(level, slope, motion=motion, horizon=horizon)
    return np.where(np.isfinite(ratios).any(axis=1, keepdims=True), going, np.nan)


def _born(history: History, births: Births, *, horizon: int) -> dict[int, FloatArray]:
    """Return the births of the cohorts of grades entered from home, by year of entry, past and ahead.

    The share of a cohort born in the calendar year before is the profile's, or none, whichever leaves the
    steadier entry per birth. Where entry per birth steps from year to year by more than a quarter above what
    entry itself does (and two percent), the births are those of other children, and are left out.
    """
    years = [*history.years, *range(history.origin + 1, history.origin + 1 + horizon)]
    found = {}
    for grade in history.entries:
        if not followed_births(history, births, grade):
            continue
        age, entering = history.grades[grade].age, history.totals[grade]
        own = np.log(np.where(np.nan_to_num(entering) > 0, entering, np.nan))
        best = _UNSTEADY[0] * _unsteadiness(own) + _UNSTEADY[1]
        for born_before in dict.fromkeys((births.born_before, 0.0)):
            born = np.array([births.of(year - age, born_before=born_before) or np.nan for year in years])
            unsteady = _unsteadiness(own - np.log(born[: len(entering)]))
            if np.isfinite(born[len(entering) :]).all() and unsteady < best:
                best, found[grade] = unsteady, born
    return found


def _unsteadiness(logs: FloatArray) -> float:
    """Return the mean step from year to year."""
    steps = np.abs(np.diff(logs[np.isfinite(logs)]))
    return float(steps.mean()) if steps.size else 0.0
