"""The files of one table: their rows together, a second file joined, wide columns turned into rows."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from layoutplan.city.crs import same_crs
from layoutplan.city.joining import join_table
from layoutplan.city.raw_table import RawTable
from layoutplan.city.readers import keep_rows, read_file
from layoutplan.city.wide_tables import to_long
from layoutplan.dictionary import Table
from layoutplan.dictionary.header_reports import quoted
from layoutplan.dictionary.table_log import TableLog
from layoutplan.plan.settings import TableSettings
from layoutplan.regular_files import is_other_home


def resolve(file: Path, folder: Path) -> Path:
    """Return the location of a file of the plan.

    Parameters
    ----------
    file
        Path as written; environment variables and ``~`` are expanded.
    folder
        Folder of the plan, to which relative paths refer.

    Returns
    -------
    pathlib.Path
        The file need not exist.

    Examples
    --------
    >>> resolve(Path("data/schools.csv"), Path("plans")).as_posix()
    'plans/data/schools.csv'
    """
    filled = os.path.expandvars(file)
    return folder / (filled if is_other_home(filled) else Path(filled).expanduser())


def read_files(table: Table, settings: TableSettings, folder: Path, *, log: TableLog) -> RawTable | None:
    """Read a table as the plan describes it, before the data dictionary checks it.

    Parameters
    ----------
    table
        Definition of the table.
    settings
        ``[tables.<name>]`` of the plan.
    folder
        Folder of the plan.
    log
        Log of the table; the faults of one file name that file.

    Returns
    -------
    RawTable or None
        ``None`` after a fault of any file. The labels of several files are ``file:row``.
    """
    raws = []
    for file in settings.files:
        own = TableLog(log.log, file=file.as_posix(), table=table.name)
        raw = read_file(resolve(file, folder), settings, written=file, log=own)
        if raw is not None:
            raws.append(raw)
    if len(raws) < len(settings.files) or not raws:
        return None
    whole = raws[0] if len(raws) == 1 else _together(raws, settings.files, log=log)
    if whole is not None and settings.join is not None:
        whole = _joined(whole, settings, folder, log=log)
    if whole is not None:
        whole = keep_rows(whole, settings, log=log)
    if whole is not None and settings.long is not None:
        whole = to_long(whole, settings.long, log=log)
    return whole


def _joined(raw: RawTable, settings: TableSettings, folder: Path, *, log: TableLog) -> RawTable | None:
    join = settings.join
    if join is None:
        return raw
    own = TableLog(log.log, file=join.file.as_posix(), table=log.table)
    as_read = TableSettings(file=join.file, sheet=join.sheet, layer=join.layer, encoding=join.encoding)
    second = read_file(resolve(join.file, folder), as_read, written=join.file, log=own)
    return None if second is None else join_table(raw, second, join, log=own)


def _together(raws: Sequence[RawTable], files: Sequence[Path], *, log: TableLog) -> RawTable | None:
    """Put the rows of several files together; report different headers and coordinate systems."""
    systems = [raw.crs for raw in raws]
    known = [crs for crs in systems if crs is not None]
    shaped = {raw.has_shapes for raw in raws}
    mixed = bool(known) and (len(known) < len(raws) or not all(same_crs(known[0], crs) for crs in known))
    if mixed or len(shaped) > 1:
        log.add("files_crs_differ")
        return None
    names = _names(files)
    frames, merged = [], []
    for name, raw in zip(names, raws, strict=True):
        labels = {row: f"{name}:{row}" for row in raw.frame.index}
        frames.append(raw.frame.rename(index=labels))
        merged += [replace(one, rows=tuple(labels[row] for row in one.rows)) for one in raw.merged]
    every = list(dict.fromkeys(column for frame in frames for column in frame.columns))
    for name, frame in zip(names, frames, strict=True):
        lacking = [str(column) for column in every if column not in frame.columns]
        if lacking:
            log.add("file_lacks_columns", severity="warning", name=name, headers=quoted(lacking))
    whole = pd.concat([frame.astype(object) for frame in frames])[every]
    encodings = list(dict.fromkeys(raw.encoding for raw in raws if raw.encoding))
    return replace(
        raws[0],
        frame=whole,
        encoding=", ".join(encodings),
        merged=tuple(merged),
        crs_assumed=any(raw.crs_assumed for raw in raws),
    )


def _names(files: Sequence[Path]) -> list[str]:
    """Return a name for each file: its own, or the path as written where two files have the same name."""
    counted = Counter(file.name for file in files)
    return [file.name if counted[file.name] == 1 else file.as_posix() for file in files]
