"""Totals of the city held against its residents: children, dwellings, seats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from layoutplan.dictionary.rolls import rolls, stage_column
from layoutplan.dictionary.table_log import TableLog

_CHILDREN: Final = 0.6
"""Largest share of residents under 18: about half in the youngest countries."""

_PER_DWELLING: Final = (0.3, 15.0)
"""Residents per dwelling."""

_PER_CHILD: Final = (0.02, 8.0)
"""Seats per resident child of a stage; catchments of one school may well be at either end."""


def report_totals(
    areas: pd.DataFrame,
    residents: pd.Series,
    by_age: pd.DataFrame,
    *,
    schools: pd.DataFrame,
    ages: Mapping[str, tuple[int, int]],
    stages: Sequence[str],
    logs: Mapping[str, TableLog],
) -> None:
    """Warn of totals that do not fit the residents of the city.

    Parameters
    ----------
    areas
        Table ``units``, with ``dwellings``.
    residents, by_age
        Residents of every area, in all and by single year of age.
    schools
        Table ``schools``, with seats by stage.
    ages
        First and last age of each stage.
    stages
        Planned stages.
    logs
        Logs of tables ``units`` and ``schools``; receive warnings.
    """
    everyone, children = float(residents.sum()), float(by_age.to_numpy().sum())
    if children > _CHILDREN * everyone and everyone > children:
        logs["units"].add(
            "children_share_high",
            severity="warning",
            children=children,
            residents=everyone,
            share=children / everyone,
        )
    homes = areas["dwellings"].astype(float)
    known = homes > 0
    if known.any():
        per_home = float(residents[known].sum() / homes[known].sum())
        if not _PER_DWELLING[0] <= per_home <= _PER_DWELLING[1]:
            logs["units"].add(
                "residents_per_dwelling",
                severity="warning",
                column="dwellings",
                residents=float(residents[known].sum()),
                dwellings=float(homes[known].sum()),
                ratio=per_home,
            )
    for stage in stages:
        first, last = ages[stage]
        own = [age for age in by_age.columns if first <= int(age) <= last]
        pupils, seats = float(by_age[own].to_numpy().sum()), float(rolls(schools, stage)["seats"].sum())
        if pupils > 0 and seats > 0 and not _PER_CHILD[0] <= seats / pupils <= _PER_CHILD[1]:
            logs["schools"].add(
                "seats_per_child",
                severity="warning",
                column=stage_column("seats", stage),
                stage=stage,
                seats=seats,
                children=pupils,
                ratio=seats / pupils,
            )
