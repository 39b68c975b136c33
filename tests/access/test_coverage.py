"""A school near is not a seat near."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layoutplan.access import near_pupils, seated_pupils
from tests.access.walks import laws, pairs_of, scenes


def both(scene, radius_m, *, seats=None):
    amounts = {"pupils": scene.pupils, "seats": scene.seats if seats is None else seats}
    return (
        near_pupils(scene.pairs, radius_m=radius_m, **amounts),
        seated_pupils(scene.pairs, radius_m=radius_m, **amounts),
    )


@laws
@given(scenes(), st.integers(0, 1200))
def test_a_seat_near_is_a_school_near(scene, radius_m):
    near, seated = both(scene, radius_m)
    assert (seated <= near + 1e-6).all()
    assert (near <= scene.pupils).all()
    assert seated.sum() <= scene.seats.sum() + 1e-6
    assert list(near.index) == list(seated.index) == list(scene.pairs.origins)


@laws
@given(scenes(), st.integers(0, 1200), st.integers(0, 300), st.floats(0, 100))
def test_farther_and_more_seats_never_seat_fewer(scene, radius_m, farther, more):
    near, seated = both(scene, radius_m)
    wider_near, wider_seated = both(scene, radius_m + farther)
    assert (wider_near >= near).all()
    assert wider_seated.sum() >= seated.sum() - 1e-6
    assert both(scene, radius_m, seats=scene.seats + more)[1].sum() >= seated.sum() - 1e-6


@laws
@given(scenes(), st.integers(0, 1200))
def test_networkx_seats_as_many(scene, radius_m):
    graph = nx.DiGraph()
    graph.add_nodes_from(["source", "sink"])
    for home, pupils in enumerate(scene.pupils):
        graph.add_edge("source", ("u", home), capacity=pupils)
    for school, seats in enumerate(scene.seats):
        graph.add_edge(("s", school), "sink", capacity=seats)
    for home, school in zip(*np.nonzero(scene.metres <= radius_m), strict=True):
        graph.add_edge(("u", int(home)), ("s", int(school)))
    expected = nx.maximum_flow_value(graph, "source", "sink")
    assert both(scene, radius_m)[1].sum() == pytest.approx(expected, abs=1e-4)


def test_a_full_school_is_near_but_has_no_seat():
    pairs = pairs_of(np.array([[300.0, 2000.0], [400.0, 2000.0], [900.0, 2000.0]]))
    pupils, seats = [60, 60, 60], [90, 500]
    near = near_pupils(pairs, pupils=pupils, seats=seats, radius_m=500)
    seated = seated_pupils(pairs, pupils=pupils, seats=seats, radius_m=500)
    assert near.tolist() == [60, 60, 0]
    assert seated.tolist() == [60, 30, 0]
    closed = near_pupils(pairs, pupils=pupils, seats=[0, 500], radius_m=500)
    assert closed.tolist() == [0, 0, 0]
