"""Sentences of the result tables read back: the number a sentence says, and whether its row bears it out."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import pandas as pd

from layoutplan.layouts import TODAY
from layoutplan.texts import LANGUAGES, Language, number, text

Tables = Mapping[str, pd.DataFrame]
_Row = Mapping[Any, Any]
_NUMBER: Final = r"−?[\d,.]*\d万?"
_WORDS: Final = ".+?"
_WHOLE_SEAT: Final = 1 - 1e-6


@dataclass(frozen=True)
class Claim:
    """A sentence that a column of a table may hold, and what must be so where it does.

    Attributes
    ----------
    table, column
        Where the sentence stands; its translation in ``<column>_translated`` is read too.
    key
        Key of its text.
    says
        Placeholders of the text by the column of the same row whose value they say.
    holds
        Whether the row, and the other tables, bear the sentence out.
    """

    table: str
    column: str
    key: str
    says: Mapping[str, str]
    holds: Callable[[_Row, Tables], bool] = lambda _row, _tables: True


def _no_spare(row: _Row, tables: Tables) -> bool:
    """Whether no school of the hotspot's stage has a whole seat left over in its year."""
    schools = tables["school_balance"]
    here = schools[
        (schools["layout"] == TODAY) & (schools["stage"] == row["stage"]) & (schools["year"] == row["year"])
    ]
    return not (here["spare"] >= _WHOLE_SEAT).any()


CLAIMS: Final = (
    Claim("hotspots", "remedy", "hotspots.relief.none_spare", {}, _no_spare),
    Claim("hotspots", "remedy", "hotspots.relief.lasting", {"seats": "seats_short"}),
    Claim("hotspots", "remedy", "hotspots.relief.temporary", {"seats": "seats_short"}),
    Claim("hotspots", "remedy", "hotspots.relief.spare_walk", {"seats": "nearest_spare_seats"}),
    Claim("proposals", "reason", "siting.reason.places", {"last": "needed_at_horizon"}),
    Claim("estate_gaps", "remark", "outlook.estate.none", {"seats": "catchment_shortfall"}),
)


def false_claims(tables: Tables) -> Iterator[str]:
    """Yield every sentence that says another number than its row, or what its row denies.

    Parameters
    ----------
    tables
        Result tables by name; claims on tables that a run does not have are passed over.

    Yields
    ------
    str
        Table, place and sentence.
    """
    for claim in CLAIMS:
        frame = tables.get(claim.table)
        if frame is None or claim.column not in frame:
            continue
        columns = [name for name in (claim.column, f"{claim.column}_translated") if name in frame]
        for row in pd.DataFrame(frame).to_dict("records"):
            for column in columns:
                if isinstance(row[column], str):
                    yield from _false(claim, row, row[column], tables)


def _false(claim: Claim, row: _Row, sentences: str, tables: Tables) -> Iterator[str]:
    for lang in LANGUAGES:
        said = said_in(claim.key, lang, tuple(claim.says)).search(sentences)
        if said is None:
            continue
        for placeholder, column in claim.says.items():
            expected: str | None = number(float(row[column]), lang) if pd.notna(row[column]) else None
            if said[placeholder] != expected:
                place = f"{claim.table}.{claim.column}"
                yield f"{place} says {said[placeholder]}, {column} is {expected}: {said[0]}"
        if not claim.holds(row, tables):
            yield f"{claim.table}.{claim.column} is not so: {said[0]}"


@cache
def said_in(key: str, lang: Language, numbers: tuple[str, ...] = ()) -> re.Pattern[str]:
    """Return the pattern that finds a text among sentences; its groups are the placeholders.

    Parameters
    ----------
    key
        Key of the text.
    lang
        Its language.
    numbers
        Placeholders that stand for numbers.

    Returns
    -------
    re.Pattern
        A placeholder that occurs twice is the group of its first place.

    Examples
    --------
    >>> said = "1,708 more seats are needed within reach: a new school, or an enlargement near by."
    >>> said_in("hotspots.relief.lasting", "en", ("seats",)).search(said)["seats"]
    '1,708'
    """
    parts: list[str] = []
    seen: set[str] = set()
    for words, name, spec, _ in string.Formatter().parse(text(key, lang)):
        parts.append(re.escape(words))
        if name is None:
            continue
        if spec and spec.startswith("|"):
            one, other = spec.removeprefix("|").split("|")
            parts.append(f"(?:{re.escape(one)}|{re.escape(other)})")
        elif name in seen:
            parts.append(".+?")
        else:
            seen.add(name)
            parts.append(f"(?P<{name}>{_NUMBER if name in numbers else _WORDS})")
    return re.compile("".join(parts))
