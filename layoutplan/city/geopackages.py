"""Checks of GeoPackages before GDAL reads them: complete, not being written, layers that are tables.

A view may compute without end, and a database open in another program keeps its last rows in a second
file (``-wal``): it is read from a copy, so that the original is not modified.
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
"""Limit on SQLite virtual machine steps while the schema is read: about a second."""
_OWN: Final = ("gpkg_", "rtree_", "sqlite_")
_LAYERS: Final = (
    "SELECT table_name FROM gpkg_contents WHERE data_type IN ('features', 'attributes', 'aspatial')"
)


@dataclass(frozen=True)
class Package:
    """Layers of a GeoPackage, its other tables, and which of both are not plain stored tables."""

    layers: tuple[str, ...]
    others: tuple[str, ...]
    not_tables: frozenset[str]


def companion(path: Path, ending: str) -> Path:
    """Return the file that SQLite keeps next to a database.

    Parameters
    ----------
    path
        The database.
    ending
        ``-wal`` or ``-journal``.

    Returns
    -------
    pathlib.Path
        The file need not exist.
    """
    return path.with_name(path.name + ending)


@contextmanager
def settled(path: Path) -> Iterator[Path]:
    """Provide a GeoPackage without pending write-ahead log: the file itself, or a checkpointed copy.

    The original is never modified.

    Parameters
    ----------
    path
        The GeoPackage.

    Yields
    ------
    pathlib.Path
        The file to read; a copy exists only inside the block.
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
    """Check a GeoPackage and list its layers.

    Parameters
    ----------
    path
        SQLite file without pending write-ahead log (:func:`settled`).
    log
        Receives the fault.

    Returns
    -------
    Package or None
        ``None`` if the file is not a GeoPackage, is truncated or being written, or exceeds the limits.
    """
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
    """Return for each column of a table whether it is generated."""
    found = database.execute("SELECT hidden FROM pragma_table_xinfo(?)", (name,))
    return [bool(hidden) for (hidden,) in found]


def _is_table(kind: str, sql: str) -> bool:
    """Return whether a layer is a stored table: neither a view nor virtual."""
    return kind == "table" and not sql.upper().startswith("CREATE VIRTUAL")
