"""The page speaks one language at a time: nothing of the other is left in any panel, list or legend.

A card has the name as the tables give it below its own; offices and sources are said as they are given.
"""

import re

import pytest

from layoutplan.outputs.map.packing import unpack

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("demo")]
FOREIGN = {"en": re.compile(r"[\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef]"), "zh": re.compile(r"[a-z]{3,}")}
CODES = {"layoutplan", "motorway"}
"""Latin words that Chinese pages keep: the program's name, and classes of streets as the data spells them."""
KEYS = re.compile(r"[a-z_]+\.[a-z_]+|“[^”]*”")
"""Settings and quoted values, which are written as the files have them."""
AS_GIVEN = ("responsible_unit", "source", "review_number")
NAMED = ("name", "title", "title_en", *AS_GIVEN, "nearest_spare_school")
WALK = """() => {
  const seen = [];
  const keep = (where) => seen.push([where, document.getElementById("panel").innerText]);
  for (const tab of document.querySelectorAll("#tabs button")) { tab.click(); keep(tab.id); }
  return seen;
}"""


def names_of(payload, named):
    """Return what a table has under those names, and the ids of runs; longest first."""
    found = set()

    def walk(node):
        if isinstance(node, dict):
            found.update(str(value) for key, value in node.items() if key in named and value)
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk({key: payload[key] for key in ("zones", "schools", "ground", "scenarios")})
    if "name" in named:
        found.update(row[0] for row in payload["estates"])
    for scenario in payload["scenarios"]:
        found.update([*scenario["meta"]["sources"], scenario["meta"]["run_id"]])
    return sorted(found, key=len, reverse=True)


def foreign(words, *, names, lang):
    """Return the lines that hold another language once names are gone."""
    left = []
    for line in words.splitlines():
        bare = line
        for name in names:
            bare = bare.replace(name, "")
        caught = [one for one in FOREIGN[lang].findall(KEYS.sub("", bare)) if one not in CODES]
        if caught:
            left.append(line)
    return left


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_panel_speaks_the_other_language(opened, demo_folder, lang):
    seen = opened(view=f"lang={lang}&plan=proposed")
    page = seen.page
    payload = unpack((demo_folder / "map.html").read_text(encoding="utf-8"))
    in_cards, found = names_of(payload, NAMED), []
    # Chinese pages keep the Latin letters of a name; English ones have a name of their own for everything.
    names = in_cards if lang == "zh" else names_of(payload, AS_GIVEN)
    scenario = payload["scenarios"][0]
    flagged = list(dict.fromkeys(flag["school_id"] for flag in scenario["flags"]))[:2]
    fresh = [item["school_id"] for item in scenario["proposals"]][:2]
    things = [
        *(f"hotspot~{spot['hotspot_id']}" for spot in scenario["hotspots"][:2]),
        *(f"proposal~{item['proposal_id']}" for item in scenario["proposals"][:2]),
        *(f"school~{school}" for school in [*flagged, *fresh]),
        *[f"zone~{zone['id']}" for zone in payload["zones"] if zone["stage"] == "primary"][:2],
    ]
    for place, stage in enumerate(payload["scenarios"][0]["meta"]["stages"]):
        page.click(f"#stages button:nth-child({place + 1})")
        for where, words in page.evaluate(WALK):
            found += [(stage, where, line) for line in foreign(words, names=names, lang=lang)]
        page.click("#open-table")
        for table in page.eval_on_selector_all("#grid-what option", "all => all.map((one) => one.value)"):
            page.select_option("#grid-what", table)
            found += [(stage, table, line) for line in foreign(seen.text("#grid"), names=names, lang=lang)]
        page.click("#sheet .close")
        found += [(stage, "legend", line) for line in foreign(seen.text("#legend"), names=names, lang=lang)]
    address = page.url.split("#")[0]
    for thing in things:
        page.goto("about:blank")
        page.goto(f"{address}#lang={lang}&plan=proposed&stage=primary&open={thing}")
        page.wait_for_selector("html[data-ready=yes]")
        found += [(thing, line) for line in foreign(seen.text("#panel"), names=in_cards, lang=lang)]
    assert found == []
    assert seen.faults == []
