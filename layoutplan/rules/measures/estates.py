"""Schools of new estates (sections A and G): 小区配套学校、三同时."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
import numpy.typing as npt
import pandas as pd

from layoutplan.arrays import BoolArray, FloatArray
from layoutplan.rules.estate_schools import EstateStage, estate_stages
from layoutplan.rules.measured import CITY, list_ids, measured
from layoutplan.rules.rule_inputs import RuleInputs


def estate_seats(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the seats available to an estate against those its dwellings need, by estate and stage.

    ``denominator``: dwellings × highest occupancy × pupils per dwelling × share who need a public seat.
    ``numerator``: the seats of the attached schools in the target year (divided among the estates that name
    the same school, in proportion to their need), plus, in other schools within the service radius, the seats
    that the best assignment gives the estate's pupils or leaves free. ``need``: the classes lacking.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(stages=["primary"], target_year=2026,
    ...     schools={"school_id": ["A"], "school_type": ["primary"], "seats_primary": [90]},
    ...     housing={"housing_id": ["H"], "dwellings": [1000], "first_occupancy_year": [2024],
    ...              "occupancy": [1.0], "yield_primary": [0.2], "school_ids": ["A"], "x": [1], "y": [1]})
    >>> estate_seats(case)[["area_id", "numerator", "denominator", "value", "need"]].values.tolist()
    [['H', 90.0, 200.0, 0.45, 3.0]]
    """
    estates = [one for one in inputs.once(estate_stages) if one.required > 0]
    spare = {stage: _spare(inputs, stage) for stage in inputs.city.stages}
    assigned = {stage: _assigned(inputs, stage) for stage in inputs.city.stages}
    asked: dict[tuple[str, str], float] = {}
    for one in estates:
        for school in one.attached:
            asked[one.stage, school] = asked.get((one.stage, school), 0.0) + one.required
    rows = []
    for one in estates:
        seats = sum(
            _seats_of(inputs, school, one.stage) * one.required / asked[one.stage, school]
            for school in one.attached
        )
        near = _near(inputs, one)
        others = near & ~inputs.seats.schools.index.isin(one.attached)
        held = (
            seats
            + float(spare[one.stage][others].sum())
            + _placed(inputs, one, near=others, assigned=assigned[one.stage])
        )
        lacking = max(one.required - held, 0.0)
        size = inputs.profile.at(inputs.target_year).class_size(one.stage)
        rows.append(
            {
                "area_kind": "estate",
                "area_id": one.id,
                "area": one.name,
                "stage": one.stage,
                "year": inputs.target_year,
                "numerator": held,
                "denominator": one.required,
                "need": ceil(round(lacking / size, 9)),
                "need_unit": "classes",
                "case_ids": list_ids(one.attached),
                "responsible_unit": one.row["responsible_unit"],
            }
        )
    return measured(rows)


def _seats_of(inputs: RuleInputs, school: str, stage: str) -> float:
    counted = inputs.seats.counted(stage)[inputs.target_year]
    return float(counted[school]) if school in counted.index else 0.0


def _spare(inputs: RuleInputs, stage: str) -> FloatArray:
    """Return the seats the best assignment leaves free in the target year, by school."""
    table = inputs.balance.schools
    own = table[(table["stage"] == stage) & (table["year"] == inputs.target_year)]
    spare = own.set_index("school_id")["spare"].astype(float)
    return np.asarray(spare.reindex(inputs.seats.schools.index).fillna(0.0), dtype=np.float64)


def _placed(inputs: RuleInputs, one: EstateStage, *, near: BoolArray, assigned: _Assigned) -> float:
    """Return the pupils of an estate whom the best assignment places in the schools chosen, target year.

    Where a unit holds several estates, each has its share of the unit's demand. ``assigned`` are the
    assignment's rows of the stage and year.
    """
    estates = inputs.demand.estates
    if estates is None or not near.any():
        return 0.0
    homes = estates.homes[estates.homes["estate"] == one.position]
    demand = inputs.demand.pupils[one.stage][inputs.target_year]
    found = 0.0
    for unit, share in zip(homes["unit"], homes["share"], strict=True):
        living = float(demand.iloc[unit])
        own = min(one.required * share / living, 1.0) if living > 0 else 0.0
        rows = slice(*np.searchsorted(assigned.units, [unit, unit + 1]))
        found += own * float(assigned.pupils[rows][near[assigned.schools[rows]]].sum())
    return found


@dataclass(frozen=True)
class _Assigned:
    """The assignment of the target year: positions of unit (ascending) and school, pupils."""

    units: npt.NDArray[np.int64]
    schools: npt.NDArray[np.int64]
    pupils: FloatArray


def _assigned(inputs: RuleInputs, stage: str) -> _Assigned:
    table = inputs.balance.assignment
    rows = table[(table["stage"] == stage) & (table["year"] == inputs.target_year)]
    units = inputs.city.units.index.get_indexer(pd.Index(rows["unit_id"]))
    schools = inputs.seats.schools.index.get_indexer(pd.Index(rows["school_id"]))
    order = np.argsort(units, kind="stable")
    return _Assigned(units[order], schools[order], rows["pupils"].to_numpy(dtype=float)[order])


def _near(inputs: RuleInputs, one: EstateStage) -> BoolArray:
    """Return which schools stand within the service radius of an estate's homes."""
    pairs, estates = inputs.pairs, inputs.demand.estates
    near = np.zeros(len(pairs.destinations), dtype=np.bool_)
    if estates is None:
        return near
    radius = inputs.profile.at(inputs.target_year).service_radius_m(one.stage)
    for unit in estates.homes.loc[estates.homes["estate"] == one.position, "unit"]:
        row = slice(int(pairs.indptr[unit]), int(pairs.indptr[unit + 1]))
        near[pairs.indices[row][pairs.metres[row] <= radius]] = True
    return near


def estates_without_school(inputs: RuleInputs) -> pd.DataFrame:
    """Count the estates without a school with seats within the service radius in the target year, by stage.

    Estates inhabited by then: ``numerator`` (and ``value``) those without, ``denominator`` all; ``case_ids``
    lists those without.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(stages=["primary"], target_year=2025, schools={"school_id": ["A"],
    ...     "school_type": ["primary"], "seats_primary": [90], "x": [0], "y": [0]},
    ...     housing={"housing_id": ["H", "J"], "dwellings": [100, 100], "x": [10, 5000], "y": [0, 0],
    ...              "first_occupancy_year": [2020, 2021]})
    >>> estates_without_school(case)[["numerator", "denominator", "case_ids"]].values.tolist()
    [[1.0, 2.0, 'J']]
    """
    estates = [one for one in inputs.once(estate_stages) if one.first_year <= inputs.target_year]
    rows = []
    for stage in inputs.city.stages:
        own = [one for one in estates if one.stage == stage]
        offers = inputs.seats.counted(stage)[inputs.target_year].to_numpy(dtype=float) > 0
        without = [one.id for one in own if not (_near(inputs, one) & offers).any()]
        if own:
            rows.append(
                {
                    "area_kind": CITY,
                    "area_id": CITY,
                    "area": inputs.city.name,
                    "stage": stage,
                    "year": inputs.target_year,
                    "numerator": len(without),
                    "denominator": len(own),
                    "value": len(without),
                    "need": len(without),
                    "need_unit": "schools",
                    "case_ids": list_ids(without),
                }
            )
    return measured(rows)
