"""The input tables of a synthetic city, with the columns of the data dictionary."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layoutplan.dictionary.rolls import stage_column
from layoutplan.synthetic.areas import (
    catchments_table,
    in_school_districts,
    school_districts_table,
    union_by_owner,
)
from layoutplan.synthetic.attributes import closed_schools, school_attributes, school_settings
from layoutplan.synthetic.lattice import ROAD_CLASSES
from layoutplan.synthetic.names import Names, school_names, township_names, word_list
from layoutplan.synthetic.programme import groups_table, housing_table, idle_sites, sites_table, targets_table
from layoutplan.synthetic.projects import projects_table, with_own_schools
from layoutplan.synthetic.records import births_table, classes_table, history_table, resources_table
from layoutplan.synthetic.registration import unit_registration
from layoutplan.synthetic.schooling import TownSchooling, place_schools
from layoutplan.synthetic.settlement import ELDERLY_FROM, VILLAGE
from layoutplan.synthetic.stages import STAGE_FACTS
from layoutplan.synthetic.terrain import CRS
from layoutplan.synthetic.town import Town, build_town, random_stream
from layoutplan.synthetic.trunks import trunk_roads
from layoutplan.synthetic.zones import CORE, FRINGE, MID

DEMO_RESIDENTS: Final = 500_000
DEMO_SEED: Final = 20_250_901
_LAND_PER_SEAT_M2: Final = {"kindergarten": 13.0, "primary": 19.5, "junior": 21.5, "senior": 24.0}
_FLOOR_PER_SEAT_M2: Final = {"kindergarten": 10.5, "primary": 8.0, "junior": 9.8, "senior": 14.0}
_OPENED: Final = {CORE: (1956, 1999), MID: (1986, 2015), FRINGE: (1962, 2005)}
_RESIDENTS_PER_DWELLING: Final = 2.7


def make_city_tables(
    *, residents: int = DEMO_RESIDENTS, seed: int = DEMO_SEED
) -> dict[str, pd.DataFrame | gpd.GeoDataFrame]:
    """Generate a city: a plausible Chinese new-town district, or a metropolis of several towns.

    Parameters
    ----------
    residents
        Number of residents, 5,000 to 15,000,000; exact.
    seed
        Random seed; the same seed and size give the same tables.

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
    schooling = place_schools(town)
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
    schools = _schools(town, schooling, names=names, districts=districts, units=units)
    catchments = catchments_table(town, schooling, names=names)
    closed = closed_schools(town, schooling, district_ids=district_ids)
    if len(closed):
        schools = gpd.GeoDataFrame(pd.concat([schools, closed], ignore_index=True), crs=CRS)
    groups = school_districts_table(town, schooling, catchments, districts=districts)
    everything = pd.concat([districts, groups.drop(columns="catchment_ids")], ignore_index=True)
    return {
        "districts": gpd.GeoDataFrame(everything, geometry="geometry", crs=CRS),
        "units": units,
        "schools": schools,
        "catchments": in_school_districts(catchments, groups),
        "roads": _roads(town),
        "barriers": _barriers(town),
        **_programme(
            town, schooling, names=names, unit_ids=unit_ids, district_ids=district_ids, closed=closed
        ),
        "births": births_table(town, district_ids=district_ids),
        "classes": classes_table(town, schooling),
        "enrolment_history": history_table(town, schooling),
        "resources": resources_table(town, schooling),
        "targets": targets_table(district_ids),
    }


def _programme(
    town: Town,
    schooling: TownSchooling,
    *,
    names: Names,
    unit_ids: dict[int, str],
    district_ids: list[str],
    closed: gpd.GeoDataFrame,
) -> dict[str, pd.DataFrame | gpd.GeoDataFrame]:
    """Return sites, projects, housing and groups."""
    housing = housing_table(town, schooling, unit_ids=unit_ids, district_ids=district_ids)
    projects = projects_table(
        town, schooling, school_names=names.zh, district_ids=district_ids, housing=housing
    )
    sites = sites_table(town, district_ids=district_ids)
    if len(closed):
        sites = pd.concat([sites, idle_sites(closed)], ignore_index=True)
    return {
        "sites": _placed(sites),
        "projects": _placed(projects),
        "housing": _placed(with_own_schools(housing, projects)),
        "groups": groups_table(
            schooling,
            school_names=names.zh,
            district_of=town.district[schooling.schools["block"].to_numpy()],
            district_ids=district_ids,
        ),
    }


def _placed(table: pd.DataFrame) -> gpd.GeoDataFrame:
    """Convert the columns ``lon``, ``lat`` (EPSG:4547 here) to points; rows without values have none."""
    x, y = table["lon"].to_numpy(dtype=np.float64), table["lat"].to_numpy(dtype=np.float64)
    points = np.where(np.isnan(x), None, shapely.points(np.nan_to_num(x), np.nan_to_num(y)))
    return gpd.GeoDataFrame(table.drop(columns=["lon", "lat"]), geometry=points, crs=CRS)


def _districts(town: Town) -> gpd.GeoDataFrame:
    count = town.scale.districts
    return gpd.GeoDataFrame(
        {
            "district_id": [f"Q{number + 1:02d}" for number in range(count)],
            "name": list(township_names(count).zh),
            "name_en": list(township_names(count).en),
            "kind": "township",
            "responsible_unit": [f"{name}办事处" for name in township_names(count).zh],
        },
        geometry=union_by_owner(town.polygons, town.district, count=count),
        crs=CRS,
    )


def _units(town: Town, districts: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, dict[int, str]]:
    """Return table ``units``, one row per inhabited block, and the unit id by block."""
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
        "name_en": [town.home_names.en[block] for block in blocks],
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
    columns |= unit_registration(town, blocks)
    frame = gpd.GeoDataFrame(columns, geometry=town.polygons[blocks], crs=CRS)
    return frame, dict(zip(blocks.tolist(), ids, strict=True))


def _schools(
    town: Town,
    schooling: TownSchooling,
    *,
    names: Names,
    districts: gpd.GeoDataFrame,
    units: gpd.GeoDataFrame,
) -> gpd.GeoDataFrame:
    rng = random_stream(town.seed, 51)
    schools = schooling.schools
    blocks = schools["block"].to_numpy()
    zone = town.lattice.blocks.zone[blocks]
    first = np.array([_OPENED.get(number, (2013, 2024))[0] for number in range(5)])[zone]
    last = np.array([_OPENED.get(number, (2013, 2024))[1] for number in range(5)])[zone]
    seats = {stage: schools[stage_column("seats", stage)].to_numpy() for stage in STAGE_FACTS}
    land = sum(
        (seats[stage] * _LAND_PER_SEAT_M2[stage] for stage in STAGE_FACTS), start=np.zeros(len(schools))
    )
    floor = sum(
        (seats[stage] * _FLOOR_PER_SEAT_M2[stage] for stage in STAGE_FACTS), start=np.zeros(len(schools))
    )
    tight = np.where(zone == CORE, 0.72, 1.0) * rng.uniform(0.8, 1.2, len(schools))
    street = town.street_beside(blocks)
    house = rng.integers(1, 260, len(schools))
    columns: dict[str, object] = {
        "school_id": schools["school_id"].to_numpy(),
        "name": list(names.zh),
        "name_en": list(names.en),
        "school_type": schools["school_type"].to_numpy(),
        "ownership": schools["ownership"].to_numpy(),
        "district_id": districts["district_id"].to_numpy()[town.district[blocks]],
        "address": [
            f"{road}{number}号" if road else None
            for road, number in zip(street.zh, house.tolist(), strict=True)
        ],
    }
    for stage, facts in STAGE_FACTS.items():
        teaches = schools["school_type"].isin(facts.types)
        for what in ("seats", "enrolment", "classes"):
            columns[f"{what}_{stage}"] = schools[f"{what}_{stage}"].where(teaches).astype("Int64")
    opened = rng.integers(first, last)
    site = np.rint(np.where(land > 0, land, 9_000.0) * tight / 10.0) * 10.0
    room = np.where(floor > 0, floor, 5_200.0) * rng.uniform(0.85, 1.1, len(schools))
    room = np.rint(room / 10.0) * 10.0
    quality = (rng.random(len(schools)) < 0.3) & (schools["role"] == "").to_numpy()  # noqa: PLR2004
    columns |= {
        "opened_year": opened,
        "site_area_m2": site,
        "floor_area_m2": room,
        "quality": quality,
        "setting": school_settings(town, schools),
    }
    columns |= school_attributes(
        town,
        schooling,
        opened=opened,
        floor_m2=room,
        quality=quality,
        townships=list(districts["name"]),
        migrants={stage: int(units[stage_column("migrants", stage)].sum()) for stage in STAGE_FACTS},
    )
    return gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy(schools["x"], schools["y"]), crs=CRS)


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
    for number, trunk in enumerate(trunk_roads(town.lattice, town.streets)):
        name = town.line_names.zh[trunk.line]
        shared = {"name": name or None, "crossable": False}
        rows.append(
            {**shared, "barrier_id": f"B-D{number + 1}", "kind": "trunk_road", "geometry": trunk.geometry}
        )
        rows += [
            {**shared, "barrier_id": f"B-D{number + 1}-{place + 1}", "kind": "crossing", "geometry": point}
            for place, point in enumerate(trunk.crossings)
        ]
    columns = ["barrier_id", "name", "kind", "crossable", "geometry"]
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), geometry="geometry", crs=CRS)
