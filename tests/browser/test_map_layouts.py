"""The map of a run with three layouts, in a real browser."""

from __future__ import annotations

import pytest

from layoutplan import load_plan, run_plan, write_run
from tests.browser.test_map_page import cards_of
from tests.outputs.east_side import TITLES, write_layout
from tests.outputs.town import write_town

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    """The small town with a layout of the planner's own: the run and its page."""
    folder = tmp_path_factory.mktemp("layouts")
    run = run_plan(load_plan(write_town(folder)), layout_files=[write_layout(folder / "east.toml")])
    write_run(run, folder / "out")
    return run, folder / "out" / "map.html"


def test_the_switch_has_three_entries_and_each_shows_its_figures(opened, three):
    run, path = three
    seen = opened(path, view="stage=primary")
    for lang in ("zh", "en"):
        names = seen.page.locator("#layouts button").all_inner_texts()
        assert names == [layout.title[lang] for layout in run.layouts]
        seen.page.click("#language")
    for place, one in enumerate(run.evaluations.values()):
        seen.page.click(f"#layouts button:nth-child({place + 1})")
        city = one.balance.city
        row = city[(city["stage"] == "primary") & (city["year"] == 2027)].iloc[0]
        shown = cards_of(seen.page)
        assert shown["需求"] == pytest.approx(row["demand"], abs=0.56)
        assert shown["学位"] == pytest.approx(row["seats"], abs=0.56)
        assert shown["就近无学位可入（人）"] == pytest.approx(row["unserved"], abs=0.56)
    assert seen.faults == []


def test_each_layout_has_its_own_schools(opened, three):
    run, path = three
    for layout in run.layouts:
        seen = opened(path, view=f"stage=primary&lang=en&plan={layout.id}")
        shown = {row["School"]: float(row["Seats"]) for row in seen.csv("schools")}
        seats = layout.seats.seats["primary"][2027]
        assert sorted(shown.values()) == sorted(seats[seats > 0])
        assert ("Xinxiao" in shown) == (layout.id == "east-side")
        stars = seen.page.locator(".leaflet-stars-pane .mark").count()
        assert (stars > 0) == (layout.id == "proposed")
        seen.page.fill("#find", "新校")  # by the name as given, too
        assert (seen.page.locator("#found li:not([aria-disabled])").count() > 0) == (layout.id == "east-side")
        assert seen.faults == []


def test_every_layout_can_be_compared_with_every_other(opened, three):
    run, path = three
    seen = opened(path, view="stage=primary&lang=en")
    said = seen.page.locator("#beside option").all_inner_texts()[1:]
    assert said == [layout.title["en"] for layout in run.layouts]
    seen.page.select_option("#beside", "0~east-side")
    assert TITLES["en"] in seen.text("#panel")
    assert seen.text("#side-b") == TITLES["en"]
    assert seen.faults == []


def test_switching_a_proposal_off_changes_the_layout_of_the_proposals_alone(opened, three):
    run, path = three
    seen = opened(path, view="stage=primary&lang=en&tab=whatif")
    boxes = seen.page.locator("#panel [data-key^='p.']")
    assert boxes.count() == len(run.proposal.proposals)
    for at in range(boxes.count()):
        boxes.nth(at).uncheck()
    assert seen.page.locator("#layouts [aria-checked=true]").inner_text() == run.layouts[1].title["en"]
    by_layout = {}
    for place, layout in enumerate(run.layouts):
        seen.page.click(f"#layouts button:nth-child({place + 1})")
        rows = seen.page.locator("#panel table").first.locator("tr").all_inner_texts()
        seats = next(row for row in rows if row.startswith("Seats")).split("\t")
        by_layout[layout.id] = seats[1:]
    assert by_layout["today"][0] == by_layout["today"][1] == by_layout["proposed"][1]
    assert by_layout["east-side"][0] == by_layout["east-side"][1]
    assert seen.faults == []
