"""Study: all inputs of an evaluation that do not depend on the layout, with every setting resolved once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import pandas as pd

from layoutplan.adjacency import Adjacency, build_adjacency
from layoutplan.cards import Card, Carded
from layoutplan.city.city import City
from layoutplan.demand.demand import Demand
from layoutplan.dictionary import empty_frame, result_table
from layoutplan.enrolment import Backtest, Forecast
from layoutplan.errors import Fault
from layoutplan.layouts.layout import Layout
from layoutplan.layouts.walks import WalkSettings
from layoutplan.plan import Plan
from layoutplan.standards import Profile, Standards
from layoutplan.texts import Language, number, text
from layoutplan.watched import note, remembered

_NOTED: Final = frozenset(
    {"city", "demand", "today", "walking", "reach_m", "forecast", "backtest", "reconciliation", "notes"}
)
"""Fields whose reading is noted; the plan notes what is read of it."""


@dataclass(frozen=True, repr=False)
class Study(Carded):
    """Inputs of every stage after the travel stage, independent of the layout evaluated.

    Attributes
    ----------
    plan
        The plan, for one scenario.
    city
        Validated input tables.
    demand
        Pupils by unit, stage and year, reconciled with the enrolment history where there is one.
    today
        Layout with today's schools and the projects that the plan counts.
    walking
        Settings of the walking distances: street network, detour factor, longest distance to a street.
    reach_m
        Longest placement distance by stage, walking metres.
    forecast, backtest
        Enrolment forecast and its errors in back-testing; ``None`` without a (sufficiently long) history.
    reconciliation
        Result table ``reconciliation``.
    notes
        Warnings and notices about the walking distances.
    """

    plan: Plan
    city: City
    demand: Demand
    today: Layout
    walking: WalkSettings
    reach_m: Mapping[str, float]
    forecast: Forecast | None = None
    backtest: Backtest | None = None
    reconciliation: pd.DataFrame = field(default_factory=lambda: empty_frame(result_table("reconciliation")))
    notes: tuple[Fault, ...] = ()

    if not TYPE_CHECKING:  # a type checker would take every attribute for granted

        def __getattribute__(self, name: str) -> object:
            """Return an attribute, and note the reading of a field (:mod:`layoutplan.watched`)."""
            if name in _NOTED:
                note("study", name)
            return super().__getattribute__(name)

    def _card(self) -> Card:
        lang, years = self.lang, tuple(dict.fromkeys((self.base_year, self.target_year)))
        rows = []
        for stage in self.stages:
            pupils, seats = self.demand.pupils[stage].sum(), self.today.seats.counted(stage).sum()
            figures = (number(total[year], lang) for year in years for total in (pupils, seats))
            rows.append((text(f"stages.{stage}", lang), *figures))
        header = (
            text(f"cards.{name}", lang, year=year) for year in years for name in ("pupils_in", "seats_in")
        )
        return Card(
            "Study",
            self.city.name,
            (
                self.plan.title or self.plan.scenario or "",
                text("cards.years", lang, first=self.years[0], last=self.years[-1]),
                text("cards.target", lang, year=self.target_year),
                self.profile.name_en if lang == "en" else self.profile.name_zh,
                text("cards.schools", lang, number=number(len(self.city.schools), lang)),
                text("cards.units", lang, number=number(len(self.city.units), lang)),
            ),
            ("", *header),
            tuple(rows),
        )

    @property
    def profile(self) -> Profile:
        """Profile with the plan's overrides."""
        return self.plan.profile

    @property
    def standards(self) -> Standards:
        """Rules in force in the base year."""
        return self.plan.profile.at(self.city.base_year)

    @property
    def stages(self) -> tuple[str, ...]:
        """Planned stages, youngest first."""
        return self.city.stages

    @property
    def years(self) -> tuple[int, ...]:
        """Years of the plan, the base year first."""
        return self.city.years

    @property
    def base_year(self) -> int:
        """Year of the input data."""
        return self.city.base_year

    @property
    def target_year(self) -> int:
        """Year that the plan is designed for."""
        return self.plan.general.target

    @property
    def adjacency(self) -> Adjacency:
        """Neighbouring units, over which catchments are connected; built when it is first needed.

        Without the profile's ``walking.crossing_distance`` barriers bar nothing, as for walks.
        """
        return remembered(vars(self), "_adjacency", self._neighbours)

    def _neighbours(self) -> Adjacency:
        rule = "walking.crossing_distance"
        known = self.standards.find(rule) is not None
        return build_adjacency(
            self.city,
            crossing_m=self.standards.number(rule) if known else None,
            trunk_roads=not self.plan.zoning.cross_trunk_roads,
        )

    @property
    def lang(self) -> Language:
        """Language of the texts in result tables; columns ``*_translated`` have the other language."""
        return self.plan.general.lang

    @property
    def seed(self) -> int:
        """Seed of all random draws."""
        return self.plan.general.seed
