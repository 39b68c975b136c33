"""The rule book (规则手册): every mechanism of the founding documents, computed and shown."""

from layoutplan.rulebook.book import rule_spec, rule_specs, sections
from layoutplan.rulebook.coverage import Answer, DocumentRow, coverage, coverage_markdown
from layoutplan.rulebook.judge import judge_rules
from layoutplan.rulebook.model import Evidence, RuleSpec
from layoutplan.rulebook.scorecard import make_scorecard

__all__ = [
    "Answer",
    "DocumentRow",
    "Evidence",
    "RuleSpec",
    "coverage",
    "coverage_markdown",
    "judge_rules",
    "make_scorecard",
    "rule_spec",
    "rule_specs",
    "sections",
]
