"""Where no plan within the limits gives everybody a seat: which area lacks what, and what must give way."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from layoutplan.siting.lacking import lacking_areas
from layoutplan.siting.propose import Comparisons, describe
from layoutplan.siting.relaxations import relaxations
from tests.every import every
from tests.siting.test_plan import AHEAD, PRICED, small_town
from tests.siting.town import random_town
from tests.small_city import DETOUR, small_profile, small_rule

FIELD = {"site_id": "L1", "name": "Field", "x": 800.0, "y": 500.0, "area_m2": 40_000.0}
BUSED = small_profile(extra=(small_rule("cost.bus", "", 3000.0),))


def compared(here, **settings):
    """Return a plan and its proposal, with what is lacking and what would have to give way."""
    plan, _ = here.planned(**settings)
    study = plan.model.places.study
    lacking = lacking_areas(plan, here.balance.catchments)
    relaxed, _ = relaxations(plan, lacking, here.balance, here.hotspots, time_limit_s=60.0)
    return plan, describe(study, plan, here.balance, Comparisons({}, lacking, relaxed))


def test_the_limit_that_binds_is_named_with_what_it_takes():
    def check(lever, needed, given):
        site, profile, settings = given
        here = small_town(sites=[site], profile=profile)
        _, proposal = compared(here, **settings)
        rows = proposal.tables["plan_relaxations"].set_index("lever")
        order = rows[["unserved", "cost"]].round(3).to_records(index=False).tolist()
        assert order == sorted(order)
        best = rows.loc[lever]
        assert best["unserved"] == pytest.approx(0.0, abs=1e-6)
        assert best["needed"] == pytest.approx(needed)
        assert f"{needed:,.0f}" in best["words"]
        assert best["words_translated"]
        codes = [note.code for note in proposal.notes]
        assert "siting_lacking" in codes
        assert "siting_relaxation" in codes
        assert "siting_left" not in codes
        assert proposal.lacks_seats

    every(
        [
            ("budget_a_year", 810 * 70_000.0, (FIELD, None, {"budget_a_year": 5e7, "budget": 5e7})),
            ("schools_a_year", 1.0, (FIELD, None, {"new_schools_a_year": 0})),
            ("reach", 2050.0 * DETOUR, ({**FIELD, "x": 2600.0}, BUSED, {})),
        ],
        check,
    )


def test_land_too_small_is_told_with_what_the_school_needs():
    here = small_town(sites=[{**FIELD, "area_m2": 5000.0, "school_types": ["primary"]}])
    plan, proposal = compared(here)
    assert plan.measures == ()
    best = proposal.tables["plan_relaxations"].iloc[0]
    assert best["lever"] == "land"
    assert 5000.0 < best["needed"] < 40_000.0
    assert pd.isna(best["now"])


def test_temporary_classes_are_counted_where_they_are_the_way_out():
    """Nothing can be built; 800 pupils lack seats, and 4 classes of 45 take 180 of them."""
    here = small_town(sites=[], profile=PRICED)
    plan, proposal = compared(here)
    rows = proposal.tables["plan_relaxations"].set_index("lever")
    assert (rows.loc["temporary", "now"], rows.loc["temporary", "needed"]) == (2.0, 4.0)
    assert plan.found.figures.unserved.sum() - rows.loc["temporary", "unserved"] == pytest.approx(5 * 90.0)


def test_the_area_that_lacks_is_named_by_stage_and_year():
    here = small_town(sites=[])
    _, proposal = compared(here)
    table = proposal.tables["plan_lacking"]
    assert table["stage"].unique().tolist() == ["primary"]
    assert sorted(table["year"]) == list(AHEAD)
    assert table["level"].unique().tolist() == ["city"]  # this town has neither catchments nor districts
    assert table["lacking"].tolist() == pytest.approx([800.0] * 5)
    assert table["pupils"].tolist() == pytest.approx([900.0] * 5)


def test_a_shortage_before_anything_can_open_is_told_and_is_no_refusal():
    """A school takes two years: until then 710 pupils lack seats, whatever money there is."""
    here = small_town(profile=PRICED)
    plan, proposal = compared(here)
    assert sorted(proposal.tables["plan_lacking"]["year"]) == [2026, 2027]
    rows = proposal.tables["plan_relaxations"]
    assert rows["lever"].tolist() == ["temporary"]
    assert plan.found.figures.unserved.sum() - rows["unserved"][0] == pytest.approx(2 * 90.0)
    assert not proposal.lacks_seats


def test_what_lacks_adds_up_to_what_the_plan_leaves():
    here = random_town(5, sites=0)
    plan, _ = here.planned(enlarge=False)
    areas = lacking_areas(plan, here.balance.catchments)
    left = plan.found.figures.unserved
    by_stage = pd.Series([area.lacking for area in areas]).groupby([area.stage for area in areas]).sum()
    for number, stage in enumerate(plan.model.stages):
        markets = [plan.model.market_number(number, year) for year in range(len(plan.years))]
        assert by_stage.get(stage, 0.0) == pytest.approx(left[markets].sum(), abs=5.0)
    assert sum(area.lacking for area in areas) > 1.0


def test_pools_too_small_for_a_measure_are_no_reason_to_refuse():
    """20 pupils lack seats, a measure must place 45: the plan says so and is a plan."""
    here = small_town(sites=[], pupils={"primary": np.array([60.0, 60.0]), "junior": np.zeros(2)})
    _, proposal = compared(here, min_pupils=45.0)
    assert not proposal.lacks_seats
    assert [note.code for note in proposal.notes] == ["siting_left"]
