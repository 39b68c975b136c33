"""The rule book (规则手册): every mechanism of the founding documents, computed and shown."""

from layoutplan.rulebook.book import rule_spec, rule_specs, sections
from layoutplan.rulebook.coverage import Answer, DocumentRow, coverage, coverage_markdown
from layoutplan.rulebook.judge import judge_rules
from layoutplan.rulebook.model import Evidence, RuleSpec
from layoutplan.rulebook.profiles import compare_profiles
from layoutplan.rulebook.record_tables import record_tables
from layoutplan.rulebook.scorecard import make_scorecard
from layoutplan.rulebook.targets import check_targets, judge_targets

__all__ = [
    "Answer",
    "DocumentRow",
    "Evidence",
    "RuleSpec",
    "check_targets",
    "compare_profiles",
    "coverage",
    "coverage_markdown",
    "judge_rules",
    "judge_targets",
    "make_scorecard",
    "record_tables",
    "rule_spec",
    "rule_specs",
    "sections",
]
