"""Text catalogue: look up a text by key and language, and format numbers."""

from __future__ import annotations

import math
import string
import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources
from typing import Any, Final, Literal, get_args

Language = Literal["zh", "en"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
Said = Mapping[Language, str]
"""One text by language."""
_HALF: Final = 0.5


@cache
def _entries() -> dict[str, dict[str, str]]:
    """Return all entries as ``{"subject.key": {"en": …, "zh": …}}``, names given by profiles included."""
    return dict(_read())


@cache
def _read() -> dict[str, dict[str, str]]:
    """Return the entries of the package's files.

    The subject is the file's name up to a hyphen: ``faults-tables.toml`` adds to the subject ``faults``.
    """
    found: dict[str, dict[str, str]] = {}
    folder = resources.files("layoutplan.texts")
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".toml"):
            subject = file.name.removesuffix(".toml").split("-")[0]
            _flatten(subject, tomllib.loads(file.read_text(encoding="utf-8")), found)
    return found


def _flatten(prefix: str, node: dict[str, Any], found: dict[str, dict[str, str]]) -> None:
    """Collect the leaves of a TOML tree: a leaf is a table that holds ``en`` and ``zh``."""
    if "en" in node or "zh" in node:
        found[prefix] = {language: str(node[language]) for language in LANGUAGES}
        return
    for name, child in node.items():
        _flatten(f"{prefix}.{name}", child, found)


def text(key: str, lang: Language, /, **params: object) -> str:
    """Return the text of ``key`` in ``lang`` with ``{placeholders}`` filled from ``params``.

    ``{count:|row|rows}`` is the first word if the count is displayed as 1, else the second. Without
    parameters the text is returned as stored, with its placeholders.

    Parameters
    ----------
    key
        Subject (file name) and entry, for example ``"stages.primary"``.
    lang
        ``"zh"`` or ``"en"``.
    params
        Values of the placeholders.

    Returns
    -------
    str
        The text.

    Raises
    ------
    KeyError
        If there is no such entry or a placeholder has no parameter: a program defect, never a fault of the
        input.

    Examples
    --------
    >>> text("stages.primary", "zh"), text("stages.primary", "en")
    ('小学', 'primary')
    """
    template = _entries()[key][lang]
    return filled(template, params) if params else template


def filled(template: str, params: Mapping[str, object]) -> str:
    """Return a text with its placeholders filled.

    Parameters
    ----------
    template
        Text with placeholders as in :func:`text`.
    params
        Values by name; additional ones are ignored.

    Returns
    -------
    str
        The text.

    Raises
    ------
    KeyError
        If a placeholder has no parameter.

    Examples
    --------
    >>> said = "{count} {count:|row has|rows have} no name"
    >>> filled(said, {"count": 1}), filled(said, {"count": "2,000"})
    ('1 row has no name', '2,000 rows have no name')
    """
    if _CHOICE in template:
        return _PLURAL.vformat(template, (), params)
    return template.format_map(params)


class _Plural(string.Formatter):
    """Formatter like ``str.format`` that also selects one of two words by a count."""

    def format_field(self, value: Any, format_spec: str) -> str:  # noqa: ANN401  as its parent
        if not format_spec.startswith("|"):
            return str(super().format_field(value, format_spec))
        one, other = format_spec.removeprefix("|").split("|")
        shown = f"{rounded(value):.0f}" if isinstance(value, (int, float)) else str(value)
        return one if shown == "1" else other


_CHOICE: Final = ":|"
_PLURAL: Final = _Plural()


def other_language(lang: Language) -> Language:
    """Return the language into which a text in ``lang`` is translated.

    Parameters
    ----------
    lang
        ``"zh"`` or ``"en"``.

    Returns
    -------
    str
        The other of the two.
    """
    return "en" if lang == "zh" else "zh"


def in_both(say: Callable[[Language], str]) -> Said:
    """Return a text in both languages.

    Parameters
    ----------
    say
        Function that returns the text in a language.

    Returns
    -------
    Mapping
        The text by language.

    Examples
    --------
    >>> in_both(lambda lang: text("stages.primary", lang))["zh"]
    '小学'
    """
    return {lang: say(lang) for lang in LANGUAGES}


def has_text(key: str) -> bool:
    """Return whether there is a text of a key.

    Parameters
    ----------
    key
        Subject and entry, as in :func:`text`.
    """
    return key in _entries()


def give_name(key: str, said: Said) -> None:
    """Add the name of a thing that a user's profile defines, such as a stage of its own.

    A name of the package stays as it is; of two names that users give to one id, the later one holds.

    Parameters
    ----------
    key
        Key of the text, for example ``"stages.lower"``.
    said
        The name in both languages.
    """
    if not is_shipped(key):
        _entries()[key] = {language: said[language] for language in LANGUAGES}


def is_shipped(key: str) -> bool:
    """Return whether a text is one of the package's own.

    Parameters
    ----------
    key
        Subject and entry, as in :func:`text`.
    """
    return key in _read()


def keys(prefix: str = "") -> tuple[str, ...]:
    """Return all keys that start with a prefix, sorted.

    Parameters
    ----------
    prefix
        Start of the keys; all keys by default.

    Returns
    -------
    tuple of str
        Keys, as in :func:`text`.
    """
    return tuple(sorted(key for key in _entries() if key.startswith(prefix)))


_MONEY: Final[Mapping[Language, tuple[tuple[str, float, int], ...]]] = {
    "zh": (("large", 1e8, 2), ("middle", 1e4, 0)),
    "en": (("large", 1e6, 1),),
}
"""Steps in which an amount is written, the largest first: name, smallest amount, decimals."""


def money(value: float, currency: str, lang: Language, /) -> str:
    """Return an amount as people write it: in Chinese in 万元 or 亿元, in English in millions.

    Parameters
    ----------
    value
        Amount in units of the currency.
    currency
        ISO 4217 code.
    lang
        ``"zh"`` or ``"en"``.

    Returns
    -------
    str
        The code stands where the catalogue has no name of the currency.

    Examples
    --------
    >>> money(794_850_000, "CNY", "zh"), money(794_850_000, "CNY", "en")
    ('7.95 亿元', 'CNY 794.9 million')
    >>> money(42_000, "CNY", "zh"), money(42_000, "CAD", "en")
    ('4 万元', 'CAD 42,000')
    """
    step, scale, digits = next((one for one in _MONEY[lang] if abs(value) >= one[1]), ("plain", 1.0, 0))
    name = f"document.currency.{currency}"
    return text(
        f"document.figure.money_{step}",
        lang,
        n=f"{rounded(value / scale, digits=digits):,.{digits}f}",
        currency=text(name, lang) if has_text(name) else currency,
    )


def number(value: float, lang: Language, /, *, digits: int = 0) -> str:
    """Return a number as people write it: with thousands separators; in Chinese, in 万 from 100,000.

    Parameters
    ----------
    value
        Number.
    lang
        ``"zh"`` or ``"en"``.
    digits
        Decimals; not applied to numbers in 万, which have up to two.

    Returns
    -------
    str
        The formatted number; a dash for one that is missing (nan).

    Examples
    --------
    >>> number(3240, "en"), number(536917, "zh"), number(536917, "en"), number(float("nan"), "en")
    ('3,240', '53.69万', '536,917', '–')
    """
    if math.isnan(value):
        return "–"
    shown = rounded(value, digits=digits)
    hundred_thousand = 100_000
    if lang == "zh" and abs(shown) >= hundred_thousand:
        return f"{rounded(value / 10_000, digits=2):,.2f}".rstrip("0").rstrip(".") + "万"
    return f"{shown:,.{digits}f}"


def rounded(value: float, /, *, digits: int = 0) -> float:
    """Return a number rounded as every text and page shows it: to the nearest, halves away from zero.

    Parameters
    ----------
    value
        Number.
    digits
        Decimals.

    Returns
    -------
    float
        Never −0.

    Examples
    --------
    >>> rounded(5803.49), rounded(2.5), rounded(-2.5), rounded(-0.2), rounded(0.125, digits=2)
    (5803.0, 3.0, -3.0, 0.0, 0.13)
    """
    if not math.isfinite(value):
        return value
    scale = 10.0**digits
    return math.copysign(math.floor(abs(value) * scale + _HALF), value) / scale + 0.0
