"""The summary of the report: the answer, the stages, the waterfall, a map, the plan by year, three risks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd
from matplotlib.font_manager import FontProperties

from layoutplan.outputs.facts import ReportFacts
from layoutplan.outputs.programme import plan_years, waterfall, waterfall_notes
from layoutplan.outputs.report.charts import map_caption, stage_picture
from layoutplan.outputs.report.waterfall import waterfall_picture
from layoutplan.outputs.report.word_parts import WordDocument
from layoutplan.outputs.report.yearly_plan import YEAR_HEADS, YEAR_WIDTHS, year_cells
from layoutplan.outputs.row_lookup import Frames
from layoutplan.outputs.style import load_style
from layoutplan.outputs.wording import stage_name, whole, write_money
from layoutplan.texts import Language, text

SUMMARY_COLUMNS: Final = (
    "stage",
    "year",
    "net_short",
    "range",
    "shortfall",
    "unserved",
    "proposed",
    "cost",
    "left",
)
SUMMARY_WIDTHS: Final = (1.0, 0.9, 1.1, 1.4, 1.2, 1.5, 1.1, 1.6, 1.9)
_RISKS: Final = 3


def write_summary(
    document: WordDocument,
    tables: Frames,
    facts: ReportFacts,
    lang: Language,
    *,
    font: FontProperties,
) -> None:
    """Write the summary.

    Parameters
    ----------
    document
        The document to append to.
    tables
        Result tables and layers by name.
    facts
        What the report states of the run.
    lang
        Language of the report.
    font
        Font of the map.
    """
    answers = tables["answers"].sort_values("rank")
    if answers.empty:
        return
    worst = answers.iloc[0]
    document.heading(text("document.heading.summary", lang))
    document.paragraph(str(worst["answer"]))
    document.table(
        [text(f"document.summary.{name}", lang) for name in SUMMARY_COLUMNS],
        [summary_row(row, facts, lang) for row in answers.to_dict("records")],
        text("document.caption.summary", lang),
        widths=SUMMARY_WIDTHS,
    )
    drawing: dict[str, Any] = {"style": load_style(), "font": font, "lang": lang}
    stage, name = str(worst["stage"]), stage_name(str(worst["stage"]), lang)
    row = worst_waterfall(tables)
    if row is not None:
        words = text("document.caption.waterfall", lang, stage=name, year=worst["year"])
        document.picture(waterfall_picture(row, **drawing), words)
        for note in waterfall_notes(tables, stage, int(worst["year"]), lang):
            document.small(note)
    document.picture(stage_picture(tables, stage, facts=facts, **drawing), map_caption(stage, facts, lang))
    years = plan_years(tables)
    if years:
        document.table(
            [text(f"document.table.{head}", lang) for head in YEAR_HEADS],
            [year_cells(one, lang, currency=facts.currency) for one in years],
            text("document.caption.plan_by_year", lang),
            widths=YEAR_WIDTHS,
        )
    document.heading(text("document.heading.risks", lang), level=2)
    document.points(risks(tables))


def worst_waterfall(tables: Frames) -> pd.Series | None:
    """Return what answers the shortage of the worst stage in its worst year.

    Parameters
    ----------
    tables
        Result tables by name.

    Returns
    -------
    Series or None
        A row of :func:`layoutplan.outputs.programme.waterfall`; ``None`` where that year has none.
    """
    worst = tables["answers"].sort_values("rank").iloc[0]
    found = waterfall(tables, str(worst["stage"]))
    return found.loc[worst["year"]] if worst["year"] in found.index else None


def risks(tables: Frames) -> list[str]:
    """Return what may turn out otherwise, the three gravest.

    Parameters
    ----------
    tables
        Result tables by name.

    Returns
    -------
    list of str
        At least one, in the language of the run.
    """
    return [str(risk) for risk in tables["risks"].sort_values("rank")["risk"].iloc[:_RISKS]]


def summary_row(row: Mapping[Any, Any], facts: ReportFacts, lang: Language) -> list[str]:
    """Return the cells of a stage in the summary's table, in the order of ``SUMMARY_COLUMNS``.

    Parameters
    ----------
    row
        A row of result table ``answers``.
    facts
        Gives the currency.
    lang
        Language of the cells.

    Returns
    -------
    list of str
        A dash where there is no figure.
    """
    low, high = row["net_short_p10"], row["net_short_p90"]
    return [
        stage_name(str(row["stage"]), lang),
        str(row["year"]),
        whole(row["net_short"], lang),
        f"{whole(low, lang)}–{whole(high, lang)}" if pd.notna(low) else "–",
        whole(row["shortfall"], lang),
        whole(row["unserved"], lang),
        whole(row["seats_added"], lang),
        write_money(row["cost"] or None, lang, currency=facts.currency),
        _left(row, lang),
    ]


def _left(row: Mapping[Any, Any], lang: Language) -> str:
    """Return whom the proposals leave without a seat, and of which year where it is not the worst one."""
    left = whole(row["unserved_after"], lang)
    if pd.isna(row["unserved_after"]) or row["after_year"] == row["year"]:
        return left
    return text("document.summary.after_in", lang, left=left, year=int(row["after_year"]))
