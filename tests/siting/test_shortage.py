"""The reduction is exact: any new seats serve as many in the small network as in the whole city."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutplan.balance.arcs import Walks
from layoutplan.balance.boarding import Beds
from layoutplan.siting.reach import StageReach
from layoutplan.siting.shortage import shortage
from tests.examples import examples


def random_reach(random, *, units, schools, new, boarding=False):
    """Return a stage with some schools too small, and places without seats after them."""
    places = schools + new
    near = random.random((units, places)) < 0.45
    unit, place = np.nonzero(near)
    seats = random.integers(0, 60, places).astype(float)
    seats[schools:] = 0.0
    beds = random_beds(random, ~near[:, :schools], seats[:schools]) if boarding else None
    return StageReach(
        stage="primary",
        pupils=np.round(random.gamma(1.0, 15.0, units), 2) * (random.random(units) > 0.15),
        seats=seats,
        unit=unit.astype(np.int64),
        place=place.astype(np.int64),
        metres=random.uniform(0, 2000, len(unit)),
        beds=beds,
    )


def random_beds(random, far, seats):
    """Return beds at some schools, where half of the pupils of the units far from them may board."""
    beds = np.floor(seats * random.random(len(seats))) * (random.random(len(seats)) < 0.6)
    unit, school = np.nonzero(far & (beds > 0))
    ways = Walks(units=unit, schools=school, metres=random.uniform(2000, 9000, len(unit)))
    return Beds(beds[:, None], np.array([0.5]), ways, 2000.0)


def served_in_all(reach, added):
    """Serve the whole city, without any reduction."""
    seats = reach.seats.copy()
    for place, count in added.items():
        seats[place] += count
    return float(reach.placed(seats).served.sum())


@settings(max_examples=examples(80))
@given(st.integers(0, 2**32 - 1), st.integers(1, 14), st.integers(0, 5), st.integers(1, 4), st.booleans())
def test_reduced_equals_unreduced(seed, units, schools, new, boarding):
    random = np.random.default_rng(seed)
    reach = random_reach(random, units=units, schools=schools, new=new, boarding=boarding)
    enlarged = [int(place) for place in random.permutation(schools)[:2]]
    candidates = [*range(schools, schools + new), *enlarged]
    small = shortage(reach, candidates=candidates)
    for _ in range(4):
        added = {place: float(random.integers(0, 80)) for place in candidates if random.random() < 0.7}
        gain = served_in_all(reach, added) - served_in_all(reach, {})
        assert small.newly_served(added) == pytest.approx(gain, abs=1e-4)


@given(st.integers(0, 2**32 - 1))
def test_without_unserved_pupils_there_is_nothing_to_decide(seed):
    random = np.random.default_rng(seed)
    reach = random_reach(random, units=8, schools=4, new=2)
    plenty = StageReach(
        stage="primary",
        pupils=reach.pupils,
        seats=np.full(6, 1000.0),
        unit=np.repeat(np.arange(8), 6),
        place=np.tile(np.arange(6), 8),
        metres=np.zeros(48),
    )
    small = shortage(plenty, candidates=[4, 5])
    assert small.unserved == pytest.approx(0, abs=1e-6)
    assert len(small.groups) == 0
    assert small.node_of(4) is None


def test_a_chain_of_moves_frees_a_seat():
    """New seats far from the unserved help through a full school between them: the chain is kept."""
    reach = StageReach(
        stage="primary",
        pupils=np.array([10.0, 10.0]),
        seats=np.array([10.0, 0.0]),
        unit=np.array([0, 1, 1]),
        place=np.array([0, 0, 1]),
        metres=np.array([100.0, 50.0, 500.0]),
    )
    small = shortage(reach, candidates=[1])
    assert small.newly_served({1: 6.0}) == pytest.approx(6.0)


def test_units_with_the_same_schools_are_one_group():
    reach = StageReach(
        stage="primary",
        pupils=np.array([5.0, 6.0, 7.0]),
        seats=np.array([1.0, 2.0, 0.0]),
        unit=np.repeat(np.arange(3), 3),
        place=np.tile(np.arange(3), 3),
        metres=np.arange(9, dtype=float),
    )
    small = shortage(reach, candidates=[2])
    assert small.groups.tolist() == [18.0]
    assert small.seats.tolist() == [3.0, 0.0]
    assert small.within_reach(small.node_of(2)) == 18.0
