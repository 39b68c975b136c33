"""``summary.pdf``: the report's summary as one A4 page for print, fonts embedded."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
from matplotlib.backends.backend_pdf import PdfPages

from layoutplan.outputs.atlas.atlas import PDF_SETTINGS, blank_page, map_axes, plan_bounds
from layoutplan.outputs.atlas.furniture import SideColumn
from layoutplan.outputs.atlas.label_placement import Box
from layoutplan.outputs.atlas.map_drawing import draw_map
from layoutplan.outputs.atlas.map_view import fit_view
from layoutplan.outputs.facts import ReportFacts
from layoutplan.outputs.fonts import drawing_font, letters_of
from layoutplan.outputs.layers import printed_ground, stage_layers
from layoutplan.outputs.report.findings import Findings
from layoutplan.outputs.report.one_page import SUMMARY_COLUMNS, SUMMARY_WIDTHS, risks, summary_row
from layoutplan.outputs.row_lookup import Frames
from layoutplan.outputs.style import load_style
from layoutplan.outputs.wording import stage_name
from layoutplan.texts import Language, text

_PAGE_MM: Final = (210.0, 297.0)
_MARGIN: Final = 15.0
_MAP: Final = Box(_MARGIN, 20.0, _PAGE_MM[0] - _MARGIN, 158.0)


def write_summary_page(
    tables: Frames, path: Path, *, summary: Mapping[str, Any], facts: ReportFacts, lang: Language
) -> None:
    """Write the page to ``path``; the same run gives the same bytes.

    Parameters
    ----------
    tables
        Result tables and layers by name.
    path
        The PDF file to write.
    summary
        Content of ``summary.json``.
    facts
        What the page states of the run.
    lang
        Language of the page.
    """
    style, findings = load_style(), Findings(tables, summary, facts, lang)
    letters = [*facts.names.values(), *tables["answers"]["answer"], *risks(tables, findings, facts, lang)]
    about = {"Title": facts.names[lang], "Creator": f"layoutplan {facts.version}", "CreationDate": None}
    with (
        drawing_font(letters_of(tables, extra=letters)) as font,
        mpl.rc_context(PDF_SETTINGS),
        PdfPages(path, metadata=about) as book,
    ):
        figure, paper = blank_page(_PAGE_MM)
        column = SideColumn(paper, _MARGIN, _PAGE_MM[0] - _MARGIN, _PAGE_MM[1] - _MARGIN, style, font, lang)
        _words(column, tables, findings, facts)
        worst = str(tables["answers"].sort_values("rank").iloc[0]["stage"])
        draw_map(
            map_axes(figure, _MAP, _PAGE_MM),
            stage_layers(tables, worst, facts=facts, style=style),
            ground=printed_ground(tables),
            view=fit_view(plan_bounds(tables), _MAP, rounded=False),
            style=style,
            font=font,
            lang=lang,
            names=False,
        )
        words = text("document.caption.map", lang, stage=stage_name(worst, lang), year=facts.target_year)
        review = facts.review_number
        words += text("document.caption.review", lang, number=review) if review else ""
        column.put(words, _MARGIN, _MAP.bottom - 5.0, size=7.5, colour="quiet")
        column.put(
            text("atlas.run", lang, run=facts.run_id, version=facts.version),
            _MARGIN,
            8.0,
            size=7.0,
            colour="quiet",
        )
        book.savefig(figure)


def _words(column: SideColumn, tables: Frames, findings: Findings, facts: ReportFacts) -> None:
    """Write title, answer, the stages in a table, and the risks."""
    lang = column.lang
    answers = tables["answers"].sort_values("rank")
    column.words(facts.names[lang], size=16.0, after=1.5)
    column.words(text("document.heading.summary", lang), size=11.0, colour="rule", after=2.0)
    column.words(str(answers.iloc[0]["answer"]), size=10.5, after=3.0)
    heads = [text(f"document.summary.{name}", lang) for name in SUMMARY_COLUMNS]
    rows = [summary_row(row, facts, lang) for row in answers.to_dict("records")]
    total = sum(SUMMARY_WIDTHS)
    column.table([heads, *rows], widths=[width / total for width in SUMMARY_WIDTHS], size=7.0)
    column.heading(text("document.heading.risks", lang))
    for risk in risks(tables, findings, facts, lang):
        column.words(f"· {risk}", size=9.0)
