"""GeoParquet, and Parquet with a WKB column."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyproj
import shapely

from layoutplan.city.limits import CELLS, COLUMNS, ROWS, UNPACKED_BYTES, fits_memory, within
from layoutplan.city.raw_table import FIRST_ROW, RawTable
from layoutplan.dictionary.table_log import TableLog

_SHAPE_COLUMNS: Final = ("geometry", "geom", "wkb_geometry", "wkb", "the_geom")
_CODE: Final = re.compile(r"[A-Za-z]{2,10}:\w{1,10}")
_BATCH_ROWS: Final = 65_536


def read_parquet(path: Path, *, log: TableLog) -> RawTable | None:
    """Read GeoParquet, or Parquet with a WKB column (``geometry``, ``geom``, ``wkb`` …).

    The numbers of rows and columns and the unpacked size that the file states are checked against the limits
    first; the size is checked again while the file is unpacked.

    Parameters
    ----------
    path
        The file.
    log
        Receives the fault.

    Returns
    -------
    RawTable or None
        With the CRS of the metadata; ``None`` beyond the limits or without records.

    Raises
    ------
    TypeError, KeyError, ValueError
        If the metadata ``geo`` are invalid; callers use :func:`~layoutplan.city.guard.guard`.
    """
    with pq.ParquetFile(path) as file:
        table = _unpacked(file, path.suffix.lower(), log=log)
    if table is None:
        return None
    if table.num_rows == 0:
        log.add("no_records")
        return None
    meta = _metadata(table.schema.metadata or {})
    column = _shape_column(meta, table.column_names)
    frame = table.to_pandas(ignore_metadata=True)
    frame = frame.set_axis(range(FIRST_ROW, len(frame) + FIRST_ROW), axis=0)
    if column is None:
        return RawTable(frame=frame)
    shapes = shapely.from_wkb(frame[column].to_numpy(dtype=object))
    frame = frame.drop(columns=column)
    frame["geometry"] = np.asarray(shapes, dtype=object)
    return RawTable(frame=frame, crs=_crs(meta, column))


def _unpacked(file: pq.ParquetFile, suffix: str, *, log: TableLog) -> pa.Table | None:
    """Return the table of a file, unless it is beyond the limits."""
    said = file.metadata
    size = sum(said.row_group(number).total_byte_size for number in range(said.num_row_groups))
    inside = (
        within(said.num_columns, COLUMNS, of="columns", log=log)
        and within(said.num_rows, ROWS, of="rows", log=log)
        and within(said.num_rows * said.num_columns, CELLS, of="cells", log=log)
        and within(size, UNPACKED_BYTES, of="unpacked", log=log)
        and fits_memory(suffix, size, log=log)
    )
    if not inside:
        return None
    batches: list[pa.RecordBatch] = []
    taken = 0
    for batch in file.iter_batches(batch_size=_BATCH_ROWS):
        taken += batch.nbytes
        if not within(taken, UNPACKED_BYTES, of="unpacked", log=log):
            return None
        batches.append(batch)
    table = pa.Table.from_batches(batches, schema=file.schema_arrow)
    table.validate(full=True)  # invalid UTF-8 would otherwise fail only on use
    return table


def _metadata(stated: dict[bytes, bytes]) -> dict[str, Any]:
    """Return the GeoParquet metadata; empty for plain Parquet."""
    meta = json.loads(stated.get(b"geo", b"{}"))
    if not isinstance(meta, dict) or not isinstance(meta.get("columns", {}), dict):
        raise TypeError("the metadata “geo” are no GeoParquet metadata")
    return meta


def _shape_column(meta: dict[str, Any], names: list[str]) -> str | None:
    """Return the geometry column: the one in the metadata, else one with a usual name."""
    stated = meta.get("primary_column")
    if stated is not None:
        if not isinstance(stated, str) or stated not in names:
            raise KeyError(f"the metadata “geo” name a column that is not there: {stated}")
        return stated
    return next((name for name in _SHAPE_COLUMNS if name in names), None)


def _crs(meta: dict[str, Any], column: str) -> pyproj.CRS | None:
    """Return the CRS of a GeoParquet column: absent means WGS 84 by the standard, null means unknown.

    The standard gives it as PROJJSON, or as a code of an authority; anything else is refused, since PROJ
    would look for a file of that name.
    """
    described = meta.get("columns", {}).get(column)
    if described is None or ("crs" in described and described["crs"] is None):
        return None
    stated = described.get("crs")
    if stated is None:
        return pyproj.CRS.from_epsg(4326)
    if isinstance(stated, dict):
        return pyproj.CRS.from_json_dict(stated)
    if _CODE.fullmatch(str(stated)) is None:
        raise ValueError(f"the metadata “geo” name no coordinate system: {stated}")
    return pyproj.CRS.from_user_input(stated)
