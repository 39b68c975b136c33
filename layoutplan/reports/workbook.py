"""The run's tables as one XLSX workbook for an office."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from layoutplan.reports.archive import fix_dates
from layoutplan.reports.style import load_style
from layoutplan.reports.workbook_cells import head_cell, table_cell, text_cell
from layoutplan.reports.workbook_length import MOST_ROWS, Fitted, fit_rows
from layoutplan.reports.workbook_rules import (
    add_choices,
    add_colours,
    colour_status,
    entry_fill,
    is_entry,
    set_print,
)
from layoutplan.reports.workbook_summary import write_summary_sheet
from layoutplan.tables import Column, Table, result_table
from layoutplan.texts import Language, keys, text

SHEETS = (
    "scorecard",
    "target_progress",
    "profile_comparison",
    "city_balance",
    "total_bands",
    "peaks",
    "district_balance",
    "coverage",
    "access_inequality",
    "access_by_place",
    "catchment_balance",
    "school_balance",
    "school_indicators",
    "flags",
    "ledger",
    "hotspots",
    "estate_gaps",
    "order_breaches",
    "closure_walks",
    "programme",
    "programme_totals",
    "unsafe_walks",
    "proposals",
    "siting_outcome",
)
"""Tables in the workbook, in reading order; the long ones (units, assignment) are CSV only."""

_WIDE = 40.0


def write_workbook(
    frames: Mapping[str, pd.DataFrame],
    path: Path,
    *,
    lang: Language,
    summary: Mapping[str, Any] | None = None,
    most_rows: int = MOST_ROWS,
) -> None:
    """Write the tables named in ``SHEETS`` to ``path``: a summary, a guide, then one sheet a table.

    Headers are in ``lang`` with units, frozen and filtered; codes (stages, rules, outcomes) are written as
    words; shortages, utilisation and severity are coloured by value; every sheet prints on A4. Text is always
    stored as text, so that nothing from the data can act as a formula. The ledger has lists and limits in the
    cells an office fills in, and can be read back with :func:`~layoutplan.reports.ledger_file.read_ledger`.

    Parameters
    ----------
    summary
        Headline figures, as ``summary.json`` holds them; without them there is no summary sheet.
    most_rows
        Of a longer table the workbook has the base and the target year, or nothing; the guide says so, and
        that the CSV has all of it. The ledger is always whole.
    """
    book = Workbook(write_only=True)
    years = [summary[name] for name in ("base_year", "target_year")] if summary else []
    fitted = fit_rows(
        {name: frames[name] for name in SHEETS if name in frames}, years=years, most_rows=most_rows
    )
    if "ledger" in fitted:
        fitted["ledger"] = Fitted(frames["ledger"], "whole")
    if summary is not None:
        write_summary_sheet(book.create_sheet(text("report.summary.sheet", lang)), frames, summary, lang)
    _write_guide(book.create_sheet(text("report.guide", lang)), fitted, lang)
    for name, rows in fitted.items():
        if rows.how == "left_out":
            continue
        table = _shown(name)
        sheet = book.create_sheet(table.title.of(lang)[:31])
        _dress_sheet(sheet, table, rows=len(rows.frame), lang=lang)
        _write_sheet(sheet, table, rows.frame, lang)
    book.save(path)
    fix_dates(path)


def _shown(name: str) -> Table:
    """Return a table as a reader of one language wants it: without the translations."""
    table = result_table(name)
    columns = tuple(column for column in table.columns if not column.name.endswith("_translated"))
    return replace(table, columns=columns)


def _dress_sheet(sheet: WriteOnlyWorksheet, table: Table, *, rows: int, lang: Language) -> None:
    """Set colours, choices and the printed page."""
    style = load_style()
    add_colours(sheet, table, rows=rows, style=style)
    set_print(sheet, columns=len(table.columns), title=table.title.of(lang))
    if table.name == "ledger":
        add_choices(sheet, table, rows=rows, lang=lang)
        letter = get_column_letter(table.column_names.index("status") + 1)
        colour_status(sheet, f"{letter}2:{letter}{max(2, rows + 1)}", lang, style=style)


def _write_guide(sheet: WriteOnlyWorksheet, tables: Mapping[str, Fitted], lang: Language) -> None:
    sheet.column_dimensions["A"].width = 24
    sheet.column_dimensions["B"].width = 26
    sheet.column_dimensions["C"].width = 14
    sheet.column_dimensions["D"].width = 90
    sheet.freeze_panes = "A2"
    set_print(sheet, columns=4, title=text("report.guide", lang))
    titles = ("report.sheet", "report.column", "report.unit", "report.meaning")
    sheet.append([head_cell(sheet, text(title, lang)) for title in titles])
    for name, rows in tables.items():
        table = _shown(name)
        says = table.description.of(lang)
        if rows.how != "whole":
            says += text(f"report.guide_{rows.how}", lang, file=f"tables/{name}.csv")
        sheet.append([text_cell(sheet, cell) for cell in (table.title.of(lang), "", "", says)])
        for column in table.columns:
            row = ("", column.header.of(lang), _unit(column, lang), column.description.of(lang))
            sheet.append([text_cell(sheet, cell) for cell in row])


def _write_sheet(sheet: WriteOnlyWorksheet, table: Table, frame: pd.DataFrame, lang: Language) -> None:
    sheet.freeze_panes = "A2"
    last = get_column_letter(len(table.columns))
    sheet.auto_filter.ref = f"A1:{last}{max(2, len(frame) + 1)}"
    for place, column in enumerate(table.columns, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = _width(column, frame, lang)
    sheet.append([head_cell(sheet, _title(column, lang)) for column in table.columns])
    columns = [frame[column.name].tolist() for column in table.columns]
    fill = entry_fill(load_style())
    for values in zip(*columns, strict=True):
        cells: list[Cell | None] = []
        for column, value in zip(table.columns, values, strict=True):
            cell = table_cell(sheet, table, column, value, lang)
            if is_entry(table, column.name):
                cell = cell or WriteOnlyCell(sheet)
                cell.fill = fill
            if cell is not None and sheet.column_dimensions[get_column_letter(len(cells) + 1)].width > _WIDE:
                cell.alignment = Alignment(wrap_text=True, vertical="top")
            cells.append(cell)
        sheet.append(cells)


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
