"""Coverage checks: overlaps and gaps of catchments, residents and schools outside."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layoutplan.city.centre import FAR_M, Centre, row_middles
from layoutplan.city.placing import PlacedTable
from layoutplan.dictionary.table_log import TableLog

_SHOWN: Final = 5


def report_far_rows(placed: PlacedTable, *, centre: Centre, log: TableLog) -> bool:
    """Report rows more than 200 km from the city, and whether longitude and latitude are swapped.

    Parameters
    ----------
    placed
        Table with geometries in any CRS.
    centre
        The city's centre, with the extent of the tables that agree on it.
    log
        Receives at most one fault.

    Returns
    -------
    bool
        Whether all rows are within the distance.
    """
    shapes = placed.shapes.dropna()
    lon, lat = row_middles(shapes)
    metres = centre.distance_m(lon, lat)
    far = ~(metres <= FAR_M)
    if not far.any():
        return True
    rows = shapes.index[far]
    if (centre.distance_m(lat[far], lon[far]) <= FAR_M).all():
        lons, lats = (f"{low:.2f} … {high:.2f}" for low, high in (centre.lons, centre.lats))
        log.add("lon_lat_swapped", rows=rows, lons=lons, lats=lats)
    else:
        log.add("far_from_city", rows=rows, kilometres=f"{metres[far].max() / 1000:,.0f}")
    return False


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


def report_cut(residents: pd.Series, parts: gpd.GeoDataFrame, *, log: TableLog) -> None:
    """Warn of areas that catchment borders cut: how many, into how many parts, and who lives in them.

    Parameters
    ----------
    residents
        Residents of every unit, index ``unit_id``.
    parts
        The parts, as :func:`~layoutplan.city.parts.cut_by_catchments` returns them.
    log
        Receives the warning.
    """
    if parts.empty:
        return
    inside = float(residents[parts.index].sum())
    areas = parts["of"].unique()
    log.add(
        "units_cut",
        severity="warning",
        count=len(areas),
        parts=len(parts),
        residents=inside,
        share=inside / max(float(residents.sum()), 1e-9),
        areas=", ".join(map(str, areas[:_SHOWN])) + (" …" if len(areas) > _SHOWN else ""),
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
