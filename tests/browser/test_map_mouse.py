"""What a real mouse or finger points at is what the panel names: small city and large, both languages."""

import math

import pytest
from playwright.sync_api import expect

from layoutplan.outputs.map.packing import unpack
from layoutplan.texts import text

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("demo")]
STAGE = "junior"
ZOOM = 16
DOUBLE_TAP_MS = 500
"""Sooner, a second tap on the same pixel is a double tap."""
FAR = 450
"""Steps of 1e-5 degrees: so far from a point nothing else is drawn over it at that zoom."""


@pytest.fixture(scope="module")
def payload(demo_folder):
    return unpack((demo_folder / "map.html").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def pages(demo_folder, large_page):
    """The demo city's page, and the same drawn as a large city is, on canvases."""
    return {"small": demo_folder / "map.html", "large": large_page}


def named(payload, name, lang):
    """Return a name of the tables, which are Chinese, as a page in that language writes it."""
    return dict(payload["names"]).get(name, name) if lang == "en" else name


def alone(spot, others):
    return all(math.dist(spot, other) > FAR for other in others if other)


def rings(shape):
    """Return the outer rings of a shape as lists of points."""
    for part in shape:
        x, y, ring = 0, 0, []
        for dx, dy in zip(part[0][::2], part[0][1::2], strict=True):
            x, y = x + dx, y + dy
            ring.append((x, y))
        yield ring


def inside(spot, shape):
    """Whether a ring holds the point (even-odd; the shapes used here have no holes)."""
    x, y = spot
    found = False
    for ring in rings(shape):
        for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], ring[0]], strict=True):
            if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
                found = not found
    return found


@pytest.fixture(scope="module")
def things(payload):
    """One thing of each kind that stands alone, by language: its place, what the map and the panel call it.

    Of the place that is nothing, neither.
    """
    scenario = payload["scenarios"][0]
    shown = [payload["schools"][at] for at, of in scenario["schools"] if STAGE in of["stages"]]
    schools = [school["at"] for school in shown]
    stars = [item["at"] for item in scenario["proposals"]]
    spots = [spot for spot in scenario["hotspots"] if spot["stage"] == STAGE]
    school = next(one for one in shown if alone(one["at"], [at for at in schools if at != one["at"]] + stars))
    spot = next(one for one in spots if alone(one["label"], schools + stars))
    star = next(
        one
        for one in scenario["proposals"]
        if one[f"seats_{STAGE}"] and alone(one["at"], [at for at in stars if at != one["at"]])
    )
    zone = next(
        one
        for one in payload["zones"]
        if one["stage"] == STAGE
        and alone(one["label"], schools + stars)
        and not any(inside(one["label"], of["shape"]) for of in spots)
    )
    found = {}
    for lang in ("zh", "en"):
        school_name, spot_name, star_name, zone_name = (
            named(payload, one["name"], lang) for one in (school, spot, star, zone)
        )
        found[lang] = {
            "school": (school["at"], school_name, school_name),
            "hotspot": (spot["label"], f"{spot['rank']} · {spot_name}", spot_name),
            "proposal": (star["at"], *2 * (f"{star['proposal_id']} {star_name}",)),
            "zone": (zone["label"], zone_name, zone_name),
            "place": (nowhere(payload), None, None),
        }
    return found


def nowhere(payload):
    """Return a place near the city that no catchment holds."""
    corners = [corner for shape in payload["shapes"] for ring in rings(shape) for corner in ring]
    return [min(x for x, _ in corners) - 3_000, min(y for _, y in corners) - 3_000]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", ["small", "large"])
def test_the_panel_names_what_is_clicked(opened, pages, things, size, lang):
    seen = opened(pages[size], view=f"stage={STAGE}&plan=proposed&lang={lang}")
    for spot, _, called in [*things[lang].values(), *reversed(things[lang].values())]:
        seen.page.mouse.click(*seen.middle(spot, ZOOM))
        expect(seen.page.locator("#panel h2")).to_have_text(called or text("map.place_title", lang))
    assert seen.faults == []


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", ["small", "large"])
def test_the_panel_names_what_is_tapped(opened, pages, things, size, lang):
    seen = opened(pages[size], view=f"stage={STAGE}&plan=proposed&lang={lang}", touch=True)
    for spot, _, called in things[lang].values():
        seen.page.wait_for_timeout(DOUBLE_TAP_MS)
        seen.page.touchscreen.tap(*seen.middle(spot, ZOOM))
        expect(seen.page.locator("#panel h2")).to_have_text(called or text("map.place_title", lang))
    assert seen.faults == []


@pytest.mark.parametrize("size", ["small", "large"])
def test_one_tooltip_names_what_the_mouse_is_over(opened, pages, things, size):
    seen = opened(pages[size], view=f"stage={STAGE}&plan=proposed&lang=en")
    tips = seen.page.locator(".leaflet-tooltip b")
    for spot, called, _ in [*things["en"].values(), *reversed(things["en"].values())]:
        x, y = seen.middle(spot, ZOOM)
        seen.page.mouse.move(x, y, steps=3)
        expect(tips).to_have_text([called] if called else [])
    assert seen.text("#panel h2") != text("map.place_title", "en")
    assert seen.faults == []


@pytest.mark.parametrize("size", ["small", "large"])
def test_a_click_beside_the_divider_opens_what_that_side_shows(opened, pages, things, size):
    view = f"stage={STAGE}&plan=proposed&beside=base~proposed&lang=en"
    seen = opened(pages[size], view=view)
    for divider in ("20", "80"):
        seen.page.fill("#swipe-at", divider)
        for spot, _, called in things["en"].values():
            seen.page.mouse.click(*seen.middle(spot, ZOOM))
            expect(seen.page.locator("#panel h2")).to_have_text(called or text("map.place_title", "en"))
    assert seen.faults == []


def test_the_map_is_dragged_without_opening_anything(opened, pages, things):
    seen = opened(pages["small"], view=f"stage={STAGE}&lang=en")
    x, y = seen.middle(things["en"]["zone"][0], ZOOM)
    before = seen.text("#panel h2")
    seen.page.mouse.move(x, y)
    seen.page.mouse.down()
    seen.page.mouse.move(x + 120, y + 60, steps=6)
    seen.page.mouse.up()
    assert seen.text("#panel h2") == before
    assert seen.faults == []
