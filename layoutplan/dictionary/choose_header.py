"""The choice among headers that mean the same column: the surest one, or on request the sum of all.

Columns of boys and of girls are parts of one column: either alone would halve it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from layoutplan.dictionary.characters import narrow
from layoutplan.dictionary.formulas import Formula, sum_of
from layoutplan.dictionary.header_reports import quoted
from layoutplan.dictionary.schema import Column
from layoutplan.dictionary.table_log import TableLog

_MALE: Final = "男性|男生|男孩|男童|男|males?|boys?"
_FEMALE: Final = "女性|女生|女孩|女童|(?<!子)女|females?|girls?"
_SEX: Final = rf"(?:(?P<male>{_MALE})|(?P<female>{_FEMALE}))"
_AFTER: Final = re.compile(rf"(?P<rest>.*?)[\s_\-]*[(\[【]?\s*(?<![a-z]){_SEX}\s*[)\]】]?", re.IGNORECASE)
_BEFORE: Final = re.compile(rf"{_SEX}(?![a-z])[\s_\-:]*(?P<rest>.+)", re.IGNORECASE)
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Match:
    """A dictionary column found in a file; ``factor`` is dictionary units per unit of the header.

    Attributes
    ----------
    column
        The column.
    header
        Header in the file; of a sum the text of the formula.
    sureness
        Rank of the match: 0 mapped by the plan, 1 own name or header, 2 alias.
    sex
        ``male`` or ``female`` where the header names one of them, else empty.
    terms
        Of a sum: the match of each header; empty for a single header.
    """

    column: Column
    header: str
    sureness: int
    factor: float = 1.0
    sex: str = ""
    formula: Formula | None = None
    terms: tuple[Match, ...] = ()


def without_sex(header: str) -> tuple[str, str]:
    """Split a header into what it counts and the sex it counts.

    Parameters
    ----------
    header
        Header as written.

    Returns
    -------
    tuple of str
        The header without the word, and ``male``, ``female`` or an empty text.

    Examples
    --------
    >>> without_sex("0-4岁（男）"), without_sex("girls 5-9"), without_sex("population")
    (('0-4岁', 'male'), ('5-9', 'female'), ('population', ''))
    """
    folded = narrow(header).strip()
    if len(folded) > _LONGEST:
        return header, ""
    for pattern in (_AFTER, _BEFORE):
        match = pattern.fullmatch(folded)
        if match is not None and match["rest"].strip():
            return match["rest"].strip(), "male" if match["male"] else "female"
    return header, ""


def choose(matches: Sequence[Match], *, mapping: bool, add_up: bool, log: TableLog) -> Match:
    """Return the match of a column.

    Parameters
    ----------
    matches
        Headers that mean the column, at least one.
    mapping
        Whether the plan maps the column.
    add_up
        Whether the plan wants the headers of equal rank added up.
    log
        Receives an error for headers of equal rank that are not added up, and for one sex without the other;
        a warning for headers that are ignored.

    Returns
    -------
    Match
        The surest; with ``add_up`` a match whose ``terms`` are the headers to add.
    """
    whole = [match for match in matches if not match.sex] or list(matches)
    best = min(whole, key=lambda match: match.sureness)
    equal = [match for match in whole if match.sureness == best.sureness]
    lesser = [match.header for match in matches if match not in equal]
    sexes = {match.sex for match in equal} - {""}
    if len(sexes) == 1 and not mapping:
        log.add("one_sex_only", column=best.header, headers=quoted([match.header for match in equal]))
    elif len(equal) > 1 and add_up:
        best = _added(equal, log=log)
    elif len(equal) > 1:
        _report_equal(equal, by_sex=len(sexes) > 1, log=log)
    if lesser and not mapping and len(equal) == 1:
        log.add(
            "weaker_header_ignored",
            severity="warning",
            column=best.column.name,
            headers=quoted(lesser),
            taken=best.header,
        )
    return best


def _added(equal: Sequence[Match], *, log: TableLog) -> Match:
    formula = sum_of([match.header for match in equal])
    log.add(
        "headers_added",
        severity="notice",
        column=equal[0].column.name,
        headers=quoted([match.header for match in equal]),
    )
    return replace(equal[0], header=formula.text, factor=1.0, sex="", formula=formula, terms=tuple(equal))


def _report_equal(equal: Sequence[Match], *, by_sex: bool, log: TableLog) -> None:
    column = equal[0].column
    log.add(
        "split_by_sex" if by_sex else "duplicate_column",
        column=column.name,
        headers=quoted([match.header for match in equal]),
        name=column.name,
        name_en=column.header.en,
        name_zh=column.header.zh,
    )


def report_shared(matches: Iterable[Match], *, log: TableLog) -> None:
    """Report headers that feed several number columns: each figure then counts in each of them.

    Parameters
    ----------
    matches
        The chosen matches of a table.
    log
        Receives one warning per header.
    """
    fed: dict[str, list[Column]] = {}
    for match in matches:
        if match.formula is None and match.column.dtype in ("number", "integer"):
            fed.setdefault(match.header, []).append(match.column)
    for header, columns in fed.items():
        if len(columns) > 1:
            log.add(
                "header_for_two_columns",
                severity="warning",
                column=header,
                header=header,
                names_en=", ".join(column.header.en for column in columns),
                names_zh="、".join(column.header.zh for column in columns),
                first=columns[0].name,
            )
