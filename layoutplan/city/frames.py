"""Frames of the City: names and districts filled in, residents on their units, areas of sites."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from layoutplan.city.areal import whole_people
from layoutplan.city.links import district_of


def named_frame(frame: gpd.GeoDataFrame, key: str, districts: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Set the key as index; fill a missing name by the id, a missing district by location.

    Parameters
    ----------
    frame
        Rows with ``name`` and geometry.
    key
        Column that becomes the index.
    districts
        Polygons, index ``district_id``.

    Returns
    -------
    geopandas.GeoDataFrame
        A new frame.
    """
    named = frame.assign(name=frame["name"].where(frame["name"].notna(), frame[key]))
    if len(districts):
        named = named.assign(district_id=district_of(named, districts))
    return named.set_index(key)


def resident_units(
    spread: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, total: pd.Series, by_age: pd.DataFrame
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Distribute the residents of every area among its units.

    Parameters
    ----------
    spread
        Units with ``area_id`` and ``share``.
    areas
        The areas, index ``unit_id``.
    total, by_age
        Residents of the areas, and by year of age, in the order of ``areas``.

    Returns
    -------
    units, population
        As :class:`~layoutplan.city.city.City` has them.
    """
    place = pd.Series(np.arange(len(areas)), index=areas.index)[spread["area_id"].to_numpy()].to_numpy()
    share = spread["share"].to_numpy()
    units = gpd.GeoDataFrame(
        {
            "area_id": spread["area_id"].to_numpy(),
            "name": areas["name"].to_numpy()[place],
            "district_id": areas["district_id"].to_numpy()[place],
            "residents": total.to_numpy()[place] * share,
        },
        geometry=spread.geometry.to_numpy(),
        index=spread.index,
        crs=areas.crs,
    )
    shared = by_age.to_numpy()[place] * share[:, None]
    return units, pd.DataFrame(shared, index=spread.index, columns=list(by_age.columns))


def whole_residents(
    units: gpd.GeoDataFrame, population: pd.DataFrame
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Round the residents of the units of every area to integers, by largest remainder.

    Parameters
    ----------
    units, population
        As :class:`~layoutplan.city.city.City` has them.

    Returns
    -------
    units, population
        New frames; the totals of every area are kept.
    """
    group, _ = pd.factorize(units["area_id"])
    residents = whole_people(units[["residents"]].to_numpy(dtype=np.float64), group)
    by_age = whole_people(population.to_numpy(dtype=np.float64), group)
    return (
        units.assign(residents=residents[:, 0]),
        pd.DataFrame(by_age, index=population.index, columns=population.columns),
    )
