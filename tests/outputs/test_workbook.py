"""The workbook: readable headers, safe text, the same bytes."""

import re
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from layoutplan.dictionary import result_table
from layoutplan.outputs.workbook import write_workbook
from layoutplan.rules import rule_spec
from layoutplan.siting import promises
from layoutplan.texts import has_text
from tests.same_bytes import same_bytes


def frame(table_name, **values):
    columns = result_table(table_name).column_names
    return pd.DataFrame([{**dict.fromkeys(columns), **values}], columns=list(columns))


@pytest.fixture
def tables():
    return {
        "flags": frame(
            "flags",
            flag_id="over_capacity:S1:primary:2025",
            rule="over_capacity",
            school_id="S1",
            name='=HYPERLINK("http://x")',
            school_type="nine_year",
            stage="primary",
            year=2025,
            value=2400.0,
            threshold=2000.0,
        ),
    }


@pytest.mark.parametrize(
    ("lang", "sheet", "rule"), [("zh", "预警清单", "超学位"), ("en", "Flags", "over capacity")]
)
def test_headers_and_codes_are_words_in_the_language(tmp_path, tables, lang, sheet, rule):
    write_workbook(tables, tmp_path / "w.xlsx", lang=lang)
    page = openpyxl.load_workbook(tmp_path / "w.xlsx")[sheet]
    row = dict(zip([cell.value for cell in page[1]], [cell.value for cell in page[2]], strict=True))
    assert rule in row.values()
    assert not [head for head in row if "_" in head]
    assert page.freeze_panes == "A2"


def test_a_name_that_looks_like_a_formula_is_text(tmp_path, tables):
    write_workbook(tables, tmp_path / "w.xlsx", lang="en")
    page = openpyxl.load_workbook(tmp_path / "w.xlsx")["Flags"]
    (cell,) = [cell for cell in page[2] if isinstance(cell.value, str) and "HYPERLINK" in cell.value]
    assert cell.data_type == "s"


def test_equal_tables_give_equal_bytes(tmp_path, tables):
    write_workbook(tables, tmp_path / "a.xlsx", lang="zh")
    write_workbook(tables, tmp_path / "b.xlsx", lang="zh")
    assert same_bytes(tmp_path / "a.xlsx", tmp_path / "b.xlsx")


def test_of_a_long_table_there_are_two_years_or_nothing_and_the_guide_says_so(town, tmp_path):
    schools = town.frames["school_balance"]
    two = schools["year"].isin([town.summary["base_year"], town.summary["target_year"]]).sum()
    told = {"summary": town.summary, "lang": "en"}
    write_workbook(town.frames, tmp_path / "cut.xlsx", **told, most_rows=int(two))
    cut = openpyxl.load_workbook(tmp_path / "cut.xlsx")
    title = result_table("school_balance").title.of("en")
    assert cut[title].max_row == two + 1 < len(schools)
    guide = {row[0].value: row[3].value for row in cut["Guide"].iter_rows() if row[0].value}
    assert "tables/school_balance.csv" in guide[title]
    write_workbook(town.frames, tmp_path / "none.xlsx", **told, most_rows=1)
    none = openpyxl.load_workbook(tmp_path / "none.xlsx")
    assert title not in none.sheetnames
    assert none[result_table("ledger").title.of("en")].max_row == len(town.frames["ledger"]) + 1


@pytest.fixture
def book(town, tmp_path):
    write_workbook(town.frames, tmp_path / "w.xlsx", summary=town.summary, lang=town.lang)
    return openpyxl.load_workbook(tmp_path / "w.xlsx")


def test_the_first_sheet_holds_the_headline_figures(book, town):
    page = book.worksheets[0]
    cells = [cell.value for row in page.iter_rows() for cell in row]
    values = {round(value, 6) if isinstance(value, float) else value for value in cells}
    city = town.frames["city_balance"]
    for row in city[city["year"].isin([2025, 2027])].to_dict("records"):
        assert {round(float(row[name]), 6) for name in ("seats", "demand", "unserved")} <= values
    assert town.summary["proposals"]["cost"] in values


def test_shortages_utilisation_and_severity_are_coloured(book, town):
    for name, columns in {
        "catchment_balance": ("shortfall", "utilisation", "surplus"),
        "flags": ("severity", "excess_pupils"),
        "ledger": ("status",),
    }.items():
        table = result_table(name)
        page = book[table.title.of(town.lang)]
        ranges = {str(area.sqref).split(":")[0] for area in page.conditional_formatting}
        for column in columns:
            letter = openpyxl.utils.get_column_letter(table.column_names.index(column) + 1)
            assert f"{letter}2" in ranges, (name, column)


def test_the_ledger_offers_lists_and_limits(book, town):
    page = book[result_table("ledger").title.of(town.lang)]
    kinds = {check.type for check in page.data_validations.dataValidation}
    assert kinds == {"list", "whole", "textLength"}
    (choices,) = [check.formula1 for check in page.data_validations.dataValidation if check.type == "list"]
    assert choices == ('"未销号,逾期,已销号"' if town.lang == "zh" else '"open,overdue,closed"')


def test_every_sheet_prints_as_wide_as_the_page_with_its_head(book):
    for page in book.worksheets:
        assert page.sheet_properties.pageSetUpPr.fitToPage
        assert page.page_setup.fitToHeight == 0
        assert int(page.page_setup.paperSize) == (9 if page.max_column <= 12 else 8)  # A4, or A3
        assert page.print_title_rows


def test_nothing_in_the_workbook_is_a_formula(book):
    for page in book.worksheets:
        assert not [cell.coordinate for row in page.iter_rows() for cell in row if cell.data_type == "f"]


def test_rules_that_do_not_apply_have_no_line(tmp_path):
    columns = list(result_table("scorecard").column_names)
    lines = pd.DataFrame({"rule": ["classes.mean", "equity.cv_books"], "section": ["D", "E"], "year": 2025,
                          "status": ["met", "does_not_apply"]}).reindex(columns=columns)  # fmt: skip
    write_workbook({"scorecard": lines}, tmp_path / "book.xlsx", lang="en")
    sheet = openpyxl.load_workbook(tmp_path / "book.xlsx")[result_table("scorecard").title.en]
    said = {cell for row in sheet.iter_rows(values_only=True) for cell in row}
    assert rule_spec("classes.mean").title.en in said
    assert rule_spec("equity.cv_books").title.en not in said


def test_every_limit_of_a_plan_has_a_word():
    source = Path(promises.__file__).read_text(encoding="utf-8")
    limits = set(re.findall(r'Promise\(\s*"(\w+)"', source))
    assert limits > {"budget", "farthest_way"}
    assert [one for one in limits if not has_text(f"report.codes.plan_audit_limit.{one}")] == []


def test_a_table_names_profiles_and_input_columns(tmp_path):
    line = {"rule": "layout.titled", "section": "A", "status": "no_data", "area_id": "city", "metric": "walk"}
    line |= {"threshold_place": "cn-national", "missing": "sites.titled", "unit": "currency"}
    tables = {"scorecard": frame("scorecard", **line)}
    write_workbook(tables, tmp_path / "w.xlsx", lang="zh", summary=None)
    sheet = openpyxl.load_workbook(tmp_path / "w.xlsx")["规则评分表"]
    cells = {cell.value for cell in sheet[2]}
    assert {"国家标准", "备选用地（已确权）", "步行", "全市"} <= cells
