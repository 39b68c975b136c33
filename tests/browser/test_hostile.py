"""A law: no text of an input, a plan or a stored run becomes markup, script, style or a request.

A small city in which every free text and every id tries to leave its place is run; then all its pages are
opened, that of two scenarios too, and everything in them is pointed at and clicked.
"""

import shutil

import pytest

from layoutplan import load_plan, run_plan, write_run
from layoutplan.outputs.map import read_map_page
from layoutplan.runs import write_index
from tests.hostile import PWNED, TEXTS, write_hostile_city

pytestmark = [pytest.mark.browser, pytest.mark.slow]
WATCH = """
  window.seen = [];
  document.addEventListener("securitypolicyviolation", (event) => {
    if (!/^img/.test(event.violatedDirective) || !event.blockedURI.startsWith("https://tiles.example.org")) {
      window.seen.push(event.violatedDirective + " " + event.blockedURI + " " + event.sample);
    }
  });
"""
POINT_AND_CLICK = """() => {
  const point = (node) => {
    for (const kind of ["mouseover", "mousemove", "mouseenter", "focus", "mouseout"]) {
      node.dispatchEvent(new MouseEvent(kind, { bubbles: true, clientX: 500, clientY: 400 }));
    }
  };
  const every = (selector) => [...document.querySelectorAll(selector)];
  every("path.leaflet-interactive, .leaflet-marker-icon, tr, .link, label, th, a").forEach(point);
  for (const shape of every("path.leaflet-interactive").slice(0, 400)) {
    shape.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
  }
  for (const at of every("#panel .link").keys()) {
    every("#panel .link")[at]?.click();
    document.querySelector("#panel .back")?.click();
  }
}"""
TURN_EVERYTHING = """() => {
  const every = (selector) => [...document.querySelectorAll(selector)];
  const change = (node, value) => {
    node.value = value;
    node.dispatchEvent(new Event("input", { bubbles: true }));
    node.dispatchEvent(new Event("change", { bubbles: true }));
  };
  document.getElementById("open-table").click();
  for (const option of every("#grid-what option")) {
    change(document.getElementById("grid-what"), option.value);
    document.querySelector("#grid tbody tr")?.click();
  }
  document.querySelector("#sheet .close").click();
  for (const word of ["script", "img", "javascript", "__proto__", "a"]) {
    change(document.getElementById("find"), word);
    document.querySelector("#found li")?.dispatchEvent(new MouseEvent("mousedown", { bubbles: true }));
  }
  every("#beside option").forEach((option) => change(document.getElementById("beside"), option.value));
  change(document.getElementById("beside"), "");
  every("#measure option").forEach((option) => change(document.getElementById("measure"), option.value));
}"""
FOREIGN = (
    "img:not(.leaflet-tile), base, iframe, object, embed, link, [onerror], [onload], [onmouseover], [onfocus]"
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """The folder of all scenarios of the hostile city."""
    folder = tmp_path_factory.mktemp("hostile")
    plan = write_hostile_city(folder / "city")
    write_run(run_plan(load_plan(plan, scenario="high-growth")), folder / "out" / "base")
    shutil.copytree(folder / "out" / "base", folder / "out" / "again")
    write_index(folder / "out", lang="en")
    return folder / "out"


class Watched:
    """A page with a network that answers nothing, and what its texts brought about."""

    def __init__(self, chromium, path, view=""):
        self.context = chromium.new_context(viewport={"width": 1366, "height": 768})
        self.asked, self.dialogs, self.errors = [], [], []
        self.context.route("http*://**", self._refuse)
        self.context.add_init_script(WATCH)
        self.page = self.context.new_page()
        self.page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(path.as_uri() + (f"#{view}" if view else ""))

    def _refuse(self, route):
        self.asked.append(route.request.url)
        route.abort()

    def nothing_happened(self, *, tiles=False):
        """Assert that no text ran, was asked for, or became an element."""
        page = self.page
        assert page.evaluate("[self.pwned ?? null, window.seen]") == [None, []]
        assert (self.dialogs, self.errors) == ([], [])
        allowed = "https://tiles.example.org/" if tiles else "none"
        assert [address for address in self.asked if not address.startswith(allowed)] == []
        assert page.locator(FOREIGN).count() == 0
        assert page.evaluate(
            "[...document.links].every((one) => one.protocol === 'file:' || !one.hasAttribute('href'))"
        )


def test_every_text_of_the_city_reached_the_map(hostile):
    held = str(read_map_page((hostile / "base" / "map.html").read_text(encoding="utf-8")))
    for text in TEXTS:
        assert repr(text)[1:-1] in held or text in held, text


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("file", ["base/map.html", "map.html"])
def test_no_text_leaves_its_place_on_the_map(chromium, hostile, file, lang):
    seen = Watched(chromium, hostile / file, view=f"lang={lang}&plan=proposed&stage=primary")
    page = seen.page
    page.wait_for_selector("html[data-ready=yes]")
    for at in range(page.locator("#stages button").count()):
        page.locator("#stages button").nth(at).click()
        page.evaluate(POINT_AND_CLICK)
    for tab in ("flags", "whatif", "about"):
        page.click(f"#tab-{tab}")
        page.evaluate(POINT_AND_CLICK)
    page.evaluate(TURN_EVERYTHING)
    page.evaluate("window.print = () => {}")
    page.click("#open-print")
    page.click("#print-now")
    page.wait_for_selector("body.printing")
    seen.nothing_happened(tiles=True)
    seen.context.close()


@pytest.mark.parametrize("file", ["base/scorecard.html", "index.html"])
def test_no_text_leaves_its_place_on_the_small_pages(chromium, hostile, file):
    seen = Watched(chromium, hostile / file)
    before = seen.page.evaluate("document.documentElement.lang")
    seen.page.click("button")
    assert seen.page.evaluate("document.documentElement.lang") != before
    seen.page.evaluate(POINT_AND_CLICK)
    seen.nothing_happened()
    seen.context.close()


def test_the_watch_sees_what_gets_out(chromium, tmp_path):
    """The test of this test: a page without a policy in which such a text does harm."""
    path = tmp_path / "bare.html"
    path.write_text(f"<meta charset=utf-8><p>{TEXTS[1]}{TEXTS[11]}</p>", encoding="utf-8")
    seen = Watched(chromium, path)
    seen.page.wait_for_function("self.pwned")
    assert PWNED in TEXTS[1]
    with pytest.raises(AssertionError):
        seen.nothing_happened()
    seen.context.close()
