"""The ledger (销号台账): one row per case, from the year it is first seen to the year it is cleared."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pandas as pd

from layoutplan.dictionary import empty_frame, result_table
from layoutplan.errors import FaultLog
from layoutplan.rules.flag_rules import FLAG_RULES, WHOLE_SCHOOL, flag_rule, threshold_rule
from layoutplan.rules.remedies import remedy
from layoutplan.standards import Profile
from layoutplan.texts import Language, text

_Row = dict[str, Any]
_REPEAT = "#"
_STATUS_ORDER = ("overdue", "open", "closed")


def update_ledger(
    flags: pd.DataFrame,
    profile: Profile,
    *,
    year: int,
    previous: pd.DataFrame | None = None,
    lang: Language,
) -> pd.DataFrame:
    """Carry the ledger on to ``year`` with that year's flags.

    The rules of keeping, for a case (rule, school, stage):

    - flagged and not in the ledger: opened this year, as ``rule:school:stage``;
    - flagged and in the ledger: stays open with the year it was opened, its remedy and excess renewed;
    - not flagged any more: closed this year. A case that has grown into a worse one of the same school and
      stage (an oversized class that is now severely oversized) is not cleared: it stays open;
    - closed in an earlier year and flagged again: a new case, ``rule:school:stage#2``; the closed row stays
      as history. Closed in this same year and flagged again (the tables were corrected): it was never
      cleared, so the same case goes on;
    - past its due year: overdue.

    What the office writes into the ledger is kept: ``responsible_unit``, ``due_year``, ``note``. A case
    marked closed by hand while the figures still flag it in the same year stays open. The due year of a new
    case is the rule's; where the rule holds at once, the year in which the case was opened; a case that is
    only to be watched has none.

    Parameters
    ----------
    flags
        Result table ``flags`` of ``year``.
    profile
        Gives the due year of each rule.
    year
        School year of the flags.
    previous
        Result table ``ledger`` as kept so far, as it was written or edited by the office; it is not changed.
    lang
        Language of the remedies.

    Returns
    -------
    pandas.DataFrame
        Result table ``ledger``: overdue cases first, then open, then closed ones; worst rule first.

    Raises
    ------
    InputError
        If ``previous`` lacks columns, or holds cases opened or closed after ``year``.
    """
    current = {_key(row): row for row in _records(flags)}
    history, live, earlier = _split(_read(previous, year), year)
    rows = [_carry(row, current, year=year, lang=lang) for row in live]
    known = {_case_key(row) for row in live}
    for key, flag in current.items():
        if key not in known:
            rows.append(_new_case(flag, profile, year=year, repeats=earlier[key]))
    flagged = [_refresh(row, current.get(_case_key(row)), year=year, lang=lang) for row in rows]
    return _frame([*flagged, *history])


def remedies(ledger: pd.DataFrame, flags: pd.DataFrame, *, lang: Language) -> list[str | None]:
    """Return what would clear each case of a ledger, in words.

    Parameters
    ----------
    ledger
        Result table ``ledger``.
    flags
        Result table ``flags`` of the ledger's year.
    lang
        Language of the words.

    Returns
    -------
    list[str | None]
        One text per row of ``ledger``; ``None`` for a case that no flag of the year supports, whose own text
        is of the year in which it was last seen.
    """
    current = {_key(row): row for row in _records(flags)}
    found: list[str | None] = []
    for row in _records(ledger):
        flag = current.get(_case_key(row))
        worse = None if row["status"] == "closed" else _worse(row, current)
        found.append(remedy(flag, lang) if flag else _grown(worse, lang) if worse else None)
    return found


def _worse(row: _Row, current: dict[str, _Row]) -> str | None:
    """Return the worse rule under which a case is flagged now; ``None`` where it is under none."""
    rules = flag_rule(row["rule"]).worse
    return next((rule for rule in rules if _key({**row, "rule": rule}) in current), None)


def _grown(worse: str, lang: Language) -> str:
    return text("review.remedy.grown", lang, rule=text(f"review.rule.{worse}", lang))


def _records(frame: pd.DataFrame) -> list[_Row]:
    """Return rows as dictionaries with every missing value as ``None``."""
    plain = frame.astype(object)
    return [
        {str(name): value for name, value in row.items()}
        for row in plain.where(plain.notna(), None).to_dict("records")
    ]


def _key(row: _Row) -> str:
    return f"{row['rule']}:{row['school_id']}:{row['stage'] or WHOLE_SCHOOL}"


def _case_key(row: _Row) -> str:
    """Return the key of a case without its repeat number."""
    head, mark, tail = str(row["case_id"]).rpartition(_REPEAT)
    return head if mark and tail.isdigit() else str(row["case_id"])


def check_ledger(previous: pd.DataFrame | None, *, year: int) -> None:
    """Refuse a ledger that cannot be continued to a year.

    Parameters
    ----------
    previous
        The ledger to continue; ``None`` without one.
    year
        The year it is continued to.

    Raises
    ------
    InputError
        If it lacks columns, holds cases of later years, or holds malformed case ids.
    """
    _read(previous, year)


def _read(previous: pd.DataFrame | None, year: int) -> list[_Row]:
    """Return the rows of a ledger, with years as numbers; refuse one that cannot be continued."""
    if previous is None or previous.empty:
        return []
    log = FaultLog()
    needed = ("case_id", "opened", "closed")
    absent = [name for name in needed if name not in previous.columns]
    if absent:
        log.add("ledger_columns", table="ledger", columns=", ".join(absent))
        log.raise_if_errors()
    years = ("opened", "due_year", "closed")
    frame = previous.reindex(columns=list(result_table("ledger").column_names))
    frame = frame.assign(**{name: pd.to_numeric(frame[name], errors="coerce") for name in years})
    late = (frame["opened"] > year) | (frame["closed"] > year)
    if late.any():
        log.add("ledger_future", table="ledger", rows=frame.loc[late, "case_id"], year=year)
    rules = "|".join(rule.id for rule in FLAG_RULES)
    unknown = ~frame["case_id"].astype("string").str.fullmatch(f"({rules}):.+:[a-z0-9_]+(#[0-9]+)?").fillna(
        value=False
    )
    if unknown.any():
        log.add("ledger_case", table="ledger", rows=frame.loc[unknown, "case_id"], column="case_id")
    log.raise_if_errors()
    return [_with_identity(row, years) for row in _records(frame)]


def _with_identity(row: _Row, years: tuple[str, ...]) -> _Row:
    """Return a row with whole years, and with rule, school and stage as its case id says.

    A spreadsheet makes the school 007 the number 7; inside the case id it stays as it was.
    """
    rule, _, rest = _case_key(row).partition(":")
    school_id, _, stage = rest.rpartition(":")
    whole = {name: None if row[name] is None else int(row[name]) for name in years}
    return {
        **row,
        **whole,
        "rule": rule,
        "school_id": school_id,
        "stage": None if stage == WHOLE_SCHOOL else stage,
    }


def _split(rows: list[_Row], year: int) -> tuple[list[_Row], list[_Row], Counter[str]]:
    """Separate the cases closed in earlier years, counted by key, from those that this year decides."""
    history = [row for row in rows if row["closed"] is not None and row["closed"] < year]
    live = [row for row in rows if row["closed"] is None or row["closed"] == year]
    return history, live, Counter(_case_key(row) for row in history)


def _new_case(flag: _Row, profile: Profile, *, year: int, repeats: int) -> _Row:
    """Open a case."""
    rule = flag_rule(flag["rule"])
    threshold = threshold_rule(
        rule, profile.at(year), stage=flag["stage"] or "", school_type=flag["school_type"] or ""
    )
    due = None
    if rule.must_clear and threshold is not None:
        due = year if threshold.due_year is None else threshold.due_year
    repeat = f"{_REPEAT}{repeats + 1}" if repeats else ""
    return {
        "case_id": f"{_key(flag)}{repeat}",
        "rule": flag["rule"],
        "school_id": flag["school_id"],
        "stage": flag["stage"],
        "opened": year,
        "due_year": due,
        "closed": None,
    }


def _carry(row: _Row, current: dict[str, _Row], *, year: int, lang: Language) -> _Row:
    """Close a case that is no longer flagged, unless it has become a worse one."""
    if _case_key(row) in current:
        return {**row, "closed": None}
    worse = _worse(row, current)
    if worse:
        return {**row, "closed": None, "excess_pupils": 0.0, "remedy": _grown(worse, lang)}
    return {**row, "closed": year}


def _refresh(row: _Row, flag: _Row | None, *, year: int, lang: Language) -> _Row:
    """Update a case with its flag and set its status."""
    fresh = dict(row)
    if flag is not None:
        fresh["name"] = flag["name"]
        fresh["excess_pupils"] = flag["excess_pupils"]
        fresh["remedy"] = remedy(flag, lang)
        fresh["responsible_unit"] = row.get("responsible_unit") or flag["responsible_unit"]
    if fresh["closed"] is not None:
        fresh["status"] = "closed"
    else:
        due = fresh.get("due_year")
        fresh["status"] = "overdue" if due is not None and due < year else "open"
    return fresh


def _frame(rows: list[_Row]) -> pd.DataFrame:
    """Return the rows as the result table, in its order."""
    table = result_table("ledger")
    blank = empty_frame(table)
    if not rows:
        return blank
    places = {rule.id: position for position, rule in enumerate(FLAG_RULES)}
    closed = [{**row, "status": "closed"} if row["closed"] is not None else row for row in rows]
    ordered = sorted(
        closed,
        key=lambda row: (
            _STATUS_ORDER.index(row["status"]),
            places[row["rule"]],
            -float(row.get("excess_pupils") or 0.0),
            row["case_id"],
        ),
    )
    data = {name: [row.get(name) for row in ordered] for name in table.column_names}
    frame = pd.DataFrame(data, dtype=object)
    return frame.astype(blank.dtypes)
