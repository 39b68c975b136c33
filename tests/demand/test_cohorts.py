"""Cohorts move up a year at a time."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from layoutplan.demand import Cohorts
from layoutplan.demand.cohorts import Migration

sizes = arrays(float, (3, 12), elements=st.integers(0, 500).map(float))


@given(sizes, st.integers(0, 8), st.integers(2025, 2027))
def test_children_a_year_older_are_the_same_children(values, age, year):
    cohorts = Cohorts(base_year=2025, first=2016, sizes=values)
    assume(2016 <= year - age <= 2027)
    now = cohorts.children((age, age), year=year)
    assert cohorts.children((age + 1, age + 1), year=year + 1).tolist() == now.tolist()


@given(sizes, st.floats(-0.2, 0.2))
def test_migration_compounds_from_the_base_year_or_from_birth(values, rate):
    cohorts = Cohorts(base_year=2025, first=2016, sizes=values)
    old = cohorts.children((5, 5), year=2028, migration=Migration((rate,)))  # cohort 2023
    young = cohorts.children((2, 2), year=2029, migration=Migration((rate,)))  # cohort 2027
    assert old == pytest.approx(values[:, 7] * (1 + rate) ** 3)
    assert young == pytest.approx(values[:, 11] * (1 + rate) ** 2)


@given(sizes)
def test_a_band_is_the_sum_of_its_ages(values):
    cohorts = Cohorts(base_year=2025, first=2016, sizes=values)
    ages = [cohorts.children((age, age), year=2025) for age in range(3, 7)]
    assert cohorts.children((3, 6), year=2025).tolist() == np.sum(ages, axis=0).tolist()


@pytest.mark.parametrize(("ages", "year"), [((9, 10), 2025), ((0, 1), 2028)])
def test_cohorts_not_held_are_refused(ages, year):
    cohorts = Cohorts(base_year=2025, first=2016, sizes=np.ones((1, 12)))
    with pytest.raises(IndexError, match="no cohorts"):
        cohorts.children(ages, year=year)


def test_migration_by_age_is_that_of_the_ages_lived_through():
    """Growth 10 % from age 0 to 1, 20 % from 1 to 2, none after."""
    cohorts = Cohorts(base_year=2025, first=2022, sizes=np.array([[1000.0] * 6]))
    migration = Migration((0.1, 0.2, 0.0))
    grown = {
        (age, year): cohorts.children((age, age), year=year, migration=migration).item()
        for age, year in [(3, 2025), (3, 2026), (3, 2027), (2, 2028)]
    }
    assert grown == pytest.approx({(3, 2025): 1000, (3, 2026): 1000, (3, 2027): 1200, (2, 2028): 1320})
