"""The programme of works: one list of the plan, and whom each work serves."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from layoutplan.dictionary import result_table
from layoutplan.outputs.map.measures import measure_records
from layoutplan.outputs.programme import plan_years
from tests.siting.test_plan import PRICED, small_town
from tests.siting.town import random_town

SINGLE = ["convert", "enlarge", "build", "build_indicative", "shrink", "close"]


@pytest.mark.parametrize("seed", [3, 7, 11])
def test_the_list_adds_up_to_the_measures(seed):
    tables = random_town(seed, profile=PRICED).propose(enlarge=True).tables
    works, measures = tables["plan_programme"], tables["measures"]
    assert [*works.columns] == [*result_table("plan_programme").column_names]
    for column in ("capital", "discounted", "pupil_years", "added"):
        assert works[column].sum() == pytest.approx(measures[column].sum())
    lasting = measures[measures["kind"].isin(SINGLE)]
    built = works[works["kind"].isin(SINGLE)]
    assert sorted(built["name"]) == sorted(lasting["name"])
    assert built["first_year"].is_monotonic_increasing
    passing = works[~works["kind"].isin(SINGLE)]
    assert not passing.duplicated(["kind", "stages"]).any()
    by_year = tables["measure_years"].groupby(["kind", "year"])["running"].sum().groupby("kind").max()
    for kind, own in passing.groupby("kind"):
        assert own["running"].max() <= by_year[kind] + 1e-6
    assert works["number"].tolist() == [*range(1, len(works) + 1)]


@pytest.mark.parametrize("seed", [3, 5])
def test_ids_are_those_of_places_in_every_scenario(seed):
    """What is built at one place has one id, whatever the budget, the prices of it or the demand."""
    here = random_town(seed, profile=PRICED)
    more = random_town(seed, profile=PRICED)
    for frame in more.study.demand.pupils.values():
        frame.loc[:] = 1.3 * frame
    scenarios = [
        here.propose(enlarge=True, generate_sites=True),
        here.propose(enlarge=True, generate_sites=True, budget=6e7),
        more.propose(enlarge=True, generate_sites=True),
    ]
    tables = [one.tables["measures"] for one in scenarios]
    assert len({frozenset(table["measure_id"]) for table in tables}) > 1  # the scenarios differ
    every_one = pd.concat(tables)
    every_one["at"] = every_one.geometry.to_wkt()
    for column in ("kind", "school_id", "name", "at"):
        assert every_one.groupby("measure_id")[column].nunique(dropna=False).max() == 1
    placed = every_one[every_one["school_id"].notna()]
    assert placed.groupby(["kind", "school_id", "at"])["measure_id"].nunique().max() == 1


def test_shares_of_the_benefit_add_up_to_what_the_plan_adds_and_are_named_so():
    here = random_town(7, profile=PRICED)
    tables = here.propose(enlarge=True).tables
    before = here.balance.city.groupby("year")["unserved"].sum()
    left = tables["plan_costs"].set_index("year")["unserved"]
    gained = float((before.reindex(left.index) - left).sum())
    assert gained > 1
    assert tables["measures"]["added"].sum() == pytest.approx(gained, abs=0.5)
    assert tables["plan_programme"]["added"].sum() == pytest.approx(gained, abs=0.5)
    assert "add up" in result_table("measures").column("added").description.en
    assert (tables["measures"]["added"] >= -1e-6).all()


def two_stages(**changes):
    """A town whose one site must become a nine-year school."""
    site = {"site_id": "L1", "name": "Field", "x": 800.0, "y": 500.0, "area_m2": 90_000.0}
    pupils = {"primary": np.array([500.0, 400.0]), "junior": np.array([200.0, 250.0])}
    return small_town(
        pupils=pupils, sites=[{**site, "school_types": ["nine_year"]}], profile=PRICED, **changes
    )


def test_a_new_school_of_two_stages_is_counted_once_in_every_table():
    proposal = two_stages().propose()
    tables = proposal.tables
    row = proposal.proposals.iloc[0]
    assert row["seats_primary"] > 0
    assert row["seats_junior"] > 0
    assert row["seats"] == row["seats_primary"] + row["seats_junior"]
    for name in ("measures", "plan_programme"):
        built = tables[name][tables[name]["kind"] == "build"]
        assert len(built) == 1
        assert built["seats"].iloc[0] == row["seats"]
        assert built["capital"].iloc[0] == row["cost"]
    years = tables["measure_years"].query("kind == 'build' and seats > 0")
    assert years["year"].is_unique
    assert (years["seats"] == years["seats_primary"] + years["seats_junior"]).all()
    assert tables["plan_costs"]["capital"].sum() == row["cost"]
    new = proposal.layout.seats.schools.index.difference(["S1"])
    assert len(new) == 1
    # The pages read the same: one opening with all seats, one measure with both stages.
    opens = [one for year in plan_years(tables) for one in year.opens]
    assert opens == [("Field", row["seats"])]
    meta = SimpleNamespace(stages=("primary", "junior"), years=[*tables["plan_costs"]["year"]])
    (shown,) = (one for one in measure_records(tables, meta) if one["lasts"])
    assert [*shown["amounts"]] == ["primary", "junior"]
    assert shown["seats"] == row["seats"]
    assert proposal.proposals["cost"].sum() == row["cost"]
    assert tables["plan_audit"]["kept"].all()


def test_seats_by_stage_of_a_year_are_those_of_the_year():
    tables = random_town(7, profile=PRICED).propose(enlarge=True).tables
    years = tables["measure_years"]
    assert (years["seats"] == years[["seats_primary", "seats_junior"]].sum(axis=1)).all()
    most = years.groupby("measure_id")[["seats_primary", "seats_junior"]].max()
    measures = tables["measures"].set_index("measure_id")[["seats_primary", "seats_junior"]]
    pd.testing.assert_frame_equal(
        most.sort_index(), measures.sort_index(), check_dtype=False, check_index_type=False
    )


def test_where_no_catchments_are_a_measure_serves_residential_units():
    measures = small_town(profile=PRICED).propose().tables["measures"].set_index("kind")
    assert measures.loc["build", "serves"] == "U000; U001"
    assert pd.isna(measures.loc["build", "catchment_id"])
