"""The operator of each kind of project; see :mod:`layoutplan.layouts.projects`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd
from shapely.geometry.base import BaseGeometry

from layoutplan.arrays import FloatArray
from layoutplan.city.city import City
from layoutplan.layouts import operators
from layoutplan.layouts.locations import catchments_at, district_at, empty_rooms
from layoutplan.layouts.project_rows import Problems, Project
from layoutplan.layouts.supply import Supply
from layoutplan.plan.settings import SupplySettings
from layoutplan.standards.rules import Profile

_KINDERGARTEN: Final = "kindergarten"


@dataclass(frozen=True)
class ProjectTask:
    """A project with the context needed to apply it; ``school_id`` is the school it changes, "" for none."""

    project: Project
    school_id: str
    city: City
    profile: Profile
    settings: SupplySettings
    problems: Problems

    def problem(self, code: str, *, stage: str = "") -> None:
        """Record a problem of the project.

        Parameters
        ----------
        code
            Fault code.
        stage
            Stage concerned; "" for none.
        """
        self.problems.add(code, self.project.id, stage=stage)

    def cell(self, column: str) -> str:
        """Return a text cell of the project.

        Parameters
        ----------
        column
            Column of table ``projects``.

        Returns
        -------
        str
            The text; "" for null.
        """
        value = self.project.row[column]
        return value if isinstance(value, str) else ""

    def listed(self, column: str) -> tuple[str, ...]:
        """Return a list cell of the project.

        Parameters
        ----------
        column
            Column of table ``projects``.

        Returns
        -------
        tuple of str
            The items; empty for null.
        """
        value = self.project.row[column]
        return tuple(str(item) for item in value) if isinstance(value, (list, tuple)) else ()


@dataclass(frozen=True)
class ProjectKind:
    """How a kind of project is applied.

    Attributes
    ----------
    apply
        Function from a supply and a task to the changed supply.
    school
        Whether the project must name an existing school.
    brings
        Whether it may add a school with the project's id.
    """

    apply: Callable[[Supply, ProjectTask], Supply]
    school: bool = True
    brings: bool = False


def _open(supply: Supply, task: ProjectTask) -> Supply:
    """Add the school that a project opens."""
    project, place = task.project, task.project.place
    known = task.city.catchments.index.intersection(task.listed("catchment_ids"))
    if place is None and len(known):
        place = task.city.catchments.geometry[known[0]].representative_point()
        task.problem("project_placed_in_catchment")
    if place is None:
        task.problem("project_without_place")
        return supply
    if not project.has_seats:
        task.problem("project_without_seats")
    return _bring(supply, task, place, school_type=task.cell("school_type") or None, seats=project.seats)


def _bring(
    supply: Supply,
    task: ProjectTask,
    place: BaseGeometry,
    *,
    school_type: str | None,
    seats: Mapping[str, FloatArray],
) -> Supply:
    """Add a school with the project's id, serving the catchments that contain its location."""
    ownership = task.cell("ownership") or "public"
    school = operators.campus(
        task.project.id,
        place=place,
        crs=task.city.crs,
        name=task.project.row["name"],
        school_type=school_type,
        ownership=ownership,
        district_id=task.cell("district_id") or district_at(place, task.city),
        counts=ownership in task.settings.ownership,
    )
    links = _links(task, task.project.id, place, seats=seats)
    return operators.open_school(supply, school, seats=seats, links=links)


def _links(
    task: ProjectTask, school_id: str, place: BaseGeometry, *, seats: Mapping[str, FloatArray]
) -> pd.DataFrame:
    """Return the catchments that a school serves: those the project names, else those that contain it."""
    taught = tuple(stage for stage, values in seats.items() if values.any())
    found = catchments_at(place, task.city, named=task.listed("catchment_ids"), stages=taught)
    return found.assign(school_id=school_id)


def _change(supply: Supply, task: ProjectTask) -> Supply:
    """Add the project's seats to the school's, or subtract them."""
    if not task.project.has_seats:
        task.problem("project_without_seats")
    return _add(supply, task, task.project.seats)


def _add(supply: Supply, task: ProjectTask, seats: Mapping[str, FloatArray]) -> Supply:
    now = supply.of_school(task.school_id)
    for stage, values in now.items():
        if (values + seats[stage] < 0).any():
            task.problem("project_takes_too_much", stage=stage)
    return operators.add_seats(supply, task.school_id, seats=seats)


def _cut(supply: Supply, task: ProjectTask) -> Supply:
    if not task.project.has_seats:
        task.problem("project_without_seats")
    return _add(supply, task, {stage: -np.abs(values) for stage, values in task.project.seats.items()})


def _close(supply: Supply, task: ProjectTask) -> Supply:
    return operators.close_school(supply, task.school_id, when=task.project.holds)


def _reopen(supply: Supply, task: ProjectTask) -> Supply:
    return operators.reopen_school(supply, task.school_id, when=task.project.holds)


def _move(supply: Supply, task: ProjectTask) -> Supply:
    """Relocate a school; without a new location only change its seats."""
    project, place = task.project, task.project.place
    if place is None:
        task.problem("project_moves_in_place")
        return _add(supply, task, project.seats)
    old = supply.schools.loc[task.school_id]
    seats = supply.of_school(task.school_id)
    for stage, values in seats.items():
        if (values + project.seats[stage] < 0).any():
            task.problem("project_takes_too_much", stage=stage)
    school = operators.campus(
        project.id,
        place=place,
        crs=task.city.crs,
        name=project.row["name"],
        school_type=task.cell("school_type") or old["school_type"],
        ownership=old["ownership"],
        district_id=task.cell("district_id") or district_at(place, task.city),
        counts=old["counts"],
        counts_from=old["counts_from"],
        counts_until=old["counts_until"],
    )
    goes = {stage: values + project.seats[stage] for stage, values in seats.items()}
    links = _links(task, project.id, place, seats=goes) if task.listed("catchment_ids") else None
    return operators.move_school(
        supply, task.school_id, school=school, when=project.holds, added=project.seats, links=links
    )


def _split(supply: Supply, task: ProjectTask) -> Supply:
    """Change the school by the seats stated; without any, separate the stages its new type does not teach."""
    project, old = task.project, supply.schools.loc[task.school_id]
    if project.has_seats:
        return _add(supply, task, project.seats)
    leaving = _leaving(task.city, str(old["school_type"]), task.cell("school_type"))
    if not leaving and project.place is None:
        task.problem("project_without_seats")
        return supply
    school = None
    if project.place is not None:
        school = operators.campus(
            project.id,
            place=project.place,
            crs=task.city.crs,
            name=project.row["name"],
            school_type=task.city.schooling.type_for(leaving) or old["school_type"],
            ownership=old["ownership"],
            district_id=task.cell("district_id") or district_at(project.place, task.city),
            counts=old["counts"],
            counts_from=old["counts_from"],
            counts_until=old["counts_until"],
        )
    return operators.split_school(supply, task.school_id, leaving=leaving, when=project.holds, school=school)


def _leaving(city: City, old: str, new: str) -> list[str]:
    """Return the planned stages that leave a school of type ``old`` that becomes ``new`` ("": not stated)."""
    taught = city.schooling.taught_by(old)
    stays = city.schooling.taught_by(new) if new not in ("", old) else taught[1:]
    return (
        [stage for stage in taught if stage not in stays and stage in city.stages] if len(taught) > 1 else []
    )


def _convert(supply: Supply, task: ProjectTask) -> Supply:
    """Change whether a school counts; one without catchments gets those that contain it."""
    supply = _add(supply, task, task.project.seats)
    links = None
    if not (supply.links["school_id"] == task.school_id).any():
        place = supply.schools.geometry[task.school_id]
        links = _links(task, task.school_id, place, seats=supply.of_school(task.school_id))
    return operators.convert_school(
        supply,
        task.school_id,
        counts=(task.cell("ownership") or "public") in task.settings.ownership,
        first=task.project.opening_year,
        until=task.project.closing_year,
        links=links,
    )


def _purchase(supply: Supply, task: ProjectTask) -> Supply:
    """Purchase seats of a school that does not count."""
    project, seller = task.project, supply.schools.loc[task.school_id]
    if seller["counts"]:
        task.problem("purchase_of_counting_seats")
        return supply
    if not project.has_seats:
        task.problem("project_without_seats")
    for stage, values in supply.of_school(task.school_id).items():
        if (project.seats[stage] > values).any():
            task.problem("project_takes_too_much", stage=stage)
    school = operators.campus(
        project.id,
        place=seller.geometry,
        crs=task.city.crs,
        name=project.row["name"],
        school_type=seller["school_type"],
        ownership=seller["ownership"],
        district_id=seller["district_id"],
        counts=True,
    )
    links = _links(task, project.id, seller.geometry, seats=project.seats)
    return operators.purchase_seats(supply, task.school_id, bought=project.seats, school=school, links=links)


def _attach(supply: Supply, task: ProjectTask) -> Supply:
    """Open a kindergarten on the site of a school."""
    seats = _kindergarten_only(task)
    if not any(values.any() for values in seats.values()):
        task.problem("project_without_seats")
    place = supply.schools.geometry[task.school_id]
    return _bring(supply, task, place, school_type=_KINDERGARTEN, seats=seats)


def _kindergarten_only(task: ProjectTask) -> dict[str, FloatArray]:
    return {
        stage: values if stage == _KINDERGARTEN else 0.0 * values
        for stage, values in task.project.seats.items()
    }


def _reuse(supply: Supply, task: ProjectTask) -> Supply:
    """Open a kindergarten in vacant rooms, within their capacity, while the former school is closed."""
    known = task.school_id in supply.schools.index
    place = task.project.place or (supply.schools.geometry[task.school_id] if known else None)
    if place is None:
        task.problem("project_without_place")
        return supply
    when = task.project.holds
    if known:
        if not supply.is_closed(task.school_id)[when].all():
            task.problem("reuse_before_closed")
        when = when & supply.is_closed(task.school_id)
    stated = _kindergarten_only(task)
    fits = _fitting(task, stated.get(_KINDERGARTEN, np.zeros(0)))
    seats = {
        stage: np.where(when, fits, 0.0) if stage == _KINDERGARTEN else stated[stage] for stage in stated
    }
    return _bring(supply, task, place, school_type=_KINDERGARTEN, seats=seats)


def _fitting(task: ProjectTask, stated: FloatArray) -> FloatArray:
    """Return the kindergarten seats by year: those stated, limited to the capacity of the rooms."""
    floor_m2, land_m2 = empty_rooms(task.city, task.project.row, school_id=task.school_id)
    if floor_m2 is None and land_m2 is None:
        task.problem("reuse_without_area")
        return stated
    rules = [task.profile.at(year) for year in task.city.years[: len(stated)]]
    classes = [
        operators.classes_possible(one, _KINDERGARTEN, floor_m2=floor_m2, land_m2=land_m2) for one in rules
    ]
    size = np.array([one.class_size(_KINDERGARTEN) for one in rules])
    possible = np.array(classes, dtype=float) * size
    if (stated > possible).any():
        task.problem("reuse_too_large")
    return np.asarray(np.minimum(stated, possible) if stated.any() else possible)


PROJECT_KINDS: Final[Mapping[str, ProjectKind]] = MappingProxyType(
    {
        "new": ProjectKind(_open, school=False, brings=True),
        "expand": ProjectKind(_change),
        "add_classes": ProjectKind(_change),
        "temporary": ProjectKind(_change),
        "cut": ProjectKind(_cut),
        "relocate": ProjectKind(_move, brings=True),
        "split": ProjectKind(_split, brings=True),
        "convert": ProjectKind(_convert),
        "purchase": ProjectKind(_purchase, brings=True),
        "attach_kindergarten": ProjectKind(_attach, brings=True),
        "close": ProjectKind(_close),
        "reopen": ProjectKind(_reopen),
        "reuse_as_kindergarten": ProjectKind(_reuse, school=False, brings=True),
    }
)
"""Operator of each value of the column ``kind``."""
