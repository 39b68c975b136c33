"""What is fuzzed: each kind of file with its seeds, the changes made to it, and the reader it is given to."""

import random
import shutil
import sqlite3
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
from hypothesis import strategies as st

from layoutplan.city import load_city
from layoutplan.city.raster import RasterSettings, read_raster
from layoutplan.city.tables import read_tables
from layoutplan.dictionary import input_table
from layoutplan.dictionary.table_log import TableLog
from layoutplan.errors import UNPRINTABLE, Fault, FaultLog, InputError
from layoutplan.outputs.files import read_ledger
from layoutplan.plan import load_plan
from layoutplan.plan.settings import TableSettings
from layoutplan.standards import read_profile
from layoutplan.texts import LANGUAGES
from layoutplan.travel.matrix_store import WalkMatrixStore, _key, _name
from tests.city.office import rectangle
from tests.fuzz.make_corpus import CORPUS, task
from tests.fuzz.mutations import changed, in_archive, in_extract, parquet_metadata, parquet_types

WHOLE_CITY = 100
"""One in so many inputs is read as part of the whole city."""


@dataclass(frozen=True)
class Kind:
    """Inputs of one kind, and the reader that must answer each with a result or a fault."""

    name: str
    inputs: Callable[[], st.SearchStrategy[bytes]]
    read: Callable[["Office", bytes], None]


@dataclass(frozen=True)
class Office:
    """A folder with the corpus, in which one file at a time is replaced."""

    folder: Path

    @contextmanager
    def file(self, name: str, content: bytes) -> Iterator[Path]:
        """Put ``content`` in place of a file for as long as the block runs."""
        path = self.folder / name
        path.write_bytes(content)
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)
            if (CORPUS / name).is_file():
                shutil.copyfile(CORPUS / name, path)


@contextmanager
def office() -> Iterator[Office]:
    """Give a folder with a copy of the corpus."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        shutil.copytree(CORPUS, folder, dirs_exist_ok=True)
        yield Office(Path(folder))


def _said(faults: tuple[Fault, ...]) -> None:
    """Print every fault in both languages: a text must fit its parameters."""
    for fault in faults:
        for lang in LANGUAGES:
            assert not UNPRINTABLE.search(f"{fault.place(lang)} {fault.what(lang)} {fault.remedy(lang)}")


def _table(table: str, name: str, here: Office, content: bytes, **stated: Any) -> None:
    """Read one table of the town from a file with this content; now and then the whole town with it."""
    plan = load_plan(here.folder / "plan.toml")
    with here.file(name, content):
        datum = "wgs84" if name.endswith(("csv", "tsv")) else None
        settings = TableSettings.model_validate({"file": Path(name), "datum": datum, **stated})
        log = FaultLog()
        read_tables(replace(plan, tables={table: settings}), log=log)
        _said(tuple(log))
        if zlib.crc32(content) % WHOLE_CITY == 0:
            try:
                _said(load_city(replace(plan, tables={**plan.tables, table: settings})).notes)
            except InputError as error:
                _said(error.faults)


def _raster(here: Office, content: bytes, *, unit: Literal["people", "per_km2"] | None = None) -> None:
    log = FaultLog()
    inside = gpd.GeoSeries([rectangle(0, 0, 3000, 3000)], crs="EPSG:4547")
    with here.file("people.tif", content) as path:
        read_raster(
            path,
            Path("people.tif"),
            settings=RasterSettings(crs="EPSG:4547", unit=unit),
            inside=inside,
            log=TableLog(log, "a", "units"),
        )
    _said(tuple(log))


def _refusable(name: str, read: Callable[[Path], object], here: Office, content: bytes) -> None:
    with here.file(name, content) as path:
        try:
            read(path)
        except InputError as error:
            _said(error.faults)


def _entry(here: Office, content: bytes) -> None:
    folder = here.folder / "cache"
    store = WalkMatrixStore(folder)
    right = store.get(task())
    folder.mkdir(exist_ok=True)
    path = folder / _name(_key(task()))
    path.write_bytes(content)
    found = store.get(task())
    path.unlink()
    assert right is None
    if found is not None:  # only the entry itself is taken
        assert content == (CORPUS / "entry.pairs").read_bytes()


def _cells(here: Office, content: bytes) -> None:
    """Put odd values into the cells of a GeoPackage: SQLite lets any column hold anything."""
    order = random.Random(content)  # noqa: S311  the same content, the same choices
    odd = (
        None,
        -1,
        2**62,
        1e308,
        "x",
        "\x07",
        "ÿ" * 99,
        content,
        b"",
        "9" * 400,
        float("inf"),
        "POINT (1 1)",
    )
    path = here.folder / "odd.gpkg"
    shutil.copyfile(CORPUS / "units.gpkg", path)
    with closing(sqlite3.connect(path)) as database:
        database.create_function("ST_IsEmpty", 1, lambda _: 0)
        for name in [
            str(row[0]) for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        ]:
            database.execute(f'DROP TRIGGER "{name}"')
        for _ in range(3):
            table = order.choice(("units", "gpkg_contents", "gpkg_geometry_columns", "gpkg_spatial_ref_sys"))
            column = order.choice([row[1] for row in database.execute(f'PRAGMA table_info("{table}")')])
            with suppress_sql():
                database.execute(
                    f'UPDATE "{table}" SET "{column}" = ? WHERE rowid % 3 = ?',  # noqa: S608  our own names
                    (order.choice(odd), order.randrange(3)),
                )
        database.commit()
    _table("units", "odd.gpkg", here, path.read_bytes())


@contextmanager
def suppress_sql() -> Iterator[None]:
    """Let a change pass that the schema of the database refuses."""
    try:
        yield
    except sqlite3.Error:
        return


def _seed(name: str) -> bytes:
    return (CORPUS / name).read_bytes()


def _seeds(*names: str) -> Callable[[], st.SearchStrategy[bytes]]:
    def inputs() -> st.SearchStrategy[bytes]:
        seeds = tuple(_seed(name) for name in names)
        return st.one_of(*[changed(seed, seeds) for seed in seeds], st.binary(max_size=200))

    return inputs


def _names(table: str) -> tuple[str, ...]:
    columns = input_table(table).columns
    return (
        *(column.name for column in columns),
        *(column.header.zh for column in columns),
        "geometry",
        "geom",
        "age_5",
    )


def _kind_of_table(name: str, table: str, *seeds: str, suffix: str | None = None, **stated: Any) -> Kind:
    return Kind(name, _seeds(*seeds), partial(_table, table, suffix or seeds[0], **stated))


_ROLL = {
    "into": ["year", "grade"],
    "headers": {
        "pupils": {"2024 一年级": ["2024", "1"], "2024 二年级": ["2024", "2"], "2025 一年级": ["2025", "1"]}
    },
}
_JOIN = {"file": "capacity.csv", "on": "学校名称", "to": "School", "take": ["Seats"]}


KINDS: tuple[Kind, ...] = (
    _kind_of_table("csv utf-8", "schools", "schools_utf8.csv", "schools.tsv"),
    _kind_of_table("csv gbk", "schools", "schools.csv"),
    _kind_of_table("csv projects", "projects", "projects.csv", "schools_utf8.csv"),
    _kind_of_table("xlsx bytes", "classes", "classes.xlsx", "ledger.xlsx"),
    Kind("xlsx parts", lambda: in_archive(_seed("classes.xlsx")), partial(_table, "classes", "classes.xlsx")),
    _kind_of_table("gpkg", "units", "units.gpkg", "catchments.gpkg"),
    Kind("gpkg cells", lambda: st.binary(min_size=1, max_size=12), _cells),
    _kind_of_table("shp", "roads", "roads.shp"),
    _kind_of_table("shp dbf", "roads", "roads.dbf"),
    _kind_of_table("shp shx", "roads", "roads.shx"),
    _kind_of_table("shp prj", "roads", "roads.prj"),
    _kind_of_table("geojson", "districts", "districts.geojson"),
    _kind_of_table("fgb", "units", "units.fgb"),
    _kind_of_table("parquet", "units", "units.parquet", "plain.parquet"),
    Kind(
        "parquet metadata",
        lambda: parquet_metadata(_seed("units.parquet")),
        partial(_table, "units", "units.parquet"),
    ),
    Kind("parquet types", lambda: parquet_types(_names("units")), partial(_table, "units", "units.parquet")),
    Kind(
        "parquet schools",
        lambda: parquet_types(_names("schools")),
        partial(_table, "schools", "plain.parquet"),
    ),
    Kind("tif", _seeds("people.tif", "packed.tif"), _raster),
    Kind("tif of densities", _seeds("people.tif", "packed.tif"), partial(_raster, unit="per_km2")),
    _kind_of_table("two files", "schools", "schools.tsv", file=["schools_utf8.csv", "schools.tsv"]),
    _kind_of_table("joined file", "schools", "capacity.csv", file="schools_utf8.csv", join=_JOIN),
    _kind_of_table(
        "joined to", "schools", "schools_utf8.csv", join=_JOIN, columns={"seats_primary": "Seats"}
    ),
    _kind_of_table("wide roll", "enrolment_history", "rolls.csv", long=_ROLL),
    _kind_of_table("suppressed", "units", "counts.csv", suppressed=[1, 4], without={"unit_id": "Total"}),
    _kind_of_table("boys and girls", "units", "counts.csv", add_up=["age_6_11"], ignore=["对口小学"]),
    _kind_of_table("paired headers", "schools", "pairs.xlsx"),
    Kind("paired parts", lambda: in_archive(_seed("pairs.xlsx")), partial(_table, "schools", "pairs.xlsx")),
    _kind_of_table("gates", "schools", "gates.geojson"),
    _kind_of_table("osm pbf", "roads", "streets.osm.pbf"),
    Kind(
        "osm pbf blobs",
        lambda: in_extract(_seed("streets.osm.pbf")),
        partial(_table, "roads", "streets.osm.pbf"),
    ),
    _kind_of_table("osm xml", "barriers", "streets.osm"),
    Kind("plan.toml", _seeds("plan.toml", "fuller.toml"), partial(_refusable, "fuller.toml", load_plan)),
    Kind("profile", _seeds("own.toml"), partial(_refusable, "own.toml", read_profile)),
    Kind("ledger csv", _seeds("ledger.csv"), partial(_refusable, "ledger.csv", read_ledger)),
    Kind(
        "ledger xlsx",
        lambda: in_archive(_seed("ledger.xlsx")),
        partial(_refusable, "ledger.xlsx", read_ledger),
    ),
    Kind("cache entry", _seeds("entry.pairs"), _entry),
)
