"""Births: stated by place, carried on, or assumed; spread without loss."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutplan.demand.births import births_by_unit
from layoutplan.errors import FaultLog, InputError
from layoutplan.plan.settings import DemandSettings
from tests.examples import examples
from tests.small_city import UNITS, small_city

YEARS = (2025, 2026, 2027)


def births_of(rows, *, log=None, young=None, **plan):
    city = small_city(tables={"births": rows})
    young = pd.Series(city.population[[0, 1, 2]].mean(axis=1)) if young is None else young
    return births_by_unit(
        city,
        DemandSettings(**plan),
        years=YEARS,
        young_children=young,
        log=FaultLog() if log is None else log,
    )


def codes(log):
    return [fault.code for fault in log]


def test_births_of_a_district_are_spread_by_young_children():
    births = births_of([{"area_id": "D1", "year": year, "births": 300.0} for year in YEARS])
    assert births.loc[["U4", "U5", "U6"], 2026].tolist() == pytest.approx([80.0, 100.0, 120.0])
    assert births.loc[["U1", "U2", "U3"], 2026].tolist() == [10.0, 20.0, 30.0]  # not in the table: as of late


def test_births_of_units_stay_where_they_are():
    rows = [{"area_id": unit, "year": 2026, "births": 7.0} for unit in UNITS]
    assert (births_of(rows)[2026] == 7.0).all()


def test_a_blank_area_is_the_whole_city():
    log = FaultLog()
    births = births_of([{"year": year, "births": 2100.0} for year in YEARS], log=log)
    assert births[2025].tolist() == pytest.approx([100.0, 200.0, 300.0, 400.0, 500.0, 600.0])
    assert codes(log) == ["births_after_base"]


def test_years_the_table_lacks_are_carried_on_and_noted():
    log = FaultLog()
    births = births_of([{"area_id": "D1", "year": 2023, "births": 150.0}], log=log)
    assert births.loc[["U4", "U5", "U6"]].sum().tolist() == pytest.approx([150.0] * 3)
    assert codes(log) == ["births_carried_on", "births_assumed"]
    assert "2023" in next(iter(log)).what("zh")


def test_the_plans_births_hold_after_the_base_year_only():
    log = FaultLog()
    births = births_of([], log=log, births_per_year=420.0)
    assert births.sum().tolist() == pytest.approx([210.0, 420.0, 420.0])
    assert codes(log) == ["births_per_year", "births_assumed"]


def test_the_factor_multiplies_only_births_after_the_base_year():
    plain = births_of([])
    doubled = births_of([], births_factor=2.0)
    assert (doubled[2025] == plain[2025]).all()
    assert (doubled[[2026, 2027]] == 2 * plain[[2026, 2027]]).all(axis=None)


def test_places_of_two_kinds_could_count_twice_and_are_refused():
    rows = [{"area_id": "D1", "year": 2026, "births": 1.0}, {"year": 2026, "births": 5.0}]
    with pytest.raises(InputError) as caught:
        births_of(rows)
    assert caught.value.faults[0].code == "births_mixed_places"


def test_births_of_a_place_without_units_are_named():
    log = FaultLog()
    births_of([{"area_id": "D9", "year": 2026, "births": 40.0}], log=log)
    assert "40" in next(iter(log)).what("en")
    assert codes(log)[0] == "births_without_units"


def test_without_children_births_follow_residents():
    young = pd.Series(0.0, index=pd.Index(UNITS, name="unit_id"))
    births = births_of([{"area_id": "D2", "year": year, "births": 60.0} for year in YEARS], young=young)
    assert births.loc[["U1", "U2", "U3"], 2025].tolist() == pytest.approx([10.0, 20.0, 30.0])


@settings(max_examples=examples(40))
@given(
    st.lists(st.integers(0, 40), min_size=6, max_size=6),
    st.dictionaries(st.sampled_from(["D1", "D2"]), st.integers(0, 900), min_size=2, max_size=2),
)
def test_spreading_keeps_the_totals(children, births):
    young = pd.Series(children, index=pd.Index(UNITS, name="unit_id"), dtype=float)
    rows = [{"area_id": name, "year": 2026, "births": float(size)} for name, size in births.items()]
    spread = births_of(rows, young=young)[2026]
    assert spread[["U4", "U5", "U6"]].sum() == pytest.approx(births["D1"])
    assert spread[["U1", "U2", "U3"]].sum() == pytest.approx(births["D2"])
    assert (spread >= 0).all()
