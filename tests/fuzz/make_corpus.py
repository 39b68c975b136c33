"""Write the seed corpus: small valid files of every kind that layoutplan reads, all made here.

``python -m tests.fuzz.make_corpus`` writes ``tests/fuzz/corpus`` anew.
"""

import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pyproj
import rasterio
import shapely

from layoutplan.dictionary import result_table
from layoutplan.outputs.files import write_csv_files
from layoutplan.travel.matrix_store import WalkMatrixStore
from layoutplan.travel.search import SearchTask, search_task
from tests.city.office import CRS, SOUTH, WEST, Office
from tests.city.test_openstreetmap import NODES, TAGGED, WAYS, write
from tests.fuzz.pbf import extract

CORPUS = Path(__file__).parent / "corpus"
PROFILE = """id = "own"
name_en = "Our own"
name_zh = "本地标准"
currency = "CNY"
inherits = "cn-national"

[[rule]]
key = "class_size.cap"
value = { primary = 45, junior = 50 }
unit = "pupils/class"
valid_from = 2020
source = "市教育局 2020"
confidence = "V"
note = "核定班额"

[[rule]]
key = "projects.starts"
value = 30
unit = "projects"
valid_from = 2020
valid_to = 2030
source = "城市普通中小学校校舍建设标准"
confidence = "V2"
"""
PLAN = """
[plan]
name = "小镇"
profile = "cn-national"
base_year = 2025
horizon_year = 2030
stages = ["primary", "junior"]
lang = "zh"

[space]
crs = "EPSG:4547"

[demand]
participation = { primary = 1.0, junior = 0.98 }
births_per_year = 120

[siting]
enabled = true

[travel]
reach_m = { primary = 500, junior = 1000 }

[tables.schools]
file = "schools.csv"
datum = "wgs84"
encoding = "gbk"
columns = { address = "住址" }
values = { ownership = { "公立" = "public" } }
constants = { ownership = "public" }
where = { "学校类型" = ["小学", "九年一贯制"] }
[tables.units]
file = "units.gpkg"
layer = "units"

[[override]]
key = "class_size.cap"
of = "primary"
value = 45
reason = "市教育局"

[scenarios.high.demand]
births_factor = 1.1

[scenarios."低方案".demand]
births_factor = 0.9
"""


def task() -> SearchTask:
    """Return a search among four nodes, two destinations and three homes."""
    return SearchTask(
        indptr=np.array([0, 1, 3, 5, 6], dtype=np.int32),
        indices=np.array([1, 0, 2, 1, 3, 2], dtype=np.int32),
        metres=np.array([100.0, 100.0, 50.0, 50.0, 80.0, 80.0]),
        start_ends=np.array([[0, 1], [2, 3]], dtype=np.int32),
        start_along=np.array([[20.0, 80.0], [40.0, 40.0]]),
        start_offset=np.array([5.0, 1.0]),
        start_edge=np.array([0, 2], dtype=np.int32),
        goal_ends=np.array([[0, 1], [1, 2], [2, 3]], dtype=np.int32),
        goal_along=np.array([[50.0, 50.0], [10.0, 40.0], [0.0, 80.0]]),
        goal_offset=np.array([2.0, 0.0, 9.0]),
        goal_edge=np.array([0, 1, 2], dtype=np.int32),
        limit_m=500.0,
    )


def ledger() -> pd.DataFrame:
    """Return a ledger of three cases."""
    rows = {
        "case_id": ["class_over_cap:S1:primary", "class_over_cap:S2:junior", "class_over_cap:S1:primary#2"],
        "rule": ["class_over_cap"] * 3,
        "school_id": ["S1", "S2", "S1"],
        "name": ["北城小学", "=南城九年制学校", "北城小学"],
        "stage": ["primary", "junior", "primary"],
        "status": ["open", "closed", "overdue"],
        "opened": [2023, 2022, 2024],
        "due_year": [2025, None, 2024],
        "closed": [None, 2024, None],
        "excess_pupils": [12.0, 0.0, 3.5],
        "note": [None, "已新建", "@校长"],
    }
    return pd.DataFrame(rows).reindex(columns=list(result_table("ledger").column_names))


def _rasters(folder: Path) -> None:
    values = np.arange(12 * 12, dtype=np.float32).reshape(12, 12)
    values[0, 0] = np.nan
    profile = {
        "driver": "GTiff",
        "height": 12,
        "width": 12,
        "count": 1,
        "dtype": "float32",
        "crs": pyproj.CRS(CRS).to_wkt(),
        "transform": rasterio.Affine(250, 0, WEST, 0, -250, SOUTH + 3000),
        "nodata": -1.0,
    }
    for name, more in (
        ("people.tif", {}),
        ("packed.tif", {"compress": "deflate", "tiled": True, "blockxsize": 16, "blockysize": 16}),
    ):
        with rasterio.open(folder / name, "w", **profile, **more) as file:
            file.write(values, 1)


def _office_forms(folder: Path, schools: pd.DataFrame) -> None:
    """Write tables as offices have them: wide rolls, paired headers, suppressed counts, gates."""
    (folder / "rolls.csv").write_text(
        "学校编号,学段,2024 一年级,2024 二年级,2025 一年级\nS1,小学,120,118,131\nS2,小学,,60,*\n", "utf-8"
    )
    (folder / "counts.csv").write_text(
        "unit_id,lon,lat,age_0_5,age_6_11 (boys),age_6_11 (girls),对口小学\n"
        "U1,113.650,34.760,*,12,<5,S1\nU2,113.655,34.758,1-4,30,28,S2;S1\nU3,113.660,34.757,,,9,\nTotal,,,40,42,37,\n",
        "utf-8",
    )
    (folder / "capacity.csv").write_text("School,Seats\n北城小学,540\n南城九年制 学校,1.080\n", "utf-8")
    book = openpyxl.Workbook()
    rows = [
        ["学校编号", "学校名称", "学校类型", "经度", "纬度", "小学", None],
        [None, None, None, None, None, "学位数", "在校生数"],
        ["S1", "北城小学", "小学", 113.65, 34.76, "540", 512],
        ["S2", "南城九年制学校", None, 113.66, 34.75, 540, "1,08"],
    ]
    for row in rows:
        book.active.append(row)
    for area in ("F1:G1", "C3:C4"):
        book.active.merge_cells(area)
    book.save(folder / "pairs.xlsx")
    gates = [shapely.MultiPoint([(WEST + 1000, SOUTH + 900), (WEST + 1100, SOUTH + 800)]), None]
    gates[1] = shapely.box(WEST + 100, SOUTH + 100, WEST + 200, SOUTH + 220)
    plain = schools[["学校编号", "学校名称", "学校类型"]]
    shapes = gpd.GeoDataFrame(plain, geometry=gates, crs=CRS).to_crs(4326)
    shapes.to_file(folder / "gates.geojson")


def _shrunk(path: Path) -> None:
    """Make a GeoPackage small: an empty page takes as much room as a full one."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA page_size = 512")
        database.execute("VACUUM")


def write_corpus(folder: Path) -> None:
    """Write all seeds into an empty folder."""
    office = Office(folder)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2025-01-01T00:00:00Z"})
    office.write()
    for name in ("units", "catchments"):
        _shrunk(folder / f"{name}.gpkg")
    units: gpd.GeoDataFrame = office.frames["units"]
    units.to_parquet(folder / "units.parquet")
    plain = pd.DataFrame(units.drop(columns="geometry")).assign(geom=shapely.to_wkb(units.geometry))
    plain.to_parquet(folder / "plain.parquet", compression="zstd")
    units.to_file(folder / "units.fgb")
    office.frames["schools"].to_csv(folder / "schools_utf8.csv", index=False, encoding="utf-8-sig")
    office.frames["schools"].to_csv(folder / "schools.tsv", index=False, sep="\t", encoding="utf-16")
    write(folder / "streets.osm")
    (folder / "streets.osm.pbf").write_bytes(extract(NODES, TAGGED, WAYS))
    _rasters(folder)
    _office_forms(folder, office.frames["schools"])
    (folder / "fuller.toml").write_text(PLAN, encoding="utf-8")
    (folder / "own.toml").write_text(PROFILE, encoding="utf-8")
    (csv,) = write_csv_files({"ledger": ledger()}, folder)
    csv.rename(folder / "ledger.csv")
    ledger().to_excel(folder / "ledger.xlsx", index=False, sheet_name=result_table("ledger").title.zh)
    with tempfile.TemporaryDirectory() as cache:
        WalkMatrixStore(Path(cache)).put(task(), search_task(task()))
        (entry,) = Path(cache).glob("*.pairs")
        (folder / "entry.pairs").write_bytes(entry.read_bytes())


if __name__ == "__main__":
    shutil.rmtree(CORPUS, ignore_errors=True)
    CORPUS.mkdir()
    write_corpus(CORPUS)
