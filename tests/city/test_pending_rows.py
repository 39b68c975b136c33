"""A GeoPackage that somebody works on is read with its pending rows, and not altered."""

from __future__ import annotations

import sqlite3

import geopandas as gpd
import pytest
from shapely.geometry import box

from layoutplan.city import load_city
from layoutplan.city.vector_files import read_vector
from layoutplan.dictionary.table_log import TableLog
from layoutplan.errors import FaultLog
from layoutplan.plan import load_plan
from tests.city.office import Office


def states(folder):
    """Bytes and times of every file of a folder."""
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in sorted(folder.iterdir())}


def read(path):
    """Read the only layer of a file; no fault."""
    log = FaultLog()
    table = read_vector(path, layer=None, encoding=None, log=TableLog(log, path.name, "units"))
    assert not log.errors
    return table


@pytest.fixture
def pending(tmp_path):
    """An office whose population of U1 is changed in a write-ahead log that is not yet in the file."""
    folder = tmp_path / "office"
    folder.mkdir()
    office = Office(folder)
    office.drop("roads")
    office.write()
    path = folder / "units.gpkg"
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("PRAGMA journal_mode=WAL")
    writer.execute("PRAGMA wal_autocheckpoint=0")
    for trigger in ("rtree_units_geom_update1", "rtree_units_geom_update6", "rtree_units_geom_update7"):
        writer.execute(f"DROP TRIGGER IF EXISTS {trigger}")  # they call functions of GDAL
    for (trigger,) in writer.execute("SELECT name FROM sqlite_master WHERE type='trigger'").fetchall():
        writer.execute(f'DROP TRIGGER "{trigger}"')
    writer.execute("UPDATE units SET population = 4321, age_0_5 = 77 WHERE unit_id = 'U1'")
    assert (folder / "units.gpkg-wal").stat().st_size > 0
    yield folder
    writer.close()


def test_pending_rows_are_read_and_no_input_is_altered(pending):
    before = states(pending)
    city = load_city(load_plan(pending / "plan.toml"))
    assert states(pending) == before
    assert city.units["residents"].iloc[0] == 4321
    (source,) = (source for source in city.sources if source.table == "units")
    first = source.sha256
    wal = pending / "units.gpkg-wal"
    wal.write_bytes(wal.read_bytes() + b"more")
    again = load_city(load_plan(pending / "plan.toml"))
    assert [source.sha256 for source in again.sources if source.table == "units"] != [first]


def test_a_log_left_alone_is_read_and_kept(pending, tmp_path):
    """As after a copy from a running office: no process has the file open."""
    copy = tmp_path / "copy"
    copy.mkdir()
    for path in pending.iterdir():
        if not path.name.endswith("-shm"):
            (copy / path.name).write_bytes(path.read_bytes())
    before = states(copy)
    city = load_city(load_plan(copy / "plan.toml"))
    assert states(copy) == before
    assert city.units["residents"].iloc[0] == 4321


def test_a_file_with_a_log_but_nothing_pending_gains_no_siblings(pending, tmp_path):
    copy = tmp_path / "copy"
    copy.mkdir()
    with sqlite3.connect(pending / "units.gpkg") as source, sqlite3.connect(copy / "units.gpkg") as target:
        source.backup(target)
    target.execute("PRAGMA journal_mode=WAL")
    target.close()
    source.close()
    before = states(copy)
    assert list(before) == ["units.gpkg"]
    assert read(copy / "units.gpkg").frame["population"].iloc[0] == 4321
    assert states(copy) == before


def test_reading_a_plain_file_leaves_nothing_beside_it(tmp_path):
    frame = gpd.GeoDataFrame({"n": [1]}, geometry=[box(0, 0, 1, 1)], crs=4547)
    frame.to_file(tmp_path / "a.gpkg")
    before = states(tmp_path)
    assert len(read(tmp_path / "a.gpkg").frame) == 1
    assert states(tmp_path) == before
