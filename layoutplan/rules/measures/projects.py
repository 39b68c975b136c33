"""The project pipeline (section K, and targets of other sections): 建设项目进展、投资与验收."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from layoutplan.layouts.project_rows import GATES
from layoutplan.rules.measured import CITY, by_area, list_ids, measured
from layoutplan.rules.measures.project_counts import being_built, described
from layoutplan.rules.programme import live_projects
from layoutplan.rules.rule_inputs import RuleInputs

_BUILT: Final = ("handed_over", "opened")


def _whole(inputs: RuleInputs, value: float, *, of: float | None, ids: pd.Series) -> dict[str, Any]:
    return {
        "area_kind": CITY,
        "area_id": CITY,
        "area": inputs.city.name,
        "year": inputs.base_year,
        "numerator": value,
        "denominator": of,
        "value": value,
        "case_ids": list_ids(ids.tolist()),
    }


def cost(inputs: RuleInputs, *, subject: str) -> pd.DataFrame:
    """Measure the cost of the schools being built and enlarged in the base year, those that ``count`` counts.

    ``numerator`` is the cost of the projects that state one, ``denominator`` their number.

    Parameters
    ----------
    inputs : RuleInputs
    subject
        ``total``, or ``per_project``.

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(projects={"project_id": ["P", "Q"], "kind": ["new", "expand"],
    ...     "state": ["started", "continued"], "opening_year": [2027, 2026], "cost": [90e6, 30e6],
    ...     "school_type": ["primary", "primary"], "school_id": [None, "S0"]})
    >>> [cost(case, subject=one)["value"].item() for one in ("total", "per_project")]
    [120000000.0, 60000000.0]
    """
    rows = described(inputs)
    rows = rows[being_built(rows, inputs.base_year).astype(bool) & (rows["cost"] > 0)]
    if rows.empty:
        return measured([])
    total = float(rows["cost"].sum())
    row = _whole(inputs, total, of=len(rows), ids=rows["project_id"])
    return measured([row if subject == "total" else {**row, "value": total / len(rows)}])


def years_late(inputs: RuleInputs) -> pd.DataFrame:
    """Measure by how many years each project opens after the year first promised.

    One row per project with both years; ``need`` is the delay in days, 365 per year. Completed projects are
    included.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(projects={"project_id": ["P"], "kind": ["expand"], "state": ["continued"],
    ...     "opening_year": [2026], "due_year": [2024], "school_id": ["S0"]})
    >>> years_late(case)[["area_id", "value", "need"]].values.tolist()
    [['P', 2.0, 730.0]]
    """
    rows = live_projects(inputs)
    rows = rows[rows["years_late"].notna()]
    late = rows["years_late"].astype(float)
    return _each(rows, numerator=late, need=late.clip(lower=0) * 365, need_unit="days")


def _each(rows: pd.DataFrame, **columns: object) -> pd.DataFrame:
    """Return one row per project; its year is the opening year."""
    return measured(
        pd.DataFrame(
            {
                "area_kind": "project",
                "area_id": rows["project_id"],
                "area": rows["name"],
                "year": rows["opening_year"],
                "responsible_unit": rows["responsible_unit"],
                **columns,
            }
        )
    )


def at_risk(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of unfinished projects that are late or likely to be, by district.

    ``case_ids`` lists them; table ``programme`` states how each stands (``slip``).

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    Half of the time has gone, and a tenth of the money is paid.

    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(projects={"project_id": ["P", "Q"], "kind": ["expand", "expand"],
    ...     "state": ["continued", "approved"], "opening_year": [2027, 2028], "start_year": [2023, 2026],
    ...     "cost": [100.0, 100.0], "paid": [10.0, 0.0], "school_id": ["S0", "S0"]})
    >>> at_risk(case)[["numerator", "denominator", "value", "case_ids"]].values.tolist()
    [[1.0, 2.0, 0.5, 'P']]
    """
    rows = live_projects(inputs).set_index("project_id")
    rows = rows[rows["slip"] != "done"]
    behind = rows["slip"] != "on_time"
    things = pd.DataFrame(
        {
            "numerator": behind.astype(float),
            "denominator": 1.0,
            "need": behind.astype(float),
            "case": behind,
            "district_id": rows["district_id"],
        }
    )
    return by_area(inputs, things, need_unit="projects")


def accepted(inputs: RuleInputs) -> pd.DataFrame:
    """Count how many of the three gates of acceptance each school handed over or opened has passed.

    ``numerator`` is the gates passed (one not stated is not passed), ``denominator`` three. The setting
    ``supply.require_acceptance`` decides whether the seats of a school that misses one count.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(projects={"project_id": ["P"], "kind": ["new"], "state": ["handed_over"],
    ...     "opening_year": [2026], "procedures_complete": [True], "construction_accepted": [True],
    ...     "title_clear": [False], "seats_primary": [90], "x": [1], "y": [1]})
    >>> accepted(case)[["numerator", "denominator"]].values.tolist()
    [[2.0, 3.0]]
    """
    rows = live_projects(inputs)
    rows = rows[rows["state"].isin(_BUILT) & rows["gates_passed"].notna()]
    passed = rows["gates_passed"].astype(float)
    short = len(GATES) - passed
    return _each(
        rows.assign(opening_year=inputs.base_year), numerator=passed, denominator=float(len(GATES)),
        need=short, need_unit="gates",
    )  # fmt: skip


def size_allowed(inputs: RuleInputs) -> pd.DataFrame:
    """Count the size rules that each school to be built or enlarged would break.

    Its pupils (seats) and classes after completion are compared with the profile's limits for its type in the
    opening year; table ``programme`` names rule, size and limit.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    The 2,160 seats of a district as one school of 48 classes break both rules, as two of 24 none.

    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(projects={"project_id": ["P", "Q", "R"], "kind": ["new"] * 3,
    ...     "state": ["started"] * 3, "opening_year": [2027] * 3, "classes_primary": [48, 24, 24],
    ...     "school_type": ["primary"] * 3, "x": [1, 2, 3], "y": [1, 2, 3]})
    >>> size_allowed(case)[["area_id", "value"]].values.tolist()
    [['P', 2.0], ['Q', 0.0], ['R', 0.0]]
    >>> live_projects(case)["size_broken"].iloc[0]
    'school_size.cap 2160 > 2000; school.max_classes 48 > 42'
    """
    rows = live_projects(inputs)
    rows = rows[
        rows["kind"].isin(("new", "expand", "add_classes", "relocate")) & rows["opening_year"].notna()
    ]
    broken = rows["size_broken"].map(lambda cell: cell.count(";") + 1 if isinstance(cell, str) else 0)
    return _each(rows, numerator=broken.astype(float))


def spending(inputs: RuleInputs) -> pd.DataFrame:
    """Measure what is paid of each project against what should be paid by the base year.

    ``numerator``: paid; ``denominator``: cost × the elapsed share of the time from start to opening (spending
    spread evenly); ``need``: the difference. One row per project that has begun and states all of them.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(projects={"project_id": ["P"], "kind": ["expand"], "state": ["continued"],
    ...     "opening_year": [2027], "start_year": [2023], "cost": [100.0], "paid": [40.0],
    ...     "school_id": ["S0"]})
    >>> spending(case)[["numerator", "denominator", "value", "need"]].values.tolist()
    [[40.0, 50.0, 0.8, 10.0]]
    """
    rows = live_projects(inputs)
    rows = rows[rows["paid"].notna() & (rows["cost"] > 0) & (rows["planned_share"] > 0)]
    planned = rows["cost"].astype(float) * rows["planned_share"].astype(float)
    paid = rows["paid"].astype(float)
    return _each(
        rows.assign(opening_year=inputs.base_year), numerator=paid, denominator=planned,
        need=(planned - paid).clip(lower=0), need_unit="currency",
    )  # fmt: skip
