"""Standards: dated rule profiles as data, and their loader."""

from layoutplan.standards.model import (
    CONFIDENCES,
    SCHOOL_TYPE_STAGES,
    Profile,
    Rule,
    RuleValue,
    Standards,
)
from layoutplan.standards.overrides import with_overrides
from layoutplan.standards.profiles import load_profile, profile_ids, read_profile
from layoutplan.standards.ranges import Range, rule_ranges

__all__ = [
    "CONFIDENCES",
    "SCHOOL_TYPE_STAGES",
    "Profile",
    "Range",
    "Rule",
    "RuleValue",
    "Standards",
    "load_profile",
    "profile_ids",
    "read_profile",
    "rule_ranges",
    "with_overrides",
]
