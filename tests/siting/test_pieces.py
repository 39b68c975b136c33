"""What is known of a piece never says anything else than the flow would."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutplan.siting import pieces as pieces_module
from layoutplan.siting.pieces import Piece, pieces_of
from layoutplan.solve import assign_pupils
from layoutplan.solve.max_flow import bottlenecks
from tests.examples import examples


def random_piece(random, *, groups, nodes):
    """Return a piece where everybody reaches the first node, and some others."""
    near = random.random((groups, nodes)) < 0.4
    near[:, 0] = True
    group, node = np.nonzero(near)
    pupils = np.round(random.gamma(1.0, 20.0, groups), 2) + 0.01
    return Piece(pupils=pupils, nodes=np.arange(nodes), group=group, node=node)


def by_flow(piece, seats):
    """Return the pupils served, by a flow made for this alone."""
    placed = assign_pupils(
        origin=piece.group,
        destination=piece.node,
        metres=np.zeros(len(piece.group)),
        pupils=piece.pupils,
        seats=seats,
    )
    return float(placed.served.sum())


@settings(max_examples=examples(60))
@given(st.integers(0, 2**32 - 1), st.integers(1, 8), st.integers(1, 5))
def test_what_is_known_agrees_with_the_flow(seed, groups, nodes):
    random = np.random.default_rng(seed)
    piece = random_piece(random, groups=groups, nodes=nodes)
    base = np.floor(random.uniform(0, 40, nodes))
    for _ in range(12):  # one or two nodes changed at a time, as an explanation does
        seats = base.copy()
        for node in random.integers(0, nodes, 2):
            seats[node] = float(random.integers(0, 120))
        assert piece.served(seats) == pytest.approx(by_flow(piece, seats), abs=2e-6)


@settings(max_examples=examples(40))
@given(st.integers(0, 2**32 - 1))
def test_laws_hold_for_any_seats(seed):
    random = np.random.default_rng(seed)
    piece = random_piece(random, groups=6, nodes=4)
    laws = piece.place(np.floor(random.uniform(0, 40, 4))).laws
    for _ in range(5):
        seats = np.floor(random.uniform(0, 90, 4))
        assert by_flow(piece, seats) <= min(law.at(seats) for law in laws) + 1e-6


@settings(max_examples=examples(40))
@given(st.integers(0, 2**32 - 1))
def test_laws_of_schools_built_in_part_hold_for_whole_ones(seed):
    random = np.random.default_rng(seed)
    piece = random_piece(random, groups=6, nodes=4)
    laws = piece.laws(random.uniform(0, 40, 4), share=random.uniform(0, 1, 4))
    for _ in range(5):
        seats = np.floor(random.uniform(0, 90, 4))
        assert by_flow(piece, seats) <= min(law.at(seats) for law in laws) + 1e-6


@settings(max_examples=examples(80))
@given(st.integers(0, 2**32 - 1), st.integers(1, 8), st.integers(1, 5))
def test_more_seats_at_one_node_serve_as_many_more_as_the_flow_says(seed, groups, nodes):
    random = np.random.default_rng(seed)
    piece = random_piece(random, groups=groups, nodes=nodes)
    base = np.floor(random.uniform(0, 40, nodes))
    for _ in range(6):
        node, more = int(random.integers(0, nodes)), float(random.integers(1, 90))
        after = base.copy()
        after[node] += more
        truth = by_flow(piece, after) - by_flow(piece, base)
        assert piece.gain_of_more(base, node=node, more=more) == pytest.approx(truth, abs=2e-6)


def test_a_flow_is_made_only_where_it_is_needed(monkeypatch):
    """Everybody lacks a seat: one flow tells what any fewer and some more seats would do."""
    made = []

    def counted(**arguments):
        made.append(arguments)
        return bottlenecks(**arguments)

    monkeypatch.setattr(pieces_module, "bottlenecks", counted)
    piece = Piece(
        pupils=np.array([50.0, 60.0]),
        nodes=np.arange(2),
        group=np.array([0, 0, 1, 1]),
        node=np.array([0, 1, 0, 1]),
    )
    assert piece.served(np.array([10.0, 20.0])) == pytest.approx(30.0)
    assert piece.served(np.array([10.0, 5.0])) == pytest.approx(15.0)
    assert len(made) == 1


def test_pieces_share_nothing_and_leave_nothing_out():
    random = np.random.default_rng(7)
    near = random.random((30, 20)) < 0.04
    group, node = np.nonzero(near)
    groups, group = np.unique(group, return_inverse=True)
    nodes, node = np.unique(node, return_inverse=True)
    pupils = random.uniform(1, 9, len(groups))
    found = pieces_of(pupils, nodes=len(nodes), group=group, node=node)
    assert len(found) > 1
    assert sum(piece.total for piece in found) == pytest.approx(pupils.sum())
    assert sorted(int(node) for piece in found for node in piece.nodes) == list(range(len(nodes)))
    assert sum(len(piece.group) for piece in found) == len(group)
