"""What may be offered in a study: known land, indicative places, schools of today that may change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.balance.result import Balance
from layoutplan.city.unnamed import names_of_units
from layoutplan.hotspots.result import Hotspots
from layoutplan.siting.candidates import Candidate, Sizing, site_candidates
from layoutplan.siting.existing import ExistingOffers, NotOffered, existing_offers, with_reuse
from layoutplan.siting.generated import BuildableLand, generated_candidates
from layoutplan.study import Study

_DUST: Final = 1e-6  # pupils


def offers(
    study: Study, balance: Balance, hotspots: Hotspots, sizing: Sizing
) -> tuple[tuple[Candidate, ...], tuple[Candidate, ...]]:
    """Return the new locations and the schools that may change, as the plan allows them.

    Parameters
    ----------
    study
        City, demand, today's layout and the settings of the plan.
    balance, hotspots
        Of today's layout.
    sizing
        Rules for sizes.

    Returns
    -------
    new, existing
        Known sites before indicative places, no two of the same school id; schools of today that may change.
    """
    new, existing = _known_offers(study, sizing)
    found = [*new.candidates]
    if study.plan.siting.generate_sites:
        found += generated_candidates(hotspots.hotspots, _ground(study, balance, hotspots, sizing), sizing)
    return tuple(_distinct(found, taken=study.today.seats.schools.index)), existing.candidates


def not_offered(study: Study, sizing: Sizing) -> tuple[NotOffered, ...]:
    """Return what the plan names in ``[siting]`` and can not be offered, with the reasons.

    Parameters
    ----------
    study
        City, today's layout and the settings of the plan.
    sizing
        Rules for sizes.
    """
    new, existing = _known_offers(study, sizing)
    return (*new.refused, *existing.refused)


def _known_offers(study: Study, sizing: Sizing) -> tuple[ExistingOffers, ExistingOffers]:
    """Return the sites of the tables, and the schools of today."""
    settings, city = study.plan.siting, study.city
    sites = site_candidates(
        city, sizing, year=study.years[-1], education_land_only=settings.education_land_only
    )
    new = with_reuse(sites, city, sizing, settings)
    ids = [one.site_id for one in new.candidates if one.site_id is not None and one.options]
    existing = existing_offers(city, study.today.seats, sizing, settings, year=study.target_year, sites=ids)
    return new, existing


def _ground(study: Study, balance: Balance, hotspots: Hotspots, sizing: Sizing) -> BuildableLand:
    """Return homes, schools of the target year and the pupils short in every year after the base year."""
    seats, year = study.today.seats, study.target_year
    units = study.city.units
    places = _coordinates(seats.schools.geometry)
    return BuildableLand(
        places=_coordinates(units.geometry),
        unserved={stage: _short(study, balance, stage) for stage in sizing.stages},
        schools={stage: places[(seats.counted(stage)[year] > 0).to_numpy()] for stage in sizing.stages},
        members=members_of(hotspots, units.index),
        ids=tuple(units.index.astype(str)),
        names=tuple(names_of_units(study.city)),
        least=study.plan.siting.min_pupils,
    )


def _short(study: Study, balance: Balance, stage: str) -> FloatArray:
    """Return the pupils short of a stage, units × years after the base year; 0 where rounding left a rest."""
    rows = balance.units[balance.units["stage"] == stage]
    wide = rows.pivot_table(index="unit_id", columns="year", values="short", aggfunc="sum", observed=True)
    years = [year for year in study.years if year > study.base_year]
    short = wide.reindex(index=study.city.units.index, columns=years).astype(float).fillna(0.0).to_numpy()
    return np.where(short > _DUST, short, 0.0)


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
