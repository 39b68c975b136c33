"""Residents from a raster (GeoTIFF of people per cell): every inhabited cell becomes an area with a point."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import rasterio
import shapely
from affine import Affine
from rasterio.windows import Window, from_bounds

from layoutplan.city.contents import is_what_it_says
from layoutplan.city.guard import guard
from layoutplan.city.limits import RASTER_CELLS, within
from layoutplan.city.opening import is_readable
from layoutplan.dictionary import empty_frame, input_table
from layoutplan.dictionary.table_log import TableLog
from layoutplan.offline import ALONE
from layoutplan.regular_files import read_regular

RASTER_SUFFIXES: Final = (".tif", ".tiff")
_ALONE: Final = {**ALONE, "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR", "GDAL_PAM_ENABLED": "NO"}
_WORLD_FILES: Final = (".tfw", ".tifw", ".wld")
_WORLD_BYTES: Final = 4_096


@dataclass(frozen=True)
class RasterUnits:
    """Inhabited cells of a raster.

    Attributes
    ----------
    frame
        Input table ``units`` with ``unit_id`` and ``population`` filled.
    shapes
        Centres of the cells in the working CRS, on the same index.
    crs
        CRS of the raster, as text.
    """

    frame: pd.DataFrame
    shapes: gpd.GeoSeries
    crs: str


def read_raster(
    path: Path, written: Path, *, crs: str | None, inside: gpd.GeoSeries, log: TableLog
) -> RasterUnits | None:
    """Read the cells with residents whose centres lie in the study area.

    No-data cells (stated, NaN or negative) have no residents. Cells are not resampled, so totals are exact in
    any working CRS; the id of a cell is its row and column in the file.

    Parameters
    ----------
    path
        GeoTIFF of people per cell, first band.
    written
        The path as written in the plan.
    crs
        CRS stated by the plan, used if the file states none.
    inside
        Polygons of the study area, in the working CRS.
    log
        Receives the faults.

    Returns
    -------
    RasterUnits or None
        ``None`` after a fault.
    """
    if not is_readable(path, written=written, suffixes=RASTER_SUFFIXES, log=log):
        return None
    read = None
    with guard("raster_damaged", log=log):
        if is_what_it_says(path, log=log):
            read = _read(path, crs, inside=inside, log=log)
    return read


def _read(path: Path, crs: str | None, *, inside: gpd.GeoSeries, log: TableLog) -> RasterUnits | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with rasterio.Env(**_ALONE), rasterio.open(path.absolute(), driver="GTiff") as source:
            system = pyproj.CRS.from_user_input(source.crs) if source.crs else _stated(crs)
            if system is None:
                log.add("crs_missing")
                return None
            return _cells(source, _transform(source, path), system, inside=inside, log=log)


def _transform(source: rasterio.DatasetReader, path: Path) -> Affine:
    """Return the geotransform: that of the file, else of the world file next to it (six numbers).

    GDAL is kept from reading other files in the folder, since they may refer to further files.
    """
    own: Affine = source.transform
    if not own.is_identity:
        return own
    for ending in _WORLD_FILES:
        content = read_regular(path.with_suffix(ending), most_bytes=_WORLD_BYTES)
        if content is not None:
            a, d, b, e, c, f = (float(number) for number in content.decode("ascii").split()[:6])
            return Affine(a, b, c - a / 2 - b / 2, d, e, f - d / 2 - e / 2)
    return own


def _stated(crs: str | None) -> pyproj.CRS | None:
    return None if crs is None else pyproj.CRS.from_user_input(crs)


def _cells(
    source: rasterio.DatasetReader,
    transform: Affine,
    system: pyproj.CRS,
    *,
    inside: gpd.GeoSeries,
    log: TableLog,
) -> RasterUnits | None:
    window = _window(source, transform, inside.to_crs(system).total_bounds)
    if window is None:
        log.add("raster_elsewhere")
        return None
    rows_of_block, columns_of_block = source.block_shapes[0]
    if not (
        within(int(window.width * window.height), RASTER_CELLS, of="raster", log=log)
        and within(rows_of_block * columns_of_block * source.count, RASTER_CELLS, of="raster", log=log)
    ):
        return None
    values = source.read(1, window=window, masked=True).astype(np.float64)
    filled = values.filled(0.0)
    if np.isposinf(filled).any():
        log.add("raster_infinite", cells=int(np.isposinf(filled).sum()))
        return None
    people = np.nan_to_num(filled, nan=0.0)
    rows, columns = np.nonzero(people > 0)
    rows_in_file, columns_in_file = rows + int(window.row_off), columns + int(window.col_off)
    x, y = rasterio.transform.xy(transform, rows_in_file, columns_in_file)
    points = gpd.GeoSeries(shapely.points(np.asarray(x), np.asarray(y)), crs=system).to_crs(inside.crs)
    area = inside.union_all()
    shapely.prepare(area)
    held = shapely.intersects(area, points.to_numpy())
    if not held.any():
        log.add("raster_elsewhere")
        return None
    ids = [f"R{row}C{column}" for row, column in zip(rows_in_file[held], columns_in_file[held], strict=True)]
    frame = empty_frame(input_table("units")).reindex(range(len(ids)))
    frame["unit_id"] = ids
    frame["population"] = people[rows[held], columns[held]]
    log.add("raster_read", severity="notice", cells=len(ids), residents=f"{frame['population'].sum():,.0f}")
    return RasterUnits(frame=frame, shapes=points[held].set_axis(frame.index, axis=0), crs=system.to_string())


def _window(source: rasterio.DatasetReader, transform: Affine, bounds: np.ndarray) -> Window | None:
    """Return the part of the raster within ``bounds`` plus one cell; ``None`` if they do not intersect."""
    asked = from_bounds(*bounds, transform=transform)
    first_row, first_column = max(int(asked.row_off) - 1, 0), max(int(asked.col_off) - 1, 0)
    last_row = min(int(asked.row_off + asked.height) + 2, source.height)
    last_column = min(int(asked.col_off + asked.width) + 2, source.width)
    if first_row >= last_row or first_column >= last_column:
        return None
    return Window(first_column, first_row, last_column - first_column, last_row - first_row)
