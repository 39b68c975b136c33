"""Area weighting (面积权重) and rounding to whole residents by largest remainder (最大余数法).

Area weighting gives each piece of an area the share ``area of the piece / area of the area`` of its total
(STANDARDS 2.12: ŷ = Σ y·A_st/A_s); it applies to extensive quantities (residents, children, births).
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layoutplan.city.point_lookup import inside_points

_LEAST_M2 = 1e-6  # smaller pieces result from rounding of coordinates


def area_pieces(areas: gpd.GeoSeries, catchments: gpd.GeoDataFrame, *, cell_m: float) -> gpd.GeoDataFrame:
    """Split every area by square cells and by the catchments of every stage.

    Parameters
    ----------
    areas
        Geometries, index ``unit_id``, projected CRS in metres; points and lines give no pieces.
    catchments
        Polygons in the same CRS, with column ``stage``.
    cell_m
        Side of the cells, metres.

    Returns
    -------
    geopandas.GeoDataFrame
        One row per piece: a point inside it, ``unit_id`` of its area, ``dwellings`` (null) and ``weight``,
        its area in m². The pieces of an area sum to the area.
    """
    polygons = areas[shapely.get_dimensions(areas.to_numpy()) == 2]  # noqa: PLR2004  surfaces
    owner, shapes = _cut_by_grid(polygons.to_numpy(), cell_m)
    for _, own in catchments.groupby("stage", sort=True):
        owner, shapes = _cut_by(owner, shapes, own.geometry.to_numpy())
    size = shapely.area(shapes)
    kept = size > _LEAST_M2
    return gpd.GeoDataFrame(
        {"unit_id": polygons.index.to_numpy()[owner[kept]], "dwellings": np.nan, "weight": size[kept]},
        geometry=inside_points(shapes[kept]),
        crs=areas.crs,
    )


def pieces_by_catchment(
    areas: gpd.GeoSeries, catchments: gpd.GeoDataFrame
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.object_]]:
    """Split polygons by the catchments of every stage.

    Parameters
    ----------
    areas
        Polygons, projected CRS in metres.
    catchments
        Polygons in the same CRS, with column ``stage``.

    Returns
    -------
    owner, pieces
        Position of the area of each piece, and the piece; the pieces of an area sum to the area.
    """
    owner: npt.NDArray[np.int64] = np.arange(len(areas), dtype=np.int64)
    shapes: npt.NDArray[np.object_] = areas.to_numpy(dtype=object)
    for _, own in catchments.groupby("stage", sort=True):
        owner, shapes = _cut_by(owner, shapes, own.geometry.to_numpy())
    return owner, shapes


def _cut_by_grid(
    shapes: npt.NDArray[np.object_], cell_m: float
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.object_]]:
    owners, pieces = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=object)]
    for place, shape in enumerate(shapes):
        west, south, east, north = np.floor(np.array(shape.bounds) / cell_m).astype(int)
        columns, rows = (side.ravel() for side in np.meshgrid(range(west, east + 1), range(south, north + 1)))
        cells = shapely.box(columns * cell_m, rows * cell_m, (columns + 1) * cell_m, (rows + 1) * cell_m)
        inside = shapely.intersection(cells, shape)
        inside = inside[shapely.area(inside) > 0]
        owners.append(np.full(len(inside), place, dtype=np.int64))
        pieces.append(inside)
    return np.concatenate(owners), np.concatenate(pieces)


def _cut_by(
    owner: npt.NDArray[np.int64], shapes: npt.NDArray[np.object_], cutters: npt.NDArray[np.object_]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.object_]]:
    """Split pieces by non-overlapping polygons; parts outside all polygons are kept."""
    piece, cutter = shapely.STRtree(cutters).query(shapes, predicate="intersects")
    inside = shapely.intersection(shapes[piece], cutters[cutter])
    whole = shapely.area(shapes)
    covered = np.bincount(piece, weights=shapely.area(inside), minlength=len(shapes))
    open_ = np.flatnonzero(whole - covered > _LEAST_M2 + 1e-9 * whole)
    around = shapely.union_all(cutters)
    outside = shapely.difference(shapes[open_], around)
    return np.concatenate([owner[piece], owner[open_]]), np.concatenate([inside, outside])


def whole_people(values: npt.NDArray[np.float64], group: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Round values to integers so that the sum of every group is its rounded sum (largest remainder method).

    Each value is rounded down; what a group lacks goes to the largest remainders, ties to the first. A group
    whose values sum to an integer keeps its total.

    Parameters
    ----------
    values
        Non-negative values, shape (n, k); columns are rounded independently.
    group
        Group number of each row, non-negative, shape (n,).

    Returns
    -------
    numpy.ndarray
        Integers as floats, shape (n, k).

    Examples
    --------
    >>> whole_people(np.array([[1.5], [1.3], [0.2]]), np.array([0, 0, 0])).ravel().tolist()
    [2.0, 1.0, 0.0]
    """
    found = np.floor(values + 1e-9)
    order = np.argsort(group, kind="stable")
    start = np.searchsorted(group[order], group)
    for column in range(values.shape[1]):
        rest = values[:, column] - found[:, column]
        lacking = np.bincount(group, weights=rest) if len(group) else np.zeros(0)
        by_rest = np.lexsort((np.arange(len(rest)), -np.round(rest, 9), group))
        rank = np.empty(len(rest), dtype=np.int64)
        rank[by_rest] = np.arange(len(rest))
        found[:, column] += rank - start < np.rint(lacking[group])
    return found


def floor_area_weights(dwellings: pd.DataFrame) -> pd.Series[float] | None:
    """Return the floor area of every dwelling point; missing ones are estimated.

    Parameters
    ----------
    dwellings
        Columns ``floor_area_m2`` and ``dwellings`` (null counts as one).

    Returns
    -------
    pandas.Series or None
        Square metres; where not stated, the number of dwellings × the mean floor area per dwelling of the
        others. ``None`` if no point states a positive floor area.
    """
    area = pd.Series(dwellings["floor_area_m2"], dtype=float)
    homes = pd.Series(dwellings["dwellings"], dtype=float).fillna(1.0)
    known = area.notna()
    if not area.sum() > 0:
        return None
    mean = float(area[known].sum() / max(homes[known].sum(), 1e-9))
    return area.fillna(homes * mean)
