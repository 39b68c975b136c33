"""How long a search may take: wall time, and work that is counted so that a run repeats."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

PROPOSALS_A_SECOND = 1.5e6
"""Proposals that one core makes in a second, roughly; only to plan a run that is limited by time."""


@dataclass
class Budget:
    """Limits of one search.

    Attributes
    ----------
    seconds
        By ``clock``.
    work
        Millions of proposals; programs are charged what they roughly take.
    """

    seconds: float
    work: float
    cores: int
    clock: Callable[[], float] = time.monotonic
    spent: float = 0.0
    begun: float = field(init=False)

    def __post_init__(self) -> None:
        """Start the clock."""
        self.begun = self.clock()

    @property
    def left_s(self) -> float:
        """Seconds left."""
        return self.seconds - (self.clock() - self.begun)

    @property
    def over(self) -> bool:
        """Whether time or work is used up."""
        return self.left_s <= 0 or self.spent >= self.work

    @property
    def used(self) -> float:
        """The share of time or work that is used up, whichever is more."""
        return max(1.0 - self.left_s / self.seconds, self.spent / self.work)

    @property
    def planned(self) -> float:
        """Millions of proposals that the limits allow, roughly."""
        return min(self.work, self.seconds * self.cores * PROPOSALS_A_SECOND / 1e6)
