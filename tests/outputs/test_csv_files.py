"""CSV: text survives, formulas do not act, numbers come back."""

import csv

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from layoutplan.outputs.files import read_csv_file, write_csv_files

# Any text a spreadsheet can hold: no lone surrogates or control characters, which the checker refuses.
texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=30).filter(
    lambda value: value.strip() and value.strip() not in _NULL_WORDS,
)
_NULL_WORDS = {
    *(
        "",
        "#N/A",
        "#N/A N/A",
        "#NA",
        "-1.#IND",
        "-1.#QNAN",
        "-NaN",
        "-nan",
        "1.#IND",
        "1.#QNAN",
        "<NA>",
        "N/A",
    ),
    *("NA", "NULL", "NaN", "None", "n/a", "nan", "null"),
}


@given(names=st.lists(texts, min_size=1, max_size=8), numbers=st.data())
def test_saving_then_loading_is_the_identity(tmp_path_factory, names, numbers):
    values = numbers.draw(
        st.lists(st.integers(-(10**9), 10**9), min_size=len(names), max_size=len(names)),
    )
    # A letter in front keeps a column of digits a column of text.
    frame = pd.DataFrame({"name": [f"名{name}" for name in names], "pupils": values})
    folder = tmp_path_factory.mktemp("csv")
    (path,) = write_csv_files({"t": frame}, folder)
    back = read_csv_file(path)
    assert back["name"].tolist() == frame["name"].tolist()
    assert back["pupils"].tolist() == values


def test_a_text_that_looks_like_a_formula_is_disarmed_and_comes_back(tmp_path):
    dangerous = ["=1+1", "+cmd|' /C calc'!A0", "-2", "@SUM(A1)", "plain", "'quoted"]
    (path,) = write_csv_files({"t": pd.DataFrame({"name": dangerous})}, tmp_path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        cells = [row[0] for row in csv.reader(file)][1:]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    assert read_csv_file(path)["name"].tolist() == dangerous


def test_excel_sees_the_mark_of_utf8_and_the_bytes_repeat(tmp_path):
    frame = pd.DataFrame({"name": ["科学大道小学"], "share": [1 / 3]})
    first = write_csv_files({"t": frame}, tmp_path / "a")[0].read_bytes()
    second = write_csv_files({"t": frame}, tmp_path / "b")[0].read_bytes()
    assert first.startswith(b"\xef\xbb\xbf")
    assert first == second


def by_pandas(frame, path):
    """Write as pandas does, cell by cell."""
    frame.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n", float_format="%.10g")
    return path.read_text(encoding="utf-8-sig")


def test_the_same_cells_as_pandas_writes(tmp_path):
    frame = pd.DataFrame(
        {
            "名称": ["a,b", 'says "x"', "two\nlines", None],
            "text": pd.array(["一", None, " ", "x"], dtype="string"),
            "yes": [True, False, True, False],
            "maybe": pd.array([True, None, False, None], dtype="boolean"),
            "year": pd.array([2025, None, 2027, -1], dtype="Int64"),
            "count": [1, 2, 3, 4],
            "pupils": [1.5, np.nan, 1234567.891234, -0.25],
            "mixed": ["x", 1.5, None, 7],
            "kind": pd.Categorical(["a", "b", "a", None]),
        },
    )
    (path,) = write_csv_files({"t": frame}, tmp_path)
    assert path.read_text(encoding="utf-8-sig") == by_pandas(frame, tmp_path / "pandas.csv")


@given(st.lists(st.floats(allow_nan=False), min_size=1, max_size=30))
@example([-0.0])
def test_numbers_keep_ten_significant_digits(tmp_path_factory, values):
    folder = tmp_path_factory.mktemp("numbers")
    (path,) = write_csv_files({"t": pd.DataFrame({"n": values})}, folder)
    lines = path.read_text(encoding="utf-8-sig").splitlines()[1:]
    assert [float(line) for line in lines] == [
        pytest.approx(float(f"{value:.10g}"), rel=1.1e-10) for value in values
    ]
    assert not {"-0", "-0.0"} & set(lines)


def test_a_table_without_rows_has_its_head(tmp_path):
    (path,) = write_csv_files({"t": pd.DataFrame({"name": [], "pupils": []})}, tmp_path)
    assert path.read_text(encoding="utf-8-sig") == "name,pupils\n"
