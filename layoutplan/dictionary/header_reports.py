"""Reports on headers: required ones that are missing, and those that no column has, with suggestions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from layoutplan.dictionary.nearest import header_key, nearest
from layoutplan.dictionary.schema import Column, Table
from layoutplan.dictionary.table_log import TableLog
from layoutplan.texts import LANGUAGES, text

_SHARE: Final = re.compile(r"占比|比例|比重|率|百分比|share|ratio|percent|%|％", re.IGNORECASE)
_SHARE_UNITS: Final = ("share", "ratio")
_COMPARED: Final = 200  # unknown headers for which a suggestion is computed


def report_missing(missing: Sequence[Column], *, unknown: Sequence[str], log: TableLog) -> None:
    """Report required columns that the file lacks, with the unknown header that may be meant.

    Parameters
    ----------
    missing
        Required columns.
    unknown
        Headers of no column.
    log
        Receives one fault per column.
    """
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


def report_unknown(
    unknown: Sequence[str], table: Table, *, taken: set[str], mapped: bool, log: TableLog
) -> None:
    """Report ignored headers: one warning each where an unused column is similar, one fault for all others.

    Where the plan maps headers of the table, the user has reviewed them: the others are a notice only.

    Parameters
    ----------
    unknown
        Headers of no column.
    table
        Definition of the table.
    taken
        Names of the columns found.
    mapped
        Whether the plan maps headers of the table.
    log
        Receives the warnings.
    """
    free = [column for column in table.columns if column.name not in taken]
    others = []
    for place, header in enumerate(unknown):
        close = _suggestion(header, free, table.schooling.ids) if place < _COMPARED else []
        if close:
            near = {
                f"near_{lang}": "”, “".join(getattr(one.header, lang) for one in close) for lang in LANGUAGES
            }
            log.add("unknown_column_near", severity="warning", column=header, header=header, **near)
        else:
            others.append(header)
    if others:
        log.add("unknown_columns", severity="notice" if mapped else "warning", headers=quoted(others))


def _suggestion(header: str, free: Sequence[Column], stages: Sequence[str]) -> list[Column]:
    """Return the unused columns that a header may mean: one, or those of all stages if it names no stage.

    A header of shares (班额占比) is not matched to columns of counts.
    """
    offered = [one for one in free if one.unit in _SHARE_UNITS] if _SHARE.search(header) else free
    by_spelling = {spelling: one.name for one in offered for spelling in _spellings(one, stages)}
    close = nearest(header, by_spelling)
    if close is None:
        return []
    stem, stage = _stem(close, stages)
    alike = [one for one in offered if one.name == close]
    if stage and not any(word in header_key(header) for name in stages for word in _stage_words(name)):
        alike = [one for one in offered if _stem(one.name, stages)[0] == stem]
    return alike


def _spellings(column: Column, stages: Sequence[str]) -> Iterator[str]:
    """Yield the spellings of a column; for a column of one stage also without the stage."""
    _, stage = _stem(column.name, stages)
    for spelling in (column.name, column.header.en, column.header.zh, *column.aliases):
        yield spelling
        if stage:
            bare = header_key(spelling)
            for word in _stage_words(stage):
                bare = bare.replace(word, "")
            if len(bare) > 1:
                yield bare


def _stem(name: str, stages: Sequence[str]) -> tuple[str, str]:
    """Split a column name into what it counts and its stage (empty for none)."""
    stage = next((one for one in stages if name.endswith(f"_{one}")), "")
    return name.removesuffix(f"_{stage}") if stage else name, stage


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
