"""Laws of a whole city: it tiles, it adds up, it is connected, and its seed decides everything."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from layoutplan.dictionary import input_tables
from layoutplan.synthetic import make_city_tables
from tests.examples import examples
from tests.synthetic import laws


def assert_city(tables, *, residents):
    laws.assert_catchments(tables)
    laws.assert_school_districts(tables)
    laws.assert_every_public_school_has_one_catchment(tables)
    laws.assert_units(tables, residents=residents)
    laws.assert_streets(tables)
    laws.assert_schools(tables)


@given(residents=st.integers(5_000, 90_000), seed=st.integers(0, 2**31))
@settings(max_examples=examples(10))
@example(residents=11_919, seed=1)  # a town without a project
def test_laws_hold_in_towns_of_any_seed(residents, seed):
    assert_city(make_city_tables(residents=residents, seed=seed), residents=residents)


@pytest.mark.parametrize(("residents", "seed"), [(200_000, 1), (900_000, 2)])
def test_laws_hold_in_cities(residents, seed):
    assert_city(make_city_tables(residents=residents, seed=seed), residents=residents)


def test_laws_hold_in_the_demo_city(demo):
    assert_city(demo, residents=500_000)


@pytest.mark.slow
def test_laws_hold_in_a_metropolis():
    tables = make_city_tables(residents=12_800_000, seed=7)
    assert_city(tables, residents=12_800_000)
    kinds = tables["schools"]["school_type"].value_counts()
    assert kinds["primary"] + kinds["nine_year"] == pytest.approx(1_001, rel=0.01)
    assert kinds["junior"] + kinds["nine_year"] == pytest.approx(436, rel=0.01)
    assert kinds["kindergarten"] == pytest.approx(2_066, rel=0.01)
    assert len(tables["units"]) == pytest.approx(60_000, rel=0.1)


def test_same_seed_same_tables(town):
    again = make_city_tables(residents=20_000, seed=3)
    assert list(again) == list(town)
    for name, frame in town.items():
        pd.testing.assert_frame_equal(frame, again[name])


def test_another_seed_another_city(town):
    other = make_city_tables(residents=20_000, seed=4)
    assert town["roads"].total_bounds.tolist() != other["roads"].total_bounds.tolist()


def test_global_random_state_does_not_matter(town):
    np.random.seed(1)  # noqa: NPY002
    again = make_city_tables(residents=20_000, seed=3)
    pd.testing.assert_frame_equal(town["units"], again["units"])


@pytest.mark.parametrize("residents", [4_999, 15_000_001])
def test_sizes_out_of_range_are_refused(residents):
    with pytest.raises(ValueError, match="residents must be"):
        make_city_tables(residents=residents)


def test_every_column_is_in_the_data_dictionary(demo):
    for name, frame in demo.items():
        table = input_tables()[name]
        stems = {column.name.split("{")[0] for column in table.patterns}
        for column in frame.columns.drop("geometry", errors="ignore"):
            assert column in table.column_names or any(column.startswith(stem) for stem in stems), (
                name,
                column,
            )


def test_references_between_tables_hold(demo):
    ids = {name: set(demo[name][key]) for name, key in [("schools", "school_id"), ("units", "unit_id")]}
    districts = set(demo["districts"]["district_id"])
    for name in ("units", "schools", "catchments", "sites", "projects", "housing", "groups"):
        assert set(demo[name]["district_id"].dropna()) <= districts
    for name in ("classes", "enrolment_history", "resources"):
        assert set(demo[name]["school_id"]) <= ids["schools"]
    assert set(demo["projects"]["school_id"].dropna()) <= ids["schools"]
    assert set(demo["housing"]["unit_id"].dropna()) <= ids["units"]
    projects = set(demo["projects"]["project_id"])
    assert set(demo["projects"]["successor_school_id"].dropna()) <= ids["schools"] | projects
    assert set(demo["projects"]["housing_id"].dropna()) <= set(demo["housing"]["housing_id"])
    assert set(demo["schools"]["partner_school_id"].dropna()) <= ids["schools"]
    attached = demo["housing"]["school_ids"].dropna().str.split(";").explode()
    assert set(attached) <= ids["schools"] | projects
    assert set(demo["births"]["area_id"]) == set(demo["units"]["district_id"]) <= districts


@pytest.mark.parametrize("residents", [5_000, 8_000, 20_000, 60_000])
def test_the_pipeline_of_a_small_town_is_small(residents):
    town = make_city_tables(residents=residents, seed=1)
    new = town["projects"].query("kind == 'new' and state != 'cancelled'")
    for stage, seats_per_class in (("primary", 45), ("junior", 50)):
        classes = new.get(f"classes_{stage}", pd.Series(dtype=float))
        assert (classes.fillna(0) * seats_per_class <= 0.5 * town["schools"][f"seats_{stage}"].sum()).all()
    assert len(town["projects"]) > 0
