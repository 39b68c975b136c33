"""Pupils by place of residence, as school offices count them, instead of children of an age."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from layoutplan.dictionary.rolls import stage_column
from layoutplan.dictionary.table_log import TableLog
from layoutplan.standards import Standards


def children_of_pupils(
    areas: pd.DataFrame, participation: Mapping[str, float], standards: Standards, *, log: TableLog
) -> pd.DataFrame | None:
    """Return the areas with the children that stand behind the pupils who live there.

    Demand is children × participation. Pupils are counted already, so that the children are pupils ÷
    participation, and the demand of the base year is the pupils given.

    Parameters
    ----------
    areas
        Input table ``units``, with ``pupils_<stage>``.
    participation
        Pupils per child that the plan states, by stage; else that of the profile, else 1.
    standards
        Rules of the base year.
    log
        Receives an error where a stage has pupils and children, or a participation of 0; a notice for each
        stage read so.

    Returns
    -------
    pandas.DataFrame or None
        ``areas`` itself where no pupils are given; ``None`` after an error.
    """
    found, sound = areas, True
    for stage, shared in standards.schooling.stages_shared(standards.stages).items():
        column, children = stage_column("pupils", shared), stage_column("children", shared)
        if column not in areas or not areas[column].notna().any():
            continue
        ruled = standards.numbers("demand.participation", stage)
        rate = float(participation.get(stage, ruled[0] if ruled else 1.0))
        if children in areas and areas[children].notna().any():
            log.add("pupils_and_children", column=column, stage=stage)
            sound = False
        elif rate <= 0:
            log.add("pupils_without_participation", column=column, stage=stage)
            sound = False
        else:
            pupils = areas[column].to_numpy(dtype=np.float64, na_value=np.nan)
            found = found.assign(**{children: pupils / rate})
            log.add(
                "children_from_pupils",
                severity="notice",
                column=column,
                stage=stage,
                pupils=float(np.nansum(pupils)),
                children=float(np.nansum(pupils)) / rate,
                participation=rate,
            )
    return found if sound else None
