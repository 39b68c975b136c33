"""Layout and supply (section A): 学位来源、覆盖、标准化与办学规模."""

from __future__ import annotations

import pandas as pd

from layoutplan.dictionary.rolls import by_stage
from layoutplan.rules.flags import open_schools
from layoutplan.rules.measured import CITY, by_area, list_ids, measured, short_of, teaching
from layoutplan.rules.rule_inputs import RuleInputs
from layoutplan.rules.seat_sources import seat_sources


def ways_to_seats(inputs: RuleInputs, *, subject: str) -> pd.DataFrame:
    """Measure how much of the net shortage each source of seats could cover, in order: reuse, expand, build.

    ``numerator`` (and ``value``): the seats the source provides of what the sources before it leave;
    ``denominator``: the pupils of the target year whom the best assignment leaves without a seat within reach
    (:func:`~layoutplan.rules.seat_sources.shortfalls`); ``case_ids``: the sites and schools.

    Parameters
    ----------
    inputs : RuleInputs
    subject
        ``reuse`` (idle sites), ``expand`` (open public schools to their next allowed size), ``build``.

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    A school of 18 classes may grow to 24: 270 seats of the 300 missing; 30 are left to be built.

    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(stages=["primary"], schools={"school_id": ["A"], "school_type": ["primary"],
    ...     "seats_primary": [810], "classes_primary": [18]},
    ...     units={"unit_id": ["U"], "x": [500], "y": [500], "age_6": [1110]}, target_year=2025)
    >>> [ways_to_seats(case, subject=way)["numerator"].item() for way in ("reuse", "expand", "build")]
    [0.0, 270.0, 30.0]
    """
    return measured(
        [
            {
                "area_kind": source.area_kind,
                "area_id": source.area_id,
                "area": source.area,
                "stage": source.stage,
                "year": inputs.target_year,
                "numerator": source.seats[subject],
                "denominator": source.shortfall,
                "value": source.seats[subject],
                "case_ids": list_ids(source.places[subject]),
            }
            for source in inputs.once(seat_sources)
        ]
    )


def deficit_cleared(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of the pupils without a seat within reach that the proposals place, target year.

    ``denominator``: pupils unserved under today's layout; ``numerator``: those of them whom the proposals
    place; ``need``: the seats still lacking. An area without unserved pupils counts as cleared. No rows where
    nothing is proposed.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from dataclasses import replace
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(stages=["primary"], units={"unit_id": ["U"], "age_6": [60]}, target_year=2025)
    >>> deficit_cleared(replace(case, proposed=case.balance))[["value", "need"]].values.tolist()
    [[0.0, 60.0]]
    """
    if inputs.proposed is None:
        return measured([])
    rows = []
    for kind, key, before, after in (
        (CITY, None, inputs.balance.city, inputs.proposed.city),
        ("district", "district_id", inputs.balance.districts, inputs.proposed.districts),
    ):
        keys = ["stage", "year", *([key] if key else [])]
        today = before[before["year"] == inputs.target_year]
        both = today.merge(after[[*keys, "unserved"]], on=keys, suffixes=("", "_then"))
        for row in both.to_dict("records"):
            unserved, left = float(row["unserved"]), float(row["unserved_then"])
            rows.append(
                {
                    "area_kind": kind,
                    "area_id": row[key] if key else CITY,
                    "area": row["name"] if key else inputs.city.name,
                    "stage": row["stage"],
                    "year": inputs.target_year,
                    "numerator": unserved - left,
                    "denominator": unserved,
                    "value": None if unserved > 0 else 1.0,
                    "need": left,
                    "need_unit": "seats",
                }
            )
    return measured(rows)


def access_inequality(inputs: RuleInputs, *, subject: str) -> pd.DataFrame:
    """Measure the spatial mismatch or the Gini of seats and pupils, from the access stage.

    Base and target year, by stage; ``denominator`` is the number of pupils.

    Parameters
    ----------
    inputs : RuleInputs
    subject
        ``mismatch``: ½ Σ abs(share of seats − share of pupils) over catchments, the share of seats that would
        have to move; ``gini``: that of seats within reach per pupil.

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    All pupils can reach the one school alike.

    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(stages=["primary"], schools={"school_id": ["A"], "school_type": ["primary"],
    ...     "seats_primary": [540]}, units={"unit_id": ["U"], "x": [500], "y": [500], "age_6": [600]},
    ...     target_year=2025)
    >>> access_inequality(case, subject="gini")["value"].tolist()
    [0.0]
    """
    if inputs.access is None:
        return measured([])
    found = inputs.access.inequality
    return measured(
        pd.DataFrame(
            {
                "area_kind": CITY,
                "area_id": CITY,
                "area": inputs.city.name,
                "stage": found["stage"],
                "year": found["year"],
                "denominator": found["demand"],
                "value": found[subject].astype(float),
            }
        )
    )


def coverage(inputs: RuleInputs, *, subject: str) -> pd.DataFrame:
    """Measure the pupils with a school or a seat within the service radius, from the access stage.

    ``numerator`` those pupils, ``denominator`` all who need a seat: city and districts, base and target year.

    Parameters
    ----------
    inputs : RuleInputs
    subject
        ``near``: with a school, on foot; ``near_circle``: with a school, in a straight line; ``seated``: with
        a seat, on foot.

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(stages=["primary"], schools={"school_id": ["A"], "school_type": ["primary"],
    ...     "seats_primary": [540]}, units={"unit_id": ["U"], "x": [500], "y": [500], "age_6": [600]},
    ...     target_year=2025)
    >>> [coverage(case, subject=one)["value"].item() for one in ("near", "near_circle", "seated")]
    [1.0, 1.0, 0.9]
    """
    if inputs.access is None:
        return measured([])
    found = inputs.access.coverage
    city = found["level"] == CITY
    return measured(
        pd.DataFrame(
            {
                "area_kind": found["level"],
                "area_id": found["district_id"].where(~city, CITY),
                "area": found["name"],
                "stage": found["stage"],
                "year": found["year"],
                "numerator": found[subject],
                "denominator": found["demand"],
                "need": found["demand"].astype(float) - found[subject].astype(float),
                "need_unit": "pupils",
            }
        )
    )


def standardised(inputs: RuleInputs) -> pd.DataFrame:
    """Measure the share of open schools of the compulsory stages that meet every item of the standards.

    ``need``: the schools lacking to the share the profile asks for (all of them where it asks for none).

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(schools={"school_id": ["A", "B"], "school_type": ["primary", "junior"],
    ...     "standardised": [True, False]})
    >>> standardised(case)[["value", "need", "case_ids"]].values.tolist()
    [[0.5, 1.0, 'B']]
    """
    schools = teaching(
        inputs, open_schools(inputs.city.schools, inputs.base_year), *inputs.schooling.compulsory
    )
    stated = schools[schools["standardised"].notna()]
    met = stated["standardised"].astype(bool)
    things = pd.DataFrame(
        {
            "numerator": met.astype(float),
            "denominator": 1.0,
            "need": (~met).astype(float),
            "case": ~met,
            "district_id": stated["district_id"],
        }
    )
    rows = by_area(inputs, things, need_unit="schools")
    return short_of(rows, inputs.limit("school.standardised_share"), unit="schools")


def target_size(inputs: RuleInputs) -> pd.DataFrame:
    """Measure how far each open school is from the size set by the office: abs(pupils / target − 1).

    ``need`` is the number of pupils above the target; negative below it.

    Parameters
    ----------
    inputs : RuleInputs

    Returns
    -------
    DataFrame with the columns ``MEASURED``

    Examples
    --------
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> case = worked_example(schools={"school_id": ["A"], "school_type": ["primary"],
    ...     "enrolment_primary": [900], "target_size": [1000]})
    >>> target_size(case)[["numerator", "denominator", "value", "need"]].round(3).values.tolist()
    [[900.0, 1000.0, 0.1, -100.0]]
    """
    schools = open_schools(inputs.city.schools, inputs.base_year)
    pupils = by_stage(schools, "enrolment", inputs.city.stages).sum(axis=1, min_count=1)
    target = schools["target_size"].astype(float)
    return measured(
        [
            {
                "area_kind": "school",
                "area_id": str(school_id),
                "area": str(schools["name"][school_id]),
                "year": inputs.base_year,
                "numerator": pupils[school_id],
                "denominator": target[school_id],
                "value": abs(pupils[school_id] / target[school_id] - 1.0),
                "need": pupils[school_id] - target[school_id],
                "need_unit": "pupils",
                "responsible_unit": schools["responsible_unit"][school_id],
            }
            for school_id in schools.index[pupils.notna() & (target > 0)]
        ]
    )
