"""XLSX workbooks: one sheet is one table.

A workbook is a ZIP of XML files. Their unpacked sizes are checked against the limits before anything is
unpacked; a document type (which may define entities that expand without end) is refused; rows and cells are
counted while they are read.
"""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from layoutplan.city.grid import frame_from_grid
from layoutplan.city.guard import guard
from layoutplan.city.limits import CELLS, COLUMNS, PARTS, SHEET_ROWS, UNPACKED_BYTES, fits_memory, within
from layoutplan.city.opening import is_readable
from layoutplan.city.raw_table import RawTable
from layoutplan.city.xml_prolog import defines_a_type
from layoutplan.dictionary.table_log import TableLog

if TYPE_CHECKING:
    import openpyxl
    from openpyxl.chartsheet import Chartsheet
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

Rows = list[list[object]]

WORKBOOK_SUFFIXES: Final = (".xlsx", ".xlsm")
_ENCRYPTED: Final = 0x1


def read_workbook(path: Path, sheet: str | None, *, log: TableLog) -> RawTable | None:
    """Read one sheet: the named one, else the only one that is not empty.

    Formulas give the value last saved.

    Parameters
    ----------
    path
        The workbook.
    sheet
        Name of the sheet, or ``None``.
    log
        Receives the fault.

    Returns
    -------
    RawTable or None
        ``None`` if the workbook is locked or beyond the limits, has several sheets of which none is named, or
        lacks the named one.
    """
    if not _may_be_unpacked(path, log=log):
        return None
    with _opened(path) as book:
        names = [worksheet.title for worksheet in book.worksheets]
        wanted = [name for name in names if sheet is None or name.strip() == sheet.strip()]
        if not wanted:
            code = "sheet_missing" if names else "workbook_without_sheets"
            log.add(code, sheet=sheet, sheets=", ".join(names))
            return None
        filled: dict[str, Rows] = {}
        for worksheet in book.worksheets:
            if worksheet.title in wanted:
                rows = _rows(worksheet, log=log)
                if rows is None:
                    return None
                if any(row for row in rows):
                    filled[worksheet.title] = rows
    if len(filled) > 1:
        log.add("sheet_not_named", sheets=", ".join(filled))
        return None
    frame = frame_from_grid(next(iter(filled.values()), []), log=log, ragged_is_fault=False)
    return None if frame is None else RawTable(frame=frame)


def sheet_names(path: Path, *, log: TableLog) -> tuple[str, ...]:
    """Return the names of a workbook's sheets.

    Parameters
    ----------
    path
        The workbook.
    log
        Receives the fault.

    Returns
    -------
    tuple of str
        Empty if the workbook cannot be read.
    """
    names: tuple[str, ...] = ()
    with guard("workbook_damaged", log=log):
        sound = is_readable(path, written=path, suffixes=WORKBOOK_SUFFIXES, log=log)
        if sound and _may_be_unpacked(path, log=log):
            with _opened(path) as book:
                names = tuple(worksheet.title for worksheet in book.worksheets)
    return names


@contextmanager
def _opened(path: Path) -> Iterator[openpyxl.Workbook]:
    import openpyxl  # noqa: PLC0415  slow to import; a plan may name no workbook

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # unknown styles and extensions are not faults
        with (
            path.open("rb") as file,
            closing(openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)) as book,
        ):
            yield book


def _may_be_unpacked(path: Path, *, log: TableLog) -> bool:
    """Check the sizes of a workbook's parts against the limits; report encryption and document types."""
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        size = sum(part.file_size for part in parts)
        inside = (
            within(len(parts), PARTS, of="parts", log=log)
            and within(size, UNPACKED_BYTES, of="unpacked", log=log)
            and fits_memory(path.suffix.lower(), size, log=log)
        )
        if not inside:
            return False
        if any(part.flag_bits & _ENCRYPTED for part in parts):
            log.add("workbook_locked")
            return False
        for part in parts:
            with archive.open(part) as file:
                if defines_a_type(file):
                    log.add("xml_with_entities", part=part.filename)
                    return False
    return True


def _rows(worksheet: ReadOnlyWorksheet | Chartsheet, *, log: TableLog) -> Rows | None:
    """Return the rows of a sheet without trailing blanks; ``None`` beyond the limits.

    The size that the sheet states (``<dimension>``) is ignored, since it may be wrong.
    """
    worksheet.reset_dimensions()
    rows: Rows = []
    cells = 0
    for number, row in enumerate(worksheet.iter_rows(values_only=True), start=1):
        kept = [_value(cell) for cell in row]
        while kept and kept[-1] is None:
            kept.pop()
        cells += len(kept)
        if not (
            within(number, SHEET_ROWS, of="sheet_rows", log=log)
            and within(len(kept), COLUMNS, of="columns", log=log)
            and within(cells, CELLS, of="cells", log=log)
        ):
            return None
        rows.append(kept)
    return rows


def _value(cell: object) -> object:
    """Return the value of a cell, ``None`` for blanks."""
    return None if cell is None or (isinstance(cell, str) and not cell.strip()) else cell
