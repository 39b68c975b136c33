"""Location of a table's rows: coordinate system, datum, and plausibility of coordinates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely
from pyproj.exceptions import ProjError

from layoutplan.city.crs import WGS84, crs_name, same_crs, to_degrees
from layoutplan.city.datum import shapes_to_wgs84
from layoutplan.city.raw_table import RawTable
from layoutplan.dictionary.table_log import TableLog
from layoutplan.plan.settings import Datum

_MAX_LON: Final = 180.0
_MAX_LAT: Final = 90.0
_SLACK: Final = 1e-6
_SHIFTED: Final = ("gcj02", "bd09")


@dataclass(frozen=True)
class PlacedTable:
    """A checked table with geometries.

    ``shapes`` has the index of the frame and its own CRS, with the datum shift already removed; a row without
    geometry (allowed in some tables) has ``None``.
    """

    frame: pd.DataFrame
    shapes: gpd.GeoSeries
    datum: str


def place_rows(
    raw: RawTable,
    frame: pd.DataFrame,
    *,
    crs: str | None,
    datum: Datum | None,
    columns_first: bool = False,
    required: bool,
    log: TableLog,
) -> PlacedTable | None:
    """Return the geometries of the rows: from the file, else from the columns ``lon`` and ``lat``.

    Parameters
    ----------
    raw, frame
        The table as read and as checked by the data dictionary (same index).
    crs, datum
        CRS and datum that the plan states for the table. Without ``crs``, lon/lat columns are degrees.
    columns_first
        Whether lon and lat take precedence over the file's geometries, since the plan maps them.
    required
        Whether a row without geometry is a fault.
    log
        Receives the faults.

    Returns
    -------
    PlacedTable or None
        In the stated CRS, or in WGS 84 degrees after a datum shift was removed. ``None`` if the table has no
        geometries at all, or after a fault.
    """
    if raw.has_shapes and not columns_first:
        system = _system_of_shapes(raw, crs, log=log)
        shapes = frame["geometry"].to_numpy(dtype=object)
    elif {"lon", "lat"} <= set(frame.columns) and frame[["lon", "lat"]].notna().to_numpy().any():
        system = pyproj.CRS.from_user_input(crs) if crs is not None else WGS84
        shapes = _points(frame)
    else:
        if required:
            log.add("no_places")
        return None
    if not required and shapely.is_missing(shapes).all():
        return None
    if system is None or not _whole(shapes, frame.index, required=required, log=log):
        return None
    if system.is_geographic:
        shapes = _within_half_turn(shapes, log=log)
    if not _plausible(shapes, frame.index, system=system, log=log):
        return None
    if datum in _SHIFTED:
        shapes, system = _undo_datum(shapes, system, datum), WGS84
    return PlacedTable(frame, gpd.GeoSeries(shapes, index=frame.index, crs=system), datum or "")


def _points(frame: pd.DataFrame) -> npt.NDArray[np.object_]:
    lon = frame["lon"].to_numpy(dtype=np.float64, na_value=np.nan)
    lat = frame["lat"].to_numpy(dtype=np.float64, na_value=np.nan)
    made = np.full(len(frame), None, dtype=object)
    given = np.isfinite(lon) & np.isfinite(lat)
    made[given] = shapely.points(lon[given], lat[given])
    return made


def _system_of_shapes(raw: RawTable, crs: str | None, *, log: TableLog) -> pyproj.CRS | None:
    """Return the CRS of a file's geometries, stated by the file or the plan; both must agree."""
    stated = pyproj.CRS.from_user_input(crs) if crs is not None else None
    if stated is None and raw.crs is None:
        log.add("crs_missing")
        return None
    if stated is None or raw.crs is None or raw.crs_assumed:
        return stated if stated is not None else raw.crs
    if not same_crs(stated, raw.crs):
        log.add("crs_conflict", in_file=crs_name(raw.crs), in_plan=crs_name(stated))
        return None
    return raw.crs


def _whole(shapes: npt.NDArray[np.object_], index: pd.Index, *, required: bool, log: TableLog) -> bool:
    """Report rows without geometry, and coordinates that are not finite."""
    absent = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    if required and absent.any():
        log.add("place_missing", rows=index[absent])
    coordinates, owner = shapely.get_coordinates(shapes, return_index=True)
    broken = np.unique(owner[~np.isfinite(coordinates).all(axis=1)])
    if len(broken):
        log.add("coordinates_not_numbers", rows=index[broken])
    return not (required and absent.any()) and not len(broken)


def _within_half_turn(shapes: npt.NDArray[np.object_], *, log: TableLog) -> npt.NDArray[np.object_]:
    """Return longitudes from 0 to 360, as they are written beside the 180th meridian, as -180 to 180."""
    xy = shapely.get_coordinates(shapes)
    beyond = (xy[:, 0] > _MAX_LON + _SLACK) & (np.abs(xy[:, 1]) <= _MAX_LAT)
    sound = (xy[:, 0] >= 0) & (xy[:, 0] <= 2 * _MAX_LON) & (np.abs(xy[:, 1]) <= _MAX_LAT)
    if not beyond.any() or not sound.all() or not (xy[:, 0] > _MAX_LON / 2).all():
        return shapes
    log.add("longitudes_turned", severity="notice")
    return np.asarray(
        shapely.transform(
            shapes,
            lambda part: np.column_stack([part[:, 0] - 2 * _MAX_LON * (part[:, 0] > _MAX_LON), part[:, 1]]),
        ),
        dtype=object,
    )


def _plausible(
    shapes: npt.NDArray[np.object_], index: pd.Index, *, system: pyproj.CRS, log: TableLog
) -> bool:
    """Report coordinates that are impossible in their coordinate system."""
    coordinates, owner = shapely.get_coordinates(shapes, return_index=True)
    x, y = coordinates[:, 0], coordinates[:, 1]
    in_degrees = (np.abs(x) <= _MAX_LON + _SLACK) & (np.abs(y) <= _MAX_LAT + _SLACK)
    zero = np.unique(owner[(x == 0) & (y == 0)])
    if len(zero):
        log.add("coordinates_zero", rows=index[zero])
        return False
    if system.is_geographic:
        wrong = np.unique(owner[~in_degrees])
        if not len(wrong):
            return True
        swapped = (np.abs(x) <= _MAX_LAT) & (np.abs(y) <= _MAX_LON) & ~in_degrees
        rows = index[wrong]
        if swapped[~in_degrees].all():
            log.add("lon_lat_swapped", rows=rows, lons="-180 … 180", lats="-90 … 90")
        elif (np.abs(x) > 2 * _MAX_LON).mean() > 0.5:  # noqa: PLR2004 - most of them
            log.add("metres_as_degrees", rows=rows, crs=crs_name(system))
        else:
            log.add("coordinates_off_earth", rows=rows)
        return False
    if in_degrees.all() and len(coordinates):
        log.add("degrees_as_metres", crs=crs_name(system))
        return False
    return _on_earth(coordinates, owner, index, system=system, log=log)


def _on_earth(
    coordinates: npt.NDArray[np.float64],
    owner: npt.NDArray[np.int64],
    index: pd.Index,
    *,
    system: pyproj.CRS,
    log: TableLog,
) -> bool:
    """Report projected coordinates that do not survive a round trip through degrees (outside the domain)."""
    try:
        there = to_degrees(system)
        lon, lat = there.transform(coordinates[:, 0], coordinates[:, 1])
        x, y = there.transform(lon, lat, direction="INVERSE")
    except ProjError:
        log.add("coordinates_off_earth", rows=index)
        return False
    back = np.hypot(x - coordinates[:, 0], y - coordinates[:, 1])
    lost = ~(back < 1.0) | (np.abs(lat) > _MAX_LAT)
    if lost.any():
        log.add("coordinates_off_earth", rows=index[np.unique(owner[lost])])
    return not lost.any()


def _undo_datum(shapes: npt.NDArray[np.object_], system: pyproj.CRS, datum: Datum) -> npt.NDArray[np.object_]:
    """Convert geometries in a shifted datum to WGS 84 degrees (projected ones via degrees)."""
    degrees = shapes if system.is_geographic else gpd.GeoSeries(shapes, crs=system).to_crs(WGS84).to_numpy()
    return shapes_to_wgs84(np.asarray(degrees, dtype=object), datum=datum)
