"""Which schools teach a stage: by their type, or because they hold classes of it besides."""

from __future__ import annotations

import pandas as pd

from layoutplan.dictionary.rolls import rolls, stage_column
from layoutplan.standards.schooling import Schooling


def _offers(schools: pd.DataFrame, stage: str) -> pd.Series[bool]:
    """Return which schools state seats or classes in a stage."""
    return (rolls(schools, stage)[["seats", "classes"]] > 0).any(axis=1)


def teaches(schools: pd.DataFrame, stage: str, schooling: Schooling) -> pd.Series[bool]:
    """Return which schools teach a stage: by their type, or by classes that their type may hold.

    Parameters
    ----------
    schools
        Columns ``school_type``, ``seats_<stage>`` and ``classes_<stage>`` (the last two may be absent).
    stage
        Stage.
    schooling
        Stages and school types.

    Returns
    -------
    pandas.Series
        On the index of ``schools``. Figures of any other stage that the type lacks are doubtful, and are
        reported where the table is checked.
    """
    by_type = schooling.are_taught(schools["school_type"], stage)
    holding = [kind.id for kind in schooling.types if stage in kind.holds]
    if not holding:
        return by_type
    return by_type | (schools["school_type"].isin(holding) & _offers(schools, stage))


def stages_of(school: pd.Series, schooling: Schooling) -> tuple[str, ...]:
    """Return the stages that one school teaches (see :func:`teaches`).

    Parameters
    ----------
    school
        A row of table ``schools``.
    schooling
        Stages and school types.

    Returns
    -------
    tuple of str
        Youngest first.
    """
    taught, may_hold = (of(school["school_type"]) for of in (schooling.taught_by, schooling.held_by))
    return tuple(
        stage for stage in schooling.ids if stage in taught or (stage in may_hold and _states(school, stage))
    )


def _states(school: pd.Series, stage: str) -> bool:
    """Return whether a school states seats or classes in a stage."""
    stated = (school.get(stage_column(figure, stage)) for figure in ("seats", "classes"))
    return any(pd.notna(value) and value > 0 for value in stated)
