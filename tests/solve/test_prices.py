"""Prices of seats: brute force solves again with one seat more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given

from layoutplan.errors import DefectError
from layoutplan.solve.prices import seat_prices
from layoutplan.solve.transport import Transport, solve_transport
from tests.solve.transports import transport, transports


def total(problem: Transport, flow: np.ndarray) -> int:
    """Return what a flow costs, the loss of pupils not placed included."""
    lost = int((problem.pupils - problem.placed(flow)).sum())
    return int((flow * problem.cost).sum()) + lost * problem.loss


@given(transports())
def test_a_price_is_what_one_more_seat_saves(problem):
    flow = solve_transport(problem)
    prices = seat_prices(problem, flow)
    for place in range(len(problem.seats)):
        seats = problem.seats.copy()
        seats[place] += 1
        richer = replace(problem, seats=seats)
        saved = total(problem, flow) - total(richer, solve_transport(richer))
        assert prices[place] == saved


@given(transports())
def test_at_its_price_no_arc_is_cheaper_than_the_one_used(problem):
    """Linear duality: so the flow is optimal, whatever solved it."""
    flow = solve_transport(problem)
    prices = seat_prices(problem, flow)
    paid = problem.least(problem.cost + prices[problem.head])
    used = flow > 0
    assert ((problem.cost + prices[problem.head])[used] == paid[problem.tail[used]]).all()
    lacking = problem.placed(flow) < problem.pupils
    assert (paid[lacking] >= problem.loss).all()
    assert (paid[problem.placed(flow) > 0] <= problem.loss).all()
    assert (prices[problem.filled(flow) < problem.seats] == 0).all()


def test_a_flow_that_could_be_cheaper_is_refused():
    problem = transport(arcs=[(0, 0), (0, 1), (1, 0), (1, 1)], cost=[9, 1, 1, 9], pupils=[1, 1], seats=[1, 1])
    with pytest.raises(DefectError, match="not optimal"):
        seat_prices(problem, np.array([1, 0, 0, 1]))
