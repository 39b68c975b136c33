"""A layout with its evaluation."""

from __future__ import annotations

from dataclasses import dataclass

from layoutplan.access import Access
from layoutplan.balance import Balance
from layoutplan.layouts import Layout


@dataclass(frozen=True)
class Evaluation:
    """One layout of a run with its balance and access measures; the same code evaluates every layout."""

    layout: Layout
    balance: Balance
    access: Access
