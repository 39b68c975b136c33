"""Page ``docs/plan.md``: every section and key of ``plan.toml`` in both languages, from the settings."""

from __future__ import annotations

from collections.abc import Iterator

from layoutplan.plan.describe import DESCRIBED, keys_of
from layoutplan.standards import load_profile, profile_ids, rule_ranges
from layoutplan.texts import LANGUAGES, Language, text


def settings_markdown() -> str:
    """Return the manual of the plan file as Markdown, English first, then Chinese.

    ``make docs`` writes it to ``docs/plan.md``; a test compares them.
    """
    return "\n".join(line for lang in reversed(LANGUAGES) for line in _manual(lang))


def _manual(lang: Language) -> Iterator[str]:
    yield f"# {text('settings.manual.title', lang)}"
    yield ""
    yield text("settings.manual.intro", lang)
    for section in DESCRIBED:
        yield ""
        yield f"## {_heading(section)}"
        yield ""
        yield text(f"settings.{section}._", lang)
        yield ""
        yield from _table(section, lang)
    yield ""
    yield "## [scenarios.*]"
    yield ""
    yield text("settings.template.scenarios", lang)
    yield ""
    yield f"{text('settings.manual.merging', lang)}: {text('settings.manual.merging_text', lang)}"
    yield ""
    yield from _rules(lang)
    yield ""


def _heading(section: str) -> str:
    return {"tables": "[tables.*]", "override": "[[override]]"}.get(section, f"[{section}]")


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _table(section: str, lang: Language) -> Iterator[str]:
    heads = [text(f"settings.manual.{head}", lang) for head in ("key", "kind", "range", "default", "meaning")]
    yield _row(*heads)
    yield _row(*["---"] * len(heads))
    for key in keys_of(section):
        choices = ", ".join(f"`{choice}`" for choice in key.choices)
        allowed = "; ".join(part for part in (choices, key.limits[lang]) if part)
        default = f"`{key.default}`" if key.default is not None else ""
        if key.required:
            default = text("settings.template.required", lang)
        kind = text(f"settings.kind.{key.kind}", lang)
        yield _row(f"`{key.name}`", kind, allowed, default, key.meaning(lang))


def _rules(lang: Language) -> Iterator[str]:
    """Yield the table of the rules in the shipped profiles, which an override may name."""
    found: dict[tuple[str, str], list[str]] = {}
    for profile_id in profile_ids():
        for rule in load_profile(profile_id).rules:
            of_names = found.setdefault((rule.key, rule.unit), [])
            if rule.of and rule.of not in of_names:
                of_names.append(rule.of)
    yield f"## {text('settings.manual.rules', lang)}"
    yield ""
    yield text("settings.manual.rules_intro", lang)
    yield ""
    heads = [text(f"settings.manual.{head}", lang) for head in ("key", "rule", "unit", "range", "of")]
    yield _row(*heads)
    yield _row(*["---"] * len(heads))
    for (key, unit), of_names in sorted(found.items()):
        known = rule_ranges().get(key)
        allowed = known.said("", lang) if known else ""
        yield _row(f"`{key}`", text(f"rules.{key}", lang), unit, allowed, ", ".join(of_names))
