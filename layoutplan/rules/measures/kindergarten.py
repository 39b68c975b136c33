"""Kindergartens (section G): 普惠、公办、优质、入园率、小区配套."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from layoutplan.dictionary.rolls import rolls
from layoutplan.rules.blank_figures import with_blanks
from layoutplan.rules.flags import open_schools
from layoutplan.rules.measured import by_area, measured, short_of, with_district
from layoutplan.rules.rule_inputs import RuleInputs

_STAGE: Final = "kindergarten"
_INCLUSIVE: Final = ("public", "inclusive")
_GRADES: Final = ("model", "first", "second")
_DELIVERED: Final = ("delivered", "opened", "idle")


def inclusive_by_pupils(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of kindergarten pupils in public and inclusive kindergartens: 普惠率 by pupils.

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
    ...     "school_type": ["kindergarten"] * 3, "ownership": ["public", "inclusive", "private"],
    ...     "enrolment_kindergarten": [300, 200, 100]})
    >>> inclusive_by_pupils(case)[["numerator", "denominator", "need"]].values.tolist()
    [[500.0, 600.0, 58.0]]
    """
    return _of_pupils(inputs, _owned(inputs, _INCLUSIVE), key="kindergarten.inclusive_share")


def inclusive_by_count(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of kindergartens that are public or inclusive: 普惠率 by number of kindergartens.

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
    ...     "school_type": ["kindergarten"] * 3, "ownership": ["public", "inclusive", "private"],
    ...     "enrolment_kindergarten": [300, 200, 100]})
    >>> inclusive_by_count(case)[["numerator", "denominator"]].values.tolist()
    [[2.0, 3.0]]
    """
    inside = _owned(inputs, _INCLUSIVE)
    rows = by_area(inputs, _parts(inputs, inside, pd.Series(1.0, inside.index)), stage=_STAGE)
    limit = inputs.limit("kindergarten.inclusive_share_by_count")
    return short_of(rows, limit, unit="kindergartens")


def public_by_pupils(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of kindergarten pupils in public kindergartens.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(stages=["kindergarten"], schools={"school_id": ["A", "B"],
    ...     "school_type": ["kindergarten"] * 2, "ownership": ["public", "inclusive"],
    ...     "enrolment_kindergarten": [450, 550]})
    >>> public_by_pupils(case)[["value", "need", "need_unit"]].values.tolist()
    [[0.45, 50.0, 'pupils']]
    """
    return _of_pupils(inputs, _owned(inputs, ("public",)), key="kindergarten.public_share")


def quality_by_pupils(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of kindergarten pupils in kindergartens of the second grade or better.

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
    ...     "enrolment_kindergarten": [200, 600, 200]})
    >>> quality_by_pupils(case)["value"].tolist()
    [0.8]
    """
    return _of_pupils(inputs, _graded(inputs, _GRADES), key="kindergarten.quality_share")


def first_grade_by_pupils(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of kindergarten pupils in model and first-grade kindergartens.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(profile="cn-wenzhou-2022",
    ...     stages=["kindergarten"], schools={"school_id": ["A", "B"],
    ...     "school_type": ["kindergarten"] * 2, "kindergarten_grade": ["first", "second"],
    ...     "enrolment_kindergarten": [100, 900]})
    >>> first_grade_by_pupils(case)[["value", "need"]].values.tolist()
    [[0.1, 80.0]]
    """
    return _of_pupils(inputs, _graded(inputs, _GRADES[:2]), key="kindergarten.first_grade_share")


def with_nursery(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of public kindergartens that have a class for children under three.

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
    ...     "school_type": ["kindergarten"] * 3, "ownership": ["public", "public", "private"],
    ...     "nursery_classes": [2, 0, 1]})
    >>> with_nursery(case)[["numerator", "denominator"]].values.tolist()
    [[1.0, 2.0]]
    """
    kindergartens = _kindergartens(inputs)
    public = kindergartens[kindergartens["ownership"].fillna("public") == "public"]
    blank = public["nursery_classes"].isna()
    public = public[~blank]
    inside = (public["nursery_classes"] > 0).astype(bool)
    rows = by_area(inputs, _parts(inputs, inside, pd.Series(1.0, public.index)), stage=_STAGE)
    rows = with_blanks(rows, schools__nursery_classes=blank)
    return short_of(rows, inputs.limit("kindergarten.nursery_share"), unit="kindergartens")


def gross_enrolment(inputs: RuleInputs) -> pd.DataFrame:
    """Measure pupils of all kindergartens per resident child of kindergarten age (毛入园率).

    Children may attend in another district than the one they live in, so a district's ratio may exceed 1.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(stages=["kindergarten"], units={"unit_id": ["U"], "age_3": [1000]},
    ...     schools={"school_id": ["A"], "school_type": ["kindergarten"], "enrolment_kindergarten": [880]})
    >>> gross_enrolment(case)[["numerator", "denominator", "need"]].values.tolist()
    [[880.0, 1000.0, 20.0]]
    """
    if _STAGE not in inputs.city.stages:  # kindergartens are listed, but the profile or the plan has none
        return measured([])
    pupils = _enrolled(_kindergartens(inputs))
    children = inputs.demand.children[_STAGE][inputs.base_year].astype(float)
    homes = pd.DataFrame(
        {"numerator": 0.0, "denominator": children, "district_id": inputs.city.units["district_id"]}
    )
    schools = with_district(inputs, pd.DataFrame({"numerator": pupils, "denominator": 0.0}))
    rows = by_area(inputs, pd.concat([homes, schools]), stage=_STAGE)
    return short_of(rows, inputs.limit("kindergarten.gross_enrolment"), unit="children")


def _enrolled(kindergartens: pd.DataFrame) -> pd.Series:
    """Return the pupils; a blank takes the occupancy of those that report, else their mean enrolment."""
    own = rolls(kindergartens, _STAGE)
    stated, seats = own["enrolment"], own["seats"]
    both = stated.notna() & (seats > 0)
    occupancy = float(stated[both].sum() / seats[both].sum()) if both.any() else 1.0
    return stated.fillna(seats * occupancy).fillna(stated.mean() if stated.notna().any() else 0.0)


def estates_with_one(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of estates that have or plan a kindergarten, among those large enough to require one.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(stages=["kindergarten"], housing={"housing_id": ["H", "I", "J"],
    ...     "dwellings": [1500, 1200, 600], "first_occupancy_year": [2024] * 3,
    ...     "kindergarten_state": ["opened", "none", "none"]})
    >>> estates_with_one(case)[["numerator", "denominator", "case_ids"]].values.tolist()
    [[1.0, 2.0, 'I']]
    """
    least = inputs.limit("kindergarten.estate_dwellings")
    estates = _estates(inputs)
    due = estates[estates["dwellings"] >= least] if least is not None else estates.head(0)
    has = due["states"].map(lambda states: bool(states - {"none"}))
    things = pd.DataFrame(
        {
            "numerator": has.astype(float),
            "denominator": 1.0,
            "need": (~has.astype(bool)).astype(float),
            "case": ~has.astype(bool),
            "district_id": due["district_id"],
        },
        index=due.index,
    )
    return by_area(inputs, things, stage=_STAGE, need_unit="kindergartens")


def estate_opened(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of estate kindergartens handed over that have opened; ``case_ids`` are the others.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(stages=["kindergarten"], housing={"housing_id": ["H", "I", "J"],
    ...     "dwellings": [1500] * 3, "first_occupancy_year": [2024] * 3,
    ...     "kindergarten_state": ["opened", "idle", "planned"]})
    >>> estate_opened(case)[["numerator", "denominator", "case_ids"]].values.tolist()
    [[1.0, 2.0, 'I']]
    """
    estates = _estates(inputs)
    handed = estates[estates["states"].map(lambda states: bool(states & {*_DELIVERED}))]
    opened = handed["states"].map(lambda states: "opened" in states).astype(bool)
    things = pd.DataFrame(
        {
            "numerator": opened.astype(float),
            "denominator": 1.0,
            "need": (~opened).astype(float),
            "case": ~opened,
            "district_id": handed["district_id"],
        },
        index=handed.index,
    )
    return by_area(inputs, things, stage=_STAGE, need_unit="kindergartens")


def by_township(inputs: RuleInputs) -> pd.DataFrame:
    """Measure kindergarten seats per child in demand in every township, in base and target year.

    Read from table ``total_bands``; where the districts are the townships, from its district rows. Seats are
    shared among the townships that can reach them, as in that table; ``need`` is the number of seats short.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import with_draws, worked_example
    >>> case = with_draws(worked_example(stages=["kindergarten"],
    ...     units={"unit_id": ["U", "V"], "township": ["东", "西"], "age_3": [200, 100],
    ...            "box": [(0, 0, 500, 500), (500, 0, 1000, 500)]},
    ...     schools={"school_id": ["A"], "school_type": ["kindergarten"], "seats_kindergarten": [90],
    ...              "x": [700], "y": [100]}))
    >>> rows = by_township(case)
    >>> rows.loc[rows["year"] == 2025, ["area", "numerator", "denominator", "need"]].values.tolist()
    [['东', 60.0, 180.0, 120.0], ['西', 30.0, 90.0, 60.0]]
    """
    if inputs.outlook is None:
        return measured([])
    totals = inputs.outlook.totals
    level = "township" if (totals["level"] == "township").any() else "district"
    years = [inputs.base_year, inputs.target_year]
    own = totals[(totals["level"] == level) & (totals["stage"] == _STAGE) & totals["year"].isin(years)]
    return measured(
        pd.DataFrame(
            {
                "area_kind": "township",
                "area_id": own["place_id"],
                "area": own["name"],
                "stage": _STAGE,
                "year": own["year"],
                "numerator": own["seats"].astype(float),
                "denominator": own["demand"].astype(float),
                "need": np.ceil((own["demand"] - own["seats"]).astype(float).clip(lower=0) - 1e-9),
                "need_unit": "seats",
            }
        ).reset_index(drop=True)
    )


def unlicensed(inputs: RuleInputs) -> pd.DataFrame:
    """Count the kindergartens without a licence; ``need`` is the number of children who would have to move.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(stages=["kindergarten"], schools={"school_id": ["A", "B"],
    ...     "school_type": ["kindergarten"] * 2, "licensed": [True, False],
    ...     "enrolment_kindergarten": [300, 45]})
    >>> unlicensed(case)[["value", "need", "need_unit", "case_ids"]].values.tolist()
    [[1.0, 45.0, 'children', 'B']]
    """
    kindergartens = _kindergartens(inputs)
    without = kindergartens["licensed"].eq(other=False).fillna(value=False).astype(bool)
    pupils = _enrolled(kindergartens)
    things = pd.DataFrame(
        {"numerator": without.astype(float), "need": pupils.where(without, 0.0), "case": without}
    )
    return by_area(inputs, with_district(inputs, things), stage=_STAGE, need_unit="children", ratio=False)


def _kindergartens(inputs: RuleInputs) -> pd.DataFrame:
    schools = open_schools(inputs.city.schools, inputs.base_year)
    return schools[schools["school_type"] == _STAGE]


def _owned(inputs: RuleInputs, owners: tuple[str, ...]) -> pd.Series:
    """Return which kindergartens belong to one of ``owners``."""
    return _kindergartens(inputs)["ownership"].fillna("public").isin(owners)


def _graded(inputs: RuleInputs, grades: tuple[str, ...]) -> pd.Series:
    """Return which kindergartens have one of ``grades``; false for those not graded."""
    return _kindergartens(inputs)["kindergarten_grade"].isin(grades)


def _of_pupils(inputs: RuleInputs, inside: pd.Series, *, key: str) -> pd.DataFrame:
    """Return the share of kindergarten pupils in those chosen, and how many more would meet the rule."""
    pupils = _enrolled(_kindergartens(inputs))
    rows = by_area(inputs, _parts(inputs, inside, pupils), stage=_STAGE)
    return short_of(rows, inputs.limit(key, _STAGE), unit="pupils")


def _parts(inputs: RuleInputs, inside: pd.Series, weight: pd.Series) -> pd.DataFrame:
    things = pd.DataFrame({"numerator": weight.where(inside, 0.0), "denominator": weight})
    return with_district(inputs, things)


def _estates(inputs: RuleInputs) -> pd.DataFrame:
    """Return estates, their phases taken together: ``dwellings``, ``states`` (a set), ``district_id``."""
    table = inputs.table("housing")
    table = table[table["kindergarten_state"].notna()]
    phases = table.assign(dwellings=table["dwellings"].astype(float)).groupby("housing_id", sort=True)
    return pd.DataFrame(
        {
            "dwellings": phases["dwellings"].sum(),
            "states": pd.Series(
                {name: {*map(str, rows)} for name, rows in phases["kindergarten_state"]}, dtype=object
            ),
            "district_id": phases["district_id"].first(),
        }
    )
