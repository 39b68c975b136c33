"""The scorecard: one line per rule and stage, worst first."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from layoutplan.dictionary import empty_frame, result_table
from layoutplan.rules.measured import CITY
from layoutplan.rules.rule_spec import RULE_STATUSES

_JUDGED: Final = ("met", "missed")
_SAME: Final = (
    *("rule", "section", "document_rows", "stage", "year", "status", "area_kind", "area_id", "area"),
    *("numerator", "denominator", "value", "unit", "direction", "threshold", "margin", "due_year"),
    *("missing", "document", "confidence", "threshold_place", "metric"),
)


def make_scorecard(rule_results: pd.DataFrame) -> pd.DataFrame:
    """Gather the results of each rule and stage into one line.

    A line shows the year in which the rule fares worst (the earliest of equals). Its figures are those of the
    whole city where the rule was judged for it; a rule about single schools, estates or projects is missed
    where one of them misses it, and shows the worst of them. ``judged`` and ``missed`` count the single areas
    behind the line; ``need`` is the city's, else what the areas that miss it need together.

    Parameters
    ----------
    rule_results
        Result table of that name.

    Returns
    -------
    DataFrame
        Result table ``scorecard``: worst status first, then in the order of the rule book.
    """
    table = result_table("scorecard")
    blank = empty_frame(table)
    if rule_results.empty:
        return blank
    rows = _with_keys(rule_results)
    rows = rows[rows["_year"] == _worst_year(rows)]
    single = rows[~rows["_city"]]
    missed = single[single["status"] == "missed"]
    card = _shown(rows)
    whole = card["_city"]
    judged = single["status"].isin(_JUDGED).groupby(single["_line"]).sum()
    needs = missed.groupby("_line")["need"].sum(min_count=1).reindex(card.index)
    units = missed.groupby("_line")["need_unit"].first().reindex(card.index)
    card = card[list(_SAME)].assign(
        judged=judged.reindex(card.index, fill_value=0),
        missed=missed.groupby("_line").size().reindex(card.index, fill_value=0),
        need=card["need"].where(whole, needs),
        need_unit=card["need_unit"].where(whole, units),
        _worst=card["_status"],
        _place=card["rule"].map({rule: at for at, rule in enumerate(rule_results["rule"].drop_duplicates())}),
    )
    card = card.sort_values(["_worst", "_place"], kind="stable", ignore_index=True)
    return card.reindex(columns=list(table.column_names)).astype(blank.dtypes)


def _with_keys(rule_results: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with their line, whether they are of the city, year and status as number."""
    return rule_results.assign(
        _line=rule_results.groupby(["rule", "stage"], sort=False, dropna=False).ngroup(),
        _city=rule_results["area_kind"] == CITY,
        _year=rule_results["year"].astype(int),
        _status=rule_results["status"].map(RULE_STATUSES.index).astype(int),
    )


def _worst_year(rows: pd.DataFrame) -> pd.Series:
    """Return for each row the year in which its line fares worst: by the city's rows, else by all."""
    years = [rows["_line"], rows["_year"]]
    judged = rows[rows["_city"] | ~rows["_city"].groupby(years).transform("any")]
    worst = judged.groupby(["_line", "_year"])["_status"].min().reset_index()
    first = worst.sort_values(["_line", "_status", "_year"], kind="stable").drop_duplicates("_line")
    return rows["_line"].map(first.set_index("_line")["_year"])


def _shown(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the row that each line shows, by line: the city's first, else the worst single one."""
    single = ~rows["_city"]
    keyed = rows.assign(
        _severity=np.where(single, rows["_status"], 0),
        _margin=rows["margin"].where(single, 0.0),
        _area=rows["area_id"].where(single, ""),
    )
    by = ["_line", "_city", "_severity", "_margin", "_area"]
    ordered = keyed.sort_values(by, ascending=[True, False, True, True, True], kind="stable")
    return ordered.drop_duplicates("_line").set_index("_line", drop=False)
