"""Checks for everything that a run refuses and that takes seconds: used by ``check`` and at a run's start."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pandas as pd

from layoutplan.city import City, load_city
from layoutplan.demand import check_residents
from layoutplan.errors import Fault, FaultLog, InputError
from layoutplan.layouts import (
    TODAY,
    Layout,
    LayoutEdit,
    Seats,
    WalkSettings,
    current_supply,
    edited_supply,
    read_edits,
)
from layoutplan.outputs.files import read_ledger
from layoutplan.plan import Plan
from layoutplan.rules import check_targets
from layoutplan.rules.ledger import check_ledger
from layoutplan.runs.forecasts import check_history, check_projection, demand_of_city, forecast_city
from layoutplan.runs.reserving import report_output
from layoutplan.runs.travel_stage import street_network
from layoutplan.study import Study
from layoutplan.texts import in_both, text
from layoutplan.travel import check_streets
from layoutplan.travel.gates import at_gates


def refuse_run(plan: Plan, city: City, *, previous_ledger: pd.DataFrame | None = None) -> None:
    """Raise an error if no run can be computed for a city, before any computation.

    Two checks are left out, since they take as long as a stage: whether the streets match the city, and
    whether its catchments can be redrawn. :func:`check_run` includes them, and a run performs them with the
    same functions: when it measures the walks, and as soon as it has a study (:func:`refuse_layouts`).

    Parameters
    ----------
    plan, city
        A plan and its city as read.
    previous_ledger
        The ledger of an earlier year, if any.

    Raises
    ------
    InputError
        With every fault of the targets, residents and births, enrolment history, projection, ledger, zonings
        and ``[zoning]``.
    """
    log = FaultLog()
    _collect(log, _conditions(plan, city, previous_ledger), files=_files(city, previous_ledger))
    log.raise_if_errors()


def check_run(
    plan: Plan,
    city: City,
    *,
    previous_ledger: pd.DataFrame | None = None,
    layout_files: Sequence[Path] = (),
) -> tuple[Fault, ...]:
    """Check everything that :func:`refuse_run` checks, the streets, layout files, and redrawing.

    Whether catchments can be redrawn depends on the demand: it is asked where the tables have no fault.

    Parameters
    ----------
    plan, city
        A plan and its city as read.
    previous_ledger
        The ledger of an earlier year, if any.
    layout_files
        Layout files of the planner.

    Returns
    -------
    tuple of Fault
        Warnings and notices of seats and streets.

    Raises
    ------
    InputError
        With every fault.
    """
    log = FaultLog()
    seats, _ = current_supply(city, plan.profile, plan.supply)
    conditions: list[Callable[[], None]] = [
        *_conditions(plan, city, previous_ledger),
        partial(_streets, plan, city, seats, log),
        *([partial(_layouts, layout_files, plan, city, seats)] if layout_files else []),
    ]
    _collect(log, conditions, files=_files(city, previous_ledger))
    log.raise_if_errors()
    if _redraws(plan):
        _refuse_redraw(_without_walks(plan, city), log)
    log.raise_if_errors()
    return (*seats.notes, *log.notes)


def refuse_layouts(study: Study, edits: Sequence[LayoutEdit], log: FaultLog) -> None:
    """Record every fault for which a study can not have the layouts that its plan asks for.

    Parameters
    ----------
    study
        The study, with today's layout.
    edits
        Layout files as read.
    log
        Receives layout files with the name of a zoning, and what a redraw of today's catchments refuses. Of
        a proposal alone it receives schools outside every unit; the rest depends on the seats proposed.
    """
    from layoutplan.zoning import check_names  # noqa: PLC0415  as below

    names = partial(check_names, study.city, [edit.id for edit in edits])
    _collect(log, [names], files=_files(study.city, None))
    if _redraws(study.plan):
        _refuse_redraw(study, log)


def check_scenarios(
    plans: Sequence[Plan], output: Path, *, ledger: Path | None = None, layout_files: Sequence[Path] = ()
) -> tuple[list[City], list[Fault]]:
    """Read and check every scenario as a run into ``output`` would.

    Parameters
    ----------
    plans
        Scenarios of one plan.
    output
        Output folder.
    ledger
        File with the ledger of an earlier year, if any.
    layout_files
        Layout files of the planner.

    Returns
    -------
    cities
        One per plan.
    notes
        Warnings and notices of all scenarios.

    Raises
    ------
    InputError
        With the faults of all scenarios, each once; a fault that the first scenario does not have names the
        first scenario that has it.
    """
    log, cities, notes = FaultLog(), [], []
    report_output(plans, output, ledger=ledger, layout_files=layout_files, log=log)
    previous = _previous(ledger, log)
    for plan in plans:
        try:
            city = load_city(plan)
            noted = check_run(plan, city, previous_ledger=previous, layout_files=layout_files)
        except InputError as error:
            known = [replace(fault, scenario=None) for fault in log]
            named = None if plan is plans[0] else plan.scenario
            log.extend(replace(fault, scenario=named) for fault in error.faults if fault not in known)
        else:
            cities.append(city)
            notes += [*plan.notes, *city.notes, *noted]
    log.raise_if_errors()
    return cities, notes


def _previous(path: Path | None, log: FaultLog) -> pd.DataFrame | None:
    try:
        return None if path is None else read_ledger(path)
    except InputError as error:
        log.extend(error.faults)
        return None


def _conditions(plan: Plan, city: City, previous_ledger: pd.DataFrame | None) -> list[Callable[[], None]]:
    """Return the checks; each raises an ``InputError`` of its own."""
    from layoutplan.zoning import check_options, check_request  # noqa: PLC0415  loads the solvers, which no study needs

    return [
        partial(check_targets, city, plan.profile),
        partial(check_residents, city, plan.profile, log=FaultLog()),
        partial(check_history, plan, city),
        partial(check_projection, plan, city),
        partial(check_ledger, previous_ledger, year=city.base_year),
        partial(check_options, city),
        *([partial(check_request, plan, city)] if plan.zoning.enabled else []),
    ]


def _layouts(paths: Sequence[Path], plan: Plan, city: City, seats: Seats) -> None:
    from layoutplan.zoning import check_names  # noqa: PLC0415  as above

    log, edits = FaultLog(), read_edits(paths, city)
    _collect(log, [partial(check_names, city, [edit.id for edit in edits])], files=_files(city, None))
    for edit in edits:
        try:
            edited_supply(edit, seats, city=city, plan=plan)
        except InputError as error:
            log.extend(error.faults)
    log.raise_if_errors()


def _redraws(plan: Plan) -> bool:
    """Say whether a run draws catchments: of a layout, or of the plan in the rounds of siting."""
    return plan.zoning.enabled or _zones_the_plan(plan)


def _zones_the_plan(plan: Plan) -> bool:
    return plan.siting.enabled and plan.siting.zoning_rounds > 0


def _refuse_redraw(study: Study, log: FaultLog) -> None:
    """Record what a redraw refuses of today's layout, or of a proposal as far as today's layout tells."""
    from layoutplan.zoning import check_redraw, check_schools  # noqa: PLC0415  as above

    files, plan = _files(study.city, None), study.plan
    layouts = plan.zoning.layouts if plan.zoning.enabled else ()
    if "today" in layouts:
        _collect(log, [partial(check_redraw, study)], files=files)
    elif _zones_the_plan(plan) or ("proposed" in layouts and plan.siting.enabled):
        _collect(log, [partial(check_schools, study)], files=files)


def _without_walks(plan: Plan, city: City) -> Study:
    """Return the study of a city before any walk is measured: today's layout knows none."""
    seats, zoning = current_supply(city, plan.profile, plan.supply)
    demand, _ = demand_of_city(plan, city, seats, forecast_city(plan, city, seats))
    walking = WalkSettings(None, plan.travel.snap_limit_m, 1.0)
    none = walking.pairs(city.units.geometry.iloc[:0], seats.schools.geometry.iloc[:0], limit_m=1.0)
    title = in_both(lambda lang: text("layouts.today", lang))
    today = Layout(TODAY, title, seats, zoning, none, plan.general.lang)
    return Study(plan=plan, city=city, demand=demand, today=today, walking=walking, reach_m={})


def _streets(plan: Plan, city: City, seats: Seats, log: FaultLog) -> None:
    network = street_network(plan, city)
    if network is not None:
        homes, schools = city.units.geometry, at_gates(seats.schools.geometry, city.gates)
        log.extend(check_streets(homes, schools, network, snap_limit_m=plan.travel.snap_limit_m))


def _files(city: City, previous_ledger: pd.DataFrame | None) -> dict[str, str]:
    """Return the file of every table read."""
    ledger = "" if previous_ledger is None else str(previous_ledger.attrs.get("file", ""))
    return {"ledger": ledger, **{source.table: source.file for source in city.sources}}


def _collect(log: FaultLog, conditions: list[Callable[[], None]], *, files: dict[str, str]) -> None:
    """Run every check and record its errors with the file of their table, each once."""
    for condition in conditions:
        try:
            condition()
        except InputError as error:
            for fault in error.faults:
                placed = replace(fault, file=fault.file or files.get(fault.table or "") or None)
                if fault.severity == "error" and placed not in tuple(log):
                    log.extend([placed])
