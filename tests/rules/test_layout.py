"""Seat balance, ways to seats, deficits, coverage, mismatch, standardisation, target size."""

from dataclasses import replace

import pytest

from layoutplan.rules import evaluate_rules, rule_spec
from layoutplan.rules.measures.layout import (
    access_inequality,
    coverage,
    deficit_cleared,
    standardised,
    target_size,
    ways_to_seats,
)
from layoutplan.rules.measures.seat_balance import (
    school_district_seats,
    seat_balance,
    short_in_catchments,
)
from layoutplan.rules.worked_examples import worked_example

DISTRICTS = {
    "district_id": ["D1", "D2"],
    "name": ["west", "east"],
    "box": [(0, 0, 500, 900), (500, 0, 999, 900)],
}


def town(west=540, east=270, pupils=(600, 200)):
    return worked_example(
        stages=["primary"],
        target_year=2025,
        districts=DISTRICTS,
        schools={
            "school_id": ["A", "B"],
            "school_type": ["primary"] * 2,
            "seats_primary": [west, east],
            "x": [100, 900],
            "y": [100, 100],
        },
        units={"unit_id": ["U", "V"], "x": [110, 890], "y": [100, 100], "age_6": [*pupils]},
        catchments={
            "catchment_id": ["C1", "C2"],
            "stage": ["primary"] * 2,
            "name": ["w", "e"],
            "box": [(0, 0, 500, 900), (500, 0, 999, 900)],
        },
    )


@pytest.fixture(scope="module")
def even():
    return town()


def statuses(case, rule):
    results = evaluate_rules(case, rules=[rule_spec(rule)])
    return dict(zip(results["area_id"], results["status"], strict=True))


def test_the_balance_says_what_each_area_lacks_as_a_whole(even):
    rows = seat_balance(even).set_index("area_id")
    assert rows["value"].to_dict() == {"city": 10, "D1": -60, "D2": 70, "C1": -60, "C2": 70}
    assert rows["need"].to_dict() == {"city": 0, "D1": 60, "D2": 0, "C1": 60, "C2": 0}
    assert rows.loc["city", "case_ids"] == "C1"
    assert statuses(even, "layout.seat_balance") == {
        "city": "met", "D1": "missed", "D2": "met", "C1": "missed", "C2": "met"
    }  # fmt: skip


def test_the_gross_shortage_is_that_within_catchments(even):
    rows = short_in_catchments(even).set_index("area_id")
    assert rows["value"].to_dict() == {"city": 60, "D1": 60, "D2": 0}
    assert rows["case_ids"].to_dict() == {"city": "C1", "D1": "C1", "D2": None}
    assert set(statuses(even, "layout.short_in_catchments").values()) == {"reported"}


def test_a_stage_without_catchments_has_no_shortage_within_catchments():
    case = worked_example(
        stages=["primary"],
        target_year=2025,
        districts=DISTRICTS,
        units={"unit_id": ["U"], "x": [110], "y": [100], "age_6": [60]},
    )
    assert short_in_catchments(case).empty
    for table in (case.balance.city, case.balance.districts):
        assert table[["shortfall", "surplus"]].isna().all(axis=None)
    assert case.balance.city["unserved"].tolist() == [60]


def test_what_must_be_built_is_net_of_what_schools_share(even):
    """U's 60 pupils too many find a seat 1,027 m away at B; only 30 of 830 pupils have none."""
    cases = [even, town(pupils=(600, 240))]
    assert [ways_to_seats(case, subject="build")["denominator"].iloc[0] for case in cases] == [0, 30]


def test_the_ways_to_seats_cover_the_whole_shortfall(even):
    ways = [ways_to_seats(even, subject=way).set_index("area_id") for way in ("reuse", "expand", "build")]
    total = sum(rows["numerator"] for rows in ways)
    assert total.to_dict() == pytest.approx(ways[0]["denominator"].to_dict())
    assert all((rows["numerator"] >= 0).all() for rows in ways)


def test_rooms_that_are_empty_come_first():
    """At least 15 m² a seat: 8,100 m² hold the 540 seats of 12 classes, 12,150 m² would hold 18 classes."""
    case = worked_example(
        stages=["primary"],
        target_year=2025,
        units={"unit_id": ["U"], "age_6": [700]},
        sites={
            "site_id": ["L1"], "status": ["idle"], "area_m2": [12_149], "school_types": ["primary"],
            "x": [1], "y": [1],
        },
    )  # fmt: skip
    reuse, build = (ways_to_seats(case, subject=way).iloc[0] for way in ("reuse", "build"))
    assert (reuse["numerator"], reuse["case_ids"], build["numerator"]) == (540, "L1", 160)


def test_a_deficit_is_cleared_in_part_wholly_or_was_never_there(even):
    short, better = town(pupils=(900, 200)), town(west=700, pupils=(900, 200))
    rows = deficit_cleared(replace(short, proposed=better.balance)).set_index("area_id")
    assert rows.loc["city", ["numerator", "denominator", "need"]].tolist() == [160, 290, 130]
    assert deficit_cleared(replace(even, proposed=even.balance))["value"].tolist() == [1, 1, 1]
    assert deficit_cleared(even).empty
    (row,) = evaluate_rules(even, rules=[rule_spec("layout.deficit_cleared")]).to_dict("records")
    assert row["status"] == "no_data"


def test_coverage_and_inequality_are_the_access_stages_own(even):
    near = coverage(even, subject="near")
    table = even.access.coverage
    assert near["numerator"].tolist() == table["near"].tolist()
    assert near["denominator"].tolist() == table["demand"].tolist()
    assert access_inequality(even, subject="mismatch")["value"].tolist() == pytest.approx(
        even.access.inequality["mismatch"].tolist()
    )
    without = replace(even, access=None)
    assert coverage(without, subject="near").empty
    assert access_inequality(without, subject="gini").empty


def test_the_mismatch_is_the_share_of_seats_that_would_have_to_move(even):
    value = access_inequality(even, subject="mismatch")["value"].item()
    assert value == pytest.approx(abs(540 / 810 - 600 / 800))


def test_junior_balance_is_by_school_district():
    case = worked_example(
        stages=["junior"],
        target_year=2025,
        schools={"school_id": ["A"], "school_type": ["junior"], "seats_junior": [90], "x": [1], "y": [1]},
        units={"unit_id": ["U"], "x": [2], "y": [2], "age_12": [100]},
        catchments={"catchment_id": ["C"], "stage": ["junior"], "name": ["c"], "box": [(0, 0, 900, 900)]},
        districts={
            "district_id": ["D", "X"],
            "name": ["d", "x"],
            "kind": ["district", "school_district"],
            "box": [(0, 0, 900, 900)] * 2,
        },
    )
    (row,) = school_district_seats(case).to_dict("records")
    assert (row["area_kind"], row["area_id"], row["value"], row["need"]) == ("school_district", "X", -10, 10)


@pytest.mark.parametrize(("met", "status"), [(3, "met"), (2, "missed")])
def test_three_of_four_schools_must_meet_the_standards(met, status):
    flags = [True] * met + [False] * (4 - met)
    case = worked_example(
        profile="cn-hefei-2013",
        schools={
            "school_id": ["A", "B", "C", "D", "K"],
            "school_type": ["primary", "junior", "nine_year", "primary", "senior"],
            "standardised": [*flags, False],
        },
    )
    assert standardised(case)[["value", "need"]].values.tolist() == [[met / 4, 3 - met]]
    assert statuses(case, "layout.standardised") == {"city": status}


def test_target_size_is_reported_and_needs_both_figures():
    case = worked_example(
        schools={
            "school_id": ["A", "B", "C"],
            "school_type": ["primary"] * 3,
            "enrolment_primary": [1200, 800, 500],
            "target_size": [1000, 1000, None],
        }
    )
    rows = target_size(case).set_index("area_id")
    assert rows["value"].round(6).to_dict() == {"A": 0.2, "B": 0.2}
    assert rows["need"].to_dict() == {"A": 200, "B": -200}
    assert set(statuses(case, "layout.target_size").values()) == {"reported"}
