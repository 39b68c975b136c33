"""Cities of square units on a grid, with primary schools in some of them and catchments of whole units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import box

from layoutplan.city.city import City
from layoutplan.demand import estimate_demand
from layoutplan.plan import DemandSettings, ZoningSettings
from layoutplan.study import Study
from layoutplan.zoning import Redraw, redraw
from tests.small_city import CRS, DETOUR, SOUTH, WEST, small_city, small_profile
from tests.studies import study_of, with_plan

SIDE = 500.0
EVERYONE = DemandSettings(participation={"primary": 1.0}, public_share={"primary": 1.0})
QUICK = {"work": 0.4, "time_limit_s": 20.0}


def grid_city(
    width: int,
    pupils: Sequence[float],
    schools: Mapping[str, tuple[int, float]],
    homes: Sequence[str | None],
    *,
    links: Sequence[tuple[str, str]] = (),
    districts: Sequence[str] | None = None,
    places: Mapping[str, tuple[float, float]] = MappingProxyType({}),
    closed: Mapping[str, int] = MappingProxyType({}),
) -> City:
    """Return a city of ``len(pupils)`` units in rows of ``width``.

    Parameters
    ----------
    pupils
        Primary pupils of each unit, the same in every year.
    schools
        The unit and the seats of each school.
    homes
        The catchment of each unit.
    links
        Catchment and school; by default catchment ``CX`` has school ``X``.
    districts
        District of each unit; one for all by default.
    places
        Coordinates of schools that do not stand in the middle of their unit.
    closed
        Year in which schools close.
    """
    count = len(pupils)
    ids = [f"U{place:02d}" for place in range(count)]
    corners = [(WEST + SIDE * (place % width), SOUTH + SIDE * (place // width)) for place in range(count)]
    shapes = [box(x, y, x + SIDE, y + SIDE) for x, y in corners]
    centres = [shape.centroid for shape in shapes]
    index = pd.Index(ids, name="unit_id")
    district = list(districts or ["D1"] * count)
    areas = gpd.GeoDataFrame({"name": ids, "district_id": district}, geometry=shapes, index=index, crs=CRS)
    units = gpd.GeoDataFrame(
        {"area_id": ids, "name": ids, "district_id": district, "residents": [10.0 * one for one in pupils]},
        geometry=centres,
        index=index,
        crs=CRS,
    )
    rows = [
        {
            "school_id": key,
            "name": f"{key}校",
            "school_type": "primary",
            "ownership": "public",
            "district_id": district[unit],
            "x": places.get(key, (centres[unit].x - WEST, centres[unit].y - SOUTH))[0],
            "y": places.get(key, (centres[unit].x - WEST, centres[unit].y - SOUTH))[1],
            "seats_primary": seats,
            **({"closed_year": closed[key]} if key in closed else {}),
        }
        for key, (unit, seats) in schools.items()
    ]
    names = sorted({one for one in homes if one is not None})
    members = [
        shapely.union_all([shapes[at] for at, one in enumerate(homes) if one == name]) for name in names
    ]
    catchments = gpd.GeoDataFrame(
        {"stage": "primary", "name": [f"{name[1:]}片区" for name in names], "district_id": None},
        geometry=members,
        index=pd.Index(names, name="catchment_id"),
        crs=CRS,
    )
    pairs = links or [(name, name[1:]) for name in names if name[1:] in schools]
    known = sorted(set(district))
    outlines = [
        shapely.union_all([shapes[at] for at, one in enumerate(district) if one == key]) for key in known
    ]
    population = pd.DataFrame(0.0, index=index, columns=range(18))
    population.loc[:, list(range(6))] = np.array(pupils, dtype=float)[:, None] / 6
    population.loc[:, list(range(6, 12))] = np.array(pupils, dtype=float)[:, None] / 6
    return small_city(
        schools=tuple(rows),
        stages=("primary",),
        areas=areas,
        units=units,
        population=population,
        catchments=catchments,
        catchment_schools=pd.DataFrame(
            [{"catchment_id": one, "stage": "primary", "school_id": two} for one, two in pairs],
            columns=["catchment_id", "stage", "school_id"],
        ),
        unit_catchments=pd.DataFrame({"primary": list(homes)}, index=index, dtype=object),
        districts=gpd.GeoDataFrame(
            {"name": known}, geometry=outlines, index=pd.Index(known, name="district_id"), crs=CRS
        ),
    )


def grid_study(city: City, **zoning: Any) -> Study:
    """Return the study of a city in which everybody needs a seat, with ``[zoning]``."""
    profile = small_profile()
    study = study_of(
        city,
        demand=estimate_demand(city, profile, EVERYONE),
        profile=profile,
        reach_m={"primary": 20_000.0},
    )
    return with_plan(study, profile=profile, sections={"zoning": ZoningSettings(**{**QUICK, **zoning})})


def redrawn(city: City, **zoning: Any) -> Redraw:
    """Return the redraw of a city."""
    return redraw(grid_study(city, **zoning))


def homes_of(found: Redraw) -> list[str]:
    """Return the new catchment of each unit."""
    return found.layout.zoning.held("primary").tolist()


def best_by_hand(
    width: int,
    pupils: Sequence[float],
    schools: Mapping[str, tuple[int, float]],
    homes: Sequence[str],
    *,
    price_m: float,
) -> tuple[float, float]:
    """Return least overload, and the least cost with it, over every connected division: brute force.

    Where seats lack, a pupil above twice a school's mean share of what lacks counts a quarter more.
    """
    keys = sorted(schools)
    own = [schools[key][0] for key in keys]
    at = np.array([(place % width, place // width) for place in range(len(pupils))], dtype=float) * SIDE
    away = np.hypot(*(at[:, None] - at[own][None]).transpose(2, 0, 1))
    weight = np.maximum(np.array(pupils), 0.05)
    today = np.array([keys.index(home[1:]) for home in homes])
    cost = weight[:, None] * (
        away * DETOUR + price_m * (np.arange(len(keys))[None] != today[:, None]) + 1e-3 * away
    )
    seats = np.array([schools[key][1] for key in keys])
    share = max(sum(pupils) - seats.sum(), 0.0) / seats.sum()
    best = (np.inf, np.inf, np.inf)
    for division in product(range(len(keys)), repeat=len(pupils)):
        if any(division[unit] != place for place, unit in enumerate(own)):
            continue
        load = np.bincount(division, weights=pupils, minlength=len(keys))
        over = round(float(np.maximum(load - seats, 0).sum()), 6)
        uneven = np.maximum(load - seats * (1 + 2 * share), 0).sum()
        counted = round(over + (0.25 * float(uneven) if share > 0 else 0.0), 6)
        if counted > best[0] or not connected(division, own, width):
            continue
        price = float(cost[np.arange(len(pupils)), division].sum())
        best = min(best, (counted, price, over))
    return best[2], best[1]


def connected(division: Sequence[int], own: Sequence[int], width: int) -> bool:
    """Return whether every unit is joined to the own unit of its zone over units of the zone."""
    count = len(division)
    seen: set[int] = set()
    stack = list(own)
    while stack:
        unit = stack.pop()
        if unit in seen:
            continue
        seen.add(unit)
        near = [unit - width, unit + width]
        near += [unit - 1] if unit % width else []
        near += [unit + 1] if unit % width < width - 1 else []
        stack += [one for one in near if 0 <= one < count and division[one] == division[unit]]
    return len(seen) == count
