"""Read, check and locate all tables that a plan names."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

import pandas as pd

from layoutplan.city.city import Source
from layoutplan.city.crs import crs_name
from layoutplan.city.datum_check import report_public_map, report_unstated_datum
from layoutplan.city.given import GivenTable
from layoutplan.city.placing import PlacedTable, place_rows
from layoutplan.city.raw_table import RawTable
from layoutplan.city.readers import fingerprint
from layoutplan.city.several_files import read_files, resolve
from layoutplan.city.shared_capacity import share_capacity
from layoutplan.city.systems import divide_by_system
from layoutplan.dictionary import Table, check_frame, check_references, given_tables
from layoutplan.dictionary.nearest import header_key
from layoutplan.dictionary.rolls import stage_column
from layoutplan.dictionary.table_log import TableLog
from layoutplan.errors import FaultLog
from layoutplan.plan import Plan
from layoutplan.plan.settings import TableSettings
from layoutplan.standards import Standards

_PLACE_OPTIONAL: Final = ("projects", "housing")  # located by the school or unit they name


def read_tables(plan: Plan, *, log: FaultLog, only: Collection[str] | None = None) -> dict[str, GivenTable]:
    """Read every table of the plan.

    Parameters
    ----------
    plan
        The plan.
    only
        Names of the tables to read; ``None`` reads all.
    log
        Receives the faults of all files and columns, and of references between tables.

    Returns
    -------
    dict of str to GivenTable
        In the dictionary's order; tables that cannot be read are left out.
    """
    given = {}
    for name, table in given_tables(plan.profile.schooling).items():
        settings = plan.tables.get(name)
        if settings is not None and (only is None or name in only):
            written = ", ".join(file.as_posix() for file in settings.files)
            standards = plan.profile.at(plan.general.base_year)
            bound = TableLog(log, file=written, table=name)
            one = _read(table, settings, plan.folder, standards, log=bound)
            if one is not None:
                given[name] = one
    given = divide_by_system(given, plan.profile.schooling)
    frames = {name: one.frame for name, one in given.items()}
    check_references(
        frames, plan.profile.schooling, files={name: one.log.file for name, one in given.items()}, log=log
    )
    return given


def _read(
    table: Table, settings: TableSettings, folder: Path, standards: Standards, *, log: TableLog
) -> GivenTable | None:
    raw = read_files(table, settings, folder, log=log)
    if raw is None:
        return None
    before = len(log.log.errors)
    frame = check_frame(
        raw.frame,
        table,
        file=log.file,
        columns=_columns(settings),
        values=settings.values,
        used=(*settings.where, *settings.without),
        hidden=settings.suppressed,
        add_up=settings.add_up,
        decimal=settings.decimal,
        date_order=settings.date_order,
        merged=raw.merged,
        log=log.log,
    )
    suppressed = frame.attrs.pop("suppressed", {})
    frame = _divided(frame, table, standards, log=log)
    sound = len(log.log.errors) == before
    if table.geometry == "polygon":
        report_public_map(raw.frame.columns, datum=settings.datum, log=log)
    placed = _place(raw, frame, table, settings, log=log)
    if placed is not None and not _states_datum(raw, settings):
        report_unstated_datum(placed.shapes, log=log)
    source = Source(
        table=table.name,
        file=log.file,
        sha256=_fingerprint(settings, folder),
        rows=len(frame),
        encoding=raw.encoding,
        crs=_crs_of(raw, settings, placed=placed is not None),
        datum=settings.datum or "",
    )
    return GivenTable(
        table=table, frame=frame, sound=sound, placed=placed, source=source, log=log, suppressed=suppressed
    )


def _divided(frame: pd.DataFrame, table: Table, standards: Standards, *, log: TableLog) -> pd.DataFrame:
    """Return schools whose stages read their seats from one header with that capacity divided among them."""
    groups = frame.attrs.pop("one_header", ())
    for names in groups if table.name == "schools" else ():
        stages = [stage for stage in table.schooling.ids if stage_column("seats", stage) in names]
        if len(stages) > 1:
            frame = share_capacity(frame, stages, standards, log=log)
    return frame


def _fingerprint(settings: TableSettings, folder: Path) -> str:
    """Return the SHA-256 of a table's file; of several files, that of theirs in order."""
    joined = () if settings.join is None else (settings.join.file,)
    each = [fingerprint(resolve(file, folder)) for file in (*settings.files, *joined)]
    return each[0] if len(each) == 1 else hashlib.sha256("".join(each).encode("ascii")).hexdigest()


def _states_datum(raw: RawTable, settings: TableSettings) -> bool:
    """Return whether the plan or the file states the system of a table's coordinates."""
    if settings.datum is not None or settings.crs is not None:
        return True
    by_columns = not raw.has_shapes or {"lon", "lat"} <= set(settings.columns)
    return not by_columns and not raw.crs_assumed


def _columns(settings: TableSettings) -> Mapping[str, str]:
    """Return the plan's headers; constants and columns made of wide ones have their dictionary names."""
    long = settings.long
    made = (*settings.constants, *(() if long is None else (*long.names, *long.headers)))
    return {**settings.columns, **{name: name for name in made}}


def _place(
    raw: RawTable, frame: pd.DataFrame, table: Table, settings: TableSettings, *, log: TableLog
) -> PlacedTable | None:
    if table.geometry == "none" or (table.name == "catchments" and not raw.has_shapes):
        return None  # units may name their catchments; if not, the city reports it
    if not raw.has_shapes and _numbers_broken(table, settings, log=log):
        return None
    return place_rows(
        raw,
        frame,
        crs=settings.crs,
        datum=settings.datum,
        columns_first={"lon", "lat"} <= set(settings.columns),
        required=table.required or table.name not in _PLACE_OPTIONAL,
        log=log,
    )


def _numbers_broken(table: Table, settings: TableSettings, *, log: TableLog) -> bool:
    """Return whether a fault of longitudes or latitudes has already been reported."""
    headers = set()
    for name in ("lon", "lat"):
        if name in table.column_names:
            column = table.column(name)
            spellings = (name, column.header.en, column.header.zh, *column.aliases)
            headers |= {header_key(text) for text in (*spellings, settings.columns.get(name, name))}
    reported = [fault.column for fault in log.log.errors if fault.table == table.name and fault.column]
    return any(header_key(header) in headers for header in reported)


def _crs_of(raw: RawTable, settings: TableSettings, *, placed: bool) -> str:
    if not placed:
        return ""
    if raw.has_shapes and raw.crs is not None and not (raw.crs_assumed and settings.crs):
        return crs_name(raw.crs)
    return settings.crs or "EPSG:4326"
