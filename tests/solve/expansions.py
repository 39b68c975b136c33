"""Tiny capacity expansion problems, and their best plans by enumeration."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np

from layoutplan.errors import DefectError
from layoutplan.solve.expansion import (
    Expansion,
    ExpansionChoice,
    ExpansionLimits,
    Market,
    PlanFigures,
    StateMoves,
    StateNeeds,
    States,
    TemporaryUnits,
    UnitBars,
    audit_plan,
)
from layoutplan.solve.expansion.paths import states_of

SCHOOLS, SITES, LEVELS = 2, 2, 2


def tiny(seed: int, *, years: int = 3, stages: int = 1, units: bool = True) -> Expansion:
    """Return a random problem of two schools, two sites of two levels, and temporary units."""
    rng = np.random.default_rng(seed)
    places = SCHOOLS + SITES
    origins = 4
    tail, head = (ends.ravel() for ends in np.meshgrid(range(origins), range(places), indexing="ij"))
    near = rng.random(len(tail)) < 0.7
    tail, head = tail[near].astype(np.int64), head[near].astype(np.int64)
    markets = []
    for stage, year in product(range(stages), range(years)):
        fixed = np.zeros(places)
        fixed[:SCHOOLS] = np.random.default_rng(seed + 7 * stage).integers(0, 40, SCHOOLS)
        markets.append(
            Market(
                year=year,
                stage=stage,
                origin=tail,
                destination=head,
                cost=np.random.default_rng(seed + stage).choice([0.0, 0.0, 3.0], len(tail)),
                walk=np.random.default_rng(seed + 1).integers(100, 900, len(tail)).astype(float),
                pupils=rng.integers(0, 40, origins).astype(float),
                seats=fixed,
                region=np.array([0, 0, 1, 1]),
            )
        )
    return Expansion(
        markets=tuple(markets),
        states=_states(rng, years, stages),
        moves=_moves(rng, years),
        units=_units(rng, markets) if units else _no_units(),
        limits=ExpansionLimits(
            spent=np.where(rng.random(years) < 0.3, 150.0, np.inf),
            opened=np.full(years, rng.choice([1.0, np.inf])),
        ),
        loss=np.full(len(markets), 40.0),
    )


def closing(seed: int, *, years: int = 3, stages: int = 1) -> Expansion:
    """Return a tiny problem: a school with temporary units may shrink, or close once a site is open."""
    problem = tiny(seed, years=years, stages=stages)
    states, moves = problem.states, problem.moves
    rng, first = np.random.default_rng(seed + 99), len(states.site)
    saved = np.array([0.0, -float(rng.integers(5, 20)), -float(rng.integers(20, 60))])
    more = [(first, first + after, year, 0.0, 0.0, year, 0.0) for after in (1, 2) for year in range(years)]
    columns = [np.array(column) for column in zip(*more, strict=True)]
    names = ("before", "after", "year", "cost", "spent", "spent_in", "opens")
    return replace(
        problem,
        states=States(
            site=np.append(states.site, [SITES] * 3),
            place=np.append(states.place, [0] * 3),
            seats=np.vstack([states.seats, np.zeros((3, stages))]),
            cost=np.vstack([states.cost, np.repeat(saved[:, None], years, axis=1)]),
            fee=np.append(states.fee, np.zeros(3)),
            kept=np.vstack(
                [np.ones_like(states.seats), np.ones((1, stages)) * np.array([[1.0], [0.5], [0.0]])]
            ),
        ),
        moves=StateMoves(
            **{
                name: np.append(getattr(moves, name), added).astype(getattr(moves, name).dtype)
                for name, added in zip(names, columns, strict=True)
            }
        ),
        needs=StateNeeds(np.full(2, first + 2), np.array([1, 2])),
        bars=UnitBars(np.full(len(problem.units.most), first + 2), np.arange(len(problem.units.most))),
    )


def equal_sites(sites: int, *, origins: int = 24, years: int = 3) -> Expansion:
    """Return a problem of many equal sites without units, whose best plans are hard to tell apart."""
    rng = np.random.default_rng(0)
    tail, head = (ends.ravel() for ends in np.meshgrid(range(origins), range(sites), indexing="ij"))
    near = rng.random(len(tail)) < 0.3
    tail, head = tail[near].astype(np.int64), head[near].astype(np.int64)
    markets = tuple(
        Market(
            year=year,
            stage=0,
            origin=tail,
            destination=head,
            cost=np.zeros(len(tail)),
            walk=np.ones(len(tail)),
            pupils=rng.integers(5, 30, origins).astype(float),
            seats=np.zeros(sites),
            region=np.arange(origins),
        )
        for year in range(years)
    )
    levels = np.tile([0.0, 50.0, 90.0], sites)
    place = np.repeat(np.arange(sites), 3)
    rows = [
        (3 * site, 3 * site + level, year)
        for site in range(sites)
        for level in (1, 2)
        for year in range(years)
    ]
    before, after, year = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    spent = levels[after] + 20.0
    states = States(place, place, levels[:, None], np.zeros((len(levels), years)), 10.0 * (levels > 0))
    moves = StateMoves(before, after, year, spent, spent, year, np.ones(len(year)))
    return Expansion(markets, states, moves, _no_units(), free_limits(years), np.full(years, 40.0))


def free_limits(years: int) -> ExpansionLimits:
    """Return limits that limit nothing."""
    return ExpansionLimits(np.full(years, np.inf), np.full(years, np.inf))


def _states(rng: np.random.Generator, years: int, stages: int) -> States:
    seats = np.zeros((SITES * (LEVELS + 1), stages))
    for site in range(SITES):
        first = site * (LEVELS + 1)
        seats[first + 1] = rng.integers(10, 30, stages)
        seats[first + 2] = seats[first + 1] + rng.integers(10, 30, stages)
    level = np.tile(np.arange(LEVELS + 1), SITES)
    site = np.repeat(np.arange(SITES), LEVELS + 1)
    return States(
        site=site,
        place=SCHOOLS + site,
        seats=seats,
        cost=np.repeat((5.0 * level)[:, None], years, axis=1),
        fee=np.zeros(len(level)),
    )


def _moves(rng: np.random.Generator, years: int) -> StateMoves:
    rows = []
    for site in range(SITES):
        first = site * (LEVELS + 1)
        price = float(rng.integers(40, 90))
        for before, after in ((0, 1), (0, 2), (1, 2)):
            for year in range(1, years):
                spent = price * (after - before) + (10.0 if before == 0 else 0.0)
                rows.append(
                    (first + before, first + after, year, spent * 0.96**year, spent, year - 1, before == 0)
                )
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    return StateMoves(
        columns[0], columns[1], columns[2], columns[3], columns[4], columns[5], columns[6].astype(float)
    )


def _units(rng: np.random.Generator, markets: list[Market]) -> TemporaryUnits:
    count = len(markets)
    return TemporaryUnits(
        market=np.arange(count),
        place=np.zeros(count, dtype=np.int64),
        seats=np.full(count, 10.0),
        cost=np.full(count, float(rng.integers(5, 40))),
        most=np.full(count, 2),
        shared=np.array([market.year for market in markets]),
        caps=np.full(max(market.year for market in markets) + 1, 2),
    )


def _no_units() -> TemporaryUnits:
    none = np.zeros(0, dtype=np.int64)
    return TemporaryUnits(none, none, np.zeros(0), np.zeros(0), none, none, none)


def every_plan(problem: Expansion) -> Iterator[tuple[np.ndarray, ExpansionChoice, PlanFigures]]:
    """Yield every plan within the limits, with its figures."""
    moves = problem.moves
    paths = [_paths(problem, site) for site in range(len(problem.states.first))]
    units = [range(most + 1) for most in problem.units.most]
    for chosen in product(*paths):
        made = np.zeros(len(moves.year))
        made[[move for path in chosen for move in path]] = 1.0
        states = states_of(problem, made)
        for counts in product(*units):
            choice = ExpansionChoice(states, np.array(counts, dtype=float))
            try:
                yield made, choice, audit_plan(problem, made, choice)
            except DefectError:
                continue


def _paths(problem: Expansion, site: int) -> list[tuple[int, ...]]:
    moves = problem.moves
    here = np.flatnonzero(problem.states.site[moves.before] == site)
    first = problem.states.first[site]
    found: list[tuple[int, ...]] = [()]
    for move in here[moves.before[here] == first]:
        found.append((int(move),))
        found += [
            (int(move), int(then))
            for then in here
            if moves.before[then] == moves.after[move] and moves.year[then] > moves.year[move]
        ]
    return found


def best_plan(problem: Expansion) -> tuple[float, float]:
    """Return the fewest pupils without a seat, and the least cost of the plans with as few."""
    figures = [(float(one.unserved.sum()), one.cost) for _, _, one in every_plan(problem)]
    fewest = min(unserved for unserved, _ in figures)
    return fewest, min(cost for unserved, cost in figures if unserved <= fewest + 1e-6)


def scaled(problem: Expansion, factor: float) -> Expansion:
    """Return the problem with all costs multiplied."""
    return replace(
        problem,
        markets=tuple(replace(market, cost=market.cost * factor) for market in problem.markets),
        states=replace(problem.states, cost=problem.states.cost * factor),
        moves=replace(problem.moves, cost=problem.moves.cost * factor, spent=problem.moves.spent * factor),
        units=replace(problem.units, cost=problem.units.cost * factor),
        limits=replace(problem.limits, spent=problem.limits.spent * factor),
        loss=problem.loss * factor,
    )
