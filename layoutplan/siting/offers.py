"""What may be offered in a study: known land, indicative places in hotspots, schools that may be enlarged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.hotspots.result import Hotspots
from layoutplan.siting.candidates import Candidate, Sizing, enlargements, site_candidates
from layoutplan.siting.generated import BuildableLand, generated_candidates
from layoutplan.study import Study


def offers(
    study: Study, hotspots: Hotspots, sizing: Sizing
) -> tuple[tuple[Candidate, ...], tuple[Candidate, ...]]:
    """Return the new locations and the schools that may be enlarged, as the plan allows them.

    Parameters
    ----------
    study
        City, demand, today's layout and the settings of the plan.
    hotspots
        Of today's layout.
    sizing
        Rules for sizes.

    Returns
    -------
    new, grown
        Known sites before indicative places; no two of the same school id.
    """
    settings, year = study.plan.siting, study.target_year
    new = list(site_candidates(study.city, sizing, year=study.years[-1]))
    if settings.generate_sites:
        new += generated_candidates(hotspots.hotspots, _ground(study, hotspots, sizing), sizing)
    grown: tuple[Candidate, ...] = ()
    if settings.enlarge:
        grown = enlargements(study.city, study.today.seats, sizing, year=year)
    return tuple(_distinct(new, taken=study.today.seats.schools.index)), grown


def _ground(study: Study, hotspots: Hotspots, sizing: Sizing) -> BuildableLand:
    """Return homes, schools of the target year and the pupils short in the hotspots."""
    seats, year = study.today.seats, study.target_year
    members = members_of(hotspots, study.city.units.index)
    places = _coordinates(seats.schools.geometry)
    short = {stage: np.zeros(len(study.city.units)) for stage in sizing.stages}
    stages = hotspots.hotspots.set_index("hotspot_id")["stage"]
    for hotspot, values in hotspots.members.groupby("hotspot_id", sort=False)["pupils"]:
        stage = str(stages[hotspot])
        if stage in short:
            short[stage][members[str(hotspot)]] = values.to_numpy(dtype=float)
    return BuildableLand(
        places=_coordinates(study.city.units.geometry),
        unserved=short,
        schools={stage: places[(seats.counted(stage)[year] > 0).to_numpy()] for stage in sizing.stages},
        members=members,
    )


def members_of(hotspots: Hotspots, units: pd.Index) -> Mapping[str, IntArray]:
    """Return the positions of the units of each hotspot.

    Parameters
    ----------
    hotspots
        The hotspots.
    units
        Ids of the city's units.
    """
    positions = units.get_indexer(pd.Index(hotspots.members["unit_id"]))
    owners = hotspots.members["hotspot_id"].astype(str).to_numpy()
    return {
        name: np.sort(positions[owners == name]).astype(np.int64)
        for name in hotspots.hotspots["hotspot_id"].astype(str)
    }


def _coordinates(points: gpd.GeoSeries) -> FloatArray:
    return np.stack([points.x.to_numpy(dtype=np.float64), points.y.to_numpy(dtype=np.float64)], axis=1)


def _distinct(candidates: Sequence[Candidate], *, taken: pd.Index) -> list[Candidate]:
    """Return the candidates with school ids that no school has."""
    used = {str(name) for name in taken}
    found = []
    for candidate in candidates:
        school_id = candidate.school_id
        while school_id in used:
            school_id += "-N"
        used.add(school_id)
        found.append(replace(candidate, school_id=school_id))
    return found
