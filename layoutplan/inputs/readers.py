"""Any table's file to a :class:`RawTable`: choose the reader, report what a reader cannot."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

import pandas as pd

from layoutplan.config.settings import TableSettings
from layoutplan.inputs.grid import check_cells
from layoutplan.inputs.openstreetmap import SUFFIXES as OSM
from layoutplan.inputs.openstreetmap import read_extract
from layoutplan.inputs.raw import RawTable
from layoutplan.inputs.text_files import read_text
from layoutplan.inputs.vector_files import parts_of, read_parquet, read_vector
from layoutplan.inputs.workbooks import read_workbook
from layoutplan.tables.table_log import TableLog

TEXT: Final = (".csv", ".txt", ".tsv")
WORKBOOK: Final = (".xlsx", ".xlsm")
VECTOR: Final = (".gpkg", ".shp", ".geojson", ".json", ".fgb")
PARQUET: Final = (".parquet", ".geoparquet")
_SIZE_LIMIT: Final = 2 * 1024**3


def read_table(path: Path, settings: TableSettings, *, log: TableLog) -> RawTable | None:
    """Read the file of a table as it is; faults go to ``log``, and ``None`` comes back, where that fails.

    The ``where`` filters and ``constants`` of the plan are applied: the rows left and the columns added are
    what the data dictionary then checks.

    Parameters
    ----------
    path
        Where the file is; it need not exist.
    settings
        ``[tables.<name>]`` of the plan.
    """
    if not _readable(path, log=log):
        return None
    suffix = path.suffix.lower()
    if suffix in TEXT:
        raw = read_text(path, settings.encoding, log=log)
    elif suffix in WORKBOOK:
        raw = read_workbook(path, settings.sheet, log=log)
    elif suffix in VECTOR:
        raw = read_vector(path, layer=settings.layer, encoding=settings.encoding, log=log)
    elif suffix in OSM:
        raw = read_extract(path, log=log)
    else:
        raw = read_parquet(path, log=log)
    if raw is None or not check_cells(raw.frame, log=log):
        return None
    kept = _keep_rows(raw.frame, settings, log=log)
    if kept is None:
        return None
    frame = kept.assign(**settings.constants) if settings.constants else kept
    return RawTable(frame=frame, crs=raw.crs, crs_assumed=raw.crs_assumed, encoding=raw.encoding)


def fingerprint(path: Path) -> str:
    """Return the SHA-256 of a table's file; of a shapefile, that of its parts one after the other by name."""
    digest = hashlib.sha256()
    for part in parts_of(path):
        with part.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def _readable(path: Path, *, log: TableLog) -> bool:
    """Report a file that is missing, a folder, empty, too large, of unknown kind or not ours to read."""
    suffix = path.suffix.lower()
    if path.is_dir():
        log.add("is_folder", path=str(path))
    elif not path.exists():
        log.add("missing_file", path=str(path))
    elif suffix == ".xls":
        log.add("old_workbook")
    elif suffix not in (*TEXT, *WORKBOOK, *VECTOR, *PARQUET, *OSM):
        log.add("unknown_format", suffix=suffix or path.name)
    elif path.stat().st_size == 0:
        log.add("empty_file")
    elif path.stat().st_size > _SIZE_LIMIT:
        log.add("file_too_large", gigabytes=f"{path.stat().st_size / 1024**3:.1f}")
    else:
        try:
            with path.open("rb"):
                return True
        except OSError as error:
            log.add("file_unreadable", reason=error.strerror)
    return False


def _keep_rows(frame: pd.DataFrame, settings: TableSettings, *, log: TableLog) -> pd.DataFrame | None:
    """Keep the rows the plan's ``where`` asks for."""
    keep = pd.Series(data=True, index=frame.index)
    for column, wanted in settings.where.items():
        if column not in frame.columns:
            log.add(
                "where_unknown_column",
                column=column,
                header=column,
                headers=", ".join(map(str, frame.columns)),
            )
            return None
        values = wanted if isinstance(wanted, list) else [wanted]
        keep &= frame[column].map(_comparable).isin([_comparable(value) for value in values])
    if not keep.any():
        conditions = ", ".join(f"{column} = {value}" for column, value in settings.where.items())
        log.add("where_keeps_nothing", conditions=conditions)
        return None
    return frame[keep]


def _comparable(value: object) -> str:
    """Write a value so that 2016, 2016.0 and "2016" are the same."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip()
