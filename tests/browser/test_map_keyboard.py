"""The page without a mouse: what keys alone reach, in how many stops, and that the focus is always seen."""

from __future__ import annotations

import pytest

from layoutplan.texts import text

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("demo")]
FOCUSED = """() => {
  const one = document.activeElement;
  const { outlineStyle, outlineWidth } = getComputedStyle(one);
  return { id: one.id, tag: one.tagName, ring: outlineStyle !== "none" && outlineWidth !== "0px",
    called: one.getAttribute("aria-label") || one.textContent.trim() };
}"""
STOPS_BEFORE_THE_PANEL = 16


def tab(page, times=1, *, back=False):
    """Press the key and return each element that then has the focus."""
    found = []
    for _ in range(times):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        found.append(page.evaluate(FOCUSED))
    return found


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_few_stops_lead_to_the_panel_and_each_is_named_and_seen(opened, lang):
    page = opened(view=f"lang={lang}").page
    stops = tab(page, STOPS_BEFORE_THE_PANEL)
    assert stops[0]["id"] == "skip"
    assert stops[-1]["id"] == "panel"
    assert all(stop["called"] and stop["ring"] for stop in stops)
    assert len({(stop["tag"], stop["id"], stop["called"]) for stop in stops}) == len(stops)


def test_the_first_key_skips_to_the_findings(opened):
    page = opened().page
    tab(page)
    page.keyboard.press("Enter")
    assert page.evaluate(FOCUSED)["id"] == "panel"


def test_a_stage_a_card_its_switch_and_the_way_back_take_keys_alone(opened):
    seen = opened(view="lang=en&stage=junior&plan=proposed")
    page = seen.page
    tab(page, STOPS_BEFORE_THE_PANEL)
    while not page.evaluate(FOCUSED)["called"].startswith("P2 "):
        assert tab(page)[0]["tag"] in {
            "BUTTON",
            "A",
            "DIV",
            "SUMMARY",
        }  # a table that is wider than the panel scrolls
    page.keyboard.press("Enter")
    assert seen.text("#panel h2").startswith("P2 ")
    page.focus("#panel")
    back, switch = tab(page, 2)
    assert text("map.tab_overview", "en") in back["called"]
    assert switch["tag"] == "INPUT"
    page.keyboard.press("Space")
    assert "off=p.P2" in page.evaluate("location.hash").replace("%2C", ",")
    assert tab(page, back=True)[0]["called"] == back["called"]
    page.keyboard.press("Enter")
    assert page.locator("#panel .answer").count() == 1
    assert seen.faults == []


def test_the_map_can_be_left_and_its_things_open_by_enter(opened):
    seen = opened(view="lang=en&stage=junior")
    page = seen.page
    page.focus("#map_n1, .leaflet-container")
    first = tab(page)[0]
    assert first["tag"] == "path"
    page.keyboard.press("Enter")
    assert seen.text("#panel h2") == first["called"]
    tab(page, back=True)
    assert "leaflet-container" in page.evaluate("document.activeElement.className")
    assert seen.faults == []
