"""The parts of a stage where something can be chosen, and what laws of their seats say of the choices.

Served pupils are counted by *region*: the groups whose scarcest school is the same. A law of a set of groups
(:class:`~layoutplan.siting.pieces.Inequality`) then speaks of the regions it touches and of no others::

    served in the regions ≤ their pupils outside the set + seats, chosen ones included, that the set can use

A set often falls apart: into sets that share neither a region nor a school with too few seats for both. Then
each has a law of its own, and all of them together say as much at the choice in hand: one flow of a whole
city teaches many laws, each about few choices.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from layoutplan.arrays import BoolArray, FloatArray, IntArray
from layoutplan.siting.formulation import Choice
from layoutplan.siting.pieces import Inequality, Piece
from layoutplan.siting.shortage import Shortage


@dataclass(frozen=True)
class PartInequality:
    """Served in ``regions`` ≤ ``constant`` + ``seats`` of each of ``choices``."""

    regions: IntArray
    constant: float
    choices: IntArray
    seats: FloatArray

    def at(self, choose: FloatArray) -> float:
        """Return the most that can be served in the regions by a choice, by this law."""
        return self.constant + float((self.seats * choose[self.choices]).sum())


@dataclass(frozen=True)
class PartFlow:
    """What a choice, whole or fractional, really serves; and the laws its minimum cuts teach."""

    served: float
    cuts: tuple[PartInequality, ...]


@dataclass(frozen=True)
class Part:
    """A piece of a stage where something can be chosen.

    ``now`` are the seats of its nodes without any choice; ``choice``, ``node`` and ``seats`` say which choice
    adds how many seats at which of its nodes. ``region`` is the region of each group, numbered from 0 in each
    part; ``pupils`` are those of each region, and ``first`` is the number of the part's first region among
    those of all parts.
    """

    piece: Piece
    now: FloatArray
    choice: IntArray
    node: IntArray
    seats: FloatArray
    region: IntArray
    pupils: FloatArray
    first: int
    _flows: dict[bytes, PartFlow] = field(default_factory=dict, init=False, repr=False, compare=False)

    def seats_with(self, choose: FloatArray) -> FloatArray:
        """Return the seats of its nodes with a choice, whole or fractional."""
        seats = self.now.copy()
        np.add.at(seats, self.node, self.seats * choose[self.choice])
        return seats

    def share_with(self, choose: FloatArray) -> FloatArray:
        """Return what share of every group each of its nodes may take: all where there are seats already."""
        share = (self.now > 0).astype(np.float64)
        np.add.at(share, self.node, choose[self.choice])
        return np.minimum(share, 1.0)

    def flow(self, choose: FloatArray) -> PartFlow:
        """Return what a choice, whole or fractional, really serves; the same choice is placed once only."""
        own = choose[self.choice]
        key = own.tobytes()
        if key not in self._flows:
            laws = self.laws(choose)
            cuts = tuple(cut for law in laws for cut in self.cuts(law, choose))
            self._flows[key] = PartFlow(min(self.most(law, choose) for law in laws), cuts)
        return self._flows[key]

    def laws(self, choose: FloatArray) -> tuple[Inequality, ...]:
        """Return the laws that a flow with a choice teaches."""
        seats = self.seats_with(choose)
        own = choose[self.choice]
        if (own == np.rint(own)).all():
            return self.piece.place(seats).laws
        return self.piece.laws(seats, share=self.share_with(choose))

    def most(self, law: Inequality, choose: FloatArray) -> float:
        """Return the most that can be served by a choice, by a law; fractions of a school count as such."""
        now, usable = self.now[self.node], law.usable[self.node]
        seats = np.minimum(now + self.seats, usable) - np.minimum(now, usable)
        return law.at(self.now) + float((seats * choose[self.choice]).sum())

    def cuts(self, law: Inequality, choose: FloatArray) -> Iterator[PartInequality]:
        """Yield the law as cuts, one for each of the sets that it falls apart into at a choice."""
        label = self._apart(law, choose)
        inside = np.flatnonzero(law.groups)
        of_group = np.full(len(law.groups), -1)
        of_group[inside] = label[self.region[inside]]
        sets, nodes = int(label.max(initial=-1)) + 1, len(self.now)
        arcs = np.flatnonzero(law.groups[self.piece.group])
        usable = np.bincount(
            of_group[self.piece.group[arcs]] * nodes + self.piece.node[arcs],
            weights=self.piece.pupils[self.piece.group[arcs]],
            minlength=sets * nodes,
        ).reshape(sets, nodes)
        within = np.bincount(of_group[inside], weights=self.piece.pupils[inside], minlength=sets)
        constant = np.minimum(self.now, usable).sum(axis=1) - within
        now = self.now[self.node]
        for number in range(sets):
            regions, most = np.flatnonzero(label == number), usable[number, self.node]
            seats = np.minimum(now + self.seats, most) - np.minimum(now, most)
            used = np.flatnonzero(seats)
            yield PartInequality(
                regions=regions + self.first,
                constant=float(self.pupils[regions].sum() + constant[number]),
                choices=self.choice[used],
                seats=seats[used],
            )

    def _apart(self, law: Inequality, choose: FloatArray) -> IntArray:
        """Return of each region the set it is in, −1 where the law does not touch it."""
        if len(self.pupils) == 1:
            return np.array([0 if law.groups.any() else -1])
        joins = law.groups[self.piece.group] & self._short(law, choose)[self.piece.node]
        regions, nodes = len(self.pupils), len(self.now)
        meets = np.zeros((regions, nodes), dtype=bool)
        meets[self.region[self.piece.group[joins]], self.piece.node[joins]] = True
        region, node = np.nonzero(meets)
        graph = sparse.coo_array(
            (np.ones(len(region)), (region, node + regions)), shape=(regions + nodes, regions + nodes)
        )
        _, label = connected_components(graph, directed=False)
        found = np.full(regions, -1, dtype=np.int64)
        touched = np.unique(self.region[law.groups])
        found[touched] = np.unique(label[touched], return_inverse=True)[1]
        return found

    def _short(self, law: Inequality, choose: FloatArray) -> BoolArray:
        """Return which nodes have fewer seats than the set could use, now or by a choice taken in part."""
        short = (self.now > 0) & (self.now < law.usable)
        few = (choose[self.choice] > 0) & (self.now[self.node] + self.seats < law.usable[self.node])
        short[self.node[few]] = True
        return short


def split_parts(shortages: Sequence[Shortage], choices: Sequence[Choice]) -> tuple[Part, ...]:
    """Return the pieces of all stages that choices change."""
    found: list[Part] = []
    for shortage in shortages:
        offers = _offers(shortage, choices)
        for piece in shortage.pieces:
            own = [
                (choice, local, seats)
                for local, node in enumerate(piece.nodes)
                for choice, seats in offers.get(int(node), [])
            ]
            if own:
                region = _regions(piece)
                found.append(
                    Part(
                        piece=piece,
                        now=shortage.seats[piece.nodes],
                        choice=np.array([offer[0] for offer in own], dtype=np.int64),
                        node=np.array([offer[1] for offer in own], dtype=np.int64),
                        seats=np.array([offer[2] for offer in own], dtype=np.float64),
                        region=region,
                        pupils=np.bincount(region, weights=piece.pupils).astype(np.float64),
                        first=found[-1].first + len(found[-1].pupils) if found else 0,
                    ),
                )
    return tuple(found)


def _offers(shortage: Shortage, choices: Sequence[Choice]) -> dict[int, list[tuple[int, float]]]:
    """Return, of each node, the choices there and the seats they add."""
    offers: dict[int, list[tuple[int, float]]] = {}
    for position, choice in enumerate(choices):
        node, seats = shortage.node_of(choice.place), choice.option.seats.get(shortage.stage)
        if node is not None and seats:
            offers.setdefault(node, []).append((position, seats))
    return offers


def _regions(piece: Piece) -> IntArray:
    """Return the region of each group: that of the node it reaches which the fewest groups reach."""
    scarcest_first = np.argsort(np.bincount(piece.node, minlength=len(piece.nodes)), kind="stable")
    rank = np.argsort(scarcest_first)
    scarcest = np.full(len(piece.pupils), len(rank))
    np.minimum.at(scarcest, piece.group, rank[piece.node])
    return np.unique(scarcest, return_inverse=True)[1].astype(np.int64)
