"""Overrides of profile values by a plan: applied in order, recorded as rules with confidence PLAN."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Iterable
from typing import Final, Protocol

from layoutplan.errors import FaultLog
from layoutplan.standards.parse import rule_value, value_as_toml, value_kind
from layoutplan.standards.profiles import load_profile, stated_elsewhere
from layoutplan.standards.ranges import rule_ranges
from layoutplan.standards.rules import Profile, Rule, RuleValue

_ALWAYS: Final = 1900
"""Start of validity of overrides: before the years of any plan."""


class RuleChange(Protocol):
    """One override; an ``[[override]]`` entry of ``plan.toml`` satisfies this protocol."""

    @property
    def key(self) -> str:
        """Key of the rule to replace."""

    @property
    def of(self) -> str:
        """Stage or school type; empty for all that have the rule."""

    @property
    def value(self) -> RuleValue:
        """The new value."""

    @property
    def reason(self) -> str:
        """Reason for the override."""


def with_overrides(profile: Profile, overrides: Iterable[RuleChange]) -> Profile:
    """Return the profile with the overrides applied in order; a later one takes precedence.

    An override replaces all generations of its rule, for all years. Without ``of`` it replaces the rule for
    every stage and school type that has one. With an ``of`` that has no value yet a rule is added, in the
    unit of the key's other rules.

    Parameters
    ----------
    profile
        Profile to change.
    overrides
        Overrides in the order of application.

    Returns
    -------
    Profile
        A new profile; ``profile`` is unchanged.

    Raises
    ------
    InputError
        With every fault: a key that the profile does not have (the nearest is named), an ``of`` that is no
        stage or school type, a value of another kind than the rule's or outside its range.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from layoutplan.standards import load_profile
    >>> change = SimpleNamespace(key="class_size.cap", of="primary", value=40, reason="city rule of 2026")
    >>> with_overrides(load_profile("cn-national"), [change]).at(2026).number("class_size.cap", "primary")
    40.0
    """
    log = FaultLog()
    for change in overrides:
        value = _checked(profile, change, log=log)
        if value is not None:
            profile = _apply(profile, change, value)
    log.raise_if_errors()
    return profile


_EXAMPLES: Final = "cn-national"
"""The profile with a rule of every key."""


def _checked(profile: Profile, change: RuleChange, *, log: FaultLog) -> RuleValue | None:
    """Return the override's value as a rule value; record why it cannot be applied and return ``None``."""
    present = _rules_of(profile, change.key)
    if not present:
        known = sorted({rule.key for rule in profile.rules})
        nearest = difflib.get_close_matches(change.key, known, n=1, cutoff=0.0)[0] if known else "-"
        log.add("override_unknown_key", name=change.key, profile=profile.id, nearest=nearest)
        return None
    known_of = profile.schooling.members
    if change.of and change.of not in known_of:
        log.add("override_unknown_of", name=change.key, of=change.of, known=", ".join(known_of))
        return None
    value = rule_value(change.value)
    example = present[-1].value
    if value is None or value_kind(value) != value_kind(example):
        log.add("override_wrong_kind", name=change.key, example=value_as_toml(example))
        return None
    limits = rule_ranges().get(change.key)
    if limits is not None and not limits.holds(value):
        unit = present[-1].unit
        log.add(
            "override_out_of_range",
            name=change.key,
            value=value_as_toml(value),
            limit_en=limits.said(unit, "en"),
            limit_zh=limits.said(unit, "zh"),
        )
        return None
    return value


def _rules_of(profile: Profile, key: str) -> list[Rule]:
    """Return the rules of a key; of a profile that lacks it, those of other places, as examples."""
    own = [rule for rule in profile.rules if rule.key == key]
    elsewhere = own or [*stated_elsewhere(profile, key)]  # the plan adopts another place's target
    return elsewhere or [rule for rule in load_profile(_EXAMPLES).rules if rule.key == key]


def _apply(profile: Profile, change: RuleChange, value: RuleValue) -> Profile:
    """Replace every generation of the rule by one that is in force in all years."""
    own = [rule for rule in profile.rules if rule.key == change.key]
    known = _rules_of(profile, change.key)
    of_names = (
        [*profile.schooling.own_of(change.of)] if change.of else [*dict.fromkeys(rule.of for rule in known)]
    )
    kept = [rule for rule in profile.rules if rule.key != change.key or rule.of not in of_names]
    unit = known[0].unit
    due_years = {rule.of: rule.due_year for rule in own}
    made = [
        Rule(
            key=change.key,
            of=of,
            value=value,
            unit=unit,
            source="plan.toml",
            confidence="PLAN",
            valid_from=_ALWAYS,
            note=change.reason,
            due_year=due_years.get(of),
            place=profile.id,
        )
        for of in of_names
    ]
    return dataclasses.replace(profile, rules=(*kept, *made))
