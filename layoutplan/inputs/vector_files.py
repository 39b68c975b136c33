"""GeoPackage, Shapefile, GeoJSON, FlatGeobuf and Parquet: tables with shapes."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pyproj
import shapely
from pyproj.exceptions import CRSError

from layoutplan.inputs.raw import RawTable
from layoutplan.inputs.sqlite_files import database_parts, unaltered
from layoutplan.inputs.text_files import detect_encoding
from layoutplan.tables.table_log import TableLog

_SHAPE_COLUMNS: Final = ("geometry", "geom", "wkb_geometry", "wkb", "the_geom")
_SHAPEFILE_PARTS: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_FIRST_ROW: Final = 2  # a person counts the header as row 1
_SQLITE_MAGIC: Final = b"SQLite format 3\0"


def parts_of(path: Path) -> list[Path]:
    """Return the files that together are the table: five for a shapefile, a database with its log; sorted."""
    if path.suffix.lower() != ".shp":
        return database_parts(path)
    siblings = [file for file in path.parent.iterdir() if file.stem == path.stem]
    return sorted(file for file in siblings if file.suffix.lower() in _SHAPEFILE_PARTS)


def read_vector(path: Path, *, layer: str | None, encoding: str | None, log: TableLog) -> RawTable | None:
    """Read a layer through GDAL; a fault and ``None`` where it is damaged, incomplete or not named.

    Parameters
    ----------
    layer
        Needed where a GeoPackage holds several.
    encoding
        Encoding of a shapefile's texts; default its .cpg, else what its bytes show.
    """
    if not _complete(path, log=log):
        return None
    found = encoding or _shapefile_encoding(path)
    frame = _read_layer(path, layer, found, log=log)
    if frame is None:
        return None
    frame = frame.set_axis(range(_FIRST_ROW, len(frame) + _FIRST_ROW), axis=0)
    if not isinstance(frame, gpd.GeoDataFrame):
        return RawTable(frame=frame)
    assumed = path.suffix.lower() in {".geojson", ".json"} and not _states_crs(path)
    return RawTable(
        frame=_plain(frame),
        crs=_usable_crs(frame.crs),
        crs_assumed=assumed,
        encoding=found or "",
    )


def _read_layer(path: Path, layer: str | None, encoding: str | None, *, log: TableLog) -> pd.DataFrame | None:
    """Read the chosen layer; report what GDAL refuses, and a layer without rows."""
    try:
        with unaltered(path) as opened:
            chosen = _choose_layer(opened, layer, log=log)
            if chosen is None:
                return None
            frame: pd.DataFrame = pyogrio.read_dataframe(opened, layer=chosen, encoding=encoding)
    except UnicodeDecodeError as error:
        cut = _cut_names(path, error.encoding)
        if cut:
            log.add("field_names_cut", names=", ".join(cut))
        else:
            log.add("encoding_wrong", encoding=error.encoding, position=error.start)
        return None
    except (RuntimeError, ValueError, OSError, CRSError, shapely.errors.ShapelyError) as error:
        log.add("vector_damaged", reason=_one_line(error))
        return None
    if frame.empty:
        log.add("no_records")
        return None
    return frame


def _plain(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the frame with its shapes as plain objects in the column ``geometry``."""
    shapes = frame.geometry.to_numpy()
    plain = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    plain["geometry"] = np.asarray(shapes, dtype=object)
    return plain


def _usable_crs(crs: pyproj.CRS | None) -> pyproj.CRS | None:
    """Return the system if it says where on Earth: an 'undefined' or engineering one does not."""
    if crs is None or crs.is_engineering or "undefined" in crs.name.lower() or crs.name.lower() == "unknown":
        return crs if crs is not None and (crs.is_projected or crs.is_geographic) and crs.datum else None
    return crs


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split()).replace(";", ",")[:200]


def _complete(path: Path, *, log: TableLog) -> bool:
    """Check what GDAL would pass over in silence: missing parts of a shapefile, truncated files."""
    suffix = path.suffix.lower()
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(100)
    if suffix == ".shp":
        present = {part.suffix.lower() for part in parts_of(path)}
        missing = [part for part in (".shx", ".dbf") if part not in present]
        if missing:
            log.add("shapefile_part_missing", parts=", ".join(missing))
            return False
        if len(head) == 100 and struct.unpack(">i", head[24:28])[0] * 2 > size:  # noqa: PLR2004 - a .shp header
            log.add("file_truncated")
            return False
    if suffix == ".gpkg" and head.startswith(_SQLITE_MAGIC):
        page, pages = struct.unpack(">H", head[16:18])[0], struct.unpack(">I", head[28:32])[0]
        if pages * (65_536 if page == 1 else page) > size:
            log.add("file_truncated")
            return False
    return True


def _choose_layer(path: Path, layer: str | None, *, log: TableLog) -> str | None:
    names = [str(name) for name in pyogrio.list_layers(path)[:, 0]]
    if layer is None and len(names) == 1:
        return names[0]
    if layer is None:
        log.add("layer_not_named", layers=", ".join(names))
        return None
    if layer not in names:
        log.add("layer_missing", layer=layer, layers=", ".join(names))
        return None
    return layer


def _states_crs(path: Path) -> bool:
    """Say whether a GeoJSON file carries a ``crs`` member of its own."""
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError:
        return False
    return isinstance(document, dict) and "crs" in document


def _shapefile_encoding(path: Path) -> str | None:
    """Return the encoding that the bytes of a shapefile's texts show; ``None`` leaves it to GDAL (.cpg)."""
    parts = {part.suffix.lower(): part for part in parts_of(path)}
    if path.suffix.lower() != ".shp" or ".cpg" in parts:
        return None
    data = parts[".dbf"].read_bytes()
    language = 29
    if len(data) > language and data[language]:
        return None
    return detect_encoding(b"\n".join(_dbf_texts(data)))


def _dbf_texts(data: bytes) -> Iterator[bytes]:
    """Yield the texts of a .dbf, but not those that fill their field: they may be cut in mid-character."""
    count, header, width = struct.unpack("<IHH", data[4:12])
    fields = []
    place = 1
    for start in range(32, header - 1, 32):
        if data[start : start + 1] == b"\r":
            break
        name, kind, length = (
            data[start : start + 11].rstrip(b"\0"),
            data[start + 11 : start + 12],
            data[start + 16],
        )
        if len(name) < 10:  # noqa: PLR2004 - a .dbf cuts names at ten bytes
            yield name
        if kind == b"C":
            fields.append((place, length))
        place += length
    for record in range(header, min(header + count * width, len(data)), width):
        for offset, length in fields:
            cell = data[record + offset : record + offset + length].rstrip(b" \0")
            if len(cell) < length:
                yield cell


def _cut_names(path: Path, encoding: str) -> list[str]:
    """Return what is left of a shapefile's field names that were cut in mid-character."""
    dbf = next((part for part in parts_of(path) if part.suffix.lower() == ".dbf"), None)
    if dbf is None:
        return []
    data = dbf.read_bytes()
    cut = []
    for start in range(32, struct.unpack("<H", data[8:10])[0] - 1, 32):
        name = data[start : start + 11].partition(b"\0")[0]
        left = name.decode(encoding, errors="ignore")
        if len(name) >= 10 and left.encode(encoding) != name and name.startswith(left.encode(encoding)):  # noqa: PLR2004 - a .dbf cuts names at ten bytes
            cut.append(left)
    return cut


def read_parquet(path: Path, *, log: TableLog) -> RawTable | None:
    """Read GeoParquet, or Parquet with a column of WKB (``geometry``, ``geom``, ``wkb`` …)."""
    try:
        table = pq.read_table(path)
    except (pa.ArrowException, OSError, ValueError) as error:
        log.add("vector_damaged", reason=_one_line(error))
        return None
    if table.num_rows == 0:
        log.add("no_records")
        return None
    meta: dict[str, Any] = json.loads((table.schema.metadata or {}).get(b"geo", b"{}"))
    column = meta.get("primary_column") or next(
        (name for name in _SHAPE_COLUMNS if name in table.column_names), None
    )
    frame = table.to_pandas(ignore_metadata=True)
    frame = frame.set_axis(range(_FIRST_ROW, len(frame) + _FIRST_ROW), axis=0)
    if column is None:
        return RawTable(frame=frame)
    try:
        shapes = shapely.from_wkb(frame[column].to_numpy(dtype=object))
    except (shapely.errors.ShapelyError, TypeError) as error:
        log.add("vector_damaged", reason=_one_line(error))
        return None
    frame = frame.drop(columns=column)
    frame["geometry"] = np.asarray(shapes, dtype=object)
    return RawTable(frame=frame, crs=_parquet_crs(meta, column))


def _parquet_crs(meta: dict[str, Any], column: str) -> pyproj.CRS | None:
    """Return the CRS of a GeoParquet column: absent means WGS 84 by its standard, null means unknown."""
    described = meta.get("columns", {}).get(column)
    if described is None or ("crs" in described and described["crs"] is None):
        return None
    stated = described.get("crs")
    return pyproj.CRS.from_epsg(4326) if stated is None else pyproj.CRS.from_user_input(stated)
