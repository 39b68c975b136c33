"""The walking network and its report."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import LineString, MultiLineString

from layoutplan.errors import InputError
from layoutplan.travel import build_network
from tests.travel.drawn import laws, roads, street_maps

TOWN = [[(0, 0), (100, 0)], [(100, 0), (100, 80)], [(0, 0), (50, -30), (100, 0)]]


def test_a_ring_traced_there_and_back_is_the_same_from_its_other_end():
    there_and_back = LineString([(0, 40), (40, 80), (80, 120), (0, 40)])
    once = build_network(roads([there_and_back])).report
    twice = build_network(roads([there_and_back, there_and_back.reverse()])).report
    assert (twice.duplicates, twice.edges, twice.metres) == (1, once.edges, once.metres)


def test_the_graph_is_symmetric_and_keeps_the_shortest_of_parallel_edges():
    network = build_network(roads(TOWN))
    assert (network.graph != network.graph.T).nnz == 0
    west, east = (
        int(np.flatnonzero((network.nodes == place).all(axis=1))[0]) for place in ([0, 0], [100, 0])
    )
    assert network.graph[west, east] == 100.0
    assert (network.report.nodes, network.report.edges, network.report.end_links) == (3, 3, 2)
    assert network.report.metres == pytest.approx(280 + 2 * (50**2 + 30**2) ** 0.5 - 100)


def test_components_are_numbered_by_length_and_small_ones_are_islands():
    far = [[(0, 900), (6000, 900)], [(0, 2000), (7000, 2000)]]
    network = build_network(roads([*TOWN, *far]))
    lengths = [network.edge_metres[network.component[network.edge_ends[:, 0]] == k].sum() for k in range(3)]
    assert lengths == sorted(lengths, reverse=True)
    assert network.islands.tolist() == [False, False, True]
    assert (network.report.components, network.report.islands) == (3, 1)
    assert network.report.main_share == pytest.approx(2 / 7)
    assert network.larger_edges.tolist() == np.flatnonzero(~network.edge_on_island).tolist()


def test_a_small_town_is_no_island():
    assert build_network(roads(TOWN)).islands.tolist() == [False]


def test_excluded_classes_are_not_in_the_network():
    table = roads(TOWN, road_class=["street", "motorway", None])
    network = build_network(table, exclude_classes=("motorway",))
    assert set(network.edge_road_ids) == {"r0", "r2"}
    assert network.report.excluded == (("motorway", 1),)


@pytest.mark.parametrize("table", [roads([]), roads([None]), roads(TOWN, road_class=["x"] * 3)])
def test_no_roads_make_an_empty_network(table):
    network = build_network(table, exclude_classes=["x"])
    assert network.nodes.shape == (0, 2)
    assert network.graph.shape == (0, 0)
    assert (network.report.components, network.report.main_share, network.report.metres) == (0, 0.0, 0.0)


def test_longitude_and_latitude_are_refused():
    lines = gpd.GeoDataFrame(geometry=[LineString([(113.5, 34.7), (113.6, 34.8)])], crs="EPSG:4326")
    with pytest.raises(InputError, match="metres"):
        build_network(lines)


def test_feet_are_refused():
    lines = gpd.GeoDataFrame(geometry=[LineString([(0, 0), (9, 9)])], crs="EPSG:2263")
    with pytest.raises(InputError):
        build_network(lines)


@laws
@given(street_maps, st.randoms(use_true_random=False))
def test_order_direction_and_doubles_of_rows_change_nothing(lines, random):
    plain = build_network(roads(lines))
    mixed = [line.reverse() if random.random() < 0.5 else line for line in [*lines, *lines[:2]]]
    random.shuffle(mixed)
    other = build_network(roads(mixed))
    np.testing.assert_allclose(other.nodes, plain.nodes, atol=1e-9)
    np.testing.assert_allclose(other.graph.toarray(), plain.graph.toarray(), atol=1e-9)
    np.testing.assert_array_equal(other.component, plain.component)
    assert replace(other.report, **_inputs(plain.report)) == replace(plain.report, metres=other.report.metres)


def _inputs(report) -> dict[str, object]:
    """Return the figures that tell what was given, not what was made."""
    return {
        name: getattr(report, name)
        for name in ("rows", "streets", "zero_length", "duplicates", "end_nodes", "end_links")
    }


@laws
@given(street_maps)
def test_parts_of_one_multiline_are_lines_of_their_own(lines):
    whole = build_network(roads([MultiLineString(lines)]))
    apart = build_network(roads(lines))
    np.testing.assert_array_equal(whole.nodes, apart.nodes)
    np.testing.assert_array_equal(whole.edge_metres, apart.edge_metres)


def test_the_roads_are_not_changed():
    table = roads(TOWN, road_class=["a", None, "b"], bridge=[True, None, False])
    before = table.copy()
    build_network(table, exclude_classes=["b"])
    pd.testing.assert_frame_equal(table, before)
