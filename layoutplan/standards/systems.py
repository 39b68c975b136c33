"""School systems (办学系统) side by side in one city, such as public and Catholic boards.

A profile lists them as ``[[system]]``. Each system then has stages and school types of its own: of the stage
``elementary`` the systems ``public`` and ``catholic`` make ``public_elementary`` and ``catholic_elementary``,
with the same ages and grades. All that is computed by stage, from catchments to rules, is then of one system.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from layoutplan.standards.rule import Rule
from layoutplan.standards.schooling import Schooling, SchoolType, Stage, System
from layoutplan.texts import text


def divided(schooling: Schooling, systems: Iterable[System]) -> Schooling:
    """Return the schooling in which every system has each stage and each school type of its own.

    A school type that teaches no stage (special schools) stays as it is.

    Parameters
    ----------
    schooling
        Stages and types that the systems have in common.
    systems
        The systems, in the order in which choices show them.

    Returns
    -------
    Schooling
        Stages youngest first, those of one age in the order of the systems.

    Examples
    --------
    >>> from layoutplan.standards import load_profile
    >>> boards = [System("public", "Public", "公立"), System("catholic", "Catholic", "天主教")]
    >>> both = divided(load_profile("ca-ontario").schooling, boards)
    >>> both.ids
    ('public_elementary', 'catholic_elementary', 'public_secondary', 'catholic_secondary')
    >>> both.taught_by("catholic_k12"), both.stage("catholic_elementary").name_en
    (('catholic_elementary', 'catholic_secondary'), 'Catholic elementary')
    """
    systems = tuple(systems)
    return Schooling(
        stages=tuple(_stage(stage, system) for stage in schooling.stages for system in systems),
        types=tuple(
            one
            for kind in schooling.types
            for one in ([_type(kind, system) for system in systems] if kind.stages else [kind])
        ),
        systems=systems,
        common=schooling,
    )


def _stage(stage: Stage, system: System) -> Stage:
    en, zh = _names(f"stages.{stage.id}", system)
    return replace(stage, id=system.own(stage.id), name_en=en, name_zh=zh, system=system.id, of=stage.id)


def _type(kind: SchoolType, system: System) -> SchoolType:
    en, zh = _names(f"stages.type.{kind.id}", system)
    own, holds = (tuple(map(system.own, stages)) for stages in (kind.stages, kind.holds))
    return replace(kind, id=system.own(kind.id), stages=own, holds=holds, name_en=en, name_zh=zh)


def _names(key: str, system: System) -> tuple[str, str]:
    """Return the names of a stage or type of a system: in English two words, in Chinese one."""
    return f"{system.name_en} {text(key, 'en')}", f"{system.name_zh}{text(key, 'zh')}"


def rules_of_systems(rules: Iterable[Rule], schooling: Schooling) -> tuple[Rule, ...]:
    """Return rules with those of a stage or type in common, or of a system, stated for each system's own.

    A rule that is stated for a system's own stage takes the place of one for all systems from the same year.

    Parameters
    ----------
    rules
        Rules, whose ``of`` may be a stage or type in common, a system, or a system's own stage or type.
    schooling
        Stages and types of the profile.

    Returns
    -------
    tuple of Rule
        The rules themselves where there are no systems.
    """
    if schooling.common is None:
        return tuple(rules)
    exact: dict[tuple[str, str, int], Rule] = {}
    general: dict[tuple[str, str, int], Rule] = {}
    for rule in rules:
        own = schooling.own_of(rule.of)
        found = exact if own == (rule.of,) else general
        found |= {(rule.key, of, rule.valid_from): replace(rule, of=of) for of in own}
    return tuple((general | exact).values())
