"""Checks of OpenStreetMap extracts before GDAL reads them: completeness and unpacked size.

An .osm.pbf file is a sequence of blobs; each states its unpacked size, at most 32 MiB.
https://wiki.openstreetmap.org/wiki/PBF_Format
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO, Final

from layoutplan.city.limits import MEGABYTE, UNPACKED_BYTES, within
from layoutplan.city.xml_prolog import defines_a_type
from layoutplan.dictionary.table_log import TableLog

_HEADER_BYTES: Final = 64 * 1024
_BLOB_BYTES: Final = 32 * MEGABYTE
_DATA_SIZE: Final = 3  # field of a BlobHeader
_RAW_SIZE: Final = 2  # field of a Blob
_VARINT: Final = 0  # wire types of protocol buffers
_BYTES: Final = 2


def look_at_extract(path: Path, *, log: TableLog) -> bool:
    """Return whether an extract is complete and within the limits; report the fault if not.

    Parameters
    ----------
    path
        Extract in XML (.osm) or PBF (.osm.pbf).
    log
        Receives the fault.

    Returns
    -------
    bool
        For XML only the document type is checked.
    """
    if path.suffix.lower() == ".osm":
        with path.open("rb") as file:
            if defines_a_type(file):
                log.add("xml_with_entities", part=path.name)
                return False
        return True
    unpacked = 0
    with path.open("rb") as file:
        left = path.stat().st_size
        while left:
            blob = _next_blob(file, left)
            if blob is None:
                log.add("osm_truncated", reason=f"byte {file.tell()}")
                return False
            size, taken = blob
            left -= taken
            unpacked += size
    return within(unpacked, UNPACKED_BYTES, of="unpacked", log=log)


def _next_blob(file: BinaryIO, left: int) -> tuple[int, int] | None:
    """Return unpacked size and length in the file of the next blob; ``None`` if truncated or too large."""
    start = file.read(4)
    if len(start) < 4:  # noqa: PLR2004  a length of four bytes
        return None
    length = struct.unpack(">I", start)[0]
    if length > min(_HEADER_BYTES, left):
        return None
    size = _field(file.read(length), _DATA_SIZE)
    if size is None or 4 + length + size > left or size > 2 * _BLOB_BYTES:
        return None
    head = file.read(min(size, 32))
    file.seek(size - len(head), 1)
    unpacked = _field(head, _RAW_SIZE)
    if unpacked is None:
        unpacked = size  # stored uncompressed
    return (unpacked, 4 + length + size) if unpacked <= _BLOB_BYTES else None


def _field(message: bytes, wanted: int) -> int | None:
    """Return an integer field of a protocol buffer message, ``None`` if absent."""
    place = 0
    while place < len(message):
        key, place = _number(message, place)
        number, kind = key >> 3, key & 7
        if kind == _VARINT:
            value, place = _number(message, place)
            if number == wanted:
                return value
        elif kind == _BYTES:
            length, place = _number(message, place)
            place += length
        else:
            return None
    return None


def _number(message: bytes, place: int) -> tuple[int, int]:
    """Return the varint at a position (seven bits per byte), and the position after it."""
    value = shift = 0
    while place < len(message):
        byte = message[place]
        place += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:  # noqa: PLR2004  the last byte of a number
            break
    return value, place
