"""A catchment without a name of its own is called by its schools: readers know no numbers."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
from shapely.geometry import box

from layoutplan.city.links import named_by_schools


def catchments(*rows):
    frame = pd.DataFrame(rows, columns=["catchment_id", "stage", "name", "name_en"])
    return gpd.GeoDataFrame(frame, geometry=[box(0, 0, 1, 1)] * len(frame))


SCHOOLS = pd.DataFrame(
    {"school_id": ["A", "B", "C"], "name": ["银杏小学", "榆树小学", None], "name_en": ["Ginkgo", "Elm", None]}
)


def test_its_schools_name_it_and_a_name_of_its_own_stays():
    given = catchments(
        ("1", "primary", None, None),
        ("2", "primary", "老片区", None),
        ("3", "primary", None, None),
        ("4", "primary", None, None),
    )
    links = pd.DataFrame(
        [("1", "primary", "A"), ("1", "primary", "B"), ("2", "primary", "A"), ("3", "primary", "C")],
        columns=["catchment_id", "stage", "school_id"],
    )
    found = named_by_schools(given, links, SCHOOLS)
    assert found["name"].tolist()[:2] == ["银杏小学 / 榆树小学", "老片区"]
    assert found["name_en"][0] == "Ginkgo / Elm"
    assert found["name_en"].isna()[1]  # romanised from its own name
    assert found["name"].isna().tolist()[2:] == [True, True]  # a school without a name, and no school
    assert given["name"].isna().sum() == 3


def test_two_of_one_school_keep_their_numbers_and_stages_are_apart():
    given = catchments(
        ("1", "primary", None, None), ("2", "primary", None, None), ("3", "junior", None, None)
    )
    links = pd.DataFrame(
        [("1", "primary", "A"), ("2", "primary", "A"), ("3", "junior", "A")],
        columns=["catchment_id", "stage", "school_id"],
    )
    found = named_by_schools(given, links, SCHOOLS)
    assert found["name"].tolist() == ["银杏小学 (1)", "银杏小学 (2)", "银杏小学"]
