"""Kinds of neighbourhood (old core, ordinary, new estates, industry, fringe) and their locations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from layoutplan.arrays import FloatArray, IntArray

CORE, MID, NEW, INDUSTRY, FRINGE = range(5)
ZONES: Final = ("core", "mid", "new", "industry", "fringe")


@dataclass(frozen=True, slots=True)
class NeighbourhoodZones:
    """Centres of neighbourhoods on the abstract plane; points near none are ordinary, or fringe if far out.

    ``hot`` holds, per town, the centre and radius of new estates built without enough schools, metres.
    """

    kind: IntArray
    x: FloatArray
    y: FloatArray
    radius_m: FloatArray
    width_m: float
    height_m: float
    hot: FloatArray

    def at(self, x: FloatArray, y: FloatArray) -> IntArray:
        """Return the zone of each point.

        Parameters
        ----------
        x, y
            Coordinates on the abstract plane, metres.

        Returns
        -------
        IntArray
            Index into ``ZONES``.
        """
        nearness = np.full(x.shape, np.inf)
        found = np.full(x.shape, MID, dtype=np.int64)
        for kind, cx, cy, radius in zip(self.kind, self.x, self.y, self.radius_m, strict=True):
            relative = np.hypot(x - cx, y - cy) / radius
            closer = (relative < 1.0) & (relative < nearness)
            nearness = np.where(closer, relative, nearness)
            found = np.where(closer, kind, found)
        out = np.hypot(2.0 * x / self.width_m - 1.0, 2.0 * y / self.height_m - 1.0)
        edge = 0.86
        return np.where((found == MID) & (out > edge), FRINGE, found)

    def hotness(self, x: FloatArray, y: FloatArray) -> FloatArray:
        """Return 1 at the centre of the estates without schools, falling linearly to 0 at their edge.

        Parameters
        ----------
        x, y
            Coordinates on the abstract plane, metres.

        Returns
        -------
        FloatArray
            0 to 1.
        """
        found = np.zeros(x.shape)
        for cx, cy, radius in self.hot:
            np.maximum(found, 1.0 - np.hypot(x - cx, y - cy) / radius, out=found)
        return found


def make_zones(*, width_m: float, height_m: float, rng: np.random.Generator) -> NeighbourhoodZones:
    """Place the centres: an old core near the middle of each town, with new estates and industry around it.

    The number of towns grows with the area.

    Parameters
    ----------
    width_m, height_m
        Size of the abstract plane, metres.
    rng
        Random numbers.

    Returns
    -------
    NeighbourhoodZones
        The centres.
    """
    side = float(np.sqrt(width_m * height_m))
    towns = max(1, round((side / 10_000.0) ** 2 / 4.0))
    kinds: list[int] = []
    points: list[tuple[float, float]] = []
    radii: list[float] = []
    reach = side / 2.0 if towns == 1 else side / np.sqrt(towns) / 1.6
    for cx, cy in _town_centres(towns, width_m=width_m, height_m=height_m, rng=rng):
        turn = rng.uniform(0.0, 2.0 * np.pi)
        kinds.append(CORE)
        points.append((cx, cy))
        radii.append(0.30 * reach)
        for step, kind in enumerate((NEW, MID, INDUSTRY, NEW, MID)):
            angle = turn + step * 2.0 * np.pi / 5.0 + rng.uniform(-0.2, 0.2)
            far = reach * rng.uniform(0.58, 0.72)
            kinds.append(kind)
            points.append((cx + far * np.cos(angle), cy + far * np.sin(angle)))
            radii.append(reach * rng.uniform(0.34, 0.42))
    located = np.array(points)
    largest_m = 1_900.0
    first_new = [kinds.index(NEW, start) for start in range(0, len(kinds), len(kinds) // towns)]
    hot = np.array([(*located[row], min(radii[row], largest_m)) for row in first_new])
    return NeighbourhoodZones(
        kind=np.array(kinds, dtype=np.int64),
        x=located[:, 0],
        y=located[:, 1],
        radius_m=np.array(radii),
        width_m=width_m,
        height_m=height_m,
        hot=hot,
    )


def _town_centres(
    count: int, *, width_m: float, height_m: float, rng: np.random.Generator
) -> list[tuple[float, float]]:
    """Return one centre near the middle and others far from each other (best of twelve draws each)."""
    size = np.array([width_m, height_m])
    chosen = [size * (0.5 + rng.uniform(-0.05, 0.05, 2))]
    for _ in range(count - 1):
        draws = size * rng.uniform(0.12, 0.88, (12, 2))
        apart = np.min([np.hypot(*(draws - other).T) for other in chosen], axis=0)
        chosen.append(draws[int(np.argmax(apart))])
    return [(float(point[0]), float(point[1])) for point in chosen]
