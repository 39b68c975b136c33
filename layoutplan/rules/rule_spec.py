"""The specification of a rule: its measure, threshold, needs and results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from layoutplan.dictionary.schema import Words
from layoutplan.standards import Profile, Schooling

COMPULSORY: Final = "compulsory"
FIRST_COMPULSORY: Final = "first_compulsory"
"""Stands in the rule book for every compulsory stage of the profile."""

Direction = Literal["at_least", "at_most", "above", "below", ""]
"""How a value meets its threshold; empty for a rule that is reported and not judged."""

Metric = Literal["walk", "circle", ""]
"""How a distance is measured; empty for a rule that measures none."""

Status = Literal["met", "missed", "reported", "elsewhere", "no_data", "does_not_apply"]
"""``reported``: computed, but no threshold is in force that year. ``elsewhere``: computed, and only another
place has a threshold, which is shown and not judged by. ``no_data``: a table or column is missing.
``does_not_apply``: the profile has none of its stages, or not its section of the rule book."""

RULE_STATUSES: Final[tuple[Status, ...]] = (
    "missed",
    "met",
    "reported",
    "elsewhere",
    "no_data",
    "does_not_apply",
)
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
    "missing",
)
"""Columns of what a measure returns; see :func:`layoutplan.rules.measured.measured`."""


@dataclass(frozen=True, slots=True)
class RuleSpec:
    """One rule of the rule book, as data.

    Attributes
    ----------
    id, section, rows
        ``size.school_cap``; the letter of its section; the rows of the founding documents' list it answers,
        none for a rule of the standards alone.
    title
        What a planner calls it.
    document, quote
        The founding document (S0 … S4) and its exact words; empty for a rule of the standards alone.
    country
        Country whose schools alone the rule has a meaning for (``cn``: 户籍, 三同时, 学区); empty for a rule
        of any place.
    measure
        ``module:function`` under :mod:`layoutplan.rules.measures`.
    metric
        How a rule about distance measures it: ``walk`` along streets, ``circle`` in a straight line (as
        codes draw a service radius); empty for other rules.
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
        Stages it is about: ids (with school systems, the stage of each), or ``compulsory`` for every
        compulsory stage of the profile; empty for rules about the whole.
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
    measure: str
    document: str = ""
    quote: str = ""
    metric: Metric = ""
    subject: str = ""
    on_results: bool = False
    threshold: str = ""
    of: Literal["stage", "school_type", ""] = "stage"
    direction: Direction = ""
    unit: str = ""
    stages: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    country: str = ""
    result: str = "rule_results.value"
    shows: tuple[str, ...] = ("scorecard", "workbook")

    def applies(self, profile: Profile) -> bool:
        """Return whether the rule applies under a profile: its country, the section, and one of the stages.

        Parameters
        ----------
        profile
            The profile the city is judged by.
        """
        if profile.sections and self.section not in profile.sections:
            return False
        if self.country and not profile.is_of(self.country):
            return False
        return not self.stages or bool({*self.stages_in(profile.schooling)} & {*profile.schooling.ids})

    def stages_in(self, schooling: Schooling) -> tuple[str, ...]:
        """Return the ids of the stages it is about.

        Parameters
        ----------
        schooling
            Stages of the profile.
        """
        named = {COMPULSORY: schooling.compulsory, FIRST_COMPULSORY: schooling.first_compulsory}
        return tuple(stage for one in self.stages for stage in named.get(one, schooling.own_of(one)))
