"""The known name most similar to an unknown one, for suggestions."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping
from typing import Final

_ALIKE: Final = 0.75
_ALIKE_CHINESE: Final = 0.65
_ALIKE_SHORT: Final = 0.5  # one of two Chinese characters may be wrong
_SHORT: Final = 2
_SHORTEST_PART: Final = 3


def header_key(header: str) -> str:
    """Return a header normalised for comparison: no case, width, blanks or punctuation.

    Parameters
    ----------
    header
        Header as written.

    Returns
    -------
    str
        Normalised form (NFKC, case-folded); may be empty.

    Examples
    --------
    >>> header_key(" School_ID ") == header_key("school id"), header_key("学校(机构)名称")
    (True, '学校机构名称')
    """
    folded = unicodedata.normalize("NFKC", header).casefold()
    return re.sub(r"[\s_\-.·:;,、/()\[\]【】\"'*\u200b\ufeff]", "", folded)


def nearest(wanted: str, names: Mapping[str, str]) -> str | None:
    """Return the name most similar to an unknown one.

    Similarity is the ratio of :mod:`difflib` on :func:`header_key`: at least 0.75, for names with Chinese
    characters 0.65, for two characters 0.5. Otherwise a name of three or more characters that is contained in
    ``wanted`` is taken, the longest first.

    Parameters
    ----------
    wanted
        The unknown name.
    names
        Name as it may be written → name to suggest.

    Returns
    -------
    str or None
        The name to suggest; ``None`` if none is similar.

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
