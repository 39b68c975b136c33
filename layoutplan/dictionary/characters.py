"""Width forms and compatibility characters of texts that are compared or counted.

Unicode's NFKC turns ``810①`` into ``8101`` and ``m²`` into ``m2``. In numbers, years and codes only the width
forms (full-width Latin, half-width kana) are folded; any other compatibility character is a fault there.
"""

from __future__ import annotations

import unicodedata
from typing import Final

_WIDTHS: Final = ("<wide>", "<narrow>")
_NON_BREAKING_HYPHEN: Final = "\u2011"


def _folded_characters() -> dict[int, str]:
    """Return the width forms and the kinds of blank, with the character that each stands for."""
    folded = {0x3000: " ", ord(_NON_BREAKING_HYPHEN): "-"}
    for code in (*range(0x2000, 0x2070), 0xA0, *range(0xFF00, 0xFFF0)):
        tag, _, parts = unicodedata.decomposition(chr(code)).partition(" ")
        plain = "".join(chr(int(part, 16)) for part in parts.split())
        if tag in _WIDTHS or (plain == " " and tag in ("<compat>", "<noBreak>")):
            folded[code] = plain
    return folded


_FOLDED: Final = _folded_characters()


def narrow(text: str) -> str:
    """Return a text with full-width and half-width forms folded, and every kind of blank as a blank.

    Parameters
    ----------
    text
        Text as written.

    Returns
    -------
    str
        In Unicode's normal form C; compatibility characters such as ① and ² are unchanged.

    Examples
    --------
    >>> narrow("１０８０　人"), narrow("810①"), narrow("1\u202f080")
    ('1080 人', '810①', '1 080')
    """
    return text if text.isascii() else unicodedata.normalize("NFC", text.translate(_FOLDED))


def compatibility_characters(text: str) -> str:
    """Return the compatibility characters of a folded text: ①, ², ㊿, Ⅳ, ½, ㈱.

    Parameters
    ----------
    text
        Result of :func:`narrow`.

    Returns
    -------
    str
        Each once, in order; empty if there are none.

    Examples
    --------
    >>> compatibility_characters("810①"), compatibility_characters("S01号")
    ('①', '')
    """
    if text.isascii():
        return ""
    return "".join(dict.fromkeys(one for one in text if unicodedata.decomposition(one).startswith("<")))
