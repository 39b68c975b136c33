"""What a plan hangs on: one assumption changed at a time, measures followed from variant to variant."""

from __future__ import annotations

import pytest

from layoutplan.outlook import estimate_outlook
from layoutplan.plan import SitingSettings
from layoutplan.siting import sensitivity
from layoutplan.siting.sensitivity import variations
from tests.siting.test_plan import PRICED, small_town
from tests.studies import with_plan

GIVEN = {"relative_gap": 1e-3, "min_pupils": 0.0, "generate_sites": False, "enlarge": False}


@pytest.fixture(scope="module")
def study_and_town():
    """Return a town with one site, and its study."""
    here = small_town(profile=PRICED)
    return with_plan(here.study, sections={"siting": SitingSettings(**GIVEN)}), here


def test_each_variation_changes_one_thing(study_and_town):
    study, _ = study_and_town
    found = {(name, value): one for name, value, one in variations(study, estimate_outlook(study))}
    assert ("as_planned", "") in found
    assert found["reach", "0.8"].reach_m["primary"] == pytest.approx(0.8 * study.reach_m["primary"])
    assert found["temporary.classes", "3"].profile.at(2030).number("temporary.classes") == 3.0
    assert found["temporary.classes", "1"].profile.at(2030).number("temporary.classes") == 1.0
    dearer = found["cost.per_seat", "2"].profile.at(2030)
    now = study.profile.at(2030)
    prices = [rule.of for rule in now.rules if rule.key == "cost.per_seat"]
    assert prices
    for kind in prices:
        assert dearer.number("cost.per_seat", kind) == 2.0 * now.number("cost.per_seat", kind)
    assert dearer.number("cost.temporary_class") == now.number("cost.temporary_class")


def test_measures_are_counted_over_the_variants(study_and_town):
    study, here = study_and_town
    found = sensitivity(study, here.balance, here.hotspots, estimate_outlook(study))
    variants = found.variants.set_index(["variant", "value"])
    first = found.variants.iloc[0]
    assert (first["variant"], first["cost_ratio"]) == ("as_planned", 1.0)
    assert variants.loc[("cost.per_seat", "2"), "cost"] > first["cost"]
    assert variants.loc[("cost.per_seat", "0.5"), "cost"] < first["cost"]
    (only,) = found.measures.to_dict("records")
    assert only["name"] == "Field"
    assert only["of"] == len(found.variants)
    assert 0 < only["variants"] <= only["of"]
    assert only["variants"] == (found.variants["new_schools"] > 0).sum()
    assert only["first_year"] <= only["last_year"]
