"""Solve the division of a stage: catchments, and what is proven about them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from layoutplan.arrays import BoolArray, FloatArray, IntArray
from layoutplan.errors import DefectError, FaultLog
from layoutplan.layouts.layout import Layout
from layoutplan.study import Study
from layoutplan.zoning.problem import StageProblem, stage_problem
from layoutplan.zoning.zones import Zones

if TYPE_CHECKING:
    from layoutplan.solve.districting import Districting

_TRIALS: Final = 8
_FIRST_PRICE_M: Final = 250.0
_DEAREST_M: Final = 1_000_000.0
_TOLERANCE: Final = 1e-6


@dataclass(frozen=True)
class Division:
    """A stage divided anew.

    Attributes
    ----------
    problem
        What was solved.
    answer
        Outcome, bound, gap and audit of the search.
    zone
        Units: the zone of each.
    price_m
        Metres that a pupil with another school was counted as; above the plan's where a limit on moved pupils
        demands it.
    """

    problem: StageProblem
    answer: Districting
    zone: IntArray
    price_m: float

    @property
    def moved(self) -> BoolArray:
        """Units that have another zone than today."""
        today = self.problem.zones.today
        return np.asarray((today >= 0) & (self.zone != today))

    @property
    def moved_share(self) -> float:
        """Pupils who change school, as a share of all pupils, mean of the years."""
        moving = self.problem.moving.mean(axis=1)
        everyone = moving.sum() + self.problem.stay.mean(axis=1).sum()
        return float(moving[self.moved].sum() / everyone) if everyone > 0 else 0.0

    @property
    def metres(self) -> FloatArray:
        """The walk of each unit to its zone's nearest school."""
        size = len(self.problem.zones.zones)
        key = self.problem.arc_unit * size + self.problem.arc_zone
        place = np.searchsorted(key, np.arange(len(self.zone)) * size + self.zone)
        return self.problem.arc_m[place]


def divide_stage(
    study: Study,
    layout: Layout,
    zones: Zones,
    *,
    log: FaultLog,
    advanced: Callable[[int, int], None] | None = None,
) -> Division:
    """Divide the units of a stage among its zones by ``[zoning]`` of the plan.

    With ``max_moved_share`` the price of a move is raised until few enough pupils move, by bisection: the
    least price found that keeps the limit. Less overload comes before the limit.

    Parameters
    ----------
    study, layout, zones
        As for :func:`~layoutplan.zoning.problem.stage_problem`.
    log
        Receives its warnings and notices; and a warning where the limit on moved pupils can not be kept.
    advanced
        Receives the number of searches done and their greatest number.

    Returns
    -------
    Division
        The best found.
    """
    settings = study.plan.zoning
    limit = settings.max_moved_share
    steps = 1 if limit is None else _TRIALS
    done = 0

    def solved(price_m: float) -> Division:
        nonlocal done
        own = log if done == 0 else FaultLog()
        problem = stage_problem(study, layout, zones, price_m=price_m, log=own)
        done += 1
        found = _solved(study, problem, price_m)
        if advanced is not None:
            advanced(min(done, steps), steps)
        return found

    best = solved(settings.price_moved_m)
    if limit is None or best.moved_share <= limit + _TOLERANCE:
        return best
    low, high = settings.price_moved_m, None
    fewest = best
    price = max(2 * low, _FIRST_PRICE_M)
    while done < _TRIALS and price <= _DEAREST_M:
        trial = solved(price)
        if trial.moved_share < fewest.moved_share:
            fewest = trial
        if trial.moved_share <= limit + _TOLERANCE:
            best, high = trial, price
        else:
            low = price
        price = 4 * low if high is None else (low + high) / 2
    if high is None:
        log.add(
            "zoning_move_limit",
            severity="warning",
            stage=zones.stage,
            limit=f"{limit:.1%}",
            share=f"{fewest.moved_share:.1%}",
        )
        return fewest
    return best


def _solved(study: Study, problem: StageProblem, price_m: float) -> Division:
    from layoutplan.solve.districting import solve_districting  # noqa: PLC0415  compiles with numba: slow to import

    settings = study.plan.zoning
    answer = solve_districting(
        problem.problem,
        seconds=settings.time_limit_s,
        work=settings.work,
        seed=study.seed % 2**31,
    )
    if not len(answer.assignment):
        raise DefectError(f"{problem.zones.stage}: no division was found ({answer.outcome})")
    return Division(problem, answer, answer.assignment[problem.block], price_m)
