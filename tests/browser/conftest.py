"""A page opened from a file in an offline browser, and everything that went wrong in it."""

import csv
import io
import re

import pytest


class Page:
    """One page: ``faults`` are console errors, uncaught exceptions and failed requests.

    There is no network; with ``answer`` there is one, and that function answers every request to it.
    """

    def __init__(self, chromium, path, *, size=(1366, 768), view="", answer=None):
        width, height = size
        self.context = chromium.new_context(
            viewport={"width": width, "height": height}, offline=answer is None, accept_downloads=True
        )
        if answer:
            self.context.route(re.compile("^https?:"), answer)
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
def opened(chromium, demo_folder):
    """Open the demo city's page, or another, as often as asked."""
    pages = []

    def open_page(path=None, **options):
        pages.append(Page(chromium, path or demo_folder / "map.html", **options))
        return pages[-1]

    yield open_page
    for page in pages:
        page.context.close()
