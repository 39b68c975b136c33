"""Residents by single year of age in every area, from whichever age columns the table has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from layoutplan.arrays import FloatArray
from layoutplan.city.ages import AGES, AgeBand, fit_profile, parse_band, split_band
from layoutplan.dictionary import STAGES
from layoutplan.dictionary.table_log import TableLog
from layoutplan.plan.settings import PopulationSettings
from layoutplan.standards import Standards

_STAGE_PREFIX: Final = {"residence": "children", "hukou": "hukou", "permit": "permit"}
_TOTAL: Final = {"residence": "population", "hukou": "population_hukou", "permit": "population"}
_ROUNDING: Final = 1.0  # tolerance between a band and its parts: one resident or one percent
_DISAGREEMENT: Final = 0.01
_OLD: Final = 85  # bands from birth to at least this age cover everybody


@dataclass(frozen=True)
class Residents:
    """Residents of every area: ``total`` (Series) and ``by_age`` (columns 0 … 17), on the areas' index.

    Ages that no column covers are 0 in every area: demand derives the youngest from births.
    """

    total: pd.Series
    by_age: pd.DataFrame


@dataclass(frozen=True)
class _Known:
    """A band with a total for every area, and the column it comes from."""

    band: AgeBand
    column: str
    people: FloatArray


def read_residents(
    areas: pd.DataFrame, settings: PopulationSettings, standards: Standards, *, log: TableLog
) -> Residents | None:
    """Return the residents of every area by single year of age; totals are preserved.

    The finest figures take precedence: single years of age, then bands, then children by stage (ages from the
    profile), then ``age_shares`` of the totals. A band that contains finer figures provides only the
    remainder.

    Parameters
    ----------
    areas
        Input table ``units``, checked; its index labels the rows of faults.
    settings
        ``[population]`` of the plan.
    standards
        Rules of the base year, for the ages of the stages.
    log
        Receives the faults.

    Returns
    -------
    Residents or None
        ``None`` if no ages can be derived, or if bands contradict each other.
    """
    total = _column(areas, _TOTAL[settings.basis])
    if total is None:
        total = _column(areas, "population")
    known = _known_bands(areas, settings, standards) or _bands_of_shares(total, settings, log=log)
    if known is None:
        return None
    _report_silence(areas, total, known, log=log)
    parts = _disentangle(known, areas.index, log=log)
    if parts is None:
        return None
    weights = _weights(parts, settings, log=log)
    if weights is None:
        return None
    by_age = pd.DataFrame(0.0, index=areas.index, columns=pd.Index(AGES))
    everyone = np.zeros(len(areas))
    for part in parts:
        everyone += part.people
        for age, values in _split(part, weights).items():
            if age in AGES:
                by_age[age] = by_age[age].to_numpy() + values
    whole = _holds_everybody(parts)
    return Residents(total=_totals(areas, total, everyone, whole=whole, log=log), by_age=by_age)


def _column(areas: pd.DataFrame, name: str) -> FloatArray | None:
    """Return a column as floats with NaN for blanks; ``None`` if absent or blank throughout."""
    if name not in areas.columns or not areas[name].notna().any():
        return None
    return areas[name].to_numpy(dtype=np.float64, na_value=np.nan)


def _known_bands(areas: pd.DataFrame, settings: PopulationSettings, standards: Standards) -> list[_Known]:
    """Return the age columns with figures; on another basis than residence only figures by stage, if any."""
    by_stage = []
    for stage in STAGES:
        name = f"{_STAGE_PREFIX[settings.basis]}_{stage}"
        values = _column(areas, name)
        if values is not None and stage in standards.stages:
            by_stage.append(_Known(AgeBand(*standards.ages(stage)), name, values))
    if by_stage and settings.basis != "residence":
        return by_stage
    by_age = []
    for name in map(str, areas.columns):
        band = parse_band(name) if name.startswith("age_") else None
        values = _column(areas, name) if band is not None else None
        if band is not None and values is not None:
            by_age.append(_Known(band, name, values))
    return [*by_age, *by_stage]


def _bands_of_shares(
    total: FloatArray | None, settings: PopulationSettings, *, log: TableLog
) -> list[_Known] | None:
    """Return bands computed from ``age_shares`` of the totals."""
    if total is None:
        log.add("no_population")
        return None
    if not settings.age_shares:
        log.add("ages_unknown")
        return None
    bands = {text: parse_band(text) for text in settings.age_shares}
    return [
        _Known(band, "population", total * settings.age_shares[text])
        for text, band in bands.items()
        if band is not None
    ]


def _report_silence(
    areas: pd.DataFrame, total: FloatArray | None, known: list[_Known], *, log: TableLog
) -> None:
    """Report areas without any figures, and areas without figures of children (counted as zero)."""
    silent = np.isnan(np.vstack([part.people for part in known]))
    nothing = np.logical_and(silent.all(axis=0), np.isnan(total) if total is not None else True)
    if nothing.any():
        log.add("unit_without_population", rows=areas.index[nothing])
    inhabited = total > 0 if total is not None else np.ones(len(areas), dtype=bool)
    partly = silent.any(axis=0) & ~nothing & inhabited
    if partly.any():
        log.add(
            "children_unknown",
            severity="warning",
            rows=areas.index[partly],
            residents=f"{np.nansum(total[partly]) if total is not None else 0:,.0f}",
        )


def _disentangle(known: list[_Known], index: pd.Index, *, log: TableLog) -> list[_Known] | None:
    """Return figures of disjoint sets of ages: a wider band provides the remainder of finer ones inside it.

    The remainder of a band is one band only if its ages adjoin; otherwise each run of ages gets a share of it
    in proportion to its number of years.
    """
    taken: list[_Known] = []
    sound = True
    for part in sorted(known, key=lambda entry: (entry.band.width, entry.band)):
        values = np.nan_to_num(part.people, nan=0.0)
        inside = [other for other in taken if set(other.band.ages) <= set(part.band.ages)]
        crossing = [
            other for other in taken if other not in inside and set(other.band.ages) & set(part.band.ages)
        ]
        if crossing:
            log.add("age_bands_cross", column=part.column, other=crossing[0].column)
            sound = False
            continue
        rest = values - sum((other.people for other in inside), np.zeros(len(values)))
        free = [age for age in part.band.ages if not any(age in other.band.ages for other in inside)]
        tolerance = np.maximum(_ROUNDING, _DISAGREEMENT * values)
        wrong = (rest < -tolerance) if free else (np.abs(rest) > tolerance)
        wrong &= ~np.isnan(part.people)
        if wrong.any():
            log.add("age_bands_disagree", rows=index[wrong], column=part.column)
            sound = False
        elif free:
            taken.extend(_pieces(free, np.maximum(rest, 0.0), part.column))
    return sorted(taken, key=lambda entry: entry.band) if sound else None


def _pieces(free: list[int], rest: FloatArray, column: str) -> list[_Known]:
    runs: list[list[int]] = []
    for age in free:
        if runs and age == runs[-1][-1] + 1:
            runs[-1].append(age)
        else:
            runs.append([age])
    return [_Known(AgeBand(run[0], run[-1]), column, rest * (len(run) / len(free))) for run in runs]


def _weights(
    parts: list[_Known], settings: PopulationSettings, *, log: TableLog
) -> Mapping[int, float] | None:
    """Return the city's age profile: the fitted one, replaced in bands for which the plan states weights."""
    weights = fit_profile({part.band: float(part.people.sum()) for part in parts})
    stated = {int(age): weight for age, weight in settings.age_profile.items()}
    for part in parts:
        here = [age for age in part.band.ages if age in stated]
        if here and len(here) < part.band.width:
            log.add("age_profile_partial", column="population.age_profile", band=str(part.band))
            return None
        weights |= {age: stated[age] for age in here}
    return weights


def _split(part: _Known, weights: Mapping[int, float]) -> dict[int, FloatArray]:
    return split_band(part.people, part.band, weights)


def _holds_everybody(parts: list[_Known]) -> bool:
    """Return whether the bands cover all ages from birth to old age."""
    ages = {age for part in parts for age in part.band.ages}
    return max(ages, default=0) >= _OLD and len(ages) == max(ages) + 1


def _totals(
    areas: pd.DataFrame, total: FloatArray | None, children: FloatArray, *, whole: bool, log: TableLog
) -> pd.Series:
    """Return all residents: as given, else (with a notice) the sum of the ages given.

    Ages that cover everybody (``whole``) must sum to the residents given; otherwise they may sum to less.
    """
    if total is None:
        log.add("residents_from_ages", severity="notice")
        return pd.Series(children, index=areas.index, name="residents")
    more = children > np.nan_to_num(total, nan=np.inf) * (1 + _DISAGREEMENT) + _ROUNDING
    if more.any():
        log.add("children_exceed_residents", severity="warning", rows=areas.index[more])
    fewer = children < np.nan_to_num(total, nan=0.0) * (1 - _DISAGREEMENT) - _ROUNDING
    if whole and fewer.any():
        lost = float(total[fewer].sum() - children[fewer].sum())
        log.add("ages_fall_short", severity="warning", rows=areas.index[fewer], residents=f"{lost:,.0f}")
    return pd.Series(np.where(np.isnan(total), children, total), index=areas.index, name="residents")
