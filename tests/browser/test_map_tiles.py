"""A basemap under the map: asked of one host, switched off by key, done without where it does not come."""

import base64
import dataclasses

import pytest
from axe_playwright_python.sync_playwright import Axe

from layoutplan.outputs.map import Tiles, render_map
from layoutplan.runs import result_frames
from layoutplan.runs.map_inputs import map_frames, map_meta

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("demo")]
HOST = "https://tiles.example.org/"
CREDIT = "<b>© Example Survey</b>"
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def served(route):
    route.fulfill(body=PIXEL, content_type="image/png")


def missing(route):
    route.fulfill(status=404)


@pytest.fixture(scope="module")
def tiled(demo_run, tmp_path_factory):
    tiles = Tiles(HOST + "{z}/{x}/{y}.png", CREDIT, "gcj02")
    meta = dataclasses.replace(map_meta(demo_run), tiles=tiles)
    path = tmp_path_factory.mktemp("tiles") / "map.html"
    frames = map_frames(demo_run, result_frames(demo_run))
    path.write_text(render_map(frames, meta=meta, lang="en"), encoding="utf-8")
    return path


def tiles_shown(seen):
    return seen.page.locator("img.leaflet-tile").count()


def test_tiles_come_from_their_host_alone_and_say_whose_they_are(opened, tiled):
    asked = []

    def answer(route):
        asked.append(route.request.url)
        served(route)

    seen = opened(tiled, answer=answer)
    seen.page.wait_for_selector("img.leaflet-tile-loaded")
    assert seen.text("#credit") == CREDIT
    assert seen.page.is_hidden("#tiles-lost")
    assert seen.faults == []
    seen.page.evaluate(
        "() => new Promise((done) => { document.addEventListener('securitypolicyviolation', done);"
        " new Image().src = 'https://elsewhere.example.org/spy.png'; })"
    )
    assert asked
    assert all(address.startswith(HOST) for address in asked)


def test_the_basemap_is_switched_by_key_and_the_address_keeps_it(opened, tiled):
    seen = opened(tiled, answer=served)
    page = seen.page
    page.wait_for_selector("img.leaflet-tile-loaded")
    page.focus("#tiles-on")
    page.keyboard.press("Space")
    assert tiles_shown(seen) == 0
    assert page.is_hidden("#credit")
    assert "tiles=off" in page.evaluate("location.hash")
    page.keyboard.press("Space")
    page.wait_for_selector("img.leaflet-tile-loaded")
    assert "tiles" not in page.evaluate("location.hash")
    assert seen.faults == []
    off = opened(tiled, answer=served, view="tiles=off")
    assert off.requests == [tiled.as_uri()]
    assert not off.page.is_checked("#tiles-on")


def test_without_a_network_nothing_is_asked_and_the_map_is_whole(opened, tiled, demo_folder):
    seen, plain = opened(tiled, view="stage=junior&lang=en"), opened(view="stage=junior&lang=en")
    assert seen.faults == []
    assert len(seen.requests) == 1
    assert seen.page.is_visible("#tiles-lost")
    assert tiles_shown(seen) == 0
    assert seen.text("#legend") == plain.text("#legend")
    assert seen.text("#panel") == plain.text("#panel")
    assert plain.page.locator("#tiles").count() == 0
    assert demo_folder.exists()


@pytest.mark.parametrize("answer", [missing, lambda route: route.abort()], ids=["not found", "no answer"])
def test_tiles_that_do_not_come_leave_the_map_as_it_was(opened, tiled, answer):
    seen = opened(tiled, answer=answer)
    page = seen.page
    page.wait_for_selector("#tiles-lost:not([hidden])")
    assert tiles_shown(seen) == 0
    assert not page.is_checked("#tiles-on")
    page.locator(".leaflet-zones-pane path").first.press("Enter")
    assert page.locator("#panel .back").count() == 1
    ours = [fault for fault in seen.faults if "Failed to load resource" not in fault and HOST not in fault]
    assert ours == []


@pytest.mark.parametrize(("lang", "word"), [("en", "drawn in GCJ-02"), ("zh", "按底图基准 GCJ-02 绘制")])
def test_the_datum_is_stated_in_the_page_and_on_the_sheet(opened, tiled, lang, word):
    seen = opened(tiled, answer=served, view=f"lang={lang}&tab=about")
    page = seen.page
    assert word in seen.text("#panel")
    assert CREDIT in seen.text("#panel")
    page.evaluate("window.print = () => {}")
    page.click("#open-print")
    page.click("#print-now")
    page.wait_for_selector("body.printing")
    assert word in seen.text("#sheet-foot")
    assert page.is_visible("#credit")
    assert page.is_hidden("#tiles")
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    page.mouse.click(300, 120)
    assert "(GCJ-02)" in seen.text("#panel")
    serious = [
        fault["id"]
        for fault in Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
        if fault["impact"] in {"serious", "critical"}
    ]
    assert serious == []
    assert seen.faults == []


def test_the_scorecard_beside_the_map_is_linked(opened, demo_folder, tiled):
    seen = opened(view="lang=en")
    seen.page.focus("#scorecard")
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_url("**/scorecard.html")
    assert seen.page.url == (demo_folder / "scorecard.html").as_uri()
    assert seen.faults == []
    assert opened(tiled).page.is_hidden("#scorecard")
