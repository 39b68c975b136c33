"""Sets of open sites, valued by flows with pupils split, and a local search over them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np

from layoutplan.arrays import BoolArray, FloatArray, IntArray
from layoutplan.solve.flow import Placement, assign_pupils
from layoutplan.solve.location.location_bound import site_values
from layoutplan.solve.location.problem import LocationProblem

_RESOLUTION_M: Final = 1e6  # the dearest arc in metres of a flow, which compares decimetres
_TRIED: Final = 60  # neighbours valued by a flow, those that seem best
_KICK: Final = 4  # sites exchanged before the search begins again, at most
_STARTS: Final = 10
_AROUND: Final = 5  # sites around for each one exchanged
_WORSE: Final = 0.003  # largest share by which a set may be dearer and still be gone on from
_PUPIL: Final = 1e-6
_LOSS: Final = 20.0  # a pupil without a seat, in dearest arcs


@dataclass(frozen=True)
class SiteSet:
    """A set of open sites: cost with pupils split (a lower bound of that of whole units), and its flow."""

    opened: BoolArray
    value: float
    placement: Placement


@dataclass
class SiteSets:
    """Sets valued so far.

    Attributes
    ----------
    problem
        The problem.
    core
        Sites that the search may open, shape (sites,).
    known
        Value of each set, by its bytes; a set that leaves pupils without a seat costs more than one that
        leaves none.
    """

    problem: LocationProblem
    core: BoolArray
    known: dict[bytes, SiteSet] = field(default_factory=dict)

    @cached_property
    def _loss(self) -> float:
        """Cost of a pupil without a seat: more than opening a site for it."""
        return _LOSS * (
            max(float(self.problem.cost.max(initial=0.0)), 1e-12) + float(self.problem.fixed.sum())
        )

    def value(self, opened: BoolArray) -> SiteSet:
        """Return a set with its value.

        Parameters
        ----------
        opened
            Whether each site is open.
        """
        key = np.packbits(opened).tobytes()
        if key not in self.known:
            self.known[key] = self._valued(opened.copy())
        return self.known[key]

    def _valued(self, opened: BoolArray) -> SiteSet:
        problem = self.problem
        dearest = max(float(problem.cost.max(initial=0.0)), 1e-12)
        used = opened[problem.site]
        placed = assign_pupils(
            origin=problem.unit[used],
            destination=problem.site[used],
            metres=problem.cost[used] * (_RESOLUTION_M / dearest),
            pupils=problem.pupils,
            seats=np.where(opened, problem.seats, 0.0),
        )
        cost = float((placed.pupils * problem.cost[used]).sum()) + float(problem.fixed[opened].sum())
        lost = float(placed.unserved.sum())
        cost += lost * self._loss
        return SiteSet(opened, cost, placed)

    def serves_all(self, found: SiteSet) -> bool:
        """Return whether a set leaves nobody without a seat.

        Parameters
        ----------
        found
            The set.
        """
        return float(found.placement.unserved.sum()) <= _PUPIL

    def best(self) -> list[SiteSet]:
        """Return the sets that serve all pupils, cheapest first."""
        serving = [one for one in self.known.values() if self.serves_all(one)]
        return sorted(serving, key=lambda one: (one.value, one.opened.tobytes()))

    def search(self, starts: BoolArray, *, left_s: Callable[[], float], kicks: int, seed: int) -> None:
        """Improve the best of some sets by opening, closing and exchanging sites; then begin again beside it.

        Parameters
        ----------
        starts
            Whether each site is open, shape (sets, sites).
        left_s
            Returns the time left, seconds.
        kicks
            How often the search begins again.
        seed
            Seed of the changes made then.
        """
        random = np.random.default_rng(seed)
        ranked = sorted((self.value(opened) for opened in starts), key=lambda one: one.value)
        reached = [self._descend(one, left_s) for one in ranked[:_STARTS]]
        now = min(reached, key=lambda one: one.value)
        for _ in range(kicks):
            if left_s() <= 0:
                return
            found = self._descend(self.value(self._kicked(now.opened, random)), left_s)
            if found.value < now.value * (1 + _WORSE * random.random() ** 3):
                now = found

    def _descend(self, now: SiteSet, left_s: Callable[[], float]) -> SiteSet:
        while True:
            for opened in self._neighbours(now):
                if left_s() <= 0:
                    return now
                found = self.value(opened)
                if found.value < now.value * (1 - 1e-9):
                    now = found
                    break
            else:
                return now

    def _neighbours(self, now: SiteSet) -> Iterator[BoolArray]:
        """Yield sets beside one, those that seem cheapest at its prices first."""
        inside = np.flatnonzero(now.opened).tolist()
        outside = np.flatnonzero(~now.opened & self.core).tolist()
        opening, closing = self._changes(now)
        moves = [(opening[there] + closing[here], here, there) for here in inside for there in outside]
        if self.problem.count is None:
            moves += [(opening[there], -1, there) for there in outside]
            moves += [(closing[here], here, -1) for here in inside]
        for _, here, there in sorted(moves, key=lambda move: move[0])[:_TRIED]:
            opened = now.opened.copy()
            if here >= 0:
                opened[here] = False
            if there >= 0:
                opened[there] = True
            yield opened

    def _changes(self, now: SiteSet) -> tuple[FloatArray, FloatArray]:
        """Return about how much dearer a set becomes by opening or closing each site, at its prices."""
        problem, dearest = self.problem, max(float(self.problem.cost.max(initial=0.0)), 1e-12)
        prices = now.placement.saved_m_per_seat * (dearest / _RESOLUTION_M)
        prices += now.placement.served_per_seat * self._loss
        used = np.flatnonzero(now.opened[problem.site])
        paid = problem.cost[used] + np.maximum(prices[problem.site[used]], 0.0)
        order = used[np.lexsort((paid, problem.unit[used]))]
        paid = paid[np.lexsort((paid, problem.unit[used]))]
        first = np.flatnonzero(np.diff(problem.unit[order], prepend=-1))
        worth = np.full(len(problem.pupils), self._loss)
        worth[problem.unit[order[first]]] = np.minimum(paid[first], self._loss)
        second = np.full(len(problem.pupils), self._loss)
        after = first + 1
        has = (after < len(order)) & (
            problem.unit[order[np.minimum(after, len(order) - 1)]] == problem.unit[order[first]]
        )
        second[problem.unit[order[first[has]]]] = paid[after[has]]
        opening = problem.fixed - site_values(problem, worth)[0]
        at = now.opened[problem.site]
        flows, of = now.placement.pupils, np.flatnonzero(at)
        more = np.maximum(second[problem.unit[of]] - problem.cost[of], 0.0)
        closing = np.bincount(problem.site[of], weights=flows * more, minlength=problem.sites)
        return opening, closing - problem.fixed

    def _kicked(self, opened: BoolArray, random: np.random.Generator) -> BoolArray:
        """Return a set with a few sites around a random one exchanged."""
        kicked = opened.copy()
        near = self._near[int(random.integers(self.problem.sites))]
        inside, outside = near[opened[near]], near[~opened[near] & self.core[near]]
        size = min(int(random.integers(1, _KICK + 1)), len(inside), len(outside))
        kicked[inside[:size]] = False
        kicked[random.choice(outside[: _AROUND * size], size, replace=False)] = True
        return kicked

    @cached_property
    def _near(self) -> IntArray:
        """For each site all sites, those that cost least from its own unit first."""
        problem = self.problem
        cost = np.full((len(problem.pupils), problem.sites), 2.0 * float(problem.cost.max(initial=0.0)))
        cost[problem.unit, problem.site] = problem.cost
        apart = cost[problem.own]
        return np.argsort(apart + apart.T, axis=1, kind="stable").astype(np.int64)
