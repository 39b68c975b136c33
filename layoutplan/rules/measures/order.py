"""Order rules (section A): 先建后撤、三同时、撤并前后上学距离."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from layoutplan.rules.closures import Closure, closure_walks, closures
from layoutplan.rules.estate_schools import EstateStage, estate_stages
from layoutplan.rules.measured import CITY, by_area, list_ids, measured
from layoutplan.rules.rule_inputs import RuleInputs


def build_first(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the pupils of schools that close before their seats are replaced (先建后撤), case by case.

    ``numerator`` (and ``value``): the highest number of pupils without a seat in any year; ``denominator``:
    the pupils of the school. Table ``order_breaches`` has them by year. The last row is the whole plan's, its
    ``case_ids`` the closures out of order.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    A closes in 2026 into a project that opens in 2027: for a year its 200 pupils have no seat.

    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(stages=["primary"], schools={"school_id": ["A"], "school_type": ["primary"],
    ...     "seats_primary": [270], "enrolment_primary": [200]},
    ...     projects={"project_id": ["P", "Q"], "kind": ["close", "new"], "state": ["approved", "started"],
    ...               "opening_year": [2026, 2027], "school_id": ["A", None], "seats_primary": [None, 540],
    ...               "school_type": [None, "primary"], "successor_school_id": ["Q", None],
    ...               "x": [0, 0], "y": [0, 0]})
    >>> build_first(case)[["area_id", "numerator", "denominator", "value"]].values.tolist()
    [['P', 200.0, 200.0, 200.0], ['city', 200.0, 200.0, 200.0]]
    """
    rows, cases = [], closures(inputs)
    for case_id in dict.fromkeys(one.id for one in cases):
        own = [one for one in cases if one.id == case_id]
        rows.append(
            {
                **_without(own),
                "area_kind": "project",
                "area_id": case_id,
                "area": own[0].name,
                "year": own[0].closing_year,
                "responsible_unit": own[0].responsible_unit,
            }
        )
    if rows:
        broken = [str(row["area_id"]) for row in rows if row["value"]]
        rows.append({**_whole(inputs), **_without(cases), "case_ids": list_ids(broken)})
    return measured(rows)


def _without(cases: Iterable[Closure]) -> dict[str, object]:
    """Return the highest number of pupils without a seat in a year, and all pupils of the cases."""
    own = list(cases)
    most = float(np.sum([one.unserved for one in own], axis=0).max())
    pupils = sum(one.pupils for one in own)
    return {"numerator": most, "denominator": pupils, "value": most, "need": most, "need_unit": "seats"}


def _whole(inputs: RuleInputs) -> dict[str, object]:
    year = inputs.base_year
    return {"area_kind": CITY, "area_id": CITY, "area": inputs.city.name, "year": year}


def delivered_together(inputs: RuleInputs) -> pd.DataFrame:
    """Measure how many years after its first residents an estate's attached schools have seats (三同时).

    One row per estate and stage with an attached school. ``numerator`` (and ``value``): the years, 0 where
    the seats are there in time; where they do not come within the plan, the years to its end. ``need``: the
    highest number of pupils without that school in a year; table ``order_breaches`` has them by year.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(stages=["primary"], target_year=2030,
    ...     housing={"housing_id": ["H"], "dwellings": [1000], "first_occupancy_year": [2026],
    ...              "school_ids": ["Q"], "x": [1], "y": [1]},
    ...     projects={"project_id": ["Q"], "kind": ["new"], "state": ["started"], "opening_year": [2028],
    ...               "seats_primary": [540], "school_type": ["primary"], "x": [0], "y": [0]})
    >>> delivered_together(case)[["area_id", "stage", "value"]].values.tolist()
    [['H', 'primary', 2.0]]
    """
    last = inputs.city.years[-1]
    rows = []
    for one in inputs.once(estate_stages):
        if one.attached:
            opened = last + 1 if one.school_year is None else one.school_year
            late = max(opened - one.first_year, 0)
            waiting = np.where(one.without_school(inputs.city.years), one.arriving, 0.0)
            rows.append(
                {
                    **_estate(one, year=one.first_year),
                    "stage": one.stage,
                    "numerator": late,
                    "need": float(waiting.max()),
                    "need_unit": "seats",
                    "case_ids": list_ids(one.attached),
                }
            )
    return measured(rows)


def _estate(one: EstateStage, *, year: int) -> dict[str, object]:
    unit = one.row["responsible_unit"]
    return {
        "area_kind": "estate",
        "area_id": one.id,
        "area": one.name,
        "year": year,
        "responsible_unit": unit,
    }


def built_together(inputs: RuleInputs) -> pd.DataFrame:
    """Measure how many years after an estate is finished the construction of its school begins (三同时).

    One row per estate and project of its own that states a start; 0 where it begins while the homes are under
    construction.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(stages=["primary"],
    ...     housing={"housing_id": ["H"], "dwellings": [1000], "first_occupancy_year": [2026],
    ...              "completed_year": [2025], "x": [1], "y": [1]},
    ...     projects={"project_id": ["Q"], "kind": ["new"], "state": ["planned"], "opening_year": [2029],
    ...               "start_year": [2027], "seats_primary": [540], "housing_id": ["H"], "x": [0], "y": [0]})
    >>> built_together(case)[["area_id", "value", "case_ids"]].values.tolist()
    [['H', 2.0, 'Q']]
    """
    projects = inputs.table("projects")
    started = projects[projects["start_year"].notna() & (projects["state"] != "cancelled")]
    start = started.set_index("project_id")["start_year"].astype(int)
    rows, seen = [], set()
    named = started.groupby("housing_id")["project_id"].agg(list).to_dict()
    for one in inputs.once(estate_stages):
        finished = one.row["completed_year"]
        for project in dict.fromkeys([*one.attached, *named.get(one.row["housing_id"], [])]):
            if project in start.index and not pd.isna(finished) and (one.id, project) not in seen:
                seen.add((one.id, project))
                rows.append(
                    {
                        **_estate(one, year=int(start[project])),
                        "numerator": max(int(start[project]) - int(finished), 0),
                        "case_ids": project,
                    }
                )
    return measured(rows)


def planned_together(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of estates whose school and housing go together, as the office states it (三同时).

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(housing={"housing_id": ["H", "J"], "dwellings": [1, 1], "x": [1, 2],
    ...     "y": [1, 2], "first_occupancy_year": [2026, 2027], "education_share": [True, False]})
    >>> planned_together(case)[["numerator", "denominator", "case_ids"]].values.tolist()
    [[1.0, 2.0, 'J']]
    """
    estates = {one.id: one.row for one in inputs.once(estate_stages)}
    said = {name: row for name, row in estates.items() if not pd.isna(row["education_share"])}
    apart = pd.Series({name: not row["education_share"] for name, row in said.items()}, dtype=bool)
    districts = {name: row["district_id"] for name, row in said.items()}
    things = pd.DataFrame(
        {
            "numerator": (~apart).astype(float),
            "denominator": 1.0,
            "need": apart.astype(float),
            "case": apart,
            "district_id": pd.Series(districts, dtype=object),
        }
    )
    return by_area(inputs, things, need_unit="projects")


def closure_distance(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the pupils who walk farther than the longest walk after a school closes.

    One row per closure and stage. ``numerator`` (and ``value``): the pupils beyond it afterwards;
    ``denominator``: those affected; ``need``: those who were within it before. Table ``closure_walks`` has
    the walks before and after.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    B closes; its 30 pupils would walk 3 km × 1.3 to A, and 2 km is the most.

    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(stages=["primary"], schools={"school_id": ["A", "B"], "x": [0, 3000],
    ...     "y": [0, 0], "school_type": ["primary"] * 2, "seats_primary": [540, 270],
    ...     "enrolment_primary": [400, 30]}, units={"unit_id": ["U"], "x": [3000], "y": [0], "age_6": [30]},
    ...     projects={"project_id": ["P"], "kind": ["close"], "state": ["planned"], "opening_year": [2025],
    ...               "school_id": ["B"], "successor_school_id": ["A"]})
    >>> closure_distance(case)[["area_id", "stage", "numerator", "denominator"]].values.tolist()
    [['P', 'primary', 30.0, 30.0]]
    """
    walks = inputs.once(closure_walks)
    return measured(
        pd.DataFrame(
            {
                "area_kind": "project",
                "area_id": walks["project_id"],
                "area": walks["name"],
                "stage": walks["stage"],
                "year": walks["year"],
                "numerator": walks["beyond_after"],
                "denominator": walks["pupils"],
                "value": walks["beyond_after"].astype(float),
                "need": walks["beyond_after"].astype(float) - walks["beyond_before"].astype(float),
                "need_unit": "pupils",
                "case_ids": walks["school_id"],
            }
        )
    )
