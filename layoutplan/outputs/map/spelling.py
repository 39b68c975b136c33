"""Names in full pinyin and initials, for the search box."""

from __future__ import annotations

from functools import lru_cache

_OTHER = "\0"


@lru_cache(maxsize=65_536)
def spelled(name: str) -> str:
    """Return the pinyin and the initials of a name in lower case, for the search box.

    Parameters
    ----------
    name
        The name.

    Returns
    -------
    str
        ``"pinyin initials"``; empty for a name in ASCII, which is its own spelling.

    Examples
    --------
    >>> spelled("银杏路小学（2号）"), spelled("Elm Street School")
    ('yinxingluxiaoxue2hao yxlxx2h', '')
    """
    if name.isascii():
        return ""
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415  half a second to load, for pages only

    pieces = lazy_pinyin(name.lower(), style=Style.NORMAL, errors=_as_it_is)
    whole = "".join(piece.removeprefix(_OTHER) for piece in pieces)
    initials = "".join(piece[1:] if piece.startswith(_OTHER) else piece[:1] for piece in pieces)
    return f"{_searchable(whole)} {_searchable(initials)}"


def _as_it_is(letters: str) -> str:
    """Mark text that is not Chinese, which is kept whole as its own initials."""
    return _OTHER + letters


def _searchable(word: str) -> str:
    return "".join(letter for letter in word if letter.isalnum())
