"""Weights, filters, ratios, raking and bands: the laws they keep, and right values by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student

from layoutplan.enrolment import band, rake
from layoutplan.enrolment.ensemble import _steady_bias, _weights, combine
from layoutplan.enrolment.filters import Motion, extended, followed
from layoutplan.enrolment.forecast import read_inputs
from layoutplan.enrolment.history import NOBODY
from layoutplan.enrolment.members import MEMBERS
from layoutplan.enrolment.prior import LEARNT_AT, PRIOR
from layoutplan.enrolment.ratios import pooled_ratios
from layoutplan.enrolment.spread import CHANCE, Residuals, StageSpread, calibrate_stage, combined_spread
from layoutplan.errors import FaultLog
from tests.enrolment.district import FIRST, NO_BIRTHS, PROFILE, aged, history_table, noisy_district
from tests.examples import examples

law = settings(max_examples=examples(5))
NONE = Residuals(*(np.empty(0) for _ in range(4)))


def known_of(table, births=NO_BIRTHS, origin=None):
    return read_inputs(table, births, PROFILE, origin=origin, log=FaultLog())


def calibrated(district=NONE, place=NONE, *, horizon=3, pupils=1e9, years=1_000_000):
    return calibrate_stage(
        district,
        place,
        pupils=pupils,
        years=years,
        horizon=horizon,
        district_spread=0.015,
        place_spread=0.06,
    )


# ── weights ──


@law
@given(st.integers(0, 10_000), st.integers(4, 9))
def test_a_past_year_forecasts_what_the_history_cut_off_there_would(seed, kept):
    table, births = noisy_district(seed)
    whole = combine(*known_of(table, births), horizon=3)
    year = FIRST + kept - 1
    if year in whole.past:
        early = combine(*known_of(table, births[births["year"] <= year], origin=year), horizon=3)
        # fewer past years are tried at first, so that weights may differ a little
        assert whole.past[year] == pytest.approx(early.pupils, rel=0.02)


@law
@given(st.integers(0, 10_000))
def test_weights_are_shares_and_the_forecast_lies_among_its_members(seed):
    found = combine(*known_of(*noisy_district(seed)), horizon=4)
    assert found.weights["primary"].shape == (len(MEMBERS), 4)
    assert found.weights["primary"].sum(axis=0) == pytest.approx(1.0)
    assert (found.weights["primary"] > 0).all()


def test_a_member_that_was_right_gains_weight():
    falling = 400.0 * 0.95 ** np.arange(30)
    found = combine(*known_of(history_table({"A": aged(falling, years=14)})), horizon=3)
    weights = dict(zip(found.members, found.weights["primary"][:, 0], strict=True))
    nothing_seen = _weights(np.empty((0, len(MEMBERS), 3)), np.ones((0, 3), dtype=bool), PRIOR)[:, 0]
    before = dict(zip(MEMBERS, nothing_seen, strict=True))
    assert weights["trend"] > 1.5 * before["trend"]
    assert weights["last_value"] < 0.1 * before["last_value"]


def test_the_prior_has_every_member_and_is_held_beyond_five_years():
    assert PRIOR.of(8).shape == (len(MEMBERS), 8)
    assert (PRIOR.of(8)[:, 4:] == PRIOR.of(8)[:, [4]]).all()
    assert PRIOR.of(5)[:, np.array(LEARNT_AT) - 1].tolist() == [list(PRIOR.scores[name]) for name in MEMBERS]


def test_a_bias_that_was_steady_is_corrected_and_another_is_not():
    random = np.random.default_rng(5)
    known = np.ones((12, 2), dtype=bool)
    steady = -0.04 + random.normal(0, 0.005, (12, 2))
    assert _steady_bias(steady, known) == pytest.approx([-0.035, -0.03], abs=0.01)
    assert _steady_bias(random.normal(0, 0.03, (12, 2)), known).tolist() == [0.0, 0.0]
    assert _steady_bias(steady[:3], known[:3]).tolist() == [0.0, 0.0]  # too few to call it steady


# ── filters and ratios ──


def test_a_filter_finds_a_level_and_a_trend():
    line = 0.02 * np.arange(30.0)[None]
    motion = Motion(0.02, 0.02, damping=0.9)
    level, slope = followed(line, np.full(line.shape, 1e-6), motion=motion)
    assert level == pytest.approx(line[:, -1], abs=1e-3)
    assert slope == pytest.approx([0.02], rel=0.1)
    ahead = extended(level, slope, motion=motion, horizon=50)[0]
    assert ahead[0] == pytest.approx(0.02 * 30, abs=0.005)
    assert np.diff(ahead)[-1] < 1e-3


def test_one_years_break_moves_a_level_little_and_a_lasting_change_is_followed_at_once():
    motion, noise = Motion(0.02), np.full((1, 12), 1e-4)
    once = np.zeros((1, 12))
    once[0, 6] = 2.3  # a year typed ten times too large
    assert abs(followed(once, noise, motion=motion)[0].item()) < 0.02
    lasting = np.zeros((1, 12))
    lasting[0, 6:] = 1.0
    assert followed(lasting[:, :8], noise[:, :8], motion=motion)[0].item() == pytest.approx(1.0, abs=0.01)


def test_a_series_without_figures_has_no_level():
    assert followed(np.full((2, 5), np.nan), np.ones((2, 5)), motion=Motion(0.1))[0].tolist() == [0.0, 0.0]
    assert followed(np.empty((1, 0)), np.empty((1, 0)), motion=Motion(0.1))[0].tolist() == [0.0]


def test_known_ratios_are_found_again_and_small_ones_drawn_together():
    table = history_table({"A": aged(np.full(20, 4_000.0), years=10, ratio=1.03)})
    ratios = pooled_ratios(known_of(table)[0], half_life=2.0, drawn=100.0)
    assert np.exp(ratios[1:]) == pytest.approx(1.03, rel=1e-6)
    assert np.isnan(ratios[0])
    values = aged(np.full(20, 10.0), years=10)
    values[3] *= 2.0  # pupils of ten-child grades double in grade 4
    ratios = np.exp(pooled_ratios(known_of(history_table({"A": values}))[0], half_life=2.0, drawn=100.0))
    assert 1.0 < ratios[3] < 1.5


# ── raking ──


def test_raking_keeps_proportions_and_shares_evenly_what_nobody_expects():
    raked, factors = rake(np.array([[1.0, 0.0], [3.0, 0.0]]), np.array([8.0, 6.0]))
    assert raked.tolist() == [[2.0, 3.0], [6.0, 3.0]]
    assert factors[0] == 2.0
    assert np.isnan(factors[1])


small = st.sampled_from([0.0, 5e-324, 1e-300, 1e-12, NOBODY / 2, NOBODY, 2 * NOBODY])


@settings(max_examples=examples(200))
@given(
    st.lists(st.lists(st.floats(0, 1e4) | small, min_size=3, max_size=3), min_size=1, max_size=6),
    st.lists(st.floats(0, 1e5) | small, min_size=3, max_size=3),
)
def test_raked_parts_sum_to_the_control_total_and_raking_again_changes_nothing(parts, totals):
    raked, _ = rake(np.array(parts), np.array(totals))
    assert raked.sum(axis=0) == pytest.approx(np.array(totals), abs=NOBODY)
    assert (raked >= 0).all()
    assert rake(raked, np.array(totals))[0] == pytest.approx(raked, abs=NOBODY)


# ── bands ──


def test_bands_hold_the_share_of_normal_errors_they_promise():
    random = np.random.default_rng(0)
    horizons = np.repeat([1.0, 2.0, 3.0], 4000)
    errors = random.normal(0, 0.05, horizons.size) * np.sqrt(horizons)
    pupils = np.full(horizons.size, 300.0)
    spread = calibrated(place=Residuals(errors, horizons, pupils, np.full(horizons.size, 9.0)))
    assert spread.own == pytest.approx(0.05 * np.sqrt([1, 2, 3]), rel=0.05)
    few = student.ppf(0.9, 8) / student.ppf(0.9, np.inf)
    assert spread.district == pytest.approx(few * 0.015 * np.sqrt([1.0, 2.0, 3.0]), rel=1e-3)
    assert spread.place == pytest.approx(np.hypot(spread.own, spread.district))
    low, high = band(np.array([100.0]), [spread.own[0]])
    assert (low.item(), high.item()) == (pytest.approx(93.8, abs=0.3), pytest.approx(106.6, abs=0.3))


def test_asking_for_more_years_changes_none_and_the_band_goes_on_widening():
    random = np.random.default_rng(4)
    horizons = np.repeat([1.0, 2.0, 3.0], 9)
    errors = random.normal(0, 0.02, 27) * np.sqrt(horizons)
    few = Residuals(errors, horizons, np.full(27, 900.0), np.full(27, 6.0))
    short, long = (calibrated(few, horizon=years, pupils=900.0, years=9).district for years in (2, 8))
    assert long[:2] == short
    assert (np.diff(long) > 0).all()


def test_short_histories_and_small_districts_have_wider_bands():
    assert calibrated(years=4).district[0] > 1.3 * calibrated(years=40).district[0]
    small, large = calibrated(pupils=100.0).district[0], calibrated(pupils=1e6).district[0]
    assert small / large == pytest.approx(np.sqrt(0.015**2 + CHANCE / 100) / 0.015, rel=1e-3)
    four = np.array(calibrated(years=4).district) / np.array(calibrated().district)
    steps = np.array([1.0, 2.0, 3.0])
    assert four**2 == pytest.approx(2.0 + (8 / 4) ** 2 * steps, rel=1e-3)  # (h (1 + 4 ÷ 4) + (8 h ÷ 4)²) ÷ h


def test_what_all_places_of_a_year_share_is_their_districts_and_not_theirs():
    random = np.random.default_rng(6)
    years = np.repeat(np.arange(4.0, 9.0), 60)
    own = random.normal(0, 0.04, years.size)
    pupils, ahead = np.full(years.size, 200.0), np.ones(years.size)
    for shared in (0.0, 0.10):  # of the five past years, each off by so much to one side or the other
        shock = shared * np.where(years % 2 == 0, 1.0, -1.0)
        spread = calibrated(place=Residuals(own + shock, ahead, pupils, years), horizon=1)
        assert spread.own[0] == pytest.approx(0.04, rel=0.1), shared


def test_a_place_that_is_all_of_its_district_is_as_sure_as_it():
    years = np.arange(4.0, 10.0)
    errors = np.array([0.02, -0.01, 0.03, 0.0, -0.02, 0.01])
    alone = Residuals(errors, np.ones(6), np.full(6, 500.0), years)
    spread = calibrated(alone, alone, pupils=500.0, years=10, horizon=2)
    found = spread.of_places(np.full((1, 2), 500.0))[0]
    assert found == pytest.approx(spread.district, rel=0.01)


def test_one_great_error_does_not_widen_the_band():
    horizons = np.ones(12)
    errors = np.r_[np.full(11, 0.01), 2.3]
    pupils, years = np.full(12, 1e9), np.full(12, 1e6)
    with_it = calibrated(Residuals(errors, horizons, pupils, years), horizon=1).district[0]
    assert (
        with_it
        < 1.6
        * calibrated(Residuals(errors[:11], horizons[:11], pupils[:11], years[:11]), horizon=1).district[0]
    )


def test_small_places_have_wider_bands_where_errors_say_so():
    random = np.random.default_rng(1)
    pupils = np.repeat([50.0, 200.0, 800.0], 500)
    errors = random.normal(0, 1, pupils.size) / np.sqrt(pupils)
    spread = calibrated(
        place=Residuals(errors, np.ones(pupils.size), pupils, np.full(pupils.size, 9.0)), horizon=1
    )
    assert spread.size_share == 1.0
    places = spread.of_places(np.array([[50.0], [800.0]])).ravel()
    small, large = np.sqrt(places**2 - spread.district[0] ** 2)
    assert small == pytest.approx(4 * large)
    assert small == pytest.approx(1 / np.sqrt(50), rel=0.15)


def test_the_spread_of_a_sum_follows_the_correlation_of_its_stages():
    random = np.random.default_rng(2)
    shared, own = random.normal(0, 0.02, 400), random.normal(0, 0.02, (2, 400))
    stage = StageSpread((0.0283,), (0.06,), 0.5, 300.0, 400, 0)
    pupils = np.full((2, 1), 1000.0)
    together = [(shared + one)[:, None] for one in own]
    correlation, whole = combined_spread([stage, stage], together, pupils)
    assert correlation[0, 1] == pytest.approx(0.5, abs=0.1)
    assert whole[0] == pytest.approx(0.0283 * np.sqrt((1 + correlation[0, 1]) / 2), rel=1e-6)
    _, alone = combined_spread([stage, stage], [one[:, None] for one in own * np.sqrt(2)], pupils)
    assert alone[0] < whole[0]
