"""The operators: each a function of one supply to another, with its laws."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutplan.layouts import operators
from layoutplan.layouts.supply import Supply
from tests.balance.towns import PLAIN
from tests.examples import examples
from tests.small_city import CRS, YEARS, small_profile
from tests.studies import supply_of

ALL = np.ones(len(YEARS), dtype=bool)
NO_LINKS = pd.DataFrame({"catchment_id": [], "stage": [], "school_id": []})
years = st.lists(st.booleans(), min_size=len(YEARS), max_size=len(YEARS)).map(np.array)
amounts = st.floats(-2000, 2000).map(lambda value: np.full(len(YEARS), value))


def supply():
    seats, zoning = supply_of(PLAIN)
    return Supply(
        schools=seats.schools,
        seats={stage: frame.to_numpy() for stage, frame in seats.seats.items()},
        closed=np.zeros((3, len(YEARS)), dtype=bool),
        beds=np.zeros((3, len(YEARS))),
        links=zoning.catchment_schools,
    )


TOWN = supply()


def change(primary=0.0, junior=0.0):
    return {"primary": np.full(len(YEARS), float(primary)), "junior": np.full(len(YEARS), float(junior))}


def school(school_id="N", *, counts=True, like="S1"):
    old = TOWN.schools.loc[like]
    words = {name: old[name] for name in ("school_type", "ownership", "district_id")}
    return operators.campus(school_id, place=old.geometry, crs=CRS, counts=counts, name="N", **words)


def same(first, second):
    pd.testing.assert_frame_equal(first.schools, second.schools)
    pd.testing.assert_frame_equal(first.links, second.links)
    np.testing.assert_array_equal(first.closed, second.closed)
    for stage in first.seats:
        np.testing.assert_array_equal(first.seats[stage], second.seats[stage])


def offered(plan, school_id, stage="primary"):
    return plan.offered(stage)[plan.row(school_id)].tolist()


@given(years)
def test_closing_then_reopening_changes_nothing(when):
    closed = operators.close_school(TOWN, "S1", when=when)
    assert offered(closed, "S1") == [0 if shut else 810 for shut in when]
    same(operators.reopen_school(closed, "S1", when=when), TOWN)


@settings(max_examples=examples(15))
@given(years, amounts)
def test_no_operator_changes_its_arguments(when, more):
    before = supply()
    seats = {"primary": np.abs(more), "junior": more}
    operators.add_seats(before, "S1", seats=seats)
    operators.close_school(before, "S2", when=when)
    operators.move_school(before, "S2", school=school(), when=when, added=seats)
    operators.split_school(before, "S2", leaving=("primary",), when=when, school=school())
    operators.convert_school(before, "S3", counts=True, first=2027)
    operators.purchase_seats(before, "S3", bought=seats, school=school(like="S3"), links=NO_LINKS)
    same(before, TOWN)


@given(amounts)
def test_seats_never_fall_below_none_and_what_is_added_can_be_taken_back(more):
    grown = operators.add_seats(TOWN, "S1", seats={"primary": more, "junior": np.abs(more)})
    assert min(offered(grown, "S1")) >= 0
    back = operators.add_seats(grown, "S1", seats={"primary": -np.abs(more), "junior": -np.abs(more)})
    if more[0] >= 0:
        np.testing.assert_allclose(offered(back, "S1"), offered(TOWN, "S1"), atol=1e-9)


@settings(max_examples=examples(20))
@given(years)
def test_a_move_and_a_split_conserve_seats(when):
    moved = operators.move_school(TOWN, "S2", school=school(), when=when, added=change())
    split = operators.split_school(TOWN, "S2", leaving=("junior",), when=when, school=school())
    for stage in TOWN.seats:
        total = TOWN.offered(stage).sum(axis=0)
        np.testing.assert_allclose(moved.offered(stage).sum(axis=0), total)
        np.testing.assert_allclose(split.offered(stage).sum(axis=0), total)
    assert offered(split, "N", "primary") == [0] * 6


def test_a_split_without_a_new_school_frees_the_seats():
    freed = operators.split_school(TOWN, "S2", leaving=("primary",), when=ALL)
    assert offered(freed, "S2") == [0] * 6
    assert offered(freed, "S2", "junior") == [600] * 6


@settings(max_examples=examples(20))
@given(st.floats(0, 1000))
def test_a_purchase_counts_only_what_the_private_school_has(wanted):
    plan = operators.purchase_seats(
        TOWN, "S3", bought=change(wanted, wanted), school=school(like="S3"), links=NO_LINKS
    )
    assert offered(plan, "N")[0] == pytest.approx(min(wanted, 180))
    np.testing.assert_allclose(plan.offered("primary").sum(axis=0), TOWN.offered("primary").sum(axis=0))
    assert (plan.schools.loc["N", "counts"], plan.schools.loc["S3", "counts"]) == (True, False)


def test_seats_of_a_public_school_cannot_be_bought():
    same(operators.purchase_seats(TOWN, "S1", bought=change(90), school=school(), links=NO_LINKS), TOWN)


def test_a_move_takes_its_catchment_along():
    moved = operators.move_school(TOWN, "S1", school=school(), when=ALL, added=change(90))
    assert moved.links.loc[moved.links["school_id"] == "N", "catchment_id"].tolist() == ["C1"]
    assert (offered(moved, "S1"), offered(moved, "N")) == ([0] * 6, [900] * 6)


def test_a_move_of_a_school_that_has_closed_brings_no_seats():
    shut = operators.close_school(TOWN, "S1", when=ALL)
    moved = operators.move_school(shut, "S1", school=school(), when=ALL, added=change(90))
    assert offered(moved, "N") == [0] * 6


@pytest.mark.parametrize(
    ("floor_m2", "land_m2", "classes"),
    [(None, None, 0), (329, None, 0), (330, None, 1), (None, 1259, 2), (3300, 1260, 3), (99_999, None, 12)],
)
def test_classes_that_fit_into_empty_rooms(floor_m2, land_m2, classes):
    """A class takes 30 × 11 m² of floor and 30 × 14 m² of land; a kindergarten has 12 classes at most."""
    standards = small_profile().at(2025)
    found = operators.classes_possible(standards, "kindergarten", floor_m2=floor_m2, land_m2=land_m2)
    assert found == classes
