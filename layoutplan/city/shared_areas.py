"""Catchments that overlap: shared areas drawn on purpose (多校划片), strips left by drawing, contradictions.

An office draws a shared area by letting two catchments overlap: whoever lives there may go to either school.
Here it becomes a catchment of its own, served by the schools of both, and the others end at its border. A
strip that is too narrow for homes, and an overlap in which nobody lives, is a matter of drawing. An overlap
of more than half of a catchment is neither: two rows for one area, and it is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations
from types import MappingProxyType
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layoutplan.arrays import BoolArray, FloatArray, IntArray, ObjectArray
from layoutplan.dictionary.table_log import TableLog

NARROW_M: Final = 60.0
"""Largest circle inside an overlap, diameter in metres, below which it is a strip."""

_LEAST_M2: Final = 0.01  # smaller overlaps result from rounding of coordinates
_MOST_OF_ONE: Final = 0.5
_SHOWN: Final = 5
_MOST_TOGETHER: Final = 4  # catchments that one place may be shared by
_SURFACE: Final = 2


@dataclass(frozen=True)
class Overlaps:
    """Pairs of polygons of one stage that overlap.

    Attributes
    ----------
    one, other
        Positions, the smaller first.
    area
        Common area, m².
    kind
        ``sliver`` (up to the tolerance), ``strip``, ``shared`` or ``conflict``.
    """

    one: IntArray
    other: IntArray
    area: FloatArray
    kind: ObjectArray

    def of(self, kind: str) -> BoolArray:
        """Return which pairs are of a kind.

        Parameters
        ----------
        kind
            One of the values of :attr:`kind`.

        Returns
        -------
        BoolArray
            Mask of the pairs, shape (pairs,).
        """
        return np.asarray(self.kind == kind, dtype=bool)


def find_overlaps(shapes: ObjectArray, homes: ObjectArray, *, tolerance_m2: float) -> Overlaps:
    """Return the overlaps of the catchments of one stage, and what each is.

    Parameters
    ----------
    shapes
        Catchments, in metres.
    homes
        Areas or points where people live.
    tolerance_m2
        Overlaps up to this area are slivers whatever their shape.

    Returns
    -------
    Overlaps
        Pairs with a common area of more than rounding.
    """
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    first = one < other
    one, other = one[first], other[first]
    common = shapely.intersection(shapes[one], shapes[other])
    area = shapely.area(common)
    some = area > _LEAST_M2
    one, other, common, area = one[some], other[some], common[some], area[some]
    kind = np.full(len(one), "sliver", dtype=object)
    large = np.flatnonzero(area > tolerance_m2)
    if len(large):
        wide = 2 * shapely.length(shapely.maximum_inscribed_circle(common[large], tolerance=1.0)) >= NARROW_M
        lived = wide & _lived_in(common[large], homes)
        smaller = np.minimum(shapely.area(shapes[one[large]]), shapely.area(shapes[other[large]]))
        most = area[large] > _MOST_OF_ONE * smaller
        kind[large] = np.where(most, "conflict", np.where(lived, "shared", "strip"))
    return Overlaps(one.astype(np.int64), other.astype(np.int64), area, kind)


def _lived_in(places: ObjectArray, homes: ObjectArray) -> BoolArray:
    """Return which places hold the point of a home, or a good part of an area with homes."""
    found = np.zeros(len(places), dtype=bool)
    place, home = shapely.STRtree(homes).query(places, predicate="intersects")
    surface = shapely.get_dimensions(homes[home]) == _SURFACE
    common = shapely.area(shapely.intersection(places[place], homes[home]))
    part = np.pi * (NARROW_M / 2) ** 2
    found[place[~surface | (common >= part)]] = True
    return found


def report_catchment_overlaps(
    catchments: gpd.GeoSeries, found: Overlaps, *, stage: str, log: TableLog
) -> None:
    """Say what the overlaps of a stage are: contradictions are errors, strips warnings, the others notices.

    Parameters
    ----------
    catchments
        Catchments of the stage, labelled by id.
    found
        Their overlaps.
    stage
        The stage.
    log
        Receives at most one fault of each kind.
    """
    for kind, code, severity in (
        ("conflict", "catchments_overlap", "error"),
        ("strip", "catchments_overlap_strips", "warning"),
        ("shared", "catchments_shared", "notice"),
    ):
        at = np.flatnonzero(found.of(kind))
        at = at[np.lexsort((found.other[at], found.one[at], -found.area[at]))]
        if len(at):
            names = catchments.index
            pairs = [
                f"{names[found.one[place]]} + {names[found.other[place]]}: {found.area[place]:,.0f} m²"
                for place in at[:_SHOWN]
            ]
            log.add(
                code,
                severity="error" if severity == "error" else "warning" if severity == "warning" else "notice",
                stage=stage,
                count=len(at),
                pairs=", ".join(pairs),
                square_metres=f"{found.area[at].sum():,.0f}",
            )
    slivers = found.of("sliver")
    if slivers.any():
        log.add(
            "overlap_slivers",
            severity="notice",
            stage=stage,
            count=int(slivers.sum()),
            square_metres=f"{found.area[slivers].sum():,.0f}",
        )


@dataclass(frozen=True)
class SharedAreas:
    """Catchments without overlaps on purpose.

    Attributes
    ----------
    catchments
        The table with shared areas as rows of their own, after the others; ids as columns.
    of
        For each shared area the catchments that share it.
    """

    catchments: gpd.GeoDataFrame
    of: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))

    def links(self, links: pd.DataFrame) -> pd.DataFrame:
        """Return the links with those of shared areas: to the schools of all that share them.

        Parameters
        ----------
        links
            Columns ``catchment_id``, ``stage``, ``school_id``.

        Returns
        -------
        DataFrame
            The same rows, then those of shared areas.
        """
        rows = []
        for area, parents in self.of.items():
            own = links[links["catchment_id"].isin(parents)]
            rows.append(own.assign(catchment_id=area).drop_duplicates())
        return pd.concat([links, *rows], ignore_index=True) if rows else links


def with_shared_areas(
    catchments: gpd.GeoDataFrame, found: Mapping[str, Overlaps], *, name: str
) -> SharedAreas:
    """Return the catchments with every area shared on purpose as a catchment of its own.

    Parameters
    ----------
    catchments
        Checked table, ids as columns.
    found
        Overlaps by stage.
    name
        Pattern of a shared area's name: ``{names}`` stands for the names of the catchments that share it.

    Returns
    -------
    SharedAreas
        The table itself where nothing is shared. The id of a shared area is those of its catchments joined
        by ``+``.
    """
    shapes = np.array(catchments.geometry.array, dtype=object)
    rows: list[dict[str, object]] = []
    of: dict[str, tuple[str, ...]] = {}
    for stage, overlaps in found.items():
        at = np.flatnonzero((catchments["stage"] == stage).to_numpy())
        for members, region in _regions(shapes[at], overlaps):
            places = at[list(members)]
            ids = [str(one) for one in catchments["catchment_id"].iloc[places]]
            names = [
                key if pd.isna(one) else str(one)
                for one, key in zip(catchments["name"].iloc[places], ids, strict=True)
            ]
            shapes[places] = [_surface(shapely.difference(shapes[one], region)) for one in places]
            key = "+".join(ids)
            of[key] = tuple(ids)
            rows.append(
                {
                    **dict.fromkeys(catchments.columns.drop("geometry")),
                    "catchment_id": key,
                    "stage": stage,
                    "name": name.format(names=" + ".join(names)),
                    "geometry": region,
                }
            )
    if not rows:
        return SharedAreas(catchments)
    first = int(pd.to_numeric(pd.Series(catchments.index), errors="coerce").max()) + 1
    added = pd.DataFrame(rows, index=range(first, first + len(rows)))[[*catchments.columns]]
    reduced = catchments.set_geometry(gpd.GeoSeries(shapes, index=catchments.index, crs=catchments.crs))
    whole = pd.concat([pd.DataFrame(reduced), added]).astype(
        {column: kind for column, kind in catchments.dtypes.items() if column != "geometry"}
    )
    frame = gpd.GeoDataFrame(whole, geometry="geometry", crs=catchments.crs)
    return SharedAreas(frame, MappingProxyType(of))


def _regions(shapes: ObjectArray, overlaps: Overlaps) -> list[tuple[tuple[int, ...], shapely.Geometry]]:
    """Return the shared regions of one stage: those of most catchments first, disjoint."""
    shared = np.flatnonzero(overlaps.of("shared"))
    pairs = {(int(overlaps.one[at]), int(overlaps.other[at])) for at in shared}
    sets: set[tuple[int, ...]] = set(pairs)
    members = sorted({one for pair in pairs for one in pair})
    for size in range(3, _MOST_TOGETHER + 1):
        near = {one: {a if b == one else b for a, b in pairs if one in (a, b)} for one in members}
        smaller = [known for known in sets if len(known) == size - 1]
        for known in smaller:
            for one in set.intersection(*(near[each] for each in known)):
                candidate = tuple(sorted((*known, one)))
                if all(pair in pairs for pair in combinations(candidate, 2)):
                    sets.add(candidate)
    found: list[tuple[tuple[int, ...], shapely.Geometry]] = []
    for chosen in sorted(sets, key=lambda one: (-len(one), one)):
        common = shapely.intersection_all(shapes[list(chosen)])
        region = _surface(shapely.difference(common, shapely.union_all([one for _, one in found])))
        if shapely.area(region) > _LEAST_M2:
            found.append((chosen, region))
    return found


def _surface(shape: shapely.Geometry) -> shapely.Geometry:
    parts = shapely.get_parts(shape)
    return shapely.union_all(parts[shapely.get_dimensions(parts) == _SURFACE])
