"""The parts of a stage that choices can change, and inequalities from minimum cuts on the choices.

Pupils served are counted by *region*: the groups with the same scarcest school. The inequality of a set of
groups (:class:`~layoutplan.siting.pieces.Inequality`) then involves only the regions of the set::

    served in the regions ≤ their pupils outside the set + seats, chosen ones included, that the set can use

A set often decomposes into sets that share neither a region nor a school with too few seats for both. Each of
them has its own inequality, and together they are as tight at the current choice: one flow of a whole city
yields many inequalities, each with few choices.
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
    """Served in ``regions`` ≤ ``constant`` + ``seats`` of each of ``choices``.

    ``regions`` are numbered over all parts, ``choices`` are positions in the list of choices.
    """

    regions: IntArray
    constant: float
    choices: IntArray
    seats: FloatArray

    def at(self, choose: FloatArray) -> float:
        """Return the right-hand side at a choice.

        Parameters
        ----------
        choose
            Value of each choice, 0 to 1, shape (choices,).

        Returns
        -------
        float
            Upper bound of the pupils served in the regions.
        """
        return self.constant + float((self.seats * choose[self.choices]).sum())


@dataclass(frozen=True)
class PartFlow:
    """Pupils served by a choice, integer or fractional, and the inequalities of its minimum cuts."""

    served: float
    cuts: tuple[PartInequality, ...]


@dataclass(frozen=True)
class Part:
    """A connected piece of a stage that choices can change.

    Attributes
    ----------
    piece
        Groups, nodes and arcs.
    now
        Seats of its nodes without any choice.
    choice, node, seats
        Position of a choice, the local node to which it adds seats, and their number.
    region
        Region of each group, numbered from 0 in each part.
    pupils
        Pupils of each region.
    first
        Number of the part's first region among those of all parts.
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
        """Return the seats of its nodes at a choice.

        Parameters
        ----------
        choose
            Value of each choice, 0 to 1, shape (choices,).

        Returns
        -------
        FloatArray
            Shape (nodes,).
        """
        seats = self.now.copy()
        np.add.at(seats, self.node, self.seats * choose[self.choice])
        return seats

    def share_with(self, choose: FloatArray) -> FloatArray:
        """Return the share of every group that each node may take: 1 where there are seats already.

        Parameters
        ----------
        choose
            Value of each choice, 0 to 1, shape (choices,).

        Returns
        -------
        FloatArray
            0 to 1, shape (nodes,).
        """
        share = (self.now > 0).astype(np.float64)
        np.add.at(share, self.node, choose[self.choice])
        return np.minimum(share, 1.0)

    def flow(self, choose: FloatArray) -> PartFlow:
        """Return the pupils served at a choice and the inequalities of its minimum cuts; cached per choice.

        Parameters
        ----------
        choose
            Value of each choice, 0 to 1, shape (choices,).

        Returns
        -------
        PartFlow
            Of this part.
        """
        own = choose[self.choice]
        key = own.tobytes()
        if key not in self._flows:
            laws = self.laws(choose)
            cuts = tuple(cut for law in laws for cut in self.cuts(law, choose))
            self._flows[key] = PartFlow(min(self.most(law, choose) for law in laws), cuts)
        return self._flows[key]

    def laws(self, choose: FloatArray) -> tuple[Inequality, ...]:
        """Return the inequalities of the minimum cuts of the flow at a choice.

        Parameters
        ----------
        choose
            Value of each choice, 0 to 1, shape (choices,).

        Returns
        -------
        tuple of Inequality
            One or two (nearest source and nearest sink).
        """
        seats = self.seats_with(choose)
        own = choose[self.choice]
        if (own == np.rint(own)).all():
            return self.piece.place(seats).laws
        return self.piece.laws(seats, share=self.share_with(choose))

    def most(self, law: Inequality, choose: FloatArray) -> float:
        """Return the upper bound of an inequality on the pupils served; fractional schools count as such.

        Parameters
        ----------
        law
            The inequality.
        choose
            Value of each choice, 0 to 1, shape (choices,).

        Returns
        -------
        float
            Pupils.
        """
        now, usable = self.now[self.node], law.usable[self.node]
        seats = np.minimum(now + self.seats, usable) - np.minimum(now, usable)
        return law.at(self.now) + float((seats * choose[self.choice]).sum())

    def cuts(self, law: Inequality, choose: FloatArray) -> Iterator[PartInequality]:
        """Yield an inequality in terms of the choices, decomposed into independent sets at a choice.

        Parameters
        ----------
        law
            The inequality.
        choose
            Value of each choice, 0 to 1, shape (choices,).

        Yields
        ------
        PartInequality
            One per set.
        """
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
        """Return the set of each region, −1 for regions outside the inequality."""
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
        """Return which nodes have fewer seats than the set could use, now or with a partly taken choice."""
        short = (self.now > 0) & (self.now < law.usable)
        few = (choose[self.choice] > 0) & (self.now[self.node] + self.seats < law.usable[self.node])
        short[self.node[few]] = True
        return short


def split_parts(shortages: Sequence[Shortage], choices: Sequence[Choice]) -> tuple[Part, ...]:
    """Return the connected pieces of all stages that choices can change.

    Parameters
    ----------
    shortages
        Of each stage.
    choices
        The choices.

    Returns
    -------
    tuple of Part
        Regions are numbered consecutively over the parts.
    """
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
    """Return, for each node, the choices there and the seats that they add."""
    offers: dict[int, list[tuple[int, float]]] = {}
    for position, choice in enumerate(choices):
        node, seats = shortage.node_of(choice.place), choice.option.seats.get(shortage.stage)
        if node is not None and seats:
            offers.setdefault(node, []).append((position, seats))
    return offers


def _regions(piece: Piece) -> IntArray:
    """Return the region of each group: that of its node which the fewest groups reach."""
    scarcest_first = np.argsort(np.bincount(piece.node, minlength=len(piece.nodes)), kind="stable")
    rank = np.argsort(scarcest_first)
    scarcest = np.full(len(piece.pupils), len(rank))
    np.minimum.at(scarcest, piece.group, rank[piece.node])
    return np.unique(scarcest, return_inverse=True)[1].astype(np.int64)
