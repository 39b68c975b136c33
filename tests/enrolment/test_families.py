"""Districts whose future is known: never worse than twice the better plain forecast, whatever moves."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from layoutplan.enrolment import backtest
from tests.enrolment.district import FIRST, NO_BIRTHS, PROFILE, history_table

YEARS = 14
GRADES = 6


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


def compared(tables, origins):
    """Return mean errors of a family as shares of pupils, a column a method, by level and horizon."""
    errors = pd.concat(
        [backtest(table, NO_BIRTHS, profile=PROFILE, origins=origins).errors for table in tables]
    )
    errors["off"] = (errors["pupils"] - errors["actual"]).abs() / errors["actual"]
    return errors.pivot_table(index=["level", "horizon"], columns="method", values="off")


@pytest.mark.slow
def test_never_worse_than_twice_the_better_plain_forecast():
    worse = {}
    for family in FAMILIES:
        off = compared([district_of(family, 0)], range(FIRST + 4, FIRST + 13, 2))
        ratio = off["forecast"] / off[["last_value", "three_year_mean"]].min(axis=1)
        worse |= {(family, *key): round(value, 2) for key, value in ratio.items() if value > 2.0}
    assert not worse


def upper_school(seed, *, repeaters, stops):
    """Return the grades 9-12 of a large city whose ratio from 9 to 10 climbs from .82 to 1.04 in six years.

    With ``repeaters`` the ninth grade shrinks as fewer stay in it; else its entry does not know of it.
    """
    random = np.random.default_rng([seed, repeaters, stops])
    years, before = 14, 8
    size = np.exp(random.uniform(np.log(3000), np.log(25000)))
    climb = np.clip(np.arange(years + before) - before - random.integers(0, 5), 0, 6 if stops else 9)
    ratio = 0.82 + 0.22 / 6 * climb
    entry = size * (1.0 + 0.7 * (1.04 - ratio) * repeaters) * random.normal(1.0, 0.015, years + before)
    counts = np.zeros((4, years + before))
    for year in range(years + before):
        counts[0, year] = entry[year]
        for grade, share in ((1, ratio[year]), (2, 0.95), (3, 0.97)):
            below = counts[grade - 1, year - 1] if year else size
            counts[grade, year] = below * share * random.normal(1.0, 0.007)
    return history_table({"A": np.round(counts[:, before:])}, stage="senior", first_grade=10)


@pytest.mark.slow
def test_a_large_city_whose_ratio_climbs_is_not_lost_to_the_better_plain_forecast():
    found = {}
    for repeaters in (False, True):
        for stops in (False, True):
            tables = [upper_school(seed, repeaters=repeaters, stops=stops) for seed in range(6)]
            off = compared(tables, range(FIRST + 3, FIRST + 13, 2)).loc["district"]
            ratio = off["forecast"] / off[["last_value", "three_year_mean"]].min(axis=1)
            found[repeaters, stops] = ratio.round(2).to_dict()
    flat = [value for ratios in found.values() for value in ratios.values()]
    assert max(flat) <= 2.0, found
    assert np.mean(flat) <= 1.3, found
