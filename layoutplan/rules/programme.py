"""The project pipeline (建设项目): one row per project, and totals by state, year, kind and programme."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pandas as pd

from layoutplan.dictionary import empty_frame, result_table
from layoutplan.dictionary.rolls import stage_column
from layoutplan.layouts.locations import district_at, project_location
from layoutplan.layouts.project_rows import GATES, counting_projects, stated_seats
from layoutplan.rules.rule_inputs import RuleInputs

INTERVENTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "new": "build",
        "expand": "build",
        "relocate": "build",
        "split": "build",
        "attach_kindergarten": "build",
        "add_classes": "squeeze",
        "temporary": "squeeze",
        "reuse_as_kindergarten": "squeeze",
        "reopen": "squeeze",
        "cut": "cut",
        "close": "cut",
        "convert": "convert",
        "purchase": "purchase",
    }
)
"""Which of the five ways (新改扩建、挖潜、调减、转公、购买服务) each kind of project is."""

_ENDED: Final = "cancelled"
_BUILDING: Final = ("started", "continued")
_DONE: Final = ("handed_over", "opened")
_SIZED: Final = ("new", "expand", "add_classes", "relocate")


def programme(inputs: RuleInputs) -> pd.DataFrame:
    """Return table ``programme``: every project, by its id.

    ``slip`` states how the opening year stands: ``cancelled``; ``done`` (handed over or opened); ``overdue``
    (the opening year is past); ``late`` (it opens after the year first promised); ``at_risk`` (under
    construction with less paid than the elapsed share of the cost, spending being spread evenly from start to
    opening; or not begun in its opening year); else ``on_time``.

    Seats are those the project states; for a closure, minus the seats the school has at the base year; for a
    conversion, those of the school if they come to count.

    Parameters
    ----------
    inputs
        Study and stage results of the run.

    Returns
    -------
    DataFrame
        One row per project; empty without projects.
    """
    projects = inputs.table("projects").sort_values("project_id", ignore_index=True)
    table = result_table("programme", inputs.schooling)
    blank = empty_frame(table)
    if projects.empty:
        return blank
    counting = set(counting_projects(projects, inputs.supply)["project_id"])
    rows = []
    for values in projects.to_dict("records"):
        row = {str(name): value for name, value in values.items()}
        seats = {stage: _seats(inputs, row, stage) for stage in inputs.city.stages}
        total = sum(seats.values())
        known = [bool(row[gate]) for gate in GATES if not pd.isna(row[gate])]
        rows.append(
            {
                **{name: row[name] for name in table.column_names if name in row},
                "district_id": _district(inputs, row),
                "intervention": INTERVENTIONS[row["kind"]],
                "counts": row["project_id"] in counting,
                **{stage_column("seats", stage): count for stage, count in seats.items()},
                "seats": total,
                "cost_per_seat": row["cost"] / total if total > 0 and not pd.isna(row["cost"]) else np.nan,
                "years_late": _years_late(row),
                "paid_share": _share(row["paid"], row["cost"]),
                "planned_share": _planned_share(row, inputs.base_year),
                "slip": _slip(row, inputs.base_year),
                "gates_passed": sum(known) if known else None,
                "accepted": None if not known else len(known) == len(GATES) and all(known),
                "size_broken": _size_broken(inputs, row, seats),
            }
        )
    return pd.DataFrame(rows).reindex(columns=[*table.column_names]).astype(blank.dtypes)


def _seats(inputs: RuleInputs, row: Mapping[str, Any], stage: str) -> float:
    """Return the seats a project adds in a stage in its opening year."""
    school = row["school_id"]
    offered = inputs.seats.seats[stage]
    own = float(offered.loc[school].iloc[0]) if school in offered.index else 0.0
    if row["kind"] == "close":
        return -own if own else 0.0
    year = inputs.base_year if pd.isna(row["opening_year"]) else int(row["opening_year"])
    standards = inputs.profile.at(year)
    size = np.array([standards.class_size(stage)])
    stated = float(stated_seats(row, stage, size)[0])
    if row["kind"] == "convert":
        before = inputs.city.schools["ownership"].get(school, "public")
        after = row["ownership"] if isinstance(row["ownership"], str) else "public"
        counted = [(one if isinstance(one, str) else "public") in inputs.supply.ownership
                   for one in (before, after)]  # fmt: skip
        return stated + own * (counted[1] - counted[0])
    return -abs(stated) if row["kind"] == "cut" and stated else stated


def _district(inputs: RuleInputs, row: Mapping[str, Any]) -> str | None:
    """Return the district stated, else that of its school, else the one that holds its place."""
    if isinstance(row["district_id"], str):
        return row["district_id"]
    if row["school_id"] in inputs.city.schools.index:
        of_school = inputs.city.schools.loc[row["school_id"], "district_id"]
        return of_school if isinstance(of_school, str) else None
    place = project_location(row, inputs.city)
    return None if place is None else district_at(place, inputs.city)


def _share(part: Any, whole: Any) -> float:  # noqa: ANN401  (cells of a table)
    return float(part) / float(whole) if not (pd.isna(part) or pd.isna(whole)) and whole > 0 else np.nan


def _planned_share(row: Mapping[str, Any], year: int) -> float:
    """Return which share should be paid by the end of a year, spending spread evenly over construction."""
    if pd.isna(row["start_year"]) or pd.isna(row["opening_year"]):
        return np.nan
    span = max(int(row["opening_year"]) - int(row["start_year"]), 1)
    return float(np.clip((year - int(row["start_year"])) / span, 0.0, 1.0))


def _years_late(row: Mapping[str, Any]) -> float:
    if pd.isna(row["opening_year"]) or pd.isna(row["due_year"]):
        return np.nan
    return float(row["opening_year"]) - float(row["due_year"])


def _slip(row: Mapping[str, Any], year: int) -> str:
    if row["state"] == _ENDED:
        return _ENDED
    if row["state"] in _DONE:
        return "done"
    if not pd.isna(row["opening_year"]) and row["opening_year"] < year:
        return "overdue"
    if _years_late(row) > 0:
        return "late"
    behind = _share(row["paid"], row["cost"]) < _planned_share(row, year)
    idle = row["state"] not in _BUILDING and row["opening_year"] == year
    return "at_risk" if (row["state"] in _BUILDING and behind) or idle else "on_time"


def _size_broken(inputs: RuleInputs, row: Mapping[str, Any], seats: Mapping[str, float]) -> str | None:
    """Return the size rules a school would break once a project is done: most pupils, most classes.

    A 48-class primary school breaks both caps where 2,000 pupils are the most (48 × 45 = 2,160); two of 24
    classes offer the same seats and break none.
    """
    kinds = inputs.city.schools["school_type"]
    kind = row["school_type"] if isinstance(row["school_type"], str) else kinds.get(row["school_id"])
    if row["kind"] not in _SIZED or kind not in inputs.schooling.type_ids or pd.isna(row["opening_year"]):
        return None
    standards = inputs.profile.at(int(row["opening_year"]))
    whole = {stage: count + _present(inputs, row, stage) for stage, count in seats.items()}
    pupils = sum(whole[stage] for stage in inputs.schooling.taught_by(kind) if stage in whole)
    classes = sum(
        round(whole[stage] / standards.class_size(stage))
        for stage in inputs.schooling.taught_by(kind)
        if stage in whole
    )
    broken = []
    for key, size in (("school_size.cap", pupils), ("school.max_classes", classes)):
        rule = standards.find(key, kind)
        if rule is not None and isinstance(rule.value, (int, float)) and size > rule.value:
            broken.append(f"{key} {size:.0f} > {rule.value:.0f}")
    return "; ".join(broken) or None


def _present(inputs: RuleInputs, row: Mapping[str, Any], stage: str) -> float:
    offered = inputs.seats.seats[stage]
    return float(offered.loc[row["school_id"]].iloc[0]) if row["school_id"] in offered.index else 0.0


def live_projects(inputs: RuleInputs) -> pd.DataFrame:
    """Return the rows of table ``programme`` that are not cancelled.

    Parameters
    ----------
    inputs
        Study and stage results of the run.

    Returns
    -------
    DataFrame
        As :func:`programme`.
    """
    rows = inputs.once(programme)
    return rows[rows["state"] != _ENDED]


_GROUPINGS: Final = ("all", "state", "opening_year", "start_year", "intervention", "programme")


def programme_totals(inputs: RuleInputs) -> pd.DataFrame:
    """Return table ``programme_totals``: projects, seats and money of the city and of each district.

    Rows are all projects together, then groups by state, opening year, start year, intervention and
    programme; a project that leaves one of these columns empty is in none of its groups. Cancelled projects
    are left out.

    Parameters
    ----------
    inputs
        Study and stage results of the run.

    Returns
    -------
    DataFrame
        One row per area and group.
    """
    rows = live_projects(inputs)
    table = result_table("programme_totals")
    blank = empty_frame(table)
    areas: list[tuple[str | None, str, pd.DataFrame]] = [(None, inputs.city.name, rows)]
    for district_id, name in inputs.city.districts["name"].items():
        inside = rows[(rows["district_id"] == district_id).fillna(value=False)]
        areas.append((str(district_id), str(name), inside))
    found = [
        {"district_id": district_id, "name": name, "grouped_by": by, "value": str(value), **_totals(group)}
        for district_id, name, inside in areas
        for by in _GROUPINGS
        for value, group in inside.assign(all="all").groupby(by, sort=True, observed=True)
    ]
    return pd.DataFrame(found, columns=[*table.column_names]).astype(blank.dtypes) if found else blank


def _totals(group: pd.DataFrame) -> dict[str, float]:
    cost = float(group["cost"].sum())
    return {
        "projects": len(group),
        "counting": int(group["counts"].sum()),
        "seats": float(group["seats"].sum()),
        "seats_added": float(group["seats"].clip(lower=0).sum()),
        "cost": cost,
        "cost_per_project": cost / len(group),
        "paid": float(group["paid"].sum()),
    }
