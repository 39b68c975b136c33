"""Page of the standards: whose rule each profile states, and which values would still have to be settled."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Final

from layoutplan.standards import Rule, load_profile, profile_ids
from layoutplan.standards.parse import value_as_toml
from layoutplan.texts import text

OPEN: Final = "M-low"
"""Confidence of the values listed as open."""


@cache
def _said() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("settle.toml").read_text(encoding="utf-8"))


def settled_by(rule: Rule) -> dict[str, str]:
    """Return what would settle an open value, by language: as said for its profile, or one it builds on.

    Parameters
    ----------
    rule
        A rule of a shipped profile.

    Raises
    ------
    KeyError
        If nothing is said of the rule.
    """
    for place in reversed(load_profile(rule.place).lineage):
        if rule.key in _said().get(place, {}):
            return dict(_said()[place][rule.key])
    return dict(_said()[rule.key])


def open_rules() -> list[Rule]:
    """Return the rules whose value is only remembered or a working value, by profile, in their order."""
    return [
        rule
        for profile_id in profile_ids()
        for rule in load_profile(profile_id).rules
        if rule.place == profile_id and rule.confidence == OPEN
    ]


def standards_markdown() -> str:
    """Return the page in both languages; ``make docs`` writes it."""
    lines = [
        "# Whose rules · 标准及其约束范围",
        "",
        "A threshold binds the place and the years it was written for. A profile builds on that of the",
        "larger place; what other places promised is shown as *reported elsewhere*, never judged. To adopt",
        "such a target, override its key in the plan (`[[override]]`).",
        "指标只约束制定它的地区和年份。各级标准逐级沿用；外地指标仅作对照，不作判定；",
        "如需采用，可在规划中用 `[[override]]` 写明。",
        "",
        "| profile 标准 | | builds on 沿用 | rules of its own 自有条目 |",
        "| --- | --- | --- | --- |",
    ]
    for profile_id in profile_ids():
        profile = load_profile(profile_id)
        own = sum(rule.place == profile_id for rule in profile.rules)
        above = " → ".join(f"`{one}`" for one in profile.lineage[:-1]) or "–"
        lines.append(f"| `{profile_id}` | {profile.name_zh} {profile.name_en} | {above} | {own} |")
    lines += [
        "",
        "## Values to be settled · 待核定的取值",
        "",
        f"Every value with confidence {OPEN}: remembered, or a working value. Replace them where you can.",
        f"可信度为 {OPEN} 的全部取值：凭记忆或工作值，请尽量以本地数据替换。",
        "",
        "| profile 标准 | rule 条目 | of 适用 | value 取值 | from 起 | what would settle it 如何核定 |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for rule in open_rules():
        name = f"`{rule.key}` {text(f'rules.{rule.key}', 'zh')} {text(f'rules.{rule.key}', 'en')}"
        settle = settled_by(rule)
        lines.append(
            f"| `{rule.place}` | {name} | {rule.of or '–'} | {value_as_toml(rule.value)} {rule.unit} "
            f"| {rule.valid_from} | {settle['zh']} {settle['en']} |"
        )
    return "\n".join(lines) + "\n"
