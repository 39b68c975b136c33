"""Where the city lies: the place that most tables agree on, also across the 180th meridian."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from layoutplan.arrays import BoolArray, FloatArray
from layoutplan.city.crs import to_degrees

FAR_M: Final = 200_000.0
"""Wider than any district: what lies farther from the centre is of another place, or misplaced."""

_HALF_TURN: Final = 180.0


@dataclass(frozen=True)
class Centre:
    """The centre of the city, and the extent of the tables that agree on it.

    Attributes
    ----------
    lon, lat
        WGS 84 degrees; the longitude between -180 and 180.
    lons, lats
        Least and largest longitude and latitude of the tables that agree (longitudes beyond 180 where the
        city lies across the 180th meridian).
    """

    lon: float
    lat: float
    lons: tuple[float, float]
    lats: tuple[float, float]

    def distance_m(self, lon: FloatArray, lat: FloatArray) -> FloatArray:
        """Return great-circle distances from the centre.

        Parameters
        ----------
        lon, lat
            WGS 84 degrees, shape (n,).

        Returns
        -------
        numpy.ndarray
            Metres, shape (n,); infinite for latitudes beyond the poles.
        """
        return distance_m(lon, lat, (self.lon, self.lat))


def unwrapped(lon: FloatArray, near: float) -> FloatArray:
    """Return longitudes with whole turns added, so that none is more than half a turn from a given one.

    Parameters
    ----------
    lon
        Degrees, any shape.
    near
        Degrees.

    Returns
    -------
    numpy.ndarray
        Unchanged where they are within 180 degrees of ``near``.

    Examples
    --------
    >>> unwrapped(np.array([179.9, -179.9, 10.0]), 179.0).tolist()
    [179.9, 180.1, 10.0]
    """
    found = np.where(lon - near > _HALF_TURN, lon - 2 * _HALF_TURN, lon)
    return np.asarray(np.where(near - lon > _HALF_TURN, lon + 2 * _HALF_TURN, found), dtype=np.float64)


def row_middles(shapes: gpd.GeoSeries) -> tuple[FloatArray, FloatArray]:
    """Return the middle of the bounding box of every geometry.

    Parameters
    ----------
    shapes
        Geometries without nulls, in any CRS; in degrees they may lie across the 180th meridian.

    Returns
    -------
    lon, lat
        WGS 84 degrees, shape (n,).
    """
    low, high = _boxes(shapes)
    lon, lat = to_degrees(shapes.crs).transform((low[:, 0] + high[:, 0]) / 2, (low[:, 1] + high[:, 1]) / 2)
    return _turned(np.asarray(lon, dtype=np.float64)), np.asarray(lat, dtype=np.float64)


def _turned(lon: FloatArray) -> FloatArray:
    """Return longitudes between -180 and 180."""
    return unwrapped(lon, 0.0)


def _boxes(shapes: gpd.GeoSeries) -> tuple[FloatArray, FloatArray]:
    """Return lower and upper corners; in degrees the longitudes of a table are near each other."""
    xy, owner = shapely.get_coordinates(shapes.to_numpy(), return_index=True)
    if shapes.crs.is_geographic and len(xy):
        xy = np.column_stack([unwrapped(xy[:, 0], _mean_direction(xy[:, 0])), xy[:, 1]])
    starts = np.flatnonzero(np.diff(owner, prepend=-1))
    low, high = np.full((len(shapes), 2), np.nan), np.full((len(shapes), 2), np.nan)
    if len(starts):
        low[owner[starts]] = np.minimum.reduceat(xy, starts)
        high[owner[starts]] = np.maximum.reduceat(xy, starts)
    return low, high


def _mean_direction(lon: FloatArray) -> float:
    """Return the circular mean of longitudes if they lie on both sides of the meridian, else the mean."""
    if lon.max() - lon.min() <= _HALF_TURN:
        return float(lon.mean())
    turn = np.radians(lon)
    return float(np.degrees(np.arctan2(np.sin(turn).mean(), np.cos(turn).mean())))


def _centre_of_table(shapes: gpd.GeoSeries) -> tuple[float, float]:
    """Return the median of the rows' middles, so that a misplaced row does not shift it."""
    low, high = _boxes(shapes)
    lon, lat = to_degrees(shapes.crs).transform(*np.nanmedian((low + high) / 2, axis=0))
    return float(_turned(np.array([lon]))[0]), float(lat)


def distance_m(lon: FloatArray, lat: FloatArray, centre: tuple[float, float]) -> FloatArray:
    """Return great-circle distances from a point.

    Parameters
    ----------
    lon, lat
        WGS 84 degrees, shape (n,).
    centre
        Longitude and latitude.

    Returns
    -------
    numpy.ndarray
        Metres, shape (n,); infinite for latitudes beyond the poles.
    """
    if len(lon) == 0:
        return np.empty(0)
    on_earth = np.abs(lat) <= _HALF_TURN / 2
    _, _, metres = pyproj.Geod(ellps="WGS84").inv(
        np.where(on_earth, lon, 0.0),
        np.where(on_earth, lat, 0.0),
        np.full(len(lon), centre[0]),
        np.full(len(lat), centre[1]),
    )
    return np.where(on_earth, metres, np.inf)


def centre_of(shapes: Mapping[str, gpd.GeoSeries], *, outlines: Sequence[str] = ()) -> Centre:
    """Return the centre of the city: that of a table which most other tables lie near to.

    A table's centre is the median of its rows. The tables vote: those within 200 km of each other agree, and
    the largest group decides, so that one table with swapped axes or of another city shifts nothing. Within
    it (and where groups are equal) tables of polygons go before others, then the one closest to the rest.

    Parameters
    ----------
    shapes
        Geometries of the tables in their CRS, at least one table; nulls are ignored.
    outlines
        Names of the tables of polygons.

    Returns
    -------
    Centre
        With the extent of the tables that agree on it.
    """
    known = {name: one.dropna() for name, one in shapes.items()}
    names = [*known]
    points = np.array([_centre_of_table(known[name]) for name in names])
    near = np.array([distance_m(points[:, 0], points[:, 1], (lon, lat)) <= FAR_M for lon, lat in points])
    votes = near.sum(axis=1)
    leading: BoolArray = votes == votes.max()
    drawn = np.isin(names, list(outlines))
    chosen = np.flatnonzero(leading & drawn) if (leading & drawn).any() else np.flatnonzero(leading)
    lons = unwrapped(points[chosen, 0], points[chosen[0], 0])
    away = np.abs(lons[:, None] - lons[None, :]) + np.abs(points[chosen, 1][:, None] - points[chosen, 1])
    best = int(chosen[int(np.argmin(away.sum(axis=1)))])
    agreeing = [name for name, agrees in zip(names, near[best], strict=True) if agrees]
    middles = [row_middles(known[name]) for name in agreeing]
    lon = unwrapped(np.concatenate([one for one, _ in middles]), points[best, 0])
    lat = np.concatenate([one for _, one in middles])
    return Centre(
        float(points[best, 0]),
        float(points[best, 1]),
        (float(lon.min()), float(lon.max())),
        (float(lat.min()), float(lat.max())),
    )
