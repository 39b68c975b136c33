"""Pupils who cross trunk roads: counted by hand in the toy town with streets."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import LineString, Point

from layoutplan.demand.demand import Demand
from layoutplan.rules import find_unsafe_walks
from layoutplan.standards.rules import Rule
from layoutplan.travel import build_network
from layoutplan.travel.distances import walk_matrix
from tests.small_city import CRS, SOUTH, WEST, YEARS, small_city, small_profile
from tests.studies import study_of

BARRIERS = Rule("walking.barriers", "primary", ("trunk_road",), "kind", "test", "D", 1986)
DISTANCE = Rule("walking.crossing_distance", "", 30.0, "m", "test", "D", 1986)
PENALTY = Rule("walking.barrier_penalty", "primary", 500.0, "m", "test", "D", 1986)


def at(x: float, y: float) -> tuple[float, float]:
    return WEST + x, SOUTH + y


TRUNK = LineString([at(1000, -200), at(1000, 3200)])
"""Between the western third (U1, U4) and the rest; the schools S1 and S2 are at x = 1500."""
STREETS = [TRUNK, *(LineString([at(0, y), at(3000, y)]) for y in (750, 2250))]


def found(*crossings: Point, rules: tuple[Rule, ...] = (BARRIERS, DISTANCE), limit_m: float = 6000.0):
    lines = [("trunk_road", TRUNK), *(("crossing", place) for place in crossings)]
    table = pd.DataFrame({"kind": [kind for kind, _ in lines], "crossable": False})
    barriers = gpd.GeoDataFrame(table, geometry=[shape for _, shape in lines], crs=CRS)
    town = small_city()
    city = replace(town, tables={**town.tables, "barriers": barriers})
    profile = small_profile(extra=rules)
    pupils = {
        stage: pd.DataFrame({year: np.arange(1.0, 7.0) * 10 for year in YEARS}, index=city.units.index)
        for stage in city.stages
    }
    network = build_network(gpd.GeoDataFrame(geometry=STREETS, crs=CRS))
    study = study_of(
        city,
        demand=Demand(years=YEARS, children=pupils, pupils=pupils),
        walks=walk_matrix(city.units.geometry, city.schools.geometry, limit_m=limit_m, network=network),
        network=network,
        profile=profile,
    )
    walks = find_unsafe_walks(study)
    return walks, walks.table[walks.table["year"] == 2025].set_index("catchment_id")


def test_those_beyond_the_trunk_road_cross_it():
    """Within 2 km there is no way round: U4 (40 pupils) of C1 and U1 (10) of C2."""
    walks, rows = found(limit_m=2000.0)
    assert rows["crossing"].to_dict() == {"C1": 40.0, "C2": 10.0}
    assert rows["doubled"].to_dict() == {"C1": 0.0, "C2": 0.0}
    assert rows["pupils"].to_dict() == {"C1": 150.0, "C2": 60.0}
    assert rows["crossing_share"].to_dict() == pytest.approx({"C1": 40 / 150, "C2": 10 / 60})
    assert set(walks.table["stage"]) == {"primary"}
    assert set(walks.table["year"]) == set(YEARS)
    (note,) = walks.notes
    assert (note.code, note.severity, note.rows) == ("unsafe_walks", "warning", ("C1", "C2"))
    assert "50" in note.what("zh")


def test_who_can_go_round_walks_double():
    """Round the trunk road's end: 1,000 m become about 2,900 m, in the north and in the south."""
    _, rows = found()
    assert rows["crossing"].to_dict() == {"C1": 0.0, "C2": 0.0}
    assert rows["doubled"].to_dict() == {"C1": 40.0, "C2": 10.0}


def test_who_would_not_walk_so_far_round_crosses():
    _, rows = found(rules=(BARRIERS, DISTANCE, PENALTY))
    assert rows["crossing"].to_dict() == {"C1": 40.0, "C2": 10.0}


def test_a_crossing_helps_its_side_of_the_town():
    _, rows = found(Point(at(1010, 2255)), limit_m=2000.0)
    assert rows["crossing"].to_dict() == {"C2": 10.0}
    walks, _ = found(Point(at(1010, 2255)), Point(at(1000, 740)))
    assert walks.table.empty
    assert walks.notes == ()


@pytest.mark.parametrize("rules", [(), (BARRIERS,), (DISTANCE,)])
def test_without_the_rule_nothing_is_said(rules):
    walks, _ = found(rules=rules)
    assert walks.table.empty


def test_on_straight_lines_nothing_is_known():
    city = small_city()
    study = study_of(
        city,
        demand=Demand(years=YEARS, children={}, pupils={}),
        walks=walk_matrix(city.units.geometry, city.schools.geometry, limit_m=2000, network=None),
        profile=small_profile(extra=(BARRIERS, DISTANCE)),
    )
    walks = find_unsafe_walks(study)
    assert walks.table.empty
    assert list(walks.table.columns) == [
        *("catchment_id", "name", "district_id", "stage", "year"),
        *("pupils", "crossing", "doubled", "crossing_share"),
    ]
