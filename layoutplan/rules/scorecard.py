"""The scorecard: one line per rule and stage, worst first."""

from __future__ import annotations

from typing import Any, Final

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
    place = {rule: number for number, rule in enumerate(rule_results["rule"].drop_duplicates())}
    lines = [_line(rows) for _, rows in rule_results.groupby(["rule", "stage"], sort=False, dropna=False)]
    frame = pd.DataFrame(lines)
    order = pd.DataFrame(
        {"status": frame["status"].map(RULE_STATUSES.index), "place": frame["rule"].map(place)}
    )
    frame = frame.loc[order.sort_values(["status", "place"], kind="stable").index]
    return frame.reset_index(drop=True).reindex(columns=list(table.column_names)).astype(blank.dtypes)


def _line(rows: pd.DataFrame) -> dict[str, Any]:
    """Return the line of one rule and stage."""
    years = sorted(rows["year"].astype(int).unique())
    rows = min((rows[rows["year"] == year] for year in years), key=_worst)
    whole = rows[rows["area_kind"] == CITY]
    single = rows[rows["area_kind"] != CITY]
    shown = whole if len(whole) else _worst_first(single)
    line = {str(name): value for name, value in shown.iloc[0][list(_SAME)].items()}
    missed = single[single["status"] == "missed"]
    need = shown.iloc[0]["need"] if len(whole) else missed["need"].sum(min_count=1)
    unit = shown.iloc[0]["need_unit"] if len(whole) else missed["need_unit"].dropna().head(1).squeeze()
    return {
        **line,
        "judged": int(single["status"].isin(_JUDGED).sum()),
        "missed": len(missed),
        "need": need,
        "need_unit": unit if isinstance(unit, str) else None,
    }


def _worst(rows: pd.DataFrame) -> int:
    """Return the place in :data:`RULE_STATUSES` of the city's status, else of the worst single one."""
    whole = rows[rows["area_kind"] == CITY]
    return int((whole if len(whole) else rows)["status"].map(RULE_STATUSES.index).min())


def _worst_first(rows: pd.DataFrame) -> pd.DataFrame:
    keyed = rows.assign(_status=rows["status"].map(RULE_STATUSES.index))
    return keyed.sort_values(["_status", "margin", "area_id"], kind="stable").drop(columns="_status")
