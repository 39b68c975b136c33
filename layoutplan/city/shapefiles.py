"""The parts of a shapefile, and properties of its .dbf: sizes, field names and text encoding."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from layoutplan.city.limits import COLUMNS, ROWS, within
from layoutplan.city.text_files import detect_encoding
from layoutplan.dictionary.table_log import TableLog

_PARTS: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_NEEDED: Final = (".shx", ".dbf")
_HEAD: Final = 32
_NAME_BYTES: Final = 10  # a .dbf truncates names to ten bytes
_LANGUAGE: Final = 29  # position of the code page byte


@dataclass(frozen=True)
class _Field:
    name: bytes
    kind: bytes
    length: int


def file_parts(path: Path) -> list[Path]:
    """Return the files that make up a shapefile.

    Parameters
    ----------
    path
        The .shp file.

    Returns
    -------
    list of pathlib.Path
        Existing parts, sorted.
    """
    siblings = [file for file in path.parent.iterdir() if file.stem == path.stem]
    return sorted(file for file in siblings if file.suffix.lower() in _PARTS)


def look_at_shapefile(path: Path, *, log: TableLog) -> bool:
    """Check what GDAL ignores silently: missing or truncated parts, sizes beyond the limits.

    Parameters
    ----------
    path
        The .shp file.
    log
        Receives the fault.

    Returns
    -------
    bool
        Whether the shapefile may be read.
    """
    parts = {part.suffix.lower(): part for part in file_parts(path)}
    missing = [part for part in _NEEDED if part not in parts]
    if missing:
        log.add("shapefile_part_missing", parts=", ".join(missing))
        return False
    odd = [part.name for part in parts.values() if not part.is_file()]
    if odd:
        log.add("not_regular", path=", ".join(odd))
        return False
    with path.open("rb") as file:
        head = file.read(100)
    if len(head) < 100 or struct.unpack(">i", head[24:28])[0] * 2 > path.stat().st_size:  # noqa: PLR2004 - its header
        log.add("file_truncated")
        return False
    with parts[".dbf"].open("rb") as file:
        start = file.read(_HEAD)
        if len(start) < _HEAD:
            log.add("shapefile_part_missing", parts=".dbf")
            return False
        rows, header, _ = struct.unpack("<IHH", start[4:12])
    if rows > parts[".dbf"].stat().st_size:  # a record has at least one byte
        log.add("file_truncated")
        return False
    return within(rows, ROWS, of="rows", log=log) and within(header // _HEAD, COLUMNS, of="columns", log=log)


def encoding_of(path: Path) -> str | None:
    """Return the encoding detected from the texts of a shapefile.

    Parameters
    ----------
    path
        The .shp file.

    Returns
    -------
    str or None
        ``None`` if a .cpg file or the .dbf states it, or if it is unclear: GDAL then decides.
    """
    parts = {part.suffix.lower(): part for part in file_parts(path)}
    if ".cpg" in parts:
        return None
    data = parts[".dbf"].read_bytes()
    if data[_LANGUAGE]:
        return None
    return detect_encoding(b"\n".join(_texts(data)))


def cut_names(path: Path, encoding: str) -> list[str]:
    """Return the field names of a shapefile that were truncated inside a character.

    Parameters
    ----------
    path
        The .shp file.
    encoding
        Encoding of the names.

    Returns
    -------
    list of str
        The part of each name that can be decoded.
    """
    dbf = next(part for part in file_parts(path) if part.suffix.lower() == ".dbf")
    cut = []
    for field in _fields(dbf.read_bytes()):
        name = field.name.partition(b"\0")[0]
        left = name.decode(encoding, errors="ignore")
        if (
            len(name) >= _NAME_BYTES
            and left.encode(encoding) != name
            and name.startswith(left.encode(encoding))
        ):
            cut.append(left)
    return cut


def _fields(data: bytes) -> Iterator[_Field]:
    """Yield the fields in the header of a .dbf."""
    header = struct.unpack("<H", data[8:10])[0]
    for start in range(_HEAD, min(header - 1, len(data) - _HEAD), _HEAD):
        if data[start : start + 1] == b"\r":
            return
        yield _Field(data[start : start + 11], data[start + 11 : start + 12], data[start + 16])


def _texts(data: bytes) -> Iterator[bytes]:
    """Yield the texts of a .dbf, except those that fill their field and may be truncated in a character."""
    count, header, width = struct.unpack("<IHH", data[4:12])
    texts = []
    place = 1
    for field in _fields(data):
        name = field.name.rstrip(b"\0")
        if len(name) < _NAME_BYTES:
            yield name
        if field.kind == b"C":
            texts.append((place, field.length))
        place += field.length
    if not width:
        return
    for record in range(header, min(header + count * width, len(data)), width):
        for offset, length in texts:
            cell = data[record + offset : record + offset + length].rstrip(b" \0")
            if len(cell) < length:
                yield cell
