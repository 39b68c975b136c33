"""The city during assembly: what is read and placed, and the log of each table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj

from layoutplan.city.city import Source, no_gates
from layoutplan.city.given import GivenTable
from layoutplan.city.shared_areas import SharedAreas
from layoutplan.dictionary.table_log import TableLog
from layoutplan.errors import FaultLog
from layoutplan.plan import Plan

_Frame = TypeVar("_Frame", pd.DataFrame, gpd.GeoDataFrame)


@dataclass(frozen=True)
class CityDraft:
    """The city during assembly; a table with a fatal fault is absent.

    ``spatial`` holds clean frames in the working CRS, ids as columns, index = the reader's row number;
    ``gates`` those of schools with several, on the same index.
    """

    plan: Plan
    log: FaultLog
    given: Mapping[str, GivenTable]
    crs: pyproj.CRS
    spatial: Mapping[str, gpd.GeoDataFrame]
    sources: tuple[Source, ...]
    shared: SharedAreas | None = None
    gates: gpd.GeoSeries = field(default_factory=no_gates)

    def of(self, table: str) -> TableLog:
        """Return the log of a table; a table that the plan does not name is reported under the plan file."""
        if table in self.given:
            return self.given[table].log
        return TableLog(self.log, file=self.plan.path.name, table=table)

    def sound(self, table: str) -> bool:
        """Return whether a layer was read without a fatal fault."""
        return table in self.spatial and (table not in self.given or self.given[table].sound)


def ordered(frame: _Frame, *, by: tuple[str, ...]) -> _Frame:
    """Return the rows sorted by the columns of a key, or by their geometries where there is none.

    Parameters
    ----------
    frame
        A table or layer.
    by
        Columns of the key; values are compared as text.
    """
    if by:
        return frame.sort_values(list(by), key=lambda column: column.astype("string"), kind="stable")
    if isinstance(frame, gpd.GeoDataFrame):
        order = np.argsort(frame.geometry.to_wkb().to_numpy(), kind="stable")
        by_shape: _Frame = frame.iloc[order]
        return by_shape
    return frame
