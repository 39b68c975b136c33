"""Standards: profiles of dated rules, stored as data, and their loader."""

from typing import TYPE_CHECKING

from layoutplan.lazy import lazy_package

if TYPE_CHECKING:
    from layoutplan.standards.overrides import with_overrides
    from layoutplan.standards.profiles import (
        load_profile,
        profile_ids,
        read_profile,
        reported_elsewhere,
        stated_elsewhere,
    )
    from layoutplan.standards.ranges import Range, rule_ranges
    from layoutplan.standards.rules import (
        CONFIDENCES,
        Profile,
        Rule,
        RuleValue,
        Standards,
    )
    from layoutplan.standards.schooling import Schooling, SchoolType, Stage, System

__all__ = [
    "CONFIDENCES",
    "Profile",
    "Range",
    "Rule",
    "RuleValue",
    "SchoolType",
    "Schooling",
    "Stage",
    "Standards",
    "System",
    "load_profile",
    "profile_ids",
    "read_profile",
    "reported_elsewhere",
    "rule_ranges",
    "stated_elsewhere",
    "with_overrides",
]

lazy_package(__name__)
