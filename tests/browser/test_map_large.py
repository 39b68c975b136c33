"""A city too large for elements: what is drawn on a canvas is still found under the pointer."""

import pytest

from layoutplan.outputs.map.packing import unpack

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("demo")]
NEAR = 16


@pytest.fixture(scope="module")
def payload(demo_folder):
    return unpack((demo_folder / "map.html").read_text(encoding="utf-8"))


def clicked(seen):
    """Click the middle of the map; return the heading of what opens."""
    box = seen.page.locator("#map, .leaflet-container").first.bounding_box()
    seen.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    return seen.text("#panel h2")


def at(spot, zoom=NEAR):
    return f"{spot[1] / 1e5:.5f},{spot[0] / 1e5:.5f},{zoom}"


def test_a_school_is_chosen_by_a_click(opened, large_page, payload):
    school = next(one for one in payload["schools"] if one["id"] == "P001")
    seen = opened(large_page, view=f"stage=primary&at={at(school['at'])}")
    assert clicked(seen) == school["name"]
    assert seen.faults == []


def test_a_hotspot_or_what_stands_in_it_is_chosen_by_a_click(opened, large_page, payload):
    spot = payload["scenarios"][0]["hotspots"][0]
    seen = opened(large_page, view=f"stage={spot['stage']}&at={at(spot['label'])}")
    names = {one["name"] for one in payload["schools"]}
    said = clicked(seen)
    assert spot["name"] in said or said in names
    assert seen.faults == []


def test_every_stage_year_and_plan_is_drawn_without_a_fault(opened, large_page, payload):
    seen = opened(large_page, view="plan=proposed")
    for place, _ in enumerate(payload["scenarios"][0]["meta"]["stages"]):
        seen.page.click(f"#stages button:nth-child({place + 1})")
        assert seen.page.locator("canvas").count() == 3  # ground, areas, what lies over them
        assert seen.page.locator(".rank").count() == 0
    seen.page.locator("#year").press("ArrowLeft")
    seen.page.wait_for_function("location.hash.includes('plan=proposed')")
    assert seen.faults == []
