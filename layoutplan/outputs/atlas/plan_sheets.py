"""The atlas' pages of the plan over the years: what opens and what is bridged in each, before and after."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from layoutplan.layouts import TODAY
from layoutplan.outputs.atlas.sheet import Sheet, SheetList
from layoutplan.outputs.facts import ReportFacts
from layoutplan.outputs.layers import plan_layers
from layoutplan.outputs.layout_titles import listed_layouts
from layoutplan.outputs.programme import PlanYear, plan_years
from layoutplan.outputs.row_lookup import Frames, rows_by
from layoutplan.outputs.wording import stage_name, whole, write_count, write_money
from layoutplan.outputs.words import coded_word
from layoutplan.texts import Language, text

_FIGURE_WIDTHS: Final = (0.2, 0.2, 0.2, 0.2, 0.2)
_BUILT_WIDTHS: Final = (0.09, 0.55, 0.2, 0.16)
_PAIR_WIDTHS: Final = (0.6, 0.4)
_FIGURES: Final = ("unserved", "shortfall")


def plan_sheets(
    tables: Frames, *, bounds: tuple[float, float, float, float], facts: ReportFacts, lang: Language
) -> Iterator[Sheet]:
    """Yield a page for each year of the plan; none without a plan.

    Parameters
    ----------
    tables : result tables and layers by name
    bounds : extent of the maps, metres
    facts, lang : gives stages and currency; language of the pages

    Yields
    ------
    Sheet
        All stages together.
    """
    for one in plan_years(tables):
        yield Sheet(
            title=text("atlas.title_plan", lang),
            area=text("atlas.whole_area", lang),
            layers=plan_layers(tables, one.year, facts=facts),
            focus=None,
            bounds=bounds,
            figures=_before_after(tables, one.year, facts=facts, lang=lang),
            widths=_FIGURE_WIDTHS,
            layouts=(),
            catchments=False,
            lists=tuple(_lists(tables, one, facts=facts, lang=lang)),
            year=one.year,
        )


def _before_after(
    tables: Frames, year: int, *, facts: ReportFacts, lang: Language
) -> tuple[tuple[str, ...], ...]:
    """Return pupils without a seat and seats short in catchments, today's layout and the plan's."""
    planned = next(one.id for one in listed_layouts(tables) if one.proposals)
    city = tables["city_balance"]
    rows = rows_by(city[city["year"] == year], "stage", "layout")
    head = ("", *(text(f"atlas.{name}_{when}", lang) for name in _FIGURES for when in ("before", "after")))
    return (
        head,
        *(
            (
                stage_name(stage, lang),
                *(whole(rows[stage, at][name], lang) for name in _FIGURES for at in (TODAY, planned)),
            )
            for stage in facts.stages
        ),
    )


def _lists(tables: Frames, one: PlanYear, *, facts: ReportFacts, lang: Language) -> Iterator[SheetList]:
    """Yield what is built by the year, what is being built, what bridges, and the money."""
    proposals = tables["proposals"].sort_values(["target_year", "rank"])
    measures = tables["measures"].set_index("school_id")
    paid = proposals["school_id"].map(measures[measures["capital"] > 0]["paid_from"].groupby(level=0).min())
    open_now = proposals["target_year"] <= one.year
    ahead = ~open_now & (paid <= one.year)
    for heading, chosen in (("built", open_now), ("building", ahead)):
        rows = tuple(
            (
                str(row["proposal_id"]),
                f"{coded_word('proposals', 'action', str(row['action']), lang)} {row['name']}",
                write_count("seats", float(row["seats"]), lang),
                text("atlas.opens_now", lang) if row["target_year"] == one.year else str(row["target_year"]),
            )
            for row in proposals[chosen].to_dict("records")
        )
        if rows:
            yield SheetList(text(f"atlas.{heading}", lang), rows, _BUILT_WIDTHS, 2)
    bridges = tuple(
        (coded_word("measures", "kind", kind, lang), write_count(unit, amount, lang))
        for kind, unit, amount in one.bridged
    )
    if bridges:
        yield SheetList(text("atlas.bridged", lang), bridges, _PAIR_WIDTHS, 1)
    money = (
        (text("document.table.capital", lang), write_money(one.capital, lang, currency=facts.currency)),
        (text("document.table.running", lang), write_money(one.running, lang, currency=facts.currency)),
        (text("document.table.left", lang), whole(one.unserved, lang)),
    )
    yield SheetList(text("atlas.money", lang), money, _PAIR_WIDTHS, 1)
