"""Teaching posts (section D of the zone's plan): 教师编制核定. A number only; teachers are not planned."""

from __future__ import annotations

import numpy as np
import pandas as pd

from layoutplan.rules.measured import CITY, measured
from layoutplan.rules.rule_inputs import RuleInputs

_ROUNDING = 1e-9  # posts


def posts(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the teaching posts that the pupils call for: pupils / pupils per teacher of the profile.

    City and districts, by stage, in base and target year; the pupils are the demand for counted seats, so the
    seats that have to be added are included. ``numerator``: pupils; ``denominator``: pupils per teacher;
    ``value``: posts, whole; ``need``: posts more than in the base year.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    19 primary pupils for each teacher: 600 pupils need 32 posts.

    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(stages=["primary"], units={"unit_id": ["U"], "age_6": [600]}, target_year=2025)
    >>> posts(case)[["stage", "numerator", "denominator", "value"]].values.tolist()
    [['primary', 600.0, 19.0, 32.0]]
    """
    districts = inputs.balance.districts.assign(area_kind="district")
    city = inputs.balance.city.assign(area_kind=CITY, district_id=CITY, name=inputs.city.name)
    table = pd.concat([city, districts], ignore_index=True)
    years = [*dict.fromkeys((inputs.base_year, inputs.target_year))]
    table = table[table["year"].isin(years)]
    rows = []
    now: dict[tuple[object, ...], float] = {}
    for row in table.sort_values("year", kind="stable").to_dict("records"):
        stage, year = str(row["stage"]), int(row["year"])
        ratio = inputs.limit("staff.pupils_per_teacher", stage, year=year)
        if ratio is None:
            continue
        wanted = float(np.ceil(float(row["demand"]) / ratio - _ROUNDING)) + 0.0
        place = (row["area_kind"], row["district_id"], stage)
        before = now.setdefault(place, wanted)
        rows.append(
            {
                "area_kind": row["area_kind"],
                "area_id": str(row["district_id"]),
                "area": row["name"],
                "stage": stage,
                "year": year,
                "numerator": float(row["demand"]),
                "denominator": ratio,
                "value": wanted,
                "need": max(wanted - before, 0.0),
                "need_unit": "posts",
            }
        )
    return measured(rows)
