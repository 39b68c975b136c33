"""Names of a city, in the language of the run."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TypeVar

import pandas as pd

from layoutplan.city.city import City
from layoutplan.city.romanise import romanised

_Frame = TypeVar("_Frame", bound=pd.DataFrame)


def in_english(city: City) -> City:
    """Return a city whose column ``name`` is in Latin letters, for an English run.

    The name is that of column ``name_en`` where the table has one, else the given name romanised
    (:func:`~layoutplan.city.romanise.romanised`). The given name is kept in column ``name_local``.

    Parameters
    ----------
    city
        City with names as given.

    Returns
    -------
    City
        Otherwise the same.
    """
    areas = _named(city.areas)
    by_area = dict(zip(city.areas["name"], areas["name"], strict=True))
    units = city.units.assign(name_local=city.units["name"])
    units["name"] = [by_area.get(name) or _said(name) for name in units["name_local"]]
    return replace(
        city,
        schools=_named(city.schools),
        areas=areas,
        units=units,
        catchments=_named(city.catchments),
        districts=_named(city.districts),
        school_districts=_named(city.school_districts),
        tables=MappingProxyType({name: _named(frame) for name, frame in city.tables.items()}),
    )


def _named(frame: _Frame) -> _Frame:
    """Return a table with English names; one without names is returned as it is."""
    if "name" not in frame:
        return frame
    given = frame["name"]
    english = frame["name_en"] if "name_en" in frame else pd.Series(pd.NA, index=frame.index)
    names = [
        own.strip() if isinstance(own, str) and own.strip() else _said(name)
        for own, name in zip(english, given, strict=True)
    ]
    named: _Frame = frame.assign(
        name=pd.Series(names, index=frame.index, dtype=given.dtype), name_local=given
    )
    return named


def _said(name: object) -> object:
    return romanised(name) if isinstance(name, str) else name
