"""GeoPackages before GDAL reads them: whole, not in the middle of being written, layers that are tables.

A view may compute for ever, and a database that another program has open keeps its last rows in a second
file (``-wal``): it is read from a copy, so that the original is not touched.
"""

from __future__ import annotations

import shutil
import sqlite3
import struct
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from layoutplan.city.contents import report_other
from layoutplan.city.limits import COLUMNS, within
from layoutplan.dictionary.table_log import TableLog

_STEPS: Final = 50_000_000
"""Steps of SQLite's machine that a look at the schema may take: a second or so."""
_OWN: Final = ("gpkg_", "rtree_", "sqlite_")
_LAYERS: Final = (
    "SELECT table_name FROM gpkg_contents WHERE data_type IN ('features', 'attributes', 'aspatial')"
)


@dataclass(frozen=True)
class Package:
    """The layers of a GeoPackage, other tables in it, and which of all these do not hold their rows."""

    layers: tuple[str, ...]
    others: tuple[str, ...]
    not_tables: frozenset[str]


def companion(path: Path, ending: str) -> Path:
    """Return the file that SQLite keeps beside a database (``-wal``, ``-journal``)."""
    return path.with_name(path.name + ending)


@contextmanager
def settled(path: Path) -> Iterator[Path]:
    """Give a GeoPackage to read that nothing is pending for: the file itself, else a copy with it written in.

    The original is never written to.
    """
    log_file = companion(path, "-wal")
    if not (log_file.is_file() and log_file.stat().st_size):
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="layoutplan-") as folder:
        copy = Path(folder) / path.name
        shutil.copyfile(path, copy)
        shutil.copyfile(log_file, companion(copy, "-wal"))
        with closing(sqlite3.connect(copy)) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            database.execute("PRAGMA journal_mode=DELETE")
        yield copy


def look_at_package(path: Path, *, log: TableLog) -> Package | None:
    """Read the layers of a GeoPackage; a fault and ``None`` where it is none, cut off, or being written."""
    with path.open("rb") as file:
        head = file.read(100)
    page, pages = struct.unpack(">H", head[16:18])[0], struct.unpack(">I", head[28:32])[0]
    if pages * (65_536 if page == 1 else page) > path.stat().st_size:
        log.add("file_truncated")
        return None
    journal = companion(path, "-journal")
    if journal.is_file() and journal.stat().st_size:
        log.add("package_being_written", journal=journal.name)
        return None
    address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(address, uri=True)) as database:
        database.text_factory = lambda content: content.decode("utf-8", errors="replace")
        database.set_progress_handler(lambda: 1, _STEPS)
        kinds = {
            str(name).lower(): (str(kind), str(sql))
            for name, kind, sql in database.execute(
                "SELECT name, type, sql FROM sqlite_master WHERE type IN ('table', 'view')"
            )
        }
        if kinds.get("gpkg_contents", ("",))[0] != "table":
            report_other("sqlite_other", path.suffix.lower(), log=log)
            return None
        views = [name for name, (kind, _) in kinds.items() if kind == "view" and name.startswith("gpkg_")]
        if views:
            log.add("layer_not_table", layer=views[0])
            return None
        layers = tuple(str(name) for (name,) in database.execute(_LAYERS))
        known = {name.lower() for name in layers}
        others = tuple(name for name in kinds if name not in known and not name.startswith(_OWN))
        tables = {name for name in (*layers, *others) if _is_table(*kinds.get(name.lower(), ("", "")))}
        columns = {name: _columns(database, name) for name in tables}
    if not within(max((len(some) for some in columns.values()), default=0), COLUMNS, of="columns", log=log):
        return None
    computed = {name for name, hidden in columns.items() if any(hidden)}
    return Package(layers, others, frozenset({*layers, *others} - tables | computed))


def _columns(database: sqlite3.Connection, name: str) -> list[bool]:
    """Say of each column of a table whether it is computed when it is read."""
    found = database.execute("SELECT hidden FROM pragma_table_xinfo(?)", (name,))
    return [bool(hidden) for (hidden,) in found]


def _is_table(kind: str, sql: str) -> bool:
    """Say whether a layer is a table that holds its rows: no view, and not virtual."""
    return kind == "table" and not sql.upper().startswith("CREATE VIRTUAL")
