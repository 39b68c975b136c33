"""Redraw catchments: the planner's question in, an evaluated layout's zoning and its reasons out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from layoutplan.arrays import ObjectArray
from layoutplan.balance.zoned_stage import zoned_stage
from layoutplan.dictionary import empty_frame, result_table
from layoutplan.errors import DefectError, Fault, FaultLog
from layoutplan.layouts.layout import Layout
from layoutplan.study import Study
from layoutplan.zoning.division import Division, divide_stage
from layoutplan.zoning.easing import Eased, rules_to_ease
from layoutplan.zoning.feeders import feeder_rows
from layoutplan.zoning.request import zones_to_redraw
from layoutplan.zoning.successor import redrawn_layout
from layoutplan.zoning.tables import Redrawn, change_rows, move_rows, outcome_row

_ROUNDING: Final = 1e-6


@dataclass(frozen=True)
class Redraw:
    """Redrawn catchments.

    Attributes
    ----------
    layout
        The successor layout.
    outcome
        Table ``zoning_outcome``: one row a stage, with outcome, bound, gap, audit and message.
    changes
        Table ``zoning_changes``: each catchment before and after, with reasons.
    moves
        Table ``zoning_moves``: units that change catchment.
    feeders
        Table ``zoning_feeders``: what catchments feed into, before and after; empty without a feeder map.
    divisions
        What was solved, by stage.
    notes
        Notices and warnings.
    """

    layout: Layout
    outcome: pd.DataFrame
    changes: pd.DataFrame
    moves: pd.DataFrame
    feeders: pd.DataFrame
    divisions: tuple[Division, ...]
    notes: tuple[Fault, ...] = ()


def redraw(
    study: Study, layout: Layout | None = None, *, advanced: Callable[[int, int], None] | None = None
) -> Redraw:
    """Redraw the catchments of a layout by ``[zoning]`` of the plan.

    Every unit goes to one catchment; each catchment is connected over ``study.adjacency`` and holds the unit
    its school stands in. Least pupils above the seats first (summed over the years and schools), then least
    walking plus the price of pupils who change school. Units are assigned by
    :func:`~layoutplan.solve.districting.solve_districting`, whose answer is audited here once more.

    Parameters
    ----------
    study
        City, demand, adjacency, ``[zoning]``.
    layout
        The layout to redraw; ``None``: today's.
    advanced
        Receives the number of searches done and their total.

    Returns
    -------
    Redraw
        With a layout like any other: :func:`layoutplan.evaluate` takes it.

    Raises
    ------
    InputError
        With every fault: stages without catchments or seats, schools outside every unit, locked units
        unknown or without a catchment, districts without seats (:func:`~layoutplan.zoning.check_redraw`).
    DefectError
        If the audit finds what was promised broken.
    """
    old = layout or study.today
    log = FaultLog()
    log.extend(study.adjacency.notes)
    years = study.plan.zoning.years or (study.target_year,)
    zones = zones_to_redraw(study, old, log)
    log.raise_if_errors()
    held, divisions = old.zoning.unit_catchments.copy(), []
    for place, one in enumerate(zones):
        told = _shifted(advanced, place, len(zones))
        division = divide_stage(study, old, one, held, log=log, advanced=told)
        held[one.stage] = _origins(division)
        divisions.append(division)
    new = redrawn_layout(study, old, divisions)
    year = study.target_year if study.target_year in years else max(years)
    views = [
        Redrawn(
            division=division,
            layout=new,
            old=old,
            before=zoned_stage(study, old, division.problem.zones.stage),
            after=zoned_stage(study, new, division.problem.zones.stage),
            year=year,
            eased=_eased(study, old, held, division),
        )
        for division in divisions
    ]
    outcome = _frame("zoning_outcome", [outcome_row(study, view) for view in views])
    _audit(views, outcome)
    return Redraw(
        layout=new,
        outcome=outcome,
        changes=_frame("zoning_changes", [row for view in views for row in change_rows(study, view)]),
        moves=_frame("zoning_moves", [row for view in views for row in move_rows(study, view)]),
        feeders=_frame("zoning_feeders", feeder_rows(study, old, new, year=year)),
        divisions=tuple(divisions),
        notes=log.notes,
    )


def _eased(study: Study, layout: Layout, held: pd.DataFrame, division: Division) -> tuple[Eased, ...]:
    """Return the rules that could be eased for the year that lacks most seats."""
    worst = max(division.lacking, key=lambda one: one.lacks, default=None)
    return () if worst is None else rules_to_ease(study, layout, held, division.problem, worst)


def _origins(division: Division) -> ObjectArray:
    """Return the catchment of each unit, that of the parent where the catchment is new."""
    zones = division.problem.zones.zones
    return np.array([zone.parent or zone.catchment_id for zone in zones], dtype=object)[division.zone]


def _shifted(
    advanced: Callable[[int, int], None] | None, place: int, count: int
) -> Callable[[int, int], None] | None:
    if advanced is None:
        return None
    return lambda done, steps: advanced(place * steps + done, count * steps)


def _audit(views: Sequence[Redrawn], outcome: pd.DataFrame) -> None:
    """Check what is promised on the layout itself: units, walks, connected parts, own units, objective."""
    for view, audited, objective in zip(views, outcome["audited"], outcome["objective"], strict=True):
        division = view.division
        zones = division.problem.zones
        bridged = set(division.zone[division.problem.exclaves].tolist())
        several = {place for place, zone in enumerate(zones.zones) if len(zone.units) > 1}
        ids = [zone.catchment_id for zone in zones.zones]
        parts = dict(zip(view.after.parts.catchments, view.after.zoned.parts, strict=True))
        broken = [
            key
            for place, key in enumerate(ids)
            if parts[key] != 1 and place not in bridged and place not in several
        ]
        outside = [
            key for zone, key in zip(zones.zones, ids, strict=True) if not _owns(zone.units, key, view)
        ]
        if broken or outside or abs(audited - objective) > _ROUNDING * max(1.0, abs(objective)):
            raise DefectError(f"{zones.stage}: parts {broken}, own units {outside}, {audited} != {objective}")
        if view.layout.zoning.held(zones.stage).isna().any():
            raise DefectError(f"{zones.stage}: units without a catchment")


def _owns(units: tuple[int, ...], key: str, view: Redrawn) -> bool:
    held = view.layout.zoning.held(view.stage)
    return all(held.iloc[unit] == key for unit in units)


def _frame(name: str, rows: Sequence[dict[str, object]]) -> pd.DataFrame:
    table = result_table(name)
    if not rows:
        return empty_frame(table)
    frame = pd.DataFrame(rows)[[*table.column_names]]
    for column in table.columns:
        if column.dtype == "integer":
            frame[column.name] = frame[column.name].astype("Int64")
        elif column.dtype == "flag":
            frame[column.name] = frame[column.name].astype("boolean")
        elif column.dtype == "number":
            frame[column.name] = frame[column.name].astype("float64")
    return frame
