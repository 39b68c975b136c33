"""One shape for every rule: what it is, what it is judged on, what came out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeVar

import pandas as pd

from layoutplan.access import Access
from layoutplan.balance.result import Balance
from layoutplan.city.city import City
from layoutplan.demand.demand import Demand
from layoutplan.dictionary.schema import Words
from layoutplan.enrolment import Forecast
from layoutplan.hotspots import Hotspots
from layoutplan.layouts.seats import Seats
from layoutplan.outlook import Outlook
from layoutplan.plan.settings import SupplySettings
from layoutplan.siting import Proposal
from layoutplan.standards import Profile, Standards
from layoutplan.travel import Network
from layoutplan.travel.matrix import WalkMatrix

Result = TypeVar("Result")

Direction = Literal["at_least", "at_most", "above", "below", ""]
"""How a value meets its threshold; empty for a rule that is reported and not judged."""

Status = Literal["met", "missed", "reported", "no_data"]
"""``reported``: computed, but no threshold is in force that year. ``no_data``: a table or column is
missing."""

RULE_STATUSES: Final[tuple[Status, ...]] = ("missed", "met", "reported", "no_data")
"""Worst first: the order of the scorecard."""

MEASURED: Final = (
    "area_kind",
    "area_id",
    "area",
    "stage",
    "year",
    "numerator",
    "denominator",
    "value",
    "need",
    "need_unit",
    "case_ids",
    "responsible_unit",
)
"""Columns of what a measure returns; see :func:`layoutplan.rules.measured.measured`."""


@dataclass(frozen=True, slots=True)
class RuleSpec:
    """One rule of the rule book, as data.

    Attributes
    ----------
    id, section, rows
        ``size.school_cap``; the letter of its section; the rows of the founding documents' list it answers.
    title
        What a planner calls it.
    document, quote
        The founding document (S0 … S4) and its exact words.
    measure
        ``module:function`` under :mod:`layoutplan.rules.measures`.
    subject
        What the function is asked about (its keyword ``subject``), where one measures several rules: one
        indicator, one kind of class.
    on_results
        Whether it looks at the results of the other rules (targets): it is measured after them.
    threshold, of
        Key of the profile's rule it is judged by (empty: reported only), and whether that rule stands there
        for each stage, each school type, or for all.
    direction, unit
        How the value meets the threshold; the unit of both.
    stages
        Stages it is about; empty for rules about the whole.
    needs
        Columns that switch it on, each ``table.column`` with alternatives after ``|`` and ``{stage}`` for
        any of its stages.
    result, shows
        The table and column of the run folder that hold what it computes beside ``rule_results``, and where a
        reader sees it (``map``, ``report``, ``workbook``, ``scorecard``, ``atlas``, ``index``, ``compare``).
    """

    id: str
    section: str
    rows: tuple[int, ...]
    title: Words
    document: str
    quote: str
    measure: str
    subject: str = ""
    on_results: bool = False
    threshold: str = ""
    of: Literal["stage", "school_type", ""] = "stage"
    direction: Direction = ""
    unit: str = ""
    stages: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    result: str = "rule_results.value"
    shows: tuple[str, ...] = ("scorecard", "workbook")


@dataclass(frozen=True)
class Evidence:
    """Everything the measures may look at: one run, all stages done. None of it is changed.

    ``target_year`` is the year the plan must serve. ``demand``, ``seats``, ``balance`` are today's plan
    with its committed projects; ``proposal`` and ``proposed`` what siting adds, ``None`` where it is off.
    ``forecast`` is ``None`` without enrolment history, ``network`` without roads. ``ledger_goes_back``:
    the ledger was kept in an earlier year too, so that a case it opens now is new. ``access`` is that of
    today's plan, ``supply`` which of its seats count. ``results`` are those of the other rules, for rules
    about rules.
    """

    city: City
    profile: Profile
    seats: Seats
    demand: Demand
    pairs: WalkMatrix
    balance: Balance
    target_year: int
    reach_m: Mapping[str, float]
    flags: pd.DataFrame
    ledger: pd.DataFrame
    hotspots: Hotspots | None = None
    outlook: Outlook | None = None
    forecast: Forecast | None = None
    proposal: Proposal | None = None
    proposed: Balance | None = None
    network: Network | None = None
    ledger_goes_back: bool = False
    access: Access | None = None
    supply: SupplySettings = field(default_factory=SupplySettings)
    results: pd.DataFrame | None = None
    _found: dict[Callable[[Evidence], Any], Any] = field(
        init=False, default_factory=dict, repr=False, compare=False
    )

    def once(self, find: Callable[[Evidence], Result]) -> Result:
        """Return what a function finds in this evidence: found once, however many rules ask for it."""
        if find not in self._found:
            self._found[find] = find(self)
        found: Result = self._found[find]
        return found

    @property
    def base_year(self) -> int:
        """The year of the facts: enrolment, classes, resources."""
        return self.city.base_year

    @property
    def standards(self) -> Standards:
        """The rules in force in the base year."""
        return self.profile.at(self.base_year)

    def limit(self, key: str, of: str = "", *, year: int | None = None) -> float | None:
        """Return a number the profile has in force in a year (default the base year), if it has one."""
        rule = self.profile.at(self.base_year if year is None else year).find(key, of)
        return float(rule.value) if rule and isinstance(rule.value, (int, float)) else None

    def table(self, name: str) -> pd.DataFrame:
        """Return an input table: one of the city's own frames with its id as a column, or another table."""
        own = {"schools": self.city.schools, "catchments": self.city.catchments, "units": self.city.areas,
               "districts": self.city.districts}  # fmt: skip
        return own[name].reset_index() if name in own else self.city.tables[name]
