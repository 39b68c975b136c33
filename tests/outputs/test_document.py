"""The report: every figure saved, both languages, native tables, the same bytes, no harm from names."""

import io
import re
import zipfile

import pytest
from docx import Document
from docx.oxml.ns import qn
from PIL import Image

from layoutplan.enrolment import backtest
from layoutplan.outputs.programme import STEPS
from layoutplan.outputs.report import write_document
from layoutplan.outputs.wording import stage_name
from layoutplan.texts import text
from tests.enrolment.district import PROFILE, noisy_district
from tests.outputs.figures import numbers_in, saved_numbers, strange_numbers
from tests.outputs.town import HARMFUL
from tests.same_bytes import same_bytes

CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def report_path(town, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / f"report-{town.lang}.docx"
    write_document(town.layers, path, summary=town.summary, facts=town.facts, lang=town.lang)
    return path


@pytest.fixture(scope="module")
def report(report_path):
    return Document(report_path)


def texts_of(document):
    """Return every paragraph and cell; captions without their numbers."""
    found = []
    for paragraph in document.paragraphs:
        words = paragraph.text
        if paragraph.style.name == "Caption":
            words = re.sub(r"^(Table|Figure|表|图) \d+", "", words)
        found.append(words)
    found += [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    section = document.sections[0]
    return [*found, *(p.text for p in (*section.header.paragraphs, *section.footer.paragraphs))]


def numbers_allowed(town):
    """Return every number the report may show: of the tables, the summary, the manifest and the notes."""
    allowed = saved_numbers(
        town.frames, town.summary, town.manifest, lang=town.lang, currency=town.facts.currency
    )
    facts = [town.facts.version, *map(str, town.facts.reach_m.values())]
    facts += [note.remedy(town.lang) for note in town.facts.notes]
    facts += [source.sha256[:12] for source in town.facts.sources]
    allowed |= {one for words in facts for one in numbers_in(words)}
    return allowed | {f"{metres / 1000:.1f}" for metres in town.facts.reach_m.values()}


def test_every_number_stands_in_a_saved_table(report, town):
    assert strange_numbers(texts_of(report), numbers_allowed(town)) == set()


def test_a_number_of_its_own_is_found_wherever_it_stands(report_path, town):
    """The walk can fail: in a paragraph, a cell, and the line at the head of the page."""
    allowed = numbers_allowed(town)
    for place in ("paragraph", "cell", "header"):
        document = Document(report_path)
        {
            "paragraph": document.paragraphs[9],
            "cell": document.tables[-1].cell(1, 0).paragraphs[0],
            "header": document.sections[0].header.paragraphs[0],
        }[place].add_run(" 987,654.3")
        assert {one for one, _ in strange_numbers(texts_of(document), allowed)} == {"987,654.3"}, place


def test_the_walk_sees_every_word_of_the_document(report):
    """No text box, footnote or nested table escapes: what is seen is all that the body's runs hold."""
    seen = [paragraph.text for paragraph in report.paragraphs]
    seen += [cell.text for table in report.tables for row in table.rows for cell in row.cells]
    held = [run.text or "" for run in report.element.body.iter(qn("w:t"))]
    assert sum(len(re.sub(r"\s", "", words)) for words in seen) == sum(
        len(re.sub(r"\s", "", words)) for words in held
    )
    # The programme lies on a landscape page; headers and footers are those of the first section.
    assert [one.page_width > one.page_height for one in report.sections] == [False, True, False]
    for one in list(report.sections)[1:]:
        assert one.header.is_linked_to_previous
        assert one.footer.is_linked_to_previous
    parts = {str(part.partname) for part in report.part.package.iter_parts()}
    assert not [part for part in parts if re.search("footnotes|endnotes|comments", part)]


def test_the_answer_comes_first_and_says_every_stage(report, town):
    words = "\n".join(texts_of(report))
    city = town.frames["city_balance"]
    now = city[(city["layout"] == "today") & (city["year"] == town.facts.target_year)]
    for seats in now["seats"]:
        assert f"{seats:,.0f}" in words
    headings = [p.text for p in report.paragraphs if p.style.name == "Heading 1"]
    assert len(headings) == 12
    assert headings[:2] in (["领导摘要", "一、主要结论"], ["Summary for decision-makers", "1  Findings"])


def test_what_is_to_come_is_said(report, town):
    """The peak of every stage, the other bases, and the estate without a school where seats are short."""
    words = "\n".join(texts_of(report))
    outlook = town.summary["outlook"]
    for stage in town.facts.stages:
        assert f"{outlook['peaks'][stage]['peak']:,.0f}" in words
        assert f"{outlook['bases'][stage]['by_hukou']:,.0f}" in words
    remarks = town.frames["estate_gaps"]["remark"]
    assert len(remarks) > 0
    assert any(remark in words for remark in remarks)


def test_names_are_shown_as_text(report):
    words = "\n".join(texts_of(report))
    assert HARMFUL[0] in words
    assert HARMFUL[1] in words
    assert HARMFUL[2] in words
    assert not report.element.body.findall(f".//{qn('w:hyperlink')}")


def test_tables_are_native_with_a_repeated_head(report):
    assert len(report.tables) >= 8
    for table in report.tables:
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
        assert len({len(row.cells) for row in table.rows}) == 1


def test_a_chart_and_a_map_for_every_stage_each_described(report, town):
    """The summary has the worst stage's waterfall and map; every map names its review number."""
    facts = town.facts
    worst = town.frames["answers"].sort_values("rank").iloc[0]
    expected = [("waterfall", worst["stage"], worst["year"]), ("map", worst["stage"], facts.target_year)]
    for stage in facts.stages:
        expected += [("chart", stage, facts.target_year), ("map", stage, facts.target_year)]
    review = text("document.caption.review", town.lang, number=facts.review_number)
    assert facts.review_number
    assert [shape._inline.docPr.get("descr") for shape in report.inline_shapes] == [
        text(f"document.caption.{kind}", town.lang, stage=stage_name(stage, town.lang), year=year)
        + (review if kind == "map" else "")
        for kind, stage, year in expected
    ]
    for (kind, *_), shape in zip(expected, report.inline_shapes, strict=True):
        part = report.part.related_parts[shape._inline.graphic.graphicData.pic.blipFill.blip.embed]
        width, height = Image.open(io.BytesIO(part.blob)).size
        least = 30 * (len(STEPS) + 2) if kind == "waterfall" else 300
        assert width > 1000
        assert width > height > least, kind


def test_chinese_has_its_own_font_and_language(report):
    for name in ("Normal", "Heading 1", "Caption", "Cell"):
        fonts = report.styles[name].element.rPr.rFonts
        assert fonts.get(qn("w:eastAsia")) in {"宋体", "微软雅黑"}
        assert not [key for key in fonts.attrib if key.endswith("Theme")]


def test_sentences_are_in_the_language(report, town):
    """In English no Chinese; in Chinese no English in headings, captions and the heads of tables."""
    notes = [note.what(town.lang) for note in town.facts.notes]
    words = [p.text for p in report.paragraphs if not any(note in p.text for note in notes)]
    heads = [cell.text for table in report.tables for cell in table.rows[0].cells]
    if town.lang == "en":
        assert [line for line in (*words, *heads) if CHINESE.search(line)] == []
    else:
        titles = [p.text for p in report.paragraphs if p.style.name.startswith(("Heading", "Caption"))]
        assert [line for line in (*titles, *heads) if re.search("[a-z]{3}", line)] == []


def test_the_same_run_gives_the_same_bytes(report_path, town, tmp_path):
    again = tmp_path / "again.docx"
    write_document(town.layers, again, summary=town.summary, facts=town.facts, lang=town.lang)
    assert same_bytes(again, report_path)
    with zipfile.ZipFile(again) as archive:
        assert archive.testzip() is None


def test_without_siting_there_is_still_a_report(town_zh, tmp_path):
    def today(frame):
        return frame[frame["layout"] == "today"]

    left = {
        name: frame for name, frame in town_zh.layers.items() if name not in {"proposals", "siting_outcome"}
    }
    layers = {**left, **{name: today(left[name]) for name in ("city_balance", "layouts")}}
    summary = {**town_zh.summary, "proposals": None}
    path = tmp_path / "report.docx"
    write_document(layers, path, summary=summary, facts=town_zh.facts, lang="zh")
    assert "本方案未提出建设建议。" in "\n".join(texts_of(Document(path)))


@pytest.fixture(scope="module")
def past():
    return backtest(*noisy_district(11, years=9), profile=PROFILE).table


def test_a_reader_sees_how_far_past_forecasts_were_off(town, past, tmp_path):
    path = tmp_path / "report.docx"
    tables = {**town.layers, "enrolment_backtest": past}
    write_document(tables, path, summary=town.summary, facts=town.facts, lang=town.lang)
    document = Document(path)
    words = texts_of(document)
    ours = past.set_index(["level", "method", "horizon"]).loc[("district", "forecast", 3)]
    off, error = abs(float(ours["latest_bias"].item())), float(ours["mape"].item())
    (said,) = [one for one in words if f"{int(ours['latest_year'].item())}" in one and f"{off:.1%}" in one]
    assert f"{error:.1%}" in said
    (table,) = [
        table for table in document.tables if len(table.columns) == 9 and "%" in table.cell(1, 8).text
    ]
    assert len(table.rows) == 1 + 2 * past["horizon"].nunique()
    plain = sum(part.startswith("word/media") for part in zipfile.ZipFile(path).namelist())
    write_document(town.layers, path, summary=town.summary, facts=town.facts, lang=town.lang)
    assert plain == 1 + sum(part.startswith("word/media") for part in zipfile.ZipFile(path).namelist())
    saved = {**town.frames, "enrolment_backtest": past}
    allowed = saved_numbers(saved, town.summary, town.manifest, lang=town.lang, currency=town.facts.currency)
    assert numbers_in(said) <= allowed
