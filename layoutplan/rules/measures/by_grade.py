"""Standards that differ by grade: class sizes of the youngest grades, and their shorter walk to school."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from layoutplan.arrays import FloatArray
from layoutplan.city.grades import ages_taught, grade_ages
from layoutplan.rules.blank_figures import with_blanks
from layoutplan.rules.class_size_bands import find_class_sizes
from layoutplan.rules.flags import open_schools
from layoutplan.rules.measured import by_area, measured, short_of, stack_rows, with_district
from layoutplan.rules.rule_inputs import RuleInputs

_ROUNDING = 1e-9  # classes
_KINDERGARTEN = "kindergarten"


def kindergarten_class_size(inputs: RuleInputs, *, subject: str) -> pd.DataFrame:
    """Measure the share of kindergarten classes within the size of their age group (小班、中班、大班).

    A class that states no age group, and a school of which only the mean class is known, are judged by the
    widest size: above that of every age group, or below that of every one; such a mean counts as one class.
    ``missing`` says so where a school gives its mean only.

    Parameters
    ----------
    inputs : RuleInputs
    subject
        ``within``: no larger than ``class_size.by_grade``; ``need`` is the classes lacking to the share that
        the profile asks for. ``below``: smaller than ``class_size.least_by_grade``, for which rooms are
        designed.

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    25 pupils are allowed in the first year and 30 in the second; 20 and 26 are the least.

    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(stages=["kindergarten"],
    ...     schools={"school_id": ["A"], "school_type": ["kindergarten"]},
    ...     classes={"school_id": ["A"] * 4, "stage": ["kindergarten"] * 4, "grade": [1, 1, 2, 2],
    ...              "class_no": list("1212"), "pupils": [25, 26, 30, 25]})
    >>> [kindergarten_class_size(case, subject=one)[["numerator", "denominator"]].values.tolist()
    ...  for one in ("within", "below")]
    [[[3.0, 4.0]], [[1.0, 4.0]]]
    """
    within = subject == "within"
    key = "class_size.by_grade" if within else "class_size.least_by_grade"
    limits = _by_number(inputs, _KINDERGARTEN, key) if _KINDERGARTEN in inputs.city.stages else {}
    if not limits:
        return measured([])
    sizes = _sizes(inputs, _KINDERGARTEN)
    widest = max(limits.values()) if within else min(limits.values())
    limit = sizes["grade"].map(limits).fillna(widest)
    wrong = (sizes["pupils"] > limit) if within else (sizes["pupils"] < limit)
    told = sizes["count"].where(sizes["basis"] == "classes", 1.0).where(wrong, 0.0)
    found = told.groupby(sizes["school_id"]).sum()
    every = sizes["count"].groupby(sizes["school_id"]).sum()
    things = pd.DataFrame(
        {"numerator": every - found if within else found, "denominator": every, "case": found > 0}
    )
    rows = by_area(inputs, with_district(inputs, things), stage=_KINDERGARTEN)
    rows = with_blanks(rows, classes__pupils=sizes["basis"] == "mean")
    return short_of(rows, inputs.limit("kindergarten.class_size_share"), unit="classes") if within else rows


def early_over(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of classes of the early grades above the size of their grade.

    Grades of ``class_size.early_grades``, size of ``class_size.by_grade``. Classes that state no grade are
    left out. ``need`` is the classes above the share allowed.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    20 pupils are allowed in grades 1 to 3 of Ontario; grade 4 is judged by its mean.

    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(profile="ca-ontario", stages=["elementary"],
    ...     schools={"school_id": ["A"], "school_type": ["elementary"]},
    ...     classes={"school_id": ["A"] * 5, "stage": ["elementary"] * 5, "grade": [1, 2, 3, 3, 4],
    ...              "class_no": list("12345"), "pupils": [20, 20, 20, 21, 28]})
    >>> early_over(case)[["numerator", "denominator", "need"]].values.tolist()
    [[1.0, 4.0, 1.0]]
    """
    parts = []
    for stage, sizes in _early(inputs):
        over = sizes["pupils"] > sizes["grade"].map(_by_number(inputs, stage, "class_size.by_grade"))
        schools = sizes["school_id"]
        things = pd.DataFrame({"numerator": over.astype(float).groupby(schools).sum()})
        things = things.assign(denominator=schools.groupby(schools).size(), case=things["numerator"] > 0)
        rows = by_area(inputs, with_district(inputs, things), stage=stage)
        share = inputs.limit("class_size.early_over_share", stage)
        if share is not None:
            above = rows["numerator"] - share * rows["denominator"]
            rows = rows.assign(need=np.ceil(above - _ROUNDING).clip(lower=0.0) + 0.0, need_unit="classes")
        parts.append(rows)
    return stack_rows(parts)


def early_largest(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the largest class of the early grades, of the city.

    Grades of ``class_size.early_grades``; ``case_ids`` are the schools with a class above
    ``class_size.early_cap``, ``need`` the pupils in such classes above it.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    23 pupils are the most in grades 1 to 3 of Ontario.

    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(profile="ca-ontario", stages=["elementary"],
    ...     schools={"school_id": ["A", "B"], "school_type": ["elementary"] * 2},
    ...     classes={"school_id": ["A", "B", "B"], "stage": ["elementary"] * 3, "grade": [1, 2, 6],
    ...              "class_no": list("123"), "pupils": [23, 25, 30]})
    >>> early_largest(case)[["value", "need", "case_ids"]].values.tolist()
    [[25.0, 2.0, 'B']]
    """
    parts = []
    for stage, sizes in _early(inputs):
        cap = inputs.limit("class_size.early_cap", stage)
        above = (sizes["pupils"] - (np.inf if cap is None else cap)).clip(lower=0.0)
        of_school = above.groupby(sizes["school_id"]).sum()
        things = pd.DataFrame({"numerator": 0.0, "need": of_school, "case": of_school > 0})
        rows = by_area(inputs, things, stage=stage, need_unit="pupils", ratio=False)
        parts.append(rows.assign(numerator=sizes["pupils"].max(), value=sizes["pupils"].max()))
    return stack_rows(parts)


def youngest_near(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of the youngest pupils with a school within their shorter walk.

    Grades of ``walking.youngest_grades``, walk of ``walking.youngest_radius``; a school must teach the grade.
    The pupils of a unit are divided among the ages of the stage as its residents are. ``need`` is the pupils
    who live farther away.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    Children of 4 and 5 years (kindergarten) walk 1.0 km in Hamilton; walks are 1.3 times the straight line.

    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(profile="ca-ontario", stages=["elementary"],
    ...     schools={"school_id": ["A"], "school_type": ["elementary"], "seats_elementary": [400],
    ...              "x": [0], "y": [0]},
    ...     units={"unit_id": ["U", "V"], "x": [700, 800], "y": [0, 0], "age_4": [100, 100]})
    >>> youngest_near(case)[["numerator", "denominator", "value", "need"]].values.tolist()
    [[97.0, 194.0, 0.5, 97.0]]
    """
    parts = []
    for stage in _stages(inputs):
        radius, grades = inputs.limit("walking.youngest_radius", stage), _texts(inputs, stage)
        ages = [age for label, age in grade_ages(inputs.standards, stage).items() if label in grades]
        if radius is None or not ages:
            continue
        pupils = _pupils_by_age(inputs, stage)
        near = {age: _near(inputs, stage, age, radius) * pupils[age] for age in ages}
        whole, inside = sum(pupils[age] for age in ages), sum(near.values())
        things = pd.DataFrame(
            {"numerator": inside, "denominator": whole, "need": whole - inside},
            index=inputs.city.units.index,
        )
        parts.append(
            by_area(
                inputs,
                things.assign(district_id=inputs.city.units["district_id"]),
                stage=stage,
                need_unit="pupils",
            )
        )
    return stack_rows(parts)


def _near(inputs: RuleInputs, stage: str, age: int, radius_m: float) -> FloatArray:
    """Return 1 for each unit with a school that teaches an age within a walk, else 0."""
    first, _ = inputs.standards.ages(stage)
    schools = inputs.city.schools.reindex(inputs.seats.schools.index)
    taught = ages_taught(schools, stage, inputs.standards)[:, age - first]
    seats = inputs.seats.counted(stage)[inputs.base_year].to_numpy(dtype=float)
    nearest = inputs.pairs.nearest(taught & (seats > 0)).reindex(inputs.city.units.index)
    return (nearest.to_numpy(dtype=float) <= radius_m).astype(float)


def _pupils_by_age(inputs: RuleInputs, stage: str) -> dict[int, FloatArray]:
    """Return the pupils of each unit in the base year by age, as its residents of the stage's ages divide."""
    first, last = inputs.standards.ages(stage)
    people = inputs.city.population.reindex(inputs.city.units.index).fillna(0.0)
    residents = people.reindex(columns=range(first, last + 1), fill_value=0.0).to_numpy(dtype=float)
    total = residents.sum(axis=1, keepdims=True)
    even = np.full_like(residents, 1 / residents.shape[1])
    share = np.divide(residents, total, out=even, where=total > 0)
    pupils = inputs.demand.pupils[stage][inputs.base_year].to_numpy(dtype=float)
    return {age: pupils * share[:, age - first] for age in range(first, last + 1)}


def _stages(inputs: RuleInputs) -> tuple[str, ...]:
    return tuple(stage for stage in inputs.schooling.first_compulsory if stage in inputs.city.stages)


def _texts(inputs: RuleInputs, stage: str, key: str = "walking.youngest_grades") -> frozenset[str]:
    """Return the labels of grades that a rule names, in lower case."""
    rule = inputs.standards.find(key, stage)
    labels = rule.value if rule is not None and isinstance(rule.value, tuple) else ()
    return frozenset(str(label).lower() for label in labels)


def _early(inputs: RuleInputs) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield each stage with early grades, and the single classes of these grades."""
    for stage in _stages(inputs):
        labels, numbers = _texts(inputs, stage, "class_size.early_grades"), _numbers(inputs, stage)
        sizes = _sizes(inputs, stage)
        sizes = sizes[sizes["grade"].isin([number for label, number in numbers.items() if label in labels])]
        if len(sizes):
            yield stage, sizes


def _sizes(inputs: RuleInputs, stage: str) -> pd.DataFrame:
    schools = open_schools(inputs.city.schools, inputs.base_year)
    return find_class_sizes(schools, inputs.city.tables["classes"], stage=stage, year=inputs.base_year)


def _numbers(inputs: RuleInputs, stage: str) -> dict[str, str]:
    """Return the number of each grade of a stage as table ``classes`` writes it, by label, youngest first."""
    named = {label.lower(): str(number) for label, number in inputs.schooling.grade_numbers().items()}
    return {label: named.get(label, label) for label in grade_ages(inputs.standards, stage)}


def _by_number(inputs: RuleInputs, stage: str, key: str) -> dict[str, float]:
    """Return what a rule with one number for each grade states, by number of the grade; empty without it."""
    stated, numbers = inputs.standards.numbers(key, stage), _numbers(inputs, stage)
    return dict(zip(numbers.values(), stated, strict=True)) if len(stated) == len(numbers) else {}
