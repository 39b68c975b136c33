"""How far off forecasts made in the past would have been: rolling origins, beside two simple forecasts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from layoutplan.arrays import FloatArray
from layoutplan.enrolment.baselines import last_value, three_year_mean
from layoutplan.enrolment.forecast import FORECAST_RULES, forecast_known, read_inputs
from layoutplan.enrolment.history import History
from layoutplan.enrolment.reading import HISTORY_TABLE
from layoutplan.enrolment.result import Forecast
from layoutplan.enrolment.spread import band
from layoutplan.errors import Fault, FaultLog
from layoutplan.standards.rules import Profile, Standards

HORIZONS: Final = (1, 2, 3, 5)
METHODS: Final = ("forecast", "last_value", "three_year_mean")
_KEY: Final = ["level", "place_id", "stage", "method", "horizon"]
_LONG_HISTORY: Final = 8  # years from which on five are left for the first origin, else three
_FEWEST_YEARS: Final = 4


@dataclass(frozen=True)
class Backtest:
    """Forecasts of the past beside what came.

    Attributes
    ----------
    errors
        One row a forecast: ``level`` (``district`` or ``place``), ``place_id`` (empty for the district),
        ``stage``, ``method`` (one of :data:`METHODS`), ``origin``, ``horizon``, ``year``, ``actual``,
        ``pupils``, ``p10``, ``p90`` (null but for our forecast). Places count that had pupils at the origin
        and in the year forecast.
    table
        Result table ``enrolment_backtest``.
    notes
        What was repaired or assumed, as at the last origin.
    """

    errors: pd.DataFrame
    table: pd.DataFrame
    notes: tuple[Fault, ...] = ()

    def chart(self, stage: str) -> pd.DataFrame:
        """Return what a chart of the district shows: a row for each horizon and year forecast.

        Columns ``horizon``, ``year``, ``actual``, ``p10``, ``p90`` and one of pupils for each method;
        ordered by horizon and year.
        """
        rows = self.errors[(self.errors["level"] == "district") & (self.errors["stage"] == stage)]
        pupils = rows.pivot_table(index=["horizon", "year"], columns="method", values="pupils")
        ours = rows[rows["method"] == "forecast"].set_index(["horizon", "year"])
        return ours[["actual", "p10", "p90"]].join(pupils[[*METHODS]]).sort_index().reset_index()


def backtest(
    history: pd.DataFrame,
    births: pd.DataFrame,
    *,
    profile: Profile,
    horizons: Sequence[int] = HORIZONS,
    origins: Sequence[int] | None = None,
    last_target: int | None = None,
) -> Backtest:
    """Return how far off forecasts from past years are, beside last value and three-year mean progression.

    Each origin sees only enrolment and births up to its year; every choice of the method is made again there.

    Parameters
    ----------
    history, births, profile
        As for :func:`~layoutplan.enrolment.forecast_enrolment`.
    horizons
        Years ahead, each at least 1.
    origins
        Years to forecast from; default all with five years of history (three, if the table has fewer than
        eight) and a year after them.
    last_target
        The last year that counts as outcome; default the last of the table.

    Raises
    ------
    InputError
        With every fault of the two tables, or if they are too short for any origin.
    """
    log = FaultLog()
    whole, _ = read_inputs(history, births, profile, origin=last_target, log=log)
    if origins is None:
        least = 5 if len(whole.years) >= _LONG_HISTORY else _FEWEST_YEARS - 1
        origins = [year for year in whole.years[least - 1 : -1] if _has_rules(profile.at(year))]
    if not origins:
        log.add("backtest_short", table=HISTORY_TABLE, years=len(whole.years))
    log.raise_if_errors()
    reported = _reported(history, whole)
    frames = []
    for origin in origins:
        log = FaultLog()
        steps = [step for step in horizons if origin + step <= whole.origin]
        if not steps:
            continue
        born = births[pd.to_numeric(births["year"], errors="coerce") <= origin] if len(births) else births
        known, drivers = read_inputs(history, born, profile, origin=origin, log=log)
        ahead = forecast_known(known, drivers, profile.at(origin), horizon=max(steps), log=log)
        forecasts = {
            "last_value": last_value(known, horizon=max(steps)),
            "three_year_mean": three_year_mean(known, drivers, horizon=max(steps)),
        }
        frames += _compare(ahead, forecasts, whole=whole, reported=reported, steps=steps)
    errors = pd.concat(frames, ignore_index=True)
    return Backtest(errors=errors, table=_summary(errors, stages=whole.stages), notes=log.notes)


def _has_rules(standards: Standards) -> bool:
    """Say whether a forecast can be made by the rules of a year: a young profile has none for the past."""
    return bool(standards.stages) and all(standards.find(rule) is not None for rule in FORECAST_RULES)


def _reported(history: pd.DataFrame, whole: History) -> FloatArray:
    """Return which place reports in which year, places × years: what was filled in is no outcome."""
    place = history["school_id"] if "school_id" in history else pd.Series(pd.NA, index=history.index)
    if "area_id" in history:
        place = place.fillna(history["area_id"])
    year = pd.to_numeric(history["year"], errors="coerce")
    seen = pd.crosstab(place.astype(str), year).reindex(
        index=[*whole.places], columns=[*whole.years], fill_value=0
    )
    return np.asarray(seen.to_numpy() > 0)


def _compare(
    ahead: Forecast,
    others: dict[str, tuple[FloatArray, FloatArray]],
    *,
    whole: History,
    reported: FloatArray,
    steps: Sequence[int],
) -> list[pd.DataFrame]:
    """Return the rows of one origin, a frame for each stage, horizon, method and level."""
    known = ahead.history
    at = pd.Index(whole.places).get_indexer(pd.Index(known.places))
    frames = []
    for stage in known.stages:
        rows, truth = known.stage_rows(stage), whole.stage_rows(stage)
        for step in steps:
            year = whole.years.index(known.origin + step)
            if not truth or not reported[:, year].any():
                continue
            actual = np.nan_to_num(whole.counts[:, truth, year]).sum(axis=1)
            was = np.nan_to_num(known.counts[:, rows, -1]).sum(axis=1)
            both = (was > 0) & (actual[at] > 0) & reported[at, year]
            place = pd.DataFrame(
                {
                    "level": "place",
                    "place_id": np.array(known.places, dtype=object)[both],
                    "actual": actual[at][both],
                }
            )
            total = pd.DataFrame({"level": ["district"], "place_id": [""], "actual": [actual.sum()]})
            frame = pd.concat([total, place], ignore_index=True).assign(
                stage=stage, origin=known.origin, horizon=step, year=known.origin + step
            )
            for method in METHODS:
                district, places = others.get(method, (ahead.district_pupils, ahead.place_pupils))
                pupils = places[:, rows, step - 1].sum(axis=1)[both]
                everyone = np.concatenate([[district[rows, step - 1].sum()], pupils])
                low, high = _bands(ahead, everyone, step) if method == "forecast" else (np.nan, np.nan)
                frames.append(frame.assign(method=method, pupils=everyone, p10=low, p90=high))
    return frames


def _bands(ahead: Forecast, pupils: FloatArray, step: int) -> tuple[FloatArray, FloatArray]:
    """Return the band of the district (first) and of places at one horizon."""
    ladder = np.repeat(pupils[1:, None], len(ahead.years), axis=1)
    spread = np.concatenate([[ahead.spread.district[step - 1]], ahead.spread.of_places(ladder)[:, step - 1]])
    return band(pupils, spread)


def _summary(errors: pd.DataFrame, *, stages: Sequence[str]) -> pd.DataFrame:
    """Return the result table: the district, all places together (level ``places``), and each place."""
    together = errors[errors["level"] == "place"].assign(level="places", place_id="")
    rows = pd.concat([errors, together], ignore_index=True)
    off = rows["pupils"] - rows["actual"]
    inside = (rows["p10"] <= rows["actual"]) & (rows["actual"] <= rows["p90"])
    rows = rows.assign(
        size=off.abs(),
        off=off,
        share=off.abs() / rows["actual"],
        inside=inside.astype(float).where(rows["p10"].notna()),
    )
    groups = rows.groupby(_KEY, sort=False)
    sums = groups[["size", "off", "actual"]].sum()
    latest = rows[rows["year"] == groups["year"].transform("max")].groupby(_KEY, sort=False)
    latest_off, latest_actual = latest["off"].sum(), latest["actual"].sum()
    found = pd.DataFrame(
        {
            "targets": groups.size(),
            "mape": groups["share"].mean(),
            "weighted_mape": sums["size"] / sums["actual"],
            "bias": sums["off"] / sums["actual"],
            "coverage": groups["inside"].mean(),
            "latest_year": groups["year"].max(),
            "latest_bias": latest_off / latest_actual,
        }
    ).reset_index()
    order = {name: place for place, name in enumerate(("district", "places", "place", *stages, *METHODS))}

    def ranks(column: pd.Series[str]) -> pd.Series[float]:
        return column.map(order).astype(float)

    ranked = found[["level", "stage", "method"]].apply(ranks)
    by = ranked.assign(place_id=found["place_id"], horizon=found["horizon"])
    by = by.sort_values(["level", "place_id", "stage", "horizon", "method"], kind="stable")
    return found.loc[by.index].reset_index(drop=True)
