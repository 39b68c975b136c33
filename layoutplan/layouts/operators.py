"""Operators on the supply (布局调整手段): pure functions from one supply to its successor.

No operator changes its arguments. ``when`` is a mask of the plan's years in which a change applies; ``seats``
are seats by stage, one value per year. New schools are frames of one row with the columns of
``Seats.schools`` (:func:`campus`); their links already carry the new id. Projects apply these functions
according to their column ``kind`` (:mod:`layoutplan.layouts.projects`); a search over plans may apply them
directly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry.base import BaseGeometry

from layoutplan.arrays import BoolArray, FloatArray
from layoutplan.layouts.school_land import GUIDE, LEAST
from layoutplan.layouts.supply import Supply
from layoutplan.standards.rules import Standards

YearSeats = Mapping[str, FloatArray]
"""Seats by stage, one value per year of the plan."""


def campus(
    school_id: str, *, place: BaseGeometry, crs: object, counts: bool, **columns: object
) -> gpd.GeoDataFrame:
    """Return one row of ``Seats.schools`` for a school that opens, with status ``committed``.

    Parameters
    ----------
    school_id
        Id of the new school.
    place
        Its location.
    crs
        CRS of ``place``.
    counts
        Whether its seats serve demand.
    **columns
        ``name``, ``school_type``, ``ownership``, ``district_id`` and, where the school counts in some years
        only, ``counts_from`` and ``counts_until``.

    Returns
    -------
    GeoDataFrame
        One row, index ``school_id``.
    """
    data = {"status": "committed", "counts": counts, "counts_from": pd.NA, "counts_until": pd.NA, **columns}
    frame = gpd.GeoDataFrame(
        {name: [value] for name, value in data.items()}, geometry=gpd.GeoSeries([place], crs=crs)
    )
    return frame.set_index(pd.Index([school_id], name="school_id"))


def open_school(supply: Supply, school: gpd.GeoDataFrame, *, seats: YearSeats, links: pd.DataFrame) -> Supply:
    """Open a school (新建): add it with its seats and catchments.

    The same operator opens a kindergarten in a primary school (附属园) or in the rooms of a closed school;
    ``school`` is then at that location.

    Parameters
    ----------
    supply
        Supply before the change.
    school
        The new school, one row (:func:`campus`).
    seats
        Its seats by stage and year.
    links
        The catchments it serves: ``catchment_id``, ``stage``, ``school_id``.

    Returns
    -------
    Supply
        The successor.
    """
    return supply.with_school(school, seats, links)


def add_seats(supply: Supply, school_id: str, *, seats: YearSeats) -> Supply:
    """Change a school's seats at its location (扩建、挖潜增班、调减、临时班); negative values remove seats.

    Temporary classes are seats in some years only. The result is never below zero.

    Parameters
    ----------
    supply
        Supply before the change.
    school_id
        The school.
    seats
        Seats added by stage and year.

    Returns
    -------
    Supply
        The successor.
    """
    now = supply.of_school(school_id)
    return supply.with_seats(school_id, {stage: np.maximum(now[stage] + seats[stage], 0.0) for stage in now})


def close_school(supply: Supply, school_id: str, *, when: BoolArray) -> Supply:
    """Close a school (撤并、停办): it offers no seats in the years given.

    Parameters
    ----------
    supply
        Supply before the change.
    school_id
        The school.
    when
        Years in which it is closed, shape (years,).

    Returns
    -------
    Supply
        The successor.
    """
    return supply.with_closed(school_id, supply.is_closed(school_id) | when)


def reopen_school(supply: Supply, school_id: str, *, when: BoolArray) -> Supply:
    """Reopen a closed school (复办) with its former seats; closing and then reopening changes nothing.

    Parameters
    ----------
    supply
        Supply before the change.
    school_id
        The school.
    when
        Years in which it is open again, shape (years,).

    Returns
    -------
    Supply
        The successor.
    """
    return supply.with_closed(school_id, supply.is_closed(school_id) & ~when)


def move_school(
    supply: Supply,
    school_id: str,
    *,
    school: gpd.GeoDataFrame,
    when: BoolArray,
    added: YearSeats,
    links: pd.DataFrame | None = None,
) -> Supply:
    """Relocate a school (迁建): close it at the old location and open it at the new one.

    Parameters
    ----------
    supply
        Supply before the change.
    school_id
        The school at its old location.
    school
        The school at its new location, one row (:func:`campus`).
    when
        Years in which the school is at the new location, shape (years,).
    added
        Seats added to its own by stage and year; negative values remove seats.
    links
        Catchments of the new location; ``None`` keeps those of the old one.

    Returns
    -------
    Supply
        The successor.
    """
    now = supply.of_school(school_id)
    taught = when & ~supply.is_closed(school_id)
    goes = {stage: np.where(taught, np.maximum(now[stage] + added[stage], 0.0), 0.0) for stage in now}
    kept = supply.links[supply.links["school_id"] == school_id].assign(school_id=school.index[0])
    moved = open_school(supply, school, seats=goes, links=kept if links is None else links)
    return close_school(moved, school_id, when=when)


def split_school(
    supply: Supply,
    school_id: str,
    *,
    leaving: Sequence[str],
    when: BoolArray,
    school: gpd.GeoDataFrame | None = None,
) -> Supply:
    """Separate stages from a school (完全中学初、高中分离).

    The seats of the ``leaving`` stages, and the catchments that they serve, are transferred to ``school``.
    Without ``school`` the seats are removed; the rooms remain, and other operators may reuse them.

    Parameters
    ----------
    supply
        Supply before the change.
    school_id
        The school.
    leaving
        Stages that leave it.
    when
        Years of the change, shape (years,).
    school
        The school that takes them over, one row (:func:`campus`).

    Returns
    -------
    Supply
        The successor.
    """
    now = supply.of_school(school_id)
    stays = {
        stage: np.where(when, 0.0, values) if stage in leaving else values for stage, values in now.items()
    }
    goes = {
        stage: np.where(when & ~supply.is_closed(school_id), values, 0.0)
        if stage in leaving
        else 0.0 * values
        for stage, values in now.items()
    }
    left = supply.with_seats(school_id, stays)
    if school is None:
        return left
    own = supply.links[(supply.links["school_id"] == school_id) & supply.links["stage"].isin(leaving)]
    return open_school(left, school, seats=goes, links=own.assign(school_id=school.index[0]))


def convert_school(
    supply: Supply,
    school_id: str,
    *,
    counts: bool,
    first: int,
    until: int | None = None,
    links: pd.DataFrame | None = None,
) -> Supply:
    """Change whether a school counts, from the year in which its ownership changes (转公、改制).

    Parameters
    ----------
    supply
        Supply before the change.
    school_id
        The school.
    counts
        Whether its seats serve demand from then on.
    first
        First year of the new ownership.
    until
        First year in which the school stops counting again; ``None`` for good.
    links
        Catchments of a school that starts to count and has none.

    Returns
    -------
    Supply
        The successor; ``supply`` itself where nothing changes.
    """
    counted = bool(supply.schools.loc[school_id, "counts"])
    if counts and not counted:
        last = pd.NA if until is None else until
        supply = supply.with_counting(school_id, counts=True, counts_from=first, counts_until=last)
        return supply if links is None else supply.with_links(links)
    if counted and not counts:
        return supply.with_counting(school_id, counts_until=first)
    return supply


def purchase_seats(
    supply: Supply, school_id: str, *, bought: YearSeats, school: gpd.GeoDataFrame, links: pd.DataFrame
) -> Supply:
    """Purchase seats of a school that does not count (购买学位): only the purchased seats count.

    The seats are transferred from the school to ``school``, a row at the same location; no more are purchased
    than the school offers. From a school that already counts none are purchased.

    Parameters
    ----------
    supply
        Supply before the change.
    school_id
        The selling school.
    bought
        Seats purchased by stage and year.
    school
        The row that receives the seats (:func:`campus`).
    links
        The catchments that it serves.

    Returns
    -------
    Supply
        The successor; ``supply`` itself where nothing changes.
    """
    if bool(supply.schools.loc[school_id, "counts"]):
        return supply
    now, open_ = supply.of_school(school_id), ~supply.is_closed(school_id)
    gone = {stage: np.where(open_, np.clip(bought[stage], 0.0, now[stage]), 0.0) for stage in now}
    left = supply.with_seats(school_id, {stage: now[stage] - gone[stage] for stage in now})
    return open_school(left, school, seats=gone, links=links)


def classes_possible(
    standards: Standards, stage: str, *, floor_m2: float | None, land_m2: float | None = None
) -> int:
    """Return how many classes of a stage fit into given floor area and land.

    Each class needs the standard class size × the profile's floor area and least land per seat (the guide
    where it states no least); an unknown area (``None``) imposes no limit. The profile's maximum number of
    classes of a school type that teaches this stage alone applies too.

    Parameters
    ----------
    standards
        Standards of one year.
    stage
        Stage id.
    floor_m2, land_m2
        Floor area and land, square metres; ``None`` where unknown.

    Returns
    -------
    int
        Number of classes; 0 where no limit can be computed.

    Examples
    --------
    A closed school of 1,000 m² on 2,700 m²: a kindergarten class takes 30 × 10.44 m² of floor and 30 × 14 m²
    of land.

    >>> from layoutplan.standards import load_profile
    >>> classes_possible(load_profile("cn-national").at(2025), "kindergarten", floor_m2=1000, land_m2=2700)
    3
    """
    size = standards.class_size(stage)
    fits = [
        area // (size * standards.number(key, stage))
        for key, area in (("floor.per_seat", floor_m2), (_land_rule(standards, stage), land_m2))
        if area is not None and standards.find(key, stage) is not None
    ]
    if not fits:
        return 0
    kind = standards.schooling.type_for([stage])
    most = standards.numbers("school.max_classes", kind) if kind else ()
    return int(min([*fits, *most]))


def _land_rule(standards: Standards, stage: str) -> str:
    """Return the rule that says how much land a seat takes at least."""
    return LEAST if standards.find(LEAST, stage) is not None else GUIDE
