"""The measures of the plan on the map: drawn in the years in which they act, by kind, each with a card."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from layoutplan.dictionary.rolls import rolls
from layoutplan.outputs.map.packing import unpack
from layoutplan.outputs.wording import whole
from layoutplan.runs import result_frames
from layoutplan.texts import text
from tests.browser.test_map_cards import facts
from tests.browser.test_map_mouse import ZOOM, alone, named

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("demo")]
STAGE = "junior"
PLACED = ("build", "build_indicative", "enlarge", "temporary", "purchase")


@pytest.fixture(scope="module")
def payload(demo_folder):
    return unpack((demo_folder / "map.html").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def acting(demo_run):
    """Rows of measures with a place and seats for the stage, by year."""
    rows = result_frames(demo_run)["measure_years"]
    return rows[rows["kind"].isin(PLACED) & (rolls(rows, STAGE)["seats"] > 0)]


def drawn(seen, kind, *, ahead=False):
    rest = ".ahead" if ahead else ":not(.ahead)"
    return seen.page.locator(f".leaflet-stars-pane .mark.{kind}{rest}").count()


def test_measures_are_drawn_in_the_years_in_which_they_act(opened, payload, acting):
    years = payload["scenarios"][0]["meta"]["years"]
    seen = opened(view=f"stage={STAGE}&plan=proposed&year={years[0]}&lang=en")
    shown = {}
    for year in years:
        seen.page.locator("#year").fill(str(year))
        now = acting[acting["year"] == year]["kind"].value_counts()
        shown[year] = {kind: drawn(seen, kind) for kind in PLACED}
        assert shown[year] == {kind: now.get(kind, 0) for kind in PLACED}
        legend = seen.text("#legend")
        assert text("map.change_added", "en") not in legend  # seats bought of a school are no new school
        for kind in PLACED:
            assert (text(f"map.measure_kind_{kind}", "en") in legend) == (
                shown[year][kind] > 0 or drawn(seen, kind, ahead=True) > 0
            )
    assert len({shown[year]["temporary"] for year in years}) > 1  # they come and go
    seen.page.locator("#layouts button").first.click()
    assert seen.page.locator(".leaflet-stars-pane .mark").count() == 0
    assert seen.faults == []


def test_a_school_to_come_is_drawn_while_it_is_paid_for(opened, payload):
    ahead = [
        one
        for one in payload["scenarios"][0]["measures"]
        if one["lasts"] and STAGE in one["amounts"] and one["paid_from"] < one["first_year"]
    ]
    year = max(one["first_year"] for one in ahead) - 1
    seen = opened(view=f"stage={STAGE}&plan=proposed&year={year}&lang=zh")
    for kind in ("build", "build_indicative", "enlarge"):
        due = [one for one in ahead if one["kind"] == kind and one["paid_from"] <= year < one["first_year"]]
        assert drawn(seen, kind, ahead=True) == len(due)
    assert text("map.sign_ahead", "zh") in seen.text("#legend")


def test_the_years_of_opening_are_marked_below_the_slider_and_play_goes_through_them(opened, payload):
    scenario = payload["scenarios"][0]
    opens = {one["first_year"] for one in scenario["measures"] if one["lasts"] and STAGE in one["amounts"]}
    seen = opened(view=f"stage={STAGE}&plan=proposed&year={min(opens) - 1}&lang=en")
    assert seen.page.locator("#openings i").count() == len(opens)
    assert str(min(opens)) in seen.page.get_attribute("#timeline", "title")
    before = drawn(seen, "build_indicative") + drawn(seen, "enlarge") + drawn(seen, "build")
    seen.page.click("#play")
    expect(seen.page.locator("#year-shown")).to_have_text(str(min(opens)))
    seen.page.click("#play")
    assert drawn(seen, "build_indicative") + drawn(seen, "enlarge") + drawn(seen, "build") > before


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_temporary_classes_open_their_card_and_stand_in_the_list_of_the_year(opened, payload, acting, lang):
    scenario = payload["scenarios"][0]
    places = {payload["schools"][at]["id"]: payload["schools"][at] for at, _ in scenario["schools"]}
    year = 2029
    now = acting[(acting["year"] == year) & (acting["kind"] == "temporary")]
    rows = [one for one in scenario["measures"] if one["measure_id"] in set(now["measure_id"])]
    one = next(
        row
        for row in rows
        if alone(
            places[row["school_id"]]["at"],
            [school["at"] for school in places.values() if school["id"] != row["school_id"]],
        )
    )
    seen = opened(view=f"stage={STAGE}&plan=proposed&year={year}&lang={lang}")
    seen.middle(places[one["school_id"]]["at"], ZOOM)
    kind = text("map.measure_kind_temporary", lang)
    name = f"{kind} · {named(payload, one['name'], lang)}"
    box = seen.page.locator(f'.leaflet-stars-pane [aria-label="{name}"]').bounding_box()
    seen.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 4)
    expect(seen.page.locator("#panel h2")).to_have_text(name)
    assert facts(seen)[str(year)] == whole(one["amounts"][STAGE][scenario["meta"]["years"].index(year)], lang)
    seen.page.click("#panel .back")
    box = seen.page.locator("details.acting", has_text=kind)
    assert whole(len(now), lang) in box.locator("summary").inner_text()
    box.locator("summary").click()
    assert box.locator("button").count() == len(now)
    box.locator("button", has_text=named(payload, one["name"], lang)).first.click()
    expect(seen.page.locator("#panel h2")).to_have_text(name)
    assert seen.faults == []
