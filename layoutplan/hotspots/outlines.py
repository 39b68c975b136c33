"""Polygon of a hotspot, and its smoothed outline for maps."""

from __future__ import annotations

import geopandas as gpd
import shapely

_MARGIN = 0.25
_OUTLINE_REACH_M = 250.0


def hotspot_outline(areas: gpd.GeoSeries, places: gpd.GeoSeries, *, radius_m: float) -> shapely.Geometry:
    """Return the union of the polygons among ``areas`` or, without any, a buffered convex hull of ``places``.

    Parameters
    ----------
    areas
        Areas or cells of the hotspot, in metres; points are ignored.
    places
        Units of the hotspot, points in the same CRS.
    radius_m
        Radius of the clustering, metres; the hull is buffered by a quarter of it.

    Returns
    -------
    shapely.Geometry
        A valid Polygon or MultiPolygon with positive area.
    """
    polygons = areas[areas.geom_type.isin(["Polygon", "MultiPolygon"]) & ~areas.is_empty]
    if not polygons.empty:
        union = shapely.union_all(shapely.make_valid(polygons.to_numpy()))
        parts = [part for part in shapely.get_parts(union) if part.geom_type == "Polygon"]
        if parts:
            return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
    return shapely.MultiPoint(list(places)).convex_hull.buffer(radius_m * _MARGIN)


def soft_outlines(polygons: gpd.GeoSeries, *, reach_m: float = _OUTLINE_REACH_M) -> gpd.GeoSeries:
    """Return smoothed outlines of polygons, for drawing only: gaps up to twice ``reach_m`` are closed.

    Corners are rounded and holes filled. The map page and the atlas use the same outlines.

    Parameters
    ----------
    polygons
        Polygons in a projected CRS in metres.
    reach_m
        Half the width of a gap to close, metres.

    Returns
    -------
    geopandas.GeoSeries
        Polygons on the same index and CRS; they contain the originals.
    """
    grown = polygons.buffer(reach_m, quad_segs=4).buffer(-0.85 * reach_m, quad_segs=4)
    filled = [
        shapely.union_all([shapely.Polygon(shapely.get_exterior_ring(part)) for part in _parts(shape)])
        for shape in grown
    ]
    return gpd.GeoSeries(filled, index=polygons.index, crs=polygons.crs).simplify(reach_m / 12)


def _parts(shape: shapely.Geometry | None) -> list[shapely.Geometry]:
    return [] if shape is None else [part for part in shapely.get_parts([shape]) if not part.is_empty]
