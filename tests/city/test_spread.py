"""Residents to their dwellings: totals kept, nothing cut by a border, order of rows without effect."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, box

from layoutplan.city.point_lookup import polygon_of
from layoutplan.city.spread import refuse_many_cells, spread_residents
from layoutplan.dictionary.table_log import TableLog
from layoutplan.errors import FaultLog, InputError
from layoutplan.plan import PopulationSettings
from tests.examples import examples

AREAS = gpd.GeoSeries([box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000), box(2000, 0, 3000, 1000)], crs=4547)
AREAS.index = pd.Index(["A", "B", "C"], name="unit_id")
CATCHMENTS = gpd.GeoDataFrame(
    {"stage": ["primary", "primary", "junior"]},
    geometry=[box(0, 0, 1500, 1000), box(1500, 0, 3000, 1000), box(0, 0, 3000, 480)],
    index=pd.Index(["P1", "P2", "J1"], name="catchment_id"),
    crs=4547,
)
POINTS = st.lists(
    st.tuples(st.floats(0, 1999), st.floats(0, 999), st.integers(1, 300)), min_size=1, max_size=40
)


def _spread(points, **changes):
    x, y, weight = np.array(points, dtype=float).T
    frame = gpd.GeoDataFrame(
        {"unit_id": None, "dwellings": weight}, geometry=[Point(*p) for p in zip(x, y, strict=True)], crs=4547
    )
    frame = frame.assign(**changes)
    log = FaultLog()
    spread = spread_residents(AREAS, frame, CATCHMENTS, cell_m=150.0, log=TableLog(log, "d", "dwellings"))
    return spread, {fault.code for fault in log}


@settings(max_examples=examples(30))
@given(POINTS)
def test_shares_of_every_area_sum_to_one_and_units_are_unique(points):
    spread, _ = _spread(points)
    for area, shares in spread.units.groupby("area_id")["share"]:
        assert math.fsum(shares) == pytest.approx(1.0, abs=1e-12), area
    assert set(spread.units["area_id"]) == {"A", "B", "C"}
    assert spread.units.index.is_unique


@settings(max_examples=examples(30))
@given(POINTS)
def test_a_unit_lies_where_people_live_in_its_area_and_catchments(points):
    spread, _ = _spread(points)
    homes = {(x, y) for x, y, _ in points}
    spots = spread.units[spread.units["area_id"] != "C"]
    inhabited = spots[(spots.index != spots["area_id"]) & ~spots.index.isin(spread.parts.index)]
    assert {(p.x, p.y) for p in inhabited.geometry} <= homes
    held = polygon_of(spread.units.geometry, AREAS)
    assert (held == spread.units["area_id"]).all()
    for stage in ("primary", "junior"):
        own = CATCHMENTS.geometry[CATCHMENTS["stage"] == stage]
        expected = polygon_of(spread.units.geometry, own)
        assert spread.catchments[stage].fillna("-").tolist() == expected.fillna("-").tolist()


@settings(max_examples=examples(30))
@given(POINTS, st.randoms(use_true_random=False))
def test_order_of_the_dwellings_changes_nothing(points, random):
    shuffled = random.sample(points, len(points))
    one, other = _spread(points)[0].units, _spread(shuffled)[0].units
    assert one.index.tolist() == other.index.tolist()
    assert one.geometry.geom_equals(other.geometry).all()
    np.testing.assert_allclose(one["share"], other["share"], rtol=1e-12)


def test_residents_of_each_catchment_are_those_of_its_dwellings():
    """Area B is cut at x = 1500: 30 dwellings west, 10 east."""
    spread, _ = _spread([(1490, 10, 30), (1510, 10, 10)])
    units = spread.units[spread.units["area_id"] == "B"]
    assert units.groupby(spread.catchments["primary"])["share"].sum().to_dict() == {"P1": 0.75, "P2": 0.25}


def test_dwellings_outside_and_areas_without_are_said():
    spread, codes = _spread([(-500, 10, 3), (10, 10, 5)])
    assert codes == {"dwellings_outside_areas", "areas_without_dwellings"}
    assert spread.units["area_id"].drop_duplicates().tolist() == ["A", "B", "C"]


def test_stated_area_wins_over_the_place():
    spread, _ = _spread([(10, 10, 3), (20, 20, 1)], unit_id=["C", None])
    assert spread.units.geometry["C"] == Point(10, 10)


def test_without_dwellings_a_unit_is_its_area():
    spread = spread_residents(AREAS, None, CATCHMENTS.iloc[:0], cell_m=150.0, log=None)
    assert spread.units.index.tolist() == spread.units["area_id"].tolist() == ["A", "B", "C"]
    assert spread.units["share"].eq(1).all()


@given(st.permutations(["Z", "M", "A"]))
def test_a_point_on_a_border_goes_to_the_smallest_label(labels):
    shapes = gpd.GeoSeries([box(0, 0, 1, 1), box(1, 0, 2, 1), box(0, 1, 2, 2)], index=labels)
    points = gpd.GeoSeries([Point(1, 1), Point(1, 0.5), Point(9, 9)], index=["p", "q", "r"])
    found = polygon_of(points, shapes)
    assert found["p"] == "A"
    assert found["q"] == min(labels[:2])
    assert found["r"] is None


def test_cells_that_no_machine_holds_are_refused_with_a_side_that_will_do():
    city = gpd.GeoSeries([box(0, 0, 40_000, 40_000)], index=["U"], crs="EPSG:4547")

    def refused(cell_m):
        log = FaultLog()
        try:
            refuse_many_cells(
                city,
                PopulationSettings(spread_by="area", spread_cell_m=cell_m),
                log=TableLog(log, "units.gpkg", "units"),
            )
        except InputError as error:
            (fault,) = error.faults
            return fault.params["side"]
        return None

    assert refused(150.0) is None
    side = refused(10.0)
    assert 10 < side < 20
    assert refused(float(side + 1)) is None
