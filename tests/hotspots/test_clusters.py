"""Density clusters against their definition, and the laws of the map."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutplan.hotspots import cluster_pupils
from tests.examples import examples


def groups(labels: np.ndarray) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(labels == label).tolist()) for label in set(labels.tolist()) - {-1}}


def by_definition(
    points: np.ndarray, pupils: np.ndarray, *, radius: float, least: float
) -> set[frozenset[int]]:
    """Oracle: the docstring, word by word, in n² steps."""
    metres = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    there = pupils > 0
    near = (metres <= radius) & there[None, :] & there[:, None]
    dense = there & ((near * pupils[None, :]).sum(axis=1) >= least - 1e-9)
    graph = nx.Graph()
    graph.add_nodes_from(np.flatnonzero(dense).tolist())
    graph.add_edges_from(np.argwhere(near & dense[:, None] & dense[None, :]).tolist())
    members = [set(part) for part in nx.connected_components(graph)]
    for point in np.flatnonzero(there & ~dense):
        reach = [other for other in np.flatnonzero(dense) if metres[point, other] <= radius]
        if reach:
            closest = min(reach, key=lambda other: metres[point, other])
            next(part for part in members if closest in part).add(int(point))
    return {frozenset(part) for part in members if pupils[[*part]].sum() >= least - 1e-9}


def random_town(seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    points = random.uniform(0, 1500, (50, 2))
    return points, random.choice([0.0, 1.5, 6.0, 20.0], 50)


@settings(max_examples=examples(60))
@given(seed=st.integers(0, 9999), radius=st.sampled_from([100.0, 200.0, 350.0]), least=st.integers(1, 60))
def test_clusters_are_those_of_the_definition(seed, radius, least):
    points, pupils = random_town(seed)
    labels = cluster_pupils(points, pupils, radius_m=radius, min_pupils=least)
    assert groups(labels) == by_definition(points, pupils, radius=radius, least=least)
    assert (labels[pupils == 0] == -1).all()
    totals = [pupils[labels == label].sum() for label in range(labels.max() + 1)]
    assert totals == sorted(totals, reverse=True)
    assert all(total >= least for total in totals)


@settings(max_examples=examples(40))
@given(seed=st.integers(0, 9999))
def test_order_place_and_unit_of_counting_change_nothing(seed):
    points, pupils = random_town(seed)
    order = np.random.default_rng(seed).permutation(len(points))
    labels = cluster_pupils(points, pupils, radius_m=200.0, min_pupils=30)
    shuffled = cluster_pupils(points[order], pupils[order], radius_m=200.0, min_pupils=30)
    assert shuffled.tolist() == labels[order].tolist()
    moved = cluster_pupils(
        points + np.array([467_000.25, 3_848_000.5]), pupils, radius_m=200.0, min_pupils=30
    )
    assert moved.tolist() == labels.tolist()
    thousand = cluster_pupils(points, pupils / 1000, radius_m=200.0, min_pupils=0.03)
    assert thousand.tolist() == labels.tolist()


@pytest.mark.parametrize(("pupils", "label"), [(44.0, -1), (45.0, 0), (44.9999999999, 0)])
def test_just_enough_pupils_are_enough(pupils, label):
    assert cluster_pupils([[0.0, 0.0]], [pupils], radius_m=100, min_pupils=45).tolist() == [label]


def test_many_fractions_that_sum_to_the_least_are_enough():
    points = np.zeros((450, 2))
    assert (cluster_pupils(points, [0.1] * 450, radius_m=100, min_pupils=45) == 0).all()


def test_a_point_between_two_clusters_joins_the_nearer_one_and_the_other_may_be_too_small():
    points = np.array([[-100, 0], [0, 0], [105, 0], [200, 0], [300, 0]])
    pupils = np.array([60, 10, 1, 10, 60])
    for order in ([0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 0, 4, 1, 3]):
        # 71 within 110 m of the points at 0 and 200, only with the one pupil between them; 200 is nearer.
        labels = cluster_pupils(points[order], pupils[order], radius_m=110, min_pupils=71)
        assert dict(zip(order, labels.tolist(), strict=True)) == {0: -1, 1: -1, 2: 0, 3: 0, 4: 0}


def test_nobody_unserved_is_no_cluster():
    assert cluster_pupils([[0, 0], [1, 1]], [0, 0], radius_m=100, min_pupils=45).tolist() == [-1, -1]
    assert cluster_pupils(np.empty((0, 2)), [], radius_m=100, min_pupils=45).tolist() == []
    assert cluster_pupils([[0, 0]], [0.5], radius_m=100, min_pupils=0).tolist() == [0]
