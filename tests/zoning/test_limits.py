"""Feeder maps, seats that lack, rules to ease, graphs in parts: what is divided, and what is said."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from layoutplan.city.city import City
from layoutplan.demand import estimate_demand
from layoutplan.study import Study
from layoutplan.zoning import redraw
from tests.small_city import small_profile
from tests.studies import study_of, with_plan
from tests.zoning.grids import EVERYONE, QUICK, connected, grid_city, grid_study, homes_of, redrawn
from tests.zoning.test_options import PUPILS, codes
from tests.zoning.test_redraw import HALVES, TWO, outcome


def test_seats_that_lack_are_shared_by_the_schools() -> None:
    """60 pupils lack a seat: 3/10 of the seats. A alone would have 110 for 50: twice its share is 80."""
    pupils = [20.0, 30, 30, 30, 30, 30, 30, 30, 30]
    city = grid_city(9, pupils, {"A": (0, 50.0), "B": (8, 150.0)}, ["CA"] * 5 + ["CB"] * 4)
    found = redrawn(city, price_moved_m=0)
    row = outcome(found)
    assert (row["overload"], row["overload_bound"]) == (60, pytest.approx(60))
    assert found.divisions[0].overload[:, 0].tolist() == [30, 30]
    assert row["fullest"] == pytest.approx(1.6)
    assert row["fullest_before"] == pytest.approx(2.8)
    assert "more seats in 2 catchments" in row["message"]
    assert "最拥挤的片区" in row["message_translated"]


def test_what_would_do_where_seats_lack() -> None:
    """A has 30 pupils too many whom only the limit on the walk, or the district, keeps from B."""
    pupils = [60.0, 10, 10, 10, 60.0]
    line = grid_city(5, pupils, {"A": (0, 50.0), "B": (4, 200.0)}, ["CA"] * 2 + ["CB"] * 3)
    row = outcome(redrawn(line, walk_limit_m={"primary": 700}))
    assert row["overload"] == 20
    assert "walk limit of 2,700 m seats would suffice" not in row["message"]
    assert "walk limit of" in row["message"]
    halves = grid_city(4, PUPILS, TWO, HALVES, districts=["D1", "D1", "D2", "D2"] * 2)
    said = outcome(redrawn(halves, keep_districts=True))
    assert "Across districts seats would suffice." in said["message"]
    assert "允许跨区划片" in said["message_translated"]
    assert "A片区（30个）" in said["message_translated"]
    locked = outcome(redrawn(grid_city(4, PUPILS, TWO, HALVES), locked_units=("U00", "U01", "U04", "U05")))
    assert "Without the locks" in locked["message"]


def test_a_graph_in_parts_is_divided_and_said() -> None:
    """A row of units is cut off; its pupils still get one catchment, and it is said where."""
    city = grid_city(4, PUPILS, TWO, HALVES)
    cut = pd.DataFrame({"unit_a": [f"U0{n}" for n in range(4)], "unit_b": [f"U0{n + 4}" for n in range(4)]})
    city = replace(city, tables=MappingProxyType({**city.tables, "adjacency": cut.assign(action="separate")}))
    found = redrawn(city)
    assert {"adjacency_islands", "zoning_exclaves"} <= codes(found)
    assert outcome(found)["overload"] == 0
    assert not found.layout.zoning.held("primary").isna().any()


def test_units_that_no_school_in_the_limit_borders_on() -> None:
    """U02 walks no farther than the limit to B only, but all around it belong to A: it is given to A."""
    homes = ["CA", "CA", "CB", "CA", "CB"]
    city = grid_city(5, [10.0] * 5, {"A": (0, 200.0), "B": (4, 200.0)}, homes)
    found = redrawn(city, walk_limit_m={"primary": 500}, locked_units=("U03",))
    assert homes_of(found)[3] == "CA"
    assert connected([0 if one == "CA" else 1 for one in homes_of(found)], [0, 4], 5)
    assert "zoning_beyond_limit" in codes(found)


def test_time_is_said_where_it_stops_the_search() -> None:
    city = grid_city(4, [60.0, 0, 0, 60, 60, 0, 0, 0], {"A": (0, 90.0), "B": (3, 90.0)}, HALVES)
    assert "zoning_time_limit" in codes(redrawn(city, work=1e6, time_limit_s=0.02))
    assert "zoning_time_limit" not in codes(redrawn(city))


def test_pupils_of_new_homes_do_not_stay() -> None:
    """Units without pupils before the change have none who stay at the old school."""
    city = grid_city(4, PUPILS, TWO, HALVES)
    study = grid_study(city, movers="entry", from_year=2026, years=(2027,))
    grown = study.demand.pupils["primary"].copy()
    grown.loc["U01", [2025, 2026]] = 0.0
    study = replace(study, demand=replace(study.demand, pupils=MappingProxyType({"primary": grown})))
    moving = redraw(study).divisions[0].problem.moving[:, 0]
    assert moving[1] == pytest.approx(PUPILS[1])
    assert moving[0] == pytest.approx(PUPILS[0] / 3)


def two_stages(feeds: dict[str, tuple[str, ...]]) -> City:
    """Return a city of a row of six units with two primary and two junior schools, and a feeder map."""
    homes = ["CA"] * 3 + ["CB"] * 3
    city = grid_city(6, [20.0] * 6, {"A": (0, 200.0), "B": (5, 200.0)}, homes)
    other = grid_city(6, [20.0] * 6, {"J": (0, 20.0), "K": (5, 200.0)}, ["CJ"] * 3 + ["CK"] * 3)
    rows = other.catchments.assign(stage="junior")
    catchments = gpd.GeoDataFrame(pd.concat([city.catchments, rows]), crs=city.crs)
    catchments["feeds_catchment_ids"] = [feeds.get(key) for key in catchments.index]
    schools = gpd.GeoDataFrame(
        pd.concat(
            [
                city.schools,
                other.schools.assign(
                    school_type="junior", seats_junior=other.schools["seats_primary"], seats_primary=np.nan
                ),
            ]
        ),
        crs=city.crs,
    )
    links = pd.concat([city.catchment_schools, other.catchment_schools.assign(stage="junior")])
    return replace(
        city,
        stages=("primary", "junior"),
        schools=schools,
        catchments=catchments,
        catchment_schools=links.reset_index(drop=True),
        unit_catchments=city.unit_catchments.assign(junior=other.unit_catchments["primary"]),
    )


def two_stage_study(city: City, **zoning: Any) -> Study:
    profile = small_profile()
    everyone = EVERYONE.model_copy(
        update={
            "participation": {"primary": 1.0, "junior": 1.0},
            "public_share": {"primary": 1.0, "junior": 1.0},
        }
    )
    study = study_of(
        city,
        demand=estimate_demand(city, profile, everyone),
        profile=profile,
        reach_m={"primary": 20_000.0, "junior": 20_000.0},
    )
    from layoutplan.plan import ZoningSettings  # noqa: PLC0415

    return with_plan(study, profile=profile, sections={"zoning": ZoningSettings(**{**QUICK, **zoning})})


def test_the_feeder_map_is_kept_or_reported() -> None:
    """J has 10 pupils too many (10 a unit), and K room; the leavers of A are to go to J only."""
    study = two_stage_study(two_stages({"CA": ("CJ",), "CB": ("CK",)}))
    free = redraw(study)
    assert free.layout.zoning.held("junior").tolist() == ["CJ"] * 2 + ["CK"] * 4
    rows = free.feeders[free.feeders["catchment_id"] == "CA"][["to_id", "named", "pupils_before", "pupils"]]
    assert rows.to_numpy().tolist() == [["CJ", True, 60, 40], ["CK", False, 0, 20]]
    kept = redraw(two_stage_study(study.city, keep_feeders=True))
    assert kept.layout.zoning.held("junior").tolist() == ["CJ"] * 3 + ["CK"] * 3
    row = kept.outcome.set_index("stage").loc["junior"]
    assert row["overload"] == pytest.approx(10)
    assert "Without the feeder map seats would suffice." in row["message"]
    assert kept.feeders["named"].all()
    assert redraw(two_stage_study(two_stages({}))).feeders.empty


def test_both_sides_of_a_feeder_map_open_give_a_choice() -> None:
    study = two_stage_study(two_stages({"CA": ("CJ", "CK"), "CB": ("CK",)}), keep_feeders=True)
    found = redraw(study)
    assert found.layout.zoning.held("junior").tolist() == ["CJ"] * 2 + ["CK"] * 4
