"""Clean street lines: the walkable parts of a roads table, one simple line each."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

EXACT_M: Final = 0.01
"""Points nearer than this are the same point: files round to centimetres, and coordinates to floats."""

AT_GRADE: Final = 0
BRIDGE: Final = 1
TUNNEL: Final = 2

AT_VERTICES: Final = "vertices"
"""Value of the column ``joined_at`` for streets that meet others at shared vertices only."""


@dataclass(frozen=True)
class Streets:
    """Street lines ready for noding; parallel arrays, one entry per line.

    Attributes
    ----------
    lines
        Two-dimensional LineStrings in metres, none empty, longer than a centimetre, no duplicates.
    road_ids
        Id of the road that each line belongs to.
    classes
        Road class, empty where the roads state none.
    kinds
        ``AT_GRADE``, ``BRIDGE`` or ``TUNNEL``.
    layers
        Layer number; 0 where the roads state none.
    at_vertices
        Whether the line meets others at shared vertices only, even where it crosses them.
    rows
        Number of rows given. ``lines`` can be fewer (dropped) or more (parts of MultiLineStrings).
    excluded
        Numbers of roads left out as unwalkable, by road class.
    empty, zero_length, duplicates
        Numbers of lines left out because they have no geometry, no length, or are duplicates.
    """

    lines: npt.NDArray[np.object_]
    road_ids: npt.NDArray[np.object_]
    classes: npt.NDArray[np.object_]
    kinds: npt.NDArray[np.int8]
    layers: npt.NDArray[np.int32]
    at_vertices: npt.NDArray[np.bool_]
    rows: int
    excluded: tuple[tuple[str, int], ...]
    empty: int
    zero_length: int
    duplicates: int


def clean_streets(roads: gpd.GeoDataFrame, *, exclude_classes: Collection[str] = ()) -> Streets:
    """Return the walkable lines of a roads table.

    Parameters
    ----------
    roads
        Columns ``road_id``, ``road_class``, ``bridge``, ``tunnel``, ``layer`` (each optional; null means no,
        or 0), ``walkable`` (optional; where not null it takes precedence over the class), ``joined_at``
        (optional; see :mod:`layoutplan.travel.noding`) and (Multi)LineString geometry in a projected CRS in
        metres. One-way restrictions do not apply to pedestrians.
    exclude_classes
        Road classes that are not walkable, compared without regard to case.

    Returns
    -------
    Streets
        The lines and the numbers of roads and lines left out.

    Raises
    ------
    ValueError
        If a geometry is not a line.
    """
    unwalkable = _unwalkable(roads, exclude_classes)
    classes = _column(roads, "road_class", "").astype(str)[unwalkable]
    excluded = pd.Series(classes).value_counts().sort_index()
    frame = roads.loc[~unwalkable]
    geometry = shapely.force_2d(np.asarray(frame.geometry.array))
    _refuse_other_shapes(geometry)
    usable = _has_finite_coordinates(geometry)
    parts, row = shapely.get_parts(geometry[usable], return_index=True)
    row = np.flatnonzero(usable)[row]
    lines = shapely.remove_repeated_points(parts)
    long_enough = shapely.length(lines) > EXACT_M
    lines, row = lines[long_enough], row[long_enough]
    kinds = np.where(_flag(frame, "bridge"), BRIDGE, np.where(_flag(frame, "tunnel"), TUNNEL, AT_GRADE))[row]
    layers = _column(frame, "layer", 0).astype(float)[row]
    at_vertices = (_column(frame, "joined_at", "") == AT_VERTICES)[row]
    twice = pd.DataFrame({"line": _either_way(lines), "kind": kinds, "layer": layers})
    keep = ~twice.duplicated().to_numpy()
    return Streets(
        lines=lines[keep],
        road_ids=_road_ids(frame)[row[keep]],
        classes=_column(frame, "road_class", "").astype(str).astype(object)[row[keep]],
        kinds=kinds[keep].astype(np.int8),
        layers=layers[keep].astype(np.int32),
        at_vertices=at_vertices[keep].astype(bool),
        rows=len(roads),
        excluded=tuple((str(name), int(count)) for name, count in excluded.items()),
        empty=int((~usable).sum()),
        zero_length=int((~long_enough).sum()),
        duplicates=int((~keep).sum()),
    )


def _unwalkable(roads: gpd.GeoDataFrame, exclude_classes: Collection[str]) -> npt.NDArray[np.bool_]:
    """Return which roads are not walkable: by ``walkable`` where stated, else by class."""
    classes = [str(name).strip().casefold() for name in _column(roads, "road_class", "")]
    by_class = np.isin(classes, sorted(name.strip().casefold() for name in exclude_classes))
    said = _column(roads, "walkable", None)
    unwalkable: npt.NDArray[np.bool_] = np.where(pd.isna(said), by_class, said != np.True_)
    return unwalkable


def _column(frame: gpd.GeoDataFrame, name: str, default: object) -> npt.NDArray[np.object_]:
    """Return a column's values, with ``default`` for nulls and for a column the frame does not have."""
    if name not in frame.columns:
        return np.full(len(frame), default, dtype=object)
    values: npt.NDArray[np.object_] = frame[name].to_numpy(dtype=object, copy=True)
    values[pd.isna(values)] = default
    return values


def _flag(frame: gpd.GeoDataFrame, name: str) -> npt.NDArray[np.bool_]:
    """Return a yes-or-no column as an array; null is no."""
    return _column(frame, name, default=False).astype(bool)


def _road_ids(frame: gpd.GeoDataFrame) -> npt.NDArray[np.object_]:
    """Return the road ids as text; the row label where there is none."""
    ids = _column(frame, "road_id", None)
    labels = frame.index.astype(str).to_numpy(dtype=object)
    named = [label if found is None else str(found) for found, label in zip(ids, labels, strict=True)]
    return np.array(named, dtype=object)


def _has_finite_coordinates(geometry: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
    """Return which geometries have coordinates, all of them finite."""
    usable = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    xy, owner = shapely.get_coordinates(geometry, return_index=True)
    usable[owner[~np.isfinite(xy).all(axis=1)]] = False
    return usable


def _refuse_other_shapes(geometry: npt.NDArray[np.object_]) -> None:
    """Raise ``ValueError`` if a geometry is not a line."""
    line_types = (-1, shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING)
    linear_ring = shapely.GeometryType.LINEARRING
    types = shapely.get_type_id(geometry)
    other = ~np.isin(types, [*line_types, linear_ring]) & ~shapely.is_empty(geometry)
    if other.any():
        names = sorted({shapely.GeometryType(kind).name for kind in types[other]})
        raise ValueError(f"roads must be lines, found {', '.join(names)}")


def _either_way(lines: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Return a key of each line, the same for a line and its reverse.

    ``normalize`` turns open lines and rings around an area one way; a ring traced there and back has no side.
    """
    keys = np.asarray(shapely.to_wkb(shapely.normalize(lines)), dtype=object)
    rings = np.flatnonzero(shapely.is_closed(lines))
    back = shapely.to_wkb(shapely.normalize(shapely.reverse(lines[rings])))
    keys[rings] = np.minimum(keys[rings], back)
    return keys
