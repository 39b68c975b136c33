"""The findings in sentences, worst first. Every number is read from a table; none is computed here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from layoutplan.layouts import TODAY
from layoutplan.outputs.facts import ReportFacts
from layoutplan.outputs.layout_titles import layouts_beside
from layoutplan.outputs.row_lookup import Frames, RowValues, rows_by
from layoutplan.outputs.wording import listed, metres, share, stage_name, whole, write_count, write_money
from layoutplan.outputs.words import coded_word, proposal_kind
from layoutplan.texts import Language, rounded, text

_HALF: Final = 0.5
_RULES: Final = (
    "severely_oversized_class", "oversized_class", "oversized_school", "over_capacity", "class_over_cap",
    "small_school",
)  # fmt: skip
_FIRST: Final = 3
_ZONES: Final = 5
_SERVING: Final = "serve"
_AHEAD: Final = 3  # years: the horizon of which past forecasts are told, if there is one so far ahead


@dataclass(frozen=True)
class Findings:
    """Sentences about a run; each method returns those of one part, none where there is nothing to report.

    Attributes
    ----------
    tables
        Result tables by name.
    summary
        Content of ``summary.json``.
    facts
        What the report states of the run.
    lang
        Language of the sentences.
    """

    tables: Frames
    summary: Mapping[str, Any]
    facts: ReportFacts
    lang: Language

    def seats(self) -> list[str]:
        """Say for each stage how seats stand against demand in the target year, and when it is tightest."""
        return [self.stage(stage) for stage in self.facts.stages]

    def stage(self, stage: str) -> str:
        """Return the sentences on the balance of one stage.

        Parameters
        ----------
        stage
            Id of the stage.

        Returns
        -------
        str
            Short, uneven or enough in the target year; then the years with unserved pupils.
        """
        lang, year = self.lang, self.facts.target_year
        rows = rows_by(self.tables["city_balance"], "layout", "stage", "year")
        row = rows[TODAY, stage, year]
        short = bool(row["balance"] < -_HALF)
        uneven = bool(row["unserved"] >= _HALF)
        kind = "short" if short else "uneven" if uneven else "enough"
        sentence = text(
            f"document.finding.stage_{kind}",
            lang,
            stage=stage_name(stage, lang),
            year=year,
            demand=whole(row["demand"], lang),
            seats=whole(row["seats"], lang),
            net=whole(abs(float(row["balance"])), lang),
            **({} if kind == "enough" else {"unserved": whole(row["unserved"], lang)}),
        )
        more = [sentence, *self._gross(row, uneven=uneven)]
        parts = text("document.list.gap", lang).join(more)
        return text("document.list.sentences", lang, parts=parts) + self._years(stage)

    def _gross(self, row: RowValues, *, uneven: bool) -> list[str]:
        """Say what is lacking within catchments, before sharing; nothing for a stage without catchments."""
        lacking = row["shortfall"]
        if pd.isna(lacking):
            return []
        if lacking < _HALF:
            return [text(f"document.finding.stage_gross_{'far' if uneven else 'none'}", self.lang)]
        return [text("document.finding.stage_gross", self.lang, shortfall=whole(lacking, self.lang))]

    def _years(self, stage: str) -> str:
        """Say when pupils first lack seats, and which year to come is the tightest, by table ``answers``."""
        answers = self.tables["answers"]
        answer = answers[answers["stage"] == stage].iloc[0]
        if pd.isna(answer["first_year"]):
            return ""
        parts = [text("document.finding.stage_since", self.lang, first=int(answer["first_year"]))]
        worst = int(answer["year"])
        if worst != self.facts.target_year and answer["unserved"] >= _HALF:
            most = whole(answer["unserved"], self.lang)
            parts.append(text("document.finding.stage_worst", self.lang, year=worst, unserved=most))
        return text("document.list.gap", self.lang).join(parts)

    def tightest(self, stage: str) -> str:
        """Return the sentence that names the catchments, or districts, that lack the most seats.

        Parameters
        ----------
        stage
            Id of the stage.

        Returns
        -------
        str
            Districts, after sharing, for a stage without catchments; says so where none lacks seats, and
            where neither table has rows.
        """
        catchments, districts = self.tables["catchment_balance"], self.tables["district_balance"]
        by_catchment = stage in set(catchments["stage"])
        frame, key = (catchments, "catchment_id") if by_catchment else (districts, "district_id")
        rows = frame[(frame["stage"] == stage) & (frame["layout"] == TODAY)]
        lacking = "shortfall" if by_catchment else "unserved"
        now = rows[rows["year"] == self.facts.target_year]
        if now.empty:
            return text("document.finding.zones_unknown", self.lang)
        now = now[now[lacking] >= _HALF]
        if now.empty:
            return self._no_zone_short(stage)
        worst = now.sort_values(lacking, ascending=False, kind="stable").head(_ZONES)
        named = [
            text(
                "document.finding.zone",
                self.lang,
                name=row[key] if pd.isna(row["name"]) else row["name"],
                seats=write_count("seats", row[lacking], self.lang),
            )
            for row in worst.to_dict("records")
        ]
        zones = text("document.list.items", self.lang).join(named)
        return text("document.finding.zones", self.lang, year=self.facts.target_year, list=zones)

    def _no_zone_short(self, stage: str) -> str:
        """Say that no catchment or district is short, and how many pupils of the stage still have no seat."""
        rows = rows_by(self.tables["city_balance"], "layout", "stage", "year")
        year, unserved = self.facts.target_year, rows[TODAY, stage, self.facts.target_year]["unserved"]
        if unserved < _HALF:
            return text("document.finding.zones_enough", self.lang, year=year)
        return text("document.finding.zones_far", self.lang, year=year, unserved=whole(unserved, self.lang))

    def schools(self) -> list[str]:
        """Say how many schools and classes break a rule, and which is the worst."""
        lang, year, counts = self.lang, self.facts.base_year, self.summary["flags"]
        if not counts:
            return [text("document.finding.no_flags", lang, year=year)]
        named = [
            text(
                "document.finding.flag_count",
                lang,
                rule=coded_word("flags", "rule", rule, lang),
                cases=write_count("cases", counts[rule], lang),
            )
            for rule in _RULES
            if rule in counts
        ]
        rules = text("document.list.items", lang).join(named)
        found = [text("document.finding.flags", lang, year=year, rules=rules)]
        for rule, key in (("oversized_school", "largest"), ("over_capacity", "fullest")):
            worst = self._worst(rule)
            if worst is not None:
                stage = str(worst["stage"]) if pd.notna(worst["stage"]) else ""
                found.append(
                    text(
                        f"document.finding.{key}",
                        lang,
                        school=worst["name"],
                        value=whole(worst["value"], lang),
                        limit=whole(worst["threshold"], lang),
                        stage=text(f"stages.{stage}", lang) if stage else "",
                    )
                )
        return found

    def _worst(self, rule: str) -> pd.Series | None:
        rows = self.tables["flags"]
        rows = rows[rows["rule"] == rule]
        if rows.empty:
            return None
        return rows.sort_values("excess_pupils", ascending=False, kind="stable").iloc[0]

    def hotspots(self) -> list[str]:
        """Say how many hotspots there are, and name the first."""
        lang, rows = self.lang, self.tables["hotspots"]
        if rows.empty:
            return [text("document.finding.no_hotspots", lang)]
        named = [self._hotspot(row) for row in rows.head(_FIRST).to_dict("records")]
        total = self.summary["hotspots"]
        return [
            text(
                "document.finding.hotspots",
                lang,
                hotspots=write_count("hotspots", total["count"], lang),
                year=self.facts.target_year,
                pupils=write_count("pupils", total["pupils_short"], lang),
                list=text("document.list.items", lang).join(named),
            )
        ]

    def access(self) -> list[str]:
        """Say for each stage who has a school near, who a seat, and where most lack one."""
        rows = self.tables["coverage"]
        city = rows[(rows["level"] == "city") & (rows["year"] == self.facts.target_year)]
        found = rows_by(city[city["demand"] >= _HALF], "layout", "stage")
        return [self._access(stage, found) for stage in self.facts.stages if (TODAY, stage) in found]

    def _access(self, stage: str, found: Mapping[tuple[Any, ...], RowValues]) -> str:
        lang, row = self.lang, found[TODAY, stage]
        sentences = [
            text(
                "document.finding.access",
                lang,
                stage=stage_name(stage, lang),
                year=self.facts.target_year,
                radius=metres(row["radius_m"], lang),
                near=share(row["share_near"]),
                circle=share(row["share_near_circle"]),
                seated=share(row["share_seated"]),
            )
        ]
        after = next(
            (found.get((one.id, stage)) for one in layouts_beside(self.tables) if one.proposals), None
        )
        if after is not None and after["seated"] - row["seated"] >= _HALF:
            now = share(after["share_seated"])
            sentences.append(text("document.finding.access_after", lang, seated=now))
        named = self._lacking(stage)
        if named:
            sentences.append(text("document.finding.access_gaps", lang, list=named))
        return text("document.list.gap", lang).join(sentences)

    def _lacking(self, stage: str) -> str:
        """Name the areas with the most pupils without a seat in the radius; empty for none."""
        rows = self.tables["access_gaps"]
        own = rows[(rows["stage"] == stage) & (rows["year"] == self.facts.target_year)]
        worst = own[own["layout"] == TODAY].sort_values("rank").head(_FIRST)
        named = [
            text(
                "document.finding.access_gap",
                self.lang,
                name=row["name"],
                pupils=write_count("pupils", row["without_seat"], self.lang),
            )
            for row in worst.to_dict("records")
        ]
        return text("document.list.items", self.lang).join(named)

    def _hotspot(self, row: Mapping[Any, Any]) -> str:
        seats = write_count("seats", row["seats_short"], self.lang)
        stage = text(f"stages.{row['stage']}", self.lang)
        if pd.isna(row["first_year"]):
            return text(
                "document.finding.hotspot_always", self.lang, name=row["name"], stage=stage, seats=seats
            )
        first = int(row["first_year"])
        return text(
            "document.finding.hotspot", self.lang, name=row["name"], stage=stage, seats=seats, first=first
        )

    def build(self) -> list[str]:
        """Say what to build first, for how much, and what it changes."""
        lang, proposals = self.lang, self.summary["proposals"]
        if not proposals or not proposals["count"]:
            return [text("document.finding.build_none", lang)]
        found = [
            text(
                "document.finding.build",
                lang,
                projects=write_count("proposals", proposals["count"], lang),
                seats=write_count("seats", proposals["seats"], lang),
                cost=write_money(proposals["cost"], lang, currency=self.facts.currency),
                pupils=write_count("pupils", proposals["pupils_served"], lang),
                year=self.facts.target_year,
            ),
            *self._first(self.tables["proposals"].sort_values("rank").iloc[0]),
            *self._after(),
        ]
        if "siting_land_unknown" in self.summary["notes"] or "siting_generated" in self.summary["notes"]:
            found.append(text("document.finding.land_unknown", lang))
        return found

    def _first(self, row: pd.Series) -> list[str]:
        """Say what to build first, and whom it places where it is open by the target year."""
        lang, placed = self.lang, float(row["pupils_served"])
        found = [
            text(
                "document.finding.build_first",
                lang,
                id=row["proposal_id"],
                kind=proposal_kind(row, lang),
                classes=write_count("classes", row["classes"], lang),
                seats=write_count("seats", row["seats"], lang),
                name=row["name"],
                opens=int(row["target_year"]),
            )
        ]
        if rounded(placed) > 0:
            pupils, year = write_count("pupils", placed, lang), self.facts.target_year
            found.append(text("document.finding.build_first_places", lang, pupils=pupils, year=year))
        return found

    def own_layouts(self) -> list[str]:
        """Say of each of the planner's own layouts how many pupils it leaves without a seat."""
        found = []
        for layout in layouts_beside(self.tables):
            if not layout.proposals:
                changes = self._changes(layout.id, "layout_stage")
                year = self.facts.target_year
                said: dict[str, object] = {"layout": layout.title[self.lang], "year": year}
                if changes:
                    said["list"] = listed(changes, self.lang)
                key = "layout" if changes else "layout_same"
                found.append(text(f"document.finding.{key}", self.lang, **said))
        return found

    def _after(self) -> list[str]:
        """Say which stages the proposals leave fewer pupils without a seat in."""
        layout = next(one for one in layouts_beside(self.tables) if one.proposals)
        changes = self._changes(layout.id, "after_stage")
        if not changes:
            return []
        changed = listed(changes, self.lang)
        return [text("document.finding.after", self.lang, year=self.facts.target_year, list=changed)]

    def _changes(self, layout: str, words: str) -> list[str]:
        """Say of each stage how many pupils have no seat in today's layout and in another, if not as many.

        Of the proposals (``after_stage``) only where there are fewer.
        """
        rows = rows_by(self.tables["city_balance"], "layout", "stage", "year")
        changes = []
        for stage in self.facts.stages:
            before, now = (
                float(rows[one, stage, self.facts.target_year]["unserved"]) for one in (TODAY, layout)
            )
            if before - now >= _HALF or (words != "after_stage" and now - before >= _HALF):
                changes.append(
                    text(
                        f"document.finding.{words}",
                        self.lang,
                        stage=text(f"stages.{stage}", self.lang),
                        before=whole(before, self.lang),
                        now=whole(now, self.lang),
                    )
                )
        return changes

    def sure(self) -> list[str]:
        """Say how far past forecasts and the choice of projects are off, and if the data carry remarks."""
        lang, found = self.lang, self.past_forecasts()
        outcomes = self.tables.get("siting_outcome")
        if outcomes is not None:
            steps = [row for row in outcomes.to_dict("records") if str(row["step"]).startswith(_SERVING)]
            found += [self._outcome(row, alone=len(steps) == 1) for row in steps]
        if self.facts.notes:
            found.append(text("document.finding.sure_notes", lang))
        return found

    def past_forecasts(self) -> list[str]:
        """Say of each stage how far off the latest forecast was, and such forecasts on average."""
        table = self.tables.get("enrolment_backtest")
        if table is None:
            return []
        stages = [stage for stage in self.facts.stages if stage in set(table["stage"])]
        return [self._past_forecast(table[table["stage"] == stage], stage) for stage in stages]

    def _past_forecast(self, table: pd.DataFrame, stage: str) -> str:
        lang = self.lang
        ahead = max(year for year in table["horizon"] if year <= max(_AHEAD, table["horizon"].min()))
        rows = rows_by(table[table["horizon"] == ahead], "level", "method")
        ours = rows["district", "forecast"]
        off = float(ours["latest_bias"])
        parts = [
            text(
                f"document.finding.past_{'high' if off > 0 else 'low'}",
                lang,
                stage=stage_name(stage, lang),
                ahead=write_count("years", ahead, lang),
                year=int(ours["latest_year"]),
                off=share(abs(off)),
            ),
            text(
                "document.finding.past_mean",
                lang,
                targets=write_count("forecasts", ours["targets"], lang),
                error=share(ours["mape"]),
                **{name: share(rows["district", name]["mape"]) for name in ("last_value", "three_year_mean")},
            ),
        ]
        if ("places", "forecast") in rows:
            error = share(rows["places", "forecast"]["weighted_mape"])
            parts.append(text("document.finding.past_schools", lang, error=error))
        return text("document.list.gap", lang).join(parts)

    def _outcome(self, row: Mapping[Any, Any], *, alone: bool) -> str:
        """Say how one search ended, named by its step where there are several."""
        lang, said = self.lang, str(row["message"])
        if alone:
            return said
        step = coded_word("siting_outcome", "step", str(row["step"]), lang)
        return text("document.finding.sure_step", lang, step=step[:1].upper() + step[1:], said=said)
