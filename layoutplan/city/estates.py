"""Location of estates (住宅项目): in existing units, or in a unit of their own until residents move in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from layoutplan.city.city import City
from layoutplan.city.links import district_of
from layoutplan.city.parts import cut_by_catchments
from layoutplan.city.point_lookup import inside_points, place_points, polygon_of
from layoutplan.city.spread import catchments_by_stage
from layoutplan.dictionary.table_log import TableLog

_PREFIX: Final = "estate:"
_SHOWN: Final = 5


def with_estate_units(city: City, *, tolerance_m2: float = 100.0, log: TableLog | None = None) -> City:
    """Return the city with additional units for every estate that names no unit and has a location.

    The new unit is at the estate's own point and belongs to the area that contains it (else the nearest) and
    to the catchments and district there. An estate whose polygon is cut by borders of catchments has one unit
    for each part. It has no residents in the base year: residents of the estate are already counted in the
    areas given. Its id is ``estate:`` and the id of the estate (and the phase, where an estate has several;
    and the number of the part, where it is cut).

    Parameters
    ----------
    city
        City with the input table ``housing``.
    tolerance_m2
        Largest surface that a border may cut off an estate without making a part, m².
    log
        Log of table ``housing``; receives a notice of estates that are cut.

    Returns
    -------
    City
        ``city`` itself if there are no such estates, or no areas.
    """
    housing = city.tables.get("housing")
    if housing is None or housing.empty or city.areas.empty:
        return city
    shapes = gpd.GeoSeries(housing["geometry"], crs=city.crs)
    own = housing["unit_id"].isna() & shapes.notna() & (housing["dwellings"] > 0)
    names = _names(housing)[own.to_numpy()]
    there = np.isin(names, city.units.index) | np.isin(names, city.parts["of"])
    new = own.to_numpy().nonzero()[0][~there]
    if not len(new):
        return city
    outlines = gpd.GeoSeries(shapes.iloc[new].to_numpy(), index=_names(housing)[new], crs=city.crs)
    parts = cut_by_catchments(outlines, city.catchments, tolerance_m2=tolerance_m2, taken=[*city.units.index])
    if len(parts) and log is not None:
        ids = [*dict.fromkeys(name.removeprefix(_PREFIX) for name in parts["of"])]
        shown = ", ".join(ids[:_SHOWN]) + (" …" if len(ids) > _SHOWN else "")
        log.add("estates_cut", severity="notice", count=len(ids), estates=shown)
    rows, points = _located(housing.iloc[new], outlines, parts)
    stated = gpd.GeoDataFrame(
        {"district_id": rows["district_id"].to_numpy()},
        geometry=points.to_numpy(),
        index=points.index,
        crs=city.crs,
    )
    units = gpd.GeoDataFrame(
        {
            "area_id": _area_of(points, city.areas.geometry),
            "name": rows["name"].where(rows["name"].notna(), rows["housing_id"]).to_numpy(),
            "district_id": district_of(stated, city.districts).to_numpy(),
            "residents": 0.0,
        },
        geometry=points.to_numpy(),
        index=points.index,
        crs=city.crs,
    )
    nobody = pd.DataFrame(0.0, index=points.index, columns=city.population.columns)
    held = catchments_by_stage(points, city.catchments).reindex(columns=city.unit_catchments.columns)
    return replace(
        city,
        units=gpd.GeoDataFrame(pd.concat([city.units, units[[*city.units.columns]]]), crs=city.crs),
        population=pd.concat([city.population, nobody]),
        unit_catchments=pd.concat(
            [city.unit_catchments, held.astype(object).where(held.notna(), None)],
        ),
        parts=gpd.GeoDataFrame(pd.concat([city.parts, parts]), crs=city.crs) if len(parts) else city.parts,
    )


def _located(
    housing: pd.DataFrame, outlines: gpd.GeoSeries, parts: gpd.GeoDataFrame
) -> tuple[pd.DataFrame, gpd.GeoSeries]:
    """Return the row of table housing of every new unit, and its point: one per estate, or one per part."""
    points = place_points(outlines)
    of = {str(name): [*group.index] for name, group in parts.groupby("of", sort=False)}
    inside = dict(zip(parts.index, inside_points(parts.geometry.to_numpy()), strict=True))
    rows: list[int] = []
    names: list[str] = []
    made: list[object] = []
    for row, name in enumerate(outlines.index):
        for unit in of.get(str(name), [str(name)]):
            rows.append(row)
            names.append(unit)
            made.append(inside.get(unit, points.iloc[row]))
    index = pd.Index(names, name="unit_id")
    return housing.iloc[rows], gpd.GeoSeries(made, index=index, crs=outlines.crs)


def homes_of_estates(city: City) -> pd.DataFrame:
    """Return the units that the residents of each estate live in.

    An estate that names a unit fills the units of that area in proportion to their residents (evenly if there
    are none); any other fills its own unit, or the parts of its polygon by their surface. An estate that
    neither names a unit nor has a location has no rows.

    Parameters
    ----------
    city
        City with estate units (:func:`with_estate_units`).

    Returns
    -------
    pandas.DataFrame
        ``estate`` (position in ``tables["housing"]``), ``unit`` (position in ``city.units``) and ``share``;
        the shares of an estate sum to one.
    """
    housing = city.tables["housing"]
    residents = city.units["residents"].to_numpy(dtype=float, na_value=0.0)
    of_area: Mapping[Any, Any] = city.units.groupby("area_id", sort=False).indices
    place = {str(name): position for position, name in enumerate(city.units.index)}
    cut = {str(name): group["share"] for name, group in city.parts.groupby("of", sort=False)}
    parts = []
    for estate, (area, name) in enumerate(zip(housing["unit_id"], _names(housing), strict=True)):
        if isinstance(area, str):
            units = np.array([unit for unit in of_area.get(area, ()) if not _is_estate(city, unit)], int)
            weight = residents[units]
            weight = weight if weight.sum() > 0 else np.ones(len(units))
        elif name in place:
            units, weight = np.array([place[name]]), np.ones(1)
        elif name in cut:
            units = np.array([place[part] for part in cut[name].index])
            weight = cut[name].to_numpy(dtype=float)
        else:
            continue
        if len(units):
            parts.append(pd.DataFrame({"estate": estate, "unit": units, "share": weight / weight.sum()}))
    blank = pd.DataFrame({"estate": pd.Series(dtype=int), "unit": pd.Series(dtype=int), "share": 0.0})
    return pd.concat(parts, ignore_index=True) if parts else blank


def _is_estate(city: City, unit: int) -> bool:
    return str(city.units.index[unit]).startswith(_PREFIX)


def _names(housing: pd.DataFrame) -> np.ndarray:
    """Return the id of every estate's own unit."""
    ids = housing["housing_id"].astype(str)
    several = ids.duplicated(keep=False)
    phase = housing["phase"].fillna("1").astype(str)
    return np.array((_PREFIX + ids).where(~several, _PREFIX + ids + "/" + phase), dtype=object)


def _area_of(points: gpd.GeoSeries, areas: gpd.GeoSeries) -> np.ndarray:
    """Return the area that contains each point, else the nearest (ties: the first)."""
    found = polygon_of(points, areas)
    away = found.isna().to_numpy()
    if away.any():
        tree = areas.sindex
        near, positions = tree.nearest(points[away].to_numpy(), return_all=True)
        first = np.full(int(away.sum()), len(areas))
        np.minimum.at(first, near, positions)
        found[away] = areas.index.to_numpy()[first]
    return np.array(found, dtype=object)
