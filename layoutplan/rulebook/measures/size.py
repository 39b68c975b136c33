"""School size and class size (section D): 办学规模、班额、台账."""

from __future__ import annotations

import pandas as pd

from layoutplan.review.rules import COMPULSORY_STAGES
from layoutplan.rulebook.measured import measured
from layoutplan.rulebook.model import Evidence
from layoutplan.standards import SCHOOL_TYPE_STAGES


def school_size(evidence: Evidence) -> pd.DataFrame:
    """Measure the pupils of every school of a compulsory stage against the cap of its type.

    One row a school: ``numerator`` its compulsory pupils, ``need`` those above the cap.

    Examples
    --------
    >>> from layoutplan.rulebook.worked import worked_example
    >>> case = worked_example(schools={"school_id": ["A", "B"], "school_type": ["primary", "nine_year"],
    ...     "enrolment_primary": [2160, 1620], "enrolment_junior": [None, 900]})
    >>> school_size(case)[["area_id", "value", "need"]].values.tolist()
    [['A', 2160.0, 160.0], ['B', 2520.0, 20.0]]
    """
    schools = evidence.city.schools
    columns = [f"enrolment_{stage}" for stage in COMPULSORY_STAGES]
    pupils = schools.reindex(columns=columns).astype(float).sum(axis=1, min_count=1)
    taught = schools["school_type"].map(
        lambda kind: bool(set(SCHOOL_TYPE_STAGES.get(str(kind), ())) & set(COMPULSORY_STAGES))
    )
    rows = []
    for school_id, count in pupils[taught & pupils.notna()].items():
        cap = evidence.standards.find("school_size.cap", str(schools["school_type"][school_id]))
        rows.append(
            {
                "area_kind": "school",
                "area_id": str(school_id),
                "area": str(schools["name"][school_id]),
                "year": evidence.base_year,
                "numerator": count,
                "need": max(0.0, count - float(cap.value))
                if cap and isinstance(cap.value, float | int)
                else None,
                "need_unit": "pupils",
                "responsible_unit": schools["responsible_unit"][school_id],
            }
        )
    return measured(rows)
