"""Junior schools of the reference city at stated prices, against the first formulation of the problem."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from layoutplan import load_plan, make_study
from layoutplan.balance import evaluate
from layoutplan.hotspots import find_hotspots
from layoutplan.siting.candidates import Sizing
from layoutplan.siting.markets import SitingPlaces
from layoutplan.siting.model import siting_model
from layoutplan.siting.offers import offers
from layoutplan.siting.prices import Prices
from layoutplan.solve.expansion import ExpansionEffort, ExpansionLimits, solve_expansion

CITY = Path(__file__).parents[1] / "fixtures" / "reference-city"
PRICES = Prices(
    discount_rate=0.04,
    life_years=40.0,
    running_share=0.04,
    temporary_class=60_000.0,
    temporary_classes=2,
    bus=3_000.0,
    purchased_seat={},
    redraw=0.0,
    lead_new=2,
    lead_enlarge=1,
)
REACH_M, BUS_LIMIT_M, BUDGET_A_YEAR = 2_000.0, 3_000.0, 150e6
FIRST_RUN = 63.8e6  # discounted cost that the first formulation of this problem reached


@pytest.mark.slow
def test_junior_alone_without_redrawing_costs_no_more_than_the_first_formulation() -> None:
    plan = load_plan(CITY / "plan.toml")
    settings = plan.siting.model_copy(update={"bus_limit_m": {"junior": BUS_LIMIT_M}, "min_pupils": 0.0})
    study = make_study(plan)
    study = replace(
        study, reach_m={**study.reach_m, "junior": REACH_M}, plan=replace(study.plan, siting=settings)
    )
    balance = evaluate(study)
    years = tuple(year for year in study.years if year > study.base_year)
    sizing = Sizing(study.profile.at(study.target_year), ("junior",))
    new, grown = offers(study, balance, find_hotspots(study, balance), sizing)
    limits = ExpansionLimits(np.full(len(years), BUDGET_A_YEAR), np.full(len(years), np.inf))
    places = SitingPlaces(study, new, np.zeros(0, dtype=np.int64), PRICES, years)
    model = siting_model(places, grown, ("junior",), limits)
    found = solve_expansion(model.problem, ExpansionEffort(relative_gap=0.002))
    cost = next(step for step in found.steps if step.name == "cost")
    assert not found.late
    assert found.figures.unserved.sum() < 0.01
    assert cost.value <= 1.005 * FIRST_RUN
    assert cost.bound <= cost.value
    assert found.figures.cost <= 1.005 * cost.value
