"""One map on paper, at an exact scale: ground, zones, schools, hotspots, proposals, labels."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.font_manager import FontProperties
from matplotlib.markers import MarkerStyle
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline

from layoutplan.reports.map_labels import MapLabels
from layoutplan.reports.map_layers import Ground, StageLayers
from layoutplan.reports.map_view import View, marker_points
from layoutplan.reports.style import Style
from layoutplan.texts import Language

_LANES_TO: Final = 22_000  # lanes and residential streets are left out at smaller scales
_TERTIARY_TO: Final = 60_000
_MAJOR: Final = ("motorway", "trunk", "primary", "secondary")
_NEW: Final = MarkerStyle("*")
_PLUS: Final = MarkerStyle("P")
FILL_ALPHA: Final = 0.8


def draw_map(
    axes: Axes,
    layers: StageLayers,
    *,
    ground: Ground,
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
    focus
        The district the page is about; what lies outside is veiled.
    names
        Whether schools and zones are named; a small picture names hotspots and proposals alone.
    """
    west, south, east, north = view.extent
    axes.set(xlim=(west, east), ylim=(south, north), xticks=[], yticks=[], facecolor=style.ink["land"])
    for spine in axes.spines.values():
        spine.set(linewidth=0.8, color=style.ink["frame"])
    seen = shapely.box(west, south, east, north)
    _fill_zones(axes, layers.zones)
    _draw_streets(axes, ground.roads, seen=seen, view=view, style=style)
    _draw_barriers(axes, ground.barriers, style=style)
    if len(layers.zones):
        _draw_rings(
            axes, layers.zones.geometry, colour=style.ink["zone_edge"], width=style.width["zone_edge"]
        )
    if len(ground.districts):
        _draw_rings(
            axes,
            ground.districts.geometry,
            colour=style.ink["district"],
            width=style.width["district"],
            dashes=(6, 2, 1, 2),
        )
    if focus is not None:
        veil = PathPatch(
            _outline(seen.difference(focus)), facecolor="white", alpha=0.55, linewidth=0, zorder=5
        )
        axes.add_patch(veil)
    _draw_marks(axes, layers, ground=ground, style=style)
    MapLabels(axes, view, style, font, lang).write(
        layers, seen=focus if focus is not None else seen, names=names
    )


def _outline(shape: shapely.Geometry) -> Outline:
    """Return polygons, holes included, as one path."""
    rings = [
        np.asarray(ring.coords)[:, :2]
        for part in shapely.get_parts(shape)
        if isinstance(part, shapely.Polygon) and not part.is_empty
        for ring in (part.exterior, *part.interiors)
    ]
    return _joined(rings, closed=True)


def _joined(lines: list[npt.NDArray[np.float64]], *, closed: bool) -> Outline:
    """Return many lines as one path: one stroke for the printer, a small file."""
    if not lines:
        return Outline(np.empty((0, 2)))
    codes = np.full(sum(len(line) for line in lines), Outline.LINETO, dtype=Outline.code_type)
    starts = np.cumsum([0, *(len(line) for line in lines[:-1])])
    codes[starts] = Outline.MOVETO
    if closed:
        codes[starts + [len(line) - 1 for line in lines]] = Outline.CLOSEPOLY
    return Outline(np.vstack(lines), codes)


def _lines_of(shapes: gpd.GeoSeries) -> list[npt.NDArray[np.float64]]:
    return [
        shapely.get_coordinates(part)
        for part in shapely.get_parts(shapes.to_numpy())
        if part is not None and not part.is_empty and "Line" in part.geom_type
    ]


def _stroke(
    axes: Axes,
    path: Outline,
    *,
    colour: str,
    width: float,
    zorder: float,
    dashes: tuple[float, ...] | None = None,
) -> None:
    line = PathPatch(path, fill=False, edgecolor=colour, linewidth=width, zorder=zorder, capstyle="butt")
    if dashes:
        line.set_linestyle((0, dashes))
    axes.add_patch(line)


def _fill_zones(axes: Axes, zones: gpd.GeoDataFrame) -> None:
    patches = [PathPatch(_outline(shape)) for shape in zones.geometry]
    if patches:
        axes.add_collection(
            PatchCollection(
                patches, facecolors=list(zones["fill"]), edgecolors="none", alpha=FILL_ALPHA, zorder=1
            ),
            autolim=False,
        )


def _draw_streets(
    axes: Axes, roads: gpd.GeoDataFrame, *, seen: shapely.Geometry, view: View, style: Style
) -> None:
    if roads.empty:
        return
    near = roads.iloc[np.sort(roads.sindex.query(seen))]
    ranks = near["road_class"].astype("string").fillna("other").str.removesuffix("_link")
    known = ranks.where(ranks.isin([*_MAJOR, "tertiary"]), "other")
    for rank in ("other", "tertiary", "secondary", "primary", "trunk", "motorway"):
        if (rank == "other" and view.scale > _LANES_TO) or (rank == "tertiary" and view.scale > _TERTIARY_TO):
            continue
        path = _joined(_lines_of(gpd.GeoSeries(near.geometry[known == rank])), closed=False)
        ink = "expressway" if rank == "motorway" else "street" if rank in _MAJOR else "lane"
        _stroke(axes, path, colour=style.ink[ink], width=style.width[rank], zorder=2)


def _draw_barriers(axes: Axes, barriers: gpd.GeoDataFrame, *, style: Style) -> None:
    for kind, shape in zip(barriers.get("kind", []), barriers.geometry, strict=True):
        if shape is None or shape.is_empty:
            continue
        name = str(kind) if str(kind) in style.width else "expressway"
        if "Polygon" in shape.geom_type:
            fill = style.ink["river"] if name == "river" else "none"
            axes.add_patch(
                PathPatch(
                    _outline(shape), facecolor=fill, edgecolor=style.ink[name], linewidth=0.8, zorder=2.5
                )
            )
            continue
        path = _joined(_lines_of(gpd.GeoSeries([shape])), closed=False)
        _stroke(axes, path, colour=style.ink[name], width=style.width[name], zorder=2.6)
        if name == "railway":
            _stroke(axes, path, colour="white", width=style.width[name] * 0.55, zorder=2.7, dashes=(7, 7))


def _draw_rings(
    axes: Axes,
    shapes: gpd.GeoSeries,
    *,
    colour: str,
    width: float,
    zorder: float = 3,
    dashes: tuple[float, ...] | None = None,
) -> None:
    """Draw outlines; an edge that two neighbours share is drawn once, so that its dashes stay dashes."""
    edges = shapely.get_parts(shapely.line_merge(shapely.union_all(shapely.boundary(shapes.to_numpy()))))
    path = _joined(_lines_of(gpd.GeoSeries(edges)), closed=False)
    _stroke(axes, path, colour=colour, width=width, zorder=zorder, dashes=dashes)


def dot_points(pupils: float) -> float:
    """Return the diameter in points of the dot for pupils without a seat."""
    return float(np.clip(1.2 + np.sqrt(max(pupils, 0.0)) * 0.55, 1.6, 9.0))


def _draw_marks(axes: Axes, layers: StageLayers, *, ground: Ground, style: Style) -> None:
    ink = style.ink
    if len(layers.unserved):
        points, sizes = layers.unserved.geometry, [dot_points(p) ** 2 for p in layers.unserved["pupils"]]
        axes.scatter(
            points.x,
            points.y,
            s=sizes,
            c=ink["hotspot"],
            alpha=0.75,
            edgecolors="white",
            linewidths=0.25,
            zorder=6,
        )
    if len(layers.hotspots):
        _draw_rings(
            axes,
            gpd.GeoSeries(layers.hotspots.geometry),
            colour=ink["hotspot"],
            width=style.width["hotspot"],
            zorder=6.5,
            dashes=(4, 2),
        )
    if len(ground.sites):
        spots = ground.sites.geometry.representative_point()
        axes.scatter(
            spots.x,
            spots.y,
            s=26,
            marker="s",
            facecolors="white",
            edgecolors=ink["site"],
            zorder=7,
            linewidths=1,
        )
    draw_schools(axes, layers.schools, style=style)
    draw_proposals(axes, layers.proposals, style=style)


def draw_schools(axes: Axes, schools: gpd.GeoDataFrame, *, style: Style) -> None:
    """Draw schools by size and type: ringed red if flagged, hollow if not counted, dashed if committed."""
    for row in schools.itertuples():
        place = row.geometry
        if place is None or place.is_empty:
            continue
        colour = style.schools.get(str(row.school_type), style.ink["quiet"])
        edge = style.schools["flag"] if row.flagged else "white" if row.counts else colour
        axes.plot(
            place.x,
            place.y,
            marker="D" if row.committed else "o",
            markersize=marker_points(float(row.seats)) * (0.85 if row.committed else 1.0),
            markerfacecolor=colour if row.counts else "white",
            markeredgecolor=edge,
            markeredgewidth=1.3 if row.flagged or not row.counts else 0.6,
            linestyle="none",
            zorder=8,
        )


def draw_proposals(axes: Axes, proposals: gpd.GeoDataFrame, *, style: Style) -> None:
    """Draw new schools as stars and enlargements as crosses."""
    for action, shape, size in (("new", _NEW, 150), ("enlarge", _PLUS, 80)):
        chosen = proposals[proposals["action"] == action]
        if len(chosen):
            axes.scatter(
                chosen.geometry.x,
                chosen.geometry.y,
                s=size,
                marker=shape,
                c=style.ink["proposal"],
                edgecolors=style.ink["proposal_edge"],
                linewidths=0.8,
                zorder=10,
            )
