"""Paths, strokes and markers on a page: many shapes as one artist, added without axis limits.

A map lies at a fixed scale, so nothing drawn moves the axes: artists are added as they are, without the
limit computation that matplotlib does for charts.
"""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import shapely
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.markers import MarkerStyle
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline
from matplotlib.transforms import IdentityTransform, ScaledTranslation

from layoutplan.arrays import ObjectArray

"""Shapely geometries."""
MarkerShape = Literal["o", "D", "s", "*", "P", "hourglass", "tag"]

_HALF_HOURGLASS: Final = [(-0.8, -1.0), (0.8, -1.0), (0.8, -0.75), (0.2, 0.0)]
_SHAPES: Final = {
    "hourglass": [*_HALF_HOURGLASS, *((-x, -y) for x, y in _HALF_HOURGLASS), _HALF_HOURGLASS[0]],
    "tag": [(-1.0, 0.65), (0.3, 0.65), (1.0, 0.0), (0.3, -0.65), (-1.0, -0.65), (-1.0, 0.65)],
}
_INCH_POINTS: Final = 72.0
_MARKS: Final = {
    **{kind: MarkerStyle(kind) for kind in ("o", "D", "s", "*", "P")},
    **{kind: MarkerStyle(Outline(corners, closed=True)) for kind, corners in _SHAPES.items()},
}


def add(axes: Axes, artist: Artist) -> None:
    """Add an artist to the axes without changing their limits.

    Parameters
    ----------
    axes
        The axes.
    artist
        The artist.
    """
    axes.add_artist(artist)


def outline_path(shape: shapely.Geometry) -> Outline:
    """Return polygons, holes included, as one path; lines and points are left out.

    Parameters
    ----------
    shape
        Any geometry.

    Returns
    -------
    Outline
        One compound path.
    """
    parts = shapely.get_parts(shape)
    return _joined(shapely.get_rings(parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]))


def lines_path(lines: ObjectArray) -> Outline:
    """Return all lines among the shapes as one path, drawn in one stroke.

    Parameters
    ----------
    lines
        Geometries.

    Returns
    -------
    Outline
        One compound path.
    """
    parts = shapely.get_parts(lines)
    kinds = shapely.get_type_id(parts)
    wanted = (kinds == shapely.GeometryType.LINESTRING) | (kinds == shapely.GeometryType.LINEARRING)
    return _joined(parts[wanted & ~shapely.is_empty(parts)], closed=False)


def _joined(lines: ObjectArray, *, closed: bool = True) -> Outline:
    points, line = shapely.get_coordinates(lines, return_index=True)
    codes = np.full(len(points), Outline.LINETO, dtype=Outline.code_type)
    starts = np.flatnonzero(np.diff(line, prepend=-1))
    codes[starts] = Outline.MOVETO
    if closed and len(points):
        codes[np.append(starts[1:], len(points)) - 1] = Outline.CLOSEPOLY
    return Outline(points, codes if len(points) else None)


def shared_edges(shapes: ObjectArray) -> ObjectArray:
    """Return outlines as lines; an edge that two neighbours share is one line, so that dashes are drawn once.

    Parameters
    ----------
    shapes
        Polygons.

    Returns
    -------
    ObjectArray
        Lines.
    """
    merged = shapely.line_merge(shapely.union_all(shapely.boundary(shapes)))
    edges: ObjectArray = shapely.get_parts(np.array([merged]))
    return edges


def stroke(
    axes: Axes,
    path: Outline,
    *,
    colour: str,
    width: float,
    zorder: float,
    dashes: tuple[float, ...] | None = None,
) -> None:
    """Draw a path as a line.

    Parameters
    ----------
    axes
        The axes.
    path
        The path, in the axes' coordinates.
    colour
        Colour of the line.
    width
        Width, points.
    zorder
        Drawing order of matplotlib.
    dashes
        Lengths of dashes and gaps, points; ``None`` for a solid line.
    """
    line = PathPatch(path, fill=False, edgecolor=colour, linewidth=width, zorder=zorder, capstyle="butt")
    if dashes:
        line.set_linestyle((0, dashes))
    add(axes, line)


def marks(
    axes: Axes,
    places: npt.NDArray[np.float64],
    *,
    kind: MarkerShape,
    size: npt.ArrayLike,
    face: npt.ArrayLike,
    edge: npt.ArrayLike,
    width: npt.ArrayLike,
    zorder: float,
    alpha: float | None = None,
    aside: float = 0.0,
) -> None:
    """Draw one marker at every place, in order; where all are alike, the PDF holds the marker once.

    Parameters
    ----------
    axes
        The axes.
    places
        ``x, y``, shape (n, 2).
    kind
        Marker.
    size
        Diameter in points, for all or for each.
    face, edge
        Colours, for all or for each.
    width
        Width of the edge in points, for all or for each.
    zorder
        Drawing order of matplotlib.
    alpha
        Opacity; ``None`` for the default.
    aside
        How far to the left of its place and above it, points.
    """
    sign = _MARKS[kind]
    drawn = PathCollection(
        (sign.get_path().transformed(sign.get_transform()),),
        np.square(np.atleast_1d(np.asarray(size, dtype=float))),
        offsets=places,
        offset_transform=axes.transData
        + ScaledTranslation(-aside / _INCH_POINTS, aside / _INCH_POINTS, axes.figure.dpi_scale_trans),
        facecolors=face,
        edgecolors=edge,
        linewidths=width,
        alpha=alpha,
        zorder=zorder,
    )
    drawn.set_transform(IdentityTransform())
    axes.add_collection(drawn, autolim=False)
