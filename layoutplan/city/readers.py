"""Read the file of a table into a :class:`RawTable`: choose the reader and report general faults."""

from __future__ import annotations

import hashlib
import math
from dataclasses import replace
from pathlib import Path
from typing import Final

import pandas as pd

from layoutplan.city.contents import TEXT_SUFFIXES, is_what_it_says
from layoutplan.city.geopackages import companion
from layoutplan.city.grid import check_cells
from layoutplan.city.guard import guard
from layoutplan.city.limits import CELLS, COLUMNS, ROWS, fits_memory, within
from layoutplan.city.opening import is_readable
from layoutplan.city.openstreetmap import OSM_SUFFIXES, read_extract
from layoutplan.city.parquet import read_parquet
from layoutplan.city.raw_table import RawTable
from layoutplan.city.shapefiles import file_parts
from layoutplan.city.text_files import read_text_file
from layoutplan.city.vector_files import DRIVERS, read_vector
from layoutplan.city.workbooks import WORKBOOK_SUFFIXES, read_workbook
from layoutplan.dictionary.header_reports import quoted
from layoutplan.dictionary.table_log import TableLog
from layoutplan.plan.settings import TableSettings

VECTOR: Final = tuple(DRIVERS)
PARQUET: Final = (".parquet", ".geoparquet")
READ: Final = (*TEXT_SUFFIXES, *WORKBOOK_SUFFIXES, *VECTOR, *PARQUET, *OSM_SUFFIXES)
"""Supported suffixes of table files."""
_PACKED: Final = (*WORKBOOK_SUFFIXES, *PARQUET)  # their readers check the unpacked size


def read_table(path: Path, settings: TableSettings, *, log: TableLog) -> RawTable | None:
    """Read the file of a table as it is.

    The ``where`` filters and ``constants`` of the plan are applied: the data dictionary checks the remaining
    rows and the added columns.

    Parameters
    ----------
    path
        Location of the file; it need not exist.
    settings
        ``[tables.<name>]`` of the plan.
    log
        Receives the faults.

    Returns
    -------
    RawTable or None
        ``None`` after a fault.
    """
    raw = read_file(path, settings, written=settings.files[0], log=log)
    return None if raw is None else keep_rows(raw, settings, log=log)


def read_file(path: Path, settings: TableSettings, *, written: Path, log: TableLog) -> RawTable | None:
    """Read one file as it is, with every row.

    Parameters
    ----------
    path
        Location of the file; it need not exist.
    settings
        ``[tables.<name>]`` of the plan.
    written
        The path as written in the plan.
    log
        Receives the faults.

    Returns
    -------
    RawTable or None
        ``None`` after a fault.
    """
    if not is_readable(path, written=written, suffixes=READ, log=log):
        return None
    suffix = path.suffix.lower()
    if suffix not in _PACKED and not fits_memory(suffix, path.stat().st_size, log=log):
        return None
    raw = None
    with guard(_damaged(suffix), log=log):
        raw = _read(path, settings, log=log)
    if raw is None or not _within(raw.frame, log=log) or not check_cells(raw.frame, log=log):
        return None
    if raw.crs is not None and "PARAMETERFILE" in raw.crs.to_wkt():
        log.add("crs_needs_file", crs=raw.crs.name)
        return None
    return raw


def keep_rows(raw: RawTable, settings: TableSettings, *, log: TableLog) -> RawTable | None:
    """Return the rows that match ``where``, without the columns of ``ignore``, with the ``constants``.

    Parameters
    ----------
    raw
        Table as read.
    settings
        ``[tables.<name>]`` of the plan.
    log
        Receives the faults.

    Returns
    -------
    RawTable or None
        ``None`` if a column is unknown or no row is left.
    """
    kept = _keep_rows(raw.frame, settings, log=log)
    if kept is None:
        return None
    unknown = [header for header in settings.ignore if header not in kept.columns]
    if unknown:
        headers = ", ".join(map(str, kept.columns))
        log.add("ignored_unknown_column", column=unknown[0], names=quoted(unknown), headers=headers)
        return None
    kept = kept.drop(columns=[*settings.ignore])
    rows = set(kept.index)
    merged = tuple(replace(one, rows=tuple(row for row in one.rows if row in rows)) for one in raw.merged)
    frame = kept.assign(**settings.constants) if settings.constants else kept
    return replace(raw, frame=frame, merged=tuple(one for one in merged if one.rows))


def _read(path: Path, settings: TableSettings, *, log: TableLog) -> RawTable | None:
    """Read a file by its suffix, after its content has been checked."""
    suffix = path.suffix.lower()
    if not is_what_it_says(path, log=log):
        return None
    if suffix in TEXT_SUFFIXES:
        return read_text_file(
            path,
            settings.encoding,
            header_rows=settings.header_rows,
            same_headers=bool(settings.add_up),
            log=log,
        )
    if suffix in WORKBOOK_SUFFIXES:
        return read_workbook(
            path,
            settings.sheet,
            header_rows=settings.header_rows,
            same_headers=bool(settings.add_up),
            log=log,
        )
    if suffix in VECTOR:
        return read_vector(path, layer=settings.layer, encoding=settings.encoding, log=log)
    if suffix in OSM_SUFFIXES:
        return read_extract(path, log=log)
    return read_parquet(path, log=log)


def _damaged(suffix: str) -> str:
    """Return the fault code for an exception in a reader."""
    if suffix in WORKBOOK_SUFFIXES:
        return "workbook_damaged"
    return "text_damaged" if suffix in TEXT_SUFFIXES else "vector_damaged"


def fingerprint(path: Path) -> str:
    """Return the SHA-256 of a table's file.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    str
        Hexadecimal; for a shapefile over its parts in order of their names, for a GeoPackage over the file
        and its ``-wal``, if there is one.
    """
    digest = hashlib.sha256()
    for part in _files(path):
        with part.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def _files(path: Path) -> list[Path]:
    suffix = path.suffix.lower()
    if suffix == ".shp":
        return file_parts(path)
    pending = companion(path, "-wal")
    return [path, pending] if suffix == ".gpkg" and pending.is_file() else [path]


def _within(frame: pd.DataFrame, *, log: TableLog) -> bool:
    """Check the limits again on the table read: sizes stated by a file may be wrong."""
    return (
        within(len(frame), ROWS, of="rows", log=log)
        and within(len(frame.columns), COLUMNS, of="columns", log=log)
        and within(frame.size, CELLS, of="cells", log=log)
    )


def _keep_rows(frame: pd.DataFrame, settings: TableSettings, *, log: TableLog) -> pd.DataFrame | None:
    """Return the rows that match ``where``, and say how many of them ``without`` leaves out."""
    keep = pd.Series(data=True, index=frame.index)
    drop = ~keep
    for conditions, key in ((settings.where, "where"), (settings.without, "without")):
        for column, wanted in conditions.items():
            if column not in frame.columns:
                headers = ", ".join(map(str, frame.columns))
                log.add(f"{key}_unknown_column", column=column, header=column, headers=headers)
                return None
            values = wanted if isinstance(wanted, list) else [wanted]
            found = frame[column].map(_comparable).isin([_comparable(value) for value in values])
            keep, drop = (keep & found, drop) if key == "where" else (keep, drop | found)
    if not (keep & ~drop).any():
        both = [
            *settings.where.items(),
            *((f"without {name}", value) for name, value in settings.without.items()),
        ]
        log.add("where_keeps_nothing", conditions=", ".join(f"{column} = {value}" for column, value in both))
        return None
    left_out = keep & drop
    if left_out.any():
        rows = frame.index[left_out]
        log.add("rows_without", severity="notice", rows=rows, count=int(left_out.sum()))
    return frame[keep & ~drop]


def _comparable(value: object) -> str:
    """Return a value as text, so that 2016, 2016.0 and "2016" are equal."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    empty = value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value))
    return "" if empty else str(value).strip()
