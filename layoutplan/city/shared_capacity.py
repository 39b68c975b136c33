"""One capacity for several stages: divided among them, so that no seat is counted twice."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from layoutplan.arrays import FloatArray
from layoutplan.city.teaching import stages_of
from layoutplan.dictionary.rolls import by_stage, stage_column
from layoutplan.dictionary.table_log import TableLog
from layoutplan.standards import Standards


def share_capacity(
    schools: pd.DataFrame, stages: Sequence[str], standards: Standards, *, log: TableLog
) -> pd.DataFrame:
    """Return schools whose capacity, the same for several stages, is divided among the stages they teach.

    Of the stages given, a school divides its capacity among those that its type teaches: by enrolment where
    it states one for each of them, else by classes, else by the number of grades of each stage.

    Parameters
    ----------
    schools
        Checked table; ``seats_<stage>`` of the given stages hold one and the same capacity.
    stages
        The stages that share it.
    standards
        Rules of the base year, for the grades of each stage.
    log
        Receives a notice with the number of schools divided.

    Returns
    -------
    pandas.DataFrame
        A new frame; the seats of a school add up to its capacity.
    """
    seats = {stage: own.to_numpy(copy=True) for stage, own in by_stage(schools, "seats", stages).items()}
    several = 0
    for place, (_, school) in enumerate(schools.iterrows()):
        # the type alone decides: every stage given has seats here, as it reads the same cell
        bare = school.drop([stage_column("seats", stage) for stage in standards.schooling.ids])
        taught = [stage for stage in stages_of(bare, standards.schooling) if stage in stages] or [*stages]
        share = _shares(school, taught, standards)
        for stage in stages:
            part = share[taught.index(stage)] if stage in taught else np.nan
            seats[stage][place] *= part
        several += len(taught) > 1
    log.add("capacity_shared", severity="notice", count=several, stages=", ".join(stages))
    return schools.assign(**{stage_column("seats", str(stage)): values for stage, values in seats.items()})


def _shares(school: pd.Series, taught: Sequence[str], standards: Standards) -> FloatArray:
    """Return the share of each stage taught; they sum to one."""
    for what in ("enrolment", "classes"):
        stated = [school[stage_column(what, stage)] for stage in taught]
        if all(pd.notna(value) for value in stated) and sum(map(float, stated)) > 0:
            return np.array([float(value) for value in stated]) / sum(map(float, stated))
    grades = np.array(
        [float(standards.grades(stage)) if stage in standards.stages else 1.0 for stage in taught]
    )
    return np.asarray(grades / grades.sum(), dtype=np.float64)
