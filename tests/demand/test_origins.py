"""Children of new dwellings by origin: from outside, from within the city, born there; nobody twice."""

import numpy as np
import pytest

from layoutplan.city.estates import with_estate_units
from layoutplan.demand import estimate_demand
from layoutplan.plan.settings import DemandSettings
from layoutplan.standards.rules import Rule
from tests.demand.test_estates import WHOLE, profile, rule
from tests.small_city import small_city, small_profile

WITHIN = rule("housing.from_within", 0.6)
HOUSING = (
    rule("housing.pupils_per_dwelling", 0.4, "primary"),
    rule("housing.pupils_per_dwelling", 0.4, "junior"),
)


def demand_of(*rows, extra: tuple[Rule, ...] = (WITHIN,), births=(), **plan):
    """Return the demand of the town; a row is an estate, occupied at once, with 0.4 pupils a dwelling."""
    table = [
        {"housing_id": f"H{rank}", "phase": "1", "x": 500.0, "y": 500.0, "dwellings": 100.0, **row}
        for rank, row in enumerate(rows)
    ]
    city = with_estate_units(small_city(tables={"housing": table, "births": [*births]}))
    return estimate_demand(city, small_profile(extra=(*HOUSING, *extra)), DemandSettings(**{**WHOLE, **plan}))


def notes(demand, code="estates_in_migration", stage="primary"):
    return [note.params for note in demand.notes if note.code == code and note.params["stage"] == stage]


def test_who_moves_within_the_city_is_subtracted_where_they_lived():
    """40 pupils move in in 2027: 16 from outside, 24 from homes with 1,260 children."""
    before, after = demand_of(), demand_of({"first_occupancy_year": 2027})
    assert after.pupils["primary"][2026].sum() == pytest.approx(1260)
    assert after.pupils["primary"][2027].sum() == pytest.approx(1260 + 16)
    units = before.pupils["primary"].index
    left = after.pupils["primary"].loc[units, 2027] / before.pupils["primary"][2027]
    assert left.tolist() == pytest.approx([1 - 24 / 1260] * 6)
    (note,) = notes(after)
    assert (note["outside"], note["within"], note["born"], note["taken"]) == pytest.approx((16, 24, 0, 0))


def test_twice_the_dwellings_are_another_city_total():
    once = demand_of({"first_occupancy_year": 2027}, migration_rate=0.01)
    twice = demand_of({"first_occupancy_year": 2027, "dwellings": 200.0}, migration_rate=0.01)
    more = twice.pupils["primary"][2030].sum() - once.pupils["primary"][2030].sum()
    assert more == pytest.approx(16)


def test_growth_contains_what_the_usual_pace_of_building_brings():
    """500 dwellings in ten years are 50 a year: by 2027 the growth has those of 100 of the 200 dwellings."""
    past = {"first_occupancy_year": 2020, "dwellings": 500.0, "occupancy": 1.0}
    found = demand_of(past, {"first_occupancy_year": 2027, "dwellings": 200.0}, migration_rate=0.05)
    grown = demand_of(migration_rate=0.05).pupils["primary"][2027].sum()
    outside = 0.4 * 200 * 0.4
    assert found.pupils["primary"][2027].sum() == pytest.approx(grown + outside / 2)


@pytest.mark.parametrize(("stated", "counted"), [(False, 0.6), (True, 1.0)])
def test_births_contain_the_children_born_in_new_dwellings(stated, counted):
    """In 2030 the dwellings of 2026 are four years old: of ages 3-5 those of age 3 were born there."""
    stages = {"stages": ("kindergarten",)}
    base = with_estate_units(small_city(**stages))
    row = {
        "housing_id": "H",
        "phase": "1",
        "x": 5.0,
        "y": 5.0,
        "dwellings": 100.0,
        "first_occupancy_year": 2026,
    }
    tables = {"housing": [{**row, "yield_kindergarten": 0.3}]}
    city = with_estate_units(small_city(tables=tables, **stages))
    births = {"births_per_year": 210.0} if stated else {}
    settings = DemandSettings(participation={"kindergarten": 1.0}, **births)
    one, other = (estimate_demand(town, small_profile(extra=(WITHIN,)), settings) for town in (base, city))
    (note,) = notes(other, stage="kindergarten")
    assert (note["year"], note["children"], note["born"]) == (2026, pytest.approx(30), 0)
    more = other.children["kindergarten"][2030].sum() - one.children["kindergarten"][2030].sum()
    assert more == pytest.approx(0.4 * 20 + (1 - counted) * 10)


def test_without_the_rule_everybody_comes_from_outside():
    found = demand_of({"first_occupancy_year": 2027}, extra=())
    assert found.pupils["primary"][2030].sum() == pytest.approx(1260 + 40)


def test_no_more_is_taken_than_there_is():
    found = demand_of({"first_occupancy_year": 2026, "dwellings": 1e6})
    assert (found.pupils["primary"].to_numpy() >= -1e-9).all()
    assert np.isfinite(found.unborn["primary"].to_numpy()).all()
    assert profile().at(2025).find("housing.from_within") is None
