"""The map in a notebook: a frame inside another page, in whatever encoding, with nothing of the parent."""

import pytest

from tests.browser.test_map_page import cards_of

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("demo")]


def test_a_notebook_shows_the_map_in_a_frame_without_an_error_or_a_request(demo_run, chromium, tmp_path):
    target = demo_run.plan.general.target
    for charset in ("utf-8", "windows-1252"):
        path = tmp_path / f"{charset}.html"
        head = f'<!doctype html><meta charset="{charset}"><title>notebook</title>'
        path.write_text(head + demo_run.map()._repr_html_(), encoding="ascii")
        context = chromium.new_context(viewport={"width": 1000, "height": 700}, offline=True)
        page, faults, requests = context.new_page(), [], []
        page.on("console", lambda said, to=faults: to.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error, to=faults: to.append(str(error)))
        page.on("request", lambda request, to=requests: to.append(request.url))
        page.goto(path.as_uri())
        frame = page.frames[1]
        frame.wait_for_selector("html[data-ready=yes]", timeout=20_000)
        frame.click("#language")
        frame.click("#stages button:nth-child(3)")
        frame.fill("#year", str(target))
        rows = demo_run.balance.city
        row = rows[(rows["stage"] == demo_run.city.stages[2]) & (rows["year"] == target)].iloc[0]
        assert cards_of(frame)["Demand"] == pytest.approx(row["demand"], abs=0.56)
        end = frame.evaluate("document.getElementById('year-shown').getBoundingClientRect().right")
        assert end <= 1000 - 16  # the controls fit a notebook's frame
        assert not frame.locator("#share").is_visible()  # there is no address to share
        assert (
            frame.evaluate("() => { try { return parent.document.title; } catch { return null; } }") is None
        )
        assert faults == []
        assert requests == [path.as_uri()]
        context.close()
