"""Outlook: what is to come, how sure it is, and what of it lasts."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from layoutplan.errors import Fault


@dataclass(frozen=True)
class Outlook:
    """Each frame is a result table of the data dictionary, all its columns in order.

    ``bands``, ``totals``: tables ``demand_bands`` and ``total_bands``, without rows where no draws are made.
    ``peaks``, ``streams``: tables ``peaks`` and ``demand_streams``, by catchment.
    ``area_bases``: the demand of units on each basis.
    ``estate_gaps``: estates whose schools lag their people.
    ``draws``: how many draws were made.
    """

    bands: pd.DataFrame
    totals: pd.DataFrame
    peaks: pd.DataFrame
    streams: pd.DataFrame
    area_bases: pd.DataFrame
    estate_gaps: pd.DataFrame
    draws: int
    notes: tuple[Fault, ...] = ()
