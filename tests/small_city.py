"""A toy town for tests: small enough to check every figure by hand.

The town is a square of 3 × 3 km in EPSG:4547, its south-west corner at (467000, 3847000); six units tile it
in two rows of three, each 1.0 km wide and 1.5 km high, people living at the centre::

    U4 U5 U6    north: district D1, primary catchment C1, school S1 (primary, public)
    U1 U2 U3    south: district D2, primary catchment C2, S2 (nine-year, public), S3 (primary, private)

Unit ``Ui`` has ``10 i`` residents in every year of age 0 … 17, so 210 in the town per year of age: 900
primary children (six ages) in the north, 360 in the south, 630 of junior age (three ages) in all. The base
year is 2025, the horizon 2030. Junior has no catchments. Import it as ``from tests.small_city import …``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
from shapely.geometry import Point, box

from layoutplan.city.city import City
from layoutplan.dictionary import input_tables
from layoutplan.standards import load_profile
from layoutplan.standards.rules import Profile, Rule
from layoutplan.travel.matrix import WalkMatrix

CRS = pyproj.CRS.from_epsg(4547)
WEST, SOUTH = 467_000.0, 3_847_000.0
YEARS = tuple(range(2025, 2031))
STAGES = ("primary", "junior")
UNITS = ("U1", "U2", "U3", "U4", "U5", "U6")
DETOUR = 1.3
TABLES = (
    *("roads", "barriers", "sites", "projects", "housing", "births"),
    *("enrolment_history", "classes", "resources", "groups", "targets", "adjacency", "zonings"),
    "zoning_layers",
    "projections",
)
SCHOOLS: tuple[dict[str, Any], ...] = (
    {
        "school_id": "S1",
        "name": "北城小学",
        "school_type": "primary",
        "ownership": "public",
        "district_id": "D1",
        "x": 1500.0,
        "y": 2250.0,
        "classes_primary": 18.0,
        "seats_primary": 810.0,
        "enrolment_primary": 840.0,
    },
    {
        "school_id": "S2",
        "name": "南城九年制学校",
        "school_type": "nine_year",
        "ownership": "public",
        "district_id": "D2",
        "x": 1500.0,
        "y": 750.0,
        "classes_primary": 9.0,
        "classes_junior": 12.0,
        "enrolment_primary": 380.0,
        "enrolment_junior": 590.0,
    },
    {
        "school_id": "S3",
        "name": "南城民办小学",
        "school_type": "primary",
        "ownership": "private",
        "district_id": "D2",
        "x": 2500.0,
        "y": 750.0,
        "seats_primary": 180.0,
        "enrolment_primary": 120.0,
    },
)


def small_city(
    *,
    schools: tuple[dict[str, Any], ...] = SCHOOLS,
    tables: Mapping[str, list[dict[str, Any]]] = MappingProxyType({}),
    **changes: Any,
) -> City:
    """Return the town; ``schools`` and ``tables`` are rows (``x``, ``y`` in metres from the corner).

    A row of ``tables`` without ``x`` has no geometry; ``changes`` replace attributes of the City.
    """
    city = City(
        name="小镇",
        crs=CRS,
        schooling=load_profile("cn-national").schooling,
        stages=STAGES,
        years=YEARS,
        schools=_schools(schools),
        areas=_areas().copy(),
        units=_units().copy(),
        population=_population(),
        catchments=_catchments().copy(),
        catchment_schools=pd.DataFrame(
            {"catchment_id": ["C1", "C2"], "stage": "primary", "school_id": ["S1", "S2"]},
        ),
        unit_catchments=pd.DataFrame(
            {"primary": ["C2", "C2", "C2", "C1", "C1", "C1"], "junior": [None] * 6},
            index=pd.Index(UNITS, name="unit_id"),
            dtype=object,
        ),
        districts=_districts().copy(),
        tables=MappingProxyType({name: _table(name, tables.get(name, [])) for name in TABLES}),
    )
    return replace(city, **changes)


def small_profile(*, extra: tuple[Rule, ...] = ()) -> Profile:
    """Return a profile with the figures the tests count with; ``extra`` rules win."""
    values: dict[str, dict[str, Any]] = {
        "stage.ages": {
            "kindergarten": (3.0, 5.0),
            "primary": (6.0, 11.0),
            "junior": (12.0, 14.0),
            "senior": (15.0, 17.0),
        },
        "stage.last_birth_month": {"": 8.0},
        "class_size.standard": {"kindergarten": 30.0, "primary": 45.0, "junior": 50.0, "senior": 50.0},
        "class_size.cap": {"primary": 45.0, "junior": 50.0},
        "class_size.oversized": {"": 56.0},
        "class_size.severely_oversized": {"": 66.0},
        "school_size.cap": {"primary": 2000.0, "junior": 2000.0, "nine_year": 2500.0},
        "school_size.small": {"primary": 100.0},
        "walking.service_radius": {
            "kindergarten": 300.0,
            "primary": 500.0,
            "junior": 1000.0,
            "senior": 3000.0,
        },
        "walking.reach": {"kindergarten": 1000.0, "primary": 2000.0, "junior": 3000.0, "senior": 5000.0},
        "walking.detour_factor": {"": DETOUR},
        "walking.speed": {"": 1.1},
        "school.levels": {
            "kindergarten": (6.0, 9.0, 12.0),
            "primary": (12.0, 18.0, 24.0, 30.0, 36.0),
            "junior": (12.0, 18.0, 24.0, 30.0),
            "nine_year": (18.0, 27.0, 36.0, 45.0),
        },
        "school.max_classes": {"kindergarten": 12.0, "primary": 36.0, "junior": 36.0, "nine_year": 45.0},
        "land.per_seat": {"kindergarten": 14.0, "primary": 20.0, "junior": 22.0, "senior": 23.0},
        "floor.per_seat": {"kindergarten": 11.0, "primary": 8.0, "junior": 9.0, "senior": 10.0},
        "cost.per_seat": {
            "kindergarten": 40_000.0,
            "primary": 70_000.0,
            "junior": 85_000.0,
            "senior": 120_000.0,
        },
    }
    rules = tuple(
        Rule(key=key, of=of, value=value, unit="", source="test", confidence="D", valid_from=2000)
        for key, of_values in values.items()
        for of, value in of_values.items()
    )
    replaced = {(rule.key, rule.of) for rule in extra}
    kept = tuple(rule for rule in rules if (rule.key, rule.of) not in replaced)
    return Profile(
        id="test",
        name_en="Test",
        name_zh="测试",
        currency="CNY",
        rules=(*kept, *extra),
        schooling=load_profile("cn-national").schooling,
    )


def small_rule(key: str, of: str, value: float) -> Rule:
    """Return a rule in force for ever."""
    return Rule(key=key, of=of, value=value, unit="", source="test", confidence="D", valid_from=1950)


def straight_pairs(
    origins: gpd.GeoSeries, destinations: gpd.GeoSeries, *, limit_m: float = 5000.0, detour: float = DETOUR
) -> WalkMatrix:
    """Return straight line × detour factor for every pair within the limit, nearest first."""
    dx = origins.x.to_numpy()[:, None] - destinations.x.to_numpy()[None, :]
    dy = origins.y.to_numpy()[:, None] - destinations.y.to_numpy()[None, :]
    metres = (np.hypot(dx, dy) * detour).astype(np.float32)
    order = np.argsort(metres, axis=1, kind="stable")
    ordered = np.take_along_axis(metres, order, axis=1)
    keep = ordered <= limit_m
    return WalkMatrix(
        origins=origins.index,
        destinations=destinations.index,
        indptr=np.concatenate([[0], np.cumsum(keep.sum(axis=1))]).astype(np.int64),
        indices=order[keep].astype(np.int32),
        metres=ordered[keep],
        limit_m=limit_m,
        method="straight",
    )


def _rectangle(west: float, south: float, east: float, north: float) -> Any:
    return box(WEST + west, SOUTH + south, WEST + east, SOUTH + north)


def _schools(rows: tuple[dict[str, Any], ...]) -> gpd.GeoDataFrame:
    return _frame("schools", [*rows]).set_index("school_id")


@cache
def _districts() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"district_id": ["D1", "D2"], "name": ["北区", "南区"]},
        geometry=[_rectangle(0, 1500, 3000, 3000), _rectangle(0, 0, 3000, 1500)],
        crs=CRS,
    ).set_index("district_id")


def _table(name: str, rows: list[dict[str, Any]]) -> gpd.GeoDataFrame:
    return _frame(name, [*rows]) if rows else _empty(name).copy()


@cache
def _empty(name: str) -> gpd.GeoDataFrame:
    return _frame(name, [])


@cache
def _areas() -> gpd.GeoDataFrame:
    cells = [(column * 1000.0, row * 1500.0) for row in (0, 1) for column in (0, 1, 2)]
    frame = _frame("units", [{"unit_id": unit, "name": f"{unit} 社区"} for unit in UNITS])
    frame["population"] = [10.0 * rank * 18 for rank in range(1, 7)]
    geometry = [_rectangle(x, y, x + 1000, y + 1500) for x, y in cells]
    return gpd.GeoDataFrame(frame, geometry=geometry, crs=CRS).set_index("unit_id")


@cache
def _units() -> gpd.GeoDataFrame:
    areas = _areas()
    return gpd.GeoDataFrame(
        {
            "area_id": list(UNITS),
            "name": areas["name"],
            "district_id": ["D2", "D2", "D2", "D1", "D1", "D1"],
            "residents": areas["population"],
        },
        geometry=areas.geometry.centroid,
        crs=CRS,
        index=areas.index,
    )


def _population() -> pd.DataFrame:
    sizes = np.array([10.0 * rank for rank in range(1, 7)])
    values = np.repeat(sizes[:, None], 18, axis=1)
    return pd.DataFrame(values, index=pd.Index(UNITS, name="unit_id"), columns=range(18))


@cache
def _catchments() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "catchment_id": ["C1", "C2"],
            "stage": "primary",
            "name": ["北城片区", "南城片区"],
            "district_id": ["D1", "D2"],
        },
        geometry=[_rectangle(0, 1500, 3000, 3000), _rectangle(0, 0, 3000, 1500)],
        crs=CRS,
    ).set_index("catchment_id")


def _frame(name: str, rows: list[dict[str, Any]]) -> gpd.GeoDataFrame:
    """Return rows as a table of the dictionary: every column it has, null where a row is silent."""
    table = input_tables().get(name)
    columns = list(table.column_names) if table else []
    given = {key for row in rows for key in row} - {"x", "y"}
    columns += sorted(given - set(columns))
    kinds = {column.name: column.dtype for column in table.columns} if table else {}
    data = {
        column: pd.Series([row.get(column) for row in rows], dtype=_DTYPES.get(kinds.get(column, ""), object))
        for column in columns
    }
    points = [Point(WEST + row["x"], SOUTH + row["y"]) if "x" in row else None for row in rows]
    return gpd.GeoDataFrame(data, geometry=gpd.GeoSeries(points, crs=CRS, index=range(len(rows))))


_DTYPES = {"number": "float64", "integer": "Int64", "year": "Int64", "flag": "boolean"}
