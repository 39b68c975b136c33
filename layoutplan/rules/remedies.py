"""Remedies: the text of what would clear a case, from its figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from layoutplan.texts import Language, number, text

_Flag = Mapping[str, Any]


def remedy(flag: _Flag, lang: Language) -> str:
    """Say what would clear a flag.

    Parameters
    ----------
    flag
        A row of result table ``flags``; missing values are ``None``.
    lang
        Language of the text.

    Returns
    -------
    str
        One sentence.

    Examples
    --------
    >>> remedy({"rule": "oversized_school", "excess_pupils": 160.0, "threshold": 2000.0}, "en")
    'Divert 160 pupils to other schools, limit intake, or open a separate campus: 2,000 is the most.'
    """
    return _REMEDIES[flag["rule"]](flag, lang)


def _oversized_school(flag: _Flag, lang: Language) -> str:
    return text(
        "review.remedy.oversized_school",
        lang,
        pupils=number(flag["excess_pupils"], lang),
        cap=number(flag["threshold"], lang),
    )


def _class_size(flag: _Flag, lang: Language) -> str:
    """Extra classes, or, where the grade's classes only need evening out, that."""
    if not flag["classes_needed"]:
        return text("review.remedy.even_out", lang)
    return text(
        "review.remedy.add_classes",
        lang,
        classes=number(flag["classes_needed"], lang),
        pupils=number(flag["seats_needed"], lang),
    )


def _over_capacity(flag: _Flag, lang: Language) -> str:
    pupils = number(flag["seats_needed"], lang)
    if flag["classes_needed"] is None:
        return text("review.remedy.over_capacity_divert", lang, pupils=pupils)
    classes = number(flag["classes_needed"], lang)
    return text("review.remedy.over_capacity", lang, pupils=pupils, classes=classes)


def _small_school(flag: _Flag, lang: Language) -> str:
    pupils = number(flag["value"], lang)
    return text("review.remedy.small_school", lang, pupils=pupils)


_REMEDIES: Mapping[str, Callable[[_Flag, Language], str]] = {
    "severely_oversized_class": _class_size,
    "oversized_class": _class_size,
    "class_over_cap": _class_size,
    "oversized_school": _oversized_school,
    "over_capacity": _over_capacity,
    "small_school": _small_school,
}
