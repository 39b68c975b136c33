"""The run's tables as one XLSX workbook for an office."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from layoutplan.reports.archive import fix_dates
from layoutplan.reports.words import coded_word
from layoutplan.tables import Column, Table, result_table
from layoutplan.texts import Language, keys, text

SHEETS = (
    "city_balance",
    "district_balance",
    "catchment_balance",
    "school_balance",
    "flags",
    "ledger",
    "hotspots",
    "proposals",
    "siting_outcome",
)
"""Tables in the workbook, in reading order; the long ones (units, assignment) are CSV only."""

_FORMATS = {"share": "0.0%", "m": "#,##0", "m²": "#,##0", "currency": "#,##0"}
_HEAD_FILL = PatternFill("solid", fgColor="1F4E79")
_LONGEST_CELL = 32_767


def write_workbook(frames: Mapping[str, pd.DataFrame], path: Path, *, lang: Language) -> None:
    """Write the tables named in ``SHEETS`` to ``path``: a guide sheet, then one sheet a table.

    Headers are in ``lang`` with units, frozen and filtered; codes (stages, rules, outcomes) are written as
    words. Text is always stored as text, so that nothing from the data can act as a formula.
    """
    book = Workbook(write_only=True)
    present = [name for name in SHEETS if name in frames]
    _write_guide(book.create_sheet(text("report.guide", lang)), present, lang)
    for name in present:
        table = result_table(name)
        _write_sheet(book.create_sheet(table.title.of(lang)[:31]), table, frames[name], lang)
    book.save(path)
    fix_dates(path)


def _write_guide(sheet: WriteOnlyWorksheet, names: list[str], lang: Language) -> None:
    sheet.column_dimensions["A"].width = 24
    sheet.column_dimensions["B"].width = 26
    sheet.column_dimensions["C"].width = 14
    sheet.column_dimensions["D"].width = 90
    sheet.freeze_panes = "A2"
    titles = ("report.sheet", "report.column", "report.unit", "report.meaning")
    sheet.append([_head(sheet, text(title, lang)) for title in titles])
    for name in names:
        table = result_table(name)
        sheet.append(
            [_text_cell(sheet, cell) for cell in (table.title.of(lang), "", "", table.description.of(lang))]
        )
        for column in table.columns:
            row = ("", column.header.of(lang), _unit(column, lang), column.description.of(lang))
            sheet.append([_text_cell(sheet, cell) for cell in row])


def _write_sheet(sheet: WriteOnlyWorksheet, table: Table, frame: pd.DataFrame, lang: Language) -> None:
    sheet.freeze_panes = "A2"
    last = get_column_letter(len(table.columns))
    sheet.auto_filter.ref = f"A1:{last}{max(2, len(frame) + 1)}"
    for place, column in enumerate(table.columns, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = _width(column, frame, lang)
    sheet.append([_head(sheet, _title(column, lang)) for column in table.columns])
    columns = [frame[column.name].tolist() for column in table.columns]
    for values in zip(*columns, strict=True):
        sheet.append(
            [
                _cell(sheet, table, column, value, lang)
                for column, value in zip(table.columns, values, strict=True)
            ]
        )


def _title(column: Column, lang: Language) -> str:
    unit = _unit(column, lang)
    return f"{column.header.of(lang)} ({unit})" if unit and unit != "%" else column.header.of(lang)


def _unit(column: Column, lang: Language) -> str:
    key = f"report.units.{column.unit}"
    return text(key, lang) if column.unit and key in keys(key) else column.unit


def _width(column: Column, frame: pd.DataFrame, lang: Language) -> float:
    """Return a width that shows the header and the first rows, between 9 and 60 characters."""
    wide = 1.7 if lang == "zh" else 1.0
    lengths = frame[column.name].head(200).astype("string").str.len().dropna()
    longest = float(lengths.max()) if len(lengths) else 0.0
    factor = wide if column.dtype == "text" else 1.0
    return min(60.0, max(9.0, len(_title(column, lang)) * wide + 3, longest * factor + 2))


def _head(sheet: WriteOnlyWorksheet, title: str) -> Cell:
    cell = _text_cell(sheet, title)
    cell.font = Font(bold=True, color="FFFFFF")
    cell.fill = _HEAD_FILL
    cell.alignment = Alignment(vertical="center", wrap_text=True)
    return cell


def _text_cell(sheet: WriteOnlyWorksheet, value: str) -> Cell:
    """Make a cell of text, whatever the text looks like."""
    cell = WriteOnlyCell(sheet)
    cell.value = _without_controls(value)[:_LONGEST_CELL]
    cell.data_type = "s"
    cell.quotePrefix = value.startswith(("=", "+", "-", "@"))
    return cell


def _without_controls(value: str) -> str:
    """Drop control characters, which XML can not hold."""
    return "".join(character for character in value if character >= " " or character in "\n\t")


def _cell(
    sheet: WriteOnlyWorksheet, table: Table, column: Column, value: object, lang: Language
) -> Cell | None:
    if value is None or value is pd.NA or (isinstance(value, float) and value != value):  # noqa: PLR0124  nan
        return None
    if isinstance(value, str):
        return _text_cell(sheet, coded_word(table.name, column.name, value, lang))
    if isinstance(value, bool):
        return _text_cell(sheet, text("report.yes" if value else "report.no", lang))
    cell = WriteOnlyCell(sheet, value=value)
    cell.number_format = _number_format(column)
    return cell


def _number_format(column: Column) -> str:
    if column.dtype == "year":
        return "0"
    if column.unit in _FORMATS:
        return _FORMATS[column.unit]
    return (
        "#,##0"
        if column.dtype == "integer" or column.unit in {"seats", "pupils", "children"}
        else "#,##0.###"
    )
