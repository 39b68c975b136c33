"""OpenStreetMap extracts as roads and barriers."""

from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import Point

from layoutplan.city.openstreetmap import cut_extracts
from layoutplan.city.placing import PlacedTable
from layoutplan.city.readers import read_table
from layoutplan.dictionary import check_frame, input_table
from layoutplan.dictionary.table_log import TableLog
from layoutplan.errors import FaultLog
from layoutplan.plan.settings import TableSettings
from layoutplan.travel import build_network

NODES = {
    1: (113.000, 34.000),
    2: (113.001, 34.000),
    3: (113.002, 34.000),
    4: (113.001, 34.001),
    5: (113.001, 33.999),
    6: (113.0005, 33.9995),
    7: (113.0005, 34.0005),
}
WAYS = {
    10: ([1, 2, 3], {"highway": "residential", "name": "中原路"}),
    11: ([4, 2, 5], {"highway": "primary"}),
    12: ([6, 7], {"highway": "footway", "bridge": "yes", "layer": "1"}),
    13: ([1, 4], {"highway": "trunk"}),
    14: ([1, 5], {"highway": "trunk", "sidewalk": "both"}),
    15: ([3, 4], {"highway": "service", "access": "private"}),
    16: ([3, 5], {"highway": "service", "access": "private", "foot": "designated"}),
    17: ([6, 5], {"highway": "cycleway", "foot": "no", "layer": "1;2", "oneway": "-1"}),
    18: ([4, 7], {"highway": "construction"}),
    19: ([5, 6], {"railway": "rail"}),
    20: ([6, 1], {"railway": "rail", "bridge": "viaduct"}),
    21: ([7, 3], {"waterway": "river", "name": "索河"}),
    22: ([4, 3], {"highway": "pedestrian", "area": "yes"}),
}
TAGGED = {2: {"highway": "crossing"}, 6: {"railway": "level_crossing"}, 7: {"highway": "bus_stop"}}


def write(path: Path) -> Path:
    def tags(found):
        return "".join(f'<tag k="{key}" v="{value}"/>' for key, value in found.items())

    nodes = "".join(
        f'<node id="{node}" lon="{lon}" lat="{lat}">{tags(TAGGED.get(node, {}))}</node>'
        for node, (lon, lat) in NODES.items()
    )
    ways = "".join(
        f'<way id="{way}">{"".join(f"<nd ref={chr(34)}{ref}{chr(34)}/>" for ref in refs)}{tags(found)}</way>'
        for way, (refs, found) in WAYS.items()
    )
    path.write_text(f'<?xml version="1.0"?><osm version="0.6">{nodes}{ways}</osm>', encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def extract(tmp_path_factory) -> Path:
    return write(tmp_path_factory.mktemp("osm") / "town.osm")


def read(path: Path, table: str) -> tuple[gpd.GeoDataFrame | None, list[str]]:
    log = FaultLog()
    raw = read_table(path, TableSettings(file=path), log=TableLog(log, file=path.name, table=table))
    if raw is None:
        return None, [fault.code for fault in log]
    frame = check_frame(
        raw.frame, input_table(table), file=path.name, columns={}, values={}, used={}, log=log
    )
    assert not log.errors
    return gpd.GeoDataFrame(frame, geometry=raw.frame["geometry"], crs=raw.crs), []


def test_streets_come_with_what_their_tags_say(extract):
    roads, _ = read(extract, "roads")
    assert roads.index.tolist() == [f"w{way}" for way in (10, 11, 12, 13, 14, 15, 16, 17)]
    assert roads.loc["w10", ["road_id", "name", "road_class"]].tolist() == ["10", "中原路", "residential"]
    assert roads["bridge"].tolist() == [False, False, True, False, False, False, False, False]
    assert roads["layer"].astype(object).where(roads["layer"].notna(), None).tolist()[2] == 1
    assert roads.loc["w17", "oneway"]
    assert set(roads["joined_at"]) == {"vertices"}
    assert roads.crs.to_epsg() == 4326


def test_trunk_roads_and_private_ways_are_walked_only_where_the_map_says_so(extract):
    said = read(extract, "roads")[0]["walkable"].astype(object)
    assert said[["w13", "w15", "w17"]].tolist() == [False, False, False]
    assert said["w16"]
    assert said[["w10", "w11", "w12", "w14"]].isna().all()


def test_ways_meet_at_shared_nodes_alone(extract):
    """The footbridge crosses w10 and w13 without a node; the primary road shares node 2 with w10."""
    roads, _ = read(extract, "roads")
    network = build_network(roads.to_crs(4547), exclude_classes=["motorway"])
    assert network.report.crossings == 0
    assert network.report.mended_ends == 0
    # nodes 1, 2, 3, 4, 5 and the two ends of the footbridge, which nothing else that is walkable touches
    assert (network.report.nodes, network.report.edges, network.report.components) == (7, 7, 2)


def test_barriers_are_what_lies_on_the_ground(extract):
    barriers, _ = read(extract, "barriers")
    assert barriers["kind"].to_dict() == {
        "w11": "trunk_road",
        "w13": "trunk_road",
        "w14": "trunk_road",
        "w19": "railway",
        "w21": "river",
        "n2": "crossing",
        "n6": "crossing",
    }
    assert barriers.loc["w21", "name"] == "索河"
    assert barriers.loc["n2", "geometry"] == Point(113.001, 34.0)


def test_other_tables_are_refused(extract):
    assert read(extract, "schools") == (None, ["osm_other_table"])


def test_an_extract_that_breaks_off_is_refused(extract, tmp_path):
    cut = tmp_path / "cut.osm"
    cut.write_bytes(extract.read_bytes()[:-60])
    assert read(cut, "roads") == (None, ["osm_truncated"])
    junk = tmp_path / "junk.osm.pbf"
    junk.write_bytes(b"no extract at all" * 50)
    assert read(junk, "roads") == (None, ["content_other"])


def test_an_extract_without_streets_says_so(tmp_path):
    empty = tmp_path / "empty.osm"
    empty.write_text('<?xml version="1.0"?><osm version="0.6"><node id="1" lon="1" lat="1"/></osm>')
    for table in ("roads", "barriers"):
        assert read(empty, table) == (None, ["no_records"])


def placed(*lon_lat: tuple[float, float]) -> PlacedTable:
    shapes = gpd.GeoSeries([Point(*place) for place in lon_lat], crs="EPSG:4326")
    return PlacedTable(frame=gpd.GeoDataFrame({"n": range(len(shapes))}), shapes=shapes, datum="")


def cut(**files: PlacedTable):
    log = FaultLog()
    names = {"roads": "china.osm.pbf", "units": "units.csv"}
    logs = {name: TableLog(log, file=names[name], table=name) for name in files}
    return cut_extracts(files, logs=logs), [(fault.code, dict(fault.params)) for fault in log]


def test_what_of_a_province_lies_far_from_the_city_is_left_out():
    units = placed((113.6, 34.7), (113.7, 34.8))
    kept, said = cut(units=units, roads=placed((113.65, 34.75), (113.8, 34.75), (115.0, 34.0)))
    assert len(kept["roads"].shapes) == len(kept["roads"].frame) == 2
    assert kept["units"] is units
    assert said == [("extract_cut", {"kilometres": "20", "kept": 2, "far": 1})]


def test_the_extract_of_another_place_is_refused():
    _, said = cut(units=placed((113.6, 34.7)), roads=placed((-51.2, -30.0)))
    assert said == [("extract_elsewhere", {"kilometres": "20"})]
