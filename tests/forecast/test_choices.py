"""Choices: the default without evidence, the better one with it; weights, credibility and bands by hand."""

import numpy as np
import pytest

from layoutplan.forecast import band, rake
from layoutplan.forecast.choices import GRIDS, Ageing, Effects, Entry, Shares, candidates, pick
from layoutplan.forecast.smoothing import credible, recency, steady_mean, steady_slope
from layoutplan.forecast.spread import Residuals, calibrate

NONE = Residuals(np.empty(0), np.empty(0), np.empty(0))


@pytest.mark.parametrize("default", [Ageing(), Entry(), Effects(), Shares()])
def test_every_default_is_in_its_grid_and_holds_without_evidence(default):
    tried = candidates(default)
    assert (default, 0) in tried
    assert len(tried) == np.prod([len(values) for values in GRIDS[type(default)].values()])
    assert pick(tried, lambda _: np.empty(0), trials=0) == default
    assert pick(tried, lambda choice: np.array([0.0 if choice == default else 0.02]), trials=3) == default


def test_evidence_moves_a_choice_and_little_evidence_does_not():
    tried = candidates(Ageing())

    def better_when_short(choice):
        return np.full(4, 0.010 if choice.half_life == 2.0 else 0.011)

    assert pick(tried, better_when_short, trials=4).half_life == 4.0
    assert pick(tried, better_when_short, trials=40).half_life == 2.0


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
