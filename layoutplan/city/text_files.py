"""CSV and other delimited text, in the encodings and with the separators in common use."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from pathlib import Path
from typing import Final

from layoutplan.city.encodings import detect_encoding, likeliest
from layoutplan.city.grid import frame_from_grid
from layoutplan.city.limits import CELLS, COLUMNS, ROWS, within
from layoutplan.city.raw_table import RawTable
from layoutplan.dictionary.table_log import TableLog

_SEPARATORS: Final = (",", ";", "\t", "|")
_STATED: Final = re.compile(r"\s*\"?sep=([,;\t|])\"?\s*$", re.MULTILINE | re.IGNORECASE)
_SAMPLE_LINES: Final = 50
_SAMPLE_WIDTH: Final = 4_000
_SAMPLE: Final = 1_000_000
_UNICODE: Final = "utf"


def decode(data: bytes, stated: str | None, *, log: TableLog) -> tuple[str, str] | None:
    """Decode a text.

    Parameters
    ----------
    data
        The complete file.
    stated
        Encoding that the plan states, or ``None`` to detect it.
    log
        Receives the fault.

    Returns
    -------
    tuple of str or None
        Text and encoding; ``None`` if the encoding is wrong or cannot be determined with certainty.
    """
    if stated is not None:
        try:
            return data.decode(stated).removeprefix("\ufeff"), stated
        except UnicodeDecodeError as error:
            log.add("encoding_wrong", encoding=stated, position=error.start)
        return None
    encoding = detect_encoding(data)
    if encoding is None:
        log.add("encoding_unclear", guess=likeliest(data))
        return None
    report_encoding(encoding, log=log)
    return data.decode(encoding).removeprefix("\ufeff"), encoding


def report_encoding(encoding: str, *, log: TableLog) -> None:
    """Name the encoding that was detected, unless it is a form of Unicode.

    Parameters
    ----------
    encoding
        Python codec name.
    log
        Receives a notice.
    """
    if not encoding.startswith(_UNICODE):
        log.add("encoding_used", severity="notice", encoding=encoding.upper().replace("_", "-"))


def _separator(text: str) -> str:
    """Return the separator that splits most of the first lines into one number of columns, at least two.

    A first line ``sep=;``, as Excel writes it, states it. The header counts: a separator that splits it into
    that number too comes first.
    """
    lines = [line[:_SAMPLE_WIDTH] for line in text[:_SAMPLE].splitlines()[:_SAMPLE_LINES] if line.strip()]
    stated = _STATED.match(text)
    if stated is not None:
        return stated[1]
    best, best_score = ",", (0, 0, 0)
    for separator in _SEPARATORS:
        widths = Counter(len(next(csv.reader([line], delimiter=separator))) for line in lines)
        width, times = max(widths.items(), key=lambda item: (item[0] > 1, item[1], item[0]), default=(1, 0))
        first = len(next(csv.reader(lines[:1], delimiter=separator), []))
        score = (int(first == width), times, width) if width > 1 else (0, 0, 0)
        if score > best_score:
            best, best_score = separator, score
    return best


def read_text_file(
    path: Path,
    encoding: str | None,
    *,
    header_rows: int | None = None,
    same_headers: bool = False,
    log: TableLog,
) -> RawTable | None:
    """Read delimited text (``,`` ``;`` tab or ``|``); every value stays text, an empty one is ``None``.

    Parameters
    ----------
    path
        A file that exists and is not empty.
    encoding
        Encoding stated in the plan, or ``None`` to detect it.
    header_rows
        Number of rows of the header that the plan states, or ``None``.
    same_headers
        Whether equal headers are kept apart.
    log
        Receives the faults.

    Returns
    -------
    RawTable or None
        ``None`` after a fault.
    """
    decoded = decode(path.read_bytes(), encoding, log=log)
    if decoded is None:
        return None
    text, found = decoded
    rows = _rows(text, log=log)
    if rows is None:
        return None
    grid = frame_from_grid(
        rows, log=log, ragged_is_fault=True, header_rows=header_rows, same_headers=same_headers
    )
    return None if grid is None else RawTable(frame=grid.frame, encoding=found.removesuffix("-sig"))


def _rows(text: str, *, log: TableLog) -> list[list[object]] | None:
    """Return the rows of a delimited text; report unclosed quotes, and sizes beyond the limits."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    rows: list[list[object]] = []
    cells = 0
    try:
        for row in reader:
            cells += len(row)
            if not (
                within(len(row), COLUMNS, of="columns", log=log)
                and within(cells, CELLS, of="cells", log=log)
                and within(len(rows), ROWS, of="rows", log=log)
            ):
                return None
            stated = not rows and _STATED.match(text)
            rows.append([cell if cell.strip() and not stated else None for cell in row])
    except csv.Error as error:
        code = "cell_too_long" if "field limit" in str(error) else "broken_quotes"
        log.add(code, rows=[len(rows) + 1])
        return None
    return rows
