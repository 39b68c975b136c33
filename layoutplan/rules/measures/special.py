"""Special education (section J): 随班就读、资源教室、特殊教育学校."""

from __future__ import annotations

import numpy as np
import pandas as pd

from layoutplan.demand.migrants import children_of_areas
from layoutplan.dictionary.rolls import by_stage
from layoutplan.rules.blank_figures import estimated, with_blanks
from layoutplan.rules.flags import open_schools
from layoutplan.rules.measured import areas_of, by_area, measured, short_of, teaching, with_district
from layoutplan.rules.rule_inputs import RuleInputs


def resource_rooms(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of schools with a resource room among those with enough pupils with special needs.

    Enough is the profile's ``special.resource_room_pupils``, that number included. Schools that leave either
    figure blank are left out.

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
    due = due[due["resource_room"].notna()]
    has = due["resource_room"].astype(bool)
    things = pd.DataFrame(
        {
            "numerator": has.astype(float),
            "denominator": 1.0,
            "need": (~has).astype(float),
            "case": ~has,
        },
        index=due.index,
    )
    rows = by_area(inputs, with_district(inputs, things), need_unit="rooms")
    blank = _ordinary(inputs, schools)["sen_pupils"].isna()
    room = (schools["sen_pupils"] >= least).fillna(value=False) & schools["resource_room"].isna()
    return with_blanks(rows, schools__sen_pupils=blank, schools__resource_room=room)


def enrolment(inputs: RuleInputs) -> pd.DataFrame:
    """Measure compulsory pupils with special needs, in ordinary and special schools, per disabled child.

    Registered disabled children are of the compulsory ages. The pupils are those with special needs of
    ordinary schools that teach a compulsory stage, and the primary and junior enrolment stated in the row of
    a special school (its ``sen_pupils`` where none is stated). Children may attend in another district than
    the one they live in. Blanks are estimated: at ordinary schools from the share of the enrolment, at home
    from the share of the children of the compulsory ages; a special school without either is unknown.

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
    taught = by_stage(schools, "enrolment", inputs.schooling.compulsory).sum(axis=1, min_count=1)
    special = schools["school_type"] == "special"
    needing = schools["sen_pupils"].astype(float)
    ordinary = schools.index.isin(_ordinary(inputs, schools).index)
    inside = estimated(needing[ordinary], taught[ordinary])
    pupils = pd.concat([inside, taught.fillna(needing)[special]])
    areas = inputs.city.areas
    stated = areas["disabled_children"].astype(float)
    children = _compulsory_children(inputs)
    homes = pd.DataFrame(
        {
            "numerator": 0.0,
            "denominator": estimated(stated, children),
            "district_id": areas["district_id"],
        }
    )
    at_school = with_district(inputs, pd.DataFrame({"numerator": pupils, "denominator": 0.0}))
    rows = by_area(inputs, pd.concat([homes, at_school]))
    guessed = needing[ordinary].isna() & (inside != 0)
    rows = with_blanks(
        rows,
        schools__sen_pupils=pupils.isna() | guessed.reindex(pupils.index, fill_value=False),
        units__disabled_children=stated.isna() & (children > 0),
    )
    return short_of(rows, inputs.limit("special.enrolment_share"), unit="children")


def _ordinary(inputs: RuleInputs, schools: pd.DataFrame) -> pd.DataFrame:
    """Return the schools that teach a compulsory stage and are no special schools."""
    ordinary = schools[schools["school_type"] != "special"]
    return teaching(inputs, ordinary, *inputs.schooling.compulsory)


def _compulsory_children(inputs: RuleInputs) -> pd.Series:
    """Return the resident children of the compulsory ages of every area, base year."""
    city = inputs.city
    own = [inputs.demand.children[stage] for stage in inputs.compulsory]
    of_units = np.zeros(len(city.units))
    for frame in own:
        of_units += frame[inputs.base_year].to_numpy(dtype=float)
    return pd.Series(children_of_areas(city, of_units), index=city.areas.index)


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
