"""Column widths of the workbook, from the values and the header."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from itertools import islice
from typing import Final

import pandas as pd
from openpyxl.cell import Cell
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from layoutplan.dictionary import Column, Table
from layoutplan.outputs.workbook.cells import is_empty, number_format, shown_text
from layoutplan.texts import Language

WIDEST: Final = 50.0
"""Characters; longer text is broken into lines."""

HEAD_HEIGHT: Final = 46.0
"""Points of a header row: up to three lines, wrapped."""

_LONG: Final = 200.0  # characters; a column of such texts is wider, lest its rows fill a screen
_WIDEST_LONG: Final = 80.0
_NARROWEST: Final = 6.0
_ROOM: Final = 2.5  # the cell's edges and indent
_FILTER: Final = 2.5  # the arrow in the header
_LOOKED_AT: Final = 300  # different values of a column
_LINE: Final = 14.0  # points
_HIGHEST: Final = 400.0  # points; a row can not be higher than 409
_WIDE_LETTERS: Final = ("W", "F")


def column_width(table: Table, column: Column, values: pd.Series, *, title: str, lang: Language) -> float:
    """Return the width of a column, in characters, from its values and its title on up to three lines.

    Parameters
    ----------
    table
        The table in the data dictionary.
    column
        The column in the data dictionary.
    values
        The values; the first few hundred different ones are measured.
    title
        Title of the column.
    lang
        Language of the words.

    Returns
    -------
    float
        Characters.
    """
    shown = (
        shown_width(_as_shown(table, column, value, lang))
        for value in islice(values.drop_duplicates(), _LOOKED_AT)
        if not is_empty(value)
    )
    widest = max(shown, default=0.0) + _ROOM
    limit = _WIDEST_LONG if widest > _LONG else WIDEST
    return min(limit, max(_NARROWEST, _head_width(title), widest))


def fit_height(
    sheet: WriteOnlyWorksheet, cells: Sequence[Cell | None], widths: Sequence[float], *, row: int
) -> None:
    """Set the height of a row, before it is appended, to its broken text; not every program does so itself.

    Parameters
    ----------
    sheet
        The sheet.
    cells
        Cells of the row.
    widths
        Widths of the columns, characters.
    row
        Number of the row, counted from 1.
    """
    lines = [_lines(cell, width) for cell, width in zip(cells, widths, strict=True) if cell is not None]
    if max(lines, default=1) > 1:
        sheet.row_dimensions[row].height = min(_HIGHEST, max(lines) * _LINE)


def _lines(cell: Cell, width: float) -> int:
    """Return how many lines a cell's text takes, broken at any letter."""
    if cell.data_type != "s" or not cell.alignment.wrap_text:
        return 1
    room = max(1.0, width - _ROOM / 2)
    return sum(max(1, math.ceil(shown_width(line) / room)) for line in str(cell.value).split("\n"))


def shown_width(words: str) -> float:
    """Return the width of a text in digits; a Chinese character counts two.

    Parameters
    ----------
    words
        The text.

    Returns
    -------
    float
        Digits.

    Examples
    --------
    >>> shown_width("2025"), shown_width("学位"), shown_width("学位2")
    (4.0, 4.0, 5.0)
    """
    return float(sum(2 if unicodedata.east_asian_width(letter) in _WIDE_LETTERS else 1 for letter in words))


def _head_width(title: str) -> float:
    """Return a width that shows a title on two lines, its unit on a third, and breaks no Latin word."""
    name, _, unit = title.partition("\n")
    words = max((shown_width(word) for word in title.split() if word.isascii()), default=0.0)
    return max(words, shown_width(name) / 2, shown_width(unit)) + _FILTER


def _as_shown(table: Table, column: Column, value: object, lang: Language) -> str:
    if isinstance(value, (str, bool)):
        return max(shown_text(table, column, value, lang).splitlines() or [""], key=shown_width)
    pattern = number_format(column, value)
    if column.dtype == "year" or not isinstance(value, (int, float)):
        return str(value)
    if pattern.endswith("%"):
        return f"{value:.1%}"
    return f"{value:,.3f}" if "." in pattern else f"{value:,.0f}"
