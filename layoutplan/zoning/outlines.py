"""Outlines of a planner's own zoning: where units were moved by name, the drawn catchments follow them."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd

from layoutplan.balance.catchment_view import positions
from layoutplan.layouts.layout import Layout
from layoutplan.study import Study
from layoutplan.zoning.polygons import redrawn_outlines


def with_outlines(study: Study, layout: Layout) -> Layout:
    """Return a layout whose catchments are drawn as its units are assigned.

    Parameters
    ----------
    study
        Today's layout, and the cells of the units.
    layout
        A layout with today's outlines, in which some units have another catchment.

    Returns
    -------
    Layout
        The same layout where no unit has another catchment than today.
    """
    today, zoning = study.today.zoning, layout.zoning
    shapes = pd.Series(zoning.catchments.geometry.array, index=zoning.catchments.index, dtype=object)
    changed = False
    for stage in study.stages:
        own = zoning.of_stage(stage).index
        zone = positions(zoning.held(stage), own)
        moved = (zone != positions(today.held(stage), own)) & (zone >= 0)
        if not moved.any():
            continue
        changed = True
        old = shapes[own].to_numpy(dtype=object)
        shapes[own] = redrawn_outlines(old, study.adjacency.cells, zone=zone, moved=np.asarray(moved))
    if not changed:
        return layout
    outlines = gpd.GeoSeries(shapes.to_numpy(), index=shapes.index, crs=zoning.catchments.crs)
    catchments = zoning.catchments.set_geometry(outlines)
    return replace(layout, zoning=replace(zoning, catchments=catchments))
