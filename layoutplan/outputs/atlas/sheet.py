"""One page of the atlas: what it shows and tells."""

from __future__ import annotations

from dataclasses import dataclass

import shapely

from layoutplan.outputs.layers import StageLayers


@dataclass(frozen=True)
class SheetList:
    """A list below the legend.

    Attributes
    ----------
    heading
        Its heading.
    rows
        Texts by row.
    widths
        Shares of the column's width.
    words
        Number of left-aligned cells.
    """

    heading: str
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    words: int


@dataclass(frozen=True)
class Sheet:
    """One page of the atlas.

    Attributes
    ----------
    title, area
        What it shows, and of which area.
    layers
        What the map shows.
    focus
        Its district, if it has one.
    bounds
        Extent of the map, metres.
    figures, widths
        Texts of the table of figures by row, and shares of the column's width.
    layouts
        Titles of numbered layouts.
    catchments
        Whether its areas are catchments; else districts.
    lists
        What is listed below the legend, in the place of the proposals.
    year
        School year shown; ``None``: the target year.
    """

    title: str
    area: str
    layers: StageLayers
    focus: shapely.Geometry | None
    bounds: tuple[float, float, float, float]
    figures: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    layouts: tuple[str, ...]
    catchments: bool
    lists: tuple[SheetList, ...] = ()
    year: int | None = None
