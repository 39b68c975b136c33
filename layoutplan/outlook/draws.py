"""Random draws of demand (蒙特卡洛模拟): shocks of the city, of each place and of births; late estates.

For a place ``g`` (a catchment, or what lies outside all), ``h`` years after the base year, one draw is

    D(g,h) = [settled + unborn · e^B(h) + estates, each late by its own delay] · e^C(h) · e^Z(g,h) / K(h)

with random walks, independent and normal: ``C`` of the whole city and all stages, ``Z`` of each place, ``B``
of the births to come (as many steps as there are cohorts born after the base year in the stage).
``K`` makes the places add up to the city's own draw: without it many places would average each other out, or
a few of them add to the city's spread. Standard deviations are those of :class:`Shocks`; in the base
year nothing is uncertain. Delays are whole years, one draw an estate, the same for all stages.

Every place, estate and year has a stream of numbers of its own, made from the seed and its name: a draw does
not change when other places come, go or change their order, nor when a scenario changes the demand (common
random numbers, so that scenarios differ by what they change).
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

_CHUNK_VALUES: Final = 4_000_000  # of one array of draws held at once: 32 MB


@dataclass(frozen=True)
class Shocks:
    """How far off forecasts are.

    Attributes
    ----------
    district, zone
        Log standard deviations of the city's demand, and of a place's beside the city's, 1, 2, … years ahead;
        the last holds on for later years.
    births
        Log standard deviation per √year of the births to come.
    delays
        Shares of estates lived in as stated, a year late, two years late and so on.
    """

    district: tuple[float, ...]
    zone: tuple[float, ...]
    births: float = 0.0
    delays: tuple[float, ...] = (1.0,)

    @classmethod
    def of(cls, standards: Standards, *, ahead: int) -> Shocks | None:
        """Return what a profile states (``demand.spread_*``), so many years ahead; ``None`` if nothing.

        The standard deviation of ``h`` years ahead is √h times that of one.
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

    def seen(self, *, district: Sequence[float], zone: Sequence[float]) -> Shocks:
        """Return the same with the standard deviations that past forecasts of this place had."""
        return replace(self, district=tuple(district), zone=tuple(zone))


@dataclass(frozen=True)
class EstateShares:
    """Estates of one stage: ``names``, ``pupils[d]`` if ``d`` years late (estates × years), and ``members``,
    the share of each estate's pupils in each place (places × estates)."""  # noqa: D205, D209

    names: tuple[str, ...]
    pupils: tuple[FloatArray, ...]
    members: sparse.csr_array


@dataclass(frozen=True)
class DrawPlaces:
    """Demand of one stage by place: what is drawn around.

    Attributes
    ----------
    stage, names
        ``names`` are what the draws of each place are made from; they must differ.
    settled, unborn
        Places × years: pupils of residents born by the base year, and after it.
    born_steps
        For each year how many cohorts of the stage are born after the base year.
    estates
        Pupils of new dwellings, ``None`` for none.
    """

    stage: str
    names: tuple[str, ...]
    settled: FloatArray
    unborn: FloatArray
    born_steps: IntArray
    estates: EstateShares | None = None

    @property
    def expected(self) -> FloatArray:
        """The demand forecast itself, places × years."""
        found = self.settled + self.unborn
        if self.estates is None:
            return found
        return np.asarray(found + self.estates.members @ self.estates.pupils[0])


def draw_demand(
    places: DrawPlaces, shocks: Shocks, *, seed: int, draws: int
) -> Iterator[tuple[slice, FloatArray]]:
    """Yield the draws of some places at a time: their rows, and demand by place × year × draw.

    Memory is that of a few chunks of 32 MB, whatever the number of places; time grows with places × years ×
    draws.
    """
    count, years = places.settled.shape
    expected = places.expected
    size = max(1, _CHUNK_VALUES // max(years * draws, 1))
    chunks = [slice(start, min(start + size, count)) for start in range(0, count, size)]
    weight = np.zeros((years, draws))
    for rows in chunks:  # the same numbers are made again below: cheaper than to keep them all
        weight += np.einsum("py,pyd->yd", expected[rows], _zone_factors(places, rows, shocks, seed, draws))
    total = expected.sum(axis=0)[:, None]
    shared = np.exp(_scaled(_walk(seed, ("city",), steps=years - 1, draws=draws), shocks.district))
    shared *= np.divide(total, weight, out=np.ones_like(weight), where=weight > 0)
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


def _zone_factors(places: DrawPlaces, rows: slice, shocks: Shocks, seed: int, draws: int) -> FloatArray:
    """Return each place's own factor, places × years × draws; 1 in the base year."""
    years = places.settled.shape[1]
    walks = [
        _walk(seed, ("place", places.stage, name), steps=years - 1, draws=draws)
        for name in places.names[rows]
    ]
    return np.exp(_scaled(np.array(walks).reshape(len(walks), years, draws), shocks.zone))


def _scaled(walks: FloatArray, deviations: Sequence[float]) -> FloatArray:
    """Return unit walks (… × years × draws) with these standard deviations 1, 2, … years ahead."""
    years = walks.shape[-2]
    ahead = np.arange(1, years)
    wanted = np.array(deviations)[np.minimum(ahead, len(deviations)) - 1] / np.sqrt(ahead)
    return np.asarray(walks * np.concatenate([[0.0], wanted])[:, None])


def _walk(seed: int, name: Sequence[str], *, steps: int, draws: int) -> FloatArray:
    """Return random walks of unit steps that begin at 0: (steps + 1) × draws."""
    numbers = stream(seed, *name).standard_normal((steps, draws), dtype=np.float32)
    walk = np.zeros((steps + 1, draws))
    np.cumsum(numbers, axis=0, out=walk[1:])
    return walk


def _lateness(estates: EstateShares, shocks: Shocks, *, seed: int, draws: int) -> IntArray:
    """Return how many years each estate is late in each draw: estates × draws."""
    steps = np.cumsum(shocks.delays)[:-1]
    numbers = [stream(seed, "estate", name).random(draws) for name in estates.names]
    return np.searchsorted(steps, np.array(numbers).reshape(len(numbers), draws), side="right")


def _add_estates(values: FloatArray, estates: EstateShares, late: IntArray, *, rows: slice) -> None:
    """Add the pupils of estates, late as drawn, to the places of a chunk."""
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
    """Return the stream of random numbers of a seed and a name.

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
