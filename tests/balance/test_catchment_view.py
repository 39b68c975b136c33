"""How demand and seats are divided over catchments and what lies outside them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutplan.balance.catchment_view import divide
from tests.balance.towns import PLAIN, child_counts, demand_of, seat_counts, seats_of, study, town
from tests.examples import examples
from tests.small_city import SCHOOLS, small_city


def parts_of(city, stage="primary"):
    layout = study(city).today
    return divide(
        city,
        layout,
        stage=stage,
        demand=demand_of(city).pupils[stage].to_numpy(),
        counted=layout.seats.counted(stage).to_numpy(),
    )


def linked(*links):
    rows = [{"catchment_id": one, "stage": "primary", "school_id": two} for one, two in links]
    return replace(
        PLAIN, catchment_schools=pd.DataFrame(rows, columns=["catchment_id", "stage", "school_id"])
    )


def test_each_catchment_has_its_own_demand_and_seats():
    parts = parts_of(PLAIN)
    assert parts.demand[:, 0].tolist() == [900.0, 360.0, 0.0, 0.0, 0.0]  # C1, C2, rests of D1, D2, none
    assert parts.seats[:, 0].tolist() == [810.0, 405.0, 0.0, 0.0, 0.0]
    assert parts.district.tolist() == [0, 1, 0, 1, -1]


def test_a_school_of_two_catchments_leaves_both_equally_full():
    parts = parts_of(linked(("C1", "S1"), ("C1", "S2"), ("C2", "S2")))
    level = (810 + 405) / (900 + 360)
    assert parts.seats[:2, 0].tolist() == pytest.approx([900 * level, 360 * level])
    assert parts.schools[:2, 0].tolist() == [2, 1]


def test_without_demand_the_seats_divide_evenly():
    city = replace(linked(("C1", "S2"), ("C2", "S2"), ("C1", "S1")), population=PLAIN.population * 0)
    assert parts_of(city).seats[:2, 0].tolist() == [810 + 202.5, 202.5]


def test_what_lies_outside_is_a_part_of_its_own():
    home = PLAIN.unit_catchments.copy()
    home.loc["U1", "primary"] = None
    city = replace(linked(("C1", "S1")), unit_catchments=home)
    parts = parts_of(city)
    assert parts.demand[:, 0].tolist() == [900.0, 300.0, 0.0, 60.0, 0.0]
    assert parts.seats[:, 0].tolist() == [810.0, 0.0, 0.0, 405.0, 0.0]
    assert parts.shortfall[:, 0].tolist() == [90.0, 300.0, 0.0, 0.0, 0.0]
    assert parts.surplus[:, 0].tolist() == [0.0, 0.0, 0.0, 345.0, 0.0]


def test_a_stage_without_catchments_is_judged_by_district():
    parts = parts_of(PLAIN, stage="junior")
    assert parts.catchments.empty
    assert parts.demand[:, 0].tolist() == [450.0, 180.0, 0.0]
    assert parts.seats[:, 0].tolist() == [0.0, 600.0, 0.0]


def test_without_districts_it_is_judged_as_one():
    units = PLAIN.units.assign(district_id=None)
    schools = PLAIN.schools.assign(district_id=None)
    city = replace(PLAIN, districts=PLAIN.districts.iloc[:0], units=units, schools=schools)
    parts = parts_of(city, stage="junior")
    assert parts.demand[:, 0].tolist() == [630.0]
    assert parts.shortfall[:, 0].tolist() == [30.0]


def test_a_catchment_without_a_district_takes_that_of_its_residents():
    city = replace(PLAIN, catchments=PLAIN.catchments.assign(district_id=None))
    assert parts_of(city).district[:2].tolist() == [0, 1]


def test_seats_that_do_not_count_are_in_no_part():
    city = small_city(schools=(SCHOOLS[2],))
    assert parts_of(city).seats.sum() == 0.0


def test_a_catchment_across_a_border_is_divided_by_where_its_demand_lives():
    home = PLAIN.unit_catchments.assign(primary="C1")  # one catchment of both districts
    city = replace(linked(("C1", "S1")), unit_catchments=home)
    parts = parts_of(city)
    assert parts.by_district(parts.shortfall)[:, 0] == pytest.approx([450 * 900 / 1260, 450 * 360 / 1260, 0])
    # S2 serves no catchment: its seats are a rest of D2
    assert parts.by_district(parts.seats)[:, 0] == pytest.approx(
        [810 * 900 / 1260, 810 * 360 / 1260 + 405, 0]
    )
    assert parts.by_district(parts.demand)[:, 0] == pytest.approx([900, 360, 0])


def test_a_catchment_without_demand_lies_in_its_own_district():
    city = replace(PLAIN, population=PLAIN.population * 0)
    assert parts_of(city).by_district(parts_of(city).surplus)[:, 0].tolist() == [810.0, 405.0, 0.0]


@settings(max_examples=examples(40))
@given(
    seat_counts,
    child_counts,
    st.lists(st.sampled_from(["C1", "C2", None]), min_size=6, max_size=6),
    st.lists(st.tuples(st.sampled_from(["C1", "C2"]), st.sampled_from(["S1", "S2", "S3"])), max_size=6),
)
def test_no_seat_and_no_pupil_is_lost_or_counted_twice(seats, children, homes, links):
    base = linked(*links)
    catchments = PLAIN.unit_catchments.assign(primary=pd.array(homes, dtype=object))
    city = replace(
        town(seats, children), catchment_schools=base.catchment_schools, unit_catchments=catchments
    )
    plan = seats_of(city)
    parts = parts_of(city)
    offered = plan.counted("primary").to_numpy().sum(axis=0)
    wanted = demand_of(city).pupils["primary"].to_numpy().sum(axis=0)
    assert parts.seats.sum(axis=0) == pytest.approx(offered)
    assert parts.demand.sum(axis=0) == pytest.approx(wanted)
    assert (parts.surplus - parts.shortfall).sum(axis=0) == pytest.approx(offered - wanted)
    for figure in (parts.seats, parts.demand, parts.shortfall, parts.surplus):
        assert parts.by_district(figure).sum(axis=0) == pytest.approx(figure.sum(axis=0))
    assert np.minimum(parts.surplus, parts.shortfall).max(initial=0.0) == 0.0
