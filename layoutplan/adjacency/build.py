"""The graph of neighbouring units: shared borders, cut by barriers, corrected by the planner."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from layoutplan.adjacency.borders import barred, shared_borders
from layoutplan.adjacency.cells import unit_cells
from layoutplan.arrays import BoolArray, FloatArray, IntArray
from layoutplan.city.city import City
from layoutplan.errors import Fault, FaultLog

ADJACENCY_TABLE: Final = "adjacency"
"""Input table of the planner's own edges."""

_SHOWN: Final = 5


@dataclass(frozen=True, eq=False)
class Adjacency:
    """Neighbouring units.

    Attributes
    ----------
    units
        Ids, in the order of ``City.units``.
    cells
        Their cells (:func:`~layoutplan.adjacency.unit_cells`).
    edges
        Positions of two neighbours, the smaller first, sorted; shape (edges, 2).
    border_m
        Length of their common border, metres; 0 for neighbours that the planner joined.
    barred
        Pairs with a common border that a barrier separates, shape (pairs, 2).
    notes
        What is to be known of islands and of the planner's edges.
    """

    units: pd.Index
    cells: gpd.GeoSeries
    edges: IntArray
    border_m: FloatArray
    barred: IntArray
    notes: tuple[Fault, ...] = ()

    @cached_property
    def component(self) -> IntArray:
        """The connected component of each unit: 0 for the one with most units, the others by size."""
        return _components(self.edges, len(self.units))

    def unit_at(self, points: gpd.GeoSeries) -> IntArray:
        """Return the unit whose cell holds each point, the first where cells touch; −1 outside all cells.

        Parameters
        ----------
        points
            Points in the CRS of the cells.

        Returns
        -------
        numpy.ndarray
            Positions of units.
        """
        found = np.full(len(points), -1, dtype=np.int64)
        point, cell = self._tree.query(np.asarray(points.array, dtype=object), predicate="intersects")
        order = np.lexsort((-cell, point))
        found[point[order]] = cell[order]
        return found

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(np.asarray(self.cells.array, dtype=object))

    def parts(self, group: IntArray, *, count: int) -> IntArray:
        """Return the connected parts of each group of units.

        Parameters
        ----------
        group
            Group of each unit, 0 … count − 1, or −1 for none.
        count
            Number of groups.

        Returns
        -------
        numpy.ndarray
            Parts; 0 for a group without units.
        """
        one, other = group[self.edges[:, 0]], group[self.edges[:, 1]]
        within = self.edges[(one == other) & (one >= 0)]
        part = _components(within, len(self.units))
        inside = group >= 0
        pairs = np.unique(np.stack([group[inside], part[inside]]), axis=1)
        return np.bincount(pairs[0], minlength=count).astype(np.int64)


def build_adjacency(city: City, *, crossing_m: float | None, trunk_roads: bool = False) -> Adjacency:
    """Return the graph of neighbouring units of a city.

    Two units are neighbours where their cells share a border that no barrier bars
    (:func:`~layoutplan.adjacency.borders.barred`). Table ``adjacency`` joins or separates pairs of areas: two
    areas are joined at their nearest units.

    Parameters
    ----------
    city
        Units, areas, outlines, and the tables ``barriers``, ``roads`` and ``adjacency``.
    crossing_m
        How far from a border a crossing joins its two sides, metres; ``None``: barriers bar nothing.
    trunk_roads
        Whether trunk roads bar too.

    Returns
    -------
    Adjacency
        Its notes explain the units that are cut off from the others.
    """
    cells = unit_cells(city)
    points = np.asarray(city.units.geometry.array, dtype=object)
    borders = shared_borders(cells)
    bars = np.zeros(len(borders.pairs), dtype=bool)
    if crossing_m is not None:
        drawn = [gpd.GeoDataFrame(city.tables[name], crs=city.crs) for name in ("barriers", "roads")]
        bars = barred(borders, points, *drawn, crossing_m=crossing_m, trunk_roads=trunk_roads)
    log = FaultLog()
    edges, metres = borders.pairs[~bars], borders.metres[~bars]
    twins = _twins(points, cells)
    edges, metres = np.concatenate([edges, twins]), np.concatenate([metres, np.zeros(len(twins))])
    edges, metres = _corrected(edges, metres, city, log)
    order = np.lexsort((edges[:, 1], edges[:, 0]))
    found = Adjacency(city.units.index, cells, edges[order], metres[order], borders.pairs[bars])
    _explain(found, city, log)
    return Adjacency(found.units, cells, found.edges, found.border_m, found.barred, log.notes)


def _components(edges: IntArray, count: int) -> IntArray:
    graph = csr_array((np.ones(len(edges), dtype=np.int8), (edges[:, 0], edges[:, 1])), shape=(count, count))
    number, part = connected_components(graph, directed=False)
    order = np.argsort(-np.bincount(part, minlength=number), kind="stable")
    rank = np.empty(number, dtype=np.int64)
    rank[order] = np.arange(number)
    return rank[part]


def _twins(points: np.ndarray, cells: gpd.GeoSeries) -> IntArray:
    """Return the pairs of a unit without a cell and the unit at whose place it is."""
    empty = np.flatnonzero(cells.is_empty.to_numpy())
    full = np.flatnonzero(~cells.is_empty.to_numpy())
    if not len(empty):
        return np.zeros((0, 2), dtype=np.int64)
    near = full[shapely.STRtree(points[full]).nearest(points[empty])]
    return np.sort(np.stack([empty, near], axis=1), axis=1).astype(np.int64)


def _corrected(edges: IntArray, metres: FloatArray, city: City, log: FaultLog) -> tuple[IntArray, FloatArray]:
    """Return the edges with those of table ``adjacency`` added and removed."""
    table = city.tables.get(ADJACENCY_TABLE)
    if table is None or table.empty:
        return edges, metres
    area = city.areas.index.get_indexer(city.units["area_id"])
    one, other = (city.areas.index.get_indexer(table[name]) for name in ("unit_a", "unit_b"))
    known = (one >= 0) & (other >= 0) & (one != other)
    joined = (table["action"] == "join").to_numpy()
    ends = np.sort(area[edges], axis=1)
    size = len(city.areas)
    gone = np.isin(ends[:, 0] * size + ends[:, 1], _keys(one, other, known & ~joined, size))
    unmet = (
        known & ~joined & ~np.isin(_keys(one, other, known, size, every=True), ends[:, 0] * size + ends[:, 1])
    )
    if unmet.any():
        log.add(
            "adjacency_not_neighbours", severity="notice", table=ADJACENCY_TABLE, rows=table.index[unmet] + 2
        )
    points = city.units.geometry
    new = []
    for a, b in zip(one[known & joined], other[known & joined], strict=True):
        left, right = np.flatnonzero(area == a), np.flatnonzero(area == b)
        apart = shapely.distance(points.to_numpy()[left][:, None], points.to_numpy()[right][None, :])
        place = np.unravel_index(int(np.argmin(apart)), apart.shape)
        new.append(sorted((int(left[place[0]]), int(right[place[1]]))))
    added = np.array(new, dtype=np.int64).reshape(-1, 2)
    kept, lengths = edges[~gone], metres[~gone]
    count = len(city.units)
    fresh = ~np.isin(added[:, 0] * count + added[:, 1], kept[:, 0] * count + kept[:, 1])
    added = np.unique(added[fresh], axis=0)
    return np.concatenate([kept, added]), np.concatenate([lengths, np.zeros(len(added))])


def _keys(one: IntArray, other: IntArray, chosen: BoolArray, size: int, *, every: bool = False) -> IntArray:
    """Return one number per pair of areas; ``every``: of all rows, −1 for those not chosen."""
    low, high = np.minimum(one, other), np.maximum(one, other)
    key = np.where(chosen, low * size + high, -1)
    return key if every else key[chosen]


def _explain(found: Adjacency, city: City, log: FaultLog) -> None:
    """Say which units are cut off from the largest connected part, and by what."""
    component = found.component
    off = np.flatnonzero(component > 0)
    if not len(off):
        return
    over = component[found.barred]
    by_barrier = np.unique(over[over[:, 0] != over[:, 1]])
    for code, chosen in (
        ("adjacency_islands_barred", np.isin(component[off], by_barrier)),
        ("adjacency_islands", ~np.isin(component[off], by_barrier)),
    ):
        some = off[chosen]
        if len(some):
            names = city.units["name"].iloc[some[:_SHOWN]].astype(str)
            log.add(
                code,
                severity="notice",
                table=ADJACENCY_TABLE,
                count=len(some),
                islands=len(np.unique(component[some])),
                residents=f"{float(city.units['residents'].iloc[some].sum()):,.0f}",
                names=", ".join(names) + (" …" if len(some) > _SHOWN else ""),
            )
