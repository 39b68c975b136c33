"""Chinese names of places and schools in Latin letters, for tables without names of their own in English."""

from __future__ import annotations

import re
import tomllib
from functools import cache, lru_cache
from importlib import resources
from typing import Final

CHINESE: Final = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
"""Chinese characters, as a set of a regular expression."""
_HAS_CHINESE: Final = re.compile(f"[{CHINESE}]")
_LAST_RUN: Final = re.compile(f"(?:[{CHINESE}]+|[^{CHINESE}]+)$")
_NUMERAL: Final = "[0-9]+|[一二三四五六七八九十]+"
_COUNTED: Final = re.compile(f"({_NUMERAL})(期|组|号院|号楼|号地块|号)$")
_ORDINAL: Final = re.compile(f"第({_NUMERAL})$")
_INSIDE: Final = re.compile(f"^([{CHINESE}]{{2,}}?(?:市|县|区|镇|乡|街道))([{CHINESE}]{{2,}})$")
_WRITTEN: Final = {"期": "Phase {}", "组": "Group {}"}
_DIGITS: Final = {digit: value for value, digit in enumerate("一二三四五六七八九", start=1)}
_MARKS: Final = str.maketrans({"（": "(", "）": ")", "、": ",", "，": ",", "·": "·", "—": "-", "　": " "})


@lru_cache(maxsize=65_536)
def romanised(name: str) -> str:
    """Return a name in Latin letters: the common words in English, the proper ones in pinyin.

    Parameters
    ----------
    name
        A name; one without Chinese characters is returned as it is.

    Returns
    -------
    str
        Words in the order of the name, each with a capital letter.

    Notes
    -----
    Syllables are joined, with an apostrophe before a, o and e (ISO 7098:2015); tones are left out.

    Examples
    --------
    >>> romanised("银杏路小学"), romanised("云澜第三中学"), romanised("腊梅雅苑二期")
    ('Yinxing Road Primary School', 'Yunlan No. 3 Middle School', 'Lameiyayuan Phase 2')
    >>> romanised("格物街7号院"), romanised("西安路（新建）"), romanised("Elm Street")
    ('Gewu Street No. 7', "Xi'an Road (new)", 'Elm Street')
    """
    if not _HAS_CHINESE.search(name):
        return name
    words: list[str] = []
    rest = name.translate(_MARKS).strip()
    while rest:
        rest, word = _last_word(rest, followed=bool(words))
        words.insert(0, word)
    said = " ".join(word for word in words if word)
    return re.sub(r"\s+([,)])", r"\1", re.sub(r"([(])\s+", r"\1", said)).strip()


def _last_word(name: str, *, followed: bool) -> tuple[str, str]:
    """Return what precedes the last word of a name, and that word in Latin letters."""
    if name.endswith(")") and "(" in name:
        before, _, inside = name[:-1].rpartition("(")
        return before.rstrip(), f"({romanised(inside.strip())})"
    if found := _COUNTED.search(name):
        return name[: found.start()], _WRITTEN.get(found[2], "No. {}").format(_value(found[1]))
    if found := _ORDINAL.search(name):
        return name[: found.start()], f"No. {_value(found[1])}"
    for term, word in _terms():
        if name.endswith(term) and (len(name) > len(term) or followed or len(term) > 1):
            return name[: -len(term)], word
    return _last_run(name)


def _last_run(name: str) -> tuple[str, str]:
    """Return what precedes the last characters of one script, and these in Latin letters."""
    found = _LAST_RUN.search(name)
    run = found[0] if found else name
    before = name[: len(name) - len(run)]
    if not _HAS_CHINESE.search(run):
        return before, run.strip()
    split = _INSIDE.match(run)
    return (before + split[1], _spelled(split[2])) if split else (before, _spelled(run))


@cache
def _terms() -> tuple[tuple[str, str], ...]:
    """Return the common words and their English, longest first."""
    written = (resources.files("layoutplan.city") / "place_terms.toml").read_text(encoding="utf-8")
    return tuple(sorted(tomllib.loads(written).items(), key=lambda pair: -len(pair[0])))


def _spelled(run: str) -> str:
    from pypinyin import lazy_pinyin  # noqa: PLC0415  a second to load, for Chinese names in English runs only

    syllables = lazy_pinyin(run, v_to_u=True)
    joined = syllables[0] + "".join(f"'{one}" if one[:1] in "aoe" else one for one in syllables[1:])
    return joined[:1].upper() + joined[1:]


def _value(numeral: str) -> int:
    """Return the value of a numeral from 1 to 99, Chinese or in digits.

    Examples
    --------
    >>> _value("7"), _value("十"), _value("十二"), _value("三十五")
    (7, 10, 12, 35)
    """
    if numeral.isdecimal():
        return int(numeral)
    tens, ten, ones = numeral.rpartition("十")
    return 10 * (_DIGITS.get(tens, 1) if ten else 0) + _DIGITS.get(ones, 0)
