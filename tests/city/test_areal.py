"""Area weighting against GeoPandas' own overlay; totals exact, whole people whole."""

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from layoutplan.city.areal import area_pieces, floor_area_weights, whole_people
from layoutplan.city.spread import spread_residents
from tests.examples import examples

CRS = "EPSG:4547"
law = settings(max_examples=examples(30))
corners = st.tuples(st.integers(0, 900), st.integers(0, 900), st.integers(60, 700), st.integers(60, 700))


def boxes(rows):
    shapes = [shapely.box(x, y, x + width, y + height) for x, y, width, height in rows]
    return gpd.GeoSeries(shapes, index=pd.Index([f"A{n}" for n in range(len(rows))], name="unit_id"), crs=CRS)


def catchments():
    return gpd.GeoDataFrame(
        {"stage": ["primary", "primary", "junior"]},
        geometry=[
            shapely.Polygon([(0, 0), (700, 0), (400, 1200), (0, 1200)]),
            shapely.Polygon([(700, 0), (1300, 0), (1300, 1200), (400, 1200)]),
            shapely.box(100, 100, 900, 900),
        ],
        index=pd.Index(["P1", "P2", "J1"], name="catchment_id"),
        crs=CRS,
    )


@law
@given(st.lists(corners, min_size=1, max_size=4), st.floats(90, 500))
@example([(201, 0, 700, 110)], 90.00000000000001)  # a cell's piece has a spike into the next catchment
def test_shares_by_area_are_those_of_an_overlay(rows, cell_m):
    areas = boxes(rows)
    spread = spread_residents(areas, None, catchments(), cell_m=cell_m, log=None, by="area")
    units = spread.units
    assert units.groupby("area_id")["share"].sum().to_numpy() == pytest.approx(1.0)
    for stage in ("primary", "junior"):
        own = catchments().query("stage == @stage").reset_index()
        oracle = gpd.overlay(
            areas.rename("geometry").reset_index(), own, how="intersection", keep_geom_type=True
        )
        expected = oracle.assign(size=oracle.area).groupby(["unit_id", "catchment_id"])["size"].sum()
        expected = expected / areas.area.reindex(expected.index.get_level_values(0)).to_numpy()
        found = units["share"].groupby([units["area_id"], spread.catchments[stage]]).sum()
        expected = expected[expected > 1e-9]
        assert found.reindex(expected.index).to_numpy() == pytest.approx(expected.to_numpy(), abs=1e-7)


def test_points_stay_where_they_are():
    places = gpd.GeoSeries(gpd.points_from_xy([5.0, 800.0], [5.0, 800.0]), index=["A", "B"], crs=CRS)
    spread = spread_residents(places, None, catchments(), cell_m=100.0, log=None, by="area")
    assert spread.units["share"].tolist() == [1.0, 1.0]
    assert area_pieces(places, catchments(), cell_m=100.0).empty


@law
@given(arrays(float, (9, 3), elements=st.floats(0, 500)), st.lists(st.integers(0, 3), min_size=9, max_size=9))
def test_whole_parts_are_whole_near_and_keep_the_total(values, group):
    group = np.array(group)
    found = whole_people(values, group)
    assert (found == np.rint(found)).all()
    assert (np.abs(found - values) < 1 + 1e-6).all()
    for one in np.unique(group):
        total = values[group == one].sum(axis=0)
        assert np.abs(found[group == one].sum(axis=0) - total) == pytest.approx(np.zeros(3), abs=0.5 + 1e-6)


def largest_remainders(values):
    """Round down, then add one to the largest remainders, one after another: the rule as a person does it."""
    found = [math.floor(value + 1e-9) for value in values]
    for _ in range(round(sum(values) - sum(found))):
        rests = [round(value - whole, 9) for value, whole in zip(values, found, strict=True)]
        found[rests.index(max(rests))] += 1
    return found


@law
@given(
    st.lists(st.integers(0, 4_000), min_size=1, max_size=7),
    st.lists(st.integers(0, 4_000), min_size=1, max_size=7),
)
def test_whole_parts_are_the_largest_remainders(first, second):
    """Two groups, each held against the rule done by hand; shares in hundredths, no total half way."""
    assume(all(sum(one) % 100 != 50 for one in (first, second)))
    values = np.array([*first, *second]) / 100.0
    group = np.repeat([0, 1], [len(first), len(second)])
    by_hand = [*largest_remainders(values[: len(first)]), *largest_remainders(values[len(first) :])]
    assert whole_people(values[:, None], group).ravel().tolist() == by_hand


@law
@given(
    st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500), st.integers(1, 40)), min_size=1, max_size=12)
)
def test_dwellings_weigh_as_counted_by_hand(homes):
    """A catchment holds the share of an area's residents that its dwellings are of the area's dwellings."""
    points = gpd.GeoDataFrame(
        {"unit_id": None, "dwellings": [float(count) for *_, count in homes]},
        geometry=gpd.points_from_xy([x + 0.5 for x, *_ in homes], [y + 0.5 for _, y, _ in homes]),
        crs=CRS,
    )
    spread = spread_residents(boxes([(0, 0, 600, 600)]), points, catchments(), cell_m=90.0, log=None)
    assert spread.units["share"].sum() == pytest.approx(1.0)
    west = catchments().geometry["P1"]
    inside = sum(
        count for (_, _, count), point in zip(homes, points.geometry, strict=True) if west.contains(point)
    )
    found = spread.units["share"][(spread.catchments["primary"] == "P1").to_numpy()].sum()
    assert found == pytest.approx(inside / sum(count for *_, count in homes))


def test_whole_totals_are_kept_exactly():
    shares = np.array([0.2, 0.3, 0.5]) * 7
    assert whole_people(shares[:, None], np.zeros(3, dtype=np.int64)).sum() == 7


def test_floor_area_weighs_where_it_is_known():
    points = pd.DataFrame({"dwellings": [10.0, 10.0, 5.0], "floor_area_m2": [900.0, 1100.0, None]})
    assert floor_area_weights(points).tolist() == [900.0, 1100.0, 500.0]
    assert floor_area_weights(points.assign(floor_area_m2=np.nan)) is None


def test_residents_follow_the_floor_area():
    points = gpd.GeoDataFrame(
        {"unit_id": None, "dwellings": [10.0, 10.0], "floor_area_m2": [900.0, 300.0]},
        geometry=gpd.points_from_xy([50.0, 450.0], [50.0, 50.0]),
        crs=CRS,
    )
    areas = boxes([(0, 0, 600, 200)])
    by_floor = spread_residents(areas, points, catchments(), cell_m=100.0, log=None, by="floor_area")
    by_home = spread_residents(areas, points, catchments(), cell_m=100.0, log=None)
    assert sorted(by_floor.units["share"]) == pytest.approx([0.25, 0.75])
    assert sorted(by_home.units["share"]) == pytest.approx([0.5, 0.5])
