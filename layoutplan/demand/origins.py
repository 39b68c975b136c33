"""Where the children of new dwellings come from: outside the city, elsewhere in it, or born there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from layoutplan.arrays import FloatArray
from layoutplan.city.city import City
from layoutplan.demand.estates import Estates
from layoutplan.plan.settings import DemandSettings
from layoutplan.standards.rules import Profile, Standards

_PAST_YEARS: Final = 10
"""Years up to the base year in which dwellings occupied tell the usual pace of building."""


@dataclass(frozen=True)
class EstateOrigins:
    """Children of new dwellings in the whole city, by origin; arrays of shape ``(years,)``.

    Attributes
    ----------
    outside
        Moved in from outside the city.
    in_migration
        Those of them whom the growth by migration contains.
    within
        Lived elsewhere in the city before.
    born
        Born after moving in.
    in_births
        Those of them whom the births of the city contain.
    """

    outside: FloatArray
    in_migration: FloatArray
    within: FloatArray
    born: FloatArray
    in_births: FloatArray


def estate_origins(
    stage: str,
    *,
    city: City,
    estates: Estates,
    children: FloatArray,
    growth: FloatArray,
    living: FloatArray,
    unborn: FloatArray,
    profile: Profile,
    settings: DemandSettings,
) -> EstateOrigins:
    """Divide the children of new dwellings by origin, and find how many of them the city has already.

    A child younger than the years since its dwelling was occupied was born there; the others moved in, the
    share ``housing.from_within`` of the profile from elsewhere in the city. Of those from outside the growth
    by migration contains what dwellings occupied at the usual pace would bring: the pace of the ten years up
    to the base year in the housing table, or the share ``settings.estates_in_migration``. Without a dwelling
    occupied in these years, the growth is taken to contain none. Births that the plan or the births table
    states for later years are of all dwellings; births carried on from the past contain only those of
    parents who lived in the city.

    Parameters
    ----------
    stage
        Stage.
    city
        Years and the births table.
    estates
        New dwellings and their pupils.
    children
        Children of new dwellings, of all origins.
    growth, living, unborn
        Without new dwellings: children by migration, all children, and those of them born after the base
        year. No more is taken from them than there is.
    profile
        Ages of the stage, and ``housing.from_within`` (without it, everybody comes from outside).
    settings
        ``[demand]`` of the plan.

    Returns
    -------
    EstateOrigins
        ``outside + within + born`` are the children.
    """
    standards = profile.at(city.base_year)
    within_share = (*standards.numbers("housing.from_within"), 0.0)[0]
    born = children * _born_there(stage, city, estates, profile)
    moved = children - born
    counted = 1.0 if _births_are_stated(city, settings) else within_share
    within = np.minimum(within_share * moved, living)
    outside = moved - within
    known = outside * _usual_share(city, estates, standards, settings)
    left = 1.0 - np.divide(within, living, out=np.zeros_like(living), where=living > 0)
    return EstateOrigins(
        outside=outside,
        in_migration=np.minimum(known, np.maximum(growth, 0.0)),
        within=within,
        born=born,
        in_births=np.minimum(counted * born, unborn * left),
    )


def _born_there(stage: str, city: City, estates: Estates, profile: Profile) -> FloatArray:
    """Return the share of the pupils of new dwellings who were born after their dwelling was occupied."""
    newly = np.diff(estates.dwellings.sum(axis=0), prepend=0.0)  # dwellings by year of occupancy
    share = np.zeros(len(city.years))
    for place, year in enumerate(city.years):
        first, last = profile.at(year).ages(stage)
        living = place - np.arange(place + 1)  # years since the dwellings of each year were occupied
        born = np.clip(living - first, 0, last - first + 1) / (last - first + 1)
        there = newly[: place + 1]
        share[place] = (there @ born) / there.sum() if there.sum() > 0 else 0.0
    return share


def _usual_share(city: City, estates: Estates, standards: Standards, settings: DemandSettings) -> FloatArray:
    """Return the share of the children from outside whom the growth by migration contains, by year."""
    if settings.estates_in_migration is not None:
        return np.full(len(city.years), settings.estates_in_migration)
    usual = usual_dwellings(city, standards) * np.arange(len(city.years))
    occupied = estates.dwellings.sum(axis=0)
    share = np.divide(usual, occupied, out=np.zeros_like(occupied), where=occupied > 0)
    return np.asarray(np.minimum(share, 1.0))


def usual_dwellings(city: City, standards: Standards) -> float:
    """Return the dwellings occupied a year in the ten years up to the base year, by the housing table.

    Parameters
    ----------
    city
        Housing table and base year.
    standards
        Share of the dwellings that is occupied in the end.
    """
    table = city.tables["housing"]
    first = table["first_occupancy_year"]
    recent = (first <= city.base_year) & (first > city.base_year - _PAST_YEARS)
    filled = (standards.numbers("housing.occupancy_ramp") or (1.0,))[-1]
    return float(table.loc[recent.to_numpy(dtype=bool), "dwellings"].sum()) * filled / _PAST_YEARS


def _births_are_stated(city: City, settings: DemandSettings) -> bool:
    """Return whether births after the base year are given rather than carried on from the past."""
    later = city.tables["births"]["year"] > city.base_year
    return settings.births_per_year is not None or bool(later.any())
