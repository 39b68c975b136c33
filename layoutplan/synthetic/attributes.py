"""Further attributes of schools, for the rules on quality, migrants and care.

They include values that meet the rules and values that do not, so that every rule has cases of both kinds.
"""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.dictionary.rolls import stage_column
from layoutplan.synthetic.arrays import Flags
from layoutplan.synthetic.recognitions import school_recognitions
from layoutplan.synthetic.records import BASE_YEAR
from layoutplan.synthetic.schooling import TownSchooling
from layoutplan.synthetic.settlement import VILLAGE
from layoutplan.synthetic.stages import STAGE_FACTS
from layoutplan.synthetic.terrain import CRS
from layoutplan.synthetic.town import Town, random_stream
from layoutplan.synthetic.zones import CORE, FRINGE, MID

_GRADES: Final = ("model", "first", "second", "third", "ungraded")
_GRADE_STEPS: Final = {"public": (0.15, 0.5, 0.85, 0.97), "inclusive": (0.0, 0.12, 0.5, 0.85)}
_FREE_GRADE_STEPS: Final = (0.0, 0.1, 0.35, 0.7)
_MIGRANTS_PLACED: Final = 0.985  # share of the resident migrant children who attend the city's schools
_BOARDING_VILLAGE: Final = 60
_RESOURCE_ROOM_FROM: Final = 5
_OLD: Final = 1985
_COMMUNITIES: Final = 2  # number of districts with a school community
_TITLE_STEPS: Final = (0.22, 0.65)
_CLOSED: Final = 2


def school_attributes(
    town: Town,
    schooling: TownSchooling,
    *,
    opened: IntArray,
    floor_m2: FloatArray,
    quality: Flags,
    townships: list[str],
    migrants: dict[str, int],
) -> dict[str, object]:
    """Return further columns of table ``schools``, one value per school.

    Parameters
    ----------
    town
        The town.
    schooling
        Schools and catchments.
    opened, floor_m2, quality
        Opening year, floor area (m²) and whether it is a quality school, as in the table.
    townships
        Names of the districts, in their order.
    migrants
        By stage, the children of migrant workers who live in the city.

    Returns
    -------
    dict
        Column values by name.
    """
    rng = random_stream(town.seed, 52)
    schools = schooling.schools
    kind = schools["school_type"].to_numpy()
    owner = schools["ownership"].to_numpy()
    infants, compulsory = kind == "kindergarten", np.isin(kind, ("primary", "junior", "nine_year"))
    public = owner == "public"
    zone = town.lattice.blocks.zone[schools["block"].to_numpy()]
    small = (schools["role"] == "small").to_numpy()
    rural = _rural(town, schools)
    designated = compulsory & public & (rural | (rng.random(len(schools)) < np.where(zone == MID, 0.3, 0.1)))
    district = town.district[schools["block"].to_numpy()]
    columns: dict[str, object] = {
        "quality_level": _titles(quality & compulsory, rng),
        "standardised": (rng.random(len(schools)) < np.where(small | (zone == CORE), 0.6, 0.93))
        & (schools["role"] != "oversized").to_numpy(),
        "migrant_designated": designated,
        "target_size": _target_sizes(schools, rng),
        "kindergarten_grade": _kindergarten_grades(owner, infants, rng),
        "nursery_classes": _where(infants, (rng.random(len(schools)) < np.where(public, 0.45, 0.25)) * 1),
        "licensed": ~(infants & (owner == "private") & (rng.random(len(schools)) < 0.4)),  # noqa: PLR2004
        "unsafe_floor_area_m2": _unsafe(opened, floor_m2, rng),
        "partner_school_id": _partners(schools, quality=quality, compulsory=compulsory & public, rng=rng),
        "community": _words(
            np.array([f"{name}学校发展共同体" for name in townships], dtype=object)[district],
            where=compulsory & public & (district < _COMMUNITIES),
        ),
        "responsible_unit": np.where(
            infants, np.array([f"{name}办事处" for name in townships])[district], "区教育局"
        ),
    }
    columns |= school_recognitions(
        town,
        schools,
        rural=rural,
        standardised=np.asarray(columns["standardised"], dtype=np.bool_),
        kindergarten_grade=np.asarray(columns["kindergarten_grade"], dtype=object),
    )
    columns |= _special_needs(schools, compulsory=compulsory, rng=rng)
    columns |= _boarding(schools, rural=rural, rng=rng)
    for stage in STAGE_FACTS:
        columns |= _of_migrants(schools, stage, designated=designated, city=migrants[stage], rng=rng)
        columns |= _entrants(schooling, stage, hot=town.hot[schools["block"].to_numpy()], rng=rng)
    return columns


def school_settings(town: Town, schools: pd.DataFrame) -> npt.NDArray[np.str_]:
    """Return the setting of each school: city, town (in the fringe zone) or village.

    Parameters
    ----------
    town
        The town.
    schools
        Schools with the column ``block``.

    Returns
    -------
    ndarray of str
        ``city``, ``town`` or ``village``.
    """
    edge = town.lattice.blocks.zone[schools["block"].to_numpy()] == FRINGE
    return np.where(_rural(town, schools), "village", np.where(edge, "town", "city"))


def closed_schools(town: Town, schooling: TownSchooling, *, district_ids: list[str]) -> gpd.GeoDataFrame:
    """Return rows of table ``schools`` for village schools closed before the base year; buildings remain.

    Parameters
    ----------
    town
        The town.
    schooling
        Schools and catchments.
    district_ids
        Ids of the districts, in their order.

    Returns
    -------
    GeoDataFrame
        EPSG:4547; empty in cities too small for faults.
    """
    schools = schooling.schools
    faults = bool((schools["role"] == "small").any())
    village = (town.settlement.use == VILLAGE) & (town.lattice.blocks.zone == FRINGE)
    village[schools["block"].to_numpy()] = False
    blocks = np.flatnonzero(village)[:: max(1, int(village.sum()) // _CLOSED)][: _CLOSED if faults else 0]
    count = len(blocks)
    return gpd.GeoDataFrame(
        {
            "school_id": [f"Z{number + 1:03d}" for number in range(count)],
            "name": [f"{town.home_names.zh[block]}小学（已停办）" for block in blocks],
            "name_en": [f"{town.home_names.en[block]} Primary School (closed)" for block in blocks],
            "school_type": "primary",
            "ownership": "public",
            "district_id": np.array(district_ids)[town.district[blocks]],
            "seats_primary": pd.array([0] * count, dtype="Int64"),
            "opened_year": 1972 + np.arange(count),
            "closed_year": pd.array([BASE_YEAR - 3 + number for number in range(count)], dtype="Int64"),
            "site_area_m2": 5_200.0 + 1_300.0 * np.arange(count),
            "floor_area_m2": 1_450.0 + 350.0 * np.arange(count),
            "quality": False,
            "setting": "village",
            "responsible_unit": "区教育局",
        },
        geometry=gpd.points_from_xy(*town.place[blocks].T),
        crs=CRS,
    )


def _rural(town: Town, schools: pd.DataFrame) -> Flags:
    blocks = schools["block"].to_numpy()
    village: Flags = (town.settlement.use[blocks] == VILLAGE) & (town.lattice.blocks.zone[blocks] == FRINGE)
    return village


def _where(mask: Flags, values: IntArray | FloatArray) -> pd.Series[int]:
    """Return integers where the mask holds, null elsewhere."""
    return pd.Series(np.rint(values)).where(pd.Series(mask)).astype("Int64")


def _titles(fits: Flags, rng: np.random.Generator) -> npt.NDArray[np.object_]:
    """Give about two in three quality schools a title; the higher title is rarer."""
    titles = np.array(["leading", "new_quality", None], dtype=object)
    chosen = np.searchsorted(_TITLE_STEPS, rng.random(len(fits)), side="right")
    return _words(titles[chosen], where=fits)


def _words(values: npt.NDArray[np.object_], *, where: Flags) -> npt.NDArray[np.object_]:
    """Return texts where the mask holds, null elsewhere."""
    found = np.full(len(values), None, dtype=object)
    found[where] = values[where]
    return found


def _target_sizes(schools: pd.DataFrame, rng: np.random.Generator) -> pd.Series[int]:
    """Return the target size of each school with seats: about its seats, or the cap for oversized schools."""
    seats = sum(
        (schools[stage_column("seats", stage)].to_numpy() for stage in STAGE_FACTS),
        start=np.zeros(len(schools)),
    )
    wanted = np.rint(seats * rng.choice([0.9, 1.0, 1.0, 1.1], len(schools)) / 10.0) * 10.0
    nine = (schools["school_type"] == "nine_year").to_numpy()
    capped = np.where(nine, 2_500.0, 2_000.0)
    wanted = np.where((schools["role"] == "oversized").to_numpy(), capped, wanted)
    return _where(seats > 0, wanted)


def _kindergarten_grades(
    owner: npt.NDArray[np.object_], infants: Flags, rng: np.random.Generator
) -> npt.NDArray[np.object_]:
    draw = rng.random(len(owner))
    steps = np.array([_GRADE_STEPS.get(str(one), _FREE_GRADE_STEPS) for one in owner])
    grade = np.array(_GRADES, dtype=object)[(draw[:, None] >= steps).sum(axis=1)]
    return _words(grade, where=infants)


def _unsafe(opened: IntArray, floor_m2: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Return the unsafe floor area: a part of some old schools, otherwise 0."""
    poor = (opened < _OLD) & (rng.random(len(opened)) < 0.35)  # noqa: PLR2004
    area: FloatArray = (
        np.rint(np.where(poor, floor_m2 * rng.uniform(0.05, 0.3, len(opened)), 0.0) / 10.0) * 10.0
    )
    return area


def _partners(
    schools: pd.DataFrame, *, quality: Flags, compulsory: Flags, rng: np.random.Generator
) -> npt.NDArray[np.object_]:
    """Pair about 60 % of the other public schools with the nearest quality school of their type."""
    found = np.full(len(schools), None, dtype=object)
    paired = compulsory & ~quality & (rng.random(len(schools)) < 0.6)  # noqa: PLR2004
    place: FloatArray = schools[["x", "y"]].to_numpy(dtype=np.float64)
    kind = schools["school_type"].to_numpy()
    for row in np.flatnonzero(paired):
        options = np.flatnonzero(quality & compulsory & (kind == kind[row]))
        if len(options):
            apart = np.hypot(*(place[options] - place[row]).T)
            found[row] = schools["school_id"].iloc[int(options[np.argmin(apart)])]
    return found


def _special_needs(
    schools: pd.DataFrame, *, compulsory: Flags, rng: np.random.Generator
) -> dict[str, object]:
    """Return pupils with special needs, in ordinary classes and in the special school, and resource rooms."""
    pupils = schools[["enrolment_primary", "enrolment_junior"]].sum(axis=1).to_numpy(dtype=np.int64)
    special = (schools["school_type"] == "special").to_numpy()
    there = np.where(special, 92, rng.binomial(pupils, 0.0027))
    many = there >= _RESOURCE_ROOM_FROM
    room = special | (rng.random(len(schools)) < np.where(many, 0.75, 0.12))
    known = compulsory | special
    return {"sen_pupils": _where(known, there), "resource_room": pd.Series(room).where(pd.Series(known))}


def _boarding(schools: pd.DataFrame, *, rural: Flags, rng: np.random.Generator) -> dict[str, object]:
    """Return beds and boarders: senior schools, the special school, and junior schools in the fringe."""
    senior = schools["seats_senior"].to_numpy() // 2
    kind, small = schools["school_type"].to_numpy(), (schools["role"] == "small").to_numpy()
    edge = rural & np.isin(kind, ("junior", "nine_year"))
    beds = np.where(edge, 240, senior) + np.where(small, _BOARDING_VILLAGE, 0)
    beds = np.where(kind == "special", 80, beds)
    share = rng.uniform(0.6, 0.98, len(schools))
    share = np.where(small & (np.cumsum(small) == 1), 1.15, share)  # one school has more boarders than beds
    return {"boarding_beds": pd.array(beds, dtype="Int64"), "boarders": _where(beds >= 0, beds * share)}


def _of_migrants(
    schools: pd.DataFrame, stage: str, *, designated: Flags, city: int, rng: np.random.Generator
) -> dict[str, object]:
    """Return migrant pupils, and seats purchased for some of them at private schools."""
    pupils = schools[stage_column("enrolment", stage)].to_numpy(dtype=np.float64)
    private = (schools["ownership"] == "private").to_numpy()
    weight = pupils * np.where(private, 2.0, np.where(designated, 2.2, 0.8))
    weight *= np.exp(rng.normal(0.0, 0.2, len(pupils)))
    wanted = city * STAGE_FACTS[stage].participation * _MIGRANTS_PLACED
    migrants = np.minimum(np.rint(weight / max(float(weight.sum()), 1.0) * wanted), 0.9 * pupils)
    migrants = np.floor(migrants)
    bought = np.where(private & (stage in {"primary", "junior"}), np.floor(0.4 * migrants), 0.0)
    taught = pupils > 0
    return {
        stage_column("migrants", stage): _where(taught, migrants),
        stage_column("purchased_seats", stage): _where(taught & private, bought),
    }


def _entrants(
    schooling: TownSchooling, stage: str, *, hot: FloatArray, rng: np.random.Generator
) -> dict[str, object]:
    """Return first-grade pupils, those from the own catchment, and the enrolment plan of private schools."""
    schools, grades = schooling.schools, schooling.grades
    first = grades[(grades["stage"] == stage) & (grades["grade"] == STAGE_FACTS[stage].first_grade)]
    entrants = first.set_index("row")["pupils"].reindex(range(len(schools)), fill_value=0).to_numpy()
    public, there = (schools["ownership"] == "public").to_numpy(), entrants > 0
    own = np.where(rng.random(len(schools)) < 0.7, 1.0, rng.uniform(0.9, 1.0, len(schools)))  # noqa: PLR2004
    own = np.where(hot > 0, np.minimum(own, rng.uniform(0.8, 0.95, len(schools))), own)
    planned = np.rint(entrants * rng.choice([0.92, 1.0, 1.06, 1.12], len(schools)) / 5.0) * 5.0
    zoned = public & there & (stage != "kindergarten")
    return {
        stage_column("intake", stage): _where(there, entrants),
        stage_column("intake_own", stage): _where(zoned, np.floor(entrants * own)),
        stage_column("enrolment_plan", stage): _where(~public & there, planned),
    }
