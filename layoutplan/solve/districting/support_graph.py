"""Minimum cuts in the support of a relaxed solution, by which violated contiguity inequalities are found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

_SCALE: Final = 1_000_000
"""Capacities are integers in units of 1 / _SCALE."""


class SupportGraph:
    """Flow network of one school: every unit is split into two nodes, joined by an arc of capacity x.

    Parameters
    ----------
    neighbours
        Neighbours of each unit.
    units
        Units of the network, connected.
    share
        Value x of each unit in the relaxed solution; a missing unit has unlimited capacity (1).
    """

    def __init__(
        self, neighbours: Sequence[Sequence[int]], units: Sequence[int], share: Mapping[int, float]
    ) -> None:
        size = len(units)
        self._units = units
        self._position = {unit: k for k, unit in enumerate(units)}
        start = [2 * k for k in range(size)]
        end = [2 * k + 1 for k in range(size)]
        capacity = [round(share.get(unit, 1.0) * _SCALE) for unit in units]
        for k, unit in enumerate(units):
            for other in neighbours[unit]:
                if other in self._position:
                    start.append(2 * k + 1)
                    end.append(2 * self._position[other])
                    capacity.append(2 * _SCALE)
        values = np.array(capacity, dtype=np.int32)
        self._graph = csr_array((values, (start, end)), shape=(2 * size, 2 * size))

    def minimum_cut(self, source: int, target: int, *, required: float) -> tuple[list[int], set[int]] | None:
        """Return a minimum cut between two units if the maximum flow is less than required.

        Parameters
        ----------
        source, target
            Units of the network.
        required
            Flow that suffices.

        Returns
        -------
        tuple of list and set, or None
            Units on the source side, sorted, and units that form the cut; ``None`` if the flow suffices.
        """
        first, last = 2 * self._position[source] + 1, 2 * self._position[target]
        found = maximum_flow(self._graph, first, last)
        if found.flow_value >= required * _SCALE:
            return None
        residual: Any = self._graph - found.flow
        residual.data[residual.data < 0] = 0
        residual.eliminate_zeros()
        reached = breadth_first_order(residual, first, return_predecessors=False)
        source_side = {int(node) // 2 for node in reached if node % 2 == 1}
        on_cut = {int(node) // 2 for node in reached if node % 2 == 0} - source_side
        return sorted(self._units[k] for k in source_side), {self._units[k] for k in on_cut}
