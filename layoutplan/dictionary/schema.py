"""The shape of the data dictionary: tables and their columns as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from layoutplan.texts import Language

DType = Literal["text", "number", "integer", "year", "flag", "date", "list"]
GeometryKind = Literal["none", "point", "line", "polygon", "any"]


@dataclass(frozen=True, slots=True)
class Words:
    """A text in both languages, kept beside the datum it describes."""

    en: str
    zh: str

    def of(self, lang: Language) -> str:
        """Return the text in ``lang``."""
        return self.en if lang == "en" else self.zh


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    name
        The name in code and in saved tables, for example ``seats_primary``.
    header
        What a person reads above the column, in both languages.
    aliases
        Other headers accepted on input (both languages; case and blanks do not matter).
    dtype
        ``text``, ``number`` (float), ``integer`` (nullable Int64), ``year`` (Int64), ``flag`` (nullable
        boolean; 是/否, yes/no, 1/0 on input), ``date`` or ``list`` (text split at ; , 、).
    unit
        Unit as written, for example ``seats``, ``m``, ``m²``, ``currency``; empty for none.
    minimum, maximum
        Inclusive range, ``None`` for open.
    choices
        Accepted values of a text column (of each item of a list), empty for any; ``choice_aliases`` maps
        other spellings to them, the first of each choice being its Chinese label. Aliases without choices
        only unify common spellings: other values stay as written.
    reference
        ``table.column`` this column must point into, or ``None``; ``a.x|b.y`` where it may point into either.
    default
        What an empty cell, or a column that is missing, is taken as; ``None`` leaves it empty.
    example
        Value of the templates' example row, in both languages; ``None`` leaves it empty.
    advanced
        Needed by particular rules only: the templates put it last, folded away.
    """

    name: str
    header: Words
    description: Words
    dtype: DType = "text"
    unit: str = ""
    required: bool = False
    nullable: bool = True
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    choice_aliases: tuple[tuple[str, str], ...] = ()
    reference: str | None = None
    aliases: tuple[str, ...] = ()
    default: str | float | bool | None = None
    example: Words | None = None
    advanced: bool = False

    def choice_label(self, choice: str, lang: Language) -> str:
        """Return a choice as people write it: in Chinese its first spelling there, else the choice itself."""
        spellings = (spelling for spelling, meant in self.choice_aliases if meant == choice)
        return next(spellings, choice) if lang == "zh" else choice


@dataclass(frozen=True, slots=True)
class Table:
    """One table: input (given by a planner) or result (written to the run folder).

    ``patterns`` are column families such as ``age_{age}`` or ``age_{from}_{to}``: a :class:`Column` whose
    name, headers and aliases hold placeholders in braces, each standing for a run of digits.
    """

    name: str
    title: Words
    description: Words
    columns: tuple[Column, ...]
    patterns: tuple[Column, ...] = ()
    key: tuple[str, ...] = ()
    geometry: GeometryKind = "none"
    required: bool = False
    kind: Literal["input", "result"] = "input"

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of the fixed columns, in the order a reader sees them."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """Return the column ``name``; raise ``KeyError`` if the table has none of that name."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"table {self.name} has no column {name}")
