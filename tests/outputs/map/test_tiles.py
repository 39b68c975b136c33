"""Basemap tiles: who may be asked, and that the map is drawn where the tiles show it (oracle: prcoords)."""

import dataclasses
import html

import geopandas as gpd
import numpy as np
import pandas as pd
import prcoords
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point

from layoutplan.outputs.content_policy import content_policy
from layoutplan.outputs.map import Tiles, combine_maps, render_map
from layoutplan.outputs.map.packing import unpack
from layoutplan.outputs.map.tiles import drawn_in
from layoutplan.runs import result_frames
from layoutplan.runs.map_inputs import map_frames, map_meta

pytestmark = pytest.mark.xdist_group("demo")
AMAP = Tiles("https://tiles.example.org/{z}/{x}/{y}.png", "© Example", "gcj02")
STEP = 1e-5
HALF_A_STEP = 0.51 * STEP
PLACES = st.lists(st.tuples(st.floats(112.6, 115.4), st.floats(22.0, 48.0)), min_size=1, max_size=8)


@pytest.fixture(scope="module")
def frames(demo_run):
    return map_frames(demo_run, result_frames(demo_run))


@pytest.fixture(scope="module")
def pages(demo_run, frames):
    """The page without tiles, and with tiles in GCJ-02 and in WGS 84."""
    meta = map_meta(demo_run)
    tiles = {"none": None, "gcj02": AMAP, "wgs84": dataclasses.replace(AMAP, datum="wgs84")}
    return {
        name: render_map(frames, meta=dataclasses.replace(meta, tiles=of), lang="zh")
        for name, of in tiles.items()
    }


def pictures(page):
    """Return the sources of pictures that a page's policy allows."""
    policy = page.split('http-equiv="Content-Security-Policy" content="', 1)[1].split('"', 1)[0]
    said = dict(part.split(" ", 1) for part in html.unescape(policy).split("; "))
    assert said["default-src"] == "'none'"
    assert set(said) == {"default-src", "style-src", "script-src", "img-src", "base-uri", "form-action"}
    return said["img-src"].split()


def test_only_the_tiles_host_may_be_asked_and_without_tiles_nobody(pages):
    assert pictures(pages["none"]) == ["data:"]
    assert pictures(pages["gcj02"]) == ["data:", "https://tiles.example.org"]
    inside = content_policy(scripts=[], styles=[], tiles={"address": "http://10.0.0.7:8080/{z}/{x}/{-y}"})
    assert "http://10.0.0.7:8080;" in inside


@given(PLACES)
def test_places_move_as_prcoords_moves_them(places):
    lon, lat = np.array(places).T
    city = gpd.GeoDataFrame({"name": range(len(lon))}, geometry=gpd.points_from_xy(lon, lat), crs="EPSG:4326")
    table, plain = city.to_crs("EPSG:4547"), pd.DataFrame({"a": [1]})
    moved = drawn_in({"city": table, "plain": plain}, "gcj02")
    assert moved["plain"] is plain
    assert moved["city"].crs == table.crs
    assert moved["city"]["name"].tolist() == table["name"].tolist()
    back = moved["city"].to_crs("EPSG:4326").geometry
    expected = [prcoords.wgs_gcj((y, x)) for x, y in places]
    np.testing.assert_allclose(back.x, [point.lon for point in expected], atol=1e-7)
    np.testing.assert_allclose(back.y, [point.lat for point in expected], atol=1e-7)
    for datum in ("wgs84", "cgcs2000"):
        assert drawn_in({"city": table}, datum)["city"] is table


def test_missing_and_empty_geometry_stays(frames):
    schools = frames["schools"]
    none = schools.head(2).set_geometry([None, Point()], crs=schools.crs)
    assert drawn_in({"a": none, "b": schools.head(0)}, "gcj02")["a"].geometry.isna().tolist() == [True, False]


def test_every_school_stands_where_gcj_02_shows_it(pages, frames):
    where = frames["schools"].geometry.to_crs("EPSG:4326")
    for school in unpack(pages["gcj02"])["schools"]:
        expected = prcoords.wgs_gcj((where[school["id"]].y, where[school["id"]].x))
        assert school["at"][0] * STEP == pytest.approx(expected.lon, abs=HALF_A_STEP)
        assert school["at"][1] * STEP == pytest.approx(expected.lat, abs=HALF_A_STEP)


def test_figures_are_the_same_under_any_basemap(pages):
    drawn = {name: unpack(page) for name, page in pages.items()}
    assert drawn["wgs84"]["shapes"] == drawn["none"]["shapes"]
    for name in ("gcj02", "wgs84"):
        for at, of in enumerate(drawn[name]["scenarios"][0]["zones"]):
            assert of[1] == drawn["none"]["scenarios"][0]["zones"][at][1]
        assert drawn[name]["scenarios"][0]["city"] == drawn["none"]["scenarios"][0]["city"]


def test_scenarios_on_other_basemaps_do_not_go_on_one_map(pages):
    for first in pages:
        for second in pages:
            page = combine_maps([pages[first], pages[second]], lang="zh")
            assert (page is None) == (first != second)
            if page is not None:
                assert pictures(page) == pictures(pages[first])


def test_every_scenario_of_one_map_keeps_its_own_scorecard(pages):
    page = combine_maps([pages["none"]] * 2, lang="zh", scorecards=["base/scorecard.html", ""])
    assert [one["meta"]["scorecard"] for one in unpack(page)["scenarios"]] == ["base/scorecard.html", ""]
