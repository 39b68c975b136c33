"""Standards: which generation is in force, and what a school of so many classes holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layoutplan.standards import Profile, Rule, load_profile

CN = load_profile("cn-national").at(2025)
GAOXIN = load_profile("cn-zhengzhou-gaoxin-2020").at(2025)


NATIONAL = load_profile("cn-national").schooling


def rule(key="k", of="", value=1.0, valid_from=2000, valid_to=None):
    return Rule(key, of, value, "", "s", "D", valid_from, valid_to)


def at(year, *rules):
    return Profile("p", "", "", "CNY", tuple(rules), NATIONAL).at(year)


def test_the_specific_rule_wins_over_a_newer_one_for_all():
    standards = at(2025, rule(of="primary", value=1.0, valid_from=1990), rule(value=2.0, valid_from=2020))
    assert standards.number("k", "primary") == 1.0
    assert standards.number("k", "junior") == 2.0
    assert standards.number("k") == 2.0


@pytest.mark.parametrize(("year", "value"), [(2016, 1.0), (2017, 2.0), (2019, 2.0), (2020, 3.0), (2021, 1.0)])
def test_the_newest_generation_in_force_wins_at_the_boundary_years(year, value):
    generations = (
        rule(value=1.0, valid_from=2000),
        rule(value=3.0, valid_from=2020, valid_to=2020),
        rule(value=2.0, valid_from=2017, valid_to=2020),
    )
    assert at(year, *generations).number("k") == value


@given(
    st.lists(
        st.tuples(st.sampled_from(["", "primary", "junior"]), st.integers(2000, 2030), st.integers(0, 9)),
        max_size=8,
        unique_by=lambda made: made[:2],
    ),
    st.integers(2000, 2030),
    st.randoms(use_true_random=False),
)
def test_the_order_of_rules_in_a_profile_does_not_matter(made, year, random):
    rules = [rule(of=of, valid_from=first, value=float(value)) for of, first, value in made]
    shuffled = random.sample(rules, len(rules))
    for of in ("", "primary", "junior"):
        assert at(year, *rules).find("k", of) == at(year, *shuffled).find("k", of)


def test_a_rule_not_in_force_is_absent():
    standards = at(1999, rule())
    assert standards.find("k") is None
    assert standards.numbers("k") == ()
    assert standards.words("k") == ()
    with pytest.raises(KeyError, match="no rule k"):
        standards.rule("k")


def test_a_list_or_text_is_not_a_number():
    with pytest.raises(TypeError):
        at(2025, rule(value=(1.0, 2.0))).number("k")
    with pytest.raises(TypeError):
        at(2025, rule(value=3.0)).at_classes("k", 12, of="primary")


def test_words_and_numbers_read_what_they_name():
    assert at(2025, rule(value=("a", "b"))).words("k") == ("a", "b")
    assert at(2025, rule(value="a")).words("k") == ("a",)
    assert at(2025, rule(value=(1.0, 2.0))).numbers("k") == (1.0, 2.0)


@pytest.mark.parametrize(
    ("classes", "land"), [(6, 25.8), (12, 24.2), (17, 24.2), (18, 21.4), (36, 18.8), (1, 25.8)]
)
def test_land_by_classes_is_that_of_the_largest_listed_school_not_above(classes, land):
    assert CN.at_classes("land.per_seat_by_classes", classes, of="primary") == land


# Traps found in the founding documents.


@pytest.mark.parametrize(
    ("school_type", "classes", "seats", "kept"),
    [
        ("primary", 42, 1890, True),
        ("primary", 48, 2160, False),
        ("junior", 39, 1950, True),
        ("nine_year", 45, 2100, True),
        ("nine_year", 54, 2520, False),
    ],
)
def test_the_size_cap_decides_by_seats(school_type, classes, seats, kept):
    for standards in (CN, GAOXIN):
        assert sum(standards.level_seats(school_type, classes).values()) == seats
        broken = [rule.key for rule in standards.broken_by(school_type, classes)]
        assert ("school_size.cap" not in broken) == kept
    assert (GAOXIN.broken_by(school_type, classes) == ()) == kept


def test_levels_above_the_cap_are_not_allowed():
    offered = Rule("school.levels", "primary", (24.0, 48.0, 42.0), "classes", "plan", "PLAN", 1900)
    profile = load_profile("cn-zhengzhou-gaoxin-2020")
    rules = [known for known in profile.rules if (known.key, known.of) != ("school.levels", "primary")]
    standards = Profile("p", "", "", "CNY", (*rules, offered), NATIONAL).at(2025)
    assert standards.levels("primary") == (24, 42, 48)
    assert standards.allowed_levels("primary") == (24, 42)


def test_nine_year_schools_split_two_to_one():
    assert CN.level_seats("nine_year", 45) == {"primary": 30 * 45, "junior": 15 * 50}
    assert CN.level_seats("nine_year", 18) == {"primary": 12 * 45, "junior": 6 * 50}


def test_a_type_whose_stage_the_profile_lacks_has_no_levels():
    ontario = load_profile("ca-ontario").at(2016)
    assert ontario.allowed_levels("nine_year") == ()
    assert ontario.level_seats("junior", 12) == {}
    assert CN.level_seats("special", 9) == {}


@given(st.sampled_from(sorted(set(NATIONAL.type_ids) - {"special"})), st.integers(0, 80))
def test_classes_are_conserved_over_the_stages(school_type, classes):
    seats = CN.level_seats(school_type, classes)
    assert sum(seats[stage] / CN.class_size(stage) for stage in seats) == classes
    more = CN.level_seats(school_type, classes + 9)
    assert all(more[stage] >= seats[stage] for stage in seats)
