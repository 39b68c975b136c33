"""School size (section D): 办学规模、小规模学校."""

from __future__ import annotations

import pandas as pd

from layoutplan.dictionary.rolls import by_stage, rolls
from layoutplan.rules.flags import open_schools
from layoutplan.rules.measured import by_area, measured, stack_rows, with_district
from layoutplan.rules.rule_inputs import RuleInputs


def school_size(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the pupils of every open school of a compulsory stage against the cap of its type.

    One row per school: ``numerator`` its compulsory pupils, ``need`` those above the cap.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(schools={"school_id": ["A", "B"], "school_type": ["primary", "nine_year"],
    ...     "enrolment_primary": [2160, 1620], "enrolment_junior": [None, 900]})
    >>> school_size(case)[["area_id", "value", "need"]].values.tolist()
    [['A', 2160.0, 160.0], ['B', 2520.0, 20.0]]
    """
    schools = inputs.city.schools
    pupils = _compulsory_pupils(inputs)
    still_open = pupils.index.isin(open_schools(schools, inputs.base_year).index)
    taught = inputs.schooling.are_taught(schools["school_type"], *inputs.schooling.compulsory)
    rows = []
    for school_id, count in pupils[taught & still_open & pupils.notna()].items():
        cap = inputs.limit("school_size.cap", str(schools["school_type"][school_id]))
        rows.append(
            {
                "area_kind": "school",
                "area_id": str(school_id),
                "area": str(schools["name"][school_id]),
                "year": inputs.base_year,
                "numerator": count,
                "need": None if cap is None else max(0.0, count - cap),
                "need_unit": "pupils",
                "responsible_unit": schools["responsible_unit"][school_id],
            }
        )
    return measured(rows)


def pupils_in_oversized(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of compulsory pupils in oversized schools; ``need`` is those above the caps.

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
    ...     "enrolment_primary": [2160, 1840]})
    >>> pupils_in_oversized(case)[["numerator", "denominator", "need", "case_ids"]].values.tolist()
    [[2160.0, 4000.0, 160.0, 'A']]
    """
    schools = open_schools(inputs.city.schools, inputs.base_year)
    pupils = _compulsory_pupils(inputs).reindex(schools.index).dropna()
    flags = inputs.flags[inputs.flags["rule"] == "oversized_school"].set_index("school_id")
    case = pd.Series(pupils.index.isin(flags.index), index=pupils.index)
    things = pd.DataFrame(
        {
            "numerator": pupils.where(case, 0.0),
            "denominator": pupils,
            "need": flags["excess_pupils"].astype(float).reindex(pupils.index).fillna(0.0),
            "case": case,
            "district_id": schools["district_id"],
        }
    ).loc[pupils.index]
    return by_area(inputs, things, need_unit="pupils")


def small_schools(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of small schools among those of the first compulsory stage; ``case_ids`` lists them.

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
    ...     "enrolment_primary": [99, 100]})
    >>> small_schools(case)[["numerator", "denominator", "case_ids"]].values.tolist()
    [[1.0, 2.0, 'A']]
    """
    flagged = inputs.flags.loc[inputs.flags["rule"] == "small_school", "school_id"]
    return _schools_that_are(inputs, set(flagged))


def teaching_points(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of schools of the first compulsory stage that teach some of its grades only (教学点).

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
    ...     "enrolment_primary": [40, 500], "grades": ["1;2", None]})
    >>> teaching_points(case)[["numerator", "denominator", "case_ids"]].values.tolist()
    [[1.0, 2.0, 'A']]
    """
    grades = inputs.city.schools["grades"].map(bool, na_action="ignore").fillna(value=False).astype(bool)
    return _schools_that_are(inputs, set(grades.index[grades]))


def _schools_that_are(inputs: RuleInputs, chosen: set[object]) -> pd.DataFrame:
    schools = open_schools(inputs.city.schools, inputs.base_year)
    parts = []
    for stage in (one for one in inputs.schooling.first_compulsory if one in inputs.city.stages):
        own = schools[rolls(schools, stage)["enrolment"] > 0]
        case = pd.Series([school_id in chosen for school_id in own.index], index=own.index)
        things = pd.DataFrame({"numerator": case.astype(float), "denominator": 1.0, "case": case})
        parts.append(by_area(inputs, with_district(inputs, things), stage=stage))
    return stack_rows(parts)


def _compulsory_pupils(inputs: RuleInputs) -> pd.Series[float]:
    pupils = by_stage(inputs.city.schools, "enrolment", inputs.schooling.compulsory)
    return pupils.sum(axis=1, min_count=1)
