"""One rule: a value with unit, period of validity, source, confidence and the place it binds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

CONFIDENCES: Final = ("SEED", "V", "V2", "RUN", "D", "M-high", "M-med", "M-low", "PLAN")
"""Confidence of a value, highest first; ``PLAN`` marks a value overridden by a plan."""

RuleValue = float | str | tuple[float, ...] | tuple[str, ...] | tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One generation of a rule.

    Attributes
    ----------
    key, of
        Subject of the rule (``class_size.cap``), and the stage or school type it applies to; empty for all.
    value, unit
        A number, a text, several numbers or texts, or pairs of numbers (classes and value).
    source, confidence, note
        Source of the value, its confidence (one of :data:`CONFIDENCES`), and a remark.
    valid_from, valid_to
        Calendar years, inclusive; ``None`` for no end.
    due_year
        Year by which a school must comply, ``None`` for immediately.
    metric
        For a distance: ``circle`` (straight line) or ``walk``, as the source draws it; empty where the source
        does not say or the rule is no distance.
    inherited
        Whether the rule binds the places within its own place too: a count promised for a whole city is not
        inherited by the profile of a district.
    place
        Id of the profile that states the rule; set when profiles are loaded.
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
    metric: str = ""
    inherited: bool = True
    place: str = ""

    def in_force(self, year: int) -> bool:
        """Return whether the rule is in force in a year, both ends of its validity included.

        Parameters
        ----------
        year
            Calendar year.
        """
        return self.valid_from <= year and (self.valid_to is None or year <= self.valid_to)
