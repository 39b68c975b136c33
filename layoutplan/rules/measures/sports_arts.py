"""Sports and arts (section E): 体育、艺术办学条件达标."""

from __future__ import annotations

from typing import Final

import pandas as pd

from layoutplan.rules.indicators import school_indicators
from layoutplan.rules.measured import by_area, stack_rows, with_district
from layoutplan.rules.rule_inputs import RuleInputs

_ITEMS: Final = ("pe_arts_teachers", "sports_area")


def sports_arts(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of schools that meet both sports and arts items of the quality-balance standard.

    The items are sports and arts teachers per 100 pupils and sports area per pupil (教督〔2017〕6号). A
    school counts where both are given; ``case_ids`` are those that miss one.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    0.9 teachers per 100 pupils and 7.5 m² a pupil are asked of primary schools; B lacks the ground.

    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(schools={"school_id": ["A", "B"], "school_type": ["primary"] * 2},
    ...     resources={"school_id": ["A", "B"], "stage": ["primary"] * 2, "pupils": [100, 100],
    ...                "teachers_arts_sports": [1, 1], "sports_area_m2": [750, 740]})
    >>> sports_arts(case)[["stage", "numerator", "denominator", "need", "case_ids"]].values.tolist()
    [['primary', 1.0, 2.0, 1.0, 'B']]
    """
    table = school_indicators(inputs, only=_ITEMS)
    table = table[table["left_out"].isna() & table["attained"].notna()]
    parts = []
    for stage, own in table.groupby("stage", sort=False):
        met = own.assign(attained=own["attained"].astype(bool)).pivot_table(
            index="school_id", columns="indicator", values="attained", aggfunc="first"
        )
        met = met.reindex(columns=[*_ITEMS]).dropna()
        both = met.astype(bool).all(axis=1)
        things = pd.DataFrame(
            {
                "numerator": both.astype(float),
                "denominator": 1.0,
                "need": (~both).astype(float),
                "case": ~both,
            }
        )
        parts.append(by_area(inputs, with_district(inputs, things), stage=str(stage), need_unit="schools"))
    return stack_rows(parts)
