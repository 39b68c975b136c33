"""Special education (section J): 随班就读、资源教室、特殊教育学校."""

from __future__ import annotations

import pandas as pd

from layoutplan.rules.flags import open_schools
from layoutplan.rules.measured import areas_of, by_area, measured, short_of, teaching, with_district
from layoutplan.rules.rule_inputs import RuleInputs


def resource_rooms(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of schools with a resource room among those with enough pupils with special needs.

    Enough is the profile's ``special.resource_room_pupils``, that number included.

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
    ...     "sen_pupils": [5, 6, 4], "resource_room": [True, False, False]})
    >>> resource_rooms(case)[["numerator", "denominator", "need", "case_ids"]].values.tolist()
    [[1.0, 2.0, 1.0, 'B']]
    """
    least = inputs.limit("special.resource_room_pupils")
    if least is None:
        return measured([])
    schools = open_schools(inputs.city.schools, inputs.base_year)
    due = schools[(schools["sen_pupils"] >= least).fillna(value=False).astype(bool)]
    has = due["resource_room"].astype("boolean").fillna(value=False).astype(bool)
    things = pd.DataFrame(
        {
            "numerator": has.astype(float),
            "denominator": 1.0,
            "need": (~has).astype(float),
            "case": ~has,
        },
        index=due.index,
    )
    return by_area(inputs, with_district(inputs, things), need_unit="rooms")


def enrolment(inputs: RuleInputs) -> pd.DataFrame:
    """Measure compulsory pupils with special needs, in ordinary and special schools, per disabled child.

    Registered disabled children are of the compulsory ages. The pupils are those with special needs of
    ordinary schools that teach a compulsory stage, and the primary and junior enrolment stated in the row of
    a special school (its ``sen_pupils`` where none is stated). Children may attend in another district than
    the one they live in.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(profile="cn-tianshui-2010",
    ...     units={"unit_id": ["U"], "age_8": [100], "disabled_children": [50]},
    ...     schools={"school_id": ["A", "B"], "school_type": ["primary", "special"],
    ...              "sen_pupils": [11, None], "enrolment_primary": [400, 30]})
    >>> enrolment(case)[["numerator", "denominator", "need"]].values.tolist()
    [[41.0, 50.0, 0.0]]
    """
    schools = open_schools(inputs.city.schools, inputs.base_year)
    columns = [f"enrolment_{stage}" for stage in inputs.schooling.compulsory]
    taught = pd.DataFrame(schools).reindex(columns=columns).astype(float).sum(axis=1, min_count=1)
    special = schools["school_type"] == "special"
    needing = schools["sen_pupils"].astype(float)
    compulsory = schools.index.isin(teaching(inputs, schools, *inputs.schooling.compulsory).index)
    pupils = taught.fillna(needing).where(special, needing.where(compulsory)).fillna(0.0)
    areas = inputs.city.areas
    homes = pd.DataFrame(
        {
            "numerator": 0.0,
            "denominator": areas["disabled_children"].astype(float).fillna(0.0),
            "district_id": areas["district_id"],
        }
    )
    at_school = with_district(inputs, pd.DataFrame({"numerator": pupils, "denominator": 0.0}))
    rows = by_area(inputs, pd.concat([homes, at_school]))
    return short_of(rows, inputs.limit("special.enrolment_share"), unit="children")


def special_schools(inputs: RuleInputs) -> pd.DataFrame:
    """Count the special schools of the city and of each district with enough residents to require one.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(units={"unit_id": ["U"], "population": [300_000], "age_8": [3000]},
    ...     schools={"school_id": ["A"], "school_type": ["primary"], "seats_primary": [900]})
    >>> special_schools(case)[["value", "need", "need_unit"]].values.tolist()
    [[0.0, 1.0, 'schools']]
    """
    least = inputs.limit("special.residents")
    if least is None:
        return measured([])
    schools = open_schools(inputs.city.schools, inputs.base_year)
    special = schools[schools["school_type"] == "special"]
    needed = inputs.limit("special.schools") or 0.0
    rows = []
    for kind, area_id, name, units in areas_of(inputs, inputs.city.units):
        if float(units["residents"].sum()) < least:
            continue
        here = special if kind == "city" else special[(special["district_id"] == area_id).fillna(value=False)]
        rows.append(
            {
                "area_kind": kind,
                "area_id": area_id,
                "area": name,
                "year": inputs.base_year,
                "numerator": len(here),
                "need": max(0.0, needed - len(here)),
                "need_unit": "schools",
            }
        )
    return measured(rows)
