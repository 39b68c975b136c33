"""The connected pieces of a shortage, and what is already known of each: a flow only where it is needed.

How many pupils of a piece have a seat depends on the seats of its own nodes alone, never falls when seats
are added, and rises by no more than the seats added. A flow also teaches *laws* (its minimum cuts), which
hold for any seats::

    served ≤ pupils outside a set of groups + usable seats of the nodes that the set reaches

where a node's usable seats are no more than the pupils of the set that reach it.

So earlier answers often leave one possible number, and then no flow is made. Nothing is approximate: where
the limits from both sides differ by more than a millionth of a pupil, the flow decides.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from layoutplan.arrays import BoolArray, FloatArray, IntArray
from layoutplan.solve.max_flow import bottlenecks, most_placed

_DUST: Final = 1e-6  # pupils; what arithmetic leaves behind


@dataclass(frozen=True)
class Inequality:
    """Served ≤ ``outside`` + the seats of every node, of each no more than ``usable``, whatever the seats.

    ``groups`` is the set that the law is about, ``outside`` are the pupils of all others.
    """

    groups: BoolArray
    outside: float
    usable: FloatArray

    def at(self, seats: FloatArray) -> float:
        """Return the most that can be served with these seats, by this law."""
        return self.outside + float(np.minimum(seats, self.usable).sum())


@dataclass(frozen=True)
class PieceFlow:
    """What a flow with certain seats found: pupils served, and the laws of its minimum cuts.

    ``hindered`` are the groups who lack a seat or whom such a group could push out of one, by any chain.
    """

    seats: FloatArray
    served: float
    laws: tuple[Inequality, ...]
    hindered: BoolArray


@dataclass(frozen=True)
class Piece:
    """Groups and nodes that arcs connect, and nothing else.

    Attributes
    ----------
    pupils
        Pupils of each group.
    nodes
        Position of each of its nodes in the shortage.
    group, node
        Ends of each arc, positions in ``pupils`` and ``nodes``.
    """

    pupils: FloatArray
    nodes: IntArray
    group: IntArray
    node: IntArray
    _found: dict[bytes, PieceFlow] = field(default_factory=dict, init=False, repr=False, compare=False)
    _told: dict[bytes, float] = field(default_factory=dict, init=False, repr=False, compare=False)
    _plans: dict[bytes, FloatArray] = field(default_factory=dict, init=False, repr=False, compare=False)
    _moves: dict[tuple[bytes, int], float] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _hinderances: dict[bytes, tuple[Piece, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @cached_property
    def total(self) -> float:
        """Pupils of all its groups."""
        return float(self.pupils.sum())

    def place(self, seats: FloatArray) -> PieceFlow:
        """Place the pupils in the seats of the nodes, by flow; the same seats are placed once only."""
        key = seats.tobytes()
        if key not in self._found:
            small, large = self._bottlenecks(seats)
            laws = self._laws(small, large)
            self._found[key] = PieceFlow(seats, min(law.at(seats) for law in laws), laws, small)
        return self._found[key]

    def laws(self, seats: FloatArray, *, share: FloatArray | None = None) -> tuple[Inequality, ...]:
        """Return the laws that a flow with these seats teaches.

        ``share`` says of each node what share of every group may go there: a school half built would take
        half of each group. Laws found so are as true, and bind where those of whole schools do not.
        """
        return self._laws(*self._bottlenecks(seats, share))

    def _bottlenecks(self, seats: FloatArray, share: FloatArray | None = None) -> tuple[BoolArray, BoolArray]:
        return bottlenecks(
            origin=self.group, destination=self.node, pupils=self.pupils, seats=seats, share=share
        )

    def _laws(self, small: BoolArray, large: BoolArray) -> tuple[Inequality, ...]:
        sides = (small,) if (small == large).all() else (small, large)
        return tuple(self._law(side) for side in sides)

    def served(self, seats: FloatArray) -> float:
        """Return the pupils with a seat, to a millionth: from what is known, else by flow."""
        key = seats.tobytes()
        if key not in self._told:
            known = self._known(seats)
            self._told[key] = self.place(seats).served if known is None else known
        return self._told[key]

    def gain_of_more(self, seats: FloatArray, *, node: int, more: float) -> float:
        """Return how many pupils more have a seat when one node has ``more`` seats than these.

        Seats at one node serve one pupil each until none of them serves anyone (one arc of a maximum flow).
        So the flow without more, and one with as many as could be used, tell of any number; and the second
        is needed only where someone lacks a seat or stands in the way of one who does.
        """
        found = self.place(seats)
        for piece in self._hindered(found):
            local = np.flatnonzero(piece.nodes == node)
            if len(local):
                here = seats[piece.nodes]  # all taken: by the hindered, and by nobody else
                if piece.gain_by_one_move(here, node=int(local[0])) >= more:
                    return more
                plenty = here.copy()
                plenty[local] += piece.total
                return min(more, piece.served(plenty) - float(here.sum()))
        return 0.0

    def gain_by_one_move(self, seats: FloatArray, *, node: int) -> float:
        """Return how many more seats at a node are surely used, however many there are: without a flow.

        By those without a seat who reach it; then by those who reach it and leave a seat elsewhere to
        somebody who has none.
        """
        key = seats.tobytes(), node
        if key not in self._moves:
            self._moves[key] = self._moved_once(self._placed(seats), node)
        return self._moves[key]

    def _moved_once(self, placed: FloatArray, node: int) -> float:
        left = self.pupils - np.bincount(self.group, weights=placed, minlength=len(self.pupils))
        left = np.maximum(left, 0.0)
        near = np.zeros(len(self.pupils), dtype=bool)
        near[self.group[self._arcs_of[node]]] = True
        gain = float(left[near].sum())
        left[near] = 0.0
        moving = near[self.group]
        room = np.bincount(self.node[moving], weights=placed[moving], minlength=len(self.nodes))
        room[node] = 0.0
        for other in np.flatnonzero(room > _DUST):
            followers = self.group[self._arcs_of[other]]
            waiting = np.cumsum(left[followers])
            taken = min(float(room[other]), float(waiting[-1]))
            left[followers] = np.clip(waiting - taken, 0.0, left[followers])
            gain += taken
        return gain

    @cached_property
    def _arcs_of(self) -> list[IntArray]:
        """The arcs of each node."""
        order = np.argsort(self.node, kind="stable")
        return np.split(order, np.cumsum(np.bincount(self.node, minlength=len(self.nodes)))[:-1])

    def _placed(self, seats: FloatArray) -> FloatArray:
        """Return the pupils on each arc, as many as possible in these seats."""
        key = seats.tobytes()
        if key not in self._plans:
            self._plans[key] = most_placed(
                origin=self.group, destination=self.node, pupils=self.pupils, seats=seats
            )
        return self._plans[key]

    def _hindered(self, found: PieceFlow) -> tuple[Piece, ...]:
        """Return the pieces of those who lack a seat or keep others from one; ``nodes`` are this piece's."""
        key = found.seats.tobytes()
        if key not in self._hinderances:
            arcs = found.hindered[self.group]
            groups, nodes = np.flatnonzero(found.hindered), np.unique(self.node[arcs])
            pieces = pieces_of(
                self.pupils[groups],
                nodes=len(nodes),
                group=np.searchsorted(groups, self.group[arcs]),
                node=np.searchsorted(nodes, self.node[arcs]),
            )
            self._hinderances[key] = tuple(replace(piece, nodes=nodes[piece.nodes]) for piece in pieces)
        return self._hinderances[key]

    def _known(self, seats: FloatArray) -> float | None:
        """Return the pupils with a seat where earlier flows leave one number; else ``None``."""
        most, least = self.total, 0.0
        for found in self._found.values():
            most = min(most, *(law.at(seats) for law in found.laws))
            least = max(least, found.served - float(np.maximum(found.seats - seats, 0.0).sum()))
            if most - least <= _DUST:
                return most
        return None

    def _law(self, side: BoolArray) -> Inequality:
        """Return the law of a set of groups."""
        inside = side[self.group]
        usable = np.bincount(
            self.node[inside], weights=self.pupils[self.group[inside]], minlength=len(self.nodes)
        )
        return Inequality(side, float(self.pupils[~side].sum()), np.asarray(usable, dtype=np.float64))


def pieces_of(pupils: FloatArray, *, nodes: int, group: IntArray, node: IntArray) -> tuple[Piece, ...]:
    """Divide groups (``pupils`` of each) and ``nodes`` nodes into connected pieces, in the order of groups.

    Parameters
    ----------
    group, node
        Ends of each arc; every group and every node has an arc.

    Examples
    --------
    >>> import numpy as np
    >>> ends = {"group": np.array([0, 1, 2]), "node": np.array([0, 0, 1])}
    >>> [piece.total for piece in pieces_of(np.array([5.0, 6.0, 7.0]), nodes=2, **ends)]
    [11.0, 7.0]
    """
    size = len(pupils) + nodes
    graph = sparse.coo_array((np.ones(len(group)), (group, node + len(pupils))), shape=(size, size))
    count, label = connected_components(graph, directed=False)
    place = np.zeros(size, dtype=np.int64)  # of a group or node within its piece
    members = []
    for side in (label[: len(pupils)], label[len(pupils) :]):
        order = np.argsort(side, kind="stable")
        parts = np.split(order, np.cumsum(np.bincount(side, minlength=count))[:-1])
        members.append(parts)
        offset = 0 if len(members) == 1 else len(pupils)
        for part in parts:
            place[part + offset] = np.arange(len(part))
    arcs = np.argsort(label[group], kind="stable")
    arcs_of = np.split(arcs, np.cumsum(np.bincount(label[group], minlength=count))[:-1])
    return tuple(
        Piece(
            pupils=pupils[groups],
            nodes=own_nodes.astype(np.int64),
            group=place[group[own]],
            node=place[node[own] + len(pupils)],
        )
        for groups, own_nodes, own in zip(*members, arcs_of, strict=True)
    )
