"""The connected pieces of a shortage, and what is already known of each: a flow only where it is needed.

How many pupils of a piece have a seat depends on the seats of its own nodes alone, never falls when seats
are added, and rises by no more than the seats added. A flow also teaches *laws* (its minimum cuts), which
hold for any seats::

    served ≤ pupils outside a set of groups + seats of the nodes that the set reaches

So earlier answers often leave one possible number, and then no flow is made. Nothing is approximate: where
the limits from both sides differ by more than a millionth of a pupil, the flow decides.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from layoutplan.solve.most import bottlenecks

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_DUST: Final = 1e-6  # pupils; what arithmetic leaves behind


@dataclass(frozen=True)
class Law:
    """Served ≤ ``outside`` + the seats of ``nodes``, whatever the seats."""

    outside: float
    nodes: Mask

    def at(self, seats: FloatArray) -> float:
        """Return the most that can be served with these seats, by this law."""
        return self.outside + float(seats[self.nodes].sum())


@dataclass(frozen=True)
class Found:
    """What a flow with certain seats found: pupils served, and the laws of its minimum cuts."""

    seats: FloatArray
    served: float
    laws: tuple[Law, ...]


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
    _found: dict[bytes, Found] = field(default_factory=dict, init=False, repr=False, compare=False)
    _told: dict[bytes, float] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def total(self) -> float:
        """Pupils of all its groups."""
        return float(self.pupils.sum())

    def place(self, seats: FloatArray) -> Found:
        """Place the pupils in the seats of the nodes, by flow; the same seats are placed once only."""
        key = seats.tobytes()
        if key not in self._found:
            sides = bottlenecks(origin=self.group, destination=self.node, pupils=self.pupils, seats=seats)
            laws = tuple(self._law(side) for side in sides)
            same = bool((sides[0] == sides[1]).all())
            served = min(law.at(seats) for law in laws)
            self._found[key] = Found(seats, served, laws[: 1 if same else 2])
        return self._found[key]

    def served(self, seats: FloatArray) -> float:
        """Return the pupils with a seat, to a millionth: from what is known, else by flow."""
        key = seats.tobytes()
        if key not in self._told:
            known = self._known(seats)
            self._told[key] = self.place(seats).served if known is None else known
        return self._told[key]

    def _known(self, seats: FloatArray) -> float | None:
        """Return the pupils with a seat where earlier flows leave one number; else ``None``."""
        most, least = self.total, 0.0
        for found in self._found.values():
            most = min(most, *(law.at(seats) for law in found.laws))
            least = max(least, found.served - float(np.maximum(found.seats - seats, 0.0).sum()))
            if most - least <= _DUST:
                return most
        return None

    def _law(self, side: Mask) -> Law:
        """Return the law of a set of groups."""
        nodes = np.zeros(len(self.nodes), dtype=bool)
        nodes[self.node[side[self.group]]] = True
        return Law(float(self.pupils[~side].sum()), nodes)


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
