"""Solve a location problem: bound, sets of sites by flows, then districts for the cheapest sets; audited."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from layoutplan.arrays import BoolArray, FloatArray, IntArray
from layoutplan.errors import DefectError
from layoutplan.solve.districting.solve import Districting, solve_districting
from layoutplan.solve.location.location_bound import LocationBound, location_bound
from layoutplan.solve.location.problem import LocationProblem, check_location
from layoutplan.solve.location.site_program import LARGEST, program_sites
from layoutplan.solve.location.site_sets import SiteSet, SiteSets
from layoutplan.solve.outcome import Outcome

_BOUND_ROUNDS: Final = 800
_FIRST_ROUNDS: Final = 150
_SETS_SHARE: Final = 0.2  # of the time, where whole units are placed afterwards
_SPLIT_SHARE: Final = 0.2  # of the time, where the program decides afterwards
_KICKS: Final = 3000
_FEW_KICKS: Final = 200
_FIRST_KICKS: Final = 20
_FIRST_SHARE: Final = 0.2
_SETS: Final = 200
_DEARER: Final = 0.005
_HEATS: Final = ((16, 0.4), (4, 0.5), (1, 1.0))
"""Sets compared in each heat by their districts, and the share of the time left that the heat takes."""
_OVER: Final = 2.0  # mean costs of a pupil that one above the seats counts
_GAP: Final = 1e-6
_PUPIL: Final = 1e-6


@dataclass(frozen=True)
class Location:
    """Sites opened and pupils placed.

    Attributes
    ----------
    outcome
        ``OPTIMAL`` where the bound meets the cost, ``NO_PLAN_FOUND`` where no set of sites places all.
    opened
        Whether each site is open, shape (sites,).
    unit, site, pupils
        Who is placed where, one row for each unit and site used.
    cost, bound
        Fixed cost and cost of the arcs used, recomputed; and a lower bound of it.
    """

    outcome: Outcome
    opened: BoolArray
    unit: IntArray
    site: IntArray
    pupils: FloatArray
    cost: float
    bound: float

    @property
    def gap(self) -> float:
        """``(cost − bound) / cost``."""
        return max(self.cost - self.bound, 0.0) / max(abs(self.cost), 1e-12)


def solve_location(
    problem: LocationProblem,
    *,
    seconds: float = 60.0,
    cores: int = 2,
    seed: int = 0,
    clock: Callable[[], float] = time.monotonic,
) -> Location:
    """Return which sites to open and whom each serves, at least cost.

    Sets of sites are compared by flows with units divided, which are bounds of what whole units cost. Where
    pupils may be divided, a program over all sites decides, if there are not too many arcs. Where units stay
    whole or districts are connected, the cheapest sets are then districted, fewer sets for longer in each
    heat, and those whose flow costs more than the best districting are left out.

    Parameters
    ----------
    problem
        The problem.
    seconds
        Time limit by ``clock``.
    cores
        Threads of the districting.
    seed
        Seed of all random numbers.
    clock
        Returns the time in seconds.

    Returns
    -------
    Location
        The best plan found.

    Raises
    ------
    DefectError
        If the arrays do not fit each other, or the recomputation contradicts the search.
    """
    check_location(problem)
    until = clock() + seconds
    exact = problem.split and len(problem.unit) <= LARGEST
    share = _SPLIT_SHARE if exact else 1.0 if problem.split else _SETS_SHARE
    limit = clock() + share * (until - clock())
    found, bound = _sets(problem, left_s=lambda: limit - clock(), seed=seed)
    if exact:
        found, bound = _with_program(problem, found, bound, time_limit_s=until - clock())
    if not found:
        return _nothing(problem)
    if problem.split:
        return _split(problem, found[0], bound)
    race = _Race(problem, cores, seed, clock, until)
    for count, part in _HEATS:
        race.heat(found, count, part)
    return race.answer(bound)


def _sets(problem: LocationProblem, *, left_s: Callable[[], float], seed: int) -> tuple[list[SiteSet], float]:
    """Return sets of sites that serve all pupils, cheapest flow first, and a bound.

    The relaxation is solved twice: the second time its steps know the cost of a set, and only sites are
    searched that could be open in a set a little dearer than that.
    """
    first = location_bound(problem, least=_guess(problem), rounds=_FIRST_ROUNDS)
    start = _start(problem, first)
    every = SiteSets(problem, np.ones(problem.sites, dtype=np.bool_))
    share, total = _FIRST_SHARE, left_s()
    every.search(start[None], left_s=lambda: left_s() - (1 - share) * total, kicks=_FIRST_KICKS, seed=seed)
    best = min(every.known.values(), key=lambda one: one.value)
    bound = location_bound(problem, least=best.value, rounds=_BOUND_ROUNDS)
    core = (bound.value + bound.extra <= (1 + _DEARER) * best.value) | best.opened
    sets = SiteSets(problem, core, dict(every.known))
    starts = [best.opened[None], bound.sets[:_SETS]]
    sets.search(
        np.concatenate(starts), left_s=left_s, kicks=_KICKS if problem.split else _FEW_KICKS, seed=seed
    )
    found = sets.best()
    if found and found[0].value < best.value:
        better = location_bound(problem, least=found[0].value, rounds=_BOUND_ROUNDS)
        return found, max(bound.value, better.value, first.value)
    return found, max(bound.value, first.value)


def _with_program(
    problem: LocationProblem, found: list[SiteSet], bound: float, *, time_limit_s: float
) -> tuple[list[SiteSet], float]:
    """Return the sets with that of the program, cheapest first, and the better bound."""
    if found and found[0].value - bound <= _GAP * max(1.0, abs(found[0].value)):
        return found, bound
    opened, least = program_sites(problem, time_limit_s=time_limit_s)
    sets = SiteSets(problem, np.ones(problem.sites, dtype=np.bool_))
    if opened is not None:
        sets.value(opened)
    return sorted([*sets.best(), *found], key=lambda one: one.value), max(bound, least)


def _guess(problem: LocationProblem) -> float:
    """Return about what a plan costs: pupils at the nearest site, and the fixed cost of seats for them."""
    nearest = np.full(len(problem.pupils), np.inf)
    np.minimum.at(nearest, problem.unit, problem.cost)
    walks = float((np.where(np.isfinite(nearest), nearest, 0.0) * problem.pupils).sum())
    return 2.0 * walks + float(problem.fixed.sum() * problem.pupils.sum() / max(problem.seats.sum(), 1.0))


def _start(problem: LocationProblem, bound: LocationBound) -> BoolArray:
    """Return the sites that the relaxation opened most, enough of them."""
    opened = np.zeros(problem.sites, dtype=np.bool_)
    order = np.argsort(-bound.opened, kind="stable")
    if problem.count is not None:
        opened[order[: problem.count]] = True
        return opened
    seats = np.cumsum(problem.seats[order])
    enough = int(np.searchsorted(seats, problem.pupils.sum())) + 1
    opened[order[: max(enough, int((bound.opened > 0.5).sum()))]] = True  # noqa: PLR2004  a half
    return opened


@dataclass
class _Race:
    """Districts sets of sites, the promising ones for longer."""

    problem: LocationProblem
    cores: int
    seed: int
    clock: Callable[[], float]
    until: float
    best: tuple[float, SiteSet, Districting] | None = None
    runs: int = 0

    def heat(self, sets: list[SiteSet], count: int, share: float) -> None:
        """District the sets that are cheapest so far.

        Parameters
        ----------
        sets
            Sets of sites, cheapest flow first.
        count
            How many.
        share
            Share of the time left for all of them.
        """
        end = self.clock() + share * (self.until - self.clock())
        ranked = sorted(sets, key=lambda one: (self._rank(one), one.value))
        for number, one in enumerate(ranked[:count]):
            left = end - self.clock()
            if left <= 0:
                return
            if self.best is not None and one.value >= self.best[0]:
                continue
            self._district(one, left / (min(count, len(ranked)) - number))

    def _rank(self, one: SiteSet) -> float:
        """Return what the districts of a set cost, or seem to: its flow and the least that districts add.

        Seats of the cheapest sets are scarce, so that their districts fit only after some time: a pupil above
        the seats counts twice what a pupil costs, and is no reason to give such a set up.
        """
        known = self._known.get(one.opened.tobytes())
        return one.value + self._added if known is None else known

    def __post_init__(self) -> None:
        """Start with nothing known."""
        self._known: dict[bytes, float] = {}
        self._added = np.inf

    def _district(self, one: SiteSet, seconds: float) -> None:
        found = solve_districting(
            self.problem.districts_of(one.opened),
            seconds=seconds,
            cores=self.cores,
            seed=self.seed + self.runs,
            clock=self.clock,
        )
        self.runs += 1
        key, rank = one.opened.tobytes(), np.inf
        if len(found.assignment):
            cost, over = found.cost + float(self.problem.fixed[one.opened].sum()), float(found.overload.sum())
            rank = cost + _OVER * over * one.value / max(float(self.problem.pupils.sum()), 1.0)
            if over <= _PUPIL and (self.best is None or cost < self.best[0]):
                self.best = cost, one, found
        self._known[key] = min(rank, self._known.get(key, np.inf))
        self._added = min(self._added, rank - one.value)

    def answer(self, bound: float) -> Location:
        """Return the best districts found.

        Parameters
        ----------
        bound
            Lower bound of the cost.
        """
        if self.best is None:
            return _nothing(self.problem)
        cost, one, found = self.best
        sites = np.flatnonzero(one.opened)[found.assignment]
        units = np.arange(len(self.problem.pupils))
        return _location(self.problem, one.opened, (units, sites, self.problem.pupils), cost, bound)


def _split(problem: LocationProblem, found: SiteSet, bound: float) -> Location:
    used = np.flatnonzero(found.opened[problem.site])
    flows = found.placement.pupils
    arcs, pupils = used[flows > 0], flows[flows > 0]
    rows = (problem.unit[arcs], problem.site[arcs], pupils)
    return _location(problem, found.opened, rows, found.value, bound)


def _location(
    problem: LocationProblem,
    opened: BoolArray,
    rows: tuple[IntArray, IntArray, FloatArray],
    cost: float,
    bound: float,
) -> Location:
    """Return a plan after recomputing seats, pupils and cost."""
    unit, site, pupils = rows
    sites = len(problem.seats)
    filled = np.bincount(site, weights=pupils, minlength=sites)
    placed = np.bincount(unit, weights=pupils, minlength=len(problem.pupils))
    if (filled > np.where(opened, problem.seats, 0.0) + 1e-6 * (1 + problem.seats)).any():
        raise DefectError("a location plan fills more seats than there are")
    if np.abs(placed - problem.pupils).max(initial=0.0) > 1e-6 * (1 + problem.pupils.max(initial=0.0)):
        raise DefectError("a location plan loses pupils")
    if problem.count is not None and int(opened.sum()) != problem.count:
        raise DefectError("a location plan opens another number of sites than asked for")
    arcs = np.argsort(problem.unit * sites + problem.site, kind="stable")
    keys = (problem.unit * sites + problem.site)[arcs]
    at = np.minimum(np.searchsorted(keys, unit * sites + site), len(keys) - 1)
    if (keys[at] != unit * sites + site).any():
        raise DefectError("a location plan uses an arc that is none")
    audited = float((problem.cost[arcs[at]] * pupils).sum()) + float(problem.fixed[opened].sum())
    if abs(audited - cost) > 1e-6 * (1 + abs(cost)):
        raise DefectError("the cost of a location plan is not that of the search")
    bound = min(bound, audited)
    proven = audited - bound <= _GAP * max(1.0, abs(audited))
    outcome = Outcome.OPTIMAL if proven else Outcome.FEASIBLE
    return Location(outcome, opened, unit, site, pupils, audited, bound)


def _nothing(problem: LocationProblem) -> Location:
    none = np.zeros(0, dtype=np.int64)
    return Location(
        Outcome.NO_PLAN_FOUND,
        np.zeros(problem.sites, dtype=np.bool_),
        none,
        none,
        np.zeros(0),
        float("nan"),
        -np.inf,
    )
