"""Class sizes against the bands of the profile: 班额、大班额、超大班额."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from layoutplan.dictionary.rolls import rolls
from layoutplan.rules.flag_rules import FLAG_RULES
from layoutplan.standards import Rule, Standards

_TOLERANCE = 1e-9
_COLUMNS = [
    *("school_id", "rule", "value", "threshold", "excess_pupils", "seats_needed", "classes_needed"),
    *("basis", "cases", "source", "confidence"),
]


@dataclass(frozen=True, slots=True)
class ClassSizeBand:
    """Range of class sizes that breaks one rule of the profile.

    Attributes
    ----------
    rule_id
        Id of the flag.
    rule
        The profile's rule.
    lowest
        Lower limit, pupils per class.
    end
        Upper limit, pupils per class, not part of the band.
    clear
        Largest class size, pupils, that no longer breaks the rule.
    inclusive
        Whether ``lowest`` itself lies in the band.
    """

    rule_id: str
    rule: Rule
    lowest: float
    end: float
    clear: float
    inclusive: bool

    def holds(self, pupils: pd.Series) -> pd.Series:
        """Return which class sizes lie in the band.

        Parameters
        ----------
        pupils
            Pupils per class.

        Returns
        -------
        Series
            Boolean, on the index of ``pupils``.
        """
        above = pupils >= self.lowest if self.inclusive else pupils > self.lowest
        return above & (pupils < self.end)


def class_bands(standards: Standards, stage: str) -> tuple[ClassSizeBand, ...]:
    """Return the class-size bands of a stage that the profile defines, worst first; they do not overlap.

    Attributes
    ----------
    class of the worst band is cleared when it is no oversized class either
        one pupil below the lowest oversized size.

    Parameters
    ----------
    standards
        The rules in force in one year.
    stage
        Id of the stage.

    Returns
    -------
    tuple[ClassSizeBand, ...]
        Severely oversized, oversized, above the cap; those the profile has no rule for are left out.
    """
    keys = {rule.id: rule.key for rule in FLAG_RULES}
    severe, over, cap = (
        standards.find(keys[name], stage)
        for name in ("severely_oversized_class", "oversized_class", "class_over_cap")
    )
    bands: list[ClassSizeBand] = []
    end = np.inf
    if severe is not None:
        lowest = standards.number(severe.key, stage)
        clear = (standards.number(over.key, stage) if over else lowest) - 1
        bands.append(ClassSizeBand("severely_oversized_class", severe, lowest, end, clear, inclusive=True))
        end = lowest
    if over is not None:
        lowest = standards.number(over.key, stage)
        bands.append(ClassSizeBand("oversized_class", over, lowest, end, lowest - 1, inclusive=True))
        end = min(end, lowest)
    if cap is not None:
        highest = standards.number(cap.key, stage)
        bands.append(ClassSizeBand("class_over_cap", cap, highest, end, highest, inclusive=False))
    return tuple(bands)


def find_class_sizes(
    schools: pd.DataFrame, classes: pd.DataFrame, *, stage: str, year: int, base_year: int | None = None
) -> pd.DataFrame:
    """Return the known class sizes of a stage.

    Parameters
    ----------
    schools
        The schools, with ``enrolment_<stage>`` and ``classes_<stage>`` of the base year.
    classes
        Input table ``classes``.
    stage
        Id of the stage.
    year
        School year of the class sizes.
    base_year
        The year of rows that state none; default ``year``.

    Returns
    -------
    pandas.DataFrame
        Columns ``school_id``, ``grade`` (text), ``pupils`` (of the class), ``count`` (classes of that size)
        and ``basis``: ``classes`` where the classes table has the school in that stage and year (a row
        without a year is of the base year), else one row a school with its mean class size, ``mean``.
    """
    listed = classes.reindex(columns=["school_id", "stage", "grade", "pupils", "year"])
    stated = listed["year"].astype("Float64")
    now = stated.fillna(float(year if base_year is None else base_year)) == float(year)
    listed = listed[(listed["stage"] == stage) & now & listed["pupils"].notna()]
    listed = listed[listed["school_id"].isin(schools.index)]
    single = pd.DataFrame(
        {
            "school_id": listed["school_id"].astype(object),
            "grade": listed["grade"].astype("string").fillna("").astype(object),
            "pupils": listed["pupils"].astype(float),
            "count": 1.0,
            "basis": "classes",
        },
    )
    totals = rolls(schools, stage)[["enrolment", "classes"]].set_axis(["pupils", "count"], axis=1)
    known = (totals["pupils"] > 0) & (totals["count"] > 0) & ~totals.index.isin(single["school_id"])
    totals = totals[known]
    mean = pd.DataFrame(
        {
            "school_id": totals.index.astype(object),
            "grade": "",
            "pupils": (totals["pupils"] / totals["count"]).to_numpy(),
            "count": totals["count"].to_numpy(),
            "basis": "mean",
        },
    )
    return pd.concat([single, mean], ignore_index=True)


def class_flags(sizes: pd.DataFrame, bands: tuple[ClassSizeBand, ...], *, stage: str) -> pd.DataFrame:
    """Find the classes of each band, gathered by school.

    Parameters
    ----------
    sizes
        As :func:`find_class_sizes` returns.
    bands
        Worst first.
    stage
        The stage of both.

    Returns
    -------
    pandas.DataFrame
        One row a school and band: ``value`` the largest class in it (or the mean), ``cases`` its classes
        (null for a mean), ``excess_pupils`` above the largest class allowed, ``seats_needed`` pupils of the
        grade above what its present classes may hold, ``classes_needed`` the fewest classes more with which
        every class of the grade can be within the limit. A need that a worse band of the same grade has
        already stated is not stated twice, so needs may be added up.
    """
    pupils = sizes["pupils"] * sizes["count"]
    grades = sizes.assign(total=pupils).groupby(["school_id", "grade"], sort=True)[["total", "count"]].sum()
    seats_said = pd.Series(0.0, index=grades.index)
    classes_said = pd.Series(0.0, index=grades.index)
    parts = []
    for band in bands:
        hit = sizes[band.holds(sizes["pupils"])]
        if hit.empty:
            continue
        touched = pd.MultiIndex.from_frame(hit[["school_id", "grade"]].drop_duplicates())
        grade = grades.loc[touched]
        seats = (grade["total"] - band.clear * grade["count"]).clip(lower=0)
        classes = (np.ceil(grade["total"] / band.clear - _TOLERANCE) - grade["count"]).clip(lower=0)
        need = pd.DataFrame(
            {
                "seats": np.ceil((seats - seats_said[touched]).clip(lower=0) - _TOLERANCE),
                "classes": (classes - classes_said[touched]).clip(lower=0),
            },
        )
        seats_said[touched] = np.maximum(seats_said[touched], seats)
        classes_said[touched] = np.maximum(classes_said[touched], classes)
        parts.append(_by_school(hit, need.groupby(level="school_id").sum(), band))
    found = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=_COLUMNS)
    return found.assign(stage=stage, unit="pupils/class")


def _by_school(hit: pd.DataFrame, need: pd.DataFrame, band: ClassSizeBand) -> pd.DataFrame:
    """Gather the classes of one band by school."""
    excess = (hit["pupils"] - band.clear) * hit["count"]
    known = hit["count"].where(hit["basis"] == "classes")
    groups = hit.assign(excess=excess, known=known).groupby("school_id", sort=True)
    frame = groups.agg(value=("pupils", "max"), excess_pupils=("excess", "sum"), basis=("basis", "first"))
    frame["cases"] = groups["known"].sum(min_count=1)
    frame["seats_needed"] = need["seats"]
    frame["classes_needed"] = need["classes"]
    frame = frame.assign(
        rule=band.rule_id,
        threshold=band.lowest,
        source=band.rule.source,
        confidence=band.rule.confidence,
    )
    return frame.reset_index()[_COLUMNS]
