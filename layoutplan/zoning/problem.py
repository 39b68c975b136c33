"""The planner's question as a districting problem: blocks of units, arcs to zones, costs, the graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from layoutplan.arrays import BoolArray, FloatArray, IntArray
from layoutplan.errors import FaultLog
from layoutplan.layouts.layout import Layout
from layoutplan.solve.districting import DistrictingProblem, districting_problem
from layoutplan.study import Study
from layoutplan.zoning.exclaves import join_exclaves
from layoutplan.zoning.request import locked_units
from layoutplan.zoning.zones import Zones

_NOBODY: Final = 0.05
"""Pupils that a unit without pupils counts as in costs, so that it too is drawn sensibly."""
_COMPACT: Final = 1e-3
"""Cost per metre of straight line to the own unit, beside a metre walked: the last tie-break."""


@dataclass(frozen=True)
class StageProblem:
    """One stage to be divided.

    Attributes
    ----------
    zones
        The zones.
    block
        Units: the block that each belongs to; blocks are divided, units never.
    moving
        Units × years: pupils who go where the unit goes; the others stay at today's school.
    arc_unit, arc_zone, arc_m
        Walks from units to zones that are open to them, metres.
    weight
        Units: pupils that costs count, the mean of the years.
    problem
        Blocks as units, zones as schools. Cost is pupil-metres, with the price of moves and the tie-break.
    exclaves
        Units joined to the nearest one because the adjacency leaves them no way to any school.
    stay
        Zones × years: pupils who stay at today's school.
    straight
        Arcs: straight line from the unit to the zone's own unit, metres.
    """

    zones: Zones
    block: IntArray
    moving: FloatArray
    arc_unit: IntArray
    arc_zone: IntArray
    arc_m: FloatArray
    weight: FloatArray
    problem: DistrictingProblem
    exclaves: IntArray
    stay: FloatArray

    straight: FloatArray

    def compactness(self, zone: IntArray) -> float:
        """Return the tie-break of a division: its part of the cost.

        Parameters
        ----------
        zone
            Units: the zone of each.

        Returns
        -------
        float
            Pupil-metres.
        """
        size = len(self.zones.zones)
        key = self.arc_unit * size + self.arc_zone
        place = np.searchsorted(key, np.arange(len(zone)) * size + zone)
        return float((_COMPACT * self.weight * self.straight[place]).sum())


def stage_problem(
    study: Study, layout: Layout, zones: Zones, *, price_m: float, log: FaultLog
) -> StageProblem:
    """Return the districting problem of a stage.

    Parameters
    ----------
    study
        Demand, adjacency, and ``[zoning]`` of the plan.
    layout
        Walks.
    zones
        The zones, without faults (:func:`~layoutplan.zoning.request.zones_to_redraw`).
    price_m
        Metres of walking that a pupil with another school is counted as.
    log
        Receives warnings of units larger than any school and of locked units above the seats, and exclaves.

    Returns
    -------
    StageProblem
        Its arcs go to zones within the walk limit, to today's zone and to the nearest zone.
    """
    stage, settings = zones.stage, study.plan.zoning
    moving = _moving(study, zones)
    weight = np.maximum(moving.mean(axis=1), _NOBODY)
    locked = locked_units(study, zones)
    unit, zone, metres = _arcs(study, layout, zones, locked=locked)
    block = _blocks(study, zones) if settings.whole_areas else np.arange(len(zones.today), dtype=np.int64)
    count = int(block.max(initial=-1)) + 1
    unit, zone, metres = _completed(study, layout, zones, block, (unit, zone, metres))
    demand = np.zeros((count, len(zones.years)))
    np.add.at(demand, block, moving)
    pupils = study.demand.pupils[stage].to_numpy(dtype=float)[:, zones.columns]
    stay = np.zeros_like(zones.seats)
    held = zones.today >= 0
    np.add.at(stay, zones.today[held], (pupils - moving)[held])
    moved = (zones.today[unit] >= 0) & (zones.today[unit] != zone)
    straight = shapely.distance(
        np.asarray(study.city.units.geometry.array, dtype=object)[unit],
        np.asarray(study.city.units.geometry.array, dtype=object)[zones.own[zone]],
    )
    cost = weight[unit] * (metres + price_m * moved + _COMPACT * straight)
    arc = pd.Series(cost).groupby([block[unit], zone], sort=True).sum()
    ends = arc.index.get_level_values(0).to_numpy(np.int64), arc.index.get_level_values(1).to_numpy(np.int64)
    edges = np.concatenate([block[study.adjacency.edges], _within_zones(zones, block)])
    fixed = _fixed(zones, block, count)
    problem = districting_problem(
        demand,
        np.maximum(zones.seats - stay, 0.0),
        own=block[zones.own],
        arcs=(*ends, arc.to_numpy(dtype=float)),
        edges=edges,
        locked=fixed,
    )
    problem, exclaves = join_exclaves(problem, study, block, edges)
    _report(study, zones, problem, block, exclaves, locked=locked, moving=moving, log=log)
    return StageProblem(
        zones=zones,
        block=block,
        moving=moving,
        arc_unit=unit,
        arc_zone=zone,
        arc_m=metres,
        weight=weight,
        problem=problem,
        exclaves=exclaves,
        stay=stay,
        straight=np.asarray(straight, dtype=np.float64),
    )


def _moving(study: Study, zones: Zones) -> FloatArray:
    """Return the pupils of each unit and year who go where the unit goes."""
    pupils = study.demand.pupils[zones.stage].to_numpy(dtype=float)[:, zones.columns]
    settings = study.plan.zoning
    if settings.movers == "all":
        return pupils
    first, last = study.profile.at(study.base_year).ages(zones.stage)
    grades = max(1.0, last - first + 1)
    start = settings.from_year if settings.from_year is not None else study.base_year + 1
    since = np.clip(np.array(zones.years) - start + 1, 0, grades) / grades
    return np.where((zones.today >= 0)[:, None], pupils * since, pupils)


def _arcs(
    study: Study, layout: Layout, zones: Zones, *, locked: BoolArray
) -> tuple[IntArray, IntArray, FloatArray]:
    """Return unit, zone and metres of the permitted arcs, sorted by unit and zone."""
    unit, zone, metres = _zone_walks(layout, zones)
    limit = study.plan.zoning.walk_limit_m.get(zones.stage, study.reach_m[zones.stage])
    order = np.lexsort((zone, metres, unit))
    nearest = np.zeros(len(unit), dtype=bool)
    nearest[order[np.flatnonzero(np.diff(unit[order], prepend=-1))]] = True
    keep = (metres <= limit) | nearest | (zones.today[unit] == zone)
    if study.plan.zoning.keep_districts:
        keep &= _same_district(study, zones)[unit, zone]
    keep &= ~locked[unit] | (zones.today[unit] == zone)
    return unit[keep], zone[keep], metres[keep]


def _zone_walks(layout: Layout, zones: Zones) -> tuple[IntArray, IntArray, FloatArray]:
    """Return the known walks from units to the nearest school of each zone."""
    pairs = pd.DataFrame(
        [(school, place) for place, zone in enumerate(zones.zones) for school in zone.schools],
        columns=["school", "zone"],
        dtype=np.int64,
    )
    walks = layout.walks
    known = np.isin(walks.indices, pairs["school"])
    frame = pd.DataFrame(
        {"unit": walks.rows[known], "school": walks.indices[known], "metres": walks.metres[known]}
    ).merge(pairs, on="school")
    least = frame.groupby(["unit", "zone"], sort=True)["metres"].min()
    return (
        least.index.get_level_values(0).to_numpy(np.int64),
        least.index.get_level_values(1).to_numpy(np.int64),
        least.to_numpy(dtype=np.float64),
    )


def _same_district(study: Study, zones: Zones) -> BoolArray:
    """Return units × zones: whether both lie in one district; a unit without a district is in all."""
    code, _ = pd.factorize(study.city.units["district_id"])
    return np.asarray((code[:, None] == code[zones.own][None, :]) | (code < 0)[:, None])


def _blocks(study: Study, zones: Zones) -> IntArray:
    """Return the block of each unit: the connected units of an area that belong to one zone today.

    An area in which several zones have a unit of their own is not kept together.
    """
    count = len(zones.today)
    area, _ = pd.factorize(study.city.units["area_id"])
    owned: dict[int, set[int]] = {}
    for place, zone in enumerate(zones.zones):
        for unit in zone.units:
            owned.setdefault(int(area[unit]), set()).add(place)
    loose = np.isin(area, [one for one, owners in owned.items() if len(owners) > 1])
    one, other = study.adjacency.edges.T
    together = (area[one] == area[other]) & (zones.today[one] == zones.today[other]) & ~loose[one]
    graph = csr_array((np.ones(int(together.sum())), (one[together], other[together])), shape=(count, count))
    return connected_components(graph, directed=False)[1].astype(np.int64)


def _completed(
    study: Study,
    layout: Layout,
    zones: Zones,
    block: IntArray,
    arcs: tuple[IntArray, IntArray, FloatArray],
) -> tuple[IntArray, IntArray, FloatArray]:
    """Return the arcs with those that blocks need: own units, today's zone, and every member of a block.

    Walks that are not known are straight lines × detour factor.
    """
    unit, zone, metres = arcs
    size = len(zones.zones)
    owned = [(one, place) for place, of in enumerate(zones.zones) for one in of.units]
    own_unit, own_zone = np.array(owned, dtype=np.int64).reshape(-1, 2).T
    lone = np.setdiff1d(np.arange(len(zones.today)), unit)
    nearest = _nearest_zone(study, layout, zones, lone)
    pairs = np.unique(
        np.concatenate(
            [block[unit] * size + zone, block[own_unit] * size + own_zone, block[lone] * size + nearest]
        )
    )
    members = pd.DataFrame({"block": block, "unit": np.arange(len(block))})
    every = pd.DataFrame({"block": pairs // size, "zone": pairs % size}).merge(members, on="block")
    key = every["unit"].to_numpy(np.int64) * size + every["zone"].to_numpy(np.int64)
    key.sort()
    had = unit * size + zone
    found = np.full(len(key), np.nan)
    found[np.searchsorted(key, had)] = metres
    lacking = np.flatnonzero(np.isnan(found))
    found[lacking] = _straight(study, layout, zones, key[lacking] // size, key[lacking] % size)
    return key // size, key % size, found


def _nearest_zone(study: Study, layout: Layout, zones: Zones, units: IntArray) -> IntArray:
    """Return for units without any arc today's zone, else the nearest; of their district if that binds."""
    found = zones.today[units].copy()
    district = study.city.units["district_id"].to_numpy(dtype=object)
    for place in np.flatnonzero(found < 0):
        among = np.arange(len(zones.zones))
        if study.plan.zoning.keep_districts:
            same = district[zones.own] == district[units[place]]
            among = among[same] if same.any() else among
        away = _straight(study, layout, zones, np.repeat(units[place], len(among)), among)
        found[place] = among[int(np.argmin(away))]
    return found


def _straight(study: Study, layout: Layout, zones: Zones, unit: IntArray, zone: IntArray) -> FloatArray:
    """Return straight lines × detour factor from units to the nearest school of zones."""
    sites = np.asarray(layout.seats.schools.geometry.array, dtype=object)
    places = np.array(
        [shapely.multipoints(sites[list(of.schools)]) for of in zones.zones], dtype=object
    ).reshape(-1)
    points = np.asarray(study.city.units.geometry.array, dtype=object)
    return np.asarray(shapely.distance(points[unit], places[zone]) * study.walking.detour_factor)


def _within_zones(zones: Zones, block: IntArray) -> IntArray:
    """Return edges between the schools' units of one zone: it need not touch itself there."""
    pairs = [(zone.units[0], other) for zone in zones.zones for other in zone.units[1:]]
    return block[np.array(pairs, dtype=np.int64).reshape(-1, 2)]


def _fixed(zones: Zones, block: IntArray, count: int) -> IntArray:
    fixed = np.full(count, -1, dtype=np.int64)
    for place, zone in enumerate(zones.zones):
        fixed[block[list(zone.units)]] = place
    return fixed


def _report(
    study: Study,
    zones: Zones,
    problem: DistrictingProblem,
    block: IntArray,
    exclaves: IntArray,
    *,
    locked: BoolArray,
    moving: FloatArray,
    log: FaultLog,
) -> None:
    """Say what no redraw can mend: blocks larger than any school, locked units above the seats, exclaves."""
    names = study.city.units["name"].astype(str).to_numpy()
    most = np.zeros_like(problem.demand)
    np.maximum.at(most, problem.arc_unit, problem.capacity[problem.arc_school])
    large = np.flatnonzero((problem.demand > most + 1e-9).any(axis=1))
    if len(large):
        shown = [names[np.flatnonzero(block == one)[0]] for one in large[:5]]
        pupils = (problem.demand - most)[large].max(axis=1).sum()
        log.add(
            "zoning_unit_too_large",
            severity="warning",
            stage=zones.stage,
            count=len(large),
            names=", ".join(shown),
            pupils=f"{pupils:,.0f}",
        )
    held = np.zeros_like(zones.seats)
    np.add.at(held, zones.today[locked], moving[locked])
    over = (held - problem.capacity).max(axis=1, initial=0.0)
    full = np.flatnonzero(over > 0.5)  # noqa: PLR2004  half a pupil
    if len(full):
        log.add(
            "zoning_locked_over_capacity",
            severity="warning",
            stage=zones.stage,
            catchments=", ".join(f"{zones.zones[one].name} ({over[one]:,.0f})" for one in full),
        )
    if len(exclaves):
        log.add(
            "zoning_exclaves",
            severity="notice",
            stage=zones.stage,
            count=len(exclaves),
            names=", ".join(names[exclaves[:5]]) + (" …" if len(exclaves) > 5 else ""),  # noqa: PLR2004
        )
