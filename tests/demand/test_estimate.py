"""Demand: laws of ageing and scale, and the toy town counted by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from layoutplan.demand import estimate_demand
from layoutplan.errors import InputError
from layoutplan.plan.settings import DemandSettings
from layoutplan.standards.rules import Rule
from layoutplan.texts import LANGUAGES
from tests.examples import examples
from tests.small_city import UNITS, YEARS, small_city, small_profile, small_rule

ALL = {"participation": {"primary": 1.0, "junior": 1.0}, "public_share": {"primary": 1.0, "junior": 1.0}}
populations = arrays(float, (6, 18), elements=st.integers(0, 60).map(float))
PLAIN = small_city()
law = settings(max_examples=examples(40))


def town(values=None, **changes):
    city = small_city(**changes) if changes else PLAIN
    if values is None:
        return city
    population = pd.DataFrame(values, index=city.population.index, columns=range(18))
    return replace(city, population=population)


def demand_of(city, profile=None, **plan):
    return estimate_demand(city, profile or small_profile(), DemandSettings(**{**ALL, **plan}))


def test_the_toy_town_by_hand():
    demand = demand_of(town())
    assert demand.years == YEARS
    assert list(demand.children) == ["primary", "junior"]
    assert demand.children["primary"].loc["U6"].tolist() == [360.0] * 6
    assert demand.pupils["junior"].sum().tolist() == [630.0] * 6


def test_children_of_the_plan_are_read_off_the_base_ages():
    values = np.zeros((6, 18))
    values[0] = np.arange(18) * 10.0  # age a: 10 a residents
    demand = demand_of(town(values))
    # primary, ages 6-11: in 2025 60+70+…+110; a year later one age down, and so on
    assert demand.children["primary"].loc["U1"].tolist() == [510.0 - 60.0 * step for step in range(6)]


def test_participation_and_public_share_multiply():
    demand = demand_of(town(), participation={"primary": 0.9}, public_share={"primary": 0.5})
    assert demand.pupils["primary"].loc["U1"].tolist() == pytest.approx([60 * 0.45] * 6)
    assert demand.children["primary"].loc["U1"].tolist() == [60.0] * 6


def test_births_reach_school_in_the_year_their_birthday_says():
    rows = [{"year": year, "births": 210.0} for year in range(2024, 2032) if year != 2026]
    rows.append({"year": 2026, "births": 810.0})  # 600 more than in other years
    city = town(tables={"births": rows}, years=tuple(range(2025, 2036)))
    children = demand_of(city).children["primary"].sum()
    # 600 more births in 2026: two thirds turn 6 by September 2032, a third a year later
    assert children[2031] == pytest.approx(1260)
    assert children[2032] == pytest.approx(1260 + 400)
    assert children[2033] == pytest.approx(1260 + 600)


def test_young_ages_that_are_not_given_are_filled():
    values = np.full((6, 18), 10.0)
    values[:, :3] = 0.0
    demand = demand_of(town(values, years=tuple(range(2025, 2036))))
    assert demand.children["primary"].sum().tolist() == pytest.approx([360.0] * 11)
    assert "young_ages_filled" in [note.code for note in demand.notes]


def test_stage_ages_may_change_from_a_year():
    later = Rule(
        key="stage.ages",
        of="primary",
        value=(6.0, 10.0),
        unit="",
        source="test",
        confidence="D",
        valid_from=2028,
    )
    early = replace(later, value=(6.0, 11.0), valid_from=2000, valid_to=2027)
    demand = demand_of(town(), small_profile(extra=(early, later)))
    assert demand.children["primary"].loc["U1"].tolist() == [60.0] * 3 + [50.0] * 3


def test_ages_beyond_the_population_are_refused():
    older = replace(small_rule("stage.ages", "junior", 0.0), value=(15.0, 18.0))
    with pytest.raises(InputError) as caught:
        demand_of(town(), small_profile(extra=(older,)))
    assert caught.value.faults[0].code == "stage_too_old"


def test_ages_nobody_has_are_warned_of():
    values = np.full((6, 18), 10.0)
    values[:, 13:] = 0.0
    notes = demand_of(town(values)).notes
    assert [note.code for note in notes if note.severity == "warning"] == ["stage_partly_empty"]


def test_a_city_without_residents_has_no_demand():
    demand = demand_of(town(np.zeros((6, 18))))
    assert demand.pupils["primary"].sum().sum() == 0.0


def test_notes_read_well_in_both_languages():
    city = town(
        years=tuple(range(2025, 2040)), tables={"births": [{"area_id": "D1", "year": 2024, "births": 99.0}]}
    )
    notes = estimate_demand(city, small_profile(), DemandSettings(births_per_year=100)).notes
    assert len(notes) >= 5
    for lang in LANGUAGES:
        for note in notes:
            assert "{" not in note.what(lang) + note.remedy(lang)
            assert ("primary" in note.what(lang)) is (lang == "en" and note.params.get("stage") == "primary")


@law
@given(populations)
def test_children_move_up_without_loss(values):
    demand = demand_of(town(values))
    single = small_profile(
        extra=(
            replace(small_rule("stage.ages", "primary", 0), value=(9.0, 9.0)),
            replace(small_rule("stage.ages", "junior", 0), value=(10.0, 10.0)),
        )
    )
    nine, ten = demand_of(town(values), single).children.values()
    for year in YEARS[:-1]:
        assert ten[year + 1].tolist() == nine[year].tolist()
    assert (demand.children["primary"] >= nine).all(axis=None)


@law
@given(populations, st.sampled_from([2.0, 0.5, 4.0]))
def test_demand_scales_with_the_population(values, factor):
    once, scaled = demand_of(town(values)), demand_of(town(values * factor))
    for stage in once.pupils:
        pd.testing.assert_frame_equal(scaled.pupils[stage], once.pupils[stage] * factor)


@law
@given(populations, st.permutations(range(6)))
def test_the_order_of_units_changes_nothing(values, order):
    city = town(values)
    shuffled = replace(
        city,
        units=city.units.iloc[order],
        areas=city.areas.iloc[order],
        population=city.population.iloc[order],
    )
    plain, other = demand_of(city), demand_of(shuffled)
    for stage in plain.pupils:
        assert list(other.pupils[stage].index) == [UNITS[place] for place in order]
        pd.testing.assert_frame_equal(other.pupils[stage].loc[[*UNITS]], plain.pupils[stage])


@law
@given(populations, st.floats(1.0, 3.0), st.booleans())
def test_more_births_never_mean_fewer_pupils(values, factor, given_births):
    rows = [{"area_id": "D1", "year": 2025, "births": 120.0}] if given_births else []
    city = town(values, years=tuple(range(2025, 2036)), tables={"births": rows})
    few, many = demand_of(city), demand_of(city, births_factor=factor)
    for stage in few.pupils:
        assert (many.pupils[stage] >= few.pupils[stage]).all(axis=None)


@law
@given(populations)
def test_arguments_are_not_changed(values):
    city = town(values)
    before = city.population.copy(deep=True), city.schools.copy(deep=True)
    demand_of(city)
    pd.testing.assert_frame_equal(city.population, before[0])
    pd.testing.assert_frame_equal(pd.DataFrame(city.schools), pd.DataFrame(before[1]))


@law
@given(populations, st.integers(0, 5), st.floats(0.0, 5.0))
def test_suppressed_counts_bound_the_demand_in_every_year(values, place, spread):
    """Each end is the demand of a city where the counts are known to be at that end."""
    city = town(values, years=tuple(range(2025, 2034)))
    changed = city.population.copy()
    changed.iloc[place] += spread
    both = replace(city, population_bounds=(city.population, changed))
    demand = demand_of(both, births_per_year=90.0)
    for end, people in enumerate((city.population, changed)):
        known = demand_of(replace(city, population=people), births_per_year=90.0)
        for stage, sides in demand.bounds.items():
            assert sides[end].sum().to_numpy() == pytest.approx(known.pupils[stage].sum().to_numpy())
    assert set(demand.bounds) <= set(city.stages)
    assert bool(demand.bounds) == ("demand_suppressed" in [note.code for note in demand.notes])
