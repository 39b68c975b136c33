"""Turn the ``[[rule]]`` entries of a profile file into rules; record every fault."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any, Final

from layoutplan.errors import FaultLog
from layoutplan.standards.model import CONFIDENCES, SCHOOL_TYPE_STAGES, Rule, RuleValue
from layoutplan.standards.toml_file import TomlFile

_PAIR: Final = 2
_TEXTS: Final = ("key", "of", "unit", "source", "confidence", "note")
_YEARS: Final = ("valid_from", "valid_to", "due_year")
_NEEDED: Final = ("key", "value", "unit", "source", "confidence", "valid_from")
_FIELDS: Final = (*_TEXTS, *_YEARS, "value")
OF_NAMES: Final = tuple(SCHOOL_TYPE_STAGES)
"""What a rule may be ``of``: the school types, among whose names are those of the stages."""


def parse_rules(source: TomlFile, *, file: str, log: FaultLog) -> tuple[Rule, ...]:
    """Return the rules of a profile file, in its order; ``log`` receives what is wrong with them.

    An entry whose ``value`` is a table (``{ primary = 45, junior = 50 }``) makes one rule a member.
    """
    entries = source.data.get("rule", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        log.add("profile_rules_not_list", file=file)
        return ()
    rules: list[Rule] = []
    seen: set[tuple[str, str, int]] = set()
    for place, entry in enumerate(entries):
        line = source.line(("rule", place))
        for rule in _rules_of_entry(entry, file=file, line=line, log=log):
            identity = (rule.key, rule.of, rule.valid_from)
            if identity in seen:
                shown = rule.of or "-"
                _log(log, "profile_duplicate", file, line, rule=rule.key, of=shown, year=rule.valid_from)
            seen.add(identity)
            rules.append(rule)
    return tuple(rules)


def _log(log: FaultLog, code: str, file: str, line: int | None, /, **params: object) -> None:
    log.add(code, file=file, rows=[line] if line else [], **params)


def _rules_of_entry(entry: Mapping[str, Any], *, file: str, line: int | None, log: FaultLog) -> list[Rule]:
    """Return the rules of one entry; none if anything is wrong with it."""
    faults = FaultLog()
    name = str(entry.get("key", "?"))
    for field in entry:
        if field not in _FIELDS:
            nearest = difflib.get_close_matches(field, _FIELDS, n=1, cutoff=0.0)[0]
            _log(faults, "profile_unknown_key", file, line, name=field, nearest=nearest)
    for field in _NEEDED:
        if field not in entry or (field in ("source", "key") and entry[field] == ""):
            _log(faults, "profile_rule_incomplete", file, line, rule=name, field=field)
    for field in _TEXTS:
        if not isinstance(entry.get(field, ""), str):
            _log(faults, "profile_rule_not_text", file, line, rule=name, field=field)
    for field in _YEARS:
        if not _is_year(entry.get(field, 2000)):
            _log(faults, "profile_rule_not_year", file, line, rule=name, field=field)
    _check_words(entry, name, faults=faults, file=file, line=line)
    made = [] if faults.errors else _expand(entry, faults=faults, file=file, line=line)
    log.extend(faults)
    return [] if faults.errors else made


def _is_year(value: object) -> bool:
    first, last = 1900, 2200
    return isinstance(value, int) and not isinstance(value, bool) and first <= value <= last


def _check_words(
    entry: Mapping[str, Any], name: str, *, faults: FaultLog, file: str, line: int | None
) -> None:
    """Check what may only be one of a list, and the order of the years."""
    confidence = entry.get("confidence", "V")
    if isinstance(confidence, str) and confidence not in CONFIDENCES:
        known = ", ".join(CONFIDENCES)
        _log(faults, "profile_unknown_confidence", file, line, rule=name, confidence=confidence, known=known)
    value = entry.get("value")
    members = list(value) if isinstance(value, dict) else [entry.get("of", "")]
    for member in members:
        if member and member not in OF_NAMES:
            _log(faults, "profile_unknown_of", file, line, rule=name, of=member, known=", ".join(OF_NAMES))
    first, last = entry.get("valid_from"), entry.get("valid_to")
    if _is_year(first) and _is_year(last) and last < first:  # type: ignore[operator]
        _log(faults, "profile_rule_years", file, line, rule=name, first=first, last=last)


def _expand(entry: Mapping[str, Any], *, faults: FaultLog, file: str, line: int | None) -> list[Rule]:
    """Make the rule, or one rule a member of a table of values."""
    value = entry["value"]
    members: dict[str, Any] = value if isinstance(value, dict) else {entry.get("of", ""): value}
    if isinstance(value, dict) and entry.get("of"):
        _log(faults, "profile_rule_of_twice", file, line, rule=entry["key"])
    rules = []
    fixed = {field: entry[field] for field in entry if field not in ("value", "of")}
    for of, written in members.items():
        clean = rule_value(written)
        if clean is None:
            _log(faults, "profile_rule_value", file, line, rule=entry["key"])
        else:
            rules.append(Rule(of=of, value=clean, **fixed))
    return rules


def rule_value(written: object) -> RuleValue | None:
    """Return a value as written in TOML as a rule's value; ``None`` if it is of no kind a rule can have.

    Kinds: number, text, list of numbers, list of texts, list of pairs of numbers.

    Examples
    --------
    >>> rule_value([[6, 25.8], [12, 24.2]]), rule_value([1, "a"])
    (((6.0, 25.8), (12.0, 24.2)), None)
    """
    if _is_number(written) or isinstance(written, str):
        return written  # type: ignore[return-value]
    if not isinstance(written, (list, tuple)) or not written:
        return None
    if all(_is_number(item) for item in written):
        return tuple(float(item) for item in written)
    if all(isinstance(item, str) for item in written):
        return tuple(str(item) for item in written)
    if all(_is_pair(item) for item in written):
        return tuple((float(least), float(amount)) for least, amount in written)
    return None


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value - value == 0


def _is_pair(value: object) -> bool:
    return (
        isinstance(value, (list, tuple)) and len(value) == _PAIR and all(_is_number(item) for item in value)
    )
