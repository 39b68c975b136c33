"""Children of one stage by origin: residents, migrants among them, and new dwellings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from layoutplan.arrays import FloatArray
from layoutplan.city.city import City
from layoutplan.demand.cohorts import STILL, Cohorts, Migration
from layoutplan.demand.estates import Estates
from layoutplan.demand.migrants import area_migrants, children_of_areas
from layoutplan.demand.origins import EstateOrigins, estate_origins
from layoutplan.dictionary.rolls import stage_column
from layoutplan.errors import FaultLog
from layoutplan.plan.settings import DemandSettings
from layoutplan.standards.rules import Profile

_ROUNDING = 0.01  # migrants and children come from separate counts


@dataclass(frozen=True)
class Streams:
    """Children of one stage by origin; arrays, units × years.

    Attributes
    ----------
    residents
        Resident children without new dwellings; includes ``unborn`` and ``migrants``.
    unborn
        Those born after the base year.
    migrants
        Children of migrant workers; ``None`` where the units table has no data.
    estates
        Children of new dwellings.
    origins
        How many of them the city has already.
    """

    residents: FloatArray
    unborn: FloatArray
    migrants: FloatArray | None
    estates: FloatArray
    origins: EstateOrigins

    @property
    def total(self) -> FloatArray:
        """Children of all origins."""
        return self.residents + self.estates


def stage_streams(
    stage: str,
    *,
    city: City,
    cohorts: Cohorts,
    estates: Estates,
    taking_part: FloatArray,
    profile: Profile,
    settings: DemandSettings,
    migration: Migration,
    log: FaultLog,
) -> Streams:
    """Project the residents of a stage and add the children of new dwellings.

    No child is counted twice (:func:`~layoutplan.demand.origins.estate_origins`): of the children of new
    dwellings, those who lived elsewhere in the city are subtracted there, in proportion to the children of
    each unit; those born in the dwellings are subtracted from the births of the city, as far as these
    contain them; and those from outside who are part of the growth by migration are deducted from it, in
    proportion to each unit's growth. Where the units table states migrant children, they grow additionally
    by ``settings.migrant_growth_rate`` per year.

    Parameters
    ----------
    stage
        Stage.
    city
        Units, areas (with ``migrants_<stage>``), base year and years.
    cohorts
        Resident children by cohort.
    estates
        Pupils of new dwellings.
    taking_part
        Participation rate by year, shape ``(years,)``; converts the pupils of estates to children.
    profile
        Stage ages, and the share of those who move into new dwellings from within the city.
    settings
        ``[demand]`` of the plan.
    migration
        Net growth of a cohort, by age.
    log
        Receives warnings.

    Returns
    -------
    Streams
        Units in the order of ``city.units``.
    """
    still = _children(stage, city, cohorts, profile, migration=STILL)
    growth = _children(stage, city, cohorts, profile, migration=migration) - still
    unborn = _children(stage, city, cohorts, profile, migration=migration, born_after=city.base_year)
    pupils = estates.by_unit(estates.pupils[stage], units=len(city.units))
    brought = np.divide(pupils, taking_part, out=np.zeros_like(pupils), where=taking_part > 0)
    plain = still + growth
    least = np.divide(np.minimum(still, plain), plain, out=np.ones_like(plain), where=plain > 0)
    origins = estate_origins(
        stage,
        city=city,
        estates=estates,
        children=brought.sum(axis=0),
        growth=growth.sum(axis=0),
        living=(plain * least).sum(axis=0),
        unborn=(unborn * least).sum(axis=0),
        profile=profile,
        settings=settings,
    )
    residents = still + growth * _kept(growth, origins.in_migration)
    shrunk = np.divide(residents, plain, out=np.ones_like(plain), where=plain > 0)
    unborn = unborn * shrunk
    staying = _kept(residents, origins.within)
    residents, unborn = residents * staying, unborn * staying
    settled = residents - unborn
    unborn = unborn * _kept(unborn, origins.in_births)
    residents = settled + unborn
    share = _migrant_share(stage, city, still[:, 0], log=log)
    migrants = None
    if share is not None:
        further = (1.0 + settings.migrant_growth_rate) ** np.arange(len(city.years)) - 1.0
        among = residents * share[:, None]
        migrants = among * (1.0 + further)
        unborn = unborn * (1.0 + share[:, None] * further)
        residents = residents + among * further
    return Streams(residents, unborn, migrants, brought, origins)


def _kept(children: FloatArray, taken: FloatArray) -> FloatArray:
    """Return the share of each year's children that remains when some are taken, shape ``(years,)``."""
    whole = children.sum(axis=0)
    gone = np.divide(taken, whole, out=np.zeros_like(whole), where=whole > 0)
    return np.asarray(1.0 - np.clip(gone, 0.0, 1.0))


def _children(
    stage: str,
    city: City,
    cohorts: Cohorts,
    profile: Profile,
    *,
    migration: Migration,
    born_after: int | None = None,
) -> FloatArray:
    """Return the resident children of the stage's ages, units × years."""
    values = [
        cohorts.children(profile.at(year).ages(stage), year=year, migration=migration, born_after=born_after)
        for year in city.years
    ]
    return np.array(values, dtype=float).reshape(len(city.years), len(city.units)).T


def _migrant_share(stage: str, city: City, children: FloatArray, *, log: FaultLog) -> FloatArray | None:
    """Return the share of migrant children in each unit at the base year.

    ``None`` if no area states a number. Blanks are estimated, with a warning
    (:func:`~layoutplan.demand.migrants.area_migrants`). Where an area states more migrant children than
    children, the share is capped at 1, with a warning.
    """
    column, found = stage_column("migrants", stage), area_migrants(stage, city, children)
    if found is None:
        return None
    place = city.areas.index.get_indexer(city.units["area_id"])
    in_area, migrants = children_of_areas(city, children), found.children
    if found.guessed.any():
        log.add(
            "migrants_estimated",
            severity="warning",
            table="units",
            column=column,
            rows=city.areas.index[found.guessed],
            count=int(found.guessed.sum()),
            stage=stage,
            children=float(migrants[found.guessed].sum()),
        )
    over = migrants > in_area * (1 + _ROUNDING) + 1
    if over.any():
        rows = city.areas.index[over]
        log.add("migrants_exceed_children", severity="warning", table="units", column=column, rows=rows)
    share = np.divide(migrants, in_area, out=np.zeros_like(in_area), where=in_area > 0)
    return np.where(place >= 0, np.minimum(share, 1.0)[place], 0.0)
