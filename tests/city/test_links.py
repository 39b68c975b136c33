"""Who belongs to whom: levels of districts, and schools that close."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point, box

from layoutplan.city.links import district_of, link_schools, split_districts
from layoutplan.dictionary.table_log import TableLog
from layoutplan.errors import FaultLog
from layoutplan.standards import load_profile

CRS = "EPSG:4547"


def districts(*rows):
    names, kinds, parents, shapes = zip(*rows, strict=True)
    frame = {"kind": [*kinds], "parent_id": [*parents]}
    return gpd.GeoDataFrame(
        frame, geometry=[*shapes], index=pd.Index(names, name="district_id", dtype=object), crs=CRS
    )


WEST, EAST = box(0, 0, 10, 10), box(10, 0, 20, 10)
BOTH = box(0, 0, 20, 10)


def test_school_districts_lie_over_the_others():
    given = districts(
        ("T1", "township", None, WEST), ("T2", "township", None, EAST), ("X1", "school_district", "T1", WEST)
    )
    dividing, groups = split_districts(given)
    assert [*dividing.index] == ["T1", "T2"]
    assert [*groups.index] == ["X1"]


def test_alone_they_divide_the_area():
    dividing, groups = split_districts(districts(("X1", "school_district", None, WEST)))
    assert [*dividing.index] == [*groups.index] == ["X1"]


def test_a_district_of_townships_is_not_counted_beside_them():
    given = districts(
        ("D", "district", None, BOTH), ("T1", "township", "D", WEST), ("T2", "township", "D", EAST)
    )
    assert [*split_districts(given)[0].index] == ["T1", "T2"]


@pytest.mark.parametrize(("stated", "found"), [("T2", "T2"), ("X1", "T1"), (None, "T1")])
def test_a_district_of_another_level_is_replaced_by_the_one_that_holds_the_place(stated, found):
    """A unit in the west that states T2 is believed; one that states its 学区 is put where it lies."""
    dividing, _ = split_districts(
        districts(
            ("T1", "township", None, WEST),
            ("T2", "township", None, EAST),
            ("X1", "school_district", "T1", WEST),
        )
    )
    unit = gpd.GeoDataFrame({"district_id": [stated]}, geometry=[Point(5, 5)], crs=CRS)
    assert district_of(unit, dividing).tolist() == [found]


def test_a_school_that_closes_is_not_missed_without_a_catchment():
    schools = gpd.GeoDataFrame(
        {"school_id": ["A", "B", "C"], "school_type": "primary", "ownership": "public"}
        | {"catchment_primary": [("C1",), None, None], "closed_year": [None, None, 2023]},
        geometry=[Point(1, 1), Point(2, 2), Point(3, 3)],
        crs=CRS,
    )
    catchments = gpd.GeoDataFrame(
        {"catchment_id": ["C1"], "stage": ["primary"], "school_ids": [None]}, geometry=[WEST], crs=CRS
    )
    log = FaultLog()
    note = TableLog(log, "catchments.csv", "catchments")
    links = link_schools(
        catchments,
        schools,
        stages=("primary",),
        schooling=load_profile("cn-national").schooling,
        ownership=("public",),
        log=note,
    )
    assert links["school_id"].tolist() == ["A"]
    (said,) = log.notes
    assert (said.code, said.params["schools"]) == ("school_without_catchment", "B")
