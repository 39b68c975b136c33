"""The report's plan by year (年度实施计划): what opens, what is paid, and who is left without a seat."""

from __future__ import annotations

from typing import Final

from layoutplan.outputs.programme import PlanYear, plan_years
from layoutplan.outputs.report.tables import ReportTables
from layoutplan.outputs.wording import whole, write_money
from layoutplan.texts import Language, text

YEAR_HEADS: Final = ("plan_year", "opens", "temporary", "capital", "running", "left")
YEAR_WIDTHS: Final = (0.8, 4.2, 1.2, 1.4, 1.4, 1.2)


def write_yearly_plan(rows: ReportTables) -> None:
    """Write one table of the plan, a row a year; nothing without a plan.

    Parameters
    ----------
    rows
        Writes the tables.
    """
    lang, years = rows.lang, plan_years(rows.frames)
    if not years:
        return
    rows.document.heading(text("document.heading.plan_by_year", lang), level=2)
    rows.document.paragraph(text("document.intro.plan_by_year", lang))
    cells = [year_cells(one, lang, currency=rows.facts.currency) for one in years]
    rows.table(YEAR_HEADS, cells, rows.caption("plan_by_year"), widths=YEAR_WIDTHS)


def year_cells(one: PlanYear, lang: Language, *, currency: str) -> list[str]:
    """Return the cells of a year of the plan, in the order of ``YEAR_HEADS``.

    Parameters
    ----------
    one
        The year.
    lang
        Language of the cells.
    currency
        Currency code of the money.

    Returns
    -------
    list of str
        A dash where nothing opens.
    """
    opens = [f"{name} ({whole(seats, lang)})" for name, seats in one.opens]
    return [
        str(one.year),
        text("document.list.items", lang).join(opens) or "–",
        whole(one.temporary, lang),
        write_money(one.capital, lang, currency=currency),
        write_money(one.running, lang, currency=currency),
        whole(one.unserved, lang),
    ]
