"""Blank figures of schools and areas: estimated or left out, and named; never counted as 0."""

from __future__ import annotations

import numpy as np
import pandas as pd

from layoutplan.arrays import FloatArray
from layoutplan.city.blanks import estimate_blanks
from layoutplan.rules.measured import list_ids


def estimated(stated: pd.Series, reference: pd.Series) -> pd.Series:
    """Return figures with blanks estimated from their share of a reference where both are stated.

    Parameters
    ----------
    stated
        Figures by school or area; null where blank.
    reference
        What they are part of (enrolment, children), on the same index.

    Returns
    -------
    Series
        Float; null where the reference is blank too, or no share is known.

    Examples
    --------
    A tenth of the pupils where both are known:

    >>> estimated(pd.Series([10, None, 0]), pd.Series([150, 300, 50])).tolist()
    [10.0, 15.0, 0.0]
    """
    known: FloatArray = pd.Series(stated).to_numpy(dtype=np.float64, na_value=np.nan)
    whole: FloatArray = pd.Series(reference).to_numpy(dtype=np.float64, na_value=np.nan)
    return pd.Series(estimate_blanks(known, whole), index=stated.index, dtype=float)


def with_blanks(rows: pd.DataFrame, **blank: pd.Series) -> pd.DataFrame:
    """Name the columns whose blanks were estimated or left out, in the rows of a measure.

    Parameters
    ----------
    rows
        Rows as :func:`~layoutplan.rules.measured.measured` makes them.
    **blank
        By ``table__column``: which of its figures are blank.

    Returns
    -------
    DataFrame
        ``rows`` with ``missing``; as given where nothing is blank.
    """
    columns = list_ids([name.replace("__", ".") for name, where in blank.items() if bool(where.any())])
    return rows if columns is None or rows.empty else rows.assign(missing=columns)
