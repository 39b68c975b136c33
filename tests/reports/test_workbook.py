"""The workbook: readable headers, safe text, the same bytes."""

import openpyxl
import pandas as pd
import pytest

from layoutplan.reports import write_workbook
from layoutplan.tables import result_table


def frame(name, **values):
    columns = result_table(name).column_names
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
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
