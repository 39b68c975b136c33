"""The part of a stage's flow network that new seats can change.

Most pupils have a seat whatever is built. The model needs only those whom new seats can serve, directly or
through a chain (a new seat serves a pupil of a full school, whose seat becomes free for an unserved one).
That part is the source side of the baseline's minimum cut: start from units with unserved pupils; add every
school they reach; add every unit with pupils placed there; and so on. All schools found are full, with pupils
of the units found. So, for any choice of new seats,

    most pupils served = pupils of all other units that are served now
                         + the largest flow from the units found to the schools found and the new seats,

without approximation. Where pupils board, units and schools are split first (``plain``), and the same
holds. Distances affect neither this number nor the cost: units that reach the same places are merged into one
group.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.siting.pieces import Piece, pieces_of
from layoutplan.siting.reach import StageReach
from layoutplan.solve import Placement
from layoutplan.travel.distinct import distinct_pairs

_PUPILS_TOLERANCE: Final = 1e-6


@dataclass(frozen=True)
class Shortage:
    """The part of a stage that new seats can change.

    Attributes
    ----------
    stage
        Stage id.
    demand, unserved
        Pupils of the stage in the whole city, and those without a seat within reach now.
    groups
        Pupils of each group of units.
    places
        The place of each node (position in :class:`~layoutplan.siting.reach.StageReach`); schools that the
        same groups reach share a node, identified by the first.
    seats
        Seats of each node now.
    group, node
        Ends of each arc.
    """

    stage: str
    demand: float
    unserved: float
    groups: FloatArray
    places: IntArray
    seats: FloatArray
    group: IntArray
    node: IntArray

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """The connected components, which are independent of each other."""
        return pieces_of(self.groups, nodes=len(self.seats), group=self.group, node=self.node)

    @cached_property
    def _nodes(self) -> dict[int, int]:
        return {int(place): node for node, place in enumerate(self.places)}

    @cached_property
    def _reached(self) -> FloatArray:
        """Pupils of all groups that reach each node."""
        weights = self.groups[self.group]
        return np.asarray(np.bincount(self.node, weights=weights, minlength=len(self.seats)), dtype=float)

    def node_of(self, place: int) -> int | None:
        """Return the node of a place.

        Parameters
        ----------
        place
            Position of the place.

        Returns
        -------
        int or None
            ``None`` if new seats there serve nobody.
        """
        return self._nodes.get(place)

    def within_reach(self, node: int) -> float:
        """Return the pupils of all groups that reach a node, an upper limit of useful seats there.

        Parameters
        ----------
        node
            Position of the node.

        Returns
        -------
        float
            Pupils.
        """
        return float(self._reached[node])

    @cached_property
    def _piece_of(self) -> IntArray:
        """The piece of each node."""
        piece_of = np.zeros(len(self.seats), dtype=np.int64)
        for position, piece in enumerate(self.pieces):
            piece_of[piece.nodes] = position
        return piece_of

    def served(self, added: Mapping[int, float]) -> float:
        """Return the maximum flow of the groups with seats added.

        Parameters
        ----------
        added
            Seats added, by place.

        Returns
        -------
        float
            Pupils served.
        """
        seats = self.seats_with(added)
        return sum(piece.served(seats[piece.nodes]) for piece in self.pieces)

    def newly_served(self, added: Mapping[int, float]) -> float:
        """Return the additional pupils with a seat when seats are added to today's.

        Parameters
        ----------
        added
            Seats added, by place.

        Returns
        -------
        float
            Pupils.
        """
        return self.gain(self.seats, added)

    def gain(self, seats: FloatArray, changes: Mapping[int, float]) -> float:
        """Return the additional pupils with a seat when seats change.

        Only the pieces of the places that change are evaluated; no others are affected.

        Parameters
        ----------
        seats
            Seats of each node before the change, shape (nodes,).
        changes
            Seats added (negative: removed), by place.

        Returns
        -------
        float
            Pupils; negative if fewer are served.
        """
        more = [place for place, count in changes.items() if count > 0 and self.node_of(place) is not None]
        if len(more) != 1:
            return self._gain(seats, self.seats_with(changes, to=seats))
        fewer = {place: count for place, count in changes.items() if place != more[0]}
        before = self.seats_with(fewer, to=seats)
        return self._gain(seats, before) + self._gain_of_more(seats, before, more[0], changes[more[0]])

    def _gain_of_more(self, seats: FloatArray, before: FloatArray, place: int, count: float) -> float:
        """Return the additional pupils with a seat when one place gets ``count`` seats more than ``before``.

        The maximum flow is submodular in the seats: if all additional seats are used on top of ``seats``,
        which are nowhere fewer, they are also used on top of ``before``.
        """
        node = self._nodes[place]
        piece = self.pieces[int(self._piece_of[node])]
        local = int(np.flatnonzero(piece.nodes == node)[0])
        beside_all = piece.gain_of_more(seats[piece.nodes], node=local, more=count)
        if beside_all >= count:
            return count
        return piece.gain_of_more(before[piece.nodes], node=local, more=count)

    def _gain(self, seats: FloatArray, after: FloatArray) -> float:
        touched = np.unique(self._piece_of[after != seats])
        pieces = [self.pieces[position] for position in touched]
        gains = (piece.served(after[piece.nodes]) - piece.served(seats[piece.nodes]) for piece in pieces)
        return sum(gains, 0.0)

    def seats_with(self, added: Mapping[int, float], *, to: FloatArray | None = None) -> FloatArray:
        """Return the seats of every node with seats added.

        Parameters
        ----------
        added
            Seats added (negative: removed), by place; places without a node are ignored.
        to
            Seats before the change, shape (nodes,); default today's.

        Returns
        -------
        FloatArray
            A new array, shape (nodes,).
        """
        after = (self.seats if to is None else to).copy()
        for place, count in added.items():
            node = self.node_of(place)
            if node is not None:
                after[node] += count
        return after


def shortage(reach: StageReach, *, candidates: npt.ArrayLike, now: Placement | None = None) -> Shortage:
    """Return the part of a stage that new seats at given places can change; see the module's description.

    Parameters
    ----------
    reach
        Pupils, seats and pairs of the stage.
    candidates
        Positions of the places that may get seats.
    now
        The placement in the seats of ``reach`` if known. It is not sufficient where pupils board.

    Returns
    -------
    Shortage
        Without unserved pupils it has no groups.
    """
    reach = reach.plain()
    now = now or reach.placed(reach.seats)
    units, full = _hindered(reach, now.pupils, now.unserved)
    open_to = np.zeros(len(reach.seats), dtype=bool)
    open_to[np.asarray(candidates, dtype=np.int64)] = True
    useful = units[reach.unit] & (full[reach.place] | open_to[reach.place])
    useful &= reach.pupils[reach.unit] > 0
    group_of, pupils = merge_arcs(reach.unit[useful], reach.place[useful], weights=reach.pupils)
    group = group_of[reach.unit[useful]]
    arcs = distinct_pairs(group, reach.place[useful])
    # A candidate keeps a node of its own, since its seats may change.
    node_of, places, seats = _merge_places(arcs, reach.seats, own_node=open_to)
    ends = distinct_pairs(arcs[0], node_of[arcs[1]])
    return Shortage(
        stage=reach.stage,
        demand=float(reach.pupils.sum()),
        unserved=float(now.unserved.sum()),
        groups=pupils,
        places=places,
        seats=seats,
        group=ends[0],
        node=ends[1],
    )


def _hindered(
    reach: StageReach, flows: FloatArray, unserved: FloatArray
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Return the units and schools on the source side of the minimum cut nearest the source."""
    units = unserved > _PUPILS_TOLERANCE
    schools = np.zeros(len(reach.seats), dtype=bool)
    offering = reach.seats[reach.place] > 0
    used = flows > _PUPILS_TOLERANCE
    while True:
        reached = schools.copy()
        reached[reach.place[units[reach.unit] & offering]] = True
        if (reached == schools).all():
            return units, schools
        schools = reached
        units = units.copy()
        units[reach.unit[used & schools[reach.place]]] = True


def merge_arcs(owner: IntArray, item: IntArray, *, weights: FloatArray) -> tuple[IntArray, FloatArray]:
    """Merge owners that have the same set of items.

    Parameters
    ----------
    owner, item
        Ends of each arc.
    weights
        Weight of each owner, shape (owners,).

    Returns
    -------
    group
        Group of every owner, −1 without items; numbered by the first owner.
    weight
        Summed weight of each group.
    """
    group_of = np.full(len(weights), -1, dtype=np.int64)
    if len(owner) == 0:
        return group_of, np.zeros(0)
    order = np.lexsort((item, owner))
    owners, starts = np.unique(owner[order], return_index=True)
    numbers: dict[bytes, int] = {}
    for one, items in zip(owners, np.split(item[order], starts[1:]), strict=True):
        group_of[one] = numbers.setdefault(items.tobytes(), len(numbers))
    grouped = group_of >= 0
    summed = np.bincount(group_of[grouped], weights=weights[grouped], minlength=len(numbers))
    return group_of, np.asarray(summed, dtype=np.float64)


def _merge_places(
    arcs: tuple[IntArray, IntArray], seats: FloatArray, *, own_node: npt.NDArray[np.bool_]
) -> tuple[IntArray, IntArray, FloatArray]:
    """Merge schools that the same groups reach: node of each place, first place and seats of each node."""
    marked = np.concatenate([arcs[0], -1 - np.flatnonzero(own_node)])
    owners = np.concatenate([arcs[1], np.flatnonzero(own_node)])
    reached = np.isin(owners, arcs[1])
    node_of, total = merge_arcs(owners[reached], marked[reached], weights=seats)
    used = np.flatnonzero(node_of >= 0)
    _, first = np.unique(node_of[used], return_index=True)
    return node_of, used[first].astype(np.int64), total
