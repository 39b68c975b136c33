"""XLSX workbooks: one sheet is one table."""

from __future__ import annotations

import warnings
import zipfile
from pathlib import Path
from typing import Final

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from layoutplan.inputs.grid import frame_from_grid
from layoutplan.inputs.raw import RawTable
from layoutplan.tables.table_log import TableLog

_OLD_OR_LOCKED: Final = b"\xd0\xcf\x11\xe0"  # an OLE file: legacy .xls, or an XLSX locked with a password


def read_workbook(path: Path, sheet: str | None, *, log: TableLog) -> RawTable | None:
    """Read one sheet: the named one, else the only one that holds anything.

    Formulas give the value that was last saved. A fault and ``None`` for a file that is no workbook, is
    locked, has several sheets while none is named, or lacks the named one.
    """
    with path.open("rb") as file:
        if file.read(4) == _OLD_OR_LOCKED:
            log.add("workbook_locked")
            return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # styles and extensions openpyxl does not know are no fault
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
            sheets = {
                worksheet.title: [list(row) for row in worksheet.iter_rows(values_only=True)]
                for worksheet in book.worksheets
                if sheet is None or worksheet.title.strip() == sheet.strip()
            }
            names = [worksheet.title for worksheet in book.worksheets]
            book.close()
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError, SyntaxError) as error:
        log.add("workbook_damaged", reason=str(error))
        return None
    if not sheets:
        log.add("sheet_missing", sheet=sheet, sheets=", ".join(names))
        return None
    filled = {name: rows for name, rows in sheets.items() if any(any(_text(c) for c in row) for row in rows)}
    if len(filled) > 1:
        log.add("sheet_not_named", sheets=", ".join(filled))
        return None
    rows = [[_text(cell) for cell in row] for row in next(iter(filled.values()), [])]
    frame = frame_from_grid(rows, log=log, ragged_is_fault=False)
    return None if frame is None else RawTable(frame=frame)


def _text(cell: object) -> object:
    """Return a cell's value, ``None`` for blanks."""
    return None if cell is None or (isinstance(cell, str) and not cell.strip()) else cell
