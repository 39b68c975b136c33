"""Hotspots of a lattice whose unserved pupils the test has placed."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point

from layoutplan.dictionary import result_table
from layoutplan.hotspots import Hotspots
from layoutplan.plan.settings import HotspotSettings
from tests.examples import examples
from tests.hotspots.lattice import SIZE, STEP, YEARS, hotspots_of, lattice_city, unit_id
from tests.small_city import SOUTH, WEST

CITY = lattice_city()
NORTH_EAST = {unit_id(c, r): 40.0 for c in (5, 6, 7) for r in (5, 6, 7)}
SOUTH_WEST = {unit_id(0, 0): (0.0, 30.0, 50.5), unit_id(1, 0): (0.0, 15.0, 20.0)}
LACKING = {"primary": {**NORTH_EAST, **SOUTH_WEST}, "junior": {unit_id(7, 0): 100.0}}


def test_clusters_are_found_ranked_and_counted():
    found = hotspots_of(CITY, LACKING)
    rows = found.hotspots.set_index("hotspot_id")
    assert list(rows.index) == ["primary-1", "junior-1", "primary-2"]
    assert rows["rank"].tolist() == [1, 1, 2]
    assert rows["pupils_short"].tolist() == [360.0, 100.0, 70.5]
    assert rows["seats_short"].tolist() == [360.0, 100.0, 71.0]
    assert rows["units"].tolist() == [9, 1, 2]
    assert rows["demand"].tolist() == [450.0, 110.0, 90.5]
    assert (rows["year"] == YEARS[-1]).all()


def test_the_first_year_is_the_first_with_a_hotspot_s_pupils():
    rows = hotspots_of(CITY, LACKING).hotspots.set_index("hotspot_id")
    assert rows["first_year"].to_dict() == {"primary-1": 2025, "junior-1": 2025, "primary-2": 2026}


def test_persistence_counts_the_years_with_a_hotspot_s_pupils():
    passing = {"junior": {unit_id(7, 0): (100.0, 0.0, 100.0)}}
    rows = hotspots_of(CITY, {**LACKING, **passing}).hotspots.set_index("hotspot_id")
    assert rows["years_short"].to_dict() == {"primary-1": 3, "junior-1": 2, "primary-2": 2}
    assert (rows["last_year"] == 2027).all()
    assert rows["probability"].isna().all()
    first = hotspots_of(CITY, {"primary": SOUTH_WEST}, year=2026).hotspots.iloc[0]
    assert (first["first_year"], first["last_year"], first["years_short"]) == (2026, 2027, 2)


def test_areas_tell_in_which_years_they_stand_out_and_beside_whom():
    growing = dict.fromkeys(NORTH_EAST, (0.0, 40.0, 40.0))
    areas = hotspots_of(CITY, {"primary": growing}).areas
    primary = areas[areas["stage"] == "primary"].set_index("area_id")
    middle = primary.loc[unit_id(6, 6)]
    assert (middle["years_significant"], middle["first_significant_year"]) == (2, 2026)
    assert middle["last_significant_year"] == 2027
    assert middle["moran_class"] == "high_high"
    assert set(primary["moran_class"]) <= {"high_high", "low_low", "high_low", "low_high", "none"}
    told = primary["moran_class"] != "none"
    assert (told == (primary["moran_q"] <= HotspotSettings().false_discovery_rate)).all()
    far = primary.loc[unit_id(0, 0)]
    assert far["years_significant"] == 0
    assert pd.isna(far["first_significant_year"])
    assert primary["demand"].sum() == pytest.approx(360.0 + 10.0 * SIZE**2)


@pytest.mark.parametrize("unit", ["grid", "hexagon"])
def test_cells_of_one_size_keep_the_totals_and_the_hotspots(unit):
    chosen = HotspotSettings(cluster_radius_m=600.0, unit=unit, cell_m=900.0)
    natural, celled = hotspots_of(CITY, LACKING), hotspots_of(CITY, LACKING, settings=chosen)
    same = ["hotspot_id", "pupils_short", "units", "name", "first_year"]
    pd.testing.assert_frame_equal(natural.hotspots[same], celled.hotspots[same])
    for column in ("demand", "short"):
        totals = [one.areas.groupby("stage")[column].sum() for one in (natural, celled)]
        pd.testing.assert_series_equal(*totals)
    assert set(celled.areas["area_id"]) == set(celled.cells.index)
    held = celled.areas.dropna(subset="hotspot_id").groupby("hotspot_id")["short"].sum()
    assert held.sum() <= celled.hotspots["pupils_short"].sum() + 1e-6
    for row in celled.hotspots.itertuples():
        middle = CITY.units.geometry[celled.members.query("hotspot_id == @row.hotspot_id")["unit_id"]]
        assert middle.within(row.geometry.buffer(1.0)).any()


def test_members_are_the_units_and_their_pupils_add_up():
    found = hotspots_of(CITY, LACKING)
    members = found.members
    assert list(members.columns) == ["unit_id", "stage", "hotspot_id", "pupils"]
    assert not members.duplicated(["unit_id", "stage"]).any()
    assert set(members.loc[members["hotspot_id"] == "primary-1", "unit_id"]) == set(NORTH_EAST)
    lacking = members.apply(lambda row: np.broadcast_to(LACKING[row["stage"]][row["unit_id"]], 3)[-1], axis=1)
    totals = lacking.groupby(members["hotspot_id"]).sum()
    assert totals.to_dict() == found.hotspots.set_index("hotspot_id")["pupils_short"].to_dict()


def test_areas_carry_gi_star_and_their_hotspot():
    found = hotspots_of(CITY, LACKING)
    areas = found.areas
    assert tuple(areas.columns) == result_table("area_hotspots").column_names
    assert len(areas) == 2 * SIZE**2
    primary = areas[areas["stage"] == "primary"].set_index("area_id")
    assert primary["short"].sum() == pytest.approx(360 + 70.5)
    assert primary.loc[unit_id(6, 6), "significant"]
    assert primary.loc[unit_id(6, 6), "hotspot_id"] == "primary-1"
    assert not primary.loc[unit_id(0, 4), "significant"]
    assert pd.isna(primary.loc[unit_id(0, 4), "hotspot_id"])
    assert primary["z"].idxmax() == unit_id(6, 6)
    rows = found.hotspots.set_index("hotspot_id")
    assert rows.loc["primary-1", "significant"]
    assert rows.loc["primary-1", "z_max"] == primary.loc[unit_id(6, 6), "z"]
    passed = primary["q"] <= HotspotSettings().false_discovery_rate
    assert (primary["significant"] == passed).all()


def test_everybody_short_alike_is_a_hotspot_that_stands_out_from_nothing():
    even = {"primary": dict.fromkeys(CITY.units.index, 15.0)}
    undivided = HotspotSettings(cluster_radius_m=600.0, largest_extent_m=5000.0)
    found = hotspots_of(CITY, even, settings=undivided)
    assert found.hotspots["pupils_short"].tolist() == [960.0]
    assert found.hotspots["significant"].tolist() == [False]
    assert found.hotspots["z_max"].isna().all()
    assert found.areas["z"].isna().all()


def test_nobody_unserved_gives_empty_tables_with_all_columns():
    found = hotspots_of(CITY, {})
    assert isinstance(found.hotspots, gpd.GeoDataFrame)
    assert tuple(found.hotspots.columns) == (*result_table("hotspots").column_names, "geometry")
    assert found.hotspots.empty
    assert found.hotspots.crs == CITY.crs
    assert found.members.empty
    assert list(found.members.columns) == ["unit_id", "stage", "hotspot_id", "pupils"]
    assert len(found.areas) == 2 * SIZE**2
    assert not found.areas["significant"].any()
    full = hotspots_of(CITY, LACKING)
    assert (full.hotspots.dtypes.astype(str) == found.hotspots.dtypes.astype(str)).all()
    assert (full.areas.dtypes == found.areas.dtypes).all()


def test_too_few_together_or_too_far_apart_is_no_hotspot():
    scattered = {"primary": {unit_id(0, 0): 44.0, unit_id(7, 7): 44.0}}
    assert hotspots_of(CITY, scattered).hotspots.empty
    together = {"primary": {unit_id(0, 0): 44.0, unit_id(0, 1): 1.0}}
    assert hotspots_of(CITY, together).hotspots["pupils_short"].tolist() == [45.0]


def test_the_outline_is_valid_and_holds_the_members():
    found = hotspots_of(CITY, LACKING).hotspots.set_index("hotspot_id")
    assert found.is_valid.all()
    assert found.geometry["primary-1"].area == pytest.approx(9 * STEP**2)
    points = lattice_city(polygons=False)
    rounded = hotspots_of(points, LACKING).hotspots.set_index("hotspot_id")
    assert rounded.is_valid.all()
    assert (rounded.area > 0).all()
    for unit in NORTH_EAST:
        assert rounded.geometry["primary-1"].contains(points.units.geometry[unit])


def moved_geometry(found: Hotspots) -> list[object]:
    return [shape.normalize() for shape in found.hotspots.geometry]


@settings(max_examples=examples(6))
@given(seed=st.integers(0, 99))
def test_shuffling_rows_changes_nothing(seed):
    random = np.random.default_rng(seed)
    lacking = {
        "primary": {unit: float(random.integers(0, 30)) for unit in CITY.units.index},
        "junior": {unit: float(random.choice([0, 0, 0, 50])) for unit in CITY.units.index},
    }
    order = random.permutation(CITY.units.index.to_numpy())
    shuffled = replace(
        CITY,
        areas=CITY.areas.loc[order[::-1]],
        units=CITY.units.loc[order],
        unit_catchments=CITY.unit_catchments.loc[order],
    )
    first, second = hotspots_of(CITY, lacking), hotspots_of(shuffled, lacking)
    pd.testing.assert_frame_equal(
        first.hotspots.drop(columns="geometry"), second.hotspots.drop(columns="geometry")
    )
    assert moved_geometry(first) == moved_geometry(second)
    key = ["stage", "area_id"]
    pd.testing.assert_frame_equal(
        first.areas.sort_values(key, ignore_index=True), second.areas.sort_values(key, ignore_index=True)
    )
    key = ["stage", "unit_id"]
    pd.testing.assert_frame_equal(
        first.members.sort_values(key, ignore_index=True), second.members.sort_values(key, ignore_index=True)
    )


def test_shifting_the_city_changes_nothing():
    here = hotspots_of(CITY, LACKING)
    there = hotspots_of(lattice_city(shift=(12_345.75, -54_321.5)), LACKING)
    columns = [name for name in here.hotspots.columns if name not in ("geometry", "remedy")]
    pd.testing.assert_frame_equal(here.hotspots[columns], there.hotspots[columns])
    pd.testing.assert_frame_equal(here.areas, there.areas)
    pd.testing.assert_frame_equal(here.members, there.members)


def test_dwellings_in_one_area_belong_to_the_hotspot_with_most_of_its_pupils():
    """Two far ends of one large area are two hotspots; the area is drawn with the larger one."""
    west, east = (Point(WEST + x, SOUTH + 250) for x in (250.0, 3750.0))
    units = gpd.GeoDataFrame(
        {"area_id": "A", "name": "大区", "district_id": None, "residents": 1.0},
        geometry=[west, east],
        crs=CITY.crs,
        index=pd.Index(["west", "east"], name="unit_id"),
    )
    areas = gpd.GeoDataFrame(
        {"name": ["大区"]},
        geometry=[gpd.GeoSeries([west, east]).union_all().envelope.buffer(300)],
        crs=CITY.crs,
        index=pd.Index(["A"], name="unit_id"),
    )
    nowhere = pd.DataFrame({"primary": [None, None]}, index=units.index, dtype=object)
    city = lattice_city(units=units, areas=areas, unit_catchments=nowhere)
    found = hotspots_of(city, {"primary": {"west": 60.0, "east": 90.0}})
    assert found.areas.set_index("stage").loc["primary", "hotspot_id"] == "primary-1"
    rows = found.hotspots.set_index("hotspot_id")
    assert rows.geometry["primary-1"].equals(areas.geometry["A"])
    assert rows.geometry["primary-2"].contains(west)
    assert rows.geometry["primary-2"].area < 200_000
