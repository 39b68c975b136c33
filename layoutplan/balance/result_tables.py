"""Convert the evaluation to result tables of the data dictionary."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from layoutplan.arrays import FloatArray
from layoutplan.balance.catchment_view import positions
from layoutplan.balance.measures import GroupMeasures, measure_groups, ratio, sums
from layoutplan.balance.school_view import enrolment_of
from layoutplan.balance.stage_balance import StageBalance
from layoutplan.city.city import City
from layoutplan.dictionary import constant, stacked
from layoutplan.layouts.layout import Layout
from layoutplan.layouts.seats import Seats


def school_table(stages: Sequence[StageBalance], city: City, layout: Layout) -> pd.DataFrame:
    """Return table ``school_balance``: one row per school, stage it teaches and year.

    Parameters
    ----------
    stages
        Evaluation of each stage.
    city
        Units, districts and years.
    layout
        Layout evaluated; provides its id, schools and catchments.

    Returns
    -------
    pandas.DataFrame
        All columns of the result table.
    """
    frames = []
    for one in stages:
        figures = one.schools
        schools = pd.DataFrame(layout.seats.schools.iloc[figures.rows]).reset_index()
        frames.append(
            long_rows(
                schools[["school_id", "name", "school_type", "status", "district_id"]],
                one.stage,
                city.years,
                seats=figures.seats,
                enrolment=figures.enrolment,
                over_capacity=figures.over_capacity,
                enrolment_utilisation=ratio(figures.enrolment, figures.seats),
                assigned=figures.assigned,
                spare=one.counted[figures.rows] - figures.assigned,
                utilisation=ratio(figures.assigned, figures.seats),
                beds=figures.beds,
                boarders=figures.boarders,
                share_within_radius=figures.share_within_radius,
                mean_walk_m=figures.mean_walk_m,
                max_walk_m=figures.max_walk_m,
                served_per_seat=figures.served_per_seat,
                saved_m_per_seat=figures.saved_m_per_seat,
            ),
        )
    return stacked("school_balance", frames, layout=layout.id)


def catchment_table(stages: Sequence[StageBalance], city: City, layout: Layout) -> pd.DataFrame:
    """Return table ``catchment_balance``: one row per catchment, stage and year.

    Parameters
    ----------
    stages, city, layout
        As in :func:`school_table`.

    Returns
    -------
    pandas.DataFrame
        All columns of the result table.
    """
    frames = []
    for one in stages:
        parts, count = one.parts, len(one.parts.catchments)
        district = parts.district[:count]
        ids = city.districts.index.to_numpy(dtype=object)
        catchments = pd.DataFrame(
            {
                "catchment_id": parts.catchments,
                "name": layout.zoning.catchments.loc[parts.catchments, "name"].to_numpy(),
                "district_id": [ids[place] if place >= 0 else None for place in district],
            },
        )
        frames.append(
            long_rows(
                catchments,
                one.stage,
                city.years,
                schools=parts.schools[:count],
                seats=parts.seats[:count],
                shortfall=parts.shortfall[:count],
                surplus=parts.surplus[:count],
                utilisation=ratio(parts.demand[:count], parts.seats[:count]),
                **_bounds(one, parts.unit_catchment, count=count),
                **_measures(one, measure_groups(one.units, parts.unit_catchment, count=count)),
            ),
        )
    return stacked("catchment_balance", frames, layout=layout.id)


def district_table(stages: Sequence[StageBalance], city: City, layout: Layout) -> pd.DataFrame:
    """Return table ``district_balance``: one row per district, stage and year.

    Parameters
    ----------
    stages, city, layout
        As in :func:`school_table`.

    Returns
    -------
    pandas.DataFrame
        All columns of the result table.
    """
    districts = pd.DataFrame({"district_id": city.districts.index, "name": city.districts.get("name")})
    count = len(districts)
    frames = []
    for one in stages:
        parts = one.parts
        school_district = positions(layout.seats.schools["district_id"], city.districts.index)
        figures = measure_groups(one.units, parts.unit_district, count=count)
        offered = parts.by_district(parts.seats)[:count]
        frames.append(
            long_rows(
                districts,
                one.stage,
                city.years,
                schools=sums((one.counted > 0).astype(float), school_district, count=count),
                seats=offered,
                seats_located=sums(one.counted, school_district, count=count),
                shortfall=_within_catchments(one, parts.by_district(parts.shortfall)[:count]),
                surplus=_within_catchments(one, parts.by_district(parts.surplus)[:count]),
                utilisation=ratio(figures.demand, offered),
                **_bounds(one, parts.unit_district, count=count),
                **_measures(one, figures),
            ),
        )
    return stacked("district_balance", frames, layout=layout.id)


def city_table(stages: Sequence[StageBalance], city: City, layout: Layout) -> pd.DataFrame:
    """Return table ``city_balance``: one row per stage and year.

    Parameters
    ----------
    stages, city, layout
        As in :func:`school_table`.

    Returns
    -------
    pandas.DataFrame
        All columns of the result table.
    """
    frames = []
    everyone = np.zeros(len(city.units), dtype=np.int64)
    for one in stages:
        parts = one.parts
        figures = measure_groups(one.units, everyone, count=1)
        offered = one.counted.sum(axis=0, keepdims=True)
        outside = sums(one.units.demand, np.where(parts.unit_catchment < 0, 0, -1), count=1)
        enrolment, over_capacity = _enrolment(one, city, layout.seats)
        frames.append(
            long_rows(
                pd.DataFrame(index=[0]),
                one.stage,
                city.years,
                schools=(one.counted > 0).sum(axis=0, keepdims=True).astype(float),
                children=figures.children,
                seats=offered,
                shortfall=_within_catchments(one, parts.shortfall.sum(axis=0, keepdims=True)),
                surplus=_within_catchments(one, parts.surplus.sum(axis=0, keepdims=True)),
                utilisation=ratio(figures.demand, offered),
                balance=offered - figures.demand,
                enrolment=enrolment,
                over_capacity_schools=over_capacity,
                outside_catchments=_within_catchments(one, outside),
                **_bounds(one, everyone, count=1),
                **_measures(one, figures),
            ),
        )
    return stacked("city_balance", frames, layout=layout.id)


def unit_table(stages: Sequence[StageBalance], city: City, layout: Layout) -> pd.DataFrame:
    """Return table ``unit_demand``: one row per unit, stage and year.

    Parameters
    ----------
    stages, city, layout
        As in :func:`school_table`.

    Returns
    -------
    pandas.DataFrame
        All columns of the result table; texts are categorical to save memory.
    """
    units = pd.DataFrame(
        {
            "unit_id": _every(city.units.index),
            "area_id": pd.Categorical(city.units["area_id"].astype(object)),
        }
    )
    frames = [
        long_rows(
            units,
            one.stage,
            city.years,
            children=one.units.children,
            demand=one.units.demand,
            served=one.units.served,
            unserved=one.units.demand - one.units.served,
            short=one.short,
            boarders=one.units.boarders,
            mean_walk_m=ratio(one.units.pupil_metres, one.units.walking),
            nearest_school_m=one.units.nearest_m,
        )
        for one in stages
    ]
    return stacked("unit_demand", frames, layout=layout.id, texts="category")


def assignment_table(stages: Sequence[StageBalance], city: City, layout: Layout) -> pd.DataFrame:
    """Return table ``assignment``: pupils by unit, school, stage and year; pairs without pupils are omitted.

    Within a year, pupils who walk precede those who board.

    Parameters
    ----------
    stages, city, layout
        As in :func:`school_table`.

    Returns
    -------
    pandas.DataFrame
        All columns of the result table; texts are categorical to save memory.
    """
    units, schools = _every(city.units.index), _every(layout.seats.schools.index)
    frames = []
    for one in stages:
        placed = [
            part
            for year, of in zip(city.years, one.placement.years, strict=True)
            for part in (
                (year, False, of.walks, of.pupils, of.walks.metres),
                (year, True, of.ways, of.boarders, np.full(len(of.boarders), np.nan)),
            )
        ]
        years, boards, walks, pupils, metres = zip(*placed, strict=True)
        sizes = [len(part) for part in pupils]
        frames.append(
            pd.DataFrame(
                {
                    "unit_id": units.take(np.concatenate([part.units for part in walks])),
                    "school_id": schools.take(np.concatenate([part.schools for part in walks])),
                    "year": np.repeat(np.array(years, dtype=np.int64), sizes),
                    "pupils": np.concatenate(pupils),
                    "metres": np.concatenate(metres),
                    "boards": np.repeat(np.array(boards), sizes),
                    "stage": constant(one.stage, sum(sizes)),
                },
            )
        )
    return stacked("assignment", frames, layout=layout.id, texts="category")


def _bounds(one: StageBalance, group: npt.NDArray[np.int64], *, count: int) -> dict[str, FloatArray]:
    """Return the least and largest demand of groups that suppressed counts allow; nan without any."""
    if one.demand_bounds is None:
        nothing = np.full((count, one.units.demand.shape[1]), np.nan)
        return {"demand_low": nothing, "demand_high": nothing}
    ends = [sums(side, group, count=count) for side in one.demand_bounds]
    return {"demand_low": np.minimum(*ends), "demand_high": np.maximum(*ends)}


def _within_catchments(one: StageBalance, figures: FloatArray) -> FloatArray:
    """Return figures about catchments; all missing for a stage without catchments."""
    return np.full_like(figures, np.nan) if one.parts.catchments.empty else figures


def _enrolment(one: StageBalance, city: City, seats: Seats) -> tuple[FloatArray, FloatArray]:
    """Return the enrolment of counted schools and how many exceed their seats; base year only, else nan.

    The enrolment is unknown where a school with seats leaves it blank; such a school is not among those
    known to exceed their seats.
    """
    stated = enrolment_of(city, seats, one.stage)
    counted = seats.counting()[:, 0]
    enrolment = np.where(counted, stated, np.nan)
    blank = counted & np.isnan(stated) & (one.counted[:, 0] > 0)
    total, over = np.full((1, len(city.years)), np.nan), np.full((1, len(city.years)), np.nan)
    if not np.isnan(enrolment).all():
        total[0, 0] = np.nan if blank.any() else np.nansum(enrolment)
        over[0, 0] = np.sum(enrolment > one.counted[:, 0])
    return total, over


def _measures(one: StageBalance, figures: GroupMeasures) -> dict[str, FloatArray]:
    """Return the columns that all tables of groups share."""
    return {
        "demand": figures.demand,
        "served": figures.served,
        "unserved": figures.unserved,
        "boarders": figures.boarders,
        "share_within_radius": figures.share_within_radius,
        "share_within_circle": figures.share_within_circle,
        "mean_walk_m": figures.mean_walk_m,
        "mean_walk_nearest_m": figures.mean_walk_nearest_m,
        "mean_walk_own_m": _within_catchments(one, figures.mean_walk_own_m),
        "max_walk_m": figures.max_walk_m,
    }


def long_rows(things: pd.DataFrame, stage: str, years: Sequence[int], **figures: FloatArray) -> pd.DataFrame:
    """Return one row per entity and year (years vary fastest) from arrays of entities × years.

    Parameters
    ----------
    things
        Columns that do not depend on the year.
    stage
        Stage.
    years
        Years, the second axis of the figures.
    figures
        Columns by name.

    Returns
    -------
    pandas.DataFrame
        Entities × years rows.
    """
    rows = np.repeat(np.arange(len(things)), len(years))
    data: dict[str, object] = {str(name): things[name].array.take(rows) for name in things}
    data["year"] = np.tile(np.array(years, dtype=np.int64), len(things))
    data |= {name: array.ravel() for name, array in figures.items()}
    return pd.DataFrame(data).assign(stage=constant(stage, len(rows)))


def _every(ids: pd.Index) -> pd.Categorical:
    """Return all ids once, in order, as a categorical."""
    return pd.Categorical.from_codes(np.arange(len(ids)), categories=ids.astype(object))
