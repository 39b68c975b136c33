"""Input templates: a CSV file for each table, and one workbook with a sheet for each."""

from __future__ import annotations

import csv
import os
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final, Literal

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from layoutplan.dictionary.dates import YEARS
from layoutplan.dictionary.describe import choice_labels, explain, template_columns
from layoutplan.dictionary.loader import given_tables
from layoutplan.dictionary.schema import Column, Table
from layoutplan.errors import FaultLog
from layoutplan.standards import Schooling
from layoutplan.texts import Language, text

TemplateFormat = Literal["csv", "xlsx"]
TEMPLATE_WORKBOOK: Final = "tables.xlsx"

_ROWS: Final = 5000  # rows of a sheet with validation lists and formats
_WIDTHS: Final = (10, 28)
_DARK: Final = PatternFill("solid", fgColor="1F4E79")
_LIGHT: Final = PatternFill("solid", fgColor="DDEBF7")
_FOLDED: Final = PatternFill("solid", fgColor="EDEDED")
_GREY: Final = Font(color="808080", italic=True)
_SAMPLE: Final = {"age": "5", "from": "0", "to": "4"}  # numbers for the example header of a column family
_GUIDE: Final = ("rows", "required", "comments", "headers", "ids", "geometry", "plan")


def write_templates(
    folder: Path,
    schooling: Schooling | None = None,
    *,
    lang: Language,
    formats: Collection[TemplateFormat] = ("csv", "xlsx"),
) -> list[Path]:
    """Write templates of the input tables: headers in ``lang`` and one example row that passes the check.

    Tables of areas and lines are in the workbook only (their rows need a format with geometry); the others
    also as CSV, in UTF-8 with a byte order mark, so that Excel recognises the encoding.

    Parameters
    ----------
    folder
        Created if it does not exist.
    schooling
        Stages of the columns; those of the national profile if none is given.
    lang
        Language of headers and comments.
    formats
        File formats to write.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    InputError
        If one of the files exists (nothing is written then), or the folder cannot be written to.
    """
    tables = given_tables(schooling)
    shapeless = [table for table in tables.values() if table.geometry not in ("line", "polygon")]
    csv_files = {folder / f"{table.name}.csv": table for table in shapeless} if "csv" in formats else {}
    workbooks = [folder / TEMPLATE_WORKBOOK] if "xlsx" in formats else []
    log = FaultLog()
    existing = [path.name for path in (*csv_files, *workbooks) if os.path.lexists(path)]
    if existing:
        log.add("template_exists", file=str(folder), names=", ".join(existing))
    log.raise_if_errors()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, table in csv_files.items():
            _write_csv(path, table, lang)
        for path in workbooks:
            _workbook(tables.values(), lang).save(path)
    except OSError as error:
        log.add("template_not_written", file=str(folder), reason=error.strerror or str(error))
        log.raise_if_errors()
    return [*csv_files, *workbooks]


def example_row(table: Table, lang: Language) -> list[str]:
    """Return the example row of a template.

    Parameters
    ----------
    table
        Definition of the table.
    lang
        Language of the values.

    Returns
    -------
    list of str
        One value per template column, empty where there is none.
    """
    return [column.example.of(lang) if column.example else "" for column in template_columns(table)]


def _write_csv(path: Path, table: Table, lang: Language) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([column.header.of(lang) for column in template_columns(table)])
        writer.writerow(example_row(table, lang))


def _workbook(tables: Collection[Table], lang: Language) -> Workbook:
    book = Workbook()
    guide = book.active
    guide.title = text("tables.guide", lang)
    _fill_guide(guide, tables, lang)
    lists = _Lists(book.create_sheet(text("tables.lists", lang)))
    for table in _needed_first(tables):
        _fill_sheet(book.create_sheet(table.title.of(lang)), table, lang, lists=lists)
    book.move_sheet(lists.sheet, len(book.sheetnames))
    lists.sheet.sheet_state = "hidden"
    return book


def _needed_first(tables: Collection[Table]) -> list[Table]:
    return sorted(tables, key=lambda table: not table.required)


def _fill_guide(sheet: Worksheet, tables: Collection[Table], lang: Language) -> None:
    sheet.append([text("tables.guide_title", lang)])
    sheet["A1"].font = Font(bold=True, size=14)
    for place, line in enumerate(_GUIDE, start=1):
        sheet.append([f"{place}. {text(f'tables.guide_{line}', lang)}"])
    sheet.append([])
    sheet.append([text(f"tables.guide_{word}", lang) for word in ("table", "need", "what")])
    for cell in sheet[sheet.max_row]:
        cell.font, cell.fill = Font(bold=True, color="FFFFFF"), _DARK
    for table in _needed_first(tables):
        need = text("tables.needed" if table.required else "tables.optional", lang)
        sheet.append([table.title.of(lang), need, " ".join(_content(table, lang))])
        sheet.cell(sheet.max_row, 1).hyperlink = f"#'{table.title.of(lang)}'!A1"
    for letter, width in (("A", 22), ("B", 14), ("C", 110)):
        sheet.column_dimensions[letter].width = width


def _content(table: Table, lang: Language) -> Iterator[str]:
    yield table.description.of(lang)
    if table.patterns:
        names = ", ".join(column.header.of(lang).format_map(_SAMPLE) for column in table.patterns)
        yield text("tables.guide_more", lang, headers=names)


class _Lists:
    """The hidden sheet of choices; identical lists are written once."""

    def __init__(self, sheet: Worksheet) -> None:
        self.sheet = sheet
        self._ranges: dict[tuple[str, ...], str] = {}

    def range_of(self, labels: tuple[str, ...]) -> str:
        """Return the formula reference of the cells that hold ``labels``."""
        if labels not in self._ranges:
            place = len(self._ranges) + 1
            for row, label in enumerate(labels, start=1):
                self.sheet.cell(row, place, label)
            letter = get_column_letter(place)
            self._ranges[labels] = f"'{self.sheet.title}'!${letter}$1:${letter}${len(labels)}"
        return self._ranges[labels]


def _fill_sheet(sheet: Worksheet, table: Table, lang: Language, *, lists: _Lists) -> None:
    columns = template_columns(table)
    sheet.append([column.header.of(lang) for column in columns])
    sheet.append(example_row(table, lang))
    for place, column in enumerate(columns, start=1):
        letter = get_column_letter(place)
        _style_header(sheet, place, column, lang)
        dimension = sheet.column_dimensions[letter]
        dimension.width = min(max(_WIDTHS[0], 2 * len(column.header.of(lang)) + 4), _WIDTHS[1])
        if column.dtype in ("text", "list"):
            dimension.number_format = "@"
        if column.advanced:
            dimension.outlineLevel, dimension.hidden = 1, True
        example = sheet.cell(2, place)
        example.font = _GREY
        if column.dtype in ("number", "integer", "year") and column.example and not column.choice_aliases:
            example.value = float(column.example.of(lang))
        rule = _validation(column, lang, lists=lists)
        if rule is not None:
            sheet.add_data_validation(rule)
            rule.add(f"{letter}2:{letter}{_ROWS}")
    sheet.freeze_panes = "C2" if table.key else "A2"


def _style_header(sheet: Worksheet, place: int, column: Column, lang: Language) -> None:
    cell = sheet.cell(1, place)
    fill = _DARK if column.required else _FOLDED if column.advanced else _LIGHT
    cell.fill = fill
    cell.font = Font(bold=True, color="FFFFFF" if column.required else "000000")
    cell.alignment = Alignment(wrap_text=True, vertical="center")
    note = Comment(explain(column, lang), "layoutplan")
    note.width, note.height = 320, 140
    cell.comment = note


def _validation(column: Column, lang: Language, *, lists: _Lists) -> DataValidation | None:
    """Return the spreadsheet's validation rule; it only warns, since the checker decides."""
    labels = choice_labels(column, lang)
    if labels and column.dtype != "list":
        rule = DataValidation("list", formula1=f"={lists.range_of(labels)}", allow_blank=True)
        rule.error = text("tables.invalid_choice", lang)
    elif column.dtype == "year" or column.minimum is not None:
        low, high = YEARS if column.dtype == "year" else (column.minimum, column.maximum)
        operator = "between" if high is not None else "greaterThanOrEqual"
        kind = "decimal" if column.dtype == "number" else "whole"
        rule = DataValidation(kind, operator=operator, formula1=f"{low:g}", allow_blank=True)
        rule.formula2 = None if high is None else f"{high:g}"
        rule.error = text(
            "tables.invalid_number", lang, low=f"{low:g}", high="…" if high is None else f"{high:g}"
        )
    else:
        return None
    rule.errorStyle = "warning"
    rule.showErrorMessage = True
    return rule
