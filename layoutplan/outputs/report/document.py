"""The planning report (DOCX), for an office to edit: the answer first, then tables, maps, method."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from matplotlib.font_manager import FontProperties

from layoutplan.outputs.facts import ReportFacts
from layoutplan.outputs.fonts import drawing_font, letters_of
from layoutplan.outputs.layout_titles import planners_layouts
from layoutplan.outputs.report.back import write_back
from layoutplan.outputs.report.charts import balance_chart, map_caption, stage_picture
from layoutplan.outputs.report.findings import Findings
from layoutplan.outputs.report.findings_outlook import FindingsAhead
from layoutplan.outputs.report.one_page import write_summary
from layoutplan.outputs.report.redraw import write_redraw
from layoutplan.outputs.report.rules import write_rules
from layoutplan.outputs.report.tables import ReportTables
from layoutplan.outputs.report.word_parts import WordDocument
from layoutplan.outputs.report.yearly_plan import (
    write_before_after,
    write_programme,
    write_yearly_plan,
    write_zoned,
)
from layoutplan.outputs.row_lookup import Frames
from layoutplan.outputs.style import load_style
from layoutplan.outputs.wording import listed, metres, stage_name
from layoutplan.texts import Language, text


def write_document(
    tables: Frames, path: Path, *, summary: Mapping[str, Any], facts: ReportFacts, lang: Language
) -> None:
    """Write the report to ``path``; the same run gives the same bytes.

    Parameters
    ----------
    tables
        Result tables and layers by name.
    path
        The DOCX file to write.
    summary
        Content of ``summary.json``.
    facts
        What the report states of the run.
    lang
        Language of the report.

    Notes
    -----
    Every figure is taken from a saved table, the summary or the manifest; here it is only rounded.
    """
    title = f"{facts.names[lang]} {text('document.cover.title', lang)}"
    document = WordDocument(lang=lang, title=title, author=f"layoutplan {facts.version}")
    report = _Report(document, tables, summary, facts, lang)
    with drawing_font(letters_of(tables)) as font:
        report.write(font)
    document.save(path)


class _Report:
    def __init__(
        self,
        document: WordDocument,
        tables: Frames,
        summary: Mapping[str, Any],
        facts: ReportFacts,
        lang: Language,
    ) -> None:
        self._document = document
        self._tables = tables
        self._facts = facts
        self._lang = lang
        self._findings = Findings(tables, summary, facts, lang)
        self._ahead = FindingsAhead(tables, summary, facts, lang)
        self._rows = ReportTables(document, tables, summary, facts, lang)

    def write(self, font: FontProperties) -> None:
        """Write all parts in order."""
        self._cover()
        write_summary(self._document, self._tables, self._facts, self._lang, font=font)
        self._answers()
        self._balance(font)
        self._schools()
        self._rows.section("hotspots", self._rows.hotspots)
        self._rows.section("proposals", self._rows.proposals)
        write_yearly_plan(self._rows)
        write_programme(self._rows)
        write_before_after(self._rows)
        write_zoned(self._rows)
        if "proposals" in self._tables:
            self._rows.section("effect", self._rows.effect)
        if planners_layouts(self._tables):
            self._document.heading(text("document.heading.layouts", self._lang), level=2)
            self._rows.own_layouts()
        write_redraw(self._rows)
        self._rows.section("rules", partial(write_rules, self._rows))
        write_back(self._document, self._rows, self._facts, self._lang, font=font)

    def _cover(self) -> None:
        facts, lang = self._facts, self._lang
        scenario = facts.scenario_title or (
            text("document.cover.base", lang) if facts.scenario == "base" else facts.scenario
        )
        lines = [
            text("document.cover.scenario", lang, scenario=scenario),
            text(
                "document.cover.years",
                lang,
                first=facts.base_year,
                last=facts.years[-1],
                target=facts.target_year,
            ),
            text(
                "document.cover.run",
                lang,
                profile=facts.profiles[lang],
                run=facts.run_id,
                version=facts.version,
            ),
            text("document.cover.draft", lang),
        ]
        self._document.running_lines(
            text("document.cover.header", lang, name=facts.names[lang]),
            text("document.cover.footer", lang, run=facts.run_id),
            text("document.cover.footer_end", lang),
        )
        self._document.cover(f"{facts.names[lang]}\n{text('document.cover.title', lang)}", lines)

    def _answers(self) -> None:
        """Write the findings, for a reader with two minutes."""
        said, ahead = self._findings, self._ahead
        self._document.heading(text("document.heading.findings", self._lang))
        for part, sentences in (
            ("seats", said.seats()),
            ("peaks", ahead.peaks()),
            ("bases", ahead.bases()),
            ("estates", ahead.estates()),
            ("access", said.access()),
            ("hotspots", said.hotspots()),
            ("schools", said.schools()),
            ("build", [*said.build(), *ahead.passing()]),
            ("layouts", said.own_layouts()),
            ("sure", said.sure()),
        ):
            if sentences:
                self._document.heading(text(f"document.heading.finding_{part}", self._lang), level=2)
                self._document.points(sentences)

    def _balance(self, font: FontProperties) -> None:
        facts, lang, style = self._facts, self._lang, load_style()
        self._document.heading(text("document.heading.balance", lang))
        reach = listed(
            [
                text(
                    "document.intro.reach",
                    lang,
                    metres=metres(facts.reach_m[stage], lang),
                    stage=text(f"stages.{stage}", lang),
                )
                for stage in facts.stages
            ],
            lang,
        )
        self._document.paragraph(text("document.intro.balance", lang, reach=reach))
        with_catchments = set(self._tables["catchments"]["stage"])
        for stage in facts.stages:
            name = stage_name(stage, lang)
            self._document.heading(name, level=2)
            self._document.paragraph(self._findings.tightest(stage))
            if stage not in with_catchments:
                self._document.paragraph(text("document.intro.stage_without_catchments", lang))
            drawing: dict[str, Any] = {"facts": facts, "style": style, "font": font, "lang": lang}
            chart = balance_chart(self._tables, stage, **drawing)
            self._document.picture(chart, text("document.caption.chart", lang, stage=name))
            self._rows.balance(stage)
            picture = stage_picture(self._tables, stage, **drawing)
            self._document.picture(picture, map_caption(stage, facts, lang))
        self._rows.districts()

    def _schools(self) -> None:
        self._rows.section("schools", self._rows.flags)
        self._document.heading(text("document.heading.ledger", self._lang), level=2)
        self._rows.ledger()
