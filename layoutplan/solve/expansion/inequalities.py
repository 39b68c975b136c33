"""Inequalities on cost and unserved pupils by region, from the duals of a minimum-cost flow.

For any worth π of the origins, relaxing "every pupil is placed once" leaves one problem at each destination:
its seats take the pupils who gain most there. So for every choice of states and units

    Σ (cost + loss · unserved) ≥ Σ pupils · π − Σ over destinations of the value of their seats,

where the value of a site's seats is a sum over its states and therefore linear in the choice. This is the
strong form: it counts no more pupils at a place than gain there (Lagrangian bound of Geoffrion 1974; Benders
cuts for facility location in Fischetti, Ljubić and Sinnl 2017, https://doi.org/10.1287/mnsc.2016.2461).
Inequalities are given for groups of regions that share no priced destination.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.solve.expansion.pricing import PricedMarket, SeatSupply, SeatValues
from layoutplan.solve.expansion.problem import Expansion

_SMALL: Final = 1e-9


@dataclass(frozen=True)
class ExpansionChoice:
    """What is chosen, fractions allowed: share of each state by year, and units of each row.

    ``states`` has shape (states, years), ``units`` shape (rows of units,).
    """

    states: FloatArray
    units: FloatArray

    def between(self, other: ExpansionChoice) -> ExpansionChoice:
        """Return the point halfway to another choice.

        Parameters
        ----------
        other
            The other choice.
        """
        return ExpansionChoice((self.states + other.states) / 2, (self.units + other.units) / 2)


@dataclass(frozen=True)
class FlowInequality:
    """``Σ cost·with_cost + loss·Σ unserved + Σ value·state + Σ value·unit ≥ constant`` over some regions.

    Attributes
    ----------
    market, year, regions
        The market, its year, and its regions.
    with_cost
        Whether the costs of the regions take part; they need not where arcs were taken to cost nothing.
    loss
        Coefficient of the unserved pupils.
    states, state_values
        States in force in the market's year, and their coefficients.
    units, unit_values
        Columns of units (row and number in it, numbered as in :class:`Capacities`), and their coefficients.
    constant
        Right side.
    """

    market: int
    year: int
    regions: IntArray
    with_cost: bool
    loss: float
    states: IntArray
    state_values: FloatArray
    units: IntArray
    unit_values: FloatArray
    constant: float


@dataclass(frozen=True)
class Capacities:
    """Where the seats of a choice stand."""

    problem: Expansion

    @cached_property
    def unit_row(self) -> IntArray:
        """Row of each column of units; a row has as many columns as units at most."""
        most = self.problem.units.most
        return np.repeat(np.arange(len(most)), most).astype(np.int64)

    @cached_property
    def unit_number(self) -> IntArray:
        """Number of each column within its row, from 0."""
        most = self.problem.units.most
        starts = np.cumsum(most) - most
        return (np.arange(len(self.unit_row)) - starts[self.unit_row]).astype(np.int64)

    @cached_property
    def _states_of_stage(self) -> dict[int, IntArray]:
        """For each stage the states of the sites that add or give up seats of it in some state."""
        states = self.problem.states
        found = {}
        for stage in range(states.seats.shape[1]):
            teaching = np.zeros(len(states.first), dtype=bool)
            changing = (states.seats[:, stage] > 0) | (states.keeps[:, stage] < 1)
            teaching[states.site[changing]] = True
            found[stage] = np.flatnonzero(teaching[states.site]).astype(np.int64)
        return found

    def states_in(self, market: int) -> IntArray:
        """Return the states that matter to a market, all of a site or none.

        Parameters
        ----------
        market
            Position of the market.
        """
        return self._states_of_stage[self.problem.markets[market].stage]

    @cached_property
    def _units_of_market(self) -> list[IntArray]:
        rows = self.problem.units.market
        columns = rows[self.unit_row]
        return [np.flatnonzero(columns == market) for market in range(len(self.problem.markets))]

    def units_in(self, market: int) -> IntArray:
        """Return the columns of units of a market.

        Parameters
        ----------
        market
            Position of the market.
        """
        return self._units_of_market[market]

    def seats(self, market: int, choice: ExpansionChoice) -> FloatArray:
        """Return the seats of a market under a choice.

        Parameters
        ----------
        market
            Position of the market.
        choice
            States and units.

        Returns
        -------
        FloatArray
            Shape (destinations,).
        """
        of, states, units = self.problem.markets[market], self.problem.states, self.problem.units
        seats = of.seats.copy()
        held = self.states_in(market)
        more = states.seats_in(of, held) - of.seats[states.place[held]]
        np.add.at(seats, states.place[held], more * choice.states[held, of.year])
        rows = np.flatnonzero(units.market == market)
        np.add.at(seats, units.place[rows], units.seats[rows] * choice.units[rows])
        return seats

    def supply(self, market: int, choice: ExpansionChoice) -> SeatSupply:
        """Return the seats of a market under a choice, with an entry for each state chosen.

        Parameters
        ----------
        market
            Position of the market.
        choice
            States and units, fractions allowed.
        """
        of, states, units = self.problem.markets[market], self.problem.states, self.problem.units
        held = self.states_in(market)
        held = held[choice.states[held, of.year] > _SMALL]
        share = np.minimum(choice.states[held, of.year], 1.0)
        place = states.place[held]
        in_states = share * states.seats_in(of, held)
        others = of.seats.copy()
        others[place] = 0.0
        rows = np.flatnonzero(units.market == market)
        np.add.at(others, units.place[rows], units.seats[rows] * choice.units[rows])
        rest = np.flatnonzero(others > _SMALL)
        return SeatSupply(
            place=np.concatenate([place, rest]),
            seats=np.concatenate([in_states, others[rest]]),
            share=np.concatenate([share, np.ones(len(rest))]),
        )

    def least(self, market: int) -> FloatArray:
        """Return the seats that each destination has under any choice, shape (destinations,).

        Parameters
        ----------
        market
            Position of the market.
        """
        of, states = self.problem.markets[market], self.problem.states
        held = self.states_in(market)
        smallest = np.full(len(of.seats), np.inf)
        np.minimum.at(smallest, states.place[held], states.seats_in(of, held))
        return np.where(np.isfinite(smallest), smallest, of.seats)


def inequalities(
    priced: PricedMarket,
    market: int,
    worth: FloatArray,
    *,
    capacities: Capacities,
    with_cost: bool,
    least_loss: bool = False,
) -> list[FlowInequality]:
    """Return the inequalities that a worth of the origins gives, one for each group of regions.

    Parameters
    ----------
    priced
        The market with its costs in the objective.
    market
        Its position.
    worth
        Worth of every origin, at most the loss, shape (origins,).
    capacities
        Where seats may stand.
    with_cost
        Whether the costs of the regions take part.
    least_loss
        Whether the coefficient of the unserved pupils is the largest worth of the origins concerned, which
        suffices, instead of the loss: where a plan leaves more pupils than it must, the cost is then hardly
        taken for less than it is.

    Returns
    -------
    list of FlowInequality
        Valid for every choice; none where no origin has a worth.
    """
    values = priced.values(worth)
    of = priced.market
    named = np.flatnonzero(worth * of.pupils > _SMALL)
    if not len(named):
        return []
    label, of_destination = _groups(priced, worth, values)
    constants = np.bincount(label[of.region[named]], weights=(worth * of.pupils)[named])
    dearest = np.zeros(len(constants))
    np.maximum.at(dearest, label[of.region[named]], worth[named])
    seats = _seat_terms(priced, market, values, capacities)
    found = []
    for group in np.unique(label[of.region[named]]):
        here = of_destination == group
        constant = float(constants[group]) - float(seats.fixed[here].sum())
        if constant <= _SMALL:
            continue
        states = np.flatnonzero(here[seats.state_place] & (seats.state_values > _SMALL))
        units = np.flatnonzero(here[seats.unit_place] & (seats.unit_values > _SMALL))
        found.append(
            FlowInequality(
                market=market,
                year=of.year,
                regions=np.flatnonzero(label == group).astype(np.int64),
                with_cost=with_cost,
                loss=float(dearest[group]) if least_loss else priced.loss,
                states=seats.states[states],
                state_values=np.minimum(seats.state_values[states], constant),
                units=seats.units[units],
                unit_values=np.minimum(seats.unit_values[units], constant),
                constant=constant,
            )
        )
    return found


def inequalities_by_area(
    priced: PricedMarket, market: int, worth: FloatArray, *, capacities: Capacities, with_cost: bool
) -> list[FlowInequality]:
    """Return the inequalities of a worth of the origins: of a market, and of each area of a large one.

    Parameters
    ----------
    priced, market, worth, capacities, with_cost
        As for :func:`inequalities`.
    """
    if not priced.areas:
        return inequalities(priced, market, worth, capacities=capacities, with_cost=with_cost)
    parts = [(priced, worth), *((area.priced, np.where(area.own, worth, 0.0)) for area in priced.areas)]
    dearest = float(priced.cost.max(initial=0.0))
    if with_cost:  # without a seat at no more than the dearest way: exact where pupils need not be left
        dear = [(part, own) for part, own in parts if own.max(initial=0.0) > dearest > 0]
        parts += [(part, np.minimum(own, dearest)) for part, own in dear]
    return [
        cut
        for part, own in parts
        for cut in inequalities(
            part, market, own, capacities=capacities, with_cost=with_cost, least_loss=True
        )
    ]


def _groups(priced: PricedMarket, worth: FloatArray, values: SeatValues) -> tuple[IntArray, IntArray]:
    """Return the group of each region and destination (−1 without a price): what priced arcs connect."""
    of = priced.market
    gaining = (worth[of.origin] - priced.cost > 0) & (of.pupils[of.origin] > 0)
    regions, places = of.regions, len(of.seats)
    tail, head = of.region[of.origin[gaining]], of.destination[gaining] + regions
    size = regions + places
    graph = coo_matrix((np.ones(len(tail)), (tail, head)), shape=(size, size))
    _, label = connected_components(graph, directed=False)
    label = label.astype(np.int64)
    of_destination = label[regions:].copy()
    of_destination[np.setdiff1d(np.arange(places), values.destination)] = -1
    return label[:regions].astype(np.int64), of_destination.astype(np.int64)


@dataclass(frozen=True)
class _SeatTerms:
    """Value of seats: of destinations without a site, of states, of units; places of the latter two."""

    fixed: FloatArray
    states: IntArray
    state_place: IntArray
    state_values: FloatArray
    units: IntArray
    unit_place: IntArray
    unit_values: FloatArray


def _seat_terms(priced: PricedMarket, market: int, values: SeatValues, capacities: Capacities) -> _SeatTerms:
    of, problem = priced.market, capacities.problem
    states, units = capacities.states_in(market), capacities.units_in(market)
    place = problem.states.place[states]
    every = np.arange(len(of.seats))
    held = values.at(place, problem.states.seats_in(of, states))
    least = np.full(len(of.seats), np.inf)
    np.minimum.at(least, place, held)
    fixed = np.where(np.isfinite(least), least, values.at(every, of.seats))
    row = capacities.unit_row[units]
    unit_place, size = problem.units.place[row], problem.units.seats[row]
    base = capacities.least(market)[unit_place] + capacities.unit_number[units] * size
    return _SeatTerms(
        fixed=fixed,
        states=states,
        state_place=place,
        state_values=held - least[place],
        units=units,
        unit_place=unit_place,
        unit_values=values.at(unit_place, base + size) - values.at(unit_place, base),
    )
