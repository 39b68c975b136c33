"""Estates: by hand, and as laws: nobody twice, nobody lost, never before they are lived in."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutplan.city.estates import homes_of_estates, with_estate_units
from layoutplan.demand import estimate_demand
from layoutplan.demand.estates import new_estates, occupancy
from layoutplan.errors import FaultLog
from layoutplan.plan.settings import DemandSettings
from layoutplan.standards.rules import Rule
from layoutplan.texts import LANGUAGES
from tests.examples import examples
from tests.small_city import YEARS, small_city, small_profile

WHOLE = {"participation": {"primary": 1.0, "junior": 1.0}, "public_share": {"primary": 1.0, "junior": 1.0}}
RAMP, PEAK = (0.5, 1.0), ((0.0, 0.5), (2.0, 1.0), (4.0, 0.5))
ESTATE = {"housing_id": "H1", "phase": "1", "dwellings": 100.0, "first_occupancy_year": 2027}
law = settings(max_examples=examples(40))


def rule(key, value, of=""):
    return Rule(key=key, of=of, value=value, unit="", source="test", confidence="D", valid_from=2000)


def profile():
    return small_profile(
        extra=(
            rule("housing.pupils_per_dwelling", 0.4, "primary"),
            rule("housing.pupils_per_dwelling", 0.2, "junior"),
            rule("housing.yield_factor_rental", 0.5),
            rule("housing.occupancy_ramp", RAMP),
            rule("housing.maturity", PEAK),
        )
    )


def town(*rows, **changes):
    city = small_city(tables={"housing": [{**ESTATE, **row} for row in rows]}, **changes)
    return with_estate_units(city)


def estates_of(city, **plan):
    log = FaultLog()
    found = new_estates(city, profile().at(2025), DemandSettings(**plan), log=log)
    return found, [fault.code for fault in log]


def demand_of(city, **plan):
    return estimate_demand(city, profile(), DemandSettings(**{**WHOLE, **plan}))


def test_an_estate_by_hand():
    # 50 dwellings fill in 2027 and 50 in 2028; each brings 0.4 × (0.5, 0.75, 1, 0.75, …) primary pupils
    found, codes = estates_of(town({"x": 500.0, "y": 500.0}))
    assert codes == []
    assert found.dwellings[0].tolist() == pytest.approx([0, 0, 50, 100, 100, 100])
    by_hand = [0, 0, 20 * 0.5, 20 * (0.75 + 0.5), 20 * (1 + 0.75), 20 * (0.75 + 1)]
    assert found.pupils["primary"][0].tolist() == pytest.approx(by_hand)
    assert found.pupils["junior"][0].tolist() == pytest.approx(np.array(by_hand) / 2)


def test_pupils_rise_and_then_fall():
    found, _ = estates_of(town({"x": 500.0, "y": 500.0}, years=tuple(range(2025, 2036))))
    pupils = found.pupils["primary"][0]
    top = pupils.argmax()
    assert (np.diff(pupils[: top + 1]) >= 0).all()
    assert (np.diff(pupils[top:]) <= 1e-9).all()
    assert pupils[-1] < pupils[top]


def test_who_lives_there_already_is_not_counted_again():
    lived_in = {"first_occupancy_year": 2015, "occupancy": 1.0, "unit_id": "U1"}
    found, _ = estates_of(town(lived_in))
    assert not found.dwellings.any()
    assert demand_of(town(lived_in)).pupils["primary"].equals(demand_of(small_city()).pupils["primary"])


def test_the_stated_occupancy_is_where_the_ramp_goes_on():
    table = pd.DataFrame({"first_occupancy_year": [2025, 2025, 2015], "occupancy": [0.2, np.nan, 0.7]})
    shares = occupancy(table, np.array(YEARS[:3]), profile().at(2025))
    assert shares[0].tolist() == pytest.approx([0.2, 1.0, 1.0])
    assert shares[1].tolist() == pytest.approx([0.5, 1.0, 1.0])
    assert shares[2].tolist() == pytest.approx([0.7, 0.7, 0.7])


def test_type_and_own_yield_and_driver_decide_the_pupils():
    place = {"x": 500.0, "y": 500.0}
    plain, _ = estates_of(town(place))
    rented, _ = estates_of(town({**place, "housing_type": "rental"}))
    own, _ = estates_of(town({**place, "yield_primary": 0.8}))
    doubled, _ = estates_of(town(place), yield_factor=2.0)
    assert rented.pupils["primary"] == pytest.approx(plain.pupils["primary"] / 2)
    assert own.pupils["primary"] == pytest.approx(plain.pupils["primary"] * 2)
    assert doubled.pupils["primary"] == pytest.approx(plain.pupils["primary"] * 2)


def test_an_estate_without_a_unit_gets_one_where_it_stands():
    city = town({"x": 2500.0, "y": 2000.0, "name": "新苑"})
    assert city.units.index[-1] == "estate:H1"
    own = city.units.iloc[-1]
    assert (own["area_id"], own["district_id"], own["residents"]) == ("U6", "D1", 0.0)
    assert city.unit_catchments.loc["estate:H1", "primary"] == "C1"
    assert demand_of(city).pupils["primary"].loc["estate:H1"].iloc[-1] == pytest.approx(35.0)


def test_an_estate_that_names_its_area_fills_the_units_there():
    city = town({"unit_id": "U3"})
    assert list(city.units.index) == list(small_city().units.index)
    assert homes_of_estates(city)["unit"].tolist() == [2]


def test_phases_of_an_estate_stand_apart():
    city = town({"x": 500.0, "y": 500.0}, {"phase": "2", "x": 700.0, "y": 500.0})
    assert list(city.units.index[-2:]) == ["estate:H1/1", "estate:H1/2"]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({}, "estate_without_place"),
        ({"x": 5.0, "y": 5.0, "occupancy": 0.4}, "estate_occupied_early"),
    ],
)
def test_what_is_odd_is_said(row, code, lang):
    log = FaultLog()
    new_estates(town(row), profile().at(2025), DemandSettings(), log=log)
    (fault,) = log
    assert fault.code == code
    assert fault.what(lang)
    assert fault.remedy(lang)


def test_without_any_yield_a_warning_and_no_pupils():
    log = FaultLog()
    city = town({"x": 5.0, "y": 5.0})
    found = new_estates(city, small_profile().at(2025), DemandSettings(), log=log)
    assert [fault.code for fault in log].count("estate_yield_unknown") == 2
    assert not found.pupils["primary"].any()


@law
@given(st.floats(0, 0.06), st.floats(0, 1), st.integers(10, 4000))
def test_growth_is_counted_once(rate, share, dwellings):
    city = town({"x": 500.0, "y": 500.0, "dwellings": float(dwellings)})
    still = demand_of(city, estates_in_migration=0.0).pupils["primary"].sum()
    moved = demand_of(small_city(), migration_rate=rate).pupils["primary"].sum()
    both = demand_of(city, migration_rate=rate, estates_in_migration=share).pupils["primary"].sum()
    assert (both >= np.maximum(still, moved) - 1e-6).all()
    growth = moved - demand_of(small_city()).pupils["primary"].sum()
    brought = still - demand_of(small_city()).pupils["primary"].sum()
    taken = np.minimum(share * brought, growth)
    assert both.to_numpy() == pytest.approx((moved + brought - taken).to_numpy())


@law
@given(st.integers(0, 3))
def test_a_late_estate_has_the_same_pupils_later(years):
    found, _ = estates_of(town({"x": 500.0, "y": 500.0}))
    late, _ = estates_of(town({"x": 500.0, "y": 500.0, "first_occupancy_year": 2027 + years}))
    assert found.late("primary", years=years) == pytest.approx(late.pupils["primary"])


@law
@given(st.permutations([0, 1, 2]))
def test_shuffled_estates_change_nothing(order):
    rows = [
        {"housing_id": f"H{n}", "x": 400.0 * n + 100, "y": 700.0, "dwellings": 100.0 * n} for n in (1, 2, 3)
    ]
    one = demand_of(town(*rows)).pupils["primary"]
    other = demand_of(town(*(rows[place] for place in order))).pupils["primary"]
    pd.testing.assert_frame_equal(other.loc[one.index], one)


def test_a_blank_of_migrant_children_takes_the_share_of_the_units_that_state_them():
    """Units U1 to U6 have 60 to 360 children; 18 of the 180 of U1 and U2 are migrants, so a tenth of each."""
    areas = small_city().areas.assign(migrants_primary=[0.0, 18.0, None, None, None, None])
    demand = demand_of(replace(small_city(), areas=areas))
    base = demand.of_migrants["primary"][2025]
    assert base.tolist() == pytest.approx([0.0, 18.0, 18.0, 24.0, 30.0, 36.0])
    (said,) = [note for note in demand.notes if note.code == "migrants_estimated"]
    assert (said.severity, said.rows) == ("warning", ("U3", "U4", "U5", "U6"))


def test_migrant_children_are_a_stream_of_their_own():
    city = small_city()
    city = replace(city, areas=city.areas.assign(migrants_primary=[30.0, None, None, None, None, 9999.0]))
    plain, grown = demand_of(city), demand_of(city, migrant_growth_rate=0.1)
    assert plain.of_migrants["primary"].loc["U1"].tolist() == pytest.approx([30.0] * 6)
    assert plain.of_migrants["primary"].loc["U6"].tolist() == pytest.approx(
        [360.0] * 6
    )  # all, with a warning
    assert {"migrants_exceed_children", "migrants_estimated"} <= {note.code for note in plain.notes}
    assert grown.of_migrants["primary"].loc["U1"].tolist() == pytest.approx([30 * 1.1**h for h in range(6)])
    local = plain.pupils["primary"] - plain.of_migrants["primary"]
    assert (grown.pupils["primary"] - grown.of_migrants["primary"]).to_numpy() == pytest.approx(
        local.to_numpy()
    )
    assert "junior" not in plain.of_migrants


def test_the_unborn_are_those_born_after_the_base_year():
    city = small_city(years=tuple(range(2025, 2034)))
    demand = demand_of(city)
    unborn = demand.unborn["primary"].sum()
    assert (unborn.loc[:2031] == 0).all()
    assert unborn[2032] == pytest.approx(demand.pupils["primary"][2032].sum() / 6)
