"""The ledger: what an office writes into the workbook or the CSV comes back, in either language."""

import openpyxl
import pandas as pd
import pytest

from layoutplan.dictionary import result_table
from layoutplan.errors import InputError
from layoutplan.outputs.files import read_ledger, write_csv_files
from layoutplan.outputs.workbook import write_workbook
from layoutplan.rules import update_ledger
from layoutplan.standards import load_profile


@pytest.fixture
def book(town, tmp_path):
    path = tmp_path / "workbook.xlsx"
    write_workbook(town.frames, path, summary=town.summary, lang=town.lang)
    return path


def same(back, ledger):
    for name in result_table("ledger").column_names:
        left = [None if pd.isna(value) else value for value in back[name]]
        right = [None if pd.isna(value) else value for value in ledger[name]]
        assert left == pytest.approx(right) if name == "excess_pupils" else left == right, name


def edit(path, lang, **values):
    """Write into the first row of the ledger's sheet as an office does."""
    book = openpyxl.load_workbook(path)
    sheet = book[result_table("ledger").title.of(lang)]
    columns = {name: place for place, name in enumerate(result_table("ledger").column_names, start=1)}
    for name, value in values.items():
        sheet.cell(row=2, column=columns[name]).value = value
    book.save(path)


def test_saving_then_reading_is_the_identity(book, town):
    assert len(town.frames["ledger"]) > 2
    same(read_ledger(book), town.frames["ledger"])


def test_the_csv_reads_back_even_when_excel_saved_it_in_gbk(town_zh, tmp_path):
    (path,) = write_csv_files({"ledger": town_zh.frames["ledger"]}, tmp_path)
    same(read_ledger(path), town_zh.frames["ledger"])
    path.write_bytes(path.read_text(encoding="utf-8-sig").encode("gbk"))
    same(read_ledger(path), town_zh.frames["ledger"])


def test_what_the_office_writes_is_kept_and_carried_into_the_next_year(book, town):
    edit(book, town.lang, note="已约谈", due_year=2029, responsible_unit="教育科")
    back = read_ledger(book)
    assert back.loc[0, ["note", "due_year", "responsible_unit"]].tolist() == ["已约谈", 2029, "教育科"]
    profile = load_profile("cn-zhengzhou-gaoxin-2020")
    later = update_ledger(town.frames["flags"], profile, year=2026, previous=back, lang=town.lang)
    row = later.set_index("case_id").loc[back.loc[0, "case_id"]]
    assert (row["note"], row["due_year"], row["responsible_unit"]) == ("已约谈", 2029, "教育科")


def test_a_year_that_is_no_year_is_said_with_its_row(book, town):
    edit(book, town.lang, closed="明年")
    with pytest.raises(InputError) as raised:
        read_ledger(book)
    assert [fault.rows for fault in raised.value.faults if fault.severity == "error"] == [("2",)]


def test_another_table_is_refused(tmp_path):
    path = tmp_path / "schools.csv"
    path.write_text("school_id,name\nS1,A\n", encoding="utf-8")
    with pytest.raises(InputError) as raised:
        read_ledger(path)
    assert [fault.code for fault in raised.value.faults] == ["not_a_ledger"]


@pytest.mark.parametrize("name", ["missing.xlsx", "missing.csv"])
def test_a_missing_file_is_said(tmp_path, name):
    with pytest.raises(InputError) as raised:
        read_ledger(tmp_path / name)
    assert [fault.code for fault in raised.value.faults] == ["missing_file"]


def test_a_damaged_workbook_is_said(tmp_path):
    path = tmp_path / "workbook.xlsx"
    path.write_bytes(b"no workbook")
    with pytest.raises(InputError):
        read_ledger(path)


def test_an_empty_ledger_reads_as_empty(town_zh, tmp_path):
    frames = {"ledger": town_zh.frames["ledger"].head(0)}
    write_workbook(frames, tmp_path / "w.xlsx", lang="zh")
    assert read_ledger(tmp_path / "w.xlsx").empty
