"""Class size (section D): 班额、大班额、超大班额."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
import pandas as pd

from layoutplan.rules.class_size_bands import find_class_sizes
from layoutplan.rules.flags import open_schools
from layoutplan.rules.measured import CITY, areas_of, by_area, list_ids, measured, stack_rows, with_district
from layoutplan.rules.rule_inputs import RuleInputs

BANDS: Final = {
    "severely_oversized": ("severely_oversized_class",),
    "oversized": ("severely_oversized_class", "oversized_class"),
    "over_cap": ("severely_oversized_class", "oversized_class", "class_over_cap"),
}
"""Flags of each band: a class of a worse band counts in the milder bands too."""

_ROUNDING: Final = 1e-9  # classes
_URBAN: Final = ("city", "town")  # 城镇


def classes_in_band(inputs: RuleInputs, *, subject: str) -> pd.DataFrame:
    """Count the classes at or above a size (大班额 56, 超大班额 66): city and districts, by stage.

    ``value`` is their number, ``denominator`` all classes of the stage, ``need`` the classes that would clear
    them; ``case_ids`` are schools. Where only the mean class size of a school is known, a mean in the band
    counts as one class.

    Parameters
    ----------
    inputs : RuleInputs
    subject
        ``oversized`` or ``severely_oversized``.

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(schools={"school_id": ["A"], "school_type": ["primary"]},
    ...     classes={"school_id": ["A"] * 3, "stage": ["primary"] * 3, "grade": [1, 2, 3],
    ...              "class_no": ["1"] * 3, "pupils": [55, 56, 66]})
    >>> [classes_in_band(case, subject=band)[["value", "denominator", "need"]].values.tolist()
    ...  for band in ("oversized", "severely_oversized")]
    [[[2.0, 3.0, 2.0]], [[1.0, 3.0, 1.0]]]
    """
    rows = _band_rows(inputs, subject)
    return rows.assign(value=rows["numerator"])


def share_in_band(inputs: RuleInputs, *, subject: str) -> pd.DataFrame:
    """Measure the share of classes at or above a size: city and districts, by stage.

    The national goal of 2016 (国发〔2016〕40号) calls a size "basically eliminated" by share: 66 and
    more in at most 2 % of classes by 2018 and in none by the end of 2020; 56 and more in at most 5 % by 2020.
    ``need`` is the classes above the share allowed.

    Parameters
    ----------
    inputs : RuleInputs
    subject
        ``oversized`` or ``severely_oversized``.

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(schools={"school_id": ["A"], "school_type": ["primary"]}, classes={
    ...     "class_no": list("KLMN"), "school_id": ["A"] * 4, "stage": ["primary"] * 4,
    ...     "pupils": [45, 45, 45, 57]})
    >>> share_in_band(case, subject="oversized")[["numerator", "denominator", "value"]].values.tolist()
    [[1.0, 4.0, 0.25]]
    """
    rows = _band_rows(inputs, subject)
    allowed = [inputs.limit(f"class_size.{subject}_share", str(stage)) for stage in rows["stage"]]
    most = pd.Series(allowed, index=rows.index, dtype=float) * rows["denominator"]
    need = np.ceil((rows["numerator"] - most).clip(lower=0.0) - _ROUNDING).where(most.notna(), rows["need"])
    return rows.assign(value=rows["numerator"] / rows["denominator"], need=need + 0.0)


def classes_over_cap(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of classes above the cap, oversized ones included, by stage.

    City, districts and single schools; ``need`` is the number of additional classes.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(schools={"school_id": ["A"], "school_type": ["primary"]},
    ...     classes={"school_id": ["A"] * 4, "stage": ["primary"] * 4, "grade": [1, 2, 3, 4],
    ...              "class_no": ["1"] * 4, "pupils": [40, 45, 46, 66]})
    >>> classes_over_cap(case)[["numerator", "denominator", "value"]].values.tolist()
    [[2.0, 4.0, 0.5], [2.0, 4.0, 0.5]]
    """
    return _band_rows(inputs, "over_cap", schools=True)


def mean_class(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the mean class size, pupils / classes: city and districts, by stage.

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
    ...     "enrolment_primary": [600, 400], "classes_primary": [12, 10]})
    >>> mean_class(case)[["numerator", "denominator", "value"]].round(4).values.tolist()
    [[1000.0, 22.0, 45.4545]]
    """
    parts = []
    for stage, sizes in known_sizes(inputs):
        totals = sizes.assign(pupils=sizes["pupils"] * sizes["count"]).groupby("school_id")
        things = pd.DataFrame({"numerator": totals["pupils"].sum(), "denominator": totals["count"].sum()})
        parts.append(by_area(inputs, with_district(inputs, things), stage=stage))
    return stack_rows(parts)


def largest_class(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the largest class of the city, of each district and school, by stage.

    ``case_ids`` are schools above the cap. Where only the mean of a school is known, it is taken for its
    largest class, which may be larger.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(schools={"school_id": ["A", "B"], "school_type": ["primary"] * 2},
    ...     classes={"school_id": ["A", "B"], "stage": ["primary"] * 2, "class_no": ["1", "1"],
    ...              "pupils": [45, 57]})
    >>> largest_class(case)[["area_id", "value", "case_ids"]].values.tolist()
    [['city', 57.0, 'B'], ['A', 45.0, None], ['B', 57.0, 'B']]
    """
    rows = []
    for stage, sizes in known_sizes(inputs):
        cap = inputs.limit("class_size.cap", stage)
        largest = with_district(inputs, sizes.groupby("school_id")[["pupils"]].max())
        for kind, area_id, name, inside in areas_of(inputs, largest, schools=True):
            above = inside.index[inside["pupils"] > (float("inf") if cap is None else cap)]
            rows.append(
                {
                    "area_kind": kind,
                    "area_id": area_id,
                    "area": name,
                    "stage": stage,
                    "year": inputs.base_year,
                    "numerator": float(inside["pupils"].max()),
                    "case_ids": list_ids(above),
                }
            )
    return measured(rows)


def urban_change(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the change in oversized classes of city and town schools (城镇) since last year.

    ``numerator`` is this year's number, ``denominator`` last year's, ``value`` their difference: for cities
    and towns together, then for each. Only single classes count, and only where both years are given.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(
    ...     schools={"school_id": ["A", "B"], "school_type": ["primary"] * 2, "setting": ["city", "town"]},
    ...     classes={"school_id": ["A", "B", "A", "B"], "stage": ["primary"] * 4, "class_no": ["1"] * 4,
    ...              "pupils": [60, 50, 58, 57], "year": [2025, 2025, 2024, 2024]})
    >>> urban_change(case)[["area_id", "numerator", "denominator", "value"]].values.tolist()
    [['city', 1.0, 2.0, -1.0], ['city', 1.0, 1.0, 0.0], ['town', 0.0, 1.0, -1.0]]
    """
    settings = inputs.city.schools["setting"]
    rows = []
    for stage in inputs.compulsory:
        lowest = inputs.limit("class_size.oversized", stage)
        counts = [_single_classes(inputs, stage, year=inputs.base_year - back) for back in (0, 1)]
        if lowest is None or any(count.empty for count in counts):
            continue
        areas = [(CITY, CITY, inputs.city.name, _URBAN), *(("setting", one, one, (one,)) for one in _URBAN)]
        for kind, area_id, name, kinds in areas:
            inside = [count[count["school_id"].map(settings).isin(kinds)] for count in counts]
            now, before = (float((one["pupils"] >= lowest).sum()) for one in inside)
            if any(len(one) for one in inside):
                rows.append(
                    {
                        "area_kind": kind,
                        "area_id": area_id,
                        "area": name,
                        "stage": stage,
                        "year": inputs.base_year,
                        "numerator": now,
                        "denominator": before,
                        "value": now - before,
                    }
                )
    return measured(rows)


def _band_rows(inputs: RuleInputs, band: str, *, schools: bool = False) -> pd.DataFrame:
    """Return the classes of a band over all classes, with the classes needed, from the flags."""
    flags = inputs.flags[inputs.flags["rule"].isin(BANDS[band])]
    parts = []
    for stage, sizes in known_sizes(inputs):
        own = flags[flags["stage"] == stage]
        # Where only a mean is known, at least one class is that large.
        cases = own["cases"].astype("Float64").fillna(1.0).astype(float).groupby(own["school_id"]).sum()
        needed = (
            own["classes_needed"].astype("Float64").fillna(0.0).astype(float).groupby(own["school_id"]).sum()
        )
        total = sizes.groupby("school_id")["count"].sum()
        things = pd.DataFrame(
            {
                "numerator": cases.reindex(total.index).fillna(0.0),
                "denominator": total,
                "need": needed.reindex(total.index).fillna(0.0),
                "case": total.index.isin(cases.index),
            }
        )
        parts.append(
            by_area(inputs, with_district(inputs, things), stage=stage, need_unit="classes", schools=schools)
        )
    return stack_rows(parts)


def known_sizes(inputs: RuleInputs) -> Iterable[tuple[str, pd.DataFrame]]:
    """Return the known class sizes of each compulsory stage that has some, in the base year.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    Iterable[tuple[str, DataFrame]]
        Id of the stage, and its class sizes as :func:`~layoutplan.rules.class_size_bands.find_class_sizes`;
        shared by the measures, which must not change them.
    """
    return inputs.once(_known_sizes).items()


def _known_sizes(inputs: RuleInputs) -> dict[str, pd.DataFrame]:
    schools, classes = open_schools(inputs.city.schools, inputs.base_year), inputs.city.tables["classes"]
    sizes = {
        stage: find_class_sizes(schools, classes, stage=stage, year=inputs.base_year)
        for stage in inputs.compulsory
    }
    return {stage: frame for stage, frame in sizes.items() if len(frame)}


def _single_classes(inputs: RuleInputs, stage: str, *, year: int) -> pd.DataFrame:
    """Return the single classes of a stage in a year, means left out."""
    sizes = find_class_sizes(
        inputs.city.schools,
        inputs.city.tables["classes"],
        stage=stage,
        year=year,
        base_year=inputs.base_year,
    )
    return sizes[sizes["basis"] == "classes"]
