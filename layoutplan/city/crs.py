"""The working coordinate system: projected, in metres, true to scale where the city lies."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import pyproj

from layoutplan.errors import UNPRINTABLE, FaultLog

WGS84: Final = pyproj.CRS.from_epsg(4326)
_FIRST_ZONE_EPSG: Final = 4534  # CGCS2000 / 3-degree Gauss-Kruger CM 75E; the 21st (CM 135E) is 4554
_FIRST_MERIDIAN: Final = 75
_LAST_MERIDIAN: Final = 135
_ZONE_WIDTH: Final = 3
_SCALE_LIMIT: Final = 0.005  # a working CRS may stretch lengths by half a percent at most


@lru_cache(maxsize=64)
def to_degrees(crs: pyproj.CRS) -> pyproj.Transformer:
    """Return the way from a coordinate system to WGS 84 longitude and latitude (in that order)."""
    return pyproj.Transformer.from_crs(crs, WGS84, always_xy=True)


def same_crs(one: pyproj.CRS, other: pyproj.CRS) -> bool:
    """Say whether two coordinate systems give the same numbers (names and axis order aside)."""
    if one.equals(other, ignore_axis_order=True):
        return True
    return one.to_epsg(min_confidence=70) is not None and one.to_epsg(70) == other.to_epsg(70)


def crs_name(crs: pyproj.CRS) -> str:
    """Write a coordinate system for people: code and name.

    Examples
    --------
    >>> crs_name(pyproj.CRS.from_epsg(4547))
    'EPSG:4547 (CGCS2000 / 3-degree Gauss-Kruger CM 114E)'
    """
    code = crs.to_epsg(min_confidence=70)
    name = UNPRINTABLE.sub("\ufffd", crs.name)
    return f"EPSG:{code} ({name})" if code else name


def choose_crs(lon: float, lat: float) -> pyproj.CRS:
    """Choose a working CRS for a city centred at (``lon``, ``lat``), WGS 84 degrees.

    Inside China the CGCS2000 3-degree Gauss-Krüger zone of the nearest central meridian (Zhengzhou:
    EPSG:4547), whose official area of use must hold the centre; elsewhere the WGS 84 / UTM zone.

    Examples
    --------
    >>> [choose_crs(*place).to_epsg() for place in ((113.6, 34.75), (-79.9, 43.25), (106.9, 47.9))]
    [4547, 32617, 32648]
    """
    zone = _zone_in_china(lon, lat)
    if zone is not None:
        return zone
    utm_zone = min(max(int((lon + 180.0) // 6) + 1, 1), 60)
    return pyproj.CRS.from_epsg((32600 if lat >= 0 else 32700) + utm_zone)


def _zone_in_china(lon: float, lat: float) -> pyproj.CRS | None:
    """Return the CGCS2000 3-degree zone whose official area of use holds the place, if there is one."""
    meridian = round(lon / _ZONE_WIDTH) * _ZONE_WIDTH
    if not _FIRST_MERIDIAN <= meridian <= _LAST_MERIDIAN:
        return None
    zone = pyproj.CRS.from_epsg(_FIRST_ZONE_EPSG + (meridian - _FIRST_MERIDIAN) // _ZONE_WIDTH)
    area = zone.area_of_use
    return zone if area is not None and area.south <= lat <= area.north else None


def in_china(lon: float, lat: float) -> bool:
    """Say whether a place lies where Chinese maps are drawn: in a CGCS2000 zone's official area of use.

    Examples
    --------
    >>> in_china(113.6, 34.75), in_china(-79.9, 43.25), in_china(106.9, 47.9), in_china(139.7, 35.7)
    (True, False, False, False)
    """
    return _zone_in_china(lon, lat) is not None


def stretch(crs: pyproj.CRS, *, lon: float, lat: float) -> float:
    """Return by how much ``crs`` stretches lengths at a place: 0.216 for Web Mercator in Zhengzhou."""
    factors = pyproj.Proj(crs).get_factors(lon, lat)
    return float(max(abs(factors.meridional_scale - 1.0), abs(factors.parallel_scale - 1.0)))


def working_crs(stated: str | None, *, lon: float, lat: float, file: str, log: FaultLog) -> pyproj.CRS:
    """Return the working CRS: the stated one if it is fit, else a chosen one, announced by a notice.

    Parameters
    ----------
    stated
        ``space.crs`` of the plan, or ``None``.
    lon, lat
        Centre of the city, WGS 84 degrees.
    file
        Name of the plan file, for the fault of a CRS that stretches lengths by more than half a percent where
        the city lies (that it is projected, in metres, the plan has checked).
    """
    chosen = choose_crs(lon, lat)
    if stated is None:
        log.add("working_crs_chosen", severity="notice", file=file, crs=crs_name(chosen))
        return chosen
    crs = pyproj.CRS.from_user_input(stated)
    error = stretch(crs, lon=lon, lat=lat)
    if not error <= _SCALE_LIMIT:
        log.add(
            "working_crs_stretches",
            file=file,
            column="space.crs",
            crs=crs_name(crs),
            percent=f"{100 * error:.1f}",
            fit=crs_name(chosen),
        )
        return chosen
    return crs
