"""Two polygon layers of one area that lie beside each other: a datum shift was left out."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from shapely.affinity import translate

from layoutplan.dictionary.table_log import TableLog

_SAME_AREA: Final = 0.03
"""Largest relative difference of their sizes for two layers of the same area."""

_LEAST_OFF: Final = 0.01
"""Share of their area that two layers must not have in common to be looked at."""

_EXPLAINED: Final = 0.35
"""What is not in common after the move, as a share of before; other borders do not coincide by a move."""


def report_displaced(areas: gpd.GeoSeries, catchments: gpd.GeoSeries, *, log: TableLog) -> None:
    """Warn of units whose outline is that of the catchments, moved.

    A layer converted without its datum shift lies tens to hundreds of metres away: its borders then cut the
    other layer's polygons, and people along the outline live in no catchment.

    Parameters
    ----------
    areas, catchments
        Shapes in the working CRS, metres; catchments of one stage.
    log
        Log of the table ``units``; receives the warning.
    """
    kinds = areas.geom_type.isin(["Polygon", "MultiPolygon"])
    if not kinds.all() or areas.empty or catchments.empty:
        return
    one, other = shapely.union_all(areas.to_numpy()), shapely.union_all(catchments.to_numpy())
    if abs(one.area - other.area) > _SAME_AREA * other.area:
        return
    before = _apart(one, other)
    east, north = other.centroid.x - one.centroid.x, other.centroid.y - one.centroid.y
    if before < _LEAST_OFF or _apart(translate(one, east, north), other) > _EXPLAINED * before:
        return
    log.add(
        "layers_displaced",
        severity="warning",
        metres=float(np.hypot(east, north)),
        east=east,
        north=north,
    )


def _apart(one: shapely.Geometry, other: shapely.Geometry) -> float:
    """Return the share of the area of two shapes that they do not have in common."""
    return float(
        shapely.area(shapely.symmetric_difference(one, other)) / shapely.area(shapely.union(one, other))
    )
