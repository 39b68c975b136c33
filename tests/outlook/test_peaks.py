"""Lasting and passing: by hand, and as laws of the split."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from layoutplan.outlook import split_shortfall
from tests.examples import examples

curves = arrays(float, (3, 8), elements=st.integers(0, 500).map(float))
law = settings(max_examples=examples(60))


def split(demand, seats=10.0, years=6):
    demand = np.array([demand], dtype=float)
    found = split_shortfall(demand, np.full_like(demand, seats), lasting_years=years)
    return found.lasting[0], found.passing[0]


@pytest.mark.parametrize(
    ("demand", "expected"),
    [
        ([5, 5, 5, 5, 5, 5, 5, 5], (0, 0)),
        ([15, 15, 15, 15, 15, 15, 5, 5], (5, 0)),  # six years long: lasting though it ends
        ([15, 15, 15, 15, 15, 5, 5, 5], (0, 5)),  # five years: passing
        ([30, 30, 15, 15, 15, 15, 15, 15], (5, 15)),  # a bulge on a plateau: both
        ([5, 5, 5, 5, 5, 5, 15, 20], (10, 0)),  # still rising: nothing says it will pass
        ([5, 5, 5, 5, 5, 20, 20, 15], (0, 10)),  # falling at the end
        ([10.4] * 8, (0, 0)),  # half a pupil is no shortage
    ],
)
def test_by_hand(demand, expected):
    assert split(demand) == pytest.approx(expected)


def test_a_short_plan_takes_its_whole_length():
    assert split([15, 15, 12], years=6) == pytest.approx((2, 3))
    assert split([15], years=6) == pytest.approx((5, 0))


@law
@given(curves, st.integers(1, 9))
def test_the_parts_add_up_to_the_largest_shortfall(demand, years):
    seats = np.full_like(demand, 100.0)
    found = split_shortfall(demand, seats, lasting_years=years)
    assert found.lasting + found.passing == pytest.approx(np.maximum(demand - seats, 0).max(axis=1))
    assert (found.lasting >= 0).all()
    assert (found.passing >= 0).all()


@law
@given(curves, st.integers(1, 8))
def test_a_longer_rule_builds_no_more_and_more_seats_leave_no_more(demand, years):
    seats = np.full_like(demand, 100.0)
    now = split_shortfall(demand, seats, lasting_years=years)
    longer = split_shortfall(demand, seats, lasting_years=years + 1)
    more = split_shortfall(demand, seats + 50, lasting_years=years)
    assert (longer.lasting <= now.lasting).all()
    assert (more.lasting <= now.lasting).all()
