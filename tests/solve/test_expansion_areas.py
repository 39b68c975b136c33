"""Areas of a market: a division of its regions, and inequalities that hold for every plan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from layoutplan.solve.expansion import ExpansionChoice, areas, audit_plan
from layoutplan.solve.expansion.areas import AREA, area_of_regions
from layoutplan.solve.expansion.inequalities import Capacities, inequalities
from layoutplan.solve.expansion.paths import states_of
from layoutplan.solve.expansion.pricing import PricedMarket
from tests.solve.expansions import equal_sites, free_limits
from tests.solve.test_expansion import left_side


@pytest.fixture(autouse=True)
def every_market_is_large(monkeypatch):
    """Divide small markets too."""
    monkeypatch.setattr(areas, "LARGE", 0)


def test_areas_divide_the_regions_of_a_large_market() -> None:
    market = equal_sites(20, origins=100).markets[0]
    area = area_of_regions(market)
    assert area.min() == 0
    assert (np.bincount(area) <= AREA).all()
    assert (np.bincount(area) > 0).all()
    assert len(np.unique(area)) >= 100 / AREA
    assert not area_of_regions(equal_sites(20, origins=2 * AREA).markets[0]).any()
    assert (area_of_regions(market) == area).all()


def test_regions_that_share_no_place_are_of_different_areas() -> None:
    """Two towns apart: no area holds regions of both."""
    market = equal_sites(20, origins=100).markets[0]
    east = market.origin >= 50
    apart = replace(
        market, destination=np.where(east, market.destination + 20, market.destination), seats=np.zeros(40)
    )
    area = area_of_regions(apart)
    assert not set(area[:50]) & set(area[50:])


def test_inequalities_of_areas_hold_for_every_plan() -> None:
    problem = replace(equal_sites(8, origins=80), limits=free_limits(3))
    capacities, rng = Capacities(problem), np.random.default_rng(3)
    cuts = []
    for number, market in enumerate(problem.markets):
        priced = PricedMarket(market, rng.choice([0.0, 3.0], len(market.origin)), 40.0)
        problem = replace(
            problem,
            markets=tuple(
                replace(one, cost=priced.cost) if at == number else one
                for at, one in enumerate(problem.markets)
            ),
        )
        assert len(priced.areas) > 2
        assert (np.sum([area.own for area in priced.areas], axis=0) == 1).all()
        for area in priced.areas:
            worth = np.where(area.own, rng.choice([0.0, 3.0, 11.0], len(market.pupils)), 0.0)
            cuts += inequalities(
                area.priced, number, worth, capacities=capacities, with_cost=True, least_loss=True
            )
    assert {cut.loss for cut in cuts} <= {3.0, 11.0}
    capacities = Capacities(problem)
    for _ in range(20):
        moves = (rng.random(len(problem.moves.year)) < 0.05).astype(float)
        site = problem.states.site[problem.moves.after]
        for one in np.unique(site[moves > 0]):
            moves[np.flatnonzero((site == one) & (moves > 0))[1:]] = 0.0
        choice = ExpansionChoice(states_of(problem, moves), np.zeros(0))
        figures = audit_plan(problem, moves, choice)
        for cut in cuts:
            assert left_side(capacities, cut, choice, figures) >= cut.constant - 1e-6


def test_a_small_market_is_not_divided(monkeypatch) -> None:
    monkeypatch.setattr(areas, "LARGE", 50_000)
    assert not area_of_regions(equal_sites(20, origins=100).markets[0]).any()
