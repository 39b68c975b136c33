"""Migration by age: read off residents and births, where the plan does not state it."""

from dataclasses import replace

import pytest

from layoutplan.demand import estimate_demand
from layoutplan.demand.migration import net_migration, residents_per_birth
from layoutplan.errors import FaultLog
from layoutplan.plan.settings import DemandSettings
from layoutplan.texts import LANGUAGES
from tests.small_city import UNITS, small_city, small_profile


def town(births, *, single_years=True, last=11):
    """Return the town of 210 residents of each age; ``births`` by the age of those born in a year."""
    rows = [{"year": 2025 - age, "births": float(births(age))} for age in range(last + 2)]
    city = small_city(tables={"births": rows})
    areas = city.areas
    for age in range(18) if single_years else ():
        areas[f"age_{age}"] = [10.0 * rank for rank in range(1, 7)]
    return replace(city, areas=areas)


def migration_of(city, **plan):
    log = FaultLog()
    return net_migration(city, small_profile(), DemandSettings(**plan), log=log), list(log)


def growing(age):
    return 210.0 / 1.02**age


def test_residents_are_divided_by_the_births_of_their_cohort():
    """A third of those of age 7 in 2025 were born in 2017, the others in 2018."""
    ratios = residents_per_birth(town(growing), small_profile())
    assert ratios[7] == pytest.approx(210 / (growing(8) / 3 + growing(7) * 2 / 3))
    assert ratios.index.tolist() == list(range(12))


def test_a_steady_growth_is_found_and_goes_on():
    found, notes = migration_of(town(growing))
    assert found.by_age == pytest.approx([0.02] * 12)
    assert [note.code for note in notes] == ["migration_by_age"]
    city = town(growing)
    settings = DemandSettings(participation={"primary": 1.0}, public_share={"primary": 1.0})
    seen = estimate_demand(city, small_profile(), settings)
    stated = estimate_demand(city, small_profile(), settings.model_copy(update={"migration_rate": 0.02}))
    # age 0: 210 of ⅓ of last year's births and ⅔ of this year's; of those born later as many more live there
    more = 210 / (growing(1) / 3 + growing(0) * 2 / 3)
    later, others = (seen.unborn["primary"], seen.pupils["primary"] - seen.unborn["primary"])
    told = stated.unborn["primary"]
    assert later.to_numpy() == pytest.approx(told.to_numpy() * more)
    assert others.to_numpy() == pytest.approx((stated.pupils["primary"] - told).to_numpy())


def test_births_to_come_are_as_many_residents_as_those_of_this_year():
    """In all years nine tenths of the residents are in the births table: nobody moves, and 210 enter."""
    city = town(lambda _: 189.0)
    found, _ = migration_of(city)
    assert found.by_age == pytest.approx([0.0] * 12)
    assert found.at_birth == pytest.approx(210 / 189)
    settings = DemandSettings(participation={"primary": 1.0}, public_share={"primary": 1.0})
    pupils = estimate_demand(city, small_profile(), settings).pupils["primary"]
    assert pupils.sum().to_numpy() == pytest.approx([6 * 210] * 6)


def test_who_comes_before_school_is_older_than_who_does_not():
    """210 residents a year; births were 200 but for cohorts under six, where all were born here."""
    found, _ = migration_of(town(lambda age: 210.0 if age < 4 else 180.0))
    assert found.by_age[0] == pytest.approx(0.0)
    assert found.by_age[3] > 0.03
    assert found.by_age[8] == pytest.approx(0.0)


def test_what_the_plan_states_comes_first_and_is_compared():
    found, (note,) = migration_of(town(growing), migration_rate=0.01)
    assert found.by_age == (0.01,)
    assert note.code == "migration_beside_births"
    assert note.params["observed"] == pytest.approx(1.02**11)
    assert note.params["stated"] == pytest.approx(1.01**11)


@pytest.mark.parametrize(
    ("city", "code"),
    [
        (town(growing, single_years=False), "migration_unknown"),
        (town(growing, last=2), "migration_unknown"),
        (town(lambda age: 100.0 if age > 5 else 900.0), "migration_unlikely"),
        (small_city(), "migration_unknown"),
    ],
)
def test_without_births_or_single_years_nobody_moves(city, code):
    found, (note,) = migration_of(city)
    assert found.by_age == (0.0,)
    assert note.code == code


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_was_assumed_is_said(lang):
    said = [
        note
        for city, plan in [
            (town(growing), {}),
            (town(growing), {"migration_rate": 0.0}),
            (town(lambda age: 100.0 if age > 5 else 900.0), {}),
            (small_city(), {}),
        ]
        for note in migration_of(city, **plan)[1]
    ]
    assert len({note.what(lang) for note in said}) == len(said)


def test_units_outside_the_births_table_are_left_out_of_both():
    rows = [
        {"area_id": unit, "year": year, "births": 10.0 * rank}
        for rank, unit in enumerate(UNITS[:5], start=1)
        for year in range(2012, 2026)
    ]
    city = town(growing)
    city = replace(
        city, tables={**city.tables, "births": small_city(tables={"births": rows}).tables["births"]}
    )
    assert residents_per_birth(city, small_profile()).tolist() == pytest.approx([1.0] * 13)
