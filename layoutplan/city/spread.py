"""Distribution of the residents of an area to its dwellings or its surface; totals are preserved."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt
from typing import Final, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layoutplan.city.areal import area_pieces, floor_area_weights
from layoutplan.city.parts import cut_by_catchments
from layoutplan.city.point_lookup import inside_points, place_points, polygon_of
from layoutplan.dictionary.table_log import TableLog
from layoutplan.plan import PopulationSettings

_SHOWN: Final = 5


MOST_CELLS: Final = 5_000_000
"""Largest number of cells, for the memory of an office PC: about a kilobyte each."""


@dataclass(frozen=True)
class ResidentSpread:
    """The smallest places with residents.

    ``units`` (index ``unit_id``) has ``area_id``, ``share`` (of the area's residents; the shares of an area
    sum to one) and point geometry; ``catchments`` has one column per stage on the same index. ``parts`` are
    the units that are parts of an area cut by borders (:func:`~layoutplan.city.parts.cut_by_catchments`).
    """

    units: gpd.GeoDataFrame
    catchments: pd.DataFrame
    parts: gpd.GeoDataFrame


def catchments_by_stage(points: gpd.GeoSeries, catchments: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the catchment of each stage that contains each point.

    Parameters
    ----------
    points
        Points in a projected CRS.
    catchments
        Polygons in the same CRS, index ``catchment_id``, with column ``stage``.

    Returns
    -------
    pandas.DataFrame
        Index of ``points``, one column per stage that has catchments; ``None`` outside.
    """
    stages = [stage for stage in dict.fromkeys(catchments["stage"]) if isinstance(stage, str)]
    return pd.DataFrame(
        {
            stage: polygon_of(points, catchments.geometry[catchments["stage"] == stage])
            for stage in sorted(stages)
        },
        index=points.index,
    )


def refuse_many_cells(areas: gpd.GeoSeries, settings: PopulationSettings, *, log: TableLog) -> None:
    """Refuse a cell size that would split the areas into too many cells for the memory.

    Parameters
    ----------
    areas
        Geometries in a projected CRS in metres.
    settings
        ``[population]`` of the plan; only ``spread_by = "area"`` is checked.
    log
        Receives the fault, with a cell size that is allowed.

    Raises
    ------
    InputError
        If the bounding boxes of the areas hold more than :data:`MOST_CELLS` cells.
    """
    if settings.spread_by != "area":
        return
    cell_m = settings.spread_cell_m
    box = areas.bounds.fillna(0.0)
    width, height = box["maxx"] - box["minx"], box["maxy"] - box["miny"]
    cells = float(((width / cell_m + 1) * (height / cell_m + 1)).sum())
    if cells > MOST_CELLS:
        side = ceil(cell_m * sqrt(cells / MOST_CELLS))
        log.add(
            "spread_cells_too_many",
            cell=f"{cell_m:g}",
            count=f"{cells:,.0f}",
            most=f"{MOST_CELLS:,}",
            side=side,
        )
        log.log.raise_if_errors()


def spread_residents(
    areas: gpd.GeoSeries,
    dwellings: gpd.GeoDataFrame | None,
    catchments: gpd.GeoDataFrame,
    *,
    cell_m: float,
    log: TableLog | None,
    by: Literal["dwellings", "floor_area", "area"] = "dwellings",
    tolerance_m2: float = 100.0,
) -> ResidentSpread:
    """Distribute each area over its dwelling points (by dwellings or floor area) or its surface, in cells.

    A cell holds the dwellings of one area in one catchment of every stage, so no unit is split by a border.
    Its point is the dwelling nearest to the weighted mean of its dwellings: an inhabited place in the area
    and the catchment. An area without dwellings is represented by a point inside it; where borders of
    catchments cut it, by one point inside each part, with residents in proportion to the surface.

    Parameters
    ----------
    areas
        Geometries of the areas, index ``unit_id``, projected CRS in metres.
    dwellings
        Columns ``unit_id`` (its area; null to be found by location) and ``dwellings`` (weight), with
        geometries; or ``None``.
    catchments
        Polygons in the same CRS, with column ``stage``.
    cell_m
        Side of a cell, metres.
    log
        Receives dwellings outside every area, and areas without dwellings.
    by
        Quantity that the shares are proportional to. ``area``: the area itself, split by cells and
        catchments, regardless of dwellings; areas that are points are kept. ``floor_area`` falls back to
        dwellings, with a warning, if no dwelling point states it.
    tolerance_m2
        Largest surface that a border may cut off an area without making a part, m².

    Returns
    -------
    ResidentSpread
        Units in the order of the areas.
    """
    middle = place_points(areas)
    if by == "area":
        dwellings, log = area_pieces(areas, catchments, cell_m=cell_m), None
    if dwellings is None or dwellings.empty:
        parts = cut_by_catchments(areas, catchments, tolerance_m2=tolerance_m2)
        return _assembled(_in_order(_whole_or_parts(middle, parts), areas), catchments, parts)
    points = place_points(dwellings.geometry)
    frame = pd.DataFrame(
        {
            "area_id": _area_of(dwellings, points, areas),
            "weight": _weights(dwellings, by, log),
            "x": points.x.to_numpy(),
            "y": points.y.to_numpy(),
        },
        index=dwellings.index,
    )
    lost = frame["area_id"].isna() & (frame["weight"] > 0)
    if log is not None and lost.any():
        log.add(
            "dwellings_outside_areas", severity="warning", rows=frame.index[lost], share=f"{lost.mean():.1%}"
        )
    frame = frame[frame["area_id"].notna() & (frame["weight"] > 0)]
    cells = _gather(frame, points.loc[frame.index], catchments, cell_m=cell_m)
    rest = middle[~middle.index.isin(cells["area_id"])]
    if log is not None and len(rest):
        shown = ", ".join(map(str, rest.index[:_SHOWN])) + (" …" if len(rest) > _SHOWN else "")
        log.add("areas_without_dwellings", severity="notice", count=len(rest), units=shown)
    parts = cut_by_catchments(
        areas[rest.index], catchments, tolerance_m2=tolerance_m2, taken=[*areas.index, *cells.index]
    )
    together = pd.concat([cells, _whole_or_parts(rest, parts)])
    return _assembled(_in_order(together, areas), catchments, parts)


def _in_order(units: pd.DataFrame, areas: gpd.GeoSeries) -> gpd.GeoDataFrame:
    """Return the units in the order of the areas."""
    order = {area: place for place, area in enumerate(areas.index)}
    sorted_units = units.iloc[np.argsort(units["area_id"].map(order).to_numpy(), kind="stable")]
    return gpd.GeoDataFrame(sorted_units, geometry="geometry", crs=areas.crs)


def _weights(dwellings: pd.DataFrame, by: str, log: TableLog | None) -> npt.NDArray[np.float64]:
    """Return the weight of each point."""
    if "weight" in dwellings:
        return dwellings["weight"].to_numpy(dtype=np.float64)
    if by == "floor_area":
        weights = floor_area_weights(dwellings)
        if weights is not None:
            return np.array(weights, dtype=np.float64)
        if log is not None:
            log.add("floor_area_unknown", severity="warning", column="floor_area_m2")
    return np.array(dwellings["dwellings"].fillna(1.0), dtype=np.float64)


def _area_of(
    dwellings: gpd.GeoDataFrame, points: gpd.GeoSeries, areas: gpd.GeoSeries
) -> npt.NDArray[np.object_]:
    """Return the area of each dwelling: as stated, else by location."""
    stated = dwellings["unit_id"].astype(object).where(dwellings["unit_id"].notna(), None)
    open_ = stated.isna().to_numpy()
    found = np.array(stated, dtype=object)
    if open_.any():
        found[open_] = polygon_of(points[open_], areas).to_numpy()
    return found


def _whole_or_parts(middle: gpd.GeoSeries, parts: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return one unit per area, or one per part where the area is cut."""
    whole = _whole_areas(middle[~middle.index.isin(parts["of"])])
    if parts.empty:
        return whole
    cut = gpd.GeoDataFrame(
        {"area_id": parts["of"].to_numpy(), "share": parts["share"].to_numpy()},
        geometry=inside_points(parts.geometry.to_numpy()),
        index=parts.index,
        crs=middle.crs,
    )
    return gpd.GeoDataFrame(pd.concat([whole, cut]), geometry="geometry", crs=middle.crs)


def _whole_areas(middle: gpd.GeoSeries) -> gpd.GeoDataFrame:
    """Return one unit per area, with the id of the area."""
    return gpd.GeoDataFrame(
        {"area_id": middle.index.to_numpy(), "share": np.ones(len(middle))},
        geometry=middle.to_numpy(),
        index=pd.Index(middle.index, name="unit_id"),
        crs=middle.crs,
    )


def _gather(
    frame: pd.DataFrame, points: gpd.GeoSeries, catchments: gpd.GeoDataFrame, *, cell_m: float
) -> gpd.GeoDataFrame:
    """Group dwellings into cells, one unit each, named ``area#1``, ``area#2`` … from the south-west."""
    held = catchments_by_stage(points, catchments)
    work = frame.assign(
        row=np.floor(frame["y"] / cell_m).astype(np.int64),
        column=np.floor(frame["x"] / cell_m).astype(np.int64),
        **{f"in_{stage}": held[stage].fillna("").astype(str) for stage in held},
    )
    keys = ["area_id", "row", "column", *(f"in_{stage}" for stage in held)]
    work = work.sort_values([*keys, "x", "y"], kind="stable")
    group = work.groupby(keys, sort=True).ngroup().to_numpy()
    count = int(group.max(initial=-1)) + 1
    weight = np.bincount(group, weights=work["weight"], minlength=count)
    mean_x = np.bincount(group, weights=work["weight"] * work["x"], minlength=count) / weight
    mean_y = np.bincount(group, weights=work["weight"] * work["y"], minlength=count) / weight
    away = np.hypot(work["x"].to_numpy() - mean_x[group], work["y"].to_numpy() - mean_y[group])
    nearest = np.lexsort((np.arange(len(work)), np.round(away, 6), group))
    first = nearest[np.searchsorted(group[nearest], np.arange(count))]
    area = work["area_id"].to_numpy()[first]
    numbered = pd.Series(area).groupby(area).cumcount() + 1
    several = pd.Series(area).duplicated(keep=False)
    names = np.where(several, [f"{a}#{n}" for a, n in zip(area, numbered, strict=True)], area)
    in_area = pd.Series(weight).groupby(area).transform("sum").to_numpy()
    return gpd.GeoDataFrame(
        {"area_id": area, "share": weight / in_area},
        geometry=shapely.points(work["x"].to_numpy()[first], work["y"].to_numpy()[first]),
        index=pd.Index(names, name="unit_id"),
        crs=points.crs,
    )


def _assembled(
    units: gpd.GeoDataFrame, catchments: gpd.GeoDataFrame, parts: gpd.GeoDataFrame
) -> ResidentSpread:
    held = catchments_by_stage(units.geometry, catchments)
    return ResidentSpread(units=units, catchments=held, parts=parts)
