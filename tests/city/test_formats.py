"""Workbooks, shapefiles, Parquet and the others: the same town from every format."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely
from shapely.geometry import Point

from layoutplan.city.readers import fingerprint, read_table
from layoutplan.dictionary.table_log import TableLog
from layoutplan.errors import FaultLog
from layoutplan.plan.settings import TableSettings

SHAPES = gpd.GeoDataFrame(
    {"编号": ["S1", "S2"], "名称": ["第一小学", "外国语小学"], "seats_prim": [810, 405]},
    geometry=[Point(467_000, 3_847_000), Point(468_000, 3_848_000)],
    crs=4547,
)


def _read(path: Path, **settings):
    log = FaultLog()
    raw = read_table(path, TableSettings(file=path, **settings), log=TableLog(log, path.name, "schools"))
    return raw, log


@pytest.mark.parametrize("suffix", ["gpkg", "shp", "geojson", "fgb", "parquet"])
def test_shapes_and_chinese_come_through_every_format(tmp_path, suffix):
    path = tmp_path / f"学校.{suffix}"
    if suffix == "parquet":
        SHAPES.to_parquet(path)
    else:
        frame = SHAPES.to_crs(4326) if suffix == "geojson" else SHAPES
        frame.to_file(path, **({"encoding": "utf-8"} if suffix == "shp" else {}))
    raw, log = _read(path)
    assert not log.errors
    assert sorted(raw.frame["名称"]) == sorted(SHAPES["名称"])
    assert raw.frame.index.tolist() == [2, 3]
    got = gpd.GeoSeries(raw.frame["geometry"].to_numpy(), crs=raw.crs).to_crs(4547)
    by_name = dict(zip(raw.frame["编号"], got, strict=True))
    for name, point in zip(SHAPES["编号"], SHAPES.geometry, strict=True):
        assert by_name[name].distance(point) < 0.01


def test_parquet_with_a_wkb_column_needs_the_crs_stated(tmp_path):
    plain = pd.DataFrame(SHAPES.drop(columns="geometry")).assign(geom=shapely.to_wkb(SHAPES.geometry))
    plain.to_parquet(tmp_path / "a.parquet")
    raw, log = _read(tmp_path / "a.parquet")
    assert not log.errors
    assert raw.crs is None
    assert raw.frame["geometry"].iloc[1] == SHAPES.geometry.iloc[1]


@pytest.mark.parametrize("cpg", ["kept", "removed", "nothing says"])
def test_gbk_shapefile_with_and_without_cpg(tmp_path, cpg):
    SHAPES.to_file(tmp_path / "a.shp", encoding="gbk")
    if cpg != "kept":
        (tmp_path / "a.cpg").unlink()
    if cpg == "nothing says":
        data = bytearray((tmp_path / "a.dbf").read_bytes())
        data[29] = 0
        (tmp_path / "a.dbf").write_bytes(bytes(data))
    raw, log = _read(tmp_path / "a.shp")
    assert not log.errors
    assert raw.frame["名称"].tolist() == ["第一小学", "外国语小学"]


def test_fingerprint_of_a_shapefile_covers_its_parts(tmp_path):
    SHAPES.to_file(tmp_path / "a.shp", encoding="utf-8")
    before = fingerprint(tmp_path / "a.shp")
    (tmp_path / "a.prj").write_text((tmp_path / "a.prj").read_text() + " ")
    assert fingerprint(tmp_path / "a.shp") != before
    assert len(before) == 64


def test_sheet_by_name_title_dates_and_blanks(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "说明"
    book.active.append(["填表说明"])
    sheet = book.create_sheet("学校")
    for row in (
        ["高新区学校一览表"],
        [],
        ["编号", "名称", None],
        ["S1", "第一小学"],
        [],
        [" ", None],
        ["S2", "外国语小学"],
    ):
        sheet.append(row)
    book.save(tmp_path / "a.xlsx")
    raw, log = _read(tmp_path / "a.xlsx", sheet="学校")
    assert [note.code for note in log] == ["title_skipped"]
    assert raw.frame.to_dict("list") == {"编号": ["S1", "S2"], "名称": ["第一小学", "外国语小学"]}
    assert raw.frame.index.tolist() == [4, 7]


def test_the_only_filled_sheet_needs_no_name(tmp_path):
    book = openpyxl.Workbook()
    book.create_sheet("空").append([None])
    book.worksheets[0].append(["编号"])
    book.worksheets[0].append([12])
    book.save(tmp_path / "a.xlsx")
    raw, log = _read(tmp_path / "a.xlsx")
    assert not list(log)
    assert raw.frame["编号"].tolist() == [12]


@pytest.mark.parametrize("value", [810, "810", 810.0, [405, 810], ["810"]])
def test_where_compares_numbers_and_texts_alike(tmp_path, value):
    SHAPES.to_file(tmp_path / "a.gpkg")
    raw, log = _read(tmp_path / "a.gpkg", where={"seats_prim": value})
    assert not log.errors
    assert "S1" in raw.frame["编号"].tolist()
    assert len(raw.frame) == (2 if value == [405, 810] else 1)


def test_constants_are_columns_of_every_row(tmp_path):
    SHAPES.to_file(tmp_path / "a.gpkg")
    raw, _ = _read(tmp_path / "a.gpkg", constants={"school_type": "primary"})
    assert raw.frame["school_type"].tolist() == ["primary", "primary"]


def test_geojson_without_crs_member_lets_the_plan_say(tmp_path):
    SHAPES.to_crs(4326).to_file(tmp_path / "a.geojson")
    text = (tmp_path / "a.geojson").read_text()
    assert not _read(tmp_path / "a.geojson")[0].crs_assumed or '"crs"' not in text
    start = text.index('"crs"') if '"crs"' in text else -1
    if start >= 0:
        end = text.index("\n", start)
        (tmp_path / "a.geojson").write_text(text[:start] + text[end:])
    raw, log = _read(tmp_path / "a.geojson")
    assert not log.errors
    assert raw.crs_assumed
