"""Checks of XML before it is parsed: a document type may define endless entities, or refer to other files."""

from __future__ import annotations

from typing import IO, Final
from xml.parsers import expat

_BYTES: Final = 65_536


def defines_a_type(file: IO[bytes]) -> bool:
    """Return whether an XML file has a document type, or may have one in a prolog that is too long to check.

    No supported file has one. Other errors of the XML are left to its reader.

    Parameters
    ----------
    file
        Binary stream at its start; up to 64 KiB are consumed.

    Returns
    -------
    bool
        True if the file must be refused.
    """
    head = file.read(_BYTES)
    seen: list[str] = []
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = lambda *_: seen.append("type")
    parser.StartElementHandler = lambda *_: seen.append("element")
    try:
        parser.Parse(head, False)  # noqa: FBT003  expat's own signature
    except expat.ExpatError:
        return "type" in seen
    return "type" in seen or (not seen and len(head) == _BYTES)
