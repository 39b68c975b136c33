"""Roads tables as they come: gaps, doubles, parts, classes."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import LineString, MultiLineString, Point

from layoutplan.travel.streets import AT_GRADE, BRIDGE, TUNNEL, clean_streets
from tests.travel.drawn import CRS, roads


def test_every_drop_is_counted():
    table = roads(
        [
            [(0, 0), (100, 0)],
            [(100, 0), (0, 0)],  # the same, drawn backwards
            None,
            LineString(),
            [(5, 5), (5, 5)],
            [(0, 0), (0, 0.001)],
            LineString(np.array([(0, 0), (np.inf, 1)])),
            MultiLineString([[(0, 0), (0, 50)], [(0, 60), (0, 90)]]),
            [(0, 9), (9, 9)],
        ],
        road_class=["street"] * 8 + ["motorway"],
    )
    streets = clean_streets(table, exclude_classes=["motorway", "not there"])
    assert (streets.rows, len(streets.lines)) == (9, 3)
    assert (streets.empty, streets.zero_length, streets.duplicates) == (3, 2, 1)
    assert streets.excluded == (("motorway", 1),)
    assert streets.road_ids.tolist() == ["r0", "r7", "r7"]


def test_nulls_mean_no_and_ground_level():
    table = roads(
        [[(0, k), (9, k)] for k in range(4)],
        bridge=pd.array([True, None, False, False], dtype="boolean"),
        tunnel=[None, True, False, None],
        layer=pd.array([1, None, -1, 0], dtype="Int64"),
    )
    streets = clean_streets(table)
    assert streets.kinds.tolist() == [BRIDGE, TUNNEL, AT_GRADE, AT_GRADE]
    assert streets.layers.tolist() == [1, 0, -1, 0]


def test_a_roads_own_word_outweighs_its_class():
    table = roads(
        [[(0, k), (9, k)] for k in range(5)],
        road_class=["Motorway", "motorway", "street", "street", None],
        walkable=pd.array([None, True, False, None, False], dtype="boolean"),
    )
    streets = clean_streets(table, exclude_classes=["motorway "])
    assert streets.road_ids.tolist() == ["r1", "r3"]
    assert streets.excluded == (("", 1), ("Motorway", 1), ("street", 1))


def test_a_double_on_another_layer_is_not_a_double():
    same = [[(0, 0), (9, 0)]] * 3
    assert clean_streets(roads(same, bridge=[False, True, False], layer=[0, 0, 0])).duplicates == 1
    assert clean_streets(roads(same, bridge=[False] * 3, layer=[0, 1, 2])).duplicates == 0


def test_heights_and_missing_columns_do_not_matter():
    table = gpd.GeoDataFrame(geometry=[LineString([(0, 0, 5), (3, 4, 9)])], index=["a"], crs=CRS)
    streets = clean_streets(table, exclude_classes=["motorway"])
    assert streets.road_ids.tolist() == ["a"]
    assert streets.lines[0].length == 5


def test_an_empty_table_is_no_streets():
    assert len(clean_streets(roads([])).lines) == 0


def test_the_table_is_not_changed():
    table = roads([[(0, 0), (9, 0)], None], layer=[None, 1])
    before = table.copy()
    clean_streets(table)
    pd.testing.assert_frame_equal(table, before)


def test_points_are_no_roads():
    with pytest.raises(ValueError, match="POINT"):
        clean_streets(roads([Point(0, 0)]))
