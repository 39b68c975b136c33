"""Grades, contiguity and partners of groups (section F): 集团连片、优质集团等级、合作校与托管新校."""

from __future__ import annotations

from typing import Final

import pandas as pd
import shapely

from layoutplan.rules.flags import open_schools
from layoutplan.rules.measured import by_area, measured, with_district
from layoutplan.rules.membership import Group, compulsory_schools, group_area, live_groups
from layoutplan.rules.rule_inputs import RuleInputs

_TOUCH_M: Final = 1.0  # catchments drawn this near to each other touch
_GRADES: Final = {"city": ("city", "province"), "province": ("province",)}


def adjoining(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of groups whose members' catchments form one connected area (连片).

    Groups with at least two members that have a catchment; catchments up to 1 m apart touch, those of all
    stages together. Each group has a row of its own too, with the number of its separate areas as ``need``
    less one.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    A and B adjoin; C lies apart from D.

    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(schools={"school_id": ["A", "B", "C", "D"], "school_type": ["primary"] * 4,
    ...     "group_id": ["G", "G", "H", "H"], "x": [100, 300, 500, 900], "y": [50] * 4},
    ...     catchments={"catchment_id": ["C1", "C2", "C3", "C4"], "stage": ["primary"] * 4,
    ...                 "box": [(0, 0, 200, 99), (200, 0, 400, 99), (400, 0, 600, 99), (800, 0, 999, 99)]},
    ...     groups={"group_id": ["G", "H"], "name": ["g", "h"]})
    >>> adjoining(case)[["area_id", "numerator", "denominator", "case_ids"]].values.tolist()
    [['city', 1.0, 2.0, 'H'], ['G', 1.0, 1.0, None], ['H', 0.0, 1.0, 'H']]
    """
    found = {group.id: (group, _areas(inputs, group)) for group in live_groups(inputs)}
    several = {key: (group, count) for key, (group, count) in found.items() if count is not None}
    if not several:
        return measured([])
    things = pd.DataFrame(
        {
            "numerator": [float(count == 1) for _, count in several.values()],
            "denominator": 1.0,
            "need": [float(count != 1) for _, count in several.values()],
            "case": [count != 1 for _, count in several.values()],
        },
        index=[*several],
    )
    whole = by_area(inputs, things, need_unit="groups")
    single = measured(
        [
            {
                **group_area(group),
                "year": inputs.base_year,
                "numerator": float(count == 1),
                "denominator": 1.0,
                "need": float(count - 1),
                "need_unit": "areas",
                "case_ids": None if count == 1 else key,
            }
            for key, (group, count) in several.items()
        ]
    )
    return pd.concat([whole, single], ignore_index=True)


def _areas(inputs: RuleInputs, group: Group) -> int | None:
    """Return the number of separate areas of a group's catchments; ``None`` with fewer than two members."""
    links = inputs.city.catchment_schools
    own = links[links["school_id"].isin(group.members)]
    if own["school_id"].nunique() < 2:  # noqa: PLR2004  a group of one adjoins nothing
        return None
    shapes = inputs.city.catchments.geometry.reindex(own["catchment_id"].unique())
    joined = shapely.union_all(shapely.buffer(shapes.to_numpy(), _TOUCH_M / 2.0))
    return len(shapely.get_parts(joined))


def graded(inputs: RuleInputs, *, subject: str) -> pd.DataFrame:
    """Count the groups recognised as quality groups by the city or the province.

    Parameters
    ----------
    inputs : RuleInputs
    subject
        ``city``: recognised by the city or, above it, the province; ``province``: by the province.

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(groups={"group_id": ["G", "H", "I"], "name": ["g", "h", "i"],
    ...                               "grade": ["city", "province", None]})
    >>> [graded(case, subject=one)[["value", "denominator"]].values.tolist() for one in ("city", "province")]
    [[[2.0, 3.0]], [[1.0, 3.0]]]
    """
    grades = inputs.table("groups").set_index("group_id")["grade"]
    live = [group.id for group in live_groups(inputs)]
    own = grades.reindex(live).isin(_GRADES[subject])
    things = pd.DataFrame({"numerator": own.astype(float), "denominator": 1.0, "case": own}, index=live)
    rows = by_area(inputs, things)
    return rows.assign(value=rows["numerator"])


def partner_schools(inputs: RuleInputs) -> pd.DataFrame:
    """Count the open schools of compulsory stages with a partner (合作校); ``case_ids`` lists them.

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
    ...     "partner_school_id": ["B", None]})
    >>> partner_schools(case)[["value", "denominator", "case_ids"]].values.tolist()
    [[1.0, 2.0, 'A']]
    """
    return _partnered(inputs, compulsory_schools(inputs))


def new_with_partner(inputs: RuleInputs) -> pd.DataFrame:
    """Count the schools of compulsory stages opened in the base year that have a partner.

    ``denominator``: all schools of these stages opened in that year.

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
    ...     "opened_year": [2025, 2025, 1990], "partner_school_id": ["C", None, "A"]})
    >>> new_with_partner(case)[["value", "denominator", "case_ids"]].values.tolist()
    [[1.0, 2.0, 'A']]
    """
    schools = compulsory_schools(inputs)
    new = (schools["opened_year"] == inputs.base_year).fillna(value=False).astype(bool)
    return _partnered(inputs, open_schools(schools[new], inputs.base_year))


def _partnered(inputs: RuleInputs, schools: pd.DataFrame) -> pd.DataFrame:
    has = schools["partner_school_id"].notna()
    things = pd.DataFrame({"numerator": has.astype(float), "denominator": 1.0, "case": has})
    rows = by_area(inputs, with_district(inputs, things))
    return rows.assign(value=rows["numerator"])
