"""Seats of every school, stage and year: stated or derived from classes, then changed by projects."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd

from layoutplan.arrays import BoolArray, FloatArray
from layoutplan.city.city import City
from layoutplan.dictionary.rolls import stage_column
from layoutplan.errors import FaultLog
from layoutplan.layouts.beds import boarding_places
from layoutplan.layouts.layout import Zoning
from layoutplan.layouts.projects import apply_projects
from layoutplan.layouts.seats import Seats
from layoutplan.layouts.supply import Supply, standard_class_sizes
from layoutplan.plan.settings import SupplySettings
from layoutplan.standards.rules import Profile

SCHOOL_COLUMNS = (
    *("name", "school_type", "ownership", "district_id", "status"),
    *("counts", "counts_from", "counts_until", "geometry"),
)


def current_supply(city: City, profile: Profile, settings: SupplySettings) -> tuple[Seats, Zoning]:
    """Return the seats of every school in every stage and year of the plan, and today's catchments.

    The seats of a school in a stage are those stated (``seats_primary`` and so on), otherwise classes × the
    profile's standard class size of that year, from ``opened_year`` until before ``closed_year``. Projects
    whose state is among ``settings.project_states`` are then applied (see
    :func:`~layoutplan.layouts.projects.apply_projects`).

    A school counts (its seats serve demand) if its ownership is among ``settings.ownership``; missing
    ownership is read as public. A school that does not count keeps its seats here and is left out of the
    balance.

    With ``settings.boarding``, boarders may use the beds of schools and projects
    (:func:`~layoutplan.layouts.beds.boarding_places`).

    Parameters
    ----------
    city
        The city's checked tables.
    profile
        Standards by year.
    settings
        ``[supply]`` of the plan.

    Returns
    -------
    seats
        Seats by school, stage and year.
    zoning
        The city's catchments; each school that a project opens serves the catchment that contains it.

    Notes
    -----
    The notes of the seats warn of open schools without seats in a stage that their type teaches, and of
    projects that could not be applied.

    Examples
    --------
    A school of 48 classes of 45 offers 2,160 seats.
    """
    log = FaultLog()
    schools = _campuses(city, settings)
    own = {stage: _own_seats(city, profile, stage) for stage in city.stages}
    _warn_of_missing(city, own, log)
    supply = Supply(
        schools=schools,
        seats=own,
        closed=_own_closed(city),
        beds=_own_beds(city),
        links=city.catchment_schools.reset_index(drop=True),
    )
    supply = apply_projects(supply, city, profile, settings, log=log)
    frames = {
        stage: pd.DataFrame(supply.offered(stage), index=supply.schools.index, columns=[*city.years])
        for stage in supply.seats
    }
    seats = Seats(
        years=city.years,
        schools=supply.schools,
        seats=MappingProxyType(frames),
    )
    boarding = boarding_places(seats, supply.beds, profile, log=log) if settings.boarding else None
    zoning = Zoning(
        catchments=city.catchments, unit_catchments=city.unit_catchments, catchment_schools=supply.links
    )
    return replace(seats, boarding=boarding, notes=log.notes), zoning


def _campuses(city: City, settings: SupplySettings) -> gpd.GeoDataFrame:
    """Return the city's schools with the columns of ``Seats.schools``."""
    schools = city.schools
    ownership = schools["ownership"].fillna("public")
    later = schools["opened_year"].fillna(city.base_year) > city.base_year
    never = pd.array([pd.NA] * len(schools), dtype="Int64")
    return schools.assign(
        ownership=ownership,
        status=np.where(later, "committed", "open"),
        counts=ownership.isin(settings.ownership),
        counts_from=never,
        counts_until=never,
    )[[*SCHOOL_COLUMNS]]


def _own_seats(city: City, profile: Profile, stage: str) -> FloatArray:
    """Return seats before any project, open or not: schools × years."""
    rolls = city.rolls(stage)
    stated, classes = rolls["seats"].to_numpy()[:, None], rolls["classes"].fillna(0.0).to_numpy()[:, None]
    by_classes = classes * standard_class_sizes(profile, stage, city.years)
    return np.where(np.isnan(stated), by_classes, np.broadcast_to(stated, by_classes.shape))


def _own_closed(city: City) -> BoolArray:
    """Return whether each school is not yet open or already closed, before any project: schools × years."""
    schools, years = city.schools, np.array(city.years)[None, :]
    opened = schools["opened_year"].to_numpy(dtype=float, na_value=-np.inf)[:, None]
    closed = schools["closed_year"].to_numpy(dtype=float, na_value=np.inf)[:, None]
    return np.asarray((years < opened) | (closed <= years))


def _own_beds(city: City) -> FloatArray:
    """Return beds before any project: schools × years."""
    beds = city.schools["boarding_beds"].to_numpy(dtype=float, na_value=0.0)
    return np.repeat(beds[:, None], len(city.years), axis=1)


def _warn_of_missing(city: City, seats: dict[str, FloatArray], log: FaultLog) -> None:
    """Warn of schools open at the base year that offer no seats in a stage of their type."""
    schools = city.schools
    opened = schools["opened_year"].fillna(city.base_year) <= city.base_year
    is_open = opened & (schools["closed_year"].fillna(city.base_year + 1) > city.base_year)
    for stage, values in seats.items():
        taught = city.schooling.are_taught(schools["school_type"], stage)
        missing = is_open & taught & (values[:, 0] <= 0)
        if missing.any():
            log.add(
                "school_without_seats",
                severity="warning",
                table="schools",
                rows=schools.index[missing],
                column=stage_column("seats", stage),
                stage=stage,
            )
