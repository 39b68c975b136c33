"""The run's tables as one XLSX workbook for an office."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from layoutplan.dictionary import Column, Table, result_table
from layoutplan.outputs.files.archive import fix_dates
from layoutplan.outputs.files.digits import with_written_digits
from layoutplan.outputs.layout_titles import listed_layouts
from layoutplan.outputs.style import load_style
from layoutplan.outputs.wording import currency_name
from layoutplan.outputs.words import coded_word, input_columns
from layoutplan.outputs.workbook.cells import (
    UNIT_COLUMNS,
    head_cell,
    set_font,
    table_cell,
    text_cell,
    workbook_font,
)
from layoutplan.outputs.workbook.formatting import (
    add_choices,
    add_colours,
    colour_status,
    entry_fill,
    is_entry,
    set_print,
)
from layoutplan.outputs.workbook.length import MOST_ROWS, Fitted, fit_rows
from layoutplan.outputs.workbook.summary import write_summary_sheet
from layoutplan.outputs.workbook.widths import HEAD_HEIGHT, WIDEST, column_width, fit_height
from layoutplan.standards import Schooling
from layoutplan.texts import Language, has_text, other_language, text

_MONEY: Final = ("currency", "currency/pupil")
_LEFT_OUT: Final = (("profile_comparison", "profile"),)
"""Columns that are codes of what the column beside them names."""

SHEETS = (
    "answers",
    "risks",
    "layouts",
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
    "zoned_city",
    "zoned_catchment",
    "zoned_school",
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
    "plan_programme",
    "measures",
    "measure_years",
    "plan_costs",
    "remedies",
    "remedy_totals",
    "plan_zoned",
    "plan_audit",
    "plan_lacking",
    "plan_relaxations",
    "zoning_outcome",
    "zoning_changes",
    "zoning_moves",
    "zoning_feeders",
)
"""Tables in the workbook, in reading order; the long ones (units, assignment) are CSV only."""

_GUIDE_WIDTHS: Final = (26.0, 28.0, 16.0, 84.0)


def write_workbook(
    frames: Mapping[str, pd.DataFrame],
    path: Path,
    *,
    lang: Language,
    schooling: Schooling | None = None,
    summary: Mapping[str, Any] | None = None,
    most_rows: int = MOST_ROWS,
) -> None:
    """Write the tables named in ``SHEETS`` to ``path``: a summary, a guide, then one sheet a table.

    Headers are in ``lang`` with units, frozen and filtered; codes (stages, rules, outcomes) are written as
    words; rules that do not apply are left out; shortages, utilisation and severity are coloured by value;
    every sheet prints as wide as its page.
    Text is always stored as text, so that nothing from the data can act as a formula. The ledger has lists
    and limits in the cells an office fills in, and can be read back with
    :func:`~layoutplan.outputs.files.ledger_file.read_ledger`.

    Parameters
    ----------
    frames
        Result tables by name.
    path
        The XLSX file to write.
    lang
        Language of the workbook.
    schooling
        Stages of the columns; those of the national profile if none is given.
    summary
        Content of ``summary.json``, with the city's ``name`` in this language; without it there is no summary
        sheet.
    most_rows
        Largest number of rows of a sheet. A longer table has the rows of base and target year, or is left
        out; the guide says so. The ledger is always whole.
    """
    book = Workbook(write_only=True)
    set_font(book)
    years = [summary[name] for name in ("base_year", "target_year")] if summary else []
    frames = {name: with_written_digits(frames[name]) for name in SHEETS if name in frames}
    if "scorecard" in frames:
        lines = frames["scorecard"]
        frames["scorecard"] = lines[lines["status"] != "does_not_apply"]
    fitted = fit_rows(frames, years=years, most_rows=most_rows)
    currency = currency_name(summary["currency"], lang) if summary else ""
    stages = summary["stages"] if summary else ()
    named = partial(input_columns, lang=lang, schooling=schooling, stages=stages)
    fitted = {
        name: replace(rows, frame=_worded(_titled(rows.frame, frames, lang), named, currency, lang))
        for name, rows in fitted.items()
    }
    if "ledger" in fitted:
        fitted["ledger"] = Fitted(frames["ledger"], "whole")
    if summary is not None:
        write_summary_sheet(book.create_sheet(text("report.summary.sheet", lang)), frames, summary, lang)
    tables = {name: _shown(name, schooling, lang, currency) for name in fitted}
    _write_guide(book.create_sheet(text("report.guide", lang)), tables, fitted, lang)
    for name, rows in fitted.items():
        if rows.how == "left_out":
            continue
        table = tables[name]
        sheet = book.create_sheet(table.title.of(lang)[:31])
        _dress_sheet(sheet, table, rows=len(rows.frame), lang=lang)
        _write_sheet(sheet, table, rows.frame, lang)
    book.save(path)
    fix_dates(path)


def _titled(frame: pd.DataFrame, frames: Mapping[str, pd.DataFrame], lang: Language) -> pd.DataFrame:
    """Return a table with the titles of layouts that have no word of their own in place of their ids."""
    if "layout" not in frame or "title_en" in frame:
        return frame
    titles = {one.id: one.title[lang] for one in listed_layouts(frames) if not _has_word(one.id)}
    return frame.assign(layout=frame["layout"].astype("string").replace(titles)) if titles else frame


def _worded(frame: pd.DataFrame, named: Callable[[str], str], currency: str, lang: Language) -> pd.DataFrame:
    """Return a table with input columns and the currency called by their names."""
    told = {
        column: frame[column].map(named, na_action="ignore")
        for column in ("missing", "source")
        if column in frame
    }
    for column in {"unit", "need_unit"} & {*frame.columns} if currency else ():
        money = {code: _in_currency(coded_word("", column, code, lang), currency, lang) for code in _MONEY}
        told[column] = frame[column].astype(object).replace(money)
    return frame.assign(**told)


def _in_currency(unit: str, currency: str, lang: Language) -> str:
    """Return a unit in words with the currency itself in place of "currency of the profile"."""
    return unit.replace(text("report.units.currency", lang), currency) if currency else unit


def _has_word(layout: str) -> bool:
    return has_text(f"report.codes.layout.{layout}")


def _shown(name: str, schooling: Schooling | None, lang: Language, currency: str) -> Table:
    """Return a table without the columns of the other language, its money in the currency."""
    table = result_table(name, schooling)
    other = ("_translated", f"_{other_language(lang)}")
    columns = tuple(
        replace(column, unit=_in_currency(_unit(column, lang), currency, lang))
        if column.unit in _MONEY
        else column
        for column in table.columns
        if not column.name.endswith(other) and (name, column.name) not in _LEFT_OUT
    )
    return replace(table, columns=columns)


def _dress_sheet(sheet: WriteOnlyWorksheet, table: Table, *, rows: int, lang: Language) -> None:
    """Set fills, drop-down lists and the page setup."""
    style = load_style()
    add_colours(sheet, table, rows=rows, style=style)
    set_print(sheet, columns=len(table.columns), title=table.title.of(lang))
    if table.name == "ledger":
        add_choices(sheet, table, rows=rows, lang=lang)
        letter = get_column_letter(table.column_names.index("status") + 1)
        colour_status(sheet, f"{letter}2:{letter}{max(2, rows + 1)}", lang, style=style)


def _write_guide(
    sheet: WriteOnlyWorksheet, tables: Mapping[str, Table], rows_of: Mapping[str, Fitted], lang: Language
) -> None:
    for letter, width in zip("ABCD", _GUIDE_WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    set_print(sheet, columns=len(_GUIDE_WIDTHS), title=text("report.guide", lang))
    titles = ("report.sheet", "report.column", "report.unit", "report.meaning")
    sheet.append([head_cell(sheet, text(title, lang)) for title in titles])
    rows: list[tuple[str, str, str, str]] = []
    for name, fitted in rows_of.items():
        table = tables[name]
        says = table.description.of(lang)
        if fitted.how != "whole":
            says += text(f"report.guide_{fitted.how}", lang, file=f"tables/{name}.csv")
        rows.append((table.title.of(lang), "", "", says))
        rows += [
            ("", column.header.of(lang), _unit(column, lang), column.description.of(lang))
            for column in table.columns
        ]
    for place, row in enumerate(rows):
        cells = [text_cell(sheet, words, wrap=True) for words in row]
        if row[0]:
            for cell in cells:
                cell.font = workbook_font(bold=True)
        fit_height(sheet, cells, _GUIDE_WIDTHS, row=place + 2)
        sheet.append(cells)


def _write_sheet(sheet: WriteOnlyWorksheet, table: Table, frame: pd.DataFrame, lang: Language) -> None:
    sheet.freeze_panes = "A2"
    sheet.row_dimensions[1].height = HEAD_HEIGHT
    last = get_column_letter(len(table.columns))
    sheet.auto_filter.ref = f"A1:{last}{max(2, len(frame) + 1)}"
    titles = [_title(column, lang) for column in table.columns]
    widths = [
        column_width(table, column, frame[column.name], title=title, lang=lang)
        for column, title in zip(table.columns, titles, strict=True)
    ]
    for place, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.append([head_cell(sheet, title) for title in titles])
    columns = [frame[column.name].tolist() for column in table.columns]
    units = [_units(frame, column) for column in table.columns]
    fill = entry_fill(load_style())
    for place, (values, of) in enumerate(
        zip(zip(*columns, strict=True), zip(*units, strict=True), strict=True)
    ):
        cells: list[Cell | None] = []
        for column, value, unit, width in zip(table.columns, values, of, widths, strict=True):
            cell = table_cell(sheet, table, column, value, lang, unit=unit, wrap=width >= WIDEST)
            if is_entry(table, column.name):
                cell = cell or WriteOnlyCell(sheet)
                cell.fill = fill
            cells.append(cell)
        fit_height(sheet, cells, widths, row=place + 2)
        sheet.append(cells)


def _units(frame: pd.DataFrame, column: Column) -> list[Any]:
    """Return the unit of every row of a column, None where the column's own holds."""
    told_by = UNIT_COLUMNS.get(column.name)
    return frame[told_by].tolist() if told_by in frame.columns else [None] * len(frame)


def _title(column: Column, lang: Language) -> str:
    """Return the head of a column, its unit on a line of its own."""
    unit, name = _unit(column, lang), column.header.of(lang)
    return f"{name}\n{text('report.unit_line', lang, unit=unit)}" if unit not in {"", "%"} else name


def _unit(column: Column, lang: Language) -> str:
    key = f"report.units.{column.unit}"
    return text(key, lang) if column.unit and has_text(key) else column.unit
