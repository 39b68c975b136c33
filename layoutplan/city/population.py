"""Residents by single year of age in every area, from whichever age columns the table has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

from layoutplan.arrays import FloatArray
from layoutplan.city.ages import AGES, AgeBand, fit_profile, parse_band, split_band
from layoutplan.city.blanks import KnownBand, fill_bands
from layoutplan.city.pupils import children_of_pupils
from layoutplan.dictionary.rolls import stage_column
from layoutplan.dictionary.table_log import TableLog
from layoutplan.errors import FaultLog
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


def read_residents(
    areas: pd.DataFrame,
    settings: PopulationSettings,
    standards: Standards,
    *,
    participation: Mapping[str, float] = MappingProxyType({}),
    log: TableLog,
) -> Residents | None:
    """Return the residents of every area by single year of age; totals are preserved.

    The finest figures take precedence: single years of age, then bands, then children by stage (ages from the
    profile), then ``age_shares`` of the totals. A band that contains finer figures provides only the
    remainder. Blanks are estimated (:func:`~layoutplan.city.blanks.fill_bands`), never counted as 0.

    Parameters
    ----------
    areas
        Input table ``units``, checked; its index labels the rows of faults.
    settings
        ``[population]`` of the plan.
    standards
        Rules of the base year, for the ages of the stages.
    participation
        Pupils per child that the plan states, by stage; turns ``pupils_<stage>`` into children.
    log
        Receives the faults.

    Returns
    -------
    Residents or None
        ``None`` if no ages can be derived, or if bands contradict each other.
    """
    counted = children_of_pupils(areas, participation, standards, log=log)
    return None if counted is None else _residents_of(counted, settings, standards, log=log)


def _residents_of(
    areas: pd.DataFrame, settings: PopulationSettings, standards: Standards, *, log: TableLog
) -> Residents | None:
    total = _column(areas, _TOTAL[settings.basis])
    if total is None:
        total = _column(areas, "population")
    known = _known_bands(areas, settings, standards) or _bands_of_shares(total, settings, log=log)
    if known is None:
        return None
    known = _filled(areas, total, known, log=log)
    if known is None:
        return None
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
    if not everyone.any() and (total is None or not np.nan_to_num(total, nan=0.0).any()):
        log.add("nobody_lives_here")
        return None
    return Residents(total=_totals(areas, total, everyone, whole=whole, log=log), by_age=by_age)


def suppressed_residents(
    areas: pd.DataFrame,
    settings: PopulationSettings,
    standards: Standards,
    *,
    participation: Mapping[str, float] = MappingProxyType({}),
    suppressed: Mapping[str, Mapping[object, tuple[float, float]]],
) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """Return the residents by age with every suppressed count at its least, and at its largest.

    Parameters
    ----------
    areas, settings, standards, participation
        As for :func:`read_residents`.
    suppressed
        Bounds of the suppressed counts of the table: column → row label → bounds.

    Returns
    -------
    tuple of pandas.DataFrame or None
        As ``by_age`` of :func:`read_residents`; ``None`` if no count of residents by age is suppressed.
    """
    used = {name: cells for name, cells in suppressed.items() if name in areas and cells}
    if not used:
        return None
    sides = []
    for side in (0, 1):
        changed = areas.copy()
        for name, cells in used.items():
            for label, bounds in cells.items():
                changed.loc[label, name] = bounds[side]
        quiet = TableLog(FaultLog(), file="", table="units")
        residents = read_residents(changed, settings, standards, participation=participation, log=quiet)
        if residents is None:
            return None
        sides.append(residents.by_age)
    low, high = sides
    return None if bool((high - low).abs().sum().sum() <= _ROUNDING / 2) else (low, high)


def _column(areas: pd.DataFrame, name: str) -> FloatArray | None:
    """Return a column as floats with NaN for blanks; ``None`` if absent or blank throughout."""
    if name not in areas.columns or not areas[name].notna().any():
        return None
    return areas[name].to_numpy(dtype=np.float64, na_value=np.nan)


def _known_bands(areas: pd.DataFrame, settings: PopulationSettings, standards: Standards) -> list[KnownBand]:
    """Return the age columns with figures; on another basis than residence only figures by stage, if any."""
    by_stage = []
    for stage, shared in standards.schooling.stages_shared(standards.stages).items():
        name = stage_column(_STAGE_PREFIX[settings.basis], shared)
        values = _column(areas, name)
        if values is not None:
            by_stage.append(_stated(AgeBand(*standards.ages(stage)), name, values))
    if by_stage and settings.basis != "residence":
        return by_stage
    by_age = []
    for name in map(str, areas.columns):
        band = parse_band(name) if name.startswith("age_") else None
        values = _column(areas, name) if band is not None else None
        if band is not None and values is not None:
            by_age.append(_stated(band, name, values))
    return [*by_age, *by_stage]


def _bands_of_shares(
    total: FloatArray | None, settings: PopulationSettings, *, log: TableLog
) -> list[KnownBand] | None:
    """Return bands computed from ``age_shares`` of the totals."""
    if total is None:
        log.add("no_population")
        return None
    if not settings.age_shares:
        log.add("ages_unknown")
        return None
    bands = {text: parse_band(text) for text in settings.age_shares}
    return [
        _stated(band, "population", total * settings.age_shares[text])
        for text, band in bands.items()
        if band is not None
    ]


def _stated(band: AgeBand, column: str, people: FloatArray) -> KnownBand:
    return KnownBand(band, column, people, np.zeros(len(people), dtype=np.bool_))


def _filled(
    areas: pd.DataFrame, total: FloatArray | None, known: list[KnownBand], *, log: TableLog
) -> list[KnownBand] | None:
    """Return the bands with blanks estimated from the other areas; report areas without any figures."""
    silent = np.array([np.isnan(part.people) for part in known])
    nothing = np.logical_and(silent.all(axis=0), np.isnan(total) if total is not None else True)
    if nothing.any():
        log.add("unit_without_population", rows=areas.index[nothing])
        return None
    filled = fill_bands(known, total)
    lost = np.flatnonzero(np.array([np.isnan(part.people) for part in filled]).any(axis=0))
    if len(lost):
        log.add("children_not_estimable", rows=areas.index[lost])
        return None
    empty = total == 0 if total is not None else np.zeros(len(areas), dtype=bool)
    partly = silent.any(axis=0) & ~empty
    if partly.any():
        added = _children_among(filled) - _children_among(known)
        log.add(
            "children_unknown",
            severity="warning",
            rows=areas.index[partly],
            count=int(partly.sum()),
            children=float(added.sum()),
        )
    return filled


def _children_among(known: list[KnownBand]) -> FloatArray:
    """Return the residents of every area in the bands of children, a blank as 0; nested bands once."""
    found, taken = np.zeros(len(known[0].people)), set[int]()
    for part in sorted(known, key=lambda one: (-one.band.width, one.band)):
        if part.band.first in AGES and not taken & set(part.band.ages):
            taken |= set(part.band.ages)
            found += np.nan_to_num(part.people, nan=0.0)
    return found


def _disentangle(known: list[KnownBand], index: pd.Index, *, log: TableLog) -> list[KnownBand] | None:
    """Return figures of disjoint sets of ages: a wider band provides the remainder of finer ones inside it.

    The remainder of a band is one band only if its ages adjoin; otherwise each run of ages gets a share of it
    in proportion to its number of years.
    """
    taken: list[KnownBand] = []
    sound = True
    for part in sorted(known, key=lambda entry: (entry.band.width, entry.band)):
        values = part.people
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
        wrong &= ~(part.guessed | np.any([other.guessed for other in (part, *inside)], axis=0))
        if wrong.any():
            log.add("age_bands_disagree", rows=index[wrong], column=part.column)
            sound = False
        elif free:
            taken.extend(_pieces(free, np.maximum(rest, 0.0), part))
    return sorted(taken, key=lambda entry: entry.band) if sound else None


def _pieces(free: list[int], rest: FloatArray, part: KnownBand) -> list[KnownBand]:
    runs: list[list[int]] = []
    for age in free:
        if runs and age == runs[-1][-1] + 1:
            runs[-1].append(age)
        else:
            runs.append([age])
    return [
        KnownBand(AgeBand(run[0], run[-1]), part.column, rest * (len(run) / len(free)), part.guessed)
        for run in runs
    ]


def _weights(
    parts: list[KnownBand], settings: PopulationSettings, *, log: TableLog
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


def _split(part: KnownBand, weights: Mapping[int, float]) -> dict[int, FloatArray]:
    return split_band(part.people, part.band, weights)


def _holds_everybody(parts: list[KnownBand]) -> bool:
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
    residents = np.where(np.isnan(total), children, total) if whole else _all_residents(total, children)
    if (np.isnan(total) & (residents > children)).any():
        blank = np.isnan(total)
        log.add(
            "residents_estimated",
            severity="warning",
            rows=areas.index[blank],
            count=int(blank.sum()),
            residents=float(residents[blank].sum()),
        )
    return pd.Series(residents, index=areas.index, name="residents")


def _all_residents(total: FloatArray, children: FloatArray) -> FloatArray:
    """Return the residents, a blank estimated from the children there and their share elsewhere."""
    known = ~np.isnan(total)
    base = float(children[known].sum())
    per_child = max(float(total[known].sum()) / base, 1.0) if base > 0 else 1.0
    return np.where(known, total, children * per_child)
