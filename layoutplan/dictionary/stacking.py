"""Result tables concatenated from frames, with categorical text columns where rows are many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, cast

import numpy as np
import pandas as pd
from pandas.api.types import union_categoricals

from layoutplan.dictionary.check import empty_frame
from layoutplan.dictionary.loader import result_table


def constant(text: str, count: int) -> pd.Categorical:
    """Return a categorical column that holds one text throughout.

    Parameters
    ----------
    text
        The text.
    count
        Number of rows.

    Returns
    -------
    pandas.Categorical
        Length ``count``, one category.

    Examples
    --------
    >>> list(constant("primary", 2))
    ['primary', 'primary']
    """
    return pd.Categorical.from_codes(
        np.zeros(count, dtype=np.int8), categories=pd.Index([text], dtype=object)
    )


def below(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Concatenate frames by rows; categorical columns stay categorical, with the union of the categories.

    Parameters
    ----------
    frames
        At least one, all with the same columns; a column that is categorical must be so in all frames with
        rows. Frames without rows are skipped, since they may have lost their dtypes.

    Returns
    -------
    pandas.DataFrame
        With a new range index.

    Examples
    --------
    >>> both = below([pd.DataFrame({"stage": constant(stage, 1)}) for stage in ("primary", "junior")])
    >>> list(both["stage"]), list(both["stage"].cat.categories)
    (['primary', 'junior'], ['primary', 'junior'])
    """
    some = [frame for frame in frames if len(frame)] or [*frames[:1]]
    kinds = some[0].dtypes
    names = [name for name, kind in kinds.items() if isinstance(kind, pd.CategoricalDtype)]
    if len(some) > 1:
        shared = {name: _categories_of_all([frame[name] for frame in some]) for name in names}
        some = [frame.astype(shared) for frame in some]
    return pd.concat(some, ignore_index=True)


def _categories_of_all(columns: list[pd.Series[Any]]) -> pd.CategoricalDtype:
    """Return the union of the categories; the categories of an all-null column may differ in dtype."""
    if len({column.cat.categories.dtype for column in columns}) > 1:
        names = [cast("list[Any]", column.cat.categories.astype(object)) for column in columns]
        columns = [column.cat.rename_categories(own) for column, own in zip(columns, names, strict=True)]
    return pd.CategoricalDtype(union_categoricals(columns).categories)


def stacked(
    name: str, frames: Sequence[pd.DataFrame], *, layout: str, texts: Literal["str", "category"] = "str"
) -> pd.DataFrame:
    """Concatenate frames into a result table of the dictionary.

    Parameters
    ----------
    name
        Name of the result table.
    frames
        With all columns of the table but ``layout``; no frames, or none with rows, give an empty table.
    layout
        Value of the column ``layout``.
    texts
        Dtype of the columns ``stage`` and ``layout``; ``category`` saves memory for millions of rows.

    Returns
    -------
    pandas.DataFrame
        Columns in the table's order; integers as ``Int64``.
    """
    table = result_table(name)
    if not any(len(frame) for frame in frames):
        return empty_frame(table)
    whole = below(frames)
    whole["layout"] = constant(layout, len(whole))
    kinds = {column.name: "Int64" for column in table.columns if column.dtype == "integer"}
    kinds |= {name: texts for name in ("stage", "layout") if name in whole}
    return whole.astype(kinds)[[*table.column_names]]
