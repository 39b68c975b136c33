"""The report's plan by year (年度实施计划): what opens, what is paid, who is left, and all works.

The works (年度实施计划表) stand on one landscape page.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from layoutplan.layouts import TODAY
from layoutplan.outputs.layout_titles import listed_layouts
from layoutplan.outputs.programme import BUILT, PlanYear, plan_years
from layoutplan.outputs.report.tables import ReportTables
from layoutplan.outputs.row_lookup import rows_by
from layoutplan.outputs.wording import stage_name, whole, write_money, write_price
from layoutplan.texts import Language, text

_NONE: Final = "–"
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


PROGRAMME_HEADS: Final = (
    *("number", "measure", "place", "stages", "seats", "capital", "yearly", "start", "force"),
    *("land", "serves", "added", "per_pupil"),
)
_PROGRAMME_WIDTHS: Final = (0.6, 2.0, 2.2, 1.3, 1.1, 1.6, 1.4, 1.0, 1.3, 3.2, 3.2, 1.2, 1.3)
_MOST_WORKS: Final = 25


def write_programme(rows: ReportTables) -> None:
    """Write every work of the plan on a landscape page of its own; nothing without a plan.

    Parameters
    ----------
    rows
        Writes the tables.
    """
    works = rows.frames.get("plan_programme")
    if works is None or works.empty:
        return
    rows.document.turn(landscape=True)
    rows.document.heading(text("document.heading.programme", rows.lang), level=2)
    cells = [programme_cells(one, rows) for one in works.head(_MOST_WORKS).to_dict("records")]
    rows.table(PROGRAMME_HEADS, cells, rows.caption("programme"), widths=_PROGRAMME_WIDTHS)
    rows.more(len(cells), len(works))
    rows.document.small(text("document.intro.programme", rows.lang))
    rows.document.turn(landscape=False)


def programme_cells(one: Mapping[Any, Any], rows: ReportTables) -> list[str]:
    """Return the cells of a work, in the order of ``PROGRAMME_HEADS``.

    Parameters
    ----------
    one
        Row of result table ``plan_programme``.
    rows
        Gives language and currency.

    Returns
    -------
    list of str
        A dash where there is nothing to say; of redrawing no cost, since its weight is no money.
    """
    lang, currency = rows.lang, rows.facts.currency

    def paid(value: Any) -> str:  # noqa: ANN401  a cell
        return _NONE if pd.isna(value) or value <= 0 else write_money(value, lang, currency=currency)

    amount = one["seats"] if pd.notna(one["seats"]) else one["pupils"]
    key = "amount_seats" if pd.notna(one["seats"]) else "amount_pupils"
    place = one["name"]
    if pd.isna(place):
        place = (
            text("document.table.whole_city", lang)
            if pd.isna(one["places"])
            else text("document.table.places", lang, n=whole(one["places"], lang))
        )
    last = rows.year(one["last_year"])
    first = rows.year(one["first_year"])
    return [
        str(one["number"]),
        rows.word("plan_programme", "kind", one["kind"]),
        str(place),
        str(one["stages"]),
        text(f"document.table.{key}", lang, n=whole(amount, lang)),
        paid(one["capital"]),
        paid(one["running"]),
        rows.year(one["paid_from"]),
        first if last in (_NONE, first) else f"{first}–{last}",
        _NONE if pd.isna(one["land"]) else str(one["land"]),
        _NONE if pd.isna(one["serves"]) else str(one["serves"]),
        _NONE if one["kind"] == "redraw" else whole(one["added"], lang),
        _NONE
        if one["kind"] == "redraw"
        else write_price(one["cost_per_pupil_year"], lang, currency=currency),
    ]


_BEFORE_AFTER: Final = ("place", "catchment", "year", "seats_before", "seats_after")
_CATCHMENT: Final = ("short_before", "short_after")


def write_before_after(rows: ReportTables) -> None:
    """Write the catchment that each school built or enlarged is for, before and after, when it opens.

    Nothing where no measure is for a catchment.

    Parameters
    ----------
    rows
        Writes the tables.
    """
    measures, balance = rows.frames.get("measures"), rows.frames["catchment_balance"]
    planned = next((one.id for one in listed_layouts(rows.frames) if one.proposals), None)
    if measures is None or planned is None:
        return
    found = rows_by(balance, "catchment_id", "year", "layout")
    built = measures[measures["kind"].isin(BUILT)].sort_values(["first_year", "measure_id"])
    cells = []
    for one in built.to_dict("records"):
        key = (one["catchment_id"], one["first_year"])
        before, after = found.get((*key, TODAY)), found.get((*key, planned))
        if before is not None and after is not None:
            pairs = [(name, when[name]) for name in ("seats", "shortfall") for when in (before, after)]
            name = rows.name(before["name"], one["catchment_id"])
            figures = [rows.figure(column, value) for column, value in pairs]
            cells.append([str(one["name"]), name, str(one["first_year"]), *figures])
    if cells:
        rows.table(
            (*_BEFORE_AFTER, *_CATCHMENT),
            cells,
            rows.caption("before_after"),
            widths=(2.2, 2.6, 0.9, 1.2, 1.2, 1.4, 1.4),
        )


_ZONED: Final = ("pooled", "overload_today", "overload", "moved")


def write_zoned(rows: ReportTables) -> None:
    """Write who has no seat when pupils may go anywhere in reach, and when each goes to the own catchment.

    Nothing where no catchments were drawn for the plan.

    Parameters
    ----------
    rows
        Writes the tables.
    """
    zoned = rows.frames.get("plan_zoned")
    if zoned is None or zoned.empty:
        return
    chosen = zoned[zoned["chosen"]]
    cells = [
        [
            stage_name(str(one["stage"]), rows.lang),
            str(one["year"]),
            *(whole(one[name], rows.lang) for name in _ZONED),
        ]
        for one in chosen.to_dict("records")
    ]
    heads = ("stage", "year", *(f"zoned_{name}" for name in _ZONED))
    rows.table(heads, cells, rows.caption("zoned"), widths=(1.2, 0.9, 1.5, 1.8, 1.8, 1.4))
    rows.document.small(
        text("document.intro.zoned", rows.lang, round=whole(chosen["round"].iloc[0], rows.lang))
    )
