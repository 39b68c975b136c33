"""Demand (section B): 生源变化、随迁子女、巩固率."""

from __future__ import annotations

import numpy as np
import pandas as pd

from layoutplan.arrays import FloatArray
from layoutplan.balance.assignment import NEGLIGIBLE_PUPILS
from layoutplan.dictionary.rolls import stage_column
from layoutplan.rules.measured import CITY, areas_of, by_area, measured, stack_rows
from layoutplan.rules.rule_inputs import RuleInputs
from layoutplan.solve.flow import assign_pupils

_ROUNDING = 1e-6  # pupils
_UNITS = {"seats": "seats", "land": "m2", "cost": "currency"}


def change(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the demand of the target year against that of the base year: city and districts, by stage.

    The demand is the balance's: cohorts projected forward, births and new dwellings, reconciled with
    enrolment. ``need`` is the increase in pupils.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(stages=["primary"], base_year=2025, target_year=2026, units={
    ...     "unit_id": ["U"], "x": [5], "y": [5], "age_5": [80], "age_6": [100], "age_11": [50]})
    >>> change(case)[["year", "numerator", "denominator", "need"]].values.tolist()
    [[2026, 180.0, 150.0, 30.0]]
    """
    districts = inputs.balance.districts.assign(area_kind="district")
    city = inputs.balance.city.assign(area_kind=CITY, district_id=CITY, name=inputs.city.name)
    rows = pd.concat([city, districts], ignore_index=True)
    place = ["area_kind", "district_id", "stage"]
    now = rows[rows["year"] == inputs.base_year].set_index(place)["demand"].astype(float)
    then = rows[rows["year"] == inputs.target_year]
    before = now.reindex(pd.MultiIndex.from_frame(then[place])).to_numpy()
    after = then["demand"].astype(float)
    return measured(
        pd.DataFrame(
            {
                "area_kind": then["area_kind"],
                "area_id": then["district_id"],
                "area": then["name"],
                "stage": then["stage"],
                "year": then["year"],
                "numerator": after,
                "denominator": before,
                "need": (after - before).clip(lower=0.0),
                "need_unit": "pupils",
            }
        )
    )


def migrants_counted(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of inhabited rows of the units table that count their migrant children, by stage.

    ``case_ids`` are the rows that do not; the demand of their migrant children is not planned for separately.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(units={"unit_id": ["U", "V"], "population": [900, 800],
    ...     "migrants_primary": [30, None]})
    >>> migrants_counted(case)[["stage", "numerator", "denominator", "case_ids"]].values.tolist()
    [['primary', 1.0, 2.0, 'V']]
    """
    city = inputs.city
    residents = city.units.groupby("area_id")["residents"].sum().reindex(city.areas.index)
    living = city.areas[(residents > 0).to_numpy()]
    parts = []
    for stage in inputs.compulsory:
        told = living[stage_column("migrants", stage)].notna()
        if not told.any():
            continue
        things = pd.DataFrame(
            {
                "numerator": told.astype(float),
                "denominator": 1.0,
                "case": ~told,
                "district_id": living["district_id"],
            }
        )
        parts.append(by_area(inputs, things, stage=stage))
    return stack_rows(parts)


def migrants(inputs: RuleInputs, *, subject: str) -> pd.DataFrame:
    """Measure what migrant children (随迁子女) need in the target year: seats, land or money, by stage.

    The seats are net, after schools share: the pupils without a seat within reach, less those who would have
    none if no migrant child lived here (the maximum flow of pupils to seats within reach, once with and once
    without migrants): ``numerator`` and ``value``. Spare seats of a neighbour within reach are used first.
    Teachers are not counted.

    Parameters
    ----------
    inputs : RuleInputs
    subject
        ``seats``, with the migrants' demand as ``denominator``; ``land`` or ``cost``: these seats priced by
        the profile's ``land.per_seat`` or ``cost.per_seat``, for building only.

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    540 seats for 600 pupils, of whom 100 are migrants: 60 of the seats short are theirs.

    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(stages=["primary"], target_year=2025,
    ...     schools={"school_id": ["A"], "school_type": ["primary"], "seats_primary": [540]},
    ...     units={"unit_id": ["U"], "x": [5], "y": [5], "age_6": [600], "migrants_primary": [100]})
    >>> rows = migrants(case, subject="seats")
    >>> rows[["numerator", "denominator", "need", "need_unit"]].values.tolist()
    [[60.0, 100.0, 60.0, 'seats']]
    >>> migrants(case, subject="cost")["value"].tolist()  # 70,000 a seat
    [4200000.0]
    """
    year, parts = inputs.target_year, []
    for stage in inputs.city.stages:
        price = 1.0
        if subject != "seats":
            stated = inputs.limit(f"{subject}.per_seat", stage, year=year)
            if stated is None:
                continue
            price = stated
        things = _marginal(inputs, stage)
        if things is None:
            continue
        rows = by_area(inputs, things, stage=stage, year=year)
        seats = rows["numerator"].clip(lower=0.0)
        amount = np.ceil(seats - _ROUNDING) * price
        rows = rows.assign(need=amount, need_unit=_UNITS[subject])
        if subject == "seats":
            rows = rows.assign(numerator=seats, value=seats)
        else:
            rows = rows.assign(numerator=amount, denominator=np.nan, value=amount)
        parts.append(rows)
    return stack_rows(parts)


def _marginal(inputs: RuleInputs, stage: str) -> pd.DataFrame | None:
    """Return the seats short because of migrants (``numerator``) and their demand, by unit.

    One row per unit. Which pupils of several units stay without a seat is not unique, so a unit's figure may
    be negative; sums over districts are cut off at 0, the city's is unique.
    """
    told = inputs.demand.of_migrants.get(stage)
    if told is None:
        return None
    year, city = inputs.target_year, inputs.city
    pupils = inputs.demand.pupils[stage][year].to_numpy(dtype=float)
    theirs = told[year].to_numpy(dtype=float)
    rows = inputs.balance.units
    own = rows[(rows["stage"] == stage) & (rows["year"] == year)].set_index("unit_id")["unserved"]
    if float(own.sum()) <= NEGLIGIBLE_PUPILS:
        lacking = np.zeros_like(pupils)
    else:
        lacking = _unserved(inputs, stage, pupils) - _unserved(
            inputs, stage, np.maximum(pupils - theirs, 0.0)
        )
    return pd.DataFrame(
        {"numerator": lacking, "denominator": theirs, "district_id": city.units["district_id"].to_numpy()},
        index=city.units.index,
    )


def _unserved(inputs: RuleInputs, stage: str, pupils: FloatArray) -> FloatArray:
    """Return the pupils of each unit without a seat within reach, target year."""
    pairs, year = inputs.pairs, inputs.target_year
    seats = inputs.seats.counted(stage)[year].to_numpy(dtype=float)
    near = pairs.keep((pairs.metres <= inputs.reach_m[stage]) & (seats[pairs.indices] > 0))
    placed = assign_pupils(
        origin=near.rows, destination=near.indices, metres=near.metres, pupils=pupils, seats=seats
    )
    return placed.unserved


def progression(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the progression ratio (巩固率): pupils of a stage's last grade per first-grade pupil.

    The cohort is traced back through table ``enrolment_history`` as far as it reaches, at most to the first
    grade of the stage: pupils of the last grade in the last known year (up to the base year) over those of
    the same cohort at the start. City and districts; ``need`` is the number of pupils lacking to the required
    ratio. Moves in and out count, so the ratio may exceed 1.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(schools={"school_id": ["J"], "school_type": ["junior"]}, enrolment_history={
    ...     "school_id": ["J"] * 3, "stage": ["junior"] * 3, "grade": [7, 8, 9], "year": [2023, 2024, 2025],
    ...     "pupils": [200, 198, 195]})
    >>> progression(case)[["stage", "year", "numerator", "denominator", "need"]].values.tolist()
    [['junior', 2025, 195.0, 200.0, 1.0]]
    """
    history = inputs.city.tables["enrolment_history"]
    history = history[(history["year"] <= inputs.base_year) & history["grade"].notna()]
    schools = inputs.city.schools["district_id"]
    rows = []
    for stage in inputs.compulsory:
        own = history[history["stage"] == stage]
        if own.empty:
            continue
        year, last = int(own["year"].max()), int(own["grade"].max())
        back = min(inputs.standards.grades(stage) - 1, year - int(own["year"].min()))
        now = own[(own["year"] == year) & (own["grade"] == last)]
        then = own[(own["year"] == year - back) & (own["grade"] == last - back)]
        if back == 0 or now.empty or then.empty:
            continue
        things, blank = _cohort(own, now, then)
        things["district_id"] = schools.reindex(things.index)
        least = inputs.limit("demand.progression", stage, year=year)
        for kind, area_id, name, inside in areas_of(inputs, things):
            stayed, entered = float(inside["numerator"].sum()), float(inside["denominator"].sum())
            lacking = 0.0 if least is None else max(0.0, float(np.ceil(least * entered - stayed - 1e-9)))
            rows.append(
                {
                    "area_kind": kind,
                    "area_id": area_id,
                    "area": name,
                    "stage": stage,
                    "year": year,
                    "numerator": stayed,
                    "denominator": entered,
                    "need": lacking,
                    "need_unit": "pupils",
                    "missing": "enrolment_history.pupils" if blank else None,
                }
            )
    return measured(rows)


def _cohort(history: pd.DataFrame, now: pd.DataFrame, then: pd.DataFrame) -> tuple[pd.DataFrame, bool]:
    """Return pupils of a cohort at each place now (``numerator``) and then (``denominator``).

    A place without rows in a year had no pupils of the stage. One that reports other grades and not this one,
    or leaves it blank, is unknown and left out of both sides; the flag says whether there are such places.
    """
    found = {}
    for side, rows in (("numerator", now), ("denominator", then)):
        place = rows["school_id"].fillna(rows["area_id"]).to_numpy()
        pupils = rows["pupils"].astype(float).groupby(place).agg(lambda values: values.sum(skipna=False))
        of_year = history[history["year"] == rows["year"].iloc[0]]
        silent = pd.Index(of_year["school_id"].fillna(of_year["area_id"]).unique()).difference(pupils.index)
        found[side] = pd.concat([pupils, pd.Series(np.nan, index=silent, dtype=float)])
    places = found["numerator"].index.union(found["denominator"].index)
    known = pd.DataFrame({side: values.reindex(places, fill_value=0.0) for side, values in found.items()})
    lost = known.isna()
    other = known.shift(axis=1).fillna(known.shift(-1, axis=1))
    return known.dropna(), bool((lost & (other != 0)).any(axis=None))
