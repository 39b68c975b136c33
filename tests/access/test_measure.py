"""Access under a plan: figures of the toy town by hand, the bundled city against its balance."""

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutplan.access import measure_access
from layoutplan.balance import evaluate
from layoutplan.dictionary import result_table
from layoutplan.plan import AccessSettings
from tests.balance.towns import cell, judged, seat_counts, study, town
from tests.examples import examples
from tests.small_city import straight_pairs
from tests.studies import layout_of


def measured(city, *, years=(2025,), **access):
    here = study(city, access=AccessSettings(**access))
    return measure_access(here, evaluate(here), years=years)


@pytest.fixture(scope="module")
def town_access():
    """The toy town: U5 (300 primary pupils) and U2 (120) have a school of their own at the door."""
    return measured(town(seats=[200.0, 500.0, 0.0]))


def test_every_column_of_the_dictionary_is_there(town_access):
    tables = {"access": town_access.units, "coverage": town_access.coverage}
    tables |= {"access_gaps": town_access.gaps, "access_inequality": town_access.inequality}
    tables |= {"access_by_place": town_access.places}
    for name, frame in tables.items():
        assert list(frame.columns) == [*result_table(name).column_names]
        assert not frame.duplicated([*result_table(name).key]).any()


def test_a_school_near_and_a_seat_near_are_told_apart(town_access):
    whole = {"level": "city", "stage": "primary", "year": 2025}
    assert cell(town_access.coverage, "demand", **whole) == 1260
    assert cell(town_access.coverage, "near", **whole) == 420
    assert cell(town_access.coverage, "seated", **whole) == 320
    assert cell(town_access.coverage, "share_seated", **whole) == pytest.approx(320 / 1260)
    north = {"district_id": "D1", "stage": "primary", "year": 2025}
    assert cell(town_access.coverage, "near", **north) == 300
    assert cell(town_access.coverage, "seated", **north) == 200


def test_gaps_are_named_worst_first(town_access):
    gaps = town_access.gaps[town_access.gaps["stage"] == "primary"]
    assert gaps["area_id"].tolist() == ["U6", "U4", "U3", "U5", "U1"]
    assert gaps["rank"].tolist() == [1, 2, 3, 4, 5]
    assert gaps["without_seat"].tolist() == [360, 240, 180, 100, 60]
    assert gaps["without_school"].tolist() == [360, 240, 180, 0, 60]
    assert gaps["name"].iloc[0] == "U6 社区"
    assert gaps["district"].tolist() == ["北区", "北区", "南区", "北区", "南区"]


def test_access_looks_as_far_as_the_plan_says():
    city = town(seats=[200.0, 500.0, 0.0])
    near = measured(city, distance_m={"primary": 500.0}).units.query("stage == 'primary'")
    assert near["access_2sfca"].tolist() == pytest.approx([0, 500 / 120, 0, 0, 200 / 300, 0])
    far = measured(city).units.query("stage == 'primary'")
    assert (far["access_2sfca"] > 0).all()
    assert (near["nearest_school_m"].to_numpy() == far["nearest_school_m"].to_numpy()).all()


def test_seats_against_pupils_are_compared_by_catchment_else_by_district(town_access):
    table = town_access.inequality
    assert cell(table, "mismatch_by", stage="primary") == "catchment"
    assert cell(table, "mismatch", stage="primary") == pytest.approx(abs(200 / 700 - 900 / 1260))
    assert cell(table, "mismatch_by", stage="junior") == "district"


def by_hand(found, city):
    """Seats per pupil of every place: the units' own, weighed by their pupils, unit by unit."""
    sums = {}
    for row in found.units.to_dict("records"):
        unit, stage = city.units.loc[row["unit_id"]], row["stage"]
        held = city.unit_catchments[stage][row["unit_id"]] if stage in city.unit_catchments else None
        for place in (("city", None), ("district", unit["district_id"]), ("catchment", held)):
            if place[1] is not None or place[0] == "city":
                pupils, seats = sums.get((*place, stage, row["year"]), (0.0, 0.0))
                more = row["demand"] * row["access_e2sfca"]
                sums[(*place, stage, row["year"])] = (pupils + row["demand"], seats + more)
    return sums


@settings(max_examples=examples(15))
@given(seat_counts, st.lists(st.integers(0, 80).map(float), min_size=6, max_size=6))
def test_access_of_a_place_is_the_mean_over_its_pupils(seats, children):
    city = town(seats, children)
    found = measured(city, years=(2025, 2030))
    places = found.places[found.places["year"].isin([2025, 2030])]
    expected = by_hand(found, city)
    assert len(places) == len(expected)
    for row in places.to_dict("records"):
        pupils, seats_held = expected[(row["level"], row["place_id"], row["stage"], row["year"])]
        assert row["demand"] == pytest.approx(pupils)
        if pupils > 0:
            assert row["mean_access"] == pytest.approx(seats_held / pupils)
        else:
            assert np.isnan(row["mean_access"])
    assert set(found.places["year"]) == set(city.years)


@settings(max_examples=examples(15))
@given(seat_counts, st.lists(st.integers(0, 80).map(float), min_size=6, max_size=6))
def test_coverage_by_distance_is_the_balance_s_own_and_by_seats_never_more(seats, children):
    city = town(seats, children)
    found, balance = measured(city, years=(2025, 2030, 2030)), judged(city)
    coverage = found.coverage
    assert (coverage["seated"] <= coverage["near"] + 1e-6).all()
    for level, table, key in (("city", balance.city, []), ("district", balance.districts, ["district_id"])):
        own = coverage[coverage["level"] == level]
        both = own.merge(table, on=["layout", *key, "stage", "year"], suffixes=("", "_balance"))
        assert len(both) == len(own)
        np.testing.assert_allclose(both["share_near"], both["share_within_radius"], rtol=1e-12)
    lacking = found.gaps.groupby(["stage", "year"])["without_seat"].sum()
    whole = coverage[coverage["level"] == "city"].set_index(["stage", "year"])
    unseated = whole["demand"] - whole["seated"]
    np.testing.assert_allclose(lacking.reindex(whole.index, fill_value=0.0), unseated, atol=3.0)


def test_walks_of_another_plan_are_refused():
    city = town()
    here = study(city)
    others = straight_pairs(city.units.geometry.iloc[::-1], here.today.seats.schools.geometry)
    with pytest.raises(ValueError, match="in their order"):
        measure_access(here, evaluate(here), layout_of(here, walks=others))


def test_by_default_the_base_and_the_target_year_of_todays_layout_are_measured():
    here = study(town(), target_year=2028)
    found = measure_access(here, evaluate(here))
    assert set(found.units["year"]) == {2025, 2028}
    assert set(found.units["layout"]) == {here.today.id}
    other = layout_of(here, id="other")
    again = measure_access(here, evaluate(here, other), other)
    assert set(again.units["layout"]) == {"other"}


@pytest.mark.xdist_group("demo")
def test_the_bundled_city_agrees_with_its_balance(demo_run):
    target = demo_run.plan.general.target
    assert len(demo_run.evaluations) == 2
    for one in demo_run.evaluations.values():
        balance, coverage, units = one.balance, one.access.coverage, one.access.units
        own = coverage[(coverage["level"] == "city") & (coverage["year"] == target)].set_index("stage")
        theirs = balance.city[balance.city["year"] == target].set_index("stage").reindex(own.index)
        np.testing.assert_allclose(own["share_near"], theirs["share_within_radius"], rtol=1e-12)
        seated = units[units["year"] == target].groupby("stage")["seated"].sum()
        np.testing.assert_allclose(own["seated"], seated.reindex(own.index))
    uneven = demo_run.evaluations[demo_run.study.today.id].access.inequality
    parts = uneven["theil_between"] + uneven["theil_within"]
    pd.testing.assert_series_equal(uneven["theil"], parts, check_names=False)


@pytest.mark.xdist_group("demo")
def test_service_areas_of_the_bundled_city(demo_run):
    areas, schools = demo_run.service_areas, demo_run.proposal.layout.seats.schools
    assert areas.is_valid.all()
    assert set(areas["stage"]) == {"kindergarten", "primary", "junior"}  # seniors' 5 km are not drawn
    places = schools.geometry.loc[areas["school_id"]].array
    assert shapely.intersects(areas.geometry.array, places).all()
    circles = shapely.buffer(places, areas["radius_m"], quad_segs=64)
    assert shapely.area(shapely.difference(areas.geometry.array, circles)).max() < 1
    assert (areas["area_m2"] > 10_000).all()
    assert "proposed" in set(areas["status"])
