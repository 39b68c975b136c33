"""Networks from and to NetworkX."""

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given
from shapely.geometry import LineString

from layoutplan.errors import InputError
from layoutplan.travel import build_network, network_from_networkx, network_to_networkx
from layoutplan.travel.distances import walk_matrix
from tests.travel.drawn import CRS, laws, points, roads, street_maps


@laws
@given(street_maps)
def test_there_and_back_is_the_identity(lines):
    network = build_network(roads(lines, road_class=["residential"] * len(lines)))
    again = network_from_networkx(network_to_networkx(network))
    np.testing.assert_array_equal(again.nodes, network.nodes)
    np.testing.assert_array_equal(again.edge_ends, network.edge_ends)
    np.testing.assert_allclose(again.edge_metres, network.edge_metres, rtol=1e-12)
    np.testing.assert_array_equal(again.component, network.component)
    np.testing.assert_array_equal(again.islands, network.islands)
    assert again.crs == network.crs
    assert sorted(again.edge_road_ids) == sorted(network.edge_road_ids)
    assert set(again.edge_classes) <= {"residential"}


def test_the_graph_is_as_osmnx_writes_it():
    table = roads([[(0, 0), (50, 10), (100, 0)]], road_class=["living_street"], bridge=[True])
    graph = network_to_networkx(build_network(table))
    assert isinstance(graph, nx.MultiDiGraph)
    assert graph.graph["crs"] == CRS
    assert dict(graph.nodes(data=True)) == {0: {"x": 0.0, "y": 0.0}, 1: {"x": 100.0, "y": 0.0}}
    there, back = graph.edges[0, 1, 0], graph.edges[1, 0, 0]
    assert (there["highway"], there["osmid"], there["at_grade"]) == ("living_street", "r0", False)
    assert there["length"] == back["length"] == pytest.approx(2 * np.hypot(50, 10))
    assert list(back["geometry"].coords) == list(there["geometry"].coords)[::-1]
    assert nx.shortest_path_length(graph, 1, 0, weight="length") == there["length"]


def osmnx_graph() -> nx.MultiDiGraph:
    """Return what OSMnx's download of a walking network looks like: degrees, both ways, some lists."""
    graph = nx.MultiDiGraph(crs="epsg:4326")
    graph.add_node(11, x=113.60, y=34.70, street_count=3)
    graph.add_node(12, x=113.61, y=34.70)
    graph.add_node(13, x=113.61, y=34.71, highway="crossing")
    curve = LineString([(113.60, 34.70), (113.605, 34.703), (113.61, 34.70)])
    for key, line in enumerate([None, curve]):
        shape = {} if line is None else {"geometry": line}
        back = {} if line is None else {"geometry": line.reverse()}
        graph.add_edge(
            11, 12, key, osmid=[1, 2], highway=["residential", "path"], length=916.0 + key, **shape
        )
        graph.add_edge(12, 11, key, osmid=[2, 1], highway=["residential", "path"], length=916.0 + key, **back)
    graph.add_edge(12, 13, osmid=3, highway="footway", bridge="yes", length=1109.0, oneway=True)
    return graph


def test_an_osmnx_graph_is_taken_as_it_is():
    network = network_from_networkx(osmnx_graph())
    assert network.crs.to_epsg() == 4547  # chosen: CGCS2000 in three degrees, 114° E
    assert (network.report.nodes, network.report.edges, network.report.components) == (3, 3, 1)
    assert sorted(network.edge_classes) == ["footway", "residential, path", "residential, path"]
    assert network.edge_at_grade.sum() == 2
    straight = np.hypot(*np.diff(network.nodes[network.edge_ends], axis=1)[:, 0].T)
    assert (network.edge_metres >= straight - 1e-6).all()
    np.testing.assert_allclose(sorted(network.edge_metres), [916, 1109, 1132], rtol=0.01)


def test_the_system_to_project_to_may_be_named():
    assert network_from_networkx(osmnx_graph(), crs="EPSG:32649").crs.to_epsg() == 32649
    with pytest.raises(InputError) as refused:
        network_from_networkx(osmnx_graph(), crs="EPSG:4490")
    assert [fault.code for fault in refused.value.faults] == ["roads_not_metres"]


def test_a_plain_graph_of_lengths_will_do():
    graph = nx.path_graph(["a", "b", "c"])
    nx.set_node_attributes(graph, {"a": 0.0, "b": 100.0, "c": 100.0}, "x")
    nx.set_node_attributes(graph, {"a": 0.0, "b": 0.0, "c": 50.0}, "y")
    graph.graph["crs"] = CRS
    graph.edges["a", "b"]["length"] = 130.0
    graph.edges["b", "c"]["length"] = 3.0  # shorter than the straight line: that cannot be
    network = network_from_networkx(graph)
    assert sorted(network.edge_metres) == [50.0, 130.0]
    homes = points([(0, 0)])
    assert walk_matrix(homes, points([(100, 50)]), limit_m=999, network=network).metres.tolist() == [180.0]


def test_rings_are_cut_in_two():
    graph = nx.MultiGraph(crs=CRS)
    graph.add_node(1, x=0.0, y=0.0)
    graph.add_edge(1, 1, geometry=LineString([(0, 0), (30, 0), (30, 30), (0, 30), (0, 0)]))
    network = network_from_networkx(graph)
    assert network.edge_metres.tolist() == [60.0, 60.0]
    assert (network.edge_ends[:, 0] != network.edge_ends[:, 1]).all()


def test_an_empty_graph_is_an_empty_network():
    assert network_from_networkx(nx.Graph(crs=CRS)).report.nodes == 0


@pytest.mark.parametrize(
    ("graph", "code"), [(nx.path_graph(2), "graph_without_places"), (nx.Graph(), "graph_without_crs")]
)
def test_a_graph_that_lies_nowhere_is_refused(graph, code):
    with pytest.raises(InputError) as refused:
        network_from_networkx(graph)
    assert code in [fault.code for fault in refused.value.faults]


def test_nothing_given_is_changed():
    graph = osmnx_graph()
    before = nx.to_dict_of_dicts(graph.copy())
    network_from_networkx(graph)
    assert nx.to_dict_of_dicts(graph) == before
    assert shapely.get_num_coordinates(gpd.GeoSeries(graph.edges[11, 12, 1]["geometry"]))[0] == 3
