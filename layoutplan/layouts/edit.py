"""A planner's own layout (自拟布局方案): measures and moved units in a TOML file, applied to today's layout.

::

    id = "east-side"
    title = "东片区调整"
    title_en = "East side"

    [[measure]]                      # the columns of table projects
    measure_id = "E1"
    kind = "expand"
    school_id = "S12"
    opening_year = 2028
    classes_primary = 6

    [[move]]                         # units assigned to another catchment
    stage = "primary"
    units = ["U101", "U102"]
    to = "C7"

Every measure is one operator of :mod:`layoutplan.layouts.operators`. What cannot be applied is refused
with the rule and the amount; an edit is never applied in part.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from layoutplan.city.city import City
from layoutplan.dictionary import check_frame, empty_frame, input_table
from layoutplan.errors import FaultLog, InputError
from layoutplan.layouts.current import current_supply
from layoutplan.layouts.layout import TODAY, Layout, Zoning
from layoutplan.layouts.seats import Seats
from layoutplan.layouts.walks import WalkSettings
from layoutplan.plan import Plan
from layoutplan.standards.toml_file import read_toml
from layoutplan.texts import Said
from layoutplan.travel.matrix import WalkMatrix

MEASURE_TABLE: Final = "projects"
"""Table of the data dictionary that defines the columns of a measure."""

_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
_KEYS: Final = ("id", "title", "title_en", "measure", "move")
_MOVE_KEYS: Final = ("stage", "units", "to")
_RESERVED: Final = (TODAY, "proposed", "redrawn", "proposed-redrawn", "all")
_OF_PROPOSALS: Final = "NEW-"  # ids of the schools that siting proposes begin so
_OF_A_SCHOOL: Final = ("kind", "name", "school_type")
_MILD: Final = "project_placed_in_catchment"
_STATE: Final = "approved"


@dataclass(frozen=True)
class Move:
    """Units of one stage that are assigned to the catchment ``to``."""

    stage: str
    units: tuple[str, ...]
    to: str


@dataclass(frozen=True)
class LayoutEdit:
    """A layout file, checked against the data dictionary.

    Attributes
    ----------
    id, title, file
        Short name, title in both languages, and the file's name for fault messages.
    measures
        Rows of table ``projects``; point geometry in the city's CRS, null where no coordinates are given.
    moves
        Units assigned to another catchment.
    """

    id: str
    title: Said
    file: str
    measures: gpd.GeoDataFrame
    moves: tuple[Move, ...]


def read_edit(path: Path, city: City) -> LayoutEdit:
    """Read and check a layout file.

    Parameters
    ----------
    path
        The TOML file.
    city
        The city whose schools, units and catchments the file names.

    Returns
    -------
    LayoutEdit
        The checked edit.

    Raises
    ------
    InputError
        With every fault of the file.
    """
    log = FaultLog()
    source = read_toml(path, log=log)
    data: Mapping[str, Any] = {} if source is None else source.data
    for key in sorted(set(data) - set(_KEYS)):
        log.add("layout_key_unknown", file=path.name, key=key, known=", ".join(_KEYS))
    name = data.get("id", path.stem)
    if not isinstance(name, str) or not _ID.fullmatch(name) or name in _RESERVED:
        log.add("layout_id", file=path.name, id=name, reserved=", ".join(_RESERVED))
    measures = _measures(data.get("measure", []), city, file=path.name, log=log)
    moves = _moves(data.get("move", []), city, file=path.name, log=log)
    if source is not None and measures.empty and not moves:
        log.add("layout_empty", file=path.name)
    log.raise_if_errors()
    title = str(data.get("title") or data.get("title_en") or name)
    said: Said = MappingProxyType({"zh": title, "en": str(data.get("title_en") or title)})
    return LayoutEdit(id=str(name), title=said, file=path.name, measures=measures, moves=moves)


def read_edits(paths: Sequence[Path], city: City) -> tuple[LayoutEdit, ...]:
    """Read the layout files of one run.

    Parameters
    ----------
    paths
        Layout files.
    city
        The city that their schools, units and catchments refer to.

    Returns
    -------
    tuple of LayoutEdit
        In the order of the files.

    Raises
    ------
    InputError
        With every fault of every file, and if two files have one id, or give one id to different schools.
    """
    log = FaultLog()
    edits: list[LayoutEdit] = []
    for path in paths:
        try:
            edits.append(read_edit(path, city))
        except InputError as error:
            log.extend(error.faults)
    named: dict[str, str] = {}
    schools: dict[str, tuple[str, ...]] = {}
    for edit in edits:
        other = named.setdefault(edit.id, edit.file)
        if edit is not next(one for one in edits if one.id == edit.id):
            log.add("layout_id_twice", file=edit.file, id=edit.id, other=other)
        own = edit.measures[edit.measures["school_id"].isna()]
        rows = zip(own["project_id"], *(own[name] for name in _OF_A_SCHOOL), own.geometry, strict=True)
        said = {str(row[0]): tuple(map(str, row[1:])) for row in rows}
        clash = [name for name, row in said.items() if schools.setdefault(name, row) != row]
        if clash:
            log.add("layout_school_twice", file=edit.file, rows=clash)
    log.raise_if_errors()
    return tuple(edits)


def _measures(rows: object, city: City, *, file: str, log: FaultLog) -> gpd.GeoDataFrame:
    """Return the measures as checked rows of table ``projects``."""
    table = input_table(MEASURE_TABLE, city.schooling)
    listed: list[dict[str, Any]] = []
    if isinstance(rows, list) and all(isinstance(row, dict) for row in rows):
        listed = rows
    else:
        log.add("layout_not_tables", file=file, key="measure")
    plain = [
        {
            "project_id": row.get("measure_id"),
            "name": row.get("measure_id"),
            **{key: _cell(value) for key, value in row.items() if key != "measure_id"},
            "state": _STATE,
        }
        for row in listed
    ]
    needed = [column.name for column in table.columns if column.required]
    raw = pd.DataFrame(plain, index=pd.RangeIndex(1, len(plain) + 1))
    raw = raw.reindex(columns=[*raw.columns, *(name for name in needed if name not in raw)])
    if raw.empty:
        return gpd.GeoDataFrame(empty_frame(table), geometry=[], crs=city.crs)
    frame = check_frame(raw, table, file=file, log=log).reset_index(drop=True)
    points = gpd.GeoSeries.from_xy(
        frame["lon"].to_numpy(dtype=float, na_value=np.nan),
        frame["lat"].to_numpy(dtype=float, na_value=np.nan),
        crs=4326,
    ).to_crs(city.crs)
    known = frame["lon"].notna() & frame["lat"].notna()
    taken = frame["project_id"].isin(city.tables[MEASURE_TABLE]["project_id"]) | frame["project_id"].isin(
        city.schools.index
    )
    taken |= frame["project_id"].astype(str).str.startswith(_OF_PROPOSALS)
    if taken.any():
        log.add("layout_measure_taken", file=file, rows=frame.loc[taken, "project_id"])
    return gpd.GeoDataFrame(frame, geometry=points.where(known, None).array, crs=city.crs)


def _cell(value: object) -> object:
    """Return a TOML value as a table cell: a list in the list notation of the dictionary."""
    return ";".join(map(str, value)) if isinstance(value, list) else value


def _units_of(name: str, city: City) -> list[str]:
    """Return the unit of a name, or all units of the area of that name (its parts, its cells)."""
    if name in city.units.index:
        return [name]
    return [*map(str, city.units.index[(city.units["area_id"] == name).to_numpy()])] or [name]


def _moves(rows: object, city: City, *, file: str, log: FaultLog) -> tuple[Move, ...]:
    """Return the moves of units; record references that the city does not have."""
    listed = rows if isinstance(rows, list) else [rows]
    found: list[Move] = []
    taken: dict[tuple[str, str], str] = {}
    for number, row in enumerate(listed, start=1):
        if not isinstance(row, dict) or set(row) != set(_MOVE_KEYS) or not isinstance(row["units"], list):
            log.add("layout_move_keys", file=file, rows=[number], keys=", ".join(_MOVE_KEYS))
            continue
        named = [unit for name in map(str, row["units"]) for unit in _units_of(name, city)]
        move = Move(str(row["stage"]), tuple(dict.fromkeys(named)), str(row["to"]))
        unknown = [unit for unit in move.units if unit not in city.units.index]
        if unknown:
            log.add("layout_move_units", file=file, rows=unknown)
        own = city.catchments.index[city.catchments["stage"] == move.stage]
        if move.to not in own:
            log.add("layout_move_catchment", file=file, rows=[number], catchment=move.to, stage=move.stage)
        twice = [unit for unit in move.units if taken.setdefault((move.stage, unit), move.to) != move.to]
        if twice:
            log.add("layout_move_twice", file=file, rows=twice, stage=move.stage)
        found.append(move)
    return tuple(found)


def apply_edit(edit: LayoutEdit, today: Layout, *, city: City, plan: Plan, walking: WalkSettings) -> Layout:
    """Return the successor of today's layout that a planner's edit describes.

    Parameters
    ----------
    edit
        The edit, from :func:`read_edit`.
    today
        The layout that it changes.
    city, plan
        Projects, standards and supply settings of the study.
    walking
        How walks to new schools are measured; their limit is that of ``today.walks``.

    Returns
    -------
    Layout
        The layout with the edit's id, seats, catchments and walks.

    Raises
    ------
    InputError
        As :func:`edited_supply`.
    """
    seats, zoning = edited_supply(edit, today.seats, city=city, plan=plan)
    return Layout(
        id=edit.id,
        title=edit.title,
        seats=seats,
        zoning=zoning,
        walks=_extended(today, seats, city, walking),
        lang=today.lang,
    )


def edited_supply(edit: LayoutEdit, today: Seats, *, city: City, plan: Plan) -> tuple[Seats, Zoning]:
    """Return the seats and catchments of a planner's edit; new schools follow today's.

    Parameters
    ----------
    edit, city, plan
        As for :func:`apply_edit`.
    today
        Seats of today's layout.

    Returns
    -------
    seats
        Seats by school, stage and year; new schools have status ``proposed``.
    zoning
        Today's catchments with the moved units reassigned.

    Raises
    ------
    InputError
        Naming the rule and the amount of everything that cannot be applied.
    """
    log = FaultLog()
    settings = plan.supply.model_copy(
        update={
            "include_projects": (*plan.supply.include_projects, *edit.measures["project_id"].astype(str)),
        }
    )
    projects = pd.concat([city.tables[MEASURE_TABLE], edit.measures], ignore_index=True)
    changed = replace(city, tables=MappingProxyType({**city.tables, MEASURE_TABLE: projects}))
    seats, zoning = current_supply(changed, plan.profile, settings)
    _refuse_problems(edit, seats, today, log)
    seats = _marked(seats, today)
    _refuse_sizes(edit, seats, today, plan, log)
    log.raise_if_errors()
    return seats, _moved(zoning, edit.moves)


def _refuse_problems(edit: LayoutEdit, seats: Seats, today: Seats, log: FaultLog) -> None:
    """Turn warnings about the edit's measures into errors that state the seats available."""
    own = set(edit.measures["project_id"].astype(str))
    for note in seats.notes:
        rows = [row for row in note.rows if row in own]
        if note.table != MEASURE_TABLE or not rows or note.code == _MILD:
            continue
        if note.code == "project_takes_too_much":
            _refuse_taking(edit, rows, str(note.params["stage"]), today, log)
        else:
            log.extend([replace(note, severity="error", file=edit.file, rows=tuple(rows))])


def _refuse_taking(edit: LayoutEdit, rows: Sequence[str], stage: str, today: Seats, log: FaultLog) -> None:
    """Record an error for measures that remove more seats of a stage than the school has."""
    measures = edit.measures.set_index("project_id").loc[list(rows)]
    for name, row in measures.iterrows():
        offered = today.seats[stage].loc[row["school_id"]]
        log.add(
            "layout_takes_too_much",
            file=edit.file,
            rows=[name],
            school=str(today.schools.loc[row["school_id"], "name"]),
            stage=stage,
            seats=float(offered.min()),
        )


def _marked(seats: Seats, today: Seats) -> Seats:
    """Return the seats with new schools after today's and with status ``proposed``."""
    known = today.schools.index
    new = seats.schools.index[~seats.schools.index.isin(known)]
    schools = seats.schools.loc[known.append(new)]
    status = schools["status"].where(~schools.index.isin(new), "proposed")
    frames = {stage: frame.loc[schools.index] for stage, frame in seats.seats.items()}
    return replace(seats, schools=schools.assign(status=status), seats=MappingProxyType(frames))


def _refuse_sizes(edit: LayoutEdit, seats: Seats, today: Seats, plan: Plan, log: FaultLog) -> None:
    """Record an error, with the excess seats, for schools enlarged above the cap of their type."""
    before = _largest(today, plan)
    for school_id, (year, total) in _largest(seats, plan).items():
        kind = str(seats.schools.loc[school_id, "school_type"])
        standards = plan.profile.at(year)
        rule = standards.find("school_size.cap", kind)
        if rule is None:
            continue
        cap = standards.number("school_size.cap", kind)
        if total > max(cap, before.get(school_id, (year, 0.0))[1]):
            log.add(
                "layout_too_large",
                file=edit.file,
                rows=[school_id],
                school=str(seats.schools.loc[school_id, "name"]),
                seats=total,
                cap=cap,
                above=total - cap,
                source=rule.source,
            )


def _largest(seats: Seats, plan: Plan) -> dict[str, tuple[int, float]]:
    """Return for each school the year in which it offers the most seats, and how many."""
    frames: Sequence[pd.DataFrame] = [frame for stage, frame in seats.seats.items() if stage in plan.stages]
    total = sum(frames[1:], start=frames[0])
    best = total.to_numpy().argmax(axis=1)
    return {
        str(name): (int(total.columns[at]), float(row[at]))
        for name, at, row in zip(total.index, best, total.to_numpy(), strict=True)
    }


def _moved(zoning: Zoning, moves: Sequence[Move]) -> Zoning:
    """Return the zoning with the moved units in their new catchments."""
    held = zoning.unit_catchments.copy()
    for move in moves:
        held.loc[list(move.units), move.stage] = move.to
    return replace(zoning, unit_catchments=held)


def _extended(today: Layout, seats: Seats, city: City, walking: WalkSettings) -> WalkMatrix:
    """Return today's walks extended by those to new schools, in the order of the seats."""
    schools = seats.schools
    new = ~schools.index.isin(today.walks.destinations)
    if not new.any():
        return today.walks
    extra = walking.pairs(city.units.geometry, schools.geometry[new], limit_m=today.walks.limit_m)
    return today.walks.with_destinations(extra)
