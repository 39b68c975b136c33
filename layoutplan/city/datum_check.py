"""Detection of coordinates in another datum than stated: GCJ-02 or BD-09 used as WGS 84.

There are two tests. Points that name the polygon they belong to (a school its catchment or district) should
lie in it: if many more would after the datum shift is removed, the points are probably in that datum; if many
more would after it is applied, the polygons are. Outlines from the public map files of ECharts and DataV,
recognised by their columns, are in GCJ-02 whatever CRS the file states.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layoutplan.city.crs import WGS84, in_china
from layoutplan.city.datum import from_wgs84, shifted_here, to_wgs84
from layoutplan.city.point_lookup import place_points
from layoutplan.dictionary.table_log import TableLog
from layoutplan.plan.settings import Datum

_PUBLIC_MAPS: Final = ({"cp", "childNum"}, {"adcode", "childrenNum"}, {"adcode", "acroutes"})
_FEWEST_LINKS: Final = 5
_CLEARLY: Final = 0.1  # least gain, as a share of all links
_FIT: Final = 0.75  # least share of matching links after the shift
_DATUMS: Final[tuple[Datum, ...]] = ("gcj02", "bd09")


def report_public_map(columns: pd.Index, *, datum: str | None, log: TableLog) -> None:
    """Report outlines from a public map file whose datum the plan does not state, as a warning.

    Parameters
    ----------
    columns
        Columns of the file.
    datum
        Datum that the plan states for the table, or ``None``.
    log
        Receives the warning.
    """
    if datum is None and any(marks <= set(map(str, columns)) for marks in _PUBLIC_MAPS):
        log.add("public_map_outlines", severity="warning")


def report_unstated_datum(shapes: gpd.GeoSeries, *, log: TableLog) -> None:
    """Report degrees in China without a stated datum, which are used as WGS 84, as a warning.

    A table already reported as a public map file is not reported again.

    Parameters
    ----------
    shapes
        Geometries of the table, in degrees.
    log
        Receives the warning.
    """
    west, south, east, north = shapes.total_bounds
    known = any(fault.code == "public_map_outlines" and fault.table == log.table for fault in log.log)
    if not known and in_china((west + east) / 2, (south + north) / 2):
        log.add("datum_not_stated", severity="warning")


@dataclass(frozen=True)
class DatumEvidence:
    """Points and the polygons they name, one row per link, in the working CRS.

    ``to_table`` is the table of the polygons, for the report.
    """

    points: gpd.GeoSeries
    polygons: gpd.GeoSeries
    to_table: str


def links_by_id(
    points: gpd.GeoSeries, named: pd.Series, polygons: gpd.GeoSeries, *, to_table: str
) -> DatumEvidence:
    """Pair every point with the polygon whose id it names.

    Parameters
    ----------
    points
        Points in the working CRS.
    named
        Polygon id that each point names, on the index of ``points``; points with none are left out.
    polygons
        Polygons in the working CRS, labelled by id.
    to_table
        Name of the polygons' table.

    Returns
    -------
    DatumEvidence
        One row per point with a known polygon.
    """
    known = named[named.isin(polygons.index)]
    return DatumEvidence(
        points=points.loc[known.index],
        polygons=gpd.GeoSeries(
            polygons.loc[known.to_numpy()].to_numpy(), index=known.index, crs=polygons.crs
        ),
        to_table=to_table,
    )


def report_datum(evidence: DatumEvidence, *, log: TableLog) -> None:
    """Report if clearly more points would lie in the polygons they name in another datum, as a warning.

    Nothing is reported for fewer than five links, outside China, where the gain is below a tenth of the
    links, or where less than three quarters would match.

    Parameters
    ----------
    evidence
        Points and polygons.
    log
        Log of the points' table.
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


def report_datums(
    spatial: Mapping[str, gpd.GeoDataFrame], links: pd.DataFrame, *, logs: Mapping[str, TableLog]
) -> None:
    """Test for a wrong datum: schools against their catchments, tables against their districts.

    Parameters
    ----------
    spatial
        Clean frames in the working CRS, ids as columns; ``schools`` and ``catchments`` are among them.
    links
        Columns ``catchment_id`` and ``school_id``.
    logs
        Logs of tables ``schools``, ``units`` and ``sites``; receive warnings.
    """
    schools = spatial["schools"].set_index("school_id").geometry
    catchments = spatial["catchments"].set_index("catchment_id").geometry
    stated = links.set_index("school_id")["catchment_id"]
    linked = gpd.GeoSeries(schools.loc[stated.index].to_numpy(), crs=schools.crs)
    evidence = links_by_id(linked, stated.reset_index(drop=True), catchments, to_table="catchments")
    report_datum(evidence, log=logs["schools"])
    districts = spatial.get("districts")
    if districts is None:
        return
    for name in ("schools", "units", "sites"):
        frame = spatial.get(name)
        if frame is not None and frame["district_id"].notna().any():
            outlines = districts.set_index("district_id").geometry
            evidence = links_by_id(
                place_points(frame.geometry), frame["district_id"], outlines, to_table="districts"
            )
            report_datum(evidence, log=logs[name])


def _inside(points: npt.NDArray[np.object_], polygons: npt.NDArray[np.object_]) -> float:
    return float(np.mean(shapely.intersects(polygons, points)))
