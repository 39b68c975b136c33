"""A first connected division: what must be open beyond the rules so that there is one at all.

Districts grow from the own units over the permitted assignments. Units that they can not reach are taken by a
neighbouring zone beyond the walk limit; units that no permitted zone borders on are joined to the nearest
units of the zones that are open to them (exclaves).
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely

from layoutplan.arrays import BoolArray, FloatArray, IntArray, ObjectArray
from layoutplan.solve.districting import DistrictingProblem

Opens = Callable[[int], BoolArray]
"""Of a block: the zones that districts, locks and the feeder map permit, however far."""


@dataclass(frozen=True)
class Connected:
    """A connected division.

    Attributes
    ----------
    zone
        Blocks: the zone of each.
    beyond
        Blocks that had to be given to a zone beyond the walk limit, and these zones.
    bridges
        Pairs of blocks to be joined as neighbours, shape (pairs, 2).
    exclaves
        Blocks that hang on such a bridge.
    """

    zone: IntArray
    beyond: tuple[IntArray, IntArray]
    bridges: IntArray
    exclaves: IntArray


def connected_division(
    problem: DistrictingProblem, today: IntArray, places: ObjectArray, *, permits: Opens
) -> Connected:
    """Return a connected division, and what it needs beyond the arcs and edges of a problem.

    Parameters
    ----------
    problem
        Blocks, zones, arcs and the graph; every block has an arc.
    today
        Blocks: today's zone, kept where it is joined to its own unit; −1 for none.
    places
        Blocks: a point of each.
    permits
        Zones permitted to a block.

    Returns
    -------
    Connected
        Capacity is not regarded.
    """
    grower = _Grower(problem, places, permits)
    grower.keep(today)
    grower.grow(known=True)
    grower.grow(known=False)
    while (lone := grower.unassigned()) is not None:
        grower.bridge(lone)
        grower.grow(known=True)
        grower.grow(known=False)
    beyond = np.array(sorted(grower.beyond), dtype=np.int64).reshape(-1, 2)
    return Connected(
        zone=grower.zone,
        beyond=(beyond[:, 0], beyond[:, 1]),
        bridges=np.array(grower.bridges, dtype=np.int64).reshape(-1, 2),
        exclaves=np.array(sorted(grower.exclaves), dtype=np.int64),
    )


class _Grower:
    def __init__(self, problem: DistrictingProblem, places: ObjectArray, permits: Opens) -> None:
        self._problem, self._permits = problem, permits
        self._xy: FloatArray = shapely.get_coordinates(shapely.centroid(places))
        self._fixed = problem.locked.copy()
        self._fixed[problem.own] = np.arange(problem.schools)
        self.zone = np.full(problem.units, -1, dtype=np.int64)
        self.zone[problem.own] = np.arange(problem.schools)
        self.beyond: set[tuple[int, int]] = set()
        self.bridges: list[tuple[int, int]] = []
        self.exclaves: set[int] = set()

    def keep(self, today: IntArray) -> None:
        """Assign the units that are joined to the own unit of today's zone."""
        stack: list[int] = self._problem.own.tolist()
        while stack:
            block = stack.pop()
            zone = int(self.zone[block])
            for other in self._neighbours(block):
                if self.zone[other] < 0 and today[other] == zone and self._cost(other, zone) is not None:
                    self.zone[other] = zone
                    stack.append(other)

    def grow(self, *, known: bool) -> None:
        """Assign the blocks that the zones reach: over arcs, or over whatever is permitted."""
        queue: list[tuple[float, int, int]] = []
        for block in np.flatnonzero(self.zone >= 0).tolist():
            self._offer(queue, block, known=known)
        while queue:
            _, block, zone = heapq.heappop(queue)
            if self.zone[block] < 0:
                self._assign(block, zone)
                self._offer(queue, block, known=known)

    def unassigned(self) -> int | None:
        """Return a block that no zone reaches."""
        found = np.flatnonzero(self.zone < 0)
        return int(found[0]) if len(found) else None

    def bridge(self, block: int) -> None:
        """Join the island of a block to each zone open to it, at the nearest blocks; begin with the nearest.

        Each of these zones may then have a part of the island.
        """
        problem, island = self._problem, self._island(block)
        mine = np.isin(problem.arc_unit, island)
        nearest = (np.inf, block, int(problem.arc_school[problem.arc_first[block]]))
        for zone in np.unique(problem.arc_school[mine]).tolist():
            ends = problem.arc_unit[mine & (problem.arc_school == zone)]
            among = np.flatnonzero(self.zone == zone)
            away = np.hypot(*(self._xy[ends][:, None] - self._xy[among][None]).transpose(2, 0, 1))
            one, other = np.unravel_index(int(np.argmin(away)), away.shape)
            self.bridges.append((int(ends[one]), int(among[other])))
            nearest = min(nearest, (float(away[one, other]), int(ends[one]), zone))
        self._assign(nearest[1], nearest[2])

    def _island(self, block: int) -> IntArray:
        """Return the unassigned blocks that are joined to a block."""
        found, stack = {block}, [block]
        while stack:
            for other in self._neighbours(stack.pop()):
                if self.zone[other] < 0 and other not in found:
                    found.add(other)
                    stack.append(other)
        return np.array(sorted(found), dtype=np.int64)

    def _assign(self, block: int, zone: int) -> None:
        self.zone[block] = zone
        if self.bridges:
            self.exclaves.add(block)
        if self._cost(block, zone) is None:
            self.beyond.add((block, zone))

    def _offer(self, queue: list[tuple[float, int, int]], block: int, *, known: bool) -> None:
        zone = int(self.zone[block])
        for other in self._neighbours(block):
            if self.zone[other] >= 0 or self._fixed[other] not in {-1, zone}:
                continue
            cost = self._cost(other, zone)
            if known and cost is not None:
                heapq.heappush(queue, (cost, other, zone))
            elif not known and self._permits(other)[zone]:
                away = self._xy[other] - self._xy[self._problem.own[zone]]
                heapq.heappush(queue, (float(np.hypot(*away)), other, zone))

    def _neighbours(self, block: int) -> list[int]:
        first = self._problem.edge_first
        found: list[int] = self._problem.edge_to[first[block] : first[block + 1]].tolist()
        return found

    def _cost(self, block: int, zone: int) -> float | None:
        first = self._problem.arc_first
        mine = self._problem.arc_school[first[block] : first[block + 1]]
        at = int(np.searchsorted(mine, zone))
        if at < len(mine) and mine[at] == zone:
            return float(self._problem.arc_cost[first[block] + at])
        return None
