"""Names spelled out for a search box: whole pinyin and initials."""

from __future__ import annotations

from functools import lru_cache

from pypinyin import Style, lazy_pinyin


@lru_cache(maxsize=65_536)
def spelled(name: str) -> str:
    """Return ``"pinyin initials"`` in lower case, empty for a name in ASCII (it is its own spelling).

    Examples
    --------
    >>> spelled("银杏路小学（2号）"), spelled("Elm Street School")
    ('yinxingluxiaoxue2hao yxlxx2h', '')
    """
    if name.isascii():
        return ""
    return f"{_joined(name, Style.NORMAL)} {_joined(name, Style.FIRST_LETTER)}"


def _joined(name: str, style: Style) -> str:
    parts = "".join(lazy_pinyin(name.lower(), style=style))
    return "".join(letter for letter in parts if letter.isalnum())
