"""Coverage checks: overlaps and gaps of catchments, residents and schools outside."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from layoutplan.city.crs import to_degrees
from layoutplan.city.placing import PlacedTable
from layoutplan.dictionary.table_log import TableLog

_FAR_M: Final = 200_000.0  # wider than any district: a row farther from the centre is misplaced
_SHOWN: Final = 5


def report_far_rows(placed: PlacedTable, *, centre: tuple[float, float], log: TableLog) -> bool:
    """Report rows more than 200 km from the city, and whether longitude and latitude are swapped.

    Parameters
    ----------
    placed
        Table with geometries in any CRS.
    centre
        Longitude and latitude of the city's centre, WGS 84 degrees.
    log
        Receives at most one fault.

    Returns
    -------
    bool
        Whether all rows are within the distance.
    """
    shapes = placed.shapes.dropna()
    bounds = shapes.bounds.to_numpy()
    middle = np.column_stack([bounds[:, [0, 2]].mean(axis=1), bounds[:, [1, 3]].mean(axis=1)])
    lon, lat = to_degrees(shapes.crs).transform(middle[:, 0], middle[:, 1])
    far = ~(_distance_m(lon, lat, centre) <= _FAR_M)
    if not far.any():
        return True
    rows = shapes.index[far]
    swapped = _distance_m(lat[far], lon[far], centre) <= _FAR_M
    if swapped.all():
        log.add("lon_lat_swapped", rows=rows)
    else:
        log.add(
            "far_from_city", rows=rows, kilometres=f"{_distance_m(lon, lat, centre)[far].max() / 1000:,.0f}"
        )
    return False


def _distance_m(lon: np.ndarray, lat: np.ndarray, centre: tuple[float, float]) -> np.ndarray:
    """Return great-circle distances, metres; infinite for latitudes beyond the poles."""
    if len(lon) == 0:
        return np.empty(0)
    on_earth = np.abs(lat) <= 90.0  # noqa: PLR2004
    _, _, metres = pyproj.Geod(ellps="WGS84").inv(
        np.where(on_earth, lon, 0.0),
        np.where(on_earth, lat, 0.0),
        np.full(len(lon), centre[0]),
        np.full(len(lat), centre[1]),
    )
    return np.where(on_earth, metres, np.inf)


def report_area_overlaps(areas: gpd.GeoSeries, *, tolerance_m2: float, log: TableLog) -> None:
    """Report pairs of units that overlap by more than the tolerance: a warning, since no pupil counts twice.

    Parameters
    ----------
    areas
        Polygons, labelled by id, in a projected CRS in metres.
    tolerance_m2
        Largest overlap that is ignored, m².
    log
        Receives the warning.
    """
    geometry = areas.to_numpy()
    one, other = shapely.STRtree(geometry).query(geometry, predicate="intersects")
    pairs = one < other
    one, other = one[pairs], other[pairs]
    area = shapely.area(shapely.intersection(geometry[one], geometry[other]))
    large = np.flatnonzero(area > tolerance_m2)
    large = large[np.lexsort((other[large], one[large], -area[large]))]
    if len(large):
        named = [
            f"{areas.index[one[place]]} + {areas.index[other[place]]}: {area[place]:,.0f} m²"
            for place in large[:_SHOWN]
        ]
        log.add("areas_overlap", severity="warning", pairs=", ".join(named), count=len(large))


def report_gaps(shapes: gpd.GeoSeries, *, stage: str, tolerance_m2: float, log: TableLog) -> None:
    """Report holes between the catchments of a stage as a warning.

    Parameters
    ----------
    shapes
        Catchments of the stage, in a projected CRS in metres.
    stage
        The stage.
    tolerance_m2
        Largest hole that is ignored, m².
    log
        Receives the warning.
    """
    united = shapely.union_all(shapes.to_numpy())
    rings = [ring for part in shapely.get_parts(united) for ring in part.interiors]
    areas = [area for area in map(shapely.area, map(shapely.Polygon, rings)) if area > tolerance_m2]
    if areas:
        log.add(
            "catchment_gaps",
            severity="warning",
            stage=stage,
            count=len(areas),
            square_metres=f"{sum(areas):,.0f}",
        )


def report_outside(
    residents: pd.Series,
    areas: pd.Series,
    held: pd.DataFrame,
    *,
    as_error: bool,
    log: TableLog,
) -> None:
    """Report residents outside all catchments of a stage: their number, share and areas.

    Parameters
    ----------
    residents, areas
        Residents of every unit, and the area it lies in; index ``unit_id``.
    held
        The catchment of every unit, one column per stage; null for none.
    as_error
        Whether this is an error in the plan (``space.outside_residents``), else a warning.
    log
        Receives one fault per stage.
    """
    for stage in held:
        outside = held[stage].isna() & (residents > 0)
        if not outside.any():
            continue
        count = residents[outside].sum()
        by_area = residents[outside].groupby(areas[outside].to_numpy()).sum()
        worst = by_area.sort_values(ascending=False, kind="stable")
        log.add(
            "residents_outside",
            severity="error" if as_error else "warning",
            stage=str(stage),
            residents=f"{count:,.0f}",
            share=f"{count / residents.sum():.2%}",
            areas=", ".join(map(str, worst.index[:_SHOWN])) + (" …" if len(worst) > _SHOWN else ""),
        )


def report_schools_outside(schools: gpd.GeoDataFrame, study_area: gpd.GeoSeries, *, log: TableLog) -> None:
    """Report schools outside the study area: a warning, or an error if they are more than half.

    Parameters
    ----------
    schools
        Points in the CRS of ``study_area``, with ``school_id``; index = the reader's row numbers.
    study_area
        Polygons of catchments, areas and districts together; if empty, nothing is reported.
    log
        Receives the fault.
    """
    if study_area.empty:
        return
    tree = shapely.STRtree(study_area.to_numpy())
    inside, _ = tree.query(schools.geometry.to_numpy(), predicate="intersects")
    outside = np.ones(len(schools), dtype=bool)
    outside[inside] = False
    if not outside.any():
        return
    names = schools["school_id"].to_numpy()[outside]
    most = outside.mean() > 0.5  # noqa: PLR2004
    log.add(
        "most_schools_outside" if most else "schools_outside",
        severity="error" if most else "warning",
        rows=schools.index[outside],
        count=int(outside.sum()),
        of=len(schools),
        schools=", ".join(names[:_SHOWN]) + (" …" if len(names) > _SHOWN else ""),
    )
