"""Trunk roads of a synthetic city: main streets that pupils should cross at signals only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from layoutplan.synthetic.lattice import PRIMARY, Lattice
from layoutplan.synthetic.streets import StreetPlan


@dataclass(frozen=True, slots=True)
class TrunkRoad:
    """A trunk road: its street line, its geometry without bridges and tunnels, and its signal crossings."""

    line: int
    geometry: shapely.MultiLineString
    crossings: npt.NDArray[np.object_]


def trunk_roads(lattice: Lattice, streets: StreetPlan) -> Iterator[TrunkRoad]:
    """Yield the longest primary street in each direction, if there is one.

    It has signals where it meets other primary streets; side streets cross it without.

    Parameters
    ----------
    lattice
        Streets on the abstract plane.
    streets
        Street pieces on the map.

    Yields
    ------
    TrunkRoad
        EPSG:4547.
    """
    at_grade = ~(streets.bridge | streets.tunnel)
    for vertical in (True, False):
        lines = np.flatnonzero((lattice.lines.road_class == PRIMARY) & (lattice.lines.vertical == vertical))
        pieces = [np.flatnonzero((streets.line == line) & at_grade) for line in lines]
        if not any(map(len, pieces)):
            continue
        longest = int(np.argmax([shapely.length(streets.geometry[own]).sum() for own in pieces]))
        own, line = pieces[longest], int(lines[longest])
        main = (streets.road_class == PRIMARY) & (streets.line != line) & at_grade
        crossings = np.intersect1d(_ends(streets.geometry[own]), _ends(streets.geometry[main]))
        yield TrunkRoad(
            line=line,
            geometry=shapely.MultiLineString(list(streets.geometry[own])),
            crossings=np.asarray(shapely.points(crossings.real, crossings.imag)),
        )


def _ends(lines: npt.NDArray[np.object_]) -> npt.NDArray[np.complex128]:
    """Return the two ends of every line as complex numbers."""
    points = np.concatenate([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    return shapely.get_x(points) + 1j * shapely.get_y(points)
