"""What a plan can do to its schools (布局调整手段): each a pure function from one supply to another.

None changes its arguments. ``when`` are the years (of the plan, as a mask) in which a change holds; ``seats``
are seats by stage, one value a year. New rows are frames of one row as ``Seats.schools`` has them
(:func:`campus`); their links name them already. The table of projects applies these functions by its column
``kind`` (:mod:`layoutplan.layouts.projects`); a search over plans can apply them itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry.base import BaseGeometry

from layoutplan.arrays import BoolArray, FloatArray
from layoutplan.layouts.supply import Supply
from layoutplan.standards.rules import SCHOOL_TYPE_STAGES, Standards

YearSeats = Mapping[str, FloatArray]
"""Seats by stage, one value a year of the plan."""


def campus(
    school_id: str, *, place: BaseGeometry, crs: object, counts: bool, **columns: object
) -> gpd.GeoDataFrame:
    """Return one row of ``Seats.schools`` for a school that opens: status ``committed``.

    ``columns`` are ``name``, ``school_type``, ``ownership``, ``district_id`` and, where the school counts in
    some years only, ``counts_from`` and ``counts_until``.
    """
    data = {"status": "committed", "counts": counts, "counts_from": pd.NA, "counts_until": pd.NA, **columns}
    frame = gpd.GeoDataFrame(
        {name: [value] for name, value in data.items()}, geometry=gpd.GeoSeries([place], crs=crs)
    )
    return frame.set_index(pd.Index([school_id], name="school_id"))


def open_school(supply: Supply, school: gpd.GeoDataFrame, *, seats: YearSeats, links: pd.DataFrame) -> Supply:
    """Open a school (新建): one row more, with these seats and catchments.

    The same opens a kindergarten in a primary school (附属园) or in the rooms of a closed one: ``school``
    then stands at that place.
    """
    return supply.with_school(school, seats, links)


def add_seats(supply: Supply, school_id: str, *, seats: YearSeats) -> Supply:
    """Change a school's seats where it stands (扩建、挖潜增班、调减、临时班): negative ones are taken away.

    Temporary classes are seats in some years only. Seats never fall below none.
    """
    now = supply.of_school(school_id)
    return supply.with_seats(school_id, {stage: np.maximum(now[stage] + seats[stage], 0.0) for stage in now})


def close_school(supply: Supply, school_id: str, *, when: BoolArray) -> Supply:
    """Close a school (撤并、停办): it offers no seats in these years."""
    return supply.with_closed(school_id, supply.is_closed(school_id) | when)


def reopen_school(supply: Supply, school_id: str, *, when: BoolArray) -> Supply:
    """Open a closed school again (复办), with the seats it had: closing, then reopening changes nothing."""
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
    """Move a school (迁建): closed at the old place, open at the new one with its seats and those ``added``.

    It keeps its catchments unless ``links`` gives others.
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
    """Take stages out of a school (完全中学初、高中分离).

    The seats of the ``leaving`` stages, and the catchments they serve, go to ``school`` if there is one; if
    not, they are freed: the rooms stay, and what becomes of them is for another change to say.
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
    """Let a school count, or count no more, from the year ``first`` its ownership changes (转公、改制).

    ``until`` is the first year in which it counts no more. ``links`` are the catchments of a school that
    comes to count and has none.
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
    """Buy seats of a school whose own do not count (购买学位): the seats bought count, its others do not.

    They go from the school to ``school``, a row at the same place: none is made by buying, and no more are
    bought than the school offers. Of a school that counts already nothing is bought.
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
    """Return how many classes of a stage fit into rooms and land that are there.

    Each class takes the standard class size × the profile's floor area and land per seat; an area not known
    (``None``) limits nothing, and the profile's most classes of the school type of that name hold too.

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
        for key, area in (("floor.per_seat", floor_m2), ("land.per_seat", land_m2))
        if area is not None and standards.find(key, stage) is not None
    ]
    if not fits:
        return 0
    kinds = [kind for kind, stages in SCHOOL_TYPE_STAGES.items() if stages == (stage,)]
    most = [most for kind in kinds for most in standards.numbers("school.max_classes", kind)]
    return int(min([*fits, *most]))
