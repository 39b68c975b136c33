"""The soft preference for the own catchment: monotone, and never at the price of a seat."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutplan.balance import Balance, evaluate
from layoutplan.city.city import City
from layoutplan.plan import SupplySettings, TravelSettings
from tests.balance.towns import REACH, child_counts, seat_counts, study, town
from tests.examples import examples

EVERY_SCHOOL = SupplySettings(ownership=("public", "inclusive", "private"))
BOTH_SOUTH = pd.DataFrame(
    {"catchment_id": ["C1", "C2", "C2"], "stage": "primary", "school_id": ["S1", "S2", "S3"]}
)


def preferring(city: City, own_catchment_m: float) -> Balance:
    return evaluate(
        study(
            city,
            reach_m={**REACH, "primary": 5000.0},
            supply=EVERY_SCHOOL,
            travel=TravelSettings(own_catchment_m=own_catchment_m),
        )
    )


def outside(city: City, balance: Balance) -> float:
    """Return the primary pupils of the base year placed outside their catchment."""
    rows = balance.assignment
    rows = rows[(rows["stage"] == "primary") & (rows["year"] == 2025)]
    own = city.catchment_schools.groupby("catchment_id")["school_id"].agg(list)
    home = city.unit_catchments["primary"].reindex(rows["unit_id"])
    away = [school not in own[catchment] for school, catchment in zip(rows["school_id"], home, strict=True)]
    return float(rows.loc[away, "pupils"].sum())


def figure(balance: Balance, column: str) -> float:
    rows = balance.city
    return float(rows.loc[(rows["stage"] == "primary") & (rows["year"] == 2025), column].item())


@settings(max_examples=examples(6))
@given(seats=seat_counts, children=child_counts, more=st.floats(1, 3000))
def test_preferring_the_own_catchment_more_places_fewer_outside_and_serves_as_many(seats, children, more):
    city = replace(town(seats, children), catchment_schools=BOTH_SOUTH)
    free, soft, strong = (preferring(city, metres) for metres in (0.0, more, 2 * more))
    served = [figure(one, "served") for one in (free, soft, strong)]
    assert served == pytest.approx([served[0]] * 3, abs=1e-6)
    away = [outside(city, one) for one in (free, soft, strong)]
    assert away[0] + 1e-6 >= away[1] >= away[2] - 1e-6
    if served[0]:
        walks = [figure(one, "mean_walk_m") for one in (free, soft, strong)]
        assert walks[0] <= walks[1] + 0.2
        assert walks[1] <= walks[2] + 0.2


def test_walks_are_reported_without_the_handicap():
    city = town([0.0, 5000.0, 0.0])
    free, strong = preferring(city, 0.0), preferring(city, 9000.0)
    assert figure(free, "mean_walk_m") == figure(strong, "mean_walk_m")


def test_whose_own_catchment_has_no_school_is_not_served_last():
    """North has no seats; its nearest unit takes the same seats in the south, however strong the rule."""
    city = replace(town([0.0, 300.0, 0.0]), catchment_schools=BOTH_SOUTH.iloc[1:])
    free, strong = (
        one.units.query("stage == 'primary' and year == 2025").set_index("unit_id")["served"]
        for one in (preferring(city, 0.0), preferring(city, 9000.0))
    )
    pd.testing.assert_series_equal(free, strong)
