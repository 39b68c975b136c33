"""Responsible units and deadlines (sections L and M): 责任单位、限期整改."""

from __future__ import annotations

from typing import Final

import pandas as pd

from layoutplan.rules.measured import by_area, list_ids, measured, stack_rows
from layoutplan.rules.rule_inputs import RuleInputs

_TASKS: Final = ("projects", "sites", "housing", "targets", "ledger")
"""Tables whose rows are tasks with a responsible unit."""


def responsible(inputs: RuleInputs, *, subject: str) -> pd.DataFrame:
    """Measure the share of the rows of a table of tasks that name a responsible unit, by district.

    ``case_ids`` are the rows that name none. No rows for an empty table.

    Parameters
    ----------
    inputs : RuleInputs
    subject
        ``projects``, ``sites``, ``housing``, ``targets`` or ``ledger``.

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(sites={"site_id": ["L1", "L2"], "responsible_unit": ["区教育局", None],
    ...                              "x": [1, 2], "y": [1, 2]})
    >>> responsible(case, subject="sites")[["numerator", "denominator", "case_ids"]].values.tolist()
    [[1.0, 2.0, 'L2']]
    """
    rows = inputs.ledger if subject == "ledger" else inputs.table(subject)
    if rows.empty or subject not in _TASKS:
        return measured([])
    return _shares(inputs, rows, met=rows["responsible_unit"].notna(), unit="cases")


def rectified(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of the ledger's dated cases that are closed or not yet overdue.

    City, districts, then each school with such a case; ``case_ids`` are the overdue ones.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    A class of 60 is over the limit that was to be met by 2023.

    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(schools={"school_id": ["A"], "school_type": ["primary"],
    ...     "enrolment_primary": [2100], "seats_primary": [2100]}, base_year=2026)
    >>> rectified(case)[["area_id", "numerator", "denominator", "case_ids"]].values.tolist()
    [['city', 0.0, 1.0, 'oversized_school:A:all'], ['A', 0.0, 1.0, 'oversized_school:A:all']]
    """
    cases = inputs.ledger[inputs.ledger["due_year"].notna()]
    in_time = cases["status"] != "overdue"
    schools = [
        {
            "area_kind": "school",
            "area_id": str(school_id),
            "area": str(cases.loc[rows[0], "name"]),
            "year": inputs.base_year,
            "numerator": int(in_time[rows].sum()),
            "denominator": len(rows),
            "need": int((~in_time[rows]).sum()),
            "need_unit": "cases",
            "case_ids": list_ids(cases.loc[rows, "case_id"][~in_time[rows]].tolist()),
            "responsible_unit": cases.loc[rows[0], "responsible_unit"],
        }
        for school_id, rows in cases.groupby("school_id", sort=True).groups.items()
    ]
    return stack_rows([_shares(inputs, cases, met=in_time, unit="cases"), measured(schools)])


def _shares(inputs: RuleInputs, rows: pd.DataFrame, *, met: pd.Series, unit: str) -> pd.DataFrame:
    """Return the share of the rows (their first column is their id) that meet a condition, by district."""
    things = pd.DataFrame(
        {
            "numerator": met.astype(float),
            "denominator": 1.0,
            "need": (~met).astype(float),
            "case": ~met,
            "district_id": _districts(inputs, rows),
        }
    )
    return by_area(inputs, things.set_index(rows[rows.columns[0]]), need_unit=unit)


def _districts(inputs: RuleInputs, rows: pd.DataFrame) -> pd.Series:
    """Return the district of each row: as stated, else that of its school."""
    none = pd.Series(None, index=rows.index, dtype=object)
    stated = rows.get("district_id", none)
    schools = inputs.city.schools["district_id"].to_dict()
    of_school = rows["school_id"].map(schools) if "school_id" in rows else none
    return stated.astype(object).where(stated.notna(), of_school)
