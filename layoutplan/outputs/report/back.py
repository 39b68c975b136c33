"""The last parts of the report: certainty, method and standards, data, limits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from matplotlib.font_manager import FontProperties

from layoutplan.dictionary import input_tables, result_table
from layoutplan.errors import Fault
from layoutplan.outputs.facts import ReportFacts
from layoutplan.outputs.report.charts import backtest_chart
from layoutplan.outputs.report.tables import ReportTables
from layoutplan.outputs.report.word_parts import WordDocument
from layoutplan.outputs.style import load_style
from layoutplan.outputs.wording import listed, share, whole
from layoutplan.outputs.words import coded_word
from layoutplan.standards import Rule
from layoutplan.texts import Language, has_text, text

_MARK_LENGTH: Final = 12
_LIMITS: Final = ("l1", "l2", "l3", "l4", "l5", "l6")


def write_back(
    document: WordDocument, rows: ReportTables, facts: ReportFacts, lang: Language, *, font: FontProperties
) -> None:
    """Write the parts on certainty, method, sources and limits.

    Parameters
    ----------
    document
        The document to append to.
    rows
        Writes the tables.
    facts
        What the report states of the run.
    lang
        Language of the report.
    font
        Font of the charts.
    """
    back = _Back(document, rows, facts, lang)
    back.certainty(font)
    back.method()
    back.sources()
    document.heading(text("document.heading.limits", lang))
    limits = _LIMITS if facts.map_review else _LIMITS[:-1]
    document.points([text(f"document.limits.{name}", lang) for name in limits])


class _Back:
    def __init__(
        self, document: WordDocument, rows: ReportTables, facts: ReportFacts, lang: Language
    ) -> None:
        self._document = document
        self._rows = rows
        self._facts = facts
        self._lang = lang

    def certainty(self, font: FontProperties) -> None:
        """Write the solver's outcome with its bound, how past forecasts fared, every remark on the data."""
        lang = self._lang
        self._document.heading(text("document.heading.certainty", lang))
        outcomes = self._rows.frames.get("siting_outcome")
        if outcomes is not None and len(outcomes):
            records = outcomes.to_dict("records")
            cells = [
                [
                    self._rows.word("siting_outcome", "step", row["step"]),
                    self._rows.word("siting_outcome", "outcome", row["outcome"]),
                    *(whole(row[name], lang) for name in ("objective", "bound")),
                    share(row["gap"], digits=2),
                    whole(row["audited"], lang),
                    self._rows.name(row["unit"], "–"),
                ]
                for row in records
            ]
            heads = ("step", "outcome", "reached", "bound", "gap", "audited", "in_unit")
            caption = self._rows.caption("outcome")
            self._rows.table(heads, cells, caption, widths=(1.6, 1.6, 1.3, 1.3, 0.8, 1.3, 1.7))
            said = list(dict.fromkeys(str(row["message"]) for row in records if row["message"]))
            self._document.points(said)
        self._past_forecasts(font)
        self._document.heading(text("document.heading.notes", lang), level=2)
        ordered = sorted(self._facts.notes, key=lambda note: note.severity != "warning")
        if not ordered:
            self._document.paragraph(text("document.intro.no_notes", lang))
            return
        self._document.paragraph(text("document.intro.notes", lang))
        self._document.points(list(dict.fromkeys(self._remark(note) for note in ordered)))

    def _remark(self, note: Fault) -> str:
        """Return a remark with the schools, projects or rows it is about, and what to do."""
        lang, names = self._lang, self._rows.names
        gap = text("document.list.gap", lang)
        words = [note.what(lang), note.remedy(lang)]
        if note.rows:
            # Labels are row numbers where there is a file, ids otherwise.
            known = [names[row] for row in note.rows if note.file is None and row in names]
            more = note.row_count - len(known)
            if len(known) < len(note.rows):
                where = replace(note, column=None).place(lang)
            elif more > 0:
                where = text("document.list.and_more", lang, list=listed(known, lang), more=whole(more, lang))
            else:
                where = listed(known, lang)
            words.insert(1, text("document.list.about", lang, where=where))
        return gap.join(words).replace("`", "")

    def _past_forecasts(self, font: FontProperties) -> None:
        """Write the chart and the table of the back-test, where past enrolment allows one."""
        lang, table = self._lang, self._rows.frames.get("enrolment_backtest")
        if table is None:
            return
        self._document.heading(text("document.heading.past_forecasts", lang), level=2)
        self._document.paragraph(text("document.intro.past_forecasts", lang))
        stages = [stage for stage in self._facts.stages if stage in set(table["stage"])]
        chart = backtest_chart(table, stages, style=load_style(), font=font, lang=lang)
        self._document.picture(chart, text("document.caption.past_chart", lang))
        self._rows.past_forecasts()

    def method(self) -> None:
        """Write the method in words, the standards with their sources, and the plan's own settings."""
        lang, facts = self._lang, self._facts
        self._document.heading(text("document.heading.method", lang))
        steps = ("m1", "m2", f"m3_{facts.walking}", "m4", "m5", "m6")
        self._document.points([text(f"document.method.{step}", lang) for step in steps])
        if facts.rules:
            self._document.heading(text("document.heading.standards", lang), level=2)
            self._document.paragraph(text("document.intro.standards", lang, year=facts.base_year))
            cells = [self._rule(rules) for rules in _grouped(facts.rules)]
            heads = ("standard", "set_to", "since", "source", "confidence")
            caption = self._rows.caption("standards", year=facts.base_year)
            self._rows.table(heads, cells, caption, widths=(2.2, 2.6, 0.8, 3.4, 0.9))
        if facts.assumptions:
            self._document.heading(text("document.heading.assumptions", lang), level=2)
            self._document.paragraph(text("document.intro.assumptions", lang))
            cells = [[self._setting(key), _written(value)] for key, value in facts.assumptions]
            self._rows.table(("setting", "set_to"), cells, self._rows.caption("assumptions"), widths=(3, 2))

    def _rule(self, rules: Sequence[Rule]) -> list[str]:
        first = rules[0]
        values = [
            text("document.list.valued", self._lang, name=self._of(rule), value=_value(rule.value))
            if rule.of
            else _value(rule.value)
            for rule in rules
        ]
        unit = f"document.rule_unit.{first.unit}"
        named = text(unit, self._lang) if has_text(unit) else first.unit
        return [
            text("document.list.with_unit", self._lang, name=self._rows.rule_name(first.key), unit=named),
            text("document.list.items", self._lang).join(values),
            str(first.valid_from),
            first.source,
            coded_word("standards", "confidence", first.confidence, self._lang),
        ]

    def _of(self, rule: Rule) -> str:
        stage, kind = f"stages.{rule.of}", f"stages.type.{rule.of}"
        return next((text(key, self._lang) for key in (stage, kind) if has_text(key)), rule.of)

    def _setting(self, key: str) -> str:
        entry = f"settings.{key}"
        return text(entry, self._lang) if has_text(entry) else key

    def sources(self) -> None:
        """Write the files read, with the table they gave and what identifies them."""
        lang = self._lang
        self._document.heading(text("document.heading.sources", lang))
        self._document.paragraph(text("document.intro.sources", lang, year=self._facts.base_year))
        known = input_tables()
        cells = [
            [
                source.file,
                (known[source.table] if source.table in known else result_table(source.table)).title.of(lang),
                whole(source.rows, lang),
                " ".join(part for part in (source.encoding, source.crs.split(" (")[0], source.datum) if part)
                or "–",
                source.sha256[:_MARK_LENGTH],
            ]
            for source in self._facts.sources
        ]
        heads = ("file", "table", "rows", "read_as", "mark")
        self._rows.table(heads, cells, self._rows.caption("sources"), widths=(2.3, 1.8, 0.9, 2.4, 1.7))


def _grouped(rules: Sequence[Rule]) -> list[list[Rule]]:
    """Bring together rules of one key that share their source: one row of the table."""
    groups: dict[tuple[object, ...], list[Rule]] = {}
    for rule in rules:
        groups.setdefault((rule.key, rule.source, rule.valid_from, rule.confidence, rule.unit), []).append(
            rule
        )
    return list(groups.values())


def _value(value: Any) -> str:  # noqa: ANN401  a rule's value
    if isinstance(value, (tuple, list)):
        return ", ".join(_value(item) for item in value)
    return f"{value:,g}" if isinstance(value, (int, float)) else str(value)


def _written(value: str) -> str:
    """Write a setting's value as people do where it is one whole number; otherwise as the plan has it.

    Examples
    --------
    >>> _written("800000000.0"), _written("0.012"), _written("[1, 2]")
    ('800,000,000', '0.012', '[1, 2]')
    """
    whole_number = re.fullmatch(r"(-?\d+)(?:\.0+)?", value)
    return f"{int(whole_number[1]):,}" if whole_number else value
