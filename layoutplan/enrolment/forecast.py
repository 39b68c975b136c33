"""Enrolment ahead: choices made on the past, the district, its places, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from layoutplan.arrays import FloatArray
from layoutplan.enrolment.baselines import followed_births
from layoutplan.enrolment.births import Births, read_births
from layoutplan.enrolment.breaks import find_breaks
from layoutplan.enrolment.changes import PlaceChange, PlannedPlaces, planned_changes
from layoutplan.enrolment.ensemble import Combined, combine
from layoutplan.enrolment.history import History
from layoutplan.enrolment.places import moves_of
from layoutplan.enrolment.prior import PRIOR, Prior
from layoutplan.enrolment.ratios import log_ratios
from layoutplan.enrolment.reading import HISTORY_TABLE, read_history
from layoutplan.enrolment.result import Forecast
from layoutplan.enrolment.schools import Places, forecast_places
from layoutplan.enrolment.spread import ErrorSpread, Residuals, calibrate_stage, combined_spread
from layoutplan.errors import FaultLog
from layoutplan.standards.rules import Profile, Standards

_FULL_HISTORY: Final = 4.0  # years of its own from which on a place is as sure as the others
_CHANGED: Final = 1.5  # times the spread where a place opens or closes


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

    The district first, grade by grade: a weighted mean of simple forecasts (cohorts with short and long
    memory, with drifting ratios, with a trend of entry, with births; three-year means; last year again), with
    weights from their errors in past years (:func:`~layoutplan.enrolment.ensemble.combine`). Then each place:
    its ratios are the district's × an effect shrunk by the place's size, its entry a share of the district's;
    places are raked to the district, grade by grade. Forecasts from past years see nothing later than the
    origin; so do the spreads. docs/forecast.md has the formulas.

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
    """Read past enrolment and births as known in the origin year.

    Parameters
    ----------
    history, births
        Input tables ``enrolment_history`` and ``births``.
    profile
        Dated rules: grades, ages and cut-off date.
    origin
        Last known year; ``None``: the last year of ``history``.
    log
        Receives the faults.
    births_factor
        Factor on all births.

    Returns
    -------
    History, Births
        Values known at the origin.

    Raises
    ------
    InputError
        With the faults of both tables.
    """
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
    prior: Prior = PRIOR,
) -> Forecast:
    """Return the forecast from tables that have been read; see :func:`forecast_enrolment`.

    Parameters
    ----------
    history
        Past enrolment.
    births
        Births known at the origin.
    rules
        Rules in force at the origin.
    horizon
        Number of years.
    log
        Receives warnings and notices.
    planned
        Planned seats and successors; default: places stay as they are.
    prior
        Prior scores of the members.

    Returns
    -------
    Forecast
        Pupils of district and places with their spreads.
    """
    planned = planned or PlannedPlaces({})
    history, changes = planned_changes(history, planned, horizon=horizon, log=log)
    areas = [planned.areas.get(place, "") for place in history.places]
    combined = combine(history, births, horizon=horizon, prior=prior)
    places = forecast_places(history, combined, changes=changes, areas=areas)
    spread = _spread(history, combined, places, rules, horizon=horizon)
    tried = sum(stage.district_errors for stage in spread.stages.values())
    _note(history, births, beyond=moves_of(history).beyond, tried=tried, log=log)
    return Forecast(
        history=history,
        years=tuple(range(history.origin + 1, history.origin + 1 + horizon)),
        district_pupils=combined.pupils,
        place_pupils=places.pupils,
        raking=places.raking,
        effects=places.effects,
        credibility=places.credibility,
        combined=combined,
        spread=spread,
        widened=_widened(history, changes, areas, horizon=horizon),
        notes=log.notes,
    )


def _spread(
    history: History, combined: Combined, places: Places, rules: Standards, *, horizon: int
) -> ErrorSpread:
    """Return the spread of every stage, from what the same method would have said in past years."""
    stages, errors, sizes = {}, [], []
    for stage in history.stages:
        rows = history.stage_rows(stage)
        off = combined.errors[stage]
        past = np.array([pupils[rows].sum(axis=0) for pupils in combined.past.values()]).reshape(off.shape)
        known = np.isfinite(off)
        steps = np.broadcast_to(np.arange(1.0, horizon + 1.0), off.shape)
        ages = np.array([history.years.index(year) + 1.0 for year in combined.past])
        ages = np.broadcast_to(ages[:, None], off.shape)
        stages[stage] = calibrate_stage(
            Residuals(off[known], steps[known], past[known], ages[known]),
            places.errors[stage],
            pupils=float(np.nan_to_num(history.totals[rows, -1]).sum()),
            years=len(history.years),
            horizon=horizon,
            district_spread=rules.number("demand.spread_district"),
            place_spread=rules.number("demand.spread_school"),
        )
        errors.append(off)
        sizes.append(combined.pupils[rows].sum(axis=0))
    correlation, whole = combined_spread([*stages.values()], errors, np.array(sizes))
    return ErrorSpread(stages, correlation, whole)


def _widened(
    history: History, changes: Sequence[PlaceChange], areas: Sequence[str], *, horizon: int
) -> FloatArray:
    """Return what the spread of places is multiplied by, places × years ahead.

    A place with fewer than four years of its own is as uncertain as √(4 ÷ its years) says. From the year in
    which a place opens or closes, that place, its successor or the places of its area are half as uncertain
    again.
    """
    own = np.maximum(history.taught.any(axis=1).sum(axis=1), 1)
    wide = np.repeat(np.sqrt(np.maximum(_FULL_HISTORY / own, 1.0))[:, None], horizon, axis=1)
    area = np.array([*areas] or [""] * len(history.places), dtype=object)
    touched = np.zeros(wide.shape, dtype=bool)
    for change in changes:
        touched[change.place, change.step :] = True
        if change.successor is not None:
            touched[change.successor, change.step :] = True
        else:
            touched[area == area[change.place], change.step :] = True
    return np.where(touched, wide * _CHANGED, wide)


def _note(history: History, births: Births, *, beyond: int, tried: int, log: FaultLog) -> None:
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
    for one in find_breaks(history):
        log.add(
            f"history_break_{'passed' if one.left_out else 'counts'}",
            severity="notice",
            table=HISTORY_TABLE,
            stage=one.stage,
            year=history.years[one.at],
            size=math.expm1(one.size),
        )
    if beyond:
        log.add("history_moves_beyond", severity="notice", table=HISTORY_TABLE, count=beyond)
    for grade in history.entries:
        fed = history.feeder(grade) is not None and np.isfinite(ratios[grade]).any()
        if not fed and not followed_births(history, births, grade):
            log.add(
                "entry_from_itself",
                severity="notice",
                table=HISTORY_TABLE,
                stage=history.grades[grade].stage,
                grade=history.grades[grade].number,
            )
    if not tried:
        log.add("history_short", severity="notice", table=HISTORY_TABLE, years=len(history.years))
