"""Generate candidate locations where pupils lack seats in any year and no site is known, and label them.

The rule: among the units of a hotspot that are at least one service radius from every school with seats of
the stage (among all its units if there is none), select the unit with the most unserved pupils within a
service radius, as straight-line distance, in the year in which they are most. The pupils within that radius
are then removed and the rule is applied again, until the remaining unserved pupils are in no year as many as
the seats of the smallest level, at most :data:`MOST_PLACES` times.

Hotspots are those of the target year. Pupils short outside of them (in other years, or too scattered for a
cluster) are treated in the same way, the rest of the city as one area, at most :data:`MOST_ELSEWHERE` times
for each stage.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.siting.candidates import Candidate, Option, Sizing, new_school_id

MOST_PLACES: Final = 3
"""Maximum number of locations generated per hotspot."""
MOST_ELSEWHERE: Final = 6
"""Maximum number of locations generated per stage outside the hotspots."""


@dataclass(frozen=True)
class BuildableLand:
    """Input of the rule.

    Attributes
    ----------
    places
        Coordinates of the units in the city's CRS, metres, shape (units, 2).
    unserved
        By stage, pupils short of each unit in each year in which seats can be added, shape (units, years).
    schools
        By stage, coordinates of the schools with seats, shape (schools, 2).
    members
        By hotspot id, the positions of its units.
    ids, names
        Id and name of each unit.
    least
        Fewest pupils for whom a place is generated outside the hotspots.
    """

    places: FloatArray
    unserved: Mapping[str, FloatArray]
    schools: Mapping[str, FloatArray]
    members: Mapping[str, IntArray]
    ids: Sequence[str] = ()
    names: Sequence[str] = ()
    least: float = 0.0


def generated_candidates(
    hotspots: gpd.GeoDataFrame, ground: BuildableLand, sizing: Sizing
) -> tuple[Candidate, ...]:
    """Return the locations generated in the hotspots, in their order, then elsewhere, by the module's rule.

    Parameters
    ----------
    hotspots
        Result table ``hotspots``.
    ground
        Units, unserved pupils and schools.
    sizing
        Rules for the options.

    Returns
    -------
    tuple of Candidate
        With the id of stage and unit and the name of the unit, whatever else is generated: a place has the
        same id in every scenario.
    """
    found: list[Candidate] = []
    inside: dict[str, list[IntArray]] = {stage: [] for stage in sizing.stages}
    for row in hotspots.to_dict("records"):
        hotspot, stage = str(row["hotspot_id"]), str(row["stage"])
        if stage in sizing.stages:
            members = ground.members.get(hotspot, np.zeros(0, dtype=np.int64))
            inside[stage].append(members)
            spots, options = _spots(stage, members, ground, sizing, most=MOST_PLACES, least=0.0)
            found += [_candidate(ground, spot, stage, hotspot, options) for spot in spots]
    for stage in sizing.stages:
        short = np.asarray(ground.unserved[stage].max(axis=1, initial=0.0) > 0, dtype=np.bool_)
        short[np.concatenate([np.zeros(0, dtype=np.int64), *inside[stage]])] = False
        rest = np.flatnonzero(short).astype(np.int64)
        spots, options = _spots(stage, rest, ground, sizing, most=MOST_ELSEWHERE, least=ground.least)
        found += [_candidate(ground, spot, stage, None, options) for spot in spots]
    return tuple(found)


def _options(stage: str, members: IntArray, ground: BuildableLand, sizing: Sizing) -> tuple[Option, ...]:
    """Return the levels of school types that teach the stage and no stage without unserved pupils here."""
    lacking = {name for name, unserved in ground.unserved.items() if unserved[members].sum() > 0}
    options: list[Option] = []
    for school_type in sizing.school_types():
        taught = sizing.standards.schooling.taught_by(school_type)
        if stage in taught and set(taught) <= lacking:
            options += sizing.options(school_type, area_m2=None)[0]
    return tuple(options)


def _spots(
    stage: str, members: IntArray, ground: BuildableLand, sizing: Sizing, *, most: int, least: float
) -> tuple[list[int], tuple[Option, ...]]:
    """Return the units selected by the rule, in the order of selection, and the options there."""
    options = _options(stage, members, ground, sizing)
    if len(members) == 0 or not options:
        return [], options
    radius = sizing.standards.service_radius_m(stage)
    smallest = min(option.seats[stage] for option in options)
    places = ground.places[members]
    left = ground.unserved[stage][members].copy()
    allowed = _far_from_schools(places, ground.schools.get(stage, np.zeros((0, 2))), radius=radius)
    near = cKDTree(places).query_ball_point(places, r=radius)
    spots: list[int] = []
    while len(spots) < most and (not spots or left.sum(axis=0).max() >= smallest):
        within = np.array([left[positions].sum(axis=0).max() for positions in near])
        best = int(np.argmax(np.where(allowed, within, -1.0)))
        if within[best] <= 0 or within[best] < least:
            break
        spots.append(int(members[best]))
        left[near[best]] = 0.0
    return spots, options


def _far_from_schools(places: FloatArray, schools: FloatArray, *, radius: float) -> npt.NDArray[np.bool_]:
    """Return which locations are at least a radius from every school; all of them if none is."""
    if len(schools) == 0:
        return np.ones(len(places), dtype=bool)
    distance, _ = cKDTree(schools).query(places)
    far = np.asarray(distance >= radius, dtype=bool)
    return far if far.any() else np.ones(len(places), dtype=bool)


def _candidate(
    ground: BuildableLand, spot: int, stage: str, hotspot: str | None, options: tuple[Option, ...]
) -> Candidate:
    """Return the candidate at a unit."""
    site_id = f"{stage}-{ground.ids[spot]}"
    return Candidate(
        origin="generated",
        site_id=site_id,
        school_id=new_school_id(site_id),
        name=ground.names[spot],
        x=float(ground.places[spot, 0]),
        y=float(ground.places[spot, 1]),
        hotspot_id=hotspot,
        options=options,
    )
