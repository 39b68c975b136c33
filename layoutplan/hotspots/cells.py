"""Spatial units of the hotspot statistics: the given areas, or a regular grid of squares or hexagons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.city.city import City

CellKind = Literal["natural", "grid", "hexagon"]

_MILLIMETRES = 3
_HEXAGON_TURNS = np.deg2rad(30 + 60 * np.arange(6))


@dataclass(frozen=True)
class HotspotCells:
    """Areas or cells that contain each residential unit exactly once.

    Attributes
    ----------
    shapes
        Polygons (or points, where areas are given as points), index ``area_id``, in the city's CRS.
    of_unit
        Cell of each unit of ``City.units``, a position in ``shapes``.
    """

    shapes: gpd.GeoSeries
    of_unit: IntArray

    @property
    def middles(self) -> FloatArray:
        """Centroids in the city's CRS, metres, shape ``(cells, 2)``."""
        points = self.shapes.centroid
        return np.column_stack([points.x.to_numpy(), points.y.to_numpy()])

    def totals(self, by_unit: npt.ArrayLike) -> FloatArray:
        """Sum a figure of the units by cell.

        Parameters
        ----------
        by_unit
            Shape ``(units,)`` or ``(units, columns)``.

        Returns
        -------
        numpy.ndarray
            Shape ``(cells,)`` or ``(cells, columns)``.
        """
        values = np.asarray(by_unit, dtype=np.float64)
        sums = np.zeros((len(self.shapes), *values.shape[1:]))
        np.add.at(sums, self.of_unit, values)
        return sums


def make_cells(city: City, *, kind: CellKind, cell_m: float) -> HotspotCells:
    """Return the areas or cells of a city.

    Areas as given (``natural``) are known by name, but differ in size: a large one may hold more unserved
    pupils merely because it is large. Cells of equal size (``grid``, ``hexagon``) are comparable. Each unit
    is in exactly one cell, so totals are preserved; cells without a unit are omitted.

    Parameters
    ----------
    city
        Units as points and areas, in a projected CRS in metres.
    kind
        ``natural``: the areas; ``grid``: squares; ``hexagon``: hexagons with a vertex to the north, whose
        centres are equidistant from six neighbours.
    cell_m
        Side of a square, or distance between the centres of adjacent hexagons, metres; not used for
        ``natural``.

    Returns
    -------
    HotspotCells
        Cells in the city's CRS. The grid is aligned with the south-western corner of the units' extent, so
        ids depend on the units.
    """
    if kind == "natural":
        return HotspotCells(
            shapes=gpd.GeoSeries(city.areas.geometry),
            of_unit=city.areas.index.get_indexer(pd.Index(city.units["area_id"])).astype(np.int64),
        )
    points = city.units.geometry
    xy = np.column_stack([points.x.to_numpy(), points.y.to_numpy()])
    corner = xy.min(axis=0) if len(xy) else np.zeros(2)
    shift = np.round(xy - corner, _MILLIMETRES)
    column_row = _square_of(shift, cell_m) if kind == "grid" else _hexagon_of(shift, cell_m)
    found, of_unit = np.unique(column_row, axis=0, return_inverse=True)
    outlines = _squares(found, cell_m) if kind == "grid" else _hexagons(found, cell_m)
    shapes = shapely.polygons(outlines + corner) if len(found) else np.array([], dtype=object)
    ids = pd.Index([f"{kind}_{column}_{row}" for column, row in found], name="area_id", dtype=object)
    return HotspotCells(
        shapes=gpd.GeoSeries(shapes, index=ids, crs=city.crs),
        of_unit=of_unit.reshape(-1).astype(np.int64),
    )


def _square_of(shift: FloatArray, side_m: float) -> IntArray:
    """Return column and row of the square that contains each point; the origin is the centre of (0, 0)."""
    return np.floor(shift / side_m + 0.5).astype(np.int64)


def _squares(column_row: IntArray, side_m: float) -> FloatArray:
    corners = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]])
    return np.asarray((column_row[:, None, :] + corners) * side_m)


def _hexagon_of(shift: FloatArray, apart_m: float) -> IntArray:
    """Return axial coordinates of the hexagon whose centre is nearest to each point."""
    row = shift[:, 1] / (apart_m * np.sqrt(0.75))
    column = shift[:, 0] / apart_m - row / 2
    cube = np.column_stack([column, row, -column - row])
    nearest = np.rint(cube)
    # The rounded cube coordinates must sum to 0: correct the one with the largest rounding error.
    worst = np.abs(nearest - cube).argmax(axis=1)
    rows = np.arange(len(cube))
    nearest[rows, worst] -= nearest.sum(axis=1)
    return np.asarray(nearest[:, :2], dtype=np.int64)


def _hexagons(column_row: IntArray, apart_m: float) -> FloatArray:
    column, row = column_row[:, 0].astype(float), column_row[:, 1].astype(float)
    middles = np.column_stack([column + row / 2, row * np.sqrt(0.75)]) * apart_m
    corners = np.column_stack([np.cos(_HEXAGON_TURNS), np.sin(_HEXAGON_TURNS)]) * apart_m / np.sqrt(3)
    return np.asarray(middles[:, None, :] + corners)
