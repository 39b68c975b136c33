"""Sifting reaches the optimum of the whole problem from whatever prices it begins with."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutplan.solve.prices import seat_prices
from layoutplan.solve.sifting import sift
from layoutplan.solve.transport import Transport, solve_transport, unserved_cost
from tests.examples import examples
from tests.solve.transports import transports


def assert_same_optimum(problem: Transport, start: np.ndarray) -> None:
    whole = solve_transport(problem)
    flow, prices = sift(problem, start)
    assert (flow >= 0).all()
    assert (problem.placed(flow) <= problem.pupils).all()
    assert (problem.filled(flow) <= problem.seats).all()
    assert flow.sum() == whole.sum()
    assert (flow * problem.cost).sum() == (whole * problem.cost).sum()
    assert prices.tolist() == seat_prices(problem, flow).tolist() == seat_prices(problem, whole).tolist()


@settings(max_examples=examples(200))
@given(transports(), st.data())
def test_any_prices_lead_to_the_optimum_of_the_whole(problem, data):
    places = len(problem.seats)
    anything = st.integers(0, 3000) | st.integers(problem.loss - 3000, problem.loss)
    start = data.draw(st.lists(anything, min_size=places, max_size=places))
    assert_same_optimum(problem, np.array(start, dtype=np.int64))


@pytest.mark.parametrize("fill", [0.9, 1.0, 1.1])
@pytest.mark.parametrize("drift", [0.0, 0.05, 0.6])
def test_a_city_from_the_prices_of_the_year_before(fill, drift):
    random = np.random.default_rng(5)
    units, schools, choices = 1500, 40, 8
    metres = np.hypot(*(random.uniform(0, 9000, (2, units, 1)) - random.uniform(0, 9000, (2, 1, schools))))
    near = np.sort(np.argsort(metres, axis=1)[:, :choices], axis=1)
    cost = np.rint(np.take_along_axis(metres, near, axis=1) * 10).astype(np.int64).ravel()
    pupils = random.integers(1, 40, units)
    seats = np.rint(random.uniform(0.5, 1.5, schools) * pupils.sum() / schools / fill).astype(np.int64)

    def year(pupils: np.ndarray, seats: np.ndarray) -> Transport:
        tail = np.repeat(np.arange(units), choices)
        return Transport(tail, near.ravel(), cost, pupils, seats, loss=unserved_cost(cost, schools))

    before = year(pupils, seats)
    prices = seat_prices(before, solve_transport(before))
    changed = np.rint(pupils * random.uniform(1 - drift, 1 + drift, units)).astype(np.int64)
    opened = seats.copy()
    opened[:2] += np.int64(drift * 2000)
    assert_same_optimum(year(np.maximum(changed, 1), opened), prices)
