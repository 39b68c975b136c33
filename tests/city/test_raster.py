"""Rasters of residents: bands, scale, no data, and cells on the border of the study area."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from shapely.geometry import box

from layoutplan.city.raster import RasterSettings, RasterUnits, read_raster
from layoutplan.dictionary.table_log import TableLog
from layoutplan.errors import Fault, FaultLog

CITY = gpd.GeoSeries([box(467_000, 3_847_000, 469_000, 3_849_000)], crs=4547)


def write(
    path: Path, bands: list[np.ndarray], *, cell: float = 500.0, shift: float = 0.0, **profile: Any
) -> None:
    """Write bands whose first cell begins at the city's upper left corner, moved by ``shift`` metres."""
    transform = rasterio.Affine(cell, 0, 467_000 - shift, 0, -cell, 3_849_000 + shift)
    scales, offsets = profile.pop("scales", None), profile.pop("offsets", None)
    height, width = bands[0].shape
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=width,
        height=height,
        count=len(bands),
        dtype=bands[0].dtype,
        crs=4547,
        transform=transform,
        **profile,
    ) as file:
        for place, band in enumerate(bands, start=1):
            file.write(band, place)
        if scales:
            file.scales, file.offsets = scales, offsets or (0.0,) * len(bands)


def read(path: Path, **settings: Any) -> tuple[RasterUnits | None, dict[str, Fault]]:
    log = FaultLog()
    units = read_raster(
        path, path, settings=RasterSettings(**settings), inside=CITY, log=TableLog(log, path.name, "units")
    )
    return units, {fault.code: fault for fault in log}


@pytest.fixture
def people() -> np.ndarray:
    return np.full((4, 4), 1500, dtype="uint16")


def test_whole_cells_are_counted_as_they_are(people, tmp_path):
    write(tmp_path / "a.tif", [people])
    units, faults = read(tmp_path / "a.tif")
    assert units.frame["population"].tolist() == [1500.0] * 16
    assert units.shapes.iloc[0].equals_exact(gpd.points_from_xy([467_250], [3_848_750])[0], 1e-6)
    assert set(faults) == {"raster_read"}


def test_scale_and_offset_are_applied(people, tmp_path):
    write(tmp_path / "a.tif", [people], scales=(0.01,), offsets=(5.0,))
    units, faults = read(tmp_path / "a.tif")
    assert units.frame["population"].sum() == pytest.approx(16 * 20)
    assert faults["raster_scaled"].severity == "notice"


@pytest.mark.parametrize(("cell", "shift"), [(1000.0, 500.0), (700.0, 130.0), (3000.0, 500.0)])
def test_cells_on_the_border_count_by_their_share_inside(cell, shift, tmp_path):
    """6,000 people per km² everywhere: 24,000 on 4 km², however the grid lies."""
    grid = np.full((6, 6), 6000 * (cell / 1000) ** 2, dtype="float64")
    write(tmp_path / "a.tif", [grid], cell=cell, shift=shift)
    units, _ = read(tmp_path / "a.tif")
    assert units.frame["population"].sum() == pytest.approx(24_000, rel=1e-6)
    assert units.shapes.within(CITY.union_all().buffer(1e-6)).all()


def test_a_cell_of_several_catchments_is_cut_by_area(tmp_path):
    """A grid of 1 km shifted by half a cell: each quarter of 1 km² has 6,000 people, whatever the cells."""
    quarters = gpd.GeoSeries(
        [box(x, y, x + 1000, y + 1000) for x in (467_000, 468_000) for y in (3_847_000, 3_848_000)], crs=4547
    )
    write(tmp_path / "a.tif", [np.full((4, 4), 6000.0)], cell=1000.0, shift=500.0)
    log = FaultLog()
    path = tmp_path / "a.tif"
    units = read_raster(
        path, path, settings=RasterSettings(), inside=quarters, log=TableLog(log, "a", "units")
    )
    for quarter in quarters:
        assert units.frame["population"][units.shapes.within(quarter)].sum() == pytest.approx(6000)
    assert {"R1C1/1", "R1C1/4"} <= set(units.frame["unit_id"])
    assert units.frame["unit_id"].is_unique


def test_several_bands_are_asked_about_and_added_where_the_plan_says(people, tmp_path):
    write(tmp_path / "a.tif", [people, people * 2, people])
    units, faults = read(tmp_path / "a.tif")
    assert units is None
    assert "raster_bands" in faults["raster_bands"].remedy("zh")
    assert read(tmp_path / "a.tif", bands=(2,))[0].frame["population"].sum() == 48_000
    assert read(tmp_path / "a.tif", bands=(1, 2, 3))[0].frame["population"].sum() == 96_000
    assert "raster_band_missing" in read(tmp_path / "a.tif", bands=(4,))[1]


@pytest.mark.parametrize(("kind", "top"), [("uint8", 255), ("uint16", 65_535), ("int32", 2**31 - 1)])
def test_the_largest_number_of_a_type_is_no_number_of_people(kind, top, tmp_path):
    grid = np.full((4, 4), 100, dtype=kind)
    grid[0, 0] = top
    write(tmp_path / "a.tif", [grid])
    units, faults = read(tmp_path / "a.tif")
    assert units is None
    assert faults["raster_largest"].params["cells"] == 1
    assert read(tmp_path / "a.tif", nodata=float(top))[0].frame["population"].sum() == 1500
    write(tmp_path / "a.tif", [grid], nodata=top)
    assert read(tmp_path / "a.tif")[0].frame["population"].sum() == 1500


def test_the_largest_float_is_no_number_of_people(tmp_path):
    grid = np.full((4, 4), 100, dtype="float32")
    grid[0, 0], grid[0, 1] = np.finfo("float32").max, -9999
    write(tmp_path / "a.tif", [grid])
    assert "raster_largest" in read(tmp_path / "a.tif")[1]


def test_densities_of_no_place_are_refused(people, tmp_path):
    write(tmp_path / "a.tif", [(people * 40).astype("uint32") * 2])
    units, faults = read(tmp_path / "a.tif")
    assert units is None
    assert faults["raster_too_dense"].params["density"] == "480,000"
    write(tmp_path / "a.tif", [people.astype("uint32") * 10])
    assert read(tmp_path / "a.tif")[1]["raster_dense"].severity == "warning"


@pytest.mark.parametrize(("cell", "shift"), [(500.0, 0.0), (1000.0, 500.0), (700.0, 130.0)])
def test_a_density_is_multiplied_by_the_area_inside(cell, shift, tmp_path):
    """6,000 people on each of the 4 km² of the city, whatever the cells."""
    density = np.full((6, 6), 6000.0, dtype="float32")
    write(tmp_path / "a.tif", [density], cell=cell, shift=shift)
    units, _ = read(tmp_path / "a.tif", unit="per_km2")
    assert units.frame["population"].sum() == pytest.approx(24_000, rel=1e-6)
    write(tmp_path / "a.tif", [density * 100], cell=cell, shift=shift)
    assert "raster_too_dense" in read(tmp_path / "a.tif", unit="per_km2")[1]


def test_a_file_that_speaks_of_a_density_is_asked_about(tmp_path):
    write(tmp_path / "population_density_2020.tif", [np.full((4, 4), 60.0, dtype="float32")])
    units, faults = read(tmp_path / "population_density_2020.tif")
    assert units is None
    assert set(faults) == {"raster_unit_unclear"}
    units, _ = read(tmp_path / "population_density_2020.tif", unit="people")
    assert units.frame["population"].sum() == pytest.approx(960)
