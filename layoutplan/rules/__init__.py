"""Rules: school flags, their ledger, and the rule book of the founding documents (预警、台账与规则手册)."""

from typing import TYPE_CHECKING

from layoutplan.lazy import lazy_package

if TYPE_CHECKING:
    from layoutplan.rules.book import rule_spec, rule_specs, sections
    from layoutplan.rules.evaluate import evaluate_rules
    from layoutplan.rules.flag_rules import FLAG_RULES, FlagRule, flag_rule
    from layoutplan.rules.flags import flag_schools, open_schools
    from layoutplan.rules.ledger import remedies, update_ledger
    from layoutplan.rules.ledger_history import earlier_ledger, has_history
    from layoutplan.rules.profiles import compare_profiles
    from layoutplan.rules.record_tables import record_tables
    from layoutplan.rules.rule_inputs import RuleInputs
    from layoutplan.rules.rule_spec import RuleSpec
    from layoutplan.rules.safe_walks import SafeWalks, find_unsafe_walks
    from layoutplan.rules.scorecard import make_scorecard
    from layoutplan.rules.targets import check_targets, evaluate_targets

__all__ = [
    "FLAG_RULES",
    "FlagRule",
    "RuleInputs",
    "RuleSpec",
    "SafeWalks",
    "check_targets",
    "compare_profiles",
    "earlier_ledger",
    "evaluate_rules",
    "evaluate_targets",
    "find_unsafe_walks",
    "flag_rule",
    "flag_schools",
    "has_history",
    "make_scorecard",
    "open_schools",
    "record_tables",
    "remedies",
    "rule_spec",
    "rule_specs",
    "sections",
    "update_ledger",
]

lazy_package(__name__)
