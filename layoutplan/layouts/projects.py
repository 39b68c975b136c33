"""Apply projects to the supply: each kind of project is one operator.

A project that counts (:func:`~layoutplan.layouts.project_rows.counting_projects`) applies from its
``opening_year`` until before its ``closing_year`` (without one, for good). Projects are applied in the order
of opening years, then ids; those that reuse vacant rooms come last:

``new``
    adds a school with the project's id and status ``committed``, located at the project's geometry, otherwise
    at its site, otherwise within its catchment;
``expand``, ``add_classes``, ``temporary``
    change the school's seats by the project's (negative values remove seats; never below zero): by building,
    in existing rooms, or until the closing year;
``cut``
    removes the project's seats, whatever their sign;
``relocate``
    closes the school at the old location and continues it at the new one, a row with the project's id, with
    its seats changed by the project's; it keeps the old school's catchments unless the project names others;
``split``
    with seats stated, changes the school's seats by them; otherwise the stages that the project's school type
    does not teach (if it states none: the youngest stage of the school) leave the school, for a row
    with the project's id if the project has a location, else their seats are removed;
``convert``
    changes the ownership and thereby whether the school counts; seats change as for ``expand``;
``purchase``
    purchases seats of a school that does not count: a row with the project's id at its location;
``attach_kindergarten``
    adds a kindergarten with the project's id at the location of the school;
``close``, ``reopen``
    the school offers no seats, or offers its former seats again;
``reuse_as_kindergarten``
    adds a kindergarten with the project's id in the rooms of a closed school or on an idle site, limited to
    the classes that fit into its floor area and land, in the years in which the school is closed.

The seats of a project in a stage are those stated, otherwise classes × the standard class size of the year.
Its beds are added to the school that it opens, otherwise to the school that it changes (``cut``: subtracted).
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
    """Return the supply with the plan's projects applied.

    Parameters
    ----------
    supply
        Supply before any project.
    city
        The city, with table ``projects``.
    profile
        Standards by year.
    settings
        ``[supply]`` of the plan.
    log
        Receives warnings that name the projects that cannot be applied (no year, no such school, no location
        for a new school) and are left out. Projects that apply in no year are omitted without a warning.

    Returns
    -------
    Supply
        The successor.
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
    """Return the supply with a project's beds in the years in which it applies."""
    beds = project.row["boarding_beds"]
    if pd.isna(beds) or not beds:
        return supply
    added = -abs(float(beds)) if project.row["kind"] == "cut" else float(beds)
    where = project.id if project.id in supply.schools.index else school_id
    return supply.with_beds(where, np.where(project.holds, added, 0.0))
