"""A town of files, small enough to run whole in seconds, with names that try to do harm."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import LineString, box

CRS = "EPSG:4547"
WEST, SOUTH, CELL = 467_000.0, 3_847_000.0, 600.0
HARMFUL = ('=HYPERLINK("http://x")', "<img src=x onerror=alert(1)>", "$x^2$ & Co")
_PLAN = """
[plan]
name = "{name}"
name_en = "Small Town"
profile = "cn-zhengzhou-gaoxin-2020"
base_year = 2025
horizon_year = 2028
target_year = 2027
stages = ["primary", "junior"]
lang = "{lang}"
review_number = "GS2026-012"
[space]
crs = "EPSG:4547"
[tables.schools]
file = "schools.csv"
crs = "EPSG:4547"
[tables.units]
file = "units.gpkg"
[tables.catchments]
file = "catchments.gpkg"
[tables.districts]
file = "districts.gpkg"
[tables.roads]
file = "roads.gpkg"
[tables.barriers]
file = "barriers.gpkg"
[tables.housing]
file = "housing.csv"
crs = "EPSG:4547"
[tables.sites]
file = "sites.csv"
crs = "EPSG:4547"
[demand]
migration_rate = 0.01
[siting]
generate_sites = false
"""


def write_town(folder, *, lang="zh", names=("东区", "西区", "镇")):
    """Write a plan and its tables; return the plan's path."""
    east, west, town = names
    cells = [(column, row) for row in range(4) for column in range(4)]
    shapes = [_cell(column, row) for column, row in cells]
    ages = {f"age_{age}": 30.0 + 4 * np.arange(16) for age in range(18)}
    ages |= {f"hukou_{stage}": 101.0 + 17 * np.arange(16) for stage in ("primary", "junior")}
    ages |= {f"permit_{stage}": 23.0 + 3 * np.arange(16) for stage in ("primary", "junior")}
    units = gpd.GeoDataFrame(
        {"unit_id": [f"U{n:02}" for n in range(16)], "name": [f"{town}{n}" for n in range(16)], **ages},
        geometry=shapes,
        crs=CRS,
    )
    units.to_file(folder / "units.gpkg", driver="GPKG")
    halves = [box(WEST, SOUTH, WEST + 2 * CELL, SOUTH + 4 * CELL), None]
    halves[1] = box(WEST + 2 * CELL, SOUTH, WEST + 4 * CELL, SOUTH + 4 * CELL)
    district = {"district_id": ["D1", "D2"], "name": [west, east]}
    gpd.GeoDataFrame(district, geometry=halves, crs=CRS).to_file(folder / "districts.gpkg", driver="GPKG")
    catchment = {
        "catchment_id": ["C1", "C2"],
        "stage": "primary",
        "name": [f"{west} 1", HARMFUL[2]],
        "school_ids": ["S1", "S2"],
    }
    gpd.GeoDataFrame(catchment, geometry=halves, crs=CRS).to_file(folder / "catchments.gpkg", driver="GPKG")
    _write_points(folder, town)
    _write_lines(folder)
    path = folder / "plan.toml"
    path.write_text(_PLAN.format(name=town, lang=lang), encoding="utf-8")
    return path


def _cell(column, row):
    x, y = WEST + column * CELL, SOUTH + row * CELL
    return box(x, y, x + CELL, y + CELL)


def _write_points(folder, town):
    schools = pd.DataFrame(
        {
            "school_id": ["S1", "S2", "S3"],
            "name": [HARMFUL[0], HARMFUL[1], f"{town} 3"],
            "school_type": ["primary", "primary", "junior"],
            "ownership": "public",
            "lon": [WEST + 700, WEST + 1900, WEST + 1300],
            "lat": [SOUTH + 1200, SOUTH + 900, SOUTH + 1500],
            "classes_primary": [30, 24, None],
            "seats_primary": [1350, 1080, None],
            "enrolment_primary": [2100, 1500, None],
            "classes_junior": [None, None, 18],
            "seats_junior": [None, None, 900],
            "enrolment_junior": [None, None, 1100],
        }
    )
    schools.to_csv(folder / "schools.csv", index=False)
    sites = pd.DataFrame(
        {
            "site_id": ["L1", "L2"],
            "name": [f"{town} L1", f"{town} L2"],
            "lon": [WEST + 2000, WEST + 400],
            "lat": [SOUTH + 2000, SOUTH + 400],
            "area_m2": [40_000, 30_000],
            "school_types": ["primary;nine_year", "junior"],
        }
    )
    sites.to_csv(folder / "sites.csv", index=False)
    estate = {"housing_id": "H1", "name": f"{town} H", "dwellings": 700, "first_occupancy_year": 2026}
    place = {"lon": WEST + 2100, "lat": SOUTH + 2200}
    pd.DataFrame([estate | place]).to_csv(folder / "housing.csv", index=False)


def _write_lines(folder):
    ends = np.arange(5) * CELL
    lines = [LineString([(WEST + x, SOUTH), (WEST + x, SOUTH + 4 * CELL)]) for x in ends]
    lines += [LineString([(WEST, SOUTH + y), (WEST + 4 * CELL, SOUTH + y)]) for y in ends]
    ranks = ["primary", "secondary", "tertiary", "residential", "primary"] * 2
    roads = {"road_id": [f"R{n}" for n in range(10)], "road_class": ranks}
    gpd.GeoDataFrame(roads, geometry=lines, crs=CRS).to_file(folder / "roads.gpkg", driver="GPKG")
    river = LineString([(WEST, SOUTH + 1700), (WEST + 4 * CELL, SOUTH + 1600)])
    rail = LineString([(WEST + 100, SOUTH), (WEST + 200, SOUTH + 4 * CELL)])
    barriers = {"barrier_id": ["B1", "B2"], "name": ["B1", "B2"], "kind": ["river", "railway"]}
    gpd.GeoDataFrame(barriers, geometry=[river, rail], crs=CRS).to_file(
        folder / "barriers.gpkg", driver="GPKG"
    )
