"""What schools state of themselves (sections A, C and G): 分类登记、现代化学校、学前班、升级与新达标."""

from __future__ import annotations

from typing import Final

import pandas as pd

from layoutplan.rules.flags import open_schools
from layoutplan.rules.measured import by_area, measured, stack_rows, teaching, with_district
from layoutplan.rules.rule_inputs import RuleInputs

_GRADES: Final = ("model", "first", "second", "third", "ungraded")
"""Grades of kindergartens, best first."""


def private_registered(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of open private schools registered as non-profit or for profit (分类登记).

    Private are all that are not public, inclusive ones too.

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
    ...     "ownership": ["private", "private", "public"], "registration_class": ["non_profit", None, None]})
    >>> private_registered(case)[["numerator", "denominator", "need", "case_ids"]].values.tolist()
    [[1.0, 2.0, 1.0, 'B']]
    """
    schools = open_schools(inputs.city.schools, inputs.base_year)
    private = schools[schools["ownership"].fillna("public") != "public"]
    without = private["registration_class"].isna()
    things = pd.DataFrame(
        {
            "numerator": (~without).astype(float),
            "denominator": 1.0,
            "need": without.astype(float),
            "case": without,
        }
    )
    return by_area(inputs, with_district(inputs, things), need_unit="schools")


def modern_schools(inputs: RuleInputs) -> pd.DataFrame:
    """Count the open schools recognised as modern schools (现代化学校).

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    The school closed last year is none of them.

    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(schools={"school_id": ["A", "B", "C"], "school_type": ["primary"] * 3,
    ...     "modern_school": [True, True, False], "closed_year": [None, 2024, None]})
    >>> modern_schools(case)["value"].tolist()
    [1.0]
    """
    schools = open_schools(inputs.city.schools, inputs.base_year)
    there = schools["modern_school"].astype("boolean").fillna(value=False).astype(float)
    return by_area(inputs, with_district(inputs, pd.DataFrame({"numerator": there})), ratio=False)


def preschool_classes(inputs: RuleInputs) -> pd.DataFrame:
    """Count the pre-school classes (学前班) left at open schools; ``case_ids`` are the schools.

    Such classes become attached kindergartens: a project of kind ``attach_kindergarten``.

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
    ...     "preschool_classes": [2, 0]})
    >>> preschool_classes(case)[["value", "need", "case_ids"]].values.tolist()
    [[2.0, 2.0, 'A']]
    """
    schools = open_schools(inputs.city.schools, inputs.base_year)
    left = schools["preschool_classes"].astype(float).dropna()
    things = pd.DataFrame({"numerator": left, "need": left, "case": left > 0})
    return by_area(inputs, with_district(inputs, things), need_unit="classes", ratio=False)


def grades_risen(inputs: RuleInputs) -> pd.DataFrame:
    """Count the open kindergartens of a better grade than last year.

    ``denominator`` are those that state both grades; ``case_ids`` lists those that rose.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(stages=["kindergarten"], schools={"school_id": ["A", "B", "C"],
    ...     "school_type": ["kindergarten"] * 3, "kindergarten_grade": ["first", "second", "third"],
    ...     "kindergarten_grade_before": ["second", "second", None]})
    >>> grades_risen(case)[["numerator", "denominator", "value", "case_ids"]].values.tolist()
    [[1.0, 2.0, 1.0, 'A']]
    """
    kindergartens = teaching(inputs, open_schools(inputs.city.schools, inputs.base_year), "kindergarten")
    rank = {grade: place for place, grade in enumerate(_GRADES)}
    now = kindergartens["kindergarten_grade"].map(rank).astype(float)
    before = kindergartens["kindergarten_grade_before"].map(rank).astype(float)
    known = now.notna() & before.notna()
    risen = (now < before)[known]
    things = pd.DataFrame({"numerator": risen.astype(float), "denominator": 1.0, "case": risen})
    rows = by_area(inputs, with_district(inputs, things), stage="kindergarten")
    return rows.assign(value=rows["numerator"])


def newly_standardised(inputs: RuleInputs) -> pd.DataFrame:
    """Count the open schools that meet the building standards and did not last year, junior and senior.

    ``denominator`` are those that state both years; a school of both stages counts in each.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(stages=["junior"], schools={"school_id": ["A", "B", "C"],
    ...     "school_type": ["junior"] * 3, "standardised": [True, True, False],
    ...     "standardised_before": [False, True, False]})
    >>> newly_standardised(case)[["stage", "value", "denominator", "case_ids"]].values.tolist()
    [['junior', 1.0, 3.0, 'A']]
    """
    schools = open_schools(inputs.city.schools, inputs.base_year)
    parts = []
    for stage in (stage for stage in ("junior", "senior") if stage in inputs.city.stages):
        own = teaching(inputs, schools, stage)
        own = own[own["standardised"].notna() & own["standardised_before"].notna()]
        new = own["standardised"].astype(bool) & ~own["standardised_before"].astype(bool)
        things = pd.DataFrame({"numerator": new.astype(float), "denominator": 1.0, "case": new})
        parts.append(by_area(inputs, with_district(inputs, things), stage=stage))
    rows = stack_rows(parts)
    return measured(rows.assign(value=rows["numerator"]))
