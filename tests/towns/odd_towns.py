"""Towns at the edge of what a town is: one house, one school, no street, 200 m or 600 km across.

``odd_towns()`` draws any mixture; ``write_town`` writes it as an office would, with a plan.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, box

CRS: Final = "EPSG:4547"
WEST, SOUTH = 467_000.0, 3_847_000.0
BASE_YEAR: Final = 2025
STAGES: Final = ("kindergarten", "primary", "junior", "senior")
TAUGHT: Final = {
    "kindergarten": ("kindergarten",),
    "primary": ("primary",),
    "nine_year": ("primary", "junior"),
    "twelve_year": ("primary", "junior", "senior"),
    "special": ("primary", "junior"),
}
_NEAR_M: Final = 8_000.0  # how far from the middle schools stand
LONG_NAME: Final = "新区实验学校" * 50
MARKUP_NAME: Final = "</script><b>&\"'=1+1\u202e 😀"


@dataclass(frozen=True)
class OddTown:
    """A town: ``columns × rows`` units on a square of ``side_m``, and what is odd about it.

    ``at`` places the units: cells that tile the square (``cells``), points, or all at one point.
    ``closed`` schools have no pupils from the base year on. ``history`` and ``housing`` add those tables.
    """

    side_m: float = 3_000.0
    columns: int = 2
    rows: int = 1
    at: str = "cells"
    residents: float = 1_000.0
    children: float = 60.0
    schools: int = 2
    school_type: str = "primary"
    seats: float = 90.0
    closed: bool = False
    streets: str = "one"
    catchments: str = "one"
    horizon: int = 2
    stages: tuple[str, ...] = ("primary",)
    name: str = "小镇"
    dwellings: float | None = None
    history: int = 0
    siting: bool = True
    lang: str = "zh"
    profile: str = "cn-national"


def odd_towns() -> st.SearchStrategy[OddTown]:
    """Return towns of every mixture."""
    return st.builds(
        OddTown,
        side_m=st.sampled_from([1.0, 200.0, 3_000.0, 60_000.0, 600_000.0]),
        columns=st.integers(1, 3),
        rows=st.integers(1, 3),
        at=st.sampled_from(["cells", "points", "one point"]),
        residents=st.sampled_from([0.0, 1.0, 1_000.0, 1e6]),
        children=st.sampled_from([0.0, 0.4, 60.0, 4e5]),
        schools=st.integers(1, 4),
        school_type=st.sampled_from(["kindergarten", "primary", "nine_year", "twelve_year", "special"]),
        seats=st.sampled_from([0.0, 1.0, 90.0, 1e5]),
        closed=st.booleans(),
        streets=st.sampled_from(["none", "one", "cross", "apart"]),
        catchments=st.sampled_from(["none", "one", "each", "part"]),
        horizon=st.sampled_from([0, 1, 2, 40]),
        stages=st.sampled_from([("primary",), ("kindergarten", "junior"), STAGES]),
        name=st.sampled_from(["小镇", "a", LONG_NAME, MARKUP_NAME]),
        dwellings=st.sampled_from([None, 0.0, 1.0, 1e5]),
        history=st.integers(0, 4),
        siting=st.booleans(),
        lang=st.sampled_from(["zh", "en"]),
        profile=st.sampled_from(["cn-national", "cn-zhengzhou-gaoxin-2020"]),
    )


def write_town(town: OddTown, folder: Path) -> Path:
    """Write a town's tables and plan into an empty folder; return the path of the plan."""
    tables: dict[str, gpd.GeoDataFrame | pd.DataFrame] = {"units": _units(town), "schools": _schools(town)}
    if town.catchments != "none" and set(town.stages).intersection(TAUGHT[town.school_type]):
        tables["catchments"] = _catchments(town)
    if town.streets != "none":
        tables["roads"] = _roads(town)
    if town.dwellings is not None:
        tables["housing"] = _housing(town, town.dwellings)
    if town.history:
        tables["enrolment_history"] = _history(town)
    sections = []
    for name, table in tables.items():
        if isinstance(table, gpd.GeoDataFrame):
            table.to_file(folder / f"{name}.gpkg", layer=name, driver="GPKG", engine="pyogrio")
            sections.append(f'[tables.{name}]\nfile = "{name}.gpkg"\n')
        else:
            table.to_csv(folder / f"{name}.csv", index=False, encoding="utf-8")
            sections.append(f'[tables.{name}]\nfile = "{name}.csv"\n')
    name = town.name.replace("\\", "\\\\").replace('"', '\\"')
    stages = ", ".join(f'"{stage}"' for stage in town.stages)
    plan = folder / "plan.toml"
    plan.write_text(
        f'[plan]\nname = "{name}"\nprofile = "{town.profile}"\nbase_year = {BASE_YEAR}\n'
        f"horizon_year = {BASE_YEAR + town.horizon}\nstages = [{stages}]\n"
        f'lang = "{town.lang}"\n\n'
        f'[space]\ncrs = "{CRS}"\n\n[siting]\nenabled = {str(town.siting).lower()}\ntime_limit_s = 2.0\n\n'
        + "\n".join(sections),
        encoding="utf-8",
    )
    return plan


def _cells(town: OddTown) -> list[tuple[float, float, float, float]]:
    width, height = town.side_m / town.columns, town.side_m / town.rows
    return [
        (WEST + c * width, SOUTH + r * height, WEST + (c + 1) * width, SOUTH + (r + 1) * height)
        for r in range(town.rows)
        for c in range(town.columns)
    ]


def _middle(town: OddTown) -> Point:
    return Point(WEST + town.side_m / 2, SOUTH + town.side_m / 2)


def _units(town: OddTown) -> gpd.GeoDataFrame:
    boxes = [box(*cell) for cell in _cells(town)]
    shapes = {
        "cells": boxes,
        "points": [shape.centroid for shape in boxes],
        "one point": [_middle(town)] * len(boxes),
    }[town.at]
    count = len(boxes)
    return gpd.GeoDataFrame(
        {
            "unit_id": [f"U{number}" for number in range(count)],
            "name": [f"{town.name}{number}" for number in range(count)],
            "population": town.residents + town.children * 18,
            "age_0_5": town.children * 6,
            "age_6_11": town.children * 6,
            "age_12_17": town.children * 6,
        },
        geometry=shapes,
        crs=CRS,
    )


def _places(town: OddTown) -> npt.NDArray[np.float64]:
    """Return how far from the corner each school stands, east and north."""
    reach = min(0.4 * town.side_m, _NEAR_M)
    places: npt.NDArray[np.float64] = town.side_m / 2 + reach * np.linspace(-0.9, 1.0, town.schools)
    return places


def _edges(town: OddTown) -> list[float]:
    """Return where strips of land end that hold one school each."""
    places = _places(town)
    return [0.0, *((places[:-1] + places[1:]) / 2).tolist(), town.side_m]


def _schools(town: OddTown) -> gpd.GeoDataFrame:
    places = _places(town)
    columns: dict[str, object] = {
        "school_id": [f"S{number}" for number in range(town.schools)],
        "name": [f"{town.name}第{number}学校" for number in range(town.schools)],
        "school_type": town.school_type,
    }
    if town.closed:
        columns["closed_year"] = BASE_YEAR
    for stage in STAGES:
        columns[f"seats_{stage}"] = town.seats
        columns[f"enrolment_{stage}"] = np.floor(town.seats * 0.9)
    frame = gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy(WEST + places, SOUTH + places), crs=CRS)
    untaught = [
        f"{what}_{stage}"
        for stage in STAGES
        if stage not in TAUGHT[town.school_type]
        for what in ("seats", "enrolment")
    ]
    return frame.drop(columns=untaught)


def _catchments(town: OddTown) -> gpd.GeoDataFrame:
    square = box(WEST, SOUTH, WEST + town.side_m, SOUTH + town.side_m)
    every = ";".join(f"S{number}" for number in range(town.schools))
    rows = []
    for stage in sorted(set(town.stages).intersection(TAUGHT[town.school_type])):
        if town.catchments in {"one", "part"}:
            # In a part of the town: whoever lives south of it is in no catchment.
            north = box(WEST, SOUTH + town.side_m / 2, WEST + town.side_m, SOUTH + town.side_m)
            rows.append(
                (f"C-{stage}", stage, town.name, every, north if town.catchments == "part" else square)
            )
            continue
        edges = _edges(town)
        rows += [
            (
                f"C-{stage}-{number}",
                stage,
                f"{town.name}{number}",
                f"S{number}",
                box(WEST + edges[number], SOUTH, WEST + edges[number + 1], SOUTH + town.side_m),
            )
            for number in range(town.schools)
        ]
    names = ["catchment_id", "stage", "name", "school_ids", "geometry"]
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=names), geometry="geometry", crs=CRS)


def _roads(town: OddTown) -> gpd.GeoDataFrame:
    side, half = town.side_m, town.side_m / 2
    lines = {
        "one": [[(0, half), (side, half)]],
        "cross": [[(0, half), (half, half)], [(half, half), (side, half)], [(half, 0), (half, half)]],
        "apart": [[(0, 0), (side / 3, 0)], [(side, side), (side, side / 2)]],
    }[town.streets]
    return gpd.GeoDataFrame(
        {
            "road_id": [f"R{number}" for number in range(len(lines))],
            "name": town.name,
            "road_class": "secondary",
        },
        geometry=[LineString([(WEST + x, SOUTH + y) for x, y in line]) for line in lines],
        crs=CRS,
    )


def _housing(town: OddTown, dwellings: float) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "housing_id": ["H1"],
            "name": [town.name],
            "dwellings": [int(dwellings)],
            "first_occupancy_year": [BASE_YEAR + 1],
        },
        geometry=[_middle(town)],
        crs=CRS,
    )


def _history(town: OddTown) -> pd.DataFrame:
    grades = {"kindergarten": 3, "primary": 6, "junior": 3, "senior": 3}
    rows = [
        (year, stage, grade, int(town.seats // count))
        for year in range(BASE_YEAR + 1 - town.history, BASE_YEAR + 1)
        for stage, count in grades.items()
        if stage in town.stages
        for grade in range(1, count + 1)
    ]
    return pd.DataFrame(rows, columns=["year", "stage", "grade", "pupils"]).assign(school_id="S0")
