"""The report's part on the rule book: lines met and missed, and what the worst missed would take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from layoutplan.outputs.report.tables import ReportTables
from layoutplan.outputs.rule_amounts import rule_amount, rule_need, rule_threshold
from layoutplan.outputs.wording import whole
from layoutplan.outputs.words import coded_word
from layoutplan.rules.measured import CITY
from layoutplan.rules.rule_spec import RULE_STATUSES
from layoutplan.texts import text

_MOST_MISSED: Final = 10
_SHOWN: Final = ("met", "missed", "reported", "elsewhere", "no_data", "does_not_apply")


def write_rules(rows: ReportTables) -> None:
    """Write the part on the rules: lines by section and status, and the worst of those missed.

    Parameters
    ----------
    rows
        Writes the tables.
    """
    counts = rows.summary["rules"]
    rows.document.paragraph(text("document.intro.rules", rows.lang))
    cells = [
        [coded_word("scorecard", "section", letter, rows.lang)]
        + [whole(of.get(status, 0), rows.lang) for status in _SHOWN]
        for letter, of in counts.items()
        if any(of.get(status, 0) for status in _SHOWN if status != "does_not_apply")
    ]
    rows.table(("section", *_SHOWN), cells, rows.caption("rules"), widths=(3.4, 0.9, 0.9, 1, 1.1, 0.9, 1))
    missed = worst_missed(rows.frames["scorecard"])
    if len(missed):
        rows.document.paragraph(text("document.intro.rules_missed", rows.lang))
        _write_missed(rows, missed.head(_MOST_MISSED))
        rows.more(min(len(missed), _MOST_MISSED), len(missed))


def _write_missed(rows: ReportTables, missed: pd.DataFrame) -> None:
    money = {"currency": rows.facts.currency}
    cells = [
        [
            rows.word("scorecard", "rule", line["rule"]),
            _where(rows, line),
            rows.word("scorecard", "stage", line["stage"]),
            rows.year(line["year"]),
            rule_amount(line["value"], line["unit"], rows.lang, **money),
            rule_threshold(line, rows.lang, **money),
            rule_need(line, rows.lang, **money),
        ]
        for line in missed.to_dict("records")
    ]
    heads = ("requirement", "where", "stage", "year", "value", "threshold", "need")
    rows.table(heads, cells, rows.caption("rules_missed"), widths=(4.0, 3.0, 1.1, 0.9, 1.2, 1.1, 1.4))


def _where(rows: ReportTables, line: Mapping[Any, Any]) -> str:
    """Name what was judged: the whole city, or the area that fares worst and how many miss the rule."""
    if line["area_kind"] == CITY:
        return coded_word("scorecard", "area_kind", CITY, rows.lang)
    area = rows.name(line["area"], line["area_id"])
    if line["judged"] <= 1:
        return area
    counts = {name: whole(line[name], rows.lang) for name in ("missed", "judged")}
    return text("document.table.worst_of", rows.lang, area=area, **counts)


def worst_missed(scorecard: pd.DataFrame) -> pd.DataFrame:
    """Return the missed lines of the scorecard, farthest from their threshold first.

    The distance is the margin as a share of the threshold; a rule that is a share itself is compared as it
    is, and a threshold of zero counts as missed by all of it. Ties keep the order of the rule book.

    Parameters
    ----------
    scorecard
        Result table ``scorecard``.

    Returns
    -------
    DataFrame
        Its rows with status ``missed``.
    """
    missed = scorecard[scorecard["status"] == RULE_STATUSES[0]]
    margin = missed["margin"].astype(float).abs()
    limit = missed["threshold"].astype(float).abs()
    shares = missed["unit"].astype("string").str.startswith("share").fillna(value=False).astype(bool)
    away = margin.where(shares, (margin / limit.where(limit > 0)).fillna(1.0)).clip(upper=1.0)
    return missed.loc[away.sort_values(ascending=False, kind="stable").index]
