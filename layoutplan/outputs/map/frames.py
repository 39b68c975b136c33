"""Frames as JSON: rows as records, years as series, numbers as short as a reader needs them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from layoutplan.texts import Language, other_language

Record = dict[str, Any]
Numbers = list[float | int | None]


def series(frame: pd.DataFrame, figures: Sequence[str], *, by: list[str], years: Sequence[int]) -> Record:
    """Return figures as nested records: by entity, then layout, then figure.

    Parameters
    ----------
    frame
        Rows per layout, entity and year: columns ``layout``, ``year``, those of ``by``, and figures.
    figures
        Columns to include; columns that the frame does not have are omitted.
    by
        Columns that identify an entity.
    years
        Years of the values, in order; rows of other years are ignored.

    Returns
    -------
    Record
        ``{entity: {layout: {figure: values}}}`` with one value per year, null where missing; the name of an
        entity is its values in ``by``, joined by ``|``.
    """
    present = [figure for figure in figures if figure in frame.columns]
    own = frame[frame["year"].isin(list(years))]
    things, keys = pd.factorize(pd.MultiIndex.from_frame(own[["layout", *by]]), sort=True)
    column = pd.Index(list(years)).get_indexer(pd.Index(own["year"].astype(int)))
    tables: dict[str, list[Numbers]] = {}
    for figure in present:
        values = np.full((len(keys), len(years)), np.nan)
        values[things, column] = own[figure].to_numpy(dtype=float, na_value=np.nan)
        tables[figure] = _rows(values)
    tree: Record = {}
    for at, (layout, *thing) in enumerate(keys):
        found = {figure: rows[at] for figure, rows in tables.items()}
        tree.setdefault("|".join(map(str, thing)), {})[layout] = found
    return tree


def numbers(values: Iterable[float]) -> Numbers:
    """Return values rounded for the page; null where missing (nan).

    Parameters
    ----------
    values
        The values.

    Returns
    -------
    Numbers
        Of the same length.
    """
    return _rows(np.array([[*values]], dtype=float))[0]


def _rows(values: npt.NDArray[np.float64]) -> list[Numbers]:
    """Return the rows of a matrix as numbers, as :func:`short` writes them; null where missing."""
    size = np.abs(values)
    digits = np.select([size < 1, size < 10], [4, 2], 1)  # noqa: PLR2004
    brief = _brief(values, digits)
    return [
        [None if one != one else int(one) if one.is_integer() else one for one in row]  # noqa: PLR0124  nan
        for row in brief.tolist()
    ]


def _brief(values: npt.NDArray[np.float64], digits: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Round to digits so that the page, which rounds again to a whole, shows what every other text shows.

    5,803.49 to one decimal is 5,803.5, which would be shown as 5,804: such a value is cut instead.
    """
    scale = 10.0**digits
    brief, cut = np.round(values * scale) / scale, np.trunc(values * scale * 100) / scale / 100
    half = np.floor(np.abs(brief) + 0.5) != np.floor(np.abs(values) + 0.5)
    return np.where(half, cut, brief)


def short(value: float, *, digits: int = 1) -> float | int:
    """Round to four decimals below one, else to ``digits``.

    Parameters
    ----------
    value
        The value.
    digits
        Decimals from one on.

    Returns
    -------
    float | int
        A whole value as ``int``.

    Examples
    --------
    >>> short(0.123456), short(1234.56), short(3.0)
    (0.1235, 1234.6, 3)
    """
    (brief,) = _brief(np.array([value]), np.array([4 if abs(value) < 1 else digits])).tolist()
    return int(brief) if brief.is_integer() else brief


def records(frame: pd.DataFrame) -> list[Record]:
    """Return the rows as records that JSON can hold, without geometry.

    Parameters
    ----------
    frame
        A table.

    Returns
    -------
    list[Record]
        One record per row.
    """
    plain = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
    return [{str(name): cell(value) for name, value in row.items()} for row in plain.to_dict("records")]


def records_in_both(found: list[Record], columns: Sequence[str], *, lang: Language) -> list[Record]:
    """Return the records with each text of ``columns`` in both languages, ``{"zh": …, "en": …}``.

    A table holds a text in the run's language ``lang`` and its translation in ``<column>_translated``.

    Parameters
    ----------
    found
        Records of a table.
    columns
        Columns of texts.
    lang
        The run's language.

    Returns
    -------
    list[Record]
        Copies of the records.

    Examples
    --------
    >>> records_in_both([{"why": "near", "why_translated": "较近"}], ["why"], lang="en")
    [{'why': {'en': 'near', 'zh': '较近'}}]
    """
    both = []
    for record in found:
        said = {
            column: {lang: record[column], other_language(lang): record[f"{column}_translated"]}
            for column in columns
        }
        kept = {key: value for key, value in record.items() if key.removesuffix("_translated") not in said}
        both.append({**kept, **said})
    return both


def cell(value: Any) -> Any:  # noqa: ANN401  a frame's cell
    """Return a cell as a value that JSON can hold.

    Parameters
    ----------
    value
        A frame's cell.

    Returns
    -------
    Any
        Null where missing; numbers as :func:`short`; anything else as text.
    """
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return short(float(value))
    return str(value)


def name_of(row: pd.Series, fallback: object) -> str:
    """Return the row's name, or ``fallback`` where it has none.

    Parameters
    ----------
    row
        A row of a table.
    fallback
        Such as the row's id.

    Returns
    -------
    str
        The name.
    """
    name = row.get("name")
    return str(fallback) if name is None or pd.isna(name) or not str(name).strip() else str(name)
