"""Zones: the catchments that a redraw divides the units among, with their schools, seats and own units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.balance.catchment_view import positions, school_links
from layoutplan.balance.division import divide_seats
from layoutplan.balance.measures import sums
from layoutplan.errors import FaultLog
from layoutplan.layouts.layout import Layout
from layoutplan.study import Study
from layoutplan.texts import text

SCHOOL_OUTSIDE: Final = "zoning_school_outside"
"""Code of the fault of a school that stands in no unit."""
_NEAR_M: Final = 300.0
"""A school outside every cell belongs to the nearest one within this distance."""


@dataclass(frozen=True)
class Zone:
    """A catchment of one school, or of several that it is drawn for (多校划片).

    Attributes
    ----------
    catchment_id, name
        Id and name of the catchment.
    schools
        Positions of its schools in the layout.
    units
        Units that always belong to it, because its schools stand there; the first is its own unit.
    parent
        For a new catchment the one that holds its school today, else ``None``.
    """

    catchment_id: str
    name: str
    schools: tuple[int, ...]
    units: tuple[int, ...]
    parent: str | None = None

    @property
    def is_new(self) -> bool:
        """Whether today has no such catchment."""
        return self.parent is not None


@dataclass(frozen=True)
class Zones:
    """The zones of one stage.

    Attributes
    ----------
    stage
        Stage.
    years
        School years in which the pupils must fit, and their columns.
    zones
        Ordered by ``catchment_id``; new ones last.
    seats
        Zones × years. A school of several zones divides its seats as the evaluation divides them.
    today
        Units: position of today's zone, −1 for none.
    closing
        Catchments that have no school with seats in these years; their units go to others.
    """

    stage: str
    years: tuple[int, ...]
    columns: IntArray
    zones: tuple[Zone, ...]
    seats: FloatArray
    today: IntArray
    closing: tuple[str, ...]

    @property
    def own(self) -> IntArray:
        """The own unit of each zone."""
        return np.array([zone.units[0] for zone in self.zones], dtype=np.int64)


def stage_zones(study: Study, layout: Layout, *, stage: str, years: tuple[int, ...], log: FaultLog) -> Zones:
    """Return the zones of a stage.

    A catchment keeps the schools it has today that have seats in any of the years; one without units is left
    as it is. A school that a project or
    a proposal opens in it gets a catchment of its own, unless no other school of the catchment has seats.

    Parameters
    ----------
    study
        City, adjacency and demand.
    layout
        The layout whose catchments are redrawn.
    stage
        Stage.
    years
        School years in which the pupils must fit.
    log
        Receives schools outside every unit (errors), schools that share a unit and catchments without seats
        (notices).

    Returns
    -------
    Zones
        Without zones where no school of the stage has seats.
    """
    columns = np.array([study.years.index(year) for year in years], dtype=np.int64)
    counted = layout.seats.counted(stage).to_numpy(dtype=float)[:, columns]
    demand = study.demand.pupils[stage].to_numpy(dtype=float)[:, columns]
    catchments = layout.zoning.of_stage(stage)
    links = school_links(layout, stage, catchments.index)
    stands = _units_of_schools(study, layout, stage, np.flatnonzero((counted > 0).any(axis=1)), log)
    drafts: list[tuple[str, str, tuple[int, ...], str | None]] = []
    closing: list[str] = []
    old_ids = set(study.city.schools.index)
    names = layout.seats.schools["name"].astype(str)
    peopled = set(layout.zoning.held(stage).dropna())
    for place, key in enumerate(catchments.index):
        members = links.loc[links["catchment"] == place, "school"].to_numpy(np.int64)
        members = members[(counted[members] > 0).any(axis=1) & np.isin(members, [*stands])]
        is_old = np.array([layout.seats.schools.index[one] in old_ids for one in members], dtype=bool)
        kept = members[is_old] if is_old.any() else members[:1]
        if len(kept) and key in peopled:
            drafts.append((str(key), str(catchments["name"].iloc[place]), tuple(kept.tolist()), None))
        elif not len(kept):
            closing.append(str(key))
        for school in np.setdiff1d(members, kept):
            school_id = str(layout.seats.schools.index[school])
            name = text("zoning.catchment_of", study.lang, school=names.iloc[school])
            drafts.append((f"{school_id}-{stage}", name, (int(school),), str(key)))
    drafts.sort(key=lambda one: (one[3] is not None, one[0]))
    ids = [one[0] for one in drafts]
    today = positions(layout.zoning.held(stage), pd.Index(ids, dtype=object))
    zones = _with_units(study, layout, drafts, stands=stands, today=today, stage=stage, log=log)
    if closing:
        shown = catchments.loc[closing, "name"].astype(str)
        log.add("zoning_closing", severity="notice", stage=stage, catchments=", ".join(shown))
    return Zones(
        stage=stage,
        years=years,
        columns=columns,
        zones=zones,
        seats=zone_seats(zones, today=today, demand=demand, counted=counted),
        today=today,
        closing=tuple(closing),
    )


def _units_of_schools(
    study: Study, layout: Layout, stage: str, schools: IntArray, log: FaultLog
) -> dict[int, int]:
    """Return the unit in which each school stands; report those far from every unit."""
    places = layout.seats.schools.geometry.iloc[schools]
    unit = study.adjacency.unit_at(places)
    lost = np.flatnonzero(unit < 0)
    if len(lost) and len(study.city.units):
        cells = np.asarray(study.adjacency.cells.array, dtype=object)
        some = np.flatnonzero(~shapely.is_empty(cells))
        points = np.asarray(places.array, dtype=object)[lost]
        near, metres = shapely.STRtree(cells[some]).query_nearest(
            points, return_distance=True, all_matches=False
        )
        unit[lost] = np.where(metres <= _NEAR_M, some[near[1]], -1)
    serving = set(layout.zoning.links(stage)["school_id"])
    ids = layout.seats.schools.index[schools]
    outside = [str(ids[place]) for place in np.flatnonzero(unit < 0) if ids[place] in serving]
    if outside:
        log.add("zoning_school_outside", table="schools", rows=outside, stage=stage, limit=_NEAR_M)
    return {int(school): int(at) for school, at in zip(schools, unit, strict=True) if at >= 0}


def _with_units(
    study: Study,
    layout: Layout,
    drafts: list[tuple[str, str, tuple[int, ...], str | None]],
    *,
    stands: dict[int, int],
    today: IntArray,
    stage: str,
    log: FaultLog,
) -> tuple[Zone, ...]:
    """Give each zone the units its schools stand in; one of two zones in one unit takes another.

    The zone that holds the unit today keeps it, else the first.
    """
    wanted: dict[int, list[int]] = {}
    for place, (_, _, schools, _) in enumerate(drafts):
        for unit in dict.fromkeys(stands[school] for school in schools):
            wanted.setdefault(unit, []).append(place)
    owner = {
        unit: next((one for one in claims if one == today[unit]), claims[0])
        for unit, claims in wanted.items()
    }
    points = np.asarray(study.city.units.geometry.array, dtype=object)
    sites = np.asarray(layout.seats.schools.geometry.array, dtype=object)
    shared: list[str] = []
    found = []
    for place, (key, name, schools, parent) in enumerate(drafts):
        units = [unit for unit in dict.fromkeys(stands[one] for one in schools) if owner[unit] == place]
        if not units:
            unit = _nearest_free(points, sites[schools[0]], free=_free(today, place, owner, len(points)))
            other = owner[stands[schools[0]]]
            owner[unit] = place
            units = [unit]
            if schools[0] not in drafts[other][2]:  # one school of two catchments may stand in one of them
                shared.append(str(layout.seats.schools["name"].iloc[schools[0]]))
        found.append(Zone(key, name, schools, tuple(units), parent))
    if shared:
        log.add(
            "zoning_schools_share_unit",
            severity="notice",
            stage=stage,
            count=len(shared),
            schools=", ".join(shared),
        )
    return tuple(found)


def _free(today: IntArray, place: int, owner: dict[int, int], count: int) -> IntArray:
    """Return the units that a zone may take as its own: of its own catchment today, else any."""
    taken = np.zeros(count, dtype=bool)
    taken[[*owner]] = True
    own = np.flatnonzero((today == place) & ~taken)
    return own if len(own) else np.flatnonzero(~taken)


def _nearest_free(points: npt.NDArray[np.object_], site: shapely.Geometry, *, free: IntArray) -> int:
    return int(free[int(np.argmin(shapely.distance(points[free], site)))])


def zone_seats(
    zones: tuple[Zone, ...], *, today: IntArray, demand: FloatArray, counted: FloatArray
) -> FloatArray:
    """Return the seats of each zone: those of its schools, shared ones divided as the evaluation does.

    Parameters
    ----------
    zones
        The zones.
    today
        Units: position of today's zone, −1 for none.
    demand
        Pupils, units × years.
    counted
        Counted seats, schools × years.
    """
    pairs = [(place, school) for place, zone in enumerate(zones) for school in zone.schools]
    links = pd.DataFrame(pairs, columns=["catchment", "school"], dtype=np.int64)
    return divide_seats(links, counted, sums(demand, today, count=len(zones)))
