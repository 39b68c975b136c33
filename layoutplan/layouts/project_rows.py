"""Projects read for a plan: which of them count, the years they apply in, and the seats they state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd
from shapely.geometry.base import BaseGeometry

from layoutplan.arrays import BoolArray, FloatArray
from layoutplan.city.city import City
from layoutplan.dictionary.rolls import stage_column
from layoutplan.errors import FaultLog
from layoutplan.layouts.locations import project_location
from layoutplan.layouts.supply import standard_class_sizes
from layoutplan.plan.settings import SupplySettings
from layoutplan.standards.rules import Profile

GATES: Final = ("procedures_complete", "construction_accepted", "title_clear")
"""Columns of the three acceptance conditions (手续完备、程序规范、产权明晰)."""

_BUILT: Final = ("handed_over", "opened")
_LAST: Final = "reuse_as_kindergarten"  # rooms are vacant only after all closures are applied


@dataclass(frozen=True)
class Project:
    """A project ready to apply.

    Attributes
    ----------
    id
        ``project_id``.
    row
        Its row of table ``projects``.
    holds
        Years of the plan in which it applies, shape (years,).
    seats
        Seats stated, by stage and year; 0 where it does not apply.
    place
        Its location in the city's CRS, ``None`` where unknown.
    """

    id: str
    row: Mapping[str, Any]
    holds: BoolArray
    seats: Mapping[str, FloatArray]
    place: BaseGeometry | None

    @property
    def has_seats(self) -> bool:
        """Whether the project states seats or classes."""
        return any(values.any() for values in self.seats.values())

    @property
    def opening_year(self) -> int:
        """First year in which it applies."""
        return int(self.row["opening_year"])

    @property
    def closing_year(self) -> int | None:
        """First year in which it no longer applies; ``None`` for no end."""
        return None if pd.isna(self.row["closing_year"]) else int(self.row["closing_year"])


@dataclass
class Problems:
    """Project ids by fault code and stage, in order of occurrence; written to a log at the end."""

    ids: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def add(self, code: str, project_id: str, *, stage: str = "") -> None:
        """Record a problem of a project.

        Parameters
        ----------
        code
            Fault code.
        project_id
            The project.
        stage
            Stage concerned; "" for none.
        """
        self.ids.setdefault((code, stage), []).append(project_id)

    def report(self, log: FaultLog) -> None:
        """Write the problems to a log: a warning per code and stage, a notice for an assumed location.

        Parameters
        ----------
        log
            Receives the faults.
        """
        for (code, stage), ids in self.ids.items():
            mild = code == "project_placed_in_catchment"
            log.add(code, severity="notice" if mild else "warning", table="projects", rows=ids, stage=stage)


def counting_projects(projects: pd.DataFrame, settings: SupplySettings) -> pd.DataFrame:
    """Return the projects whose seats count in a plan.

    These are the projects in a state of ``settings.project_states`` or named in ``include_projects``, except
    those named in ``exclude_projects``. With ``settings.require_acceptance``, a built project (handed over or
    opened) counts only if all three acceptance conditions are stated as met.

    Parameters
    ----------
    projects
        Table ``projects``.
    settings
        ``[supply]`` of the plan.

    Returns
    -------
    DataFrame
        The rows that count.
    """
    counts = projects["state"].isin(settings.project_states)
    counts |= projects["project_id"].isin(settings.include_projects)
    counts &= ~projects["project_id"].isin(settings.exclude_projects)
    if settings.require_acceptance:
        passed = pd.concat([projects[gate].fillna(value=False).astype(bool) for gate in GATES], axis=1)
        counts &= ~projects["state"].isin(_BUILT) | passed.all(axis=1)
    return projects[counts]


def stated_seats(row: Mapping[str, Any], stage: str, class_size: FloatArray) -> FloatArray:
    """Return the seats that a project states in a stage: seats, else classes × standard class size, else 0.

    Parameters
    ----------
    row
        A row of table ``projects``.
    stage
        Stage id.
    class_size
        Standard class size of each year, shape (years,).

    Returns
    -------
    FloatArray
        Seats by year, shape (years,), whether or not the project applies then.
    """
    stated, classes = (row[stage_column(figure, stage)] for figure in ("seats", "classes"))
    if not pd.isna(stated):
        return np.full_like(class_size, float(stated))
    return (0.0 if pd.isna(classes) else float(classes)) * class_size


def read_projects(
    city: City, profile: Profile, settings: SupplySettings, *, problems: Problems
) -> list[Project]:
    """Return the projects that count and apply in some year of the plan, in the order of application.

    They are sorted by opening year, then id; projects that reuse rooms come last.

    Parameters
    ----------
    city
        The city, with table ``projects``.
    profile
        Standards by year.
    settings
        ``[supply]`` of the plan.
    problems
        Receives unknown ids of the settings and projects without an opening year.

    Returns
    -------
    list of Project
        Projects that apply in no year are omitted.
    """
    table = city.tables["projects"]
    for project_id in (*settings.include_projects, *settings.exclude_projects):
        if not (table["project_id"] == project_id).any():
            problems.add("project_unknown", project_id)
    counting = counting_projects(table, settings)
    for project_id in counting.loc[counting["opening_year"].isna(), "project_id"]:
        problems.add("project_without_year", project_id)
    counting = counting[counting["opening_year"].notna()]
    order = counting.assign(last=counting["kind"] == _LAST)
    years = np.array(city.years)
    sizes = {stage: standard_class_sizes(profile, stage, city.years) for stage in city.stages}
    found = []
    for values in order.sort_values(["last", "opening_year", "project_id"]).to_dict("records"):
        row = {str(name): value for name, value in values.items()}
        until = np.inf if pd.isna(row["closing_year"]) else row["closing_year"]
        holds = np.asarray((row["opening_year"] <= years) & (years < until), dtype=np.bool_)
        seats = {stage: np.where(holds, stated_seats(row, stage, sizes[stage]), 0.0) for stage in city.stages}
        if holds.any():
            place = project_location(row, city)
            found.append(Project(id=row["project_id"], row=row, holds=holds, seats=seats, place=place))
    return found
