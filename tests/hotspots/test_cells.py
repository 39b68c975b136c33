"""Cells hold every home once, are of one size, and keep the totals."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import KDTree

from layoutplan.hotspots import make_cells
from layoutplan.hotspots.cells import CellKind
from tests.examples import examples
from tests.hotspots.lattice import SIZE, STEP, lattice_city
from tests.small_city import SOUTH, WEST

KINDS: tuple[CellKind, ...] = ("grid", "hexagon")


def scattered(seed: int, count: int = 80, shift: tuple[float, float] = (0.0, 0.0)):
    random = np.random.default_rng(seed)
    x, y = random.uniform(0, 4000, (2, count)).round(2)
    points = gpd.GeoSeries.from_xy(WEST + shift[0] + x, SOUTH + shift[1] + y, crs="EPSG:4547")
    units = gpd.GeoDataFrame(
        {"area_id": "A", "name": "", "district_id": None, "residents": 1.0},
        geometry=points.to_numpy(),
        crs="EPSG:4547",
        index=pd.Index([f"u{number}" for number in range(count)], name="unit_id"),
    )
    nowhere = pd.DataFrame({"primary": None}, index=units.index, dtype=object)
    return lattice_city(units=units, unit_catchments=nowhere)


@settings(max_examples=examples(15))
@given(seed=st.integers(0, 999), cell_m=st.floats(80, 2500), kind=st.sampled_from(KINDS))
def test_every_home_is_in_the_one_cell_that_covers_it_and_totals_stay(seed, cell_m, kind):
    city = scattered(seed)
    cells = make_cells(city, kind=kind, cell_m=cell_m)
    assert cells.shapes.index.is_unique
    assert set(cells.of_unit) == set(range(len(cells.shapes)))
    homes = city.units.geometry.reset_index(drop=True)
    own = gpd.GeoSeries(cells.shapes.iloc[cells.of_unit].to_numpy(), crs=city.crs)
    assert (own.distance(homes) < 0.01).all()
    area = cell_m**2 * (1.0 if kind == "grid" else np.sqrt(0.75))
    np.testing.assert_allclose(cells.shapes.area, area, rtol=1e-6)
    assert cells.shapes.union_all().area == pytest.approx(area * len(cells.shapes), rel=1e-6)  # no overlap
    figures = np.random.default_rng(seed).gamma(1.0, 9.0, (len(homes), 3))
    np.testing.assert_allclose(cells.totals(figures).sum(axis=0), figures.sum(axis=0))


def test_a_home_is_in_the_hexagon_with_the_nearest_middle():
    city = scattered(4, count=400)
    cells = make_cells(city, kind="hexagon", cell_m=300.0)
    homes = np.column_stack([city.units.geometry.x, city.units.geometry.y])
    metres, _ = KDTree(cells.middles).query(homes)
    own = np.hypot(*(homes - cells.middles[cells.of_unit]).T)
    assert (own <= metres + 0.01).all()


@pytest.mark.parametrize("kind", KINDS)
def test_shifting_the_city_shifts_the_cells(kind):
    here = make_cells(scattered(1), kind=kind, cell_m=500.0)
    there = make_cells(scattered(1, shift=(12_345.5, -7_000.25)), kind=kind, cell_m=500.0)
    assert here.shapes.index.equals(there.shapes.index)
    assert (here.of_unit == there.of_unit).all()
    assert here.shapes.translate(12_345.5, -7_000.25).geom_equals_exact(there.shapes, 0.01).all()


def test_natural_cells_are_the_areas_and_squares_of_a_lattice_its_units():
    city = lattice_city()
    natural = make_cells(city, kind="natural", cell_m=500.0)
    assert natural.shapes.index.equals(city.areas.index)
    assert natural.of_unit.tolist() == list(range(SIZE**2))
    grid = make_cells(city, kind="grid", cell_m=STEP)
    assert len(grid.shapes) == SIZE**2
    own = gpd.GeoSeries(grid.shapes.iloc[grid.of_unit].to_numpy(), crs=city.crs)
    areas = city.areas.geometry.reset_index(drop=True)
    np.testing.assert_allclose(own.intersection(areas).area, STEP**2)
