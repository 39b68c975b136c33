"""Column families of the dictionary, such as ``age_{age}``: the column that a header denotes."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import Final

from layoutplan.dictionary.characters import narrow
from layoutplan.dictionary.schema import Column, Table, Words

_SEPARATOR: Final = r"[\s_\-~–—至到]+"
_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")
_DIGITS: Final = r"[0-9]{1,4}"  # an age or a year


def pattern_column(name: str, table: Table) -> Column | None:
    """Return the column that a name denotes in a column family of the table (``age_5``, ``5岁``).

    Parameters
    ----------
    name
        Column name or header.
    table
        Definition of the table.

    Returns
    -------
    Column or None
        With the numbers filled into name and headers; ``None`` if the name is of no family.

    Examples
    --------
    >>> from layoutplan.dictionary import input_table
    >>> pattern_column("0-4岁", input_table("units")).name
    'age_0_4'
    """
    folded = re.sub(r"\s", "", narrow(name).casefold())
    for column in table.patterns:
        for spelling in (column.name, column.header.en, column.header.zh, *column.aliases):
            match = _pattern(spelling).fullmatch(folded)
            if match:
                numbers = {part: str(int(digits)) for part, digits in match.groupdict().items()}
                words = Words(en=column.header.en.format(**numbers), zh=column.header.zh.format(**numbers))
                return replace(column, name=column.name.format(**numbers), header=words)
    return None


@cache
def _pattern(spelling: str) -> re.Pattern[str]:
    """Return the expression for a spelling with placeholders; separators may be any dash, 至, 到 or _."""
    pieces = _PLACEHOLDER.split(narrow(spelling).casefold())
    made = ""
    for place, piece in enumerate(pieces):
        if place % 2:
            made += rf"(?P<{piece}>{_DIGITS})"
        elif re.fullmatch(r"[\s_\-]+", piece):
            made += _SEPARATOR
        else:
            made += r"[\s_\-]*".join(re.escape(part) for part in re.split(r"[\s_\-]+", piece))
    return re.compile(made)
