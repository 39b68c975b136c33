"""The payload inside the page: JSON, deflated, base64. The browser unpacks it without a library."""

from __future__ import annotations

import base64
import json
import re
import zlib
from typing import Any, Final

_PAYLOAD: Final = re.compile(r'<script type="application/octet-stream" id="payload">([^<]*)</script>')
_LEVEL: Final = 9


def pack(payload: dict[str, Any]) -> str:
    """Return the script element that holds a payload: JSON, deflated, in base64, so that no text can end it.

    Parameters
    ----------
    payload
        Any value that JSON can hold, without nan.

    Returns
    -------
    str
        HTML.

    Examples
    --------
    >>> unpack(pack({"format": 3, "name": "</script>学位"}))
    {'format': 3, 'name': '</script>学位'}
    """
    plain = json.dumps(payload, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    letters = base64.b64encode(zlib.compress(plain.encode(), _LEVEL)).decode("ascii")
    return f'<script type="application/octet-stream" id="payload">{letters}</script>'


def unpack(page: str) -> dict[str, Any] | None:
    """Return the payload of a page of this package; ``None`` for a page that holds none.

    For a page of unknown origin, :func:`~layoutplan.outputs.map.stored.read_map_page` checks what it holds.

    Parameters
    ----------
    page
        The HTML.

    Returns
    -------
    dict[str, Any] | None
        The payload, not validated.
    """
    plain = unpack_bytes(page)
    if plain is None:
        return None
    payload: dict[str, Any] = json.loads(plain)
    return payload


def unpack_bytes(page: str, *, most: int = 0) -> bytes | None:
    """Return the JSON of a page's payload, undecoded; ``None`` for a page that holds none.

    Parameters
    ----------
    page
        The document.
    most
        How many bytes it may have unpacked; 0 for any number.

    Returns
    -------
    bytes | None
        The JSON.

    Raises
    ------
    ValueError
        If the letters are no base64, do not unpack, or to more than ``most`` bytes.
    """
    found = _PAYLOAD.search(page)
    if found is None:
        return None
    reader = zlib.decompressobj()
    try:
        plain = reader.decompress(base64.b64decode(found[1], validate=True), most)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if not reader.eof:
        raise ValueError("the payload is cut off, or too large")
    return plain
