"""Separation of contiguity inequalities that a relaxed or an integer solution violates.

For a unit ``y`` and a school ``q`` the maximum flow from the own unit of ``q`` to ``y`` through units of
capacity ``x[., q]`` must be at least ``x[y, q]``; a smaller minimum cut gives a separator
(:mod:`.separators`). A district is within the seats of its school, so a separator need not meet paths on
which more pupils live than the school has seats: its other units are dropped, which makes the inequality
stronger (length-bounded separators, Validi, Buchanan and Lykhovyd 2022,
https://doi.org/10.1287/opre.2021.2141).
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Mapping, Sequence
from typing import Final

import numpy as np

from layoutplan.arrays import FloatArray
from layoutplan.solve.districting.problem import DistrictingProblem
from layoutplan.solve.districting.separators import (
    ContiguityCut,
    connected_component,
    contiguity_cuts,
    minimal_separator,
)
from layoutplan.solve.districting.support_graph import SupportGraph

_VIOLATED: Final = 0.01
_TOLERANCE: Final = 1e-6


class Separation:
    """Finds violated inequalities of one school.

    Parameters
    ----------
    problem
        The problem.
    neighbours
        Neighbours of each unit.
    school
        Position of the school.
    allowed
        Units that may be assigned to it.
    seats
        Largest number of pupils of the district, shape (columns,).
    """

    def __init__(
        self,
        problem: DistrictingProblem,
        neighbours: Sequence[Sequence[int]],
        school: int,
        *,
        allowed: Collection[int],
        seats: FloatArray,
    ) -> None:
        self._neighbours, self._school, self._allowed = neighbours, school, allowed
        self._own = int(problem.own[school])
        self._range = SeatRange(
            neighbours, self._own, allowed=allowed, demand=problem.demand.T.tolist(), seats=seats.tolist()
        )

    def of_members(self, members: set[int]) -> list[ContiguityCut]:
        """Return an inequality for each member that is not connected to the own unit.

        Parameters
        ----------
        members
            Units of the district.

        Returns
        -------
        list of ContiguityCut
            Empty if the district is connected.
        """
        found = contiguity_cuts(
            self._neighbours, self._school, self._own, members=members, allowed=self._allowed
        )
        return [self._cut(unit, separator) for _, unit, separator in found]

    def of_shares(self, share: Mapping[int, float]) -> list[ContiguityCut]:
        """Return the inequalities that a relaxed solution violates.

        Parameters
        ----------
        share
            Value of each allowed unit.

        Returns
        -------
        list of ContiguityCut
            Empty if none was found.
        """
        support = {unit for unit, part in share.items() if part > _TOLERANCE} | {self._own}
        joined = connected_component(self._neighbours, self._own, support)
        cuts = self.of_members(support)
        inside, near = sorted(joined), {self._own, *self._neighbours[self._own]}
        graph = SupportGraph(self._neighbours, inside, share)
        for unit in inside:
            part = share.get(unit, 0.0)
            if unit in near or part < _VIOLATED:
                continue
            around = self._cut(unit, [v for v in self._neighbours[unit] if v in share])
            if sum(share[v] for v in around[2]) < part - _VIOLATED:
                cuts.append(around)
                continue
            reached = graph.minimum_cut(self._own, unit, required=part - _VIOLATED)
            if reached is None:
                continue
            source_side, on_cut = reached
            edge = on_cut | {
                v for k in source_side for v in self._neighbours[k] if v in share and v not in joined
            }
            edge.discard(unit)
            separator = minimal_separator(self._neighbours, unit, edge=edge, allowed=share.keys())
            cuts.append(self._cut(unit, separator))
        return cuts

    def _cut(self, unit: int, separator: Collection[int]) -> ContiguityCut:
        return self._school, unit, self._range.shorten(unit, separator)


def pupils_on_paths(
    neighbours: Sequence[Sequence[int]],
    start: int,
    *,
    allowed: Collection[int],
    demand: Sequence[float],
    seats: float,
) -> dict[int, float]:
    """Return the fewest pupils on a path to each unit, both ends included (Dijkstra).

    Parameters
    ----------
    neighbours
        Neighbours of each unit.
    start
        First unit of the paths.
    allowed
        Units that may be on a path.
    demand
        Pupils of each unit.
    seats
        Units with more pupils than this on every path are left out.

    Returns
    -------
    dict of int to float
        Pupils by unit.
    """
    done: dict[int, float] = {}
    queue = [(demand[start], start)]
    while queue:
        pupils, unit = heapq.heappop(queue)
        if unit in done or pupils > seats:
            continue
        done[unit] = pupils
        for other in neighbours[unit]:
            if other in allowed and other not in done:
                heapq.heappush(queue, (pupils + demand[other], other))
    return done


class SeatRange:
    """Shortens the separators of one school to units on paths within its seats.

    Parameters
    ----------
    neighbours
        Neighbours of each unit.
    own
        Own unit of the school.
    allowed
        Units that may be assigned to it.
    demand
        Pupils of each unit in each column, one sequence a column.
    seats
        Largest number of pupils of the district, by column.
    """

    def __init__(
        self,
        neighbours: Sequence[Sequence[int]],
        own: int,
        *,
        allowed: Collection[int],
        demand: Sequence[Sequence[float]],
        seats: Sequence[float],
    ) -> None:
        self._neighbours, self._allowed = neighbours, allowed
        self._columns = [
            (pupils, limit * (1 + 1e-9) + 1e-6) for pupils, limit in zip(demand, seats, strict=True)
        ]
        self._from_own = [self._paths(own, column) for column in self._columns]
        self._farthest = [max(paths.values(), default=np.inf) for paths in self._from_own]
        self._from_unit: dict[int, list[dict[int, float]]] = {}

    def _paths(self, start: int, column: tuple[Sequence[float], float]) -> dict[int, float]:
        demand, limit = column
        return pupils_on_paths(self._neighbours, start, allowed=self._allowed, demand=demand, seats=limit)

    def shorten(self, unit: int, separator: Collection[int]) -> tuple[int, ...]:
        """Return the units of a separator that are on a path from the own unit within the seats.

        Parameters
        ----------
        unit
            Unit that is separated from the own unit.
        separator
            Units that separate it.

        Returns
        -------
        tuple of int
            Sorted; empty if the unit cannot be in the district.
        """
        if not self._can_exceed(unit):
            return tuple(sorted(separator))
        if unit not in self._from_unit:
            self._from_unit[unit] = [self._paths(unit, column) for column in self._columns]
        kept = set(separator)
        ways = zip(self._columns, self._from_own, self._from_unit[unit], strict=True)
        for (demand, limit), from_own, from_unit in ways:
            kept = {
                k
                for k in kept
                if k in from_own and k in from_unit and from_own[k] + from_unit[k] - demand[k] <= limit
            }
        return tuple(sorted(kept))

    def _can_exceed(self, unit: int) -> bool:
        """Return whether a path over some unit can exceed the seats, by the triangle inequality."""
        return any(
            len(paths) < len(self._allowed) or paths.get(unit, np.inf) + 2 * farthest > limit
            for (_, limit), paths, farthest in zip(self._columns, self._from_own, self._farthest, strict=True)
        )
