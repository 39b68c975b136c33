"""A layout with everything that was measured of it."""

from __future__ import annotations

from dataclasses import dataclass

from layoutplan.access import Access
from layoutplan.balance import Balance
from layoutplan.layouts import Layout


@dataclass(frozen=True)
class Evaluation:
    """One layout of a run, evaluated by the code that evaluates every layout."""

    layout: Layout
    balance: Balance
    access: Access
