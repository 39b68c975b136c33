"""Governance (section M): 时间表与路线图."""

from __future__ import annotations

import pandas as pd

from layoutplan.rules.measured import by_area, measured, stack_rows
from layoutplan.rules.rule_inputs import RuleInputs
from layoutplan.rules.targets import target_progress


def targets_on_path(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of targets that are reached or on their path; ``case_ids`` are the others.

    Targets without a path yet, or without data, do not count. City, and districts with targets of their own;
    all stages together, then by stage.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    48 was to be reached by 2023, 45 by 2027; the path asks for 46.5 in 2025.

    >>> from dataclasses import replace
    >>> from layoutplan.rules import evaluate_rules, rule_spec
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(
    ...     schools={"school_id": ["A"], "school_type": ["primary"], "enrolment_primary": [460],
    ...              "classes_primary": [10]},
    ...     targets={"indicator": ["classes.mean"] * 2, "stage": ["primary"] * 2, "year": [2023, 2027],
    ...              "target": [48, 45]})
    >>> case = replace(case, results=evaluate_rules(case, rules=[rule_spec("classes.mean")]))
    >>> target_progress(case)[["year", "value", "path", "gap", "status"]].values.tolist()
    [[2023, 46.0, 48.0, 2.0, 'reached'], [2027, 46.0, 46.5, 0.5, 'ahead']]
    >>> targets_on_path(case)[["numerator", "denominator"]].values.tolist()
    [[2.0, 2.0], [2.0, 2.0]]
    """
    if inputs.results is None:
        return measured([])
    progress = target_progress(inputs)
    judged = progress[progress["status"].isin(["reached", "ahead", "behind", "overdue"])]
    good = judged["status"].isin(["reached", "ahead"])
    named = [judged["rule"], judged["stage"].fillna("all"), judged["year"].astype(str)]
    things = pd.DataFrame(
        {
            "numerator": good.astype(float),
            "denominator": 1.0,
            "case": ~good,
            "district_id": judged["district_id"],
        }
    ).set_axis(pd.Index([":".join(map(str, one)) for one in zip(*named, strict=True)], dtype=object), axis=0)
    stages = judged["stage"].to_numpy(dtype=object)
    parts = [by_area(inputs, things[stages == one], stage=one) for one in inputs.city.stages]
    return stack_rows([by_area(inputs, things), *parts])
