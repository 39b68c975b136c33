"""A lattice of residential units whose unserved pupils a test states directly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.affinity import translate
from shapely.geometry import Point, box

from layoutplan.balance.result import Balance
from layoutplan.city.city import City
from layoutplan.demand import Demand
from layoutplan.hotspots import Hotspots, find_hotspots
from layoutplan.layouts.seats import Seats
from layoutplan.plan import HotspotSettings
from layoutplan.texts import Language
from layoutplan.travel.matrix import WalkMatrix
from tests.small_city import CRS, SOUTH, WEST, small_city, straight_pairs
from tests.studies import study_of

STEP = 500.0
YEARS = (2025, 2026, 2027)
SIZE = 8
NOBODY = Demand(years=YEARS, children={}, pupils={})
"""Hotspots look at the pupils of the balance."""


def unit_id(column: int, row: int) -> str:
    return f"u{column}{row}"


def lattice_city(*, shift: tuple[float, float] = (0.0, 0.0), polygons: bool = True, **changes: Any) -> City:
    """Return 8 × 8 units of 500 m: the western half is catchment C1, the eastern C2."""
    places = [(column, row) for row in range(SIZE) for column in range(SIZE)]
    ids = pd.Index([unit_id(*place) for place in places], name="unit_id")
    west, south = WEST + shift[0], SOUTH + shift[1]
    squares = [
        box(west + c * STEP, south + r * STEP, west + (c + 1) * STEP, south + (r + 1) * STEP)
        for c, r in places
    ]
    centres = gpd.GeoSeries(squares, crs=CRS, index=ids).centroid
    names = [f"{c}街{r}号院" for c, r in places]
    areas = gpd.GeoDataFrame({"name": names}, geometry=squares if polygons else centres, crs=CRS, index=ids)
    units = gpd.GeoDataFrame(
        {"area_id": ids.to_numpy(), "name": names, "district_id": "D1", "residents": 100.0},
        geometry=centres,
        crs=CRS,
        index=ids,
    )
    side = ["C1" if column < SIZE / 2 else "C2" for column, _ in places]
    town = small_city()
    moved = town.catchments.set_geometry([translate(shape, *shift) for shape in town.catchments.geometry])
    return replace(
        town,
        **{
            "stages": ("primary", "junior"),
            "years": YEARS,
            "areas": areas,
            "units": units,
            "population": pd.DataFrame(0.0, index=ids, columns=range(18)),
            "catchments": moved,
            "unit_catchments": pd.DataFrame({"primary": side, "junior": None}, index=ids, dtype=object),
            **changes,
        },
    )


COLUMNS = ("unit_id", "stage", "year", "unserved", "short")


def balance_of(
    city: City,
    unserved: Mapping[str, Mapping[str, float | Sequence[float]]],
    *,
    schools: Sequence[Mapping[str, Any]] = (),
) -> tuple[Balance, Seats, WalkMatrix]:
    """Return a balance with these unserved pupils: by stage, unit, one number or one a year.

    ``schools``: rows with ``school_id``, ``x``, ``y``, ``stage``, ``seats`` (one a year), ``spare``.
    """
    rows = [
        {
            "unit_id": unit,
            "stage": stage,
            "year": year,
            "unserved": lacking,
            "short": lacking,
            "demand": lacking + 10.0,
        }
        for stage in city.stages
        for unit in city.units.index
        for year, lacking in zip(
            YEARS, np.broadcast_to(unserved.get(stage, {}).get(unit, 0.0), len(YEARS)), strict=True
        )
    ]
    offered = {
        stage: pd.DataFrame(
            [school["seats"] if school["stage"] == stage else [0.0] * len(YEARS) for school in schools],
            index=pd.Index([school["school_id"] for school in schools], name="school_id", dtype=object),
            columns=list(YEARS),
            dtype=float,
        )
        for stage in city.stages
    }
    places = [Point(WEST + school["x"], SOUTH + school["y"]) for school in schools]
    frame = gpd.GeoDataFrame(
        {
            "name": [school["school_id"] + "学校" for school in schools],
            "status": [school.get("status", "open") for school in schools],
            "counts": [school.get("counts", True) for school in schools],
        },
        geometry=gpd.GeoSeries(places, crs=CRS, index=offered[city.stages[0]].index),
        index=offered[city.stages[0]].index,
    )
    seats = Seats(years=YEARS, schools=frame, seats=offered)
    spare = [
        {**school, "year": year, "spare": school["spare"] if school["seats"][place] else 0.0}
        for school in schools
        for place, year in enumerate(YEARS)
    ]
    blank = pd.DataFrame()
    balance = Balance(
        schools=pd.DataFrame(spare, columns=["school_id", "stage", "year", "spare"]),
        catchments=blank,
        districts=blank,
        city=blank,
        units=pd.DataFrame(rows),
        assignment=blank,
        zoned_city=blank,
        zoned_catchments=blank,
        zoned_schools=blank,
    )
    return balance, seats, straight_pairs(city.units.geometry, frame.geometry, limit_m=2000.0)


def hotspots_of(
    city: City,
    unserved: Mapping[str, Mapping[str, float | Sequence[float]]],
    *,
    schools: Sequence[Mapping[str, Any]] = (),
    settings: HotspotSettings | None = None,
    year: int = YEARS[-1],
    lang: Language = "zh",
) -> Hotspots:
    balance, seats, pairs = balance_of(city, unserved, schools=schools)
    study = study_of(
        city,
        demand=NOBODY,
        seats=seats,
        walks=pairs,
        target_year=year,
        lang=lang,
        hotspots=settings or HotspotSettings(cluster_radius_m=600.0, min_pupils=45.0, neighbours=8),
    )
    return find_hotspots(study, balance)
