"""Conversion of a column as read to its dictionary type, with the faults of unreadable cells.

Every distinct cell is parsed once; plain numbers are parsed vectorised.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from layoutplan.dictionary.dates import YEARS, DateOrder, read_date, read_year
from layoutplan.dictionary.nearest import header_key
from layoutplan.dictionary.number_marks import NumberMarks, is_open
from layoutplan.dictionary.scalars import (
    POINT,
    Unreadable,
    fold,
    is_blank,
    read_flag,
    read_list,
    read_number,
    read_text,
)
from layoutplan.dictionary.schema import Column, DType
from layoutplan.dictionary.suppressed import Suppressed, middle, suppressed_bounds

DTYPES: Final[dict[DType, str]] = {
    "text": "object",
    "number": "float64",
    "integer": "Int64",
    "year": "Int64",
    "flag": "boolean",
    "date": "datetime64[ns]",
    "list": "object",
}
"""pandas dtype of a checked column: text is ``str`` or ``None``, a list is a tuple of codes."""

_EXACT: Final = float(2**53)
_ROUNDING: Final = 1e-9


@dataclass(frozen=True)
class Converted:
    """A converted column.

    Attributes
    ----------
    series
        Values in the dtype of :data:`DTYPES`, on the index given.
    faults
        Fault code → mask of the rows that have it; their value is null.
    unused
        Source values of the plan's mapping that do not occur in the column.
    suppressed
        The suppressed counts; ``None`` if there are none.
    """

    series: pd.Series[Any]
    faults: Mapping[str, np.ndarray]
    unused: tuple[str, ...] = ()
    suppressed: Suppressed | None = None


@dataclass(frozen=True)
class Cells:
    """The cells of a column: ``codes`` gives for each row its place in ``distinct``, -1 for null."""

    codes: np.ndarray
    distinct: list[Any]


@dataclass(frozen=True, slots=True)
class Spelling:
    """How numbers and dates of a column are written: decimal mark, and order of day and month."""

    marks: NumberMarks = POINT
    order: DateOrder | None = None


PLAIN: Final = Spelling()
"""A decimal point, and dates of which no order is known."""


def convert(
    raw: pd.Series[Any],
    column: Column,
    *,
    is_key: bool,
    factor: float,
    values: Mapping[str, str],
    hidden: tuple[float, float] | None = None,
    cells: Cells | None = None,
    spelling: Spelling = PLAIN,
) -> Converted:
    """Convert a column as read to its dictionary type.

    Parameters
    ----------
    raw
        Cells as stored in the file, of any type; not modified.
    column
        Definition of the column.
    is_key
        Whether the column is part of the table's key, so that its texts are codes.
    factor
        Dictionary units per unit of the header; 1 unless the header states another unit.
    values
        Value in the file → value of the dictionary, from the plan.
    hidden
        Least and largest count that a mark for a suppressed count stands for, from the plan.
    cells
        Result of :func:`cells_of` for ``raw``, if it is known.
    spelling
        How numbers and dates of the column are written.

    Returns
    -------
    Converted
        Values and faults on the index of ``raw``.
    """
    known = cells_of(raw) if cells is None else cells
    codes = known.codes
    mapped, unused = _mapped(known.distinct, values)
    bounds = suppressed_bounds(mapped, column, stated=hidden)
    shown = [middle(bounds[place], column) if place in bounds else cell for place, cell in enumerate(mapped)]
    is_code = is_key or column.reference is not None
    read = _read_all(shown, column, is_code=is_code, factor=factor, spelling=spelling)
    failed = {
        code: np.array([isinstance(value, Unreadable) and value.code == code for value in read], dtype=bool)
        for code in dict.fromkeys(value.code for value in read if isinstance(value, Unreadable))
    }
    kept = [None if isinstance(value, Unreadable) else value for value in read]
    series, more = _assemble(kept, codes, column=column)
    faults = {code: _spread(flags, codes) for code, flags in {**failed, **more}.items()}
    return Converted(
        series=series.set_axis(raw.index).rename(column.name),
        faults=faults,
        unused=tuple(unused),
        suppressed=_suppressed(bounds, codes, factor=factor) if bounds else None,
    )


def _suppressed(bounds: Mapping[int, tuple[float, float]], codes: np.ndarray, *, factor: float) -> Suppressed:
    """Return the bounds of the distinct cells, by row."""
    by_cell = np.full((int(codes.max()) + 2, 2), np.nan)  # the last is that of empty cells
    by_cell[list(bounds)] = list(bounds.values())
    by_row = by_cell[codes] * factor
    return Suppressed(rows=~np.isnan(by_row[:, 0]), low=by_row[:, 0], high=by_row[:, 1])


def empty_column(column: Column, index: pd.Index[Any]) -> pd.Series[Any]:
    """Return a column without values.

    Parameters
    ----------
    column
        Definition of the column.
    index
        Row index.

    Returns
    -------
    pandas.Series
        The column's default in every row, else nulls of its dtype (lists: empty tuples).
    """
    if column.default is not None:
        return pd.Series([column.default] * len(index), index=index, dtype=DTYPES[column.dtype])
    null: object = () if column.dtype == "list" else None
    return pd.Series([null] * len(index), index=index, dtype=DTYPES[column.dtype])


def cells_of(raw: pd.Series[Any]) -> Cells:
    """Return the distinct cells of a column as read.

    Parameters
    ----------
    raw
        Cells as stored in the file, of any type.

    Returns
    -------
    Cells
        Lists as tuples, nested structures as their text.
    """
    cells = raw.astype(object)
    try:
        codes, distinct = pd.factorize(cells.to_numpy())
    except TypeError:  # lists and structures, as a parquet file may hold
        codes, distinct = pd.factorize(cells.map(_hashable).to_numpy())
    return Cells(codes, [value.item() if isinstance(value, np.generic) else value for value in distinct])


def _hashable(cell: object) -> object:
    """Return a list as a tuple; nested structures as their text."""
    if isinstance(cell, (list, np.ndarray)):
        parts = list(cell)
        return (
            str(parts) if any(isinstance(part, (list, dict, np.ndarray)) for part in parts) else tuple(parts)
        )
    return str(cell) if isinstance(cell, (dict, set)) else cell


def _mapped(distinct: list[Any], values: Mapping[str, str]) -> tuple[list[Any], list[str]]:
    """Replace the cells that the plan maps; return also the mappings that match no cell."""
    if not values:
        return distinct, []
    wanted = {fold(source): target for source, target in values.items()}
    keys = [_cell_key(cell) for cell in distinct]
    replaced = [wanted.get(key, cell) for key, cell in zip(keys, distinct, strict=True)]
    return replaced, [source for source in values if fold(source) not in keys]


def _cell_key(cell: object) -> str:
    text = read_text(cell, is_code=False)
    return "" if isinstance(text, Unreadable) else fold(text)


def _read_all(
    cells: list[Any], column: Column, *, is_code: bool, factor: float, spelling: Spelling
) -> list[Any]:
    """Return for each distinct cell its value, ``None`` for a blank, or the fault."""
    read = _reader(column, is_code=is_code, factor=factor, spelling=spelling)
    spellings = {
        header_key(spelling): meant
        for spelling, meant in (*((choice, choice) for choice in column.choices), *column.choice_aliases)
    }
    marks = column.dtype != "text" or is_code or bool(spellings)
    counted = column.dtype in ("number", "integer")
    ready = _plain_numbers(cells, factor=factor, marks=spelling.marks) if counted else {}
    made: list[Any] = []
    for place, cell in enumerate(cells):
        if place in ready:
            made.append(ready[place])
        elif column.dtype == "list":
            made.append(_unified_list(read(cell), spellings))
        elif spellings and (meant := spellings.get(header_key(_cell_key(cell)))) is not None:
            made.append(meant if column.dtype == "text" else read(meant))
        elif is_blank(cell, marks=marks) and not (column.dtype == "flag" and read_flag(cell) is False):
            made.append(None)
        else:
            made.append(read(cell))
    return made


def _reader(column: Column, *, is_code: bool, factor: float, spelling: Spelling) -> Callable[[object], Any]:
    """Return the function that reads one cell of a column."""
    if column.dtype in ("number", "integer"):
        return lambda cell: read_number(cell, unit=column.unit, factor=factor, marks=spelling.marks)
    if column.dtype == "text":
        return lambda cell: read_text(cell, is_code=is_code)
    readers: dict[DType, Callable[[object], Any]] = {
        "year": lambda cell: read_year(cell, dated=column.dated, order=spelling.order),
        "flag": read_flag,
        "date": lambda cell: read_date(cell, order=spelling.order),
        "list": read_list,
    }
    return readers[column.dtype]


def _unified_list(items: tuple[str, ...] | Unreadable, spellings: Mapping[str, str]) -> object:
    if isinstance(items, Unreadable):
        return items
    found = (spellings.get(header_key(item), item) for item in items if not is_blank(item, marks=True))
    return tuple(dict.fromkeys(found))


def _plain_numbers(cells: list[Any], *, factor: float, marks: NumberMarks) -> dict[int, float]:
    """Return the plain numbers among the cells, by position: a vectorised fast path for long columns.

    Texts are left to the parser where marks decide: with a decimal comma, or in the form ``1.080``.
    """
    plain = [cell if _is_plain(cell, marks) else None for cell in cells]
    numbers = pd.to_numeric(pd.Series(plain, dtype=object), errors="coerce").to_numpy(dtype=float)
    return {int(place): float(numbers[place]) * factor for place in np.flatnonzero(np.isfinite(numbers))}


def _is_plain(cell: object, marks: NumberMarks) -> bool:
    if isinstance(cell, str):
        return cell.isascii() and not is_open(cell, marks)
    return isinstance(cell, (int, float)) and not isinstance(cell, bool)


def _assemble(
    kept: list[Any], codes: np.ndarray, *, column: Column
) -> tuple[pd.Series[Any], dict[str, np.ndarray]]:
    """Return the column from its distinct values, and the faults of numeric types (by distinct value)."""
    if column.dtype in ("number", "integer", "year"):
        numbers, faults = _checked_numbers(kept, column.dtype)
        taken = np.append(numbers, np.nan)[codes]
        if column.dtype == "number":
            return pd.Series(taken), faults
        return pd.Series(taken).round().astype("Int64"), faults
    null: object = () if column.dtype == "list" else None
    values = np.empty(len(kept) + 1, dtype=object)
    values[:] = [*(null if value is None else value for value in kept), null]
    taken_objects = values[codes]
    if column.dtype == "date":
        return pd.Series(pd.to_datetime(pd.Series(taken_objects, dtype=object)).astype("datetime64[ns]")), {}
    return pd.Series(taken_objects, dtype=DTYPES[column.dtype]), {}


def _checked_numbers(kept: list[Any], dtype: DType) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return distinct numbers with invalid ones set to NaN, and a mask per fault."""
    numbers = np.array([math.nan if value is None else value for value in kept], dtype=float)
    faults = {
        "not_finite": np.isinf(numbers) | (np.abs(numbers) > (_EXACT if dtype != "number" else math.inf))
    }
    if dtype == "integer":
        finite = np.where(np.isfinite(numbers), numbers, 0.0)
        faults["fractional_integer"] = np.abs(finite - np.round(finite)) > _ROUNDING
    if dtype == "year":
        outside = (numbers < YEARS[0]) | (numbers > YEARS[1]) | (numbers != np.floor(numbers))
        faults["year_out_of_range"] = outside & np.isfinite(numbers) & ~faults["not_finite"]
    found = {code: flags for code, flags in faults.items() if flags.any()}
    for flags in found.values():
        numbers = np.where(flags, np.nan, numbers)
    return numbers, found


def _spread(flags: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Expand flags per distinct value to flags per row."""
    by_row: np.ndarray = np.append(flags, [False])[codes]  # an empty cell has no fault
    return by_row
