"""The balance of a layout as a value."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from layoutplan.errors import Fault


@dataclass(frozen=True)
class Balance:
    """One plan judged. Each frame is a result table of the data dictionary, all its columns in order.

    ``schools``, ``catchments``, ``districts``, ``city``: tables ``school_balance`` and so on, one row a
    thing, stage and year. ``units``: table ``unit_demand``. ``assignment``: table ``assignment``, the best
    possible placement of all pupils within reach. In these two the texts are categories, since a large city
    has millions of rows.
    """

    schools: pd.DataFrame
    catchments: pd.DataFrame
    districts: pd.DataFrame
    city: pd.DataFrame
    units: pd.DataFrame
    assignment: pd.DataFrame
    notes: tuple[Fault, ...] = ()
