"""Enrolment of every school for the public share: as stated, or estimated where it is blank."""

from __future__ import annotations

import pandas as pd

from layoutplan.city.city import City
from layoutplan.city.teaching import teaches
from layoutplan.dictionary.rolls import rolls, stage_column
from layoutplan.errors import FaultLog
from layoutplan.standards.rules import Standards


def estimated_enrolment(
    stage: str,
    city: City,
    standards: Standards,
    *,
    counted: pd.Series[bool],
    residents: float,
    log: FaultLog,
) -> pd.Series[float] | None:
    """Return the base-year enrolment of every school in a stage; a blank is never taken as 0.

    A school is silent if it is open in the base year, teaches the stage or offers seats in it, and states no
    enrolment. A silent school is taken to be as full as the schools that report: its seats × (their enrolment
    ÷ their seats). If none of the schools that count reports, or none of those that do not count, or a silent
    school has no seats to estimate from, the share of the two is unknown.

    Parameters
    ----------
    stage
        Stage.
    city
        Schools with enrolment, seats and classes, and the base year.
    standards
        Rules of the base year, for the class size.
    counted
        Whether the seats of each school count in the base year, index ``school_id``.
    residents
        Resident pupils at the base year, for the report.
    log
        Receives a warning where schools are silent.

    Returns
    -------
    pandas.Series or None
        Index ``school_id``; 0 where a school does not teach the stage or is not open. ``None`` if the share
        is unknown.
    """
    schools = city.schools
    stated: pd.Series[float] = city.rolls(stage)["enrolment"]
    seats = _seats(schools, stage, standards)
    silent = stated.isna() & teaches(schools, stage, city.schooling) & _is_open(schools, city.base_year)
    if not silent.any() or not stated.notna().any():
        return stated.fillna(0.0)
    reporting = stated.notna() & (stated > 0)
    sides = [side & (reporting | silent) for side in (counted, ~counted)]
    known = reporting & (seats > 0)
    unknown = any(side.any() and not (side & reporting).any() for side in sides)
    if unknown or not known.any() or not (seats[silent] > 0).all():
        log.add(
            "public_share_unknown",
            severity="warning",
            table="schools",
            rows=schools.index[silent],
            column=stage_column("enrolment", stage),
            stage=stage,
            pupils=residents,
        )
        return None
    fill = float(stated[known].sum() / seats[known].sum())
    estimated: pd.Series[float] = stated.where(~silent, seats * fill).fillna(0.0)
    log.add(
        "enrolment_estimated",
        severity="warning",
        table="schools",
        rows=schools.index[silent],
        column=stage_column("enrolment", stage),
        stage=stage,
        count=int(silent.sum()),
        pupils=float(estimated[silent].sum()),
        share=float(estimated[counted].sum() / estimated.sum()),
    )
    return estimated


def _seats(schools: pd.DataFrame, stage: str, standards: Standards) -> pd.Series[float]:
    """Return the seats stated, else classes × standard class size; NaN where neither is known."""
    own = rolls(schools, stage)
    if not own["classes"].notna().any():
        return own["seats"]
    return own["seats"].fillna(own["classes"] * standards.class_size(stage))


def _is_open(schools: pd.DataFrame, year: int) -> pd.Series[bool]:
    opened = schools["opened_year"].fillna(year).astype(int) <= year
    return opened & (schools["closed_year"].fillna(year + 1).astype(int) > year)
