"""Catchments that overlap: shared on purpose, a strip of drawing, or a contradiction."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.geometry import Point, box

from layoutplan.city.shared_areas import find_overlaps, with_shared_areas
from tests.city.office import Office, rectangle

HOMES = np.array([box(0, 0, 5000, 5000)], dtype=object)


def kinds(*shapes: Any, homes: Any = HOMES, tolerance_m2: float = 100.0) -> list[str]:
    found = find_overlaps(np.array(shapes, dtype=object), homes, tolerance_m2=tolerance_m2)
    return list(found.kind)


def test_an_overlap_is_told_by_shape_and_by_who_lives_there() -> None:
    one = box(0, 0, 1000, 1000)
    nobody = np.array([Point(100, 100)], dtype=object)
    cases = {
        "touching": (kinds(one, box(1000, 0, 2000, 1000)), []),
        "within the tolerance": (kinds(one, box(999.95, 0, 2000, 1000)), ["sliver"]),
        "long and narrow": (kinds(one, box(960, 0, 2000, 1000)), ["strip"]),
        "wide": (kinds(one, box(700, 0, 2000, 1000)), ["shared"]),
        "wide, but nobody lives there": (kinds(one, box(700, 0, 2000, 1000), homes=nobody), ["strip"]),
        "more than half": (kinds(one, box(400, 0, 2000, 1000)), ["conflict"]),
        "tolerated however wide": (kinds(one, box(700, 0, 2000, 1000), tolerance_m2=1e6), ["sliver"]),
    }
    wrong = {name: found for name, (found, want) in cases.items() if found != want}
    assert not wrong


def test_three_catchments_share_a_place_and_two_of_them_more() -> None:
    shapes = [box(0, 0, 1000, 1000), box(700, 0, 1700, 1000), box(800, 600, 1500, 1600)]
    table = gpd.GeoDataFrame(
        {"catchment_id": ["A", "B", "C"], "stage": "primary", "name": ["甲", None, "丙"]},
        geometry=shapes,
        crs="EPSG:4547",
    )
    found = find_overlaps(np.array(shapes, dtype=object), HOMES, tolerance_m2=100.0)
    shared = with_shared_areas(table, {"primary": found}, name="{names} (shared)")
    assert dict(shared.of) == {"A+B+C": ("A", "B", "C"), "A+B": ("A", "B"), "B+C": ("B", "C")}
    whole = shared.catchments
    assert whole["name"].tolist()[2:4] == ["丙", "甲 + B + 丙 (shared)"]
    assert whole.area.sum() == pytest.approx(shapely.union_all(shapes).area)
    links = pd.DataFrame(
        {"catchment_id": ["A", "B", "C"], "stage": "primary", "school_id": ["SA", "SB", "SC"]}
    )
    held = shared.links(links).groupby("catchment_id")["school_id"].agg(list)
    assert held["A+B"] == ["SA", "SB"]
    assert held["A+B+C"] == ["SA", "SB", "SC"]


def test_a_city_with_a_shared_area(tmp_path: Any) -> None:
    """The southern catchment reaches 300 m into the northern one: 20 per cent of the north is shared."""
    office = Office(tmp_path)
    office.plan += '[population]\nspread_by = "area"\n'
    frame = office.frames["catchments"]
    shapes = list(frame.geometry)
    shapes[1] = rectangle(0, 0, 3000, 1800)
    plain = frame.drop(columns="geometry")
    office.frames["catchments"] = gpd.GeoDataFrame(plain, geometry=shapes, crs="EPSG:4547")
    city = office.load()
    assert "catchments_shared" in {note.code for note in city.notes}
    shared = [key for key in city.catchments.index if "+" in key]
    assert len(shared) == 1
    links = city.catchment_schools
    assert sorted(links.loc[links["catchment_id"] == shared[0], "school_id"]) == ["S1", "S2"]
    outlines = city.catchments[city.catchments["stage"] == "primary"].geometry
    assert outlines.area.sum() == pytest.approx(9e6, abs=1)
    held = city.unit_catchments["primary"]
    inside = city.units["residents"].groupby(held).sum()
    assert inside.sum() == pytest.approx(21_000)
    assert inside[shared[0]] == pytest.approx(0.2 * 15_000)
