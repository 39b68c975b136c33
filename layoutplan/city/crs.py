"""The working coordinate system: projected, in metres, with little distortion at the city."""

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
_SCALE_LIMIT: Final = 0.005  # largest scale error of a working CRS: half a percent


@lru_cache(maxsize=64)
def to_degrees(crs: pyproj.CRS) -> pyproj.Transformer:
    """Return the transformation from a coordinate system to WGS 84; cached.

    Parameters
    ----------
    crs
        Source CRS.

    Returns
    -------
    pyproj.Transformer
        To longitude and latitude in degrees, in that order.
    """
    return pyproj.Transformer.from_crs(crs, WGS84, always_xy=True)


def same_crs(one: pyproj.CRS, other: pyproj.CRS) -> bool:
    """Return whether two coordinate systems give the same coordinates, regardless of names and axis order.

    Parameters
    ----------
    one, other
        The systems to compare.

    Returns
    -------
    bool
        True also if both match the same EPSG code with a confidence of 70 %.
    """
    if one.equals(other, ignore_axis_order=True):
        return True
    return one.to_epsg(min_confidence=70) is not None and one.to_epsg(70) == other.to_epsg(70)


def crs_name(crs: pyproj.CRS) -> str:
    """Return the EPSG code and name of a coordinate system.

    Parameters
    ----------
    crs
        The system.

    Returns
    -------
    str
        Only the name if no EPSG code matches; unprintable characters are replaced.

    Examples
    --------
    >>> crs_name(pyproj.CRS.from_epsg(4547))
    'EPSG:4547 (CGCS2000 / 3-degree Gauss-Kruger CM 114E)'
    """
    code = crs.to_epsg(min_confidence=70)
    name = UNPRINTABLE.sub("\ufffd", crs.name)
    return f"EPSG:{code} ({name})" if code else name


def choose_crs(lon: float, lat: float) -> pyproj.CRS:
    """Return a suitable working CRS for a city.

    Within China the CGCS2000 3-degree Gauss-Krüger zone of the nearest central meridian (Zhengzhou:
    EPSG:4547), if its official area of use covers the latitude; elsewhere the WGS 84 / UTM zone.

    Parameters
    ----------
    lon, lat
        Centre of the city, WGS 84 degrees.

    Returns
    -------
    pyproj.CRS
        Projected, in metres.

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
    """Return the CGCS2000 3-degree zone of a location, ``None`` outside its official area of use."""
    meridian = round(lon / _ZONE_WIDTH) * _ZONE_WIDTH
    if not _FIRST_MERIDIAN <= meridian <= _LAST_MERIDIAN:
        return None
    zone = pyproj.CRS.from_epsg(_FIRST_ZONE_EPSG + (meridian - _FIRST_MERIDIAN) // _ZONE_WIDTH)
    area = zone.area_of_use
    return zone if area is not None and area.south <= lat <= area.north else None


def in_china(lon: float, lat: float) -> bool:
    """Return whether a location is in the official area of use of a CGCS2000 zone.

    Parameters
    ----------
    lon, lat
        WGS 84 degrees.

    Returns
    -------
    bool
        By longitude zone and latitude range, not by the national boundary.

    Examples
    --------
    >>> in_china(113.6, 34.75), in_china(-79.9, 43.25), in_china(106.9, 47.9), in_china(139.7, 35.7)
    (True, False, False, False)
    """
    return _zone_in_china(lon, lat) is not None


def stretch(crs: pyproj.CRS, *, lon: float, lat: float) -> float:
    """Return the scale error of a projection at a location: 0.216 for Web Mercator in Zhengzhou.

    Parameters
    ----------
    crs
        Projected CRS.
    lon, lat
        WGS 84 degrees.

    Returns
    -------
    float
        Larger absolute deviation from one of the meridional and parallel scale factors.
    """
    factors = pyproj.Proj(crs).get_factors(lon, lat)
    return float(max(abs(factors.meridional_scale - 1.0), abs(factors.parallel_scale - 1.0)))


def working_crs(stated: str | None, *, lon: float, lat: float, file: str, log: FaultLog) -> pyproj.CRS:
    """Return the working CRS: the stated one if suitable, else a chosen one.

    Parameters
    ----------
    stated
        ``space.crs`` of the plan, or ``None``.
    lon, lat
        Centre of the city, WGS 84 degrees.
    file
        Name of the plan file, for the report.
    log
        Receives a notice if the CRS was chosen, or a fault if the stated one distorts lengths by more than
        half a percent at the city (that it is projected and in metres is checked with the plan).

    Returns
    -------
    pyproj.CRS
        Projected, in metres.
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
