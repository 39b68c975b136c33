"""Pupils whose walk to school crosses a trunk road (需穿越城市干道的走读学生)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layoutplan.cards import Outlined
from layoutplan.dictionary import empty_frame, result_table
from layoutplan.errors import Fault, FaultLog
from layoutplan.study import Study
from layoutplan.texts import rounded
from layoutplan.travel import Network, keep_to_side
from layoutplan.travel.barriers import TRUNK
from layoutplan.travel.distances import walk_matrix
from layoutplan.travel.distinct import distinct
from layoutplan.travel.gates import at_gates
from layoutplan.travel.matrix import WalkMatrix

_TWICE: Final = 2.0  # the meaning of "doubled"
_LEAST: Final = 1e-6  # pupils; below this is rounding error

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class SafeWalks(Outlined):
    """Walks to school that cross a trunk road.

    Attributes
    ----------
    table
        Result table ``unsafe_walks``.
    notes
        Remarks for the reader of the table.
    """

    table: pd.DataFrame
    notes: tuple[Fault, ...] = ()


def find_unsafe_walks(study: Study) -> SafeWalks:
    """Find the pupils who reach their catchment's school only over a trunk road, or by twice the way.

    A stage is looked at if the profile's ``walking.barriers`` names trunk roads for it (day pupils should not
    cross them). Every unit's walk to the nearest school of its own catchment that has seats is measured
    twice: as people walk, and keeping to one side of trunk roads but at crossings, bridges and underpasses
    (:func:`~layoutplan.travel.keep_to_side`), no farther than ``pairs`` look. The pupils of a unit

    * cross, if there is no such safe way; or, where the profile gives ``walking.barrier_penalty``, if it is
      longer than the other by more than that many metres, since they will not walk so far round;
    * walk double, if they need not cross, but the safe way is at least twice as long.

    Parameters
    ----------
    study
        Today's layout, the streets (without them nothing is known of crossings), and the standards of the
        base year: ``walking.crossing_distance``, how near a crossing must be to serve, and
        ``walking.barriers_along``, kinds of barrier along which pupils of a stage may not walk either.

    Returns
    -------
    SafeWalks
        One row a catchment and year with pupils who cross or walk double; none without roads, trunk roads in
        the barriers table, catchments, or the rule.
    """
    city, standards, network, pairs = study.city, study.standards, study.walking.network, study.today.walks
    barriers = gpd.GeoDataFrame(city.tables["barriers"], crs=city.crs)
    stages = [stage for stage in city.stages if set(TRUNK) & set(standards.words("walking.barriers", stage))]
    nothing = SafeWalks(empty_frame(result_table("unsafe_walks")))
    if network is None or not stages or not barriers["kind"].isin(TRUNK).any():
        return nothing
    if standards.find("walking.crossing_distance") is None:
        return nothing
    trunks = barriers.geometry[barriers["kind"].isin(TRUNK)]
    found: dict[bool, WalkMatrix] = {}
    parts = []
    for stage in stages:
        along = not set(TRUNK) & set(standards.words("walking.barriers_along", stage))
        if along not in found:
            safe = keep_to_side(
                network, barriers, crossing_m=standards.number("walking.crossing_distance"), walk_along=along
            )
            found[along] = _safe_pairs(study, safe, trunks=trunks, stages=stages)
        penalty = standards.find("walking.barrier_penalty", stage)
        farther_m = np.inf if penalty is None else standards.number("walking.barrier_penalty", stage)
        parts.append(_stage_rows(study, stage, (pairs, found[along]), farther_m=farther_m))
    table = pd.concat([nothing.table, *parts], ignore_index=True) if any(map(len, parts)) else nothing.table
    return SafeWalks(table, _notes(table, year=city.base_year))


def _safe_pairs(study: Study, safe: Network, *, trunks: gpd.GeoSeries, stages: list[str]) -> WalkMatrix:
    """Return the walks to the schools of catchments that keep to the safe network.

    A walk shorter than the way to the nearest trunk road never meets one: it stays as it is.
    """
    city, seats, pairs = study.city, study.today.seats, study.today.walks
    links = study.today.zoning.catchment_schools
    linked = seats.schools.index.isin(links.loc[links["stage"].isin(stages), "school_id"])
    own = pairs.keep(linked[pairs.indices])
    away_m = city.units.geometry.distance(trunks.union_all()).to_numpy()
    meets = own.metres >= away_m[own.rows]
    units, schools = distinct(own.rows[meets]), distinct(own.indices[meets])
    found = walk_matrix(
        city.units.geometry.iloc[units],
        at_gates(seats.schools.geometry.iloc[schools], city.gates),
        limit_m=pairs.limit_m,
        network=safe,
        snap_limit_m=study.walking.snap_limit_m,
        store=study.walking.store,
    )
    asked = np.isin(
        units[found.rows] * len(pairs.destinations) + schools[found.indices],
        own.rows[meets] * len(pairs.destinations) + own.indices[meets],
    )
    return own.keep(~meets).with_pairs(
        units[found.rows][asked],
        schools[found.indices][asked].astype(np.int64),
        found.metres[asked],
    )


def _stage_rows(
    study: Study, stage: str, walks: tuple[WalkMatrix, WalkMatrix], *, farther_m: float
) -> pd.DataFrame:
    """Return the table's rows of one stage."""
    demand, seats, zoning = study.demand, study.today.seats, study.today.zoning
    held = zoning.unit_catchments[stage]
    code, names = pd.factorize(held, sort=True)
    links = zoning.links(stage)
    catchment = pd.Index(names).get_indexer(pd.Index(links["catchment_id"]))
    school = seats.schools.index.get_indexer(pd.Index(links["school_id"]))
    known = (catchment >= 0) & (school >= 0)
    catchment, school = catchment[known].astype(np.int64), school[known]
    offered = seats.counted(stage).to_numpy(dtype=float)[school] > 0
    count = len(seats.schools)
    own = tuple(_own(pairs, code, catchment * count + school, schools=count) for pairs in walks)
    nearest: dict[bytes, list[Array]] = {}
    rows = []
    for position, year in enumerate(demand.years):
        served = offered[:, position]
        if served.tobytes() not in nearest:
            keys = (catchment * count + school)[served]
            nearest[served.tobytes()] = [_nearest(_own(pairs, code, keys, schools=count)) for pairs in own]
        today, safe = nearest[served.tobytes()]
        pupils = demand.pupils[stage].iloc[:, position].to_numpy(dtype=float)
        rows.append(_year_rows(code, names, pupils, today, safe, farther_m=farther_m).assign(year=year))
    table = pd.concat(rows, ignore_index=True)
    named = zoning.catchments.reindex(table["catchment_id"])
    return table.assign(
        stage=stage, name=named["name"].to_numpy(), district_id=named["district_id"].to_numpy()
    )


def _own(
    pairs: WalkMatrix, code: npt.NDArray[np.intp], keys: npt.NDArray[np.int64], *, schools: int
) -> WalkMatrix:
    """Return the pairs of units with schools of their own catchment; ``keys`` are catchment × school."""
    held = code[pairs.rows].astype(np.int64)
    return pairs.keep((held >= 0) & np.isin(held * schools + pairs.indices, keys))


def _nearest(pairs: WalkMatrix) -> Array:
    metres: Array = np.asarray(pairs.nearest(), dtype=np.float64)
    return metres


def _year_rows(
    code: npt.NDArray[np.intp],
    names: pd.Index,
    pupils: Array,
    today: Array,
    safe: Array,
    *,
    farther_m: float,
) -> pd.DataFrame:
    """Return a year's catchments with pupils who cross or walk double."""
    walks = (code >= 0) & np.isfinite(today)
    code, pupils, today, safe = code[walks], pupils[walks], today[walks], safe[walks]
    crosses = ~np.isfinite(safe) | (safe > today + farther_m)
    doubles = ~crosses & (safe >= _TWICE * today) & (safe > today)
    total, crossing, doubled = (
        np.bincount(code, weights=pupils * mask, minlength=len(names))
        for mask in (np.ones(len(code)), crosses, doubles)
    )
    rows = np.flatnonzero(crossing + doubled > _LEAST)
    return pd.DataFrame(
        {
            "catchment_id": names.to_numpy()[rows],
            "pupils": total[rows],
            "crossing": crossing[rows],
            "doubled": doubled[rows],
            "crossing_share": crossing[rows] / total[rows],
        }
    )


def _notes(table: pd.DataFrame, *, year: int) -> tuple[Fault, ...]:
    """Say how many pupils cross or walk double in the base year, by stage."""
    log = FaultLog()
    for stage, rows in table[table["year"] == year].groupby("stage", sort=False):
        crossing = rounded(rows["crossing"].sum())
        log.add(
            "unsafe_walks" if crossing else "long_safe_walks",
            severity="warning",
            table="catchments",
            rows=rows.sort_values("crossing", ascending=False, kind="stable")["catchment_id"],
            stage=stage,
            **({"crossing": f"{crossing:,.0f}"} if crossing else {}),
            doubled=f"{rounded(rows['doubled'].sum()):,.0f}",
        )
    return tuple(log)
