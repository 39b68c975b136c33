"""Parts of areas that catchment borders cut: one per combination of catchments, with stable ids."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layoutplan.city.areal import pieces_by_catchment
from layoutplan.city.point_lookup import inside_points, polygon_of

_SLIVER_SHARE: Final = 0.01  # less of an area comes from borders drawn twice, not from people


def cut_by_catchments(
    areas: gpd.GeoSeries,
    catchments: gpd.GeoDataFrame,
    *,
    tolerance_m2: float,
    taken: Collection[str] = (),
) -> gpd.GeoDataFrame:
    """Return the parts of the polygons that borders of catchments cut.

    An area is divided by the catchments of every stage; what lies in the same catchments of all stages is one
    part, connected or not. Pieces of at most ``tolerance_m2`` or under 1 % of the area are slivers of borders
    that were drawn twice, and belong to no part.

    Parameters
    ----------
    areas
        Geometries, index of ids, projected CRS in metres; points and lines are never cut.
    catchments
        Polygons in the same CRS, index ``catchment_id``, with column ``stage``.
    tolerance_m2
        Largest area of a sliver, m².
    taken
        Ids that no part may have.

    Returns
    -------
    geopandas.GeoDataFrame
        Index ``unit_id``: the id of the area, ``/`` and the number of the part in the order of its
        catchments' ids (outside all of them last), so that neither the order of rows nor another area
        changes it. Columns ``of`` (id of the area), ``share`` (of the surface of the parts; sums to one per
        area) and the polygon. Areas that are not cut have no rows.

    Examples
    --------
    >>> squares = [shapely.box(0, 0, 100, 100), shapely.box(100, 0, 200, 100)]
    >>> halves = gpd.GeoDataFrame(
    ...     {"stage": "primary"}, geometry=squares, index=["C1", "C2"], crs="EPSG:4547")
    >>> area = gpd.GeoSeries([shapely.box(75, 0, 175, 100)], index=["U"], crs="EPSG:4547")
    >>> cut_by_catchments(area, halves, tolerance_m2=1.0)["share"].to_dict()
    {'U/1': 0.25, 'U/2': 0.75}
    """
    polygons = areas[shapely.get_dimensions(areas.to_numpy()) == 2]  # noqa: PLR2004  surfaces
    owner, shapes = pieces_by_catchment(polygons, catchments)
    size = shapely.area(shapes)
    whole = shapely.area(polygons.to_numpy())
    kept = (size > tolerance_m2) & (size >= _SLIVER_SHARE * whole[owner])
    owner, shapes = owner[kept], shapes[kept]
    several = np.bincount(owner, minlength=len(polygons))[owner] > 1
    owner, shapes = owner[several], shapes[several]
    if not len(owner):
        return _frame([], [], [], [], areas)
    work = _catchments_of(shapes, catchments, crs=areas.crs).assign(owner=owner, place=np.arange(len(owner)))
    keys = [name for name in work if name != "place"]
    names: list[str] = []
    of: list[object] = []
    made: list[object] = []
    counts = work[keys].drop_duplicates().groupby("owner").size()
    reserved = {*map(str, areas.index), *map(str, taken)}
    for place, group in work.groupby("owner", sort=True):
        if counts[place] < 2:  # noqa: PLR2004  one part is the area itself
            continue
        area = polygons.index[place]
        parts = [
            shapely.union_all(shapes[part["place"].to_numpy()]) for _, part in group.groupby(keys, sort=True)
        ]
        mark = _mark(str(area), len(parts), reserved)
        names += [f"{area}{mark}{number}" for number in range(1, len(parts) + 1)]
        of += [area] * len(parts)
        made += parts
    sizes = pd.Series(shapely.area(np.array(made, dtype=object)) if made else [], dtype=float)
    total = sizes.groupby(pd.Series(of, dtype=object)).transform("sum")
    return _frame(names, of, (sizes / total).tolist(), made, areas)


def _frame(
    names: list[str], of: list[object], share: list[float], shapes: list[object], areas: gpd.GeoSeries
) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"of": pd.Series(of, dtype=object), "share": pd.Series(share, dtype=float)},
        geometry=gpd.GeoSeries(shapes, crs=areas.crs),
        crs=areas.crs,
    ).set_axis(pd.Index(names, name="unit_id", dtype=object), axis=0)


def _catchments_of(shapes: np.ndarray, catchments: gpd.GeoDataFrame, *, crs: object) -> pd.DataFrame:
    """Return the catchment of each stage that each piece lies in; a mark that sorts last for none."""
    points = gpd.GeoSeries(inside_points(shapes), crs=crs)
    stages = sorted({stage for stage in catchments["stage"] if isinstance(stage, str)})
    held = {stage: polygon_of(points, catchments.geometry[catchments["stage"] == stage]) for stage in stages}
    return pd.DataFrame(
        {stage: found.fillna("\U0010ffff").astype(str).to_numpy() for stage, found in held.items()},
        index=range(len(shapes)),
    )


def _mark(area: str, count: int, reserved: Collection[str]) -> str:
    """Return the separator that makes the ids of the parts different from every other id."""
    mark = "/"
    while any(f"{area}{mark}{number}" in reserved for number in range(1, count + 1)):
        mark += "/"
    return mark
