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
        Other headers accepted on input (both languages, compared case-insensitively without blanks).
    dtype
        ``text``, ``number`` (float), ``integer`` (nullable Int64), ``year`` (Int64), ``flag`` (nullable
        boolean; 是/否, yes/no, 1/0 on input), ``date`` or ``list`` (text split at ; , 、).
    unit
        Unit as written, for example ``seats``, ``m``, ``m²``, ``yuan``; empty for none.
    minimum, maximum
        Inclusive range, ``None`` for open.
    choices
        Accepted values of a text column, empty for any; ``choice_aliases`` maps other spellings (中文) to them.
    reference
        ``table.column`` this column must point into, or ``None``.
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


@dataclass(frozen=True, slots=True)
class Table:
    """One table: input (given by a planner) or result (written to the run folder).

    ``patterns`` are column families such as ``age_{age}``: a :class:`Column` whose name holds one
    placeholder in braces, which stands for a run of letters or digits.
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
