"""Towns and judgements for the tests of the balance."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
from hypothesis import strategies as st

from layoutplan.balance import Balance, evaluate
from layoutplan.city.city import City
from layoutplan.demand import Demand, estimate_demand
from layoutplan.layouts import Seats
from layoutplan.plan.settings import DemandSettings, SupplySettings
from layoutplan.standards.rules import Profile
from layoutplan.study import Study
from tests.small_city import small_city, small_profile
from tests.studies import study_of, supply_of

REACH = {"primary": 2000.0, "junior": 3000.0}
PLAIN = small_city()
PROFILE = small_profile()
EVERYONE = DemandSettings(
    participation={"primary": 1.0, "junior": 1.0}, public_share={"primary": 1.0, "junior": 1.0}
)


def town(seats: list[float] | None = None, children: list[float] | None = None) -> City:
    """Return the toy town with primary seats of its schools, and children per year of age of its units."""
    city = PLAIN
    if seats is not None:
        city = replace(city, schools=city.schools.assign(seats_primary=seats))
    if children is not None:
        city = replace(city, population=city.population.mul(0).add(children, axis=0))
    return city


def demand_of(city: City) -> Demand:
    """Return the demand when every child needs a seat."""
    return estimate_demand(city, PROFILE, EVERYONE)


def seats_of(city: City, *, profile: Profile = PROFILE, **settings: Any) -> Seats:
    """Return the seats of a city."""
    return supply_of(city, profile=profile, settings=SupplySettings(**settings))[0]


def study(city: City, *, reach_m: dict[str, float] = REACH, **given: Any) -> Study:
    """Return the study of a city when every child needs a seat, over straight walks."""
    return study_of(city, **{"demand": demand_of(city), "profile": PROFILE, "reach_m": reach_m, **given})


def judged(city: City, *, seats: Seats | None = None, **reach: float) -> Balance:
    """Return the balance of a city, over straight walks."""
    return evaluate(study(city, seats=seats, reach_m={**REACH, **reach}))


def cell(table: pd.DataFrame, column: str, **key: Any) -> Any:
    """Return the one value of a column where the key matches."""
    chosen = table
    for name, value in key.items():
        chosen = chosen[chosen[name] == value]
    return chosen[column].item()


seat_counts = st.lists(st.integers(0, 900).map(float), min_size=3, max_size=3)
child_counts = st.lists(st.integers(0, 80).map(float), min_size=6, max_size=6)
