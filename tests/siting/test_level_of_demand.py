"""Demand at a quantile of its draws, by catchment, else by district or the city."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from layoutplan.outlook import estimate_outlook
from layoutplan.plan import DemandSettings, UncertaintySettings
from layoutplan.siting import demand_at, usable_level
from tests.small_city import small_city, small_profile, small_rule
from tests.studies import study_of

PROFILE = small_profile(
    extra=(small_rule("demand.spread_district", "", 0.03), small_rule("demand.spread_zone", "", 0.08))
)


def drawn(**uncertainty):
    """Return a study and its outlook."""
    study = study_of(
        small_city(),
        profile=PROFILE,
        demand_settings=DemandSettings(migration_rate=0.01),
        uncertainty=UncertaintySettings(**uncertainty),
        seed=1,
    )
    return study, estimate_outlook(study)


@pytest.fixture(scope="module")
def case():
    """Return a study and its outlook with draws."""
    return drawn(draws=400)


@pytest.mark.parametrize("level", ["p10", "p50", "p90"])
def test_the_units_of_a_catchment_add_up_to_its_quantile(case, level):
    study, outlook = case
    city = study.city
    pupils = demand_at(study, outlook, level=level).pupils["primary"]
    by_catchment = pupils.groupby(city.unit_catchments["primary"]).sum()
    bands = outlook.bands.pivot_table(index="catchment_id", columns="year", values=level)
    assert by_catchment.to_numpy() == pytest.approx(bands.loc[by_catchment.index].to_numpy())


def test_a_stage_without_catchments_goes_by_district(case):
    study, outlook = case
    city = study.city
    pupils = demand_at(study, outlook, level="p90").pupils["junior"]
    totals = outlook.totals.query("stage == 'junior' and level == 'district'")
    bands = totals.pivot_table(index="place_id", columns="year", values="p90")
    by_district = pupils.groupby(city.units["district_id"]).sum()
    assert by_district.to_numpy() == pytest.approx(bands.loc[by_district.index].to_numpy())


def test_levels_are_in_order_and_the_forecast_is_itself(case):
    study, outlook = case
    demand = study.demand
    low, high = (demand_at(study, outlook, level=level).pupils for level in ("p10", "p90"))
    for stage, pupils in demand.pupils.items():
        assert (low[stage] <= high[stage] + 1e-9).all(axis=None)
        assert np.allclose(low[stage].iloc[:, 0], pupils.iloc[:, 0])  # the base year is known
    assert demand_at(study, outlook, level="expected") is demand


def test_without_draws_the_forecast_is_what_there_is(case):
    _, outlook = case
    _, quiet = drawn(enabled=False)
    assert usable_level(quiet, "p90") == "expected"
    assert usable_level(outlook, "p90") == "p90"


def test_nothing_given_is_changed(case):
    study, outlook = case
    before = {stage: frame.copy() for stage, frame in study.demand.pupils.items()}
    demand_at(study, outlook, level="p90")
    for stage, frame in before.items():
        pd.testing.assert_frame_equal(frame, study.demand.pupils[stage])
