"""The words for the codes in tables, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import pandas as pd

from layoutplan.dictionary import Words
from layoutplan.rules import rule_specs, sections
from layoutplan.texts import LANGUAGES, Language, keys, text

_SUBJECTS = {"stage": "stages", "school_type": "stages.type", "ownership": "stages.ownership"}

_OF_THE_BOOK = ("rule_results", "scorecard", "profile_comparison")


@cache
def _known() -> frozenset[str]:
    return frozenset(keys())


def coded_word(table: str, column: str, value: str, lang: Language) -> str:
    """Return the word for a code such as ``nine_year`` in a column.

    Parameters
    ----------
    table
        Name of the table.
    column
        Name of the column.
    value
        The code.
    lang
        Language of the word.

    Returns
    -------
    str
        ``value`` where it is no code.

    Examples
    --------
    >>> coded_word("flags", "rule", "over_capacity", "en"), coded_word("ledger", "status", "open", "zh")
    ('over capacity', '未销号')
    """
    if column == "section" and table in _OF_THE_BOOK:
        return f"{value} {sections()[value].of(lang)}"
    if column == "rule" and value in _rule_titles():
        return _rule_titles()[value].of(lang)
    if column == "indicator" and f"rules.{value}" in _known():
        return text(f"rules.{value}", lang)
    for subject in (f"report.codes.{table}_{column}", _SUBJECTS.get(column, f"report.codes.{column}")):
        if f"{subject}.{value}" in _known():
            return text(f"{subject}.{value}", lang)
    return value


def proposal_kind(row: Mapping[Any, Any] | pd.Series, lang: Language) -> str:
    """Return what a proposal is: a new or enlarged school of a type.

    Parameters
    ----------
    row
        A row of result table ``proposals``.
    lang
        Language of the words.

    Returns
    -------
    str
        Action and type.
    """
    kind = coded_word("proposals", "school_type", str(row["school_type"]), lang)
    action = coded_word("proposals", "action", str(row["action"]), lang)
    return text("document.list.kind", lang, action=action, type=kind)


@cache
def _rule_titles() -> dict[str, Words]:
    """Return what the rule book calls its rules, by id."""
    return {spec.id: spec.title for spec in rule_specs()}


def code_of(table: str, column: str, word: object) -> object:
    """Return the code that a word of either language stands for.

    Parameters
    ----------
    table
        Name of the table.
    column
        Name of the column.
    word
        The cell.

    Returns
    -------
    object
        ``word`` where it stands for no code.

    Examples
    --------
    >>> code_of("ledger", "status", "未销号"), code_of("ledger", "rule", "over capacity")
    ('open', 'over_capacity')
    """
    if not isinstance(word, str):
        return word
    for subject in (f"report.codes.{table}_{column}", _SUBJECTS.get(column, f"report.codes.{column}")):
        for key in keys(f"{subject}."):
            code = key.removeprefix(f"{subject}.")
            if "." not in code and word in {text(key, lang) for lang in LANGUAGES}:
                return code
    return word
