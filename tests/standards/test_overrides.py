"""Overrides: applied in order, the later wins, recorded as such."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layoutplan.errors import InputError
from layoutplan.standards import load_profile, with_overrides

CN = load_profile("cn-national")


def change(key="class_size.cap", of="primary", value=40, reason="city rule"):
    return SimpleNamespace(key=key, of=of, value=value, reason=reason)


@given(st.lists(st.tuples(st.sampled_from(["primary", "junior"]), st.integers(5, 150)), max_size=6))
def test_the_last_override_wins(made):
    profile = with_overrides(CN, [change(of=of, value=value) for of, value in made])
    last = dict(made)
    for stage in ("primary", "junior"):
        for year in (2002, 2016, 2017, 2050):
            expected = last.get(stage, CN.at(year).number("class_size.cap", stage))
            assert profile.at(year).number("class_size.cap", stage) == expected


def test_no_override_changes_nothing():
    assert with_overrides(CN, []) == CN


def test_an_override_is_recorded_with_its_reason():
    rule = with_overrides(CN, [change()]).at(2025).rule("class_size.cap", "primary")
    assert (rule.confidence, rule.note, rule.unit) == ("PLAN", "city rule", "pupils/class")


def test_without_of_every_stage_that_has_the_rule_changes():
    standards = with_overrides(CN, [change(of="", value=33)]).at(2025)
    assert {standards.number("class_size.cap", stage) for stage in standards.stages} == {33}


def test_a_stage_may_gain_a_rule():
    assert CN.at(2025).find("school_size.small", "junior") is None
    profile = with_overrides(CN, [change(key="school_size.small", of="junior", value=150)])
    assert profile.at(2025).number("school_size.small", "junior") == 150


def test_the_due_year_stays():
    zone = load_profile("cn-zhengzhou-gaoxin-2020")
    profile = with_overrides(zone, [change(key="school_size.cap", value=1800)])
    assert profile.at(2021).rule("school_size.cap", "primary").due_year == 2025


def test_lists_are_replaced_by_lists():
    roads = change(key="walking.excluded_classes", of="", value=("motorway",))
    levels = change(key="school.levels", value=[24, 12])
    standards = with_overrides(CN, [roads, levels]).at(2025)
    assert standards.words("walking.excluded_classes") == ("motorway",)
    assert standards.levels("primary") == (12, 24)


def test_all_faults_are_said_at_once():
    wrong = [change(key="class_size.capp"), change(of="prim"), change(value="forty"), change(value=(1, 2))]
    with pytest.raises(InputError) as error:
        with_overrides(CN, wrong)
    assert [fault.code for fault in error.value.faults] == [
        "override_unknown_key",
        "override_unknown_of",
        "override_wrong_kind",
        "override_wrong_kind",
    ]
    assert error.value.faults[0].params["nearest"] == "class_size.cap"
    assert "45" in error.value.faults[2].remedy("en") or "35" in error.value.faults[2].remedy("en")
