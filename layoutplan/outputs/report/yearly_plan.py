"""The report's plan by year (年度实施计划): what opens, what is paid, and who is left without a seat."""

from __future__ import annotations

from typing import Final

import pandas as pd

from layoutplan.outputs.report.tables import ReportTables
from layoutplan.outputs.wording import whole, write_money
from layoutplan.texts import Language, text

_BUILT: Final = ("enlarge", "build", "build_indicative")
_HEADS: Final = ("plan_year", "opens", "temporary", "capital", "running", "left")


def write_yearly_plan(rows: ReportTables) -> None:
    """Write one table of the plan, a row a year; nothing without a plan.

    Parameters
    ----------
    rows
        Writes the tables.
    """
    costs, measures = rows.frames.get("plan_costs"), rows.frames.get("measures")
    if costs is None or measures is None or measures.empty:
        return
    lang, currency = rows.lang, rows.facts.currency
    built = measures[measures["kind"].isin(_BUILT)]
    classes = rows.frames["measure_years"].query("kind == 'temporary'").groupby("year")["classes"].sum()
    rows.document.heading(text("document.heading.plan_by_year", lang), level=2)
    rows.document.paragraph(text("document.intro.plan_by_year", lang))
    cells = [
        [
            str(row["year"]),
            _opening(built, int(row["year"]), lang=lang),
            whole(classes.get(row["year"], 0.0), lang),
            write_money(row["capital"], lang, currency=currency),
            write_money(row["total"] - row["capital"], lang, currency=currency),
            whole(row["unserved"], lang),
        ]
        for row in costs.to_dict("records")
    ]
    rows.table(_HEADS, cells, rows.caption("plan_by_year"), widths=(0.8, 3.4, 1.2, 1.5, 1.5, 1.2))


def _opening(built: pd.DataFrame, year: int, *, lang: Language) -> str:
    """Return the schools that open or are enlarged in a year, with their seats; a dash for none."""
    own = built[built["first_year"] == year]
    named = [f"{row['name']} ({whole(row['seats'], lang)})" for row in own.to_dict("records")]
    return text("document.list.items", lang).join(named) or "–"
