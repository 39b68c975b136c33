"""Structure of the data dictionary: tables and columns as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from layoutplan.standards.schooling import Schooling
from layoutplan.texts import Language

DType = Literal["text", "number", "integer", "year", "flag", "date", "list"]
Dated = Literal["calendar", "first", "within"]
GeometryKind = Literal["none", "point", "line", "polygon", "any"]


@dataclass(frozen=True, slots=True)
class Words:
    """A text in both languages, stored with the item it describes."""

    en: str
    zh: str

    def of(self, lang: Language) -> str:
        """Return the text in one language.

        Parameters
        ----------
        lang
            Language code.

        Returns
        -------
        str
            The text.
        """
        return self.en if lang == "en" else self.zh


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    name
        Name in code and in saved tables, for example ``seats_primary``.
    header
        Header shown to users, in both languages.
    description
        Meaning, in both languages.
    dtype
        ``text``, ``number`` (float), ``integer`` (nullable Int64), ``year`` (Int64), ``flag`` (nullable
        boolean; 是/否, yes/no, 1/0 on input), ``date`` or ``list`` (text split at ; , 、).
    unit
        Unit as written, for example ``seats``, ``m``, ``m²``, ``currency``; empty for none.
    required, nullable
        Whether the file must have the column, and whether its cells may be empty.
    minimum, maximum
        Inclusive range, ``None`` for unbounded.
    plausible, possible
        Inclusive ranges of sound figures, ``None`` for any: outside ``plausible`` is a warning, outside
        ``possible`` a fault. A 0 is always allowed.
    whole
        Whether a fraction is doubtful (seats): a warning.
    choices
        Accepted values of a text column (of each item of a list), empty for any; ``choice_aliases`` maps
        other spellings to them, the first for each choice being its Chinese label. Aliases without choices
        only unify common spellings: other values stay as written.
    reference
        ``table.column`` whose values this column must contain, or ``None``; ``a.x|b.y`` for alternatives.
    aliases
        Other headers accepted on input (both languages; case and blanks are ignored).
    default
        Value of an empty cell or a missing column; ``None`` leaves it empty.
    example
        Value in the example row of templates, in both languages; ``None`` leaves it empty.
    advanced
        Needed for special rules only: templates put it last, in a collapsed group.
    dated
        What a date in a column of years means: its calendar year, the first school year that begins on or
        after it (``first``), or the school year it lies in (``within``).
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
    plausible: tuple[float, float] | None = None
    possible: tuple[float, float] | None = None
    whole: bool = False
    choices: tuple[str, ...] = ()
    choice_aliases: tuple[tuple[str, str], ...] = ()
    reference: str | None = None
    aliases: tuple[str, ...] = ()
    default: str | float | bool | None = None
    example: Words | None = None
    advanced: bool = False
    dated: Dated = "calendar"

    def choice_label(self, choice: str, lang: Language) -> str:
        """Return the label of a choice.

        Parameters
        ----------
        choice
            One of ``choices``.
        lang
            Language of the label.

        Returns
        -------
        str
            In Chinese the first alias of the choice, else the choice itself.
        """
        spellings = (spelling for spelling, meant in self.choice_aliases if meant == choice)
        return next(spellings, choice) if lang == "zh" else choice


@dataclass(frozen=True, slots=True)
class Table:
    """One table: input (provided by the user) or result (written to the run folder).

    ``schooling`` defines the stages and school types that its columns and choices are for.
    ``parts`` tells that one record may be drawn in several rows, which are united. ``by_system`` tells that a
    row is of one school system, where a city has several.
    ``patterns`` are column families such as ``age_{age}`` or ``age_{from}_{to}``: a :class:`Column` whose
    name, headers and aliases contain placeholders in braces, each for a number.
    """

    name: str
    title: Words
    description: Words
    columns: tuple[Column, ...]
    schooling: Schooling
    patterns: tuple[Column, ...] = ()
    key: tuple[str, ...] = ()
    geometry: GeometryKind = "none"
    required: bool = False
    kind: Literal["input", "result"] = "input"
    parts: bool = False
    by_system: bool = False

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of the fixed columns, in display order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """Return a fixed column.

        Parameters
        ----------
        name
            Dictionary column name.

        Returns
        -------
        Column
            Its definition.

        Raises
        ------
        KeyError
            If the table has no such column.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"table {self.name} has no column {name}")
