"""Which members and weights would be chosen without the set judged: nested leave-one-data-set-out.

    python benchmarks/forecast_choices.py --data ../shared/data

For each data set in turn, the power of the weights, the worth of the prior and the members are chosen on the
other data sets and on families of made-up cities, and only then tried on the set. What a choice costs is the
mean log of (error ÷ that of the better plain forecast), and four times what is beyond 1.03. The bias is not
corrected here. Members that the package has but a choice leaves out are named with a minus.
"""

# ruff: noqa: SLF001  the package's own constants are what is tried

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
from forecast import _FIRST_ORIGIN, _LEAST_BEFORE, districts_of

from layoutplan.arrays import BoolArray, FloatArray
from layoutplan.enrolment import ensemble
from layoutplan.enrolment.births import Births
from layoutplan.enrolment.forecast import read_inputs
from layoutplan.enrolment.history import Grade, History
from layoutplan.enrolment.members import MEMBERS, member_forecasts
from layoutplan.errors import FaultLog, InputError

SETS = ("nyc", "ecasd", "vermont-k12")
HORIZONS = (1, 2, 3, 5)
FAMILIES = (
    "steady",
    "rising",
    "falling",
    "walking ratios",
    "drifting ratios",
    "climbing ratio",
    "climbing ratio that stops",
    "fewer repeaters",
    "fewer repeaters until it stops",
    "a jump",
    "a passing year",
    "a trend that stops",
    "a wave",
)
CITIES = 12  # of each family
_START = 8  # years before the first shown
_BEYOND = 4.0
_ALLOWED = math.log(1.03)


@dataclass(frozen=True)
class Case:
    """A stage of a district: members' pupils (origins × members × horizons), what came, origins judged."""

    group: tuple[str, str]
    hoped: FloatArray
    actual: FloatArray
    judged: BoolArray


def cases_of(history: History, births: Births, *, name: str, first: int) -> Iterator[Case]:
    """Yield the stages of a history, every member run from every year with two years of history."""
    longest = max(HORIZONS)
    years = [year for year in history.years[1:-1] if history.until(year).totals[:, -1].sum() > 0]
    runs = [member_forecasts(history.until(year), births.until(year), horizon=longest) for year in years]
    for stage in history.stages if len(years) > 1 else ():
        rows = history.stage_rows(stage)
        total = history.totals[rows].sum(axis=0)
        actual = np.full((len(years), longest), np.nan)
        for row, year in enumerate(years):
            ahead = total[history.years.index(year) + 1 :][:longest]
            actual[row, : len(ahead)] = ahead
        hoped = np.array([[run[member][rows].sum(axis=0) for member in MEMBERS] for run in runs])
        yield Case((name, stage), hoped, actual, np.array(years) >= first)


def real_cases(name: str, data: Path) -> Iterator[Case]:
    """Yield the cases of a data set."""
    for district in districts_of(name, data):
        try:
            history, births = read_inputs(
                district.history,
                district.births,
                district.profile,
                origin=district.last_target,
                log=FaultLog(),
            )
        except InputError:
            continue
        first = max(_FIRST_ORIGIN.get(name, 0), history.years[0] + _LEAST_BEFORE)
        yield from cases_of(history, births, name=name, first=first)


def made_up(family: str, seed: int) -> History:  # noqa: C901  a line or two a family
    """Return a city of a family: four grades of 150 to 25,000 pupils, 9 to 16 years."""
    random = np.random.default_rng([FAMILIES.index(family), seed])
    size = math.exp(random.uniform(math.log(150), math.log(25_000)))
    years = int(random.integers(9, 17))
    year = np.arange(years + _START)
    turn = _START + int(random.integers(2, years - 3))
    pace = random.uniform(0.01, 0.04) * (1 if seed % 2 else -1)
    entry, ratios = np.ones(len(year)), np.repeat(random.uniform(0.9, 1.03, (3, 1)), len(year), axis=1)
    if family in ("rising", "falling"):
        entry = np.exp(abs(pace) * year * (1 if family == "rising" else -1))
    elif family == "walking ratios":
        ratios = ratios * np.exp(np.cumsum(random.normal(0, 0.008, ratios.shape), axis=1))
    elif family == "drifting ratios":
        ratios = ratios * np.exp(pace / 4 * (year - _START))
    elif family.startswith(("climbing", "fewer")):
        climb = np.clip(year - turn + 3, 0, 6 if "stops" in family else 9)
        ratios[0] = 0.82 + 0.22 / 6 * climb
        if family.startswith("fewer"):
            entry = 1.0 + random.uniform(0.4, 1.0) * (1.04 - ratios[0])
    elif family == "a jump":
        ratios[:, turn] *= math.exp(3 * pace)
        entry = np.where(year >= turn, math.exp(3 * pace), 1.0)
    elif family == "a passing year":
        ratios[:, turn] *= 1.0 - 3 * abs(pace)
        ratios[:, turn + 1] /= 1.0 - 3 * abs(pace)
    elif family == "a trend that stops":
        entry = np.exp(pace * np.minimum(year, turn))
    elif family == "a wave":
        entry = 1.0 + 5 * pace * np.sin(year / random.uniform(1.5, 4.0))
    noise_of_entry, noise = random.uniform(0.008, 0.03), random.uniform(0.003, 0.012)
    counts = np.zeros((4, len(year)))
    for at in year:
        counts[0, at] = random.poisson(size * entry[at] * math.exp(random.normal(0, noise_of_entry)))
        for grade in range(1, 4):
            below = counts[grade - 1, at - 1] if at else size
            hoped = below * ratios[grade - 1, at] * math.exp(random.normal(0, noise))
            counts[grade, at] = max(round(hoped + random.normal(0, math.sqrt(0.15 * hoped))), 1)
    grades = tuple(Grade(15 + step, "senior", 9 + step) for step in range(4))
    return History(
        ("A",),
        grades,
        tuple(range(2000, 2000 + years)),
        counts[None, :, _START:],
        ("kindergarten", "primary"),
    )


@dataclass(frozen=True)
class Scores:
    """A prior as :class:`~layoutplan.enrolment.prior.Prior` has it, of some members: members × horizons."""

    scores: FloatArray

    def of(self, horizons: int) -> FloatArray:
        """Return the scores of the first horizons."""
        return self.scores[:, :horizons]


def learnt(cases: list[Case]) -> FloatArray:
    """Return the mean errors of members over those of all, the mean over data sets and stages."""
    by_group: dict[tuple[str, str], list[FloatArray]] = {}
    for case in cases:
        off = np.abs(np.log(case.actual[:, None] / case.hoped))[case.judged]
        by_group.setdefault(case.group, []).append(off)
    found = []
    for parts in by_group.values():
        off = np.concatenate(parts)
        off[~np.isfinite(off).all(axis=1, keepdims=True).repeat(off.shape[1], axis=1)] = np.nan
        mean = np.array(
            [
                np.nanmean(off[:, :, step], axis=0)
                if np.isfinite(off[:, :, step]).any()
                else np.full(off.shape[1], np.nan)
                for step in range(off.shape[2])
            ]
        ).T
        found.append(mean / mean.mean(axis=0))
    return pd.DataFrame(np.nanmean(np.array(found), axis=0)).ffill(axis=1).to_numpy()


def ratios(cases: list[Case], prior: FloatArray, *, left_out: str) -> pd.Series:
    """Return error ÷ that of the better plain forecast by data set, stage and horizon."""
    kept = [row for row, member in enumerate(MEMBERS) if member != left_out]
    scores = Scores(prior[kept])
    rows = []
    for case in cases:
        off = np.log(case.actual[:, None] / case.hoped[:, kept])
        off[~np.isfinite(off)] = np.nan
        known = ensemble._known([*range(len(off))], horizon=off.shape[2])
        for at in np.flatnonzero(case.judged):
            past = slice(max(0, at - ensemble.MOST_ORIGINS), at)
            weights = ensemble._weights(off[past], known[at, past], scores)  # type: ignore[arg-type]
            ours = (weights * case.hoped[at, kept]).sum(axis=0)
            for step in HORIZONS:
                came = case.actual[at, step - 1]
                if came > 0:
                    plain = case.hoped[at, [MEMBERS.index("last_value"), MEMBERS.index("three_year_mean")]]
                    figures = np.r_[ours[step - 1], plain[:, step - 1]]
                    rows.append((*case.group, step, *np.abs(figures / came - 1.0)))
    frame = pd.DataFrame(rows, columns=["set", "stage", "h", "ours", "last", "cohort"])
    means = frame.groupby(["set", "stage", "h"]).mean()
    return means["ours"] / means[["last", "cohort"]].min(axis=1)


def cost_of(found: pd.Series, *, without: str) -> float:
    """Return what a choice costs on the data sets but one; all families together are one set."""
    logs = np.log(found)
    costs = logs + _BEYOND * np.maximum(logs - _ALLOWED, 0.0)
    names = found.index.get_level_values("set")
    group = np.where(names.isin(SETS), names, "made up")
    return float(costs[names != without].groupby(group[names != without]).mean().mean())


def main() -> None:
    """Print for each data set the choice made without it, and what the choice gives there."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data", type=Path, required=True, help="folder with forecast_panel and forecast_ecasd"
    )
    asked = parser.parse_args()
    real = {name: list(real_cases(name, asked.data)) for name in SETS}
    nobody = Births({}, 9999, 0.0)
    cities = [
        case
        for family in FAMILIES
        for seed in range(CITIES)
        for case in cases_of(made_up(family, seed), nobody, name=family, first=2000 + _LEAST_BEFORE)
    ]
    everyone = [*(case for cases in real.values() for case in cases), *cities]
    options = list(product((4.0, 8.0), (1.0, 3.0), ("", *MEMBERS[:-2])))
    for held in (*SETS, "none of them"):
        prior = learnt([case for name, cases in real.items() if name != held for case in cases])
        tried = {}
        for power, worth, left_out in options:
            ensemble._POWER, ensemble._PRIOR_ERRORS = power, worth  # type: ignore[misc]
            tried[power, worth, left_out] = ratios(everyone, prior, left_out=left_out)
        costs = pd.Series({option: cost_of(found, without=held) for option, found in tried.items()})
        print(f"\nheld out: {held}")
        print(costs.sort_values().head(5).round(3).to_string())
        best = tried[costs.idxmin()].rename("ratio").reset_index()
        best = best.pivot_table(index=["set", "stage"], columns="h", values="ratio", sort=False).round(2)
        names = best.index.get_level_values("set")
        print(best[names == held if held in SETS else ~names.isin(SETS)].to_string())


if __name__ == "__main__":
    main()
