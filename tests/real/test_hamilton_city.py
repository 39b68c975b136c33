"""Hamilton, Ontario: the City holds the facts known of the city in 2016."""

from __future__ import annotations

import math
import time
from pathlib import Path

import pytest

from layoutplan.city import load_city
from layoutplan.city.tables import read_tables
from layoutplan.errors import FaultLog
from layoutplan.plan import load_plan

pytestmark = pytest.mark.real
HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def city():
    begin = time.process_time()
    loaded = load_city(load_plan(HERE / "hamilton.toml"))
    assert time.process_time() - begin < 15
    return loaded


def test_schools(city):
    schools = city.schools
    assert len(schools) == 88
    assert schools["enrolment_elementary"].sum() == 34_176
    assert round(schools["seats_elementary"].sum()) == 40_249
    assert (schools["enrolment_elementary"] > schools["seats_elementary"]).sum() == 22


def test_catchments_tile_the_city_and_each_school_has_one(city):
    catchments = city.catchments
    assert len(catchments) == 79
    assert round(catchments.area.sum() / 1e6, 3) == 1127.549
    assert round(catchments.union_all().area / 1e6, 3) == 1127.549
    links = city.catchment_schools
    assert sorted(links["school_id"]) == sorted(city.schools.index)
    assert set(links["catchment_id"]) == set(catchments.index)
    assert catchments.is_valid.all()


def test_residents_are_kept_through_the_spreading(city):
    assert math.isclose(math.fsum(city.units["residents"]), 536_917, abs_tol=1e-6)
    # 87,080 children are published; one area of 120 residents is blank and takes the city's share of 16.2 %
    assert math.isclose(
        math.fsum(city.population.to_numpy().ravel()), 87_080 + 120 * 87_080 / 536_797, abs_tol=0.01
    )
    assert city.population[[15, 16, 17]].to_numpy().sum() == 0
    by_area = city.units.groupby("area_id")["residents"].sum()
    assert abs(by_area - city.areas["population"][by_area.index]).max() < 1e-6
    assert len(city.areas) == 882
    assert 10_000 < len(city.units) < 20_000


def test_hardly_anyone_lives_outside_the_catchments(city):
    outside = city.unit_catchments["elementary"].isna()
    assert city.units["residents"][outside].sum() < 200
    assert "residents_outside" in [note.code for note in city.notes]


def test_dwellings_and_streets_are_read_whole():
    log = FaultLog()
    given = read_tables(load_plan(HERE / "hamilton.toml"), log=log)
    assert not log.errors
    assert given["dwellings"].frame["dwellings"].sum() == 214_756
    assert len(given["roads"].frame) == 19_396
    assert given["roads"].frame["bridge"].sum() == 304
