"""Boarding beds of schools (寄宿床位): allocation to stages, and the share of pupils old enough to board."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

from layoutplan.arrays import FloatArray
from layoutplan.errors import FaultLog
from layoutplan.layouts.seats import Boarding, Seats
from layoutplan.standards.rules import Profile, Standards

_FIRST_GRADE: Final = "boarding.first_grade"


def boarding_places(seats: Seats, beds: FloatArray, profile: Profile, *, log: FaultLog) -> Boarding:
    """Return the beds of every stage and the share of its pupils who are old enough to board.

    Stages are placed separately, so the beds of a school are divided among its boarding stages in proportion
    to their seats that count: whole beds, by largest remainder. A stage never has more beds than seats, and
    the stages of a school together never more beds than the school.

    Parameters
    ----------
    seats
        Seats by school, stage and year.
    beds
        Beds of the schools of ``seats``, shape (schools, years).
    profile
        A stage may board from the grade of rule ``boarding.first_grade`` on, where the grades of a stage are
        counted from 1; a stage without the rule does not board. Pupils are assumed to be distributed evenly
        over the grades.
    log
        Receives a warning if beds can be used by no stage.

    Returns
    -------
    Boarding
        Beds and shares of the stages that have beds in some year.

    Examples
    --------
    Grades 4 to 6 of primary board: half of its pupils.

    >>> from layoutplan.standards import load_profile
    >>> old_enough(load_profile("cn-national").at(2025), "primary")
    0.5
    """
    share = {
        stage: pd.Series([old_enough(profile.at(year), stage) for year in seats.years], index=[*seats.years])
        for stage in seats.seats
    }
    may = {
        stage: np.where(share[stage].to_numpy() > 0, seats.counted(stage).to_numpy(dtype=float), 0.0)
        for stage in seats.seats
    }
    found = {
        stage: pd.DataFrame(part, index=seats.schools.index, columns=[*seats.years])
        for stage, part in zip(may, divide_beds(beds, np.stack([*may.values()])), strict=True)
        if part.any()
    }
    if not found:
        log.add("boarding_nowhere", severity="warning", table="schools", column="boarding_beds")
    return Boarding(
        beds=MappingProxyType(found), share=MappingProxyType({stage: share[stage] for stage in found})
    )


def old_enough(standards: Standards, stage: str) -> float:
    """Return the share of a stage's grades that may board.

    Parameters
    ----------
    standards
        Standards of one year.
    stage
        Stage id.

    Returns
    -------
    float
        0 to 1; 0 where the profile has no rule ``boarding.first_grade`` for the stage.
    """
    rule = standards.find(_FIRST_GRADE, stage)
    if rule is None:
        return 0.0
    grades = standards.grades(stage)
    return min(max((grades - standards.number(_FIRST_GRADE, stage) + 1) / grades, 0.0), 1.0)


def divide_beds(beds: FloatArray, seats: FloatArray) -> FloatArray:
    """Divide beds among stages in proportion to their seats, in whole beds by largest remainder.

    Parameters
    ----------
    beds
        Shape (schools, years).
    seats
        Shape (stages, schools, years).

    Returns
    -------
    FloatArray
        Whole beds of the shape of ``seats``, never more than the seats.

    Examples
    --------
    >>> divide_beds(np.array([[100.0]]), np.array([[[540.0]], [[270.0]]])).ravel().tolist()
    [67.0, 33.0]
    >>> divide_beds(np.array([[900.0]]), np.array([[[540.0]], [[270.0]]])).ravel().tolist()
    [540.0, 270.0]
    """
    total = seats.sum(axis=0)
    used = np.floor(np.minimum(beds, total))
    parts = np.divide(seats * used, total, out=np.zeros_like(seats), where=total > 0)
    whole = np.floor(parts)
    place = np.argsort(np.argsort(whole - parts, axis=0, kind="stable"), axis=0, kind="stable")
    return np.asarray(np.minimum(whole + (place < used - whole.sum(axis=0)), seats))
