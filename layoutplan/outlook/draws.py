"""Monte Carlo draws of the demand (蒙特卡洛模拟): shocks to city, places and births; delayed estates.

For a place ``g`` (a catchment, or a remainder outside catchments), ``h`` years after the base year, a draw is

    D(g,h) = [settled + unborn · e^B(h) + estates, each with its own delay] · e^C(h) · e^Z(g,h) · W(h) / K(h)

with independent Gaussian random walks: ``C`` for the whole city and all stages, ``Z`` for each place, ``B``
for future births (with as many steps as the stage has cohorts born after the base year). ``K`` normalises the
place shocks so that they redistribute the city's forecast without changing its total: without it, many places
would average out, or a few of them add to the city's variance. ``W`` is the disagreement of the two estimates
of the demand, where there are two (residents by age, and enrolment): a draw leans on both with a random
weight, spread so that one draw in ten is at or below the lower estimate and one in ten at or above the
higher; the band from P10 to P90 therefore contains both. The standard deviations are those of
:class:`Shocks`; there is no uncertainty in the base year. Delays are whole years, drawn once per estate for
all stages.

Each place and each estate has its own random stream, derived from the seed and its name: its draws do not
change when other places are added, removed or reordered, or when a scenario changes the demand (common random
numbers, so that the difference between scenarios contains no sampling noise of its own).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy import sparse

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.standards.rules import Standards

_TAIL: Final = 0.1  # share of the draws on either side of the band from P10 to P90
_CHUNK_VALUES: Final = 4_000_000  # values per chunk: one array of 32 MB


@dataclass(frozen=True)
class Shocks:
    """Distribution of the forecast errors.

    Attributes
    ----------
    district, zone
        Standard deviations of the logarithm of the city's demand, and of a place's demand relative to the
        city's, 1, 2, … years ahead; the last value applies to all later years.
    births
        Standard deviation of the logarithm of future births, per √year.
    delays
        Shares of the estates occupied on time, one year late, two years late and so on; sum 1.
    """

    district: tuple[float, ...]
    zone: tuple[float, ...]
    births: float = 0.0
    delays: tuple[float, ...] = (1.0,)

    @classmethod
    def of(cls, standards: Standards, *, ahead: int) -> Shocks | None:
        """Return the shocks stated by a profile (rules ``demand.spread_*``).

        The standard deviation ``h`` years ahead is √h times that of one year.

        Parameters
        ----------
        standards
            Rules in force in the base year.
        ahead
            Number of years after the base year.

        Returns
        -------
        Shocks or None
            ``None`` where the profile lacks ``demand.spread_district`` or ``demand.spread_zone``.
        """
        if standards.find("demand.spread_district") is None or standards.find("demand.spread_zone") is None:
            return None
        roots = np.sqrt(np.arange(1, ahead + 1))
        delays = np.array(standards.numbers("demand.spread_delay") or (1.0,))
        return cls(
            district=tuple((standards.number("demand.spread_district") * roots).tolist()),
            zone=tuple((standards.number("demand.spread_zone") * roots).tolist()),
            births=(*standards.numbers("demand.spread_births"), 0.0)[0],
            delays=tuple((delays / delays.sum()).tolist()),
        )

    def with_deviations(self, *, district: Sequence[float], zone: Sequence[float]) -> Shocks:
        """Return the shocks with other standard deviations, such as those observed in past forecasts.

        Parameters
        ----------
        district, zone
            As the attributes.

        Returns
        -------
        Shocks
            ``births`` and ``delays`` unchanged.
        """
        return replace(self, district=tuple(district), zone=tuple(zone))


@dataclass(frozen=True)
class EstateShares:
    """Estates of one stage and their distribution over places.

    Attributes
    ----------
    names
        Unique name of each estate; determines its random stream.
    pupils
        ``pupils[d]``: pupils if the estates are occupied ``d`` years late, estates × years.
    members
        Share of each estate's pupils in each place, places × estates.
    """

    names: tuple[str, ...]
    pupils: tuple[FloatArray, ...]
    members: sparse.csr_array


@dataclass(frozen=True)
class DrawPlaces:
    """Expected demand of one stage by place.

    Attributes
    ----------
    stage
        Stage.
    names
        Unique name of each place; with the stage it determines the random stream.
    settled, unborn
        Places × years: pupils among residents born by the base year, and born after it.
    born_steps
        For each year the number of cohorts of the stage born after the base year.
    estates
        Pupils of new dwellings; ``None`` if there are none.
    roads
        Logarithm of the estimate from residents, and of that from enrolment, relative to the demand, shape
        (2, years); ``None`` where there is only one.
    """

    stage: str
    names: tuple[str, ...]
    settled: FloatArray
    unborn: FloatArray
    born_steps: IntArray
    estates: EstateShares | None = None
    roads: FloatArray | None = None

    @property
    def expected(self) -> FloatArray:
        """Forecast demand, places × years."""
        found = self.settled + self.unborn
        if self.estates is None:
            return found
        return np.asarray(found + self.estates.members @ self.estates.pupils[0])


def draw_demand(
    places: DrawPlaces, shocks: Shocks, *, seed: int, draws: int
) -> Iterator[tuple[slice, FloatArray]]:
    """Yield draws of the demand, in chunks of places.

    Memory use is a few arrays of 32 MB, independent of the number of places; computing time is proportional
    to places × years × draws.

    Parameters
    ----------
    places
        Expected demand of one stage by place.
    shocks
        Distribution of the forecast errors.
    seed
        Seed; equal seeds and names give equal draws.
    draws
        Number of draws.

    Yields
    ------
    rows, values
        The places of the chunk (a slice), and their demand, places × years × draws.
    """
    count, years = places.settled.shape
    expected = places.expected
    size = max(1, _CHUNK_VALUES // max(years * draws, 1))
    chunks = [slice(start, min(start + size, count)) for start in range(0, count, size)]
    weight = np.zeros((years, draws))
    for rows in chunks:  # drawn again below: cheaper than keeping all draws in memory
        weight += np.einsum("py,pyd->yd", expected[rows], _zone_factors(places, rows, shocks, seed, draws))
    total = expected.sum(axis=0)[:, None]
    shared = np.exp(_scaled(_walk(seed, ("city",), steps=years - 1, draws=draws), shocks.district))
    shared *= np.divide(total, weight, out=np.ones_like(weight), where=weight > 0)
    if places.roads is not None:
        lean = _leaning(seed, draws=draws)
        shared *= np.exp(np.outer(places.roads[0], 1.0 - lean) + np.outer(places.roads[1], lean))
    births = np.exp(_walk(seed, ("births",), steps=years, draws=draws) * shocks.births)[places.born_steps]
    late = None if places.estates is None else _lateness(places.estates, shocks, seed=seed, draws=draws)
    for rows in chunks:
        values = places.unborn[rows, :, None] * births
        values += places.settled[rows, :, None]
        if places.estates is not None and late is not None:
            _add_estates(values, places.estates, late, rows=rows)
        values *= _zone_factors(places, rows, shocks, seed, draws)
        values *= shared
        yield rows, values


def _leaning(seed: int, *, draws: int) -> FloatArray:
    """Return the weight of the second estimate in each draw: even, its P10 is 0 and its P90 is 1."""
    even = (stream(seed, "roads").permutation(draws) + 0.5) / draws
    return np.asarray((even - _TAIL) / (1.0 - 2 * _TAIL))


def _zone_factors(places: DrawPlaces, rows: slice, shocks: Shocks, seed: int, draws: int) -> FloatArray:
    """Return the shock factor of each place, places × years × draws; 1 in the base year."""
    years = places.settled.shape[1]
    walks = [
        _walk(seed, ("place", places.stage, name), steps=years - 1, draws=draws)
        for name in places.names[rows]
    ]
    return np.exp(_scaled(np.array(walks).reshape(len(walks), years, draws), shocks.zone))


def _scaled(walks: FloatArray, deviations: Sequence[float]) -> FloatArray:
    """Scale unit random walks (… × years × draws) to the given standard deviations 1, 2, … years ahead."""
    years = walks.shape[-2]
    ahead = np.arange(1, years)
    wanted = np.array(deviations)[np.minimum(ahead, len(deviations)) - 1] / np.sqrt(ahead)
    return np.asarray(walks * np.concatenate([[0.0], wanted])[:, None])


def _walk(seed: int, name: Sequence[str], *, steps: int, draws: int) -> FloatArray:
    """Return random walks with unit steps that start at 0: (steps + 1) × draws."""
    numbers = stream(seed, *name).standard_normal((steps, draws), dtype=np.float32)
    walk = np.zeros((steps + 1, draws))
    np.cumsum(numbers, axis=0, out=walk[1:])
    return walk


def _lateness(estates: EstateShares, shocks: Shocks, *, seed: int, draws: int) -> IntArray:
    """Return the delay of each estate in each draw, years: estates × draws."""
    steps = np.cumsum(shocks.delays)[:-1]
    numbers = [stream(seed, "estate", name).random(draws) for name in estates.names]
    return np.searchsorted(steps, np.array(numbers).reshape(len(numbers), draws), side="right")


def _add_estates(values: FloatArray, estates: EstateShares, late: IntArray, *, rows: slice) -> None:
    """Add the pupils of estates, with the drawn delays, to the places of a chunk."""
    members = estates.members[rows]
    present = np.unique(members.indices)
    if not len(present):
        return
    members = members[:, present]
    for delay, pupils in enumerate(estates.pupils):
        is_late = (late[present] == delay).astype(float)
        for year in range(values.shape[1]):
            values[:, year] += members @ (pupils[present, year, None] * is_late)


def stream(seed: int, *name: str) -> np.random.Generator:
    """Return the random generator for a seed and a name.

    Parameters
    ----------
    seed
        Seed of the plan.
    name
        Parts of the name.

    Returns
    -------
    numpy.random.Generator
        Independent of the generators of other names.

    Examples
    --------
    >>> stream(7, "place", "C1").random() == stream(7, "place", "C1").random()
    True
    >>> stream(7, "place", "C1").random() == stream(7, "place", "C2").random()
    False
    """
    digest = hashlib.sha256("\x1f".join(name).encode()).digest()
    words = tuple(int(word) for word in np.frombuffer(digest[:16], dtype="<u4"))
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence(entropy=seed, spawn_key=words)))
