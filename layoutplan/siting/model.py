"""The expansion problem of a city: its candidates as sites with states and moves; temporary classes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.siting.candidates import Candidate, Option
from layoutplan.siting.markets import SitingPlaces, Ways
from layoutplan.siting.prices import Prices
from layoutplan.solve.expansion import (
    Expansion,
    ExpansionLimits,
    Market,
    StateMoves,
    StateNeeds,
    States,
    TemporaryUnits,
    UnitBars,
)

_UNPRICED_SEAT: Final = 1.0  # where the profile prices no seats, fewest seats are built


@dataclass(frozen=True)
class SitingModel:
    """An expansion problem with what its parts stand for.

    Attributes
    ----------
    problem
        The problem in arrays.
    places, stages
        Places, and the stages in the order of the problem.
    sites
        Candidate of each site.
    options
        Option of each state; ``None`` for the state of today.
    ways
        Ways of each stage.
    by_cost
        Whether options have prices; else the fewest seats are sought.
    """

    problem: Expansion
    places: SitingPlaces
    stages: tuple[str, ...]
    sites: tuple[Candidate, ...]
    options: tuple[Option | None, ...]
    ways: tuple[Ways, ...]
    by_cost: bool

    def market_number(self, stage: int, year: int) -> int:
        """Return the position of a market.

        Parameters
        ----------
        stage, year
            Positions of the stage and the year.
        """
        return stage * len(self.places.years) + year

    def arcs(self, stage: int, year: int) -> Ways:
        """Return the ways that are the arcs of a market, in their order.

        Parameters
        ----------
        stage, year
            Positions of the stage and the year.
        """
        ways, market = self.ways[stage], self.problem.markets[self.market_number(stage, year)]
        return ways.used(market.pupils)


def siting_model(
    places: SitingPlaces, grown: Sequence[Candidate], stages: tuple[str, ...], limits: ExpansionLimits
) -> SitingModel:
    """Return the problem of a city.

    Parameters
    ----------
    places
        Schools, new locations and sellers.
    grown
        Schools of today that may change.
    stages
        Stages sited.
    limits
        Money and schools by year.
    """
    sites = tuple(one for one in (*places.candidates, *grown) if one.options)
    by_cost = all(option.cost is not None for one in sites for option in one.options)
    teaching = {
        stage: [any(option.seats.get(stage) for option in one.options) for one in places.candidates]
        for stage in stages
    }
    changing = {
        stage: [
            int(places.study.today.seats.schools.index.get_loc(one.school_id))
            for one in grown
            if any(option.seats.get(stage) for option in one.options)
        ]
        for stage in stages
    }
    ways = tuple(places.ways(stage, teaching[stage], changing[stage]) for stage in stages)
    markets = tuple(
        places.market(year, stage, ways[number], stage_number=number)
        for number, stage in enumerate(stages)
        for year in range(len(places.years))
    )
    states, options = _states(places, sites, stages, by_cost=by_cost)
    units = _temporary(places, stages)
    problem = Expansion(
        markets=markets,
        states=states,
        moves=_moves(places.prices, states, options, sites, years=places.years, by_cost=by_cost),
        units=units,
        limits=limits,
        loss=np.full(len(markets), _loss(markets_cost=[float(one.cost.max(initial=0.0)) for one in markets])),
        needs=_needs(states, options, sites),
        bars=_bars(states, markets, units),
    )
    return SitingModel(problem, places, stages, sites, options, ways, by_cost)


def _loss(*, markets_cost: Sequence[float]) -> float:
    return max([*markets_cost, 1.0]) + 1.0


def capital(option: Option, *, by_cost: bool) -> float:
    """Return the capital of an option; its seats where the profile prices none.

    Parameters
    ----------
    option
        The option.
    by_cost
        Whether options have prices.
    """
    return float(option.cost or 0.0) if by_cost else option.total_seats * _UNPRICED_SEAT


def _states(
    places: SitingPlaces, sites: Sequence[Candidate], stages: tuple[str, ...], *, by_cost: bool
) -> tuple[States, tuple[Option | None, ...]]:
    schools = places.study.today.seats.schools.index
    new = {one.school_id: places.schools + at for at, one in enumerate(places.candidates)}
    site: list[int] = []
    place: list[int] = []
    options: list[Option | None] = []
    for number, one in enumerate(sites):
        at = new[one.school_id] if one.is_new else int(schools.get_loc(one.school_id))
        for option in (None, *one.options):
            site.append(number)
            place.append(at)
            options.append(option)
    seats = np.array(
        [[0.0 if one is None else one.seats.get(stage, 0.0) for stage in stages] for one in options]
    ).reshape(len(options), len(stages))
    years = len(places.years)
    running = np.array(
        [
            0.0 if one is None or not by_cost else one.replacement_value * places.prices.running_share
            for one in options
        ]
    )
    kept = np.array(
        [[1.0 if one is None else one.kept.get(stage, 1.0) for stage in stages] for one in options]
    ).reshape(len(options), len(stages))
    discounts = np.array([places.prices.discount(year) for year in range(years)])
    least = places.study.plan.siting.min_pupils
    fee = np.array([0.0 if one is None or one.gives_up else least for one in options])
    states = States(
        site=np.array(site, dtype=np.int64),
        place=np.array(place, dtype=np.int64),
        seats=seats,
        cost=running[:, None] * discounts[None, :],
        fee=fee,
        kept=kept,
    )
    return states, tuple(options)


def _needs(states: States, options: Sequence[Option | None], sites: Sequence[Candidate]) -> StateNeeds:
    """Return what options with a successor need: one of its states with seats in the stages given up."""
    rows: list[tuple[int, int]] = []
    for state, option in enumerate(options):
        if option is None or option.successor is None:
            continue
        for site in _successors(sites, option.successor):
            for other in np.flatnonzero(states.site == site).tolist():
                one, new = options[other], sites[site].is_new
                stages = option.kept
                seats = (
                    not new and all(one is None or one.kept.get(stage, 1.0) > 0 for stage in stages)
                ) or (one is not None and all(one.seats.get(stage, 0.0) > 0 for stage in stages))
                if seats:
                    rows.append((state, other))
    found = np.array(rows, dtype=np.int64).reshape(len(rows), 2)
    return StateNeeds(found[:, 0], found[:, 1])


def _successors(sites: Sequence[Candidate], name: str) -> Iterator[int]:
    """Yield the positions of the candidates that are the school or site of a name."""
    for number, one in enumerate(sites):
        if name in (one.school_id, one.site_id):
            yield number


def _bars(states: States, markets: Sequence[Market], units: TemporaryUnits) -> UnitBars:
    """Return the temporary classes that a state does without: where pupils of seats given up could go."""
    bars: list[tuple[int, int]] = []
    stage = np.array([market.stage for market in markets], dtype=np.int64)[units.market]
    for state, of in np.argwhere(states.keeps < 1).tolist():
        for number in np.unique(units.market[stage == of]).tolist():
            beside = places_beside(markets[number], int(states.place[state]))
            rows = np.flatnonzero((units.market == number) & np.isin(units.place, beside))
            bars += [(state, row) for row in rows.tolist()]
    found = np.array(bars, dtype=np.int64).reshape(len(bars), 2)
    return UnitBars(found[:, 0], found[:, 1])


def places_beside(market: Market, place: int) -> IntArray:
    """Return the places that some pupils who could go to one place could go to, itself included.

    Parameters
    ----------
    market
        Stage and year.
    place
        The place.
    """
    origins = market.origin[market.destination == place]
    near = np.unique(market.destination[np.isin(market.origin, origins)])
    return np.union1d(near, [place]).astype(np.int64)


def _moves(
    prices: Prices,
    states: States,
    options: Sequence[Option | None],
    sites: Sequence[Candidate],
    *,
    years: tuple[int, ...],
    by_cost: bool,
) -> StateMoves:
    rows = [
        row
        for number, first in enumerate(states.first)
        for row in _site_moves(
            prices, int(first), options, sites[number], years=len(years), by_cost=by_cost, first_year=years[0]
        )
    ]
    if not rows:
        none = np.zeros(0, dtype=np.int64)
        return StateMoves(none, none, none, np.zeros(0), np.zeros(0), none, np.zeros(0))
    before, after, year, cost, spent, spent_in, opens = (
        np.array(column) for column in zip(*rows, strict=True)
    )
    return StateMoves(before, after, year, cost, spent, spent_in, opens.astype(np.float64))


def _site_moves(
    prices: Prices,
    first: int,
    options: Sequence[Option | None],
    site: Candidate,
    *,
    years: int,
    by_cost: bool,
    first_year: int,
) -> Iterator[tuple[int, int, int, float, float, int, int]]:
    """Yield the moves of a site: from today to any option, and from an option to one that goes on from it.

    A school of an estate opens by the year in which the first residents move in, or as soon as it can.
    """
    held = range(first + 1, first + 1 + len(site.options))
    for after in held:
        option = options[after]
        assert option is not None  # noqa: S101  only the first state has none
        for before in (first, *(one for one in held if _goes_on(option, options[one]))):
            now = options[before]
            opens = now is None and site.is_new and option.kind == "build"
            paid = capital(option, by_cost=by_cost) - (0.0 if now is None else capital(now, by_cost=by_cost))
            land = option.land_cost if now is None and by_cost else 0.0
            lead = prices.lead(option.kind if now is None or option.kind != "build" else "enlarge")
            earliest = earliest_year(site, option, lead=lead, first_year=first_year)
            latest = years - 1
            if now is None and site.with_estate is not None:
                latest = min(latest, max(site.with_estate - first_year, earliest))
            for year in range(earliest, latest + 1):
                worth = (
                    prices.net_capital(paid, land=land, paid_in=year - lead, opens_in=year, years=years)
                    if by_cost
                    else paid
                )
                yield before, after, year, worth, paid, year - lead, int(opens)


def earliest_year(site: Candidate, option: Option, *, lead: int, first_year: int) -> int:
    """Return the first year in which an option can be in force, counted from the first year of the plan.

    Parameters
    ----------
    site, option
        A site and what it may become.
    lead
        Years from payment to opening.
    first_year
        First year of the plan.
    """
    known = [year - first_year for year in (site.available_year, option.first_year) if year is not None]
    return max(lead, *known) if known else lead


def _goes_on(option: Option, now: Option | None) -> bool:
    """Return whether an option goes on from the one in force: larger or smaller still, of its kind."""
    if now is None or (now.kind, now.school_type) != (option.kind, option.school_type):
        return False
    if option.kind == "shrink":
        return all(option.kept.get(stage, 1.0) <= kept for stage, kept in now.kept.items()) and (
            option.kept != now.kept
        )
    return (
        option.kept == now.kept
        and now.total_seats < option.total_seats
        and all(option.seats.get(stage, 0.0) >= seats for stage, seats in now.seats.items())
    )


def _temporary(places: SitingPlaces, stages: tuple[str, ...]) -> TemporaryUnits:
    """Return the temporary classes of the public schools that are open, by stage and year."""
    prices, seats = places.prices, places.study.today.seats
    public = (seats.schools["ownership"] == "public").to_numpy()
    years = len(places.years)
    rows: list[tuple[int, int, float, float, int, int]] = []
    price = prices.temporary_class
    cap = prices.temporary_classes if price is not None else 0
    standards = places.study.profile.at(places.study.target_year)
    for number, stage in enumerate(stages):
        size = float(standards.class_size(stage))
        for position, year in enumerate(places.years):
            open_ = np.flatnonzero(public & (seats.counted(stage)[year].to_numpy(dtype=float) > 0))
            rows += [
                (
                    number * years + position,
                    int(place),
                    size,
                    float(price or 0.0) * prices.discount(position),
                    cap,
                    int(place) * years + position,
                )
                for place in open_
                if cap
            ]
    columns = [np.array(column) for column in zip(*rows, strict=True)] if rows else [np.zeros(0)] * 6
    market, place, size_, cost, most, shared = columns
    return TemporaryUnits(
        market=market.astype(np.int64),
        place=place.astype(np.int64),
        seats=size_.astype(np.float64),
        cost=cost.astype(np.float64),
        most=most.astype(np.int64),
        shared=shared.astype(np.int64),
        caps=np.full(places.schools * years, cap, dtype=np.int64),
    )


def by_year(amounts: FloatArray, years: tuple[int, ...]) -> dict[int, float]:
    """Return amounts by year, those above zero alone.

    Parameters
    ----------
    amounts
        Shape (years,).
    years
        The years.
    """
    return {year: float(amount) for year, amount in zip(years, amounts, strict=True) if amount > 0}
