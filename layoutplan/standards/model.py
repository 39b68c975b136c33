"""Rules as dated values: every threshold has a unit, a date, a source and a confidence.

No number of a standard stands in code. A :class:`Profile` holds all generations of its rules; the
:class:`Standards` of a year hold, for each key, the generation in force that year.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SCHOOL_TYPE_STAGES: Final[dict[str, tuple[str, ...]]] = {
    "kindergarten": ("kindergarten",),
    "primary": ("primary",),
    "junior": ("junior",),
    "nine_year": ("primary", "junior"),
    "senior": ("senior",),
    "complete": ("junior", "senior"),
    "twelve_year": ("primary", "junior", "senior"),
    "special": (),
}
"""Stages each school type teaches (a special school's pupils are counted apart)."""

RuleValue = float | str | tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule in one generation.

    ``of`` is the stage or school type it holds for, empty for all. ``confidence`` is one of the codes
    SEED, V, V2, RUN, D, M-high, M-med, M-low (from read-in-the-source to remembered), or PLAN for a value
    a plan has overridden. ``valid_from`` and ``valid_to`` are years, inclusive.
    """

    key: str
    of: str
    value: RuleValue
    unit: str
    source: str
    confidence: str
    valid_from: int
    valid_to: int | None = None
    note: str = ""

    def in_force(self, year: int) -> bool:
        """Say whether the rule holds in ``year``."""
        return self.valid_from <= year and (self.valid_to is None or year <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Standards:
    """The rules in force in one year. Get one with :meth:`Profile.at`."""

    profile_id: str
    year: int
    rules: tuple[Rule, ...]

    def find(self, key: str, of: str = "") -> Rule | None:
        """Return the rule ``key`` for ``of``; else the one for all; else ``None``. The newest in force wins."""
        best: Rule | None = None
        for rule in self.rules:
            if rule.key == key and rule.of in (of, "") and rule.in_force(self.year):
                specific = best is None or (rule.of != "", rule.valid_from) >= (
                    best.of != "",
                    best.valid_from,
                )
                best = rule if specific else best
        return best

    def rule(self, key: str, of: str = "") -> Rule:
        """Return the rule ``key`` for ``of``; raise ``KeyError`` if the profile has none in force."""
        rule = self.find(key, of)
        if rule is None:
            raise KeyError(f"profile {self.profile_id} has no rule {key} for {of or 'all'} in {self.year}")
        return rule

    def number(self, key: str, of: str = "") -> float:
        """Return a rule's value as a number."""
        value = self.rule(key, of).value
        if not isinstance(value, (int, float)):
            raise TypeError(f"rule {key} of {self.profile_id} is not a number: {value!r}")
        return float(value)

    def numbers(self, key: str, of: str = "") -> tuple[float, ...]:
        """Return a rule's value as numbers; empty if the profile has no such rule."""
        rule = self.find(key, of)
        if rule is None:
            return ()
        return rule.value if isinstance(rule.value, tuple) else (float(rule.value),)

    @property
    def stages(self) -> tuple[str, ...]:
        """Stages the profile knows (those with ages), youngest first."""
        found = {rule.of for rule in self.rules if rule.key == "stage.ages" and rule.in_force(self.year)}
        return tuple(sorted(found, key=lambda stage: self.ages(stage)))

    def ages(self, stage: str) -> tuple[int, int]:
        """Return the first and last age (completed years at the start of the school year) of a stage."""
        first, last = self.numbers("stage.ages", stage)
        return int(first), int(last)

    def class_size(self, stage: str) -> float:
        """Return the standard class size of a stage, pupils a class."""
        return self.number("class_size.standard", stage)

    def service_radius_m(self, stage: str) -> float:
        """Return the distance within which a school should be, walking metres."""
        return self.number("walking.service_radius", stage)

    def reach_m(self, stage: str) -> float:
        """Return the longest distance over which a pupil may be placed, walking metres."""
        return self.number("walking.reach", stage)

    def levels(self, school_type: str) -> tuple[int, ...]:
        """Return the standard sizes of a school type, in classes, smallest first."""
        return tuple(int(level) for level in self.numbers("school.levels", school_type))


@dataclass(frozen=True, slots=True)
class Profile:
    """A named set of dated rules, for example ``cn-national``."""

    id: str
    name_en: str
    name_zh: str
    currency: str
    rules: tuple[Rule, ...]

    def at(self, year: int) -> Standards:
        """Return the rules in force in ``year``."""
        rules = tuple(rule for rule in self.rules if rule.in_force(year))
        return Standards(profile_id=self.id, year=year, rules=rules)
