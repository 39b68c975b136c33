"""Matching of file headers to columns of the dictionary."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Final

from layoutplan.dictionary.nearest import header_key, nearest
from layoutplan.dictionary.schema import Column, Table, Words
from layoutplan.dictionary.table_log import TableLog
from layoutplan.dictionary.units import read_measure
from layoutplan.texts import LANGUAGES, keys, text

GEOMETRY: Final = "geometry"
_STAGES: Final = tuple(key.split(".")[1] for key in keys("stages.") if key.count(".") == 1)
_SHARE: Final = re.compile(r"占比|比例|比重|率|百分比|share|ratio|percent|%|％", re.IGNORECASE)
_SHARE_UNITS: Final = ("share", "ratio")
_OPENING, _CLOSING = "([【", ")]】"
_SEPARATOR: Final = r"[\s_\-~–—至到]+"
_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")
_DIGITS: Final = r"\d{1,4}"  # an age or a year
_COMPARED: Final = 200  # unknown headers for which a suggestion is computed
# Rank of a match: a mapping of the plan precedes the dictionary's name and headers, these precede an alias.
_MAPPED, _OWN, _ALIAS = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Match:
    """A dictionary column found in a file; ``factor`` is dictionary units per unit of the header.

    ``sureness`` is the rank of the match: 0 mapped by the plan, 1 own name or header, 2 alias.
    """

    column: Column
    header: str
    sureness: int
    factor: float = 1.0


@dataclass
class _Search:
    """Matches collected while the headers of one file are processed."""

    matches: dict[str, list[Match]] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)

    def found(self, match: Match) -> None:
        self.matches.setdefault(match.column.name, []).append(match)


def match_headers(
    headers: Sequence[str],
    table: Table,
    *,
    columns: Mapping[str, str],
    used: Collection[str] = (),
    log: TableLog,
) -> dict[str, Match]:
    """Match the headers of a file to the columns of a table.

    Parameters
    ----------
    headers
        As in the file, without ``geometry``.
    table
        Definition of the table.
    columns
        Dictionary column name → header in the file, from the plan; takes precedence over recognition.
    used
        Headers that the plan uses otherwise (``where``): not reported if unknown.
    log
        Receives: unknown headers and weaker duplicates (warnings or notices), two headers for one column,
        mapped headers that the file lacks, mappings of unknown columns, missing required columns, units
        converted (notice) or of the wrong dimension.

    Returns
    -------
    dict of str to Match
        By dictionary column name, in the table's order; pattern columns last, in natural order of their
        names.
    """
    search = _Search()
    _take_mapped(headers, table, columns=columns, search=search, log=log)
    mapped = {match.header for matches in search.matches.values() for match in matches}
    index = _index(table)
    for header in headers:
        if header not in mapped:
            _recognise(header, table, index=index, search=search, log=log)
    chosen = {
        name: _choose(matches, mapping=name in columns, log=log) for name, matches in search.matches.items()
    }
    missing = [
        column for column in table.columns if column.required and column.name not in {*chosen, *columns}
    ]
    _report_missing(missing, unknown=search.unknown, log=log)
    unused = [header for header in search.unknown if header not in used]
    _report_unknown(unused, table, taken=set(chosen), mapped=bool(columns), log=log)
    fixed = [name for name in table.column_names if name in chosen]
    return {name: chosen[name] for name in (*fixed, *sorted(set(chosen) - set(fixed), key=_natural))}


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
    folded = re.sub(r"\s", "", unicodedata.normalize("NFKC", name).casefold())
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
    pieces = _PLACEHOLDER.split(unicodedata.normalize("NFKC", spelling).casefold())
    made = ""
    for place, piece in enumerate(pieces):
        if place % 2:
            made += rf"(?P<{piece}>{_DIGITS})"
        elif re.fullmatch(r"[\s_\-]+", piece):
            made += _SEPARATOR
        else:
            made += r"[\s_\-]*".join(re.escape(part) for part in re.split(r"[\s_\-]+", piece))
    return re.compile(made)


def _suffix(header: str) -> tuple[str, str] | None:
    """Return the text before and inside the brackets that end a header; full-width brackets included."""
    folded = unicodedata.normalize("NFKC", header).rstrip()
    if not folded or folded[-1] not in _CLOSING:
        return None
    opened = max(folded.rfind(mark) for mark in _OPENING)
    unit = folded[opened + 1 : -1]
    return None if opened < 0 or any(mark in unit for mark in _CLOSING) else (folded[:opened].rstrip(), unit)


def _index(table: Table) -> dict[str, tuple[Column, int]]:
    """Return the table's columns by every spelling of their headers."""
    index: dict[str, tuple[Column, int]] = {}
    for column in table.columns:
        for alias in column.aliases:
            index.setdefault(header_key(alias), (column, _ALIAS))
    for column in table.columns:
        for own in (column.header.en, column.header.zh, column.name):
            index[header_key(own)] = (column, _OWN)
    return index


def _take_mapped(
    headers: Sequence[str], table: Table, *, columns: Mapping[str, str], search: _Search, log: TableLog
) -> None:
    by_key = {header_key(header): header for header in reversed(headers)}
    for name, wanted in columns.items():
        if name == GEOMETRY:
            continue
        column = known_column(name, table)
        if column is None:
            report_unknown_mapping(name, table, log=log)
            continue
        header = wanted if wanted in headers else by_key.get(header_key(wanted))
        if header is None:
            close = nearest(wanted, {candidate: candidate for candidate in headers})
            if close:
                log.add("mapped_header_missing_near", column=name, header=wanted, near=close)
            else:
                log.add(
                    "mapped_header_missing", column=name, header=wanted, headers=", ".join(headers) or "-"
                )
            continue
        search.found(_with_unit(column, header, sureness=_MAPPED, log=log))


def known_column(name: str, table: Table) -> Column | None:
    """Return the column with a dictionary name, fixed or of a pattern; ``None`` if the table has none.

    Parameters
    ----------
    name
        Dictionary column name.
    table
        Definition of the table.
    """
    if name in table.column_names:
        return table.column(name)
    return pattern_column(name, table)


def report_unknown_mapping(name: str, table: Table, *, log: TableLog) -> None:
    """Report a mapping in the plan for a column that the table does not have.

    Parameters
    ----------
    name
        Column name in the plan.
    table
        Definition of the table.
    log
        Receives the fault, with the nearest known name if there is one.
    """
    close = nearest(name, {column.name: column.name for column in (*table.columns, *table.patterns)})
    if close:
        log.add("mapping_unknown_column_near", name=name, near=close)
    else:
        log.add("mapping_unknown_column", name=name)


def _recognise(
    header: str, table: Table, *, index: Mapping[str, tuple[Column, int]], search: _Search, log: TableLog
) -> None:
    """Find the column that a header names: as written, else without the unit in brackets at its end."""
    suffix = _suffix(header)
    for spelling in (header, suffix[0] if suffix else None):
        if spelling is None:
            continue
        if header_key(spelling) in index:
            column, sureness = index[header_key(spelling)]
        elif (of_pattern := pattern_column(spelling, table)) is not None:
            column, sureness = of_pattern, _OWN
        else:
            continue
        search.found(_with_unit(column, header, sureness=sureness, log=log))
        return
    search.unknown.append(header)


def _with_unit(column: Column, header: str, *, sureness: int, log: TableLog) -> Match:
    """Return the match with the conversion factor of the unit in the header's brackets."""
    suffix = _suffix(header)
    measure = read_measure(suffix[1]) if suffix else None
    if measure is None or column.dtype not in ("number", "integer") or not column.unit:
        return Match(column, header, sureness)
    if not measure.fits(column.unit):
        log.add("unit_wrong", column=header, unit=suffix[1] if suffix else "", ours=column.unit)
        return Match(column, header, sureness)
    if measure.factor != 1.0:
        log.add(
            "unit_converted",
            severity="notice",
            column=header,
            factor=f"{measure.factor:,.6g}",
            ours=column.unit,
        )
    return Match(column, header, sureness, factor=measure.factor)


def _choose(matches: Sequence[Match], *, mapping: bool, log: TableLog) -> Match:
    """Return the best match; report others: an error if of equal rank, else a warning of what is ignored."""
    best = min(matches, key=lambda match: match.sureness)
    equal = [match.header for match in matches if match.sureness == best.sureness]
    lesser = [match.header for match in matches if match.sureness > best.sureness]
    if len(equal) > 1:
        log.add(
            "duplicate_column",
            column=best.column.name,
            headers=quoted(equal),
            name=best.column.name,
            name_en=best.column.header.en,
            name_zh=best.column.header.zh,
        )
    elif lesser and not mapping:
        log.add(
            "weaker_header_ignored",
            severity="warning",
            column=best.column.name,
            headers=quoted(lesser),
            taken=best.header,
        )
    return best


def _report_missing(missing: Sequence[Column], *, unknown: Sequence[str], log: TableLog) -> None:
    for column in missing:
        spellings = (column.name, column.header.en, column.header.zh, *column.aliases)
        offers = (nearest(header, dict.fromkeys(spellings, header)) for header in unknown[:_COMPARED])
        close = next((offer for offer in offers if offer), None)
        code = "missing_column_near" if close else "missing_column"
        log.add(
            code,
            column=column.name,
            near=close,
            name=column.name,
            name_en=column.header.en,
            name_zh=column.header.zh,
        )


def _report_unknown(
    unknown: Sequence[str], table: Table, *, taken: set[str], mapped: bool, log: TableLog
) -> None:
    """Report ignored headers: one warning each where an unused column is similar, one fault for all others.

    Where the plan maps headers of the table, the user has reviewed them: the others are a notice only.
    """
    free = [column for column in table.columns if column.name not in taken]
    others = []
    for place, header in enumerate(unknown):
        close = _suggestion(header, free) if place < _COMPARED else None
        if close:
            log.add("unknown_column_near", severity="warning", column=header, header=header, near=close)
        else:
            others.append(header)
    if others:
        log.add("unknown_columns", severity="notice" if mapped else "warning", headers=quoted(others))


def _suggestion(header: str, free: Sequence[Column]) -> str | None:
    """Return the unused columns that a header may mean: one, or those of all stages if it names no stage.

    A header of shares (班额占比) is not matched to columns of counts.
    """
    offered = [one for one in free if one.unit in _SHARE_UNITS] if _SHARE.search(header) else free
    by_spelling = {spelling: one.name for one in offered for spelling in _spellings(one)}
    close = nearest(header, by_spelling)
    if close is None:
        return None
    stem, stage = _stem(close)
    alike = [one for one in offered if one.name == close]
    if stage and not any(word in header_key(header) for name in _STAGES for word in _stage_words(name)):
        alike = [one for one in offered if _stem(one.name)[0] == stem]
    return "”, “".join(f"{one.header.en} / {one.header.zh}" for one in alike)


def _spellings(column: Column) -> Iterator[str]:
    """Yield the spellings of a column; for a column of one stage also without the stage."""
    _, stage = _stem(column.name)
    for spelling in (column.name, column.header.en, column.header.zh, *column.aliases):
        yield spelling
        if stage:
            bare = header_key(spelling)
            for word in _stage_words(stage):
                bare = bare.replace(word, "")
            if len(bare) > 1:
                yield bare


def _stem(name: str) -> tuple[str, str]:
    """Split a column name into what it counts and its stage (empty for none)."""
    stem, _, last = name.rpartition("_")
    return (stem, last) if last in _STAGES else (name, "")


def _stage_words(stage: str) -> list[str]:
    return [header_key(word) for word in (stage, *(text(f"stages.{stage}", lang) for lang in LANGUAGES))]


def quoted(values: Sequence[str], *, most: int = 12) -> str:
    """Return values in quotation marks for a message, separated by commas; ``…`` marks omissions.

    Parameters
    ----------
    values
        Values to show; each is truncated to 40 characters.
    most
        Largest number of values shown.

    Examples
    --------
    >>> quoted(["a", "b", "c"], most=2)
    '“a”, “b”, …'
    """
    longest = 40
    shown = [f"“{value if len(value) <= longest else value[:longest] + '…'}”" for value in values[:most]]
    return ", ".join([*shown, "…"] if len(values) > most else shown)


def _natural(name: str) -> list[tuple[int, str]]:
    """Return a sort key by which ``age_2`` comes before ``age_10``."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]
