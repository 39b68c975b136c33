"""Areas and estates that catchment borders cut: parts by surface, with ids that nothing else changes."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from layoutplan.city.estates import homes_of_estates, with_estate_units
from layoutplan.city.parts import cut_by_catchments
from layoutplan.city.spread import spread_residents
from tests.city.office import Office, rectangle
from tests.examples import examples
from tests.small_city import SOUTH, WEST, small_city

CRS = "EPSG:4547"
law = settings(max_examples=examples(40))


def catchments():
    """West and east of x = 500 for primary; south and north of y = 300 for junior, nothing above 900."""
    rows = {
        "P1": ("primary", box(-900, -900, 500, 1900)),
        "P2": ("primary", box(500, -900, 1900, 1900)),
        "J1": ("junior", box(-900, -900, 1900, 300)),
        "J2": ("junior", box(-900, 300, 1900, 900)),
    }
    frame = gpd.GeoDataFrame(
        {"stage": [stage for stage, _ in rows.values()]},
        geometry=[shape for _, shape in rows.values()],
        crs=CRS,
    )
    return frame.set_axis(pd.Index([*rows], name="catchment_id"), axis=0)


def areas(**shapes):
    return gpd.GeoSeries(shapes, crs=CRS)


def cut(**shapes):
    return cut_by_catchments(areas(**shapes), catchments(), tolerance_m2=10.0)


def test_parts_are_numbered_in_the_order_of_their_catchments_and_share_by_surface():
    parts = cut(A=box(400, 200, 600, 400), B=box(0, 0, 100, 100), C=box(0, 800, 100, 1000))
    assert parts["share"].to_dict() == {
        "A/1": 0.25,
        "A/2": 0.25,
        "A/3": 0.25,
        "A/4": 0.25,
        "C/1": 0.5,
        "C/2": 0.5,
    }
    middle = shapely.get_coordinates(parts.geometry.centroid).tolist()
    # junior sorts before primary: J1 with P1, P2; J2 with P1, P2; outside all junior catchments last
    assert middle == [[450, 250], [550, 250], [450, 350], [550, 350], [50, 850], [50, 950]]


def test_slivers_make_no_part_and_points_are_never_cut():
    cases = {
        "covered": box(0, 0, 500, 200),
        "sliver of surface": box(499.95, 0, 600, 100),  # 5 m²
        "under one in a hundred": box(-400, 0, 508, 200),
        "point": shapely.Point(500, 100),
    }
    assert [name for name, shape in cases.items() if len(cut(U=shape))] == []
    assert cut(U=box(-400, 0, 520, 200))["share"].tolist() == pytest.approx([900 / 920, 20 / 920])


def test_an_id_that_is_taken_is_never_given_twice():
    parts = cut(**{"U": box(400, 0, 600, 100), "U/2": box(0, 0, 9, 9)})
    assert parts.index.tolist() == ["U//1", "U//2"]


@law
@given(
    st.lists(st.tuples(*[st.integers(0, 800)] * 2, *[st.integers(50, 600)] * 2), min_size=1, max_size=5),
    st.randoms(),
)
def test_order_of_rows_and_other_areas_change_no_part(rows, order):
    shapes = {f"U{k}": box(x, y, x + width, y + height) for k, (x, y, width, height) in enumerate(rows)}
    all_parts = cut(**shapes).sort_index()
    names = [*shapes]
    order.shuffle(names)
    shuffled = cut(**{name: shapes[name] for name in names}).sort_index()
    assert all_parts.index.tolist() == shuffled.index.tolist()
    assert all_parts["share"].tolist() == shuffled["share"].tolist()
    alone = cut(U0=shapes["U0"])
    assert alone.index.tolist() == [name for name in all_parts.index if name.startswith("U0/")]
    for _, group in all_parts.groupby("of"):
        assert group["share"].sum() == pytest.approx(1.0)


def test_areas_without_dwellings_are_cut_and_those_with_them_are_not():
    shapes = areas(A=box(400, 0, 600, 100), B=box(400, 100, 600, 200))
    homes = gpd.GeoDataFrame(
        {"unit_id": None, "dwellings": [8.0]}, geometry=[shapely.Point(450, 50)], crs=CRS
    )
    spread = spread_residents(shapes, homes, catchments(), cell_m=100.0, log=None)
    assert spread.units[["area_id", "share"]].to_numpy().tolist() == [["A", 1.0], ["B", 0.5], ["B", 0.5]]
    assert spread.catchments["primary"].tolist() == ["P1", "P1", "P2"]
    assert spread.parts.index.tolist() == spread.units.index[1:].tolist() == ["B/1", "B/2"]


def test_a_city_of_large_units_keeps_its_residents_and_says_who_lives_in_cut_ones(tmp_path):
    office = Office(tmp_path)
    units = office.frames["units"].iloc[:2].copy()  # two tracts from south to north, over both catchments
    units["geometry"] = [rectangle(0, 0, 1500, 3000), rectangle(1500, 600, 3000, 3000)]
    office.frames["units"] = units
    city = office.load()
    assert city.units.index.tolist() == ["U1/1", "U1/2", "U2/1", "U2/2"]
    assert city.unit_catchments["primary"].tolist() == ["C1", "C2", "C1", "C2"]
    assert city.units["residents"].tolist() == pytest.approx([500.0, 500.0, 1250.0, 750.0])
    assert city.population.sum().sum() == pytest.approx(
        units[["age_0_5", "age_6_11", "age_12_14"]].to_numpy().sum()
    )
    assert city.unit_shapes().area.tolist() == pytest.approx([2.25e6, 2.25e6, 2.25e6, 1.35e6])
    said = next(note for note in city.notes if note.code == "units_cut")
    assert (said.params["count"], said.params["parts"], said.params["residents"]) == (
        2,
        4,
        pytest.approx(3000.0),
    )


def test_an_estate_across_a_border_brings_its_pupils_by_surface():
    """The border of C1 and C2 is at y = 1500: a quarter of the estate lies north of it."""
    outline = box(WEST + 100, SOUTH + 1200, WEST + 300, SOUTH + 1600)
    city = small_city(
        tables={"housing": [{"housing_id": "H", "dwellings": 100.0, "first_occupancy_year": 2026}]}
    )
    city.tables["housing"]["geometry"] = gpd.GeoSeries([outline], crs=city.crs)
    grown = with_estate_units(city)
    assert grown.units.index[6:].tolist() == ["estate:H/1", "estate:H/2"]
    assert grown.unit_catchments["primary"].tolist()[6:] == ["C1", "C2"]
    homes = homes_of_estates(grown)
    assert homes["share"].tolist() == pytest.approx([0.25, 0.75])
    assert np.isin(homes["unit"], [6, 7]).all()
    assert with_estate_units(grown).units.index.tolist() == grown.units.index.tolist()
