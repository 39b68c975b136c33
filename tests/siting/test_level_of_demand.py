"""Demand at a quantile of its draws, by catchment, else by district or the city."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from layoutplan.demand import estimate_demand
from layoutplan.layouts import seats_by_year
from layoutplan.outlook import Shocks
from layoutplan.outlook.estimate import estimate_outlook
from layoutplan.plan.settings import DemandSettings, SupplySettings, UncertaintySettings
from layoutplan.siting import demand_at, usable_level
from tests.small_city import small_city, small_profile

SHOCKS = Shocks(district=(0.03,) * 5, zone=(0.08,) * 5)


@pytest.fixture(scope="module")
def case():
    """Return city, demand and outlook with draws."""
    city, profile = small_city(), small_profile()
    demand = estimate_demand(city, profile, DemandSettings(migration_rate=0.01))
    seats = seats_by_year(city, profile, SupplySettings())
    settings = UncertaintySettings(draws=400)
    outlook = estimate_outlook(city, demand, seats, profile, settings, seed=1, lang="en", shocks=SHOCKS)
    return city, demand, outlook


@pytest.mark.parametrize("level", ["p10", "p50", "p90"])
def test_the_units_of_a_catchment_add_up_to_its_quantile(case, level):
    city, demand, outlook = case
    pupils = demand_at(demand, city, outlook, level=level).pupils["primary"]
    by_catchment = pupils.groupby(city.unit_catchments["primary"]).sum()
    bands = outlook.bands.pivot_table(index="catchment_id", columns="year", values=level)
    assert by_catchment.to_numpy() == pytest.approx(bands.loc[by_catchment.index].to_numpy())


def test_a_stage_without_catchments_goes_by_district(case):
    city, demand, outlook = case
    pupils = demand_at(demand, city, outlook, level="p90").pupils["junior"]
    totals = outlook.totals.query("stage == 'junior' and level == 'district'")
    bands = totals.pivot_table(index="place_id", columns="year", values="p90")
    by_district = pupils.groupby(city.units["district_id"]).sum()
    assert by_district.to_numpy() == pytest.approx(bands.loc[by_district.index].to_numpy())


def test_levels_are_in_order_and_the_forecast_is_itself(case):
    city, demand, outlook = case
    low, high = (demand_at(demand, city, outlook, level=level).pupils for level in ("p10", "p90"))
    for stage, pupils in demand.pupils.items():
        assert (low[stage] <= high[stage] + 1e-9).all(axis=None)
        assert np.allclose(low[stage].iloc[:, 0], pupils.iloc[:, 0])  # the base year is known
    assert demand_at(demand, city, outlook, level="expected") is demand


def test_without_draws_the_forecast_is_what_there_is(case):
    city, demand, outlook = case
    quiet = estimate_outlook(
        city,
        demand,
        seats_by_year(city, small_profile(), SupplySettings()),
        small_profile(),
        UncertaintySettings(enabled=False),
        seed=1,
        lang="en",
    )
    assert usable_level(quiet, "p90") == "expected"
    assert usable_level(outlook, "p90") == "p90"


def test_nothing_given_is_changed(case):
    city, demand, outlook = case
    before = {stage: frame.copy() for stage, frame in demand.pupils.items()}
    demand_at(demand, city, outlook, level="p90")
    for stage, frame in before.items():
        pd.testing.assert_frame_equal(frame, demand.pupils[stage])
