"""Rural schools and boarding (section I): 农村寄宿、城乡共同体、校车、校舍安全."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from layoutplan.errors import FaultLog
from layoutplan.layouts.beds import boarding_places, old_enough
from layoutplan.rules.blank_figures import with_blanks
from layoutplan.rules.flags import open_schools
from layoutplan.rules.measured import CITY, by_area, measured, stack_rows, with_district
from layoutplan.rules.rule_inputs import RuleInputs
from layoutplan.travel.distances import walk_matrix
from layoutplan.travel.gates import at_gates

_VILLAGE: Final = "village"
_SECONDS: Final = 60.0  # of a minute
_ROUNDING: Final = 1e-9  # beds


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
    """Measure boarding beds per village pupil beyond the walking time who is old enough to board, by stage.

    Grades below the profile's ``boarding.first_grade`` stay day pupils. ``numerator``: the beds of the stage,
    in schools open now; a school of several stages divides its beds among those that board in proportion to
    their seats, so that beds of senior and special schools serve no younger pupil. A stage whose village
    pupils all live near enough needs none: its value is 1.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    The 60 pupils are in grade 1 to 6 alike: 30 may board; the beds of the senior school are not theirs.

    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(stages=["primary", "senior"], units={"unit_id": ["U"], "age_6": [60],
    ...     "x": [9000], "y": [0], "setting": ["village"]}, schools={"school_id": ["A", "S"],
    ...     "school_type": ["primary", "senior"], "seats_primary": [540, None], "seats_senior": [None, 900],
    ...     "boarding_beds": [20, 600], "x": [0, 0], "y": [0, 0]})
    >>> boarding_beds(case)[["stage", "numerator", "denominator", "need"]].values.tolist()
    [['primary', 20.0, 30.0, 10.0]]
    """
    beds, rows = inputs.once(_beds), []
    for stage, pupils, far in inputs.once(_village_pupils):
        boarders = float(pupils[far].sum()) * old_enough(inputs.standards, stage)
        there = beds.get(stage, 0.0)
        rows.append(
            {
                **_whole(inputs),
                "stage": stage,
                "numerator": there,
                "denominator": boarders,
                "value": None if boarders > 0 else 1.0,
                "need": float(np.ceil(max(boarders - there, 0.0) - _ROUNDING)) + 0.0,
                "need_unit": "beds",
            }
        )
    return measured(rows)


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
    """Count the pupils who have neither a school within the longest walk of a placement nor a bed, by stage.

    The longest walk is the stage's reach. ``denominator``: the stage's pupils. Beds are subtracted up to the
    number of pupils old enough to board, from the city's total: which pupil boards where is not planned, nor
    are routes.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    40 pupils live 11.7 km on foot from the school; 10 of the 20 of grades 4 to 6 find a bed.

    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(stages=["primary"], units={"unit_id": ["U", "V"], "age_6": [60, 40],
    ...     "x": [0, 9000], "y": [0, 0]}, schools={"school_id": ["A"], "school_type": ["primary"],
    ...     "seats_primary": [540], "boarding_beds": [10], "x": [100], "y": [0]})
    >>> bus_need(case)[["stage", "numerator", "denominator"]].values.tolist()
    [['primary', 30.0, 100.0]]
    """
    table = inputs.balance.units
    table = table[table["year"] == inputs.base_year]
    beds, rows = inputs.once(_beds), []
    for stage in inputs.compulsory:
        own = table[table["stage"] == stage]
        demand = own["demand"].astype(float)
        near = (own["nearest_school_m"].astype(float) <= inputs.reach_m[stage]).to_numpy()
        far = float(demand[~near].sum())
        board = min(beds.get(stage, 0.0), far * old_enough(inputs.standards, stage))
        rows.append(
            {
                **_whole(inputs),
                "stage": stage,
                "numerator": far - board,
                "denominator": float(demand.sum()),
                "value": far - board,
                "need": far - board,
                "need_unit": "pupils",
            }
        )
    return measured(rows)


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
    ...     "floor_area_m2": [6000, 4000], "unsafe_floor_area_m2": [0, 500]})
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
    rows = by_area(inputs, with_district(inputs, things), need_unit="m2")
    return with_blanks(rows, **_unknown_floor(inputs))


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
    return with_blanks(stack_rows(parts), **_unknown_floor(inputs))


def _with_floor(inputs: RuleInputs) -> pd.DataFrame:
    """Return floor area and unsafe floor area of the open schools that state both."""
    schools = open_schools(inputs.city.schools, inputs.base_year)
    floor = schools["floor_area_m2"].astype(float)
    unsafe = schools["unsafe_floor_area_m2"].astype(float)
    return pd.DataFrame({"floor": floor, "unsafe": unsafe})[(floor > 0) & unsafe.notna()]


def _unknown_floor(inputs: RuleInputs) -> dict[str, pd.Series]:
    """Return which open schools leave either floor area blank, by ``table__column``."""
    schools = open_schools(inputs.city.schools, inputs.base_year)
    return {f"schools__{name}": schools[name].isna() for name in ("floor_area_m2", "unsafe_floor_area_m2")}


def _whole(inputs: RuleInputs) -> dict[str, object]:
    """Return the columns that name the whole plan in the base year."""
    return {"area_kind": CITY, "area_id": CITY, "area": inputs.city.name, "year": inputs.base_year}


def _beds(inputs: RuleInputs) -> dict[str, float]:
    """Return the beds of each stage that boards, in the schools open now."""
    seats, year = inputs.seats, inputs.base_year
    schools = open_schools(inputs.city.schools, year)
    stated = schools["boarding_beds"].astype(float).reindex(seats.schools.index).fillna(0.0)
    each = stated.to_numpy(dtype=np.float64)[:, None]
    beds = np.asarray(np.repeat(each, len(seats.years), axis=1), dtype=np.float64)
    places = boarding_places(seats, beds, inputs.profile, log=FaultLog())
    return {stage: float(own[year].sum()) for stage, own in places.beds.items()}


def _village_pupils(inputs: RuleInputs) -> list[tuple[str, pd.Series, npt.NDArray[np.bool_]]]:
    """Return for each stage the demand of the village units, and which have no school within walking time."""
    city, year = inputs.city, inputs.base_year
    village = (city.areas["setting"] == _VILLAGE).reindex(city.units["area_id"]).fillna(value=False)
    chosen = city.units[village.to_numpy(dtype=bool)]
    speed = inputs.limit("walking.speed")
    found: list[tuple[str, pd.Series, npt.NDArray[np.bool_]]] = []
    for stage in inputs.compulsory:
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
