"""Names in the language that a run is not in: a reader may switch, the tables have the names of one."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import pandas as pd

from layoutplan.city.romanise import CHINESE, romanised
from layoutplan.texts import LANGUAGES, Language, other_language

_NAMED: Final = frozenset({"name", "from_name", "to_name", "nearest_spare_school"})
_CHINESE_NAME: Final = re.compile(
    rf"[0-9A-Za-z]*[{CHINESE}][{CHINESE}0-9A-Za-z·、]*(?:[（(][{CHINESE}0-9A-Za-z]+[)）][{CHINESE}0-9A-Za-z]*)*"
)
_MARKS: Final = str.maketrans({"（": " (", "）": ")", "、": ", ", "；": "; ", "，": ", "})
_SPACED: Final = re.compile(r" +\(")
_KEY: Final = 2


class OtherNames:
    """The names of a run's tables in the language that the run is not in.

    Parameters
    ----------
    tables
        Tables of the run. Columns ``name`` and ``name_en`` are read, in an English run ``name_local``.
    lang
        Language of the run.

    Attributes
    ----------
    lang
        The other language.
    """

    def __init__(self, tables: Iterable[pd.DataFrame], *, lang: Language) -> None:
        self.lang: Language = other_language(lang)
        self._known = _known(tables, "name_en" if self.lang == "en" else "name_local")
        self._by_start: dict[str, list[str]] = defaultdict(list)
        for name in sorted(self._known, key=len, reverse=True):
            self._by_start[name[:_KEY]].append(name)

    def of(self, text: str) -> str:
        """Return a name, or a sentence that holds names, with the names in the other language.

        Parameters
        ----------
        text
            A name, several put together, or a sentence in the other language with names of the run's.

        Returns
        -------
        str
            English: a name that the tables have none for is romanised. Chinese: it stays as it is.
        """
        if text in self._known:
            return self._known[text]
        said = "".join(self._pieces(text))
        if self.lang == "zh":
            return said
        latin = _CHINESE_NAME.sub(lambda found: romanised(found[0]), said)
        return _SPACED.sub(" (", latin.translate(_MARKS))

    def _pieces(self, text: str) -> Iterator[str]:
        at = 0
        while at < len(text):
            name = self._name_at(text, at)
            yield self._known[name] if name else text[at]
            at += len(name) or 1

    def _name_at(self, text: str, at: int) -> str:
        """Return the longest known name that begins there and is no part of a longer word; empty for none."""
        if at and _goes_on(text[at - 1], text[at]):
            return ""
        for name in self._by_start.get(text[at : at + _KEY], ()):
            end = at + len(name)
            if text.startswith(name, at) and not (end < len(text) and _goes_on(text[end - 1], text[end])):
                return name
        return ""


def _goes_on(letter: str, following: str) -> bool:
    """Say whether two letters belong to one word: both Latin, or both Chinese."""
    return letter.isalnum() and following.isalnum() and letter.isascii() == following.isascii()


def _known(tables: Iterable[pd.DataFrame], column: str) -> dict[str, str]:
    """Return the other names by the run's names; one that has two is left out."""
    found: dict[str, set[str]] = defaultdict(set)
    for frame in tables:
        if {"name", column} <= set(frame.columns):
            pairs = pd.DataFrame(frame)[["name", column]].dropna().drop_duplicates()
            for name, other in zip(pairs["name"].astype(str), pairs[column].astype(str), strict=True):
                if len(name) >= _KEY and other.strip() and other != name:
                    found[name].add(other.strip())
    return {name: others.pop() for name, others in found.items() if len(others) == 1}


def in_both_languages(names: OtherNames, payload: Iterable[Any]) -> list[tuple[str, str]]:
    """Return every name that parts of a payload hold, with its other one: ``(Chinese, English)``.

    Parameters
    ----------
    names
        The names of the run.
    payload
        Parts of a payload.

    Returns
    -------
    list[tuple[str, str]]
        In the order of the names; those that are the same in both languages are left out.
    """
    pairs = ((name, names.of(name)) for name in sorted(set(_names_in([*payload]))))
    return [(name, other) if names.lang == "en" else (other, name) for name, other in pairs if other != name]


def _names_in(value: Any) -> Iterator[str]:  # noqa: ANN401  any JSON value
    if isinstance(value, Mapping):
        for key, part in value.items():
            if key in _NAMED and isinstance(part, str):
                yield part
            elif key == "gains":
                yield from (name for name, _ in part)
            else:
                yield from _names_in(part)
    elif isinstance(value, list) and value and isinstance(value[0], (Mapping, list)):
        for part in value:
            yield from _names_in(part)


def with_own_names(names: OtherNames, value: Any) -> Any:  # noqa: ANN401  any JSON value
    """Return a part of a payload whose texts in the other language, ``{"zh": …, "en": …}``, name things so.

    Parameters
    ----------
    names
        The names of the run.
    value
        Any value of a payload.

    Returns
    -------
    Any
        A copy where something differs.
    """
    if isinstance(value, Mapping):
        if {*value} == {*LANGUAGES}:
            return {**value, names.lang: _sentences(names, value[names.lang])}
        return {key: with_own_names(names, part) for key, part in value.items()}
    if isinstance(value, list) and value and isinstance(value[0], (Mapping, list)):
        return [with_own_names(names, part) for part in value]
    return value


def _sentences(names: OtherNames, said: Any) -> Any:  # noqa: ANN401  a sentence, several, or none
    if isinstance(said, str):
        return names.of(said)
    return [names.of(one) for one in said] if isinstance(said, (list, tuple)) else said
