"""Projects on the way: each kind of project is one operator on the supply.

Every project that counts (:func:`~layoutplan.layouts.project_rows.counting_projects`) holds from its
``opening_year`` to before its ``closing_year`` (without one, for good), in the order of opening years, ties
by id, what uses empty rooms again after all others:

``new``
    a school more, with the project's id and status ``committed``, where the project's geometry lies, else
    at its site, else in the middle of its catchment;
``expand``, ``add_classes``, ``temporary``
    the school's seats change by the project's (negative: taken away; never below none): by building, in
    rooms that are there, or until the closing year;
``cut``
    the project's seats are taken away, whichever sign they are given;
``relocate``
    the school's seats stop at the old place and go on at the new one, a row more with the project's id,
    changed by the project's seats; it keeps the old school's catchments unless the project names others;
``split``
    with seats stated, the school changes by them; without, the stages that the project's school type does not
    teach (where it states none: the youngest the school has) leave the school, for a row of the project's id
    if the project has a place, else their seats are freed;
``convert``
    the ownership changes, and with it whether the school counts; seats change as for ``expand``;
``purchase``
    seats of a school that does not count are bought: a row more with the project's id, at its place;
``attach_kindergarten``
    a kindergarten with the project's id at the place of the school;
``close``, ``reopen``
    the school offers no seats, or offers again those it had;
``reuse_as_kindergarten``
    a kindergarten with the project's id in the rooms of a closed school or of an idle site, as many classes
    as its floor area and land hold, in the years in which the school is closed.

A project's seats in a stage are those stated, else classes × the standard class size of the year. Its beds
are added to those of the school it brings, else of the school it changes (``cut``: taken away).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from layoutplan.city.city import City
from layoutplan.errors import FaultLog
from layoutplan.layouts.project_kinds import PROJECT_KINDS, ProjectTask
from layoutplan.layouts.project_rows import Problems, Project, read_projects
from layoutplan.layouts.supply import Supply
from layoutplan.plan.settings import SupplySettings
from layoutplan.standards.rules import Profile


def apply_projects(
    supply: Supply, city: City, profile: Profile, settings: SupplySettings, *, log: FaultLog
) -> Supply:
    """Return the supply with the projects applied that count in the plan.

    Projects that cannot be applied (no year, no such school, no place for a new school) are left out and
    named in warnings of ``log``; those that hold in no year of the plan are left out silently.
    """
    problems = Problems()
    moved: dict[str, str] = {}
    for project in read_projects(city, profile, settings, problems=problems):
        kind = PROJECT_KINDS[project.row["kind"]]
        task = ProjectTask(project, "", city, profile, settings, problems)
        named = task.cell("school_id")
        task = replace(task, school_id=moved.get(named, named))
        if kind.brings and project.id in supply.schools.index:
            task.problem("project_id_taken")
        elif kind.school and task.school_id not in supply.schools.index:
            task.problem("project_without_school")
        else:
            before, supply = supply, kind.apply(supply, task)
            if supply is not before:
                supply = _with_beds(supply, project, school_id=task.school_id)
            if project.row["kind"] == "relocate" and project.id in supply.schools.index:
                moved[task.school_id] = moved[named] = project.id
    problems.report(log)
    return supply


def _with_beds(supply: Supply, project: Project, *, school_id: str) -> Supply:
    """Return the supply with a project's beds, in the years it holds in."""
    beds = project.row["boarding_beds"]
    if pd.isna(beds) or not beds:
        return supply
    added = -abs(float(beds)) if project.row["kind"] == "cut" else float(beds)
    where = project.id if project.id in supply.schools.index else school_id
    return supply.with_beds(where, np.where(project.holds, added, 0.0))
