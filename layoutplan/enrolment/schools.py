"""Places ahead by what the back-test says: cohorts alone, or partly the share of pupils they had last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from layoutplan.arrays import BoolArray, FloatArray
from layoutplan.enrolment.changes import PlaceChange
from layoutplan.enrolment.ensemble import Combined
from layoutplan.enrolment.history import NOBODY, History
from layoutplan.enrolment.places import effects_of, moves_of, rake
from layoutplan.enrolment.projection import project_places, structure_of
from layoutplan.enrolment.spread import Residuals

_HALF: Final = 0.5
"""The most of a place's figure that is the pupils it had last: the blend tried beside none."""

_POWER: Final = 20.0  # weights of the two go by (mean error)^-power
_PRIOR_SCORES: Final = (
    1.0,
    1.05,
)  # errors of the two beforehand, as the data sets of docs/forecast.md have them
_PRIOR_ERRORS: Final = 2.0  # past origins that these are worth


@dataclass(frozen=True)
class Places:
    """Places ahead from one origin, and the errors of the same rule in the past.

    Attributes
    ----------
    pupils
        places × grades × years ahead.
    raking, effects, credibility
        As of :class:`~layoutplan.enrolment.result.Forecast`.
    kept
        For each stage, how much of a place's figure is the share it had last: 0 to 0.5.
    errors
        For each stage, past errors; places count that had pupils both then and in the year forecast.
    """

    pupils: FloatArray
    raking: FloatArray
    effects: FloatArray
    credibility: FloatArray
    kept: Mapping[str, float]
    errors: Mapping[str, Residuals]


def forecast_places(
    history: History,
    combined: Combined,
    *,
    changes: Sequence[PlaceChange] = (),
    areas: Sequence[str] = (),
) -> Places:
    """Return the forecast of the places, raked to the district's, with their past errors.

    Every past year is forecast with the district's forecast of that year in two ways: by cohorts alone, and
    half by the place's last share. The weights of a stage follow from the errors of both, as for the members
    of the district. Places that change their grades, and stages in which places open or close, use cohorts
    alone.

    Parameters
    ----------
    history
        Past enrolment.
    combined
        Forecast of the district, with those of past years.
    changes
        Openings and closings.
    areas
        Area of each place, "" for none.

    Returns
    -------
    Places
        Pupils, raking factors, effects, weights and errors.
    """
    tried: dict[str, list[_Trial]] = {stage: [] for stage in history.stages}
    for year, district in combined.past.items():
        past = history.until(year)
        if not np.nan_to_num(past.totals[:, -1]).sum() > 0:
            continue
        for stage, trial in _trials(history, past, district).items():
            tried[stage].append(trial)
    kept = {stage: _kept(trials, len(history.years) - 1) for stage, trials in tried.items()}
    effects, credibility = effects_of(moves_of(history))
    pupils, raking = project_places(history, combined.pupils, effects=effects, changes=changes, areas=areas)
    changing = {change.stage for change in changes}
    for stage in history.stages:
        if stage not in changing:
            rows = history.stage_rows(stage)
            pupils[:, rows] = _blended(history, pupils, rows, kept[stage])
    errors = {stage: _residuals(trials) for stage, trials in tried.items()}
    return Places(pupils, raking, effects, credibility, kept, errors)


@dataclass(frozen=True)
class _Trial:
    """One stage forecast from one past year: pupils by cohorts and blended, and what came (nan: no count)."""

    at: int
    plain: FloatArray
    blended: FloatArray
    actual: FloatArray


def _trials(history: History, past: History, district: FloatArray) -> dict[str, _Trial]:
    at = len(past.years) - 1
    ahead = min(district.shape[1], len(history.years) - 1 - at)
    effects, _ = effects_of(moves_of(past))
    pupils, _ = project_places(past, district[:, :ahead], effects=effects)
    found = {}
    for stage in history.stages:
        rows = history.stage_rows(stage)
        window = slice(at + 1, at + 1 + ahead)
        came = np.nan_to_num(history.counts[:, rows, window]).sum(axis=1)
        guessed = history.estimated[:, rows, window].any(axis=1)
        plain = pupils[:, rows].sum(axis=1)
        both = (plain > NOBODY) & (came > 0) & ~guessed
        half = _blended(past, pupils, rows, _HALF).sum(axis=1)
        found[stage] = _Trial(at, plain, half, np.where(both, came, np.nan))
    return found


def _blended(history: History, pupils: FloatArray, rows: list[int], share: float) -> FloatArray:
    """Return a stage's pupils where settled places have ``share`` of the share of pupils they had last."""
    own = pupils[:, rows]
    if share <= 0:
        return own
    settled = _settled(history, rows)
    now = np.where(settled, np.nan_to_num(history.counts[:, rows, -1]).sum(axis=1), 0.0)
    sizes = np.where(settled[:, None], own.sum(axis=1), 0.0)
    last = now[:, None] / max(now.sum(), NOBODY) * sizes.sum(axis=0)
    factor = np.where(sizes > NOBODY, 1.0 - share + share * last / np.where(sizes > NOBODY, sizes, 1.0), 1.0)
    return rake(own * factor[:, None], own.sum(axis=0))[0]


def _settled(history: History, rows: list[int]) -> BoolArray:
    """Return which places teach the grades of a stage that they taught a year before, and go on to."""
    taught = history.taught[:, rows]
    if taught.shape[2] < 2:  # noqa: PLR2004  there is no year before
        return np.zeros(len(taught), dtype=bool)
    climbs, draws = structure_of(history)
    goes_on = ((climbs | draws)[:, rows] == taught[:, :, -1]).all(axis=1)
    same = (taught[:, :, -1] == taught[:, :, -2]).all(axis=1)
    return np.asarray(same & goes_on & taught[:, :, -1].any(axis=1))


def _kept(trials: list[_Trial], known: int) -> float:
    """Return the share that the errors known at a year's position favour."""
    sums, worth = _PRIOR_ERRORS * np.array(_PRIOR_SCORES), _PRIOR_ERRORS
    for trial in trials:
        for step in range(trial.actual.shape[1]):
            actual = trial.actual[:, step]
            both = np.isfinite(actual)
            if trial.at + step + 1 > known or not both.any():
                continue
            off = np.array(
                [np.abs(one[both, step] - actual[both]).sum() for one in (trial.plain, trial.blended)]
            )
            if off.mean() > NOBODY:
                sums = sums + off / off.mean() / (step + 1)
                worth += 1.0 / (step + 1)
    weights = (sums / worth) ** -_POWER
    return float(_HALF * weights[1] / weights.sum())


def _residuals(trials: list[_Trial]) -> Residuals:
    """Return the errors of a stage's places, each past year blended as its own past favoured."""
    parts = []
    for trial in trials:
        share = _kept(trials, trial.at) / _HALF
        hoped = (1.0 - share) * trial.plain + share * trial.blended
        both = np.isfinite(trial.actual) & (hoped > NOBODY)
        steps = np.broadcast_to(np.arange(1.0, hoped.shape[1] + 1.0), hoped.shape)
        off = np.log(trial.actual[both] / hoped[both])
        parts.append((off, steps[both], hoped[both], np.full(off.size, trial.at + 1.0)))
    if not parts:
        return Residuals(*(np.empty(0) for _ in range(4)))
    return Residuals(*(np.concatenate(column) for column in zip(*parts, strict=True)))
