"""One map on paper, at an exact scale: ground, zones, schools, hotspots, proposals, labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.font_manager import FontProperties
from matplotlib.patches import PathPatch

from layoutplan.outputs.atlas.map_labels import MapLabels
from layoutplan.outputs.atlas.map_view import View, marker_points
from layoutplan.outputs.layers import GroundLayers, StageLayers
from layoutplan.outputs.strokes import MarkerShape, add, lines_path, marks, outline_path, shared_edges, stroke
from layoutplan.outputs.style import Style
from layoutplan.texts import Language

_LANES_TO: Final = 22_000  # lanes and residential streets are left out at smaller scales
_TERTIARY_TO: Final = 60_000
_MAJOR: Final = ("motorway", "trunk", "primary", "secondary")
_EDGE_MM: Final = 5.0  # symbols outside the frame are drawn up to this distance
FILL_ALPHA: Final = 0.8
_DOT_STEP: Final = 0.2  # points; finer differences are not visible


def draw_map(
    axes: Axes,
    layers: StageLayers,
    *,
    ground: GroundLayers,
    view: View,
    style: Style,
    font: FontProperties,
    lang: Language,
    focus: shapely.Geometry | None = None,
    names: bool = True,
) -> None:
    """Draw a map on axes that fill ``view.frame``.

    Parameters
    ----------
    axes
        Axes that fill ``view.frame``.
    layers
        What the stage shows, in the city's CRS.
    ground
        The ground layers, in the city's CRS.
    view
        Scale and extent.
    style, font, lang
        Colours, and font and language of the labels.
    focus
        The district the page is about; everything outside is veiled.
    names
        Whether schools and zones are labelled; a small picture labels hotspots and proposals alone.
    """
    west, south, east, north = view.extent
    axes.set(xlim=(west, east), ylim=(south, north), xticks=[], yticks=[], facecolor=style.ink["land"])
    for spine in axes.spines.values():
        spine.set(linewidth=0.8, color=style.ink["frame"])
    seen = shapely.box(west, south, east, north)
    beyond = _EDGE_MM * view.scale / 1000
    layers = layers.within(shapely.box(west - beyond, south - beyond, east + beyond, north + beyond))
    _fill_zones(axes, layers.zones)
    draw_moved(axes, layers.moved, style=style)
    _draw_streets(axes, ground, seen=seen, view=view, style=style)
    _draw_barriers(axes, ground.barriers, style=style)
    ink, width = style.ink, style.width
    stroke(axes, lines_path(layers.edges), colour=ink["zone_edge"], width=width["zone_edge"], zorder=3)
    borders = ground.borders[shapely.intersects(ground.borders, seen)]
    stroke(
        axes,
        lines_path(borders),
        colour=ink["district"],
        width=width["district"],
        zorder=3,
        dashes=(6, 2, 1, 2),
    )
    if focus is not None:
        veil = outline_path(seen.difference(focus))
        add(axes, PathPatch(veil, facecolor="white", alpha=0.55, linewidth=0, zorder=5))
    _draw_marks(axes, layers, ground=ground, style=style)
    MapLabels(axes, view, style, font, lang).write(
        layers, seen=focus if focus is not None else seen, names=names
    )


def _fill_zones(axes: Axes, zones: gpd.GeoDataFrame) -> None:
    if len(zones):
        fills = PathCollection(
            [outline_path(shape) for shape in zones.geometry],
            facecolors=list(zones["fill"]),
            edgecolors="none",
            alpha=FILL_ALPHA,
            zorder=1,
        )
        axes.add_collection(fills, autolim=False)


def draw_moved(axes: Axes, moved: gpd.GeoDataFrame, *, style: Style) -> None:
    """Hatch what changes catchment.

    Parameters
    ----------
    axes
        Map axes, in metres of the city's CRS.
    moved
        Polygons.
    style
        Colours.
    """
    ink = style.ink["moved"]
    for shape in moved.geometry if len(moved) else ():
        path = outline_path(shape)
        hatched = PathPatch(path, facecolor="none", edgecolor=ink, hatch="////", linewidth=0.0, zorder=2.9)
        add(axes, hatched)
        add(axes, PathPatch(path, facecolor="none", edgecolor=ink, linewidth=1.0, zorder=3.5))


def _draw_streets(
    axes: Axes, ground: GroundLayers, *, seen: shapely.Geometry, view: View, style: Style
) -> None:
    if ground.roads.empty:
        return
    for rank, streets in ground.streets.items():
        if (rank == "other" and view.scale > _LANES_TO) or (rank == "tertiary" and view.scale > _TERTIARY_TO):
            continue
        here = np.sort(streets.query(seen, predicate="intersects"))
        ink = "expressway" if rank == "motorway" else "street" if rank in _MAJOR else "lane"
        path = lines_path(streets.geometries[here])
        stroke(axes, path, colour=style.ink[ink], width=style.width[rank], zorder=2)


def _draw_barriers(axes: Axes, barriers: gpd.GeoDataFrame, *, style: Style) -> None:
    for kind, shape in zip(barriers.get("kind", []), barriers.geometry, strict=True):
        if shape is None or shape.is_empty or kind == "crossing":
            continue
        name = str(kind) if str(kind) in style.width else "expressway"
        if "Polygon" in shape.geom_type:
            fill, edge = style.ink["river"] if name == "river" else "none", style.ink[name]
            water = PathPatch(outline_path(shape), facecolor=fill, edgecolor=edge, linewidth=0.8, zorder=2.5)
            add(axes, water)
            continue
        path = lines_path(np.array([shape]))
        stroke(axes, path, colour=style.ink[name], width=style.width[name], zorder=2.6)
        if name == "railway":
            stroke(axes, path, colour="white", width=style.width[name] * 0.55, zorder=2.7, dashes=(7, 7))


def dot_points(pupils: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return the diameter of the dot for pupils without a seat.

    Parameters
    ----------
    pupils
        Pupils of each dot.

    Returns
    -------
    NDArray[np.float64]
        Points, 1.6 to 9; grows with the square root of the pupils.
    """
    known = np.maximum(np.asarray(pupils, dtype=float), 0.0)
    points: npt.NDArray[np.float64] = np.clip(1.2 + np.sqrt(known) * 0.55, 1.6, 9.0)
    return points


def _draw_dots(axes: Axes, unserved: gpd.GeoDataFrame, *, style: Style) -> None:
    """Draw pupils without a seat, the smallest dots on top; dots of one size share one marker in the PDF."""
    places, sizes = (
        _places(unserved.geometry),
        _DOT_STEP * np.rint(dot_points(unserved["pupils"]) / _DOT_STEP),
    )
    for size in np.unique(sizes)[::-1]:
        marks(
            axes,
            places[sizes == size],
            kind="o",
            size=size,
            face=style.ink["hotspot"],
            edge="white",
            width=0.25,
            alpha=0.75,
            zorder=6,
        )


def _draw_marks(axes: Axes, layers: StageLayers, *, ground: GroundLayers, style: Style) -> None:
    ink = style.ink
    _draw_dots(axes, layers.unserved, style=style)
    if len(layers.hotspots):
        stroke(
            axes,
            lines_path(shared_edges(layers.hotspots.geometry.to_numpy())),
            colour=ink["hotspot"],
            width=style.width["hotspot"],
            zorder=6.5,
            dashes=(4, 2),
        )
    if len(ground.sites):
        spots = _places(ground.sites.geometry.representative_point())
        marks(axes, spots, kind="s", size=np.sqrt(26), face="white", edge=ink["site"], width=1.0, zorder=7)
    draw_schools(axes, layers.schools, style=style)
    draw_proposals(axes, layers.proposals, style=style)
    draw_passing(axes, layers.passing, style=style, aside=_ASIDE)


def _places(points: gpd.GeoSeries) -> npt.NDArray[np.float64]:
    """Return ``x, y`` of each point; missing points are left out."""
    return np.column_stack([points.x.to_numpy(dtype=float), points.y.to_numpy(dtype=float)])


def draw_schools(axes: Axes, schools: gpd.GeoDataFrame, *, style: Style) -> None:
    """Draw schools by size and type: ringed red if flagged, hollow if not counted, a diamond if committed.

    Parameters
    ----------
    axes
        Map axes, in metres of the city's CRS.
    schools
        As :class:`~layoutplan.outputs.layers.StageLayers`; schools without a place are left out.
    style
        Colours.
    """
    here = schools[~(schools.geometry.isna() | schools.geometry.is_empty)]
    colour = here["school_type"].map(lambda kind: style.schools.get(str(kind), style.ink["quiet"]))
    flagged, counts = here["flagged"].to_numpy(dtype=bool), here["counts"].to_numpy(dtype=bool)
    drawn = pd.DataFrame(
        {
            "size": [marker_points(float(seats)) for seats in here["seats"]],
            "face": np.where(counts, colour, "white"),
            "edge": np.where(flagged, style.schools["flag"], np.where(counts, "white", colour)),
            "width": np.where(flagged | ~counts, 1.3, 0.6),
        },
    )
    places, committed = _places(here.geometry), here["committed"].to_numpy(dtype=bool)
    shapes: tuple[tuple[npt.NDArray[np.bool_], MarkerShape, float], ...]
    shapes = ((~committed, "o", 1.0), (committed, "D", 0.85))
    for chosen, kind, size in shapes:
        rows = drawn[chosen]
        marks(
            axes,
            places[chosen],
            kind=kind,
            size=rows["size"].to_numpy() * size,
            face=rows["face"].tolist(),
            edge=rows["edge"].tolist(),
            width=rows["width"].to_numpy(),
            zorder=8,
        )


def draw_proposals(axes: Axes, proposals: gpd.GeoDataFrame, *, style: Style) -> None:
    """Draw new schools as stars, hollow where the land has still to be found, and enlargements as crosses.

    Parameters
    ----------
    axes
        Map axes, in metres of the city's CRS.
    proposals
        As in :class:`~layoutplan.outputs.layers.StageLayers`.
    style
        Colours.
    """
    face, edge = style.ink["proposal"], style.ink["proposal_edge"]
    is_new = proposals["action"] == "new"
    for hollow, fill in ((False, face), (True, "white")):
        new = _places(gpd.GeoSeries(proposals.geometry[is_new & (proposals["indicative"] == hollow)]))
        marks(axes, new, kind="*", size=np.sqrt(150), face=fill, edge=edge, width=0.8, zorder=10)
    larger = _places(gpd.GeoSeries(proposals.geometry[proposals["action"].isin(["enlarge", "convert"])]))
    marks(axes, larger, kind="P", size=np.sqrt(80), face=face, edge=edge, width=0.8, zorder=10)


_PASSING_SIZE: Final = 7.0
_ASIDE: Final = 5.5  # points, so that the school or its enlargement is seen too
_PASSING: Final[Mapping[str, MarkerShape]] = {"temporary": "hourglass", "purchase": "tag"}


def draw_passing(axes: Axes, passing: gpd.GeoDataFrame, *, style: Style, aside: float = 0.0) -> None:
    """Draw temporary classes as hourglasses and purchased seats as tags.

    Parameters
    ----------
    axes
        Map axes, in metres of the city's CRS.
    passing
        As in :class:`~layoutplan.outputs.layers.StageLayers`.
    style
        Colours.
    aside
        How far from their schools, points.
    """
    face, edge = style.ink["passing"], style.ink["proposal_edge"]
    for kind, shape in _PASSING.items() if len(passing) else ():
        here = passing.geometry[(passing["kind"] == kind) & passing.geometry.notna()]
        at = _places(here)
        marks(
            axes, at, kind=shape, size=_PASSING_SIZE, face=face, edge=edge, width=0.7, zorder=10, aside=aside
        )
