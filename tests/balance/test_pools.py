"""Pooled shortage: adds up, stays within the pupils, and does not hang on which best placement was found."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutplan.balance.arcs import Walks
from layoutplan.balance.assignment import place_stage
from layoutplan.balance.catchment_view import Parts, Pieces
from layoutplan.balance.pools import pooled_shortage
from tests.balance.test_assignment import problems
from tests.examples import examples

law = settings(max_examples=examples(60))


def parts_of(zone, pupils, seats):
    """Catchments 0, 1, … of units ``zone`` (−1 for none) with these seats each."""
    count = len(seats)
    held = np.array([[pupils[zone == at, 0].sum()] for at in range(count)])
    nowhere = np.zeros(0, dtype=np.int64)
    return Parts(
        catchments=pd.Index([f"C{at}" for at in range(count)]),
        unit_catchment=zone,
        unit_district=np.full(len(pupils), -1),
        district=np.full(count, -1),
        demand=held.reshape(count, 1),
        seats=np.array(seats, float).reshape(count, 1),
        schools=np.ones((count, 1)),
        pieces=Pieces(part=nowhere, district=nowhere, share=np.zeros((0, 1)), districts=1),
    )


def found(pupils, seats, walks, parts):
    placed = place_stage(pupils, seats, walks)
    return placed, pooled_shortage(placed, walks, demand=pupils, parts=parts)


@law
@given(problems(), st.randoms(use_true_random=False))
def test_the_shortage_of_the_homes_is_the_same_for_every_best_placement(problem, random):
    pupils, seats, walks = problem
    zone = np.array([random.randint(-1, 2) for _ in pupils])
    parts = parts_of(zone, pupils, [random.randint(0, 40) for _ in range(3)])
    placed, short = found(pupils, seats, walks, parts)
    assert short.sum() == pytest.approx((pupils - placed.served).sum(), abs=1e-5)
    assert (short >= -1e-9).all()
    assert (short <= pupils + 1e-9).all()
    turned = np.array([float(random.randint(0, 2000)) for _ in walks.metres])
    order = np.lexsort((walks.schools, turned, walks.units))
    other = Walks(units=walks.units[order], schools=walks.schools[order], metres=turned[order])
    np.testing.assert_allclose(found(pupils, seats, other, parts)[1], short, atol=1e-5)


def test_what_a_pool_lacks_falls_on_the_catchments_that_are_short():
    pupils, seats = np.array([[60.0], [40.0], [50.0]]), np.array([[80.0], [50.0]])
    walks_of = [(0, 0), (1, 0), (2, 1)]
    walks = Walks(
        units=np.array([unit for unit, _ in walks_of]),
        schools=np.array([school for _, school in walks_of]),
        metres=np.array([100.0, 900.0, 100.0]),
    )
    parts = parts_of(np.array([0, 1, 2]), pupils, [30.0, 30.0, 50.0])
    # Pool of homes 0 and 1: 100 pupils, 80 seats. Their catchments lack 30 and 10 seats: 20 falls 15 to 5.
    np.testing.assert_allclose(found(pupils, seats, walks, parts)[1], [[15.0], [5.0], [0.0]], atol=1e-6)
    # Without catchments it falls on the pupils alike.
    nobody = parts_of(np.array([-1, -1, -1]), pupils, [])
    np.testing.assert_allclose(found(pupils, seats, walks, nobody)[1], [[12.0], [8.0], [0.0]], atol=1e-6)
