"""Write a synthetic city as an office would hand it over: mixed formats, encodings, datums and headers."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pyproj
import shapely

from layoutplan.inputs.datum import from_wgs84
from layoutplan.inputs.synthetic.names import city_name
from layoutplan.inputs.synthetic.scale import DISTRICT_RESIDENTS
from layoutplan.inputs.synthetic.tables import DEMO_RESIDENTS, DEMO_SEED, make_city_tables
from layoutplan.tables import input_table

_STAGES: Final = {"kindergarten": "幼儿园", "primary": "小学", "junior": "初中", "senior": "高中"}
_TYPES: Final = {
    "kindergarten": "幼儿园",
    "primary": "小学",
    "junior": "初级中学",
    "nine_year": "九年一贯制学校",
    "senior": "高级中学",
    "special": "特殊教育学校",
}
_WORDS: Final[dict[str, dict[str, str]]] = {
    "stage": _STAGES,
    "school_type": _TYPES,
    "school_types": _TYPES,
    "ownership": {"public": "公办", "inclusive": "普惠性民办", "private": "民办"},
    "setting": {"city": "城区", "town": "镇区", "village": "乡村"},
}
_KINDS: Final = {"new": "新建", "expand": "扩建", "close": "撤并", "convert": "转公"}
_STATES: Final = {
    "planned": "谋划",
    "approved": "立项",
    "started": "新开",
    "continued": "续建",
    "handed_over": "移交",
    "cancelled": "取消",
}
_STATUS: Final = {"reserved": "预留", "available": "可用", "unavailable": "不可用"}
_LAYERS: Final = ("districts", "catchments", "units", "roads", "barriers")
_STAMP: Final = "2025-09-01T00:00:00Z"
_ZIP_DATE: Final = (2025, 9, 1, 0, 0, 0)
_DEGREE_DIGITS: Final = 6
_BUDGET_PER_RESIDENT: Final = 1_600


def write_demo(folder: Path, *, residents: int = DEMO_RESIDENTS, seed: int = DEMO_SEED) -> Path:
    """Make a city and write it into ``folder`` with its plan; return the path of ``plan.toml``.

    The same arguments write the same bytes.

    Raises
    ------
    ValueError
        If ``residents`` is out of range.
    """
    tables = make_city_tables(residents=residents, seed=seed)
    return write_city(tables, folder, seed=seed)


def write_city(tables: Mapping[str, pd.DataFrame | gpd.GeoDataFrame], folder: Path, *, seed: int) -> Path:
    """Write the tables of :func:`make_city_tables` and a ``plan.toml`` that reads them.

    Parameters
    ----------
    folder
        Made if it does not exist; files of the same names are replaced.
    seed
        Said in the plan.

    Returns
    -------
    Path
        ``plan.toml``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _write_map(tables, folder / "map.gpkg")
    schools = _with_degrees(tables["schools"], gcj02=True)
    _write_csv(_chinese(schools, "schools"), folder / "schools.csv", encoding="gb18030")
    housing = _with_degrees(tables["housing"], gcj02=False)
    _write_csv(_chinese(housing, "housing"), folder / "housing.csv", encoding="utf-8")
    _write_csv(_chinese(tables["births"], "births"), folder / "births.csv", encoding="utf-8-sig")
    history = _chinese(tables["enrolment_history"], "enrolment_history")
    _write_csv(history, folder / "enrolment_history.csv", encoding="gb18030")
    _write_csv(tables["groups"], folder / "groups.csv", encoding="utf-8")
    _write_csv(tables["targets"], folder / "targets.csv", encoding="utf-8")
    records = {
        "班级": _chinese(tables["classes"], "classes"),
        "办学条件": _chinese(tables["resources"], "resources"),
    }
    _write_workbook(records, folder / "school_records.xlsx")
    projects = _with_degrees(tables["projects"], gcj02=True)
    projects = projects.assign(kind=projects["kind"].map(_KINDS), state=projects["state"].map(_STATES))
    sites = _with_eastings(tables["sites"])
    sites = sites.assign(status=sites["status"].map(_STATUS))
    programme = {"建设项目": _chinese(projects, "projects"), "预留用地": _chinese(sites, "sites")}
    _write_workbook(programme, folder / "programme.xlsx")
    return _write_plan(folder, residents=int(tables["units"]["population"].sum()), seed=seed)


def _chinese(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    """Return the frame with the dictionary's Chinese headers and Chinese words for its choices."""
    written = pd.DataFrame(frame)
    for column, words in _WORDS.items():
        if column in written:
            written[column] = [_translated(value, words) for value in written[column]]
    headers = {column.name: column.header.zh for column in input_table(table).columns}
    return written.rename(columns=headers).rename(columns=_age_header)


def _translated(value: object, words: Mapping[str, str]) -> str | None:
    if not isinstance(value, str):
        return None
    return "；".join(words[part] for part in value.split(";"))


def _age_header(name: str) -> str:
    """Write ``age_7`` as 7岁 and ``age_18_59`` as 18-59岁."""
    found = re.fullmatch(r"age_(\d+)(?:_(\d+))?", name)
    if not found:
        return name
    first, last = found.groups()
    return f"{first}-{last}岁" if last else f"{first}岁"


def _with_degrees(frame: pd.DataFrame | gpd.GeoDataFrame, *, gcj02: bool) -> pd.DataFrame:
    """Return the frame with longitude and latitude in place of its points, shifted to GCJ-02 if asked."""
    places = gpd.GeoDataFrame(frame)
    to_degrees = pyproj.Transformer.from_crs(places.crs, "EPSG:4326", always_xy=True)
    x, y = shapely.get_x(places.geometry), shapely.get_y(places.geometry)
    there = np.isfinite(x)
    lon, lat = to_degrees.transform(x[there], y[there])
    if gcj02:
        lon, lat = from_wgs84(np.asarray(lon), np.asarray(lat), datum="gcj02")
    degrees = np.full((len(places), 2), np.nan)
    degrees[there] = np.round(np.column_stack([lon, lat]), _DEGREE_DIGITS)
    plain = pd.DataFrame(places.drop(columns="geometry"))
    return plain.assign(lon=degrees[:, 0], lat=degrees[:, 1])


def _with_eastings(frame: pd.DataFrame | gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the frame with eastings and northings of its own CRS in the columns ``lon`` and ``lat``."""
    places = gpd.GeoDataFrame(frame)
    plain = pd.DataFrame(places.drop(columns="geometry"))
    return plain.assign(lon=shapely.get_x(places.geometry), lat=shapely.get_y(places.geometry))


def _write_csv(frame: pd.DataFrame, path: Path, *, encoding: str) -> None:
    frame.to_csv(path, index=False, encoding=encoding, lineterminator="\r\n")


def _write_map(tables: Mapping[str, pd.DataFrame | gpd.GeoDataFrame], path: Path) -> None:
    """Write the layers with a geometry into one GeoPackage; the units with Chinese headers.

    GDAL would write the time of day; it is told one.
    """
    path.unlink(missing_ok=True)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _STAMP})
    try:
        for layer in _LAYERS:
            frame = gpd.GeoDataFrame(tables[layer])
            if layer == "units":
                frame = gpd.GeoDataFrame(_chinese(frame, layer), geometry="geometry", crs=frame.crs)
            if len(frame):
                frame.to_file(path, layer=layer, driver="GPKG", engine="pyogrio", SPATIAL_INDEX="NO")
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _write_workbook(sheets: Mapping[str, pd.DataFrame], path: Path) -> None:
    """Write frames as sheets of an XLSX file whose bytes depend on nothing else."""
    workbook = openpyxl.Workbook(write_only=True)
    for name, frame in sheets.items():
        sheet = workbook.create_sheet(name)
        sheet.append([str(column) for column in frame.columns])
        cells = frame.astype(object).where(frame.notna(), None)
        for row in cells.itertuples(index=False):
            sheet.append([_cell(value) for value in row])
    buffer = io.BytesIO()
    workbook.save(buffer)
    with zipfile.ZipFile(buffer) as made, zipfile.ZipFile(path, "w") as kept:
        for entry in made.infolist():
            content = made.read(entry)
            if entry.filename == "docProps/core.xml":  # holds the time of writing
                content = re.sub(rb">[0-9T:.-]{19,}Z<", f">{_STAMP}<".encode(), content)
            fixed = zipfile.ZipInfo(entry.filename, date_time=_ZIP_DATE)
            kept.writestr(fixed, content, compress_type=zipfile.ZIP_DEFLATED)


def _cell(value: object) -> object:
    """Return a value as a cell: numbers as numbers, truth as 是 or 否."""
    if isinstance(value, bool | np.bool_):
        return "是" if value else "否"
    return value.item() if isinstance(value, np.generic) else value


def _write_plan(folder: Path, *, residents: int, seed: int) -> Path:
    template = (resources.files("layoutplan.inputs.synthetic") / "demo_plan.toml").read_text(encoding="utf-8")
    zh, en = city_name()
    district = residents <= DISTRICT_RESIDENTS
    budget = round(residents * _BUDGET_PER_RESIDENT, -7) or 10_000_000
    plan = template.format(
        city_zh=f"{zh}高新区" if district else f"{zh}市",
        city_en=f"{en} High-tech Zone" if district else en,
        seed=seed,
        residents=residents,
        budget=f"{budget:_}",
        half_budget=f"{budget // 2:_}",
    )
    path = folder / "plan.toml"
    path.write_text(plan, encoding="utf-8", newline="\n")
    return path
