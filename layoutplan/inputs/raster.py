"""Residents from a raster (GeoTIFF of people per cell): every inhabited cell becomes an area with a point."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import rasterio
import shapely
from rasterio.errors import RasterioError, RasterioIOError
from rasterio.windows import Window, from_bounds

from layoutplan.tables import empty_frame, input_table
from layoutplan.tables.table_log import TableLog


@dataclass(frozen=True)
class RasterUnits:
    """Inhabited cells as table ``units`` (``population`` filled), and their centres in the working CRS."""

    frame: pd.DataFrame
    shapes: gpd.GeoSeries
    crs: str


def read_raster(path: Path, *, crs: str | None, inside: gpd.GeoSeries, log: TableLog) -> RasterUnits | None:
    """Read the cells whose centres lie in the study area and hold residents.

    No-data cells (stated, NaN or negative) hold nobody. A cell keeps its count of people whatever the working
    CRS, so totals are exact; the id of a cell is its row and column in the file.

    Parameters
    ----------
    path
        GeoTIFF of people per cell, first band.
    crs
        Its CRS as the plan states it, when the file states none.
    inside
        Polygons of the study area, in the working CRS.
    """
    if not path.exists():
        log.add("missing_file", path=str(path))
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with rasterio.open(path) as source:
                system = pyproj.CRS.from_user_input(source.crs) if source.crs else _stated(crs)
                if system is None:
                    log.add("crs_missing")
                    return None
                return _cells(source, system, inside=inside, log=log)
    except (RasterioError, RasterioIOError, ValueError, IndexError) as error:
        log.add("raster_damaged", reason=" ".join(str(error).split())[:200])
        return None


def _stated(crs: str | None) -> pyproj.CRS | None:
    return None if crs is None else pyproj.CRS.from_user_input(crs)


def _cells(
    source: rasterio.DatasetReader, system: pyproj.CRS, *, inside: gpd.GeoSeries, log: TableLog
) -> RasterUnits | None:
    window = _window(source, inside.to_crs(system).total_bounds)
    if window is None:
        log.add("raster_elsewhere")
        return None
    values = source.read(1, window=window, masked=True).astype(np.float64)
    people = np.nan_to_num(values.filled(0.0), nan=0.0)
    rows, columns = np.nonzero(people > 0)
    rows_in_file, columns_in_file = rows + int(window.row_off), columns + int(window.col_off)
    x, y = rasterio.transform.xy(source.transform, rows_in_file, columns_in_file)
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


def _window(source: rasterio.DatasetReader, bounds: np.ndarray) -> Window | None:
    """Return the part of the raster within ``bounds``, a cell wider; ``None`` where they do not meet."""
    asked = from_bounds(*bounds, transform=source.transform)
    first_row, first_column = max(int(asked.row_off) - 1, 0), max(int(asked.col_off) - 1, 0)
    last_row = min(int(asked.row_off + asked.height) + 2, source.height)
    last_column = min(int(asked.col_off + asked.width) + 2, source.width)
    if first_row >= last_row or first_column >= last_column:
        return None
    return Window(first_column, first_row, last_column - first_column, last_row - first_row)
