"""A real OpenStreetMap extract: Porto Alegre, as r5r ships it."""

import geopandas as gpd
import pytest
import shapely

from layoutplan.city.readers import read_table
from layoutplan.dictionary import check_frame, input_table
from layoutplan.dictionary.table_log import TableLog
from layoutplan.errors import FaultLog
from layoutplan.plan.settings import TableSettings
from layoutplan.standards import load_profile
from layoutplan.travel import build_network, keep_to_side
from layoutplan.travel.distances import walk_matrix

pytestmark = pytest.mark.real
CRS = 31982


def read(path, table):
    log = FaultLog()
    raw = read_table(path, TableSettings(file=path), log=TableLog(log, file=path.name, table=table))
    if raw is None:
        return [fault.code for fault in log]
    frame = check_frame(
        raw.frame, input_table(table), file=path.name, columns={}, values={}, used={}, log=log
    )
    assert not log.errors
    return gpd.GeoDataFrame(frame, geometry=raw.frame["geometry"], crs=raw.crs).to_crs(CRS)


@pytest.fixture(scope="module")
def extract(real_data):
    return real_data / "osm_porto_alegre" / "poa_osm.pbf"


@pytest.fixture(scope="module")
def network(extract):
    excluded = load_profile("cn-national").at(2025).words("walking.excluded_classes")
    return build_network(read(extract, "roads"), exclude_classes=excluded)


def test_the_walking_graph_has_the_published_size(network):
    """Published: 37,667 nodes and 44,538 edges, every node of every walkable way counting.

    Ours has nodes where ways meet or end only: 18,858 and 25,948. With the shape points between them counted
    too it is 37,898 and 44,988, 0.6 and 1.0 % more. Part of that is ways closed by ``access`` that ``foot``
    opens, which are walked here: without them the extract's ways have 37,756 nodes and 44,807 segments.
    """
    inner = int((shapely.get_num_coordinates(network.edges) - 2).sum())
    assert (network.report.nodes, network.report.edges) == (18_858, 25_948)
    assert network.report.nodes + inner == pytest.approx(37_667, rel=0.01)
    assert network.report.edges + inner == pytest.approx(44_538, rel=0.011)


def test_ways_are_joined_where_they_share_a_node_and_nowhere_else(network):
    assert (network.report.crossings, network.report.mended_ends) == (0, 0)
    assert network.report.main_share == pytest.approx(0.985, abs=0.001)
    assert network.report.dead_ends == 3_046


def test_main_roads_and_their_crossings_are_in_the_extract(extract, network):
    barriers = read(extract, "barriers")
    assert barriers["kind"].value_counts().to_dict() == {
        "crossing": 2_699,
        "trunk_road": 499,
        "railway": 5,
        "expressway": 2,
    }
    safe = keep_to_side(network, barriers, crossing_m=30)
    assert safe.report.barrier_corners == 375
    assert safe.report.barrier_crossings == 620
    homes = gpd.GeoSeries(shapely.points(network.nodes[::100]), crs=network.crs)
    shut = keep_to_side(network, barriers[barriers["kind"] != "crossing"], crossing_m=30)
    free, kept, never = (
        len(walk_matrix(homes, homes, limit_m=1500, network=one).metres) for one in (network, safe, shut)
    )
    assert free >= kept > never


def test_a_truncated_extract_is_refused(extract, tmp_path):
    for count in (500_000, -10):
        cut = tmp_path / "cut.osm.pbf"
        cut.write_bytes(extract.read_bytes()[:count])
        assert read(cut, "roads") == ["osm_truncated"]
