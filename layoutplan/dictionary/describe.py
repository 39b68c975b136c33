"""Texts that describe a column of the dictionary, for templates and the printed dictionary."""

from __future__ import annotations

from layoutplan.dictionary.loader import input_tables
from layoutplan.dictionary.schema import Column, Table
from layoutplan.texts import Language, text


def choice_labels(column: Column, lang: Language) -> tuple[str, ...]:
    """Return the labels of the values that a column accepts.

    Parameters
    ----------
    column
        Definition of the column.
    lang
        Language of the labels.

    Returns
    -------
    tuple of str
        The choices, or yes and no for a flag; empty for free values.
    """
    if column.dtype == "flag":
        return text("tables.yes", lang), text("tables.no", lang)
    return tuple(column.choice_label(choice, lang) for choice in column.choices)


def default_label(column: Column, lang: Language) -> str:
    """Return the default of a column as a user would write it.

    Parameters
    ----------
    column
        Definition of the column.
    lang
        Language of the label.

    Returns
    -------
    str
        Empty if an empty cell stays empty.
    """
    if column.default is None:
        return ""
    if isinstance(column.default, bool):
        return text("tables.yes" if column.default else "tables.no", lang)
    if isinstance(column.default, str):
        return column.choice_label(column.default, lang)
    return f"{column.default:g}"


def unit_label(column: Column, lang: Language) -> str:
    """Return the name of a column's unit.

    Parameters
    ----------
    column
        Definition of the column.
    lang
        Language of the name.

    Returns
    -------
    str
        Empty for a column without unit.
    """
    return text(f"tables.unit.{column.unit}", lang) if column.unit else ""


def target_titles(column: Column, lang: Language) -> str:
    """Return the titles of the tables that a column references.

    Parameters
    ----------
    column
        Definition of the column.
    lang
        Language of the titles.

    Returns
    -------
    str
        Titles separated by `` / ``; empty for a column without reference.
    """
    targets = [target.split(".")[0] for target in column.reference.split("|")] if column.reference else []
    known = input_tables()
    return " / ".join(known[target].title.of(lang) for target in targets)


def explain(column: Column, lang: Language) -> str:
    """Return the full description of a column, one sentence per line: the comment on a template's header.

    Parameters
    ----------
    column
        Definition of the column.
    lang
        Language of the text.

    Returns
    -------
    str
        Description, requirement, unit, choices, reference and default, as far as the column has them.

    Examples
    --------
    >>> from layoutplan.dictionary.loader import input_table
    >>> print(explain(input_table("roads").column("bridge"), "en"))
    on a bridge: does not join what it crosses
    One of: yes, no.
    Empty: no.
    """
    lines = [column.description.of(lang)]
    if column.required:
        lines.append(text("tables.comment_required", lang))
    if column.unit:
        lines.append(text("tables.comment_unit", lang, unit=unit_label(column, lang)))
    labels = choice_labels(column, lang)
    if labels:
        joined = ("、" if lang == "zh" else ", ").join(labels)
        lines.append(text("tables.comment_choices", lang, choices=joined))
    if column.dtype == "list":
        lines.append(text("tables.comment_list", lang))
    if column.reference:
        lines.append(text("tables.comment_reference", lang, table=target_titles(column, lang)))
    if column.default is not None:
        lines.append(text("tables.comment_default", lang, default=default_label(column, lang)))
    return "\n".join(lines)


def template_columns(table: Table) -> tuple[Column, ...]:
    """Return the columns of a template.

    Parameters
    ----------
    table
        Definition of the table.

    Returns
    -------
    tuple of Column
        In the table's order, with ``advanced`` columns last.
    """
    return tuple(sorted(table.columns, key=lambda column: column.advanced))
