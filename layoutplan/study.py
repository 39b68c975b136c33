"""Study: what is known of a city before any layout is evaluated, each setting resolved once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from layoutplan.city.city import City
from layoutplan.demand.demand import Demand
from layoutplan.dictionary import empty_frame, result_table
from layoutplan.enrolment import Backtest, Forecast
from layoutplan.errors import Fault
from layoutplan.layouts.layout import Layout
from layoutplan.layouts.walks import WalkSettings
from layoutplan.plan import Plan
from layoutplan.standards import Profile, Standards
from layoutplan.texts import Language


@dataclass(frozen=True)
class Study:
    """Everything that evaluating a layout rests on; every stage after the travel stage takes it.

    Attributes
    ----------
    plan
        The plan, one of its scenarios.
    city
        Its checked tables.
    demand
        Pupils by unit, stage and year, reconciled with the enrolment history where there is one.
    today
        The layout the city has, with the projects that the plan counts.
    walking
        How walks are measured: street network, detour factor, longest distance to a street.
    reach_m
        Longest placement distance of each stage, walking metres.
    forecast, backtest
        The enrolment forecast and how far past ones were off; ``None`` without a history (long enough).
    reconciliation
        Result table of that name.
    notes
        What the reader must know of the walking distances.
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

    @property
    def profile(self) -> Profile:
        """The profile with the plan's overrides."""
        return self.plan.profile

    @property
    def standards(self) -> Standards:
        """The rules in force in the base year."""
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
        """The year of the facts."""
        return self.city.base_year

    @property
    def target_year(self) -> int:
        """The year the plan must serve."""
        return self.plan.general.target

    @property
    def lang(self) -> Language:
        """Language of the texts in result tables; their translations stand beside them."""
        return self.plan.general.lang

    @property
    def seed(self) -> int:
        """Seed of every random draw."""
        return self.plan.general.seed
