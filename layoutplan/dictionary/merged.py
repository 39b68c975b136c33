"""Merged cells of a sheet: a word holds for every row it covers, a quantity is asked about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from layoutplan.dictionary.choose_header import Match
from layoutplan.dictionary.header_reports import quoted
from layoutplan.dictionary.table_log import TableLog
from layoutplan.dictionary.units import dimension_of

_RATES: Final = frozenset({"share"})
_AREAS: Final = ("township", "district_id", "setting")  # blanks in other columns are common


@dataclass(frozen=True, slots=True)
class MergedCells:
    """A merged cell among the records: the headers and the rows that it covers."""

    headers: tuple[str, ...]
    rows: tuple[object, ...]


def report_merged(
    merged: Sequence[MergedCells],
    matches: Mapping[str, Match],
    raw: pd.DataFrame,
    *,
    log: TableLog,
) -> dict[str, np.ndarray]:
    """Report merged cells: a notice for words, an error for quantities.

    Parameters
    ----------
    merged
        Merged cells of the sheet.
    matches
        The matched columns of the table.
    raw
        Cells as read, merged ones expanded downwards.
    log
        Receives at most one notice, and one error per column.

    Returns
    -------
    dict of str to numpy.ndarray
        By dictionary column name: mask of the rows whose figure is not known.
    """
    of_header: dict[str, list[Match]] = {}
    for match in matches.values():
        for term in match.terms or (match,):
            of_header.setdefault(term.header, []).append(match)
    words: dict[str, list[object]] = {}
    quantities: dict[str, list[object]] = {}
    for one in merged:
        for header in one.headers:
            known = of_header.get(header, [])
            if any(_is_quantity(match) for match in known):
                quantities.setdefault(header, []).extend(one.rows)
            elif known and len(one.rows) > 1 and header == one.headers[0]:
                words.setdefault(header, []).extend(one.rows)
    if words:
        rows = list(dict.fromkeys(row for found in words.values() for row in found))
        log.add("merged_expanded", severity="notice", rows=rows, column=", ".join(words))
    broken: dict[str, np.ndarray] = {}
    for header, rows in quantities.items():
        cells = raw[header][raw.index.isin(rows)].dropna()
        shown = [str(cell) for cell in dict.fromkeys(cells)]
        if shown:  # else the cell is named under the column that it begins in
            log.add("merged_quantity", rows=rows, column=header, values=quoted(shown, most=5))
        mask = raw.index.isin(rows)
        broken |= {match.column.name: mask for match in of_header[header]}
    return broken


def report_blanks_below(
    frame: pd.DataFrame, *, found: Mapping[str, str], labels: pd.Index[Any], log: TableLog
) -> None:
    """Report columns of areas that look like merged cells saved as text: each value once, blanks below it.

    Parameters
    ----------
    frame
        Converted table; positions as index.
    found
        Dictionary column name → header, for the columns in the file.
    labels
        The reader's label of each row.
    log
        Receives one warning per column.
    """
    for name in _AREAS:
        if name not in found or name not in frame:
            continue
        filled = frame[name].notna().to_numpy()
        starts = np.flatnonzero(filled)
        runs = np.diff(np.append(starts, len(frame)))
        once = not frame[name][filled].duplicated().any()
        if len(starts) > 1 and filled[0] and once and (runs > 1).all():
            log.add("blank_below", severity="warning", rows=labels[~filled], column=found[name])


def _is_quantity(match: Match) -> bool:
    """Return whether a column counts or measures; a share may hold for every row."""
    column = match.column
    number = column.dtype in ("number", "integer") and not column.choice_aliases
    return number and dimension_of(column.unit) not in _RATES and " per " not in column.unit


def exclude(at_fault: Mapping[str, np.ndarray], broken: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Return the masks of rows at fault with further rows.

    Parameters
    ----------
    at_fault, broken
        Masks by dictionary column name.

    Returns
    -------
    dict of str to numpy.ndarray
        The union of both, for the columns of ``at_fault``.
    """
    return {name: rows | broken[name] if name in broken else rows for name, rows in at_fault.items()}
