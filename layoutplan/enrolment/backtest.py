"""How far off forecasts made in the past would have been: rolling origins, beside two simple forecasts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from layoutplan.arrays import BoolArray, FloatArray
from layoutplan.cards import Outlined
from layoutplan.enrolment.baselines import last_value, three_year_mean
from layoutplan.enrolment.forecast import FORECAST_RULES, forecast_known, read_inputs
from layoutplan.enrolment.history import History
from layoutplan.enrolment.prior import PRIOR, Prior
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
_SMALL: Final = 60  # pupils of a place below which single families move the error
REASONS: Final = ("grades", "small", "others", "moves")
"""Why a place was off: its grades changed; it is small; a place opened or closed; pupils came or went."""

IndexArray = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the back-test says of one stage of the district at one horizon.

    ``ours``, ``cohort`` and ``last`` are mean errors (shares) of the forecast, the three-year cohort and last
    year again; ``inside`` of the ``targets`` outcomes lay in the band; ``member`` carried the most weight.
    """

    stage: str
    horizon: int
    targets: int
    inside: int
    ours: float
    cohort: float
    last: float
    member: str
    weight: float


@dataclass(frozen=True, repr=False)
class Backtest(Outlined):
    """Forecasts of the past beside what came.

    Attributes
    ----------
    errors
        One row a forecast: ``level`` (``district`` or ``place``), ``place_id`` (empty for the district),
        ``stage``, ``method`` (one of :data:`METHODS`), ``origin``, ``horizon``, ``year``, ``actual``,
        ``pupils``, ``p10``, ``p90`` (null but for our forecast), and for places ``reason`` (one of
        :data:`REASONS`). Places count that had pupils at the origin and in the year forecast; what was
        estimated is no outcome.
    table
        Result table ``enrolment_backtest``.
    weights
        Mean weight of each member over the origins: ``stage``, ``horizon``, ``member``, ``weight``.
    notes
        What was repaired or assumed, as at the last origin.
    """

    errors: pd.DataFrame
    table: pd.DataFrame
    weights: pd.DataFrame
    notes: tuple[Fault, ...] = ()

    def verdict(self, stage: str, *, horizon: int = 3) -> Verdict:
        """Return the summary of the back-test for a stage of the district.

        Parameters
        ----------
        stage
            The stage.
        horizon
            Years ahead; the longest tested horizon up to it is used, else the shortest tested.

        Returns
        -------
        Verdict
            Errors of the forecast and of two baselines, coverage of the band, and the member with most
            weight.
        """
        rows = self.table[(self.table["level"] == "district") & (self.table["stage"] == stage)]
        ahead = max((step for step in rows["horizon"] if step <= horizon), default=rows["horizon"].min())
        at = rows[rows["horizon"] == ahead].set_index("method")
        carried = self.weights[(self.weights["stage"] == stage) & (self.weights["horizon"] == ahead)]
        most = carried.loc[carried["weight"].idxmax()]
        return Verdict(
            stage=stage,
            horizon=int(ahead),
            targets=int(at["targets"]["forecast"]),
            inside=round(at["coverage"]["forecast"] * at["targets"]["forecast"]),
            ours=float(at["mape"]["forecast"]),
            cohort=float(at["mape"]["three_year_mean"]),
            last=float(at["mape"]["last_value"]),
            member=str(most["member"]),
            weight=float(most["weight"]),
        )

    def worst(self, count: int = 10, *, horizon: int = 3) -> pd.DataFrame:
        """Return the places whose forecasts were furthest from the counts, largest sum of errors first.

        Parameters
        ----------
        count
            Number of places.
        horizon
            Years ahead; the longest tested horizon up to it is used, else the longest tested.

        Returns
        -------
        DataFrame
            Columns ``place_id``, ``stage``, ``targets``, ``actual`` and ``off`` (means, pupils), ``bias``
            (share) and ``reason`` (that of most of its forecasts).
        """
        rows = self.errors[(self.errors["level"] == "place") & (self.errors["method"] == "forecast")]
        within = rows[rows["horizon"] <= horizon]
        rows = (within if len(within) else rows).assign(off=lambda part: part["pupils"] - part["actual"])
        rows = rows[rows["horizon"] == rows.groupby("stage")["horizon"].transform("max")]
        groups = rows.assign(size=rows["off"].abs()).groupby(["place_id", "stage"])
        found = groups.agg(targets=("off", "size"), actual=("actual", "mean"), off=("size", "mean"))
        found["bias"] = groups["off"].sum() / groups["actual"].sum()
        found["reason"] = groups["reason"].agg(lambda reasons: reasons.mode().iloc[0])
        return found.sort_values("off", ascending=False, kind="stable").head(count).reset_index()

    def chart(self, stage: str) -> pd.DataFrame:
        """Return the data of a chart of the district.

        Parameters
        ----------
        stage
            The stage.

        Returns
        -------
        DataFrame
            One row per horizon and target year, in this order: columns ``horizon``, ``year``, ``actual``,
            ``p10``, ``p90`` and the pupils of each method.
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
    prior: Prior = PRIOR,
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
    prior
        What weights start from; the default was learnt on the data sets of docs/forecast.md.

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
    frames, weights = [], []
    for origin in origins:
        log = FaultLog()
        steps = [step for step in horizons if origin + step <= whole.origin]
        if not steps:
            continue
        born = births[pd.to_numeric(births["year"], errors="coerce") <= origin] if len(births) else births
        known, drivers = read_inputs(history, born, profile, origin=origin, log=log)
        ahead = forecast_known(known, drivers, profile.at(origin), horizon=max(steps), log=log, prior=prior)
        forecasts = {
            "last_value": last_value(known, horizon=max(steps)),
            "three_year_mean": three_year_mean(known, drivers, horizon=max(steps)),
        }
        frames += _compare(ahead, forecasts, whole=whole, steps=steps)
        weights += _carried(ahead, steps)
    if not frames:
        log.add("backtest_incomplete", table=HISTORY_TABLE)
        log.raise_if_errors()
    errors = pd.concat(frames, ignore_index=True)
    carried = pd.DataFrame(weights).groupby(["stage", "horizon", "member"], sort=False)["weight"].mean()
    table = _summary(errors, stages=whole.stages)
    return Backtest(errors=errors, table=table, weights=carried.reset_index(), notes=log.notes)


def _carried(ahead: Forecast, steps: Sequence[int]) -> list[dict[str, object]]:
    """Return a row for each stage, horizon and member: its weight at one origin."""
    combined = ahead.combined
    return [
        {"stage": stage, "horizon": step, "member": name, "weight": float(weight[row, step - 1])}
        for stage, weight in combined.weights.items()
        for step in steps
        for row, name in enumerate(combined.members)
    ]


def _has_rules(standards: Standards) -> bool:
    """Say whether a forecast can be made by the rules of a year: a young profile has none for the past."""
    return bool(standards.stages) and all(standards.find(rule) is not None for rule in FORECAST_RULES)


def _compare(
    ahead: Forecast,
    others: dict[str, tuple[FloatArray, FloatArray]],
    *,
    whole: History,
    steps: Sequence[int],
) -> list[pd.DataFrame]:
    """Return the rows of one origin, a frame for each stage, horizon, method and level.

    Estimates are no outcomes: a place counts in a year in which all its grades of the stage are counts; the
    district's outcome is the sum of the counts, its forecasts the part of them that falls on these counts.
    """
    known = ahead.history
    at = pd.Index(whole.places).get_indexer(pd.Index(known.places))
    frames = []
    for stage in known.stages:
        rows, truth = known.stage_rows(stage), whole.stage_rows(stage)
        for step in steps if truth else ():
            year = whole.years.index(known.origin + step)
            guessed: BoolArray = np.asarray(whole.estimated[:, truth, year])
            counts = np.where(guessed, 0.0, np.nan_to_num(whole.counts[:, truth, year]))
            if not counts.sum() > 0:
                continue
            actual = counts.sum(axis=1)
            was = np.nan_to_num(known.counts[:, rows, -1]).sum(axis=1)
            both = (was > 0) & (actual[at] > 0) & ~np.asarray(guessed.any(axis=1))[at]
            part = _part_counted(ahead, whole, stage, guessed[at], step)
            place = pd.DataFrame(
                {
                    "level": "place",
                    "place_id": np.array(known.places, dtype=object)[both],
                    "actual": actual[at][both],
                    "reason": _reasons(known, whole, stage, year, at)[both],
                }
            )
            total = pd.DataFrame(
                {"level": ["district"], "place_id": [""], "actual": [actual.sum()], "reason": [""]}
            )
            frame = pd.concat([total, place], ignore_index=True).assign(
                stage=stage, origin=known.origin, horizon=step, year=known.origin + step
            )
            for method in METHODS:
                district, places = others.get(method, (ahead.district_pupils, ahead.place_pupils))
                pupils = places[:, rows, step - 1].sum(axis=1)[both]
                everyone = np.concatenate([[district[rows, step - 1].sum() * part], pupils])
                low, high = (
                    _bands(ahead, stage, everyone, both, step) if method == "forecast" else (np.nan, np.nan)
                )
                frames.append(frame.assign(method=method, pupils=everyone, p10=low, p90=high))
    return frames


def _part_counted(ahead: Forecast, whole: History, stage: str, guessed: BoolArray, step: int) -> float:
    """Return the part of the stage's forecast that falls on what is a count in the year forecast."""
    if not guessed.any():
        return 1.0
    numbers = {(grade.stage, grade.number): row for row, grade in enumerate(ahead.history.grades)}
    rows = [
        numbers.get((whole.grades[row].stage, whole.grades[row].number)) for row in whole.stage_rows(stage)
    ]
    hoped = np.array(
        [np.zeros(len(guessed)) if row is None else ahead.place_pupils[:, row, step - 1] for row in rows]
    ).T
    return float(hoped[~guessed].sum() / hoped.sum()) if hoped.sum() > 0 else 1.0


def _reasons(
    known: History, whole: History, stage: str, year: int, at: IndexArray
) -> npt.NDArray[np.object_]:
    """Return why each place may have been off, one of :data:`REASONS`."""
    rows, truth = known.stage_rows(stage), whole.stage_rows(stage)
    numbers = [known.grades[row].number for row in rows]
    later = [row for row in truth if whole.grades[row].number in numbers]
    now, then = known.taught[:, rows, -1], whole.taught[at][:, later, year]
    same = now.shape == then.shape
    changed = (now != then).any(axis=1) if same else np.ones(len(at), dtype=bool)
    open_now, open_then = (np.asarray(mask.any(axis=1)) for mask in (now, whole.taught[:, truth, year]))
    others = bool((open_now & ~open_then[at]).any()) or bool(
        open_then.sum() > (open_now & open_then[at]).sum()
    )
    small = np.nan_to_num(known.counts[:, rows, -1]).sum(axis=1) < _SMALL
    found = np.full(len(at), "moves", dtype=object)
    if others:
        found[:] = "others"
    found[small] = "small"
    found[changed] = "grades"
    return found


def _bands(
    ahead: Forecast, stage: str, pupils: FloatArray, both: BoolArray, step: int
) -> tuple[FloatArray, FloatArray]:
    """Return the band of a stage in the district (first) and in places at one horizon."""
    of_stage = ahead.spread.stages[stage]
    ladder = np.repeat(pupils[1:, None], len(ahead.years), axis=1)
    places = of_stage.of_places(ladder)[:, step - 1] * ahead.widened[both, step - 1]
    return band(pupils, np.concatenate([[of_stage.district[step - 1]], places]))


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
