"""The nearest names to one that is not known, for 'did you mean'."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping
from typing import Final

_ALIKE: Final = 0.75
_ALIKE_CHINESE: Final = 0.65
_ALIKE_SHORT: Final = 0.5  # of two Chinese characters, one may be wrong
_SHORT: Final = 2
_SHORTEST_PART: Final = 3


def header_key(header: str) -> str:
    """Return a header without what does not matter: case, width, blanks, punctuation.

    Examples
    --------
    >>> header_key(" School_ID ") == header_key("school id"), header_key("学校(机构)名称")
    (True, '学校机构名称')
    """
    folded = unicodedata.normalize("NFKC", header).casefold()
    return re.sub(r"[\s_\-.·:;,、/()\[\]【】\"'*\u200b\ufeff]", "", folded)


def nearest(wanted: str, names: Mapping[str, str]) -> str | None:
    """Return the value of the key in ``names`` most like ``wanted``, ``None`` if none is alike.

    Alike is a similarity (difflib) of 0.75, of 0.65 in Chinese; or a name that is part of ``wanted``.
    ``names`` maps a name as it may be written to the name to offer; compared by :func:`header_key`.

    Examples
    --------
    >>> nearest("学校名城", {"学校名称": "学校名称", "地址": "地址"}), nearest("x", {"年份": "年份"})
    ('学校名称', None)
    """
    keyed = {header_key(name): offered for name, offered in names.items()}
    key = header_key(wanted)
    chinese = _ALIKE_SHORT if len(key) == _SHORT else _ALIKE_CHINESE
    cutoff = _ALIKE if key.isascii() else chinese
    alike = difflib.get_close_matches(key, keyed, n=1, cutoff=cutoff)
    if alike:
        return keyed[alike[0]]
    parts = [name for name in keyed if len(name) >= _SHORTEST_PART and name in key]
    return keyed[max(parts, key=lambda name: (len(name), name))] if parts else None
