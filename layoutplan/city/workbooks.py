"""XLSX workbooks: one sheet is one table.

A workbook is a ZIP of XML files. Their unpacked sizes are checked against the limits before anything is
unpacked; a document type (which may define entities that expand without end) is refused; rows and cells are
counted while they are read.
"""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from layoutplan.city.grid import frame_from_grid
from layoutplan.city.guard import guard
from layoutplan.city.limits import CELLS, COLUMNS, PARTS, SHEET_ROWS, UNPACKED_BYTES, fits_memory, within
from layoutplan.city.opening import is_readable
from layoutplan.city.raw_table import RawTable
from layoutplan.city.sheet_marks import SheetMarks, read_marks
from layoutplan.city.xml_prolog import defines_a_type
from layoutplan.dictionary.table_log import TableLog

if TYPE_CHECKING:
    import openpyxl
    from openpyxl.chartsheet import Chartsheet
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

Rows = list[list[object]]

WORKBOOK_SUFFIXES: Final = (".xlsx", ".xlsm")
_ENCRYPTED: Final = 0x1


def read_workbook(
    path: Path,
    sheet: str | None,
    *,
    header_rows: int | None = None,
    same_headers: bool = False,
    log: TableLog,
) -> RawTable | None:
    """Read one sheet: the named one, else the only one that is not empty, else the only visible one of these.

    Formulas give the value last saved; one that was never computed is a fault. Merged cells are expanded
    downwards. A number shown in per cent is a text with its sign, since its header may state per cent too.

    Parameters
    ----------
    path
        The workbook.
    sheet
        Name of the sheet, or ``None``.
    header_rows
        Number of rows of the header that the plan states, or ``None``.
    same_headers
        Whether equal headers are kept apart.
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
                rows = _rows(worksheet, percent=_percent_styles(book), log=log)
                if rows is None:
                    return None
                if any(row for row in rows):
                    filled[worksheet.title] = rows
        chosen = _choose(book, filled, log=log)
        if chosen is None:
            return None
        marks = _marks(book[chosen])
        if not _marks_are_sound(marks, log=log):
            return None
        hidden = book[chosen].sheet_state != "visible"
    _report_hidden(marks, filled[chosen], sheet=chosen if hidden else "", log=log)
    grid = frame_from_grid(
        filled[chosen],
        log=log,
        ragged_is_fault=False,
        merges=marks.merges,
        header_rows=header_rows,
        same_headers=same_headers,
    )
    return None if grid is None else RawTable(frame=grid.frame, merged=grid.merged)


def _choose(book: openpyxl.Workbook, filled: Mapping[str, Rows], *, log: TableLog) -> str | None:
    """Return the sheet to read among those that are not empty."""
    if not filled:
        log.add("empty_file")
        return None
    visible = [name for name in filled if book[name].sheet_state == "visible"]
    if len(filled) == 1:
        return next(iter(filled))
    if len(visible) == 1:
        others = ", ".join(name for name in filled if name not in visible)
        log.add("hidden_sheets_left_out", severity="warning", sheet=visible[0], sheets=others)
        return visible[0]
    log.add("sheet_not_named", sheets=", ".join(filled))
    return None


def _marks(worksheet: ReadOnlyWorksheet | Chartsheet) -> SheetMarks:
    with worksheet._get_source() as file:  # noqa: SLF001  the archive's part, which no public name gives
        return read_marks(file)


def _marks_are_sound(marks: SheetMarks, *, log: TableLog) -> bool:
    if marks.uncomputed_count:
        more = ["…"] if marks.uncomputed_count > len(marks.uncomputed) else []
        cells = ", ".join([*marks.uncomputed, *more])
        log.add("formula_without_value", count=marks.uncomputed_count, cells=cells)
    return not marks.uncomputed_count


def _report_hidden(marks: SheetMarks, rows: Rows, *, sheet: str, log: TableLog) -> None:
    """Report a hidden sheet, and hidden rows and columns with values, which are read like the others."""
    if sheet:
        log.add("hidden_sheet_read", severity="warning", sheet=sheet)
    hidden = [number for number in marks.hidden_rows if 0 < number <= len(rows) and rows[number - 1]]
    if hidden:
        log.add("hidden_rows_read", severity="warning", rows=hidden, count=len(hidden))
    width = max((len(row) for row in rows), default=0)
    from openpyxl.utils import get_column_letter  # noqa: PLC0415  slow to import; a plan may name no workbook

    columns = [
        get_column_letter(column)
        for first, last in marks.hidden_columns
        for column in range(max(first, 1), min(last, width) + 1)
    ]
    if columns:
        log.add("hidden_columns_read", severity="notice", columns=", ".join(columns))


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


def _rows(
    worksheet: ReadOnlyWorksheet | Chartsheet, *, percent: Collection[int], log: TableLog
) -> Rows | None:
    """Return the rows of a sheet without trailing blanks; ``None`` beyond the limits.

    The size that the sheet states (``<dimension>``) is ignored, since it may be wrong.
    """
    worksheet.reset_dimensions()
    rows: Rows = []
    cells = 0
    for number, row in enumerate(worksheet.iter_rows(values_only=not percent), start=1):
        kept = [_styled(cell, percent) if percent else _value(cell) for cell in row]
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


def _styled(cell: Any, percent: Collection[int]) -> object:  # noqa: ANN401  a cell, or an empty one
    """Return the value of a cell; a number shown in per cent as such a text."""
    value = _value(cell.value)
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    shown = number and getattr(cell, "_style_id", 0) in percent
    return f"{value * 100:.15g}%" if shown else value  # type: ignore[operator]


def _percent_styles(book: openpyxl.Workbook) -> frozenset[int]:
    """Return the cell styles that show a number in per cent."""
    from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE  # noqa: PLC0415  as above

    own = {BUILTIN_FORMATS_MAX_SIZE + place: code for place, code in enumerate(book._number_formats)}  # noqa: SLF001
    codes = {**BUILTIN_FORMATS, **own}
    return frozenset(
        place
        for place, style in enumerate(book._cell_styles)  # noqa: SLF001  read-only cells know only its place
        if "%" in str(codes.get(style.numFmtId, ""))
    )
