"""Groups of units: every level adds up to the city, in demand, seats and draws."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from layoutplan.outlook.inputs import stage_inputs
from layoutplan.outlook.unit_groups import groups_of
from layoutplan.plan import DemandSettings
from tests.small_city import small_city
from tests.studies import study_of


def grouped(city, *, stage="primary"):
    study = study_of(city, demand_settings=DemandSettings(migration_rate=0.01))
    return groups_of(stage_inputs(stage, study)), study.demand.pupils[stage]


def with_townships(*names):
    city = small_city()
    return replace(city, areas=city.areas.assign(township=[*names]))


def with_school_districts(city):
    shapes = gpd.GeoSeries([city.catchments.geometry["C1"]], crs=city.crs)
    groups = gpd.GeoDataFrame(
        {"name": ["北学区"]},
        geometry=shapes.to_numpy(),
        index=pd.Index(["X1"], name="district_id"),
        crs=city.crs,
    )
    of = pd.Series({"C1": "X1"}).reindex(city.catchments.index)
    return replace(city, school_districts=groups, catchments=city.catchments.assign(school_district_id=of))


@pytest.mark.parametrize("stage", ["primary", "junior"])
def test_every_dividing_level_adds_up_to_the_city(stage):
    found, pupils = grouped(with_townships("甲", "乙", "乙", "丙", "丙", "甲"), stage=stage)
    table = found.table
    whole = found.demand[(table["level"] == "city").to_numpy()][0]
    assert whole == pytest.approx(pupils.sum().to_numpy())
    for level in ("district", "township"):
        own = (table["level"] == level).to_numpy()
        assert found.demand[own].sum(axis=0) == pytest.approx(whole)
        assert found.groups.seats[own].sum(axis=0) == pytest.approx(found.groups.seats[-1])


def test_a_townships_demand_is_that_of_its_units():
    found, pupils = grouped(with_townships("甲", "乙", "乙", "丙", "丙", "甲"))
    own = found.table.query("level == 'township'")
    assert [*own["place_id"]] == ["丙", "乙", "甲"]
    for at, units in zip(own.index, (["U4", "U5"], ["U2", "U3"], ["U1", "U6"]), strict=True):
        assert found.demand[at] == pytest.approx(pupils.loc[units].sum().to_numpy())


def test_townships_that_are_the_districts_are_not_told_twice():
    city = small_city()
    same = city.areas["district_id"].map({name: f"{name}街道" for name in city.districts.index})
    found, _ = grouped(replace(city, areas=city.areas.assign(township=same)))
    assert "township" not in set(found.table["level"])


def test_a_unit_without_township_is_in_none():
    found, pupils = grouped(with_townships("甲", "乙", "乙", "甲", "甲", None))
    own = (found.table["level"] == "township").to_numpy()
    assert found.demand[own].sum(axis=0) == pytest.approx(pupils.drop("U6").sum().to_numpy())


def test_a_school_district_is_its_catchments():
    found, pupils = grouped(with_school_districts(small_city()))
    own = (found.table["level"] == "school_district").to_numpy()
    assert found.demand[own][0] == pytest.approx(pupils.loc[["U4", "U5", "U6"]].sum().to_numpy())
    junior, _ = grouped(with_school_districts(small_city()), stage="junior")
    assert "school_district" not in set(junior.table["level"])  # junior has no catchments


def test_shares_of_a_place_are_between_none_and_all():
    found, _ = grouped(with_townships("甲", "乙", "乙", "丙", "丙", "甲"))
    assert np.all((found.groups.share >= 0) & (found.groups.share <= 1 + 1e-12))
