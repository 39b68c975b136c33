"""Bands of ages to single years: totals kept, nothing negative, smooth."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layoutplan.city.ages import AgeBand, fit_profile, parse_band, split_band

TOTALS = st.floats(0, 1e6).filter(lambda value: value == 0 or value > 1e-3)


@st.composite
def _bands(draw):
    edges = sorted(draw(st.sets(st.integers(0, 40), min_size=2, max_size=8)))
    return {AgeBand(first, last - 1): draw(TOTALS) for first, last in pairwise(edges)}


@given(_bands())
def test_fitted_years_sum_to_their_bands_and_are_not_negative(totals):
    weights = fit_profile(totals)
    assert list(weights) == [age for band in sorted(totals) for age in band.ages]
    for band, total in totals.items():
        years = [weights[age] for age in band.ages]
        assert min(years) >= 0
        if total > 0:
            assert math.isclose(math.fsum(years), total, rel_tol=1e-9)


@given(_bands(), st.lists(st.floats(0, 1e5), min_size=1, max_size=5))
def test_split_keeps_every_units_total(totals, units):
    weights = fit_profile(totals)
    for band in totals:
        parts = split_band(np.array(units), band, weights)
        for place, total in enumerate(units):
            assert math.fsum(part[place] for part in parts.values()) == pytest.approx(total, abs=1e-6)


def test_even_bands_give_an_even_profile_and_a_line_gives_a_line():
    assert fit_profile({AgeBand(0, 4): 50.0, AgeBand(5, 9): 50.0, AgeBand(10, 14): 50.0}) == pytest.approx(
        dict.fromkeys(range(15), 10.0), rel=1e-6
    )
    line = {age: 10.0 + age for age in range(15)}
    totals = {AgeBand(a, a + 4): sum(line[age] for age in range(a, a + 5)) for a in (0, 5, 10)}
    assert fit_profile(totals) == pytest.approx(line, rel=1e-3)


def test_one_band_alone_is_even():
    assert fit_profile({AgeBand(0, 14): 150.0}) == pytest.approx(dict.fromkeys(range(15), 10.0), rel=1e-6)


def test_no_weight_in_a_band_shares_evenly():
    parts = split_band(np.array([9.0]), AgeBand(6, 8), {})
    assert [part[0] for part in parts.values()] == [3.0, 3.0, 3.0]


@pytest.mark.parametrize(
    ("text", "band"),
    [
        ("5", AgeBand(5, 5)),
        ("0-4", AgeBand(0, 4)),
        ("age_12_14", AgeBand(12, 14)),
        ("0至4岁", AgeBand(0, 4)),
        ("9-3", None),
        ("x", None),
    ],
)
def test_bands_are_read_as_written(text, band):
    assert parse_band(text) == band
