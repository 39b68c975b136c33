"""The summary of the report, on one page: the answer, the stages in a table, a map, three risks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd
from matplotlib.font_manager import FontProperties

from layoutplan.outputs.facts import ReportFacts
from layoutplan.outputs.report.charts import stage_picture
from layoutplan.outputs.report.findings import Findings
from layoutplan.outputs.report.word_parts import WordDocument
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
SUMMARY_WIDTHS: Final = (1.2, 1.0, 1.0, 1.5, 1.2, 1.5, 1.2, 1.5, 1.5)
_RISKS: Final = 3


def write_summary(
    document: WordDocument,
    tables: Frames,
    findings: Findings,
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
    findings
        Sentences about the run.
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
    drawing: dict[str, Any] = {"facts": facts, "style": load_style(), "font": font, "lang": lang}
    stage = str(worst["stage"])
    words = text("document.caption.map", lang, stage=stage_name(stage, lang), year=facts.target_year)
    document.picture(stage_picture(tables, stage, **drawing), words)
    document.heading(text("document.heading.risks", lang), level=2)
    document.points(risks(tables, findings, facts, lang))


def risks(tables: Frames, findings: Findings, facts: ReportFacts, lang: Language) -> list[str]:
    """Return what may turn out otherwise, at most three: demand, land, a shortage that passes, data.

    Parameters
    ----------
    tables
        Result tables by name.
    findings
        Sentences about the run.
    facts
        What the report states of the run.
    lang
        Language of the sentences.

    Returns
    -------
    list of str
        Only what the tables bear out.
    """
    worst = tables["answers"].sort_values("rank").iloc[0]
    found = []
    if pd.notna(worst["demand_p10"]):
        found.append(
            text(
                "document.summary.risk_demand",
                lang,
                stage=stage_name(str(worst["stage"]), lang),
                year=int(worst["year"]),
                low=whole(worst["demand_p10"], lang),
                high=whole(worst["demand_p90"], lang),
            )
        )
    notes = findings.summary["notes"]
    if findings.summary["proposals"] and ("siting_land_unknown" in notes or "siting_generated" in notes):
        found.append(text("document.finding.land_unknown", lang))
    passing = int(tables["answers"]["temporary"].fillna(0).sum())
    if passing:
        found.append(text("document.summary.risk_passing", lang, n=passing, last=facts.years[-1]))
    if facts.notes:
        found.append(text("document.finding.sure_notes", lang))
    return found[:_RISKS] or [text("document.limits.l1", lang)]


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
        whole(row["unserved_after"], lang),
    ]
