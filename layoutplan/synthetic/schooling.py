"""Schools of a synthetic city: locations, catchments, seats, pupils and classes.

Typical faults are included (all of them in cities of 200,000 and more): a primary school above 2,000 pupils,
a nine-year school above 2,500, a junior school with classes of 60, village schools below 100, and estates
with neither a school nor enough seats nearby.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.synthetic.arrays import Flags
from layoutplan.synthetic.growth import grow_to_loads
from layoutplan.synthetic.placement import nearest_free, place_sites
from layoutplan.synthetic.rolls import fill_rolls
from layoutplan.synthetic.scale import DISTRICT_RESIDENTS
from layoutplan.synthetic.settlement import COMPOUND, ESTATE, RESERVE, RESETTLEMENT, VILLAGE
from layoutplan.synthetic.stages import STAGE_FACTS
from layoutplan.synthetic.town import Town, district_bound, random_stream
from layoutplan.synthetic.zones import FRINGE, MID, NEW

TYPE_LETTERS: Final = {
    "primary": "P",
    "junior": "J",
    "nine_year": "N",
    "senior": "S",
    "kindergarten": "K",
    "special": "T",
}
_SMALL_PUPILS: Final = (62.0, 95.0)
_HOT_CORE: Final = 0.42
_KINDERGARTEN_STEPS: Final = (0.45, 0.9)
_FAULTS_FROM: Final = 200_000


@dataclass(frozen=True, slots=True)
class TownSchooling:
    """Schools and catchments.

    Attributes
    ----------
    schools
        One row per campus: ``school_id``, ``school_type``, ``ownership``, ``block``, ``x``, ``y``
        (EPSG:4547), ``role`` (empty, small, oversized, crowded) and per stage ``seats_*``, ``enrolment_*``,
        ``classes_*`` (0 where the school has no such stage).
    catchment_of
        For primary and junior, the index of the catchment of each block.
    catchment_schools
        For primary and junior, the rows of ``schools`` of each catchment, in the order of that index.
    grades
        Columns ``row`` (of schools), ``stage``, ``grade``, ``pupils``, ``classes``.
    """

    schools: pd.DataFrame
    catchment_of: dict[str, IntArray]
    catchment_schools: dict[str, list[list[int]]]
    grades: pd.DataFrame


def children(town: Town, stage: str) -> FloatArray:
    """Return the children of a stage's ages by block.

    Parameters
    ----------
    town
        The town.
    stage
        Stage id.

    Returns
    -------
    FloatArray
        Shape (blocks,).
    """
    first, last = STAGE_FACTS[stage].ages
    total: FloatArray = town.settlement.ages[:, first : last + 1].sum(axis=1).astype(np.float64)
    return total


def place_schools(town: Town) -> TownSchooling:
    """Place all schools, draw catchments, and determine seats and enrolment.

    Parameters
    ----------
    town
        The town.

    Returns
    -------
    TownSchooling
        Schools and catchments.
    """
    schools = _with_points(_placed(town), town)
    catchment_of: dict[str, IntArray] = {}
    catchment_schools: dict[str, list[list[int]]] = {}
    load = pd.DataFrame(0.0, index=schools.index, columns=list(STAGE_FACTS))
    hot = pd.DataFrame(0.0, index=schools.index, columns=list(STAGE_FACTS))
    for stage in ("primary", "junior"):
        owner, members = _catchments(town, schools, stage=stage)
        weight = children(town, stage)
        for index, rows in enumerate(members):
            inside = owner == index
            for row in rows:
                load.loc[row, stage] = weight[inside].sum() / len(rows)
                hot.loc[row, stage] = (weight * (town.hot > 0))[inside].sum() / max(weight[inside].sum(), 1.0)
        catchment_of[stage], catchment_schools[stage] = owner, members
    filled, grades = fill_rolls(schools, town=town, load=load, hot=hot)
    return TownSchooling(
        schools=filled, catchment_of=catchment_of, catchment_schools=catchment_schools, grades=grades
    )


def _placed(town: Town) -> pd.DataFrame:
    """Select a block for every school, stage by stage, with type, ownership and role."""
    rng = random_stream(town.seed, 20)
    scale, settlement, zone = town.scale, town.settlement, town.lattice.blocks.zone
    free = np.isin(settlement.use, (ESTATE, COMPOUND, VILLAGE, RESETTLEMENT, RESERVE)) & (
        town.hot < _HOT_CORE
    )
    faults = scale.residents >= _FAULTS_FROM
    parts: list[pd.DataFrame] = []

    def add(blocks: IntArray, school_type: str, *, role: str = "") -> None:
        parts.append(pd.DataFrame({"block": blocks, "school_type": school_type, "role": role}))
        free[blocks] = False

    weight = children(town, "primary") * np.where(town.hot >= _HOT_CORE, 0.1, 1.0)
    weight = weight * np.where(zone == NEW, 0.85, 1.0)
    small = round(0.05 * scale.primary) if faults else 0
    compulsory = place_sites(
        scale.primary - small + scale.nine_year, place=town.place, weight=weight, free=free, rng=rng
    )
    suited = np.flatnonzero(np.isin(zone[compulsory], (MID, NEW)))
    nine = rng.permutation(suited if len(suited) >= scale.nine_year else np.arange(len(compulsory)))
    is_nine = np.zeros(len(compulsory), dtype=np.bool_)
    is_nine[nine[: scale.nine_year]] = True
    add(compulsory[~is_nine], "primary")
    if small:
        add(_remote_villages(small, town=town, others=compulsory, free=free), "primary", role="small")
    add(compulsory[is_nine], "nine_year")
    near_nine = _distance(town.place, town.place[compulsory[is_nine]])
    weight = children(town, "junior") * np.where(town.hot >= _HOT_CORE, 0.1, 1.0)
    weight = weight * np.clip(near_nine / 1_200.0, 0.15, 1.0)
    add(place_sites(scale.junior, place=town.place, weight=weight, free=free, rng=rng), "junior")
    people = settlement.residents.astype(np.float64)
    add(place_sites(scale.senior, place=town.place, weight=people, free=free, rng=rng), "senior")
    infants = children(town, "kindergarten") * np.where(town.hot >= _HOT_CORE, 0.4, 1.0)
    free |= np.isin(settlement.use, (ESTATE, RESETTLEMENT)) & (town.hot >= _HOT_CORE)
    add(
        place_sites(scale.kindergartens, place=town.place, weight=infants, free=free, rng=rng), "kindergarten"
    )
    if faults:
        middle = town.place.mean(axis=0, keepdims=True)
        add(nearest_free(middle, place=town.place, free=free), "special")
    schools = pd.concat(parts, ignore_index=True)
    schools["ownership"] = _ownership(schools, rng=rng)
    number = schools.groupby("school_type").cumcount() + 1
    width = 4 if scale.residents > DISTRICT_RESIDENTS else 3
    letters = schools["school_type"].map(TYPE_LETTERS)
    schools["school_id"] = letters + number.astype(str).str.zfill(width)
    return schools


def _distance(place: FloatArray, others: FloatArray) -> FloatArray:
    """Return the distance of each place to the nearest of ``others``; infinite if there is none."""
    nearest = np.full(len(place), np.inf)
    for other in others:
        np.minimum(nearest, np.hypot(*(place - other).T), out=nearest)
    return nearest


def _remote_villages(count: int, *, town: Town, others: IntArray, free: Flags) -> IntArray:
    """Select the villages farthest from other schools and from each other."""
    village = (town.settlement.use == VILLAGE) & (town.lattice.blocks.zone == FRINGE) & free
    candidates = np.flatnonzero(village if village.sum() >= count else free)
    nearest = _distance(town.place[candidates], town.place[others])
    chosen: list[int] = []
    for _ in range(count):
        pick = int(np.argmax(nearest))
        chosen.append(int(candidates[pick]))
        apart = np.hypot(*(town.place[candidates] - town.place[candidates[pick]]).T)
        nearest = np.minimum(nearest, apart)
    return np.array(chosen, dtype=np.int64)


def _ownership(schools: pd.DataFrame, *, rng: np.random.Generator) -> npt.NDArray[np.object_]:
    """Draw ownership: 45 % public, 45 % inclusive and 10 % private kindergartens; a few private schools."""
    draw = rng.random(len(schools))
    kind = schools["school_type"].to_numpy()
    kindergarten = np.array(["public", "inclusive", "private"])[np.searchsorted(_KINDERGARTEN_STEPS, draw)]
    owner = np.where(kind == "kindergarten", kindergarten, "public").astype(object)
    for school_type, share in (("primary", 0.045), ("junior", 0.1)):
        rows = np.flatnonzero((kind == school_type) & (schools["role"] == "").to_numpy())
        owner[rows[np.argsort(draw[rows], kind="stable")[: round(share * len(rows))]]] = "private"
    return owner


def _with_points(schools: pd.DataFrame, town: Town) -> pd.DataFrame:
    """Locate each school inside its block, 55 % of the way from its point to the boundary."""
    rng = random_stream(town.seed, 21)
    blocks = schools["block"].to_numpy()
    middle, rings = town.place[blocks], shapely.get_exterior_ring(town.polygons[blocks])
    side = shapely.get_coordinates(
        shapely.line_interpolate_point(rings, rng.random(len(blocks)), normalized=True)
    )
    point = np.round(middle + 0.55 * (side - middle), 2)
    inside = shapely.contains_xy(shapely.buffer(town.polygons[blocks], -5.0), point)
    point = np.where(inside[:, None], point, np.round(middle, 2))
    return schools.assign(x=point[:, 0], y=point[:, 1])


def _catchments(town: Town, schools: pd.DataFrame, *, stage: str) -> tuple[IntArray, list[list[int]]]:
    """Grow the catchments of a stage around its public schools, and merge some neighbours (多校划片)."""
    rng = random_stream(town.seed, {"primary": 22, "junior": 23}[stage])
    teaches = schools["school_type"].isin([stage, "nine_year"]) & (schools["ownership"] == "public")
    rows = np.flatnonzero(teaches)
    weight = children(town, stage)
    seeds = schools["block"].to_numpy()[rows]
    wanted = np.exp(rng.normal(0.0, 0.24, len(rows)))
    nine = (schools["school_type"] == "nine_year").to_numpy()[rows]
    wanted = np.where(nine, wanted * 0.8, wanted) * np.where(
        town.lattice.blocks.zone[seeds] == FRINGE, 0.75, 1.0
    )
    small = (schools["role"] == "small").to_numpy()[rows]
    wanted = wanted / wanted[~small].sum() * weight.sum()
    wanted = np.where(small, rng.uniform(*_SMALL_PUPILS, len(rows)), wanted)
    neighbours = district_bound(town)
    owner = grow_to_loads(neighbours, seeds, weight=weight, wanted=wanted)
    members = [[int(row)] for row in rows]
    joined = max(1, round(0.08 * len(rows))) if len(rows) >= 8 else 0  # noqa: PLR2004
    target = np.arange(len(rows))
    for first, second in _close_pairs(owner, town=town, seeds=seeds, fixed=small, count=joined):
        members[first] += members[second]
        members[second] = []
        target[second] = first
    left = [index for index, schools_of in enumerate(members) if schools_of]
    number = np.full(len(rows), -1)
    number[left] = np.arange(len(left))
    return number[target[owner]], [members[index] for index in left]


def _close_pairs(
    owner: IntArray, *, town: Town, seeds: IntArray, fixed: Flags, count: int
) -> list[tuple[int, int]]:
    """Select disjoint pairs of adjacent catchments in one district whose schools are closest together."""
    first, second = owner[town.neighbours.first], owner[town.neighbours.second]
    touching = np.unique(np.sort(np.column_stack([first, second])[first != second], axis=1), axis=0)
    ok = ~fixed[touching].any(axis=1) & (town.hot[seeds][touching] <= 0).all(axis=1)
    ok &= town.district[seeds[touching[:, 0]]] == town.district[seeds[touching[:, 1]]]
    touching = touching[ok]
    apart = np.hypot(*(town.place[seeds[touching[:, 0]]] - town.place[seeds[touching[:, 1]]]).T)
    chosen: list[tuple[int, int]] = []
    used: dict[int, bool] = {}
    for a, b in touching[np.argsort(apart, kind="stable")].tolist():
        if len(chosen) < count and not used.get(a) and not used.get(b):
            chosen.append((a, b))
            used[a] = used[b] = True
    return chosen
