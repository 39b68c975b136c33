"""Admission (section C): 就近划片入学、民办招生计划、普通高中属地招生."""

from __future__ import annotations

import pandas as pd

from layoutplan.dictionary.rolls import rolls
from layoutplan.rules.flags import open_schools
from layoutplan.rules.measured import by_area, measured, short_of, stack_rows
from layoutplan.rules.rule_inputs import RuleInputs


def entry_share(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of entrants of public schools who live in the school's own catchment, by stage.

    ``case_ids`` are schools below the share asked for, ``need`` the entrants they lack to reach it.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(schools={"school_id": ["A", "B"], "school_type": ["junior"] * 2,
    ...     "intake_junior": [100, 100], "intake_own_junior": [96, 90]})
    >>> entry_share(case)[["stage", "numerator", "denominator", "need", "case_ids"]].values.tolist()
    [['junior', 186.0, 200.0, 4.0, 'B']]
    """
    public = _open(inputs)
    public = public[public["ownership"] == "public"]
    parts = []
    for stage in inputs.compulsory:
        least = inputs.limit("catchment.entry_share", stage)
        parts.append(_own_share(inputs, public, stage=stage, least=least))
    return stack_rows(parts)


def senior_local_share(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of senior entrants from the school's own area, public and private schools alike.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(stages=["senior"], schools={"school_id": ["A", "B"],
    ...     "school_type": ["senior"] * 2, "ownership": ["public", "private"],
    ...     "intake_senior": [600, 200], "intake_own_senior": [600, 150]})
    >>> senior_local_share(case)[["numerator", "denominator", "case_ids"]].values.tolist()
    [[750.0, 800.0, 'B']]
    """
    if "senior" not in inputs.city.stages:
        return measured([])
    least = inputs.limit("catchment.senior_local_share")
    return _own_share(inputs, _open(inputs), stage="senior", least=least)


def _own_share(inputs: RuleInputs, schools: pd.DataFrame, *, stage: str, least: float | None) -> pd.DataFrame:
    """Return entrants from the own catchment over all entrants, of schools that state both."""
    entrants, own = (rolls(schools, stage)[figure] for figure in ("intake", "intake_own"))
    known = entrants.notna() & own.notna() & (entrants > 0)
    lacking = ((least or 0.0) * entrants - own).clip(lower=0.0)
    things = pd.DataFrame(
        {
            "numerator": own,
            "denominator": entrants,
            "case": lacking > 1e-9,  # noqa: PLR2004  rounding
            "district_id": schools["district_id"],
        }
    )
    return short_of(by_area(inputs, things[known], stage=stage), least, unit="pupils")


def private_intake(inputs: RuleInputs) -> pd.DataFrame:
    """Measure entrants per place of the approved plan, for each private school and stage.

    Entrants of a school whose plan is 0 have no ratio; the rule is missed by all of them.

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
    ...     "ownership": ["private"], "enrolment_plan_primary": [90], "intake_primary": [99]})
    >>> private_intake(case)[["area_id", "numerator", "denominator", "need"]].values.tolist()
    [['A', 99.0, 90.0, 9.0]]
    """
    return _private(inputs, above="intake", below="enrolment_plan", need_unit="pupils")


def private_plan(inputs: RuleInputs) -> pd.DataFrame:
    """Measure approved entrants per first-grade seat, for each private school and stage.

    First-grade seats are the school's seats of the stage divided by the grades of the stage.

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
    ...     "ownership": ["private"], "enrolment_plan_primary": [90], "seats_primary": [480]})
    >>> private_plan(case)[["area_id", "numerator", "denominator", "need"]].values.tolist()
    [['A', 90.0, 80.0, 10.0]]
    """
    return _private(inputs, above="enrolment_plan", below=None, need_unit="seats")


def _private(inputs: RuleInputs, *, above: str, below: str | None, need_unit: str) -> pd.DataFrame:
    """Return one row per private school and stage that state both; default ``below`` is first-grade seats."""
    schools = _open(inputs)
    schools = schools[schools["ownership"] != "public"]
    rows = []
    for stage in inputs.city.stages:
        seats = inputs.seats.seats[stage][inputs.base_year].reindex(schools.index).astype(float)
        stated = rolls(schools, stage)
        allowed = stated[below] if below else seats / inputs.standards.grades(stage)
        taken = stated[above]
        rows += [
            {
                "area_kind": "school",
                "area_id": str(school_id),
                "area": str(schools["name"][school_id]),
                "stage": stage,
                "year": inputs.base_year,
                "numerator": taken[school_id],
                "denominator": allowed[school_id],
                "need": max(0.0, taken[school_id] - allowed[school_id]),
                "need_unit": need_unit,
                "responsible_unit": schools["responsible_unit"][school_id],
            }
            for school_id in schools.index[(taken > 0) & allowed.notna() | (allowed > 0) & taken.notna()]
        ]
    return measured(rows)


def private_share(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of pupils in schools that are not public (民办占比): city and districts, by stage.

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
    ...     "ownership": ["public", "private"], "enrolment_primary": [900, 100]})
    >>> private_share(case)[["numerator", "denominator", "value"]].values.tolist()
    [[100.0, 1000.0, 0.1]]
    """
    schools = _open(inputs)
    parts = []
    for stage in inputs.city.stages:
        pupils = rolls(schools, stage)["enrolment"].dropna()
        things = pd.DataFrame(
            {
                "numerator": pupils.where(schools["ownership"].reindex(pupils.index) != "public", 0.0),
                "denominator": pupils,
                "district_id": schools["district_id"].reindex(pupils.index),
            }
        )
        parts.append(by_area(inputs, things, stage=stage))
    return stack_rows(parts)


def _open(inputs: RuleInputs) -> pd.DataFrame:
    """Return the schools open in the base year; an owner not stated is public."""
    schools = open_schools(pd.DataFrame(inputs.city.schools), inputs.base_year)
    return schools.assign(ownership=schools["ownership"].fillna("public"))
