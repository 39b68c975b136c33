"""Checks of the tables that a plan names: columns, files, encodings, coordinate systems."""

from __future__ import annotations

import codecs
import re
from collections.abc import Collection, Mapping

import pyproj
from pyproj.exceptions import CRSError

from layoutplan.dictionary import Table, given_tables
from layoutplan.plan.plan_faults import PlanFaults
from layoutplan.plan.settings import TableSettings
from layoutplan.standards import Schooling


def check_tables(
    tables: Mapping[str, TableSettings],
    schooling: Schooling | None,
    complaints: PlanFaults,
    *,
    needs: Collection[str] | None = None,
) -> None:
    """Check that required tables are named, and columns, encodings and coordinate systems known.

    A population raster replaces the table ``units``.

    Parameters
    ----------
    tables
        Settings of each table, by the name in the data dictionary.
    schooling
        Stages of the columns; ``None`` if the profile could not be loaded.
    complaints
        Receives the faults; its origins tell which keys the plan states.
    needs
        Tables required; ``None``: those that the dictionary requires.
    """
    known = given_tables(schooling)
    written = {path[1] for path in complaints.origins if path[0] == "tables" and len(path) > 1}
    for name, table in known.items():
        if name in written or not (table.required if needs is None else name in needs):
            continue
        if name != "units":
            complaints.add("plan_table_missing", ("tables",), table=name)
        elif ("population", "raster") not in complaints.origins:
            complaints.add("plan_units_missing", ("tables",))
    for name, settings in tables.items():
        _check_table(known[name], settings, complaints=complaints)


def _check_table(table: Table, settings: TableSettings, *, complaints: PlanFaults) -> None:
    path = ("tables", table.name)
    for part in ("columns", "values", "constants"):
        for column in getattr(settings, part):
            if not _has_column(table, column):
                place = (*path, part, column)
                complaints.unknown("plan_column_unknown", place, table.column_names, table=table.name)
    _check_names(table, settings, path, complaints)
    _check_long(settings, path, complaints)
    joined = settings.join.encoding if settings.join is not None else None
    if joined is not None and not _is_encoding(joined):
        complaints.add("plan_encoding_unknown", (*path, "join", "encoding"), encoding=joined)
    if settings.encoding is not None and not _is_encoding(settings.encoding):
        complaints.add("plan_encoding_unknown", (*path, "encoding"), encoding=settings.encoding)
    if settings.crs is not None:
        known_crs(settings.crs, (*path, "crs"), complaints)


def _check_names(
    table: Table, settings: TableSettings, path: tuple[str, ...], complaints: PlanFaults
) -> None:
    """Check the files, and the columns that are added up or made of wide ones."""
    long = settings.long
    named = () if long is None else (*long.names, *long.headers)
    for column in (*settings.add_up, *named):
        if not _has_column(table, column):
            part = "add_up" if column in settings.add_up else "long"
            place = (*path, part, column)
            complaints.unknown("plan_column_unknown", place, table.column_names, table=table.name)
    if not settings.files:
        complaints.add("plan_no_files", (*path, "file"))
    for file in sorted({file for file in settings.files if settings.files.count(file) > 1}):
        complaints.add("plan_file_twice", (*path, "file"), name=file.as_posix())


def _check_long(settings: TableSettings, path: tuple[str, ...], complaints: PlanFaults) -> None:
    """Check that each header of a wide table has one value for each column that tells its rows apart."""
    if settings.long is None:
        return
    width = len(settings.long.names)
    for column, headers in settings.long.headers.items():
        for header, meant in headers.items():
            given = len(meant) if isinstance(meant, tuple) else 1
            if given != width:
                place = (*path, "long", "headers", column, header)
                complaints.add("plan_long_values", place, header=header, given=given, wanted=width)


def _has_column(table: Table, name: str) -> bool:
    """Return whether a table has the column, fixed or of a family such as ``age_{age}``."""
    if name in table.column_names or (name == "geometry" and table.geometry != "none"):
        return True
    families = (re.sub(r"\\?\{\w+\\?\}", "[A-Za-z0-9]+", re.escape(column.name)) for column in table.patterns)
    return any(re.fullmatch(family, name) for family in families)


def _is_encoding(name: str) -> bool:
    try:
        codecs.lookup(name)
    except LookupError:
        return False
    return True


def known_crs(written: str, path: tuple[str, ...], complaints: PlanFaults) -> pyproj.CRS | None:
    """Return a coordinate system, or record that the name is unknown.

    Parameters
    ----------
    written
        As the plan has it.
    path
        Place of the key in the plan.
    complaints
        Receives the fault.
    """
    try:
        return pyproj.CRS.from_user_input(written)
    except CRSError:
        complaints.add("plan_crs_unknown", path, crs=written)
        return None
