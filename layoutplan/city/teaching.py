"""Which schools teach a stage: by their type, or because they offer places in it."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from layoutplan.standards.rules import SCHOOL_TYPE_STAGES


def offers(schools: pd.DataFrame, stage: str) -> pd.Series[bool]:
    """Return which schools state seats or classes in a stage.

    Parameters
    ----------
    schools
        Columns ``seats_<stage>`` and ``classes_<stage>`` (either may be absent).
    stage
        Stage.

    Returns
    -------
    pandas.Series
        On the index of ``schools``.
    """
    found = pd.Series(data=False, index=schools.index)
    for column in (f"seats_{stage}", f"classes_{stage}"):
        if column in schools:
            found |= (schools[column] > 0).fillna(value=False).astype(bool)
    return found


def teaches(schools: pd.DataFrame, stage: str) -> pd.Series[bool]:
    """Return which schools teach a stage by their type, or offer places in it (nursery classes).

    Parameters
    ----------
    schools
        Columns ``school_type``, ``seats_<stage>`` and ``classes_<stage>``.
    stage
        Stage.

    Returns
    -------
    pandas.Series
        On the index of ``schools``.
    """
    types = [kind for kind, stages in SCHOOL_TYPE_STAGES.items() if stage in stages]
    return schools["school_type"].isin(types) | offers(schools, stage)


def stages_of(school: pd.Series, stages: Sequence[str]) -> tuple[str, ...]:
    """Return the stages that one school teaches by its type, or states seats or classes in.

    Parameters
    ----------
    school
        A row of table ``schools``.
    stages
        Stages to choose from.

    Returns
    -------
    tuple of str
        In the order of ``stages``.
    """
    by_type = SCHOOL_TYPE_STAGES.get(str(school["school_type"]), ())
    return tuple(
        stage
        for stage in stages
        if stage in by_type
        or any(
            pd.notna(school.get(column)) and school[column] > 0
            for column in (f"seats_{stage}", f"classes_{stage}")
        )
    )
