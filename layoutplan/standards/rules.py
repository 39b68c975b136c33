"""Rules as dated values: every threshold has a unit, a date, a source and a confidence.

No number of a standard stands in code. A :class:`Profile` holds all generations of its rules; the
:class:`Standards` of a year hold, for each key, the generation in force that year.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
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

CONFIDENCES: Final = ("SEED", "V", "V2", "RUN", "D", "M-high", "M-med", "M-low", "PLAN")
"""How sure a value is, surest first; ``PLAN`` marks a value that a plan has overridden."""

_MONTHS: Final = 12  # in a year

RuleValue = float | str | tuple[float, ...] | tuple[str, ...] | tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule in one generation.

    Attributes
    ----------
    key, of
        What it rules (``class_size.cap``), and the stage or school type it holds for; empty for all.
    value, unit
        A number, a text, several numbers or texts, or pairs of numbers (classes and value).
    source, confidence, note
        Where the value was read, how sure it is (one of :data:`CONFIDENCES`), and a remark.
    valid_from, valid_to
        Calendar years, inclusive; ``None`` for no end.
    due_year
        The year by which a school must comply, ``None`` for at once.
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
    due_year: int | None = None

    def in_force(self, year: int) -> bool:
        """Say whether the rule holds in ``year``."""
        return self.valid_from <= year and (self.valid_to is None or year <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Standards:
    """The rules in force in one year. Get one with :meth:`Profile.at`."""

    profile_id: str
    year: int
    rules: tuple[Rule, ...]
    _newest: Mapping[tuple[str, str], Rule] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the newest generation of every rule in force."""
        newest: dict[tuple[str, str], Rule] = {}
        for rule in self.rules:
            place = (rule.key, rule.of)
            if rule.in_force(self.year) and (
                place not in newest or rule.valid_from >= newest[place].valid_from
            ):
                newest[place] = rule
        object.__setattr__(self, "_newest", newest)

    def find(self, key: str, of: str = "") -> Rule | None:
        """Return the rule ``key`` for ``of``; else the one for all; else ``None``.

        The specific rule wins over the one for all, however old; among equals the newest wins.
        """
        return self._newest.get((key, of)) or self._newest.get((key, ""))

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
        values = rule.value if isinstance(rule.value, tuple) else (rule.value,)
        return tuple(float(value) for value in values if isinstance(value, (int, float)))

    def pairs(self, key: str, of: str = "") -> tuple[tuple[float, float], ...]:
        """Return a rule's value as pairs of numbers, in their order; empty if there is no such rule."""
        rule = self.find(key, of)
        if rule is None or not isinstance(rule.value, tuple):
            return ()
        return tuple(pair for pair in rule.value if isinstance(pair, tuple))

    def words(self, key: str, of: str = "") -> tuple[str, ...]:
        """Return a rule's value as texts (road classes, barrier kinds); empty if there is no such rule."""
        rule = self.find(key, of)
        if rule is None:
            return ()
        values = rule.value if isinstance(rule.value, tuple) else (rule.value,)
        return tuple(value for value in values if isinstance(value, str))

    def at_classes(self, key: str, classes: int, *, of: str) -> float:
        """Return the value of a rule of pairs for a school of so many classes.

        The pair with the most classes that is not larger than the school; for a school smaller than all
        pairs, the smallest pair. Raise ``KeyError`` if the profile has no such rule.
        """
        value = self.rule(key, of).value
        pairs = sorted(pair for pair in value if isinstance(pair, tuple)) if isinstance(value, tuple) else []
        if not pairs:
            raise TypeError(f"rule {key} of {self.profile_id} has no pairs: {value!r}")
        below = [amount for least, amount in pairs if least <= classes]
        return below[-1] if below else pairs[0][1]

    @property
    def stages(self) -> tuple[str, ...]:
        """Stages the profile knows (those with ages), youngest first."""
        found = [of for key, of in self._newest if key == "stage.ages"]
        return tuple(sorted(found, key=lambda stage: (self.ages(stage), stage)))

    def ages(self, stage: str) -> tuple[int, int]:
        """Return the first and last age (completed years at the start of the school year) of a stage."""
        first, last = self.numbers("stage.ages", stage)
        return int(first), int(last)

    @property
    def born_before(self) -> float:
        """Share of a school-year cohort born in the calendar year before, its births spread evenly.

        The children of age ``a`` at the start of school year ``t`` are those born up to the cut-off month of
        year ``t − a`` (rule ``stage.last_birth_month``), and after it the year before.

        Examples
        --------
        >>> from layoutplan.standards import load_profile
        >>> load_profile("cn-national").at(2025).born_before == 4 / 12  # born September to December
        True
        >>> load_profile("ca-ontario").at(2025).born_before  # cohorts are calendar years
        0.0
        """
        return min(max((_MONTHS - self.number("stage.last_birth_month")) / _MONTHS, 0.0), 1.0)

    def grades(self, stage: str) -> int:
        """Return how many grades a stage has: one for each age."""
        first, last = self.ages(stage)
        return last - first + 1

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
        return tuple(sorted(int(level) for level in self.numbers("school.levels", school_type)))

    def level_seats(self, school_type: str, classes: int) -> dict[str, int]:
        """Return the seats of a school of so many classes, by stage, youngest first.

        Classes are shared over the stages in proportion to their grades (nine-year: 6 to 3), a remainder
        going to the stage with the largest fraction; seats = classes × standard class size. Stages that the
        profile does not know are left out; no stage left gives an empty dict.

        Examples
        --------
        >>> from layoutplan.standards import load_profile
        >>> load_profile("cn-national").at(2025).level_seats("nine_year", 45)
        {'primary': 1350, 'junior': 750}
        """
        known = self.stages
        stages = [stage for stage in SCHOOL_TYPE_STAGES[school_type] if stage in known]
        shares = _share_classes(classes, [self.grades(stage) for stage in stages])
        return {
            stage: round(share * self.class_size(stage)) for stage, share in zip(stages, shares, strict=True)
        }

    def broken_by(self, school_type: str, classes: int) -> tuple[Rule, ...]:
        """Return the size rules that a school of so many classes breaks: most pupils, most classes.

        Examples
        --------
        >>> from layoutplan.standards import load_profile
        >>> standards = load_profile("cn-zhengzhou-gaoxin-2020").at(2025)
        >>> [rule.key for rule in standards.broken_by("primary", 48)]  # 48 × 45 = 2,160 seats
        ['school_size.cap', 'school.max_classes']
        """
        seats = sum(self.level_seats(school_type, classes).values())
        broken = []
        for key, size in (("school_size.cap", seats), ("school.max_classes", classes)):
            rule = self.find(key, school_type)
            if rule is not None and isinstance(rule.value, (int, float)) and size > rule.value:
                broken.append(rule)
        return tuple(broken)

    def allowed_levels(self, school_type: str) -> tuple[int, ...]:
        """Return the standard sizes of a school type that break no size rule, smallest first.

        Empty if the type has no levels, or teaches a stage the profile does not know.
        """
        if not set(SCHOOL_TYPE_STAGES[school_type]) <= set(self.stages):
            return ()
        return tuple(level for level in self.levels(school_type) if not self.broken_by(school_type, level))


def _share_classes(classes: int, grades: list[int]) -> list[int]:
    """Share classes over stages in proportion to their grades; the largest remainders round up."""
    total = sum(grades)
    shares = [classes * count // total for count in grades]
    by_remainder = sorted(range(len(grades)), key=lambda place: (-(classes * grades[place] % total), place))
    for place in by_remainder[: classes - sum(shares)]:
        shares[place] += 1
    return shares


@dataclass(frozen=True, slots=True)
class Profile:
    """A named set of dated rules, for example ``cn-national``.

    ``file`` is the planner's own TOML file, empty for a profile that ships with the package.
    """

    id: str
    name_en: str
    name_zh: str
    currency: str
    rules: tuple[Rule, ...]
    file: str = ""
    _at: dict[int, Standards] = field(init=False, default_factory=dict, repr=False, compare=False)

    def at(self, year: int) -> Standards:
        """Return the rules in force in ``year``."""
        if year not in self._at:
            rules = tuple(rule for rule in self.rules if rule.in_force(year))
            self._at[year] = Standards(profile_id=self.id, year=year, rules=rules)
        return self._at[year]

    def as_of(self, year: int) -> Profile:
        """Return the profile as it stood in ``year``: the rules then in force hold for all years.

        Its id and names bear the year: ``cn-national@2012``.

        Examples
        --------
        >>> from layoutplan.standards import load_profile
        >>> then = load_profile("cn-national").as_of(2012)
        >>> then.id, then.at(2025).find("equity.each_cv", "primary") is None  # a rule of 2017
        ('cn-national@2012', True)
        """
        rules = tuple(replace(rule, valid_to=None) for rule in self.rules if rule.in_force(year))
        return replace(
            self,
            id=f"{self.id}@{year}",
            name_en=f"{self.name_en} ({year})",
            name_zh=f"{self.name_zh}（{year}）",
            rules=rules,
        )
