"""Residents by single year of age from whatever columns there are; totals kept."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from layoutplan.city.population import read_residents, suppressed_residents
from layoutplan.dictionary.table_log import TableLog
from layoutplan.errors import FaultLog
from layoutplan.plan.settings import PopulationSettings
from tests.small_city import small_profile

STANDARDS = small_profile().at(2025)
PEOPLE = st.lists(st.integers(0, 5000), min_size=1, max_size=6)


def _read(columns, **settings):
    log = FaultLog()
    frame = pd.DataFrame(columns, dtype=float)
    frame.index += 2
    residents = read_residents(
        frame, PopulationSettings(**settings), STANDARDS, log=TableLog(log, "u.csv", "units")
    )
    return residents, [fault.code for fault in log]


def _sum(residents, ages):
    return math.fsum(residents.by_age[list(ages)].to_numpy().ravel())


@given(st.data())
def test_bands_keep_every_units_total(data):
    size = data.draw(st.integers(1, 6))
    column = st.lists(st.integers(0, 5000), min_size=size, max_size=size)
    bands = {f"age_{a}_{b}": data.draw(column) for a, b in ((0, 4), (5, 9), (10, 14), (15, 17))}
    assume(any(any(values) for values in bands.values()))
    residents, codes = _read(bands)
    assert codes == ["residents_from_ages"]
    for (first, last), values in zip(((0, 4), (5, 9), (10, 14), (15, 17)), bands.values(), strict=True):
        got = residents.by_age[list(range(first, last + 1))]
        assert (got.to_numpy() >= 0).all()
        for place, value in enumerate(values):
            assert math.fsum(got.iloc[place]) == pytest.approx(value, abs=1e-6)


@given(PEOPLE.filter(any))
def test_shares_of_totals_keep_the_total(people):
    residents, codes = _read({"population": people}, age_shares={"0-4": 0.05, "5": 0.011, "6-11": 0.07})
    assert not codes
    assert _sum(residents, range(18)) == pytest.approx(math.fsum(people) * 0.131, abs=1e-6)
    assert residents.by_age[5].sum() == pytest.approx(math.fsum(people) * 0.011, abs=1e-6)
    assert residents.total.tolist() == [float(value) for value in people]


@pytest.mark.parametrize(
    ("total", "oldest", "said"),
    [
        (1000, "age_18_110", []),  # all are told
        (1005, "age_18_110", []),  # within one in a hundred
        (1200, "age_18_110", ["ages_fall_short"]),
        (900, "age_18_110", ["children_exceed_residents"]),
        (1200, "age_18_64", []),  # those older are not told
    ],
)
def test_ages_that_hold_everybody_must_add_up_to_the_residents(total, oldest, said):
    residents, codes = _read({"population": [total], "age_0_17": [180], oldest: [820]})
    assert codes == said
    assert residents.total.tolist() == [total]  # the total is never changed
    assert _sum(residents, range(18)) == pytest.approx(180.0)


def test_children_by_stage_take_the_profiles_ages():
    residents, _ = _read({"population": [3000, 0], "children_primary": [60, 0], "children_junior": [30, 0]})
    assert residents.by_age.iloc[0].round(6).tolist() == [0.0] * 6 + [10.0] * 9 + [0.0] * 3


def test_basis_chooses_the_columns():
    columns = {
        "population": [900],
        "children_primary": [60],
        "hukou_primary": [30],
        "population_hukou": [500],
    }
    assert _sum(_read(columns)[0], range(18)) == pytest.approx(60)
    hukou = _read(columns, basis="hukou")[0]
    assert _sum(hukou, range(18)) == pytest.approx(30)
    assert hukou.total.tolist() == [500.0]


def test_finer_figures_win_and_a_band_gives_the_rest():
    residents, _ = _read({"age_0_4": [50], "age_4": [30], "age_0": [0], "population": [999]})
    ages = residents.by_age.iloc[0]
    assert (ages[0], ages[4]) == (0.0, 30.0)
    assert ages[1] <= ages[2] <= ages[3]
    assert ages[1] + ages[2] + ages[3] == pytest.approx(20)


def test_stated_profile_splits_a_band():
    weights = {str(age): weight for age, weight in enumerate([1.0, 1.0, 2.0, 2.0, 4.0])}
    residents, _ = _read({"age_0_4": [100, 10]}, age_profile=weights)
    assert residents.by_age.iloc[0, :5].tolist() == [10, 10, 20, 20, 40]
    assert "age_profile_partial" in _read({"age_0_4": [100]}, age_profile={"2": 1.0})[1]


def test_blank_children_take_the_share_of_the_other_units():
    """Each case: columns, ages, expected children by unit, codes."""
    cases = (
        ({"population": [100, 100, 0], "age_0_17": [20, None, None]}, range(18), [20, 20, 0]),
        ({"population": [100, 300], "children_primary": [12, None]}, range(6, 12), [12, 36]),
        # of the wider band, where the unit states it
        ({"population": [100, 100], "age_0_5": [20, 40], "age_0_2": [5, None]}, range(3), [5, 10]),
        # without residents, of the bands that are stated
        ({"age_0_5": [20, 40], "age_6_11": [30, None]}, range(6, 12), [30, 60]),
        # a finer figure is a floor, a wider one a ceiling
        ({"population": [100, 100], "age_0_5": [20, None], "age_0_2": [5, 30]}, range(6), [20, 30]),
        (
            {"population": [99, 99], "age_0_5": [20, 8], "age_0_2": [4, 7], "age_3_5": [16, None]},
            range(3, 6),
            [16, 1],
        ),
    )
    wrong = []
    for columns, ages, expected in cases:
        residents, codes = _read(columns)
        found = residents.by_age[list(ages)].sum(axis=1).tolist()
        if found != pytest.approx(expected) or "children_unknown" not in codes:
            wrong.append((columns, found, codes))
    assert not wrong


def test_blank_residents_are_estimated_from_the_children():
    residents, codes = _read({"population": [100, None], "age_0_17": [20, 40]})
    assert residents.total.tolist() == [100.0, 200.0]
    assert codes == ["residents_estimated"]


def test_nothing_to_estimate_from_is_refused_and_so_is_a_city_of_nobody():
    assert _read({"population": [None, 50], "age_0_5": [20, None], "age_6_11": [None, 20]})[1] == [
        "children_not_estimable"
    ]
    assert _read({"population": [0, 0], "age_0_17": [0, 0]}) == (None, ["nobody_lives_here"])


def test_adult_bands_are_outside_the_ages():
    residents, _ = _read({"age_0_14": [150], "age_15_64": [500], "age_65_99": [70]})
    assert residents.total.tolist() == [720.0]
    assert _sum(residents, range(15)) == pytest.approx(150)
    assert 0 < _sum(residents, (15, 16, 17)) < 100


def test_columns_are_the_ages_and_rows_the_areas():
    residents, _ = _read({"age_6": [5, 6, 7]})
    assert residents.by_age.columns.tolist() == list(range(18))
    assert residents.by_age.index.tolist() == [2, 3, 4]


def test_suppressed_counts_bound_the_residents_of_an_area():
    frame = pd.DataFrame({"population": [900.0, 900.0], "children_primary": [80.0, 2.0]})
    sides = suppressed_residents(
        frame, PopulationSettings(), STANDARDS, suppressed={"children_primary": {1: (0.0, 4.0)}}
    )
    first, last = STANDARDS.ages("primary")
    assert [side.loc[:, first:last].sum(axis=1).round(9).tolist() for side in sides] == [[80, 0], [80, 4]]
    assert suppressed_residents(frame, PopulationSettings(), STANDARDS, suppressed={}) is None


def test_pupils_given_are_the_demand_whatever_the_participation():
    log = FaultLog()
    frame = pd.DataFrame({"pupils_primary": [95.0, 190.0]})
    bound = TableLog(log, "u.csv", "units")
    found = read_residents(frame, PopulationSettings(), STANDARDS, participation={"primary": 0.95}, log=bound)
    first, last = STANDARDS.ages("primary")
    assert found.by_age.loc[:, first:last].sum(axis=1).round(9).tolist() == [100, 200]
    (said,) = [fault for fault in log if fault.code == "children_from_pupils"]
    assert (said.params["pupils"], said.params["children"]) == (285, pytest.approx(300))
    assert _read({"pupils_primary": [95], "children_primary": [100]})[1] == ["pupils_and_children"]
    zero = read_residents(frame, PopulationSettings(), STANDARDS, participation={"primary": 0.0}, log=bound)
    assert zero is None
    assert "pupils_without_participation" in [fault.code for fault in log]
