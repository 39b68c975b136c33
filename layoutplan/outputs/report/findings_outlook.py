"""The outlook in sentences: peaks, lasting shortage, estates before their school, demand on other bases.

Every number is read from the tables and the summary; none is computed here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from layoutplan.outputs.facts import ReportFacts
from layoutplan.outputs.row_lookup import Frames
from layoutplan.outputs.wording import stage_name, whole, write_count
from layoutplan.texts import Language, text

_HALF: Final = 0.5
_FIRST: Final = 3


@dataclass(frozen=True)
class FindingsAhead:
    """Sentences about the years to come; none where there is nothing to report.

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

    def peaks(self) -> list[str]:
        """Say for each stage when demand is highest, what is left at the end, and what shortage lasts."""
        return [self._peak(stage) for stage in self.facts.stages]

    def _peak(self, stage: str) -> str:
        lang, found = self.lang, self.summary["outlook"]["peaks"][stage]
        last = self.facts.years[-1]
        words = {
            "stage": stage_name(stage, lang),
            "year": found["peak_year"],
            "pupils": whole(found["peak"], lang),
            "last": last,
            "left": whole(found["horizon"], lang),
        }
        key = "rising" if found["peak_year"] == last else "peak"
        parts = [text(f"document.finding.{key}", lang, **words), *self._split(stage, found)]
        likely = self.summary["outlook"]["likely_short"].get(stage, {}).get(str(self.facts.target_year))
        if likely:
            catchments = write_count("catchments", likely, lang)
            year = self.facts.target_year
            parts.append(text("document.finding.likely", lang, year=year, catchments=catchments))
        return text("document.list.gap", lang).join(parts)

    def _split(self, stage: str, found: Mapping[str, Any]) -> list[str]:
        """Say which part of the catchments' shortage lasts, which passes, and where the first is largest."""
        lang, lasting, passing = self.lang, found["lasting"] or 0.0, found["passing"] or 0.0
        if lasting < _HALF and passing < _HALF:
            return []
        words = {"lasting": whole(lasting, lang), "passing": whole(passing, lang)}
        parts = [text("document.finding.split", lang, **words)]
        rows = self.tables["peaks"]
        own = rows[(rows["stage"] == stage) & (rows["lasting_shortfall"] >= _HALF)]
        worst = own.sort_values("lasting_shortfall", ascending=False, kind="stable").head(_FIRST)
        if len(worst):
            named = [
                text(
                    "document.finding.split_zone",
                    lang,
                    name=row["catchment_id"] if pd.isna(row["name"]) else row["name"],
                    seats=write_count("seats", row["lasting_shortfall"], lang),
                    peak=int(row["peak_year"]),
                )
                for row in worst.to_dict("records")
            ]
            listed = text("document.list.items", lang).join(named)
            parts.append(text("document.finding.split_zones", lang, list=listed))
        return parts

    def passing(self) -> list[str]:
        """Say at how many schools temporary classes bridge what passes; empty where none do."""
        proposals = self.summary["proposals"]
        if not proposals or not proposals.get("temporary"):
            return []
        count = write_count("schools", proposals["temporary"], self.lang)
        return [text("document.finding.temporary", self.lang, count=count, last=self.facts.years[-1])]

    def estates(self) -> list[str]:
        """Say how many estates come before their school, and name those that bring most pupils."""
        lang, gaps = self.lang, self.tables["estate_gaps"]
        if gaps.empty:
            return []
        first = gaps.sort_values("new_pupils", ascending=False, kind="stable").drop_duplicates("housing_id")
        named = [
            text(
                "document.finding.estate",
                lang,
                name=row["housing_id"] if pd.isna(row["name"]) else row["name"],
                stage=text(f"stages.{row['stage']}", lang),
                remark=row["remark"],
            )
            for row in first.head(_FIRST).to_dict("records")
        ]
        late = write_count("estates", self.summary["outlook"]["estates_late"], lang)
        return [text("document.finding.estates", lang, estates=late), *named]

    def bases(self) -> list[str]:
        """Say for each stage what demand is by registration, and where that is furthest from residence."""
        found = self.summary["outlook"]["bases"]
        known = [
            stage
            for stage in self.facts.stages
            if stage in found and None not in {found[stage]["by_residence"], found[stage]["by_hukou"]}
        ]
        return [self._basis(stage, found[stage]) for stage in known]

    def _basis(self, stage: str, found: Mapping[str, Any]) -> str:
        lang = self.lang
        figures = {name: whole(found[f"by_{name}"], lang) for name in ("residence", "hukou")}
        parts = [
            text(
                "document.finding.bases",
                lang,
                stage=stage_name(stage, lang),
                year=self.facts.base_year,
                **figures,
            )
        ]
        if found["by_hukou_and_permit"] is not None:
            entitled = whole(found["by_hukou_and_permit"], lang)
            parts.append(text("document.finding.bases_permit", lang, entitled=entitled))
        rows = self.tables["demand_streams"]
        own = rows[(rows["stage"] == stage) & (rows["year"] == self.facts.base_year)]
        own = own[own["hukou_less_residence"] <= -_HALF]
        if len(own):
            row = own.sort_values("hukou_less_residence", kind="stable").iloc[0]
            name = row["catchment_id"] if pd.isna(row["name"]) else row["name"]
            fewer = write_count("pupils", abs(float(row["hukou_less_residence"])), lang)
            parts.append(text("document.finding.bases_most", lang, name=name, fewer=fewer))
        return text("document.list.gap", lang).join(parts)
