"""Detection of a file's actual type from its first bytes, independent of its name.

GDAL opens whatever it recognises, regardless of the file name: a ``.geojson`` may be a virtual file that
reads other files or sends network requests. Each suffix therefore allows one type of content; anything else
is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from layoutplan.dictionary.table_log import TableLog
from layoutplan.texts import text

TEXT_SUFFIXES: Final = (".csv", ".txt", ".tsv")
_HEAD: Final = 4_096
_BOM: Final = b"\xef\xbb\xbf"

CONTENT_KINDS: Final[Mapping[str, str]] = {
    ".xlsx": "zip", ".xlsm": "zip", ".gpkg": "sqlite", ".shp": "shapefile", ".geojson": "json",
    ".json": "json", ".fgb": "flatgeobuf", ".parquet": "parquet", ".geoparquet": "parquet",
    ".pbf": "osm_pbf", ".osm": "osm_xml", ".tif": "tiff", ".tiff": "tiff",
    **dict.fromkeys(TEXT_SUFFIXES, "text"),
}  # fmt: skip
"""Type of content that each suffix allows."""

_MAGIC: Final = (
    (b"SQLite format 3\0", "sqlite"),
    (b"PAR1", "parquet"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\xd0\xcf\x11\xe0", "ole"),
    (b"\x00\x00\x27\x0a", "shapefile"),
    (b"fgb\x03", "flatgeobuf"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"II+\0", "tiff"),
    (b"MM\0+", "tiff"),
    (b"%PDF-", "pdf"),
    (b"\x1f\x8b\x08", "gzip"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"Rar!\x1a\x07", "archive"),
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"\x89HDF", "hdf5"),
)
_MARKUP: Final = (
    (b"<OGRVRTDataSource", "vrt"),
    (b"<VRTDataset", "vrt"),
    (b"<OGRWFSDataSource", "service"),
    (b"<GDAL_WMS", "service"),
    (b"<osm", "osm_xml"),
    (b"<html", "html"),
    (b"<HTML", "html"),
    (b"<table", "html"),
    (b"<kml", "kml"),
)


def kind_of(head: bytes) -> str:
    """Return the type of content that a file's first bytes indicate.

    Parameters
    ----------
    head
        First bytes of the file, up to 4,096.

    Returns
    -------
    str
        An entry ``contents.<kind>`` of the texts.

    Examples
    --------
    >>> kind_of(b"PAR1"), kind_of(b'{"type"'), kind_of(b"<OGRVRTDataSource>"), kind_of(b"a,b")
    ('parquet', 'json', 'vrt', 'text')
    """
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if b"OSMHeader" in head[:64]:
        return "osm_pbf"
    start = head.removeprefix(_BOM).lstrip()
    if start.startswith((b"{", b"[")):
        return "json"
    if start.startswith(b"<"):
        return next((kind for mark, kind in _MARKUP if mark in start), "xml")
    return "binary" if b"\0" in head and not _may_be_utf16(head) else "text"


def _may_be_utf16(head: bytes) -> bool:
    even, odd = head[0::2].count(0), head[1::2].count(0)
    return head.startswith((b"\xff\xfe", b"\xfe\xff")) or max(even, odd) > 3 * min(even, odd)


def is_what_it_says(path: Path, *, log: TableLog) -> bool:
    """Return whether the content of a file matches its suffix; report the actual type if not.

    Parameters
    ----------
    path
        Regular file whose suffix is in :data:`CONTENT_KINDS`.
    log
        Receives the fault.

    Returns
    -------
    bool
        For text files also True for content that only a text reader can judge.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    suffix = path.suffix.lower()
    found, expected = kind_of(head), CONTENT_KINDS[suffix]
    if found == expected or (expected == "text" and found in ("json", "binary", "xml")):
        return True  # a text may begin with any character; its reader reports what is not text
    if found == "ole":
        log.add("workbook_locked")
        return False
    report_other(found, suffix, log=log)
    return False


def report_other(found: str, suffix: str, *, log: TableLog) -> None:
    """Report content of another type than the suffix indicates.

    Parameters
    ----------
    found
        Actual type, an entry ``contents.<kind>`` of the texts.
    suffix
        Suffix of the file, in lower case.
    log
        Receives the fault.
    """
    log.add(
        "content_other",
        suffix=suffix,
        found_en=text(f"contents.{found}", "en"),
        found_zh=text(f"contents.{found}", "zh"),
        wanted_en=text(f"contents.{CONTENT_KINDS[suffix]}", "en"),
        wanted_zh=text(f"contents.{CONTENT_KINDS[suffix]}", "zh"),
    )
