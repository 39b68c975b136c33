"""Write a commented template of ``plan.toml``, generated from the settings and their texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from layoutplan.dictionary import Table, input_tables
from layoutplan.errors import FaultLog
from layoutplan.plan.describe import Key, keys_of
from layoutplan.plan.settings import SECTIONS
from layoutplan.standards import load_profile, profile_ids
from layoutplan.texts import Language, text

_YEARS: Final = {"base_year": "2025", "horizon_year": "2035"}
DEFAULT_PROFILES: Final[Mapping[Language, str]] = {"zh": "cn-national", "en": "us"}
"""Profile of a new plan, by language."""

_ESSENTIAL: Final = ("schools", "units")
_POINTS_PICKED: Final = ("schools", "units")  # tables whose points are often taken from public maps
_OVERRIDE: Final = ('key = "class_size.cap"', 'of = "{stage}"', "value = 45", 'reason = ""')
_SCENARIO: Final = (
    "[scenarios.high-growth]",
    'title = "{title}"',
    "[scenarios.high-growth.demand]",
    "births_factor = 1.2",
)


def write_plan_template(folder: Path, *, lang: Language, profile: str | None = None) -> Path:
    """Write ``plan.toml`` into a folder: every section and key, with its meaning and default in comments.

    Parameters
    ----------
    folder
        Created if it does not exist.
    lang
        Language of the comments.
    profile
        Profile that the plan names; ``None`` for the usual one of the language.

    Returns
    -------
    Path
        The file written. With the example tables of
        :func:`~layoutplan.dictionary.write_templates` beside it, it passes the check as it is.

    Raises
    ------
    InputError
        If the folder already has a ``plan.toml`` (a plan is never overwritten) or cannot be written to.
    """
    path = folder / "plan.toml"
    log = FaultLog()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(plan_template(lang, profile=profile))
    except FileExistsError:
        log.add("template_exists", file=str(folder), names=path.name)
    except OSError as error:
        log.add("template_not_written", file=str(folder), reason=error.strerror or str(error))
    log.raise_if_errors()
    return path


def plan_template(lang: Language, *, profile: str | None = None) -> str:
    """Return the text of a new ``plan.toml``.

    Parameters
    ----------
    lang
        Language of the comments.
    profile
        Profile that the plan names; ``None`` for the usual one of the language.

    Returns
    -------
    str
        A TOML document.
    """
    parts = [_comment(text("settings.template.head", lang))]
    for section in SECTIONS:
        parts.append("\n".join(_section(section, lang, profile or DEFAULT_PROFILES[lang])))
        if section == "plan":
            parts.append("\n".join(_tables(lang)))
    parts.append("\n".join(_override(lang, profile or DEFAULT_PROFILES[lang])))
    parts.append("\n".join(_scenario(lang)))
    return "\n\n".join(parts) + "\n"


def _comment(words: str) -> str:
    return "\n".join(f"# {line}" for line in words.splitlines())


def _section(section: str, lang: Language, profile: str) -> Iterator[str]:
    yield _comment(text(f"settings.{section}._", lang))
    yield f"[{section}]"
    for key in keys_of(section):
        yield _comment(meaning(key, lang))
        if key.required:
            yield f"{key.name} = {_YEARS[key.name]}"
        elif key.name == "lang":
            yield f'lang = "{lang}"'
        elif key.name == "profile":
            yield f'profile = "{profile}"'
        else:
            yield f"# {key.name} = {key.default or '…'}"


def meaning(key: Key, lang: Language) -> str:
    """Return the meaning, choices, range and default of a key.

    Parameters
    ----------
    key
        Description of the key.
    lang
        Language of the text.

    Returns
    -------
    str
        One paragraph.
    """
    notes = []
    if key.choices:
        notes.append(text("settings.template.choices", lang, choices=", ".join(key.choices)))
    if key.limits[lang]:
        notes.append(key.limits[lang])
    if key.required:
        notes.append(text("settings.template.required", lang))
    elif key.default is None:
        notes.append(text("settings.template.no_default", lang))
    else:
        notes.append(text("settings.template.default", lang, value=key.default))
    return text("settings.template.noted", lang, meaning=key.meaning(lang), notes="; ".join(notes))


def _tables(lang: Language) -> Iterator[str]:
    """Yield the sections of the tables: essential ones first, the others commented out."""
    known = input_tables()
    yield _comment(text("settings.template.tables", lang))
    yield _comment(text("settings.template.table_keys", lang))
    for key in keys_of("tables"):
        shown = key.default or "…"
        yield _comment(f"  {key.name} = {shown}  {key.meaning(lang)}")
    optional = ["catchments", *(name for name in known if name not in (*_ESSENTIAL, "catchments"))]
    for name in (*_ESSENTIAL, *optional):
        mark = "" if name in _ESSENTIAL else "# "
        table = known[name]
        yield ""
        yield _comment(f"{table.title.of(lang)} · {table.description.of(lang)}")
        if name == "catchments":
            yield _comment(text("settings.template.catchments", lang))
        yield f"{mark}[tables.{name}]"
        yield f'{mark}file = "{_file(table)}"'
        if name in _POINTS_PICKED and lang == "zh":  # points picked on public maps of China are shifted
            yield f'# datum = "gcj02"  # {text("settings.template.datum", lang)}'


def _file(table: Table) -> str:
    """Return the file name of a table in the template: areas and lines need a format with geometry."""
    ending = "gpkg" if table.geometry in ("polygon", "line") else "csv"
    return f"{table.name}.{ending}"


def _override(lang: Language, profile: str) -> Iterator[str]:
    yield _comment(text("settings.template.override", lang))
    for key in keys_of("override"):
        yield _comment(f"  {key.name}  {key.meaning(lang)}")
    yield "# [[override]]"
    yield from (f"# {line.format(stage=_first_stage(profile))}" for line in _OVERRIDE)


def _first_stage(profile: str) -> str:
    """Return the first compulsory stage of a profile of the package, of the national one for any other."""
    known = profile if profile in profile_ids() else DEFAULT_PROFILES["zh"]
    return load_profile(known).schooling.compulsory[0]


def _scenario(lang: Language) -> Iterator[str]:
    title = text("settings.template.scenario_title", lang)
    yield _comment(text("settings.template.scenarios", lang))
    yield from (f"# {line.format(title=title)}" for line in _SCENARIO)
