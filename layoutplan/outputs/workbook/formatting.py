"""Conditional fills, drop-down lists and page setup of the workbook."""

from __future__ import annotations

from typing import Final

from openpyxl.formatting.rule import CellIsRule, DataBarRule, FormulaRule
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.page import PageMargins

from layoutplan.dictionary import Table
from layoutplan.outputs.style import Style
from layoutplan.outputs.words import coded_word
from layoutplan.texts import Language, text

ENTRY_COLUMNS: Final = ("due_year", "responsible_unit", "status", "closed", "note")
"""Columns of the ledger that an office fills in."""

CASE_STATUSES: Final = ("open", "overdue", "closed")
_SHORT: Final = ("shortfall", "unserved", "over_capacity", "excess_pupils", "pupils_short", "seats_short")
_AMPLE: Final = ("surplus", "spare")
_USED: Final = ("utilisation", "enrolment_utilisation")
_SEVERITY_FILLS: Final = {3: "B2182B", 2: "F4B6A6", 1: "FCE8D8"}
_YEARS: Final = (1990, 2100)
_LONGEST_NOTE: Final = 2000
_MANY_COLUMNS: Final = 12
_A4, _A3 = 9, 8  # paper sizes as the file format numbers them
_MARGINS: Final = PageMargins(left=0.4, right=0.4, top=0.7, bottom=0.6, header=0.3, footer=0.3)  # inches


def add_colours(sheet: WriteOnlyWorksheet, table: Table, *, rows: int, style: Style, first: int = 2) -> None:
    """Add conditional fills: shortages warm, spare seats cool, utilisation on the map's scale.

    Parameters
    ----------
    sheet
        The sheet; columns as the table has them.
    table
        The table in the data dictionary.
    rows
        Number of rows.
    style
        Colours.
    first
        First row, counted from 1.
    """
    if rows == 0:
        return
    short, ample = _fill(style.ink["shortage"]), _fill(style.ink["ample"])
    for place, column in enumerate(table.columns, start=1):
        letter = get_column_letter(place)
        cells = f"{letter}{first}:{letter}{first + rows - 1}"
        rules = sheet.conditional_formatting
        if column.name in _SHORT:
            rules.add(cells, CellIsRule(operator="greaterThanOrEqual", formula=["0.5"], fill=short))
        elif column.name in _AMPLE:
            rules.add(cells, CellIsRule(operator="greaterThanOrEqual", formula=["0.5"], fill=ample))
        elif column.name == "balance":
            rules.add(cells, CellIsRule(operator="lessThan", formula=["-0.5"], fill=short))
            rules.add(cells, CellIsRule(operator="greaterThan", formula=["0.5"], fill=ample))
        elif column.name in _USED:
            _colour_utilisation(sheet, cells, style)
        elif column.name == "share_within_radius":
            bar = DataBarRule(start_type="num", start_value=0, end_type="num", end_value=1, color="FF67A9CF")
            rules.add(cells, bar)
        elif column.name == "severity":
            for severity, colour in _SEVERITY_FILLS.items():
                rules.add(cells, CellIsRule(operator="equal", formula=[str(severity)], fill=_fill(colour)))


def _colour_utilisation(sheet: WriteOnlyWorksheet, cells: str, style: Style) -> None:
    """Fill by the classes of the map; an empty cell stays empty."""
    first = cells.split(":", maxsplit=1)[0]
    blank = FormulaRule(formula=[f'{first}=""'], stopIfTrue=True)
    sheet.conditional_formatting.add(cells, blank)
    dark = {style.colours[0], style.colours[-1]}
    for colour, limit in zip(style.colours, style.breaks, strict=False):
        font = Font(color="FFFFFF") if colour in dark else None
        sheet.conditional_formatting.add(
            cells,
            CellIsRule(
                operator="lessThan", formula=[str(limit)], fill=_fill(colour), font=font, stopIfTrue=True
            ),
        )
    sheet.conditional_formatting.add(
        cells,
        CellIsRule(
            operator="greaterThanOrEqual",
            formula=[str(style.breaks[-1])],
            fill=_fill(style.colours[-1]),
            font=Font(color="FFFFFF"),
        ),
    )


def colour_status(sheet: WriteOnlyWorksheet, cells: str, lang: Language, *, style: Style) -> None:
    """Add conditional fills to the ledger's status: overdue warm, closed cool.

    Parameters
    ----------
    sheet
        The sheet.
    cells
        Range of the cells.
    lang
        Language of the words in them.
    style
        Colours.
    """
    for status, ink in (("overdue", "shortage"), ("closed", "ample")):
        word = coded_word("ledger", "status", status, lang)
        rule = CellIsRule(operator="equal", formula=[f'"{word}"'], fill=_fill(style.ink[ink]))
        sheet.conditional_formatting.add(cells, rule)


def add_choices(sheet: WriteOnlyWorksheet, table: Table, *, rows: int, lang: Language) -> None:
    """Add lists and checks to the columns of the ledger that an office fills in.

    Parameters
    ----------
    sheet
        The sheet.
    table
        The table in the data dictionary.
    rows
        Number of rows.
    lang
        Language of the words.
    """
    names = list(table.column_names)
    for name in ENTRY_COLUMNS:
        letter = get_column_letter(names.index(name) + 1)
        check = _validation(name, lang)
        if check is not None:
            check.add(f"{letter}2:{letter}{max(2, rows + 1)}")
            sheet.data_validations.append(check)


def _validation(name: str, lang: Language) -> DataValidation | None:
    if name == "status":
        words = ",".join(coded_word("ledger", "status", status, lang) for status in CASE_STATUSES)
        check = DataValidation(type="list", formula1=f'"{words}"', allow_blank=False)
    elif name in {"due_year", "closed"}:
        low, high = map(str, _YEARS)
        check = DataValidation(
            type="whole", operator="between", formula1=low, formula2=high, allow_blank=True
        )
    elif name == "note":
        check = DataValidation(
            type="textLength", operator="lessThanOrEqual", formula1=str(_LONGEST_NOTE), allow_blank=True
        )
    else:
        return None
    check.errorTitle = text("report.check.title", lang)
    check.error = text(f"report.check.{name}", lang)
    check.promptTitle = text("report.check.entry", lang)
    check.prompt = check.error
    check.showErrorMessage = check.showInputMessage = True
    return check


def set_print(sheet: WriteOnlyWorksheet, *, columns: int, title: str) -> None:
    """Set the printed page: as wide as the paper, header repeated, landscape or A3 for many columns.

    Parameters
    ----------
    sheet
        The sheet.
    columns
        Number of columns.
    title
        Text of the page header.
    """
    sheet.page_setup.paperSize = _A4 if columns <= _MANY_COLUMNS else _A3
    sheet.page_setup.orientation = "landscape" if columns > _MANY_COLUMNS // 2 else "portrait"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.page_margins = _MARGINS
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:1"
    sheet.oddHeader.left.text = title.replace("&", "&&")
    sheet.oddFooter.center.text = "&P / &N"


def _fill(colour: str) -> PatternFill:
    plain = colour.removeprefix("#")
    return PatternFill("solid", start_color=plain, end_color=plain)


def entry_fill(style: Style) -> PatternFill:
    """Return the fill of cells that an office fills in.

    Parameters
    ----------
    style
        Colours.

    Returns
    -------
    PatternFill
        The fill.
    """
    return _fill(style.ink["entry"])


def is_entry(table: Table, column: str) -> bool:
    """Return whether an office fills in a column.

    Parameters
    ----------
    table
        The table in the data dictionary.
    column
        Name of the column.

    Returns
    -------
    bool
        True for entry columns of the ledger only.
    """
    return table.name == "ledger" and column in ENTRY_COLUMNS
