"""Cells tile; borders, barriers, crossings and the planner's edges make the graph."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString, Point, Polygon, box
from shapely.affinity import translate

from layoutplan import load_city, load_plan
from layoutplan.adjacency import Adjacency, build_adjacency, unit_cells
from layoutplan.city.city import City
from tests.small_city import CRS, SOUTH, WEST, small_city
from tests.towns.odd_towns import OddTown, write_town

NAMES = ["U1", "U2", "U3", "U4", "U5", "U6"]
GRID = {("U1", "U2"), ("U2", "U3"), ("U4", "U5"), ("U5", "U6"), ("U1", "U4"), ("U2", "U5"), ("U3", "U6")}


def with_tables(city: City, **tables: pd.DataFrame) -> City:
    return replace(city, tables=MappingProxyType({**city.tables, **tables}))


def lines(kind: str, *shapes: Any, crossable: bool = False) -> gpd.GeoDataFrame:
    moved = [translate(shape, WEST, SOUTH) for shape in shapes]
    return gpd.GeoDataFrame({"kind": [kind] * len(moved), "crossable": crossable}, geometry=moved, crs=CRS)


def barriers(*frames: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=CRS)


def roads(*shapes: Any, bridge: list[bool]) -> gpd.GeoDataFrame:
    moved = [translate(shape, WEST, SOUTH) for shape in shapes]
    return gpd.GeoDataFrame({"bridge": bridge, "tunnel": False}, geometry=moved, crs=CRS)


def edges_of(found: Adjacency) -> set[tuple[str, str]]:
    return {(str(found.units[a]), str(found.units[b])) for a, b in found.edges}


def joined(city: City, **options: Any) -> set[tuple[str, str]]:
    return edges_of(build_adjacency(city, crossing_m=30.0, **options))


RIVER = LineString([(-100, 1500), (3100, 1500)])
SOUTH_NORTH = {("U1", "U4"), ("U2", "U5"), ("U3", "U6")}


def test_areas_that_tile_are_their_own_cells_and_corners_are_no_borders() -> None:
    city = small_city()
    cells = unit_cells(city)
    assert shapely.equals(cells.to_numpy(), city.areas.geometry.to_numpy()).all()
    assert joined(city) == GRID


def test_barriers_cut_crossings_join() -> None:
    river, trunk = lines("river", RIVER), lines("trunk_road", RIVER)
    gate = lines("crossing", Point(1500, 1510))
    over = LineString([(500, 1400), (500, 1600)])
    cut = GRID - SOUTH_NORTH
    cases = {
        "a river": (with_tables(small_city(), barriers=river), {}, cut),
        "a river that may be crossed": (
            with_tables(small_city(), barriers=lines("river", RIVER, crossable=True)),
            {},
            GRID,
        ),
        "a trunk road, not asked": (with_tables(small_city(), barriers=trunk), {}, GRID),
        "a trunk road": (with_tables(small_city(), barriers=trunk), {"trunk_roads": True}, cut),
        "a river with a crossing": (
            with_tables(small_city(), barriers=barriers(river, gate)),
            {},
            cut | {("U2", "U5")},
        ),
        "a crossing too far from the border": (
            with_tables(small_city(), barriers=barriers(river, lines("crossing", Point(1500, 1540)))),
            {},
            cut,
        ),
        "a bridge": (
            with_tables(small_city(), barriers=river, roads=roads(over, bridge=[True])),
            {},
            cut | {("U1", "U4")},
        ),
        "a road at grade where others are marked as bridges": (
            with_tables(
                small_city(),
                barriers=river,
                roads=roads(over, LineString([(2500, 1450), (2500, 1550)]), bridge=[False, True]),
            ),
            {},
            cut | {("U3", "U6")},
        ),
        "a road where no bridge is marked anywhere": (
            with_tables(small_city(), barriers=river, roads=roads(over, bridge=[False])),
            {},
            cut | {("U1", "U4")},
        ),
    }
    wrong = {
        name: joined(city, **options)
        for name, (city, options, want) in cases.items()
        if joined(city, **options) != want
    }
    assert not wrong


def test_islands_are_explained_by_what_cuts_them_off() -> None:
    around = LineString([(0, 1500), (1000, 1500), (1000, 0)])
    found = build_adjacency(with_tables(small_city(), barriers=lines("railway", around)), crossing_m=30.0)
    assert [note.code for note in found.notes] == ["adjacency_islands_barred"]
    assert found.component.tolist() == [1, 0, 0, 0, 0, 0]
    assert "U1" in found.notes[0].what("en") or "单元" in found.notes[0].what("zh")
    assert len(found.barred) == 2


def test_the_planner_joins_and_separates() -> None:
    table = pd.DataFrame(
        {
            "unit_a": ["U6", "U1", "U3"],
            "unit_b": ["U1", "U2", "U4"],
            "action": ["join", "separate", "separate"],
        }
    )
    found = build_adjacency(with_tables(small_city(), adjacency=table), crossing_m=30.0)
    assert edges_of(found) == (GRID - {("U1", "U2")}) | {("U1", "U6")}
    assert [(note.code, note.rows) for note in found.notes] == [("adjacency_not_neighbours", ("4",))]


def test_parts_of_a_group() -> None:
    found = build_adjacency(small_city(), crossing_m=30.0)
    assert found.parts(np.array([0, 1, 0, 0, 1, -1]), count=3).tolist() == [2, 1, 0]


def areas_of(shapes: list[Any]) -> dict[str, Any]:
    moved = [translate(shape, WEST, SOUTH) for shape in shapes]
    city = small_city()
    units = city.units.iloc[: len(shapes)].copy()
    units["geometry"] = [shape.representative_point() for shape in moved]
    areas = city.areas.iloc[: len(shapes)].copy()
    areas["geometry"] = moved
    return {"units": units, "areas": areas}


@pytest.mark.parametrize("kind", ["blocks with streets between", "points", "overlapping blocks"])
def test_cells_tile_whatever_the_areas_are(kind: str) -> None:
    shapes = {
        "blocks with streets between": [
            box(20, 20, 480, 480),
            box(520, 30, 990, 470),
            box(10, 530, 980, 980),
        ],
        "points": [Point(200, 200), Point(800, 300), Point(500, 800)],
        "overlapping blocks": [
            box(0, 0, 600, 480),
            box(500, 0, 1000, 480),
            Polygon([(0, 500), (900, 500), (0, 999)]),
        ],
    }[kind]
    frame = gpd.GeoDataFrame(
        {"stage": ["primary"], "name": "C", "district_id": None},
        geometry=[box(WEST, SOUTH, WEST + 1000, SOUTH + 1000)],
        crs=CRS,
        index=pd.Index(["C"], name="catchment_id"),
    )
    city = small_city(catchments=frame, districts=small_city().districts.iloc[:0], **areas_of(shapes))
    cells = unit_cells(city).to_numpy()
    assert shapely.union_all(cells).area == pytest.approx(1e6, abs=1.0)
    assert shapely.area(cells).sum() == pytest.approx(1e6, abs=1.0)
    assert shapely.is_valid(cells).all()
    assert len(build_adjacency(city, crossing_m=30.0).edges) == 3


def test_several_units_of_an_area_divide_it_and_units_at_one_place_are_neighbours() -> None:
    city = small_city()
    units = city.units.copy()
    units["area_id"] = ["U1", "U1", "U3", "U4", "U5", "U6"]
    units["geometry"] = [
        Point(WEST + 300, SOUTH + 700), Point(WEST + 700, SOUTH + 700), *units.geometry.iloc[2:4],
        Point(WEST + 300, SOUTH + 700), units.geometry.iloc[5],
    ]  # fmt: skip
    cells = unit_cells(replace(city, units=units))
    assert cells.iloc[0].intersection(cells.iloc[1]).area == pytest.approx(0.0, abs=1e-6)
    assert cells.is_empty.tolist() == [False, False, False, False, True, False]
    assert cells.area.sum() == pytest.approx(9e6, abs=10.0)
    assert ("U1", "U5") in joined(replace(city, units=units))


def test_the_order_of_units_does_not_matter() -> None:
    city = small_city()
    turned = replace(city, units=city.units.iloc[::-1])
    assert {tuple(sorted(pair)) for pair in joined(turned)} == GRID


def test_a_town_of_equal_squares_has_a_cell_for_each(tmp_path):
    town = OddTown(columns=3, rows=3, schools=3, catchments="each")
    city = load_city(load_plan(write_town(town, tmp_path)))
    cells = unit_cells(city)
    squares = cells.area.groupby(cells.index.str.partition("/").get_level_values(0)).sum()
    assert len(cells) > len(squares), "the strips of the schools cut squares"
    np.testing.assert_allclose(squares, np.full(9, 1e6), rtol=1e-6)
