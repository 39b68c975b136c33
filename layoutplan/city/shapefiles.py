"""The parts of a shapefile, and properties of its .dbf: sizes, field names and text encoding."""

from __future__ import annotations

import codecs
import mmap
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from layoutplan.city.encodings import detect_encoding, likeliest
from layoutplan.city.limits import COLUMNS, ROWS, within
from layoutplan.city.text_files import report_encoding
from layoutplan.dictionary.table_log import TableLog
from layoutplan.regular_files import read_regular

_PARTS: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_NEEDED: Final = (".shx", ".dbf")
_SHP_HEAD: Final = 100
_SHX_RECORD: Final = 8
_CPG_BYTES: Final = 256
_HEAD: Final = 32
_NAME_BYTES: Final = 10  # a .dbf truncates names to ten bytes
_LANGUAGE: Final = 29  # position of the code page byte
_LANGUAGES: Final = {
    0x01: "cp437", 0x02: "cp850", 0x13: "cp932", 0x4D: "cp936", 0x4E: "cp949", 0x4F: "cp950", 0x65: "cp866",
    0x7A: "cp936", 0x7B: "cp932", 0x79: "cp949", 0x78: "cp950", 0xC8: "cp1250", 0xC9: "cp1251",
    0xCA: "cp1254", 0xCB: "cp1253",
}  # fmt: skip
"""Code pages that a .dbf states for certain; "ANSI" (0x03, 0x57) is whatever the writing machine used."""


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
    return _dbf_is_sound(path, parts, log=log)


def _dbf_is_sound(path: Path, parts: Mapping[str, Path], *, log: TableLog) -> bool:
    """Check the sizes that the .dbf states, and the numbers of records of all parts."""
    with parts[".dbf"].open("rb") as file:
        start = file.read(_HEAD)
    if len(start) < _HEAD:
        log.add("shapefile_part_missing", parts=".dbf")
        return False
    rows, header, _ = struct.unpack("<IHH", start[4:12])
    if rows > parts[".dbf"].stat().st_size:  # a record has at least one byte
        log.add("file_truncated")
        return False
    return (
        _counts_agree(path, parts[".shx"], rows, log=log)
        and within(rows, ROWS, of="rows", log=log)
        and within(header // _HEAD, COLUMNS, of="columns", log=log)
    )


def _counts_agree(shp: Path, shx: Path, rows: int, *, log: TableLog) -> bool:
    """Compare the numbers of records of the parts: GDAL fills up or leaves out what does not match."""
    indexed = max(shx.stat().st_size - _SHP_HEAD, 0) // _SHX_RECORD
    shapes = _count_shapes(shp)
    if shapes == indexed == rows:
        return True
    log.add("shapefile_counts_differ", shapes=shapes, index=indexed, records=rows)
    return False


def _count_shapes(shp: Path) -> int:
    """Return the number of records of a .shp file, from the lengths they state."""
    size = shp.stat().st_size
    place, count = _SHP_HEAD, 0
    with shp.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        while place + 8 <= size and count <= ROWS:
            length = int.from_bytes(data[place + 4 : place + 8], "big", signed=True)
            if length <= 0:
                break
            place += 8 + 2 * length
            count += 1
    return count


def encoding_of(path: Path, *, log: TableLog) -> tuple[bool, str | None]:
    """Return the encoding of a shapefile's texts: as stated, checked against the bytes, else as detected.

    Parameters
    ----------
    path
        The .shp file.
    log
        Receives an error where the .cpg file and the bytes contradict each other, a notice of an encoding
        detected.

    Returns
    -------
    bool, str or None
        Whether the texts may be read, and the encoding; ``None``: GDAL takes the stated one.
    """
    parts = {part.suffix.lower(): part for part in file_parts(path)}
    data = parts[".dbf"].read_bytes()
    texts = b"\n".join(_texts(data))
    if texts.isascii():
        return True, None
    found = detect_encoding(texts)
    stated = _codec_of_cpg(parts[".cpg"]) if ".cpg" in parts else _LANGUAGES.get(data[_LANGUAGE])
    if stated is not None:
        if found is None or not _differ(texts, stated, found):
            return True, None
        log.add("cpg_conflict", stated=stated, found=found)
        return False, None
    if found is None:
        log.add("encoding_unclear", guess=likeliest(texts))
        return False, None
    report_encoding(found, log=log)
    return True, found


def _codec_of_cpg(cpg: Path) -> str | None:
    """Return the codec that a .cpg file names; ``None`` if it names none that is known."""
    content = read_regular(cpg, most_bytes=_CPG_BYTES) or b""
    word = content.decode("ascii", errors="ignore").strip().upper().replace("ANSI ", "")
    for name in (word, f"CP{word}", word.replace("88591", "8859-1").replace("ISO8859", "ISO-8859")):
        try:
            return codecs.lookup(name).name
        except LookupError:
            continue
    return None


def _differ(texts: bytes, stated: str, found: str) -> bool:
    """Return whether two encodings read some bytes as different texts."""
    try:
        return texts.decode(stated) != texts.decode(found)
    except UnicodeDecodeError:
        return True


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
