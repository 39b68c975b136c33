"""The first sheet of the workbook: headline figures on one page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import pandas as pd
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Border, Side
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from layoutplan.dictionary import Table, result_table
from layoutplan.outputs.row_lookup import RowValues, rows_by
from layoutplan.outputs.style import load_style
from layoutplan.outputs.wording import currency_name
from layoutplan.outputs.words import coded_word
from layoutplan.outputs.workbook.cells import head_cell, table_cell, text_cell, workbook_font
from layoutplan.outputs.workbook.formatting import add_colours, set_print
from layoutplan.outputs.workbook.widths import HEAD_HEIGHT
from layoutplan.texts import Language, text

_FIGURES: Final = (
    "schools", "seats", "demand", "balance", "shortfall", "unserved", "share_within_radius", "mean_walk_m",
)  # fmt: skip
_HEAD_ROW: Final = 4
_TITLE_HEIGHT: Final = 28.0  # points
_LINE: Final = Border(top=Side(style="thin", color="1F4E79"))


def write_summary_sheet(
    sheet: WriteOnlyWorksheet, frames: Mapping[str, pd.DataFrame], summary: Mapping[str, Any], lang: Language
) -> None:
    """Write the stages in the base year, and in the target year in every layout; then counts.

    Parameters
    ----------
    sheet
        The sheet, empty.
    frames
        Result tables by name.
    summary
        Content of ``summary.json``.
    lang
        Language of the sheet.
    """
    table = result_table("city_balance")
    for letter, width in zip("ABCDEFGHIJ", (16, 34, *[15] * 8), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = f"A{_HEAD_ROW + 1}"
    sheet.row_dimensions[1].height, sheet.row_dimensions[_HEAD_ROW].height = _TITLE_HEIGHT, HEAD_HEIGHT
    set_print(sheet, columns=len(_FIGURES) + 2, title=str(summary["name"]))
    lines = _stage_lines(frames["city_balance"], summary, lang)
    _colour(sheet, table, first=_HEAD_ROW + 1, rows=len(lines))
    title = text_cell(sheet, text("report.summary.title", lang, name=summary["name"]))
    title.font = workbook_font(bold=True, size=16, color="1F4E79")
    sheet.append([title])
    named = coded_word("summary", "scenario", str(summary["scenario"]), lang)
    sheet.append([text_cell(sheet, text("report.summary.scenario", lang, scenario=named))])
    sheet.append([])
    heads = [text("report.compare.stage", lang), text("report.compare.layout", lang)]
    figures = [text(f"report.summary.{name}", lang) for name in _FIGURES]
    sheet.append([head_cell(sheet, head) for head in (*heads, *figures)])
    before = None
    for stage, label, row in lines:
        first = text(f"stages.{stage}", lang) if stage != before else ""
        cells: list[Cell | None] = [
            text_cell(sheet, first),
            text_cell(sheet, label),
            *(table_cell(sheet, table, table.column(name), row[name], lang) for name in _FIGURES),
        ]
        if stage != before:
            for cell in cells:
                if cell is not None:
                    cell.border = _LINE
        sheet.append(cells)
        before = stage
    sheet.append([])
    for head, label, amount, number_format in _counts(summary, lang):
        first_cell = text_cell(sheet, head)
        first_cell.font = workbook_font(bold=True)
        sheet.append([first_cell, text_cell(sheet, label), *_amount(sheet, amount, number_format)])


def _stage_lines(
    city: pd.DataFrame, summary: Mapping[str, Any], lang: Language
) -> list[tuple[str, str, RowValues]]:
    """Return stage, label and figures: today's layout in the base year, every layout in the target year."""
    rows = rows_by(city, "layout", "stage", "year")
    base, target = summary["base_year"], summary["target_year"]
    today, *others = summary["layouts"]
    wanted = [
        (today["id"], base, text("report.summary.base", lang, year=base)),
        *(
            (one["id"], target, text("report.summary.layout", lang, year=target, layout=one["title"][lang]))
            for one in (today, *others)
        ),
    ]
    return [
        (stage, label, rows[layout, stage, year])
        for stage in summary["stages"]
        for layout, year, label in wanted
    ]


def _colour(sheet: WriteOnlyWorksheet, table: Table, *, first: int, rows: int) -> None:
    """Colour the figures as the tables do, shifted by the columns that name the row."""
    columns = tuple(table.column(name) for name in ("stage", "layout", *_FIGURES))
    add_colours(
        sheet,
        replace(table, columns=columns),
        first=first,
        rows=rows,
        style=load_style(),
    )


def _counts(summary: Mapping[str, Any], lang: Language) -> list[tuple[str, str, Any, str]]:
    """Return rows below the stages: label, what, amount, number format."""
    proposals = summary["proposals"] or {}
    rows: list[tuple[str, str, Any, str]] = []
    if proposals:
        rows.append((text("report.summary.proposals", lang), "", None, ""))
        for name in ("count", "seats", "cost", "pupils_served"):
            label = text(
                f"report.summary.proposals_{name}", lang, currency=currency_name(summary["currency"], lang)
            )
            rows.append(("", label, proposals[name], "#,##0"))
        outcome = coded_word("siting_outcome", "outcome", proposals["outcome"], lang)
        rows.append(("", text("report.summary.outcome", lang), outcome, ""))
        rows.append(("", text("report.summary.gap", lang), proposals["gap"], "0.00%"))
    rows.append((text("report.summary.hotspots", lang), "", None, ""))
    rows += [
        ("", text(f"report.summary.hotspots_{name}", lang), summary["hotspots"][name], "#,##0")
        for name in ("count", "pupils_short")
    ]
    for part, column in (("flags", "rule"), ("ledger", "status")):
        if summary[part]:
            rows.append((text(f"report.summary.{part}", lang), "", None, ""))
            rows += [
                ("", coded_word(part, column, name, lang), count, "#,##0")
                for name, count in summary[part].items()
            ]
    return rows


def _amount(sheet: WriteOnlyWorksheet, amount: Any, number_format: str) -> list[Cell]:  # noqa: ANN401
    """Return the cell of an amount; none for a heading."""
    if amount is None:
        return []
    if isinstance(amount, str):
        words = text_cell(sheet, amount)
        words.alignment = Alignment(horizontal="right")
        return [words]
    cell = WriteOnlyCell(sheet, value=amount)
    cell.number_format = number_format
    return [cell]
