"""Which schools teach a stage: by their type, or because they hold classes of the stage below it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from layoutplan.dictionary import STAGES
from layoutplan.standards.rules import SCHOOL_TYPE_STAGES

_NURSERY: Final = STAGES[0]
_ABOVE: Final = STAGES[1]


def _types(stage: str) -> list[str]:
    return [kind for kind, stages in SCHOOL_TYPE_STAGES.items() if stage in stages]


def _offers(schools: pd.DataFrame, stage: str) -> pd.Series[bool]:
    """Return which schools state seats or classes in a stage."""
    found = pd.Series(data=False, index=schools.index)
    for column in (f"seats_{stage}", f"classes_{stage}"):
        if column in schools:
            found |= (schools[column] > 0).fillna(value=False).astype(bool)
    return found


def teaches(schools: pd.DataFrame, stage: str) -> pd.Series[bool]:
    """Return which schools teach a stage: by their type, or as nursery classes of a primary school.

    Parameters
    ----------
    schools
        Columns ``school_type``, ``seats_<stage>`` and ``classes_<stage>`` (the last two may be absent).
    stage
        Stage.

    Returns
    -------
    pandas.Series
        On the index of ``schools``. Figures of any other stage that the type lacks are doubtful, and are
        reported where the table is checked.
    """
    by_type = schools["school_type"].isin(_types(stage))
    if stage != _NURSERY:
        return by_type
    return by_type | (schools["school_type"].isin(_types(_ABOVE)) & _offers(schools, stage))


def stages_of(school: pd.Series, stages: Sequence[str]) -> tuple[str, ...]:
    """Return the stages that one school teaches (see :func:`teaches`).

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
    stated = (school.get(f"seats_{_NURSERY}"), school.get(f"classes_{_NURSERY}"))
    nursery = _ABOVE in by_type and any(pd.notna(value) and value > 0 for value in stated)
    return tuple(stage for stage in stages if stage in by_type or (stage == _NURSERY and nursery))
