"""The legend of a printed sheet: words, and the function that draws the symbol of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.path import Path as Outline

from layoutplan.outputs.atlas.furniture import SideColumn
from layoutplan.outputs.atlas.map_drawing import (
    FILL_ALPHA,
    dot_points,
    draw_moved,
    draw_passing,
    draw_proposals,
    draw_schools,
)
from layoutplan.outputs.strokes import add, marks, stroke
from layoutplan.outputs.style import Style
from layoutplan.outputs.wording import whole
from layoutplan.texts import Language, text

_ROW: Final = 4.7
_SIZES: Final = (500.0, 2000.0)
_DOTS: Final = (10.0, 100.0)
_LINES: Final = ("street", "river", "railway", "expressway", "trunk_road", "district")

Symbol = tuple[str, Callable[[Axes, float, float], None]]
"""A text of the legend, and the function that draws its symbol centred at a place of the page."""


def draw_legend(
    column: SideColumn, symbols: Sequence[Symbol], *, columns: int = 2, size: float = 7.0
) -> None:
    """Draw symbols with their words in columns, read downwards.

    Parameters
    ----------
    column : the column to draw in
    symbols : words and drawing function of each symbol
    columns : number of columns of the legend
    size : float, points
    """
    per_column = -(-len(symbols) // columns)
    step = column.width / columns
    for place, (words, draw) in enumerate(symbols):
        x = column.left + (place // per_column) * step
        y = column.y - (place % per_column) * _ROW - _ROW / 2
        draw(column.axes, x + 3.2, y)
        column.put(words, x + 7.5, y, size=size, va="center_baseline")
    column.y -= per_column * _ROW + 0.8


def scale_symbols(style: Style, lang: Language) -> list[Symbol]:
    """Return the legend of the fill: utilisation classes, and zones without seats or figures.

    Parameters
    ----------
    style, lang : colours and breaks, and language of the words
    """
    marks = [f"{value:.0%}" for value in style.breaks]
    between = text("atlas.between", lang)
    words = [
        text("atlas.below", lang, n=marks[0]),
        *(f"{low}{between}{high}" for low, high in pairwise(marks)),
        text("atlas.from", lang, n=marks[-1]),
        text("atlas.no_seats", lang),
        text("atlas.no_value", lang),
    ]
    fills = [*style.colours, style.no_seats, style.no_value]
    return [(word, _swatch(fill, style)) for word, fill in zip(words, fills, strict=True)]


def school_symbols(types: Sequence[str], style: Style, lang: Language) -> list[Symbol]:
    """Return the legend of schools: types, sizes, and the marks for flagged, committed and not counted.

    Parameters
    ----------
    types : school types on the map
    style, lang : colours, and language of the words
    """
    kinds: list[Symbol] = [(text(f"stages.type.{kind}", lang), _school(kind, 900, style)) for kind in types]
    sizes: list[Symbol] = [
        (text("atlas.size", lang, seats=whole(seats, lang)), _school("", seats, style)) for seats in _SIZES
    ]
    return [
        *kinds,
        *sizes,
        (text("atlas.flagged", lang), _school("", 900, style, flagged=True)),
        (text("atlas.committed", lang), _school("", 900, style, committed=True)),
        (text("atlas.not_counted", lang), _school("", 900, style, counts=False)),
    ]


def finding_symbols(
    style: Style, lang: Language, *, shortage: bool, moved: bool = False, passing: Sequence[str] = ()
) -> list[Symbol]:
    """Return the legend of proposals and sites, and with ``shortage`` of hotspots and pupils unserved.

    Parameters
    ----------
    style, lang, shortage : colours, language of the words, and whether the map shows shortages
    moved : whether the map shows redrawn catchments instead
    passing : kinds of passing measures that the map shows
    """
    found: list[Symbol] = []
    if moved:
        return [(text("map.moved_legend", lang), _moved(style)), (text("atlas.site", lang), _site(style))]
    if shortage:
        found.append((text("atlas.hotspot", lang), _hotspot(style)))
        found += [
            (text("atlas.dot", lang, pupils=whole(pupils, lang)), _dot(pupils, style)) for pupils in _DOTS
        ]
    return [
        *found,
        (text("atlas.new", lang), _proposal("new", style)),
        (text("atlas.indicative", lang), _proposal("new", style, indicative=True)),
        (text("atlas.enlarge", lang), _proposal("enlarge", style)),
        *((text(f"report.codes.measures_kind.{kind}", lang), _passing(kind, style)) for kind in passing),
        (text("atlas.site", lang), _site(style)),
    ]


def line_symbols(present: set[str], style: Style, lang: Language) -> list[Symbol]:
    """Return the legend of the lines that the map shows.

    Parameters
    ----------
    present : as :func:`~layoutplan.outputs.atlas.atlas.lines_present`
    style, lang : colours, and language of the words
    """
    return [(text(f"atlas.line_{name}", lang), _line(name, style)) for name in _LINES if name in present]


def _swatch(fill: str, style: Style) -> Callable[[Axes, float, float], None]:
    def draw(axes: Axes, x: float, y: float) -> None:
        edge = style.ink["zone_edge"]
        swatch = Rectangle((x - 3, y - 1.6), 6, 3.2, facecolor=fill, edgecolor=edge, linewidth=0.4)
        swatch.set_alpha(FILL_ALPHA)
        add(axes, swatch)

    return draw


def _moved(style: Style) -> Callable[[Axes, float, float], None]:
    def draw(axes: Axes, x: float, y: float) -> None:
        frame = gpd.GeoDataFrame(geometry=[shapely.box(x - 3, y - 1.6, x + 3, y + 1.6)])
        draw_moved(axes, frame, style=style)

    return draw


def _school(
    kind: str,
    seats: float,
    style: Style,
    *,
    flagged: bool = False,
    committed: bool = False,
    counts: bool = True,
) -> Callable[[Axes, float, float], None]:
    def draw(axes: Axes, x: float, y: float) -> None:
        row = {
            "school_type": kind,
            "seats": seats,
            "flagged": flagged,
            "committed": committed,
            "counts": counts,
        }
        frame = gpd.GeoDataFrame([row], geometry=gpd.points_from_xy([x], [y]))
        draw_schools(axes, frame, style=style)

    return draw


def _proposal(action: str, style: Style, *, indicative: bool = False) -> Callable[[Axes, float, float], None]:
    def draw(axes: Axes, x: float, y: float) -> None:
        frame = gpd.GeoDataFrame(
            {"action": [action], "indicative": [indicative]}, geometry=gpd.points_from_xy([x], [y])
        )
        draw_proposals(axes, frame, style=style)

    return draw


def _passing(kind: str, style: Style) -> Callable[[Axes, float, float], None]:
    def draw(axes: Axes, x: float, y: float) -> None:
        frame = gpd.GeoDataFrame({"kind": [kind]}, geometry=gpd.points_from_xy([x], [y]))
        draw_passing(axes, frame, style=style)

    return draw


def _dot(pupils: float, style: Style) -> Callable[[Axes, float, float], None]:
    def draw(axes: Axes, x: float, y: float) -> None:
        ink, size = style.ink["hotspot"], dot_points(pupils)
        at = np.array([[x, y]])
        marks(axes, at, kind="o", size=size, face=ink, edge="none", width=0.0, alpha=0.6, zorder=2)

    return draw


def _hotspot(style: Style) -> Callable[[Axes, float, float], None]:
    def draw(axes: Axes, x: float, y: float) -> None:
        patch = Rectangle((x - 3, y - 1.5), 6, 3, fill=False, edgecolor=style.ink["hotspot"], linewidth=1.4)
        patch.set_linestyle((0, (4, 2)))
        add(axes, patch)

    return draw


def _site(style: Style) -> Callable[[Axes, float, float], None]:
    def draw(axes: Axes, x: float, y: float) -> None:
        ink, at = style.ink["site"], np.array([[x, y]])
        marks(axes, at, kind="s", size=5.0, face="white", edge=ink, width=1.0, zorder=2)

    return draw


def _line(name: str, style: Style) -> Callable[[Axes, float, float], None]:
    def draw(axes: Axes, x: float, y: float) -> None:
        width = {"street": style.width["primary"]}.get(name, style.width.get(name, 1.0))
        path = Outline([(x - 3.2, y), (x + 3.2, y)])
        dashes = (6, 2, 1, 2) if name == "district" else None
        stroke(axes, path, colour=style.ink[name], width=width, zorder=2, dashes=dashes)
        if name == "railway":
            stroke(axes, path, colour="white", width=width * 0.55, zorder=2, dashes=(7, 7))

    return draw
