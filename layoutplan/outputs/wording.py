"""Figures as text for a report: whole people, metres and kilometres, money, per cent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from layoutplan.texts import Language, has_text, money, number, rounded, text

_KILOMETRE = 1000.0
_NONE = "–"


def whole(value: Any, lang: Language) -> str:  # noqa: ANN401  a frame's cell
    """Return a number of people, seats or schools as text, rounded to a whole.

    Parameters
    ----------
    value
        The cell.
    lang
        Language of the text.

    Returns
    -------
    str
        A dash where missing.

    Examples
    --------
    >>> whole(3240.4, "en"), whole(None, "zh"), whole(-0.2, "en")
    ('3,240', '–', '0')
    """
    if value is None or pd.isna(value):
        return _NONE
    return number(float(value), lang)


def share(value: Any, *, digits: int = 1) -> str:  # noqa: ANN401
    """Return a share in per cent as text.

    Parameters
    ----------
    value
        The share, 1 for all.
    digits
        Decimals.

    Returns
    -------
    str
        A dash where missing.

    Examples
    --------
    >>> share(0.244), share(None), share(0.0085, digits=2)
    ('24.4%', '–', '0.85%')
    """
    return _NONE if value is None or pd.isna(value) else f"{float(value) * 100:.{digits}f}%"


def metres(value: Any, lang: Language) -> str:  # noqa: ANN401
    """Return a distance as text, from one kilometre on in kilometres.

    Parameters
    ----------
    value
        Metres.
    lang
        Language of the text.

    Returns
    -------
    str
        A dash where missing.

    Examples
    --------
    >>> metres(842.2, "en"), metres(1997, "zh")
    ('842 m', '2.0 公里')
    """
    if value is None or pd.isna(value):
        return _NONE
    distance = float(value)
    if distance >= _KILOMETRE:
        return text("document.figure.km", lang, n=f"{distance / _KILOMETRE:.1f}")
    return text("document.figure.m", lang, n=f"{rounded(distance):.0f}")


def write_money(value: Any, lang: Language, *, currency: str) -> str:  # noqa: ANN401
    """Return an amount as text: in Chinese in 万元 or 亿元, in English in millions.

    Parameters
    ----------
    value
        The amount.
    lang
        Language of the text.
    currency
        Currency code.

    Returns
    -------
    str
        A dash where missing.

    Examples
    --------
    >>> write_money(794_850_000, "zh", currency="CNY"), write_money(794_850_000, "en", currency="CNY")
    ('7.95 亿元', 'CNY 794.9 million')
    >>> write_money(42_000, "zh", currency="CNY"), write_money(42_000, "en", currency="CAD")
    ('4 万元', 'CAD 42,000')
    """
    if value is None or pd.isna(value):
        return _NONE
    return money(float(value), currency, lang)


def write_price(value: Any, lang: Language, *, currency: str) -> str:  # noqa: ANN401
    """Return the price of one thing, to the last unit.

    Parameters
    ----------
    value
        The price.
    lang
        Language of the text.
    currency
        Currency code.

    Returns
    -------
    str
        A dash where missing.

    Examples
    --------
    >>> write_price(10_257.7, "zh", currency="CNY"), write_price(10_257.7, "en", currency="CNY")
    ('10,258 元', 'CNY 10,258')
    """
    if value is None or pd.isna(value):
        return _NONE
    name = currency_name(currency, lang)
    return text("document.figure.money_plain", lang, n=whole(value, lang), currency=name)


def currency_name(code: str, lang: Language) -> str:
    """Return the name of a currency.

    Parameters
    ----------
    code
        Currency code.
    lang
        Language of the name.

    Returns
    -------
    str
        The code where the catalogue has no name.
    """
    key = f"document.currency.{code}"
    return text(key, lang) if has_text(key) else code


def write_count(noun: str, count: float, lang: Language) -> str:
    """Return a count with its noun, singular or plural.

    Parameters
    ----------
    noun
        Key of the noun.
    count
        The count.
    lang
        Language of the text.

    Returns
    -------
    str
        The text.

    Examples
    --------
    >>> write_count("schools", 1, "en"), write_count("schools", 3, "en"), write_count("schools", 3, "zh")
    ('1 school', '3 schools', '3 所学校')
    """
    form = "one" if rounded(count) == 1 else "other"
    return text(f"document.count.{noun}_{form}", lang, n=whole(count, lang))


def listed(words: Iterable[str], lang: Language) -> str:
    """Return words joined as a sentence lists them.

    Parameters
    ----------
    words
        At least one.
    lang
        Language of the conjunction.

    Returns
    -------
    str
        The text.

    Examples
    --------
    >>> listed(["A", "B", "C"], "en"), listed(["甲", "乙"], "zh"), listed(["A"], "en")
    ('A, B and C', '甲、乙', 'A')
    """
    *head, last = list(words)
    comma, final = text("document.list.comma", lang), text("document.list.and", lang)
    return f"{comma.join(head)}{final}{last}" if head else last


def stage_name(stage: str, lang: Language) -> str:
    """Return the name of a stage, in English with a capital.

    Parameters
    ----------
    stage
        Id of the stage.
    lang
        Language of the name.

    Returns
    -------
    str
        The name.
    """
    name = text(f"stages.{stage}", lang)
    return name[:1].upper() + name[1:]
