"""XML before it is parsed: a document type may define entities that grow without end, or name other files."""

from __future__ import annotations

from typing import IO, Final
from xml.parsers import expat

_BYTES: Final = 65_536


def defines_a_type(file: IO[bytes]) -> bool:
    """Say whether an XML file has a document type, or hides in what comes before its first element.

    No file that is read here has one. What else may be wrong with it, its reader says.
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
