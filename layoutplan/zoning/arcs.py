"""Which zones are open to which units, and the walk to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from layoutplan.arrays import BoolArray, FloatArray, IntArray
from layoutplan.layouts.layout import Layout
from layoutplan.study import Study
from layoutplan.zoning.feeders import fed_zones
from layoutplan.zoning.zones import Zones


@dataclass(frozen=True)
class Arcs:
    """Assignments of units to zones, sorted by unit and zone.

    Attributes
    ----------
    unit, zone
        Positions.
    metres
        Walk to the nearest school of the zone.
    """

    unit: IntArray
    zone: IntArray
    metres: FloatArray


Permits = Callable[[IntArray, IntArray], BoolArray]
"""Of units and zones: whether districts, locks and the feeder map permit each pair, however far."""


def permitted_pairs(
    study: Study, zones: Zones, held: pd.DataFrame, *, locked: BoolArray, without: str = ""
) -> Permits:
    """Return which assignments districts, locks and the feeder map permit, however far.

    Parameters
    ----------
    study, zones
        As for :func:`open_arcs`.
    held
        Units × stages: catchments; of the stages already divided the new ones.
    locked
        Units that stay.
    without
        ``keep_districts`` or ``keep_feeders`` to leave that rule out.

    Returns
    -------
    Permits
        A function of units and zones.
    """
    settings = study.plan.zoning
    districts = settings.keep_districts and without != "keep_districts"
    feeders = settings.keep_feeders and without != "keep_feeders"
    fed = fed_zones(study, zones, held) if feeders else None
    code, _ = pd.factorize(study.city.units["district_id"])

    def permits(unit: IntArray, zone: IntArray) -> BoolArray:
        current = zones.today[unit] == zone
        keep = ~locked[unit] | current
        if districts:
            keep &= (code[unit] == code[zones.own[zone]]) | (code[unit] < 0)
        if fed is not None:
            keep &= fed.permits(unit, zone) | current
        return np.asarray(keep)

    return permits


def walk_limit_m(study: Study, stage: str) -> float:
    """Return how far a pupil may walk to a school that is new to the unit.

    Parameters
    ----------
    study
        Plan and reach.
    stage
        Stage.

    Returns
    -------
    float
        Metres: ``walk_limit_m`` of ``[zoning]``, else the reach of the stage.
    """
    limits = study.plan.zoning.walk_limit_m
    return next((metres for known, metres in limits.items() if known == stage), study.reach_m[stage])


def open_arcs(study: Study, layout: Layout, zones: Zones, permits: Permits) -> Arcs:
    """Return the permitted assignments: within the walk limit, to today's zone, and to the nearest one.

    Parameters
    ----------
    study
        Plan and city.
    layout
        Walks.
    zones
        Zones of a stage.
    permits
        Of :func:`permitted_pairs`.

    Returns
    -------
    Arcs
        Known walks only.
    """
    known = _zone_walks(layout, zones)
    keep = permits(known.unit, known.zone)
    unit, zone, metres = known.unit[keep], known.zone[keep], known.metres[keep]
    order = np.lexsort((zone, metres, unit))
    nearest = np.zeros(len(unit), dtype=bool)
    nearest[order[np.flatnonzero(np.diff(unit[order], prepend=-1))]] = True
    near = (metres <= walk_limit_m(study, zones.stage)) | nearest | (zones.today[unit] == zone)
    return Arcs(unit[near], zone[near], metres[near])


def completed(
    study: Study,
    layout: Layout,
    zones: Zones,
    block: IntArray,
    arcs: Arcs,
    *,
    extra: tuple[IntArray, IntArray],
    permits: Permits,
) -> Arcs:
    """Return the arcs with those that blocks need: own units, today's zone, every member, and extra ones.

    Parameters
    ----------
    study, layout, zones
        As for :func:`open_arcs`.
    block
        Units: the block of each.
    arcs
        Arcs of units.
    extra
        Blocks and zones that are joined besides.
    permits
        Of :func:`permitted_pairs`.

    Returns
    -------
    Arcs
        Walks that are not known are straight lines × detour factor.
    """
    size = len(zones.zones)
    owned = [(one, place) for place, of in enumerate(zones.zones) for one in of.units]
    own_unit, own_zone = np.array(owned, dtype=np.int64).reshape(-1, 2).T
    lone = np.setdiff1d(np.arange(len(zones.today)), arcs.unit)
    nearest = _nearest_zone(study, layout, zones, lone, permits)
    pairs = np.unique(
        np.concatenate(
            [
                block[arcs.unit] * size + arcs.zone,
                block[own_unit] * size + own_zone,
                block[lone] * size + nearest,
                extra[0] * size + extra[1],
            ]
        )
    )
    members = pd.DataFrame({"block": block, "unit": np.arange(len(block))})
    every = pd.DataFrame({"block": pairs // size, "zone": pairs % size}).merge(members, on="block")
    key = every["unit"].to_numpy(np.int64) * size + every["zone"].to_numpy(np.int64)
    key.sort()
    found = np.full(len(key), np.nan)
    found[np.searchsorted(key, arcs.unit * size + arcs.zone)] = arcs.metres
    lacking = np.flatnonzero(np.isnan(found))
    found[lacking] = _straight(study, layout, zones, key[lacking] // size, key[lacking] % size)
    return Arcs(key // size, key % size, found)


def walks_to_zones(study: Study, layout: Layout, zones: Zones, unit: IntArray, zone: IntArray) -> FloatArray:
    """Return the walks from units to zones; straight lines × detour factor where they are not known.

    Parameters
    ----------
    study, layout, zones
        As for :func:`open_arcs`.
    unit, zone
        Positions of the pairs.

    Returns
    -------
    array of float
        Metres.
    """
    known, size = _zone_walks(layout, zones), len(zones.zones)
    found = _straight(study, layout, zones, unit, zone)
    key, asked = known.unit * size + known.zone, unit * size + zone
    place = np.minimum(np.searchsorted(key, asked), max(len(key) - 1, 0))
    if len(key):
        met = key[place] == asked
        found[met] = known.metres[place[met]]
    return found


def _zone_walks(layout: Layout, zones: Zones) -> Arcs:
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
    return Arcs(
        least.index.get_level_values(0).to_numpy(np.int64),
        least.index.get_level_values(1).to_numpy(np.int64),
        least.to_numpy(dtype=np.float64),
    )


def _nearest_zone(study: Study, layout: Layout, zones: Zones, units: IntArray, permits: Permits) -> IntArray:
    """Return for units without any arc today's zone, else the nearest that is permitted."""
    found = zones.today[units].copy()
    every = np.arange(len(zones.zones))
    for place in np.flatnonzero(found < 0):
        unit = np.full(len(every), units[place])
        open_ = permits(unit, every)
        among = every[open_] if open_.any() else every
        away = _straight(study, layout, zones, unit[: len(among)], among)
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
