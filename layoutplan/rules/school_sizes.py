"""School size and capacity: more pupils than the cap or the seats, and small schools."""

from __future__ import annotations

import numpy as np
import pandas as pd

from layoutplan.dictionary.rolls import by_stage, rolls, stage_column
from layoutplan.layouts.seats import Seats
from layoutplan.standards import Standards


def oversized_schools(schools: pd.DataFrame, standards: Standards) -> pd.DataFrame:
    """Find schools with more pupils than the cap of their type.

    Pupils of the compulsory stages count together (a nine-year school has one cap); a school that teaches
    none of them is judged by the pupils of its own stages. A school exactly at the cap is allowed.

    Parameters
    ----------
    schools
        The schools open in the year; column ``enrolment_<stage>`` in pupils.
    standards
        The rules in force in that year.

    Returns
    -------
    pandas.DataFrame
        One row a case: ``school_id``, ``value`` and ``threshold`` (pupils), ``excess_pupils``,
        ``seats_needed`` (seats elsewhere for the excess), ``source``, ``confidence``.
    """
    parts = []
    for kind in standards.schooling.types:
        school_type, own_stages = kind.id, kind.stages
        rule = standards.find("school_size.cap", school_type)
        of_type = schools[schools["school_type"] == school_type]
        if rule is None or of_type.empty:
            continue
        together = standards.schooling.compulsory
        compulsory = any(stage in together for stage in own_stages)
        pupils = by_stage(of_type, "enrolment", together if compulsory else own_stages).sum(axis=1)
        cap = standards.number("school_size.cap", school_type)
        parts.append(
            _cases(pupils, cap, above=True).assign(source=rule.source, confidence=rule.confidence),
        )
    return _stack(parts).assign(rule="oversized_school", stage=None, unit="pupils", basis="enrolment")


def over_capacity(
    schools: pd.DataFrame, seats: Seats, standards: Standards, *, stage: str, year: int
) -> pd.DataFrame:
    """Find schools with more pupils of a stage than seats.

    The source of the threshold is the column of the schools table that states the seats, else the standard
    class size the seats were derived from. ``classes_needed`` is the number of classes of standard size for
    the excess.

    Parameters
    ----------
    schools
        The schools open in the year.
    seats
        Seats by stage, year and school.
    standards
        The rules in force in that year.
    stage
        Id of the stage.
    year
        The year of enrolment and seats.

    Returns
    -------
    DataFrame
        One row per case, as :func:`oversized_schools`, with ``classes_needed``.
    """
    offered = seats.seats[stage][year].reindex(schools.index).astype(float)
    cases = _cases(rolls(schools, stage)["enrolment"], offered, above=True)
    rule = standards.find("class_size.standard", stage)
    column = stage_column("seats", stage)
    stated = rolls(schools, stage)["seats"].reindex(cases["school_id"]).notna().to_numpy(dtype=bool)
    cases["source"], cases["confidence"] = f"schools.{column}", None
    cases["classes_needed"] = np.nan
    if rule is not None:
        cases.loc[~stated, ["source", "confidence"]] = [rule.source, rule.confidence]
        size = standards.number("class_size.standard", stage)
        cases["classes_needed"] = np.ceil(cases["excess_pupils"] / size)
    return cases.assign(rule="over_capacity", stage=stage, unit="pupils", basis="enrolment")


def find_small_schools(schools: pd.DataFrame, standards: Standards, *, stage: str) -> pd.DataFrame:
    """Find schools with pupils of a stage, but fewer than the profile's small school.

    Parameters
    ----------
    schools
        The schools open in the year.
    standards
        The rules in force in that year.
    stage
        Id of the stage.

    Returns
    -------
    DataFrame
        One row per case; empty where the profile has no such rule.
    """
    rule = standards.find("school_size.small", stage)
    if rule is None:
        return _stack([])
    pupils = rolls(schools, stage)["enrolment"]
    cases = _cases(pupils[pupils > 0], standards.number("school_size.small", stage), above=False)
    cases = cases.assign(source=rule.source, confidence=rule.confidence)
    return cases.assign(rule="small_school", stage=stage, unit="pupils", basis="enrolment")


def _cases(pupils: pd.Series, threshold: float | pd.Series, *, above: bool) -> pd.DataFrame:
    """Return one row a school whose pupils are above (or below) the threshold; unknown is neither."""
    limit = pd.Series(threshold, index=pupils.index, dtype=float)
    broken = pupils > limit if above else pupils < limit
    excess = (pupils - limit)[broken] if above else np.nan
    return pd.DataFrame(
        {
            "school_id": pupils.index[broken],
            "value": pupils[broken].to_numpy(),
            "threshold": limit[broken].to_numpy(),
            "excess_pupils": np.asarray(excess),
            "seats_needed": np.ceil(excess),
            "cases": 1,
        },
    )


def _stack(parts: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({"school_id": []})
