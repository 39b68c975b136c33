"""Dated rules: every threshold has a unit, a period of validity, a source and a confidence.

No number of a standard is written in code. A :class:`Profile` holds all generations of its rules; the
:class:`Standards` of a year hold, for each key, the generation in force in that year.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from layoutplan.cards import Outlined
from layoutplan.standards.rule import CONFIDENCES, Rule, RuleValue
from layoutplan.standards.schooling import Schooling
from layoutplan.watched import note, unrecorded

__all__ = ["CONFIDENCES", "Profile", "Rule", "RuleValue", "Standards"]

_MONTHS: Final = 12  # in a year
_FIELDS: Final = frozenset(
    {"id", "name_en", "name_zh", "currency", "rules", "schooling", "sections", "file", "lineage"}
)
"""Fields of a profile whose reading is noted."""


@dataclass(frozen=True, slots=True, repr=False)
class Standards(Outlined):
    """The rules of one profile in force in one calendar year; obtained from :meth:`Profile.at`."""

    profile_id: str
    year: int
    rules: tuple[Rule, ...]
    schooling: Schooling
    _newest: Mapping[tuple[str, str], Rule] = field(init=False, repr=False, compare=False)

    if not TYPE_CHECKING:  # a type checker would take every attribute for granted

        def __getattribute__(self, name: str) -> object:
            """Return an attribute, and note the reading of all of a kind (:mod:`layoutplan.watched`)."""
            if name in ("rules", "schooling"):
                note("profile", object.__getattribute__(self, "profile_id"), name)
            return object.__getattribute__(self, name)

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
        """Return the newest rule in force for a stage or school type, else that for all; ``None`` if neither.

        Parameters
        ----------
        key
            Rule key.
        of
            Stage or school type, whose own rule takes precedence, however old; empty for all.
        """
        note("rule", self.profile_id, str(self.year), key, of)
        return self._newest.get((key, of)) or self._newest.get((key, ""))

    def rule(self, key: str, of: str = "") -> Rule:
        """Return the rule in force; raise ``KeyError`` if the profile has none.

        Parameters
        ----------
        key, of
            As for :meth:`find`.
        """
        rule = self.find(key, of)
        if rule is None:
            raise KeyError(f"profile {self.profile_id} has no rule {key} for {of or 'all'} in {self.year}")
        return rule

    def number(self, key: str, of: str = "") -> float:
        """Return the value of a rule in its unit; ``KeyError`` if absent, ``TypeError`` if not one number.

        Parameters
        ----------
        key, of
            As for :meth:`find`.
        """
        value = self.rule(key, of).value
        if not isinstance(value, (int, float)):
            raise TypeError(f"rule {key} of {self.profile_id} is not a number: {value!r}")
        return float(value)

    def numbers(self, key: str, of: str = "") -> tuple[float, ...]:
        """Return the value of a rule as numbers in its unit; empty if no such rule is in force.

        Parameters
        ----------
        key, of
            As for :meth:`find`.
        """
        rule = self.find(key, of)
        if rule is None:
            return ()
        values = rule.value if isinstance(rule.value, tuple) else (rule.value,)
        return tuple(float(value) for value in values if isinstance(value, (int, float)))

    def pairs(self, key: str, of: str = "") -> tuple[tuple[float, float], ...]:
        """Return the value of a rule as pairs of numbers, in their order; empty if no such rule is in force.

        Parameters
        ----------
        key, of
            As for :meth:`find`.
        """
        rule = self.find(key, of)
        if rule is None or not isinstance(rule.value, tuple):
            return ()
        return tuple(pair for pair in rule.value if isinstance(pair, tuple))

    def words(self, key: str, of: str = "") -> tuple[str, ...]:
        """Return the value of a rule as texts (road classes, barrier kinds); empty if none is in force.

        Parameters
        ----------
        key, of
            As for :meth:`find`.
        """
        rule = self.find(key, of)
        if rule is None:
            return ()
        values = rule.value if isinstance(rule.value, tuple) else (rule.value,)
        return tuple(value for value in values if isinstance(value, str))

    def at_classes(self, key: str, classes: int, *, of: str) -> float:
        """Return the value of a rule of pairs for a school size, in the unit of the rule.

        The pair with the largest number of classes that does not exceed the school's applies; for a school
        smaller than all pairs, the smallest pair. Raise ``KeyError`` if the rule is absent, ``TypeError`` if
        it has no pairs.

        Parameters
        ----------
        key, of
            As for :meth:`find`.
        classes
            Size of the school in classes.
        """
        value = self.rule(key, of).value
        pairs = sorted(pair for pair in value if isinstance(pair, tuple)) if isinstance(value, tuple) else []
        if not pairs:
            raise TypeError(f"rule {key} of {self.profile_id} has no pairs: {value!r}")
        below = [amount for least, amount in pairs if least <= classes]
        return below[-1] if below else pairs[0][1]

    @property
    def stages(self) -> tuple[str, ...]:
        """Stages of the profile (those with ages), youngest first."""
        note("stages", self.profile_id, str(self.year))
        known = self.schooling.ids
        found = [of for key, of in self._newest if key == "stage.ages" and of in known]
        return tuple(sorted(found, key=lambda stage: (self.ages(stage), known.index(stage))))

    def ages(self, stage: str) -> tuple[int, int]:
        """Return the first and last age of a stage, in completed years at the start of the school year.

        Parameters
        ----------
        stage
            Stage of the profile; ``ValueError`` for any other.
        """
        first, last = self.numbers("stage.ages", stage)
        return int(first), int(last)

    @property
    def born_before(self) -> float:
        """Share of a school-year cohort born in the earlier of its two calendar years (births evenly spread).

        The children of age ``a`` at the start of school year ``t`` are those born up to the cut-off month of
        year ``t − a`` (rule ``stage.last_birth_month``), and after that month of the year before.

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
        """Return the number of grades of a stage: one per age.

        Parameters
        ----------
        stage
            Stage of the profile.
        """
        first, last = self.ages(stage)
        return last - first + 1

    def class_size(self, stage: str) -> float:
        """Return the standard class size of a stage, pupils per class.

        Parameters
        ----------
        stage
            Stage of the profile.
        """
        return self.number("class_size.standard", stage)

    def service_radius_m(self, stage: str) -> float:
        """Return the service radius, the distance within which a school should be, metres.

        Codes draw it as a circle; both the circle and the walk are measured.

        Parameters
        ----------
        stage
            Stage of the profile.
        """
        return self.number("walking.service_radius", stage)

    def reach_m(self, stage: str) -> float:
        """Return the longest distance over which a pupil may be placed, walking metres.

        Parameters
        ----------
        stage
            Stage of the profile.
        """
        return self.number("walking.reach", stage)

    def levels(self, school_type: str) -> tuple[int, ...]:
        """Return the standard sizes of a school type in classes, ascending; empty if the profile has none.

        Parameters
        ----------
        school_type
            A school type of the profile.
        """
        return tuple(sorted(int(level) for level in self.numbers("school.levels", school_type)))

    def level_seats(self, school_type: str, classes: int) -> dict[str, int]:
        """Return the seats of a school by stage, youngest first, from its number of classes.

        Classes are divided among the stages in proportion to their grades (nine-year: 6 to 3) by largest
        remainder; seats = classes × standard class size, rounded. Stages that the profile does not have are
        left out.

        Parameters
        ----------
        school_type
            A school type of the profile.
        classes
            Size of the school in classes.

        Examples
        --------
        >>> from layoutplan.standards import load_profile
        >>> load_profile("cn-national").at(2025).level_seats("nine_year", 45)
        {'primary': 1350, 'junior': 750}
        """
        known = self.stages
        stages = [stage for stage in self.schooling.taught_by(school_type) if stage in known]
        shares = _share_classes(classes, [self.grades(stage) for stage in stages])
        return {
            stage: round(share * self.class_size(stage)) for stage, share in zip(stages, shares, strict=True)
        }

    def broken_by(self, school_type: str, classes: int) -> tuple[Rule, ...]:
        """Return the size rules that a school size violates: largest number of pupils, of classes.

        Parameters
        ----------
        school_type, classes
            As for :meth:`level_seats`.

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
        """Return the standard sizes of a school type, in classes, that violate no size rule, ascending.

        Parameters
        ----------
        school_type
            A school type of the profile; empty result if it teaches a stage that the profile lacks.
        """
        if not set(self.schooling.taught_by(school_type)) <= set(self.stages):
            return ()
        return tuple(level for level in self.levels(school_type) if not self.broken_by(school_type, level))


def _share_classes(classes: int, grades: list[int]) -> list[int]:
    """Divide classes among stages in proportion to their grades, by largest remainder."""
    total = sum(grades)
    shares = [classes * count // total for count in grades]
    by_remainder = sorted(range(len(grades)), key=lambda place: (-(classes * grades[place] % total), place))
    for place in by_remainder[: classes - sum(shares)]:
        shares[place] += 1
    return shares


@dataclass(frozen=True, slots=True, repr=False)
class Profile(Outlined):
    """A named set of dated rules, such as ``cn-national``.

    Attributes
    ----------
    id, name_en, name_zh, currency
        Identity, names in both languages, and the currency of money rules.
    rules
        The rules in force at any time, own and inherited.
    schooling
        Its stages and school types.
    sections
        Letters of the sections of the rule book that apply; empty for all.
    file
        The user's own TOML file, if any.
    lineage
        Ids of the profiles it builds on, the most general first, and its own id last.
    """

    id: str
    name_en: str
    name_zh: str
    currency: str
    rules: tuple[Rule, ...]
    schooling: Schooling
    sections: tuple[str, ...] = ()
    file: str = ""
    lineage: tuple[str, ...] = ()
    _at: dict[int, Standards] = field(init=False, default_factory=dict, repr=False, compare=False)

    if not TYPE_CHECKING:  # a type checker would take every attribute for granted

        def __getattribute__(self, name: str) -> object:
            """Return an attribute, and note the reading of a field (:mod:`layoutplan.watched`)."""
            if name in _FIELDS:
                note("profile", object.__getattribute__(self, "id"), name)
            return object.__getattribute__(self, name)

    def is_of(self, country: str) -> bool:
        """Return whether the profile is one of a country: it builds on a profile of it, or names no sections.

        A profile that builds on none and names no sections of the rule book is judged by the whole book.

        Parameters
        ----------
        country
            First letters of the ids of its profiles, such as ``cn``.
        """
        first, *_ = self.lineage or (self.id,)
        return first.startswith(f"{country}-") or not self.sections

    def at(self, year: int) -> Standards:
        """Return the rules in force in a year; cached.

        Parameters
        ----------
        year
            Calendar year.
        """
        if year not in self._at:
            with unrecorded():  # standards note which of their rules are read
                rules = tuple(rule for rule in self.rules if rule.in_force(year))
                self._at[year] = Standards(
                    profile_id=self.id, year=year, rules=rules, schooling=self.schooling
                )
        return self._at[year]

    def as_of(self, year: int) -> Profile:
        """Return the profile with only the rules in force in a year, without expiry: ``cn-national@2012``.

        Parameters
        ----------
        year
            Calendar year.

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
