"""The streets of a real city: Hamilton, Ontario."""

import os
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from layoutplan.travel import Network, build_network, travel_notes
from layoutplan.travel.distances import walk_matrix
from layoutplan.travel.matrix import WalkMatrix

FOLDER = os.environ.get("LAYOUTPLAN_REAL_DATA")
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not FOLDER, reason="LAYOUTPLAN_REAL_DATA names no folder with the real data"),
]


@pytest.fixture(scope="module")
def folder() -> Path:
    return Path(FOLDER or "") / "hamilton"


@pytest.fixture(scope="module")
def network(folder: Path) -> Network:
    streets = gpd.read_file(folder / "roads")
    table = gpd.GeoDataFrame(
        {
            "road_id": streets["OBJECTID"].astype(str),
            "road_class": streets["ROAD_CLASS"],
            "bridge": streets["IS_BRIDGE"] == "Yes",
            "tunnel": streets["IS_TUNNEL"] == "Yes",
        },
        geometry=streets.geometry,
        crs=streets.crs,
    )
    return build_network(table)


@pytest.fixture(scope="module")
def pairs(folder: Path, network: Network) -> WalkMatrix:
    """Dwellings in cells of 300 m to all public schools, 5 km."""
    dwellings = pd.read_parquet(folder / "dwelling_points.parquet", columns=["geometry"])
    xy = shapely.get_coordinates(shapely.from_wkb(dwellings["geometry"]))
    cells = np.unique(np.floor(xy / 300.0), axis=0) * 300.0 + 150.0
    homes = gpd.GeoSeries(shapely.points(cells), index=[f"u{k}" for k in range(len(cells))], crs=network.crs)
    schools = gpd.read_file(folder / "schools.gpkg").geometry
    return walk_matrix(homes, schools, limit_m=5000, network=network)


def test_streets_meet_as_published(network):
    report = network.report
    assert (report.rows, report.streets) == (19_396, 19_396)
    assert (report.end_nodes, report.end_links) == (14_452, 19_071)
    assert report.main_share == pytest.approx(0.995, abs=0.002)


def test_crossings_and_inner_vertices_add_a_few_nodes(network):
    """111 crossings the file does not mark, and streets that end at another's inner vertex."""
    assert 14_452 < network.report.nodes < 15_000
    assert network.report.crossings < 150
    assert network.report.components < 10


def test_no_street_is_lost(network, folder):
    streets = gpd.read_file(folder / "roads")
    assert network.report.metres == pytest.approx(streets.length.sum(), rel=1e-6)


def test_nearly_every_home_reaches_a_school(pairs, network):
    assert len(pairs.unsnapped_origins) <= 20
    assert pairs.unsnapped_destinations == ()
    nearest = pairs.nearest()
    assert nearest[nearest.notna()].median() < 2500
    assert not [note for note in travel_notes(pairs, network) if note.severity == "error"]


def test_walks_are_believably_longer_than_the_straight_line(pairs):
    assert (np.diff(pairs.indptr) > 0).mean() > 0.5
    first = pairs.indptr[:-1][np.diff(pairs.indptr) > 1]
    assert (pairs.metres[first] <= pairs.metres[first + 1]).all()


@pytest.fixture(scope="module")
def children(folder: Path) -> pd.DataFrame:
    """Children 0-14 of 2016, shared among the dwellings of their small area, in cells of 100 m.

    ``CID`` is the public elementary catchment that holds the cell's dwellings.
    """
    dwellings = pd.read_parquet(folder / "dwelling_points.parquet", columns=["Dwellings", "geometry"])
    homes = gpd.GeoDataFrame(
        dwellings[["Dwellings"]], geometry=shapely.from_wkb(dwellings["geometry"]), crs="EPSG:26917"
    )
    areas = gpd.read_file(folder / "da2016.gpkg")[["GeoUID", "POP0TO14", "geometry"]].to_crs(homes.crs)
    homes = homes.sjoin(areas, predicate="within").drop(columns="index_right")
    homes = homes.sjoin(catchments(folder), predicate="within")
    homes = homes[~homes.index.duplicated()]
    share = homes["Dwellings"] / homes.groupby("GeoUID")["Dwellings"].transform("sum")
    homes = homes.assign(children=share * homes["POP0TO14"], x=homes.geometry.x, y=homes.geometry.y)
    cell = [homes["CID"], np.floor(homes["x"] / 100), np.floor(homes["y"] / 100)]
    grouped = homes.groupby([part.rename(name) for part, name in zip(cell, ("CID", "i", "j"), strict=True)])
    return grouped.agg(children=("children", "sum"), x=("x", "mean"), y=("y", "mean")).reset_index()


def catchments(folder: Path) -> gpd.GeoDataFrame:
    every = gpd.read_file(folder / "catchments.gpkg")
    chosen = (every["Year"] == 2016) & (every["Level"] == "Elementary") & (every["System"] == "Public")
    return every.loc[chosen, ["CID", "geometry"]]


def test_share_of_children_within_1600_m_of_their_catchment_school(folder, network, children):
    """Measured: 68.0 % by street, 87.1 % by straight line, 76.9 % by straight line × 1.3."""
    schools = gpd.read_file(folder / "schools.gpkg")
    chosen = (schools["System"] == "Public") & (schools["Level"] == "Elementary") & schools["CID2016"].notna()
    schools = schools[chosen & (schools["Status"] != "Removed")]
    homes = gpd.GeoSeries(gpd.points_from_xy(children["x"], children["y"]), crs=network.crs)
    places = schools.geometry.set_axis(schools["SchoolID"].astype(str))

    def share(walked: Network | None, factor: float = 1.0) -> float:
        pairs = walk_matrix(homes, places, limit_m=1600, network=walked, detour_factor=factor)
        own = schools["CID2016"].to_numpy(float)[pairs.indices] == children["CID"].to_numpy(float)[pairs.rows]
        near = np.isfinite(pairs.keep(own).nearest().to_numpy())
        return float(children["children"][near].sum() / children["children"].sum())

    assert children["children"].sum() == pytest.approx(87_080, rel=0.001)
    assert share(network) == pytest.approx(0.680, abs=0.002)
    assert share(None) == pytest.approx(0.871, abs=0.002)
    assert share(None, 1.3) == pytest.approx(0.769, abs=0.002)
