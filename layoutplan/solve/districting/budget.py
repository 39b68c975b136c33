"""Limits of a search: wall time, and counted work, by which a run is reproducible.

Work is counted in millions of annealing proposals; programs count as the proposals that take about as long.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

PROPOSALS_PER_SECOND = 1.5e6
"""Approximate number of proposals per second and core; used only to plan a run limited by time."""

_PROPOSALS_PER_NODE: Final = 5e-5
"""Proposals that take about as long as one node of a program, millions per column."""
_ROOT_NODES: Final = 20
"""Nodes that take about as long as the root of a binary program."""
_LEAST_ALLOWANCE: Final = 0.2
"""Work that a task may use at least if it remains, millions: programs of tiny problems are then solved."""
_LINEAR_NODES: Final = 2
"""Nodes that take about as long as a linear program and the separation of its solution."""


@dataclass
class Allowance:
    """What one task may use of a budget.

    Attributes
    ----------
    remaining_s
        Returns the remaining time, seconds.
    work
        Limit in millions of proposals.
    spent
        Millions of proposals used so far.
    """

    remaining_s: Callable[[], float]
    work: float = np.inf
    spent: float = 0.0

    @property
    def is_exhausted(self) -> bool:
        """Whether the time or the work is used up."""
        return self.remaining_s() <= 0 or self.spent >= self.work

    def affordable_nodes(self, columns: int, *, most: int) -> int:
        """Return the node limit of a binary program within the remaining work.

        Parameters
        ----------
        columns
            Number of columns of the program.
        most
            Largest node limit.

        Returns
        -------
        int
            At most ``most``; 0 if not even the root is affordable.
        """
        nodes = (self.work - self.spent) / (_PROPOSALS_PER_NODE * max(columns, 1)) - _ROOT_NODES
        return most if nodes >= most else max(int(nodes), 0)

    def spend_binary(self, columns: int, nodes: int) -> None:
        """Count a binary program.

        Parameters
        ----------
        columns
            Number of columns of the program.
        nodes
            Nodes that its solution took.
        """
        self.spent += _PROPOSALS_PER_NODE * columns * (nodes + _ROOT_NODES)

    def spend_linear(self, columns: int) -> None:
        """Count a linear program.

        Parameters
        ----------
        columns
            Number of columns of the program.
        """
        self.spent += _PROPOSALS_PER_NODE * columns * _LINEAR_NODES


@dataclass
class Budget:
    """Limits of one search and what it has used of them.

    Attributes
    ----------
    seconds
        Time limit by ``clock``.
    work
        Limit in millions of proposals.
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
        """Used share of the time or of the work, whichever is larger; 1 where either is used up."""
        if self.is_exhausted:
            return 1.0
        return max(1.0 - self.remaining_s / self.seconds, self.spent / self.work)

    @property
    def remaining_work(self) -> float:
        """Millions of proposals remaining."""
        return max(self.work - self.spent, 0.0)

    def allowance(self, *, time: float = 1.0, work: float = 1.0) -> Allowance:
        """Return a part of what remains; what is spent of it is to be added to :attr:`spent`.

        Parameters
        ----------
        time, work
            Shares of the remaining time and work; a share of little work is raised to what a small program
            takes, as far as that remains.

        Returns
        -------
        Allowance
            Nothing is spent yet.
        """
        reserve_s = self.remaining_s * (1 - time)
        least = min(_LEAST_ALLOWANCE, self.remaining_work)
        return Allowance(lambda: self.remaining_s - reserve_s, max(self.remaining_work * work, least))

    @property
    def planned_work(self) -> float:
        """Approximate number of proposals that the limits allow, millions."""
        return min(self.work, self.seconds * self.cores * PROPOSALS_PER_SECOND / 1e6)
