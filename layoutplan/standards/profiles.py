"""Load profiles: the TOML files in ``profiles``, or a user's own file.

A profile may inherit from another (``inherits = "cn-national"``): a rule of the child with the same key,
``of`` and ``valid_from`` replaces the parent's; otherwise the generations are combined, and the newest in
force is used. A rule with ``inherited = false`` binds its own place only.

A threshold binds the place and the years it was written for. What other places of the same country promised
is *reported elsewhere* (:func:`reported_elsewhere`): shown beside a figure, never a reason to call it missed.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

from layoutplan.errors import FaultLog
from layoutplan.standards.parse import parse_rules, value_as_toml, value_kind
from layoutplan.standards.parse_schooling import parse_schooling
from layoutplan.standards.ranges import rule_ranges
from layoutplan.standards.rules import Profile, Rule
from layoutplan.standards.schooling import Schooling
from layoutplan.standards.systems import rules_of_systems
from layoutplan.standards.toml_file import TomlFile, read_toml

_HEAD: Final = ("id", "name_en", "name_zh", "currency")
_KEYS: Final = (*_HEAD, "inherits", "sections", "stage", "school_type", "system", "rule")
_SCHOOLING: Final = "cn-national"
"""The profile whose stages hold for a profile that neither has its own nor inherits any."""


@cache
def profile_ids() -> tuple[str, ...]:
    """Return the ids of the profiles in the package.

    Returns
    -------
    tuple of str
        Sorted.
    """
    return tuple(sorted(_shipped()))


def _shipped() -> dict[str, Path]:
    folder = resources.files("layoutplan.standards") / "profiles"
    return {
        file.name.removesuffix(".toml"): Path(str(file))
        for file in folder.iterdir()
        if file.name.endswith(".toml")
    }


@cache
def load_profile(profile_id: str) -> Profile:
    """Return a profile of the package; cached.

    Parameters
    ----------
    profile_id
        Id of the profile.

    Returns
    -------
    Profile
        With the inherited rules.

    Raises
    ------
    InputError
        If there is no profile with that id; the nearest ids are named.

    Examples
    --------
    >>> load_profile("cn-national").at(2025).class_size("primary")
    45.0
    """
    log = FaultLog()
    profile = _load(profile_id, folder=None, above=(), log=log)
    log.raise_if_errors()
    assert profile is not None  # noqa: S101  (no profile without an error in the log)
    return profile


def read_profile(path: Path) -> Profile:
    """Read a user's own profile file; it may inherit from a profile of the package or a file in its folder.

    Parameters
    ----------
    path
        The TOML file.

    Returns
    -------
    Profile
        With the inherited rules; ``file`` is the file name.

    Raises
    ------
    InputError
        With every fault of the file: syntax, rules without source, duplicates, unknown parents, cycles.
    """
    log = FaultLog()
    profile = _load(path.name, folder=path.parent, above=(), log=log)
    log.raise_if_errors()
    assert profile is not None  # noqa: S101  (no profile without an error in the log)
    return profile


def _load(name: str, *, folder: Path | None, above: tuple[str, ...], log: FaultLog) -> Profile | None:
    """Load a profile by id, or by file name if ``folder`` is given and the name ends in ``.toml``."""
    if name in above:
        log.add("profile_cycle", file=above[0], chain=" → ".join((*above, name)))
        return None
    own_file = folder is not None and name.endswith(".toml")
    if not own_file and name not in profile_ids():
        nearest = difflib.get_close_matches(name, profile_ids(), n=len(profile_ids()), cutoff=0.0)
        log.add("profile_unknown", profile=name, nearest=nearest[0], known=", ".join(nearest))
        return None
    path = folder / name if own_file and folder is not None else _shipped()[name]
    source = read_toml(path, log=log)
    if source is None:
        return None
    return _build(source, path=path, folder=folder, above=(*above, name), log=log)


def _build(
    source: TomlFile, *, path: Path, folder: Path | None, above: tuple[str, ...], log: FaultLog
) -> Profile | None:
    head = _head(source, file=path.name, log=log)
    inherited: tuple[Rule, ...] = ()
    schooling: Schooling | None = None
    sections = tuple(source.data.get("sections", ()))
    lineage: tuple[str, ...] = ()
    parent_name = source.data.get("inherits")
    if isinstance(parent_name, str):
        parent = _load(parent_name, folder=folder, above=above, log=log)
        if parent is None:
            return None
        inherited = tuple(rule for rule in parent.rules if rule.inherited)
        lineage = parent.lineage
        head = {"currency": parent.currency} | head
        schooling = parent.schooling
        sections = sections or parent.sections
    schooling = (
        parse_schooling(source, schooling, file=path.name, log=log) or load_profile(_SCHOOLING).schooling
    )
    rules = parse_rules(source, schooling.members, file=path.name, log=log)
    if folder is not None:
        _check_kinds(rules, file=path.name, log=log)
    if log.errors:
        return None
    file = path.name if folder is not None else ""
    stated = tuple(replace(rule, place=head["id"]) for rule in rules)
    return Profile(
        rules=_stack(rules_of_systems(inherited, schooling), rules_of_systems(stated, schooling)),
        schooling=schooling,
        sections=sections,
        file=file,
        lineage=(*lineage, head["id"]),
        **head,
    )


def _head(source: TomlFile, *, file: str, log: FaultLog) -> dict[str, str]:
    """Return id, names and currency; record what is missing, unknown or not a text."""
    data: Mapping[str, Any] = source.data
    for key in data:
        if key not in _KEYS:
            nearest = difflib.get_close_matches(key, _KEYS, n=1, cutoff=0.0)[0]
            line = source.line((key,))
            log.add("profile_unknown_key", file=file, rows=[line] if line else [], name=key, nearest=nearest)
    needed = [key for key in _HEAD if not (key == "currency" and "inherits" in data)]
    for key in needed:
        if key not in data:
            log.add("profile_missing_key", file=file, name=key)
    sections = data.get("sections", [])
    if not isinstance(sections, list) or not all(isinstance(one, str) for one in sections):
        log.add("profile_sections_not_list", file=file)
    for key in (*_HEAD, "inherits"):
        if key in data and not isinstance(data[key], str):
            log.add("profile_not_text", file=file, name=key)
    return {key: str(data[key]) for key in _HEAD if key in data}


def _check_kinds(rules: tuple[Rule, ...], *, file: str, log: FaultLog) -> None:
    """Check a user's rules: values of the same kind as in the package's profiles, and within their range."""
    shipped = (
        *profile_ids(),
        "cn-national",
    )  # last, so that its rules take precedence as examples
    examples = {rule.key: rule for profile_id in shipped for rule in load_profile(profile_id).rules}
    keys = sorted({*examples, *rule_ranges()})
    for name in dict.fromkeys(rule.key for rule in rules if rule.key not in keys):
        nearest = difflib.get_close_matches(name, keys, n=1, cutoff=0.0)[0]
        log.add("profile_unknown_rule", file=file, rule=name, nearest=nearest)
    for rule in rules:
        known, example = rule_ranges().get(rule.key), examples.get(rule.key)
        shown = example.value if example else rule.value if known is None else known.least
        if value_kind(rule.value) != value_kind(shown):
            log.add("profile_rule_kind", file=file, rule=rule.key, example=value_as_toml(shown))
        elif known is not None and not known.holds(rule.value):
            unit = example.unit if example else rule.unit
            log.add(
                "profile_rule_out_of_range",
                file=file,
                rule=rule.key,
                of=rule.of or "-",
                value=value_as_toml(rule.value),
                limit_en=known.said(unit, "en"),
                limit_zh=known.said(unit, "zh"),
            )


def _stack(inherited: tuple[Rule, ...], own: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """Combine a child's rules with its parent's: equal key, ``of`` and ``valid_from`` replaces."""
    replaced = {(rule.key, rule.of, rule.valid_from) for rule in own}
    kept = [rule for rule in inherited if (rule.key, rule.of, rule.valid_from) not in replaced]
    return (*kept, *own)


def reported_elsewhere(profile: Profile, key: str, of: str = "", *, year: int) -> Rule | None:
    """Return the threshold of another place for a rule that a profile does not state.

    The places are the shipped profiles of the same country (the same most general profile). Of several, the
    newest stated by the year is taken, else the earliest of all.

    Parameters
    ----------
    profile
        The profile the city is judged by.
    key, of
        As for :meth:`~layoutplan.standards.Standards.find`.
    year
        The year judged.

    Returns
    -------
    Rule | None
        The rule, whose ``place`` is the id of the profile that states it; ``None`` where no place has one.

    Examples
    --------
    >>> henan = load_profile("cn-henan")
    >>> rule = reported_elsewhere(henan, "groups.quality_senior_intake", "senior", year=2025)
    >>> rule.value, rule.place
    (0.55, 'cn-kunming-2006')
    """
    found = stated_elsewhere(profile, key)
    exact = [rule for rule in found if rule.of == of] or [rule for rule in found if not rule.of]
    by_then = [rule for rule in exact if rule.valid_from <= year]
    if by_then:
        return max(by_then, key=lambda rule: (rule.valid_from, rule.place))
    return min(exact, key=lambda rule: (rule.valid_from, rule.place), default=None)


def stated_elsewhere(profile: Profile, key: str) -> tuple[Rule, ...]:
    """Return the rules of a key that other places of the country state, in the order of the profiles' ids.

    Rules of the profile itself and of those it builds on are none of them, in force or not, except those that
    bind the larger place as a whole (``inherited = false``).

    Parameters
    ----------
    profile
        The profile the city is judged by.
    key
        Key of the rule.
    """
    country, *_ = profile.lineage or (profile.id,)
    own, above = profile.lineage[-1:], profile.lineage[:-1]
    return tuple(
        rule
        for rule in _stated_by(country, key)
        if rule.place not in own and not (rule.inherited and rule.place in above)
    )


@cache
def _stated_by(country: str, key: str) -> tuple[Rule, ...]:
    """Return the rules of a key that the shipped profiles of a country state themselves."""
    profiles = (load_profile(profile_id) for profile_id in profile_ids())
    return tuple(
        rule
        for profile in profiles
        if profile.lineage[0] == country
        for rule in profile.rules
        if rule.key == key and rule.place == profile.id
    )
