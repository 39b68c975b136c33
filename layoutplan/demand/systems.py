"""Which share of the pupils attends the schools of each system, where a city has several school systems."""

from __future__ import annotations

import numpy as np

from layoutplan.arrays import FloatArray
from layoutplan.city.city import City
from layoutplan.dictionary.rolls import stage_column
from layoutplan.errors import FaultLog
from layoutplan.standards.rules import Profile

_KEY = "demand.system_share"
_ROUNDING = 1e-6


def system_share(stage: str, city: City, profile: Profile) -> FloatArray:
    """Return the share of a unit's pupils who attend schools of the stage's system, units × years.

    That of the unit's area (column ``share_<system>`` of table ``units``), else the profile's rule
    ``demand.system_share`` of the year. Pupils of no system (schools not in the plan) are the rest.

    Parameters
    ----------
    stage
        Stage.
    city
        Units, areas and years.
    profile
        Provides the rule.

    Returns
    -------
    numpy.ndarray
        1 where the city has one school system; nan where neither is stated.
    """
    system = city.schooling.stage(stage).system
    if not system:
        return np.ones((len(city.units), len(city.years)))
    ruled = [(*profile.at(year).numbers(_KEY, stage), np.nan)[0] for year in city.years]
    column = stage_column("share", system)
    if column not in city.areas:
        return np.tile(np.array(ruled, dtype=np.float64), (len(city.units), 1))
    of_area = city.areas[column].astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)
    of_unit = of_area[city.areas.index.get_indexer(city.units["area_id"])][:, None]
    return np.where(np.isnan(of_unit), np.array(ruled, dtype=np.float64), of_unit)


def check_system_shares(city: City, profile: Profile, *, log: FaultLog) -> None:
    """Report systems without a share, and units whose shares of all systems add up to more than one.

    Parameters
    ----------
    city, profile
        As for :func:`system_share`.
    log
        Receives the errors.
    """
    together: dict[str, FloatArray] = {}
    for stage in city.stages:
        one = city.schooling.stage(stage)
        if not one.system:
            continue
        share = system_share(stage, city, profile)
        if np.isnan(share).any():
            column = stage_column("share", one.system)
            log.add("system_share_unknown", table="units", stage=stage, rule=_KEY, given_in=column)
        together[one.of] = together.get(one.of, 0.0) + share
    names = city.units["area_id"].astype(str).to_numpy()
    for shares in together.values():
        over = (shares > 1 + _ROUNDING).any(axis=1)
        if over.any():
            most = f"{float(shares[over].max()):.2f}"
            log.add("system_shares_above_one", table="units", rows=dict.fromkeys(names[over]), share=most)
