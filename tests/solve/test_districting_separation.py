"""A contiguity inequality shortened by the seats holds for every connected district within the seats."""

import itertools

import networkx as nx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutplan.solve.districting.separation import SeatRange, Separation
from tests.examples import examples
from tests.solve.districts import grid_problem


def _districts(problem, own, seats):
    """Return every connected set of units with the own unit within the seats."""
    graph = nx.Graph(list(zip(problem.edge_from.tolist(), problem.edge_to.tolist(), strict=True)))
    others = [unit for unit in range(problem.units) if unit != own]
    for size in range(problem.units):
        for chosen in itertools.combinations(others, size):
            members = {own, *chosen}
            within = (problem.demand[list(members)].sum(axis=0) <= seats).all()
            if within and nx.is_connected(graph.subgraph(members)):
                yield members


def _neighbours(problem):
    ends = zip(problem.edge_first[:-1], problem.edge_first[1:], strict=True)
    return [problem.edge_to[a:b].tolist() for a, b in ends]


@settings(max_examples=examples(20))
@given(seed=st.integers(0, 1000), seats=st.integers(5, 40), data=st.data())
def test_inequalities_hold_for_every_connected_district_within_the_seats(seed, seats, data):
    demand = np.random.default_rng(seed).integers(1, 10, (9, 2))
    problem = grid_problem(3, 3, own=[0, 8], capacity=seats, demand=demand)
    shares = data.draw(st.lists(st.floats(0, 1), min_size=9, max_size=9))
    shares[0] = 1.0
    separation = Separation(
        problem, _neighbours(problem), 0, allowed=range(9), seats=np.full(2, float(seats))
    )
    members = {unit for unit, share in enumerate(shares) if share > 0.5} | {0}
    cuts = separation.of_shares(dict(enumerate(shares))) + separation.of_members(members)
    for school, unit, separator in cuts:
        assert school == 0
        for district in _districts(problem, 0, seats):
            assert unit not in district or district & set(separator)


def test_units_on_paths_beyond_the_seats_leave_the_separator():
    """Around the corner of a square: both neighbours of unit 8 separate it, one only by a long way."""
    demand = np.array([1.0, 1, 1, 9, 1, 1, 9, 9, 1])
    problem = grid_problem(3, 3, own=[0, 2], capacity=6, demand=demand)
    reach = SeatRange(_neighbours(problem), 0, allowed=range(9), demand=[demand.tolist()], seats=[6.0])
    assert reach.shorten(8, [5, 7]) == (5,)
    plenty = SeatRange(_neighbours(problem), 0, allowed=range(9), demand=[demand.tolist()], seats=[99.0])
    assert plenty.shorten(8, [5, 7]) == (5, 7)
