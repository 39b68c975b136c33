"""What a computation reads of plan, profile and study is recorded while it runs."""

from __future__ import annotations

from types import SimpleNamespace

from layoutplan.plan import default_plan
from layoutplan.watched import note, recording, remembered, unrecorded


def test_reading_a_setting_a_rule_and_a_field_is_noted():
    plan = default_plan("cn-national", stages=("primary",), base_year=2025, horizon_year=2030)
    with recording() as places:
        _ = (
            plan.siting.budget,
            plan.general.years,
            plan.profile.at(2025).class_size("primary"),
            plan.overrides,
        )
        _ = plan.profile.at(2025).find("no.such_rule")
    assert ("setting", "SitingSettings", "budget") in places
    assert ("setting", "PlanSettings", "horizon_year") in places
    assert ("rule", "cn-national", "2025", "class_size.standard", "primary") in places
    assert ("rule", "cn-national", "2025", "no.such_rule", "") in places
    assert ("plan", "overrides") in places
    assert ("profile", "cn-national", "rules") not in places
    assert ("setting", "SitingSettings", "enabled") not in places


def test_all_settings_are_noted_when_all_are_read():
    plan = default_plan("cn-national", stages=("primary",), base_year=2025, horizon_year=2030)
    with recording() as places:
        plan.settings_dict()
    assert ("setting", "HotspotSettings", "method") in places or len(places) > 40


def test_an_outer_recording_includes_an_inner_one_and_nothing_unrecorded():
    with recording() as outer:
        note("a")
        with recording() as inner:
            note("b")
        with unrecorded():
            note("c")
    assert list(inner) == [("b",)]
    assert list(outer) == [("a",), ("b",)]
    note("d")
    assert ("d",) not in outer


def test_a_remembered_value_counts_as_read_each_time():
    holder, calls = SimpleNamespace(), []

    def find():
        note("setting", "walk")
        calls.append(1)
        return 5

    for _ in range(2):
        with recording() as places:
            assert remembered(vars(holder), "_walk", find) == 5
        assert list(places) == [("setting", "walk")]
    assert len(calls) == 1
