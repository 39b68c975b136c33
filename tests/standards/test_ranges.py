"""Every number of a standard has a stated range, and no other value gets past the door."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layoutplan.errors import InputError
from layoutplan.standards import load_profile, profile_ids, rule_ranges, with_overrides
from layoutplan.standards.parse import value_kind
from layoutplan.texts import keys

RULES = [rule for profile_id in profile_ids() for rule in load_profile(profile_id).rules]
TEXTS = {rule.key for rule in RULES if value_kind(rule.value) == "list of text"} | {"walking.barriers_along"}
NUMBERS = {
    rule.key: load_profile(profile_id)
    for profile_id in profile_ids()
    for rule in load_profile(profile_id).rules
    if value_kind(rule.value) == "number"
}


def test_every_rule_that_is_a_number_has_a_range_and_no_other():
    assert set(rule_ranges()) == {key.removeprefix("rules.") for key in keys("rules.")} - TEXTS


def test_every_value_that_ships_is_in_its_range():
    outside = [
        (rule.key, rule.value)
        for rule in RULES
        if rule.key not in TEXTS and not rule_ranges()[rule.key].holds(rule.value)
    ]
    assert outside == []


def overridden(key, value):
    change = SimpleNamespace(key=key, of="", value=value, reason="")
    return with_overrides(NUMBERS[key], [change])


@given(st.sampled_from(sorted(NUMBERS)), st.booleans(), st.floats(1e-9, 1e300))
def test_both_ends_are_allowed_and_nothing_beyond(key, low, beyond):
    known = rule_ranges()[key]
    end = known.least if low else known.most
    outside = end - beyond if low else end + beyond
    assert overridden(key, end) is not None
    if outside != end:
        with pytest.raises(InputError) as error:
            overridden(key, outside)
        (fault,) = error.value.faults
        assert fault.code == "override_out_of_range"
        assert known.said("", "en").split("; ")[0] in fault.what("en")


@pytest.mark.parametrize(
    ("key", "value", "holds"),
    [
        ("stage.ages", (6.0, 11.0), True),
        ("stage.ages", (6.0,), False),
        ("stage.ages", (6.5, 11.0), False),
        ("stage.ages", (6.0, 110.0), False),
        ("stage.last_birth_month", 0, False),
        ("stage.last_birth_month", 8, True),
        ("demand.spread_delay", (0.6, 0.4), True),
        ("demand.spread_delay", (0.0, 0.0), False),
        ("land.per_seat_by_classes", ((12.0, 24.2), (18.0, 21.4)), True),
        ("land.per_seat_by_classes", ((12.0, -1.0),), False),
        ("land.per_seat_by_classes", ((0.0, 24.2),), False),
        ("land.per_seat_by_classes", (12.0, 18.0), False),
        ("school.levels", (12.0, 18.5), False),
        ("class_size.cap", "forty", False),
    ],
)
def test_a_value_is_held_against_its_range(key, value, holds):
    assert rule_ranges()[key].holds(value) is holds


def test_a_range_is_said_with_its_unit_in_both_languages():
    size = rule_ranges()["class_size.standard"]
    assert size.said("pupils/class", "zh") == "≥ 5, ≤ 100 人／班"
    assert size.said("pupils/class", "en") == "≥ 5, ≤ 100 pupils a class"
