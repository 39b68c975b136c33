"""Names that probably mean the same school or project."""

from __future__ import annotations

import difflib
import re
from typing import Final

from layoutplan.dictionary.nearest import header_key

THROW_M: Final = 150.0
"""Two things of one name within this distance (a stone's throw) are probably one."""

_ALIKE: Final = 0.85
_SHORTEST: Final = 3
_NUMERALS: Final = re.compile(r"\d+|[〇零一二三四五六七八九十百]+")
_PLACES: Final = re.compile(r"[东西南北中]|\b(?:north|south|east|west|central)")
_CAMPUS: Final = re.compile(r"校区|分校|分园|新校|老校|本部|campus|annex|annexe|site\b")


def same_name(one: object, other: object) -> bool:
    """Return whether two names are the same but for case, width, blanks and punctuation.

    Parameters
    ----------
    one, other
        Names; a null is like nothing.

    Returns
    -------
    bool
        False for an empty name.
    """
    if not isinstance(one, str) or not isinstance(other, str):
        return False
    return bool(header_key(one)) and header_key(one) == header_key(other)


def alike(one: object, other: object) -> bool:
    """Return whether two names are the same or nearly so.

    Names that differ in a number, a point of the compass or the word for a campus are not alike. Otherwise
    one contains the other, or their similarity (:mod:`difflib`) is at least 0.85.

    Parameters
    ----------
    one, other
        Names; a null is like nothing.

    Returns
    -------
    bool
        Whether they are alike.

    Examples
    --------
    >>> alike("Northgate Primary School", "Northgate Primary  school."), alike("第一小学", "第二小学")
    (True, False)
    >>> alike("示例市北城小学", "北城小学"), alike("北城小学", "北城小学东校区")
    (True, False)
    """
    if same_name(one, other):
        return True
    if not isinstance(one, str) or not isinstance(other, str):
        return False
    for pattern in (_NUMERALS, _PLACES, _CAMPUS):
        if sorted(pattern.findall(one.casefold())) != sorted(pattern.findall(other.casefold())):
            return False
    short, long = sorted((header_key(one), header_key(other)), key=len)
    if len(short) < _SHORTEST:
        return False
    return short in long or difflib.SequenceMatcher(None, short, long).ratio() >= _ALIKE
