"""Cards of what a real mouse clicks, held to the run's tables; and the page as a parent sees it."""

from __future__ import annotations

from itertools import pairwise

import pytest
from playwright.sync_api import expect

from layoutplan.outputs.map.packing import unpack
from layoutplan.outputs.wording import whole, write_money
from layoutplan.runs import result_frames
from layoutplan.texts import rounded, text
from tests.browser.test_map_mouse import ZOOM, alone, named

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("demo")]
STEPS = ("redraw", "bridge", "enlarge", "build")


@pytest.fixture(scope="module")
def payload(demo_folder):
    return unpack((demo_folder / "map.html").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def frames(demo_run):
    return result_frames(demo_run)


def facts(seen):
    """Return what the panel's tables of facts say, by name."""
    rows = seen.page.locator("#panel table.facts tr").all()
    return {row.locator("th").inner_text(): row.locator("td").inner_text() for row in rows}


def said(name, lang):
    return text(f"map.{name}", lang)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_waterfall_says_what_its_table_says(opened, frames, lang):
    totals = frames["remedy_totals"].set_index(["stage", "year"])
    for stage, year in (("junior", 2031), ("primary", 2026)):
        row = totals.loc[(stage, year)]
        seen = opened(view=f"stage={stage}&year={year}&lang={lang}")
        numbers = seen.page.locator("svg.waterfall text:not([text-anchor])").all_text_contents()
        steps = ("shortfall", "after_redraw", "after_temporary", "after_enlarge", "after_build_indicative")
        levels = [rounded(row[step]) for step in steps]
        met = [after - before for before, after in pairwise(levels)]
        shown = [row["shortfall"], *met, row["left"]]
        assert [one.replace("−", "-") for one in numbers] == [whole(one, lang) for one in shown]
        assert seen.faults == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_plan_by_year_and_the_risks_are_on_the_first_screen(opened, frames, lang):
    seen = opened(view=f"lang={lang}")
    panel = seen.text("#panel")
    for row in frames["plan_costs"].to_dict("records"):
        scale, digits = (1e4, 0) if lang == "zh" else (1e6, 1)
        assert f"{rounded(row['total'] / scale * 10**digits) / 10**digits:,.{digits}f}" in panel
    column = "risk" if lang == "zh" else "risk_translated"
    for risk in frames["risks"][column].iloc[:3]:
        assert risk in panel


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_proposal_tells_land_price_gain_and_next_best(opened, payload, frames, lang):
    scenario = payload["scenarios"][0]
    stars = [item["at"] for item in scenario["proposals"]]
    item = next(
        one
        for one in scenario["proposals"]
        if one["action"] == "new"
        and one["seats_junior"]
        and alone(one["at"], [at for at in stars if at != one["at"]])
    )
    measures = frames["measures"]
    measure = measures[measures["school_id"] == item["school_id"]].iloc[0]
    seen = opened(view=f"stage=junior&year=2031&plan=proposed&lang={lang}")
    seen.page.mouse.click(*seen.middle(item["at"], ZOOM))
    expect(seen.page.locator("#panel h2")).to_have_text(
        f"{item['proposal_id']} {named(payload, item['name'], lang)}"
    )
    shown = facts(seen)
    assert shown[said("capital", lang)] == write_money(measure["capital"], lang, currency="CNY")
    assert shown[said("paid_from", lang)] == str(measure["paid_from"])
    assert shown[said("land_status", lang)] == said("land_build_indicative", lang)
    dearer = write_money(measure["alternative_cost"], lang, currency="CNY")
    assert shown[said("dearer", lang)] == dearer
    panel = seen.text("#panel")
    assert text("map.before_after", lang, year=2031) in panel
    assert text("map.who_gains", lang, year=scenario["meta"]["years"][-1]) in panel
    assert seen.faults == []


def test_a_catchment_tells_its_remedy_and_leads_to_a_measure(opened, payload, frames):
    short = frames["remedies"].query("stage == 'junior' and year == 2030 and temporary > 1")
    zones = {one["id"]: one for one in payload["zones"] if one["stage"] == "junior"}
    row = short.iloc[0]
    seen = opened(view="stage=junior&year=2030&lang=zh")  # that of the hotspots
    x, y = seen.middle(zones[row["catchment_id"]]["label"], ZOOM)
    seen.page.mouse.click(x, y)
    if seen.text("#panel h2") != row["name"]:  # a hotspot lies over its middle
        seen.page.get_by_role("button", name=row["name"], exact=True).first.focus()
        seen.page.keyboard.press("Enter")
    shown = facts(seen)
    assert shown[said("step_shortfall", "zh")] == whole(row["shortfall"], "zh")
    assert shown[said("step_bridge", "zh")] == whole(row["temporary"] + row["bus"] + row["purchase"], "zh")
    link = seen.page.locator("#panel button.link", has_text=said("measure_kind_temporary", "zh")).first
    link.click()
    assert said("measure_kind_temporary", "zh") in seen.text("#panel h2")
    assert said("in_force", "zh") in seen.text("#panel")
    assert seen.faults == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_parent_sees_catchments_and_schools_and_no_figures_of_planners(opened, payload, lang):
    zone = next(one for one in payload["zones"] if one["stage"] == "junior")
    seen = opened(view=f"stage=junior&lang={lang}&plan=proposed")
    planning = seen.page.locator(".leaflet-hot-pane path, .leaflet-badges-pane > *, .leaflet-stars-pane > *")
    assert planning.count() > 0
    seen.page.click("#parents")
    assert planning.count() == 0
    assert said("parents_explained", lang) in seen.text("#panel")
    for hidden in ("#layouts", "#time", "#tabs", "#measure"):
        assert not seen.page.locator(hidden).is_visible()
    seen.page.mouse.click(*seen.middle(zone["label"], 15))
    panel = seen.text("#panel")
    assert said("demand", lang) not in panel
    assert "%" not in panel
    seen.page.click("#parents")
    assert seen.page.locator("#layouts").is_visible()
    assert seen.faults == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_hotspot_tells_its_figures_and_the_map_goes_to_their_year(opened, payload, frames, lang):
    scenario = payload["scenarios"][0]
    schools = [payload["schools"][at]["at"] for at, of in scenario["schools"] if "junior" in of["stages"]]
    spots = frames["hotspots"].query("stage == 'junior'").set_index("hotspot_id")
    spot = next(
        one
        for one in scenario["hotspots"]
        if one["hotspot_id"] in spots.index and alone(one["label"], schools)
    )
    row, year = spots.loc[spot["hotspot_id"]], spot["year"]
    seen = opened(view=f"stage=junior&year={year + 1}&lang={lang}")
    seen.page.mouse.click(*seen.middle(spot["label"], ZOOM))
    expect(seen.page.locator("#panel h2")).to_have_text(named(payload, spot["name"], lang))
    shown = facts(seen)
    assert shown[text("map.pupils_short_in", lang, year=year)] == whole(row["pupils_short"], lang)
    assert shown[text("map.demand_in", lang, year=year)] == whole(row["demand"], lang)
    assert seen.text("#year-shown") == str(year)
    assert row["remedy" if lang == "zh" else "remedy_translated"] in seen.text("#panel")
    assert seen.faults == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_school_tells_its_seats_and_pupils_and_keeps_its_own_name(opened, payload, frames, lang):
    balance = frames["school_balance"].query("stage == 'junior' and year == 2030 and layout == 'today'")
    rows = balance.set_index("school_id")
    scenario = payload["scenarios"][0]
    shown_here = [(payload["schools"][at], of) for at, of in scenario["schools"] if "junior" in of["stages"]]
    places = [one for one, _ in shown_here]
    alike = [one for one, of in shown_here if one["type"] == "junior" and of["counts"]]
    school = next(
        one for one in alike if alone(one["at"], [each["at"] for each in places if each is not one])
    )
    seen = opened(view=f"stage=junior&year=2030&lang={lang}")
    seen.page.mouse.click(*seen.middle(school["at"], ZOOM))
    expect(seen.page.locator("#panel h2")).to_have_text(named(payload, school["name"], lang))
    assert school["name"] in seen.text("#panel")  # as the tables give it, beside the English one
    shown, row = facts(seen), rows.loc[school["id"]]
    assert shown[said("seats", lang)] == whole(row["seats"], lang)
    assert shown[said("assigned", lang)] == whole(row["assigned"], lang)
    assert shown[said("spare", lang)] == whole(row["spare"], lang)
    assert seen.faults == []
