"""No figure in the workbook that is not in a table of the run folder; fonts and units of its cells."""

import json
import re

import openpyxl
import pytest

from layoutplan.dictionary import result_table
from layoutplan.outputs.files import write_csv_files
from layoutplan.outputs.words import coded_word
from layoutplan.outputs.workbook import write_workbook
from layoutplan.outputs.workbook.workbook import SHEETS
from layoutplan.texts import LANGUAGES, keys, text
from tests.every import every
from tests.outputs.sheets import strange_cells


@pytest.fixture(scope="module")
def folder(town, tmp_path_factory):
    """Return the folder of a run, as far as the workbook is concerned."""
    folder = tmp_path_factory.mktemp(f"run-{town.lang}")
    write_csv_files({name: town.frames[name] for name in SHEETS if name in town.frames}, folder / "tables")
    (folder / "summary.json").write_text(json.dumps(town.summary), encoding="utf-8")
    write_workbook(town.frames, folder / "workbook.xlsx", summary=town.summary, lang=town.lang)
    return folder


@pytest.fixture(scope="module")
def book(folder):
    return openpyxl.load_workbook(folder / "workbook.xlsx")


def test_every_figure_is_that_of_the_saved_tables(folder, town):
    assert strange_cells(folder / "workbook.xlsx", folder, lang=town.lang) == []


@pytest.mark.parametrize("place", ["headline", "number", "words", "format"])
def test_a_figure_of_its_own_is_found(folder, town, tmp_path, place):
    """The walk can fail: one cell is changed, and it is the one found."""
    book = openpyxl.load_workbook(folder / "workbook.xlsx")
    flags = book[result_table("flags").title.of(town.lang)]
    names = result_table("flags").column_names
    cell = {
        "headline": book.worksheets[0]["D5"],
        "number": flags.cell(2, names.index("value") + 1),
        "words": flags.cell(2, names.index("flag_id") + 1),
        "format": flags.cell(2, names.index("value") + 1),
    }[place]
    if place == "format":
        cell.number_format = "0.0%"
    elif place == "words":
        cell.value += " 7"
    else:
        cell.value += 1
    book.save(tmp_path / "changed.xlsx")
    found = strange_cells(tmp_path / "changed.xlsx", folder, lang=town.lang)
    assert [(sheet, where) for sheet, where, _ in found] == [(cell.parent.title, cell.coordinate)]


def test_every_cell_names_a_font_with_chinese_letters(book):
    fonts = {cell.font.name for page in book.worksheets for row in page.iter_rows() for cell in row}
    assert fonts == {"Microsoft YaHei"}


def test_no_head_or_unit_is_left_in_english(town_zh, tmp_path):
    write_workbook(town_zh.frames, tmp_path / "w.xlsx", summary=town_zh.summary, lang="zh")
    coded = ("unit", "need_unit", "level", "kind", "reason", "advice", "status", "direction")
    for page in openpyxl.load_workbook(tmp_path / "w.xlsx").worksheets[1:]:
        heads = [str(cell.value) for cell in page[1]]
        assert [head for head in heads if re.search("[a-z]{3}", head)] == []
        known = {_head(table, name) for table in SHEETS for name in coded}
        for place, head in enumerate(heads, start=1):
            if head in known:
                cells = [str(page.cell(row, place).value or "") for row in range(2, page.max_row + 1)]
                assert [words for words in cells if re.search("^[a-z_/ ]+$", words)] == [], head


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_kind_of_risk_has_a_word(lang):
    kinds = [key.removeprefix("risks.") for key in keys("risks.")]
    assert {"demand", "assumptions"} <= {*kinds}
    words = [coded_word("risks", "kind", kind, lang) for kind in kinds]
    assert len({*words}) == len(kinds)
    assert all(bool(re.search("[a-z]", word)) == (lang == "en") for word in words)


def _head(table, name):
    found = result_table(table)
    return found.column(name).header.of("zh") if name in found.column_names else None


def test_a_whole_number_has_no_decimal_point_and_a_share_is_in_per_cent(book, town):
    table = result_table("scorecard")
    page = book[table.title.of(town.lang)]
    column = table.column_names.index("value") + 1
    formats = {}
    lines = town.frames["scorecard"].query("status != 'does_not_apply'")
    rows = zip(lines["unit"], page.iter_rows(min_row=2), strict=True)
    for unit, cells in rows:
        if cells[column - 1].value is not None:
            formats.setdefault(str(unit).split(" of ")[0], set()).add(cells[column - 1].number_format)
    assert formats["share"] == {"0.0%"}
    assert formats["pupils"] == {"#,##0"}
    for cells in page.iter_rows(min_row=2):
        for cell in cells:
            if cell.number_format.endswith(".###"):
                assert round(cell.value, 3) != round(cell.value), text("report.guide", "en")


def test_titles_of_the_sheets_are_taken_by_excel():
    def check(name):
        for lang in LANGUAGES:
            assert not re.search(r"[\[\]:*?/\\]", result_table(name).title.of(lang))

    every(SHEETS, check)
