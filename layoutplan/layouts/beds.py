"""Beds of schools (寄宿床位): which of them pupils of each stage may take, and who is old enough."""

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
    """Return the beds of every stage, and the share of its pupils who are old enough to board.

    Stages are placed one by one, so the beds of a school are divided among its stages that may board, in
    proportion to their seats that count: whole beds, the largest remainders rounded up. A stage never has
    more beds than seats, the stages together never more than the school.

    Parameters
    ----------
    beds
        Beds of the schools of ``seats``, schools × years.
    profile
        A stage may board from the grade of rule ``boarding.first_grade`` on, grades of a stage being counted
        from 1; a stage without the rule does not board. Pupils are taken to be spread evenly over the grades.

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
        for stage, part in zip(may, divided(beds, np.stack([*may.values()])), strict=True)
        if part.any()
    }
    if not found:
        log.add("boarding_nowhere", severity="warning", table="schools", column="boarding_beds")
    return Boarding(
        beds=MappingProxyType(found), share=MappingProxyType({stage: share[stage] for stage in found})
    )


def old_enough(standards: Standards, stage: str) -> float:
    """Return the share of a stage's grades that may board; 0 where the profile does not let it."""
    rule = standards.find(_FIRST_GRADE, stage)
    if rule is None:
        return 0.0
    grades = standards.grades(stage)
    return min(max((grades - standards.number(_FIRST_GRADE, stage) + 1) / grades, 0.0), 1.0)


def divided(beds: FloatArray, seats: FloatArray) -> FloatArray:
    """Divide beds (schools × years) in proportion to seats (stages × schools × years), in whole beds.

    Examples
    --------
    >>> divided(np.array([[100.0]]), np.array([[[540.0]], [[270.0]]])).ravel().tolist()
    [67.0, 33.0]
    >>> divided(np.array([[900.0]]), np.array([[[540.0]], [[270.0]]])).ravel().tolist()
    [540.0, 270.0]
    """
    total = seats.sum(axis=0)
    used = np.floor(np.minimum(beds, total))
    parts = np.divide(seats * used, total, out=np.zeros_like(seats), where=total > 0)
    whole = np.floor(parts)
    place = np.argsort(np.argsort(whole - parts, axis=0, kind="stable"), axis=0, kind="stable")
    return np.asarray(np.minimum(whole + (place < used - whole.sum(axis=0)), seats))
