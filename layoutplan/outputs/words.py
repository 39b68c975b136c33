"""The words for the codes in tables, in both languages."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import pandas as pd

from layoutplan.dictionary import Words, input_table
from layoutplan.rules import rule_specs, sections
from layoutplan.standards import Schooling, load_profile, profile_ids
from layoutplan.texts import LANGUAGES, Language, has_text, keys, text

_SUBJECTS = {"stage": "stages", "school_type": "stages.type", "ownership": "stages.ownership"}

_OF_THE_BOOK = ("rule_results", "scorecard", "profile_comparison")
_COLUMNS = re.compile(r"\w+\.\w[\w{}]*(?:[;|]\w+\.\w[\w{}]*)*", re.ASCII)


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
    if column == "threshold_place":
        return _profile_name(value, lang)
    if column == "indicator" and has_text(f"rules.{value}"):
        return text(f"rules.{value}", lang)
    for subject in (f"report.codes.{table}_{column}", _SUBJECTS.get(column, f"report.codes.{column}")):
        if has_text(f"{subject}.{value}"):
            return text(f"{subject}.{value}", lang)
    return value


def _profile_name(profile_id: str, lang: Language) -> str:
    """Return what a profile of the package is called; the id of a planner's own."""
    if profile_id not in profile_ids():
        return profile_id
    profile = load_profile(profile_id)
    return profile.name_zh if lang == "zh" else profile.name_en


def input_columns(
    named: str, lang: Language, *, schooling: Schooling | None = None, stages: Sequence[str] = ()
) -> str:
    """Return columns of input tables as a reader knows them: the table's title, the column's header.

    Parameters
    ----------
    named
        ``table.column``, several separated by ``;`` (all) or ``|`` (one of them), with ``{stage}`` for any
        stage. Another text is returned as it is.
    lang
        Language of the words.
    schooling
        Stages of the columns; those of the national profile if none is given.
    stages
        Stages of the plan, which ``{stage}`` stands for.

    Examples
    --------
    >>> input_columns("schools.seats_{stage}|sites.area_m2", "zh", stages=("primary",))
    '学校（小学学位数）或备选用地（用地面积）'
    >>> input_columns("a survey of 2020", "en")
    'a survey of 2020'
    """
    if not _COLUMNS.fullmatch(named):
        return named
    return "; ".join(
        text("scorecard.or", lang).join(_one_column(one, lang, schooling, stages) for one in need.split("|"))
        for need in named.split(";")
    )


def _one_column(named: str, lang: Language, schooling: Schooling | None, stages: Sequence[str]) -> str:
    table_name, _, column = named.partition(".")
    table = input_table(table_name, schooling)
    names = [column.replace("{stage}", stage) for stage in stages] if "{stage}" in column else [column]
    known = [table.column(name).header.of(lang) if name in table.column_names else name for name in names]
    return text("scorecard.column", lang, table=table.title.of(lang), names=" / ".join(known))


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
    return text(f"document.list.kind_{row['action']}", lang, type=kind)


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
