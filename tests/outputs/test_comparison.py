"""The comparison page links to everything an official opens, in both languages, and nothing else."""

import re

import pandas as pd

from layoutplan.outputs.pages import render_comparison


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
