"""A lower bound of location by Lagrangian relaxation of "every pupil is placed", and the sites it prefers.

With a worth for the pupils of each unit, one problem is left at each site: its seats take the pupils who gain
most there. The bound equals that of the linear relaxation with a share of each unit at a site at most the
share of the site that is open (Geoffrion 1974; Cornuéjols, Sridharan and Thizy 1991).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from layoutplan.arrays import BoolArray, FloatArray, IntArray
from layoutplan.solve.location.problem import LocationProblem

_PATIENCE: Final = 15  # rounds without a better bound after which steps are halved
_SHORTEST: Final = 1e-4
_MEMORY: Final = 0.3  # share of the latest direction in the mean over rounds


@dataclass(frozen=True)
class LocationBound:
    """A lower bound, and what it says of the sites.

    Attributes
    ----------
    value
        The bound.
    extra
        By how much it rises where a site must be open, shape (sites,).
    opened
        How often each site was open in the latest rounds, as a share, shape (sites,).
    sets
        Sets of sites open in some round, the latest first, shape (sets, sites).
    """

    value: float
    extra: FloatArray
    opened: FloatArray
    sets: BoolArray


def location_bound(problem: LocationProblem, *, least: float, rounds: int) -> LocationBound:
    """Return a lower bound of the cost of all pupils placed.

    Parameters
    ----------
    problem
        The problem.
    least
        Cost of a plan, or a guess of it: it sets the length of the steps.
    rounds
        Rounds of the subgradient method at most.

    Returns
    -------
    LocationBound
        Valid whatever ``least`` is.
    """
    units = len(problem.pupils)
    nearest = np.full(units, np.inf)
    np.minimum.at(nearest, problem.unit, problem.cost)
    worth = np.where(np.isfinite(nearest), nearest, 0.0)
    worth += problem.fixed.sum() / max(problem.seats.sum(), 1.0)
    best, found = -np.inf, worth
    opened, mean = np.zeros(problem.sites), np.zeros(units)
    length, idle = 1.0, 0
    sets: dict[bytes, BoolArray] = {}
    for _ in range(rounds):
        value, share, direction = _relaxed(problem, worth)
        opened += _MEMORY * (share - opened)
        chosen = share > 0
        sets.pop(chosen.tobytes(), None)
        sets[chosen.tobytes()] = chosen
        mean = direction if not mean.any() else mean + _MEMORY * (direction - mean)
        idle += 1
        if value > best:
            best, found, idle = value, worth, 0 if value > best + 1e-6 * abs(best) else idle
        if idle >= _PATIENCE:
            length, idle, worth, mean = length / 2, 0, found, direction
        size = float((mean**2).sum())
        if size == 0 or length < _SHORTEST:
            break
        step = length * max(least * 1.002 - value, 1e-3 * abs(least)) / size
        worth = np.maximum(worth + step * mean, 0.0)
    latest = list(sets.values())[::-1]
    return LocationBound(best, _extra(problem, found), opened, np.array(latest).reshape(-1, problem.sites))


def _extra(problem: LocationProblem, worth: FloatArray) -> FloatArray:
    """Return by how much the relaxation rises where a site must be open, at a worth."""
    reduced: FloatArray = problem.fixed - site_values(problem, worth)[0]
    if problem.count is not None:
        last = np.partition(reduced, problem.count - 1)[problem.count - 1]
        return np.asarray(np.maximum(reduced - last, 0.0), dtype=np.float64)
    share = _sites_open(problem, reduced)
    needed = (share > 0) & (reduced > 0) & (problem.seats > 0)
    price = float((reduced[needed] / problem.seats[needed]).max(initial=0.0))
    return np.where(share > 0, 0.0, np.maximum(reduced - price * problem.seats, 0.0))


def _relaxed(problem: LocationProblem, worth: FloatArray) -> tuple[float, FloatArray, FloatArray]:
    """Return the relaxation's value at a worth, the sites open, and the pupils not placed by unit."""
    value, taken, arcs = site_values(problem, worth)
    share = _sites_open(problem, problem.fixed - value)
    units = len(problem.pupils)
    placed = np.bincount(problem.unit[arcs], weights=taken * share[problem.site[arcs]], minlength=units)
    total = float((worth * problem.pupils).sum()) + float(((problem.fixed - value) * share).sum())
    return total, share, problem.pupils - placed


def site_values(problem: LocationProblem, worth: FloatArray) -> tuple[FloatArray, FloatArray, IntArray]:
    """Return what the seats of each site are worth, and who takes them.

    Parameters
    ----------
    problem
        The problem.
    worth
        Worth of a pupil placed, by unit.

    Returns
    -------
    FloatArray
        Value of each site, shape (sites,).
    FloatArray
        Pupils taken on each of the arcs that gain.
    IntArray
        Those arcs, by site, largest gain first.
    """
    gain = worth[problem.unit] - problem.cost
    arcs: IntArray = np.flatnonzero(gain > 0).astype(np.int64)
    arcs = arcs[np.lexsort((-gain[arcs], problem.site[arcs]))]
    site, pupils = problem.site[arcs], problem.pupils[problem.unit[arcs]]
    before = np.cumsum(pupils) - pupils
    first = np.flatnonzero(np.diff(site, prepend=-1))
    start = np.zeros(problem.sites)
    start[site[first]] = before[first]
    taken = np.clip(problem.seats[site] - (before - start[site]), 0.0, pupils)
    value = np.bincount(site, weights=taken * gain[arcs], minlength=problem.sites)
    return np.asarray(value, dtype=np.float64), taken, arcs


def _sites_open(problem: LocationProblem, reduced: FloatArray) -> FloatArray:
    """Return the share of each site that is open: as many as asked for, or seats for all pupils at least."""
    share = np.zeros(problem.sites)
    if problem.count is not None:
        share[np.argsort(reduced, kind="stable")[: problem.count]] = 1.0
        return share
    share[reduced < 0] = 1.0
    missing = float(problem.pupils.sum() - (problem.seats * share).sum())
    ratio = np.where(problem.seats > 0, reduced / np.maximum(problem.seats, 1e-9), np.inf)
    for site in np.argsort(ratio, kind="stable"):
        if missing <= 0:
            break
        if share[site] == 0 and problem.seats[site] > 0:
            share[site] = min(missing / problem.seats[site], 1.0)
            missing -= share[site] * problem.seats[site]
    return share
