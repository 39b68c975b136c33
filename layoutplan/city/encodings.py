"""Detection of the encoding of a text from its bytes.

Unicode is decided by its form. Chinese, Japanese and Korean encodings use the same bytes for different
characters, and so do the encodings of alphabets: there the frequent characters of each language decide
(``letters.toml``). What stays open is not guessed: the user is asked.
"""

from __future__ import annotations

import codecs
import math
import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LOOKED_AT: Final = 2_000_000  # bytes that decide among encodings; validity is checked on all
_COMMON_SHARE: Final = 0.65  # Big5 decoded as GB18030 reaches about 0.5, Chinese names nearly 1
_PRIVATE_SHARE: Final = 0.02
_KANA_SHARE: Final = 0.02
_CLEAR: Final = 0.4  # share of frequent characters; a wrong encoding reaches about 0.2
_AHEAD: Final = 0.15
_FEWEST: Final = 4
_TELLING: Final = 6  # different characters outside ASCII that are valid UTF-8 together only if they are UTF-8
_ACCENT: Final = re.compile("(?<=[A-Za-z])[\u0300-\u036f]+")
_NUL_SHARE: Final = 0.05
_NUL_EXCESS: Final = 3
_RARE: Final = math.log(1e-4)
_ODD: Final = math.log(1e-3)
_TYPICAL: Final = math.log(2)
_SIGN: Final = math.log(0.05)
_SIGNS: Final = "\u2018\u2019\u201c\u201d\u201e«»–—…€°§·¿¡\xa0"
_LEAST: Final = math.log(0.02)  # average of a letter; below this no language fits
_FACTOR: Final = math.log(100)  # how much likelier the first encoding must be than the next
_KOREAN, _JAPANESE, _TRADITIONAL = "korean", "japanese", "traditional"
_EAST_ASIAN: Final[Mapping[str, str]] = {
    "euc_jp": _JAPANESE,
    "cp932": _JAPANESE,
    "cp949": _KOREAN,
    "big5hkscs": _TRADITIONAL,
}
_CHINESE: Final = "gb18030"


@dataclass(frozen=True, slots=True)
class _Language:
    """An alphabet: the logarithm of each letter's share, typical pairs, and the codecs it is written in.

    A pair is a letter with the one before or after it; a blank stands for the border of a word.
    """

    codecs: tuple[str, ...]
    letters: Mapping[str, float]
    pairs: frozenset[str]


@cache
def _letters() -> tuple[Mapping[str, frozenset[str]], tuple[_Language, ...]]:
    file = resources.files("layoutplan.city") / "letters.toml"
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    common = {name: frozenset(written) for name, written in data["characters"].items()}
    languages = []
    for entry in data["language"]:
        whole = sum(entry["letters"].values())
        shares = {letter: math.log(weight / whole) for letter, weight in entry["letters"].items()}
        pairs = frozenset(pair.replace("_", " ") for pair in entry.get("pairs", "").split())
        languages.append(_Language(tuple(entry["codecs"]), shares, pairs))
    return common, tuple(languages)


def detect_encoding(data: bytes) -> str | None:
    """Return the encoding of a text.

    The order is fixed: a byte order mark decides; else a text with zero bytes is UTF-16 if their positions
    indicate it; else UTF-8 if every byte is valid; else the East Asian encoding, or the one of an alphabet,
    whose frequent characters the text shows clearly more than those of any other. A short text that is valid
    both in UTF-8 and in GBK is undecided.

    Parameters
    ----------
    data
        The complete file.

    Returns
    -------
    str or None
        Python codec name; ``None`` if undecided.

    Examples
    --------
    >>> detect_encoding("学校名称".encode("gbk")), detect_encoding("学校名称".encode("utf-8"))
    ('gb18030', 'utf-8')
    >>> detect_encoding("さくら小学校".encode("euc_jp")), detect_encoding("서울초등학교".encode("euc_kr"))
    ('euc_jp', 'cp949')
    >>> detect_encoding("école élémentaire".encode("latin-1")), detect_encoding("学校".encode("gbk"))
    ('cp1252', None)
    """
    for mark, name in _BOMS:
        if data.startswith(mark):
            return name if _decodes(data, name) else None
    if b"\0" in data:
        return _utf16_without_mark(data)
    if _decodes(data, "utf-8"):
        return None if _could_be_chinese(data) else "utf-8"
    found = _east_asian(data)
    if found is not None:
        return found if found and _decodes(data, found) else None
    return _of_alphabets(data)


def likeliest(data: bytes) -> str:
    """Return the encoding that fits an undecided text best, for a hint.

    Parameters
    ----------
    data
        Bytes of the text.

    Returns
    -------
    str
        Python codec names, two where neither is ahead.
    """
    if _decodes(data, "utf-8"):
        return f"utf-8, {_CHINESE}"
    ranked = _ranked(data[:_LOOKED_AT])
    shown = [codec for codec, score, _ in ranked if score >= ranked[0][1] - _FACTOR][:2]
    if shown and ranked[0][1] > -math.inf:
        return ", ".join(shown)
    east = [codec for codec in (_CHINESE, *_EAST_ASIAN) if _decodes(data, codec)]
    return ", ".join(east[:2]) or "cp1252"


def _east_asian(data: bytes) -> str | None:
    """Return an East Asian encoding, an empty text if one of them is likely but unclear, else ``None``."""
    scores = {
        codec: score
        for codec, language in _EAST_ASIAN.items()
        if (score := _frequent(data, codec, language)) is not None
    }
    best = max(scores, key=lambda codec: scores[codec], default="")
    top = scores.get(best, 0.0)
    chinese = _frequent(data, _CHINESE, "chinese")
    if not _looks_chinese(data):
        chinese = None
    if chinese is None:
        rivals = sorted(scores.values(), reverse=True)
        if top >= _CLEAR:
            return best if len(rivals) < 2 or top >= rivals[1] + _AHEAD else ""  # noqa: PLR2004
        return None
    if top >= _CLEAR and top >= chinese + _AHEAD:
        return best
    if _kana_share(data, _CHINESE) > _KANA_SHARE:
        return ""
    return "" if top >= _CLEAR and chinese < top + _AHEAD else _CHINESE


def _decoded(data: bytes, codec: str) -> str | None:
    """Return the start of a text, cut at a character; ``None`` if it is not of the encoding."""
    start = data[:_LOOKED_AT]
    try:
        return codecs.getincrementaldecoder(codec)("strict").decode(start, final=len(start) == len(data))
    except UnicodeDecodeError:
        return None


def _frequent(data: bytes, codec: str, language: str) -> float | None:
    """Return the share of frequent characters among those outside ASCII; ``None`` if too few or invalid.

    For Japanese, kana count as frequent.
    """
    text = _decoded(data, codec)
    if text is None:
        return None
    counted = Counter(one for one in text if not one.isascii() and unicodedata.category(one)[0] in "LC")
    if sum(counted.values()) < _FEWEST and language != "chinese":
        return None
    weights = {one: 1 + math.log(times) for one, times in counted.items()}  # no cell decides alone
    common = _letters()[0][language]
    frequent = sum(
        weight
        for one, weight in weights.items()
        if one in common or (language == _JAPANESE and _is_kana(one))
    )
    return frequent / sum(weights.values()) if weights else 0.0


def _is_kana(letter: str) -> bool:
    return "\u3041" <= letter <= "\u30fe"


def _kana_share(data: bytes, codec: str) -> float:
    text = _decoded(data, codec) or ""
    foreign = [one for one in text if not one.isascii()]
    return sum(map(_is_kana, foreign)) / len(foreign) if foreign else 0.0


def _looks_chinese(data: bytes) -> bool:
    """Return whether the bytes are GB18030 and most non-ASCII characters are in the common GB2312 set."""
    decoded = _decoded(data, _CHINESE)
    if decoded is None:
        return False
    foreign = [letter for letter in decoded if not letter.isascii()]
    common = sum(1 for letter in foreign if _in_gb2312(letter))
    private = sum(1 for letter in foreign if "\ue000" <= letter <= "\uf8ff")
    return common >= _COMMON_SHARE * len(foreign) and private <= _PRIVATE_SHARE * len(foreign)


def _could_be_chinese(data: bytes) -> bool:
    """Return whether UTF-8 bytes may also be a few characters in GBK, as "学校" in GBK is "ѧУ" in UTF-8.

    Of the common characters in GBK about one in six is valid UTF-8, so several different ones all are by
    chance only in one of many thousand texts. Accents apart from their letter (decomposed, as macOS writes
    them) are no sign of Chinese.
    """
    foreign = {letter for letter in _ACCENT.sub("", data.decode("utf-8")) if not letter.isascii()}
    two_bytes = 0 < len(foreign) < _TELLING and max(foreign) < "\u0800"
    return two_bytes and max(foreign) > "\u00ff" and _looks_chinese(data)


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


@cache
def _in_gb2312(letter: str) -> bool:
    try:
        letter.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _utf16_without_mark(data: bytes) -> str | None:
    """Detect UTF-16 without a byte order mark by the positions of the zero bytes of its ASCII characters."""
    even, odd = data[0::2].count(0), data[1::2].count(0)
    name = "utf-16-le" if odd > even else "utf-16-be"
    most, least = max(even, odd), min(even, odd)
    enough = most >= _NUL_SHARE * len(data) / 2 and most >= _NUL_EXCESS * least
    return name if enough and _decodes(data, name) else None


def _of_alphabets(data: bytes) -> str | None:
    """Return the encoding of an alphabet that is clearly likelier than any that reads other letters."""
    ranked = _ranked(data[:_LOOKED_AT])
    if not ranked or ranked[0][1] == -math.inf:
        return None
    codec, best, text = ranked[0]
    letters = sum(1 for one in text if not one.isascii())
    rival = next((score for _, score, other in ranked[1:] if other != text), -math.inf)
    sound = best >= _LEAST * letters and best >= rival + _FACTOR
    return codec if sound and _decodes(data, codec) else None


def _ranked(data: bytes) -> list[tuple[str, float, str]]:
    """Return codecs with the logarithm of the text's likelihood and the text read, likeliest first."""
    best: dict[str, tuple[float, str]] = {}
    for language in _letters()[1]:
        for codec in language.codecs:
            text = _decoded(data, codec)
            if text is None:
                continue
            score = _likelihood(text, language)
            if codec not in best or score > best[codec][0]:
                best[codec] = (score, text)
    ranked = [(codec, score, text) for codec, (score, text) in best.items()]
    return sorted(ranked, key=lambda entry: -entry[1])


def _likelihood(text: str, language: _Language) -> float:
    """Return the logarithm of the likelihood of the characters outside ASCII."""
    total = 0.0
    pairs = Counter(
        (text[place - 1] if place else " ", one, text[place + 1] if place + 1 < len(text) else " ")
        for place, one in enumerate(text)
        if not one.isascii()
    )
    for (before, one, after), times in pairs.items():
        total += times * _of_letter(before, one, after, language)
    return total


def _of_letter(before: str, one: str, after: str, language: _Language) -> float:
    """Return the logarithm of the likelihood of one character between its neighbours."""
    if not one.isalpha():
        if one in language.letters:
            return language.letters[one]
        if unicodedata.category(one) in ("Cc", "Cn", "Co"):
            return 2 * _ODD
        inside = before.isalpha() and after.isalpha() and one not in "’·"
        return _SIGN if one in _SIGNS and not inside else _ODD
    known = language.letters.get(one, language.letters.get(one.lower(), _RARE))
    foreign = one > "\u036f" and (
        (before.isascii() and before.isalpha()) or (after.isascii() and after.isalpha())
    )
    inner_capital = (one.isupper() and before.islower()) or (one.islower() and after.isupper())
    odd = _ODD * (foreign + inner_capital)
    return known + odd + _of_pairs(before, one, after, language)


def _of_pairs(before: str, one: str, after: str, language: _Language) -> float:
    """Return what a letter's neighbours add: more for a typical pair, less without one."""
    if not language.pairs:
        return 0.0
    low = one.lower()
    first = before.lower() if before.isalpha() else " "
    last = after.lower() if after.isalpha() else " "
    return _TYPICAL if {first + low, low + last} & language.pairs else -_TYPICAL
