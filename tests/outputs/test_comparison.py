"""The comparison page links to everything an official opens, in both languages, and nothing else."""

import re

import pandas as pd

from layoutplan.outputs.pages import Contrast, render_comparison


def page(name="base"):
    frame = pd.DataFrame([("primary", "today", "seats", 900.0)], columns=["stage", "layout", "figure", name])
    titles = {"today": {"zh": "现状", "en": "Today"}}
    return render_comparison(frame, links={name: "base"}, years={name: 2030}, titles=titles, lang="zh")


def test_each_scenario_links_to_its_files():
    links = re.findall(r'href="([^"]*)"', page())
    assert links == [
        "base/map.html",
        "base/summary.pdf",
        "base/report.docx",
        "base/atlas.pdf",
        "base/scorecard.html",
        "base/workbook.xlsx",
    ]


def test_both_languages_stand_in_the_page_and_nothing_is_loaded():
    words = page()
    assert "规划报告" in words
    assert "Report" in words
    assert "http" not in words.replace("http-equiv", "")


def test_a_name_is_shown_as_text():
    assert "<img src=x" not in page("<img src=x onerror=alert(1)>")


def test_scenarios_are_set_against_the_first_and_equal_figures_are_folded():
    rows = [("primary", "today", "unserved", 100.0, 120.0), ("primary", "today", "seats", 900.0, 900.0)]
    frame = pd.DataFrame(rows, columns=["stage", "layout", "figure", "base", "high"])
    contrast = Contrast(
        settings=pd.DataFrame({"setting": ["demand.births_factor"], "base": ["1.0"], "high": ["<b>1.2"]}),
        measures=pd.DataFrame(
            [
                {
                    "name": "<i>Lot 4",
                    "runs": 1,
                    "least_seats": 900,
                    "most_seats": 1350,
                    "first_year": 2028,
                    "last_year": 2028,
                    "names": ("high",),
                }
            ]
        ),
        districts=pd.DataFrame(
            [{"stage": "primary", "layout": "today", "district": "<u>East", "base": 60.0, "high": None}]
        ),
    )
    titles = {"today": {"zh": "现状", "en": "Today"}}
    names = {"base": 2030, "high": 2030}
    words = render_comparison(frame, links={}, years=names, titles=titles, lang="en", contrast=contrast)
    assert "<td>100</td><td>120<small>+20</small></td>" in words
    differing, equal = words.split("<details>")[:2]
    assert "900</td><td>900" not in differing
    assert "<td>900</td><td>900</td>" in equal
    assert "<td>&lt;i&gt;Lot 4</td><td>2028</td><td>900–1,350</td>" in words
    assert "1 of 2" in words
    assert "<td>–</td><td>●</td>" in words
    assert "<td>&lt;u&gt;East</td><td>60</td><td>–</td>" in words
    assert "<td>1.0</td><td>&lt;b&gt;1.2</td>" in words
