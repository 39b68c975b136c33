"""``summary.pdf``: the report's summary as one A4 page for print, fonts embedded."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import matplotlib as mpl
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure

from layoutplan.outputs.atlas.atlas import PDF_SETTINGS
from layoutplan.outputs.atlas.furniture import SideColumn
from layoutplan.outputs.atlas.label_placement import Box
from layoutplan.outputs.atlas.map_drawing import draw_map
from layoutplan.outputs.atlas.map_view import fit_view
from layoutplan.outputs.atlas.paper import blank_page, map_axes, plan_bounds
from layoutplan.outputs.facts import ReportFacts
from layoutplan.outputs.fonts import drawing_font, letters_of
from layoutplan.outputs.layers import printed_ground, stage_layers
from layoutplan.outputs.programme import plan_years, waterfall_notes
from layoutplan.outputs.report.charts import map_caption
from layoutplan.outputs.report.one_page import (
    SUMMARY_COLUMNS,
    SUMMARY_WIDTHS,
    risks,
    summary_row,
    worst_waterfall,
)
from layoutplan.outputs.report.waterfall import draw_waterfall
from layoutplan.outputs.report.yearly_plan import YEAR_HEADS, YEAR_WIDTHS, year_cells
from layoutplan.outputs.row_lookup import Frames
from layoutplan.outputs.style import load_style
from layoutplan.outputs.wording import stage_name
from layoutplan.texts import Language, text

_PAGE_MM: Final = (210.0, 297.0)
_UNIT: Final = re.compile(r" ?([（(])")
_MARGIN: Final = 15.0
_GAP: Final = 6.0
_LARGEST_MAP: Final = 92.0
_SMALLEST_MAP: Final = 60.0
_MIDDLE: Final = _PAGE_MM[0] / 2


def write_summary_page(tables: Frames, path: Path, *, facts: ReportFacts, lang: Language) -> None:
    """Write the page to ``path``; the same run gives the same bytes.

    Parameters
    ----------
    tables
        Result tables and layers by name.
    path
        The PDF file to write.
    facts
        What the page states of the run.
    lang
        Language of the page.
    """
    style = load_style()
    letters = [*facts.names.values(), *tables["answers"]["answer"], *risks(tables)]
    about = {"Title": facts.names[lang], "Creator": f"layoutplan {facts.version}", "CreationDate": None}
    with (
        drawing_font(letters_of(tables, extra=letters)) as font,
        mpl.rc_context(PDF_SETTINGS),
        PdfPages(path, metadata=about) as book,
    ):
        figure, paper = blank_page(_PAGE_MM)
        page = SideColumn(paper, _MARGIN, _PAGE_MM[0] - _MARGIN, _PAGE_MM[1] - _MARGIN, style, font, lang)
        _answer(page, tables, facts)
        left = SideColumn(paper, _MARGIN, _MIDDLE - _GAP / 2, page.y, style, font, lang)
        _waterfall(left, tables)
        _risks(left, tables)
        frame = Box(_MIDDLE + _GAP / 2, max(page.y - _LARGEST_MAP, left.y), page.right, page.y - 2.0)
        page.y = _map(figure, page, frame, tables, facts)
        page.y = min(page.y, left.y)
        _years(page, tables, facts)
        run = text("atlas.run", lang, run=facts.run_id, version=facts.version)
        page.put(run, _MARGIN, 8.0, size=7.0, colour="quiet")
        book.savefig(figure)


def _answer(column: SideColumn, tables: Frames, facts: ReportFacts) -> None:
    """Write title, answer, and the stages in a table."""
    lang = column.lang
    answers = tables["answers"].sort_values("rank")
    column.words(facts.names[lang], size=16.0, after=1.5)
    column.words(text("document.heading.summary", lang), size=11.0, colour="rule", after=2.0)
    column.words(str(answers.iloc[0]["answer"]), size=10.0, after=2.5)
    heads = [text(f"document.summary.{name}", lang) for name in SUMMARY_COLUMNS]
    rows = [summary_row(row, facts, lang) for row in answers.to_dict("records")]
    _table(column, [heads, *rows], SUMMARY_WIDTHS, words=1)


def _waterfall(column: SideColumn, tables: Frames) -> None:
    """Draw what answers the shortage of the worst stage; nothing where it has no catchments or no plan."""
    row, worst = worst_waterfall(tables), tables["answers"].sort_values("rank").iloc[0]
    if row is not None:
        stage = stage_name(str(worst["stage"]), column.lang)
        column.heading(text("document.caption.waterfall", column.lang, stage=stage, year=worst["year"]))
        draw_waterfall(column, row, size=7.0)
        for note in waterfall_notes(tables, str(worst["stage"]), int(worst["year"]), column.lang):
            column.words(note, size=7.0, colour="quiet")


def _risks(column: SideColumn, tables: Frames) -> None:
    column.heading(text("document.heading.risks", column.lang))
    for risk in risks(tables):
        column.words(f"· {risk}", size=8.0)


def _map(figure: Figure, page: SideColumn, frame: Box, tables: Frames, facts: ReportFacts) -> float:
    """Draw the worst stage in its frame; return the height of the lower end of what stands below it."""
    worst = str(tables["answers"].sort_values("rank").iloc[0]["stage"])
    if frame.top - frame.bottom < _SMALLEST_MAP:
        frame = Box(frame.left, frame.top - _SMALLEST_MAP, frame.right, frame.top)
    draw_map(
        map_axes(figure, frame, _PAGE_MM),
        stage_layers(tables, worst, facts=facts, style=page.style),
        ground=printed_ground(tables),
        view=fit_view(plan_bounds(tables), frame, rounded=False),
        style=page.style,
        font=page.font,
        lang=page.lang,
        names=False,
    )
    below = SideColumn(
        page.axes, frame.left, frame.right, frame.bottom - 1.0, page.style, page.font, page.lang
    )
    below.words(map_caption(worst, facts, page.lang), size=7.0, colour="quiet")
    return below.y


def _years(column: SideColumn, tables: Frames, facts: ReportFacts) -> None:
    """Write the plan by year."""
    years = plan_years(tables)
    if years:
        column.heading(text("document.caption.plan_by_year", column.lang))
        heads = [text(f"document.table.{name}", column.lang) for name in YEAR_HEADS]
        cells = [year_cells(one, column.lang, currency=facts.currency) for one in years]
        _table(column, [heads, *cells], YEAR_WIDTHS, words=2)
        column.words(text("document.intro.bus_is_a_seat", column.lang), size=7.0, colour="quiet")


def _table(column: SideColumn, rows: Sequence[Sequence[str]], widths: Sequence[float], *, words: int) -> None:
    total = sum(widths)
    # A unit in brackets goes to a line of its own before a word is broken.
    heads = [_UNIT.sub(r"\n\1", head) for head in rows[0]]
    column.table([heads, *rows[1:]], widths=[width / total for width in widths], size=7.5, words=words)
