"""Generate candidate locations inside hotspots where no site is known, by a stated rule, and label them.

The rule: among the hotspot's units that are at least one service radius from every school with seats of the
stage (among all its units if there is none), select the unit with the most unserved pupils within a service
radius, as straight-line distance. The pupils within that radius are then removed and the rule is applied
again, until the remaining unserved pupils are fewer than the seats of the smallest level, at most
:data:`MOST_PLACES` times.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import cKDTree

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.siting.candidates import Candidate, Option, Sizing, new_school_id

MOST_PLACES: Final = 3
"""Maximum number of locations generated per hotspot."""


@dataclass(frozen=True)
class BuildableLand:
    """Input of the rule.

    Attributes
    ----------
    places
        Coordinates of the units in the city's CRS, metres, shape (units, 2).
    unserved
        By stage, pupils short of each unit in the hotspots.
    schools
        By stage, coordinates of the schools with seats, shape (schools, 2).
    members
        By hotspot id, the positions of its units.
    """

    places: FloatArray
    unserved: Mapping[str, FloatArray]
    schools: Mapping[str, FloatArray]
    members: Mapping[str, IntArray]


def generated_candidates(
    hotspots: gpd.GeoDataFrame, ground: BuildableLand, sizing: Sizing
) -> tuple[Candidate, ...]:
    """Return the locations generated in the hotspots, in their order; the module describes the rule.

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
        Named after the hotspot, numbered from 1.
    """
    found: list[Candidate] = []
    for row in hotspots.to_dict("records"):
        hotspot, stage = str(row["hotspot_id"]), str(row["stage"])
        if stage in sizing.stages:
            members = ground.members.get(hotspot, np.zeros(0, dtype=np.int64))
            options = _options(stage, members, ground, sizing)
            spots = _spots(stage, members, ground, sizing, options=options)
            label = str(row["name"]) if pd.notna(row["name"]) else hotspot
            found += [
                _candidate(
                    ground.places[spot],
                    hotspot,
                    label=label,
                    number=number,
                    options=options,
                )
                for number, spot in enumerate(spots, start=1)
            ]
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
    stage: str, members: IntArray, ground: BuildableLand, sizing: Sizing, *, options: tuple[Option, ...]
) -> list[int]:
    """Return the units selected by the rule, in the order of selection."""
    if len(members) == 0 or not options:
        return []
    radius = sizing.standards.service_radius_m(stage)
    smallest = min(option.seats[stage] for option in options)
    places = ground.places[members]
    left = ground.unserved[stage][members].copy()
    allowed = _far_from_schools(places, ground.schools.get(stage, np.zeros((0, 2))), radius=radius)
    near = cKDTree(places).query_ball_point(places, r=radius)
    spots: list[int] = []
    while len(spots) < MOST_PLACES and (not spots or left.sum() >= smallest):
        within = np.array([left[positions].sum() for positions in near])
        best = int(np.argmax(np.where(allowed, within, -1.0)))
        if within[best] <= 0:
            break
        spots.append(int(members[best]))
        left[near[best]] = 0.0
    return spots


def _far_from_schools(places: FloatArray, schools: FloatArray, *, radius: float) -> npt.NDArray[np.bool_]:
    """Return which locations are at least a radius from every school; all of them if none is."""
    if len(schools) == 0:
        return np.ones(len(places), dtype=bool)
    distance, _ = cKDTree(schools).query(places)
    far = np.asarray(distance >= radius, dtype=bool)
    return far if far.any() else np.ones(len(places), dtype=bool)


def _candidate(
    place: FloatArray,
    hotspot: str,
    *,
    label: str,
    number: int,
    options: tuple[Option, ...],
) -> Candidate:
    site_id = f"{hotspot}-G{number}"
    return Candidate(
        origin="generated",
        site_id=site_id,
        school_id=new_school_id(site_id),
        name=f"{label} G{number}",
        x=float(place[0]),
        y=float(place[1]),
        hotspot_id=hotspot,
        options=options,
    )
