"""The polygon a hotspot is drawn with."""

from __future__ import annotations

import geopandas as gpd
import shapely

_MARGIN = 0.25


def outline(areas: gpd.GeoSeries, places: gpd.GeoSeries, *, radius_m: float) -> shapely.Geometry:
    """Return the union of the polygons among ``areas``; without any, a hull round ``places``.

    Parameters
    ----------
    areas
        What the planner gave as units; points are passed over. Metres.
    places
        Where the people of the hotspot live, points, in the same CRS.
    radius_m
        Radius of the clustering: the hull keeps a quarter of it as margin.

    Returns
    -------
    shapely.Geometry
        A valid Polygon or MultiPolygon, with an area above zero.
    """
    polygons = areas[areas.geom_type.isin(["Polygon", "MultiPolygon"]) & ~areas.is_empty]
    if not polygons.empty:
        union = shapely.union_all(shapely.make_valid(polygons.to_numpy()))
        parts = [part for part in shapely.get_parts(union) if part.geom_type == "Polygon"]
        if parts:
            return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
    return shapely.MultiPoint(list(places)).convex_hull.buffer(radius_m * _MARGIN)
