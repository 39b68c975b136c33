"""Recognisable name for a group of residential units."""

from __future__ import annotations

import numpy as np
import pandas as pd

from layoutplan.city.city import City


def place_name(city: City, pupils: pd.Series, *, stage: str) -> str:
    """Return a name for the place where ``pupils`` live.

    The name combines the unit with most pupils and the catchment of the stage with most pupils (if the
    catchment has no name of its own, that of its school; else the district). If only one of the two is known,
    it is used alone; else the unit's id. The name contains no words around it, so it reads the same in every
    language.

    Parameters
    ----------
    city
        Units, catchments and districts.
    pupils
        Pupils by ``unit_id``; not empty.
    stage
        Stage of the catchments.

    Returns
    -------
    str
        ``catchment · unit``, or one of the two.
    """
    heaviest = _heaviest_unit(city, pupils)
    spot = _unit_name(city, heaviest)
    around = _catchment_name(city, pupils, stage) or _district_name(city, pupils)
    if spot and around and spot != around:
        return f"{around} · {spot}"
    return spot or around or heaviest


def _heaviest_unit(city: City, pupils: pd.Series) -> str:
    """Return the unit with most pupils; the westernmost, then southernmost, in a tie."""
    points = city.units.geometry.loc[pupils.index]
    order = np.lexsort((points.y.to_numpy(), points.x.to_numpy(), -pupils.round(6).to_numpy()))
    return str(pupils.index[order[0]])


def _unit_name(city: City, unit_id: str) -> str:
    """Return the unit's own name; "" if it has none other than its id or its area's id."""
    unit = city.units.loc[unit_id]
    name = _word(unit["name"])
    return "" if name in (unit_id, _word(unit["area_id"])) else name


def _catchment_name(city: City, pupils: pd.Series, stage: str) -> str:
    if stage not in city.unit_catchments.columns:
        return ""
    catchment_id = _heaviest(pupils, city.unit_catchments[stage])
    if catchment_id not in city.catchments.index:
        return ""
    name = _word(city.catchments.loc[catchment_id, "name"])
    return _school_name(city, catchment_id, stage) if name in ("", catchment_id) else name


def _school_name(city: City, catchment_id: str, stage: str) -> str:
    """Return the name of the catchment's school with the smallest id; "" if it has none."""
    links = city.catchment_schools
    of_catchment = links[(links["catchment_id"] == catchment_id) & (links["stage"] == stage)]
    names = city.schools["name"].reindex(sorted(of_catchment["school_id"])).dropna()
    return "" if names.empty else _word(names.iloc[0])


def _district_name(city: City, pupils: pd.Series) -> str:
    district_id = _heaviest(pupils, city.units["district_id"])
    return _word(city.districts.loc[district_id, "name"]) if district_id in city.districts.index else ""


def _heaviest(pupils: pd.Series, groups: pd.Series) -> str:
    """Return the group with most pupils, the smallest id in a tie; "" if no unit has a group."""
    totals = pupils.groupby(groups.reindex(pupils.index).to_numpy(), sort=True).sum()
    return "" if totals.empty else str(totals.idxmax())


def _word(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""
