"""Limits of a search: wall time, and counted work, by which a run is reproducible."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

PROPOSALS_PER_SECOND = 1.5e6
"""Approximate number of proposals per second and core; used only to plan a run limited by time."""


@dataclass
class Budget:
    """Limits of one search and what it has used of them.

    Attributes
    ----------
    seconds
        Time limit by ``clock``.
    work
        Limit in millions of proposals; a program counts as the proposals that take about as long.
    cores
        Number of threads.
    clock
        Returns the time in seconds.
    spent
        Millions of proposals made so far.
    started
        Time by ``clock`` at which the search started.
    """

    seconds: float
    work: float
    cores: int
    clock: Callable[[], float] = time.monotonic
    spent: float = 0.0
    started: float = field(init=False)

    def __post_init__(self) -> None:
        """Start the clock."""
        self.started = self.clock()

    @property
    def remaining_s(self) -> float:
        """Seconds remaining."""
        return self.seconds - (self.clock() - self.started)

    @property
    def is_exhausted(self) -> bool:
        """Whether the time or the work is used up."""
        return self.remaining_s <= 0 or self.spent >= self.work

    @property
    def used_share(self) -> float:
        """Used share of the time or of the work, whichever is larger."""
        return max(1.0 - self.remaining_s / self.seconds, self.spent / self.work)

    @property
    def planned_work(self) -> float:
        """Approximate number of proposals that the limits allow, millions."""
        return min(self.work, self.seconds * self.cores * PROPOSALS_PER_SECOND / 1e6)
