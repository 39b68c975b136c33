"""The ledger from year to year (section D): 大班额台账、销号."""

from __future__ import annotations

import pandas as pd

from layoutplan.rules.flag_rules import FLAG_RULES
from layoutplan.rules.measured import by_area, measured, stack_rows, with_district
from layoutplan.rules.measures.classes import BANDS, known_sizes
from layoutplan.rules.rule_inputs import RuleInputs

_LIMIT_BROKEN = 2  # severity of a flag


def new_cases(inputs: RuleInputs) -> pd.DataFrame:
    """Count the cases of oversized classes opened this year (零增量); ``denominator`` is all open cases.

    A ledger that begins this year has no new cases; it takes last year's classes or last year's ledger.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    Grade 1 was oversized last year already; grade 2 of another school is new.

    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(schools={"school_id": ["A", "B"], "school_type": ["primary"] * 2},
    ...     classes={"school_id": ["A", "B", "A", "B"], "stage": ["primary"] * 4, "class_no": ["1"] * 4,
    ...              "pupils": [60, 58, 58, 50], "year": [2025, 2025, 2024, 2024]})
    >>> new_cases(case)[["stage", "value", "denominator", "case_ids"]].values.tolist()
    [['primary', 1.0, 2.0, 'B']]
    """
    if not inputs.ledger_goes_back:
        return measured([])
    cases = inputs.ledger[inputs.ledger["rule"].isin(BANDS["oversized"])]
    cases = cases[cases["status"] != "closed"]
    parts = []
    for stage, sizes in known_sizes(inputs):
        own = cases[cases["stage"] == stage].groupby("school_id")
        opened = own["opened"].agg(lambda years: float((years == inputs.base_year).sum()))
        index = pd.Index(sizes["school_id"].unique())
        new = opened.astype(float).reindex(index).fillna(0.0)
        things = pd.DataFrame(
            {
                "numerator": new,
                "denominator": own.size().astype(float).reindex(index).fillna(0.0),
                "case": new > 0,
            }
        )
        rows = by_area(inputs, with_district(inputs, things), stage=stage)
        parts.append(rows.assign(value=rows["numerator"]))
    return stack_rows(parts)


def closed_cases(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of closed cases (已销号) among the ledger's cases of rules that must be cleared.

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
    ...     classes={"school_id": ["A", "B", "A", "B"], "stage": ["primary"] * 4, "class_no": ["1"] * 4,
    ...              "pupils": [60, 45, 58, 58], "year": [2025, 2025, 2024, 2024]})
    >>> closed_cases(case)[["numerator", "denominator"]].values.tolist()
    [[1.0, 2.0]]
    """
    cases = _cases_to_clear(inputs)
    closed = (cases["status"] == "closed").astype(float)
    return by_area(inputs, cases.assign(numerator=closed, denominator=1.0))


def dated_cases(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of cases of a broken limit that have a due date or are closed.

    City, districts, and each school with such cases; ``case_ids`` are schools with a case without a date. A
    case of a school over its seats has no date until the office enters one in the ledger.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    A is above the cap of its type, B has more pupils than seats.

    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(schools={"school_id": ["A", "B"], "school_type": ["primary"] * 2,
    ...     "enrolment_primary": [2160, 600], "seats_primary": [2160, 540]})
    >>> dated_cases(case)[["area_id", "numerator", "denominator", "case_ids"]].values.tolist()
    [['city', 1.0, 2.0, 'B'], ['A', 1.0, 1.0, None], ['B', 0.0, 1.0, 'B']]
    """
    broken = [rule.id for rule in FLAG_RULES if rule.must_clear or rule.severity >= _LIMIT_BROKEN]
    cases = inputs.ledger[inputs.ledger["rule"].isin(broken)]
    dated = cases["due_year"].notna() | (cases["status"] == "closed")
    by_school = dated.astype(float).groupby(cases["school_id"].astype(object))
    things = pd.DataFrame({"numerator": by_school.sum(), "denominator": by_school.size().astype(float)})
    things["case"] = things["numerator"] < things["denominator"]
    known = things[things.index.isin(inputs.city.schools.index)]
    return by_area(inputs, with_district(inputs, known), schools=True)


def _cases_to_clear(inputs: RuleInputs) -> pd.DataFrame:
    rules = [rule.id for rule in FLAG_RULES if rule.must_clear]
    cases = inputs.ledger[inputs.ledger["rule"].isin(rules)].set_index("case_id")
    return cases.assign(district_id=cases["school_id"].map(inputs.city.schools["district_id"]))
