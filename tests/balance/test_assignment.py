"""The best assignment, against networkx and by laws."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutplan.balance.arcs import Walks
from layoutplan.balance.assignment import place_stage
from tests.examples import examples

law = settings(max_examples=examples(60))


@st.composite
def problems(draw):
    units, schools = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    pupils = draw(st.lists(st.integers(0, 30), min_size=units, max_size=units))
    seats = draw(st.lists(st.integers(0, 40), min_size=schools, max_size=schools))
    pairs = [(unit, school) for unit in range(units) for school in range(schools)]
    kept = draw(st.lists(st.sampled_from(pairs), unique=True)) or pairs[:1]
    metres = {pair: draw(st.integers(0, 2000)) for pair in sorted(kept)}
    order = sorted(metres, key=lambda pair: (pair[0], metres[pair], pair[1]))
    walks = Walks(
        units=np.array([pair[0] for pair in order]),
        schools=np.array([pair[1] for pair in order]),
        metres=np.array([float(metres[pair]) for pair in order]),
    )
    return np.array(pupils, float)[:, None], np.array(seats, float)[:, None], walks


def by_networkx(pupils, seats, walks):
    graph = nx.DiGraph()
    for unit, count in enumerate(pupils[:, 0]):
        graph.add_edge("from", ("u", unit), capacity=int(count), weight=0)
    for school, count in enumerate(seats[:, 0]):
        graph.add_edge(("s", school), "to", capacity=int(count), weight=0)
    for unit, school, metres in zip(walks.units, walks.schools, walks.metres, strict=True):
        graph.add_edge(("u", int(unit)), ("s", int(school)), weight=int(metres))
    flow = nx.max_flow_min_cost(graph, "from", "to")
    return sum(flow["from"].values()), nx.cost_of_flow(graph, flow)


@law
@given(problems())
def test_as_many_served_for_the_same_walk_as_networkx(problem):
    pupils, seats, walks = problem
    placed = place_stage(pupils, seats, walks)
    year = placed.years[0]
    served, metres = by_networkx(pupils, seats, walks)
    assert placed.served.sum() == pytest.approx(served)
    assert (year.pupils * year.walks.metres).sum() == pytest.approx(metres)


@law
@given(problems(), st.integers(0, 30))
def test_more_seats_never_leave_more_unserved(problem, extra):
    pupils, seats, walks = problem
    more = seats.copy()
    more[0] += extra
    assert (
        place_stage(pupils, more, walks).served.sum() >= place_stage(pupils, seats, walks).served.sum() - 1e-6
    )


@law
@given(problems())
def test_sums_by_unit_and_school_are_those_of_the_walks(problem):
    pupils, seats, walks = problem
    placed = place_stage(pupils, seats, walks)
    assert placed.served.sum() == pytest.approx(placed.assigned.sum())
    assert (placed.served <= pupils).all()
    assert (placed.assigned <= seats).all()
    assert (placed.years[0].pupils > 0).all()


def test_a_year_like_an_earlier_one_takes_over_its_placement():
    pupils, seats = np.array([[10.0, 10.0, 12.0]]), np.array([[8.0, 8.0, 8.0]])
    walks = Walks(units=np.array([0]), schools=np.array([0]), metres=np.array([250.0]))
    placed = place_stage(pupils, seats, walks)
    assert placed.years[1] is placed.years[0]
    assert placed.years[2] is not placed.years[0]
    assert placed.served.tolist() == [[8.0, 8.0, 8.0]]


def test_without_walks_nobody_is_served():
    nowhere = Walks(units=np.array([], int), schools=np.array([], int), metres=np.array([]))
    placed = place_stage(np.array([[5.0]]), np.array([[5.0]]), nowhere)
    assert placed.served.tolist() == [[0.0]]
