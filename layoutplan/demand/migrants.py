"""Resident migrant children of every area: as stated, blanks estimated from the areas that state them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from layoutplan.arrays import BoolArray, FloatArray
from layoutplan.city.blanks import estimate_blanks
from layoutplan.city.city import City
from layoutplan.dictionary.rolls import stage_column


@dataclass(frozen=True)
class AreaMigrants:
    """Migrant children of one stage; arrays in the order of ``City.areas``.

    Attributes
    ----------
    children
        Resident migrant children; a blank is the area's children × the share of migrants in the areas that
        state both.
    guessed
        Where the figure was blank and the area has children.
    """

    children: FloatArray
    guessed: BoolArray


def area_migrants(stage: str, city: City, children: FloatArray) -> AreaMigrants | None:
    """Return the migrant children of every area; a blank is never counted as 0.

    Parameters
    ----------
    stage
        Stage.
    city
        Areas, with ``migrants_<stage>``, and units.
    children
        Resident children of the stage's ages in the base year, shape ``(units,)``.

    Returns
    -------
    AreaMigrants or None
        ``None`` if no area states a number, or the areas that do have no children to take a share of.
    """
    column = stage_column("migrants", stage)
    if column not in city.areas or not city.areas[column].notna().any():
        return None
    stated = city.areas[column].to_numpy(dtype=np.float64, na_value=np.nan)
    in_area = children_of_areas(city, children)
    found = estimate_blanks(stated, in_area)
    if np.isnan(found).any():
        return None
    return AreaMigrants(found, np.isnan(stated) & (in_area > 0))


def children_of_areas(city: City, children: FloatArray) -> FloatArray:
    """Return a figure of the units summed over the areas that they are parts of.

    Parameters
    ----------
    city
        Units with ``area_id``, and areas.
    children
        Figure of the units, shape ``(units,)``.

    Returns
    -------
    numpy.ndarray
        Shape ``(areas,)``.
    """
    place = city.areas.index.get_indexer(city.units["area_id"])
    known = place >= 0
    return np.bincount(place[known], weights=children[known], minlength=len(city.areas)).astype(np.float64)
