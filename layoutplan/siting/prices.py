"""Prices and times of measures, from the rules of the profile (``[[override]]`` replaces any of them).

A kind of measure whose price the profile does not have is not offered: a missing price is never zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from layoutplan.arrays import FloatArray
from layoutplan.siting.candidates import OptionKind
from layoutplan.standards import Standards


@dataclass(frozen=True)
class Prices:
    """Prices in the profile's currency, and times in years.

    Attributes
    ----------
    discount_rate
        Share by which a payment counts less for every year later.
    life_years
        Years over which buildings lose their value, in a straight line; ``None``: capital counts in full, and
        nothing is worth anything when the plan ends.
    running_share
        Running cost of built seats a year, as a share of their capital.
    temporary_class, temporary_classes
        Cost of a temporary class a year, and how many a school may have; ``None`` where unknown: none.
    bus
        Cost of a pupil's bus a year; ``None``: no buses.
    purchased_seat
        Price of a purchased seat a year, by stage; stages without a price purchase none.
    redraw
        What a pupil outside the own catchment counts a year; 0 where unknown.
    lead_new, lead_enlarge, lead_convert
        Years from payment to opening.
    unzoned
        By stage, what a pupil outside the own catchment counts beyond ``redraw``, shape (catchments, years):
        how zoning prices back what it can not draw. Stages without an entry count ``redraw`` alone.
    """

    discount_rate: float
    life_years: float | None
    running_share: float
    temporary_class: float | None
    temporary_classes: int
    bus: float | None
    purchased_seat: Mapping[str, float]
    redraw: float
    lead_new: int
    lead_enlarge: int
    lead_convert: int = 0
    unzoned: Mapping[str, FloatArray] = field(default_factory=dict)

    def lead(self, kind: OptionKind) -> int:
        """Return the years from payment to opening; none where seats are given up.

        Parameters
        ----------
        kind
            How the seats come about.
        """
        years = {"build": self.lead_new, "enlarge": self.lead_enlarge, "convert": self.lead_convert}
        return years.get(kind, 0)

    def discount(self, years: float) -> float:
        """Return what a payment counts in money of the base year.

        Parameters
        ----------
        years
            Years after the first year of the plan, which is the one after the base year.
        """
        return float((1.0 + self.discount_rate) ** -(years + 1.0))

    def net_capital(self, paid: float, *, land: float, paid_in: int, opens_in: int, years: int) -> float:
        """Return discounted capital less the discounted value left when the plan ends.

        Land keeps its value; buildings lose theirs in a straight line from their opening, where the profile
        states their life.

        Parameters
        ----------
        paid, land
            Capital, and the part of it that pays for land.
        paid_in, opens_in, years
            Years after the first in which it is paid and in force, and the number of years of the plan.
        """
        if self.life_years is None:
            return paid * self.discount(paid_in)
        used = min((years - opens_in) / self.life_years, 1.0)
        left = (paid - land) * (1.0 - used) + land
        return paid * self.discount(paid_in) - left * self.discount(years)


def prices_of(standards: Standards, stages: tuple[str, ...]) -> Prices:
    """Return the prices of a profile.

    Parameters
    ----------
    standards
        Rules in force.
    stages
        Stages that are sited.

    Returns
    -------
    Prices
        Running cost, redrawing and discount count nothing where the profile does not state them.
    """

    def known(key: str, of: str = "") -> float | None:
        return standards.number(key, of) if standards.find(key, of) is not None else None

    seats = {stage: known("cost.purchased_seat", stage) for stage in stages}
    return Prices(
        discount_rate=known("cost.discount_rate") or 0.0,
        life_years=known("cost.life_years"),
        running_share=known("cost.running_share") or 0.0,
        temporary_class=known("cost.temporary_class"),
        temporary_classes=int(known("temporary.classes") or 0),
        bus=known("cost.bus"),
        purchased_seat={stage: price for stage, price in seats.items() if price is not None},
        redraw=known("cost.redraw") or 0.0,
        lead_new=int(known("lead_years.new") or 0),
        lead_enlarge=int(known("lead_years.enlarge") or 0),
        lead_convert=int(known("lead_years.convert") or 0),
    )
