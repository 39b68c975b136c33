"""CSV and other delimited text, in the encodings and with the separators in common use."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from pathlib import Path
from typing import Final

import charset_normalizer

from layoutplan.city.grid import frame_from_grid
from layoutplan.city.limits import CELLS, COLUMNS, ROWS, within
from layoutplan.city.raw_table import RawTable
from layoutplan.dictionary.table_log import TableLog

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SEPARATORS: Final = (",", ";", "\t", "|")
_SAMPLE_LINES: Final = 50
_SAMPLE_WIDTH: Final = 4_000
_SAMPLE: Final = 1_000_000
_GUESSED_FROM: Final = 100_000  # bytes; used for the hint in the fault only
_COMMON_SHARE: Final = 0.65  # Big5 decoded as GB18030 reaches about 0.5, Chinese names nearly 1
_PRIVATE_SHARE: Final = 0.02
_NUL_SHARE: Final = 0.05
_NUL_EXCESS: Final = 3


def detect_encoding(data: bytes) -> str | None:
    """Return the encoding of a text: UTF-8, UTF-16 or GB18030 (a superset of GBK and GB2312).

    The order is fixed: a byte order mark decides; else a text with zero bytes is UTF-16 if their positions
    indicate it; else UTF-8 if every byte is valid; else GB18030 if every byte is valid *and* most non-ASCII
    characters are in the common GB2312 set. That excludes Big5, Cyrillic and western encodings, which GB18030
    would decode to rare characters (Korean and Japanese EUC cannot be distinguished from it). A short text
    that is valid both in UTF-8 and in GBK is undecided.

    Parameters
    ----------
    data
        The complete file.

    Returns
    -------
    str or None
        Python codec name; ``None`` if undecided.

    Examples
    --------
    >>> detect_encoding("学校名称".encode("gbk")), detect_encoding("学校名称".encode("utf-8"))
    ('gb18030', 'utf-8')
    >>> detect_encoding("学校".encode("gbk")), detect_encoding("école élémentaire".encode("latin-1"))
    (None, None)
    """
    for mark, name in _BOMS:
        if data.startswith(mark):
            return name if _decodes(data, name) else None
    if b"\0" in data:
        return _utf16_without_mark(data)
    if _decodes(data, "utf-8"):
        return None if _could_be_chinese(data) else "utf-8"
    return "gb18030" if _looks_chinese(data) else None


def _looks_chinese(data: bytes) -> bool:
    """Return whether the bytes are GB18030 and most non-ASCII characters are in the common GB2312 set."""
    try:
        decoded = data.decode("gb18030")
    except UnicodeDecodeError:
        return False
    foreign = [letter for letter in decoded if not letter.isascii()]
    common = sum(1 for letter in foreign if _in_gb2312(letter))
    private = sum(1 for letter in foreign if "\ue000" <= letter <= "\uf8ff")
    return common >= _COMMON_SHARE * len(foreign) and private <= _PRIVATE_SHARE * len(foreign)


def _could_be_chinese(data: bytes) -> bool:
    """Return whether UTF-8 bytes may also be a few characters in GBK, as "学校" in GBK is "ѧУ" in UTF-8."""
    foreign = {letter for letter in data.decode("utf-8") if not letter.isascii()}
    two_bytes = bool(foreign) and max(foreign) < "\u0800"
    return two_bytes and max(foreign) > "\u00ff" and _looks_chinese(data)


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _in_gb2312(letter: str) -> bool:
    try:
        letter.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _utf16_without_mark(data: bytes) -> str | None:
    """Detect UTF-16 without a byte order mark by the positions of the zero bytes of its ASCII characters."""
    even, odd = data[0::2].count(0), data[1::2].count(0)
    name = "utf-16-le" if odd > even else "utf-16-be"
    most, least = max(even, odd), min(even, odd)
    enough = most >= _NUL_SHARE * len(data) / 2 and most >= _NUL_EXCESS * least
    return name if enough and _decodes(data, name) else None


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
        guess = charset_normalizer.from_bytes(data[:_GUESSED_FROM]).best()
        log.add("encoding_unclear", guess=guess.encoding if guess is not None else "big5")
        return None
    return data.decode(encoding), encoding


def _separator(text: str) -> str:
    """Return the separator that splits most of the first lines into one number of columns, at least two."""
    lines = [line[:_SAMPLE_WIDTH] for line in text[:_SAMPLE].splitlines()[:_SAMPLE_LINES] if line.strip()]
    best, best_score = ",", (0, 0)
    for separator in _SEPARATORS:
        widths = Counter(len(next(csv.reader([line], delimiter=separator))) for line in lines)
        width, times = max(widths.items(), key=lambda item: (item[0] > 1, item[1], item[0]), default=(1, 0))
        score = (times, width) if width > 1 else (0, 0)
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
            rows.append([cell if cell.strip() else None for cell in row])
    except csv.Error as error:
        code = "cell_too_long" if "field limit" in str(error) else "broken_quotes"
        log.add(code, rows=[len(rows) + 1])
        return None
    return rows
