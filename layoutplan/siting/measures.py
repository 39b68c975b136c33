"""Measures of a plan (措施): what is done at each place, with seats, pupils and money by year."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from layoutplan.arrays import BoolArray, FloatArray, IntArray
from layoutplan.errors import DefectError
from layoutplan.siting.candidates import Candidate, Option
from layoutplan.siting.model import SitingModel
from layoutplan.solve.expansion import ExpansionPlan

MeasureKind = Literal[
    "redraw",
    "bus",
    "purchase",
    "temporary",
    "convert",
    "enlarge",
    "build",
    "build_indicative",
    "shrink",
    "close",
]
SERVING: tuple[MeasureKind, ...] = (
    "redraw",
    "bus",
    "purchase",
    "temporary",
    "convert",
    "enlarge",
    "build",
    "build_indicative",
)
"""Kinds of measures that place pupils, in the order in which they are to be considered."""
KINDS: tuple[MeasureKind, ...] = (*SERVING, "shrink", "close")
"""All kinds: those that give up seats come last."""
NEW: tuple[MeasureKind, ...] = ("build", "build_indicative")
"""Kinds that build a new school."""


@dataclass(frozen=True)
class Measure:
    """One measure over the years of the plan; arrays have shape (stages, years) or (years,).

    Attributes
    ----------
    id
        Kind and place: the same in every scenario that takes it.
    kind
        What is done.
    place
        Position of its place; −1 for measures of the whole city.
    seats, pupils
        Seats offered, and pupils placed in them (or moved, or taken by bus), by stage and year.
    capital, running
        Money paid by year, not discounted.
    discounted
        What it adds to the discounted cost, less what its buildings are still worth.
    classes
        Temporary classes by year, or classes built.
    candidate, option
        What is built, and its last size; ``None`` otherwise.
    stage
        Stage of a measure that is one stage's by its kind (redrawing, buses, purchased seats, temporary
        classes); else ``None``.
    given_up
        Seats of today that are given up, by stage and year; ``None`` for none.
    """

    id: str
    kind: MeasureKind
    place: int
    seats: FloatArray
    pupils: FloatArray
    capital: FloatArray
    running: FloatArray
    discounted: float
    classes: FloatArray
    candidate: Candidate | None = None
    option: Option | None = None
    stage: str | None = None
    given_up: FloatArray | None = None

    @property
    def lost(self) -> FloatArray:
        """Seats of today that are given up, by stage and year."""
        return np.zeros_like(self.seats) if self.given_up is None else self.given_up

    @property
    def net(self) -> FloatArray:
        """Seats offered less seats given up, by stage and year."""
        return self.seats - self.lost

    @property
    def in_force(self) -> BoolArray:
        """Whether it is in force in each year, shape (years,)."""
        acts = (self.seats + self.lost).sum(axis=0) + self.pupils.sum(axis=0)
        return np.asarray(acts > 0)

    @property
    def first_year(self) -> int:
        """Position of the first year in force."""
        return int(np.argmax(self.in_force))

    @property
    def lasts(self) -> bool:
        """Whether it is built and stays."""
        return self.kind in ("convert", "enlarge", *NEW)

    @property
    def gives_up(self) -> bool:
        """Whether it gives up seats and adds none."""
        return self.kind in ("shrink", "close")


@dataclass(frozen=True)
class FilledSeats:
    """How the pupils placed at each place use its seats, by market: today's seats first, then built ones.

    ``existing``, ``built`` and ``temporary`` are shares of the pupils placed there, shape (markets, places).
    """

    existing: FloatArray
    built: FloatArray
    temporary: FloatArray


@dataclass(frozen=True)
class BuildingPlan:
    """The plan of a city: the model, the plan found, and its measures.

    Attributes
    ----------
    model
        The problem and what its parts stand for.
    found
        The plan found, with steps and figures.
    """

    model: SitingModel
    found: ExpansionPlan

    @cached_property
    def measures(self) -> tuple[Measure, ...]:
        """What is done, in the order of :data:`KINDS`."""
        return tuple(_measures(self))

    @property
    def years(self) -> tuple[int, ...]:
        """Years of the plan."""
        return self.model.places.years

    @cached_property
    def filled(self) -> FilledSeats:
        """Use of the seats of each place."""
        problem, places = self.model.problem, self.model.places.count
        shape = (len(problem.markets), places)
        existing, built, temporary = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        for number, market in enumerate(problem.markets):
            pupils = self.found.figures.placements[number].filled
            old = np.minimum(pupils, self.today_seats(number))
            new = np.minimum(pupils - old, self.state_seats(market.stage, market.year))
            with np.errstate(invalid="ignore", divide="ignore"):
                existing[number] = np.where(pupils > 0, old / pupils, 0.0)
                built[number] = np.where(pupils > 0, new / pupils, 0.0)
                temporary[number] = np.where(pupils > 0, (pupils - old - new) / pupils, 0.0)
        return FilledSeats(existing, built, temporary)

    def today_seats(self, market: int) -> FloatArray:
        """Return the seats of today at each place that the plan keeps.

        Parameters
        ----------
        market
            Position of the market.
        """
        of, states = self.model.problem.markets[market], self.model.problem.states
        given_up = np.zeros(self.model.places.count)
        share = (1.0 - states.keeps[:, of.stage]) * self.found.states[:, of.year]
        np.add.at(given_up, states.place, share)
        return np.asarray(of.seats * (1.0 - given_up), dtype=np.float64)

    def seats(self, market: int) -> FloatArray:
        """Return all seats of a market at each place: today's that are kept, built ones and temporary ones.

        Parameters
        ----------
        market
            Position of the market.
        """
        problem = self.model.problem
        of, rows = problem.markets[market], problem.units
        seats = self.today_seats(market) + self.state_seats(of.stage, of.year)
        own = rows.market == market
        np.add.at(seats, rows.place[own], rows.seats[own] * self.found.units[own])
        return seats

    def state_seats(self, stage: int, year: int) -> FloatArray:
        """Return the seats built at each place.

        Parameters
        ----------
        stage, year
            Positions of the stage and the year.
        """
        states, seats = self.model.problem.states, np.zeros(self.model.places.count)
        np.add.at(seats, states.place, states.seats[:, stage] * self.found.states[:, year])
        return seats


def _measures(plan: BuildingPlan) -> Iterator[Measure]:
    yield from _of_pupils(plan)
    yield from _temporary(plan)
    yield from _built(plan)


def _shape(plan: BuildingPlan) -> tuple[int, int]:
    return len(plan.model.stages), len(plan.years)


def _of_pupils(plan: BuildingPlan) -> Iterator[Measure]:
    """Yield redrawing and buses by stage, and purchased seats by school."""
    model, prices = plan.model, plan.model.places.prices
    discounts = np.array([prices.discount(year) for year in range(len(plan.years))])
    for number, stage in enumerate(model.stages):
        moved, bused = np.zeros(_shape(plan)), np.zeros(_shape(plan))
        weight = np.zeros(len(plan.years))
        bought = np.zeros((model.places.count, len(plan.years)))
        for year in range(len(plan.years)):
            market = model.market_number(number, year)
            pupils, ways = plan.found.figures.placements[market].pupils, model.arcs(number, year)
            moved[number, year] = float(pupils[ways.outside].sum())
            weight[year] = float((pupils * model.places.outside_price(stage, ways, year)).sum())
            bused[number, year] = float(pupils[ways.bus].sum())
            np.add.at(bought[:, year], ways.place[ways.sold], pupils[ways.sold])
        none = np.zeros(len(plan.years))
        for kind, pupils_, price in (("redraw", moved, 0.0), ("bus", bused, prices.bus or 0.0)):
            if pupils_.sum() > _FEW:
                running = pupils_.sum(axis=0) * price
                yield Measure(
                    id=f"{kind}:{stage}",
                    kind="redraw" if kind == "redraw" else "bus",
                    place=-1,
                    seats=np.zeros(_shape(plan)),
                    pupils=pupils_,
                    capital=none,
                    running=running,
                    discounted=float(((weight if kind == "redraw" else running) * discounts).sum()),
                    classes=none,
                    stage=stage,
                )
        yield from _purchases(plan, number, bought, discounts)


def _purchases(
    plan: BuildingPlan, stage: int, bought: FloatArray, discounts: FloatArray
) -> Iterator[Measure]:
    model = plan.model
    schools = model.places.study.today.seats.schools.index
    first = model.places.schools + len(model.places.candidates)
    for place in np.flatnonzero(bought.sum(axis=1) > _FEW):
        pupils = np.zeros(_shape(plan))
        pupils[stage] = bought[place]
        running = bought[place] * model.places.prices.purchased_seat.get(model.stages[stage], 0.0)
        seller = int(model.places.sellers[place - first])
        yield Measure(
            id=f"purchase:{schools[seller]}:{model.stages[stage]}",
            kind="purchase",
            place=seller,
            seats=np.maximum(np.ceil(pupils - _FEW), 0.0),
            pupils=pupils,
            capital=np.zeros(len(plan.years)),
            running=running,
            discounted=float((running * discounts).sum()),
            classes=np.zeros(len(plan.years)),
            stage=model.stages[stage],
        )


def _temporary(plan: BuildingPlan) -> Iterator[Measure]:
    """Yield the temporary classes of each school and stage."""
    problem, model = plan.model.problem, plan.model
    rows, used = problem.units, plan.found.units
    prices = model.places.prices
    schools = model.places.study.today.seats.schools.index
    stage_of = np.array([market.stage for market in problem.markets], dtype=np.int64)[rows.market]
    for place, stage in np.unique(np.stack([rows.place, stage_of], axis=1)[used > 0], axis=0):
        seats, pupils = np.zeros(_shape(plan)), np.zeros(_shape(plan))
        classes = np.zeros(len(plan.years))
        discounted = 0.0
        for row in np.flatnonzero((rows.place == place) & (stage_of == stage) & (used > 0)):
            year = problem.markets[rows.market[row]].year
            seats[stage, year] = used[row] * rows.seats[row]
            filled = plan.found.figures.placements[rows.market[row]].filled[place]
            pupils[stage, year] = filled * plan.filled.temporary[rows.market[row], place]
            classes[year] = used[row]
            discounted += used[row] * rows.cost[row]
        yield Measure(
            id=f"temporary:{schools[place]}:{model.stages[stage]}",
            kind="temporary",
            place=int(place),
            seats=seats,
            pupils=pupils,
            capital=np.zeros(len(plan.years)),
            running=classes * (prices.temporary_class or 0.0),
            discounted=float(discounted),
            classes=classes,
            stage=model.stages[stage],
        )


def _built(plan: BuildingPlan) -> Iterator[Measure]:
    """Yield the sites that change state."""
    model, states, moves = plan.model, plan.model.problem.states, plan.model.problem.moves
    made = np.flatnonzero(plan.found.moves > _HALF)
    for site in np.unique(states.site[moves.after[made]]):
        own = made[states.site[moves.after[made]] == site]
        held = plan.found.states * (states.site == site)[:, None]
        place = int(states.place[states.first[site]])
        seats = states.seats.T @ held
        pupils = np.zeros(_shape(plan))
        for stage, year in np.argwhere(seats > 0):
            market = model.market_number(int(stage), int(year))
            filled = plan.found.figures.placements[market].filled[place]
            pupils[stage, year] = filled * plan.filled.built[market, place]
        lost = np.zeros(_shape(plan))
        for number, of in enumerate(model.problem.markets):
            lost[of.stage, of.year] = float(of.seats[place] - plan.today_seats(number)[place])
        candidate = model.sites[site]
        option = model.options[int(moves.after[own[np.argmax(moves.year[own])]])]
        running = held.T @ np.array([_running(model, one) for one in model.options])
        yield Measure(
            id=_id(candidate, option),
            kind=_kind(candidate, option),
            place=place,
            seats=seats,
            pupils=pupils,
            capital=_paid(plan, own),
            running=running,
            discounted=float(moves.cost[own].sum() + (states.cost * held).sum()) if model.by_cost else 0.0,
            classes=held.T @ np.array([0.0 if one is None else one.classes for one in model.options]),
            candidate=candidate,
            option=option,
            given_up=lost,
        )


def _paid(plan: BuildingPlan, made: IntArray) -> FloatArray:
    """Return the money paid for moves by year; none where the profile prices no seats."""
    paid, moves = np.zeros(len(plan.years)), plan.model.problem.moves
    if plan.model.by_cost:
        np.add.at(paid, moves.spent_in[made], moves.spent[made])
    return paid


def _running(model: SitingModel, option: Option | None) -> float:
    if option is None or not model.by_cost:
        return 0.0
    return option.replacement_value * model.places.prices.running_share


def _kind(candidate: Candidate, option: Option | None) -> MeasureKind:
    if option is None:
        raise DefectError("a site moves to its state of today")
    if option.kind == "build":
        return "build_indicative" if candidate.origin == "generated" else "build"
    return option.kind


def _id(candidate: Candidate, option: Option | None) -> str:
    place = candidate.site_id if candidate.is_new else candidate.school_id
    return f"{_kind(candidate, option)}:{place}"


_FEW = 1e-6
_HALF = 0.5
