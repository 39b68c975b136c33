"""The inputs of the measures of the rule book."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

import pandas as pd

from layoutplan.balance.result import Balance
from layoutplan.city.city import City
from layoutplan.demand.demand import Demand
from layoutplan.enrolment import Forecast
from layoutplan.layouts.layout import Zoning
from layoutplan.layouts.seats import Seats
from layoutplan.plan.settings import SupplySettings
from layoutplan.rules.rule_spec import RuleSpec
from layoutplan.standards import Profile, Schooling, Standards
from layoutplan.study import Study
from layoutplan.travel import Network
from layoutplan.travel.matrix import WalkMatrix
from layoutplan.watched import RULE_INPUT, ReadPlace, note, remembered

if TYPE_CHECKING:  # types of stages that need not be loaded to read the rule book
    from layoutplan.access import Access
    from layoutplan.hotspots import Hotspots
    from layoutplan.outlook import Outlook
    from layoutplan.siting import Proposal

_Found = TypeVar("_Found")
_NOTED: Final = frozenset(
    {"balance", "flags", "ledger", "ledger_goes_back", "access", "hotspots", "outlook", "proposal"}
    | {"proposed", "results"}
)
"""Fields whose reading is noted; the study notes what is read of it."""


@dataclass(frozen=True)
class MeasuredRule:
    """What a rule measures.

    Attributes
    ----------
    rows
        As :func:`layoutplan.rules.measured.measured` makes them.
    missing
        Columns without which it can not be measured; ``None`` where there are rows.
    places
        What was read (:mod:`layoutplan.watched`): with equal content the rows are equal.
    """

    rows: pd.DataFrame
    missing: str | None
    places: tuple[ReadPlace, ...]


class KeptMeasures(Protocol):
    """Measures of earlier runs."""

    def take(self, inputs: RuleInputs) -> dict[str, MeasuredRule]:
        """Return the measures that hold for these inputs, by rule."""

    def keep(self, inputs: RuleInputs, measures: Mapping[str, MeasuredRule]) -> None:
        """Keep measures of these inputs for later runs."""


@dataclass(frozen=True)
class RuleInputs:
    """Everything the measures read: the study and the results of its stages. Nothing in it is changed.

    Attributes
    ----------
    study
        City, demand and today's layout, to which ``seats``, ``zoning`` and ``pairs`` belong.
    balance
        Today's layout evaluated.
    flags, ledger
        Result tables.
    ledger_goes_back
        Whether the ledger was kept in an earlier year too, so that a case opened now is new.
    access
        Access under today's layout; ``None`` where the stage was not run.
    hotspots, outlook
        ``None`` where the stage was not run.
    proposal
        What siting adds; ``None`` where siting is off.
    proposed
        The balance of the proposed layout; ``None`` where siting is off.
    results
        Results of the other rules, for rules about rules.
    kept
        Measures of earlier runs.
    measures
        What has been measured of these inputs, by rule; extended by ``evaluate_rules``.
    """

    study: Study
    balance: Balance
    flags: pd.DataFrame
    ledger: pd.DataFrame
    ledger_goes_back: bool = False
    access: Access | None = None
    hotspots: Hotspots | None = None
    outlook: Outlook | None = None
    proposal: Proposal | None = None
    proposed: Balance | None = None
    results: pd.DataFrame | None = None
    kept: KeptMeasures | None = field(default=None, repr=False, compare=False)
    measures: dict[RuleSpec, MeasuredRule] = field(
        init=False, default_factory=dict, repr=False, compare=False
    )
    _found: dict[Callable[[RuleInputs], Any], Any] = field(
        init=False, default_factory=dict, repr=False, compare=False
    )

    if not TYPE_CHECKING:  # a type checker would take every attribute for granted

        def __getattribute__(self, name: str) -> object:
            """Return an attribute, and note the reading of a field (:mod:`layoutplan.watched`)."""
            if name in _NOTED:
                note(RULE_INPUT, name)
            return super().__getattribute__(name)

    def once(self, find: Callable[[RuleInputs], _Found]) -> _Found:
        """Return what a function computes from these inputs, cached per instance.

        Parameters
        ----------
        find
            A function of these inputs; it must not depend on anything else.

        Returns
        -------
        _Found
            Its result; callers share it and must not change it.
        """
        return remembered(self._found, find, lambda: find(self))

    @property
    def city(self) -> City:
        """The city."""
        return self.study.city

    @property
    def schooling(self) -> Schooling:
        """Stages and school types of the profile."""
        return self.city.schooling

    @property
    def compulsory(self) -> tuple[str, ...]:
        """Planned stages that are compulsory, youngest first."""
        return tuple(stage for stage in self.schooling.compulsory if stage in self.city.stages)

    @property
    def profile(self) -> Profile:
        """The profile the city is judged by."""
        return self.study.profile

    @property
    def demand(self) -> Demand:
        """Pupils by unit, stage and year."""
        return self.study.demand

    @property
    def seats(self) -> Seats:
        """Seats of today's layout."""
        return self.study.today.seats

    @property
    def zoning(self) -> Zoning:
        """Catchments of today's layout."""
        return self.study.today.zoning

    @property
    def pairs(self) -> WalkMatrix:
        """Walks of today's layout."""
        return self.study.today.walks

    @property
    def target_year(self) -> int:
        """The year the plan must serve."""
        return self.study.target_year

    @property
    def reach_m(self) -> Mapping[str, float]:
        """Longest placement distance of each stage, walking metres."""
        return self.study.reach_m

    @property
    def forecast(self) -> Forecast | None:
        """The enrolment forecast; ``None`` without a history."""
        return self.study.forecast

    @property
    def network(self) -> Network | None:
        """The streets; ``None`` without roads."""
        return self.study.walking.network

    @property
    def supply(self) -> SupplySettings:
        """``[supply]`` of the plan: which seats count."""
        return self.study.plan.supply

    @property
    def base_year(self) -> int:
        """The year of the facts: enrolment, classes, resources."""
        return self.study.base_year

    @property
    def standards(self) -> Standards:
        """The rules in force in the base year."""
        return self.profile.at(self.base_year)

    def limit(self, key: str, of: str = "", *, year: int | None = None) -> float | None:
        """Return the number that a rule of the profile states in a year.

        Parameters
        ----------
        key
            Key of the rule, such as ``class_size.cap``.
        of
            Stage or school type the rule is for; empty for a rule that is for all.
        year
            The year; the base year unless given.

        Returns
        -------
        float | None
            ``None`` where no such rule is in force, or its value is no number.
        """
        rule = self.profile.at(self.base_year if year is None else year).find(key, of)
        return float(rule.value) if rule and isinstance(rule.value, (int, float)) else None

    def table(self, name: str) -> pd.DataFrame:
        """Return an input table with its id as a column.

        Parameters
        ----------
        name
            Name of the table in the data dictionary.

        Returns
        -------
        DataFrame
            The rows; empty, with all columns, for a table that is not given.
        """
        own = {"schools": self.city.schools, "catchments": self.city.catchments, "units": self.city.areas,
               "districts": self.city.districts}  # fmt: skip
        return own[name].reset_index() if name in own else self.city.tables[name]
