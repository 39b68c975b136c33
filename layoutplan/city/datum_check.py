"""Signs that coordinates are in another datum than the plan says: GCJ-02 or BD-09 taken for WGS 84.

Two signs are looked for. Points that name the polygon they belong to (a school its catchment or district)
should lie in it: if many more would after undoing a datum, the points are probably in that datum; if many
more would after applying it, the polygons are. And outlines taken from the public map files of ECharts and
DataV, known by their columns, are in GCJ-02 whatever their CRS tag says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layoutplan.city.crs import WGS84, in_china
from layoutplan.city.datum import from_wgs84, shifted_here, to_wgs84
from layoutplan.dictionary.table_log import TableLog
from layoutplan.plan.settings import Datum

_PUBLIC_MAPS: Final = ({"cp", "childNum"}, {"adcode", "childrenNum"}, {"adcode", "acroutes"})
_FEWEST_LINKS: Final = 5
_CLEARLY: Final = 0.1  # a tenth of all links must come right
_FIT: Final = 0.75  # and then most must be right
_DATUMS: Final[tuple[Datum, ...]] = ("gcj02", "bd09")


def report_public_map(columns: pd.Index, *, datum: str | None, log: TableLog) -> None:
    """Warn of outlines from a public map file whose datum the plan does not state."""
    if datum is None and any(marks <= set(map(str, columns)) for marks in _PUBLIC_MAPS):
        log.add("public_map_outlines", severity="warning")


def report_unstated_datum(shapes: gpd.GeoSeries, *, log: TableLog) -> None:
    """Warn of degrees in China whose datum nobody states: they are taken as WGS 84.

    A table already known to come from a public map file is not reported again.
    """
    west, south, east, north = shapes.total_bounds
    known = any(fault.code == "public_map_outlines" and fault.table == log.table for fault in log.log)
    if not known and in_china((west + east) / 2, (south + north) / 2):
        log.add("datum_not_stated", severity="warning")


@dataclass(frozen=True)
class DatumEvidence:
    """Points that name their polygons: one row a link, in the working CRS.

    ``to_table`` is the table of the polygons, for the report.
    """

    points: gpd.GeoSeries
    polygons: gpd.GeoSeries
    to_table: str


def links_by_id(
    points: gpd.GeoSeries, named: pd.Series, polygons: gpd.GeoSeries, *, to_table: str
) -> DatumEvidence:
    """Pair every point with the polygon whose id it names; points that name none are left out."""
    known = named[named.isin(polygons.index)]
    return DatumEvidence(
        points=points.loc[known.index],
        polygons=gpd.GeoSeries(
            polygons.loc[known.to_numpy()].to_numpy(), index=known.index, crs=polygons.crs
        ),
        to_table=to_table,
    )


def report_datum(evidence: DatumEvidence, *, log: TableLog) -> None:
    """Warn where clearly more points would lie in their own polygons in another datum.

    Nothing is reported for fewer than five links, outside China, or where the gain is below a tenth of the
    links.
    """
    if len(evidence.points) < _FEWEST_LINKS:
        return
    degrees = evidence.points.to_crs(WGS84)
    lon, lat = degrees.x.to_numpy(), degrees.y.to_numpy()
    if not shifted_here(lon, lat).all():
        return
    polygons = evidence.polygons.to_numpy()
    shapely.prepare(polygons)
    as_is = _inside(evidence.points.to_numpy(), polygons)
    best: tuple[float, Datum, str] = (as_is + _CLEARLY, "wgs84", "")
    for datum in _DATUMS:
        for culprit, change in ((log.table, to_wgs84), (evidence.to_table, from_wgs84)):
            moved_lon, moved_lat = change(lon, lat, datum=datum)
            moved = gpd.GeoSeries(gpd.points_from_xy(moved_lon, moved_lat), crs=WGS84)
            fit = _inside(moved.to_crs(evidence.points.crs).to_numpy(), polygons)
            if fit >= _FIT and fit > best[0]:
                best = (fit, datum, culprit)
    fit, datum, culprit = best
    if culprit:
        log.add(
            "datum_suspected",
            severity="warning",
            culprit=culprit,
            datum=datum,
            polygons=evidence.to_table,
            now=f"{as_is:.0%}",
            then=f"{fit:.0%}",
        )


def _inside(points: npt.NDArray[np.object_], polygons: npt.NDArray[np.object_]) -> float:
    return float(np.mean(shapely.intersects(polygons, points)))
