"""Write a synthetic city as an office would deliver it: mixed formats, encodings, datums and headers."""

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
from openpyxl.utils import get_column_letter

from layoutplan.city.datum import from_wgs84
from layoutplan.dictionary import input_table
from layoutplan.synthetic.names import city_name
from layoutplan.synthetic.scale import DISTRICT_RESIDENTS
from layoutplan.synthetic.tables import DEMO_RESIDENTS, DEMO_SEED, make_city_tables

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
    "status": {"reserved": "预留", "available": "可用", "unavailable": "不可用", "idle": "闲置校舍"},
    "tenure": {"state": "国有", "collective": "集体"},
    "quality_level": {"new_quality": "新优质学校", "leading": "高质量引领校"},
    "kindergarten_grade": {
        "model": "示范园",
        "first": "一级",
        "second": "二级",
        "third": "三级",
        "ungraded": "未定级",
    },
    "kindergarten_grade_before": {
        "model": "示范园",
        "first": "一级",
        "second": "二级",
        "third": "三级",
        "ungraded": "未定级",
    },
    "registration_class": {"non_profit": "非营利性", "for_profit": "营利性"},
    "demonstration": {"province": "省级", "city": "市级"},
    "state": {
        "planned": "谋划",
        "approved": "立项",
        "started": "新开",
        "continued": "续建",
        "handed_over": "移交",
        "opened": "投用",
        "cancelled": "取消",
    },
}
_PROJECT_KINDS: Final = {
    "new": "新建",
    "expand": "扩建",
    "close": "撤并",
    "convert": "转公",
    "relocate": "迁建",
    "split": "分设",
    "attach_kindergarten": "附设幼儿园",
    "purchase": "购买学位",
    "temporary": "临时班",
    "reuse_as_kindergarten": "闲置校舍改办幼儿园",
}
_CSV_FILES: Final = {  # GBK, UTF-8 with and without a byte order mark, as they come
    "schools": ("schools.csv", "gb18030"),
    "housing": ("housing.csv", "utf-8"),
    "births": ("births.csv", "utf-8-sig"),
    "enrolment_history": ("enrolment_history.csv", "gb18030"),
    "groups": ("groups.csv", "utf-8"),
    "targets": ("targets.csv", "utf-8"),
}
_WORKBOOKS: Final = {
    "school_records.xlsx": {"班级": "classes", "办学条件": "resources"},
    "programme.xlsx": {"建设项目": "projects", "预留用地": "sites"},
}
_PLACED: Final = ("schools", "housing")
_FROM_AMAP: Final = ("schools",)
_ENGLISH: Final = ("groups", "targets", "catchments", "districts", "roads", "barriers")
_LAYERS: Final = ("districts", "catchments", "units", "roads", "barriers")
_STAMP: Final = "2025-09-01T00:00:00Z"
_ZIP_DATE: Final = (2025, 9, 1, 0, 0, 0)
_DEGREE_DIGITS: Final = 6
_BUDGET_PER_RESIDENT: Final = 1_600


def write_demo(folder: Path, *, residents: int = DEMO_RESIDENTS, seed: int = DEMO_SEED) -> Path:
    """Generate a city and write it into a folder with its plan; the same arguments write the same bytes.

    Parameters
    ----------
    folder
        Target folder; created if missing.
    residents
        5,000 to 15,000,000.
    seed
        Random seed.

    Returns
    -------
    Path
        ``plan.toml``.

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
    tables
        Tables by name; empty ones are omitted.
    folder
        Target folder; created if missing, existing files of the same names are replaced.
    seed
        Seed stated in the plan.

    Returns
    -------
    Path
        ``plan.toml``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    given = {name: frame for name, frame in tables.items() if len(frame)}  # a small town lacks some
    _write_map(given, folder / "map.gpkg")
    for name, (file, encoding) in _CSV_FILES.items():
        if name in given:
            frame = _with_degrees(given[name], gcj02=name in _FROM_AMAP) if name in _PLACED else given[name]
            _write_csv(_chinese(frame, name), folder / file, encoding=encoding)
    for file, sheets in _WORKBOOKS.items():
        held = {sheet: name for sheet, name in sheets.items() if name in given}
        if held:
            _write_workbook(
                {sheet: _chinese(_sheet(given[name], name), name) for sheet, name in held.items()},
                folder / file,
            )
    return _write_plan(folder, given=given, seed=seed)


def _sheet(frame: pd.DataFrame | gpd.GeoDataFrame, name: str) -> pd.DataFrame:
    """Return a table as a worksheet: projects in GCJ-02 degrees, sites in projected metres."""
    if name == "projects":
        return _with_degrees(frame, gcj02=True)
    return _with_eastings(frame) if name == "sites" else frame


def _chinese(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    """Return the frame with the dictionary's Chinese headers and choices; some tables are left unchanged."""
    written = pd.DataFrame(frame)
    if table in _ENGLISH:
        return written
    words_of = {**_WORDS, "kind": _PROJECT_KINDS} if table == "projects" else _WORDS
    for column, words in words_of.items():
        if column in written:
            written[column] = [_translated(value, words) for value in written[column]]
    headers = {column.name: column.header.zh for column in input_table(table).columns}
    return written.rename(columns=headers).rename(columns=_age_header)


def _translated(value: object, words: Mapping[str, str]) -> str | None:
    if not isinstance(value, str):
        return None
    return "；".join(words[part] for part in value.split(";"))


def _age_header(name: str) -> str:
    """Return ``age_7`` as 7岁 and ``age_18_59`` as 18-59岁."""
    found = re.fullmatch(r"age_(\d+)(?:_(\d+))?", name)
    if not found:
        return name
    first, last = found.groups()
    return f"{first}-{last}岁" if last else f"{first}岁"


def _with_degrees(frame: pd.DataFrame | gpd.GeoDataFrame, *, gcj02: bool) -> pd.DataFrame:
    """Return the frame with longitude and latitude in place of its points, in WGS 84 or GCJ-02."""
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
    """Write the layers with geometry into one GeoPackage; units have Chinese headers.

    The time stamp is fixed, so that the bytes do not depend on the time of writing.
    """
    path.unlink(missing_ok=True)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _STAMP})
    try:
        for layer in _LAYERS:
            if layer in tables:
                crs = gpd.GeoDataFrame(tables[layer]).crs
                frame = gpd.GeoDataFrame(_chinese(tables[layer], layer), geometry="geometry", crs=crs)
                frame.to_file(path, layer=layer, driver="GPKG", engine="pyogrio", SPATIAL_INDEX="NO")
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _write_workbook(sheets: Mapping[str, pd.DataFrame], path: Path) -> None:
    """Write frames as sheets of an XLSX file whose bytes depend only on the frames."""
    workbook = openpyxl.Workbook(write_only=True)
    for name, frame in sheets.items():
        sheet = workbook.create_sheet(name)
        sheet.append([str(column) for column in frame.columns])
        cells = frame.astype(object).where(frame.notna(), None)
        for row in cells.itertuples(index=False):
            sheet.append([_cell(value) for value in row])
    sizes = {
        f"xl/worksheets/sheet{number}.xml": _dimension(frame)
        for number, frame in enumerate(sheets.values(), start=1)
    }
    buffer = io.BytesIO()
    workbook.save(buffer)
    with zipfile.ZipFile(buffer) as made, zipfile.ZipFile(path, "w") as kept:
        for entry in made.infolist():
            content = made.read(entry)
            if entry.filename == "docProps/core.xml":  # holds the time of writing
                content = re.sub(rb">[0-9T:.-]{19,}Z<", f">{_STAMP}<".encode(), content)
            if entry.filename in sizes:  # as Excel does, so that readers know the last row
                content = content.replace(b"<sheetViews>", sizes[entry.filename] + b"<sheetViews>", 1)
            fixed = zipfile.ZipInfo(entry.filename, date_time=_ZIP_DATE)
            kept.writestr(fixed, content, compress_type=zipfile.ZIP_DEFLATED)


def _dimension(frame: pd.DataFrame) -> bytes:
    """Return the ``dimension`` element of a sheet with a frame and its header."""
    return f'<dimension ref="A1:{get_column_letter(len(frame.columns))}{len(frame) + 1}"/>'.encode()


def _cell(value: object) -> object:
    """Return a value as a cell: numbers as numbers, booleans as 是 or 否."""
    if isinstance(value, bool | np.bool_):
        return "是" if value else "否"
    return value.item() if isinstance(value, np.generic) else value


def _write_plan(folder: Path, *, given: Mapping[str, pd.DataFrame], seed: int) -> Path:
    """Fill in the plan template; sections of tables that are not given are omitted."""
    template = (resources.files("layoutplan.synthetic") / "demo_plan.toml").read_text(encoding="utf-8")
    for name in re.findall(r"^\[tables\.(\w+)\]", template, flags=re.MULTILINE):
        if name not in given:
            template = re.sub(rf"^\[tables\.{name}\].*?\n\n", "", template, flags=re.MULTILINE | re.DOTALL)
    zh, en = city_name()
    residents = int(given["units"]["population"].sum())
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
