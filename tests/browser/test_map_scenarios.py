"""Scenarios on one page: geometry once, the figures of each as its own page shows them."""

import dataclasses
import re

import pytest

from layoutplan.outputs.map import StoredMapError, combine_maps, render_map
from layoutplan.outputs.map.packing import pack, unpack
from layoutplan.runs import result_frames
from layoutplan.runs.map_inputs import map_frames, map_meta
from tests.browser.test_map_page import cards_of

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("demo")]


@pytest.fixture(scope="module")
def pages(demo_run):
    """The base, and the same city without proposals and with a third more demand in every table."""
    frames = map_frames(demo_run, result_frames(demo_run))
    meta = map_meta(demo_run)
    tables = {
        name: frames[name][frames[name]["layout"] == "today"].assign(
            demand=lambda table: table["demand"] * 1.3
        )
        for name in ("city_balance", "district_balance", "catchment_balance", "unit_demand")
    }
    other = {
        name: frame[frame["layout"] == "today"] if "layout" in frame else frame
        for name, frame in {**frames, **tables}.items()
        if name != "proposals"
    }
    named = dataclasses.replace(meta, scenario="more", scenario_title="需求更高")
    return [render_map(frames, meta=meta, lang="zh"), render_map(other, meta=named, lang="zh")]


@pytest.fixture(scope="module")
def together(pages, tmp_path_factory):
    path = tmp_path_factory.mktemp("set") / "map.html"
    path.write_text(combine_maps(pages, lang="zh"), encoding="utf-8")
    return path


def test_geometry_stands_once_and_every_scenario_keeps_its_figures(pages, together):
    whole, parts = unpack(together.read_text(encoding="utf-8")), [unpack(page) for page in pages]
    assert len(whole["scenarios"]) == 2
    assert whole["shapes"] == parts[0]["shapes"]
    assert len(whole["zones"]) == len(parts[0]["zones"])
    for scenario, part in zip(whole["scenarios"], parts, strict=True):
        assert scenario["city"] == part["scenarios"][0]["city"]
        said = {whole["zones"][at]["id"] + whole["zones"][at]["stage"]: of for at, of in scenario["zones"]}
        for at, of in part["scenarios"][0]["zones"]:
            assert said[part["zones"][at]["id"] + part["zones"][at]["stage"]] == of
    assert len(together.read_bytes()) < len(pages[0].encode()) + len(pages[1].encode())


def older(payload):
    payload["format"] -= 1


def elsewhere(payload):
    payload["scenarios"][0]["meta"]["title"] = "别处"


def changed(page, change):
    payload = unpack(page)
    change(payload)
    return re.sub(r'<script type="application/octet-stream".*?</script>', pack(payload), page)


def test_pages_of_other_cities_or_versions_do_not_go_on_one_map(pages):
    assert combine_maps(pages[:1], lang="zh") is None
    assert combine_maps([pages[0], changed(pages[1], elsewhere)], lang="zh") is None
    with pytest.raises(StoredMapError) as refused:
        combine_maps([pages[0], changed(pages[1], older)], lang="zh")
    assert (refused.value.place, refused.value.reason) == (1, "format")
    assert combine_maps(pages, lang="zh") == combine_maps(pages, lang="zh")


def test_a_scenario_is_chosen_and_compared(opened, together, demo_run):
    seen = opened(together, view="lang=en&stage=primary")
    page = seen.page
    year = demo_run.plan.general.target
    table = demo_run.balance.city
    demand = table[(table["stage"] == "primary") & (table["year"] == year)]["demand"].iloc[0]
    page.select_option("#scenario", "1")
    assert cards_of(page)["Demand"] == pytest.approx(demand * 1.3, abs=0.56)
    assert page.is_hidden("#layouts")
    page.select_option("#beside", "0~proposed")
    assert "base" in seen.text("#side-b")
    assert "scenario=more" in page.evaluate("location.hash")
    assert page.locator(".leaflet-zonesB-pane path").count() > 0
    assert seen.faults == []
