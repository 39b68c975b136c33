"""Parsers of single cells: numbers, years, flags, dates, lists and codes as offices write them.

Each parser takes a non-blank cell and returns its value, or the code of its fault (``Unreadable``). They are
called once per distinct cell, see :mod:`layoutplan.dictionary.convert`.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from layoutplan.dictionary.units import read_measure
from layoutplan.errors import UNPRINTABLE

YEARS: Final = (1900, 2200)
"""First and last valid school year; anything else is a typing error."""
TEXT_LIMIT: Final = 32_767
"""Longest text, characters: the limit of a spreadsheet cell."""
BLANK_MARKS: Final = frozenset(
    {
        "-",
        "--",
        "—",
        "——",
        "–",
        "/",
        "\\",
        "*",
        "无",
        "暂无",
        "空",
        "缺",
        "未知",
        "不详",
        "n/a",
        "na",
        "nan",
        "null",
        "none",
    }
)
"""Marks for a missing value (in numbers, codes and choices; a name may be any text)."""

_PRECISE: Final = 2**53
_THOUSANDS: Final = re.compile(r"[+-]?\d{1,3}(?:[, '\u2009]\d{3})+(?:\.\d+)?")
_NUMBER: Final = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?")
_MEASURED: Final = re.compile(r"(?P<number>[+-]?[\d., '\u2009]*\d)\s*(?P<unit>[^\d\s.,].*)")
_YEAR: Final = re.compile(
    r"(?P<year>\d{4})(?:\s*[-/~–—至]\s*(?P<to>\d{4}|\d{2}))?\s*(?:年|学年|学年度|级|届)?(?:秋季?|春季?)?"
)
_YEAR_OF_DATE: Final = re.compile(
    r"(?P<year>\d{4})\s*[-/.年]\s*\d{1,2}(?:\s*月)?(?:\s*[-/.月]?\s*\d{1,2}\s*日?)?(?:\s+[\d:.]+)?"
)
_DATE: Final = re.compile(r"(\d{4})\s*[-/.年]?\s*(\d{1,2})\s*[-/.月]?\s*(\d{1,2})\s*日?(?:[ T][\d:.]+)?")
_DENSE_DATE: Final = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SCIENTIFIC: Final = re.compile(r"\d(?:\.\d+)?e\+\d{2,}", re.IGNORECASE)
_BLANKS: Final = re.compile(r"\s+")
_BREAK: Final = re.compile(r"[\t\r\n]")
_EDGES: Final = "\u200b\ufeff\u3000\xa0 \t\r\n\x0b\x0c"
_YES: Final = frozenset(
    {"1", "true", "t", "yes", "y", "on", "是", "有", "对", "真", "已", "√", "✓", "✔", "☑"}
)
_NO: Final = frozenset(
    {"0", "false", "f", "no", "n", "off", "否", "无", "没有", "错", "假", "未", "×", "✗", "✘"}
)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Result for a cell that has no value of its column's type; ``code`` is the fault code."""

    code: str


def fold(text: str) -> str:
    """Return a text normalised for comparison: half-width (NFKC), trimmed, case-folded.

    Parameters
    ----------
    text
        Text as written.

    Returns
    -------
    str
        Normalised text; may be empty.
    """
    return unicodedata.normalize("NFKC", text).strip(_EDGES).casefold()


def is_blank(cell: object, *, marks: bool) -> bool:
    """Return whether a cell is empty.

    Parameters
    ----------
    cell
        Cell as stored in the file.
    marks
        Whether marks for a missing value (无, -, N/A; ``BLANK_MARKS``) count as empty.

    Returns
    -------
    bool
        True also for white space and NaN.

    Examples
    --------
    >>> is_blank(" ", marks=False), is_blank("—", marks=False), is_blank("—", marks=True)
    (True, False, True)
    """
    if cell is None:
        return True
    if isinstance(cell, str):
        stripped = cell.strip(_EDGES)
        return not stripped or (marks and fold(stripped) in BLANK_MARKS)
    return isinstance(cell, float) and math.isnan(cell)


def read_number(cell: object, *, unit: str, factor: float = 1.0) -> float | Unreadable:
    """Parse a number; accepts full-width digits, thousands separators, 万, percent and units.

    Parameters
    ----------
    cell
        Cell as stored in the file.
    unit
        Unit of the column in the dictionary; a unit in the cell must have the same dimension.
    factor
        Dictionary units per unit of the header; not applied to a cell that states its own unit.

    Returns
    -------
    float or Unreadable
        In the unit of the column; may be infinite.

    Examples
    --------
    >>> read_number("1,234", unit="seats"), read_number("3.5万元", unit="currency")
    (1234.0, 35000.0)
    >>> read_number("86%", unit="share"), read_number("86%", unit="seats")
    (0.86, Unreadable(code='text_in_number'))
    >>> read_number("about 40", unit="pupils")
    Unreadable(code='text_in_number')
    """
    if isinstance(cell, bool) or not isinstance(cell, (str, int, float)):
        return Unreadable("text_in_number")
    if not isinstance(cell, str):
        return float(cell) * factor
    text = unicodedata.normalize("NFKC", cell).strip(_EDGES).lstrip("'¥$").rstrip("¥")
    plain = _plain_number(text.casefold())
    if plain is not None:
        return plain * factor
    if text.casefold().lstrip("+-") in ("inf", "infinity", "∞"):
        return math.inf
    measured = _MEASURED.fullmatch(text)
    number = _plain_number(measured["number"]) if measured else None
    measure = read_measure(measured["unit"]) if measured else None
    if number is None or measure is None or not measure.fits(unit):
        return Unreadable("text_in_number")
    return number * measure.factor


def _plain_number(text: str) -> float | None:
    if _THOUSANDS.fullmatch(text):
        return float(re.sub(r"[, '\u2009]", "", text))
    return float(text) if _NUMBER.fullmatch(text) else None


def read_year(cell: object) -> float | Unreadable:
    """Parse a school year or date to the year in which it begins.

    Parameters
    ----------
    cell
        Cell as stored in the file.

    Returns
    -------
    float or Unreadable
        First year of the school year, or year of the date; its range is checked later.

    Examples
    --------
    >>> read_year("2025年"), read_year("2025-2026学年"), read_year("2025/9/1"), read_year(202509)
    (2025.0, 2025.0, 2025.0, 2025.0)
    >>> read_year("next year")
    Unreadable(code='bad_year')
    """
    if isinstance(cell, (dt.date, dt.datetime)):
        return float(cell.year)
    if isinstance(cell, bool) or not isinstance(cell, (str, int, float)):
        return Unreadable("bad_year")
    text = _spaced(cell) if isinstance(cell, str) else _as_text(cell)
    dense = re.fullmatch(r"((?:19|20|21)\d\d)(0[1-9]|1[0-2])(?:[0-3]\d)?", text)
    whole = dense or _YEAR.fullmatch(text)
    if whole is not None:
        return _first_year(whole)
    of_date = _YEAR_OF_DATE.fullmatch(text)
    if of_date is not None:
        return float(of_date["year"])
    return float(text) if _NUMBER.fullmatch(text.casefold()) else Unreadable("bad_year")


def _spaced(cell: str) -> str:
    """Return a half-width text with single blanks: runs of blanks would make the patterns backtrack."""
    return _BLANKS.sub(" ", unicodedata.normalize("NFKC", cell).strip(_EDGES))


def _first_year(match: re.Match[str]) -> float | Unreadable:
    """Return the first year of a match; a span must cover one school year (2025-2026, 2025-26)."""
    year = int(match[1])
    to = match.groupdict().get("to")
    if to is not None and (int(to) - year - 1) % (100 if len(to) == len("26") else 10_000):
        return Unreadable("bad_year")
    return float(year)


def read_flag(cell: object) -> bool | Unreadable:
    """Parse yes or no.

    Parameters
    ----------
    cell
        Cell as stored in the file.

    Returns
    -------
    bool or Unreadable
        Accepts Chinese and English words, 1 and 0, and check marks.

    Examples
    --------
    >>> read_flag("是"), read_flag("No"), read_flag(1.0), read_flag("maybe")
    (True, False, True, Unreadable(code='bad_flag'))
    """
    word = fold(_as_text(cell))
    if word in _YES:
        return True
    return False if word in _NO else Unreadable("bad_flag")


def read_date(cell: object) -> dt.datetime | Unreadable:
    """Parse a calendar date: 2025-09-01, 2025/9/1, 2025年9月1日, 20250901.

    Parameters
    ----------
    cell
        Cell as stored in the file.

    Returns
    -------
    datetime.datetime or Unreadable
        Without time zone.

    Examples
    --------
    >>> read_date("2025年9月1日") == read_date("20250901")
    True
    """
    if isinstance(cell, dt.datetime):
        return cell.replace(tzinfo=None)
    if isinstance(cell, dt.date):
        return dt.datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001  a calendar date has no zone
    text = _spaced(_as_text(cell))
    match = _DENSE_DATE.fullmatch(text) or _DATE.fullmatch(text)
    try:
        return dt.datetime(*(int(part) for part in match.groups())) if match else Unreadable("bad_date")  # type: ignore[arg-type]  # noqa: DTZ001
    except ValueError:
        return Unreadable("bad_date")


def read_text(cell: object, *, is_code: bool) -> str | Unreadable:
    """Parse a text: trimmed, with line breaks replaced by a blank; a code is also made half-width.

    Whole numbers are written without a fraction, so that a code 10115.0 read from a spreadsheet becomes
    10115.

    Parameters
    ----------
    cell
        Cell as stored in the file.
    is_code
        Whether the text is a code; codes in scientific notation are refused, since digits are lost.

    Returns
    -------
    str or Unreadable
        At most ``TEXT_LIMIT`` characters, without control characters.

    Examples
    --------
    >>> read_text(10115.0, is_code=True), read_text("S001", is_code=True), read_text("<b>=1", is_code=False)
    ('10115', 'S001', '<b>=1')
    >>> read_text("4.10105E+11", is_code=True)
    Unreadable(code='scientific_code')
    """
    if is_code and isinstance(cell, float) and abs(cell) > _PRECISE:
        return Unreadable("scientific_code")
    text = _as_text(cell).strip(_EDGES)
    if len(text) > TEXT_LIMIT:
        return Unreadable("text_too_long")
    if UNPRINTABLE.search(text):
        return Unreadable("control_characters")
    text = _BLANKS.sub(_one_line, text)
    if not is_code:
        return text
    code = unicodedata.normalize("NFKC", text)
    return Unreadable("scientific_code") if _SCIENTIFIC.fullmatch(code) else code


def _one_line(blanks: re.Match[str]) -> str:
    """Return white space unchanged, or one blank if it contains a line break or tab."""
    return " " if _BREAK.search(blanks[0]) else blanks[0]


def read_list(cell: object) -> tuple[str, ...] | Unreadable:
    """Parse the codes in a cell, separated by ; , 、 or |.

    Parameters
    ----------
    cell
        Cell as stored in the file; may be a list.

    Returns
    -------
    tuple of str or Unreadable
        Distinct codes in their order.

    Examples
    --------
    >>> read_list("S01;S02、S01"), read_list(7.0)
    (('S01', 'S02'), ('7',))
    """
    if isinstance(cell, (list, tuple)):
        whole = [read_text(item, is_code=True) for item in cell if not is_blank(item, marks=True)]
    else:
        text = read_text(cell, is_code=True)
        if isinstance(text, Unreadable):
            return text
        whole = [part.strip(_EDGES) for part in re.split(r"[;,、|]", text)]
    for item in whole:
        if isinstance(item, Unreadable):
            return item
    return tuple(dict.fromkeys(str(item) for item in whole if item))


def _as_text(cell: object) -> str:
    """Return a cell as a user would type it."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    return str(cell)
