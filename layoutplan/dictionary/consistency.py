"""Row rules: checks that compare several columns of one row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from layoutplan.dictionary.rolls import stage_column
from layoutplan.dictionary.schema import Table
from layoutplan.dictionary.table_log import TableLog
from layoutplan.errors import Severity
from layoutplan.standards.schooling import Schooling

RowMask = pd.Series  # boolean, one value per row


@dataclass(frozen=True, slots=True)
class RowRule:
    """A check of single rows.

    Attributes
    ----------
    code
        Fault code of the rows that break the rule.
    columns
        Columns that the rule compares.
    broken
        Returns the mask of rows that break the rule; nulls count as unbroken.
    severity
        Severity of the fault.
    """

    code: str
    columns: tuple[str, ...]
    broken: Callable[[pd.DataFrame], RowMask[bool]]
    severity: Severity = "error"


def check_rows(
    frame: pd.DataFrame, table: Table, *, found: Mapping[str, str], labels: pd.Index[Any], log: TableLog
) -> None:
    """Report rows whose columns contradict each other.

    A rule runs only where the file has all columns it compares.

    Parameters
    ----------
    frame
        Converted table; positions as index.
    table
        Definition of the table.
    found
        Dictionary column name → header, for the columns in the file.
    labels
        The reader's label of each row.
    log
        Receives one fault per rule that is broken.
    """
    of_stages = _rules_of_stages(table.schooling) if table.name == "schools" else ()
    for rule in (*RULES.get(table.name, ()), *of_stages):
        if any(column not in found for column in rule.columns):
            continue
        broken = rule.broken(frame).fillna(value=False).to_numpy(dtype=bool)
        if broken.any():
            log.add(
                rule.code,
                severity=rule.severity,
                rows=labels[broken],
                column=", ".join(found[column] for column in rule.columns),
            )


def _not_after(earlier: str, later: str, code: str) -> RowRule:
    """Return the rule that ``earlier`` is strictly before ``later`` where both are given."""
    return RowRule(code, (earlier, later), lambda frame: frame[later] <= frame[earlier])


def _before(later: str, earlier: str, code: str) -> RowRule:
    """Return the rule that ``later`` is not before ``earlier`` where both are given."""
    return RowRule(code, (later, earlier), lambda frame: frame[later] < frame[earlier])


def _part(part: str, whole: str) -> RowRule:
    return RowRule("part_exceeds_whole", (part, whole), lambda frame: frame[part] > frame[whole])


def _stage_not_taught(column: str, stage: str, schooling: Schooling) -> RowRule:
    """Return the rule that a school has no figures for a stage that its type neither teaches nor holds."""
    types = [kind.id for kind in schooling.types if kind.stages and stage not in (*kind.stages, *kind.holds)]
    return RowRule(
        "stage_not_taught",
        ("school_type", column),
        lambda frame: frame["school_type"].isin(types) & (frame[column] > 0),
        severity="warning",
    )


def _rules_of_stages(schooling: Schooling) -> tuple[RowRule, ...]:
    """Return the rules of table ``schools`` about columns that each stage has."""
    stages = schooling.ids
    return (
        *(_part(stage_column("migrants", stage), stage_column("enrolment", stage)) for stage in stages),
        *(_part(stage_column("intake_own", stage), stage_column("intake", stage)) for stage in stages),
        *(
            _stage_not_taught(stage_column(figure, stage), stage, schooling)
            for figure in ("seats", "enrolment", "classes")
            for stage in stages
        ),
    )


def _closes_without_successor(frame: pd.DataFrame) -> RowMask[bool]:
    return (frame["kind"] == "close") & frame["successor_school_id"].isna()


def _endless(frame: pd.DataFrame) -> RowMask[bool]:
    return (frame["kind"] == "temporary") & frame["closing_year"].isna()


def _before_successor(frame: pd.DataFrame) -> RowMask[bool]:
    """Return which closures and moves precede the opening of their successor, or name a cancelled project."""
    ids = frame["project_id"]
    opening = frame["opening_year"].where(frame["state"] != "cancelled").groupby(ids).first()
    of_project = frame["successor_school_id"].isin(ids) & (frame["successor_school_id"] != ids)
    opens = frame["successor_school_id"].map(opening).astype(float)
    closes = frame["kind"].isin(("close", "relocate")) & (frame["state"] != "cancelled")
    later = opens.isna() | (opens > frame["opening_year"].astype(float))
    return closes & of_project & frame["opening_year"].notna() & later


RULES: Final[Mapping[str, tuple[RowRule, ...]]] = {
    "schools": (
        _not_after("opened_year", "closed_year", "closed_before_opened"),
        _part("unsafe_floor_area_m2", "floor_area_m2"),
    ),
    "projects": (
        _not_after("opening_year", "closing_year", "project_ends_before_opening"),
        _before("opening_year", "start_year", "project_opens_before_start"),
        RowRule(
            "closure_without_successor",
            ("kind", "successor_school_id"),
            _closes_without_successor,
            severity="warning",
        ),
        RowRule("temporary_without_end", ("kind", "closing_year"), _endless, severity="warning"),
        RowRule(
            "successor_opens_later",
            ("project_id", "kind", "state", "successor_school_id", "opening_year"),
            _before_successor,
            severity="warning",
        ),
    ),
    "housing": (
        _before("first_occupancy_year", "start_year", "occupied_before_built"),
        _before("first_occupancy_year", "completed_year", "occupied_before_built"),
    ),
    "enrolment_history": (
        RowRule(
            "history_without_place",
            ("year",),
            lambda frame: frame["school_id"].isna() & frame["area_id"].isna(),
        ),
        _part("repeaters", "pupils"),
    ),
    "groups": (_not_after("approved_year", "dissolved_year", "closed_before_opened"),),
    "sites": (_part("rezoned_area_m2", "area_m2"),),
    "resources": (
        *(
            _part(f"teachers_{kind}", "teachers")
            for kind in ("above_degree", "mid_title", "backbone", "arts_sports")
        ),
        RowRule(
            "resources_without_pupils", ("pupils",), lambda frame: frame["pupils"] == 0, severity="warning"
        ),
    ),
}
"""Row rules of each table, in the order in which they are reported; those of each stage follow."""
