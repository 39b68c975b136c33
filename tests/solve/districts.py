"""Small districting problems, and their answers by trying every plan."""

from __future__ import annotations

import itertools
from typing import Any

import networkx as nx
import numpy as np
from hypothesis import strategies as st

from layoutplan.solve.districting.problem import DistrictingProblem, dense_arcs, districting_problem


def grid_edges(rows: int, columns: int) -> list[tuple[int, int]]:
    """Return the edges of a grid of units, numbered by row."""
    across = [(r * columns + c, r * columns + c + 1) for r in range(rows) for c in range(columns - 1)]
    down = [(r * columns + c, (r + 1) * columns + c) for r in range(rows - 1) for c in range(columns)]
    return across + down


def grid_problem(
    rows: int, columns: int, *, own: list[int], capacity: Any, demand: Any = None, seed: int = 0
) -> DistrictingProblem:
    """Return units on a grid, straight-line costs, and random demand of 1 to 9 where none is given."""
    units = rows * columns
    pupils = np.random.default_rng(seed).integers(1, 10, units) if demand is None else np.asarray(demand)
    place = np.array([(u // columns, u % columns) for u in range(units)], dtype=float)
    metres = np.hypot(*(place[:, None] - place[own][None]).transpose(2, 0, 1))
    weight = pupils if pupils.ndim == 1 else pupils.sum(axis=1)
    return districting_problem(
        pupils,
        np.broadcast_to(np.asarray(capacity, dtype=float), (len(own), *pupils.shape[1:])),
        own=own,
        arcs=dense_arcs(metres * weight[:, None]),
        edges=grid_edges(rows, columns),
    )


@st.composite
def problems(draw: Any) -> DistrictingProblem:
    """Draw up to 7 units and 3 schools; tight or loose, arcs forbidden, units locked, graph in parts."""
    units, columns = draw(st.integers(2, 7)), draw(st.integers(1, 2))
    schools = draw(st.integers(1, min(3, units)))
    own = draw(st.permutations(range(units)))[:schools]
    pairs = list(itertools.combinations(range(units), 2))
    edges = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=len(pairs)))
    if draw(st.booleans()):
        edges += [(u, u + 1) for u in range(units - 1)]
    numbers = st.lists(st.integers(0, 9), min_size=units * columns, max_size=units * columns)
    demand = np.array(draw(numbers), dtype=float).reshape(units, columns)
    seats = st.lists(st.integers(0, 25), min_size=schools * columns, max_size=schools * columns)
    cost = np.array(
        draw(st.lists(st.integers(0, 30), min_size=units * schools, max_size=units * schools)), dtype=float
    ).reshape(units, schools)
    forbidden = draw(st.lists(st.tuples(st.integers(0, units - 1), st.integers(0, schools - 1)), max_size=4))
    for unit, school in forbidden:
        if own[school] != unit:
            cost[unit, school] = np.inf
    locked = np.full(units, -1)
    lock = draw(st.none() | st.tuples(st.integers(0, units - 1), st.integers(0, schools - 1)))
    if lock is not None and lock[0] not in own:
        locked[lock[0]] = lock[1]
    return districting_problem(
        demand,
        np.array(draw(seats), dtype=float).reshape(schools, columns),
        own=own,
        arcs=dense_arcs(cost),
        edges=np.array(edges, dtype=np.int64).reshape(-1, 2),
        locked=locked,
    )


def brute_force(problem: DistrictingProblem) -> tuple[float, float] | None:
    """Return the least overload and, with it, the least cost over every plan; ``None`` if there is none."""
    graph = nx.Graph()
    graph.add_nodes_from(range(problem.units))
    graph.add_edges_from(zip(problem.edge_from.tolist(), problem.edge_to.tolist(), strict=True))
    choices = []
    for unit in range(problem.units):
        low, high = problem.arc_first[unit], problem.arc_first[unit + 1]
        schools = problem.arc_school[low:high].tolist()
        own = np.flatnonzero(problem.own == unit).tolist()
        if own:
            schools = [j for j in schools if j in own]
        if problem.locked[unit] >= 0:
            schools = [j for j in schools if j == problem.locked[unit]]
        choices.append(schools)
    best: tuple[float, float] | None = None
    for plan in itertools.product(*choices):
        assignment = np.array(plan, dtype=np.int64)
        load = np.zeros_like(problem.capacity)
        np.add.at(load, assignment, problem.demand)
        over = float(np.maximum(load - problem.capacity, 0).sum())
        found = (over, float(problem.cost_of(assignment).sum()))
        if best is not None and found >= best:
            continue
        members = [np.flatnonzero(assignment == j).tolist() for j in range(problem.schools)]
        if all(part and nx.is_connected(graph.subgraph(part)) for part in members):
            best = found
    return best
