"""Choices: the default without evidence, the better one with it; weights, credibility and bands by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student

from layoutplan.enrolment import band, rake
from layoutplan.enrolment.choices import (
    GRIDS,
    TRIED_HORIZONS,
    Ageing,
    Effects,
    Entry,
    Shares,
    candidates,
    try_choices,
)
from layoutplan.enrolment.forecast import read_inputs
from layoutplan.enrolment.selection import Chooser
from layoutplan.enrolment.smoothing import credible, recency, steady_mean, steady_slope
from layoutplan.enrolment.spread import Residuals, calibrate
from layoutplan.errors import FaultLog
from tests.enrolment.district import FIRST, PROFILE, noisy_district

law = settings(max_examples=5, deadline=None)
NONE = Residuals(np.empty(0), np.empty(0), np.empty(0))


LAW = Entry(born_before=4 / 12)


def chosen(default, error_of, *, years):
    """Return what is chosen at the last of so many years, where a choice errs alike in every year."""
    trials = try_choices(
        default,
        lambda choice, _: np.full((1, len(TRIED_HORIZONS)), error_of(choice)),
        worth=np.ones(years),
        least=2,
    )
    return trials.best(years - 1)


@pytest.mark.parametrize("default", [Ageing(), LAW, Effects(), Shares()])
def test_every_default_is_in_its_grid_and_holds_without_evidence(default):
    tried = candidates(default)
    assert (default, 0) in tried
    cut_offs = 2 if default == LAW else 1
    assert len(tried) == cut_offs * np.prod([len(values) for values in GRIDS[type(default)].values()])
    assert chosen(default, lambda _: np.nan, years=9) == default
    assert chosen(default, lambda _: 0.01, years=1) == default
    assert chosen(default, lambda choice: 0.0 if choice == default else 0.02, years=4) == default


def test_evidence_moves_a_choice_and_little_evidence_does_not():
    def better_when_short(choice):
        return 0.010 if choice.half_life == 2.0 else 0.012

    assert chosen(Ageing(), better_when_short, years=5).half_life == 4.0
    assert chosen(Ageing(), better_when_short, years=13).half_life == 2.0


def test_a_profile_whose_cohorts_are_calendar_years_has_no_other_cut_off_to_try():
    assert {choice.born_before for choice, _ in candidates(Entry(born_before=0.0))} == {0.0}
    assert {choice.born_before for choice, _ in candidates(LAW)} == {4 / 12, 0.0}


@law
@given(st.integers(0, 10_000), st.integers(3, 9))
def test_a_past_year_chooses_what_the_history_cut_off_there_would_choose(seed, kept):
    table, births = noisy_district(seed)
    year = FIRST + kept - 1

    def chooser(origin):
        known, born = read_inputs(table, births, PROFILE, origin=origin, log=FaultLog())
        return Chooser(known, born, 0.015)

    assert chooser(FIRST + 9).at(year) == chooser(year).at(year)


def test_a_mean_reins_in_one_years_break_and_follows_a_lasting_change():
    values = np.array([0.0, 0.0, 0.0, 0.0, 0.0, -0.3, 0.0, 0.0])
    assert steady_mean(values, recency(8, half_life=4.0), spread=0.01)[0] > -0.006
    values = np.array([0.0, 0.0, 0.0, 0.0, 0.3, 0.3, 0.3, 0.3])
    assert steady_mean(values, recency(8, half_life=2.0), spread=0.01)[0] > 0.2


def test_a_trend_is_seen_and_noise_is_not():
    line = 0.02 * np.arange(10)
    slope, age = steady_slope(line, recency(10, half_life=3.0), spread=0.01)
    assert slope == pytest.approx(0.02, rel=0.1)
    assert 0 < age < 4
    noise = np.array([0.01, -0.01] * 5)
    assert abs(steady_slope(noise, recency(10, half_life=3.0), spread=0.01)[0]) < 0.001


def test_credibility_is_between_nothing_and_all():
    assert credible(0.0, 0.1, doubt=1.0) == 0.0
    assert 0.0 < credible(0.01, 0.001, doubt=1.0) < 0.01


def test_raking_keeps_proportions_and_shares_evenly_what_nobody_expects():
    raked, factors = rake(np.array([[1.0, 0.0], [3.0, 0.0]]), np.array([8.0, 6.0]))
    assert raked.tolist() == [[2.0, 3.0], [6.0, 3.0]]
    assert factors[0] == 2.0
    assert np.isnan(factors[1])


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.lists(st.floats(0, 1e4), min_size=3, max_size=3), min_size=1, max_size=6),
    st.lists(st.floats(0, 1e5), min_size=3, max_size=3),
)
def test_raked_parts_sum_to_the_control_total_and_raking_again_changes_nothing(parts, totals):
    raked, _ = rake(np.array(parts), np.array(totals))
    assert raked.sum(axis=0) == pytest.approx(np.array(totals))
    assert (raked >= 0).all()
    assert rake(raked, np.array(totals))[0] == pytest.approx(raked)


def test_bands_hold_the_share_of_normal_errors_they_promise():
    random = np.random.default_rng(0)
    horizons = np.repeat([1.0, 2.0, 3.0], 4000)
    errors = random.normal(0, 0.05, horizons.size) * np.sqrt(horizons)
    pupils = np.full(horizons.size, 300.0)
    spread = calibrate(
        NONE, Residuals(errors, horizons, pupils), horizon=3, district_spread=0.015, place_spread=0.2
    )
    assert spread.place == pytest.approx(0.05 * np.sqrt([1, 2, 3]), rel=0.05)
    assert spread.district == pytest.approx(0.015 * np.sqrt([1, 2, 3]))
    low, high = band(np.array([100.0]), [spread.place[0]])
    assert (low.item(), high.item()) == (pytest.approx(93.8, abs=0.3), pytest.approx(106.6, abs=0.3))


def test_asking_for_more_years_changes_none_and_the_band_goes_on_widening():
    random = np.random.default_rng(4)
    horizons = np.repeat([1.0, 2.0, 3.0], 9)
    few = Residuals(random.normal(0, 0.02, 27) * np.sqrt(horizons), horizons, np.full(27, 900.0))
    spreads = [
        calibrate(few, NONE, horizon=years, district_spread=0.015, place_spread=0.06).district
        for years in (2, 8)
    ]
    assert spreads[1][:2] == spreads[0]
    assert spreads[1][3:] == pytest.approx(spreads[1][2] * np.sqrt(np.arange(4, 9) / 3))


def test_few_errors_move_the_spread_little_and_widen_it():
    one = Residuals(np.array([0.0]), np.array([1.0]), np.array([900.0]))
    found = calibrate(one, NONE, horizon=1, district_spread=0.02, place_spread=0.06).district[0]
    assert found == pytest.approx(0.02 * np.sqrt(3 / 4) * student.ppf(0.9, 4) / student.ppf(0.9, np.inf))
    none = calibrate(NONE, NONE, horizon=1, district_spread=0.02, place_spread=0.06).district[0]
    assert none == 0.02


def test_small_places_have_wider_bands_where_errors_say_so():
    random = np.random.default_rng(1)
    pupils = np.repeat([50.0, 200.0, 800.0], 500)
    errors = random.normal(0, 1, pupils.size) / np.sqrt(pupils)
    spread = calibrate(
        NONE,
        Residuals(errors, np.ones(pupils.size), pupils),
        horizon=1,
        district_spread=0.015,
        place_spread=0.06,
    )
    assert spread.size_share == 1.0
    small, large = spread.of_places(np.array([[50.0], [800.0]])).ravel()
    assert small == pytest.approx(4 * large)
    assert small == pytest.approx(1 / np.sqrt(50), rel=0.15)
    assert spread.place_alone[0] < spread.place[0]
