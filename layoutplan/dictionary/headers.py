"""Matching of file headers to columns of the dictionary."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from layoutplan.dictionary.characters import narrow
from layoutplan.dictionary.choose_header import Match, choose, report_shared, without_sex
from layoutplan.dictionary.families import pattern_column
from layoutplan.dictionary.formulas import Formula, parse_formula
from layoutplan.dictionary.header_reports import quoted, report_missing, report_unknown
from layoutplan.dictionary.nearest import header_key, nearest
from layoutplan.dictionary.schema import Column, Table
from layoutplan.dictionary.table_log import TableLog
from layoutplan.dictionary.units import read_measure

GEOMETRY: Final = "geometry"
_OPENING, _CLOSING = "([【", ")]】"
_SUM: Final = re.compile(r"[`+*]")
# Rank of a match: a mapping of the plan precedes the dictionary's name and headers, these precede an alias.
_MAPPED, _OWN, _ALIAS = 0, 1, 2


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
    add_up: Collection[str] = (),
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
        Dictionary column name → header in the file, or sum of headers, from the plan; takes precedence over
        recognition.
    used
        Headers that the plan uses otherwise (``where``): not reported if unknown.
    add_up
        Names of columns whose headers are added up where several mean the column.
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
    summed = {term.header for matches in search.matches.values() for match in matches for term in match.terms}
    index = _index(table)
    for header in headers:
        if header not in mapped:
            _recognise(header, table, index=index, search=search, log=log)
    chosen = {
        name: choose(matches, mapping=name in columns, add_up=name in add_up, log=log)
        for name, matches in search.matches.items()
    }
    report_shared(chosen.values(), log=log)
    missing = [
        column for column in table.columns if column.required and column.name not in {*chosen, *columns}
    ]
    report_missing(missing, unknown=search.unknown, log=log)
    unused = [header for header in search.unknown if header not in used and header not in summed]
    report_unknown(unused, table, taken=set(chosen), mapped=bool(columns), log=log)
    fixed = [name for name in table.column_names if name in chosen]
    return {name: chosen[name] for name in (*fixed, *sorted(set(chosen) - set(fixed), key=_natural))}


def _suffix(header: str) -> tuple[str, str] | None:
    """Return the text before and inside the brackets that end a header; full-width brackets included."""
    folded = narrow(header).rstrip()
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
        if header is not None:
            search.found(_with_unit(column, header, sureness=_MAPPED, log=log))
            continue
        match = _sum(wanted, column, headers, log=log)
        if match is not None:
            search.found(match)


def _sum(wanted: str, column: Column, headers: Sequence[str], *, log: TableLog) -> Match | None:
    """Return the match of a sum of headers; report a text that is neither a header nor a sum."""
    formula = parse_formula(wanted, headers)
    if isinstance(formula, Formula) and column.dtype in ("number", "integer"):
        terms = tuple(
            _with_unit(column, header, sureness=_MAPPED, log=log) for header in dict.fromkeys(formula.headers)
        )
        return Match(column, wanted, _MAPPED, formula=formula, terms=terms)
    if isinstance(formula, Formula):
        log.add("formula_not_number", column=column.name, formula=wanted)
        return None
    if formula.known:
        close = nearest(formula.unknown[0], {header: header for header in headers})
        log.add(
            "formula_unknown_header",
            column=column.name,
            formula=wanted,
            names=quoted(formula.unknown),
            headers=quoted([close]) if close else quoted(headers),
        )
    elif formula.code == "formula_syntax" and _SUM.search(wanted):
        log.add("formula_syntax", column=column.name, formula=wanted)
    else:
        _report_no_header(wanted, column, headers, log=log)
    return None


def _report_no_header(wanted: str, column: Column, headers: Sequence[str], *, log: TableLog) -> None:
    close = nearest(wanted, {candidate: candidate for candidate in headers})
    if close:
        log.add("mapped_header_missing_near", column=column.name, header=wanted, near=close)
    else:
        shown = ", ".join(headers) or "-"
        log.add("mapped_header_missing", column=column.name, header=wanted, headers=shown)


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
    """Find the column that a header names: as written, else without a sex or the unit in brackets."""
    suffix = _suffix(header)
    bare, sex = without_sex(header)
    for spelling, of_sex in ((header, ""), (bare if sex else None, sex), (suffix[0] if suffix else None, "")):
        if spelling is None:
            continue
        if header_key(spelling) in index:
            column, sureness = index[header_key(spelling)]
        elif (of_pattern := pattern_column(spelling, table)) is not None:
            column, sureness = of_pattern, _OWN
        else:
            continue
        match = _with_unit(column, header, sureness=sureness, log=log)
        search.found(replace(match, sex=of_sex) if column.dtype in ("number", "integer") else match)
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


def _natural(name: str) -> list[tuple[int, str]]:
    """Return a sort key by which ``age_2`` comes before ``age_10``."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]
