"""What a page may run: the scripts and style sheets we wrote, by hash, and no other."""

import base64
import hashlib
import html
import re
from importlib import resources

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutplan.errors import DefectError
from layoutplan.outputs.content_policy import content_policy, scripts_and_styles
from layoutplan.outputs.map.page import render_payload
from layoutplan.outputs.map.stored import read_map_page
from layoutplan.plan.tile_address import has_tile_places, tile_host

pytestmark = pytest.mark.xdist_group("demo")
SINKS = re.compile(
    r"\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment|srcdoc|eval"
    r"|Function\(|setHTML|setHTMLUnsafe|cssText|createElementNS\([^\"]|import\()|setAttribute\(\"(style|on)"
)
"""Ways by which text becomes markup, script or style."""


def policy(page):
    said = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)[1]
    return {part.split()[0]: part.split()[1:] for part in html.unescape(said).split("; ")}


def named(texts):
    return [f"'sha256-{base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()}'" for one in texts]


@pytest.mark.parametrize("file", ["map.html", "scorecard.html", "../index.html"])
def test_a_page_runs_its_own_scripts_and_no_other(demo_folder, file):
    page = (demo_folder / file).read_text(encoding="utf-8")
    may = policy(page)
    assert may["script-src"] == named(re.findall(r"<script>(.*?)</script>", page, re.DOTALL))
    assert may["style-src"] == named(re.findall(r"<style>(.*?)</style>", page, re.DOTALL))
    assert may["default-src"] == may["base-uri"] == may["form-action"] == ["'none'"]
    assert may["img-src"] == ["data:"]
    assert "unsafe" not in page[: page.index("</head>")].split("<title>")[0]


def test_no_element_of_ours_has_a_style_or_a_handler(demo_folder):
    for file in ("map.html", "scorecard.html", "../index.html"):
        page = (demo_folder / file).read_text(encoding="utf-8")
        markup = re.sub(r"<(script|style)[^>]*>.*?</\1>", "", page, flags=re.DOTALL)
        assert not re.search(r"<[^>]*\s(style|on\w+)\s*=", markup)


def test_the_script_sets_text_as_text():
    folder = resources.files("layoutplan.outputs.map") / "assets"
    files = [file for file in folder.iterdir() if file.name.endswith(".js")]
    assert len(files) > 10
    for file in files:
        assert SINKS.findall(file.read_text(encoding="utf-8")) == [], file.name


@settings(deadline=None)
@given(st.text() | st.from_regex(r"https?://[^\s]{1,40}/\{z\}/\{x\}/\{y\}"))
def test_an_address_adds_one_host_to_the_policy_or_is_refused(address):
    host = tile_host(address)
    if host is None:
        with pytest.raises(DefectError):
            content_policy(scripts=[], styles=[], tiles={"address": address})
        assert not has_tile_places(address) or "/" not in address
        return
    assert re.fullmatch(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?", host)
    plain = content_policy(scripts=[], styles=[], tiles=None)
    assert content_policy(scripts=[], styles=[], tiles={"address": address}) == plain.replace(
        "img-src data:", f"img-src data: {host}"
    )


def test_markup_with_a_foreign_script_is_a_defect():
    with pytest.raises(DefectError):
        scripts_and_styles("<script src='https://evil.example/'></script>")
    assert scripts_and_styles("<style>a{}</style><script>b()</script>") == (["b()"], ["a{}"])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_markup_is_the_same_whatever_the_data_say(demo_folder, lang):
    payload = read_map_page((demo_folder / "map.html").read_text(encoding="utf-8"))
    meta = payload["scenarios"][0]["meta"]
    meta["title"] = meta["title_en"] = evil = "</title><script>alert(1)</script><!--layoutplan:payload-->"
    page = render_payload(payload, lang=lang)
    assert page.count(html.escape(evil)) == 1
    assert evil not in page
    assert page.count('id="payload"') == 1
