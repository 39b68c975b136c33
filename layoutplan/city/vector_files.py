"""GeoPackage, Shapefile, GeoJSON and FlatGeobuf: tables with geometries, read through GDAL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj

from layoutplan.city.contents import report_other
from layoutplan.city.gdal import layer_info, layer_names, read_layer
from layoutplan.city.geojson import look_at_geojson
from layoutplan.city.geopackages import look_at_package, settled
from layoutplan.city.limits import CELLS, COLUMNS, ROWS, within
from layoutplan.city.raw_table import FIRST_ROW, RawTable
from layoutplan.city.shapefiles import cut_names, encoding_of, look_at_shapefile
from layoutplan.dictionary.table_log import TableLog

DRIVERS: Final[Mapping[str, str]] = {
    ".gpkg": "GPKG",
    ".shp": "ESRI Shapefile",
    ".geojson": "GeoJSON",
    ".json": "GeoJSON",
    ".fgb": "FlatGeobuf",
}
"""GDAL driver for each suffix."""
_PACKAGE: Final = {"IMMUTABLE": "YES", "LIST_ALL_TABLES": "YES"}  # no writes, no locks


def read_vector(path: Path, *, layer: str | None, encoding: str | None, log: TableLog) -> RawTable | None:
    """Read a layer through GDAL.

    Parameters
    ----------
    path
        The file.
    layer
        Name of the layer; required if the file has several.
    encoding
        Encoding of a shapefile's texts; by default its .cpg, else detected.
    log
        Receives the fault.

    Returns
    -------
    RawTable or None
        In the CRS of the file; ``None`` if the file is damaged or incomplete, or the layer is not determined.
    """
    suffix = path.suffix.lower()
    if suffix == ".gpkg":
        with settled(path) as whole:
            package = look_at_package(whole, log=log)
            if package is None:
                return None
            names = (*package.layers, *(name for name in package.others if name == layer))
            chosen = _choose(names, layer, log=log)
            if chosen in package.not_tables:
                log.add("layer_not_table", layer=chosen)
                return None
            return None if chosen is None else _read(whole, chosen, encoding=encoding, log=log)
    if suffix == ".shp":
        sound = look_at_shapefile(path, log=log)
        if sound and encoding is None:
            sound, encoding = encoding_of(path, log=log)
        if not sound:
            return None
    assumed = False
    if suffix in {".geojson", ".json"}:
        document = look_at_geojson(path, log=log)
        if document is None:
            return None
        assumed = not document.states_crs
    chosen = _choose(layer_names(path), layer, log=log)
    return None if chosen is None else _read(path, chosen, encoding=encoding, assumed=assumed, log=log)


def _choose(names: Sequence[str], layer: str | None, *, log: TableLog) -> str | None:
    if layer is None and len(names) == 1:
        return names[0]
    if layer is None and names:
        log.add("layer_not_named", layers=", ".join(names))
        return None
    if layer is None:
        log.add("no_records")
        return None
    if layer not in names:
        log.add("layer_missing", layer=layer, layers=", ".join(names))
        return None
    return layer


def _read(
    path: Path,
    layer: str,
    *,
    encoding: str | None = None,
    assumed: bool = False,
    log: TableLog,
) -> RawTable | None:
    """Read the chosen layer; report errors of decoding, a wrong driver, and a layer without rows."""
    suffix = path.suffix.lower()
    options: dict[str, Any] = {"encoding": encoding, **(_PACKAGE if suffix == ".gpkg" else {})}
    try:
        if suffix not in {".geojson", ".json"}:  # GDAL would read the complete file for it
            said = layer_info(path, layer, **options)
            if said.driver != DRIVERS[suffix]:
                report_other("other", suffix, log=log)
            if said.driver != DRIVERS[suffix] or not _within(said.rows, said.columns, log=log):
                return None
        frame = read_layer(path, layer, most=ROWS + 1, **options)
    except UnicodeDecodeError as error:
        cut = cut_names(path, error.encoding) if suffix == ".shp" else []
        if cut:
            log.add("field_names_cut", names=", ".join(cut))
        else:
            log.add("encoding_wrong", encoding=error.encoding, position=error.start)
        return None
    if frame.empty:
        log.add("no_records")
        return None
    frame = frame.set_axis(range(FIRST_ROW, len(frame) + FIRST_ROW), axis=0)
    if not isinstance(frame, gpd.GeoDataFrame):
        return RawTable(frame=frame)
    return RawTable(
        frame=_plain(frame), crs=_usable_crs(frame.crs), crs_assumed=assumed, encoding=encoding or ""
    )


def _within(rows: int, columns: int, *, log: TableLog) -> bool:
    return (
        within(rows, ROWS, of="rows", log=log)
        and within(columns, COLUMNS, of="columns", log=log)
        and within(rows * columns, CELLS, of="cells", log=log)
    )


def _plain(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the frame with its geometries as plain objects in the column ``geometry``."""
    shapes = frame.geometry.to_numpy()
    plain = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    plain["geometry"] = np.asarray(shapes, dtype=object)
    return plain


def _usable_crs(crs: pyproj.CRS | None) -> pyproj.CRS | None:
    """Return the system if it is georeferenced; 'undefined' and engineering systems are not."""
    if crs is None or crs.is_engineering or "undefined" in crs.name.lower() or crs.name.lower() == "unknown":
        return crs if crs is not None and (crs.is_projected or crs.is_geographic) and crs.datum else None
    return crs
