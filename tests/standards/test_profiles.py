"""Profiles that ship with the package: complete, sourced, dated; and a planner's own file."""

import re
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest

from layoutplan.errors import InputError
from layoutplan.plan import checks
from layoutplan.standards import (
    CONFIDENCES,
    load_profile,
    profile_ids,
    read_profile,
    reported_elsewhere,
    with_overrides,
)
from layoutplan.standards.parse import value_kind
from layoutplan.texts import keys
from tests.every import every

RULES = [
    (profile_id, rule)
    for profile_id in profile_ids()
    for rule in load_profile(profile_id).rules
    if rule.place == profile_id
]
BY_STAGE = (
    *("stage.ages", "class_size.standard", "class_size.cap", "class_size.oversized"),
    *("walking.service_radius", "walking.reach", "demand.participation"),
    *("land.per_seat", "floor.per_seat", "cost.per_seat"),
)
FOR_ALL = (
    *("stage.last_birth_month", "walking.detour_factor", "walking.speed"),
    *("walking.excluded_classes", "warning.red"),
)


def codes(error):
    return [fault.code for fault in error.value.faults]


def test_the_shipped_profiles():
    assert profile_ids() == (
        *("ca-ontario", "cn-hefei-2013", "cn-henan", "cn-kunming-2006", "cn-national", "cn-tianshui-2010"),
        *("cn-wenzhou-2022", "cn-zhengzhou-2014", "cn-zhengzhou-2024", "cn-zhengzhou-gaoxin-2020"),
        *("cn-zhengzhou-jinshui-2024", "cn-zhengzhou-zhengdong-2024", "england", "scotland", "us"),
    )
    assert all(load_profile(profile_id).id == profile_id for profile_id in profile_ids())


def test_every_rule_says_where_it_is_from_and_how_sure_it_is():
    named = set(keys("rules."))

    def check(profile_id, rule):
        assert rule.source, profile_id
        assert rule.confidence in CONFIDENCES[:-1]
        assert rule.of in ("", *load_profile(profile_id).schooling.members)
        assert rule.valid_to is None or rule.valid_from <= rule.valid_to
        assert rule.due_year is None or rule.due_year >= rule.valid_from
        assert f"rules.{rule.key}" in named, "a rule without a name for people"

    every(RULES, check, name=lambda case: f"{case[0]}: {case[1].key}, {case[1].of}, {case[1].valid_from}")


@pytest.mark.parametrize("profile_id", profile_ids())
def test_a_rule_is_of_one_kind_in_every_generation_and_profile(profile_id):
    examples = {rule.key: value_kind(rule.value) for rule in load_profile("cn-national").rules}
    for rule in load_profile(profile_id).rules:
        assert value_kind(rule.value) == examples.get(rule.key, value_kind(rule.value)), rule.key


@pytest.mark.parametrize("profile_id", profile_ids())
@pytest.mark.parametrize("year", [2012, 2016, 2020, 2025, 2035, 2050])
def test_every_rule_the_calculation_needs_is_in_force(profile_id, year):
    standards = load_profile(profile_id).at(year)
    assert standards.stages
    for stage in standards.stages:
        missing = [key for key in BY_STAGE if standards.find(key, stage) is None]
        assert missing == [], (stage, year)
        assert standards.allowed_levels(stage) == standards.levels(stage) != ()
        assert standards.service_radius_m(stage) <= standards.reach_m(stage)
        assert standards.class_size(stage) <= standards.number("class_size.cap", stage)
        assert standards.number("class_size.cap", stage) < standards.number("class_size.oversized", stage)
    assert [key for key in FOR_ALL if standards.find(key) is None] == []


@pytest.mark.parametrize("profile_id", profile_ids())
def test_stages_follow_each_other_without_gap_or_overlap(profile_id):
    standards = load_profile(profile_id).at(2025)
    ages = [standards.ages(stage) for stage in standards.stages]
    assert all(before[1] + 1 == after[0] for before, after in pairwise(ages))


def test_national_generations_at_their_boundary_years():
    profile = load_profile("cn-national")
    assert profile.at(2016).find("school_size.cap", "primary") is None
    assert profile.at(2017).number("school_size.cap", "primary") == 2000
    assert profile.at(2011).find("equity.composite_cv", "primary") is None
    assert profile.at(2012).number("equity.composite_cv", "primary") == 0.65
    assert profile.at(2016).find("equity.each_cv", "junior") is None
    assert profile.at(2017).number("equity.each_cv", "junior") == 0.45
    assert profile.at(2024).number("cost.per_seat", "primary") == 66_200
    assert profile.at(2025).number("cost.per_seat", "primary") == 70_000
    assert profile.at(2025).rule("cost.per_seat", "primary").confidence == "M-low"


def test_the_three_generations_of_the_kindergarten_rule_are_told_apart():
    zone = load_profile("cn-zhengzhou-gaoxin-2020")
    hefei = load_profile("cn-hefei-2013")
    assert hefei.at(2013).number("kindergarten.inclusive_share_by_count") == 0.65
    assert zone.at(2024).find("kindergarten.inclusive_share_by_count") is None
    assert zone.at(2022).number("kindergarten.public_share") == 0.50
    assert zone.at(2023).number("kindergarten.inclusive_share") == 0.80
    assert zone.at(2024).number("kindergarten.inclusive_share") == 0.93


def test_the_high_tech_zone_as_its_plan_says():
    zone = load_profile("cn-zhengzhou-gaoxin-2020").at(2020)
    assert [zone.number("class_size.cap", stage) for stage in ("primary", "junior")] == [45, 50]
    assert zone.rule("class_size.cap", "primary").due_year == 2023
    assert zone.rule("class_size.oversized", "junior").due_year == 2023
    assert [zone.number("school_size.cap", kind) for kind in ("primary", "junior", "nine_year")] == [
        *(2000, 2000, 2500)
    ]
    assert zone.rule("school_size.cap", "nine_year").due_year == 2025
    assert [zone.number("equity.composite_cv_goal", stage) for stage in ("primary", "junior")] == [0.4, 0.3]
    assert [zone.number("equity.composite_cv", stage) for stage in ("primary", "junior")] == [0.65, 0.55]
    assert [zone.service_radius_m(stage) for stage in ("kindergarten", "primary", "junior")] == [
        300,
        500,
        1000,
    ]
    assert zone.class_size("kindergarten") == 30  # inherited


def test_ontario_has_elementary_and_secondary_schools_only():
    ontario = load_profile("ca-ontario")
    standards = ontario.at(2016)
    assert standards.stages == ("elementary", "secondary")
    assert [standards.ages(stage) for stage in standards.stages] == [(4, 13), (14, 17)]
    assert ontario.currency == "CAD"
    read_in_a_source = [rule.key for rule in ontario.rules if rule.confidence in ("SEED", "V", "V2")]
    assert sorted(set(read_in_a_source)) == [
        "class_size.by_grade",
        "class_size.early_cap",
        "class_size.early_grades",
        "class_size.early_over_share",
        "walking.service_radius",
        "walking.youngest_grades",
        "walking.youngest_radius",
    ]


def test_an_unknown_profile_names_the_nearest():
    with pytest.raises(InputError) as error:
        load_profile("cn-nationl")
    (fault,) = error.value.faults
    assert fault.code == "profile_unknown"
    assert fault.params["nearest"] == "cn-national"


# A planner's own file.

HEAD = 'id = "own"\nname_en = "Own"\nname_zh = "自备"\n'
RULE = '[[rule]]\nkey = "class_size.cap"\nof = "primary"\nvalue = 40\nunit = "pupils/class"\n'
SOURCE = 'valid_from = 2020\nsource = "city rule"\nconfidence = "V"\n'


@pytest.fixture
def write(tmp_path):
    def make(content, name="own.toml"):
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        return path

    return make


def test_a_child_replaces_the_same_generation_and_stacks_others(write):
    same = RULE + SOURCE.replace("2020", "2017")
    newer = RULE.replace("40", "35") + SOURCE.replace("2020", "2030")
    profile = read_profile(write(HEAD + 'inherits = "cn-national"\n' + same + newer))
    assert profile.currency == "CNY"
    assert profile.file == "own.toml"
    assert [profile.at(year).number("class_size.cap", "primary") for year in (2016, 2017, 2029, 2030)] == [
        *(45, 40, 40, 35)
    ]
    assert profile.at(2025).number("class_size.cap", "junior") == 50
    parent = load_profile("cn-national").rules
    assert len(profile.rules) == len(parent) + 1


def test_a_file_may_inherit_a_file_beside_it(write):
    write(HEAD + 'inherits = "cn-national"\n' + RULE + SOURCE, name="city.toml")
    district = write(
        'id = "d"\nname_en = "D"\nname_zh = "区"\ninherits = "city.toml"\n', name="district.toml"
    )
    assert read_profile(district).at(2025).number("class_size.cap", "primary") == 40


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("id = ", ["toml_syntax"]),
        (RULE + SOURCE, ["profile_missing_key"] * 4),
        (HEAD + 'inherits = "nowhere"', ["profile_unknown"]),
        (HEAD + 'inherits = "own.toml"', ["profile_cycle"]),
        (HEAD + 'inherits = "gone.toml"', ["toml_missing"]),
        (HEAD + "inherits = 3\n", ["profile_not_text"]),
        (HEAD + 'currency = "CNY"\nrules = []\n', ["profile_unknown_key"]),
        (HEAD + 'currency = "CNY"\nrule = 3\n', ["profile_rules_not_list"]),
        (HEAD + 'currency = "CNY"\n' + RULE, ["profile_rule_incomplete"] * 3),
        (HEAD + 'currency = "CNY"\n' + RULE + SOURCE + RULE + SOURCE, ["profile_duplicate"]),
        (HEAD + 'currency = "CNY"\n' + RULE + SOURCE + "valid_to = 2019\n", ["profile_rule_years"]),
        (HEAD + 'currency = "CNY"\n' + RULE + SOURCE + "due_year = 20\n", ["profile_rule_not_year"]),
        (HEAD + 'currency = "CNY"\n' + RULE + SOURCE + "note = 5\n", ["profile_rule_not_text"]),
        (HEAD + 'currency = "CNY"\n' + RULE + SOURCE + "remark = 5\n", ["profile_unknown_key"]),
        (
            HEAD + 'currency = "CNY"\n' + (RULE + SOURCE).replace('"V"', '"sure"'),
            ["profile_unknown_confidence"],
        ),
        (
            HEAD + 'currency = "CNY"\n' + (RULE + SOURCE).replace('"primary"', '"prim"'),
            ["profile_unknown_of"],
        ),
        (HEAD + 'currency = "CNY"\n' + (RULE + SOURCE).replace("40", "[1, true]"), ["profile_rule_value"]),
        (HEAD + 'currency = "CNY"\n' + (RULE + SOURCE).replace("40", "nan"), ["profile_rule_value"]),
        (HEAD + 'currency = "CNY"\n' + (RULE + SOURCE).replace("40", '"40"'), ["profile_rule_kind"]),
        (HEAD + 'currency = "CNY"\n' + (RULE + SOURCE).replace("40", "-40"), ["profile_rule_out_of_range"]),
        (HEAD + 'currency = "CNY"\n' + (RULE + SOURCE).replace("40", "1e308"), ["profile_rule_out_of_range"]),
        (
            HEAD + 'currency = "CNY"\n' + (RULE + SOURCE).replace("40", "{ junior = 4 }"),
            ["profile_rule_of_twice"],
        ),
    ],
)
def test_what_is_wrong_with_a_file_is_said(write, content, expected):
    with pytest.raises(InputError) as error:
        read_profile(write(content))
    assert codes(error) == expected
    assert error.value.report("zh")
    assert error.value.report("en")


def test_the_line_of_a_faulty_rule_is_named(write):
    path = write(HEAD + 'currency = "CNY"\n' + RULE + SOURCE + "\n" + RULE + SOURCE)
    with pytest.raises(InputError) as error:
        read_profile(path)
    assert error.value.faults[0].rows == ("14",)


# Whose rule it is: place and year.


def test_each_place_builds_on_the_larger_one():
    zone, above = load_profile("cn-zhengzhou-gaoxin-2020"), ("cn-national", "cn-henan", "cn-zhengzhou-2014")
    assert zone.lineage == (*above, "cn-zhengzhou-2024", zone.id)
    for district in ("zhengdong", "jinshui"):
        assert load_profile(f"cn-zhengzhou-{district}-2024").lineage[:-1] == zone.lineage[:-1]
    assert zone.at(2025).rule("kindergarten.gross_enrolment").place == "cn-henan"
    assert zone.at(2025).rule("walking.service_radius", "primary").metric == "circle"
    for profile_id in profile_ids():
        assert {rule.place for rule in load_profile(profile_id).rules} <= {*load_profile(profile_id).lineage}


def test_a_count_for_the_whole_city_does_not_bind_its_districts():
    city, zone = load_profile("cn-zhengzhou-2024"), load_profile("cn-zhengzhou-gaoxin-2020")
    assert city.at(2025).number("groups.new_quality_schools") == 300
    assert zone.at(2025).find("groups.new_quality_schools") is None
    elsewhere = reported_elsewhere(zone, "groups.new_quality_schools", year=2025)
    assert (elsewhere.value, elsewhere.place) == (300, "cn-zhengzhou-2024")
    assert reported_elsewhere(city, "groups.new_quality_schools", year=2025) is None


@pytest.mark.parametrize(
    ("profile_id", "key", "of", "value", "years"),
    [
        ("cn-zhengzhou-2014", "projects.starts", "", 30, (2014, 2014)),
        ("cn-zhengzhou-2014", "projects.new_kindergartens", "", 60, (2014, 2014)),
        ("cn-zhengzhou-gaoxin-2020", "projects.seats_added", "primary", 2160, (2024, 2024)),
        ("cn-zhengzhou-zhengdong-2024", "projects.continued", "", 8, (2024, 2024)),
        ("cn-zhengzhou-jinshui-2024", "projects.continued", "", 17, (2024, 2024)),
    ],
)
def test_a_task_of_one_year_ends_with_it(profile_id, key, of, value, years):
    profile = load_profile(profile_id)
    first, last = years
    assert [profile.at(year).number(key, of) for year in years] == [value, value]
    assert profile.at(first - 1).find(key, of) is profile.at(last + 1).find(key, of) is None


def test_basically_eliminated_has_its_published_meaning():
    profile = load_profile("cn-national")
    key = "class_size.severely_oversized_share"
    assert [profile.at(year).number(key, "primary") for year in (2016, 2019, 2020)] == [0.02, 0.02, 0]
    assert [profile.at(year).rule(key, "junior").due_year for year in (2018, 2025)] == [2018, 2020]
    assert profile.at(2025).number("class_size.oversized_share", "junior") == 0.05


def test_targets_of_other_places_bind_nobody_else():
    """No promise of a bureau plan or of a district stands in a profile that does not build on its place."""
    promised = {"cn-kunming-2006", "cn-hefei-2013", "cn-tianshui-2010", "cn-wenzhou-2022"}
    promised |= {"cn-zhengzhou-jinshui-2024", "cn-zhengzhou-zhengdong-2024", "cn-zhengzhou-gaoxin-2020"}
    for profile_id in profile_ids():
        places = {rule.place for rule in load_profile(profile_id).rules}
        assert places & promised <= {profile_id}
    seeds = [rule.key for rule in load_profile("cn-national").rules if rule.confidence == "SEED"]
    assert seeds == ["demand.participation"]  # an assumption of the forecast, not a threshold


def test_a_plan_may_adopt_the_target_of_another_place():
    change = SimpleNamespace(key="groups.quality_pupils_share", of="", value=0.6, reason="adopted in 2026")
    profile = with_overrides(load_profile("cn-henan"), [change])
    assert profile.at(2026).number("groups.quality_pupils_share") == 0.6
    assert profile.at(2026).rule("groups.quality_pupils_share").unit == "share of pupils"


DOCS = Path(__file__).parents[2] / "docs" / "profiles.md"


def test_a_misspelt_rule_is_named_with_its_nearest(write):
    misspelt = RULE.replace("class_size.cap", "class_size.stadnard") + SOURCE
    with pytest.raises(InputError) as error:
        read_profile(write(HEAD + 'currency = "USD"\n' + misspelt))
    (fault,) = error.value.faults
    assert (fault.code, fault.params["nearest"]) == ("profile_unknown_rule", "class_size.standard")


def test_the_page_on_profiles_is_true(tmp_path):
    """Its example loads; the rules it asks for are those that a plan asks for."""
    page = DOCS.read_text(encoding="utf-8")
    example = next(part for part in page.split("```") if part.startswith("toml\n# springfield.toml"))
    file = tmp_path / "springfield.toml"
    file.write_text(example.removeprefix("toml\n"), encoding="utf-8")
    standards = read_profile(file).at(2025)
    assert [standards.ages(stage) for stage in standards.stages] == [(5, 11), (12, 13), (14, 17)]
    named = {
        line.split("|")[1].strip(): set(re.findall(r"`([a-z_]+\.[a-z_]+)`", line.split("|")[2]))
        for line in page.splitlines()
        if line.startswith("| ")
    }
    assert named["the balance"] == {*checks._EVERY_YEAR, *checks._FOR_ALL}
    assert {*checks._TARGET_YEAR, "school.levels"} == named["proposals (`[siting]`)"]
