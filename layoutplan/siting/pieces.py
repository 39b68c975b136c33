"""Connected pieces of a shortage, with cached results: a flow is computed only where it is needed.

The pupils of a piece with a seat depend on the seats of its own nodes only. Their number never decreases when
seats are added, and increases by no more than the seats added. A flow also yields inequalities (from its
minimum cuts), which hold for any seats::

    served ≤ pupils outside a set of groups + usable seats of the nodes that the set reaches

where the usable seats of a node are at most the pupils of the set that reach it.

Cached results often bound the number from both sides to a single value, so that no flow is needed. The result
is exact: if the bounds differ by more than a millionth of a pupil, a flow is computed.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from layoutplan.arrays import BoolArray, FloatArray, IntArray
from layoutplan.solve.max_flow import bottlenecks, max_flow

_DUST: Final = 1e-6  # pupils: rounding error


@dataclass(frozen=True)
class Inequality:
    """Served ≤ ``outside`` + Σ min(seats, ``usable``) over the nodes, valid for any seats.

    ``groups`` marks the set of groups, ``outside`` is the number of pupils of all other groups.
    """

    groups: BoolArray
    outside: float
    usable: FloatArray

    def at(self, seats: FloatArray) -> float:
        """Return the right-hand side for given seats.

        Parameters
        ----------
        seats
            Seats of each node, shape (nodes,).

        Returns
        -------
        float
            Upper bound of the pupils served.
        """
        return self.outside + float(np.minimum(seats, self.usable).sum())


@dataclass(frozen=True)
class PieceFlow:
    """Result of a flow for certain seats: pupils served, and the inequalities of its minimum cuts.

    ``hindered`` marks the groups that lack a seat or could lose one to such a group by a chain of moves.
    """

    seats: FloatArray
    served: float
    laws: tuple[Inequality, ...]
    hindered: BoolArray


@dataclass(frozen=True)
class Piece:
    """A connected component of groups, nodes and arcs.

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
    _served_by_seats: dict[bytes, float] = field(default_factory=dict, init=False, repr=False, compare=False)
    _plans: dict[bytes, FloatArray] = field(default_factory=dict, init=False, repr=False, compare=False)
    _moves: dict[tuple[bytes, int], float] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _hindered_pieces: dict[bytes, tuple[Piece, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @cached_property
    def total(self) -> float:
        """Pupils of all its groups."""
        return float(self.pupils.sum())

    def place(self, seats: FloatArray) -> PieceFlow:
        """Place the pupils in the seats of the nodes by maximum flow; cached per seats.

        Parameters
        ----------
        seats
            Seats of each node, shape (nodes,).

        Returns
        -------
        PieceFlow
            Pupils served and inequalities.
        """
        key = seats.tobytes()
        if key not in self._found:
            small, large = self._bottlenecks(seats)
            laws = self._laws(small, large)
            self._found[key] = PieceFlow(seats, min(law.at(seats) for law in laws), laws, small)
        return self._found[key]

    def laws(self, seats: FloatArray, *, share: FloatArray | None = None) -> tuple[Inequality, ...]:
        """Return the inequalities of the minimum cuts of a flow.

        Parameters
        ----------
        seats
            Seats of each node, shape (nodes,).
        share
            Share of every group that may go to each node, 0 to 1: a school taken by half may take half of
            each group. The inequalities are as valid, and are violated where those without shares are not.

        Returns
        -------
        tuple of Inequality
            One or two (nearest source and nearest sink).
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
        """Return the pupils with a seat, to a millionth: from cached results if they suffice, else by flow.

        Parameters
        ----------
        seats
            Seats of each node, shape (nodes,).

        Returns
        -------
        float
            Pupils.
        """
        key = seats.tobytes()
        if key not in self._served_by_seats:
            known = self._known(seats)
            self._served_by_seats[key] = self.place(seats).served if known is None else known
        return self._served_by_seats[key]

    def gain_of_more(self, seats: FloatArray, *, node: int, more: float) -> float:
        """Return the additional pupils with a seat when one node gets more seats.

        Each additional seat at one node serves one more pupil until a further one serves none (the node is
        one arc of a maximum flow). So the flow without additional seats and one with an unlimited number
        determine the result for any number; the second is needed only within the pieces of pupils who lack a
        seat or occupy one that others need.

        Parameters
        ----------
        seats
            Seats of each node, shape (nodes,).
        node
            Position of the node.
        more
            Additional seats.

        Returns
        -------
        float
            Pupils, 0 to ``more``.
        """
        found = self.place(seats)
        for piece in self._hindered(found):
            local = np.flatnonzero(piece.nodes == node)
            if len(local):
                here = seats[piece.nodes]  # all occupied, by hindered groups only
                if piece.gain_by_one_move(here, node=int(local[0])) >= more:
                    return more
                plenty = here.copy()
                plenty[local] += piece.total
                return min(more, piece.served(plenty) - float(here.sum()))
        return 0.0

    def gain_by_one_move(self, seats: FloatArray, *, node: int) -> float:
        """Return a lower bound of the additional seats that a node can use, without a further maximum flow.

        Counted are unserved pupils who reach the node, then pupils who reach it and free a seat elsewhere for
        an unserved pupil.

        Parameters
        ----------
        seats
            Seats of each node, shape (nodes,).
        node
            Position of the node.

        Returns
        -------
        float
            Pupils.
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
        """Return the pupils on each arc of a maximum flow."""
        key = seats.tobytes()
        if key not in self._plans:
            self._plans[key] = max_flow(
                origin=self.group, destination=self.node, pupils=self.pupils, seats=seats
            )
        return self._plans[key]

    def _hindered(self, found: PieceFlow) -> tuple[Piece, ...]:
        """Return the pieces of the hindered groups; their ``nodes`` are positions in this piece."""
        key = found.seats.tobytes()
        if key not in self._hindered_pieces:
            arcs = found.hindered[self.group]
            groups, nodes = np.flatnonzero(found.hindered), np.unique(self.node[arcs])
            pieces = pieces_of(
                self.pupils[groups],
                nodes=len(nodes),
                group=np.searchsorted(groups, self.group[arcs]),
                node=np.searchsorted(nodes, self.node[arcs]),
            )
            self._hindered_pieces[key] = tuple(replace(piece, nodes=nodes[piece.nodes]) for piece in pieces)
        return self._hindered_pieces[key]

    def _known(self, seats: FloatArray) -> float | None:
        """Return the pupils with a seat if cached results determine the number; otherwise ``None``."""
        most, least = self.total, 0.0
        for found in self._found.values():
            most = min(most, *(law.at(seats) for law in found.laws))
            least = max(least, found.served - float(np.maximum(found.seats - seats, 0.0).sum()))
            if most - least <= _DUST:
                return most
        return None

    def _law(self, side: BoolArray) -> Inequality:
        """Return the inequality of a set of groups."""
        inside = side[self.group]
        usable = np.bincount(
            self.node[inside], weights=self.pupils[self.group[inside]], minlength=len(self.nodes)
        )
        return Inequality(side, float(self.pupils[~side].sum()), np.asarray(usable, dtype=np.float64))


def pieces_of(pupils: FloatArray, *, nodes: int, group: IntArray, node: IntArray) -> tuple[Piece, ...]:
    """Divide groups and nodes into connected components, in the order of the groups.

    Parameters
    ----------
    pupils
        Pupils of each group.
    nodes
        Number of nodes.
    group, node
        Ends of each arc; every group and every node has an arc.

    Returns
    -------
    tuple of Piece
        The connected components.

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
