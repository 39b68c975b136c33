"""The page as text: nothing remote, nothing executable from data, the same bytes."""

import dataclasses
import json
import re

import pytest

from layoutplan.maps import render_map
from layoutplan.runs import result_frames
from layoutplan.runs.mapping import map_frames, map_meta

pytestmark = pytest.mark.xdist_group("demo")
EVIL = "<img src=x onerror=alert(1)></script><script>alert(2)</script>"


@pytest.fixture(scope="module")
def frames(demo_run):
    return map_frames(demo_run, result_frames(demo_run))


@pytest.fixture(scope="module")
def page(demo_run, frames):
    return render_map(frames, meta=map_meta(demo_run), lang="zh")


def test_nothing_is_fetched(page):
    assert not re.findall(r"<(?:script|link|img|iframe)[^>]+(?:src|href)\s*=", page.split("<body")[0])
    assert not re.findall(r"url\((?!['\"]?(?:data:|#))", page)
    assert "default-src 'none'" in page


def test_two_renders_are_equal(demo_run, frames, page):
    assert render_map(frames, meta=map_meta(demo_run), lang="zh") == page


def test_a_name_from_the_data_is_never_markup(demo_run, frames):
    schools = frames["schools"].assign(name=EVIL)
    catchments = frames["catchments"].assign(name=EVIL)
    meta = dataclasses.replace(map_meta(demo_run), title=EVIL)
    page = render_map({**frames, "schools": schools, "catchments": catchments}, meta=meta, lang="zh")
    assert "<img" not in page
    assert page.count("<script") == page.count("</script>")
    assert "alert(2)</script>" not in page
    data = re.search(r'id="payload">(.*?)</script>', page, re.DOTALL).group(1)
    assert {school["name"] for school in json.loads(data)["schools"]} == {EVIL}


def test_the_payload_holds_every_catchment_and_school_once(demo_run, page):
    payload = json.loads(re.search(r'id="payload">(.*?)</script>', page, re.DOTALL).group(1))
    zones = [zone["id"] for zone in payload["zones"] if zone["kind"] == "catchment"]
    assert sorted(zones) == sorted(demo_run.city.catchments.index)
    schools = [school["id"] for school in payload["schools"]]
    assert len(schools) == len(set(schools))
    assert set(demo_run.city.schools.index) <= set(schools)


def test_the_demo_page_is_small(page):
    assert len(page.encode()) < 3_000_000
