"""The input tables of a synthetic city, with the columns of the data dictionary."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from layoutplan.inputs.synthetic.arrays import Ints
from layoutplan.inputs.synthetic.lattice import ROAD_CLASSES
from layoutplan.inputs.synthetic.names import Names, school_names, township_names, word_list
from layoutplan.inputs.synthetic.pipeline import projects_table
from layoutplan.inputs.synthetic.programme import (
    groups_table,
    housing_table,
    sites_table,
    targets_table,
)
from layoutplan.inputs.synthetic.records import (
    BASE_YEAR,
    births_table,
    classes_table,
    history_table,
    resources_table,
)
from layoutplan.inputs.synthetic.schooling import Schooling, open_schools
from layoutplan.inputs.synthetic.settlement import ELDERLY_FROM, VILLAGE
from layoutplan.inputs.synthetic.stages import STAGE_FACTS
from layoutplan.inputs.synthetic.terrain import CRS
from layoutplan.inputs.synthetic.town import Town, build_town, random_stream
from layoutplan.inputs.synthetic.zones import CORE, FRINGE, MID

DEMO_RESIDENTS: Final = 500_000
DEMO_SEED: Final = 20_250_901
_LAND_PER_SEAT_M2: Final = {"kindergarten": 13.0, "primary": 19.5, "junior": 21.5, "senior": 24.0}
_FLOOR_PER_SEAT_M2: Final = {"kindergarten": 10.5, "primary": 8.0, "junior": 9.8, "senior": 14.0}
_OPENED: Final = {CORE: (1956, 1999), MID: (1986, 2015), FRINGE: (1962, 2005)}
_RESIDENTS_PER_DWELLING: Final = 2.7


def make_city_tables(
    *, residents: int = DEMO_RESIDENTS, seed: int = DEMO_SEED
) -> dict[str, pd.DataFrame | gpd.GeoDataFrame]:
    """Make a city: a believable Chinese new-town district, or a metropolis of many towns.

    Parameters
    ----------
    residents
        5,000 to 15,000,000. The city has exactly as many.
    seed
        The same seed and size give the same tables.

    Returns
    -------
    dict of frames
        Input tables by name, each with columns of the data dictionary: ``districts``, ``units``,
        ``schools``, ``catchments``, ``roads``, ``barriers``, ``sites``, ``projects``, ``housing``,
        ``births``, ``classes``, ``enrolment_history``, ``resources``, ``groups``, ``targets``. Those with a
        place are GeoDataFrames in EPSG:4547 (metres); districts tile the city, and so do the catchments of
        primary and of junior schools.

    Raises
    ------
    ValueError
        If ``residents`` is out of range.

    Examples
    --------
    >>> tables = make_city_tables(residents=20_000, seed=1)
    >>> int(tables["units"]["population"].sum()), tables["schools"].crs.to_epsg()
    (20000, 4547)
    """
    town = build_town(residents, seed=seed)
    schooling = open_schools(town)
    blocks = schooling.schools["block"].to_numpy()
    names = school_names(
        tuple(schooling.schools["school_type"]),
        street=town.street_beside(blocks),
        unit=Names(
            zh=tuple(town.home_names.zh[block] for block in blocks),
            en=tuple(town.home_names.en[block] for block in blocks),
        ),
        private=(schooling.schools["ownership"] == "private").to_numpy(),
    )
    districts = _districts(town)
    district_ids = list(districts["district_id"])
    units, unit_ids = _units(town, districts)
    return {
        "districts": districts,
        "units": units,
        "schools": _schools(town, schooling, names=names, district_ids=district_ids),
        "catchments": _catchments(town, schooling, names=names, district_ids=district_ids),
        "roads": _roads(town),
        "barriers": _barriers(town),
        **_programme(town, schooling, names=names, unit_ids=unit_ids, district_ids=district_ids),
        "births": births_table(town, district_ids=district_ids),
        "classes": classes_table(town, schooling),
        "enrolment_history": history_table(town, schooling),
        "resources": resources_table(town, schooling),
        "targets": targets_table(),
    }


def _programme(
    town: Town,
    schooling: Schooling,
    *,
    names: Names,
    unit_ids: dict[int, str],
    district_ids: list[str],
) -> dict[str, pd.DataFrame | gpd.GeoDataFrame]:
    """Return what the plan can draw on: sites, projects, housing, groups."""
    projects = projects_table(town, schooling, school_names=names.zh, district_ids=district_ids)
    housing = housing_table(town, schooling, unit_ids=unit_ids, district_ids=district_ids)
    return {
        "sites": _placed(sites_table(town, district_ids=district_ids)),
        "projects": _placed(projects),
        "housing": _placed(housing),
        "groups": groups_table(
            schooling,
            school_names=names.zh,
            district_of=town.district[schooling.schools["block"].to_numpy()],
            district_ids=district_ids,
        ),
    }


def _placed(table: pd.DataFrame) -> gpd.GeoDataFrame:
    """Turn the columns ``lon``, ``lat`` (EPSG:4547 here) into points; rows without them have none."""
    x, y = table["lon"].to_numpy(dtype=np.float64), table["lat"].to_numpy(dtype=np.float64)
    points = np.where(np.isnan(x), None, shapely.points(np.nan_to_num(x), np.nan_to_num(y)))
    return gpd.GeoDataFrame(table.drop(columns=["lon", "lat"]), geometry=points, crs=CRS)


def _united(polygons: npt.NDArray[np.object_], owner: Ints, *, count: int) -> list[BaseGeometry]:
    """Unite polygons that share vertices exactly, by owner."""
    order = np.argsort(owner, kind="stable")
    bounds = np.searchsorted(owner[order], np.arange(count + 1))
    return [shapely.coverage_union_all(polygons[order[low:high]]) for low, high in pairwise(bounds.tolist())]


def _districts(town: Town) -> gpd.GeoDataFrame:
    count = town.scale.districts
    return gpd.GeoDataFrame(
        {
            "district_id": [f"Q{number + 1:02d}" for number in range(count)],
            "name": list(township_names(count).zh),
            "kind": "township",
            "responsible_unit": [f"{name}办事处" for name in township_names(count).zh],
        },
        geometry=_united(town.polygons, town.district, count=count),
        crs=CRS,
    )


def _units(town: Town, districts: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, dict[int, str]]:
    """Return table ``units``, one row an inhabited block, and the unit id of each such block."""
    blocks = np.flatnonzero(town.inhabited)
    width = 4 if len(blocks) < 10_000 else 6  # noqa: PLR2004
    ids = [f"U{number + 1:0{width}d}" for number in range(len(blocks))]
    settlement = town.settlement
    ages, residents = settlement.ages[blocks], settlement.residents[blocks]
    elderly = settlement.elderly[blocks]
    rng = random_stream(town.seed, 50)
    columns: dict[str, object] = {
        "unit_id": ids,
        "name": [town.home_names.zh[block] for block in blocks],
        "district_id": districts["district_id"].to_numpy()[town.district[blocks]],
        "township": districts["name"].to_numpy()[town.district[blocks]],
        "population": residents,
    }
    columns |= {f"age_{age}": ages[:, age] for age in range(ages.shape[1])}
    columns[f"age_{ages.shape[1]}_{ELDERLY_FROM - 1}"] = residents - ages.sum(axis=1) - elderly
    columns[f"age_{ELDERLY_FROM}_110"] = elderly
    columns["dwellings"] = np.maximum(
        np.rint(residents / _RESIDENTS_PER_DWELLING * rng.uniform(0.95, 1.3, len(blocks))), 1
    ).astype(np.int64)
    rural = (settlement.use[blocks] == VILLAGE) & (town.lattice.blocks.zone[blocks] == FRINGE)
    columns["setting"] = np.where(rural, "village", "city")
    frame = gpd.GeoDataFrame(columns, geometry=town.polygons[blocks], crs=CRS)
    return frame, dict(zip(blocks.tolist(), ids, strict=True))


def _schools(town: Town, schooling: Schooling, *, names: Names, district_ids: list[str]) -> gpd.GeoDataFrame:
    rng = random_stream(town.seed, 51)
    schools = schooling.schools
    blocks = schools["block"].to_numpy()
    zone = town.lattice.blocks.zone[blocks]
    first = np.array([_OPENED.get(number, (2013, 2024))[0] for number in range(5)])[zone]
    last = np.array([_OPENED.get(number, (2013, 2024))[1] for number in range(5)])[zone]
    seats = {stage: schools[f"seats_{stage}"].to_numpy() for stage in STAGE_FACTS}
    land = sum(
        (seats[stage] * _LAND_PER_SEAT_M2[stage] for stage in STAGE_FACTS), start=np.zeros(len(schools))
    )
    floor = sum(
        (seats[stage] * _FLOOR_PER_SEAT_M2[stage] for stage in STAGE_FACTS), start=np.zeros(len(schools))
    )
    tight = np.where(zone == CORE, 0.72, 1.0) * rng.uniform(0.8, 1.2, len(schools))
    street = town.street_beside(blocks)
    house = rng.integers(1, 260, len(schools))
    rural = zone == FRINGE
    columns: dict[str, object] = {
        "school_id": schools["school_id"].to_numpy(),
        "name": list(names.zh),
        "name_en": list(names.en),
        "school_type": schools["school_type"].to_numpy(),
        "ownership": schools["ownership"].to_numpy(),
        "district_id": np.array(district_ids)[town.district[blocks]],
        "address": [
            f"{road}{number}号" if road else None
            for road, number in zip(street.zh, house.tolist(), strict=True)
        ],
    }
    for stage, facts in STAGE_FACTS.items():
        teaches = schools["school_type"].isin(facts.types)
        for what in ("seats", "enrolment", "classes"):
            columns[f"{what}_{stage}"] = schools[f"{what}_{stage}"].where(teaches).astype("Int64")
    columns |= {
        "opened_year": rng.integers(first, last),
        "site_area_m2": np.rint(np.where(land > 0, land, 9_000.0) * tight / 10.0) * 10.0,
        "floor_area_m2": np.rint(
            np.where(floor > 0, floor, 5_200.0) * rng.uniform(0.85, 1.1, len(schools)) / 10.0
        )
        * 10.0,
        "boarding_beds": np.where(seats["senior"] > 0, seats["senior"] // 2, 0),
        "quality": (rng.random(len(schools)) < 0.3) & (schools["role"] == "").to_numpy(),  # noqa: PLR2004
        "setting": np.where(rural, "village", "city"),
    }
    return gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy(schools["x"], schools["y"]), crs=CRS)


def _catchments(
    town: Town, schooling: Schooling, *, names: Names, district_ids: list[str]
) -> gpd.GeoDataFrame:
    """Return table ``catchments``; each stage's tile the city exactly: blocks share vertices."""
    schools = schooling.schools
    parts = []
    for stage, members in schooling.catchment_schools.items():
        owner = schooling.catchment_of[stage]
        width = 3 if len(members) > 99 else 2  # noqa: PLR2004
        block = schools["block"].to_numpy()[[rows[0] for rows in members]]
        parts.append(
            gpd.GeoDataFrame(
                {
                    "catchment_id": [f"C{stage[0].upper()}{n + 1:0{width}d}" for n in range(len(members))],
                    "stage": stage,
                    "name": [_catchment_name([names.zh[row] for row in rows]) for rows in members],
                    "school_ids": [";".join(schools["school_id"].iloc[rows]) for rows in members],
                    "district_id": np.array(district_ids)[town.district[block]],
                    "published_year": BASE_YEAR,
                },
                geometry=_united(town.polygons, owner, count=len(members)),
                crs=CRS,
            )
        )
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=CRS)


def _catchment_name(schools: list[str]) -> str:
    return "、".join(schools) + ("（多校划片）" if len(schools) > 1 else "片区")


def _roads(town: Town) -> gpd.GeoDataFrame:
    streets = town.streets
    motorways = [word_list()[(50 + number) % 60][0] + "高速" for number in range(20)]
    lines = len(town.line_names.zh)
    names = [
        None
        if line < 0
        else (motorways[(line - lines) % 20] if line >= lines else town.line_names.zh[line] or None)
        for line in streets.line.tolist()
    ]
    return gpd.GeoDataFrame(
        {
            "road_id": [f"R{number + 1}" for number in range(len(names))],
            "name": names,
            "road_class": np.array(ROAD_CLASSES)[streets.road_class],
            "bridge": streets.bridge,
            "tunnel": streets.tunnel,
            "layer": streets.bridge.astype(np.int64) - streets.tunnel,
        },
        geometry=streets.geometry,
        crs=CRS,
    )


def _barriers(town: Town) -> gpd.GeoDataFrame:
    kinds = {"river": ("河", "B-R"), "railway": ("铁路", "B-T"), "expressway": ("高速", "B-E")}
    words = word_list()
    offset = {"river": 48, "railway": 51, "expressway": 50}
    rows = [
        {
            "barrier_id": f"{kinds[barrier.kind][1]}{barrier.number + 1}",
            "name": words[(offset[barrier.kind] + barrier.number) % 60][0] + kinds[barrier.kind][0],
            "kind": barrier.kind,
            "crossable": False,
            "geometry": barrier.line,
        }
        for barrier in town.barriers
    ]
    columns = ["barrier_id", "name", "kind", "crossable", "geometry"]
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), geometry="geometry", crs=CRS)
