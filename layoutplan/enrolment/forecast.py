"""Enrolment ahead: choices made on the past, the district, its places, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from layoutplan.arrays import FloatArray
from layoutplan.enrolment.births import Births, read_births
from layoutplan.enrolment.changes import Change, PlannedPlaces, planned_changes
from layoutplan.enrolment.choices import Choices, rolling_origins
from layoutplan.enrolment.district import climbing, log_ratios, project_district
from layoutplan.enrolment.history import History
from layoutplan.enrolment.places import effects_of, moves_of
from layoutplan.enrolment.projection import project_places
from layoutplan.enrolment.reading import HISTORY_TABLE, read_history
from layoutplan.enrolment.result import Forecast
from layoutplan.enrolment.selection import Chooser
from layoutplan.enrolment.spread import Residuals, calibrate
from layoutplan.errors import FaultLog
from layoutplan.standards.rules import Profile, Standards

_YEARS_TO_TRY: Final = 3  # of history before a past year is forecast from, for the spread


FORECAST_RULES: Final = ("stage.last_birth_month", "demand.spread_district", "demand.spread_school")
"""What a forecast needs of the profile in its origin's year, beside ``stage.ages``."""


def forecast_enrolment(
    history: pd.DataFrame,
    births: pd.DataFrame,
    *,
    profile: Profile,
    horizon: int,
    origin: int | None = None,
    births_factor: float = 1.0,
    planned: PlannedPlaces | None = None,
) -> Forecast:
    """Return the pupils of every place and of the district, ``horizon`` years ahead, with their spread.

    The district first, grade by grade: pupils go up by progression ratios (recent years weigh more, ratios
    that do not stand out are shrunk toward 1); each stage's first grade follows births of its cohort, or the
    stage below, or its own recent entry. Then each place: its ratios are the district's × an effect shrunk
    by the place's size, its entry a share of the district's; places are raked to the district, grade by
    grade. How fast the past is forgotten and how much is shrunk is chosen by forecasts from past years,
    which see nothing later than the origin; so are the spreads.

    A place without pupils at the origin is closed: its pupils are in the district's total, and so go on in
    the places left.

    Parameters
    ----------
    history
        Input table ``enrolment_history``, whole; years after the origin are not looked at.
    births
        Input table ``births``; empty for none. Years after the origin are a projection.
    profile
        Ages of the stages, and the spreads assumed beforehand (``demand.spread_district``,
        ``demand.spread_school``).
    horizon
        Years ahead, at least 1.
    origin
        The last year known; default the last of ``history``.
    births_factor
        Multiplies births after the origin.
    planned
        Schools that open and close after the origin: the pupils of one that closes go to its successor or the
        schools of its area, one that opens draws its share of entrants
        (:func:`~layoutplan.enrolment.projection.project_places`). The district is the same with and without.

    Raises
    ------
    InputError
        With every fault of the two tables.
    ValueError
        If ``horizon`` is less than 1.

    Examples
    --------
    >>> from layoutplan.standards import load_profile
    >>> rows = [("S1", "primary", grade, year, 40.0) for grade in range(1, 7) for year in range(2018, 2026)]
    >>> past = pd.DataFrame(rows, columns=["school_id", "stage", "grade", "year", "pupils"])
    >>> none = pd.DataFrame({"year": [], "births": []})
    >>> ahead = forecast_enrolment(past, none, profile=load_profile("cn-national"), horizon=2)
    >>> ahead.grades.sum().round(6).to_dict()
    {2026: 240.0, 2027: 240.0}
    """
    if horizon < 1:
        raise ValueError(f"horizon must be at least 1 year: {horizon}")
    log = FaultLog()
    known, born = read_inputs(history, births, profile, origin=origin, births_factor=births_factor, log=log)
    rules = profile.at(known.origin)
    return forecast_known(known, born, rules, horizon=horizon, planned=planned, log=log)


def read_inputs(
    history: pd.DataFrame,
    births: pd.DataFrame,
    profile: Profile,
    *,
    origin: int | None,
    log: FaultLog,
    births_factor: float = 1.0,
) -> tuple[History, Births]:
    """Return both tables as values known in ``origin``; raise ``InputError`` with the faults of either."""
    last = pd.to_numeric(history["year"], errors="coerce").max()
    at = origin if origin is not None else (int(last) if math.isfinite(last) else None)
    if at is None:
        log.add("history_empty", table=HISTORY_TABLE)
        log.raise_if_errors()
    rules = profile.at(int(at or 0))
    known = read_history(history, rules, origin=at, log=log)
    born_before = rules.born_before
    born = read_births(births, origin=known.origin, factor=births_factor, born_before=born_before, log=log)
    return known, born


def forecast_known(
    history: History,
    births: Births,
    rules: Standards,
    *,
    horizon: int,
    log: FaultLog,
    planned: PlannedPlaces | None = None,
) -> Forecast:
    """Return the forecast from tables already read; see :func:`forecast_enrolment`."""
    planned = planned or PlannedPlaces({})
    history, changes = planned_changes(history, planned, horizon=horizon, log=log)
    areas = [planned.areas.get(place, "") for place in history.places]
    spread = rules.number("demand.spread_district")
    chooser = Chooser(history, births, spread)
    choices = chooser.at(history.origin)
    projected = _project(
        history, births, choices, horizon=horizon, spread=spread, changes=changes, areas=areas
    )
    district, place = _past_errors(chooser, horizon=horizon)
    ratios = log_ratios(history)
    _note(history, choices, beyond=moves_of(history).beyond, tried=district.errors.size, log=log)
    return Forecast(
        history=history,
        years=tuple(range(history.origin + 1, history.origin + 1 + horizon)),
        district_pupils=projected.district,
        place_pupils=projected.places,
        raking=projected.raking,
        ratios=climbing(history, ratios, choice=choices.ageing, spread=spread),
        effects=projected.effects,
        credibility=projected.credibility,
        choices=choices,
        spread=calibrate(
            district,
            place,
            horizon=horizon,
            district_spread=spread,
            place_spread=rules.number("demand.spread_school"),
        ),
        notes=log.notes,
    )


@dataclass(frozen=True)
class _Projection:
    """Pupils ahead from one origin under given choices."""

    district: FloatArray
    places: FloatArray
    raking: FloatArray
    effects: FloatArray
    credibility: FloatArray


def _project(
    history: History,
    births: Births,
    choices: Choices,
    *,
    horizon: int,
    spread: float,
    changes: Sequence[Change] = (),
    areas: Sequence[str] = (),
) -> _Projection:
    district = project_district(history, births, choices, horizon=horizon, spread=spread)
    effects, credibility = effects_of(moves_of(history), choice=choices.effects)
    places, raking = project_places(history, choices, district, effects=effects, changes=changes, areas=areas)
    return _Projection(district, places, raking, effects, credibility)


def _past_errors(chooser: Chooser, *, horizon: int) -> tuple[Residuals, Residuals]:
    """Return the errors of the same method from past years, of the district's total and of places.

    Every choice is made again as of the past year. Places count that had pupils both then and in the year
    forecast.
    """
    history, births, spread = chooser.history, chooser.births, chooser.spread
    found: dict[str, list[tuple[FloatArray, FloatArray, FloatArray]]] = {"district": [], "place": []}
    years = len(history.years)
    for at in rolling_origins(years, least=_YEARS_TO_TRY):
        past = history.until(history.years[at])
        if not np.nan_to_num(past.totals[:, -1]).sum() > 0:
            continue
        ahead = min(horizon, years - 1 - at)
        choices = chooser.at(past.origin)
        projected = _project(past, births.until(past.origin), choices, horizon=ahead, spread=spread)
        actual = np.nan_to_num(history.counts[:, :, at + 1 : at + 1 + ahead]).sum(axis=1)
        forecast = projected.places.sum(axis=1)
        steps = np.broadcast_to(np.arange(1.0, ahead + 1.0), actual.shape)
        totals = projected.district.sum(axis=0), actual.sum(axis=0), steps[0]
        for level, figures in (("district", totals), ("place", (forecast, actual, steps))):
            hoped, came, step = figures
            both = (hoped > 0) & (came > 0)
            found[level].append((np.log(came[both] / hoped[both]), step[both], hoped[both]))
    return _joined(found["district"]), _joined(found["place"])


def _joined(parts: list[tuple[FloatArray, FloatArray, FloatArray]]) -> Residuals:
    if not parts:
        return Residuals(np.empty(0), np.empty(0), np.empty(0))
    errors, horizons, pupils = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Residuals(errors, horizons, pupils)


def _note(history: History, choices: Choices, *, beyond: int, tried: int, log: FaultLog) -> None:
    """Say what was left out, and what the history is too short for."""
    ratios, totals = log_ratios(history), history.totals
    for grade, part in enumerate(history.grades):
        feeder = history.feeder(grade)
        if feeder is None:
            continue
        before, after = totals[feeder, :-1], totals[grade, 1:]
        odd = (np.nan_to_num(before) > 0) & (np.nan_to_num(after) > 0) & np.isnan(ratios[grade])
        if odd.any():
            years = ", ".join(str(history.years[at + 1]) for at in np.flatnonzero(odd))
            log.add(
                "history_ratio_beyond",
                severity="warning",
                table=HISTORY_TABLE,
                stage=part.stage,
                grade=part.number,
                years=years,
            )
    if beyond:
        log.add("history_moves_beyond", severity="notice", table=HISTORY_TABLE, count=beyond)
    for grade, source in choices.sources.items():
        if source == "own":
            log.add(
                "entry_from_itself",
                severity="notice",
                table=HISTORY_TABLE,
                stage=history.grades[grade].stage,
                grade=history.grades[grade].number,
            )
    if not tried:
        log.add("history_short", severity="notice", table=HISTORY_TABLE, years=len(history.years))
