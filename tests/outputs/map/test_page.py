"""The page as text: nothing remote, nothing executable from data, the same bytes."""

import dataclasses
import re

import numpy as np
import pytest

from layoutplan.outputs.map import render_map
from layoutplan.outputs.map.packing import unpack
from layoutplan.runs import result_frames
from layoutplan.runs.map_inputs import map_frames, map_meta

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
    assert "default-src &#x27;none&#x27;" in page


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
    assert {school["name"] for school in unpack(page)["schools"]} == {EVIL}


def test_the_payload_holds_every_catchment_and_school_once(demo_run, page):
    payload = unpack(page)
    zones = [zone["id"] for zone in payload["zones"] if zone["kind"] == "catchment"]
    assert sorted(zones) == sorted(demo_run.city.catchments.index)
    schools = [school["id"] for school in payload["schools"]]
    assert len(schools) == len(set(schools))
    assert set(demo_run.city.schools.index) <= set(schools)


def test_homes_hold_the_pupils_without_a_seat(demo_run, page):
    """Every unit, stage, year and plan: the dots add up to what the table says of units with half a pupil."""
    (scenario,) = unpack(page)["scenarios"]
    units = result_frames(demo_run)["unit_demand"]
    years = list(demo_run.city.years)
    for stage in demo_run.city.stages:
        own = units[(units["stage"] == stage) & (units["short"] > 0.5)]
        of = scenario["unserved"].get(stage)
        if of is None:
            assert own.empty
            continue
        today = np.array(of["pupils"]).reshape(-1, len(years))
        assert len(of["at"]) == 2 * len(today)
        plans = {"today": today}
        for layout, other in of["others"].items():
            homes, pupils = (
                np.cumsum(other["homes"], dtype=int),
                np.reshape(other["pupils"], (-1, len(years))),
            )
            plans[layout] = today.copy()
            plans[layout][homes] = pupils
        for layout, values in plans.items():
            table = own[own["layout"] == layout].groupby("year")["short"].sum()
            told = table.reindex(years, fill_value=0.0).to_numpy()
            assert values.sum(axis=0) == pytest.approx(told, abs=0.05 * len(today) + 1e-6)


def test_an_old_browser_is_told_in_both_languages(page):
    said = re.search(r'<p id="old-browser" hidden>([^<]+)</p>', page).group(1)
    assert "too old" in said
    assert "版本过低" in said


def test_the_demo_page_is_small(page):
    assert len(page.encode()) < 3_000_000
