"""Demand: pupils who need a public seat, by unit, stage and year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import pandas as pd

from layoutplan.arrays import FloatArray
from layoutplan.cards import Card, Carded
from layoutplan.demand.estates import Estates
from layoutplan.errors import Fault
from layoutplan.texts import Language, number, text


@dataclass(frozen=True, repr=False)
class Demand(Carded):
    """Pupils by unit × stage × year; floats, not rounded.

    Attributes
    ----------
    years
        Years of the plan, the base year first.
    children
        For each stage a frame, index ``unit_id`` (the order of ``City.units``), one integer column per year:
        resident children of the stage's ages, those of new dwellings included.
    pupils
        Same shape: pupils who need a public seat (children × participation × public share).
    unborn, of_migrants, of_estates
        Parts of ``pupils``, same shape: residents born after the base year (new dwellings excluded), children
        of migrant workers (no entry for a stage without data in the units table), and children of new
        dwellings.
    by_age
        For the stages of which some school teaches some grades only: children of each age who take part,
        ages (youngest first) × units × years, new dwellings excluded; they divide ``pupils`` among grades.
    bounds
        For each stage with suppressed counts among its residents, ``pupils`` with all of them at their least
        and at their largest, same shape.
    public_share
        For each stage, by year, the share of the pupils who need a counted seat.
    estates
        The new dwellings behind ``of_estates``; ``None`` without a housing table.
    notes
        Assumptions made (public share derived from enrolment, births assumed, …), for the report.
    lang
        Language of what it shows in a notebook.
    """

    years: tuple[int, ...]
    children: Mapping[str, pd.DataFrame]
    pupils: Mapping[str, pd.DataFrame]
    unborn: Mapping[str, pd.DataFrame] = field(default_factory=lambda: MappingProxyType({}))
    of_migrants: Mapping[str, pd.DataFrame] = field(default_factory=lambda: MappingProxyType({}))
    of_estates: Mapping[str, pd.DataFrame] = field(default_factory=lambda: MappingProxyType({}))
    by_age: Mapping[str, FloatArray] = field(default_factory=lambda: MappingProxyType({}))
    bounds: Mapping[str, tuple[pd.DataFrame, pd.DataFrame]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    public_share: Mapping[str, pd.Series[float]] = field(default_factory=lambda: MappingProxyType({}))
    estates: Estates | None = None
    notes: tuple[Fault, ...] = ()
    lang: Language = "zh"

    def _card(self) -> Card:
        lang, first, last = self.lang, self.years[0], self.years[-1]
        totals = {stage: frame.sum() for stage, frame in self.pupils.items()}
        said = (
            text("cards.pupils", lang, stage=text(f"stages.{stage}", lang), number=number(total[first], lang))
            for stage, total in totals.items()
        )
        return Card(
            "Demand",
            text("cards.years", lang, first=first, last=last),
            (f"{text('cards.pupils_in', lang, year=first)}: {', '.join(said)}",),
            (text("cards.pupils_in", lang, year="").strip(), *(str(year) for year in self.years)),
            tuple(
                (text(f"stages.{stage}", lang), *(number(total[year], lang) for year in self.years))
                for stage, total in totals.items()
            ),
        )
