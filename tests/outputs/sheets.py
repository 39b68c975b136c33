"""Every number in the cells of a workbook, held against the tables and the summary beside it."""

from __future__ import annotations

import csv
import json
import math
import re

import openpyxl

from layoutplan.dictionary import result_table
from layoutplan.outputs.files.csv_files import restore_text
from layoutplan.outputs.words import coded_word
from layoutplan.texts import text

DIGIT = re.compile(r"\d")
SHARES = ("share", "ratio")


def strange_cells(workbook, folder, *, lang):
    """Return the cells (sheet, place, value) that are not the value of the run folder's files.

    A table's cell must be that of the same row and column of its CSV; a per cent format is for shares only.
    On the first sheet a figure must be that of its stage, plan and year, or one of ``summary.json``.
    """
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    titles = {result_table(path.stem).title.of(lang)[:31]: path for path in (folder / "tables").glob("*.csv")}
    found = []
    first, guide, *rest = openpyxl.load_workbook(workbook).worksheets
    assert guide.title == text("report.guide", lang)
    found += _strange_headlines(first, titles, summary, lang)
    for sheet in rest:
        found += [(sheet.title, *one) for one in _strange(sheet, titles[sheet.title], lang)]
    return found


def records(path):
    """Return the rows of a CSV as dicts of text."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _strange(sheet, path, lang):
    table = result_table(path.stem)
    other = ("_translated", "_en" if lang == "zh" else "_zh")
    columns = [
        column
        for column in table.columns
        if not column.name.endswith(other) and (table.name, column.name) != ("profile_comparison", "profile")
    ]
    rows = [row for row in records(path) if path.stem != "scorecard" or row["status"] != "does_not_apply"]
    assert sheet.max_row == len(rows) + 1
    assert sheet.max_column == len(columns)
    for saved, cells in zip(rows, sheet.iter_rows(min_row=2), strict=True):
        for column, cell in zip(columns, cells, strict=True):
            if not _same(cell, table, column, saved, lang):
                yield cell.coordinate, cell.value


def _same(cell, table, column, saved, lang):
    value = saved[column.name]
    if cell.value is None:
        return value == ""
    if isinstance(cell.value, str):
        words = restore_text(value)
        shown = {words, coded_word(table.name, column.name, words, lang)}
        return not DIGIT.search(cell.value) or cell.value in shown
    unit = saved.get("need_unit" if column.name == "need" else "unit", "")
    if cell.number_format.endswith("%") and not any(one.startswith(SHARES) for one in (column.unit, unit)):
        return False
    return value != "" and cell.value == float(value)


def _strange_headlines(sheet, titles, summary, lang):
    """Yield figures of the first sheet that are not of their row of the city's table, nor of the summary."""
    city = result_table("city_balance").title.of(lang)
    rows = {
        (text(f"stages.{row['stage']}", lang), _plan(row, summary, lang)): row
        for row in records(titles[city])
        if _plan(row, summary, lang)
    }
    told = set(_leaves(summary))
    stage, saved = "", 0
    for cells in sheet.iter_rows(min_row=5):
        stage = cells[0].value or stage
        row = rows.get((stage, cells[1].value))
        known = {float(value) for value in row.values() if _is_number(value)} if row else told
        for cell in cells:
            if isinstance(cell.value, (int, float)):
                saved += 1
                if not any(math.isclose(cell.value, one, rel_tol=1e-9) for one in known):
                    yield sheet.title, cell.coordinate, cell.value
    assert saved > 8 * len(summary["stages"])


def _plan(row, summary, lang):
    titles, year = {one["id"]: one["title"][lang] for one in summary["layouts"]}, int(row["year"])
    if year == summary["target_year"]:
        return text("report.summary.layout", lang, year=year, layout=titles[row["layout"]])
    shown = (row["layout"], year) == (summary["layouts"][0]["id"], summary["base_year"])
    return text("report.summary.base", lang, year=year) if shown else None


def _is_number(value):
    try:
        return math.isfinite(float(value))
    except ValueError:
        return False


def _leaves(tree):
    if isinstance(tree, dict):
        for value in tree.values():
            yield from _leaves(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _leaves(value)
    elif isinstance(tree, (int, float)) and not isinstance(tree, bool):
        yield float(tree)
