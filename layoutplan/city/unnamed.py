"""Names of units and areas: their own, else on which side of the nearest school they lie, else their id."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.spatial import KDTree

from layoutplan.city.city import City
from layoutplan.texts import text

_SIDES: Final = ("n", "ne", "e", "se", "s", "sw", "w", "nw")
_OCTANT: Final = 45.0  # degrees


def names_of_units(city: City) -> pd.Series[str]:
    """Return what each unit is called: its name, else its side of the nearest school, else its id.

    A name that is only the id of the unit or of its area is none.

    Parameters
    ----------
    city
        Units and schools.

    Returns
    -------
    pandas.Series
        Text, on the index of ``units``; in the language of the city.
    """
    units = city.units
    return _names(city, units.geometry, units["name"], ids={*units.index, *units["area_id"]})


def names_of_areas(city: City) -> pd.Series[str]:
    """Return what each area is called: its name, else its side of the nearest school, else its id.

    Parameters
    ----------
    city
        Areas and schools.

    Returns
    -------
    pandas.Series
        Text, on the index of ``areas``; in the language of the city.
    """
    return _names(city, city.areas.representative_point(), city.areas["name"], ids={*city.areas.index})


def _names(city: City, places: gpd.GeoSeries, given: pd.Series, *, ids: set[object]) -> pd.Series[str]:
    own = given.astype("string").fillna("").str.strip().to_numpy(dtype=object)
    unnamed = np.isin(own, ["", *map(str, ids)])
    xy = np.column_stack([places.x, places.y])
    sided = unnamed & np.isfinite(xy).all(axis=1) & bool(len(city.schools))
    own[unnamed & ~sided] = given.index.astype(str).to_numpy()[unnamed & ~sided]  # an area without an outline
    if sided.any():
        homes, schools = xy[sided], np.column_stack([city.schools.geometry.x, city.schools.geometry.y])
        nearest = KDTree(schools).query(homes)[1]
        east, north = (homes - schools[nearest]).T
        side = np.round(np.degrees(np.arctan2(east, north)) / _OCTANT).astype(int) % len(_SIDES)
        called = city.schools["name"].astype(str).to_numpy()[nearest]
        own[sided] = [
            text(f"report.side.{_SIDES[at]}", city.lang, school=school)
            for at, school in zip(side, called, strict=True)
        ]
    return pd.Series(own, index=given.index, dtype=object)
