"""Cells of a raster as units: cut by area on the border of the study area and between catchments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pyproj
import rasterio
import shapely
from affine import Affine

from layoutplan.arrays import FloatArray
from layoutplan.city.point_lookup import inside_points

_SLIVER: Final = 1e-3  # of a cell: outlines are drawn to millimetres, cells are not
_CORNERS: Final = np.array([(0, 0), (1, 0), (1, 1), (0, 1)])


@dataclass(frozen=True)
class RasterPlacement:
    """Where the cells lie: geotransform and CRS of the raster, and the polygons of the study area."""

    transform: Affine
    system: pyproj.CRS
    inside: gpd.GeoSeries


@dataclass(frozen=True)
class RasterCells:
    """Inhabited cells: rows and columns in the file, and their value, people or people per km²."""

    rows: np.ndarray
    columns: np.ndarray
    value: FloatArray


@dataclass(frozen=True)
class CellParts:
    """Cells and parts of cells in the study area.

    Attributes
    ----------
    cell
        Position of the cell of each part.
    number
        Number of a part of a cell that is cut, from 1; 0 for a cell that is not.
    share
        Share of the cell's people.
    points
        A point inside each; the centre of a cell that is not cut.
    square_metres
        Area of each part's whole cell.
    """

    cell: np.ndarray
    number: np.ndarray
    share: FloatArray
    points: np.ndarray
    square_metres: FloatArray


def parts_of_cells(cells: RasterCells, place: RasterPlacement) -> CellParts:
    """Return the parts of the cells that lie in the study area, in proportion to area.

    Parameters
    ----------
    cells
        Inhabited cells.
    place
        Raster and study area; a border of any of its polygons cuts a cell.

    Returns
    -------
    CellParts
        In the order of the cells; slivers of less than a thousandth of a cell are left out.
    """
    squares = _squares(cells, place)
    sizes = shapely.area(squares)
    borders = shapely.union_all(shapely.boundary(place.inside.to_numpy()))
    area = place.inside.union_all()
    shapely.prepare(area)
    shapely.prepare(borders)
    held = shapely.intersects(area, squares)
    crossed = held & shapely.intersects(borders, squares)
    x, y = rasterio.transform.xy(place.transform, cells.rows, cells.columns)
    centres = gpd.GeoSeries(shapely.points(np.asarray(x), np.asarray(y)), crs=place.system)
    centre = centres.to_crs(place.inside.crs).to_numpy()
    found: list[tuple[int, int, float, object]] = [
        (int(one), 0, 1.0, centre[one]) for one in np.flatnonzero(held & ~crossed)
    ]
    for one in np.flatnonzero(crossed):
        found += _cut(int(one), squares[one], area, borders, centre[one])
    found.sort(key=lambda part: part[:2])
    cell = np.array([part[0] for part in found], dtype=np.int64)
    points = np.empty(len(found), dtype=object)
    points[:] = [part[3] for part in found]
    return CellParts(
        cell=cell,
        number=np.array([part[1] for part in found], dtype=np.int64),
        share=np.array([part[2] for part in found], dtype=np.float64),
        points=points,
        square_metres=sizes[cell],
    )


def _cut(
    one: int, square: shapely.Geometry, area: shapely.Geometry, borders: shapely.Geometry, centre: object
) -> list[tuple[int, int, float, object]]:
    """Return the parts of a cell that borders cut, those outside the study area left out."""
    lines = shapely.union_all([shapely.boundary(square), shapely.intersection(borders, square)])
    pieces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    sizes = shapely.area(pieces) / shapely.area(square)
    inside = shapely.intersects(area, inside_points(pieces)) & (sizes > _SLIVER)
    if not inside.any():
        return []
    kept, shares = pieces[inside], sizes[inside]
    whole = float(shares.sum())
    shares = shares / whole if whole > 1 - _SLIVER else shares
    if len(kept) == 1:
        middle = centre if whole > 1 - _SLIVER else _inner(kept[0])
        return [(one, 0, float(shares[0]), middle)]
    middles = shapely.get_coordinates(shapely.centroid(kept))
    order = np.lexsort((middles[:, 1], middles[:, 0]))
    return [
        (one, number, float(shares[piece]), _inner(kept[piece]))
        for number, piece in enumerate(order, start=1)
    ]


def _inner(polygon: shapely.Geometry) -> object:
    """Return the centroid of a polygon if it lies inside, else a point that does."""
    middle = shapely.centroid(polygon)
    return middle if shapely.intersects(polygon, middle) else shapely.point_on_surface(polygon)


def _squares(cells: RasterCells, place: RasterPlacement) -> np.ndarray:
    """Return the outlines of the cells in the working CRS."""
    across = cells.columns[:, None] + _CORNERS[:, 0]
    down = cells.rows[:, None] + _CORNERS[:, 1]
    x, y = place.transform * (across, down)
    to_working = pyproj.Transformer.from_crs(place.system, place.inside.crs, always_xy=True)
    x, y = to_working.transform(x, y)
    return np.asarray(shapely.polygons(np.stack([x, y], axis=-1)), dtype=object)
