"""The whole-number transport problem: what a loss is, and a solver that cannot fail silently."""

from __future__ import annotations

import numpy as np
from hypothesis import given

from layoutplan.solve.transport import Transport, solve_transport, sum_by_place, unserved_cost
from tests.solve.transports import transports

NOTHING = np.zeros(0, dtype=np.int64)


@given(transports())
def test_flows_respect_pupils_and_seats(problem):
    flow = solve_transport(problem)
    assert (flow >= 0).all()
    assert (problem.placed(flow) <= problem.pupils).all()
    assert (problem.filled(flow) <= problem.seats).all()


@given(transports())
def test_a_loss_is_dearer_than_all_arcs_of_a_chain(problem):
    assert problem.loss > 2 * (len(problem.seats) + 1) * int(problem.cost.max())


def test_without_arcs_nothing_flows():
    nothing = Transport(NOTHING, NOTHING, NOTHING, NOTHING, np.array([3]), loss=unserved_cost(NOTHING, 1))
    assert solve_transport(nothing).tolist() == []
    assert nothing.least(NOTHING).tolist() == []
    assert nothing.filled(NOTHING).tolist() == [0]


def test_sums_are_exact_beyond_what_floats_hold():
    odd = 2**60 + 1
    assert sum_by_place(np.array([1, 1, 0]), np.array([odd, 1, 5]), 3).tolist() == [5, odd + 1, 0]
