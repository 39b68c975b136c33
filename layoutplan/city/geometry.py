"""Repair of geometries where the repair is unambiguous; others are refused.

Repaired, with a notice: Z values (dropped), rings that touch or cross themselves marginally, parts of a
lower dimension, lines without length. Refused: a geometry of another type than the table's, a polygon without
area, and a ring whose repair would change its area by more than 1 % (a bow-tie, which is ambiguous).
"""

from __future__ import annotations

from typing import Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layoutplan.arrays import ObjectArray
from layoutplan.city.point_lookup import inside_points
from layoutplan.dictionary.table_log import TableLog

ShapeKind = Literal["point", "line", "polygon", "any", "campus"]
"""Geometry type of a table; ``campus`` is a point, several points (gates) or an outline."""

_AREA_CHANGE_LIMIT: Final = 0.01
_POLYGON_TYPES: Final = (3, 6)
_COLLECTION: Final = 7
_TYPES: Final[dict[ShapeKind, tuple[int, ...]]] = {
    "point": (0, 4),
    "line": (1, 5),
    "polygon": _POLYGON_TYPES,
    "any": (0, 1, 3, 4, 5, 6),
    "campus": (0, 3, 4, 6),
}


def clean_shapes(shapes: gpd.GeoSeries, *, kind: ShapeKind, log: TableLog) -> gpd.GeoSeries | None:
    """Return valid geometries of one type, on the same index without lines of zero length.

    Parameters
    ----------
    shapes
        In the working CRS (metres); ``None`` for a row without geometry is kept.
    kind
        Geometry type of the table; ``any`` for points, lines or polygons.
    log
        Receives notices of repairs, or the fault.

    Returns
    -------
    geopandas.GeoSeries or None
        ``None`` if a geometry is refused.
    """
    flat = np.asarray(shapely.force_2d(shapes.to_numpy()), dtype=object)
    if bool(np.any(shapely.has_z(shapes.to_numpy()))):
        log.add("z_dropped", severity="notice")
    repaired = _repair(flat, shapes.index, log=log)
    if repaired is None:
        return None
    made = _of_kind(repaired, shapes.index, kind=kind, log=log)
    if made is None:
        return None
    series = gpd.GeoSeries(made, index=shapes.index, crs=shapes.crs)
    return _without_points(series, log=log)


def _repair(shapes: ObjectArray, index: pd.Index, *, log: TableLog) -> ObjectArray | None:
    """Repair invalid geometries; refuse polygons without area, or whose area would change by over 1 %."""
    is_line = np.isin(shapely.get_type_id(shapes), _TYPES["line"])
    invalid = ~shapely.is_valid(shapes) & ~shapely.is_missing(shapes) & ~is_line
    if not invalid.any():
        return shapes
    made = shapes.copy()
    made[invalid] = shapely.make_valid(shapes[invalid])
    before, after = shapely.area(shapes[invalid]), shapely.area(made[invalid])
    change = np.abs(after - before)
    doubtful = change > _AREA_CHANGE_LIMIT * np.maximum(after, before)
    rows = index[invalid]
    flat = np.isin(shapely.get_type_id(shapes[invalid]), _POLYGON_TYPES) & (after == 0)
    if flat.any():
        log.add("polygon_without_area", rows=rows[flat])
        return None
    if doubtful.any():
        reasons = shapely.is_valid_reason(shapes[invalid][doubtful])
        log.add("shape_crosses_itself", rows=rows[doubtful], reason=str(reasons[0]))
        return None
    log.add("shape_repaired", severity="notice", rows=rows, square_metres=f"{change.sum():,.2f}")
    return made


def _of_kind(shapes: ObjectArray, index: pd.Index, *, kind: ShapeKind, log: TableLog) -> ObjectArray | None:
    """Reduce collections to the parts of the table's type and single multipoints to points; refuse others."""
    types = shapely.get_type_id(shapes)
    made = shapes.copy()
    for place in np.flatnonzero(types == _COLLECTION):
        made[place] = _parts_of_kind(shapes[place], kind)
    if kind in ("point", "campus"):
        multi = np.flatnonzero(types == 4)  # noqa: PLR2004 - GEOS's number of a multipoint
        for place in multi:
            if shapely.get_num_geometries(shapes[place]) == 1:
                made[place] = shapely.get_geometry(shapes[place], 0)
    kinds = shapely.get_type_id(made)
    allowed = (0,) if kind == "point" else _TYPES[kind]
    wrong = ~np.isin(kinds, allowed) & ~shapely.is_missing(made)
    if wrong.any():
        found = shapes[wrong][0].geom_type
        log.add(
            "shape_not_point" if kind == "campus" else f"shape_not_{kind}", rows=index[wrong], found=found
        )
        return None
    return made


def _parts_of_kind(shape: object, kind: ShapeKind) -> object:
    parts = shapely.get_parts(shapely.get_parts(np.array([shape], dtype=object)))
    wanted = _TYPES["polygon" if kind == "any" else "point" if kind == "campus" else kind]
    kept = [part for part in parts if shapely.get_type_id(part) in wanted]
    if kind == "campus" and not kept:  # an outline without gates
        kept = [part for part in parts if shapely.get_type_id(part) in _POLYGON_TYPES]
    return shapely.union_all(kept) if kept else shape


def _without_points(shapes: gpd.GeoSeries, *, log: TableLog) -> gpd.GeoSeries:
    """Drop lines of zero length, with a notice."""
    is_line = np.isin(shapely.get_type_id(shapes.to_numpy()), _TYPES["line"])
    short = is_line & (shapely.length(shapes.to_numpy()) <= 0)
    if short.any():
        log.add("lines_without_length", severity="notice", rows=shapes.index[short])
    return shapes[~short]


def report_twins(shapes: gpd.GeoSeries, *, by: pd.Series | None = None, log: TableLog) -> None:
    """Report rows with the same geometry as an earlier row (of the same group).

    Identical polygons are an error, since their residents or pupils would count twice. Identical points are a
    notice, since two schools may share a campus.

    Parameters
    ----------
    shapes
        Geometries; the index holds the reader's row numbers.
    by
        Group of each row, on the same index; ``None`` compares all rows.
    log
        Receives at most one fault each for polygons and other geometries.
    """
    keys = pd.DataFrame({"shape": shapely.to_wkb(shapely.normalize(shapes.to_numpy()))}, index=shapes.index)
    keys["group"] = by if by is not None else ""
    given = shapes.notna().to_numpy()
    for polygons, severity in ((True, "error"), (False, "notice")):
        chosen = given & (np.isin(shapely.get_type_id(shapes.to_numpy()), _POLYGON_TYPES) == polygons)
        twin = keys[chosen].duplicated(keep="first")
        if twin.any():
            code = "polygons_equal" if polygons else "points_equal"
            log.add(code, severity="error" if severity == "error" else "notice", rows=twin.index[twin])


def campus_points(shapes: gpd.GeoSeries, *, log: TableLog) -> tuple[gpd.GeoSeries, gpd.GeoSeries]:
    """Return one point per campus, and the gates of those that have several.

    Parameters
    ----------
    shapes
        Cleaned geometries of kind ``campus``.
    log
        Receives a notice of outlines, and one of campuses with several gates.

    Returns
    -------
    points, gates
        A point inside an outline, the middle of several gates, else the point itself, on the same index; and
        the multipoints of the gates, on the index of their rows.
    """
    types = shapely.get_type_id(shapes.to_numpy())
    outline = np.isin(types, _POLYGON_TYPES)
    several = types == _TYPES["point"][1]
    made = shapes.to_numpy(dtype=object, copy=True)
    made[outline] = inside_points(made[outline])
    made[several] = shapely.centroid(made[several])
    for code, rows in (("campus_outlines", outline), ("campus_gates", several)):
        if rows.any():
            log.add(code, severity="notice", rows=shapes.index[rows], count=int(rows.sum()))
    return gpd.GeoSeries(made, index=shapes.index, crs=shapes.crs), shapes[several]
