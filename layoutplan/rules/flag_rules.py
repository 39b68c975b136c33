"""The flag rules of schools, as data. To add one, add a row here and a function that finds its cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from layoutplan.standards import Rule, Standards

WHOLE_SCHOOL: Final = "all"
"""Stands for the stage in the id of a flag or a case that is about the whole school."""


@dataclass(frozen=True, slots=True)
class FlagRule:
    """One rule of the flags.

    Attributes
    ----------
    id
        The code in the tables ``flags`` and ``ledger``; its words are in the text catalogue.
    severity
        3 severe, 2 a limit is broken, 1 to be watched.
    key, judged_by
        The profile's rule, and whether it stands there for each stage or each school type.
    must_clear
        Whether the case must be cleared by a date; a case that is only to be watched has none.
    worse
        Rules that a case turns into when it grows: it is not cleared while one of them holds.
    """

    id: str
    severity: int
    key: str
    judged_by: Literal["stage", "school_type"]
    must_clear: bool
    worse: tuple[str, ...] = ()


FLAG_RULES: Final = (
    FlagRule("severely_oversized_class", 3, "class_size.severely_oversized", "stage", must_clear=True),
    FlagRule(
        "oversized_class",
        2,
        "class_size.oversized",
        "stage",
        must_clear=True,
        worse=("severely_oversized_class",),
    ),
    FlagRule("oversized_school", 2, "school_size.cap", "school_type", must_clear=True),
    FlagRule("over_capacity", 2, "class_size.standard", "stage", must_clear=False),
    FlagRule(
        "class_over_cap",
        1,
        "class_size.cap",
        "stage",
        must_clear=True,
        worse=("oversized_class", "severely_oversized_class"),
    ),
    FlagRule("small_school", 1, "school_size.small", "stage", must_clear=False),
)
"""Worst first; this is the order of the tables."""


def flag_rule(rule_id: str) -> FlagRule:
    """Return one flag rule.

    Parameters
    ----------
    rule_id
        Id of the rule.

    Returns
    -------
    FlagRule
        The rule.

    Raises
    ------
    KeyError
        If there is no flag rule of that id.

    Examples
    --------
    >>> flag_rule("oversized_class").key
    'class_size.oversized'
    """
    return {rule.id: rule for rule in FLAG_RULES}[rule_id]


def threshold_rule(rule: FlagRule, standards: Standards, *, stage: str, school_type: str) -> Rule | None:
    """Return the profile's rule behind a flag, or ``None`` if the profile has none in force.

    Parameters
    ----------
    rule
        The flag rule.
    standards
        The rules in force in one year.
    stage
        Id of the stage; read where the flag is judged by stage.
    school_type
        School type; read where the flag is judged by school type.

    Returns
    -------
    Rule | None
        The rule that states the threshold.
    """
    return standards.find(rule.key, stage if rule.judged_by == "stage" else school_type)
