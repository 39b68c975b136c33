"""Children of one stage by where they come from: residents, migrants among them, and new dwellings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from layoutplan.arrays import FloatArray
from layoutplan.city.city import City
from layoutplan.demand.cohorts import Cohorts
from layoutplan.demand.estates import Estates
from layoutplan.errors import FaultLog
from layoutplan.plan.settings import DemandSettings
from layoutplan.standards.rules import Profile

_ROUNDING = 0.01  # migrants are counted apart from the children they are part of


@dataclass(frozen=True)
class Streams:
    """Children of one stage, arrays units × years. ``residents`` holds ``unborn`` and ``migrants``.

    ``migrants`` is ``None`` where the units table does not tell; ``in_migration`` is what was taken, each
    year, out of the growth by migration because it settles in the new dwellings.
    """

    residents: FloatArray
    unborn: FloatArray
    migrants: FloatArray | None
    estates: FloatArray
    in_migration: FloatArray

    @property
    def total(self) -> FloatArray:
        """All children."""
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
    log: FaultLog,
) -> Streams:
    """Move the residents of a stage forward and put the new dwellings' children beside them.

    No pupil is counted twice: of the children of new dwellings the share ``settings.estates_in_migration`` is
    held to be part of the growth by ``migration_rate`` already. As much is taken out of that growth, of every
    unit in proportion to its own, until nothing is left of it; so with a share of one the whole city grows
    by migration or by its estates, whichever is more, and the estates say where.

    Parameters
    ----------
    taking_part
        Pupils per child by year: estates are stated in pupils, this makes children of them.
    """
    still = _children(stage, city, cohorts, profile, rate=0.0)
    growth = _children(stage, city, cohorts, profile, rate=settings.migration_rate) - still
    unborn = _children(stage, city, cohorts, profile, rate=settings.migration_rate, born_after=city.base_year)
    pupils = estates.by_unit(estates.pupils[stage], units=len(city.units))
    brought = np.divide(pupils, taking_part, out=np.zeros_like(pupils), where=taking_part > 0)
    room = np.maximum(growth.sum(axis=0), 0.0)
    taken = np.minimum(settings.estates_in_migration * brought.sum(axis=0), room)
    keep = 1.0 - np.divide(taken, room, out=np.zeros_like(room), where=room > 0)
    plain = still + growth
    residents = still + growth * keep
    unborn = unborn * np.divide(residents, plain, out=np.ones_like(plain), where=plain > 0)
    share = _migrant_share(stage, city, still[:, 0], log=log)
    migrants = None
    if share is not None:
        further = (1.0 + settings.migrant_growth_rate) ** np.arange(len(city.years)) - 1.0
        among = residents * share[:, None]
        migrants = among * (1.0 + further)
        unborn = unborn * (1.0 + share[:, None] * further)
        residents = residents + among * further
    return Streams(residents, unborn, migrants, brought, taken)


def _children(
    stage: str, city: City, cohorts: Cohorts, profile: Profile, *, rate: float, born_after: int | None = None
) -> FloatArray:
    """Return resident children of the stage's ages, units × years."""
    values = [
        cohorts.children(profile.at(year).ages(stage), year=year, migration_rate=rate, born_after=born_after)
        for year in city.years
    ]
    return np.array(values, dtype=float).reshape(len(city.years), len(city.units)).T


def _migrant_share(stage: str, city: City, children: FloatArray, *, log: FaultLog) -> FloatArray | None:
    """Return the share of migrant children among the children of every unit at the base year.

    ``None`` where no area tells; 0 in areas that are silent while others tell. An area with more migrant
    children than children is read as all of them (a warning).
    """
    column = f"migrants_{stage}"
    if column not in city.areas or not city.areas[column].notna().any():
        return None
    stated = city.areas[column].fillna(0.0).astype(float)
    place = city.areas.index.get_indexer(city.units["area_id"])
    known = place >= 0
    in_area = np.bincount(place[known], weights=children[known], minlength=len(city.areas))
    migrants = stated.to_numpy()
    over = migrants > in_area * (1 + _ROUNDING) + 1
    if over.any():
        rows = city.areas.index[over]
        log.add("migrants_exceed_children", severity="warning", table="units", column=column, rows=rows)
    share = np.divide(migrants, in_area, out=np.zeros_like(in_area), where=in_area > 0)
    return np.where(known, np.minimum(share, 1.0)[place], 0.0)
