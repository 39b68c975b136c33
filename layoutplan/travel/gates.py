"""Destinations with several gates: a walk to a school ends at its nearest gate."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layoutplan.arrays import IntArray
from layoutplan.travel.search_task import Triples


@dataclass(frozen=True)
class Gates:
    """The gates of all destinations.

    Attributes
    ----------
    points
        One point per gate; the index holds the id of the destination, repeated where it has several.
    owner
        Position of the destination of each gate, shape (gates,).
    """

    points: gpd.GeoSeries
    owner: IntArray

    @property
    def several(self) -> bool:
        """Whether any destination has more than one gate."""
        return bool(len(self.owner) and (np.diff(self.owner) == 0).any())

    def nearest(self, found: Triples) -> Triples:
        """Return the pairs of origins and destinations, each by its nearest gate.

        Parameters
        ----------
        found
            Pairs of origins and gates.

        Returns
        -------
        Triples
            Pairs of origins and destinations, each once.
        """
        destination = self.owner[found.destination]
        order = np.lexsort((found.metres, destination, found.origin))
        origin, destination = found.origin[order], destination[order]
        first = np.ones(len(order), dtype=np.bool_)
        first[1:] = (np.diff(origin) != 0) | (np.diff(destination) != 0)
        return Triples(
            origin=origin[first],
            destination=destination[first].astype(np.int32),
            metres=found.metres[order][first],
        )

    def best(self, footing: np.ndarray, *, destinations: int) -> np.ndarray:
        """Return the best footing among the gates of each destination (the least code).

        Parameters
        ----------
        footing
            Code of each gate, shape (gates,).
        destinations
            Number of destinations.

        Returns
        -------
        numpy.ndarray
            Shape (destinations,).
        """
        found = np.full(destinations, np.iinfo(np.int8).max, dtype=np.int8)
        np.minimum.at(found, self.owner, footing.astype(np.int8))
        return found


def gates_of(destinations: gpd.GeoSeries) -> Gates:
    """Return the gates of destinations: the points of a multipoint, any other geometry as it is.

    Parameters
    ----------
    destinations
        Points or multipoints; missing ones are kept.

    Returns
    -------
    Gates
        In the order of the destinations.

    Examples
    --------
    >>> schools = gpd.GeoSeries([shapely.Point(0, 0), shapely.MultiPoint([(1, 0), (2, 0)])], index=["A", "B"])
    >>> gates_of(schools).owner.tolist()
    [0, 1, 1]
    """
    geometry = np.asarray(destinations.array, dtype=object)
    multiple = shapely.get_type_id(geometry) == shapely.GeometryType.MULTIPOINT
    count = np.where(multiple, np.maximum(shapely.get_num_geometries(geometry), 1), 1)
    owner = np.repeat(np.arange(len(geometry), dtype=np.int64), count)
    points = geometry[owner]
    of_several = multiple[owner]
    points[of_several] = shapely.get_parts(geometry[multiple])
    return Gates(gpd.GeoSeries(points, index=destinations.index[owner], crs=destinations.crs), owner)


def at_gates(destinations: gpd.GeoSeries, gates: gpd.GeoSeries | None) -> gpd.GeoSeries:
    """Return destinations with the points of those that have gates replaced by them.

    Parameters
    ----------
    destinations
        Points, index of ids.
    gates
        Multipoints, index of ids; ``None`` for none.

    Returns
    -------
    geopandas.GeoSeries
        ``destinations`` itself where none of them has gates.
    """
    known = gates.index.intersection(destinations.index) if gates is not None else destinations.index[:0]
    if gates is None or not len(known):
        return destinations
    made = destinations.copy()
    made[known] = gates[known].to_numpy()
    return made


def united(shapes: gpd.GeoSeries, gates: Gates, index: pd.Index) -> gpd.GeoSeries:
    """Return the union of the shapes of the gates of each destination.

    Parameters
    ----------
    shapes
        Polygons, one per gate, in their order; ``None`` for none.
    gates
        The gates.
    index
        Ids of the destinations.

    Returns
    -------
    geopandas.GeoSeries
        On ``index``; ``None`` where no gate has a shape.
    """
    made = np.full(len(index), None, dtype=object)
    geometry = shapes.to_numpy()
    for place in np.unique(gates.owner):
        own = geometry[gates.owner == place]
        known = own[~shapely.is_missing(own)]
        if len(known):
            made[place] = known[0] if len(known) == 1 else shapely.union_all(known)
    return gpd.GeoSeries(made, index=index, crs=shapes.crs)
