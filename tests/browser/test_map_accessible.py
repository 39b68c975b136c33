"""What axe-core finds, and that text from the data is only text."""

import dataclasses

import pytest
from axe_playwright_python.sync_playwright import Axe

from layoutplan.outputs.map import render_map
from layoutplan.runs import result_frames
from layoutplan.runs.map_inputs import map_frames, map_meta

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("demo")]
NAMED = ("schools", "catchments", "districts", "units", "flags", "hotspots", "proposals", "ledger")
EVIL = "<img src=x onerror=\"document.title='pwned'\">"


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    "view",
    ["", "tab=flags", "tab=whatif&stage=junior&plan=proposed", "tab=about", "beside=base~proposed", "table"],
)
def test_axe_finds_no_serious_fault(opened, lang, view):
    seen = opened(view=f"lang={lang}&{view}")
    if view == "table":
        seen.page.click("#open-table")
    found = Axe().run(seen.page, options={"resultTypes": ["violations"]})
    serious = [
        (fault["id"], fault["nodes"][0]["html"][:160])
        for fault in found.response["violations"]
        if fault["impact"] in {"serious", "critical"}
    ]
    assert serious == []


def test_markup_in_names_is_shown_as_text_everywhere(opened, demo_run, tmp_path):
    frames = map_frames(demo_run, result_frames(demo_run))
    named = {name: frames[name].assign(name=EVIL) for name in NAMED}
    roads = frames["roads"].assign(name=EVIL)
    meta = dataclasses.replace(map_meta(demo_run), title=EVIL, title_en=EVIL, sources=(EVIL,))
    path = tmp_path / "evil.html"
    page = render_map({**frames, **named, "roads": roads}, meta=meta, lang="en")
    path.write_text(page, encoding="utf-8")
    for view in ("", "tab=flags", "tab=whatif&plan=proposed&stage=junior", "tab=about&beside=base~proposed"):
        seen = opened(path, view=view)
        seen.page.fill("#find", "<img")
        seen.page.locator(".leaflet-zones-pane path").first.hover(force=True)
        seen.page.locator(".leaflet-zones-pane path").first.press("Enter")
        seen.page.click("#open-table")
        assert seen.page.locator("img").count() == 0
        assert "pwned" not in seen.page.title().split("onerror")[0]
        assert EVIL in seen.text("#grid")
        assert seen.faults == []
