"""Limits are enforced before reading, and whatever a reader raises is a fault of its file."""

import gzip
import struct
import zipfile

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest
from openpyxl.chart import BarChart
from shapely.geometry import Point

from layoutplan.city import extracts, gdal, limits, parquet, readers, text_files, vector_files, workbooks
from layoutplan.city.limits import free_memory, limits_markdown
from layoutplan.texts import keys
from tests.city.test_trust import people, raster, read
from tests.fuzz.make_corpus import CORPUS

POINTS = gpd.GeoDataFrame({"name": list("abc")}, geometry=[Point(113.6, 34.7)] * 3, crs=4326)


def workbook(path, parts: dict[str, bytes]) -> None:
    """Write the corpus' workbook with some parts replaced or added."""
    with zipfile.ZipFile(CORPUS / "classes.xlsx") as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**found, **parts}.items():
            archive.writestr(name, content)


SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'


def test_a_bomb_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(workbooks, "UNPACKED_BYTES", 10_000_000)
    workbook(tmp_path / "a.xlsx", {"xl/media/image1.png": b"\0" * 11_000_000})
    assert (tmp_path / "a.xlsx").stat().st_size < 100_000
    assert read(tmp_path / "a.xlsx") == (None, ["limit_exceeded"])


def test_a_size_that_a_workbook_does_not_say_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(workbooks, "UNPACKED_BYTES", 10_000_000)
    workbook(tmp_path / "a.xlsx", {"xl/worksheets/sheet1.xml": SHEET.format(" " * 11_000_000).encode()})
    data = (tmp_path / "a.xlsx").read_bytes()
    true = struct.pack("<I", len(SHEET.format(" " * 11_000_000)))
    assert true in data
    (tmp_path / "a.xlsx").write_bytes(data.replace(true, struct.pack("<I", 1000)))
    raw, codes = read(tmp_path / "a.xlsx")
    assert raw is None
    assert codes == ["workbook_damaged"]


def test_rows_numbered_to_the_end_of_the_world_are_not_counted_out(tmp_path, monkeypatch):
    monkeypatch.setattr(workbooks, "SHEET_ROWS", 10_000)
    rows = (
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="99999999999"><c r="A99999999999"><v>2</v></c></row>'
    )
    workbook(tmp_path / "a.xlsx", {"xl/worksheets/sheet1.xml": SHEET.format(rows).encode()})
    raw, codes = read(tmp_path / "a.xlsx")
    assert raw is None
    assert len(codes) == 1
    assert codes[0] in ("limit_exceeded", "workbook_damaged")


def test_what_a_sheet_says_of_its_own_size_is_passed_over(tmp_path):
    rows = "".join(
        f'<row r="{row}"><c r="A{row}" t="inlineStr"><is><t>a{row}</t></is></c>'
        f'<c r="B{row}"><v>1</v></c></row>'
        for row in (1, 2, 3)
    )
    for said in ("A1:A2", "A1:XFD1048576"):
        sheet = SHEET.replace("<sheetData>", f'<dimension ref="{said}"/><sheetData>').format(rows)
        workbook(tmp_path / "a.xlsx", {"xl/worksheets/sheet1.xml": sheet.encode()})
        raw, codes = read(tmp_path / "a.xlsx")
        assert codes == []
        assert raw.frame.shape == (2, 2)


@pytest.mark.parametrize(
    "part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml"]
)
def test_entities_are_refused_before_they_grow(tmp_path, part):
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "ha"}">' for n in range(30))
    bomb = f'<?xml version="1.0"?><!DOCTYPE worksheet [{entities}]><worksheet>&a29;</worksheet>'
    for text in (bomb, f"<!--{' ' * 70_000}-->{bomb[21:]}"):
        workbook(tmp_path / "a.xlsx", {part: text.encode()})
        assert read(tmp_path / "a.xlsx") == (None, ["xml_with_entities"])
    osm = tmp_path / "a.osm"
    osm.write_text(f'<!DOCTYPE osm [{entities}]><osm version="0.6"><node id="1" lat="1" lon="1"/>&a29;</osm>')
    assert read(osm, table="roads") == (None, ["xml_with_entities"])


def test_a_workbook_of_charts_alone_says_so(tmp_path):
    book = openpyxl.Workbook()
    book.create_chartsheet("图").add_chart(BarChart())
    book.remove(book.worksheets[0])
    book.save(tmp_path / "a.xlsx")
    assert read(tmp_path / "a.xlsx") == (None, ["workbook_without_sheets"])


def test_columns_cells_and_rows_are_counted_while_they_are_read(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    path.write_text(",".join(f"c{n}" for n in range(30)) + "\n" + ",".join("1" * 30) + "\n")
    assert read(path)[1] == []
    for name, most in (("COLUMNS", 29), ("CELLS", 59), ("ROWS", 0)):
        with monkeypatch.context() as change:
            change.setattr(text_files, name, most)
            assert read(path) == (None, ["limit_exceeded"]), name
    POINTS.to_file(tmp_path / "a.gpkg")
    POINTS.to_file(tmp_path / "a.fgb")
    for name in ("a.gpkg", "a.fgb"):
        with monkeypatch.context() as change:
            change.setattr(vector_files, "ROWS", 2)
            assert read(tmp_path / name) == (None, ["limit_exceeded"]), name


def test_every_row_is_read_of_a_layer_that_is_small_or_not(tmp_path, monkeypatch):
    POINTS.to_file(tmp_path / "a.gpkg")
    for few in (1, len(POINTS) - 1, len(POINTS), len(POINTS) + 1):
        monkeypatch.setattr(gdal, "_FEW", few)
        for most in range(1, len(POINTS) + 2):
            assert len(gdal.read_layer(tmp_path / "a.gpkg", "a", most=most)) == min(most, len(POINTS)), few


def test_a_file_too_large_for_the_memory_is_not_begun(monkeypatch):
    assert free_memory() > 0
    monkeypatch.setattr(limits, "free_memory", lambda: 1000)
    for name in (
        "schools.csv",
        "units.gpkg",
        "districts.geojson",
        "units.parquet",
        "classes.xlsx",
        "streets.osm.pbf",
    ):
        assert read(CORPUS / name, table="roads") == (None, ["memory_short"]), name


@pytest.mark.parametrize("levels", [150, 100_000])
def test_nesting_has_an_end(tmp_path, levels):
    path = tmp_path / "a.geojson"
    path.write_text('{"type": "FeatureCollection", "features": [], "x": ' + "[" * levels + "]" * levels + "}")
    assert read(path) == (None, ["nested_too_deep"])


def test_parquet_is_held_to_what_it_says_and_to_what_comes(tmp_path, monkeypatch):
    pd.DataFrame({"name": ["x" * 1000] * 5000}).to_parquet(tmp_path / "a.parquet")
    assert (tmp_path / "a.parquet").stat().st_size < 50_000
    assert read(tmp_path / "a.parquet")[1] == []
    for name, most in (("ROWS", 4999), ("CELLS", 4999), ("UNPACKED_BYTES", 100_000)):
        with monkeypatch.context() as change:
            change.setattr(parquet, name, most)
            assert read(tmp_path / "a.parquet") == (None, ["limit_exceeded"]), name


def test_blobs_of_an_extract_are_added_up(tmp_path, monkeypatch):
    monkeypatch.setattr(extracts, "UNPACKED_BYTES", 100)
    assert read(CORPUS / "streets.osm.pbf", table="roads") == (None, ["limit_exceeded"])
    cut = tmp_path / "a.osm.pbf"
    cut.write_bytes((CORPUS / "streets.osm.pbf").read_bytes()[:-9])
    assert read(cut, table="roads") == (None, ["osm_truncated"])


def test_a_raster_that_claims_a_million_by_a_million_is_not_read(tmp_path):
    raster(tmp_path / "a.tif")
    data = (tmp_path / "a.tif").read_bytes()
    for tag in (256, 257, 278):  # width, height, rows a strip
        short, long = struct.pack("<HHII", tag, 3, 1, 4), struct.pack("<HHII", tag, 4, 1, 1_000_000)
        assert short in data
        data = data.replace(short, long)
    (tmp_path / "b.tif").write_bytes(data)
    value, codes = people(tmp_path / "b.tif")
    assert value is None
    assert codes[0] in ("limit_exceeded", "raster_damaged")


def test_a_raster_cut_off_is_damaged(tmp_path):
    (tmp_path / "a.tif").write_bytes((CORPUS / "packed.tif").read_bytes()[:100])
    assert people(tmp_path / "a.tif") == (None, ["raster_damaged"])


def test_a_raster_with_infinite_people_says_so(tmp_path):
    raster(tmp_path / "a.tif", value=np.inf)
    assert people(tmp_path / "a.tif") == (None, ["raster_infinite"])


def test_a_header_is_short_and_can_be_printed(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a" * 1_001 + ",b\n1,2\n")
    assert read(path) == (None, ["header_too_long"])
    path.write_text("编\x07号,b\n1,2\n", encoding="utf-8")
    assert read(path) == (None, ["header_characters"])
    pd.DataFrame({"a\uffff": [1]}).to_parquet(tmp_path / "a.parquet")
    assert read(tmp_path / "a.parquet") == (None, ["header_characters"])


# The guard


def _meta(change):
    def make(folder):
        POINTS.to_parquet(folder / "a.parquet")
        table = pq.read_table(folder / "a.parquet")
        pq.write_table(table.replace_schema_metadata({b"geo": change}), folder / "a.parquet")
        return folder / "a.parquet"

    return make


def _dbf(content):
    def make(folder):
        POINTS.to_file(folder / "a.shp")
        (folder / "a.dbf").write_bytes(content)
        return folder / "a.shp"

    return make


def _not_utf8(folder):
    path = folder / "a.parquet"
    pd.DataFrame({"name": ["zzzz"]}).to_parquet(path, compression=None)
    path.write_bytes(path.read_bytes().replace(b"zzzz", b"z\xff\xfez"))
    return path


DAMAGED = {
    "a text of Parquet that is no UTF-8": (_not_utf8, "vector_damaged"),
    "metadata that are no JSON": (_meta(b"{"), "vector_damaged"),
    "metadata that are a list": (_meta(b"[]"), "vector_damaged"),
    "metadata of no column": (_meta(b'{"primary_column": "x", "columns": {}}'), "vector_damaged"),
    "metadata whose columns are a text": (_meta(b'{"columns": "x"}'), "vector_damaged"),
    "a .dbf of five bytes": (_dbf(b"\x03abcd"), "shapefile_part_missing"),
    "a .dbf of nothing": (_dbf(b""), "shapefile_part_missing"),
    "a .dbf that promises more rows than it has bytes": (_dbf(b"\x03abc" + b"\xff" * 28), "file_truncated"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damage_is_a_fault_of_its_file(name, tmp_path):
    make, code = DAMAGED[name]
    assert read(make(tmp_path)) == (None, [code])


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (MemoryError(), "memory_ended"),
        (RecursionError(), "nested_too_deep"),
        (PermissionError(13, "Permission denied"), "file_unreadable"),
        (struct.error("unpack requires 4 bytes"), "text_damaged"),
        (KeyError("x"), "text_damaged"),
        (ZeroDivisionError(), "text_damaged"),
    ],
)
def test_whatever_a_reader_raises_is_a_fault(error, code, monkeypatch):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr(readers, "read_text_file", fail)
    assert read(CORPUS / "schools.csv") == (None, [code])


def test_an_interrupt_is_no_fault(monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(readers, "read_text_file", stop)
    with pytest.raises(KeyboardInterrupt):
        read(CORPUS / "schools.csv")


def test_a_table_under_another_kinds_name_says_what_it_is(tmp_path):
    wrong = {
        "schools.csv": "gpkg",
        "classes.xlsx": "csv",
        "units.gpkg": "csv",
        "units.parquet": "gpkg",
        "packed.tif": "csv",
    }
    for name, suffix in wrong.items():
        path = tmp_path / f"a.{suffix}"
        path.write_bytes((CORPUS / name).read_bytes())
        assert read(path) == (None, ["content_other"]), name
    (tmp_path / "a.csv").write_bytes(gzip.compress(b"a,b\n1,2\n"))
    assert read(tmp_path / "a.csv") == (None, ["content_other"])


def test_every_limit_has_its_words():
    named = {key.split(".")[1] for key in keys("limits.")}
    assert {limit.key for limit in limits.limits()} <= named
    assert limits_markdown().count("\n| ") == len(limits.limits()) + 2
