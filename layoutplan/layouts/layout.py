"""Layout (布局方案): seats by school, stage and year, the catchments they serve, and the walks to them."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from layoutplan.layouts.seats import Seats
from layoutplan.texts import Said
from layoutplan.travel.matrix import WalkMatrix

TODAY = "today"
"""Id of the layout that a city has: its schools with the projects the plan counts, its catchments."""


@dataclass(frozen=True)
class Zoning:
    """All catchments of all stages (划片): which unit lies in which catchment, which schools serve it.

    Attributes
    ----------
    catchments
        Polygons, index ``catchment_id``, with ``stage``, ``name`` and ``district_id``; the city's CRS.
    unit_catchments
        Index ``unit_id``, one column a stage: the ``catchment_id`` of every unit, null where it lies in none.
    catchment_schools
        Columns ``catchment_id``, ``stage``, ``school_id``: one row per catchment and school that serves it.
    """

    catchments: gpd.GeoDataFrame
    unit_catchments: pd.DataFrame
    catchment_schools: pd.DataFrame

    def of_stage(self, stage: str) -> gpd.GeoDataFrame:
        """Return the catchments of one stage."""
        return self.catchments[self.catchments["stage"] == stage]

    def held(self, stage: str) -> pd.Series:
        """Return the catchment of every unit in one stage, null for none."""
        if stage in self.unit_catchments:
            return self.unit_catchments[stage]
        return pd.Series(None, index=self.unit_catchments.index, dtype=object)

    def links(self, stage: str) -> pd.DataFrame:
        """Return the rows of ``catchment_schools`` of one stage."""
        return self.catchment_schools[self.catchment_schools["stage"] == stage]


@dataclass(frozen=True)
class Layout:
    """One way to provide school places: today's, one with proposals, a redraw, a planner's own edit.

    Attributes
    ----------
    id
        Short name, unique within a run; it stands in the column ``layout`` of result tables.
    title
        What people call it, in both languages.
    seats
        Seats of every school, stage and year.
    zoning
        Catchments, and the schools that serve them.
    walks
        Walking distances from the city's units to ``seats.schools``, both in their order.
    """

    id: str
    title: Said
    seats: Seats
    zoning: Zoning
    walks: WalkMatrix
