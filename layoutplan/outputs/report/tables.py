"""The report's tables, from the saved result tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any, Final

import pandas as pd

from layoutplan.layouts import TODAY
from layoutplan.outputs.facts import ReportFacts
from layoutplan.outputs.layout_titles import layouts_beside, planners_layouts
from layoutplan.outputs.programme import shortage_outside
from layoutplan.outputs.report.word_parts import WordDocument
from layoutplan.outputs.row_lookup import Frames, rows_by
from layoutplan.outputs.wording import metres, share, stage_name, whole, write_count, write_money
from layoutplan.outputs.words import coded_word, proposal_kind
from layoutplan.texts import Language, has_text, text

_NONE: Final = "–"
_IDS: Final = ("school_id", "project_id", "housing_id", "site_id", "catchment_id", "district_id")
_MOST_ROWS: Final = 20
_FEW_ROWS: Final = 12
_EXPLAINED: Final = 10
_WEIGHED: Final = 3
_YEARLY: Final = (
    "children",
    "seats",
    "demand",
    "balance",
    "shortfall",
    "unserved",
    "share_within_radius",
    "mean_walk_m",
)
_OF_DISTRICT: Final = ("schools", "seats", "demand", "shortfall", "unserved", "share_within_radius")
_METHODS: Final = ("forecast", "last_value", "three_year_mean")
_CHANGED: Final = ("seats", "shortfall", "unserved", "share_within_radius", "mean_walk_m")


@dataclass(frozen=True)
class ReportTables:
    """Writes tables into a document; each method writes one part, with its captions.

    Attributes
    ----------
    document
        The document to append to.
    frames
        Result tables by name.
    summary
        Content of ``summary.json``.
    facts
        What the report states of the run.
    lang
        Language of the report.
    """

    document: WordDocument
    frames: Frames
    summary: Mapping[str, Any]
    facts: ReportFacts
    lang: Language

    @cached_property
    def names(self) -> dict[str, str]:
        """Names of schools, projects, estates and sites by id."""
        return {
            str(row[key]): str(row["name"])
            for frame, key in product(self.frames.values(), _IDS)
            if {key, "name"} <= set(frame.columns)
            for row in frame[[key, "name"]].dropna().drop_duplicates().to_dict("records")
        }

    def section(self, part: str, write: Callable[[], None]) -> None:
        """Write a heading, then a part.

        Parameters
        ----------
        part : key of the heading
        write : writes the part
        """
        self.document.heading(text(f"document.heading.{part}", self.lang))
        write()

    def table(
        self, heads: Sequence[str], rows: Sequence[Sequence[str]], caption: str, *, widths: Sequence[float]
    ) -> None:
        """Write a table.

        Parameters
        ----------
        heads : keys of the column heads; empty for none
        rows : texts by row
        caption : the caption, complete
        widths : relative widths of the columns
        """
        named = [text(f"document.table.{head}", self.lang) if head else "" for head in heads]
        self.document.table(named, rows, caption, widths=widths)

    def caption(self, name: str, **params: object) -> str:
        """Return the text of a caption.

        Parameters
        ----------
        name : key of the caption
        **params : values for its placeholders; ``year`` is the target year unless given
        """
        return text(f"document.caption.{name}", self.lang, **{"year": self.facts.target_year, **params})

    def figure(self, name: str, value: Any) -> str:  # noqa: ANN401  a frame's cell
        """Return a figure of a balance table as text.

        Parameters
        ----------
        name : column of the figure
        value : cell of that column
        """
        if name == "share_within_radius":
            return share(value)
        return metres(value, self.lang) if name == "mean_walk_m" else whole(value, self.lang)

    def balance(self, stage: str) -> None:
        """Write seats and demand of a stage by year.

        Parameters
        ----------
        stage : id of the stage
        """
        city = self.frames["city_balance"]
        rows = city[(city["layout"] == TODAY) & (city["stage"] == stage)].sort_values("year")
        cells = [
            [str(row["year"]), *(self.figure(name, row[name]) for name in _YEARLY)]
            for row in rows.to_dict("records")
        ]
        caption = self.caption("balance", stage=stage_name(stage, self.lang))
        self.table(("year", *_YEARLY), cells, caption, widths=(1.0, 1.3, 1.2, 1.2, 1.2, 1.3, 1.5, 1.3, 1.3))
        if outside := shortage_outside(self.frames, stage, self.facts.target_year):
            n = whole(outside, self.lang)
            self.document.small(text("document.intro.outside", self.lang, n=n, year=self.facts.target_year))

    def districts(self) -> None:
        """Write the districts of every stage, those with the most pupils unserved first."""
        frame = self.frames["district_balance"]
        rows = frame[(frame["layout"] == TODAY) & (frame["year"] == self.facts.target_year)]
        if rows.empty:
            return
        self.document.heading(text("document.heading.districts", self.lang), level=2)
        ordered = rows.sort_values("unserved", ascending=False, kind="stable")
        shown = ordered.head(_MOST_ROWS)
        cells = [
            [
                self.name(row["name"], row["district_id"]),
                stage_name(str(row["stage"]), self.lang),
                *(self.figure(name, row[name]) for name in _OF_DISTRICT),
            ]
            for row in shown.to_dict("records")
        ]
        widths = (1.6, 1.2, 1.0, 1.1, 1.1, 1.2, 1.4, 1.2)
        self.table(("district", "stage", *_OF_DISTRICT), cells, self.caption("districts"), widths=widths)
        self.more(len(shown), len(ordered))

    def name(self, name: Any, fallback: object) -> str:  # noqa: ANN401  a frame's cell
        """Return a name, or the id where there is none.

        Parameters
        ----------
        name, fallback : cell of a frame, and the id
        """
        return str(fallback) if name is None or pd.isna(name) else str(name)

    def word(self, table: str, column: str, value: Any) -> str:  # noqa: ANN401
        """Return the word for a code; a dash where missing.

        Parameters
        ----------
        table, column, value : table and column of the code, and the cell
        """
        return _NONE if value is None or pd.isna(value) else coded_word(table, column, str(value), self.lang)

    def year(self, value: Any) -> str:  # noqa: ANN401
        """Return a year as text; a dash where missing.

        Parameters
        ----------
        value : cell of a frame
        """
        return _NONE if pd.isna(value) else str(int(value))

    def more(self, shown: int, of: int) -> None:
        """Write how many rows there are in all, where the report shows only the first.

        Parameters
        ----------
        shown, of : rows shown, and rows in all
        """
        if of > shown:
            self.document.small(text("document.table.more", self.lang, n=whole(of, self.lang)))

    def flags(self) -> None:
        """Write cases by rule, and the gravest."""
        counts, base = self.summary["flags"], self.facts.base_year
        if not counts:
            self.document.paragraph(text("document.finding.no_flags", self.lang, year=base))
            return
        self.document.paragraph(text("document.intro.schools", self.lang, year=base))
        by_rule = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        cells = [[self.word("flags", "rule", rule), whole(count, self.lang)] for rule, count in by_rule]
        self.table(("rule", "cases"), cells, self.caption("flags", year=base), widths=(3, 1))
        self.document.paragraph(text("document.intro.worst", self.lang))
        order = ["severity", "excess_pupils"]
        rows = self.frames["flags"].sort_values(order, ascending=False, kind="stable", na_position="last")
        shown = rows.head(_FEW_ROWS)
        cells = [
            [
                self.name(row["name"], row["school_id"]),
                self.word("flags", "rule", row["rule"]),
                self.word("flags", "stage", row["stage"]),
                whole(row["value"], self.lang),
                whole(row["threshold"], self.lang),
                whole(row["excess_pupils"], self.lang),
            ]
            for row in shown.to_dict("records")
        ]
        heads = ("school", "rule", "stage", "value", "limit", "excess")
        caption = self.caption("worst", year=base)
        self.table(heads, cells, caption, widths=(2.4, 1.8, 1.1, 1.0, 1.0, 1.1))
        self.more(len(shown), len(rows))

    def ledger(self) -> None:
        """Write how the cases stand, and those due first."""
        counts = self.summary["ledger"]
        if not counts:
            self.document.paragraph(text("document.intro.ledger_none", self.lang))
            return
        listing = text("document.list.items", self.lang).join(
            text(
                "document.finding.flag_count",
                self.lang,
                rule=self.word("ledger", "status", status),
                cases=write_count("cases", count, self.lang),
            )
            for status, count in counts.items()
        )
        self.document.paragraph(text("document.intro.ledger", self.lang, list=listing))
        frame = self.frames["ledger"]
        rows = frame[frame["status"] != "closed"]
        ordered = rows.sort_values("due_year", kind="stable", na_position="last")
        shown = ordered.head(_FEW_ROWS)
        cells = [
            [
                self.name(row["name"], row["school_id"]),
                self.word("ledger", "rule", row["rule"]),
                self.word("ledger", "stage", row["stage"]),
                self.word("ledger", "status", row["status"]),
                self.year(row["due_year"]),
                self.name(row["remedy"], _NONE),
            ]
            for row in shown.to_dict("records")
        ]
        heads = ("school", "rule", "stage", "status", "due", "remedy")
        self.table(heads, cells, self.caption("ledger"), widths=(1.7, 1.3, 1.15, 1.1, 0.9, 3.3))
        self.more(len(shown), len(ordered))

    def hotspots(self) -> None:
        """Write the hotspots by rank."""
        rows = self.frames["hotspots"]
        if rows.empty:
            self.document.paragraph(text("document.finding.no_hotspots", self.lang))
            return
        self.document.paragraph(text("document.intro.hotspots", self.lang, year=self.facts.target_year))
        shown = rows.head(_MOST_ROWS)
        cells = [
            [
                str(row["rank"]),
                str(row["name"]),
                self.word("hotspots", "stage", row["stage"]),
                self._years_short(row),
                whole(row["seats_short"], self.lang),
                _NONE if pd.isna(row["probability"]) else share(row["probability"], digits=0),
                self.name(row["remedy"], _NONE),
            ]
            for row in shown.to_dict("records")
        ]
        heads = ("rank", "place", "stage", "short_in", "seats_short", "probability", "at_hand")
        self.table(heads, cells, self.caption("hotspots"), widths=(0.85, 1.75, 1.25, 1.3, 0.85, 0.95, 2.85))
        self.more(len(shown), len(rows))

    def _years_short(self, row: Mapping[Any, Any]) -> str:
        first, last = int(row["first_year"]), int(row["last_year"])
        return text("document.table.short_years", self.lang, first=first, last=last, n=row["years_short"])

    def proposals(self) -> None:
        """Write what to build, in order, and why."""
        frame = self.frames.get("proposals")
        if frame is None or frame.empty:
            self.document.paragraph(text("document.finding.build_none", self.lang))
            return
        year = self.facts.target_year
        self.document.paragraph(text("document.intro.proposals", self.lang, year=year))
        rows = frame.sort_values("rank")
        records = rows.head(_MOST_ROWS).to_dict("records")
        cells = [
            [
                str(row["proposal_id"]),
                str(row["name"]),
                self._kind(row),
                whole(row["classes"], self.lang),
                whole(row["seats"], self.lang),
                write_money(row["cost"], self.lang, currency=self.facts.currency),
                whole(row["pupils_served"], self.lang),
            ]
            for row in records
        ]
        heads = ("id", "project", "kind", "classes", "seats", "cost", "served")
        self.table(heads, cells, self.caption("proposals"), widths=(0.7, 2.8, 1.7, 1.05, 1.1, 1.6, 1.2))
        self.more(len(records), len(rows))
        self.document.small(text("document.intro.cost", self.lang))
        self.document.heading(text("document.heading.reasons", self.lang), level=2)
        explained = records[:_EXPLAINED]
        self.document.points(
            [self._reason(row, weighed=place < _WEIGHED) for place, row in enumerate(explained)]
        )
        self.document.small(text("document.intro.weighed", self.lang))

    def _kind(self, row: Mapping[Any, Any]) -> str:
        return proposal_kind(row, self.lang)

    def _reason(self, row: Mapping[Any, Any], *, weighed: bool) -> str:
        rejected = self.name(row["rejected"], "").rstrip("。. ") if weighed else ""
        return text(
            "document.finding.reason_weighed" if rejected else "document.finding.reason",
            self.lang,
            id=row["proposal_id"],
            name=row["name"],
            reason=self.name(row["reason"], ""),
            **({"rejected": rejected} if rejected else {}),
        )

    def past_forecasts(self) -> None:
        """Write how far off past forecasts were: a row a stage, years ahead, and district or schools."""
        table = self.frames["enrolment_backtest"]
        rows = rows_by(
            table[table["level"].isin(("district", "places"))], "stage", "level", "horizon", "method"
        )
        errors = {"district": "mape", "places": "weighted_mape"}
        cells = [
            [
                stage_name(stage, self.lang),
                text(f"document.table.past_{level}", self.lang),
                str(ahead),
                whole(row["targets"], self.lang),
                *(share(rows[stage, level, ahead, name][errors[level]]) for name in _METHODS),
                share(row["bias"]),
                share(row["coverage"]),
            ]
            for (stage, level, ahead, method), row in rows.items()
            if method == _METHODS[0] and stage in self.facts.stages
        ]
        heads = ("stage", *(f"past_{name}" for name in ("of", "ahead", "targets", "error", *_METHODS[1:])))
        heads = (*heads, "past_bias", "past_coverage")
        caption = self.caption("past_forecasts")
        self.table(heads, cells, caption, widths=(1.3, 1.0, 1.1, 0.8, 1.3, 1.2, 1.2, 1.0, 1.1))

    def effect(self) -> None:
        """Write the target year without and with the proposals."""
        year = self.facts.target_year
        self.document.paragraph(text("document.intro.effect", self.lang, year=year))
        for layout in layouts_beside(self.frames):
            if layout.proposals:
                self._change(layout.id, self.caption("effect"))

    def own_layouts(self) -> None:
        """Write the target year in today's layout and in each of the planner's own."""
        self.document.paragraph(text("document.intro.layouts", self.lang, year=self.facts.target_year))
        for layout in planners_layouts(self.frames):
            self._change(layout.id, self.caption("layout", layout=layout.title[self.lang]))

    def _change(self, layout: str, caption: str) -> None:
        """Write the figures of every stage in today's layout and in another."""
        year = self.facts.target_year
        rows = rows_by(self.frames["city_balance"], "layout", "stage", "year")
        cells = [
            [
                stage_name(stage, self.lang),
                *(
                    text(
                        "document.list.change",
                        self.lang,
                        before=self.figure(figure, rows[TODAY, stage, year][figure]),
                        after=self.figure(figure, rows[layout, stage, year][figure]),
                    )
                    for figure in _CHANGED
                ),
            ]
            for stage in self.facts.stages
        ]
        self.table(("stage", *_CHANGED), cells, caption, widths=(1.15, 1.8, 1.7, 1.7, 1.8, 1.7))

    def rule_name(self, key: str) -> str:
        """Return the name of a rule; its key where it has none.

        Parameters
        ----------
        key : key of the rule in the profile
        """
        entry = f"rules.{key}"
        return text(entry, self.lang) if has_text(entry) else key
