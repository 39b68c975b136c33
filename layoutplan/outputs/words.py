"""The words for the codes in tables, in both languages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import pandas as pd

from layoutplan.dictionary import Words
from layoutplan.rules import rule_specs, sections
from layoutplan.texts import LANGUAGES, Language, has_text, keys, text

_SUBJECTS = {"stage": "stages", "school_type": "stages.type", "ownership": "stages.ownership"}

_OF_THE_BOOK = ("rule_results", "scorecard", "profile_comparison")


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
    if column == "indicator" and has_text(f"rules.{value}"):
        return text(f"rules.{value}", lang)
    for subject in (f"report.codes.{table}_{column}", _SUBJECTS.get(column, f"report.codes.{column}")):
        if has_text(f"{subject}.{value}"):
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


def compared_stage(stage: str, lang: Language) -> str:
    """Return the name of a stage in a comparison of runs, where ``all`` stands for all stages.

    Parameters
    ----------
    stage
        Id of the stage, as a stored run has it.
    lang
        Language of the name.
    """
    if stage == "all":
        return text("report.compare.values.all", lang)
    return coded_word("comparison", "stage", stage, lang)


@cache
def _rule_titles() -> dict[str, Words]:
    """Return what the rule book calls its rules, by id."""
    return {spec.id: spec.title for spec in rule_specs()}


def code_of(table: str, column: str, word: object, *, beside: object = "") -> object:
    """Return the code that a word of either language stands for.

    Parameters
    ----------
    table
        Name of the table.
    column
        Name of the column.
    word
        The cell.
    beside
        Text of the row that holds its codes: it decides where a word stands for several (小学).

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
        codes = [key.removeprefix(f"{subject}.") for key in keys(f"{subject}.")]
        meant = [
            code
            for code in codes
            if "." not in code and word in {text(f"{subject}.{code}", lang) for lang in LANGUAGES}
        ]
        if meant:
            named = re.split(r"\W+", str(beside))
            return next((code for code in meant if code in named), meant[0])
    return word
