"""Columns of a second file joined by a name or code, as where capacities stand in a list of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import pandas as pd

from layoutplan.city.raw_table import RawTable
from layoutplan.dictionary.header_reports import quoted
from layoutplan.dictionary.nearest import header_key, nearest
from layoutplan.dictionary.scalars import as_text, is_blank
from layoutplan.dictionary.table_log import TableLog
from layoutplan.plan.settings import JoinSettings

_OFFERED: Final = 5
_CANDIDATES: Final = 5_000  # names compared for an offer; bounds the time


def join_table(raw: RawTable, second: RawTable, settings: JoinSettings, *, log: TableLog) -> RawTable | None:
    """Return a table with the columns of a second one; rows without a partner have blanks there.

    Parameters
    ----------
    raw, second
        Tables as read.
    settings
        ``join`` of the plan.
    log
        Receives errors: a header that a file lacks, a name that stands twice in the second file with a
        partner here, a row of the second file with several partners (its figures would count twice), columns
        of equal names; and warnings of names without a partner on either side, with the nearest offered.

    Returns
    -------
    RawTable or None
        Same rows and labels as ``raw``; ``None`` after a fault.
    """
    left = _header(settings.on, raw.frame, log=log)
    right = _header(settings.to or settings.on, second.frame, log=log)
    if left is None or right is None:
        return None
    taken = _taken(settings, second.frame, right, log=log)
    if taken is None:
        return None
    clash = [name for name in taken if name in raw.frame.columns]
    if clash:
        log.add("join_column_taken", names=quoted(clash))
        return None
    meant = {_key(name): here for name, here in settings.names.items()}
    here = [_key(cell) for cell in raw.frame[left]]
    there = [_key(meant.get(_key(cell), cell)) for cell in second.frame[right]]
    if not _each_once(here, there, raw.frame[left], log=log):
        return None
    place = {key: number for number, key in enumerate(there) if key}
    found = [place.get(key, -1) if key else -1 for key in here]
    known = set(here)
    _report_alone(
        _Side(raw.frame[left], [number < 0 for number in found]),
        _Side(second.frame[right], [key not in known for key in there]),
        log=log,
    )
    rows = second.frame[taken].astype(object)
    joined: dict[str, Any] = {
        name: [rows[name].iloc[number] if number >= 0 else None for number in found] for name in taken
    }
    return replace(raw, frame=raw.frame.assign(**joined))


class _Side:
    """Names of one table, and which of them have no partner."""

    def __init__(self, names: pd.Series, alone: Sequence[bool]) -> None:
        blank = [is_blank(cell, marks=True) for cell in names]
        mask = [one and not empty for one, empty in zip(alone, blank, strict=True)]
        self.names = names
        self.alone = names[mask]


def _report_alone(here: _Side, there: _Side, *, log: TableLog) -> None:
    if len(there.alone):
        candidates = dict.fromkeys(as_text(cell) for cell in here.alone.head(_CANDIDATES))
        known = {name: name for name in candidates}
        offers: Mapping[str, str | None] = {
            as_text(name): nearest(as_text(name), known) if known else None
            for name in there.alone.head(_OFFERED)
        }
        near = [f"“{name}” → “{offer}”" for name, offer in offers.items() if offer]
        log.add(
            "join_unused_near" if near else "join_unused",
            severity="warning",
            count=len(there.alone),
            names=quoted([as_text(name) for name in there.alone], most=_OFFERED),
            near=", ".join(near),
        )
    if len(here.alone):
        log.add(
            "join_without_partner",
            severity="warning",
            rows=here.alone.index,
            count=len(here.alone),
            names=quoted([as_text(name) for name in here.alone], most=_OFFERED),
        )


def _each_once(here: Sequence[str], there: Sequence[str], names: pd.Series, *, log: TableLog) -> bool:
    """Report names that stand twice, on either side, and have a partner."""
    on_both = (set(here) & set(there)) - {""}
    counted_there, counted_here = Counter(there), Counter(here)
    twice_there = sorted(key for key in on_both if counted_there[key] > 1)
    if twice_there:
        log.add("join_name_twice", names=quoted(twice_there, most=_OFFERED))
    twice_here = {key for key in on_both if counted_here[key] > 1}
    if twice_here:
        log.add(
            "join_partner_twice",
            rows=[label for label, key in zip(names.index, here, strict=True) if key in twice_here],
            column=str(names.name),
            names=quoted(sorted(twice_here), most=_OFFERED),
        )
    return not twice_there and not twice_here


def _key(cell: object) -> str:
    return "" if is_blank(cell, marks=True) else header_key(as_text(cell))


def _header(wanted: str, frame: pd.DataFrame, *, log: TableLog) -> str | None:
    """Return the header as the file has it; report one that it lacks."""
    headers = [str(name) for name in frame.columns if name != "geometry"]
    by_key = {header_key(header): header for header in reversed(headers)}
    header = wanted if wanted in headers else by_key.get(header_key(wanted))
    if header is None:
        close = nearest(wanted, {name: name for name in headers})
        log.add("join_header_missing", header=wanted, headers=quoted([close]) if close else quoted(headers))
    return header


def _taken(settings: JoinSettings, frame: pd.DataFrame, right: str, *, log: TableLog) -> list[str] | None:
    if not settings.take:
        return [str(name) for name in frame.columns if name not in (right, "geometry")]
    found = [_header(wanted, frame, log=log) for wanted in settings.take]
    return None if None in found else [name for name in found if name is not None]
