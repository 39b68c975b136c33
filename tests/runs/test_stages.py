"""The stages are declared once: what each reads is given before it, by one stage alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from layoutplan.plan import SitingSettings, default_plan
from layoutplan.runs import RUN_STAGES, stage_names
from layoutplan.runs.meter import Meter
from layoutplan.runs.run_stage import RunStage
from layoutplan.runs.study_stages import compute

GIVEN = {"plan", "store", "previous_ledger", "layout_files", "kept_measures"}
"""What a run is asked for."""
HELD = {"evaluator": "travel"}
"""What the runner holds while it runs, and the stage after which it does."""


def test_every_value_is_given_once_and_before_it_is_read():
    known = set(GIVEN)
    for stage in RUN_STAGES:
        assert set(stage.reads) <= known, stage.name
        assert not set(stage.gives) & known, stage.name
        known |= set(stage.gives) | {value for value, after in HELD.items() if after == stage.name}


def test_names_of_stages_differ_and_every_value_is_of_use():
    assert max(Counter(stage.name for stage in RUN_STAGES).values()) == 1
    read = {value for stage in RUN_STAGES for value in stage.reads}
    kept = {
        *("evaluations", "unsafe_walks", "flags", "ledger", "hotspots", "outlook", "proposal"),
        *("service_areas", "rule_results", "rule_tables", "layout_sources"),
    }
    assert {value for stage in RUN_STAGES for value in stage.gives} <= read | kept


def test_a_plan_without_siting_has_no_such_stage():
    plan = default_plan("cn-national", stages=("primary",), base_year=2025, horizon_year=2030)
    off = replace(plan, siting=SitingSettings(enabled=False))
    assert [name for name in stage_names(plan) if name not in stage_names(off)] == ["siting"]


def test_values_of_a_stage_left_out_are_none():
    plan = default_plan("cn-national", stages=("primary",), base_year=2025, horizon_year=2030)
    stages = (
        RunStage("one", ("first", "second"), lambda plan: (plan.stages, 2)),
        RunStage("two", ("third",), lambda first: first, wanted=lambda _: False),
        RunStage("three", ("fourth",), lambda second, third: (second, third)),
    )
    values, meter = {"plan": plan}, Meter()
    done = [stage.name for stage in compute(stages, values, meter)]
    assert done == list(meter.seconds) == ["one", "three"]
    assert (values["first"], values["third"], values["fourth"]) == (("primary",), None, (2, None))


@pytest.mark.xdist_group("demo")
def test_a_run_times_its_stages_in_order(demo_run):
    assert list(demo_run.seconds) == list(stage_names(demo_run.plan))
