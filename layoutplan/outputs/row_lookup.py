"""Result tables by name, and the rows of one by their key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

RowValues = dict[str, Any]
Frames = Mapping[str, pd.DataFrame]
"""Tables and layers by name."""


def rows_by(frame: pd.DataFrame, *keys: str) -> dict[tuple[Any, ...], RowValues]:
    """Return the rows as dictionaries, by the values of ``keys``, in the table's order.

    Parameters
    ----------
    frame
        A table.
    *keys
        Columns that identify a row.

    Returns
    -------
    dict[tuple[Any, ...], RowValues]
        Row by key.

    Examples
    --------
    >>> rows_by(pd.DataFrame({"stage": ["primary"], "seats": [90]}), "stage")[("primary",)]["seats"]
    90
    """
    return {tuple(row[key] for key in keys): row for row in _records(frame)}


def _records(frame: pd.DataFrame) -> list[RowValues]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
