"""Participation and public share: from children to pupils who need a public seat."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import pandas as pd

from layoutplan.city.city import City
from layoutplan.demand.enrolled import estimated_enrolment
from layoutplan.errors import FaultLog
from layoutplan.plan.settings import StageId
from layoutplan.standards.rules import Profile

_PROVEN_FROM: Final = 0.97
"""Ratio of enrolment to resident pupils from which the schools table is taken to be complete.

Enrolment is counted in September, residents by age are estimated or counted at another date, so the two
differ by a few per cent even if the table lists every school; a private sector large enough for a warning
would cause a larger difference.
"""


def participation(
    stage: str,
    years: Sequence[int],
    *,
    stated: Mapping[StageId, float],
    profile: Profile,
    log: FaultLog,
) -> pd.Series[float]:
    """Return the participation rate, pupils per child of the stage's ages, by year.

    Sources in order of precedence: the plan's figure (for all years); the profile's rule
    ``demand.participation`` of each year; 1, with a notice.

    Parameters
    ----------
    stage
        Stage.
    years
        Years of the result.
    stated
        ``[demand] participation`` of the plan, by stage.
    profile
        Provides the rule.
    log
        Receives the notice.

    Returns
    -------
    pandas.Series
        Index ``years``; without nulls.
    """
    found = _stated_or_ruled("demand.participation", stage, years, stated=stated, profile=profile)
    if found.isna().any():
        log.add("participation_assumed", severity="notice", table="demand", stage=stage)
    return found.fillna(1.0)


def resolve_public_share(
    stage: str,
    *,
    city: City,
    stated: Mapping[StageId, float],
    profile: Profile,
    ownership: Collection[str],
    residents: float,
    log: FaultLog,
    counting: pd.DataFrame | None = None,
) -> pd.Series[float]:
    """Return the share of pupils who need a counted seat, by year.

    Sources in order of precedence: the plan's figure; the profile's rule ``demand.public_share`` of each
    year; the share of base-year enrolment in schools that count in that year; 1, where no enrolment is given.
    The last two are recorded as notices. An open school without an enrolment figure is not taken as empty:
    see :func:`~layoutplan.demand.enrolled.estimated_enrolment`. A private school converted to a public one by
    a project adds its pupils to the demand from then on, as it adds its seats. Seats purchased in a private
    school serve pupils without a seat and do not change the share.

    If every listed school counts, the enrolment cannot reveal a private sector: a warning is recorded
    instead if the schools enrol fewer than 97 % of ``residents``.

    Parameters
    ----------
    stage
        Stage.
    city
        Provides the schools with enrolment and ownership, and the years.
    stated
        ``[demand] public_share`` of the plan, by stage.
    profile
        Provides the rule.
    ownership
        Ownerships whose seats count.
    residents
        Resident pupils at the base year (children × participation), for comparison with enrolment.
    log
        Receives notices and warnings.
    counting
        Schools × years, boolean: whether each school counts; ``None`` uses ``ownership`` for all years.

    Returns
    -------
    pandas.Series
        Index ``city.years``.
    """
    found = _stated_or_ruled("demand.public_share", stage, city.years, stated=stated, profile=profile)
    if not found.isna().any():
        return found
    by_ownership = city.schools["ownership"].fillna("public").isin(ownership)
    counts = pd.DataFrame(dict.fromkeys(city.years, by_ownership))
    if counting is not None:
        counts = counting.loc[city.schools.index, [*city.years]]
    enrolment = estimated_enrolment(
        stage, city, profile.at(city.base_year), counted=counts[city.base_year], residents=residents, log=log
    )
    if enrolment is None:
        return found.fillna(1.0)
    if enrolment.sum() <= 0:
        log.add("public_share_assumed", severity="notice", table="demand", stage=stage)
        return found.fillna(1.0)
    of_year = counts.mul(enrolment, axis=0).sum() / enrolment.sum()
    share = float(of_year.iloc[0])
    enrolled = float(enrolment.sum())
    if counts.loc[enrolment > 0].all(axis=None) and enrolled < residents * _PROVEN_FROM:
        log.add(
            "public_share_unproven",
            severity="warning",
            table="demand",
            stage=stage,
            enrolled=enrolled,
            residents=residents,
            share=enrolled / residents,
        )
    else:
        log.add("public_share_from_enrolment", severity="notice", table="demand", stage=stage, share=share)
        _note_conversions(stage, of_year, log)
    return found.fillna(of_year)


def _note_conversions(stage: str, share: pd.Series[float], log: FaultLog) -> None:
    """Record the largest change of the share caused by schools that start or cease to count."""
    moved = share - share.iloc[0]
    if (moved != 0).any():
        year = int(moved.index[int(moved.abs().argmax())])
        log.add(
            "public_share_converted",
            severity="notice",
            table="projects",
            stage=stage,
            year=year,
            before=float(share.iloc[0]),
            share=float(share[year]),
        )


def _stated_or_ruled(
    key: str, stage: str, years: Sequence[int], *, stated: Mapping[StageId, float], profile: Profile
) -> pd.Series[float]:
    """Return the plan's figure, else the profile's rule of each year; null without either."""
    of_plan = {str(name): value for name, value in stated.items()}.get(stage)
    if of_plan is not None:
        return pd.Series(of_plan, index=[*years], dtype=float)
    ruled = [profile.at(year).numbers(key, stage) for year in years]
    return pd.Series([values[0] if values else float("nan") for values in ruled], index=[*years], dtype=float)
