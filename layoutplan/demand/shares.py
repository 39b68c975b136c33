"""From children to pupils who need a public seat: participation and the public share."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import pandas as pd

from layoutplan.city.city import City
from layoutplan.errors import FaultLog
from layoutplan.plan.settings import Stage
from layoutplan.standards.rules import Profile

_PROVEN_FROM: Final = 0.97
"""Enrolment of at least this share of the resident pupils leaves nobody to look for.

Enrolment is counted in September, residents by age are estimated or counted at another date: a few in a
hundred differ even where every child is in a school of the table, and a private sector of the size worth a
warning would leave more out.
"""


def participation(
    stage: str,
    years: Sequence[int],
    *,
    stated: Mapping[Stage, float],
    profile: Profile,
    log: FaultLog,
) -> pd.Series[float]:
    """Return pupils per child of the stage's ages, by year.

    The plan's figure holds for all years; else the profile's rule ``demand.participation`` of each year;
    else 1, which is noted.
    """
    found = _stated_or_ruled("demand.participation", stage, years, stated=stated, profile=profile)
    if found.isna().any():
        log.add("participation_assumed", severity="notice", table="demand", stage=stage)
    return found.fillna(1.0)


def resolve_public_share(
    stage: str,
    *,
    city: City,
    stated: Mapping[Stage, float],
    profile: Profile,
    ownership: Collection[str],
    residents: float,
    log: FaultLog,
    counting: pd.DataFrame | None = None,
) -> pd.Series[float]:
    """Return the share of pupils who need a seat that counts, by year.

    The plan's figure; else the profile's rule ``demand.public_share`` of each year; else the share of the
    base year's enrolment that is in schools that count in that year; else, where no enrolment is given, 1.
    The last two are noted. A school counts by its ownership, or as ``counting`` says (schools × years): a
    private school that a project makes public brings its seats, and its pupils, who need them from then on.
    Seats bought in a private school are for those who lack one, and move no pupil into the demand.

    Where every school listed counts, their enrolment proves nothing: a warning says so if they hold clearly
    fewer pupils (below 97 %) than the ``residents`` who are pupils at the base year.
    """
    found = _stated_or_ruled("demand.public_share", stage, city.years, stated=stated, profile=profile)
    if not found.isna().any():
        return found
    enrolment = city.schools[f"enrolment_{stage}"].astype(float).fillna(0.0)
    if enrolment.sum() <= 0:
        log.add("public_share_assumed", severity="notice", table="demand", stage=stage)
        return found.fillna(1.0)
    by_ownership = city.schools["ownership"].fillna("public").isin(ownership)
    counts = pd.DataFrame(dict.fromkeys(city.years, by_ownership))
    if counting is not None:
        counts = counting.loc[city.schools.index, [*city.years]]
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
    """Say by how much schools that come to count, or count no more, move the share."""
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
    key: str, stage: str, years: Sequence[int], *, stated: Mapping[Stage, float], profile: Profile
) -> pd.Series[float]:
    """Return the plan's figure or the profile's rule of each year; null where neither is."""
    of_plan = {str(name): value for name, value in stated.items()}.get(stage)
    if of_plan is not None:
        return pd.Series(of_plan, index=[*years], dtype=float)
    ruled = [profile.at(year).numbers(key, stage) for year in years]
    return pd.Series([values[0] if values else float("nan") for values in ruled], index=[*years], dtype=float)
