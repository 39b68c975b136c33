"""Pages of paper: blank figures, axes in millimetres, the extent of a plan, the lines of its ground."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import geopandas as gpd
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from layoutplan.outputs.atlas.label_placement import Box
from layoutplan.outputs.layers import GroundLayers
from layoutplan.outputs.row_lookup import Frames

INCH_MM: Final = 25.4


def plan_bounds(tables: Frames) -> tuple[float, float, float, float]:
    """Return west, south, east, north of the plan area: of districts, else catchments, else homes.

    Parameters
    ----------
    tables : result tables and layers by name; the bounds are in their CRS, metres
    """
    shapes = next(
        (
            gpd.GeoDataFrame(tables[name])
            for name in ("districts", "catchments", "units")
            if len(tables[name])
        ),
        gpd.GeoDataFrame(tables["schools"]),
    )
    all_bounds = np.vstack([shapes.total_bounds, gpd.GeoDataFrame(tables["catchments"]).total_bounds])
    known = all_bounds[~np.isnan(all_bounds).any(axis=1)]
    west, south = known[:, :2].min(axis=0)
    east, north = known[:, 2:].max(axis=0)
    return float(west), float(south), float(east), float(north)


def lines_present(ground: GroundLayers) -> set[str]:
    """Return the kinds of line that a map of this ground shows.

    Parameters
    ----------
    ground : the ground layers
    """
    kinds = set(ground.barriers["kind"].dropna().astype(str)) if len(ground.barriers) else set()
    layers = {"street": ground.roads, "district": ground.districts}
    return {*kinds, *(name for name, layer in layers.items() if len(layer))}


def blank_page(size_mm: tuple[float, float]) -> tuple[Figure, Axes]:
    """Return a figure of a size and axes over all of it, in mm.

    Parameters
    ----------
    size_mm : width and height, mm
    """
    figure = Figure(figsize=(size_mm[0] / INCH_MM, size_mm[1] / INCH_MM))
    FigureCanvasAgg(figure)
    paper = map_axes(figure, Box(0, 0, *size_mm), size_mm)
    paper.set(xlim=(0, size_mm[0]), ylim=(0, size_mm[1]))
    paper.axis("off")
    return figure, paper


def map_axes(figure: Figure, frame: Box, size_mm: Sequence[float]) -> Axes:
    """Return axes that fill a frame of the page.

    Parameters
    ----------
    figure, frame, size_mm : the page, the frame in mm, and width and height of the page in mm
    """
    width, height = size_mm
    wide, high = frame.right - frame.left, frame.top - frame.bottom
    return figure.add_axes((frame.left / width, frame.bottom / height, wide / width, high / height))
