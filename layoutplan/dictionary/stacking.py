"""Result tables from frames one below the other, with texts as categories where rows are many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, cast

import numpy as np
import pandas as pd
from pandas.api.types import union_categoricals

from layoutplan.dictionary.check import empty_frame
from layoutplan.dictionary.loader import result_table


def constant(text: str, count: int) -> pd.Categorical:
    """Return one text ``count`` times, as a category.

    Examples
    --------
    >>> list(constant("primary", 2))
    ['primary', 'primary']
    """
    return pd.Categorical.from_codes(
        np.zeros(count, dtype=np.int8), categories=pd.Index([text], dtype=object)
    )


def below(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return frames one below the other; columns of categories stay so, with the categories of all.

    Parameters
    ----------
    frames
        At least one, all with the same columns; a column of categories is so in all that have rows. Those
        without rows are passed over: they may have lost the types of their columns.

    Examples
    --------
    >>> both = below([pd.DataFrame({"stage": constant(stage, 1)}) for stage in ("primary", "junior")])
    >>> list(both["stage"]), list(both["stage"].cat.categories)
    (['primary', 'junior'], ['primary', 'junior'])
    """
    some = [frame for frame in frames if len(frame)] or [*frames[:1]]
    kinds = some[0].dtypes
    names = [name for name, kind in kinds.items() if isinstance(kind, pd.CategoricalDtype)]
    shared = {name: _categories_of_all([frame[name] for frame in some]) for name in names}
    return pd.concat([frame.astype(shared) for frame in some], ignore_index=True)


def _categories_of_all(columns: list[pd.Series[Any]]) -> pd.CategoricalDtype:
    """Return the categories of all columns; of one that is null throughout they may be of another type."""
    if len({column.cat.categories.dtype for column in columns}) > 1:
        names = [cast("list[Any]", column.cat.categories.astype(object)) for column in columns]
        columns = [column.cat.rename_categories(own) for column, own in zip(columns, names, strict=True)]
    return pd.CategoricalDtype(union_categoricals(columns).categories)


def stacked(
    name: str, frames: Sequence[pd.DataFrame], *, layout: str, texts: Literal["str", "category"] = "str"
) -> pd.DataFrame:
    """Return frames one below the other, as the dictionary describes the result table ``name``.

    Parameters
    ----------
    frames
        With all columns of the table but ``layout``; none at all gives a table without rows.
    layout
        What the column ``layout`` says.
    texts
        Type of the columns ``stage`` and ``layout``: categories where rows are millions.
    """
    table = result_table(name)
    if not any(len(frame) for frame in frames):
        return empty_frame(table)
    whole = below(frames)
    whole["layout"] = constant(layout, len(whole))
    whole = whole.astype({name: texts for name in ("stage", "layout") if name in whole})
    for column in table.columns:
        if column.dtype == "integer":
            whole[column.name] = whole[column.name].astype("Int64")
    return whole[[*table.column_names]]
