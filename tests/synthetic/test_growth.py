"""Areas grown over any graph of blocks are connected and hold their seeds."""

from __future__ import annotations

import networkx as nx
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from layoutplan.synthetic.growth import Neighbours, grow, grow_to_loads


@st.composite
def blocks(draw):
    """Draw a connected graph of blocks: a random tree and some more edges."""
    count = draw(st.integers(2, 40))
    parents = [draw(st.integers(0, child - 1)) for child in range(1, count)]
    edges = {(parent, child) for child, parent in enumerate(parents, start=1)}
    more = draw(st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=40))
    edges |= {(min(pair), max(pair)) for pair in more if pair[0] != pair[1]}
    ordered = np.array(sorted(edges))
    metres = draw(st.lists(st.floats(1.0, 900.0), min_size=len(edges), max_size=len(edges)))
    return Neighbours(first=ordered[:, 0], second=ordered[:, 1], metres=np.array(metres), count=count)


@given(graph=blocks(), data=st.data())
def test_grown_areas_are_connected_and_hold_their_seeds(graph, data):
    seeds = np.array(
        data.draw(st.lists(st.integers(0, graph.count - 1), min_size=1, max_size=6, unique=True))
    )
    handicap = np.array(data.draw(st.lists(st.floats(0, 5_000), min_size=len(seeds), max_size=len(seeds))))
    before = handicap.copy()
    owner = grow(graph, seeds, head_start_m=handicap)
    assert (handicap == before).all()
    assert (owner[seeds] == np.arange(len(seeds))).all()
    assert ((owner >= 0) & (owner < len(seeds))).all()
    whole = nx.Graph(list(zip(graph.first.tolist(), graph.second.tolist(), strict=True)))
    for index in range(len(seeds)):
        assert nx.is_connected(whole.subgraph(np.flatnonzero(owner == index).tolist()))


def test_loads_come_nearer_to_what_is_wanted():
    """On a line of 100 blocks with two seeds, a seed that wants three quarters gets more than half."""
    line = Neighbours(first=np.arange(99), second=np.arange(1, 100), metres=np.full(99, 100.0), count=100)
    owner = grow_to_loads(line, np.array([20, 80]), weight=np.ones(100), wanted=np.array([75.0, 25.0]))
    assert (grow(line, np.array([20, 80])) == 0).sum() in (50, 51)
    assert 58 <= (owner == 0).sum() <= 80
