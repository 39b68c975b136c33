"""Which ages a school teaches: all of a stage, unless column ``grades`` names some of its grades."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

import numpy as np
import pandas as pd

from layoutplan.arrays import BoolArray
from layoutplan.dictionary.table_log import TableLog
from layoutplan.standards import Standards

_RANGE: Final = re.compile(r"(\w+?)\s*(?:-|–|—|~|～|至|到)\s*(\w+)")
_MARK: Final = re.compile(r"\s*(年级|grades?|years?|第)\s*", re.IGNORECASE)
_SIX: Final = 6  # age in grade 1


def grade_ages(standards: Standards, stage: str) -> dict[str, int]:
    """Return the age of each grade of a stage, by the label in lower case.

    Labels are those of the profile, one a year of age. A stage without labels is numbered: from the first
    compulsory stage on from 1 (China: primary 1-6, junior 7-9, senior 10-12), a stage below it from 1 in its
    own years.

    Parameters
    ----------
    standards
        Rules of the base year.
    stage
        A stage of the profile.

    Examples
    --------
    >>> from layoutplan.standards import load_profile
    >>> grade_ages(load_profile("cn-national").at(2025), "junior")
    {'7': 12, '8': 13, '9': 14}
    >>> grade_ages(load_profile("us").at(2025), "elementary")["k"]
    5
    """
    first, last = standards.ages(stage)
    labels = standards.schooling.stage(stage).grades
    if len(labels) == last - first + 1:
        return {label.lower(): first + place for place, label in enumerate(labels)}
    compulsory = [one for one in standards.stages if one in standards.schooling.compulsory]
    start = standards.ages(compulsory[0])[0] if compulsory else _SIX
    begin = min(start, first)
    return {str(age - begin + 1): age for age in range(first, last + 1)}


def ages_taught(schools: pd.DataFrame, stage: str, standards: Standards) -> BoolArray:
    """Return which ages of a stage each school teaches.

    A school that names none of the grades of a stage teaches all of them.

    Parameters
    ----------
    schools
        Table ``schools``, with column ``grades`` (lists of labels, or ranges such as ``1-3``).
    stage
        A stage of the profile.
    standards
        Rules of the base year.

    Returns
    -------
    numpy.ndarray
        Boolean, schools × ages of the stage, youngest first.
    """
    known = grade_ages(standards, stage)
    order = [*known]
    found = np.ones((len(schools), len(known)), dtype=bool)
    if "grades" not in schools:
        return found
    for place, labels in enumerate(schools["grades"]):
        named = _named(labels, order) if isinstance(labels, (list, tuple)) and len(labels) else set()
        if named:
            found[place] = [label in named for label in order]
    return found


def _named(labels: Iterable[object], order: list[str]) -> set[str]:
    """Return the grades of a stage that a list names; of a range, those between its ends."""
    named: set[str] = set()
    for label in labels:
        bare = _MARK.sub("", str(label)).strip().lower()
        ends = _RANGE.fullmatch(bare)
        named |= {bare} & {*order} if ends is None else _between(ends[1], ends[2], order)
    return named


def _between(first: str, last: str, order: list[str]) -> set[str]:
    """Return the grades from ``first`` to ``last``; an end outside the stage is cut to it."""
    if first in order or last in order:
        start = order.index(first) if first in order else 0
        stop = order.index(last) if last in order else len(order) - 1
        return {*order[start : stop + 1]}
    if first.isdigit() and last.isdigit():
        return {label for label in order if label.isdigit() and int(first) <= int(label) <= int(last)}
    return set()


def report_grades(schools: pd.DataFrame, standards: Standards, *, log: TableLog) -> None:
    """Report grades that no stage of the profile has.

    Parameters
    ----------
    schools
        Table ``schools``; the index holds the reader's row numbers.
    standards
        Rules of the base year.
    log
        Receives at most one fault.
    """
    orders = [[*grade_ages(standards, stage)] for stage in standards.stages]
    wrong: dict[object, str] = {}
    for row, labels in schools["grades"].items():
        for label in labels if isinstance(labels, (list, tuple)) else ():
            if not any(_named([label], order) for order in orders):
                wrong.setdefault(row, str(label))
    if wrong:
        known = "; ".join(", ".join(order) for order in orders)
        label = next(iter(wrong.values()))
        log.add("school_grades_unknown", rows=[*wrong], column="grades", label=label, known=known)
