"""Columns that a table has for each stage, such as ``seats_primary``: their names are known here alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
import pandas as pd

ROLL_FIGURES: Final = (
    *("seats", "enrolment", "classes"),
    *("intake", "intake_own", "enrolment_plan", "migrants", "purchased_seats"),
)
"""What a school states for each stage; projects and proposals state seats and classes."""


def stage_column(figure: str, stage: str) -> str:
    """Return the name of the column of a figure and a stage.

    Parameters
    ----------
    figure
        What is counted, such as ``seats``.
    stage
        Id of a stage.

    Examples
    --------
    >>> stage_column("seats", "primary")
    'seats_primary'
    """
    return f"{figure}_{stage}"


def rolls(schools: pd.DataFrame, stage: str) -> pd.DataFrame:
    """Return what schools (or projects) state for one stage: a column for each figure.

    Parameters
    ----------
    schools
        Table with columns such as ``seats_<stage>``; any of them may be absent.
    stage
        Id of a stage.

    Returns
    -------
    pandas.DataFrame
        On the index of ``schools``, columns :data:`ROLL_FIGURES`, float; NaN where nothing is stated.

    Examples
    --------
    >>> schools = pd.DataFrame({"seats_primary": [1080, 540], "enrolment_primary": [990, None]})
    >>> rolls(schools, "primary")[["seats", "enrolment", "classes"]].values.tolist()
    [[1080.0, 990.0, nan], [540.0, nan, nan]]
    """
    return _numbers(schools, {figure: stage_column(figure, stage) for figure in ROLL_FIGURES})


def by_stage(schools: pd.DataFrame, figure: str, stages: Iterable[str]) -> pd.DataFrame:
    """Return one figure of schools (or projects): a column for each stage.

    Parameters
    ----------
    schools
        As for :func:`rolls`.
    figure
        One of :data:`ROLL_FIGURES`.
    stages
        Ids of stages.

    Returns
    -------
    pandas.DataFrame
        On the index of ``schools``, columns ``stages``, float; NaN where nothing is stated.

    Examples
    --------
    >>> schools = pd.DataFrame({"seats_primary": [1080], "seats_junior": [900]})
    >>> by_stage(schools, "seats", ["primary", "junior"]).sum(axis=1).tolist()
    [1980.0]
    """
    return _numbers(schools, {stage: stage_column(figure, stage) for stage in stages})


def _numbers(schools: pd.DataFrame, columns: dict[str, str]) -> pd.DataFrame:
    found = np.full((len(schools), len(columns)), np.nan)
    for place, column in enumerate(columns.values()):
        if column in schools:
            found[:, place] = schools[column].to_numpy(dtype=float, na_value=np.nan)
    return pd.DataFrame(found, index=schools.index, columns=[*columns])
