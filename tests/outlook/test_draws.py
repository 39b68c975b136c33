"""The draws: what the formula says, and the laws any honest spread keeps."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from layoutplan.outlook import Shocks
from layoutplan.outlook.bands import Groups, bands_of, draw_bands
from layoutplan.outlook.draws import DrawPlaces, EstateShares, draw_demand
from layoutplan.standards import load_profile
from tests.examples import examples

SHOCKS = Shocks(district=(0.02, 0.03, 0.04), zone=(0.05, 0.07, 0.09), births=0.05, delays=(0.5, 0.3, 0.2))
law = settings(max_examples=examples(25))


def estate_shares(places=4):
    pupils = np.array([[0.0, 30.0, 60.0, 60.0], [0.0, 0.0, 10.0, 40.0]])
    late = [np.hstack([np.zeros((2, lag)), pupils[:, : 4 - lag]]) for lag in range(3)]
    members = sparse.csr_array((np.ones(2), ([0, 2], [0, 1])), shape=(places, 2))
    return EstateShares(names=("H1/1", "H2/1"), pupils=tuple(late), members=members)


def town(scale=1.0, *, names=("C1", "C2", "C3", "rest "), estates=True):
    settled = np.array([[900.0, 880, 860, 840], [400, 420, 440, 460], [50, 60, 70, 80], [0, 0, 0, 0]]) * scale
    return DrawPlaces(
        stage="primary",
        names=names,
        settled=settled,
        unborn=settled * [0.0, 0.0, 0.1, 0.2],
        born_steps=np.array([0, 0, 1, 2]),
        estates=estate_shares() if estates else None,
    )


def drawn(places, *, seed=7, draws=400, shocks=SHOCKS):
    return np.concatenate([values for _, values in draw_demand(places, shocks, seed=seed, draws=draws)])


def test_in_the_base_year_nothing_is_uncertain():
    values = drawn(town())
    assert (values[:, 0] == town().settled[:, 0, None]).all()


@law
@given(st.integers(0, 2**31 - 1))
def test_the_same_seed_draws_the_same_and_another_does_not(seed):
    first = drawn(town(), seed=seed, draws=20)
    assert (drawn(town(), seed=seed, draws=20) == first).all()
    assert not (drawn(town(), seed=seed + 1, draws=20)[:3, 1] == first[:3, 1]).any()


@law
@given(st.integers(0, 2**31), st.floats(1.0, 2.0))
def test_more_births_never_draw_fewer_pupils(seed, factor):
    plain = town(estates=False)
    more = replace(plain, unborn=plain.unborn * factor)
    calm = replace(SHOCKS, zone=(0.0,))  # without zone shocks nothing is shared out anew between places
    assert (
        drawn(more, seed=seed, draws=30, shocks=calm) >= drawn(plain, seed=seed, draws=30, shocks=calm) - 1e-9
    ).all()


def test_a_place_keeps_its_own_numbers_when_places_change_their_order():
    order = [2, 0, 3, 1]
    plain, estates = town(), estate_shares()
    mixed = DrawPlaces(
        stage="primary",
        names=tuple(plain.names[row] for row in order),
        settled=plain.settled[order],
        unborn=plain.unborn[order],
        born_steps=plain.born_steps,
        estates=EstateShares(estates.names, estates.pupils, sparse.csr_array(estates.members[order])),
    )
    assert drawn(mixed) == pytest.approx(drawn(plain)[order])


def test_without_shocks_every_draw_is_the_forecast():
    calm = Shocks(district=(0.0,), zone=(0.0,))
    values = drawn(town(), shocks=calm, draws=20)
    assert values == pytest.approx(np.repeat(town().expected[:, :, None], 20, axis=2))


def test_the_spread_of_the_whole_is_the_citys_and_grows_as_stated():
    total = drawn(town(estates=False), draws=20_000, shocks=Shocks(SHOCKS.district, SHOCKS.zone)).sum(axis=0)
    middle = town(estates=False).expected.sum(axis=0)
    spread = np.log(total / middle[:, None]).std(axis=1)
    assert spread == pytest.approx([0.0, 0.02, 0.03, 0.04], rel=0.03, abs=1e-12)


def test_a_place_has_its_own_spread_beside_the_citys():
    settled = np.full((40, 4), 300.0)
    names = tuple(f"C{number}" for number in range(40))
    places = DrawPlaces("primary", names, settled, np.zeros_like(settled), np.zeros(4, dtype=np.int64))
    values = drawn(places, draws=4000)
    spread = np.log(values / 300.0).std(axis=2)[:, 1:].mean(axis=0)
    assert spread == pytest.approx(np.hypot(SHOCKS.district, SHOCKS.zone), rel=0.03)


def test_estates_come_late_as_often_as_stated():
    values = drawn(town(), draws=20_000, shocks=Shocks((0.0,), (0.0,), delays=SHOCKS.delays))[0, 1]
    late = values < town().expected[0, 1] - 1
    assert late.mean() == pytest.approx(0.5, abs=0.02)


@law
@given(st.floats(0.2, 30.0), st.integers(0, 2**31))
def test_draws_scale_with_demand(scale, seed):
    one = drawn(town(estates=False), seed=seed, draws=50)
    other = drawn(town(scale, estates=False), seed=seed, draws=50)
    assert other == pytest.approx(one * scale)


@law
@given(st.integers(0, 2**31), st.lists(st.floats(0, 1500), min_size=4, max_size=4), st.floats(0, 300))
def test_bands_are_ordered_and_more_seats_never_make_shortage_likelier(seed, seats, more):
    values = drawn(town(), seed=seed, draws=60)
    offered = np.repeat(np.array(seats)[:, None], 4, axis=1)
    less, plenty = bands_of(values, offered), bands_of(values, offered + more)
    assert (less.p10 <= less.p50).all()
    assert (less.p50 <= less.p90).all()
    assert (plenty.probability_short <= less.probability_short).all()
    assert (plenty.expected_shortfall <= less.expected_shortfall + 1e-9).all()
    assert ((less.probability_short >= 0) & (less.probability_short <= 1)).all()


def test_areas_are_the_sums_of_their_places_draw_by_draw():
    places, seats = town(), np.full((4, 4), 500.0)
    groups = Groups(
        place=np.array([0, 1, 1, 2, 3]),
        area=np.array([0, 0, 1, 1, 1]),
        share=np.repeat(np.array([1.0, 0.25, 0.75, 1.0, 1.0])[:, None], 4, axis=1),
        seats=np.full((2, 4), 1000.0),
    )
    _, areas = draw_bands(places, groups, SHOCKS, seats=seats, seed=3, draws=300)
    values = drawn(places, seed=3, draws=300)
    by_hand = bands_of(
        np.array([values[0] + 0.25 * values[1], 0.75 * values[1] + values[2] + values[3]]), groups.seats
    )
    assert areas.p90 == pytest.approx(by_hand.p90)
    assert areas.probability_short == pytest.approx(by_hand.probability_short)


def test_a_city_without_places():
    nothing = np.zeros((0, 4))
    places = DrawPlaces("senior", (), nothing, nothing, np.zeros(4, dtype=np.int64))
    groups = Groups(np.zeros(0, int), np.zeros(0, int), nothing, np.zeros((1, 4)))
    bands, areas = draw_bands(places, groups, SHOCKS, seats=nothing, seed=1, draws=20)
    assert bands.p10.shape == (0, 4)
    assert not areas.p90.any()


def test_the_profiles_spread_grows_with_the_root_of_time():
    shocks = Shocks.of(load_profile("cn-national").at(2025), ahead=4)
    assert shocks.district == pytest.approx([0.015, 0.015 * 2**0.5, 0.015 * 3**0.5, 0.03])
    assert shocks.zone[0] == 0.05
    assert sum(shocks.delays) == pytest.approx(1)
    assert shocks.with_deviations(district=[0.01], zone=[0.02]).births == shocks.births


@law
@given(st.floats(0.7, 1.4), st.floats(0.7, 1.4), st.floats(0.0, 0.1), st.integers(0, 99))
def test_the_band_contains_both_estimates_of_the_demand(residents, enrolment, spread, seed):
    """Without shocks the band is the two estimates themselves; shocks only widen it."""
    years = 4
    both = np.log([[1.0, *[residents] * (years - 1)], [1.0, *[enrolment] * (years - 1)]])
    settled = np.full((3, years), 200.0)
    places = DrawPlaces(
        "primary", ("a", "b", "c"), settled, np.zeros_like(settled), np.zeros(years, dtype=np.int64),
        roads=both,
    )  # fmt: skip
    shocks = Shocks(district=(spread,), zone=(0.0,))
    total = sum(values.sum(axis=0) for _, values in draw_demand(places, shocks, seed=seed, draws=2000))
    low, high = np.quantile(total, (0.1, 0.9), axis=-1)
    ends = sorted((600 * residents, 600 * enrolment))
    # five standard errors of the quantiles: of those of the shocks, and of draws that the shocks move across
    apart = abs(np.log(enrolment / residents))
    slack = 1e-3 + spread * 0.15 + 5 * np.sqrt(spread * apart / 2000)
    assert (low[1:] <= ends[0] * (1 + slack)).all()
    assert (high[1:] >= ends[1] * (1 - slack)).all()
    if spread == 0:
        assert low[1:] == pytest.approx([ends[0]] * (years - 1), rel=1e-3)
        assert high[1:] == pytest.approx([ends[1]] * (years - 1), rel=1e-3)
    assert total[0] == pytest.approx(600.0)
