"""Where the city lies: across the 180th meridian, and when one table disagrees with the others."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from shapely.affinity import translate
from shapely.geometry import MultiPoint, Point, box

from layoutplan.city.centre import centre_of, row_middles, unwrapped
from layoutplan.city.geometry import campus_points, clean_shapes
from layoutplan.dictionary.table_log import TableLog
from layoutplan.errors import FaultLog
from tests.city.office import Office


def places(*points, crs=4326):
    return gpd.GeoSeries([Point(*one) for one in points], crs=crs)


def test_the_majority_of_the_tables_says_where_the_city_is():
    lagos = places((3.35, 6.50), (3.37, 6.52))
    swapped = places((6.50, 3.35), (6.52, 3.37))
    squares = gpd.GeoSeries([box(6.50, 3.35, 6.51, 3.36)], crs=4326)
    metres = lagos.to_crs(32631)
    wrong = []
    for tables, outlines in (
        ({"schools": lagos, "units": lagos, "catchments": squares}, ["catchments"]),
        ({"schools": swapped, "units": metres, "catchments": lagos}, ["catchments"]),
        ({"schools": swapped, "catchments": lagos}, ["catchments"]),  # one each: outlines decide
    ):
        found = centre_of(tables, outlines=outlines)
        if (round(found.lon, 1), round(found.lat, 1)) != (3.4, 6.5) or max(found.lats) > 6.53:
            wrong.append((list(tables), found))
    assert not wrong


def test_a_city_across_the_180th_meridian_has_its_middle_there():
    around = places((179.98, -16.8), (179.99, -16.8), (-179.98, -16.8))
    crossing = gpd.GeoSeries([box(179.98, -16.9, 180.02, -16.7)], crs=4326)
    turned = gpd.GeoSeries([MultiPoint([(179.99, -16.8), (-179.97, -16.8)])], crs=4326)
    assert abs(centre_of({"schools": around, "units": around}).lon) == pytest.approx(179.99, abs=0.011)
    assert row_middles(turned)[0].tolist() == pytest.approx([-179.99])
    found = centre_of({"schools": around, "catchments": crossing}, outlines=["catchments"])
    assert abs(found.lon) == pytest.approx(180.0)
    assert found.distance_m(*row_middles(around)).max() < 5_000
    assert unwrapped(pd.Series([-179.9]).to_numpy(), 179.0).tolist() == [180.1]


@pytest.mark.parametrize("turn", [0.0, 360.0])
def test_the_town_moved_across_the_meridian_keeps_its_figures(tmp_path, turn):
    """The toy town at 113.64 E moved to 180 degrees; then written from 0 to 360."""
    office = Office(tmp_path)
    home = office.load()
    office.replace("base_year = 2025", "base_year = 2025\n")
    for name, frame in office.frames.items():
        if isinstance(frame, gpd.GeoDataFrame):
            degrees = frame.to_crs(4326)
            moved = degrees.geometry.map(lambda shape: translate(shape, xoff=180.0 - 113.645, yoff=-51.0))
            office.frames[name] = gpd.GeoDataFrame(
                frame.drop(columns="geometry"), geometry=_turned(moved, turn), crs=4326
            )
    lon = office.frames["schools"]["经度"].astype(float) + 180.0 - 113.645
    office.frames["schools"]["经度"] = lon.where((lon <= 180.0) | (turn > 0), lon - 360.0)
    office.frames["schools"]["纬度"] = office.frames["schools"]["纬度"].astype(float) - 51.0
    city = office.load()
    assert city.crs.to_epsg() in (32701, 32760)
    assert city.units["residents"].sum() == home.units["residents"].sum()
    assert city.unit_catchments["primary"].tolist() == home.unit_catchments["primary"].tolist()
    assert (city.units.total_bounds[2:] - city.units.total_bounds[:2]).max() < 4_000


def _turned(shapes, turn):
    """Longitudes beyond 180 as western ones, unless they are written from 0 to 360."""
    if turn:
        return list(shapes)

    def fold(xy):
        xy = xy.copy()
        xy[xy[:, 0] > 180.0, 0] -= 360.0
        return xy

    return [shapely.transform(shape, fold) for shape in shapes]


def test_a_campus_is_a_point_inside_its_outline_or_the_middle_of_its_gates():
    log = FaultLog()
    shapes = gpd.GeoSeries(
        [Point(1, 1), box(0, 0, 10, 10), MultiPoint([(0, 0), (10, 0)]), MultiPoint([(5, 5)])], crs=4547
    )
    note = TableLog(log, "s", "schools")
    cleaned = clean_shapes(shapes, kind="campus", log=note)
    points, gates = campus_points(cleaned, log=note)
    assert points.geom_type.tolist() == ["Point"] * 4
    assert [(p.x, p.y) for p in points] == [(1, 1), (5, 5), (5, 0), (5, 5)]
    assert gates.index.tolist() == [2]
    assert {fault.code: fault.params["count"] for fault in log} == {"campus_outlines": 1, "campus_gates": 1}
