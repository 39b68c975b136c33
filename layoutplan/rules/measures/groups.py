"""Groups and quality schools (section F): 教育集团、优质教育资源、结对.

Every measure returns a DataFrame with the columns ``MEASURED``.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from layoutplan.dictionary.rolls import rolls
from layoutplan.rules.flags import open_schools
from layoutplan.rules.measured import CITY, by_area, measured, short_of, teaching
from layoutplan.rules.membership import (
    compulsory_pupils,
    compulsory_schools,
    group_area,
    live_groups,
    quality_catchment_rows,
    quality_schools,
    schools_in_groups,
    share_inside,
)
from layoutplan.rules.rule_inputs import RuleInputs
from layoutplan.travel.distances import walk_matrix
from layoutplan.travel.gates import at_gates


def coverage_by_schools(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of the schools with compulsory stages that belong to a group not dissolved.

    Numerator and denominator are schools: 875 of 1,439 are 60.8 %, though a document calls it 64 %.

    Parameters
    ----------
    inputs : RuleInputs

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(schools={"school_id": ["A", "B", "C"], "school_type": ["primary"] * 3},
    ...     groups={"group_id": ["G"], "core_school_id": ["A"], "school_ids": ["A;B"]})
    >>> coverage_by_schools(case)[["numerator", "denominator", "need", "case_ids"]].values.tolist()
    [[2.0, 3.0, 1.0, 'C']]
    """
    schools = compulsory_schools(inputs)
    inside = schools_in_groups(schools.index, live_groups(inputs))
    return by_area(inputs, share_inside(inputs, inside, pd.Series(1.0, schools.index)), need_unit="schools")


def coverage_by_pupils(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of compulsory pupils whose school belongs to a group not dissolved.

    Parameters
    ----------
    inputs : RuleInputs

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(schools={"school_id": ["A", "B"], "school_type": ["primary"] * 2,
    ...     "enrolment_primary": [900, 300]},
    ...     groups={"group_id": ["G"], "core_school_id": ["A"], "school_ids": ["A"]})
    >>> coverage_by_pupils(case)[["numerator", "denominator", "value"]].values.tolist()
    [[900.0, 1200.0, 0.75]]
    """
    pupils = compulsory_pupils(inputs)
    inside = schools_in_groups(pupils.index, live_groups(inputs))
    return by_area(inputs, share_inside(inputs, inside, pupils), need_unit="pupils")


def stages_of_groups(inputs: RuleInputs) -> pd.DataFrame:
    """Measure over how many stages each group reaches: 1 where one stage is taught by all its members.

    The year of a row is that of the group's approval, so that only groups approved since the rule is in force
    are judged.

    Parameters
    ----------
    inputs : RuleInputs

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(
    ...     schools={"school_id": ["A", "B", "C"], "school_type": ["primary", "junior", "nine_year"]},
    ...     groups={"group_id": ["G", "H"], "core_school_id": ["A", "C"], "school_ids": ["A;B", "B;C"],
    ...             "approved_year": [2024, 2024]})
    >>> stages_of_groups(case)[["area_id", "value", "year"]].values.tolist()
    [['G', 2.0, 2024], ['H', 1.0, 2024]]
    """
    types = inputs.city.schools["school_type"]
    rows = []
    for group in live_groups(inputs):
        taught = [set(inputs.schooling.taught_by(types[member])) for member in group.members]
        if taught and group.approved_year is not None:
            count = 1 if set.intersection(*taught) else len(set.union(*taught))
            rows.append({**group_area(group), "year": group.approved_year, "numerator": count})
    return measured(rows)


def spread_of_groups(inputs: RuleInputs) -> pd.DataFrame:
    """Measure how far, in a straight line, the farthest member of each group is from its core school, metres.

    Parameters
    ----------
    inputs : RuleInputs

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(schools={"school_id": ["A", "B"], "school_type": ["primary"] * 2,
    ...     "x": [0, 300], "y": [0, 400]},
    ...     groups={"group_id": ["G"], "core_school_id": ["A"], "school_ids": ["A;B"]})
    >>> spread_of_groups(case)[["area_id", "value", "case_ids"]].values.tolist()
    [['G', 500.0, 'B']]
    """
    places = inputs.city.schools.geometry
    rows = []
    for group in live_groups(inputs):
        if group.core in places.index and group.members:
            distance = places[list(group.members)].distance(places[group.core])
            far = str(distance.idxmax())
            row = {"year": inputs.base_year, "numerator": float(distance.max()), "case_ids": far}
            rows.append({**group_area(group), **row})
    return measured(rows)


def size_of_groups(inputs: RuleInputs) -> pd.DataFrame:
    """Count the schools of each group that is not dissolved.

    Parameters
    ----------
    inputs : RuleInputs

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(schools={"school_id": ["A", "B"], "school_type": ["primary"] * 2},
    ...     groups={"group_id": ["G", "H"], "core_school_id": ["A", "B"], "school_ids": ["A;B", "B"],
    ...             "dissolved_year": [None, 2020]})
    >>> size_of_groups(case)[["area_id", "value"]].values.tolist()
    [['G', 2.0]]
    """
    rows = [
        {**group_area(group), "year": inputs.base_year, "numerator": len(group.members)}
        for group in live_groups(inputs)
    ]
    return measured(rows)


def quality_pupils(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of compulsory pupils whose school belongs to a quality group.

    Parameters
    ----------
    inputs : RuleInputs

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(schools={"school_id": ["A", "B"], "school_type": ["primary"] * 2,
    ...     "enrolment_primary": [850, 150]},
    ...     groups={"group_id": ["G", "H"], "core_school_id": ["A", "B"], "school_ids": ["A", "B"],
    ...             "quality": [True, False]})
    >>> quality_pupils(case)[["numerator", "denominator", "value"]].values.tolist()
    [[850.0, 1000.0, 0.85]]
    """
    pupils = compulsory_pupils(inputs)
    inside = schools_in_groups(pupils.index, [group for group in live_groups(inputs) if group.quality])
    limit = inputs.limit("groups.quality_pupils_share")
    things = share_inside(inputs, inside, pupils, case=False)
    return short_of(by_area(inputs, things), limit, unit="pupils")


def new_quality_schools(inputs: RuleInputs) -> pd.DataFrame:
    """Count the schools with a title of the new-quality programme, leading schools among them.

    Parameters
    ----------
    inputs : RuleInputs

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(schools={"school_id": ["A", "B", "C"], "school_type": ["primary"] * 3,
    ...     "quality_level": ["new_quality", "leading", None]})
    >>> new_quality_schools(case)["value"].tolist()
    [2.0]
    """
    return _titled(inputs, ("new_quality", "leading"))


def leading_schools(inputs: RuleInputs) -> pd.DataFrame:
    """Count the leading schools of the new-quality programme.

    Parameters
    ----------
    inputs : RuleInputs

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(schools={"school_id": ["A", "B"], "school_type": ["primary"] * 2,
    ...     "quality_level": ["new_quality", "leading"]})
    >>> leading_schools(case)["value"].tolist()
    [1.0]
    """
    return _titled(inputs, ("leading",))


def _titled(inputs: RuleInputs, titles: Collection[str]) -> pd.DataFrame:
    schools = open_schools(inputs.city.schools, inputs.base_year)
    titled = schools["quality_level"].isin(titles)
    things = pd.DataFrame({"numerator": titled.astype(float)}, index=schools.index)
    return by_area(inputs, things, ratio=False)


def quality_catchments(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of catchments with a quality school, or a member of a quality group, by stage.

    Parameters
    ----------
    inputs : RuleInputs

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(
    ...     schools={"school_id": ["A", "B"], "school_type": ["primary"] * 2, "quality": [True, False]},
    ...     catchments={"catchment_id": ["C1", "C2"], "stage": ["primary"] * 2, "school_ids": ["A", "B"],
    ...                 "box": [(0, 0, 500, 1000), (500, 0, 1000, 1000)]})
    >>> quality_catchments(case)[["stage", "numerator", "denominator", "case_ids"]].values.tolist()
    [['primary', 1.0, 2.0, 'C2']]
    """
    return quality_catchment_rows(inputs, weighted=False)


def quality_children(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of the demand that lives in the catchment of a quality school or of its group.

    Parameters
    ----------
    inputs : RuleInputs

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(
    ...     schools={"school_id": ["A", "B"], "school_type": ["primary"] * 2, "quality": [True, False]},
    ...     catchments={"catchment_id": ["C1", "C2"], "stage": ["primary"] * 2, "school_ids": ["A", "B"],
    ...                 "box": [(0, 0, 500, 1000), (500, 0, 1000, 1000)]},
    ...     units={"unit_id": ["U1", "U2"], "x": [100, 900], "y": [100, 100], "age_8": [30, 10]})
    >>> quality_children(case)["value"].tolist()
    [0.75]
    """
    return quality_catchment_rows(inputs, weighted=True)


def partnered_schools(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of compulsory schools not of quality that have a partner or are in a quality group.

    Parameters
    ----------
    inputs : RuleInputs

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(schools={"school_id": ["A", "B", "C"], "school_type": ["primary"] * 3,
    ...     "quality": [True, False, False], "partner_school_id": [None, "A", None]})
    >>> partnered_schools(case)[["numerator", "denominator", "case_ids"]].values.tolist()
    [[1.0, 2.0, 'C']]
    """
    schools = compulsory_schools(inputs)
    weak = schools[~schools["quality"].astype("boolean").fillna(value=False).astype(bool)]
    supported = weak["partner_school_id"].notna() | weak.index.isin(quality_schools(inputs))
    return by_area(inputs, share_inside(inputs, supported, pd.Series(1.0, weak.index)), need_unit="schools")


def suggested_pairs(inputs: RuleInputs) -> pd.DataFrame:
    """Find for each school not of quality, with no partner and no group, the nearest quality school.

    Nearest by walking metres among the schools that teach one of its stages; ``case_ids`` names it. A school
    with none within ``groups.pair_distance`` of the profile has no row.

    Parameters
    ----------
    inputs : RuleInputs

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(schools={"school_id": ["A", "B", "C"], "school_type": ["primary"] * 3,
    ...     "quality": [True, True, False], "x": [0, 500, 900], "y": [0, 0, 0]})
    >>> suggested_pairs(case)[["area_id", "case_ids", "value"]].values.tolist()
    [['C', 'B', 520.0]]
    """
    schools, good = compulsory_schools(inputs), quality_schools(inputs)
    grouped = schools_in_groups(schools.index, live_groups(inputs))
    best_of_all = schools[schools.index.isin(good)]
    alone = schools[~schools.index.isin(good) & ~grouped & schools["partner_school_id"].isna()]
    limit = inputs.limit("groups.pair_distance")
    rows = []
    for stage in inputs.compulsory:
        weak, best = teaching(inputs, alone, stage), teaching(inputs, best_of_all, stage)
        if weak.empty or best.empty or limit is None:
            continue
        ways = walk_matrix(
            weak.geometry,
            at_gates(best.geometry, inputs.city.gates),
            limit_m=limit,
            network=inputs.network,
            detour_factor=inputs.standards.number("walking.detour_factor"),
        )
        reached = np.diff(ways.indptr) > 0
        nearest = ways.indptr[:-1][reached]
        for school_id, place in zip(weak.index[reached], nearest, strict=True):
            rows.append(
                {
                    "area_kind": "school",
                    "area_id": str(school_id),
                    "area": str(weak["name"][school_id]),
                    "stage": stage,
                    "year": inputs.base_year,
                    "numerator": float(ways.metres[place]),
                    "case_ids": str(best.index[ways.indices[place]]),
                }
            )
    return measured(rows)


def communities(inputs: RuleInputs) -> pd.DataFrame:
    """Count the school development communities of the city.

    Parameters
    ----------
    inputs : RuleInputs

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(schools={"school_id": ["A", "B", "C"], "school_type": ["primary"] * 3,
    ...     "community": ["东", "西", "东"]})
    >>> communities(case)["value"].tolist()
    [2.0]
    """
    names = open_schools(inputs.city.schools, inputs.base_year)["community"].dropna().nunique()
    whole = {"area_kind": CITY, "area_id": CITY, "area": inputs.city.name}
    return measured([{**whole, "year": inputs.base_year, "numerator": names}])


def quality_senior_intake(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of senior entrants who entered a quality school.

    Parameters
    ----------
    inputs : RuleInputs

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(stages=["senior"], schools={"school_id": ["A", "B"],
    ...     "school_type": ["senior"] * 2, "quality": [True, False], "intake_senior": [550, 450]})
    >>> quality_senior_intake(case)[["numerator", "denominator", "value"]].values.tolist()
    [[550.0, 1000.0, 0.55]]
    """
    return _senior_intake(inputs, inputs.city.schools, key="groups.quality_senior_intake")


def quality_senior_intake_core(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of senior entrants of the core city (schools of setting city) in quality schools.

    Parameters
    ----------
    inputs : RuleInputs

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(stages=["senior"], schools={"school_id": ["A", "B", "C"],
    ...     "school_type": ["senior"] * 3, "quality": [True, False, False],
    ...     "intake_senior": [700, 300, 500], "setting": ["city", "city", "town"]})
    >>> quality_senior_intake_core(case)["value"].tolist()
    [0.7]
    """
    core = inputs.city.schools[inputs.city.schools["setting"] == "city"]
    return _senior_intake(inputs, core, key="groups.quality_senior_intake_core")


def _senior_intake(inputs: RuleInputs, schools: pd.DataFrame, *, key: str) -> pd.DataFrame:
    schools = open_schools(schools, inputs.base_year)
    entrants = rolls(schools, "senior")["intake"].dropna()
    inside = pd.Series(entrants.index.isin(quality_schools(inputs)), index=entrants.index)
    things = share_inside(inputs, inside, entrants, case=False)
    return short_of(by_area(inputs, things, stage="senior"), inputs.limit(key, "senior"), unit="pupils")
