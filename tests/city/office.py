"""The toy town of ``tests.small_city`` as an office's files: write them, break one thing, load them.

Tables are frames with the headers a file has; ``Office.write`` puts them into a folder in mixed formats, and
``Office.load`` reads them back through ``load_plan`` and ``load_city``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
from shapely.geometry import LineString, box

from layoutplan.city import City, load_city
from layoutplan.errors import Fault, InputError
from layoutplan.plan import load_plan

CRS = "EPSG:4547"
WEST, SOUTH = 467_000.0, 3_847_000.0
PLAN = """
[plan]
name = "小镇"
profile = "cn-national"
base_year = 2025
horizon_year = 2030
stages = ["primary", "junior"]

[tables.schools]
file = "schools.csv"
datum = "wgs84"
[tables.catchments]
file = "catchments.gpkg"
[tables.units]
file = "units.gpkg"
[tables.districts]
file = "districts.geojson"
[tables.roads]
file = "roads.shp"
[tables.classes]
file = "classes.xlsx"
[tables.projects]
file = "projects.csv"
"""


def rectangle(west: float, south: float, east: float, north: float) -> Any:
    """Return a rectangle in metres from the town's corner."""
    return box(WEST + west, SOUTH + south, WEST + east, SOUTH + north)


def _schools() -> pd.DataFrame:
    metres = gpd.points_from_xy([WEST + 1500, WEST + 1500], [SOUTH + 2250, SOUTH + 750], crs=CRS)
    degrees = gpd.GeoSeries(metres).to_crs(4326)
    return pd.DataFrame(
        {
            "学校编号": ["S1", "S2"],
            "学校名称": ["北城小学", "南城九年制学校"],
            "学校类型": ["小学", "九年一贯制"],
            "办学性质": ["公办", "公办"],
            "经度": degrees.x.round(8),
            "纬度": degrees.y.round(8),
            "小学学位数": [810, 405],
            "初中学位数": [None, 600],
            "小学在校生数": [840, 380],
        },
        dtype=object,
    )


def _units() -> gpd.GeoDataFrame:
    cells = [(column * 1000.0, row * 1500.0) for row in (0, 1) for column in (0, 1, 2)]
    return gpd.GeoDataFrame(
        {
            "unit_id": [f"U{rank}" for rank in range(1, 7)],
            "name": [f"第{rank}社区" for rank in range(1, 7)],
            "population": [1000.0 * rank for rank in range(1, 7)],
            "age_0_5": [60.0 * rank for rank in range(1, 7)],
            "age_6_11": [60.0 * rank for rank in range(1, 7)],
            "age_12_14": [30.0 * rank for rank in range(1, 7)],
        },
        geometry=[rectangle(x, y, x + 1000, y + 1500) for x, y in cells],
        crs=CRS,
    )


def _halves() -> list[Any]:
    return [rectangle(0, 1500, 3000, 3000), rectangle(0, 0, 3000, 1500)]


def _frames() -> dict[str, pd.DataFrame]:
    catchments = {
        "catchment_id": ["C1", "C2"],
        "stage": "primary",
        "name": ["北城片区", "南城片区"],
        "school_ids": ["S1", "S2"],
    }
    districts = {"district_id": ["D1", "D2"], "name": ["北区", "南区"]}
    roads = {"road_id": ["R1"], "name": ["中路"], "road_class": ["次干路"]}
    line = LineString([(WEST, SOUTH + 1500), (WEST + 3000, SOUTH + 1500)])
    return {
        "schools": _schools(),
        "units": _units(),
        "catchments": gpd.GeoDataFrame(catchments, geometry=_halves(), crs=CRS),
        "districts": gpd.GeoDataFrame(districts, geometry=_halves(), crs=CRS).to_crs(4326),
        "roads": gpd.GeoDataFrame(roads, geometry=[line], crs=CRS),
        "classes": pd.DataFrame(
            {"school_id": ["S1"], "stage": ["小学"], "grade": [1], "class_no": ["1"], "pupils": [60]},
            dtype=object,
        ),
        "projects": pd.DataFrame(
            {
                "project_id": ["P1"],
                "name": ["北城小学扩建"],
                "kind": ["扩建"],
                "state": ["在建"],
                "school_id": ["S1"],
                "seats_primary": [270],
                "opening_year": [2027],
            },
            dtype=object,
        ),
    }


@dataclass
class Office:
    """A folder with the town's files; change ``frames``, ``plan`` or ``after`` before loading."""

    folder: Path
    frames: dict[str, pd.DataFrame] = field(default_factory=_frames)
    plan: str = PLAN
    after: list[Callable[[Path], object]] = field(default_factory=list)

    def write(self) -> None:
        """Write every table in its format, then let ``after`` spoil the files."""
        for name, frame in self.frames.items():
            if name in ("units", "catchments"):
                frame.to_file(self.folder / f"{name}.gpkg", layer=name)
            elif name == "roads":
                frame.to_file(self.folder / "roads.shp", encoding="utf-8")
            elif name == "districts":
                frame.to_file(self.folder / "districts.geojson")
            elif name == "classes":
                frame.to_excel(self.folder / "classes.xlsx", index=False, sheet_name="班额")
            else:
                frame.to_csv(self.folder / f"{name}.csv", index=False, encoding="gbk")
        (self.folder / "plan.toml").write_text(self.plan, encoding="utf-8")
        for spoil in self.after:
            spoil(self.folder)

    def load(self) -> City:
        """Write and load."""
        self.write()
        return load_city(load_plan(self.folder / "plan.toml"))

    def faults(self) -> tuple[Fault, ...]:
        """Write and load; return every fault of the report, or the notes of the city if there is no error."""
        try:
            return self.load().notes
        except InputError as error:
            return error.faults

    def set(self, table: str, row: int, column: str, value: object) -> None:
        """Change one cell; ``row`` counts from 0."""
        frame = self.frames[table]
        frame[column] = frame[column].astype(object)
        frame.loc[row, column] = value

    def add_row(self, table: str, **changes: object) -> None:
        """Add a copy of the last row with changes."""
        frame = self.frames[table]
        row = frame.iloc[[-1]].assign(**changes)
        joined = pd.concat([frame, row], ignore_index=True)
        is_spatial = isinstance(frame, gpd.GeoDataFrame)
        self.frames[table] = gpd.GeoDataFrame(joined, crs=frame.crs) if is_spatial else joined

    def drop(self, table: str) -> None:
        """Take a table out of the plan."""
        head, rest = self.plan.split(f"[tables.{table}]\n")
        self.plan = head + "[".join(["", *rest.split("[")[1:]])

    def replace(self, old: str, new: str) -> None:
        """Change the plan's text."""
        assert old in self.plan, old
        self.plan = self.plan.replace(old, new)
