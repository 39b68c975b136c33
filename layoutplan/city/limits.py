"""The limits of what is read: stated here, written into docs/limits.md, enforced before reading.

A city of 13 million residents stays a factor of ten below each of them.
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
"""What the parts of a packed file (XLSX, Parquet, .osm.pbf) may come to when unpacked."""
PARTS: Final = 10_000
"""Files inside a workbook."""
ROWS: Final = 5_000_000
SHEET_ROWS: Final = 1_048_576
"""Rows of a sheet of a workbook, as Excel has it."""
COLUMNS: Final = 4_096
CELLS: Final = 50_000_000
HEADER_CHARACTERS: Final = 1_000
RASTER_CELLS: Final = 100_000_000
"""Cells of a raster within the study area; and those of one block, which is unpacked as a whole."""
NESTING: Final = 100
"""Levels of lists and objects within each other in a GeoJSON file."""

_MEMORY: Final[Mapping[str, float]] = {
    ".csv": 12.0, ".txt": 12.0, ".tsv": 12.0, ".xlsx": 3.0, ".xlsm": 3.0, ".geojson": 14.0, ".json": 14.0,
    ".gpkg": 4.0, ".shp": 5.0, ".fgb": 5.0, ".parquet": 4.0, ".geoparquet": 4.0, ".osm": 2.0, ".pbf": 6.0,
}  # fmt: skip
"""Bytes of memory that a byte of a file needs while it is read (of a packed one: an unpacked byte)."""


@dataclass(frozen=True)
class Limit:
    """One row of the table of limits: the entry ``limits.<key>`` of the texts, and its value as written."""

    key: str
    value: str


def limits() -> tuple[Limit, ...]:
    """Return every limit of the readers, in the order of the documentation."""
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
    """Return the page of limits, in both languages."""
    lines = ["# Limits · 读取上限", ""]
    lines += [text("limits.about", lang) for lang in LANGUAGES]
    lines += ["", "| what 项目 | limit 上限 |", "| --- | --- |"]
    for limit in limits():
        names = "<br>".join(text(f"limits.{limit.key}", lang) for lang in LANGUAGES)
        lines.append(f"| {names} | {limit.value} |")
    return "\n".join(lines) + "\n"


def within(count: int, most: int, *, of: str, log: TableLog) -> bool:
    """Say whether a count is within its limit; else report ``of`` (an entry of the table of limits)."""
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
    """Say whether reading ``size`` bytes of a kind of file fits into the memory that is free; else report."""
    free = free_memory()
    needed = size * _MEMORY.get(suffix, 1.0)
    if free is None or needed <= free:
        return True
    log.add("memory_short", needed=f"{needed / GIGABYTE:.1f}", free=f"{free / GIGABYTE:.1f}")
    return False


def free_memory() -> int | None:
    """Return the bytes of memory that may still be taken; ``None`` where the system does not say."""
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
    """Return what is left of the memory a container may take; files held in memory count as free."""
    try:
        most = (folder / "memory.max").read_text(encoding="ascii").strip()
        taken = int((folder / "memory.current").read_text(encoding="ascii"))
        parts = dict(line.split() for line in (folder / "memory.stat").read_text("ascii").splitlines())
        return None if most == "max" else int(most) - taken + int(parts.get("file", "0"))
    except (OSError, ValueError):
        return None
