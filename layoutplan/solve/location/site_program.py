"""The sites to open with pupils divided, by one mixed-integer program: exact where it is small.

Shares of units at sites are at most the share of the site that is open, which gives the bound of
:mod:`layoutplan.solve.location.location_bound`. Where seats are few and reach is short, exchanging one site
for another seldom leaves everybody a seat, and the program finds in seconds what a local search does not.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from layoutplan.arrays import BoolArray
from layoutplan.solve.location.problem import LocationProblem
from layoutplan.solve.mip import solve_program
from layoutplan.solve.program import Program, ProgramBuilder

LARGEST: Final = 30_000
"""Arcs of the largest problem for which the program is worth trying."""
_GAP: Final = 1e-5
_NODES: Final = 10_000
_HALF: Final = 0.5


def program_sites(problem: LocationProblem, *, time_limit_s: float) -> tuple[BoolArray | None, float]:
    """Return the sites to open at least cost with pupils divided, and a lower bound of that cost.

    Parameters
    ----------
    problem
        The problem.
    time_limit_s
        Time limit, seconds.

    Returns
    -------
    BoolArray or None
        Whether each site is open, shape (sites,); ``None`` where no set that serves all pupils was found.
    float
        The bound; −∞ where nothing is proven.
    """
    if time_limit_s <= 0:
        return None, -np.inf
    program, opened = _program(problem)
    found = solve_program(program, time_limit_s=time_limit_s, relative_gap=_GAP, most_nodes=_NODES)
    bound = found.bound if np.isfinite(found.bound) else -np.inf
    if not found.outcome.has_plan:
        return None, bound
    return found.values[opened] > _HALF, bound


def _program(problem: LocationProblem) -> tuple[Program, np.ndarray]:
    """Return the program and its columns of sites."""
    builder, pupils = ProgramBuilder(), problem.pupils[problem.unit]
    opened = builder.columns(problem.sites, upper=1.0, integer=True)
    share = builder.columns(len(problem.unit))
    wanted = np.flatnonzero(problem.pupils > 0)
    row = np.full(len(problem.pupils), -1)
    row[wanted] = builder.rows(len(wanted), lower=1.0, upper=1.0)
    used = row[problem.unit] >= 0
    builder.entries(row[problem.unit[used]], share[used], 1.0)
    scale = max(float(problem.seats.max(initial=0.0)), 1.0)
    room = builder.rows(problem.sites, upper=0.0)
    builder.entries(room[problem.site], share, pupils / scale)
    builder.entries(room, opened, -problem.seats / scale)
    most = builder.rows(len(problem.unit), upper=0.0)
    builder.entries(most, share, 1.0)
    builder.entries(most, opened[problem.site], -1.0)
    if problem.count is not None:
        builder.entries(builder.rows(1, lower=problem.count, upper=problem.count), opened, 1.0)
    terms = [(opened, problem.fixed), (share, problem.cost * pupils)]
    return builder.program("minimise", terms), opened
