"""The map in a real browser: from a file, with no network."""

import re

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("demo")]


class Page:
    """A page opened from a file in an offline browser, and everything that went wrong in it."""

    def __init__(self, chromium, path, *, size=(1366, 768)):
        width, height = size
        self.context = chromium.new_context(viewport={"width": width, "height": height}, offline=True)
        self.page = self.context.new_page()
        self.faults = []
        self.requests = []
        self.page.on(
            "console", lambda message: self.faults.append(message.text) if message.type == "error" else None
        )
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("requestfailed", lambda request: self.faults.append(request.url))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(path.as_uri())
        self.page.wait_for_selector("html[data-ready=yes]", timeout=20_000)

    def text(self, selector):
        """Return what a reader sees there."""
        return self.page.inner_text(selector)


@pytest.fixture
def opened(chromium, demo_folder):
    pages = []

    def open_page(**options):
        pages.append(Page(chromium, demo_folder / "map.html", **options))
        return pages[-1]

    yield open_page
    for page in pages:
        page.context.close()


def test_it_opens_from_a_file_without_a_network_or_an_error(opened, demo_folder):
    seen = opened()
    assert seen.faults == []
    assert seen.requests == [(demo_folder / "map.html").as_uri()]


def test_every_stage_year_and_plan_shows_the_figure_of_the_saved_table(opened, demo_run):
    seen = opened()
    page = seen.page
    page.click("#language")
    frame = {("baseline"): demo_run.balance.city, "proposed": demo_run.proposed.city}
    stages = demo_run.city.stages
    for place, stage in enumerate(stages):
        page.click(f"#stages button:nth-child({place + 1})")
        for column, variant in enumerate(frame):
            page.click(f"#variants button:nth-child({column + 1})")
            for year in (demo_run.city.years[0], demo_run.plan.plan.target):
                page.fill("#year", str(year))
                table = frame[variant]
                row = table[(table["stage"] == stage) & (table["year"] == year)].iloc[0]
                shown = [card.replace(",", "") for card in page.locator("#panel .card b").all_inner_texts()]
                assert float(shown[0]) == pytest.approx(row["demand"], abs=0.56)
                assert float(shown[1]) == pytest.approx(row["seats"], abs=0.56)
    assert seen.faults == []


def test_the_language_switch_leaves_no_word_of_the_other_language_in_the_controls(opened):
    seen = opened()
    chinese = re.compile(r"[\u4e00-\u9fff]")
    assert chinese.search(seen.text("#controls"))
    seen.page.click("#language")
    words = seen.text("#controls").replace("中文", "")
    assert not chinese.search(words)
    assert not chinese.search(seen.text("#legend"))
    assert seen.faults == []


def test_a_zone_a_school_and_a_hotspot_open_by_mouse_and_by_keyboard(opened):
    seen = opened()
    page = seen.page
    page.locator(".leaflet-zones-pane path").first.press("Enter")
    assert page.locator("#panel .back").count() == 1
    page.click("#panel .back")
    page.locator(".leaflet-marks-pane path").first.click(force=True)
    assert page.locator("#panel .back").count() == 1
    page.click("#panel .back")
    page.click("#stages button:nth-child(3)")
    page.locator("#panel tr.go").first.press("Enter")
    assert page.locator("#panel .back").count() == 1
    assert seen.faults == []


def test_playing_the_years_moves_the_year(opened):
    seen = opened()
    before = seen.text("#year-shown")
    seen.page.click("#play")
    seen.page.wait_for_function(
        "before => document.getElementById('year-shown').textContent !== before", arg=before
    )
    seen.page.click("#play")
    assert seen.faults == []


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080), (390, 844)])
def test_controls_and_map_fit_the_screen(opened, size):
    seen = opened(size=size)
    page = seen.page
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    for control in ("#stages", "#variants", "#measure", "#year", "#language"):
        box = page.locator(control).bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= size[0]
    shown = page.locator(".folium-map").bounding_box()
    assert shown["width"] > size[0] * 0.5
    assert shown["height"] > size[1] * 0.4
    assert shown["y"] >= page.locator("#bar").bounding_box()["height"] - 1
