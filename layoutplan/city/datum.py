"""Conversion of longitude and latitude between WGS 84 and the Chinese public datums GCJ-02 and BD-09.

GCJ-02 (Amap, Tencent) shifts a point by 100 to 700 m (about 570 m east-south-east in Zhengzhou), BD-09
(Baidu) by about 1.3 km there. CGCS2000 and WGS 84 differ by centimetres and are treated as equal. The
formulas are public (eviltransform, prcoords); the inverse is solved by fixed-point iteration to less than a
millimetre.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from layoutplan.arrays import FloatArray
from layoutplan.plan.settings import Datum

Shift = Callable[[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]

_AXIS_M: Final = 6_378_245.0  # Krasovsky 1940
_ECCENTRICITY2: Final = 0.006_693_421_622_965_943
_BAIDU: Final = np.pi * 3000.0 / 180.0
_MAX_STEPS: Final = 12
_EXACT_DEGREES: Final = 1e-12
_CHINA_LON: Final = (72.004, 137.8347)
_CHINA_LAT: Final = (0.8293, 55.8271)


def shifted_here(lon: FloatArray, lat: FloatArray) -> npt.NDArray[np.bool_]:
    """Return which points lie in the rectangle in which public maps of China are shifted.

    Parameters
    ----------
    lon, lat
        Degrees, shape (n,).

    Returns
    -------
    numpy.ndarray of bool
        Shape (n,).
    """
    inside_lon = (lon >= _CHINA_LON[0]) & (lon <= _CHINA_LON[1])
    return inside_lon & (lat >= _CHINA_LAT[0]) & (lat <= _CHINA_LAT[1])


def wgs84_to_gcj02(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Convert WGS 84 to GCJ-02.

    Parameters
    ----------
    lon, lat
        WGS 84 degrees, shape (n,).

    Returns
    -------
    tuple of numpy.ndarray
        GCJ-02 longitude and latitude, degrees; unchanged outside the rectangle of :func:`shifted_here`.

    Examples
    --------
    >>> lon, lat = wgs84_to_gcj02(np.array([113.6254]), np.array([34.7466]))
    >>> round(float(lon[0]), 5), round(float(lat[0]), 5)
    (113.63145, 34.74542)
    """
    lon, lat = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    inside = shifted_here(lon, lat)
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    waves = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + waves
    north += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + waves
    east += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    radians = np.radians(lat)
    curve = 1.0 - _ECCENTRICITY2 * np.sin(radians) ** 2
    degrees_north = np.degrees(north * curve * np.sqrt(curve) / (_AXIS_M * (1.0 - _ECCENTRICITY2)))
    degrees_east = np.degrees(east * np.sqrt(curve) / (_AXIS_M * np.cos(radians)))
    return np.where(inside, lon + degrees_east, lon), np.where(inside, lat + degrees_north, lat)


def gcj02_to_bd09(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Convert GCJ-02 to BD-09.

    Parameters
    ----------
    lon, lat
        GCJ-02 degrees, shape (n,).

    Returns
    -------
    tuple of numpy.ndarray
        BD-09 longitude and latitude, degrees; unchanged outside the rectangle of :func:`shifted_here`.
    """
    lon, lat = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    inside = shifted_here(lon, lat)
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BAIDU)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BAIDU)
    return (
        np.where(inside, radius * np.cos(angle) + 0.0065, lon),
        np.where(inside, radius * np.sin(angle) + 0.006, lat),
    )


def _solve(shift: Shift, lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the points that ``shift`` maps to (``lon``, ``lat``), by fixed-point iteration."""
    target_lon, target_lat = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    found_lon, found_lat = target_lon.copy(), target_lat.copy()
    for _ in range(_MAX_STEPS):
        made_lon, made_lat = shift(found_lon, found_lat)
        miss_lon, miss_lat = made_lon - target_lon, made_lat - target_lat
        found_lon, found_lat = found_lon - miss_lon, found_lat - miss_lat
        if max(np.abs(miss_lon).max(initial=0.0), np.abs(miss_lat).max(initial=0.0)) < _EXACT_DEGREES:
            break
    return found_lon, found_lat


def gcj02_to_wgs84(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Convert GCJ-02 to WGS 84: the inverse of :func:`wgs84_to_gcj02`, to less than a millimetre.

    Parameters
    ----------
    lon, lat
        GCJ-02 degrees, shape (n,).

    Returns
    -------
    tuple of numpy.ndarray
        WGS 84 longitude and latitude, degrees.
    """
    return _solve(wgs84_to_gcj02, lon, lat)


def bd09_to_gcj02(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Convert BD-09 to GCJ-02: the inverse of :func:`gcj02_to_bd09`, to less than a millimetre.

    Parameters
    ----------
    lon, lat
        BD-09 degrees, shape (n,).

    Returns
    -------
    tuple of numpy.ndarray
        GCJ-02 longitude and latitude, degrees.
    """
    return _solve(gcj02_to_bd09, lon, lat)


def to_wgs84(lon: FloatArray, lat: FloatArray, *, datum: Datum) -> tuple[FloatArray, FloatArray]:
    """Convert longitude and latitude in a datum to WGS 84.

    Parameters
    ----------
    lon, lat
        Degrees in ``datum``, shape (n,).
    datum
        Source datum; CGCS2000 is treated as WGS 84.

    Returns
    -------
    tuple of numpy.ndarray
        WGS 84 longitude and latitude, degrees.
    """
    if datum == "bd09":
        return gcj02_to_wgs84(*bd09_to_gcj02(lon, lat))
    if datum == "gcj02":
        return gcj02_to_wgs84(lon, lat)
    return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)


def from_wgs84(lon: FloatArray, lat: FloatArray, *, datum: Datum) -> tuple[FloatArray, FloatArray]:
    """Convert WGS 84 longitude and latitude to a datum.

    Parameters
    ----------
    lon, lat
        WGS 84 degrees, shape (n,).
    datum
        Target datum; CGCS2000 is treated as WGS 84.

    Returns
    -------
    tuple of numpy.ndarray
        Longitude and latitude in ``datum``, degrees.
    """
    if datum == "bd09":
        return gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))
    if datum == "gcj02":
        return wgs84_to_gcj02(lon, lat)
    return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)


def shapes_to_wgs84(shapes: npt.NDArray[np.object_], *, datum: Datum) -> npt.NDArray[np.object_]:
    """Convert every vertex of geometries from a datum to WGS 84.

    Parameters
    ----------
    shapes
        Geometries in degrees, shape (n,); not modified.
    datum
        Source datum.

    Returns
    -------
    numpy.ndarray of object
        Geometries in WGS 84 degrees, shape (n,).
    """

    def convert(points: FloatArray) -> FloatArray:
        return np.column_stack(to_wgs84(points[:, 0], points[:, 1], datum=datum))

    converted: npt.NDArray[np.object_] | BaseGeometry = shapely.transform(shapes, convert)
    return np.asarray(converted, dtype=object)
