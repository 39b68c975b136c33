"""Projects on the way: schools that open, grow, move, split, convert or close change the seats.

Every project whose state counts holds from its ``opening_year`` to before its ``closing_year`` (without one,
for good), in the order of opening years, ties by id:

``new``
    a school more, with the project's id and status ``committed``, where the project's geometry lies, else
    at its site, else in the middle of its catchment;
``expand``, ``split``
    the school's seats change by the project's (negative: taken away; never below none);
``convert``
    the ownership changes, and with it whether the school counts; seats change as for ``expand``;
``close``
    the school offers no seats;
``relocate``
    the school's seats stop at the old place and go on at the new one, a row more with the project's id,
    changed by the project's seats; it keeps the old school's catchments unless the project names others.

A project's seats in a stage are those stated, else classes × the standard class size of the year.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from shapely.geometry.base import BaseGeometry

from layoutplan.balance.places import catchments_at, district_at, project_place
from layoutplan.balance.supply import FloatArray, Supply, class_sizes
from layoutplan.config.settings import SupplySettings
from layoutplan.errors import FaultLog
from layoutplan.inputs.city import City
from layoutplan.standards.model import Profile


@dataclass(frozen=True)
class _Project:
    """A project ready to apply: its row, the years it holds in, its seats by stage and year, its place."""

    id: str
    row: Mapping[str, Any]
    holds: npt.NDArray[np.bool_]
    change: Mapping[str, FloatArray]
    place: BaseGeometry | None

    @property
    def has_seats(self) -> bool:
        return any(values.any() for values in self.change.values())


@dataclass
class _Problems:
    """Ids of projects by what is wrong with them, in the order met; written to the log at the end."""

    ids: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def add(self, code: str, project_id: str, *, stage: str = "") -> None:
        self.ids.setdefault((code, stage), []).append(project_id)

    def report(self, log: FaultLog) -> None:
        for (code, stage), ids in self.ids.items():
            mild = code == "project_placed_in_catchment"
            log.add(code, severity="notice" if mild else "warning", table="projects", rows=ids, stage=stage)


def apply_projects(
    supply: Supply, city: City, profile: Profile, settings: SupplySettings, *, log: FaultLog
) -> Supply:
    """Return the supply with the projects applied whose state is among ``settings.project_states``.

    Projects that cannot be applied (no year, no such school, no place for a new school) are left out and
    named in warnings of ``log``; those that hold in no year of the plan are left out silently.
    """
    problems = _Problems()
    moved: dict[str, str] = {}
    for project in _projects(city, profile, settings, problems):
        kind = project.row["kind"]
        named = _text(project.row["school_id"])
        school_id = moved.get(named, named)
        if kind in ("new", "relocate") and project.id in supply.schools.index:
            problems.add("project_id_taken", project.id)
        elif kind == "new":
            supply = _open(supply, project, city, settings, problems=problems)
        elif school_id not in supply.schools.index:
            problems.add("project_without_school", project.id)
        elif kind == "relocate" and project.place is not None:
            supply = _move(supply, project, city, place=project.place, school_id=school_id, problems=problems)
            moved[school_id] = moved[named] = project.id
        else:
            supply = _change(supply, project, city, settings, school_id=school_id, problems=problems)
    problems.report(log)
    return supply


def _projects(city: City, profile: Profile, settings: SupplySettings, problems: _Problems) -> list[_Project]:
    """Return the projects that count and hold in some year of the plan, in the order they apply."""
    table = city.tables["projects"]
    counting = table[table["state"].isin(settings.project_states)]
    for project_id in counting.loc[counting["opening_year"].isna(), "project_id"]:
        problems.add("project_without_year", project_id)
    counting = counting[counting["opening_year"].notna()].sort_values(["opening_year", "project_id"])
    years = np.array(city.years)
    sizes = {stage: class_sizes(profile, stage, city.years) for stage in city.stages}
    found = []
    for values in counting.to_dict("records"):
        row = {str(name): value for name, value in values.items()}
        until = np.inf if pd.isna(row["closing_year"]) else row["closing_year"]
        holds = (row["opening_year"] <= years) & (years < until)
        change = {stage: np.where(holds, _seats(row, stage, sizes[stage]), 0.0) for stage in city.stages}
        if holds.any():
            place = project_place(row, city)
            found.append(_Project(id=row["project_id"], row=row, holds=holds, change=change, place=place))
    return found


def _seats(row: Mapping[str, Any], stage: str, class_size: FloatArray) -> FloatArray:
    """Return the seats a project adds in a stage: stated, else classes × standard class size."""
    stated, classes = row[f"seats_{stage}"], row[f"classes_{stage}"]
    if not pd.isna(stated):
        return np.full_like(class_size, float(stated))
    return (0.0 if pd.isna(classes) else float(classes)) * class_size


def _open(
    supply: Supply, project: _Project, city: City, settings: SupplySettings, *, problems: _Problems
) -> Supply:
    """Add the school a project opens."""
    named = _ids(project.row["catchment_ids"])
    place = project.place
    if place is None and len(known := city.catchments.index.intersection(named)):
        place = city.catchments.geometry[known[0]].representative_point()
        problems.add("project_placed_in_catchment", project.id)
    if place is None:
        problems.add("project_without_place", project.id)
        return supply
    if not project.has_seats:
        problems.add("project_without_seats", project.id)
    ownership = _text(project.row["ownership"]) or "public"
    school = _school(
        project,
        place=gpd.GeoSeries([place], crs=city.crs),
        school_type=_text(project.row["school_type"]) or None,
        ownership=ownership,
        district_id=_text(project.row["district_id"]) or district_at(place, city),
        counts=ownership in settings.ownership,
        counts_from=pd.NA,
        counts_until=pd.NA,
    )
    links = catchments_at(place, city, named=named, stages=_stages(project.change))
    return supply.with_school(school, project.change, links.assign(school_id=project.id))


def _move(
    supply: Supply,
    project: _Project,
    city: City,
    *,
    place: BaseGeometry,
    school_id: str,
    problems: _Problems,
) -> Supply:
    """Close a school at its old place and open it at the new one, in the years the project holds."""
    seats = supply.of_school(school_id)
    stays = {stage: np.where(project.holds, 0.0, values) for stage, values in seats.items()}
    goes = {
        stage: np.where(project.holds, values, 0.0)
        for stage, values in _changed(seats, project, problems).items()
    }
    old = supply.schools.loc[school_id]
    school = _school(
        project,
        place=gpd.GeoSeries([place], crs=city.crs),
        school_type=_text(project.row["school_type"]) or old["school_type"],
        ownership=old["ownership"],
        district_id=_text(project.row["district_id"]) or district_at(place, city),
        counts=old["counts"],
        counts_from=old["counts_from"],
        counts_until=old["counts_until"],
    )
    links = supply.links[supply.links["school_id"] == school_id]
    if named := _ids(project.row["catchment_ids"]):
        links = catchments_at(place, city, named=named, stages=_stages(goes))
    return supply.with_seats(school_id, stays).with_school(school, goes, links.assign(school_id=project.id))


def _change(
    supply: Supply,
    project: _Project,
    city: City,
    settings: SupplySettings,
    *,
    school_id: str,
    problems: _Problems,
) -> Supply:
    """Change the seats of a school and, if the project converts it, whether they count."""
    kind = project.row["kind"]
    seats = supply.of_school(school_id)
    if kind == "close":
        closed = {stage: np.where(project.holds, 0.0, values) for stage, values in seats.items()}
        return supply.with_seats(school_id, closed)
    if kind == "relocate":
        problems.add("project_moves_in_place", project.id)
    elif kind in ("expand", "split") and not project.has_seats:
        problems.add("project_without_seats", project.id)
    supply = supply.with_seats(school_id, _changed(seats, project, problems))
    return _convert(supply, project, city, settings, school_id=school_id) if kind == "convert" else supply


def _changed(
    seats: Mapping[str, FloatArray], project: _Project, problems: _Problems
) -> dict[str, FloatArray]:
    """Return a school's seats after a project's change, never below none."""
    changed = {stage: values + project.change[stage] for stage, values in seats.items()}
    for stage, values in changed.items():
        if (values < 0).any():
            problems.add("project_takes_too_much", project.id, stage=stage)
    return {stage: np.maximum(values, 0.0) for stage, values in changed.items()}


def _convert(
    supply: Supply, project: _Project, city: City, settings: SupplySettings, *, school_id: str
) -> Supply:
    """Let a school count, or count no more, from the year its ownership changes.

    A school that comes to count and has no catchment gets those the project names, else those that hold it.
    """
    counted = bool(supply.schools.loc[school_id, "counts"])
    will_count = (_text(project.row["ownership"]) or "public") in settings.ownership
    if will_count and not counted:
        first, last = project.row["opening_year"], project.row["closing_year"]
        supply = supply.with_counting(school_id, counts=True, counts_from=first, counts_until=last)
        if not (supply.links["school_id"] == school_id).any():
            place, named = supply.schools.geometry[school_id], _ids(project.row["catchment_ids"])
            links = catchments_at(place, city, named=named, stages=_stages(supply.of_school(school_id)))
            supply = supply.with_links(links.assign(school_id=school_id))
        return supply
    if counted and not will_count:
        return supply.with_counting(school_id, counts_until=project.row["opening_year"])
    return supply


def _school(project: _Project, *, place: gpd.GeoSeries, **columns: object) -> gpd.GeoDataFrame:
    """Return one row of ``Seats.schools`` for a school a project brings."""
    data = {"name": project.row["name"], "status": "committed", **columns}
    frame = gpd.GeoDataFrame({name: [value] for name, value in data.items()}, geometry=place)
    return frame.set_index(pd.Index([project.id], name="school_id"))


def _stages(seats: Mapping[str, FloatArray]) -> tuple[str, ...]:
    """Return the stages in which there are seats in some year."""
    return tuple(stage for stage, values in seats.items() if values.any())


def _ids(value: object) -> tuple[str, ...]:
    """Return a list cell as ids; nothing for null."""
    return tuple(str(item) for item in value) if isinstance(value, (list, tuple)) else ()


def _text(value: object) -> str:
    """Return a text cell; "" for null."""
    return value if isinstance(value, str) else ""
