"""What holds in every synthetic city, whatever its size and seed."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import networkx as nx
import numpy as np
import shapely

Tables = Mapping[str, gpd.GeoDataFrame]
EXACT_M2 = 1e-3


def assert_tiles(parts: gpd.GeoSeries, whole: shapely.Geometry) -> None:
    """Parts touch without gap or overlap and unite to the whole; each is one valid piece."""
    assert parts.is_valid.all()
    assert (parts.geom_type == "Polygon").all()
    assert shapely.coverage_is_valid(parts.to_numpy())
    assert abs(parts.area.sum() - whole.area) < EXACT_M2
    assert shapely.symmetric_difference(shapely.union_all(parts.to_numpy()), whole).area < EXACT_M2


def assert_catchments(tables: Tables) -> None:
    townships = tables["districts"].query("kind == 'township'")
    whole = shapely.coverage_union_all(townships.geometry.to_numpy())
    assert_tiles(townships.geometry, whole)
    schools = tables["schools"].set_index("school_id").geometry
    catchments = tables["catchments"]
    assert catchments["catchment_id"].is_unique
    for _, stage in catchments.groupby("stage"):
        assert_tiles(stage.geometry, whole)
    for members, polygon in zip(catchments["school_ids"], catchments.geometry, strict=True):
        for school in members.split(";"):
            assert polygon.contains(schools[school])


def assert_school_districts(tables: Tables) -> None:
    """学区 tile the city, are the unions of the primary catchments that name them, and lie in a township."""
    districts, catchments = tables["districts"], tables["catchments"]
    groups = districts.query("kind == 'school_district'").set_index("district_id")
    assert abs(groups.area.sum() - catchments.query("stage == 'primary'").area.sum()) < EXACT_M2
    for name, own in catchments.query("stage == 'primary'").groupby("district_id"):
        union = shapely.union_all(own.geometry.to_numpy())
        assert shapely.symmetric_difference(union, groups.geometry[name]).area < EXACT_M2
    assert set(groups["parent_id"]) <= set(districts.query("kind == 'township'")["district_id"])
    assert set(catchments["district_id"].dropna()) <= set(groups.index)


def assert_every_public_school_has_one_catchment(tables: Tables) -> None:
    schools = tables["schools"]
    for stage in ("primary", "junior"):
        of_stage = tables["catchments"].query("stage == @stage")
        named = sorted(school for members in of_stage["school_ids"] for school in members.split(";"))
        teaches = schools["school_type"].isin([stage, "nine_year"]) & (schools["ownership"] == "public")
        if "closed_year" in schools:
            teaches &= schools["closed_year"].isna()
        assert named == sorted(schools.loc[teaches, "school_id"])


def assert_units(tables: Tables, *, residents: int) -> None:
    units = tables["units"]
    assert units["population"].sum() == residents
    ages = units[[name for name in units.columns if name.startswith("age_")]]
    assert (ages.to_numpy() >= 0).all()
    assert (ages.sum(axis=1) == units["population"]).all()
    townships = tables["districts"].query("kind == 'township'")
    whole = shapely.coverage_union_all(townships.geometry.to_numpy())
    shapely.prepare(whole)
    assert shapely.contains_properly(shapely.buffer(whole, 0.01), units.geometry.to_numpy()).all()
    assert units["unit_id"].is_unique
    for stage in ("kindergarten", "primary", "junior", "senior"):
        assert (units[f"permit_{stage}"] <= units[f"migrants_{stage}"]).all()
        assert (units[[f"hukou_{stage}", f"migrants_{stage}"]] >= 0).all(axis=None)


def street_graph(roads: gpd.GeoDataFrame) -> nx.Graph:
    """Join the pieces on which people walk at their shared end points."""
    walkable = roads[roads["road_class"] != "motorway"]
    ends = [
        [tuple(point) for point in shapely.get_coordinates(shapely.get_point(walkable.geometry, at))]
        for at in (0, -1)
    ]
    return nx.Graph(list(zip(*ends, strict=True)))


def assert_streets(tables: Tables) -> None:
    roads, barriers = tables["roads"], tables["barriers"]
    graph = street_graph(roads)
    largest = max(nx.connected_components(graph), key=len)
    assert len(largest) > 0.95 * graph.number_of_nodes()
    on_foot = roads[roads["road_class"] != "motorway"]
    crossed = ["river", "railway", "expressway"]
    for line in barriers.geometry[barriers["kind"].isin(crossed)]:
        across = on_foot[on_foot.intersects(line)]
        assert (across["bridge"] | across["tunnel"]).all()
        assert not (across["bridge"] & across["tunnel"]).any()
    trunks = barriers.geometry[barriers["kind"] == "trunk_road"]
    for signal in barriers.geometry[barriers["kind"] == "crossing"]:
        assert trunks.distance(signal).min() == 0
        assert (on_foot.distance(signal) == 0).sum() >= 2


def assert_schools(tables: Tables) -> None:
    schools, classes = tables["schools"], tables["classes"]
    assert set(classes["year"]) == {2024, 2025}
    classes = classes.query("year == 2025")
    for stage in ("primary", "junior", "senior"):
        told = schools.set_index("school_id")[f"enrolment_{stage}"].dropna()
        counted = classes[classes["stage"] == stage].groupby("school_id")["pupils"].sum()
        assert counted.reindex(told.index, fill_value=0).astype(int).equals(told.astype(int))
        rooms = classes[classes["stage"] == stage].groupby("school_id").size()
        in_use = schools.set_index("school_id")[f"classes_{stage}"].dropna()
        assert rooms.reindex(in_use.index, fill_value=0).astype(int).equals(in_use.astype(int))
    assert (classes["pupils"] > 0).all()
    for stage in ("kindergarten", "primary", "junior", "senior"):
        told = schools[[f"{what}_{stage}" for what in ("intake_own", "intake", "enrolment")]].dropna()
        assert (told.diff(axis=1).iloc[:, 1:] >= 0).all(axis=None)
        assert (schools[f"migrants_{stage}"] <= schools[f"enrolment_{stage}"]).fillna(value=True).all()
    assert np.isfinite(shapely.get_x(schools.geometry)).all()
