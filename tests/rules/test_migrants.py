"""Children of migrant workers: who has a public seat, who has any, who is near one."""

import pytest

from layoutplan.rules import evaluate_rules, rule_spec
from layoutplan.rules.measures.migrants import (
    designated_schools,
    designated_walk,
    near,
    permit_basis,
    placed,
    public_share,
    unplaced,
)
from layoutplan.rules.worked_examples import worked_example

UNITS = {
    "unit_id": ["U", "V"],
    "x": [0, 3000],
    "y": [0, 0],
    "age_6": [100, 100],
    "migrants_primary": [60, 40],
}


def town(**changes):
    schools = {
        "school_id": ["A", "B"],
        "school_type": ["primary", "primary"],
        "ownership": ["public", "private"],
        "seats_primary": [540, 270],
        "migrants_primary": [70, 30],
        "x": [0, 200],
        "y": [0, 0],
    }
    return worked_example(
        profile="cn-wenzhou-2022", stages=["primary"], schools={**schools, **changes}, units=UNITS
    )


@pytest.mark.parametrize(
    ("bought", "public", "need"), [(None, 70, 20), (20, 90, 0), (19, 89, 1), (99, 100, 0)]
)
def test_bought_seats_count_as_far_as_migrants_sit_in_them(bought, public, need):
    case = town(purchased_seats_primary=[None, bought])
    (row,) = evaluate_rules(case, rules=[rule_spec("migrants.public_share")]).to_dict("records")
    assert (row["numerator"], row["denominator"], row["need"]) == (public, 100, need)
    assert (row["status"], row["threshold"]) == ("met" if public >= 90 else "missed", 0.9)


def test_the_older_threshold_holds_in_older_years():
    case = town()
    assert [case.profile.at(year).number("migrants.public_share") for year in (2017, 2021, 2022)] == [
        0.85,
        0.85,
        0.9,
    ]


def test_placed_and_unplaced_say_the_same():
    case = town(migrants_primary=[70, 25])
    assert placed(case)[["numerator", "denominator"]].to_numpy().tolist() == [[95, 100]]
    assert unplaced(case)["value"].tolist() == [5]
    more = town(migrants_primary=[90, 40])  # pupils from elsewhere fill no gap twice
    assert placed(more)["value"].tolist() == [1.0]
    assert unplaced(more)["value"].tolist() == [0.0]


def test_near_counts_pupils_by_where_they_live():
    assert near(town())["value"].round(9).tolist() == [0.6]


def test_designated_schools_and_the_walk_to_them():
    case = town(migrant_designated=[True, False])
    assert designated_schools(case)["value"].tolist() == [1.0]
    walk = designated_walk(case)
    assert walk["value"].tolist() == [0.0]  # those of U live at the school; V is out of reach
    assert walk["need"].iloc[0] == pytest.approx(case.demand.of_migrants["primary"].loc["V", 2025])
    assert public_share(case)["need_unit"].tolist() == ["pupils"]


def test_no_designated_school_is_no_walk():
    assert designated_walk(town(migrant_designated=[False, False]))["value"].isna().all()


def test_without_migrants_in_the_units_the_rule_says_what_is_missing():
    case = worked_example(stages=["primary"], schools={"school_id": ["A"], "school_type": ["primary"]})
    (row,) = evaluate_rules(case, rules=[rule_spec("migrants.placed")]).to_dict("records")
    assert (row["status"], row["missing"]) == ("no_data", "units.migrants_{stage};schools.migrants_{stage}")
    assert permit_basis(case).empty or permit_basis(case)["value"].isna().all()
