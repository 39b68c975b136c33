"""Effort of a search: its limits, and the work that it has done.

Work is counted in arcs of flows, so that it is the same on every machine; a million take about half a second.
A program counts by its simplex iterations and entries.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from layoutplan.solve.expansion.problem import Expansion

_LEAST_WORK: Final = 4e6  # that a small problem may take
_LINEAR: Final = 600.0  # entries times iterations of a linear program that take as long as an arc
_WHOLE: Final = 100.0  # the same of a program with whole columns
_READ: Final = 4.0  # arcs that take as long as an entry read
_ROOT: Final = 4_000.0  # iterations of a program before its first branching
_NODE: Final = 500.0  # iterations of a node
_NODES: Final = 400


@dataclass(frozen=True)
class ExpansionEffort:
    """Limits of all steps together.

    Attributes
    ----------
    time_limit_s
        Seconds: the last resort, since what time cuts short can not be repeated.
    relative_gap
        Gap at which a step stops.
    work_an_arc
        Work for each arc of the markets: the limit that counts, since it is the same on every machine.
    """

    time_limit_s: float = 600.0
    relative_gap: float = 0.001
    work_an_arc: float = 100.0

    def work_for(self, problem: Expansion) -> float:
        """Return the work that a problem may take.

        Parameters
        ----------
        problem
            The problem.
        """
        return max(_LEAST_WORK, self.work_an_arc * arcs_of(problem))


def arcs_of(problem: Expansion) -> int:
    """Return the arcs of all markets of a problem.

    Parameters
    ----------
    problem
        The problem.
    """
    return sum(len(market.origin) for market in problem.markets)


@dataclass
class Work:
    """Work done, and how much may be done until something else begins; ``most`` in all."""

    most: float
    done: float = 0.0
    until: float = float("inf")

    @property
    def left(self) -> float:
        """Work left until something else begins."""
        return min(self.until, self.most) - self.done

    def share(self, of_left: float) -> None:
        """Let a share of all the work left be done now.

        Parameters
        ----------
        of_left
            The share.
        """
        self.until = self.done + of_left * max(self.most - self.done, 0.0)

    def flow(self, arcs: int) -> None:
        """Count a flow.

        Parameters
        ----------
        arcs
            Its arcs.
        """
        self.done += arcs

    def program(self, entries: int, iterations: int, *, whole: bool) -> None:
        """Count a program.

        Parameters
        ----------
        entries, iterations
            Its entries, and the simplex iterations that it took.
        whole
            Whether it has whole columns.
        """
        self.done += entries * (_READ + iterations / (_WHOLE if whole else _LINEAR))

    def nodes(self, entries: int) -> int:
        """Return the nodes that a program may take with the work left, 1 to 400.

        Parameters
        ----------
        entries
            Entries of the program.
        """
        iterations = self.left * _WHOLE / max(entries, 1) - _ROOT
        return int(min(max(iterations / _NODE, 1.0), _NODES))
