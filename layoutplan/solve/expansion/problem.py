"""The capacity expansion problem: which states sites take in which years, and where pupils then sit.

Dynamic facility location with modular capacities (Jena, Cordeau and Gendron 2015,
https://doi.org/10.1287/ijoc.2014.0628). A site is in one of its states in every year and changes it by moves;
capital is paid for moves, running costs for states. Temporary units of capacity are bought for single years.
All costs are given as they count in the objective, so discounting is the caller's.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

import numpy as np

from layoutplan.arrays import BoolArray, FloatArray, IntArray
from layoutplan.errors import DefectError
from layoutplan.solve import checks

_ROUNDING: Final = 1e-6


@dataclass(frozen=True)
class Market:
    """Pupils and seats of one stage in one year.

    Attributes
    ----------
    year, stage
        Positions of the year and the stage.
    origin, destination
        Ends of each arc, positions in ``pupils`` and ``seats``, shape (arcs,).
    cost, walk
        Cost of a pupil on each arc, and what its walk counts in the last objective, shape (arcs,).
    pupils
        Pupils of each origin, shape (origins,).
    seats
        Seats of each destination without any state or temporary unit, shape (destinations,).
    region
        Region of each origin, shape (origins,): the finer, the stronger the inequalities and the larger the
        master program.
    """

    year: int
    stage: int
    origin: IntArray
    destination: IntArray
    cost: FloatArray
    walk: FloatArray
    pupils: FloatArray
    seats: FloatArray
    region: IntArray

    @cached_property
    def regions(self) -> int:
        """Number of regions."""
        return int(self.region.max(initial=-1)) + 1


@dataclass(frozen=True)
class States:
    """States of all sites; the first state of a site is the one it is in before the first year.

    Attributes
    ----------
    site
        Site of each state, ascending from 0 without gaps, shape (states,).
    place
        Destination of the state's seats, the same for all states of a site, shape (states,).
    seats
        Seats that the destination has in each stage, beside those of the market, shape (states, stages).
    cost
        Running cost in each year, shape (states, years).
    fee
        Pupils a year that the state must place to be worth having in the first objective, shape (states,).
    kept
        Share of the market's own seats that stay, shape (states, stages); ``None``: all of them.
    """

    site: IntArray
    place: IntArray
    seats: FloatArray
    cost: FloatArray
    fee: FloatArray
    kept: FloatArray | None = None

    @cached_property
    def keeps(self) -> FloatArray:
        """Share of the market's own seats that stay in each state, shape (states, stages)."""
        return np.ones_like(self.seats) if self.kept is None else self.kept

    def seats_in(self, market: Market, states: IntArray) -> FloatArray:
        """Return the seats that destinations have in some states, those of the market included.

        Parameters
        ----------
        market
            Its stage decides.
        states
            Positions of the states.
        """
        own = market.seats[self.place[states]] * self.keeps[states, market.stage]
        return np.asarray(own + self.seats[states, market.stage], dtype=np.float64)

    @cached_property
    def first(self) -> IntArray:
        """Position of the first state of each site, shape (sites,)."""
        return np.flatnonzero(np.diff(self.site, prepend=-1)).astype(np.int64)


@dataclass(frozen=True)
class StateMoves:
    """Possible changes of state, one for each year in which a change may take effect; shape (moves,) each.

    ``before`` and ``after`` are states of one site, ``year`` the year from which ``after`` is in force,
    ``cost`` what the move adds to the objective (negative where it saves), ``spent`` the money paid in year
    ``spent_in``, ``opens`` the number of schools that it opens.
    """

    before: IntArray
    after: IntArray
    year: IntArray
    cost: FloatArray
    spent: FloatArray
    spent_in: IntArray
    opens: FloatArray


@dataclass(frozen=True)
class StateNeeds:
    """States that may be in force only while one of other states is; shape (rows,) each.

    In every year ``state`` needs one of the states ``needed`` of all its rows: a school closes only once its
    successor is open.
    """

    state: IntArray
    needed: IntArray

    def met(self, held: FloatArray) -> BoolArray:
        """Return in which years each row's state has what it needs, or is not in force.

        Parameters
        ----------
        held
            1 where a state is in force, shape (states, years).

        Returns
        -------
        BoolArray
            Shape (rows, years).
        """
        has = np.zeros_like(held)
        np.add.at(has, self.state, held[self.needed])
        return np.asarray(held[self.state] <= has[self.state] + _ROUNDING, dtype=np.bool_)


@dataclass(frozen=True)
class UnitBars:
    """Rows of temporary units that have none while a state is in force; shape (bars,) each.

    Where seats are given up, no temporary unit stands for them.
    """

    state: IntArray
    row: IntArray


def _no_needs() -> StateNeeds:
    none = np.zeros(0, dtype=np.int64)
    return StateNeeds(none, none)


def _no_bars() -> UnitBars:
    none = np.zeros(0, dtype=np.int64)
    return UnitBars(none, none)


@dataclass(frozen=True)
class TemporaryUnits:
    """Units of capacity that are there for one year; shape (rows,) each.

    A row offers up to ``most`` units of ``seats`` seats at destination ``place`` of a market, for ``cost``
    each. Rows with one ``shared`` number take at most ``caps[shared]`` units together.
    """

    market: IntArray
    place: IntArray
    seats: FloatArray
    cost: FloatArray
    most: IntArray
    shared: IntArray
    caps: IntArray


@dataclass(frozen=True)
class ExpansionLimits:
    """Limits of the moves; infinite where there is none.

    Attributes
    ----------
    spent, opened
        Most money paid and schools opened by year, shape (years,).
    spent_in_all, opened_in_all
        Most money paid and schools opened over all years.
    """

    spent: FloatArray
    opened: FloatArray
    spent_in_all: float = np.inf
    opened_in_all: float = np.inf


@dataclass(frozen=True)
class Expansion:
    """A capacity expansion problem.

    Attributes
    ----------
    markets
        One for each stage and year.
    states, moves, units, limits
        What may be done.
    loss
        Cost of a pupil without a seat in each market, shape (markets,). Where ``serve_first`` holds, pupils
        without a seat are minimised before costs, and the loss has only to exceed the cost of every arc.
    serve_first
        Whether serving pupils is an objective of its own, before cost; else the loss alone weighs it.
    needs
        States that need others.
    bars
        Units that states do without.
    """

    markets: tuple[Market, ...]
    states: States
    moves: StateMoves
    units: TemporaryUnits
    limits: ExpansionLimits
    loss: FloatArray
    serve_first: bool = True
    needs: StateNeeds = field(default_factory=_no_needs)
    bars: UnitBars = field(default_factory=_no_bars)

    @property
    def years(self) -> int:
        """Number of years."""
        return int(self.states.cost.shape[1])

    @cached_property
    def years_of_units(self) -> IntArray:
        """Year of each row of units, shape (rows,)."""
        years = np.array([market.year for market in self.markets], dtype=np.int64)
        return years[self.units.market]

    def without_moves(self, forbidden: IntArray) -> Expansion:
        """Return the problem without the moves into some states.

        Parameters
        ----------
        forbidden
            Positions of the states.

        Returns
        -------
        Expansion
            The successor.
        """
        return self.keeping(~np.isin(self.moves.after, forbidden))

    def keeping(self, kept: np.ndarray) -> Expansion:
        """Return the problem with some of the moves alone.

        Parameters
        ----------
        kept
            Whether each move stays, or the positions of those that do.

        Returns
        -------
        Expansion
            The successor.
        """
        moves = self.moves
        return replace(
            self,
            moves=StateMoves(
                moves.before[kept],
                moves.after[kept],
                moves.year[kept],
                moves.cost[kept],
                moves.spent[kept],
                moves.spent_in[kept],
                moves.opens[kept],
            ),
        )


def check_expansion(problem: Expansion) -> None:
    """Check that the arrays of a problem fit each other.

    Parameters
    ----------
    problem
        The problem.

    Raises
    ------
    DefectError
        If an array has the wrong shape, a number is negative or not finite where it must not be, a position
        points outside, or a destination belongs to two sites.
    """
    states, moves, years = problem.states, problem.moves, problem.years
    count = len(states.site)
    sites = len(states.first)
    if count and (states.site[0] != 0 or not np.isin(np.diff(states.site), (0, 1)).all()):
        raise DefectError("sites are not numbered in order")
    if states.seats.shape[0] != count or states.cost.shape[0] != count:
        raise DefectError("states differ in number")
    checks.amounts("fees", states.fee, count=count)
    checks.amounts("seats of states", states.seats.ravel())
    if states.keeps.shape != states.seats.shape or not ((states.keeps >= 0) & (states.keeps <= 1)).all():
        raise DefectError("shares of seats that states keep do not fit, or are no shares")
    if (states.keeps[states.first] < 1).any():
        raise DefectError("a site starts in a state that gives up seats")
    checks.places("states that need others", problem.needs.state, below=max(count, 1))
    checks.places("states needed", problem.needs.needed, below=max(count, 1), count=len(problem.needs.state))
    if np.isin(states.first, problem.needs.state).any():
        raise DefectError("a site starts in a state that needs others")
    if not np.isfinite(states.cost).all() or not np.isfinite(moves.cost).all():
        raise DefectError("a cost of a state or a move is not finite")
    places = states.place[states.first]
    if len(np.unique(places)) < sites or (states.place != places[states.site]).any():
        raise DefectError("a destination belongs to two sites, or a site has two")
    checks.places("states before moves", moves.before, below=max(count, 1))
    checks.places("states after moves", moves.after, below=max(count, 1), count=len(moves.before))
    if (states.site[moves.before] != states.site[moves.after]).any():
        raise DefectError("a move leads to another site")
    checks.places("years of moves", moves.year, below=years, count=len(moves.before))
    checks.places("years of payment", moves.spent_in, below=years, count=len(moves.before))
    checks.amounts("payments", moves.spent, count=len(moves.before))
    checks.amounts("openings", moves.opens, count=len(moves.before))
    _check_units(problem)
    checks.places("states that bar units", problem.bars.state, below=max(count, 1))
    rows = max(len(problem.units.most), 1)
    checks.places("rows barred", problem.bars.row, below=rows, count=len(problem.bars.state))
    checks.amounts("losses", problem.loss, count=len(problem.markets))
    for market, loss in zip(problem.markets, problem.loss, strict=True):
        _check_market(market, float(loss), years=years, stages=states.seats.shape[1])


def _check_units(problem: Expansion) -> None:
    units = problem.units
    count = len(units.market)
    checks.places("markets of units", units.market, below=max(len(problem.markets), 1))
    checks.amounts("seats of units", units.seats, count=count)
    checks.amounts("costs of units", units.cost, count=count)
    checks.whole_amounts("numbers of units", units.most, count=count)
    checks.whole_amounts("caps of units", units.caps)
    checks.places("shared caps", units.shared, below=max(len(units.caps), 1), count=count)
    checks.places("destinations of units", units.place, below=2**31, count=count)
    for market, place in zip(units.market, units.place, strict=True):
        if place >= len(problem.markets[market].seats):
            raise DefectError("units stand at a destination that is none")


def _check_market(market: Market, loss: float, *, years: int, stages: int) -> None:
    if not (0 <= market.year < years and 0 <= market.stage < stages):
        raise DefectError("a market lies outside the years or stages")
    pupils, seats = checks.amounts("pupils", market.pupils), checks.amounts("seats", market.seats)
    tail = checks.places("origins", market.origin, below=len(pupils))
    checks.places("destinations", market.destination, below=len(seats), count=len(tail))
    costs = checks.amounts("costs of arcs", market.cost, count=len(tail))
    checks.amounts("walks of arcs", market.walk, count=len(tail))
    checks.places("regions", market.region, below=max(len(pupils), 1), count=len(pupils))
    if costs.max(initial=0.0) > loss:
        raise DefectError("an arc costs more than a pupil without a seat")
