"""Result type of the outlook."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from layoutplan.cards import Outlined
from layoutplan.errors import Fault


@dataclass(frozen=True, repr=False)
class Outlook(Outlined):
    """Outlook on the demand. Each frame is a result table of the data dictionary, columns in order.

    Attributes
    ----------
    bands, totals
        Tables ``demand_bands`` and ``total_bands``; no rows without draws.
    peaks, streams
        Tables ``peaks`` and ``demand_streams``, by catchment.
    area_bases
        Table ``area_bases``: the demand of areas by population basis.
    estate_gaps
        Table ``estate_gaps``: estates occupied before their schools open.
    draws
        Number of draws made.
    notes
        Notices about assumptions.
    """

    bands: pd.DataFrame
    totals: pd.DataFrame
    peaks: pd.DataFrame
    streams: pd.DataFrame
    area_bases: pd.DataFrame
    estate_gaps: pd.DataFrame
    draws: int
    notes: tuple[Fault, ...] = ()
