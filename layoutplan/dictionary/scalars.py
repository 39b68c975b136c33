"""Parsers of single cells: numbers, flags, lists and codes as offices write them (years: ``dates.py``).

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

from layoutplan.dictionary.characters import compatibility_characters, narrow
from layoutplan.dictionary.number_marks import NumberMarks, number_in, plain
from layoutplan.dictionary.units import dimension_of, read_measure
from layoutplan.errors import UNPRINTABLE

POINT: Final = NumberMarks()
"""Numbers with a decimal point."""
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
_MEASURED: Final = re.compile(r"(?P<number>[+-]?[\d., ']*\d)\s*(?P<unit>[^\d\s.,].*)")
_SCIENTIFIC: Final = re.compile(r"\d(?:\.\d+)?e\+\d{2,}", re.IGNORECASE)
_BLANKS: Final = re.compile(r"\s+")
_BREAK: Final = re.compile(r"[\t\r\n]")
EDGES: Final = "\u200b\ufeff\u3000\xa0\u202f \t\r\n\x0b\x0c"
"""Characters without meaning at the ends of a cell."""
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
    return unicodedata.normalize("NFKC", text).strip(EDGES).casefold()


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
        stripped = cell.strip(EDGES)
        return not stripped or (marks and fold(stripped) in BLANK_MARKS)
    return isinstance(cell, float) and math.isnan(cell)


def read_number(
    cell: object, *, unit: str, factor: float = 1.0, marks: NumberMarks = POINT
) -> float | Unreadable:
    """Parse a number; accepts full-width digits, thousands separators, 万, percent and units.

    Parameters
    ----------
    cell
        Cell as stored in the file.
    unit
        Unit of the column in the dictionary; a unit in the cell must have the same dimension.
    factor
        Dictionary units per unit of the header; not applied to a cell that states its own unit.
    marks
        Decimal mark and grouping of the column.

    Returns
    -------
    float or Unreadable
        In the unit of the column; may be infinite. Parentheses make it negative, as in accounts.

    Examples
    --------
    >>> read_number("1,234", unit="seats"), read_number("3.5万元", unit="currency")
    (1234.0, 35000.0)
    >>> read_number("86%", unit="share"), read_number("86%", unit="seats")
    (0.86, Unreadable(code='text_in_number'))
    >>> read_number("810①", unit="pupils"), read_number("(12)", unit="pupils")
    (Unreadable(code='compatibility_in_number'), -12.0)
    """
    if isinstance(cell, bool) or not isinstance(cell, (str, int, float)):
        return Unreadable("text_in_number")
    if not isinstance(cell, str):
        return float(cell) * factor
    text = _without_currency(plain(cell).strip(EDGES), unit)
    sign = 1.0
    if text.startswith("(") and text.endswith(")"):
        text, sign = text[1:-1].strip(), -1.0
    if text.casefold().lstrip("+-") in ("inf", "infinity", "∞"):
        return math.inf
    number = number_in(text.casefold(), marks)
    if number is None:
        return _measured(text, unit, marks, sign)
    return Unreadable("grouping_unclear") if number == "unclear" else sign * float(number) * factor


def _without_currency(text: str, unit: str) -> str:
    """Return a number's text without the apostrophe that marks it as text; money without its sign."""
    text = text.lstrip("'")
    return text.strip("¥￥$€£ ") if dimension_of(unit) == "money" else text


def _measured(text: str, unit: str, marks: NumberMarks, sign: float) -> float | Unreadable:
    """Parse a number followed by a unit."""
    measured = _MEASURED.fullmatch(text)
    number = number_in(measured["number"], marks) if measured else None
    measure = read_measure(measured["unit"]) if measured else None
    if number is None or measure is None or not measure.fits(unit):
        return Unreadable("compatibility_in_number" if compatibility_characters(text) else "text_in_number")
    return Unreadable("grouping_unclear") if number == "unclear" else sign * measure.apply(float(number))


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
    word = fold(as_text(cell))
    if word in _YES:
        return True
    return False if word in _NO else Unreadable("bad_flag")


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
        At most ``TEXT_LIMIT`` characters, without control characters; a code has no compatibility characters
        such as ①, and no date.

    Examples
    --------
    >>> read_text(10115.0, is_code=True), read_text("S001", is_code=True), read_text("<b>=1", is_code=False)
    ('10115', 'S001', '<b>=1')
    >>> read_text("4.10105E+11", is_code=True)
    Unreadable(code='scientific_code')
    """
    if is_code and isinstance(cell, float) and abs(cell) > _PRECISE:
        return Unreadable("scientific_code")
    if is_code and isinstance(cell, (dt.date, dt.datetime)):
        return Unreadable("date_in_code")
    text = as_text(cell).strip(EDGES)
    if len(text) > TEXT_LIMIT:
        return Unreadable("text_too_long")
    if UNPRINTABLE.search(text):
        return Unreadable("control_characters")
    text = _BLANKS.sub(_one_line, text)
    return _code(text) if is_code else text


def _code(text: str) -> str | Unreadable:
    """Return a code with its width forms folded."""
    code = _BLANKS.sub(_one_line, narrow(text)).strip()
    if compatibility_characters(code):
        return Unreadable("compatibility_in_code")
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
        whole = [part.strip(EDGES) for part in re.split(r"[;,、|]", text)]
    for item in whole:
        if isinstance(item, Unreadable):
            return item
    return tuple(dict.fromkeys(str(item) for item in whole if item))


def as_text(cell: object) -> str:
    """Return a cell as a user would type it.

    Parameters
    ----------
    cell
        Cell as stored in the file.

    Returns
    -------
    str
        A whole number without a fraction, a date without midnight.
    """
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    return str(cell)
