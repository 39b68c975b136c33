"""Rural schools and boarding (section I): 农村寄宿、城乡共同体、校车、校舍安全."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from layoutplan.layouts.beds import old_enough
from layoutplan.rules.flags import open_schools
from layoutplan.rules.measured import CITY, by_area, measured, short_of, stack_rows, with_district
from layoutplan.rules.rule_inputs import RuleInputs
from layoutplan.travel.distances import walk_matrix
from layoutplan.travel.gates import at_gates

_STAGES: Final = ("primary", "junior")
_VILLAGE: Final = "village"
_SECONDS: Final = 60.0  # of a minute


def beyond_walk(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of village pupils with no school within the walking time of the profile.

    Walking metres = minutes × 60 × the profile's walking speed; ``need`` is the pupils, who board or take a
    bus.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(units={"unit_id": ["U", "V"], "age_6": [60, 40], "x": [0, 9000], "y": [0, 0],
    ...     "setting": ["village"] * 2}, schools={"school_id": ["A"], "school_type": ["primary"],
    ...     "seats_primary": [540], "x": [100], "y": [0]})
    >>> beyond_walk(case)[["stage", "value"]].round(9).values.tolist()[0]
    ['primary', 0.4]
    """
    parts = []
    for stage, pupils, far in inputs.once(_village_pupils):
        things = pd.DataFrame(
            {
                "numerator": pupils.where(far, 0.0),
                "denominator": pupils,
                "need": pupils.where(far, 0.0),
                "district_id": inputs.city.units["district_id"].reindex(pupils.index),
            }
        )
        parts.append(by_area(inputs, things, stage=stage, need_unit="pupils"))
    return stack_rows(parts)


def boarding_beds(inputs: RuleInputs) -> pd.DataFrame:
    """Measure boarding beds per village pupil beyond the walking time who is old enough to board.

    Grades below the profile's ``boarding.first_grade`` stay day pupils. Beds serve all compulsory stages: one
    row for the city.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(units={"unit_id": ["U"], "age_6": [60], "x": [9000], "y": [0],
    ...     "setting": ["village"]}, schools={"school_id": ["A"], "school_type": ["primary"],
    ...     "seats_primary": [540], "boarding_beds": [20], "x": [0], "y": [0]})
    >>> boarding_beds(case)["numerator"].tolist()
    [20.0]
    """
    need = sum(
        float(pupils[far].sum()) * old_enough(inputs.standards, stage)
        for stage, pupils, far in inputs.once(_village_pupils)
    )
    beds = _beds(inputs)
    whole = {"area_kind": CITY, "area_id": CITY, "area": inputs.city.name, "year": inputs.base_year}
    rows = measured([{**whole, "numerator": beds, "denominator": need}])
    return short_of(rows, inputs.limit("rural.beds_per_boarder"), unit="beds")


def boarding_projects(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the cost per bed that projects add; ``case_ids`` lists the projects.

    10 million yuan for 4,000 places are 2,500 a place.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(projects={"project_id": ["X"], "kind": ["new"], "state": ["planned"],
    ...     "opening_year": [2026], "boarding_beds": [4000], "cost": [10_000_000]})
    >>> boarding_projects(case)[["value", "case_ids"]].values.tolist()
    [[2500.0, 'X']]
    """
    table = inputs.table("projects").set_index("project_id")
    beds = table["boarding_beds"].astype(float)
    own = table[(beds > 0) & table["cost"].notna() & (table["state"] != "cancelled")]
    things = pd.DataFrame(
        {
            "numerator": own["cost"].astype(float),
            "denominator": own["boarding_beds"].astype(float),
            "district_id": own["district_id"],
            "case": True,
        }
    )
    return by_area(inputs, things)


def urban_partners(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of village schools whose partner stands in a town or the city.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(schools={"school_id": ["A", "B", "C"], "school_type": ["primary"] * 3,
    ...     "setting": ["village", "village", "city"], "partner_school_id": ["C", "A", None]})
    >>> urban_partners(case)[["numerator", "denominator", "case_ids"]].values.tolist()
    [[1.0, 2.0, 'B']]
    """
    schools = open_schools(inputs.city.schools, inputs.base_year)
    village = schools[(schools["setting"] == _VILLAGE).fillna(value=False).astype(bool)]
    partner = schools["setting"].reindex(village["partner_school_id"]).to_numpy(dtype=object)
    paired = np.array([setting in ("city", "town") for setting in partner], dtype=bool)
    things = pd.DataFrame(
        {
            "numerator": paired.astype(float),
            "denominator": 1.0,
            "need": (~paired).astype(float),
            "case": ~paired,
        },
        index=village.index,
    )
    return by_area(inputs, with_district(inputs, things), need_unit="schools")


def bus_need(inputs: RuleInputs) -> pd.DataFrame:
    """Count the pupils who have neither a school within the longest walk of a placement nor a bed.

    Beds are subtracted from the city's total only: which pupil boards where is not planned, nor are routes.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(stages=["primary"], units={"unit_id": ["U", "V"], "age_6": [60, 40],
    ...     "x": [0, 9000], "y": [0, 0]}, schools={"school_id": ["A"], "school_type": ["primary"],
    ...     "seats_primary": [540], "boarding_beds": [10], "x": [100], "y": [0]})
    >>> beyond = case.demand.pupils["primary"].loc["V", 2025]
    >>> bool(bus_need(case)["value"].iloc[0] == beyond - 10)
    True
    """
    table = inputs.balance.units
    table = table[(table["year"] == inputs.base_year) & table["stage"].isin(_STAGES)]
    far = table["nearest_school_m"].isna() & (table["demand"].astype(float) > 0)
    pupils = float(table.loc[far, "demand"].astype(float).sum())
    count = max(0.0, pupils - _beds(inputs))
    whole = {"area_kind": CITY, "area_id": CITY, "area": inputs.city.name, "year": inputs.base_year}
    return measured([{**whole, "numerator": count, "need": count, "need_unit": "pupils"}])


def unsafe_floor(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of school floor area graded unsafe; ``need`` are the square metres to make safe.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(schools={"school_id": ["A", "B"], "school_type": ["primary"] * 2,
    ...     "floor_area_m2": [6000, 4000], "unsafe_floor_area_m2": [None, 500]})
    >>> unsafe_floor(case)[["value", "need", "need_unit", "case_ids"]].values.tolist()
    [[0.05, 500.0, 'm2', 'B']]
    """
    schools = _with_floor(inputs)
    things = pd.DataFrame(
        {
            "numerator": schools["unsafe"],
            "denominator": schools["floor"],
            "need": schools["unsafe"],
            "case": schools["unsafe"] > 0,
        }
    )
    return by_area(inputs, with_district(inputs, things), need_unit="m2")


def seats_at_risk(inputs: RuleInputs) -> pd.DataFrame:
    """Count the seats in unsafe buildings: each school's seats × its unsafe share of floor area, by stage.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(schools={"school_id": ["A"], "school_type": ["primary"],
    ...     "seats_primary": [900], "floor_area_m2": [6000], "unsafe_floor_area_m2": [2000]})
    >>> seats_at_risk(case)[["stage", "value"]].values.tolist()
    [['primary', 300.0]]
    """
    schools = _with_floor(inputs)
    share = schools["unsafe"] / schools["floor"]
    parts = []
    for stage in inputs.city.stages:
        seats = inputs.seats.seats[stage][inputs.base_year].reindex(schools.index).astype(float)
        lost = (seats * share)[seats > 0]
        things = pd.DataFrame({"numerator": lost, "need": lost, "case": lost > 0})
        parts.append(
            by_area(inputs, with_district(inputs, things), stage=stage, need_unit="seats", ratio=False)
        )
    return stack_rows(parts)


def _with_floor(inputs: RuleInputs) -> pd.DataFrame:
    schools = open_schools(inputs.city.schools, inputs.base_year)
    floor = schools["floor_area_m2"].astype(float)
    unsafe = schools["unsafe_floor_area_m2"].astype(float).fillna(0.0)
    return pd.DataFrame({"floor": floor, "unsafe": unsafe})[floor > 0]


def _beds(inputs: RuleInputs) -> float:
    """Return the beds of the schools open now."""
    schools = open_schools(inputs.city.schools, inputs.base_year)
    return float(schools["boarding_beds"].astype(float).sum())


def _village_pupils(inputs: RuleInputs) -> list[tuple[str, pd.Series, npt.NDArray[np.bool_]]]:
    """Return for each stage the demand of the village units, and which have no school within walking time."""
    city, year = inputs.city, inputs.base_year
    village = (city.areas["setting"] == _VILLAGE).reindex(city.units["area_id"]).fillna(value=False)
    chosen = city.units[village.to_numpy(dtype=bool)]
    speed = inputs.limit("walking.speed")
    found: list[tuple[str, pd.Series, npt.NDArray[np.bool_]]] = []
    for stage in _STAGES:
        minutes = inputs.limit("walking.rural_time", stage)
        if stage not in city.stages or speed is None or minutes is None or chosen.empty:
            continue
        offered = inputs.seats.counted(stage)[year]
        schools = inputs.seats.schools.loc[offered.index[offered > 0]]
        pairs = walk_matrix(
            chosen.geometry,
            at_gates(schools.geometry, city.gates),
            limit_m=minutes * _SECONDS * speed,
            network=inputs.network,
            detour_factor=inputs.standards.number("walking.detour_factor"),
        )
        pupils = inputs.demand.pupils[stage][year].reindex(chosen.index).astype(float)
        found.append((stage, pupils, np.diff(pairs.indptr) == 0))
    return found
