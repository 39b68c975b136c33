"""Cells of the workbook: texts that never act as formulas, numbers with their format."""

from __future__ import annotations

from typing import Final

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils.indexed_list import IndexedList
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from layoutplan.dictionary import Column, Table
from layoutplan.outputs.words import coded_word
from layoutplan.texts import Language, text

FONT: Final = "Microsoft YaHei"
"""The font of every cell: on every Windows and in every Office for Mac, with Chinese and Latin letters; other
programs know by its name which of their own fonts to take."""

FONT_SIZE: Final = 10
_FORMATS: Final = {"share": "0.0%", "m": "#,##0", "m²": "#,##0", "m2": "#,##0", "currency": "#,##0"}
UNIT_COLUMNS: Final = {
    "need": "need_unit",
    **dict.fromkeys(
        ("value", "threshold", "margin", "standard", "target", "path", "gap", "per_year", "expected_gap"),
        "unit",
    ),
}
"""Columns whose unit stands in another column of the same row, where the table has that."""

_PEOPLE: Final = frozenset({"seats", "pupils", "children"})
_CHINESE: Final = 134  # character set of the font: GB 2312
_TEXT: Final = Alignment(horizontal="left", vertical="top", indent=1)
_WRAPPED: Final = Alignment(horizontal="left", vertical="top", indent=1, wrap_text=True)
_YEAR: Final = Alignment(horizontal="center", vertical="top")
_FIGURE: Final = Alignment(vertical="top")
_HEAD_FILL: Final = PatternFill("solid", fgColor="1F4E79")
_LONGEST_CELL: Final = 32_767


def set_font(book: Workbook) -> None:
    """Set the font of every cell that names none itself.

    Parameters
    ----------
    book
        The workbook.
    """
    plain = workbook_font()
    # openpyxl offers no other way to change the font of a new workbook, which has Calibri first in its list.
    book._fonts = IndexedList([plain])  # noqa: SLF001
    book._named_styles["Normal"].font = plain  # noqa: SLF001


def workbook_font(*, size: float = FONT_SIZE, bold: bool = False, color: str | None = None) -> Font:
    """Return the font of the workbook.

    Parameters
    ----------
    size
        Points.
    bold
        Whether it is bold.
    color
        Hexadecimal colour; ``None`` for the default.

    Returns
    -------
    Font
        The font.
    """
    return Font(name=FONT, charset=_CHINESE, family=2, size=size, bold=bold, color=color)


def head_cell(sheet: WriteOnlyWorksheet, title: str) -> Cell:
    """Return a cell of a header row.

    Parameters
    ----------
    sheet
        The sheet.
    title
        Text of the cell.

    Returns
    -------
    Cell
        The cell, not yet appended.
    """
    cell = text_cell(sheet, title)
    cell.font = workbook_font(bold=True, color="FFFFFF")
    cell.fill = _HEAD_FILL
    cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    return cell


def text_cell(sheet: WriteOnlyWorksheet, value: str, *, wrap: bool = False) -> Cell:
    """Return a cell that stays text even where it looks like a formula.

    Parameters
    ----------
    sheet
        The sheet.
    value
        The text; cut at the longest text a cell can hold.
    wrap
        Whether long text is broken into lines.

    Returns
    -------
    Cell
        The cell, not yet appended.
    """
    cell = WriteOnlyCell(sheet)
    cell.value = _without_controls(value)[:_LONGEST_CELL]
    cell.data_type = "s"
    cell.quotePrefix = value.startswith(("=", "+", "-", "@"))
    cell.alignment = _WRAPPED if wrap else _TEXT
    return cell


def _without_controls(value: str) -> str:
    """Drop control characters, which XML can not hold."""
    return "".join(character for character in value if character >= " " or character in "\n\t")


def table_cell(
    sheet: WriteOnlyWorksheet,
    table: Table,
    column: Column,
    value: object,
    lang: Language,
    *,
    unit: object = None,
    wrap: bool = False,
) -> Cell | None:
    """Return the cell of a table's value: codes as words, numbers with their format.

    Parameters
    ----------
    sheet
        The sheet.
    table
        The table in the data dictionary.
    column
        The column in the data dictionary.
    value
        The value.
    lang
        Language of the words.
    unit
        Unit of the row, where ``UNIT_COLUMNS`` names its column.
    wrap
        Whether long text is broken into lines.

    Returns
    -------
    Cell | None
        The cell, not yet appended; ``None`` where missing.
    """
    if is_empty(value):
        return None
    if isinstance(value, (str, bool)):
        return text_cell(sheet, shown_text(table, column, value, lang), wrap=wrap)
    cell = WriteOnlyCell(sheet, value=value)
    cell.number_format = number_format(column, value, unit=unit)
    cell.alignment = _YEAR if column.dtype == "year" else _FIGURE
    return cell


def is_empty(value: object) -> bool:
    """Return whether a frame's cell is missing.

    Parameters
    ----------
    value
        The cell.

    Returns
    -------
    bool
        True for ``None``, ``NA`` and nan.
    """
    return value is None or value is pd.NA or (isinstance(value, float) and value != value)  # noqa: PLR0124  nan


def shown_text(table: Table, column: Column, value: str | bool, lang: Language) -> str:  # noqa: FBT001  a frame's cell
    """Return a text as the workbook shows it: codes as words, truth values as yes and no.

    Parameters
    ----------
    table
        The table in the data dictionary.
    column
        The column in the data dictionary.
    value
        The value.
    lang
        Language of the words.

    Returns
    -------
    str
        The text.
    """
    if isinstance(value, bool):
        return text("report.yes" if value else "report.no", lang)
    return coded_word(table.name, column.name, value, lang)


def number_format(column: Column, value: object, *, unit: object = None) -> str:
    """Return the number format of a value by the unit of its row, else of its column.

    Whole numbers show no decimal point; other numbers without a unit show up to three decimals.

    Parameters
    ----------
    column
        The column in the data dictionary.
    value
        The value.
    unit
        Unit of the row; anything but text means the column's.

    Returns
    -------
    str
        Format code of Excel.
    """
    if column.dtype == "year":
        return "0"
    kind = unit if isinstance(unit, str) else column.unit
    if kind.startswith("share"):
        return _FORMATS["share"]
    if kind in _FORMATS:
        return _FORMATS[kind]
    if column.dtype == "integer" or kind in _PEOPLE:
        return "#,##0"
    shown = round(float(value), 3) if isinstance(value, (int, float)) else 0.5
    return "#,##0" if shown == round(shown) else "#,##0.###"
