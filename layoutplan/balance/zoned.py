"""As zoned (按片区就读): every pupil at a school of the own catchment, whatever its seats.

Where a catchment has one school with seats, all its pupils go there. The pupils of catchments with several
schools, and of those that share a school with them, are divided with least overload, then least walking;
pupils for whom the seats do not suffice go to the nearest school of their catchment. Walks beyond the known
ones are straight lines × detour factor.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from layoutplan.arrays import BoolArray, FloatArray, IntArray
from layoutplan.balance.arcs import Walks
from layoutplan.balance.catchment_view import Parts, school_links
from layoutplan.balance.grade_bands import GradeBands
from layoutplan.balance.measures import sums
from layoutplan.layouts.layout import Layout
from layoutplan.solve.flow import assign_pupils
from layoutplan.study import Study


@dataclass(frozen=True)
class Zoned:
    """One stage as zoned; arrays by year.

    Attributes
    ----------
    pupils, pupil_metres, near
        Schools × years: pupils who go there, their walking, and those who walk no farther than the service
        radius.
    overload
        Schools × years: pupils above the counted seats.
    unit_metres, unit_near
        Units × years: walking of the unit's pupils, pupil-metres, and those within the service radius.
    has_school
        Units × years: whether a school with seats serves the unit's catchment.
    moved
        Units: whether another school serves the unit than today.
    parts
        Catchments: connected parts; 0 without units.
    inside
        Schools: 1 if the school stands in a catchment that it serves, 0 if not, −1 if it serves none or its
        place is in no unit.
    """

    pupils: FloatArray
    pupil_metres: FloatArray
    near: FloatArray
    overload: FloatArray
    unit_metres: FloatArray
    unit_near: FloatArray
    has_school: BoolArray
    moved: BoolArray
    parts: IntArray
    inside: IntArray


@dataclass(frozen=True)
class _Ways:
    """Unit–school pairs of one stage: all links of the units' catchments."""

    unit: IntArray
    school: IntArray
    catchment: IntArray
    metres: FloatArray


def measure_zoned(
    study: Study,
    layout: Layout,
    *,
    stage: str,
    parts: Parts,
    demand: FloatArray,
    counted: FloatArray,
    walks: Walks,
    radius_m: FloatArray,
    grades: GradeBands | None = None,
) -> Zoned:
    """Compute the as-zoned figures of a stage in every year.

    Parameters
    ----------
    study
        Adjacency, today's layout, detour factor.
    layout
        The layout evaluated.
    stage
        Stage.
    parts
        Catchment of each unit.
    demand
        Pupils, units × years.
    counted
        Counted seats, schools × years.
    walks
        All known walks of the layout.
    radius_m
        Service radius of each year, metres.
    grades
        Bands of grades that some schools do not teach; ``None`` if every school teaches all.

    Returns
    -------
    Zoned
        Pupils in no catchment, and those whose catchment has no school with seats that teaches their grade,
        are at no school.
    """
    links = school_links(layout, stage, parts.catchments)
    ways = _own_ways(study, layout, links, parts.unit_catchment, walks)
    shape, schools = demand.shape, len(counted)
    pupils, metres, near = np.zeros((3, schools, shape[1]))
    unit_metres, unit_near = np.zeros((2, *shape))
    has_school = np.zeros(shape, dtype=bool)
    for year in range(shape[1]):
        open_ = counted[ways.school, year] > 0
        live = _Ways(ways.unit[open_], ways.school[open_], ways.catchment[open_], ways.metres[open_])
        placed = _placed_by_grade(live, demand[:, [year]], counted[:, year], grades, year)
        close = placed * (live.metres <= radius_m[year])
        has_school[live.unit, year] = True
        for target, values in ((pupils, placed), (metres, placed * live.metres), (near, close)):
            target[:, year] = np.bincount(live.school, weights=values, minlength=schools)
        for target, values in ((unit_metres, placed * live.metres), (unit_near, close)):
            target[:, year] = np.bincount(live.unit, weights=values, minlength=shape[0])
    return Zoned(
        pupils=pupils,
        pupil_metres=metres,
        near=near,
        overload=np.where((counted > 0) | (pupils > 0), np.maximum(pupils - counted, 0.0), 0.0),
        unit_metres=unit_metres,
        unit_near=unit_near,
        has_school=has_school,
        moved=moved_units(study, layout, stage),
        parts=_parts(study, parts),
        inside=_inside(study, layout, links, parts.unit_catchment),
    )


def moved_units(study: Study, layout: Layout, stage: str) -> BoolArray:
    """Return which units have another school than today: another catchment, and none of its schools.

    Parameters
    ----------
    study
        Today's layout.
    layout
        The layout compared with it.
    stage
        Stage.

    Returns
    -------
    numpy.ndarray
        In the order of ``City.units``; false for units without a catchment today.
    """
    today = study.today
    before, after = today.zoning.held(stage), layout.zoning.held(stage)
    differs = before.notna() & (before.astype(object) != after.astype(object))
    moved = np.array(differs, dtype=bool)
    if not moved.any():
        return moved
    known = study.city.catchment_schools
    at_first = known[known["stage"] == stage].groupby("catchment_id")["school_id"].agg(frozenset)
    now = layout.zoning.links(stage).groupby("catchment_id")["school_id"].agg(frozenset)
    none: frozenset[str] = frozenset()
    kept: dict[tuple[object, object], bool] = {}
    for place in np.flatnonzero(moved):
        pair = (before.iloc[place], after.iloc[place])
        if pair not in kept:
            kept[pair] = bool(at_first.get(pair[0], none) & now.get(pair[1], none))
        moved[place] = not kept[pair]
    return moved


def _own_ways(
    study: Study, layout: Layout, links: pd.DataFrame, unit_catchment: IntArray, walks: Walks
) -> _Ways:
    """Return the pairs of units and the schools of their catchments, by unit and school."""
    units = np.flatnonzero(unit_catchment >= 0)
    homes = pd.DataFrame({"unit": units, "catchment": unit_catchment[units]})
    pairs = homes.merge(links, on="catchment").sort_values(["unit", "school"], ignore_index=True)
    unit, school = pairs["unit"].to_numpy(np.int64), pairs["school"].to_numpy(np.int64)
    count = len(layout.seats.schools)
    wanted, keys = unit * count + school, walks.units * count + walks.schools
    order = np.argsort(keys, kind="stable")
    place = np.minimum(np.searchsorted(keys, wanted, sorter=order), max(len(keys) - 1, 0))
    known = keys[order[place]] == wanted if len(keys) else np.zeros(len(wanted), dtype=bool)
    metres = np.zeros(len(wanted))
    metres[known] = walks.metres[order[place[known]]]
    homes_xy = np.asarray(study.city.units.geometry.array, dtype=object)
    schools_xy = np.asarray(layout.seats.schools.geometry.array, dtype=object)
    straight = shapely.distance(homes_xy[unit[~known]], schools_xy[school[~known]])
    metres[~known] = straight * study.walking.detour_factor
    return _Ways(unit, school, pairs["catchment"].to_numpy(np.int64), metres)


def _placed_by_grade(
    ways: _Ways, demand: FloatArray, seats: FloatArray, grades: GradeBands | None, year: int
) -> FloatArray:
    """Return the pupils on each pair in one year; ``demand`` has one column."""
    if grades is None:
        return _placed(ways, demand[:, 0], seats)
    origin, pair = grades.pairs(ways.unit, ways.school)
    split = _Ways(origin, ways.school[pair], ways.catchment[pair], ways.metres[pair])
    pupils = grades.of_years(np.array([year])).pupils(demand)[:, 0]
    placed = _placed(split, pupils, seats)
    return np.asarray(np.bincount(pair, weights=placed, minlength=len(ways.unit)), dtype=np.float64)


def _placed(ways: _Ways, demand: FloatArray, seats: FloatArray) -> FloatArray:
    """Return the pupils on each pair in one year."""
    choice = np.bincount(ways.unit, minlength=len(demand))
    placed = np.where(choice[ways.unit] == 1, demand[ways.unit], 0.0)
    several = np.unique(ways.catchment[choice[ways.unit] > 1])
    if not len(several):
        return placed
    joint = _joined_to(ways, several, schools=len(seats))
    unit, origin = np.unique(ways.unit[joint], return_inverse=True)
    school, destination = np.unique(ways.school[joint], return_inverse=True)
    flow = assign_pupils(
        origin=origin,
        destination=destination,
        metres=ways.metres[joint],
        pupils=demand[unit],
        seats=seats[school],
    )
    order = np.lexsort((ways.school[joint], ways.metres[joint], origin))
    nearest = order[np.flatnonzero(np.diff(origin[order], prepend=-1))]
    together = flow.pupils.copy()
    together[nearest] += flow.unserved
    placed[joint] = together
    return placed


def _joined_to(ways: _Ways, several: IntArray, *, schools: int) -> IntArray:
    """Return the pairs of these catchments and of all linked to them by shared schools."""
    count = int(ways.catchment.max()) + 1
    graph = csr_array(
        (np.ones(len(ways.unit), dtype=np.int8), (ways.catchment, ways.school + count)),
        shape=(count + schools,) * 2,
    )
    _, part = connected_components(graph, directed=False)
    return np.flatnonzero(np.isin(part[ways.catchment], part[several]))


def _parts(study: Study, parts: Parts) -> IntArray:
    if parts.catchments.empty:
        return np.zeros(0, dtype=np.int64)
    return study.adjacency.parts(parts.unit_catchment, count=len(parts.catchments))


def _inside(study: Study, layout: Layout, links: pd.DataFrame, unit_catchment: IntArray) -> IntArray:
    """Return whether each school stands in a unit of a catchment that it serves."""
    found = np.full(len(layout.seats.schools), -1, dtype=np.int64)
    school, catchment = links["school"].to_numpy(np.int64), links["catchment"].to_numpy(np.int64)
    if not len(school):
        return found
    unit = study.adjacency.unit_at(layout.seats.schools.geometry)[school]
    known = np.flatnonzero(unit >= 0)
    holds = unit_catchment[unit[known]] == catchment[known]
    np.maximum.at(found, school[known], holds.astype(np.int64))
    return found


def group_walks(zoned: Zoned, demand: FloatArray, group: IntArray, *, count: int) -> dict[str, FloatArray]:
    """Return pupils with a school of their own, their mean walk and the share within the radius, by group.

    Parameters
    ----------
    zoned
        The stage as zoned.
    demand
        Pupils, units × years.
    group
        Group of each unit, or −1.
    count
        Number of groups.

    Returns
    -------
    dict
        ``with_school``, ``mean_walk_m``, ``share_within_radius``, ``moved``: groups × years. The mean is over
        the pupils with a school of their own catchment, the share over all pupils.
    """
    attending = np.where(zoned.has_school, demand, 0.0)
    whole, everyone = (sums(values, group, count=count) for values in (attending, demand))
    walked, close = (sums(values, group, count=count) for values in (zoned.unit_metres, zoned.unit_near))
    nothing = np.full_like(whole, np.nan)
    return {
        "with_school": whole,
        "mean_walk_m": np.divide(walked, whole, out=nothing.copy(), where=whole > 0),
        "share_within_radius": np.divide(close, everyone, out=nothing.copy(), where=everyone > 0),
        "moved": sums(demand * zoned.moved[:, None], group, count=count),
    }
