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
from layoutplan.layouts import Seats, current_supply, edited_supply, read_edits
from layoutplan.outputs.files import read_ledger
from layoutplan.plan import Plan
from layoutplan.rules import check_targets
from layoutplan.rules.ledger import check_ledger
from layoutplan.runs.forecasts import check_history
from layoutplan.runs.reserving import report_output
from layoutplan.runs.travel_stage import street_network
from layoutplan.travel import check_streets
from layoutplan.travel.gates import at_gates


def refuse_run(plan: Plan, city: City, *, previous_ledger: pd.DataFrame | None = None) -> None:
    """Raise an error if no run can be computed for a city, before any computation.

    One check is left out, since it takes as long as a stage: whether the streets match the city.
    :func:`check_run` includes it, and a run performs it with the same function when it measures the walks.

    Parameters
    ----------
    plan, city
        A plan and its city as read.
    previous_ledger
        The ledger of an earlier year, if any.

    Raises
    ------
    InputError
        With every fault of the targets, residents and births, enrolment history and ledger.
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
    """Check everything that :func:`refuse_run` checks, the streets, and layout files.

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
    return (*seats.notes, *log.notes)


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
    from layoutplan.zoning import check_options  # noqa: PLC0415  loads the solvers, which no study needs

    return [
        partial(check_targets, city, plan.profile),
        partial(check_residents, city, plan.profile, log=FaultLog()),
        partial(check_history, plan, city),
        partial(check_ledger, previous_ledger, year=city.base_year),
        partial(check_options, city),
    ]


def _layouts(paths: Sequence[Path], plan: Plan, city: City, seats: Seats) -> None:
    log = FaultLog()
    for edit in read_edits(paths, city):
        try:
            edited_supply(edit, seats, city=city, plan=plan)
        except InputError as error:
            log.extend(error.faults)
    log.raise_if_errors()


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
