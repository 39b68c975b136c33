"""The labels of a printed map, in order of priority."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd
import shapely
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties

from layoutplan.outputs.atlas.label_placement import MM_PER_POINT, Placer
from layoutplan.outputs.atlas.map_view import View, marker_points
from layoutplan.outputs.layers import StageLayers
from layoutplan.outputs.style import Style
from layoutplan.outputs.wording import whole
from layoutplan.texts import Language, rounded, text

_LABEL_SIZE: Final = 6.2
_LEAST_ZONE_MM2: Final = 150.0  # a smaller piece of a zone on a page is not named


@dataclass(frozen=True)
class MapLabels:
    """Writes the labels of one map.

    Attributes
    ----------
    axes
        Axes of the page, in mm.
    view
        How the ground lies on the page.
    style
        Colours.
    font
        Font of the labels.
    lang
        Language of the labels.
    """

    axes: Axes
    view: View
    style: Style
    font: FontProperties
    lang: Language

    def write(self, layers: StageLayers, *, seen: shapely.Geometry, names: bool) -> None:
        """Write labels in order of priority: proposals, hotspots, zones, schools by size.

        Parameters
        ----------
        layers
            What the map shows.
        seen
            The ground the page is about; zones and schools outside it get no label.
        names
            Whether zones and schools are labelled too.
        """
        placer = Placer(self.view.frame)
        for row in layers.schools.itertuples():
            self._block(placer, row.geometry, marker_points(float(row.seats)) / 2 * MM_PER_POINT)
        for row in layers.proposals.itertuples():
            self._block(placer, row.geometry, 2.0)
        shown, page = shapely.buffer(seen, 0), shapely.box(*self.view.extent)
        for row in layers.proposals.itertuples():
            self._put(placer, row.proposal_id, row.geometry, size=7.5, gap=2.2, seen=page)
        for row in layers.hotspots.itertuples():
            rank = text("atlas.hotspot_rank", self.lang, rank=row.rank)
            top = shapely.Point(row.geometry.centroid.x, row.geometry.bounds[3])
            self._put(placer, rank, top, size=7.5, gap=0.6, colour=self.style.ink["hotspot"], seen=page)
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

    def _block(self, placer: Placer, place: shapely.Point | None, radius: float) -> None:
        if place is not None and not place.is_empty:
            placer.block(*self.view.on_paper(place.x, place.y), radius)

    def _zone(self, row: object) -> str:
        """Return the label of a zone: seats short or spare, or neither; its name alone where unknown."""
        name, short, spare = (getattr(row, attribute) for attribute in ("name", "shortfall", "surplus"))
        if pd.isna(short) or pd.isna(spare):
            return str(name)
        if not rounded(max(short, spare)):
            return text("atlas.zone_even", self.lang, name=name)
        kind, seats = ("short", short) if short > spare else ("spare", spare)
        return text(f"atlas.zone_{kind}", self.lang, name=name, seats=whole(seats, self.lang))

    def _put(
        self,
        placer: Placer,
        label: str,
        place: shapely.Point | None,
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
