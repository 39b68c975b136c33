"""Cities of Ontario, the United States and Scotland: their own stages, and figures computed by hand."""

from pathlib import Path

import pandas as pd
import pytest

import layoutplan as lp
from layoutplan.balance import Balance
from layoutplan.rules import evaluate_rules, rule_specs
from layoutplan.rules.worked_examples import worked_example
from layoutplan.standards import load_profile
from tests.schooling.cities import of_age, ontario, scotland, us, write_city


def figures(balance: Balance, stage: str, *names: str) -> list[float]:
    """Return rounded figures of the city in the base year."""
    rows = balance.city[(balance.city["stage"] == stage) & (balance.city["year"] == 2025)]
    return [round(float(rows.iloc[0][name]), 6) for name in names]


def evaluated(path: Path) -> tuple[lp.Study, Balance]:
    study = lp.make_study(lp.load_plan(path))
    return study, lp.evaluate(study)


def test_ontario_schools_serve_the_grades_they_teach(tmp_path):
    study, balance = evaluated(ontario(tmp_path))
    assert study.city.stages == ("elementary", "secondary")
    # ages 4-13: 2 units × 10 ages × 20 × 0.97 = 388, half of them in JK to grade 3
    # E2 has 120 seats for 194 pupils of grades 4-8: 74 lack one, though E1 has 300 - 194 = 106 to spare
    wanted = [388.0, 420.0, 74.0, 106.0, 74.0]
    assert figures(balance, "elementary", "demand", "seats", "shortfall", "surplus", "unserved") == wanted
    # ages 14-17: 2 × 4 × 20 × 0.95 = 152
    assert figures(balance, "secondary", "demand", "seats", "shortfall", "unserved") == [
        152.0,
        200.0,
        0.0,
        0.0,
    ]
    schools = balance.schools.set_index(["school_id", "year"])["assigned"]
    assert [round(schools[name, 2025], 6) for name in ("E1", "E2")] == [194.0, 120.0]


def test_a_school_of_two_american_stages(tmp_path):
    study, balance = evaluated(us(tmp_path))
    assert study.city.stages == ("elementary", "middle", "high")
    # ages 5-10: 2 × 6 × 10 × 0.97 = 116.4; 11-13: 2 × 3 × 10 × 0.97 = 58.2; 14-17: 2 × 4 × 10 × 0.95 = 76
    assert figures(balance, "elementary", "demand", "seats", "shortfall") == [116.4, 100.0, 16.4]
    assert figures(balance, "middle", "demand", "seats", "shortfall", "surplus") == [58.2, 80.0, 0.0, 21.8]
    assert figures(balance, "high", "demand", "seats", "unserved") == [76.0, 60.0, 16.0]
    assert study.city.schooling.taught_by("k8") == ("elementary", "middle")


def test_the_last_scottish_year_has_57_percent_of_the_first(tmp_path):
    study, balance = evaluated(scotland(tmp_path))
    assert study.city.stages == ("primary", "secondary")
    assert figures(balance, "primary", "demand", "shortfall") == [700.0, 0.0]
    # S1-S4 100 each, S5 88, S6 57
    assert figures(balance, "secondary", "demand", "seats", "shortfall") == [545.0, 500.0, 45.0]
    assert float(study.demand.children["secondary"][2025].sum()) == 600.0


def test_participation_of_a_unit_follows_from_the_ages_of_its_children(tmp_path):
    path = write_city(
        tmp_path,
        "scotland",
        stages=("primary", "secondary"),
        schools=[{"school_id": "S", "name": "S", "school_type": "secondary", "ownership": "public",
                  "seats_secondary": 500, "enrolment_secondary": 540}],
        units=[{"unit_id": "A", **of_age(100, 11, 12)}, {"unit_id": "B", **of_age(100, 15, 16)}],
    )  # fmt: skip
    pupils = lp.make_study(lp.load_plan(path)).demand.pupils["secondary"][2025]
    assert [round(pupils[unit], 6) for unit in ("A", "B")] == [200.0, 145.0]


def test_infant_schools_do_not_serve_the_upper_grades(tmp_path):
    """Four infant schools of 400 seats each, 400 pupils of grades 1-6 beside each: 800 have no seat."""
    path = write_city(
        tmp_path,
        "cn-national",
        stages=("primary",),
        schools=[{"school_id": f"S{k}", "name": f"S{k}", "school_type": "primary", "ownership": "public",
                  "seats_primary": 400, "enrolment_primary": 200, "grades": "1;2;3"} for k in range(4)],
        units=[{"unit_id": f"U{k}", "catchment_primary": f"S{k}", **of_age(400 / 6, 6, 11)}
               for k in range(4)],
    )  # fmt: skip
    _, balance = evaluated(path)
    wanted = [1600.0, 1600.0, 800.0, 800.0]
    assert figures(balance, "primary", "demand", "seats", "shortfall", "surplus") == wanted
    assert figures(balance, "primary", "unserved") == [800.0]
    assert balance.zoned_schools.query("year == 2025")["pupils"].round(6).tolist() == [200.0] * 4


def test_grades_that_are_all_of_the_stage_change_nothing(tmp_path):
    units = [{"unit_id": "U", "catchment_primary": "S", **of_age(50, 6, 11)}]
    school = {"school_id": "S", "name": "S", "school_type": "primary", "ownership": "public"}
    found = []
    for name, grades in (("some", "1-6"), ("none", None)):
        folder = tmp_path / name
        folder.mkdir()
        more = {"seats_primary": 270, "grades": grades}
        _, balance = evaluated(
            write_city(folder, "cn-national", schools=[{**school, **more}], stages=("primary",), units=units)
        )
        found.append(balance)
    pd.testing.assert_frame_equal(found[0].city, found[1].city)
    pd.testing.assert_frame_equal(found[0].assignment, found[1].assignment)


def test_a_grade_of_no_stage_is_refused(tmp_path):
    path = write_city(
        tmp_path,
        "us",
        stages=("elementary",),
        schools=[{"school_id": "S", "name": "S", "school_type": "elementary", "ownership": "public",
                  "seats_elementary": 100, "grades": "K;1;P7"}],
        units=[{"unit_id": "U", **of_age(10)}],
    )  # fmt: skip
    with pytest.raises(lp.InputError) as error:
        lp.load_city(lp.load_plan(path))
    (fault,) = [one for one in error.value.faults if one.severity == "error"]
    assert (fault.code, fault.params["label"], fault.rows) == ("school_grades_unknown", "P7", ("2",))


def test_a_profile_of_your_own_defines_its_stages(tmp_path):
    (tmp_path / "mine.toml").write_text(
        """
id = "mine"
name_en = "Mine"
name_zh = "我的"
inherits = "us"
[[stage]]
id = "lower"
name_en = "lower school"
name_zh = "低年级学校"
compulsory = true
[[rule]]
key = "stage.ages"
value = { lower = [5, 8] }
unit = "years"
valid_from = 2000
source = "ours"
confidence = "D"
"""
        + "\n".join(
            f'[[rule]]\nkey = "{key}"\nof = "lower"\nvalue = {value}\nunit = ""\nvalid_from = 2000\n'
            'source = "ours"\nconfidence = "D"'
            for key, value in (
                ("class_size.standard", 20), ("class_size.cap", 25), ("class_size.oversized", 26),
                ("walking.service_radius", 1000), ("walking.reach", 3000), ("demand.participation", 1.0),
            )
        ),
        encoding="utf-8",
    )  # fmt: skip
    path = write_city(
        tmp_path,
        "mine.toml",
        stages=("lower",),
        schools=[{"school_id": "S", "name": "S", "school_type": "lower school", "ownership": "public",
                  "seats_lower": 30}],
        units=[{"unit_id": "U", **of_age(10)}],
    )  # fmt: skip
    _, balance = evaluated(path)
    assert figures(balance, "lower", "demand", "seats", "unserved") == [40.0, 30.0, 10.0]
    assert lp.load_plan(path).profile.schooling.stage("lower").name_zh == "低年级学校"


def test_stages_of_the_shipped_profiles():
    named = {name: load_profile(name).at(2025).stages for name in ("ca-ontario", "us", "scotland", "england")}
    assert named == {
        "ca-ontario": ("elementary", "secondary"),
        "us": ("elementary", "middle", "high"),
        "scotland": ("primary", "secondary"),
        "england": ("primary", "secondary", "sixth_form"),
    }


def with_projection(path: Path, *, follow: bool, pupils: str = "elementary,2025,485") -> Path:
    """Give the authority's own projection to a plan."""
    (path.parent / "projections.csv").write_text(f"stage,year,pupils\n{pupils}\n", encoding="utf-8")
    plan = path.read_text(encoding="utf-8")
    plan = plan.replace("[uncertainty]", f"follow_projection = {str(follow).lower()}\n[uncertainty]")
    path.write_text(plan + '[tables.projections]\nfile = "projections.csv"\n', encoding="utf-8")
    return path


def test_a_plan_follows_the_projection_of_its_school_board(tmp_path):
    """485 for 388 pupils, a quarter more: 242.5 of grades 4-8 for 120 seats, where 194 were."""
    study, balance = evaluated(with_projection(ontario(tmp_path), follow=True))
    assert figures(balance, "elementary", "demand", "unserved") == [485.0, 122.5]
    assert figures(balance, "secondary", "demand") == [152.0]
    told = study.reconciliation.set_index(["stage", "year"]).loc[("elementary", 2025)]
    assert told[["by_residents", "by_authority", "demand"]].tolist() == [388.0, 485.0, 485.0]
    (note,) = (one for one in study.demand.notes if one.code.startswith("projection"))
    assert "the plan follows the authority's own projection, 485 pupils" in note.what("en")


def test_a_projection_that_is_not_followed_is_compared(tmp_path):
    study, balance = evaluated(with_projection(ontario(tmp_path), follow=False))
    assert figures(balance, "elementary", "demand", "unserved") == [388.0, 74.0]
    (note,) = (one for one in study.demand.notes if one.code.startswith("projection"))
    assert "projects 485 pupils, +25.0% against the 388" in note.what("en")


def test_a_projection_to_be_followed_must_be_given(tmp_path):
    path = with_projection(ontario(tmp_path), follow=True, pupils="elementary,2031,485")
    with pytest.raises(lp.InputError) as refused:
        lp.make_study(lp.load_plan(path))
    (fault,) = refused.value.faults
    assert fault.code == "projection_not_given"
    assert "no row for its stages in 2025-2025" in fault.what("en")


@pytest.mark.parametrize("profile", ["ca-ontario", "england", "scotland", "us"])
def test_no_rule_of_chinese_schools_alone_is_held_against_a_foreign_city(profile):
    schooling = load_profile(profile).schooling
    case = worked_example(
        profile=profile,
        stages=schooling.ids,
        schools={"school_id": ["A"], "school_type": [schooling.type_ids[0]]},
        units={"unit_id": ["U"], **{age: [count] for age, count in of_age(100).items()}},
    )
    rows = evaluate_rules(case)
    own = {spec.id for spec in rule_specs() if spec.country == "cn"}
    assert set(rows.loc[rows["rule"].isin(own), "status"]) == {"does_not_apply"}
    assert rows[["document", "quote", "document_rows"]].isna().all(axis=None)
    silent = rows[(rows["status"] == "no_data") & rows["missing"].isna()]
    # nothing is proposed, no hotspot was looked for, and the ledger holds no case
    assert set(silent["rule"]) <= {"layout.deficit_cleared", "catchments.hotspots", "ledger.closed_cases",
                                   "ledger.dated_cases", "reporting.rectified"}  # fmt: skip
