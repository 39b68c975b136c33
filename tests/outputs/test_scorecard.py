"""The scorecard page: worst sections first, both languages, words of the data as text."""

import re
from html import unescape
from pathlib import Path

import pandas as pd
import pytest

from layoutplan import rules as rulebook
from layoutplan.dictionary import result_table
from layoutplan.outputs.facts import ReportFacts
from layoutplan.outputs.pages import render_scorecard
from layoutplan.outputs.words import coded_word
from layoutplan.rules import rule_spec, rule_specs
from layoutplan.rules.indicators import INDICATORS
from layoutplan.texts import keys, text
from tests.outputs.figures import numbers_in, saved_numbers, strange_numbers

FACTS = ReportFacts(
    names={"zh": "小镇", "en": "Town"},
    profiles={"zh": "国标", "en": "National"},
    scenario="base",
    scenario_title="",
    stages=("primary",),
    years=(2025, 2030),
    base_year=2025,
    target_year=2030,
    currency="CNY",
    crs="",
    walking="network",
    reach_m={},
    service_radius_m={},
    run_id="abc",
)


def line(rule, **changes):
    spec = rule_spec(rule)
    known = {"rule": rule, "section": spec.section, "year": 2025, "status": "met", "area_kind": "city"}
    return {**known, "unit": spec.unit, "judged": 0, "missed": 0, **changes}


@pytest.fixture(scope="module")
def page():
    rows = [
        line(
            "size.school_cap",
            status="missed",
            area_kind="school",
            area="<img src=x onerror=alert(1)>",
            value=2160.0,
            threshold=2000.0,
            direction="at_most",
            judged=3,
            missed=1,
            need=160.0,
            need_unit="pupils",
            due_year=2025,
        ),
        line(
            "kindergarten.inclusive_pupils",
            stage="kindergarten",
            numerator=930.0,
            denominator=1000.0,
            value=0.93,
            threshold=0.93,
            direction="at_least",
        ),
        line("groups.communities", status="no_data", missing="schools.community"),
    ]
    columns = list(result_table("scorecard").column_names)
    return render_scorecard(pd.DataFrame(rows).reindex(columns=columns), facts=FACTS, lang="en")


def words(page, lang):
    return " ".join(re.findall(rf'<span data-in="{lang}" lang="{lang}">(.*?)</span>', page))


def test_the_section_with_most_missed_lines_comes_first(page):
    order = re.findall(r"<th colspan=7 scope=rowgroup>(\w)", page)
    assert order == ["D", "F", "G"]


def test_values_thresholds_and_needs_in_both_languages(page):
    for said in ("2,160 pupils", "≤ 2,000 pupils", "160 pupils", "due 2025", "1 of 3 misses it", "≥ 93.0%"):
        assert said in words(page, "en")
    for said in (
        "2,160 名学生",
        "限期 2025",
        "逐一判定 3 个，1 个未达标",
        "待补：学校（学校发展共同体）",
        "基准方案",
    ):
        assert said in words(page, "zh")
    assert "930 / 1,000" in page


def test_text_from_data_is_text_and_nothing_is_loaded(page):
    assert "<img" not in page
    assert "&lt;img src=x" in page
    assert "http" not in page.replace("http-equiv", "")
    assert "default-src 'none'" in unescape(page)


def texts_shown(page, lang):
    """Return every text of the page in a language, and those that are the same in both."""
    other = {"zh": "en", "en": "zh"}[lang]
    page = re.sub(r"<(style|script)>.*?</\1>", "", page, flags=re.DOTALL)
    page = re.sub(rf'<span data-in="{other}"[^>]*>.*?</span>', "", page)
    return [unescape(words) for words in re.split(r"<[^>]*>", page) if words.strip()]


def test_every_number_stands_in_a_saved_table(town):
    page = render_scorecard(town.frames["scorecard"], facts=town.facts, lang=town.lang)
    for lang in ("zh", "en"):
        allowed = saved_numbers(
            town.frames, town.summary, town.manifest, lang=lang, currency=town.facts.currency
        )
        allowed |= {one for key in keys("scorecard.") for one in numbers_in(text(key, lang))}
        allowed |= {one for spec in rule_specs() for one in numbers_in(spec.title.of(lang))}
        assert strange_numbers(texts_shown(page, lang), allowed) == set()
        changed = page.replace("</tbody>", "<tr><td>987,654.3</td></tr></tbody>", 1)
        found = strange_numbers(texts_shown(changed, lang), allowed)
        assert {one for one, _ in found} == {"987,654.3"}


def test_every_unit_of_the_rule_book_has_a_word_in_both_languages():
    code = [path.read_text(encoding="utf-8") for path in Path(rulebook.__file__).parent.rglob("*.py")]
    needs = {unit for words in code for unit in re.findall(r'need_unit"?[:=] ?"([^"]+)"', words)}
    assert {"seats", "classes", "gates"} <= needs
    units = {spec.unit for spec in rule_specs()} | {item.unit for item in INDICATORS}
    for column, found in (("unit", units), ("need_unit", needs)):
        for unit in found:
            assert f"report.codes.{column}.{unit}" in keys(), unit
            assert not re.search("[a-z]{3}", coded_word("scorecard", column, unit, "zh")), unit


def test_a_column_that_is_lacking_is_named_by_its_table_and_the_stages_of_the_plan():
    rows = [line("admission.entry_share", status="no_data",
                 missing="schools.intake_{stage};classes.pupils|schools.classes_{stage}"),
            line("equity.cv_books", status="does_not_apply")]  # fmt: skip
    columns = list(result_table("scorecard").column_names)
    page = render_scorecard(pd.DataFrame(rows).reindex(columns=columns), facts=FACTS, lang="en")
    said = "fill: Schools (entrants, primary); Classes (pupils) or Schools (classes, primary)"
    assert said in words(page, "en")
    assert rule_spec("equity.cv_books").title.en not in words(page, "en"), "what does not apply is left out"
