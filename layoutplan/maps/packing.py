"""The payload inside the page: JSON, deflated, in letters a page can hold. A browser unpacks it by itself."""

from __future__ import annotations

import base64
import json
import re
import zlib
from typing import Any, Final

_PAYLOAD: Final = re.compile(r'<script type="application/octet-stream" id="payload">([^<]*)</script>')
_LEVEL: Final = 9


def pack(payload: dict[str, Any]) -> str:
    """Return the script element that holds a payload; its letters are base64, so no text can end it.

    Examples
    --------
    >>> unpack(pack({"format": 3, "name": "</script>学位"}))
    {'format': 3, 'name': '</script>学位'}
    """
    plain = json.dumps(payload, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    letters = base64.b64encode(zlib.compress(plain.encode(), _LEVEL)).decode("ascii")
    return f'<script type="application/octet-stream" id="payload">{letters}</script>'


def unpack(page: str) -> dict[str, Any] | None:
    """Return the payload of a page; ``None`` for a page that holds none."""
    found = _PAYLOAD.search(page)
    if found is None:
        return None
    payload: dict[str, Any] = json.loads(zlib.decompress(base64.b64decode(found[1])))
    return payload
