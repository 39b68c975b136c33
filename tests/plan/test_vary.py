"""Variations made in Python are checked as scenarios of the file are, and say where each value came from."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from layoutplan.errors import InputError
from layoutplan.plan import DemandSettings, SitingSettings, TableSettings, as_plan, default_plan, load_plan
from tests.examples import examples
from tests.plan.conftest import MINIMAL
from tests.plan.test_plan import CHANGES, FACTORS, grouped, value_of


def codes_of(call):
    with pytest.raises(InputError) as caught:
        call()
    for lang in ("zh", "en"):
        assert caught.value.report(lang)
    return [fault.code for fault in caught.value.faults]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(25))
@given(CHANGES, CHANGES)
def test_a_variation_equals_the_scenario_that_a_file_would_hold(write, base, changes):
    path = write(MINIMAL + grouped(base) + "[scenarios.same]\n" + grouped(changes, "scenarios.same."))
    written, plan = load_plan(path, scenario="same"), load_plan(path)
    varied = plan.vary(changes, name="mine")
    assert varied.settings_dict() == written.settings_dict()
    assert (varied.profile, varied.stages, varied.scenario) == (written.profile, written.stages, "mine")
    for key in FACTORS:
        wanted = "variation mine" if key in changes else plan.origin(key)
        assert varied.origin(key) == wanted
    again = varied.vary({"demand.births_factor": 0.5}, name="again")
    assert again.origin("demand.births_factor") == "variation again"
    others = set(FACTORS) - {"demand.births_factor"}
    assert all(again.origin(key) == varied.origin(key) for key in others)
    assert all(value_of(again, key) == value_of(varied, key) for key in others)


def test_what_the_file_refuses_is_refused_here(load):
    plan = load(MINIMAL + "[scenarios.low]\n")
    cases = {
        "plan_unknown_key": {"demand.birth_factor": 1.2},
        "plan_unknown_section": {"demnad.births_factor": 1.2},
        "plan_out_of_range": {"demand.births_factor": -1},
        "plan_type_number": {"demand": {"births_factor": "1.2"}},
        "plan_not_finite": {"demand.births_factor": float("nan")},
        "plan_type_table": {"demand": 3, "demand.births_factor": 1},
        "plan_horizon_before_base": {"plan.horizon_year": 2000},
        "plan_table_unknown": {"tables.shcools.file": "a.csv"},
        "plan_age_sum": {"population.age_shares": {"0-4": 0.9, "5-9": 0.9}},
        "plan_not_a_choice": {"plan.lang": "fr"},
        "override_unknown_key": {"override": [{"key": "class_size.kap", "value": 40}]},
        "plan_vary_characters": {"plan.name": "a\x01b"},
    }
    wrong = {
        code: codes_of(lambda changes=changes: plan.vary(changes, name="mine"))
        for code, changes in cases.items()
    }
    assert {code: found for code, found in wrong.items() if code not in found} == {}
    assert codes_of(lambda: plan.vary({}, name="low")) == ["plan_vary_taken"]
    assert codes_of(lambda: plan.vary({}, name="a/b")) == ["plan_scenario_name"]
    nested = {}
    nested["demand"] = nested
    assert codes_of(lambda: plan.vary(nested, name="deep")) == ["toml_too_deep"]
    both = codes_of(lambda: plan.vary({"demand.x": 1, "siting.budget": -1}, name="mine"))
    assert both == ["plan_unknown_key", "plan_out_of_range"]  # all at once


def test_values_of_python_are_taken(load):
    plan = load(MINIMAL + "[siting]\nbudget = 5e6\n")
    varied = plan.vary(
        {
            "siting.budget": None,
            "demand": {"births_factor": np.float64(1.5)},
            "hotspots.neighbours": np.int64(5),
            "plan.stages": ("primary", "junior"),
            "tables.units.file": Path("more") / "units.csv",
            "override": [{"key": "class_size.cap", "of": "primary", "value": 40.0}],
        },
        name="mine",
        title="Mine",
    )
    assert (varied.siting.budget, varied.demand.births_factor, varied.hotspots.neighbours) == (None, 1.5, 5)
    assert varied.stages == ("primary", "junior")
    assert varied.tables["units"].file == Path("more/units.csv")
    assert varied.profile.at(2025).number("class_size.cap", "primary") == 40
    assert (varied.title, varied.origin("override.1")) == ("Mine", "variation mine")
    assert plan.siting.budget == 5e6


def test_nonsense_put_in_directly_is_refused(load):
    plan = load(MINIMAL)
    cases = {
        "plan_out_of_range": {"demand": plan.demand.model_copy(update={"births_factor": -1})},
        "plan_type_number": {"demand": plan.demand.model_copy(update={"births_factor": "high"})},
        "plan_unknown_key": {"demand": plan.demand.model_copy(update={"births": 1})},
        "plan_section_type": {"demand": {"births_factor": 1.2}},
        "plan_stages_differ": {"stages": ("moon",)},
        "plan_horizon_before_base": {"general": plan.general.model_copy(update={"horizon_year": 1990})},
        "plan_table_unknown": {"tables": {"moons": TableSettings(file=Path("moons.csv"))}},
        "plan_stage_not_planned": {
            "siting": SitingSettings(stages=("senior",)),
            "general": plan.general.model_copy(update={"stages": ("primary",)}),
            "stages": ("primary",),
        },
    }
    wrong = {
        code: codes_of(lambda changes=changes: dataclasses.replace(plan, **changes))
        for code, changes in cases.items()
    }
    assert {code: found for code, found in wrong.items() if found != [code]} == {}


def test_a_value_replaced_directly_says_so_and_is_not_lost_silently(load):
    plan = load(MINIMAL + "[demand]\nmigration_rate = 0.01\n")
    replaced = dataclasses.replace(plan, demand=DemandSettings(births_factor=1.2, migration_rate=0.01))
    assert replaced.origin("demand.births_factor") == "replaced"
    assert replaced.origin("demand.migration_rate") == "plan.toml"
    assert codes_of(lambda: replaced.vary({"siting.budget": 1.0}, name="mine")) == ["plan_vary_replaced"]


def test_a_path_is_as_good_as_a_plan(write):
    path = write(MINIMAL)
    plan = as_plan(path)
    assert plan == load_plan(path) == as_plan(str(path))
    assert as_plan(plan) is plan
    with pytest.raises(TypeError, match="not int"):
        as_plan(3)


def test_a_plan_without_a_file_can_be_varied():
    plan = default_plan("cn-national", stages=("primary",), base_year=2025, horizon_year=2030)
    varied = plan.vary({"plan.horizon_year": 2032, "plan.target_year": 2031}, name="longer")
    assert varied.general.years[-1] == 2032
    assert varied.origin("plan.horizon_year") == "variation longer"
