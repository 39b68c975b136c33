"""One map on paper, at an exact scale: ground, zones, schools, hotspots, proposals, labels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.font_manager import FontProperties
from matplotlib.markers import MarkerStyle
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline

from layoutplan.reports.labels import MM_PER_POINT, Box, Placer
from layoutplan.reports.map_layers import Ground, StageLayers
from layoutplan.reports.style import Style
from layoutplan.reports.wording import whole
from layoutplan.texts import Language, text

_SCALES: Final = (
    1_000, 1_250, 1_500, 2_000, 2_500, 3_000, 4_000, 5_000, 6_000, 7_500, 10_000, 12_500, 15_000, 17_500,
    20_000, 25_000, 30_000, 35_000, 40_000, 50_000, 60_000, 75_000, 100_000, 125_000, 150_000, 200_000,
    250_000, 300_000, 400_000, 500_000, 750_000, 1_000_000,
)  # fmt: skip
_MARGIN: Final = 1.06
_LANES_TO: Final = 22_000  # lanes and residential streets are left out at smaller scales
_TERTIARY_TO: Final = 60_000
_MAJOR: Final = ("motorway", "trunk", "primary", "secondary")
_NEW: Final = MarkerStyle("*")
_PLUS: Final = MarkerStyle("P")
_LABEL_SIZE: Final = 6.2
_LEAST_ZONE_MM2: Final = 150.0  # a smaller piece of a zone on a page is not named
FILL_ALPHA: Final = 0.8


@dataclass(frozen=True, slots=True)
class View:
    """A piece of ground and how it lies on paper.

    ``scale`` is the denominator; ``west``, ``south`` metres; ``frame`` mm on the page.
    """

    scale: int
    west: float
    south: float
    frame: Box

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """West, south, east, north in metres."""
        metres = self.scale / 1000
        width, height = self.frame.right - self.frame.left, self.frame.top - self.frame.bottom
        return self.west, self.south, self.west + width * metres, self.south + height * metres

    def on_paper(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point of the ground lies on the page, mm."""
        metres = self.scale / 1000
        return self.frame.left + (x - self.west) / metres, self.frame.bottom + (y - self.south) / metres


def fit_view(bounds: Iterable[float], frame: Box, *, rounded: bool = True) -> View:
    """Return the largest scale (``rounded`` to a usual one) at which ``bounds`` (metres) fit, centred."""
    west, south, east, north = bounds
    width, height = frame.right - frame.left, frame.top - frame.bottom
    needed = max((east - west) / width, (north - south) / height, 1e-9) * 1000 * _MARGIN
    usual = next((known for known in _SCALES if known >= needed), int(np.ceil(needed / 1e6) * 1_000_000))
    scale = usual if rounded else int(np.ceil(needed))
    metres = scale / 1000
    centre_x, centre_y = (west + east) / 2, (south + north) / 2
    return View(
        scale=scale, west=centre_x - width * metres / 2, south=centre_y - height * metres / 2, frame=frame
    )


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
    _Labels(axes, view, style, font, lang).write(
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


def marker_points(seats: float) -> float:
    """Return a school's diameter in points: its area grows with its seats.

    Examples
    --------
    >>> round(marker_points(1600.0), 1), round(marker_points(90.0), 1)
    (9.2, 4.0)
    """
    return float(np.clip(np.sqrt(max(seats, 0.0)) * 0.23, 4.0, 13.0))


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


@dataclass(frozen=True)
class _Labels:
    axes: Axes
    view: View
    style: Style
    font: FontProperties
    lang: Language

    def write(self, layers: StageLayers, *, seen: shapely.Geometry, names: bool) -> None:
        """Write labels, the weightiest first: proposals, hotspots, zones, schools by size."""
        placer = Placer(self.view.frame)
        for row in layers.schools.itertuples():
            self._block(placer, row.geometry, marker_points(float(row.seats)) / 2 * MM_PER_POINT)
        for row in layers.proposals.itertuples():
            self._block(placer, row.geometry, 2.0)
        shown = shapely.buffer(seen, 0)
        for row in layers.proposals.itertuples():
            self._put(placer, row.proposal_id, row.geometry, size=7.5, gap=2.2, seen=shown)
        for row in layers.hotspots.itertuples():
            rank = text("atlas.hotspot_rank", self.lang, rank=row.rank)
            top = shapely.Point(row.geometry.centroid.x, row.geometry.bounds[3])
            self._put(placer, rank, top, size=7.5, gap=0.6, colour=self.style.ink["hotspot"], seen=shown)
        if not names:
            return
        for row in layers.zones.itertuples():
            inner = shapely.intersection(row.geometry, shown)
            on_paper = inner.area / (self.view.scale / 1000) ** 2
            if on_paper >= _LEAST_ZONE_MM2 or inner.area > row.geometry.area / 2 > 0:
                self._put(placer, self._zone(row), shapely.point_on_surface(inner), size=6.8, seen=shown)
        for row in layers.schools.itertuples():
            gap = marker_points(float(row.seats)) / 2 * MM_PER_POINT + 0.4
            self._put(placer, str(row.name), row.geometry, size=_LABEL_SIZE, gap=gap, seen=shown)

    def _block(self, placer: Placer, place: shapely.Geometry, radius: float) -> None:
        if place is not None and not place.is_empty:
            placer.block(*self.view.on_paper(place.x, place.y), radius)

    def _zone(self, row: object) -> str:
        """Say how a zone stands: short, spare, or without figures."""
        name, short, spare = (getattr(row, attribute) for attribute in ("name", "shortfall", "surplus"))
        if pd.isna(short) or pd.isna(spare):
            return str(name)
        kind, seats = ("short", short) if short > spare else ("spare", spare)
        return text(f"atlas.zone_{kind}", self.lang, name=name, seats=whole(seats, self.lang))

    def _put(
        self,
        placer: Placer,
        label: str,
        place: shapely.Geometry,
        *,
        size: float,
        seen: shapely.Geometry,
        gap: float = 0.0,
        colour: str = "",
    ) -> None:
        if place is None or place.is_empty or not shapely.intersects(seen, place):
            return
        spot = placer.place(label, *self.view.on_paper(place.x, place.y), size=size, gap=gap)
        if spot is None:
            return
        frame, metres = self.view.frame, self.view.scale / 1000
        x = self.view.west + (spot[0] - frame.left) * metres
        y = self.view.south + (spot[1] - frame.bottom) * metres
        self.axes.text(
            x,
            y,
            label,
            fontproperties=self.font,
            size=size,
            color=colour or self.style.ink["text"],
            ha="center",
            va="center",
            linespacing=1.1,
            zorder=11,
            clip_on=True,
            parse_math=False,
            bbox={"boxstyle": "round,pad=0.12", "fc": self.style.ink["plate"], "ec": "none", "alpha": 0.72},
        )
