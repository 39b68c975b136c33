"""Estates occupied before their schools open (学校滞后的住宅项目)."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from layoutplan.layouts.seats import Seats
from layoutplan.outlook.inputs import StageInputs
from layoutplan.outlook.peaks import MIN_SHORTFALL
from layoutplan.texts import Language, number, other_language, text

_NOT_OPENED = ("planned", "built", "delivered", "idle")


def estate_gap_rows(inputs: StageInputs, seats: Seats, *, lang: Language) -> pd.DataFrame:
    """Return table ``estate_gaps`` of one stage: estates whose schools lag behind occupancy, in table order.

    An estate lags for one of these reasons:

    * ``late``: the first attached school or project of the stage has seats only after the first occupancy, or
      not within the plan;
    * ``closed``: it is occupied at the base year and its attached kindergarten has not opened;
    * ``none``: no school of the stage is attached, it brings pupils in some year of the plan, and its
      catchment lacks seats in some year from the first occupancy on. It cannot be established in a stage
      without catchments.

    An attached school has seats from the year it opened, where the schools table states it, else from the
    first year of the plan with counted seats.

    Parameters
    ----------
    inputs
        Demand, estates and partition of the stage.
    seats
        Seats of today's layout.
    lang
        Language of column ``remark``; ``remark_translated`` has the other.

    Returns
    -------
    pandas.DataFrame
        One row per lagging estate; an empty frame without columns if there is none.
    """
    estates = inputs.demand.estates
    if estates is None:
        return pd.DataFrame()
    rows = []
    for position, estate in enumerate(estates.table.to_dict("records")):
        lag = _lag(inputs, seats, estate, position=position)
        if lag is not None:
            rows.append(_row(inputs, estate, lag, lang=lang, position=position))
    return pd.DataFrame(rows)


@dataclass(frozen=True)
class _Lag:
    """Reason and size of an estate's lag."""

    reason: str
    schools: tuple[str, ...]
    named: tuple[str, ...]
    school_year: int | None
    catchment: int
    shortfall: float


def _lag(inputs: StageInputs, seats: Seats, estate: Mapping[Hashable, Any], *, position: int) -> _Lag | None:
    first = int(estate["first_occupancy_year"])
    base = inputs.city.base_year
    named = estate["school_ids"]
    schools = _attached(inputs, seats, named if isinstance(named, (list, tuple)) else ())
    opened = [year for school in schools if (year := _first_seats(inputs, seats, school)) is not None]
    catchment = _catchment_of(inputs, position)
    shortfall = _shortfall(inputs, catchment, since=first)
    school_year = min(opened, default=None)
    filling = _brought(inputs, position) >= MIN_SHORTFALL
    closed = inputs.stage == "kindergarten" and first <= base and estate["kindergarten_state"] in _NOT_OPENED
    if schools and (school_year is None or school_year > first):
        reason = "late"
    elif closed:
        reason = "closed"
    elif not schools and filling and shortfall >= MIN_SHORTFALL:
        reason = "none"
    else:
        return None
    return _Lag(
        reason,
        schools,
        _names(inputs, seats, schools),
        school_year,
        catchment,
        shortfall if catchment >= 0 else np.nan,
    )


def _attached(inputs: StageInputs, seats: Seats, named: Collection[object]) -> tuple[str, ...]:
    """Return the attached schools that teach the stage; a project that does not count yet is included."""
    kinds = seats.schools["school_type"]
    projects = inputs.city.tables["projects"].set_index("project_id")
    found = []
    for name in map(str, named):
        if name in kinds.index:
            kind = str(kinds[name])
        elif name in projects.index:
            kind = str(projects.loc[name, "school_type"])
        else:
            continue
        if inputs.stage in inputs.city.schooling.taught_by(kind):
            found.append(name)
    return tuple(found)


def _names(inputs: StageInputs, seats: Seats, schools: Collection[str]) -> tuple[str, ...]:
    """Return the names of schools and projects; the id of one that has none."""
    projects = inputs.city.tables["projects"].drop_duplicates("project_id").set_index("project_id")["name"]
    known = pd.concat([seats.schools["name"], projects]).dropna()
    known = known[~known.index.duplicated()]
    return tuple(str(known.get(school, school)) for school in schools)


def _first_seats(inputs: StageInputs, seats: Seats, school: str) -> int | None:
    """Return the first year in which a school has counted seats; ``None`` if there is none in the plan."""
    if school not in seats.schools.index:
        return None
    row = seats.schools.index.get_loc(school)
    offered = np.flatnonzero(seats.counted(inputs.stage).to_numpy(dtype=float)[row] > 0)
    if not len(offered):
        return None
    year = inputs.city.years[int(offered[0])]
    opened = inputs.city.schools["opened_year"].dropna()
    return min(int(opened[school]), year) if year == inputs.city.base_year and school in opened else year


def _catchment_of(inputs: StageInputs, estate: int) -> int:
    """Return the catchment with the largest share of an estate's residents, −1 for none."""
    if inputs.demand.estates is None:
        return -1
    homes = inputs.demand.estates.homes
    mine = homes[homes["estate"] == estate]
    place = inputs.parts.unit_catchment[mine["unit"].to_numpy(dtype=int)]
    inside = place >= 0
    if not inside.any():
        return -1
    return int(np.bincount(place[inside], weights=mine["share"].to_numpy(dtype=float)[inside]).argmax())


def _shortfall(inputs: StageInputs, catchment: int, *, since: int) -> float:
    later = np.array(inputs.city.years) >= since
    if catchment < 0 or not later.any():
        return 0.0
    return float(inputs.parts.shortfall[catchment, later].max())


def _brought(inputs: StageInputs, estate: int) -> float:
    """Return the largest number of pupils an estate brings in any year of the plan."""
    estates = inputs.demand.estates
    return 0.0 if estates is None else float(estates.pupils[inputs.stage][estate].max(initial=0.0))


def _row(
    inputs: StageInputs, estate: Mapping[Hashable, Any], lag: _Lag, *, lang: Language, position: int
) -> dict[str, object]:
    inside = lag.catchment >= 0
    district = estate["district_id"]
    if pd.isna(district) and inside:
        at = int(inputs.parts.district[lag.catchment])
        district = inputs.city.districts.index[at] if at >= 0 else None
    first = int(estate["first_occupancy_year"])
    late = None if lag.school_year is None else lag.school_year - first
    return {
        "housing_id": estate["housing_id"],
        "phase": estate["phase"],
        "name": estate["name"],
        "stage": inputs.stage,
        "district_id": district,
        "catchment_id": inputs.catchments[lag.catchment] if inside else None,
        "dwellings": estate["dwellings"],
        "first_occupancy_year": first,
        "new_pupils": _brought(inputs, position),
        "school_ids": ";".join(lag.schools) or None,
        "school_year": lag.school_year,
        "years_late": late,
        "catchment_shortfall": lag.shortfall,
        "reason": lag.reason,
        "remark": _remark(lag, first=first, late=late, lang=lang),
        "remark_translated": _remark(lag, first=first, late=late, lang=other_language(lang)),
    }


def _remark(lag: _Lag, *, first: int, late: int | None, lang: Language) -> str:
    key = "unopened" if lag.reason == "late" and late is None else lag.reason
    words = {
        "schools": "、".join(lag.named) if lang == "zh" else ", ".join(lag.named),
        "first": first,
        "year": lag.school_year,
        "late": late,
        "seats": number(lag.shortfall, lang),
    }
    return text(f"outlook.estate.{key}", lang, **words)
