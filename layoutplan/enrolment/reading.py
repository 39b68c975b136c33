"""From the table ``enrolment_history`` to a History: who reports, which grade is which age, what is wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from layoutplan.arrays import FloatArray
from layoutplan.enrolment.history import Grade, History
from layoutplan.enrolment.repairs import Bounds, mend
from layoutplan.errors import FaultLog
from layoutplan.standards.rules import Standards

HISTORY_TABLE: Final = "enrolment_history"
_SIX_IN_GRADE_ONE: Final = 5  # the age of grade 0 where six-year-olds are in grade 1
_ANY_AGE: Final = 99
_CELL: Final = ("place", "stage", "grade", "year")


def read_history(table: pd.DataFrame, rules: Standards, *, origin: int | None, log: FaultLog) -> History:
    """Return the history known in ``origin`` (default: the last year of the table).

    Each grade is placed on the ladder of ages of the profile: grade 1 (or 0, where the table has one)
    of the first compulsory stage is of that stage's first age, each further grade a year older; a stage below
    it (kindergarten) counts its own years from 1. A 5-4 or 6-3 system is thus the profile's ``stage.ages``.

    Stated repairs: a grade of a higher stage counted within its stage; a stage other than the profile's for
    the age; a preparatory year (grade 0) of a stage below, counted with its last; pupils without a
    grade, spread evenly; and those of :func:`~layoutplan.enrolment.repairs.mend`. Grades outside all
    stages, and grades nobody reports at the origin, are left out with a warning.

    Parameters
    ----------
    table
        Columns ``school_id``, ``area_id``, ``stage``, ``grade``, ``year``, ``pupils``; order of no matter.
    rules
        ``stage.ages`` of every stage.
    log
        Receives the faults.

    Raises
    ------
    InputError
        If nothing is left to forecast from, counts are missing or negative, the same count is there twice,
        a stage is counted both by school and by area, or the table ends before ``origin``.
    """
    rows = _rows(table, log)
    if not rows.empty:
        last = int(rows["year"].max())
        origin = last if origin is None else origin
        if last < origin:
            log.add("history_ends_early", table=HISTORY_TABLE, last=last, origin=origin)
        rows = rows[rows["year"] <= origin]
    if rows.empty:
        log.add("history_empty", table=HISTORY_TABLE)
    log.raise_if_errors()
    rows = _with_ages(rows, rules, log)
    _check_cells(rows, log)
    if rows.empty and not log.errors:
        log.add("history_empty", table=HISTORY_TABLE)
    log.raise_if_errors()
    return _with_current_grades(_arrange(rows, rules.schooling.from_home, log), log)


def _rows(table: pd.DataFrame, log: FaultLog) -> pd.DataFrame:
    """Return the rows with a ``place``, text stages and numbers; faults for counts that cannot be."""
    school = _texts(table, "school_id")
    place = school.where(school != "", _texts(table, "area_id"))
    rows = pd.DataFrame(
        {
            "place": place,
            "by": np.where(school != "", "school", "area"),
            "stage": _texts(table, "stage"),
            "grade": pd.to_numeric(table["grade"], errors="coerce").astype(float),
            "year": pd.to_numeric(table["year"], errors="coerce").astype(float),
            "pupils": pd.to_numeric(table["pupils"], errors="coerce").astype(float),
        },
        index=table.index,
    )
    for name in ("low", "high"):  # of a suppressed count; a count is its own bounds
        bound = table[f"pupils_{name}"] if f"pupils_{name}" in table else pd.Series(np.nan, index=table.index)
        rows[name] = pd.to_numeric(bound, errors="coerce").astype(float).fillna(rows["pupils"])
    graded = _texts(table, "grade") != ""
    wrong = {
        "history_negative": rows.index[rows["pupils"] < 0],
        "history_no_count": rows.index[~np.isfinite(rows["pupils"]) | rows["year"].isna()],
        "history_bounds_crossed": rows.index[
            (rows["low"] > rows["pupils"]) | (rows["high"] < rows["pupils"])
        ],
        "history_no_place": rows.index[rows["place"] == ""],
        "history_grade_unread": rows.index[rows["grade"].isna() & graded],
        "history_no_stage": rows.index[(rows["stage"] == "") & ~graded],
    }
    for code, found in wrong.items():
        if len(found):
            log.add(code, table=HISTORY_TABLE, rows=found, count=len(found))
    return rows


def _texts(table: pd.DataFrame, column: str) -> pd.Series[str]:
    """Return a text column with empty text for null, and for a column that is not there."""
    if column not in table:
        return pd.Series("", index=table.index, dtype=str)
    return table[column].fillna("").astype(str)


def _with_ages(rows: pd.DataFrame, rules: Standards, log: FaultLog) -> pd.DataFrame:
    """Return the rows of grades on the ladder, with ``age``, and ``stage`` and ``grade`` as counted here."""
    ladder = _ladder(rules)
    ages = ladder.ages
    rows = _spread_ungraded(rows, ladder, log)
    grade = rows["grade"].copy()
    start = _age_of_grade_zero(rows, ladder)
    for stage in ladder.above:
        offset = ages[stage][0] - start
        within = (rows["stage"] == stage) & grade.between(1, ages[stage][1] - ages[stage][0] + 1)
        within &= grade < offset
        if within.any():
            log.add("history_grades_within_stage", severity="notice", table=HISTORY_TABLE, stage=stage)
            grade[within] += offset - 1
    age = start + grade
    for stage in ladder.below:
        (youngest, oldest), own = ages[stage], rows["stage"] == stage
        age[own] = (youngest + grade[own] - 1).where(grade[own] > 0, oldest)
    placed = rows.assign(age=age, grade=grade)
    return _with_stages(placed, ages, log)


@dataclass(frozen=True)
class _Ladder:
    """Ages of the stages, and the stage with grade 1: the first compulsory one, else the first of all."""

    ages: dict[str, tuple[int, int]]
    first: str

    @property
    def below(self) -> list[str]:
        """Stages before the one with grade 1: each counts its own years from 1."""
        return [*self.ages][: [*self.ages].index(self.first)]

    @property
    def above(self) -> list[str]:
        """Stages after it: their grades go on, unless they are counted within the stage."""
        return [*self.ages][[*self.ages].index(self.first) + 1 :]


def _ladder(rules: Standards) -> _Ladder:
    ages = {stage: rules.ages(stage) for stage in rules.stages}
    compulsory = [stage for stage in rules.stages if stage in rules.schooling.compulsory]
    return _Ladder(ages, next(iter([*compulsory, *ages]), ""))


def _age_of_grade_zero(rows: pd.DataFrame, ladder: _Ladder) -> int:
    """Return the age at which a child would be in grade 0, from the profile's ages and the grades there are.

    Six-year-olds are in grade 1, unless that leaves grades outside their stage: then the nearest shift that
    does not. A grade 0 is thus the year before grade 1 where the profile's primary has a year for it, and
    else its first grade.
    """
    low, high = -_ANY_AGE, _ANY_AGE
    lowest = rows["stage"] == ladder.first
    for stage, (first, last) in ladder.ages.items():
        own = rows["grade"][(rows["stage"] == stage) & rows["grade"].notna()]
        length = last - first + 1
        counted_within = stage in ladder.above and not own.empty and own.min() <= length
        decided = stage != ladder.first and bool(lowest.any())
        if stage in ladder.below or own.empty or counted_within or decided:
            continue
        low, high = max(low, first - int(own.min())), min(high, last - int(own.max()))
    if low > high:  # grades beyond the stage: those from the first on are in it
        grades = rows["grade"][lowest]
        least = int(grades.min()) if grades.notna().any() else 1
        return ladder.ages[ladder.first][0] - min(least, 1)
    return min(max(_SIX_IN_GRADE_ONE, low), high)


def _with_stages(rows: pd.DataFrame, ages: dict[str, tuple[int, int]], log: FaultLog) -> pd.DataFrame:
    """Return the rows with the stage of their age; rows of no stage are left out."""
    stage = pd.Series("", index=rows.index, dtype=str)
    for name, (first, last) in ages.items():
        stage[rows["age"].between(first, last)] = name
    outside = stage == ""
    if outside.any():
        log.add(
            "history_outside_stages",
            severity="warning",
            table=HISTORY_TABLE,
            rows=rows.index[outside],
            grades=", ".join(f"{grade:.0f}" for grade in sorted(rows["grade"][outside].unique())),
        )
    other = ~outside & (rows["stage"] != "") & (rows["stage"] != stage)
    if other.any():
        log.add("history_other_stage", severity="warning", table=HISTORY_TABLE, rows=rows.index[other])
    kept = rows.assign(stage=stage)[~outside]
    return kept.astype({"age": int, "grade": int, "year": int})


def _spread_ungraded(rows: pd.DataFrame, ladder: _Ladder, log: FaultLog) -> pd.DataFrame:
    """Return the rows with counts of a whole stage spread evenly over its grades."""
    ungraded = rows["grade"].isna()
    if not ungraded.any():
        return rows
    known = ungraded & rows["stage"].isin(list(ladder.ages))
    if (ungraded & ~known).any():
        log.add("history_unknown_stage", table=HISTORY_TABLE, rows=rows.index[ungraded & ~known])
    log.add("history_without_grades", severity="warning", table=HISTORY_TABLE, rows=rows.index[known])
    start = _age_of_grade_zero(rows, ladder)
    parts = [rows[~ungraded]]
    for stage, (first, last) in ladder.ages.items():
        begin = 1 if stage in ladder.below else first - start
        whole = rows[known & (rows["stage"] == stage)]
        count = last - first + 1
        shares = {name: whole[name] / count for name in ("pupils", "low", "high")}
        parts += [whole.assign(grade=begin + step, **shares) for step in range(count)]
    return pd.concat(parts)


def _check_cells(rows: pd.DataFrame, log: FaultLog) -> None:
    """Refuse counts that are there twice, and stages counted by school and by area."""
    twice = rows.index[rows.duplicated(list(_CELL), keep=False)]
    if len(twice):
        log.add("history_twice", table=HISTORY_TABLE, rows=twice.unique())
    for stage, group in rows.groupby("stage"):
        if set(group["by"]) == {"school", "area"}:
            log.add("history_mixed_places", table=HISTORY_TABLE, stage=stage)


def _arrange(rows: pd.DataFrame, from_home: tuple[str, ...], log: FaultLog) -> History:
    """Return the rows as an array, mended; rungs of the same age and stage are one grade."""
    cells = rows.groupby(["place", "age", "year"])[["pupils", "low", "high"]].sum()
    places = tuple(sorted(rows["place"].unique()))
    ladder = rows.groupby("age").agg(stage=("stage", "first"), number=("grade", "max"))
    rungs = zip(ladder.index.tolist(), ladder["stage"].tolist(), ladder["number"].tolist(), strict=True)
    grades = tuple(Grade(age, stage, number) for age, stage, number in rungs)
    years = tuple(range(int(rows["year"].min()), int(rows["year"].max()) + 1))
    at = (
        pd.Index(places).get_indexer(cells.index.get_level_values(0)),
        ladder.index.get_indexer(cells.index.get_level_values(1)),
        cells.index.get_level_values(2).to_numpy() - years[0],
    )
    figures: FloatArray = np.full((3, len(places), len(grades), len(years)), np.nan)
    for figure, name in zip(figures, ("pupils", "low", "high"), strict=True):
        figure[at] = cells[name].to_numpy()
    counts, low, high = figures
    between = high > low
    bounds = (
        Bounds(np.where(between, low, np.nan), np.where(between, high, np.nan)) if between.any() else None
    )
    stages = [
        [row for row, grade in enumerate(grades) if grade.stage == stage]
        for stage in dict.fromkeys(grade.stage for grade in grades)
    ]
    mended, estimated = mend(counts, stages=stages, log=log, places=places, bounds=bounds)
    return History(places, grades, years, mended, from_home, estimated)


def _with_current_grades(history: History, log: FaultLog) -> History:
    """Return the history without the grades in which nobody is counted at the origin."""
    current = np.nan_to_num(history.totals[:, -1]) > 0
    gone = [grade for grade, kept in zip(history.grades, current, strict=True) if not kept]
    for stage in dict.fromkeys(grade.stage for grade in gone):
        numbers = ", ".join(str(grade.number) for grade in gone if grade.stage == stage)
        log.add(
            "history_grades_end",
            severity="warning",
            table=HISTORY_TABLE,
            stage=stage,
            grades=numbers,
            origin=history.origin,
        )
    if not current.any():
        log.add("history_empty", table=HISTORY_TABLE)
        log.raise_if_errors()
    _note_closed(history, log)
    grades = tuple(grade for grade, kept in zip(history.grades, current, strict=True) if kept)
    estimated = history.estimated[:, current]
    return replace(history, grades=grades, counts=history.counts[:, current], estimates=estimated)


def _note_closed(history: History, log: FaultLog) -> None:
    """Say which places have no pupils at the origin but had some before: they count as closed.

    Those that had pupils the year before may lack their counts: that is a warning.
    """
    pupils = np.nan_to_num(history.counts).sum(axis=1)
    closed = (pupils[:, -1] == 0) & (pupils > 0).any(axis=1)
    late = closed & (pupils[:, -2:] > 0).any(axis=1)
    for code, found in (("history_places_closed", closed & ~late), ("history_places_silent", late)):
        if found.any():
            named = [place for place, gone in zip(history.places, found, strict=True) if gone]
            log.add(
                code,
                severity="warning" if code == "history_places_silent" else "notice",
                table=HISTORY_TABLE,
                rows=named,
                count=len(named),
                origin=history.origin,
                pupils=float(pupils[found, -2:].sum()),
            )
