"""Limits of the input: defined here, documented in docs/limits.md, enforced before reading.

A city of 13 million residents remains a factor of ten below each of them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from layoutplan.dictionary.scalars import TEXT_LIMIT
from layoutplan.dictionary.table_log import TableLog
from layoutplan.standards.toml_file import DEEPEST, TOML_BYTES
from layoutplan.texts import LANGUAGES, text

GIGABYTE: Final = 1024**3
MEGABYTE: Final = 1024**2

FILE_BYTES: Final = 2 * GIGABYTE
UNPACKED_BYTES: Final = 4 * GIGABYTE
"""Largest total size of the unpacked parts of a compressed file (XLSX, Parquet, .osm.pbf)."""
PARTS: Final = 10_000
"""Files inside a workbook."""
ROWS: Final = 5_000_000
SHEET_ROWS: Final = 1_048_576
"""Rows of a sheet of a workbook: the limit of Excel."""
COLUMNS: Final = 4_096
CELLS: Final = 50_000_000
HEADER_CHARACTERS: Final = 1_000
RASTER_CELLS: Final = 100_000_000
"""Cells of a raster within the study area, and of one block, which is unpacked as a whole."""
NESTING: Final = 100
"""Largest nesting depth of lists and objects in a GeoJSON file."""

_MEMORY: Final[Mapping[str, float]] = {
    ".csv": 12.0, ".txt": 12.0, ".tsv": 12.0, ".xlsx": 3.0, ".xlsm": 3.0, ".geojson": 14.0, ".json": 14.0,
    ".gpkg": 4.0, ".shp": 5.0, ".fgb": 5.0, ".parquet": 4.0, ".geoparquet": 4.0, ".osm": 2.0, ".pbf": 6.0,
}  # fmt: skip
"""Bytes of memory needed per byte of a file while it is read (for compressed files: per unpacked byte)."""


@dataclass(frozen=True)
class Limit:
    """One row of the table of limits: the entry ``limits.<key>`` of the texts, and its value as text."""

    key: str
    value: str


def limits() -> tuple[Limit, ...]:
    """Return every limit of the readers.

    Returns
    -------
    tuple of Limit
        In the order of the documentation.
    """
    return (
        Limit("file", f"{FILE_BYTES // GIGABYTE} GB"),
        Limit("unpacked", f"{UNPACKED_BYTES // GIGABYTE} GB"),
        Limit("parts", f"{PARTS:,}"),
        Limit("rows", f"{ROWS:,}"),
        Limit("sheet_rows", f"{SHEET_ROWS:,}"),
        Limit("columns", f"{COLUMNS:,}"),
        Limit("cells", f"{CELLS:,}"),
        Limit("cell", f"{TEXT_LIMIT:,}"),
        Limit("header", f"{HEADER_CHARACTERS:,}"),
        Limit("raster", f"{RASTER_CELLS:,}"),
        Limit("nesting", f"{NESTING:,}"),
        Limit("toml", f"{TOML_BYTES // MEGABYTE} MB"),
        Limit("toml_nesting", f"{DEEPEST:,}"),
        Limit("memory", text("limits.memory_value", "en") + "<br>" + text("limits.memory_value", "zh")),
    )


def limits_markdown() -> str:
    """Return the documentation page of limits, in both languages.

    Returns
    -------
    str
        Markdown.
    """
    lines = ["# Limits · 读取上限", ""]
    lines += [text("limits.about", lang) for lang in LANGUAGES]
    lines += ["", "| what 项目 | limit 上限 |", "| --- | --- |"]
    for limit in limits():
        names = "<br>".join(text(f"limits.{limit.key}", lang) for lang in LANGUAGES)
        lines.append(f"| {names} | {limit.value} |")
    return "\n".join(lines) + "\n"


def within(count: int, most: int, *, of: str, log: TableLog) -> bool:
    """Return whether a count is within its limit; report it if not.

    Parameters
    ----------
    count
        Actual number.
    most
        The limit.
    of
        Key of the limit in the texts (``limits.<key>``).
    log
        Receives the fault.

    Returns
    -------
    bool
        True if ``count`` does not exceed ``most``.
    """
    if count <= most:
        return True
    log.add(
        "limit_exceeded",
        what_en=text(f"limits.{of}", "en"),
        what_zh=text(f"limits.{of}", "zh"),
        count=f"{count:,}",
        most=f"{most:,}",
    )
    return False


def fits_memory(suffix: str, size: int, *, log: TableLog) -> bool:
    """Return whether a file can be read into the available memory; report it if not.

    Parameters
    ----------
    suffix
        Suffix of the file, which determines the memory needed per byte.
    size
        Size of the file, or its unpacked size, bytes.
    log
        Receives the fault.

    Returns
    -------
    bool
        True also if the available memory is unknown.
    """
    free = free_memory()
    needed = size * _MEMORY.get(suffix, 1.0)
    if free is None or needed <= free:
        return True
    log.add("memory_short", needed=f"{needed / GIGABYTE:.1f}", free=f"{free / GIGABYTE:.1f}")
    return False


def free_memory() -> int | None:
    """Return the memory available to this process.

    Returns
    -------
    int or None
        Bytes, limited by the container; ``None`` if the system does not report it.
    """
    found = [_available(Path("/proc/meminfo")), _of_group(Path("/sys/fs/cgroup"))]
    known = [value for value in found if value is not None]
    if known:
        return min(known)
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None


def _available(path: Path) -> int | None:
    try:
        for line in path.read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        return None
    return None


def _of_group(folder: Path) -> int | None:
    """Return the memory left in the container's limit, bytes; cached files count as available."""
    try:
        most = (folder / "memory.max").read_text(encoding="ascii").strip()
        taken = int((folder / "memory.current").read_text(encoding="ascii"))
        parts = dict(line.split() for line in (folder / "memory.stat").read_text("ascii").splitlines())
        return None if most == "max" else int(most) - taken + int(parts.get("file", "0"))
    except (OSError, ValueError):
        return None
