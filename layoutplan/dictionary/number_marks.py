"""Decimal mark and grouping of the numbers in a file: decided once, from all its number columns.

``1.080`` is 1,080 in one country and 1.08 in another. A file is read with the mark that its other numbers
prove (``113.5554``, ``0,5``, ``1.234.567``) or that the plan states; what stays open is a fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from layoutplan.dictionary.characters import narrow
from layoutplan.dictionary.schema import Column
from layoutplan.dictionary.units import dimension_of

Mark = Literal[".", ","]

GROUPS: Final = " '"
"""Marks that only ever group digits; kinds of blank and apostrophe are folded into these."""
_AS_PLAIN: Final = str.maketrans({"’": "'", "‘": "'", "\u2212": "-", "\u066b": ".", "\u066c": "'"})
_WHOLE: Final = frozenset({"seats", "classes", "beds", "items", "rooms", "dwellings", "schools"})
_ANGLE: Final = "angle"
_FRACTIONS: Final = frozenset({"share", _ANGLE})
_MOST_DEGREES: Final = {"lon": 180.0, "lat": 90.0}
_SIMPLE: Final = re.compile(r"[0-9]+[.,][0-9]+")
_TOKEN: Final = re.compile(r"[.,]?\d[\d.,]*")
_OPEN: Final = re.compile(
    r"[1-9]\d{0,2}[.,]\d{3}"
)  # digits in one group of three: either reading is possible
_FRACTION: Final = re.compile(r"\d*([.,])\d+")
_GROUPED: Final = re.compile(r"\d{1,3}(?:(?:,\d{3}){2,}|(?:\.\d{3}){2,})|\d{1,2}(?:,\d{2})+,\d{3}")
_BOTH: Final = re.compile(r"\d{1,3}(?:(?:,\d{2,3})+\.\d*|(?:\.\d{3})+,\d*)")
_OTHER: Final[dict[str, Mark]] = {".": ",", ",": "."}


@dataclass(frozen=True, slots=True)
class NumberMarks:
    """How the numbers of a column are written.

    Attributes
    ----------
    decimal
        The decimal mark; the other mark groups digits.
    open_is
        What a number of the form ``1.080`` (one group of three digits after the decimal mark) is in this
        column: a ``fraction``, or ``unclear``, which is a fault.
    """

    decimal: Mark = "."
    open_is: Literal["fraction", "unclear"] = "fraction"


@dataclass(frozen=True, slots=True)
class FileMarks:
    """Decimal mark of a file.

    Attributes
    ----------
    decimal
        The mark that its numbers prove or the plan states; a point where neither does.
    proven
        Whether a number other than of the form ``1.080`` proves it, or the plan states it.
    example
        A number that proves a decimal comma; empty otherwise, and where the plan states the mark.
    degrees
        Whether the coordinates of the form ``113,555`` may be degrees.
    """

    decimal: Mark = "."
    proven: bool = False
    example: str = ""
    degrees: bool = True

    def of(self, column: Column, cells: Iterable[object]) -> NumberMarks:
        """Return the marks of one column.

        Parameters
        ----------
        column
            Definition of the column.
        cells
            Distinct cells of the column.

        Returns
        -------
        NumberMarks
            A count reads ``1.080`` as a fraction only if other numbers of the column prove fractions; seats,
            classes and other whole things never do. Other quantities need the mark of the file proven.
        """
        whole = column.dtype == "integer" or column.unit in _WHOLE
        if _is_fraction(column.unit):
            clear = self.degrees or dimension_of(column.unit) != _ANGLE or self._is_proven_by(cells)
        elif whole:
            clear = False
        elif dimension_of(column.unit) == "count":
            clear = self._is_proven_by(cells)
        else:
            clear = self.proven or self._is_proven_by(cells)
        return NumberMarks(self.decimal, "fraction" if clear else "unclear")

    def _is_proven_by(self, cells: Iterable[object]) -> bool:
        return any(_proves(token) == self.decimal for token in _tokens(cells))


def plain(text: str) -> str:
    """Return the text of a number with width forms, blanks, apostrophes and minus signs in one form.

    Parameters
    ----------
    text
        Cell as written.

    Returns
    -------
    str
        Compatibility characters are unchanged.
    """
    return narrow(text).translate(_AS_PLAIN)


def marks_of_file(columns: Iterable[tuple[Column, Iterable[object]]], *, stated: Mark | None) -> FileMarks:
    """Return the decimal mark of a file.

    Parameters
    ----------
    columns
        Number columns with their distinct cells.
    stated
        Mark that the plan states, or ``None``.

    Returns
    -------
    FileMarks
        Where numbers prove both marks, a point: each number with a decimal comma is then unreadable, and
        reported.

    Examples
    --------
    >>> from layoutplan.dictionary import input_table
    >>> lon = input_table("schools").column("lon")
    >>> marks_of_file([(lon, ["113,5554", "113,6"])], stated=None).decimal
    ','
    """
    if stated is not None:
        return FileMarks(stated, proven=True)
    found = [(column, list(_tokens(cells))) for column, cells in columns]
    degrees = all(_may_be_degrees(column, tokens) for column, tokens in found)
    proofs: dict[Mark, str] = {}
    for column, tokens in found:
        for mark, token in _proofs(column, tokens, degrees=degrees):
            proofs.setdefault(mark, token)
    if "," in proofs and "." not in proofs:
        return FileMarks(",", proven=True, example=proofs[","], degrees=degrees)
    return FileMarks(".", proven="." in proofs, degrees=degrees)


def _is_fraction(unit: str) -> bool:
    """Return whether a quantity is never grouped in thousands: degrees, shares, rates."""
    return dimension_of(unit) in _FRACTIONS or " per " in unit


def _tokens(cells: Iterable[object]) -> Iterable[str]:
    """Yield the first number with a mark in each text."""
    for cell in cells:
        if not isinstance(cell, str):
            continue
        if _SIMPLE.fullmatch(cell):
            yield cell
        elif "." in cell or "," in cell or not cell.isascii():
            token = _TOKEN.search(plain(cell))
            found = token[0].rstrip(".,") if token else ""
            if "." in found or "," in found:
                yield found


def _may_be_degrees(column: Column, tokens: list[str]) -> bool:
    """Return whether the numbers of a column of coordinates may be degrees with three decimals."""
    if dimension_of(column.unit) != _ANGLE:
        return True
    most = _MOST_DEGREES["lat" if column.name == "lat" else "lon"]
    unclear = (token for token in tokens if _OPEN.fullmatch(token))
    return all(float(token.replace(",", ".")) <= most for token in unclear)


def _proofs(column: Column, tokens: list[str], *, degrees: bool) -> Iterable[tuple[Mark, str]]:
    """Yield each decimal mark that the numbers of a column prove, with the number."""
    counted = dimension_of(column.unit) == "count" and not _is_fraction(column.unit)
    whole = column.dtype == "integer" or counted
    point = False
    for token in tokens:
        if point and "," not in token and token.count(".") == 1:
            continue  # it can prove a decimal point alone, which is proven
        mark = _proves(token)
        point |= mark == "."
        if mark == "," and whole and _FRACTION.fullmatch(token):
            continue  # a fraction of a count is more likely a typing error than a proof
        if mark is not None:
            yield mark, token
    if _is_fraction(column.unit) and (degrees or dimension_of(column.unit) != _ANGLE):
        for token in tokens:
            if _OPEN.fullmatch(token):
                yield ("," if "," in token else "."), token


def _proves(token: str) -> Mark | None:
    """Return the decimal mark that a number proves by its form alone."""
    if _OPEN.fullmatch(token):
        return None
    fraction = _FRACTION.fullmatch(token)
    if fraction is not None:
        return "," if fraction[1] == "," else "."
    if _GROUPED.fullmatch(token):
        return _OTHER["," if "," in token else "."]
    if _BOTH.fullmatch(token):
        return "," if token.rfind(",") > token.rfind(".") else "."
    return None


def number_in(text: str, marks: NumberMarks) -> float | Literal["unclear"] | None:
    """Return the number that a text is.

    Parameters
    ----------
    text
        Result of :func:`plain`, without blanks at its ends.
    marks
        How the numbers of the column are written.

    Returns
    -------
    float or None or str
        ``None`` if the text is no number; ``unclear`` for a number of the form ``1.080`` that may be either.

    Examples
    --------
    >>> number_in("1.080,5", NumberMarks(",")), number_in("1.080", NumberMarks(".", "unclear"))
    (1080.5, 'unclear')
    """
    if marks.open_is == "unclear" and marks.decimal in text and _OPEN.fullmatch(text.lstrip("+-")):
        return "unclear"
    swapped = text.translate(_SWAPPED) if marks.decimal == "," else text
    if _THOUSANDS.fullmatch(swapped) or _INDIAN.fullmatch(swapped):
        return float(_GROUP.sub("", swapped))
    return float(swapped) if _NUMBER.fullmatch(swapped) else None


def is_open(text: str, marks: NumberMarks) -> bool:
    """Return whether the marks of the column decide what a text is.

    Parameters
    ----------
    text
        Cell as written.
    marks
        How the numbers of the column are written.

    Returns
    -------
    bool
        False for a number that reads the same with a decimal point.
    """
    if marks.decimal == ",":
        return "." in text or "," in text
    return marks.open_is == "unclear" and bool(_OPEN.search(text))


_SWAPPED: Final = str.maketrans(".,", ",.")
_GROUP: Final = re.compile("[, ']")
_THOUSANDS: Final = re.compile(r"[+-]?\d{1,3}(?:(?:,\d{3})+|(?: \d{3})+|(?:'\d{3})+)(?:\.\d+)?")
_INDIAN: Final = re.compile(r"[+-]?\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d+)?")
_NUMBER: Final = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?")
