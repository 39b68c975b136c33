"""A page opened from a file in an offline browser, and everything that went wrong in it."""

import base64
import csv
import hashlib
import io
import re
from collections import defaultdict
from pathlib import Path

import pytest

from layoutplan.outputs.map.packing import unpack

OFFLINE = "Object.defineProperty(Navigator.prototype, 'onLine', { get: () => false })"
"""What a page sees on a machine without a network; Chromium 150 leaves it true in an offline context."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Make one of two languages quick, Chinese and English in turn: the other looks at the same law again."""
    tests = defaultdict(list)
    for item in items:
        if item.path.parent == Path(__file__).parent and hasattr(item, "callspec"):
            tests[item.function].append((item, item.callspec.params.get("lang")))
    both = [same for same in tests.values() if {"zh", "en"} <= {lang for _, lang in same}]
    for at, same in enumerate(both):
        for item, lang in same:
            if lang == ("zh", "en")[at % 2]:
                item.add_marker(pytest.mark.slow)


class Page:
    """One page: ``faults`` are console errors, uncaught exceptions and failed requests.

    There is no network; with ``answer`` there is one, and that function answers every request to it.
    """

    def __init__(self, chromium, path, *, size=(1366, 768), view="", answer=None, touch=False):
        width, height = size
        self.context = chromium.new_context(
            viewport={"width": width, "height": height},
            offline=answer is None,
            accept_downloads=True,
            has_touch=touch,
        )
        if answer:
            self.context.route(re.compile("^https?:"), answer)
        else:
            self.context.add_init_script(OFFLINE)
        self.page = self.context.new_page()
        self.faults = []
        self.requests = []
        self.page.on(
            "console", lambda message: self.faults.append(message.text) if message.type == "error" else None
        )
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("requestfailed", lambda request: self.faults.append(request.url))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(path.as_uri() + (f"#{view}" if view else ""))
        self.page.wait_for_selector("html[data-ready=yes]", timeout=20_000)

    def text(self, selector):
        """Return what a reader sees there."""
        return self.page.inner_text(selector)

    def middle(self, spot, zoom):
        """Bring a place (degrees × 1e5, longitude first) to the middle of the map; return that pixel."""
        self.page.mouse.move(1, 1)
        self.page.evaluate(
            "([lat, lng, zoom]) => { window.map_n1.setView([lat, lng], zoom, { animate: false }); }",
            [spot[1] / 1e5, spot[0] / 1e5, zoom],
        )
        box = self.page.locator(".folium-map").bounding_box()
        return round(box["x"] + box["width"] / 2), round(box["y"] + box["height"] / 2)

    def csv(self, table):
        """Return a table of the dialog as the downloaded CSV has it: a list of dicts."""
        self.page.click("#open-table")
        self.page.select_option("#grid-what", table)
        with self.page.expect_download() as waiting:
            self.page.click("#grid-csv")
        with open(waiting.value.path(), encoding="utf-8-sig", newline="") as file:  # noqa: PTH123
            rows = list(csv.DictReader(io.StringIO(file.read())))
        self.page.click("#sheet .close")
        return rows


@pytest.fixture
def opened_page(chromium):
    """Open a page as often as asked."""
    pages = []

    def open_page(path, **options):
        pages.append(Page(chromium, path, **options))
        return pages[-1]

    yield open_page
    for page in pages:
        page.context.close()


@pytest.fixture
def opened(opened_page, demo_folder):
    """Open the demo city's page, or another, as often as asked."""
    return lambda path=None, **options: opened_page(path or demo_folder / "map.html", **options)


@pytest.fixture(scope="module")
def large_page(demo_folder):
    """The demo city's page, told that one element is already too many."""
    page = (demo_folder / "map.html").read_text(encoding="utf-8")
    path = demo_folder / "large.html"
    told = with_script(page, "const MOST_ELEMENTS = 300;", "const MOST_ELEMENTS = 0;")
    path.write_text(told, encoding="utf-8")
    return path


def with_script(page, old, new):
    """Return the page with a line of its script changed; its policy lets the changed script run."""
    (script,) = (text for text in re.findall(r"<script>(.*?)</script>", page, re.DOTALL) if old in text)
    changed = script.replace(old, new, 1)
    return page.replace(script, changed).replace(named(script), named(changed))


def named(script):
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")


@pytest.fixture(scope="session")
def english(demo_folder):
    """The English names of the bundled city by the Chinese ones of its tables."""
    return dict(unpack((demo_folder / "map.html").read_text(encoding="utf-8"))["names"])
