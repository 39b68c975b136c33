"""Pages of the data dictionary: ``docs/tables.md`` and ``docs/tables.zh.md``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from layoutplan.dictionary.describe import choice_labels, default_label, target_titles, unit_label
from layoutplan.dictionary.loader import input_tables, result_tables
from layoutplan.dictionary.schema import Column, Table
from layoutplan.texts import Language, text

PAGES: Final[dict[Language, str]] = {"en": "tables.md", "zh": "tables.zh.md"}
_ALIASES_SHOWN: Final = 8


def write_pages(folder: Path) -> list[Path]:
    """Write the pages of the dictionary, replacing existing ones.

    Run it after a change of the dictionary; a test compares the pages in ``docs`` with it.

    Parameters
    ----------
    folder
        Target folder.

    Returns
    -------
    list of Path
        The pages.
    """
    written = []
    for lang, name in PAGES.items():
        path = folder / name
        path.write_text(dictionary_markdown(lang), encoding="utf-8", newline="\n")
        written.append(path)
    return written


def dictionary_markdown(lang: Language) -> str:
    """Return all input and result tables with their columns as one Markdown page.

    Parameters
    ----------
    lang
        Language of the page.

    Returns
    -------
    str
        Markdown.
    """
    lines = [
        f"# {text('tables.doc_title', lang)}",
        "",
        text("tables.doc_other", lang),
        "",
        text("tables.doc_intro", lang),
    ]
    for title, tables in (("doc_inputs", input_tables()), ("doc_results", result_tables())):
        lines += ["", f"## {text(f'tables.{title}', lang)}"]
        for table in sorted(tables.values(), key=lambda one: (not one.required, one.name)):
            lines += ["", *_table(table, lang)]
    return "\n".join(lines) + "\n"


def _table(table: Table, lang: Language) -> Iterator[str]:
    yield f"### {table.title.of(lang)} (`{table.name}`)"
    yield ""
    yield table.description.of(lang)
    yield ""
    yield f"- {text('tables.doc_key', lang)}: {', '.join(f'`{name}`' for name in table.key) or '-'}"
    yield f"- {text('tables.doc_geometry', lang)}: {text(f'tables.geometry.{table.geometry}', lang)}"
    if table.kind == "input":
        need = text("tables.yes" if table.required else "tables.no", lang)
        yield f"- {text('tables.doc_needed', lang)}: {need}"
    yield ""
    heads = ("column", "header", "type", "unit", "required", "values", "meaning")
    yield "| " + " | ".join(text(f"tables.doc_{head}", lang) for head in heads) + " |"
    yield "|---" * len(heads) + "|"
    for column in (*table.columns, *table.patterns):
        yield "| " + " | ".join(_cells(column, lang)) + " |"
    aliases = [column for column in table.columns if column.aliases]
    if aliases:
        yield ""
        yield f"{text('tables.doc_also', lang)}: " + "; ".join(
            f"`{column.name}` {', '.join(column.aliases[:_ALIASES_SHOWN])}" for column in aliases
        )


def _cells(column: Column, lang: Language) -> tuple[str, ...]:
    headers = (column.header.zh, column.header.en) if lang == "zh" else (column.header.en, column.header.zh)
    return (
        f"`{column.name}`",
        _escaped(" / ".join(headers)),
        text(f"tables.type.{column.dtype}", lang),
        unit_label(column, lang),
        text("tables.yes", lang) if column.required else "",
        _escaped("; ".join(_values(column, lang))),
        _escaped(column.description.of(lang)),
    )


def _values(column: Column, lang: Language) -> Iterator[str]:
    """Yield the allowed values of a column: choices, range, referenced table, default."""
    if column.choices:
        labels = choice_labels(column, lang)
        pairs = zip(column.choices, labels, strict=True)
        yield ", ".join(
            f"`{choice}`" if choice == label else f"`{choice}` {label}" for choice, label in pairs
        )
    if column.minimum is not None or column.maximum is not None:
        low = "" if column.minimum is None else f"{column.minimum:g}"
        high = "" if column.maximum is None else f"{column.maximum:g}"
        yield f"{low}–{high}" if low and high else f"≥ {low}" if low else f"≤ {high}"
    if column.reference:
        yield text("tables.doc_points_to", lang, tables=target_titles(column, lang))
    if column.default is not None:
        yield text("tables.doc_default", lang, default=default_label(column, lang))


def _escaped(words: str) -> str:
    return words.replace("|", "\\|").replace("<", "&lt;")
