"""The results of a run: what files, pages and comparisons are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import pandas as pd

from layoutplan.balance import Balance
from layoutplan.cards import Card, Carded
from layoutplan.city import City, Source
from layoutplan.errors import Fault
from layoutplan.hotspots import Hotspots
from layoutplan.layouts import Layout
from layoutplan.outlook import Outlook
from layoutplan.plan import Plan
from layoutplan.rules import SafeWalks
from layoutplan.runs.evaluation import Evaluation, figure_header, figure_rows, said_unserved
from layoutplan.runs.stage_store import StageReuse
from layoutplan.runs.written import WrittenFiles
from layoutplan.siting import Proposal
from layoutplan.study import Study
from layoutplan.texts import text
from layoutplan.zoning import Redraw


@dataclass(frozen=True, repr=False)
class RunRecord(Carded):
    """The fields of a :class:`~layoutplan.runs.Run`, which describes them."""

    study: Study
    evaluations: Mapping[str, Evaluation]
    outlook: Outlook
    flags: pd.DataFrame
    ledger: pd.DataFrame
    unsafe_walks: SafeWalks
    hotspots: Hotspots
    proposal: Proposal | None
    service_areas: gpd.GeoDataFrame
    layout_sources: tuple[Source, ...]
    rule_results: pd.DataFrame
    rule_tables: Mapping[str, pd.DataFrame]
    redraws: tuple[Redraw, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)
    peak_mib: dict[str, float] = field(default_factory=dict)
    reuse: Mapping[str, StageReuse] = field(default_factory=dict)
    written: WrittenFiles | None = field(default=None, compare=False)

    def _card(self) -> Card:
        study, lang = self.study, self.study.lang
        every, year = tuple(self.evaluations.values()), study.target_year
        counts = {
            "hotspots": len(self.hotspots.hotspots),
            "proposals": len(self.proposal.proposals) if self.proposal else 0,
            "flags": len(self.flags),
            "notes": len(self.notes),
        }
        return Card(
            "Run",
            study.city.name,
            (
                study.plan.title or study.plan.scenario or "",
                text("cards.years", lang, first=study.years[0], last=study.years[-1]),
                said_unserved(every, year=year, lang=lang),
                *(text(f"cards.{name}", lang, count=count) for name, count in counts.items()),
            ),
            (text("cards.layout", lang), *figure_header(lang)),
            tuple((one.layout.title[lang], *row) for one in every for row in figure_rows(one, year, lang)),
        )

    @property
    def plan(self) -> Plan:
        """The plan, one of its scenarios."""
        return self.study.plan

    @property
    def city(self) -> City:
        """The city's checked tables."""
        return self.study.city

    @property
    def sources(self) -> tuple[Source, ...]:
        """Every file read: the city's tables, then layout files."""
        return (*self.city.sources, *self.layout_sources)

    @property
    def balance(self) -> Balance:
        """Balance of today's layout."""
        return self.evaluations[self.study.today.id].balance

    @property
    def layouts(self) -> tuple[Layout, ...]:
        """Every layout of the run, today's first."""
        return tuple(one.layout for one in self.evaluations.values())

    @property
    def notes(self) -> tuple[Fault, ...]:
        """Every warning and notice of the run, in the order of the stages."""
        study = self.study
        parts = (
            study.plan.notes,
            study.city.notes,
            study.today.seats.notes,
            study.forecast.notes if study.forecast else (),
            study.demand.notes,
            study.notes,
            self.unsafe_walks.notes,
            self.balance.notes,
            self.outlook.notes,
            self.proposal.notes if self.proposal else (),
            *(one.notes for one in self.redraws),
        )
        return tuple(note for part in parts for note in part)
