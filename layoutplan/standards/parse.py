"""Parse the ``[[rule]]`` entries of a profile file into rules, and record every fault."""

from __future__ import annotations

import difflib
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, TypeGuard

from layoutplan.errors import Fault, FaultLog
from layoutplan.standards.rules import CONFIDENCES, Rule, RuleValue
from layoutplan.standards.toml_file import TomlFile

_PAIR: Final = 2
_TEXTS: Final = ("key", "of", "unit", "source", "confidence", "note", "metric")
_METRICS: Final = ("circle", "walk")
_YEARS: Final = ("valid_from", "valid_to", "due_year")
_NEEDED: Final = ("key", "value", "unit", "source", "confidence", "valid_from")
_FIELDS: Final = (*_TEXTS, *_YEARS, "value", "inherited")
_FIRST_YEAR, _LAST_YEAR = 1900, 2200


def parse_rules(source: TomlFile, members: Collection[str], *, file: str, log: FaultLog) -> tuple[Rule, ...]:
    """Return the rules of a profile file, in its order.

    An entry whose ``value`` is a table (``{ primary = 45, junior = 50 }``) gives one rule per member.

    Parameters
    ----------
    source
        The profile file as read.
    members
        Stages and school types that a rule may be for.
    file
        File name for the report.
    log
        Receives the faults; an entry with a fault gives no rule.

    Returns
    -------
    tuple of Rule
        Empty if the file has no valid rules.
    """
    entries = source.data.get("rule", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        log.add("profile_rules_not_list", file=file)
        return ()
    rules: list[Rule] = []
    seen: set[tuple[str, str, int]] = set()
    for place, written in enumerate(entries):
        entry = _Entry(written, members, file=file, line=source.line(("rule", place)), log=log)
        for rule in entry.rules():
            identity = (rule.key, rule.of, rule.valid_from)
            if identity in seen:
                entry.fault("profile_duplicate", of=rule.of or "-", year=rule.valid_from)
            seen.add(identity)
            rules.append(rule)
    return tuple(rules)


@dataclass(frozen=True)
class _Entry:
    """One ``[[rule]]`` entry as written."""

    written: Mapping[str, Any]
    members: Collection[str]
    file: str
    line: int | None
    log: FaultLog

    def fault(self, code: str, /, **params: object) -> None:
        """Record a fault of this entry."""
        rows = () if self.line is None else (str(self.line),)
        words = MappingProxyType({"rule": str(self.written.get("key", "?")), **params})
        self.log.extend([Fault(code=code, file=self.file, rows=rows, row_count=len(rows), params=words)])

    def rules(self) -> list[Rule]:
        """Return the rules of the entry; none if it has a fault."""
        before = len(self.log)
        self._check_fields()
        self._check_words()
        self._check_years()
        values = self._values()
        if len(self.log) > before:
            return []
        fixed = {field: self.written[field] for field in self.written if field not in ("value", "of")}
        return [Rule(of=of, value=value, **fixed) for of, value in values.items()]

    def _check_fields(self) -> None:
        for field in self.written:
            if field not in _FIELDS:
                nearest = difflib.get_close_matches(field, _FIELDS, n=1, cutoff=0.0)[0]
                self.fault("profile_unknown_key", name=field, nearest=nearest)
        for field in _NEEDED:
            if self.written.get(field, "") == "" and not (field == "unit" and "unit" in self.written):
                self.fault("profile_rule_incomplete", field=field)
        for field in _TEXTS:
            if not isinstance(self.written.get(field, ""), str):
                self.fault("profile_rule_not_text", field=field)

    def _check_words(self) -> None:
        confidence = self.written.get("confidence", CONFIDENCES[0])
        if isinstance(confidence, str) and confidence not in ("", *CONFIDENCES):
            self.fault("profile_unknown_confidence", confidence=confidence, known=", ".join(CONFIDENCES))
        metric = self.written.get("metric", "")
        if isinstance(metric, str) and metric not in ("", *_METRICS):
            self.fault("profile_unknown_metric", metric=metric, known=", ".join(_METRICS))
        if not isinstance(self.written.get("inherited", True), bool):
            self.fault("profile_rule_not_bool", field="inherited")

    def _check_years(self) -> None:
        for field in _YEARS:
            if field in self.written and not _is_year(self.written[field]):
                self.fault("profile_rule_not_year", field=field)
        first, last = self.written.get("valid_from"), self.written.get("valid_to")
        if _is_year(first) and _is_year(last) and last < first:
            self.fault("profile_rule_years", first=first, last=last)

    def _values(self) -> dict[str, RuleValue]:
        """Return the value by stage or school type; a value for all is under ``""``."""
        written, of = self.written.get("value"), self.written.get("of", "")
        if isinstance(written, dict) and of:
            self.fault("profile_rule_of_twice")
        members: dict[str, Any] = written if isinstance(written, dict) else {str(of): written}
        values: dict[str, RuleValue] = {}
        for member, value in members.items():
            if member not in ("", *self.members):
                self.fault("profile_unknown_of", of=member, known=", ".join(self.members))
            clean = rule_value(value)
            if clean is None and "value" in self.written:
                self.fault("profile_rule_value")
            elif clean is not None:
                values[member] = clean
        return values


def _is_year(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and _FIRST_YEAR <= value <= _LAST_YEAR


def rule_value(written: object) -> RuleValue | None:
    """Convert a TOML value to a rule value.

    Parameters
    ----------
    written
        Number, text, or non-empty list of numbers, of texts or of pairs of numbers.

    Returns
    -------
    RuleValue or None
        Lists become tuples; ``None`` for any other type.

    Examples
    --------
    >>> rule_value([[6, 25.8], [12, 24.2]]), rule_value([1, "a"])
    (((6.0, 25.8), (12.0, 24.2)), None)
    """
    if _is_number(written) or isinstance(written, str):
        return written
    if not isinstance(written, (list, tuple)) or not written:
        return None
    if all(_is_number(item) for item in written):
        return tuple(float(item) for item in written)
    if all(isinstance(item, str) for item in written):
        return tuple(str(item) for item in written)
    if all(_is_pair(item) for item in written):
        return tuple((float(least), float(amount)) for least, amount in written)
    return None


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _is_pair(value: object) -> bool:
    return (
        isinstance(value, (list, tuple)) and len(value) == _PAIR and all(_is_number(item) for item in value)
    )


def value_kind(value: RuleValue) -> str:
    """Return the kind of a rule value, for comparison.

    Parameters
    ----------
    value
        Value of a rule.

    Returns
    -------
    str
        ``number``, ``text``, or ``list of`` either or of lists.

    Examples
    --------
    >>> value_kind(45), value_kind(((6.0, 25.8),))
    ('number', 'list of list of number')
    """
    if isinstance(value, tuple):
        return f"list of {value_kind(value[0])}"
    return "text" if isinstance(value, str) else "number"


def value_as_toml(value: RuleValue) -> str:
    """Return a rule value in TOML syntax.

    Parameters
    ----------
    value
        Value of a rule.

    Returns
    -------
    str
        Numbers with up to 15 significant digits.
    """
    if isinstance(value, tuple):
        return "[" + ", ".join(value_as_toml(item) for item in value) + "]"
    return f'"{value}"' if isinstance(value, str) else f"{value:.15g}"
