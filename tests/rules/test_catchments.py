"""Catchments: do they divide the land, and has every child a seat near by."""

from dataclasses import replace
from itertools import pairwise

import geopandas as gpd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from layoutplan.rules import evaluate_rules, rule_spec
from layoutplan.rules.partition import gap_m2, overlaps, pieces, plan_ground
from layoutplan.rules.worked_examples import worked_example
from tests.examples import examples

SQUARE = {"district_id": ["D"], "name": ["d"], "box": [(0, 0, 1000, 1000)]}
HALVES = {"catchment_id": ["C1", "C2"], "stage": ["primary"] * 2}


def status(case, rule):
    return evaluate_rules(case, rules=[rule_spec(rule)]).set_index("area_id")["status"].to_dict()


cuts = st.lists(st.integers(1, 99), min_size=1, max_size=5, unique=True).map(sorted)


@settings(max_examples=examples(25))
@given(cuts, st.integers(0, 4), st.integers(0, 30))
def test_strips_divide_a_square_unless_one_is_moved(at, which, shift):
    edges = [0, *at, 100]
    strips = [box(low, 0, high, 100) for low, high in pairwise(edges)]
    which = which % len(strips)
    strips[which] = shapely.affinity.translate(strips[which], 0, shift)
    shapes = gpd.GeoSeries(strips)
    gap = gap_m2(box(0, 0, 100, 100), shapely.union_all(strips), sliver_m2=0)
    assert gap == pytest.approx(shift * (edges[which + 1] - edges[which]))
    assert overlaps(shapes, sliver_m2=0).empty
    assert (pieces(shapes, sliver_m2=0) == 1).all()


@settings(max_examples=examples(25))
@given(st.integers(1, 40))
def test_an_overlap_is_the_same_whichever_comes_first(width):
    one, other = box(0, 0, 50, 100), box(50 - width, 0, 100, 100)
    for shapes in ({"A": one, "B": other}, {"A": other, "B": one}):
        assert overlaps(gpd.GeoSeries(shapes), sliver_m2=0)["area_m2"].tolist() == [100.0 * width]


@pytest.mark.parametrize(
    ("width", "met"), [(500.009, "met"), (500.011, "missed"), (499.991, "met"), (499.98, "missed")]
)
def test_the_stated_tolerance_is_10_square_metres(width, met):
    """Half the square and half again: a strip up to 0.01 × 1,000 m is a sliver."""
    case = worked_example(
        districts=SQUARE, catchments={**HALVES, "box": [(0, 0, width, 1000), (500, 0, 1000, 1000)]}
    )
    rule = "catchments.overlaps" if width > 500 else "catchments.gaps"
    assert set(status(case, rule).values()) == {met}


def test_without_districts_and_drawn_units_nothing_says_where_the_plan_ends():
    case = worked_example(catchments={**HALVES, "box": [(0, 0, 500, 1000), (500, 0, 1000, 1000)]})
    assert plan_ground(case.city) is None
    assert status(case, "catchments.gaps") == {"city": "no_data"}


def test_a_hole_is_a_gap_of_its_district_only():
    case = worked_example(
        districts={
            "district_id": ["W", "E"],
            "name": ["w", "e"],
            "box": [(0, 0, 500, 900), (500, 0, 900, 900)],
        },
        catchments={**HALVES, "box": [(0, 0, 500, 900), (500, 0, 900, 800)]},
    )
    rows = evaluate_rules(case, rules=[rule_spec("catchments.gaps")]).set_index("area_id")
    assert rows["value"].to_dict() == {"city": 40_000, "W": 0, "E": 40_000}
    assert rows["status"].to_dict() == {"city": "missed", "W": "met", "E": "missed"}


@pytest.mark.parametrize(("seats", "met"), [(600, "met"), (599, "missed")])
def test_a_public_seat_for_each_child(seats, met):
    """Kunming promised it in 2006; a place near enough for every pupil is the law's."""
    case = worked_example(
        profile="cn-kunming-2006",
        stages=["primary"],
        target_year=2025,
        schools={"school_id": ["A"], "school_type": ["primary"], "seats_primary": [seats]},
        units={"unit_id": ["U"], "x": [500], "y": [500], "age_6": [600]},
    )
    assert status(case, "catchments.seats_per_child")["city"] == met
    assert status(case, "catchments.placed")["city"] == met
    assert status(case, "catchments.within_radius")["city"] == "met"


def test_children_in_no_catchment_are_missed():
    case = worked_example(
        stages=["primary"],
        units={"unit_id": ["U", "V"], "x": [100, 2000], "y": [100, 100], "age_6": [600, 3]},
        catchments={"catchment_id": ["C"], "stage": ["primary"], "box": [(0, 0, 1000, 1000)]},
        target_year=2025,
    )
    rows = evaluate_rules(case, rules=[rule_spec("catchments.outside")])
    assert rows[["status", "numerator", "denominator"]].values.tolist() == [["missed", 3, 603]]


def test_hotspots_of_a_run_without_them_are_no_data():
    assert status(replace(worked_example(), hotspots=None), "catchments.hotspots") == {"city": "no_data"}
