"""Equity between schools (section E): 差异系数、优质均衡七项指标、家门口的好学校."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from layoutplan.rules.indicators import (
    INDICATORS,
    composite_cv,
    school_indicators,
    weighted_cv,
    weighted_spread,
)
from layoutplan.rules.measured import areas_of, by_area, measured, stack_rows
from layoutplan.rules.rule_inputs import RuleInputs

_SEVEN = tuple(one.id for one in INDICATORS if one.standard)
_EIGHT = tuple(one.id for one in INDICATORS if one.of_2012)


def indicator_cv(inputs: RuleInputs, *, subject: str) -> pd.DataFrame:
    """Measure how much schools differ in one indicator: pupil-weighted CV, city and districts, by stage.

    ``numerator`` is the weighted standard deviation, ``denominator`` the mean per pupil, both in the unit of
    the indicator; ``value`` is their quotient. Schools that do not count
    (:func:`~layoutplan.rules.indicators.school_indicators`) are left out.

    Parameters
    ----------
    inputs : RuleInputs
    subject
        Id of the indicator, one of :data:`~layoutplan.rules.indicators.INDICATORS`.

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    Three schools; the third has no pupils and can not be divided.

    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(schools={"school_id": ["A", "B", "C"], "school_type": ["primary"] * 3},
    ...     resources={"school_id": ["A", "B", "C"], "stage": ["primary"] * 3, "pupils": [100, 300, 0],
    ...                "books": [3000, 6000, 50]})
    >>> rows = indicator_cv(case, subject="books")
    >>> rows[["stage", "numerator", "denominator", "value"]].round(4).values.tolist()
    [['primary', 4.3301, 22.5, 0.1925]]
    """
    per = next(one.per for one in INDICATORS if one.id == subject)
    rows = []
    for stage, own in _by_stage(inputs, _counted(school_indicators(inputs, only=[subject]))):
        for kind, area_id, name, inside in areas_of(inputs, own):
            spread, mean = weighted_spread(inside["amount"], inside["pupils"])
            rows.append(
                {
                    "area_kind": kind,
                    "area_id": area_id,
                    "area": name,
                    "stage": stage,
                    "year": inputs.base_year,
                    "numerator": spread * per,
                    "denominator": mean * per,
                }
            )
    return measured(rows)


def composite(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the composite CV (区域综合差异系数): the mean of the CVs of the eight indicators of 2012.

    ``numerator`` is their sum, ``denominator`` their number; no value where one is unknown.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    Half the pupils have twice what the others have, of everything: each CV is 1/3.

    >>> from layoutplan.rules.worked_examples import worked_example
    >>> columns = ("teachers", "teachers_above_degree", "teachers_mid_title", "teaching_area_m2",
    ...            "sports_area_m2", "equipment_value", "computers", "books")
    >>> case = worked_example(schools={"school_id": ["A", "B"], "school_type": ["primary"] * 2},
    ...     resources={"school_id": ["A", "B"], "stage": ["primary"] * 2, "pupils": [200, 200],
    ...                **{column: [20, 40] for column in columns}})
    >>> composite(case)[["numerator", "denominator", "value"]].round(4).values.tolist()
    [[2.6667, 8.0, 0.3333]]
    """
    rows = []
    for stage, own in _by_stage(inputs, _counted(school_indicators(inputs, only=_EIGHT))):
        for kind, area_id, name, inside in areas_of(inputs, own):
            cvs = [
                weighted_cv(one["amount"], one["pupils"])
                for one in (inside[inside["indicator"] == indicator] for indicator in _EIGHT)
            ]
            rows.append(
                {
                    "area_kind": kind,
                    "area_id": area_id,
                    "area": name,
                    "stage": stage,
                    "year": inputs.base_year,
                    "numerator": float(np.sum(cvs)),
                    "denominator": len(cvs),
                    "value": composite_cv(cvs),
                }
            )
    return measured(rows)


def school_attainment(inputs: RuleInputs) -> pd.DataFrame:
    """Count how many of the seven indicators of 2017 each school attains.

    One row per school and stage with all seven known; ``denominator`` is 7 and ``value`` the count.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example, SEVEN_MET
    >>> case = worked_example(schools={"school_id": ["A", "B"], "school_type": ["primary"] * 2},
    ...     resources={**SEVEN_MET, "sports_area_m2": [750, 600]})
    >>> school_attainment(case)[["area_id", "value", "denominator"]].values.tolist()
    [['A', 7.0, 7.0], ['B', 6.0, 7.0]]
    """
    rows = [
        {
            "area_kind": "school",
            "area_id": school["school_id"],
            "area": school["name"],
            "stage": school["stage"],
            "year": inputs.base_year,
            "numerator": school["attained"],
            "denominator": len(_SEVEN),
            "value": school["attained"],
            "responsible_unit": inputs.city.schools["responsible_unit"][school["school_id"]],
        }
        for school in _judged_schools(inputs).to_dict("records")
    ]
    return measured(rows)


def missed_indicator(inputs: RuleInputs) -> pd.DataFrame:
    """Measure, for each school that misses exactly one indicator, the share of the standard it reaches.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    B has 600 m² of sports grounds for 100 pupils where 750 are due.

    >>> from layoutplan.rules.worked_examples import worked_example, SEVEN_MET
    >>> case = worked_example(schools={"school_id": ["A", "B"], "school_type": ["primary"] * 2},
    ...     resources={**SEVEN_MET, "sports_area_m2": [750, 600]})
    >>> missed_indicator(case)[["area_id", "value", "case_ids"]].values.tolist()
    [['B', 0.8, 'sports_area']]
    """
    schools = _judged_schools(inputs)
    rows = [
        {
            "area_kind": "school",
            "area_id": school["school_id"],
            "area": school["name"],
            "stage": school["stage"],
            "year": inputs.base_year,
            "numerator": school["weakest"],
            "denominator": 1.0,
            "case_ids": school["weakest_indicator"],
            "responsible_unit": inputs.city.schools["responsible_unit"][school["school_id"]],
        }
        for school in schools[schools["attained"] == len(_SEVEN) - 1].to_dict("records")
    ]
    return measured(rows)


def schools_attained(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of schools that attain enough of the seven indicators and nearly reach a missed one.

    The limits are the profile's ``equity.indicators_met`` and ``equity.missed_indicator_floor``. ``need`` is
    the number of schools that do not, ``case_ids`` lists them.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    B attains six of seven, but has less than 85 % of the sports grounds due.

    >>> from layoutplan.rules.worked_examples import worked_example, SEVEN_MET
    >>> case = worked_example(schools={"school_id": ["A", "B"], "school_type": ["primary"] * 2},
    ...     resources={**SEVEN_MET, "sports_area_m2": [750, 600]})
    >>> schools_attained(case)[["numerator", "denominator", "case_ids"]].values.tolist()
    [[1.0, 2.0, 'B']]
    """
    least, floor = inputs.limit("equity.indicators_met"), inputs.limit("equity.missed_indicator_floor")
    if least is None:
        return measured([])
    schools = _judged_schools(inputs)
    good = (schools["attained"] >= least) & (
        (schools["weakest"] >= (floor or 0.0)) | (schools["missed"] == 0)
    )
    things = pd.DataFrame(
        {
            "numerator": good.astype(float),
            "denominator": 1.0,
            "need": (~good).astype(float),
            "case": ~good,
            "district_id": schools["district_id"],
            "stage": schools["stage"],
        }
    ).set_axis(pd.Index(schools["school_id"]), axis=0)
    return stack_rows(
        [by_area(inputs, own, stage=stage, need_unit="schools") for stage, own in _by_stage(inputs, things)]
    )


def gap_list(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of (school, indicator) pairs that reach the standard in force.

    ``case_ids`` are the pairs that do not; result table ``school_indicators`` states what each school lacks.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example, SEVEN_MET
    >>> case = worked_example(schools={"school_id": ["A", "B"], "school_type": ["primary"] * 2},
    ...     resources={**SEVEN_MET, "sports_area_m2": [750, 600]})
    >>> gap_list(case)[["numerator", "denominator", "case_ids"]].values.tolist()
    [[13.0, 14.0, 'B:sports_area']]
    """
    table = _counted(school_indicators(inputs))
    judged = table[table["attained"].notna()]
    attained = judged["attained"].astype(bool)
    things = pd.DataFrame(
        {
            "numerator": attained.astype(float),
            "denominator": 1.0,
            "case": ~attained,
            "district_id": judged["district_id"],
            "stage": judged["stage"],
        }
    ).set_axis(pd.Index(judged["school_id"] + ":" + judged["indicator"]), axis=0)
    return stack_rows([by_area(inputs, own, stage=stage) for stage, own in _by_stage(inputs, things)])


def good_school_access(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of children with a quality school of their stage within the service radius, walking.

    Schools of any ownership count if open in the base year; ``need`` is the number of children without one.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    Of two estates with 600 children each, one lies 300 m from the quality school.

    >>> from layoutplan.rules.worked_examples import worked_example
    >>> ages = {f"age_{age}": [100, 100] for age in range(6, 12)}
    >>> case = worked_example(
    ...     schools={"school_id": ["A"], "school_type": ["primary"], "x": [0.0], "y": [0.0],
    ...              "seats_primary": [900], "quality": [True]},
    ...     units={"unit_id": ["U", "V"], "x": [300.0, 900.0], "y": [0.0, 0.0], **ages})
    >>> good_school_access(case)[["stage", "numerator", "denominator"]].values.tolist()
    [['primary', 600.0, 1200.0]]
    """
    schools, pairs, city = inputs.city.schools, inputs.pairs, inputs.city
    year = inputs.base_year
    dates = schools[["opened_year", "closed_year"]].astype("Float64").astype(float)
    is_open = ~(dates["opened_year"] > year) & ~(dates["closed_year"] <= year)
    good = schools[schools["quality"].fillna(value=False).astype(bool) & is_open]
    parts = []
    for stage in inputs.compulsory:
        taught = good.index[inputs.schooling.are_taught(good["school_type"], stage)]
        near = pairs.nearest(np.asarray(pairs.destinations.isin(taught)))
        children = inputs.demand.children[stage][year]
        if not children.sum() > 0:
            continue
        within = near.reindex(children.index) <= inputs.standards.service_radius_m(stage)
        things = pd.DataFrame(
            {
                "numerator": children.where(within, 0.0),
                "denominator": children,
                "need": children.where(~within, 0.0),
                "district_id": city.units["district_id"],
            }
        )
        parts.append(by_area(inputs, things, stage=stage, need_unit="children"))
    return stack_rows(parts)


def _counted(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of schools that count."""
    return table[table["left_out"].isna() & table["value"].notna()]


def _by_stage(inputs: RuleInputs, table: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield each compulsory stage that has rows, youngest first."""
    for stage in inputs.compulsory:
        own = table[table["stage"] == stage]
        if len(own):
            yield stage, own


def _judged_schools(inputs: RuleInputs) -> pd.DataFrame:
    """Return one row per school and stage with all seven indicators judged.

    Columns ``school_id``, ``name``, ``district_id``, ``stage``, ``attained`` and ``missed`` (indicators),
    ``weakest`` (least share of a standard) and ``weakest_indicator``.
    """
    table = _counted(school_indicators(inputs, only=_SEVEN))
    table = table[table["attained"].notna()]
    rows = []
    for (school_id, stage), own in table.groupby(["school_id", "stage"], sort=False):
        if len(own) < len(_SEVEN):
            continue
        weakest = int(np.argmin(own["share_attained"].to_numpy(dtype=float)))
        attained = int(own["attained"].astype(bool).sum())
        rows.append(
            {
                "school_id": school_id,
                "name": own["name"].iloc[0],
                "district_id": own["district_id"].iloc[0],
                "stage": stage,
                "attained": attained,
                "missed": len(_SEVEN) - attained,
                "weakest": float(own["share_attained"].iloc[weakest]),
                "weakest_indicator": str(own["indicator"].iloc[weakest]),
            }
        )
    names = (
        "school_id",
        "name",
        "district_id",
        "stage",
        "attained",
        "missed",
        "weakest",
        "weakest_indicator",
    )
    return pd.DataFrame(rows, columns=[*names])
