"""Dates and school years as offices write them, and the order of day and month in a file.

A column of years may hold dates; which school year a date means depends on the column: an opening on
2025-12-01 serves the school year 2026, a count on that day belongs to the school year 2025.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

from layoutplan.dictionary.characters import compatibility_characters, narrow
from layoutplan.dictionary.scalars import EDGES, Unreadable, as_text
from layoutplan.dictionary.schema import Dated

YEARS: Final = (1900, 2200)
"""First and last valid school year; anything else is a typing error."""
DateOrder = Literal["dmy", "mdy"]
_SERIALS: Final = (29_221, 62_091)  # days since 1899-12-30: the years 1980 to 2069
_EPOCH: Final = dt.date(1899, 12, 30)
_START: Final = 9  # a school year has begun after this month, wherever it begins
_SECOND_HALF: Final = 8  # from this month a school year named by its first year has that year
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_BLANKS: Final = re.compile(r"\s+")
_SPAN: Final = re.compile(
    r"(\d{4})(?: ?[-/~–—至] ?(\d{4}|\d{2}))? ?(?P<kind>年|学年|学年度|级|届)?(?P<season>[秋春])?季?(?:学期)?"
)
_YEAR_FIRST: Final = re.compile(
    r"(\d{4}) ?[-/.年] ?(\d{1,2})(?: ?月)?(?: ?[-/.月]? ?(\d{1,2}) ?[日号]?)?"
    r"(?:[ t]\d[\d:.]*(?:z|[+-]\d\d:?\d\d)?)?"
)
_DENSE: Final = re.compile(r"((?:19|20|21)\d\d)(0[1-9]|1[0-2])([0-3]\d)?")
_YEAR_LAST: Final = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?: \d[\d:.]*(?: ?[ap]m)?)?")
_MONTH_YEAR: Final = re.compile(r"(\d{1,2})[-/.](\d{4})")
_NAMED: Final = re.compile(
    r"(?:(?P<day>\d{1,2})(?:st|nd|rd|th)?[ -]+(?:of )?)?(?P<month>[a-z]{3,9})\.?[ ,-]+"
    r"(?:(?P<after>\d{1,2})(?:st|nd|rd|th)?,? +)?(?P<year>\d{4})"
)
_NUMBER: Final = re.compile(r"[+-]?\d+(?:\.\d*)?(?:e[+-]?\d+)?")


class Day(NamedTuple):
    """A date, or a month without a day."""

    year: int
    month: int
    day: int | None


def order_of_dates(cells: Iterable[object]) -> DateOrder | Literal["mixed"] | None:
    """Return the order of day and month that the dates of a file prove.

    Parameters
    ----------
    cells
        Distinct cells of its columns of dates and years.

    Returns
    -------
    str or None
        ``dmy`` if a first number is above 12, ``mdy`` if a second one is, ``mixed`` for both, ``None`` for
        neither.

    Examples
    --------
    >>> order_of_dates(["01/09/2025", "31/08/2025"]), order_of_dates(["01/09/2025"])
    ('dmy', None)
    """
    found: set[DateOrder] = set()
    for cell in cells:
        match = _YEAR_LAST.fullmatch(_spaced(cell)) if isinstance(cell, str) else None
        if match is not None and int(match[1]) != int(match[2]):
            if int(match[1]) > len(_MONTHS):
                found.add("dmy")
            elif int(match[2]) > len(_MONTHS):
                found.add("mdy")
    if len(found) > 1:
        return "mixed"
    return next(iter(found), None)


def is_serial(cell: object) -> bool:
    """Return whether a cell is a date as a spreadsheet counts it, in days.

    Parameters
    ----------
    cell
        Cell of a column of dates or years.

    Returns
    -------
    bool
        True for numbers that are days of the years 1980 to 2069, and hence no years themselves.
    """
    if isinstance(cell, bool) or not isinstance(cell, (str, int, float)):
        return False
    text = as_text(cell).strip() if not isinstance(cell, str) else _spaced(cell)
    return bool(re.fullmatch(r"\d{5}(?:\.\d+)?", text)) and _SERIALS[0] <= float(text) <= _SERIALS[1]


def read_year(
    cell: object, *, dated: Dated = "calendar", order: DateOrder | None = None
) -> float | Unreadable:
    """Parse a school year or date to the year in which the school year begins.

    Parameters
    ----------
    cell
        Cell as stored in the file.
    dated
        What a date means in this column (see :class:`layoutplan.dictionary.schema.Column`).
    order
        Order of day and month in the file; ``None`` if unknown.

    Returns
    -------
    float or Unreadable
        Its range is checked later.

    Examples
    --------
    >>> read_year("2025年"), read_year("2025-2026学年"), read_year("2025/9/1"), read_year(202509)
    (2025.0, 2025.0, 2025.0, 2025.0)
    >>> read_year("2025-12-01", dated="first"), read_year("2025-12-01", dated="within")
    (2026.0, 2025.0)
    >>> read_year("next year"), read_year("2025届")
    (Unreadable(code='bad_year'), Unreadable(code='graduation_year'))
    """
    if isinstance(cell, (dt.date, dt.datetime)):
        return _school_year({Day(cell.year, cell.month, cell.day)}, dated)
    if isinstance(cell, bool) or not isinstance(cell, (str, int, float)):
        return Unreadable("bad_year")
    text = _spaced(cell) if isinstance(cell, str) else as_text(cell)
    if isinstance(cell, float) and re.fullmatch(r"\d{4}\.1", text) and dated != "calendar":
        return Unreadable("month_unclear")  # 2025.10 loses its zero in a spreadsheet
    return _year_of_text(text, dated, order)


def _year_of_text(text: str, dated: Dated, order: DateOrder | None) -> float | Unreadable:
    if compatibility_characters(text):
        return Unreadable("compatibility_in_number")
    span = _SPAN.fullmatch(text)
    if span is not None and not _is_month(span):
        return _year_of_span(span, dated)
    days = _days_of(text, order)
    if days:
        return _school_year(days, dated)
    return float(text) if _NUMBER.fullmatch(text) else Unreadable("bad_year")


def read_date(cell: object, *, order: DateOrder | None = None) -> dt.datetime | Unreadable:
    """Parse a calendar date: 2025-09-01, 2025年9月1日, 20250901, 1 September 2025, 31/08/2025, 45901.

    Parameters
    ----------
    cell
        Cell as stored in the file.
    order
        Order of day and month in the file; ``None`` if unknown.

    Returns
    -------
    datetime.datetime or Unreadable
        Without time zone.

    Examples
    --------
    >>> read_date("2025年9月1日") == read_date("20250901") == read_date("1/9/2025", order="dmy")
    True
    >>> read_date("1/9/2025")
    Unreadable(code='date_order_unclear')
    """
    if isinstance(cell, dt.datetime):
        return cell.replace(tzinfo=None)
    if isinstance(cell, dt.date):
        return dt.datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001  a calendar date has no zone
    days = _days_of(_spaced(as_text(cell)), order)
    if len(days) > 1:
        return Unreadable("date_order_unclear")
    for day in days:
        if day.day is not None:
            return dt.datetime(day.year, day.month, day.day)  # noqa: DTZ001
    return Unreadable("bad_date")


def _spaced(cell: str) -> str:
    """Return a half-width text with single blanks: runs of blanks would make the patterns backtrack."""
    return _BLANKS.sub(" ", narrow(cell).strip(EDGES)).casefold()


def _is_month(span: re.Match[str]) -> bool:
    """Return whether a span such as 2025-09 is a month: no year follows it, and the number is one of 12."""
    to = span[2]
    if to is None or span["kind"] or len(to) != len("26"):
        return False
    return not _follows(int(span[1]), to) and 1 <= int(to) <= len(_MONTHS)


def _follows(year: int, to: str) -> bool:
    return (int(to) - year - 1) % (100 if len(to) == len("26") else 10_000) == 0


def _year_of_span(span: re.Match[str], dated: Dated) -> float | Unreadable:
    """Return the first year of a span; it must cover one school year (2025-2026, 2025-26)."""
    if span["kind"] == "届":
        return Unreadable("graduation_year")
    if span["season"] == "春" and dated == "within":
        return Unreadable("year_of_date_unclear")
    year = int(span[1])
    return Unreadable("bad_year") if span[2] is not None and not _follows(year, span[2]) else float(year)


def _school_year(days: set[Day], dated: Dated) -> float | Unreadable:
    years = {_year_of_day(day, dated) for day in days}
    if len(years) > 1:
        return Unreadable("date_order_unclear")
    year = years.pop()
    return Unreadable("year_of_date_unclear") if year is None else float(year)


def _year_of_day(day: Day, dated: Dated) -> int | None:
    """Return the school year of a date; ``None`` where it depends on when school years begin.

    A first of January stands for its year, as some programs export years.
    """
    if dated == "first" and day.month > _START:
        return day.year + 1
    if dated == "within" and day.month < _SECOND_HALF and day[1:] != (1, 1):
        return None
    return day.year


def _days_of(text: str, order: DateOrder | None) -> set[Day]:
    """Return the dates that a text may be: two if the order of day and month is unknown; none for no date."""
    dense = _DENSE.fullmatch(text)
    first = dense or _YEAR_FIRST.fullmatch(text)
    if first is not None:
        return _valid([(int(first[1]), int(first[2]), int(first[3]) if first[3] else None)])
    last = _YEAR_LAST.fullmatch(text)
    if last is not None:
        one, two, year = int(last[1]), int(last[2]), int(last[3])
        both: list[tuple[int, int, int | None]] = [(year, two, one), (year, one, two)]
        return _valid(both if order is None else [both[("dmy", "mdy").index(order)]])
    month = _MONTH_YEAR.fullmatch(text)
    if month is not None:
        return _valid([(int(month[2]), int(month[1]), None)])
    named = _NAMED.fullmatch(text)
    if named is not None and named["month"][:3] in _MONTHS:
        day = named["day"] or named["after"]
        number = _MONTHS.index(named["month"][:3]) + 1
        return _valid([(int(named["year"]), number, int(day) if day else None)])
    if is_serial(text):
        whole = _EPOCH + dt.timedelta(days=int(float(text)))
        return {Day(whole.year, whole.month, whole.day)}
    return set()


def _valid(candidates: Iterable[tuple[int, int, int | None]]) -> set[Day]:
    """Return the candidates that are in the calendar."""
    kept = set()
    for year, month, day in candidates:
        try:
            dt.date(year, month, day or 1)
        except ValueError:
            continue
        kept.add(Day(year, month, day))
    return kept
