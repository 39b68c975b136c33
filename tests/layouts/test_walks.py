"""The walks that are known suffice: the balance over them is that over all walks."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from layoutplan.balance import evaluate
from layoutplan.layouts import WalkSettings
from layoutplan.layouts import walks as walks_module
from layoutplan.layouts.walks import known_walks
from tests.balance.towns import PROFILE, seat_counts, study, town
from tests.examples import examples
from tests.small_city import DETOUR, straight_pairs
from tests.studies import supply_of

TABLES = ("schools", "catchments", "districts", "city", "units", "assignment")
LONGEST_M = 4_000.0
straight = WalkSettings(network=None, snap_limit_m=500.0, detour_factor=DETOUR)


@pytest.fixture(autouse=True)
def nothing_is_near_enough(monkeypatch):
    monkeypatch.setattr(walks_module, "KNOWN_M", 1.0)


def stored(pairs):
    frame = pairs.to_frame()
    return set(zip(frame["origin"], frame["destination"], strict=True))


@given(seat_counts, st.floats(600, 2_600), st.lists(st.integers(2024, 2032), min_size=3, max_size=3))
@settings(max_examples=examples(15), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_balance_is_that_over_all_walks(seats_given, primary_m, closed):
    city = town(seats=seats_given)
    city = replace(city, schools=city.schools.assign(closed_year=pd.array(closed, dtype="Int64")))
    seats, zoning = supply_of(city)
    reach_m = {"primary": primary_m, "junior": LONGEST_M}
    radii = [PROFILE.at(year).service_radius_m("primary") for year in city.years]
    needed_m = {"primary": max(primary_m, *radii), "junior": LONGEST_M}
    known = known_walks(city, seats, zoning, needed_m=needed_m, ways=straight)
    every = straight_pairs(city.units.geometry, seats.schools.geometry).within(LONGEST_M)
    assert set(zip(known.rows, known.indices, strict=True)) <= set(
        zip(every.rows, every.indices, strict=True)
    )
    found, expected = (
        evaluate(study(city, seats=seats, zoning=zoning, walks=pairs, reach_m=reach_m))
        for pairs in (known, every)
    )
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(found, name), getattr(expected, name))


def test_the_schools_of_the_own_catchment_are_known_however_far():
    city = town()
    seats, zoning = supply_of(city)
    known = known_walks(city, seats, zoning, needed_m={"primary": 1.0, "junior": 9_000.0}, ways=straight)
    held = zoning.unit_catchments["primary"].dropna()
    links = zoning.links("primary")
    for unit, catchment in held.items():
        for school in links.loc[links["catchment_id"] == catchment, "school_id"]:
            assert (unit, school) in stored(known)


def test_rows_stay_nearest_first():
    city = town()
    known = known_walks(city, *supply_of(city), needed_m={"primary": 700.0, "junior": 4_000.0}, ways=straight)
    for row in range(len(known.origins)):
        metres = known.metres[known.indptr[row] : known.indptr[row + 1]]
        assert (np.diff(metres) >= 0).all()
