"""Districts whose future is known: never worse than twice the better plain forecast, whatever moves."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from layoutplan.enrolment import backtest
from tests.enrolment.district import FIRST, NO_BIRTHS, PROFILE, history_table

YEARS = 14
GRADES = 6
SEEDS = range(3)
HORIZONS = (1, 2, 3, 5)


def entry_of(family, random):
    """Return the entry of 500 children, more or less, in years −6 … 13 and how ratios move in them."""
    span = YEARS + GRADES
    year = np.arange(span)
    entry, ratio = np.full(span, 500.0), np.ones(span)
    if family == "rising":
        entry = 400.0 * 1.04**year
    elif family == "falling":
        entry = 800.0 * 0.96**year
    elif family == "drifting ratios":
        ratio = np.linspace(0.94, 1.04, span)
    elif family == "a climbing ratio":  # only of the second grade, from .82 to 1.04 in six years, then steady
        ratio = np.interp(year, [8, 14], [0.82, 1.04])
    elif family == "a jump":  # a tenth more pupils arrive in one year, in all grades
        ratio = np.where(year == 13, 1.10, 1.0)
        entry = np.where(year >= 13, 550.0, 500.0)
    elif family == "a trend that stops":
        entry = 400.0 * 1.05 ** np.minimum(year, 12)
    elif family == "a wave":
        entry = 500.0 * (1.0 + 0.15 * np.sin(year / 2.5))
    return entry * random.normal(1.0, 0.015, span), ratio


def district_of(family, seed):
    """Return four schools of one district, the largest ten times the smallest."""
    random = np.random.default_rng([seed, 9])
    entry, ratio = entry_of(family, random)
    span = YEARS + GRADES
    shares = np.array([0.1, 0.4, 1.0, 0.5]) / 2.0
    counts = np.zeros((len(shares), GRADES, span))
    for year in range(span):
        counts[:, 0, year] = entry[year] * shares * random.normal(1.0, 0.02, len(shares))
        for lower, grade in pairwise(range(GRADES)):
            before = counts[:, lower, year - 1] if year else counts[:, 0, 0]
            moved = ratio[year] if family != "a climbing ratio" or grade == 1 else 1.0
            counts[:, grade, year] = before * moved * random.normal(1.0, 0.008, len(shares))
    shown = np.round(counts[:, :, GRADES:])
    return history_table({f"S{row}": values for row, values in enumerate(shown)})


FAMILIES = (
    "steady",
    "rising",
    "falling",
    "drifting ratios",
    "a climbing ratio",
    "a jump",
    "a trend that stops",
    "a wave",
)


@pytest.mark.parametrize("family", FAMILIES)
def test_never_worse_than_twice_the_better_plain_forecast(family):
    errors = pd.concat(
        [
            backtest(
                district_of(family, seed), NO_BIRTHS, profile=PROFILE, origins=range(FIRST + 4, FIRST + 13)
            ).errors
            for seed in SEEDS
        ]
    )
    for level in ("district", "place"):
        rows = errors[errors["level"] == level]
        off = (rows["pupils"] - rows["actual"]).abs().groupby([rows["horizon"], rows["method"]]).sum()
        for horizon in HORIZONS:
            better = min(off[horizon, "last_value"], off[horizon, "three_year_mean"])
            assert off[horizon, "forecast"] <= 2.0 * better, (level, horizon)
