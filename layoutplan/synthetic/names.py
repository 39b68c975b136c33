"""Fictitious Chinese names with their spelling in Latin letters, composed of the words of ``names.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final, TypeAlias

import numpy as np

from layoutplan.arrays import IntArray
from layoutplan.synthetic.arrays import Flags
from layoutplan.synthetic.lattice import PRIMARY, TERTIARY, Lines
from layoutplan.synthetic.settlement import COMPOUND, DORM, RESETTLEMENT, VILLAGE

Pair: TypeAlias = tuple[str, str]
_DIGITS: Final = "零一二三四五六七八九"
_TEN: Final = 10
_HUNDRED: Final = 100


@dataclass(frozen=True, slots=True)
class Names:
    """Names in Chinese (``zh``) and Latin letters (``en``), one pair per item."""

    zh: tuple[str, ...]
    en: tuple[str, ...]

    @classmethod
    def of(cls, pairs: list[Pair]) -> Names:
        """Return names from pairs.

        Parameters
        ----------
        pairs
            Chinese name and Latin spelling of each item.

        Returns
        -------
        Names
            In the same order.
        """
        return cls(zh=tuple(zh for zh, _ in pairs), en=tuple(en for _, en in pairs))


@cache
def _words() -> dict[str, Any]:
    text = (resources.files("layoutplan.synthetic") / "names.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def city_name() -> Pair:
    """Return the stem of the city's name, to be followed by 高新区 or 市."""
    zh, en = _words()["city"]
    return zh, en


def ordinal(number: int) -> str:
    """Write 1 … 99 in Chinese numerals, larger numbers in digits.

    Parameters
    ----------
    number
        A positive integer.

    Returns
    -------
    str
        The numeral.

    Examples
    --------
    >>> ordinal(7), ordinal(12), ordinal(20), ordinal(35)
    ('七', '十二', '二十', '三十五')
    """
    tens, ones = divmod(number, _TEN)
    if number < _TEN:
        return _DIGITS[number]
    if number >= _HUNDRED:
        return str(number)
    head = "" if tens == 1 else _DIGITS[tens]
    return f"{head}十{_DIGITS[ones] if ones else ''}"


@cache
def word_list() -> tuple[Pair, ...]:
    """Return all distinct words: listed ones first, then compounds, then those prefixed by a quarter."""
    data = _words()
    words: list[Pair] = [(zh, en) for zh, en in data["words"]]
    pairs = [(a + b, (x + y).capitalize()) for b, y in data["tails"] for a, x in data["heads"]]
    words += pairs
    words += [(q + zh, f"{spelt} {en}") for q, spelt in data["quarters"] for zh, en in tuple(words)]
    return tuple(words)


def street_names(lines: Lines, *, longest_first: IntArray) -> Names:
    """Name main and side streets: 大道 for the widest, else 路 (east-west) or 街 (north-south).

    Parameters
    ----------
    lines
        Street lines.
    longest_first
        The lines in the order of naming; lines beyond the number of words remain unnamed.

    Returns
    -------
    Names
        One per line, empty for unnamed ones.
    """
    words = word_list()
    pairs: list[Pair] = [("", "")] * len(lines.at)
    for line, (zh, en) in zip(longest_first.tolist(), words, strict=False):
        if lines.road_class[line] > TERTIARY:
            continue
        if lines.road_class[line] == PRIMARY:
            pairs[line] = (f"{zh}大道", f"{en} Avenue")
        elif lines.vertical[line]:
            pairs[line] = (f"{zh}街", f"{en} Street")
        else:
            pairs[line] = (f"{zh}路", f"{en} Road")
    return Names.of(pairs)


def township_names(count: int) -> Names:
    """Name subdistricts.

    Parameters
    ----------
    count
        Their number.

    Returns
    -------
    Names
        One per subdistrict.
    """
    words = word_list()
    return Names.of([(f"{zh}街道", f"{en} Subdistrict") for zh, en in words[4 : 4 + count]])


def unit_names(use: IntArray, *, street: Names, rng: np.random.Generator) -> Names:
    """Name residential units by their kind.

    Parameters
    ----------
    use
        Land use of each block, -1 where nobody lives.
    street
        A neighbouring street of each block, possibly empty.
    rng
        Random numbers.

    Returns
    -------
    Names
        One per block; repeated names get a number.
    """
    data = _words()
    draws = rng.integers(0, 1 << 30, (len(use), 4))
    seen: dict[str, int] = {}
    pairs: list[Pair] = []
    for kind, road, road_en, draw in zip(use.tolist(), street.zh, street.en, draws.tolist(), strict=True):
        zh, en = _unit_name(kind, road=(road, road_en), draw=draw, data=data)
        seen[zh] = seen.get(zh, 0) + 1
        if seen[zh] > 1:  # a repeated name denotes the next phase
            phase_zh, phase_en = _suffix(seen[zh], village=kind == VILLAGE)
            zh, en = zh + phase_zh, en + phase_en
        pairs.append((zh, en))
    return Names.of(pairs)


def _suffix(number: int, *, village: bool) -> Pair:
    if village:
        return f"（{ordinal(number)}组）", f" (Group {number})"
    return f"{ordinal(number)}期", f" Phase {number}"


def _unit_name(kind: int, *, road: Pair, draw: list[int], data: dict[str, Any]) -> Pair:
    if kind == VILLAGE:
        parts = [data["village_sizes"], data["village_heads"], data["village_tails"]]
        zh, en = _composed(parts, draw)
        return f"{zh}村", f"{en} Village"
    if kind == COMPOUND and road[0]:
        number = 1 + draw[0] % 180
        return f"{road[0]}{number}号院", f"No. {number} {road[1]}"
    if kind == DORM:
        zh, en = _composed([data["estate_heads"]], draw)
        return f"{zh}人才公寓", f"{en} Apartments"
    zh, en = _composed([data["estate_heads"] + data["words"], data["estate_tails"]], draw)
    if kind == RESETTLEMENT:
        zh, en = _composed([data["village_heads"], data["village_tails"]], draw)
        return f"{zh}社区", f"{en} Community"
    return zh, en


def _composed(parts: list[list[Pair]], draw: list[int]) -> Pair:
    chosen = [part[number % len(part)] for part, number in zip(parts, draw, strict=False)]
    return "".join(zh for zh, _ in chosen), "".join(en for _, en in chosen).strip().capitalize()


def school_names(school_type: tuple[str, ...], *, street: Names, unit: Names, private: Flags) -> Names:
    """Name the schools of a city by street, estate or number, without duplicates where possible.

    Parameters
    ----------
    school_type
        Type of each school.
    street, unit
        A neighbouring street and the residential unit of each school; may be empty.
    private
        Whether each school is private.

    Returns
    -------
    Names
        One per school.
    """
    zh_city, en_city = city_name()
    count: dict[str, int] = {}
    taken: set[str] = set()
    words = word_list()
    pairs: list[Pair] = []
    for kind, road, road_en, home, home_en, fee in zip(
        school_type, street.zh, street.en, unit.zh, unit.en, private.tolist(), strict=True
    ):
        count[kind] = number = count.get(kind, 0) + 1
        word = words[(number * 7 + len(kind)) % len(words)]
        options = _school_options(
            kind, city=(zh_city, en_city), road=(road, road_en), home=(home, home_en), word=word, fee=fee
        )
        options.append(_numbered(kind, number=number, city=(zh_city, en_city)))
        zh, en = next((pair for pair in options if pair[0] not in taken), options[-1])
        taken.add(zh)
        pairs.append((zh, en))
    return Names.of(pairs)


def _school_options(kind: str, *, city: Pair, road: Pair, home: Pair, word: Pair, fee: bool) -> list[Pair]:
    """Return the preferred name of a school, if there is one."""
    made: dict[tuple[str, bool], Pair] = {
        ("primary", True): (f"{word[0]}外国语小学", f"{word[1]} Foreign Language Primary School"),
        ("junior", True): (f"{word[0]}双语中学", f"{word[1]} Bilingual Middle School"),
        ("nine_year", fee): (f"{word[0]}学校", f"{word[1]} School"),
        ("special", fee): (f"{city[0]}特殊教育学校", f"{city[1]} Special School"),
    }
    if road[0]:
        made["primary", False] = (f"{road[0]}小学", f"{road[1]} Primary School")
    if home[0]:
        made["kindergarten", fee] = (f"{home[0]}幼儿园", f"{home[1]} Kindergarten")
    return [made[kind, fee]] if (kind, fee) in made else []


def _numbered(kind: str, *, number: int, city: Pair) -> Pair:
    kinds = {
        "primary": ("小学", "Primary School"),
        "junior": ("中学", "Middle School"),
        "nine_year": ("九年制学校", "Nine-year School"),
        "senior": ("高级中学", "Senior High School"),
        "kindergarten": ("幼儿园", "Kindergarten"),
        "special": ("特殊教育学校", "Special School"),
    }
    zh, en = kinds[kind]
    return f"{city[0]}第{ordinal(number)}{zh}", f"{city[1]} No. {number} {en}"
