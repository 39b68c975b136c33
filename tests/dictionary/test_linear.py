"""The work grows with the table, not with its square: eight times the size is far from 64 times the work."""

import time
from collections.abc import Callable

import pandas as pd
import pytest

from layoutplan.city.grid import frame_from_grid
from layoutplan.dictionary import check_frame, input_table
from layoutplan.dictionary.dates import read_date, read_year
from layoutplan.dictionary.headers import match_headers
from layoutplan.dictionary.scalars import read_flag, read_list, read_number, read_text
from layoutplan.dictionary.table_log import TableLog
from layoutplan.errors import FaultLog

TIMES = 8
MOST = 28.0
"""Between 8 (linear) and 64 (quadratic)."""
FLOOR_S = 0.004


def seconds(work: Callable[[], object]) -> float:
    """Return the least time of the processor that three calls take."""
    found = []
    for _ in range(3):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return min(found)


def assert_linear(work: Callable[[int], Callable[[], object]], size: int) -> None:
    small, large = seconds(work(size)), seconds(work(size * TIMES))
    assert large < MOST * max(small, FLOOR_S), (small, large)


HEADERS = {
    "unknown": lambda n: [f"天气{place}" for place in range(n)],
    "ages": lambda n: [f"age_{place}" for place in range(n)],
    "brackets": lambda n: [f"面积{place} ({'(' * 100}亩)" for place in range(n)],
    "blanks": lambda n: [f"x{place}{' ' * 200}y" for place in range(n)],
}


@pytest.mark.parametrize("kind", HEADERS)
def test_headers_are_matched_in_linear_time(kind):
    def work(size):
        headers = HEADERS[kind](size)
        log = TableLog(FaultLog(), "f", "units")
        return lambda: match_headers(headers, input_table("units"), columns={}, log=log)

    assert_linear(work, 200)


def test_one_header_as_long_as_a_cell_takes_no_time():
    table = input_table("units")
    for unit in (" ", "(", ")", "[", "x", "9", "年", "_", "-至"):
        header = "人口" + unit * (32_000 // len(unit)) + "!"
        log = TableLog(FaultLog(), "f", "units")
        assert (
            seconds(lambda header=header, log=log: match_headers([header], table, columns={}, log=log)) < 0.5
        ), unit


def test_tables_of_many_columns_are_checked_in_linear_time():
    def work(size):
        raw = pd.DataFrame({f"age_{place}": ["1", "2"] for place in range(size)}, index=[2, 3])
        return lambda: check_frame(raw, input_table("units"), file="f", log=FaultLog())

    assert_linear(work, 60)


def test_a_grid_of_many_columns_is_read_in_linear_time():
    def work(size):
        rows = [[f"c{place}" for place in range(size)], ["1"] * size]
        log = TableLog(FaultLog(), "f", "units")
        return lambda: frame_from_grid(rows, log=log, ragged_is_fault=True)

    assert_linear(work, 4_000)


READERS = {
    "text": lambda cell: read_text(cell, is_code=False),
    "code": lambda cell: read_text(cell, is_code=True),
    "number": lambda cell: read_number(cell, unit="pupils"),
    "year": read_year,
    "date": read_date,
    "flag": read_flag,
    "list": read_list,
}


@pytest.mark.parametrize("name", READERS)
def test_a_long_cell_takes_no_time(name):
    for start in ("", "1", "2025", "2025-1", "2025-1-1", "1,000", "x"):
        for unit in (" ", "\t ", "1", "1 ", "1,", ";", "、 ", "\n", "年", "１", "　"):
            for end in ("", "x", "\n"):
                cell = start + unit * (32_000 // len(unit)) + end
                begun = time.process_time()
                READERS[name](cell)
                assert time.process_time() - begun < 0.5, (start, unit, end)


def test_white_space_that_breaks_a_line_is_one_blank_and_other_stays():
    assert read_text("a \n  b  c\td \r\n", is_code=False) == "a b  c d"
