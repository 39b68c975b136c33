"""Arranging a problem for the solver changes neither what is possible nor what is best."""

from __future__ import annotations

from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings

from layoutplan.solve import assign_pupils, flow
from layoutplan.solve.locality import neighbours_together
from tests.examples import examples
from tests.solve.transports import transports


@given(transports())
def test_arcs_stay_with_their_origin_and_everything_is_kept(problem):
    order, number = neighbours_together(
        problem.tail, problem.head, problem.cost, destinations=len(problem.seats)
    )
    assert sorted(order.tolist()) == list(range(len(problem.tail)))
    assert sorted(number.tolist()) == list(range(len(problem.seats)))
    changes = np.flatnonzero(np.diff(problem.tail[order])) + 1
    assert len(changes) == len(set(problem.tail.tolist())) - 1
    for arcs in np.split(order, changes):
        assert (np.diff(arcs) > 0).all()


@settings(max_examples=examples(200))
@given(transports())
def test_the_optimum_and_the_worth_of_seats_stay(problem):
    placed = {}
    for arranged_from in (0, 10**9):
        with patch.object(flow, "_ARRANGED_FROM", arranged_from):
            placed[arranged_from] = assign_pupils(
                origin=problem.tail,
                destination=problem.head,
                metres=problem.cost / 10,
                pupils=problem.pupils,
                seats=problem.seats,
            )
    arranged, plain = placed.values()
    assert arranged.served.sum() == plain.served.sum()
    assert arranged.metres == pytest.approx(plain.metres, abs=1e-6)
    assert arranged.served_per_seat.tolist() == plain.served_per_seat.tolist()
    assert arranged.saved_m_per_seat.tolist() == pytest.approx(plain.saved_m_per_seat.tolist())


def test_linked_destinations_get_numbers_close_to_each_other():
    """Destinations along a line, named at random: neighbours on it come to differ by one."""
    random = np.random.default_rng(3)
    name = random.permutation(50)
    tail = np.repeat(np.arange(49), 2)
    head = np.stack([name[:-1], name[1:]], axis=1).ravel()
    _, number = neighbours_together(tail, head, np.tile([1, 2], 49), destinations=50)
    assert set(np.abs(np.diff(number[name])).tolist()) == {1}
