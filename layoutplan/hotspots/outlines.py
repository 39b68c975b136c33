"""The polygon of a hotspot, and the calm outline it is drawn with on every map."""

from __future__ import annotations

import geopandas as gpd
import shapely

_MARGIN = 0.25
_OUTLINE_REACH_M = 250.0


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


def soft_outlines(polygons: gpd.GeoSeries, *, reach_m: float = _OUTLINE_REACH_M) -> gpd.GeoSeries:
    """Return calm outlines around ragged polygons, for drawing alone: gaps up to twice ``reach_m`` closed.

    The outline holds every polygon; corners are round and holes filled. Metres; the page's map and the atlas
    draw the same.
    """
    grown = polygons.buffer(reach_m, quad_segs=4).buffer(-0.85 * reach_m, quad_segs=4)
    filled = [
        shapely.union_all([shapely.Polygon(shapely.get_exterior_ring(part)) for part in _parts(shape)])
        for shape in grown
    ]
    return gpd.GeoSeries(filled, index=polygons.index, crs=polygons.crs).simplify(reach_m / 12)


def _parts(shape: shapely.Geometry | None) -> list[shapely.Geometry]:
    return [] if shape is None else [part for part in shapely.get_parts([shape]) if not part.is_empty]
