"""Cells of the workbook: text that stays text, numbers with their format."""

from __future__ import annotations

from typing import Final

import pandas as pd
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from layoutplan.reports.words import coded_word
from layoutplan.tables import Column, Table
from layoutplan.texts import Language, text

_FORMATS: Final = {"share": "0.0%", "m": "#,##0", "m²": "#,##0", "currency": "#,##0"}
_HEAD_FILL: Final = PatternFill("solid", fgColor="1F4E79")
_LONGEST_CELL: Final = 32_767


def head_cell(sheet: WriteOnlyWorksheet, title: str) -> Cell:
    """Make a cell of a header row."""
    cell = text_cell(sheet, title)
    cell.font = Font(bold=True, color="FFFFFF")
    cell.fill = _HEAD_FILL
    cell.alignment = Alignment(vertical="center", wrap_text=True)
    return cell


def text_cell(sheet: WriteOnlyWorksheet, value: str) -> Cell:
    """Make a cell of text, whatever the text looks like."""
    cell = WriteOnlyCell(sheet)
    cell.value = _without_controls(value)[:_LONGEST_CELL]
    cell.data_type = "s"
    cell.quotePrefix = value.startswith(("=", "+", "-", "@"))
    return cell


def _without_controls(value: str) -> str:
    """Drop control characters, which XML can not hold."""
    return "".join(character for character in value if character >= " " or character in "\n\t")


def table_cell(
    sheet: WriteOnlyWorksheet, table: Table, column: Column, value: object, lang: Language
) -> Cell | None:
    """Make the cell of a table's value: codes as words, numbers with their format; ``None`` for no value."""
    if value is None or value is pd.NA or (isinstance(value, float) and value != value):  # noqa: PLR0124  nan
        return None
    if isinstance(value, str):
        return text_cell(sheet, coded_word(table.name, column.name, value, lang))
    if isinstance(value, bool):
        return text_cell(sheet, text("report.yes" if value else "report.no", lang))
    cell = WriteOnlyCell(sheet, value=value)
    cell.number_format = number_format(column)
    return cell


def number_format(column: Column) -> str:
    """Return the number format of a column by its kind and unit."""
    if column.dtype == "year":
        return "0"
    if column.unit in _FORMATS:
        return _FORMATS[column.unit]
    return (
        "#,##0"
        if column.dtype == "integer" or column.unit in {"seats", "pupils", "children"}
        else "#,##0.###"
    )
