"""Redrawn catchments on the page: what moves, before and after, and the look-up of a home."""

import dataclasses

import pytest

from layoutplan import load_plan, run_plan
from layoutplan.outputs.map.packing import unpack
from layoutplan.outputs.map.page import render_map
from layoutplan.runs.map_inputs import map_frames, map_meta
from layoutplan.runs.results import result_frames
from tests.browser.test_map_mouse import inside
from tests.outputs.town import HARMFUL, write_town

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ASKED = """
[zoning]
enabled = true
work = 0.1
"""
ZOOM = 15
SCHOOLS = dict(zip(("C1", "C2"), HARMFUL, strict=False))
"""The school of each catchment."""
VIEW = "stage=primary&lang=en"


@dataclasses.dataclass(frozen=True, repr=False)
class Redrawn:
    """The page of a town whose catchments were redrawn, the run it shows, and what it draws."""

    path: object
    run: object
    frames: object
    payload: object

    @property
    def moves(self):
        """Rows of table ``zoning_moves``, by unit."""
        (redraw,) = self.run.redraws
        return redraw.moves.set_index("unit_id")

    def unit(self, key):
        """Return a moved unit as the page has it."""
        (found,) = (
            unit
            for move in self.payload["scenarios"][0]["moves"]
            for unit in move["moved"]
            if unit["id"] == key
        )
        return found


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    folder = tmp_path_factory.mktemp("redrawn")
    plan = write_town(folder, lang="en", names=("East", "West", "Home"))
    told = plan.read_text(encoding="utf-8").replace('["primary", "junior"]', '["primary"]')
    plan.write_text(told + ASKED, encoding="utf-8")
    run = run_plan(load_plan(plan))
    frames = result_frames(run)
    page = render_map(map_frames(run, frames), meta=map_meta(run), lang="en")
    path = folder / "map.html"
    path.write_text(page, encoding="utf-8")
    return Redrawn(path, run, frames, unpack(page))


def kilometres(metres):
    return f"{metres / 1000:.1f} km" if metres >= 1000 else f"{metres:.0f} m"


def says_the_move(text, move):
    """Whether a text names both catchments and both walks of a row of ``zoning_moves``."""
    return all(
        part in text
        for part in (
            f"{move['from_name']} → {move['to_name']}",
            f"Walk before {kilometres(move['walk_before_m'])}",
            f"Walk after {kilometres(move['walk_m'])}",
        )
    )


def off_centre(shape):
    """Return a point of a cell away from its middle, where the home is drawn."""
    corners = shape_corners(shape)
    (west, south), (east, north) = (pick(corners) for pick in (lowest, highest))
    return [round(west + 0.3 * (east - west)), round(south + 0.25 * (north - south))]


def shape_corners(shape):
    x, y, corners = 0, 0, []
    for dx, dy in zip(shape[0][0][::2], shape[0][0][1::2], strict=True):
        x, y = x + dx, y + dy
        corners.append((x, y))
    return corners


def lowest(corners):
    return min(x for x, _ in corners), min(y for _, y in corners)


def highest(corners):
    return max(x for x, _ in corners), max(y for _, y in corners)


@pytest.mark.parametrize("view", ["plan=redrawn", "plan=today&beside=base~redrawn"])
def test_a_click_on_a_moved_unit_names_it_and_its_catchments(town, opened_page, view):
    seen = opened_page(town.path, view=f"{VIEW}&{view}")
    if "beside" in view:
        seen.page.fill("#swipe-at", "20")
    for key, move in town.moves.iterrows():
        spot = off_centre(town.unit(key)["shape"])
        assert inside(spot, town.unit(key)["shape"])
        seen.page.mouse.click(*seen.middle(spot, ZOOM))
        assert seen.text("#panel h2") == move["name"]
        assert says_the_move(seen.text("#panel"), move)
        assert f"{round(move['pupils']):,}" in seen.text("#panel .facts")
    assert seen.faults == []


def outlines(seen, pane):
    """Return the outlines drawn in a pane, as paths of pixels."""
    paths = seen.page.eval_on_selector_all(
        f".leaflet-{pane}-pane path", "all => all.map(one => one.getAttribute('d'))"
    )
    return sorted(paths)


def test_the_divider_has_today_on_one_side_and_the_redrawn_on_the_other(town, opened_page):
    seen = opened_page(town.path, view=f"{VIEW}&plan=today")
    today = outlines(seen, "zones")
    seen.page.click("#layouts button:has-text('Catchments redrawn')")
    redrawn = outlines(seen, "zones")
    assert today != redrawn
    seen.page.click("#layouts button:first-child")
    seen.page.select_option("#beside", "0~redrawn")
    assert (outlines(seen, "zones"), outlines(seen, "zonesB")) == (today, redrawn)
    assert (len(outlines(seen, "moved")), len(outlines(seen, "movedB"))) == (0, 1)


def test_the_catchment_chosen_is_outlined_on_each_side_as_that_side_draws_it(town, opened_page):
    seen = opened_page(town.path, view=f"{VIEW}&plan=today&beside=base~redrawn&open=zone~C1")
    a, b = (set(outlines(seen, pane)) for pane in ("chosen", "chosenB"))
    assert a <= set(outlines(seen, "zones"))
    assert b <= set(outlines(seen, "zonesB"))
    assert len(a) == len(b) == 1
    assert a != b
    for name in ("chosen", "chosenB"):
        clip = f"document.querySelector('.leaflet-{name}-pane').style.clip"
        zones = clip.replace("chosen", "zones")
        assert seen.page.evaluate(clip) == seen.page.evaluate(zones) != ""
    shown = seen.page.locator("#panel tr", has_text="Demand").last.locator(".n").all_inner_texts()
    demand = (
        town.frames["catchment_balance"]
        .query(f"catchment_id == 'C1' and year == {town.payload['scenarios'][0]['meta']['target_year']}")
        .set_index("layout")["demand"]
    )
    assert shown == [f"{round(demand[layout]):,}" for layout in ("today", "redrawn")]


@pytest.mark.parametrize("plan", ["today", "redrawn"])
def test_the_look_up_of_a_home_tells_its_new_catchment_schools_and_walk(town, opened_page, plan):
    seen = opened_page(town.path, view=f"{VIEW}&plan={plan}")
    for move in town.moves.to_dict("records"):
        seen.page.fill("#find", move["name"])
        found = seen.page.locator("#found li")
        names = [one.splitlines()[0] for one in found.all_inner_texts()]
        found.nth(names.index(move["name"])).click()
        said = seen.text("#panel")
        assert says_the_move(said, move)
        assert said.count(SCHOOLS[move["to_id"]]) >= (2 if plan == "redrawn" else 1)
    assert seen.faults == []


@pytest.mark.parametrize(
    "view", ["plan=redrawn", "plan=today&beside=base~redrawn", "plan=redrawn&beside=base~today"]
)
def test_the_legend_names_what_moves_on_either_side(town, opened_page, view):
    seen = opened_page(town.path, view=f"{VIEW}&{view}")
    assert "changes catchment" in seen.text("#legend-body")


def test_the_legend_names_no_move_where_none_is_drawn(town, opened_page):
    seen = opened_page(town.path, view=f"{VIEW}&plan=today")
    assert "changes catchment" not in seen.text("#legend-body")


def test_the_search_lists_a_redrawn_catchment_once(town, opened_page):
    seen = opened_page(town.path, view=f"{VIEW}&plan=redrawn")
    drawn = [zone["name"] for zone in town.payload["zones"] if zone["kind"] == "catchment"]
    assert len(drawn) > len(set(drawn))
    for name in sorted(set(drawn)):
        seen.page.fill("#find", name)
        found = [one.splitlines() for one in seen.page.locator("#found li").all_inner_texts()]
        assert sum(one[0] == name and "Catchment" in one[1] for one in found) == 1
