"""Schools that are to close: successors, their seats by year, and the walks before and after (先建后撤)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from layoutplan.arrays import BoolArray, FloatArray
from layoutplan.dictionary import empty_frame, result_table
from layoutplan.layouts.project_rows import stated_seats
from layoutplan.layouts.supply import standard_class_sizes
from layoutplan.rules.rule_inputs import RuleInputs

NO_SUCCESSOR, NOT_OPEN, FULL = "no_successor", "successor_not_open", "successor_full"


@dataclass(frozen=True)
class Closure:
    """One stage of a school that is to close.

    Attributes
    ----------
    id
        Id of the project, or of the school where only the schools table states the closure.
    name
        Name of the project or school.
    state
        State of the project; ``None`` without one.
    school_id
        The school that closes.
    successor
        School or project that takes its pupils; ``None`` where none is named.
    stage
        Id of the stage.
    closing_year
        First year without pupils.
    years
        Which years of the plan it is closed in, one value per year.
    pupils
        Pupils at the base year; the seats where pupils are not known.
    offered
        Seats of the successor, one value per year.
    taken
        Pupils of this school that the successor has room for, one value per year.
    seats_year
        First year in which the successor has seats; ``None`` if in no year of the plan.
    responsible_unit
        Unit responsible for the closure; missing where not stated.
    """

    id: str
    name: str
    state: str | None
    school_id: str
    successor: str | None
    stage: str
    closing_year: int
    years: BoolArray
    pupils: float
    offered: FloatArray
    taken: FloatArray
    seats_year: int | None
    responsible_unit: object

    @property
    def unserved(self) -> FloatArray:
        """Pupils without a seat, by year of the plan."""
        return np.where(self.years, np.maximum(self.pupils - self.taken, 0.0), 0.0)

    @property
    def reason(self) -> str:
        """Why pupils have no seat in the first year in which some have none."""
        if self.successor is None:
            return NO_SUCCESSOR
        first = int(np.argmax(self.unserved > 0))
        return FULL if self.offered[first] > 0 else NOT_OPEN


def closures(inputs: RuleInputs) -> list[Closure]:
    """Return every stage of every school that is to close, by closing year, then id.

    Closures are the projects that close a school and are neither cancelled nor carried out, and the schools
    whose closing year in the schools table lies after the base year. A successor takes pupils up to its seats
    beyond its own pupils of the base year; schools that close into the same successor share these seats in
    the order of this list. A successor that is a project has seats from its opening year whether or not the
    plan counts them: the rule judges the order of years, not how certain the project is.

    Parameters
    ----------
    inputs
        Study and stage results of the run.

    Returns
    -------
    list[Closure]
        One entry per closure and stage with pupils.
    """
    years = np.array(inputs.city.years)
    used: dict[tuple[str, str], FloatArray] = {}
    found = []
    for row in sorted(_closing_rows(inputs), key=lambda one: (one["opening_year"], one["project_id"])):
        school_id = str(row["school_id"])
        successor = row["successor_school_id"] if isinstance(row["successor_school_id"], str) else None
        until = np.inf if pd.isna(row["closing_year"]) else row["closing_year"]
        closed = np.asarray((years >= row["opening_year"]) & (years < until), dtype=np.bool_)
        for stage in inputs.city.stages:
            pupils = _pupils(inputs, school_id, stage)
            if pupils <= 0 or not closed.any():
                continue
            offered, room = _room(inputs, successor, stage)
            before = used.get((successor or "", stage), np.zeros(len(years)))
            taken = np.where(closed, np.clip(room - before, 0.0, pupils), 0.0)
            used[successor or "", stage] = before + taken
            opened = np.flatnonzero(offered > 0)
            found.append(
                Closure(
                    id=str(row["project_id"]),
                    name=str(row["name"]),
                    state=row["state"],
                    school_id=school_id,
                    successor=successor,
                    stage=stage,
                    closing_year=int(row["opening_year"]),
                    years=closed,
                    pupils=pupils,
                    offered=offered,
                    taken=taken,
                    seats_year=int(years[opened[0]]) if len(opened) else None,
                    responsible_unit=row["responsible_unit"],
                )
            )
    return found


def _closing_rows(inputs: RuleInputs) -> Iterator[dict[str, Any]]:
    """Yield the projects that close a school, and the schools closed by the schools table alone."""
    projects = inputs.table("projects")
    closing = projects[
        (projects["kind"] == "close")
        & ~projects["state"].isin(("cancelled", "opened"))
        & projects["opening_year"].notna()
        & projects["school_id"].isin(inputs.city.schools.index)
    ]
    for row in closing.to_dict("records"):
        yield {str(name): value for name, value in row.items()}
    schools = inputs.city.schools
    ahead = schools["closed_year"].notna() & (schools["closed_year"] > inputs.base_year)
    for school_id, school in schools[ahead & ~schools.index.isin(closing["school_id"])].iterrows():
        yield {
            "project_id": str(school_id),
            "name": school["name"],
            "state": None,
            "school_id": str(school_id),
            "successor_school_id": None,
            "opening_year": int(school["closed_year"]),
            "closing_year": None,
            "responsible_unit": school["responsible_unit"],
        }


def _pupils(inputs: RuleInputs, school_id: str, stage: str) -> float:
    enrolled = inputs.city.rolls(stage)["enrolment"][school_id]
    if not np.isnan(enrolled):
        return float(enrolled)
    offered = inputs.seats.seats[stage]
    return float(offered.to_numpy(dtype=float)[offered.index.get_loc(school_id), 0])


def _room(inputs: RuleInputs, successor: str | None, stage: str) -> tuple[FloatArray, FloatArray]:
    """Return the seats of a successor, and those it has beyond its own pupils, by year; none without one."""
    offered = inputs.seats.seats[stage]
    none = np.zeros(len(inputs.city.years))
    if successor is None:
        return none, none
    if successor in offered.index:
        own = inputs.city.rolls(stage)["enrolment"].get(successor, 0.0)
        seats = offered.loc[successor].to_numpy(dtype=float)
        return seats, np.maximum(seats - (0.0 if pd.isna(own) else float(own)), 0.0)
    projects = inputs.table("projects").set_index("project_id")
    alive = projects[(projects["state"] != "cancelled") & projects["opening_year"].notna()]
    if successor not in alive.index:
        return none, none
    row = {str(name): value for name, value in alive.loc[successor].items()}
    sizes = standard_class_sizes(inputs.profile, stage, inputs.city.years)
    opens = np.array(inputs.city.years) >= row["opening_year"]
    seats = np.where(opens, np.maximum(stated_seats(row, stage, sizes), 0.0), 0.0)
    return seats, seats


def closure_walks(inputs: RuleInputs) -> pd.DataFrame:
    """Return table ``closure_walks``: how far the pupils of a closing school walk before and after.

    The pupils are the demand for public seats in the catchments the school serves; where it serves none, of
    the units whose nearest school it is. The walk is that to the nearest school with counted seats: before,
    in the last year in which the school is open; after, in its closing year, without it. Pupils with no
    school within the walk limit are counted as beyond it and left out of the means.

    Parameters
    ----------
    inputs
        Study and stage results of the run.

    Returns
    -------
    DataFrame
        One row per closure and stage; walks in metres.
    """
    found = [_walked(inputs, one) for one in closures(inputs)]
    table = result_table("closure_walks")
    blank = empty_frame(table)
    return pd.DataFrame(found, columns=[*table.column_names]).astype(blank.dtypes) if found else blank


def _walked(inputs: RuleInputs, one: Closure) -> dict[str, object]:
    years = inputs.city.years
    after = int(np.argmax(one.years))
    before = max(after - 1, 0)
    row = int(inputs.seats.schools.index.get_loc(one.school_id))
    offers = inputs.seats.counted(one.stage).to_numpy(dtype=float) > 0
    others = offers[:, after] & (np.arange(len(offers)) != row)
    with_it = offers[:, before] | (np.arange(len(offers)) == row)
    near, nearest = _nearest(inputs, with_it)
    far, _ = _nearest(inputs, others)
    mine = _homes(inputs, one, nearest == row)
    pupils = np.where(mine, inputs.demand.pupils[one.stage].to_numpy(dtype=float)[:, after], 0.0)
    limit = inputs.reach_m[one.stage]
    return {
        "project_id": one.id,
        "name": one.name,
        "school_id": one.school_id,
        "successor_school_id": one.successor,
        "stage": one.stage,
        "year": years[after],
        "pupils": float(pupils.sum()),
        "limit_m": limit,
        "mean_walk_before_m": _mean(near, pupils),
        "mean_walk_after_m": _mean(far, pupils),
        "max_walk_before_m": _most(near, pupils),
        "max_walk_after_m": _most(far, pupils),
        "beyond_before": float(pupils[~(near <= limit)].sum()),
        "beyond_after": float(pupils[~(far <= limit)].sum()),
        "speed_m_s": inputs.standards.number("walking.speed"),
    }


def _homes(inputs: RuleInputs, one: Closure, nearest: BoolArray) -> BoolArray:
    """Return which units' pupils a closure affects."""
    links = inputs.zoning.catchment_schools
    own = links.loc[(links["school_id"] == one.school_id) & (links["stage"] == one.stage), "catchment_id"]
    if own.empty or one.stage not in inputs.city.unit_catchments:
        return nearest
    return np.asarray(inputs.city.unit_catchments[one.stage].isin(own).to_numpy(dtype=bool))


def _nearest(inputs: RuleInputs, chosen: BoolArray) -> tuple[FloatArray, npt.NDArray[np.int64]]:
    """Return for each unit the walk to the nearest chosen school (inf for none), and which that is (−1)."""
    kept = inputs.pairs.keep(chosen[inputs.pairs.indices])
    some = np.diff(kept.indptr) > 0
    metres, school = np.full(len(some), np.inf), np.full(len(some), -1, dtype=np.int64)
    metres[some] = kept.metres[kept.indptr[:-1][some]]
    school[some] = kept.indices[kept.indptr[:-1][some]]
    return metres, school


def _mean(metres: FloatArray, pupils: FloatArray) -> float:
    known = np.isfinite(metres) & (pupils > 0)
    return float(np.average(metres[known], weights=pupils[known])) if known.any() else float("nan")


def _most(metres: FloatArray, pupils: FloatArray) -> float:
    known = np.isfinite(metres) & (pupils > 0)
    return float(metres[known].max()) if known.any() else float("nan")
