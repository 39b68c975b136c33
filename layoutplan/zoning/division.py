"""Solve the division of a stage: catchments, and what is proven about them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from layoutplan.arrays import BoolArray, FloatArray, IntArray
from layoutplan.errors import DefectError, FaultLog
from layoutplan.layouts.layout import Layout
from layoutplan.study import Study
from layoutplan.zoning.arcs import walk_limit_m
from layoutplan.zoning.lacking import Lacking, evenly_spread, lacking_seats
from layoutplan.zoning.problem import StageProblem, stage_problem
from layoutplan.zoning.zones import Zones

if TYPE_CHECKING:
    from layoutplan.solve.districting import Districting

_TRIALS: Final = 8
_FIRST_PRICE_M: Final = 250.0
_DEAREST_M: Final = 1_000_000.0
_TOLERANCE: Final = 1e-6
_ALL_TIME: Final = 0.95
_NAMED: Final = 5


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
    lacking
        Zones that lack seats together, by year.
    seconds
        Time that the search took.
    """

    problem: StageProblem
    answer: Districting
    zone: IntArray
    price_m: float
    lacking: tuple[Lacking, ...]
    seconds: float

    @property
    def load(self) -> FloatArray:
        """Pupils who go to each zone, zones × years, with those who stay there."""
        load = self.problem.stay[:, : len(self.problem.zones.years)].copy()
        np.add.at(load, self.zone, self.problem.moving)
        return load

    @property
    def overload(self) -> FloatArray:
        """Pupils without a seat, zones × years: above all seats, or above those open to a set of grades."""
        problem = self.problem
        load = problem.stay.copy()
        np.add.at(load, self.zone, problem.moving_by_column)
        return problem.most_over(np.maximum(load - problem.seats_by_column, 0.0))

    @property
    def overload_bound(self) -> float:
        """Pupils above the seats that no division goes below, summed over the years."""
        problem = self.problem
        stuck = float(problem.most_over(np.maximum(problem.stay - problem.seats_by_column, 0.0)).sum())
        least = sum(one.lacks for one in self.lacking)
        if not self.lacking and not problem.grades.count:
            least = self.answer.overload_bound
        return min(least + stuck, float(self.overload.sum()))

    @property
    def moved(self) -> BoolArray:
        """Units that have another zone than today."""
        today = self.problem.zones.today
        return np.asarray((today >= 0) & (self.zone != today))

    @property
    def moved_share(self) -> float:
        """Pupils who change school, as a share of all pupils, mean of the years."""
        moving = self.problem.moving.mean(axis=1)
        everyone = moving.sum() + self.problem.stay[:, : len(self.problem.zones.years)].mean(axis=1).sum()
        return float(moving[self.moved].sum() / everyone) if everyone > 0 else 0.0

    @property
    def metres(self) -> FloatArray:
        """The walk of each unit to its zone's nearest school."""
        return self.problem.arcs.metres[self.problem.arc_at(self.zone)]


def divide_stage(
    study: Study,
    layout: Layout,
    zones: Zones,
    held: pd.DataFrame,
    *,
    log: FaultLog,
    advanced: Callable[[int, int], None] | None = None,
) -> Division:
    """Divide the units of a stage among its zones by ``[zoning]`` of the plan.

    With ``max_moved_share`` the price of a move is raised until few enough pupils move, by bisection: the
    least price found that keeps the limit. Less overload comes before the limit.

    Parameters
    ----------
    study, layout, zones, held
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
        problem = stage_problem(study, layout, zones, held, price_m=price_m, log=own)
        done += 1
        found = _solved(study, problem, price_m)
        if advanced is not None:
            advanced(min(done, steps), steps)
        return found

    best = _kept_within(limit, solved, settings.price_moved_m, lambda: done)
    if limit is not None and best.moved_share > limit + _TOLERANCE:
        shares = {"limit": f"{limit:.1%}", "share": f"{best.moved_share:.1%}"}
        log.add("zoning_move_limit", severity="warning", stage=zones.stage, **shares)
    _note(study, best, log)
    return best


def _kept_within(
    limit: float | None, solved: Callable[[float], Division], price_m: float, done: Callable[[], int]
) -> Division:
    """Return the division of the least price found that keeps the limit; else that with fewest moves."""
    best = fewest = solved(price_m)
    if limit is None or best.moved_share <= limit + _TOLERANCE:
        return best
    low, high = price_m, None
    price = max(2 * low, _FIRST_PRICE_M)
    while done() < _TRIALS and price <= _DEAREST_M:
        trial = solved(price)
        if trial.moved_share < fewest.moved_share:
            fewest = trial
        if trial.moved_share <= limit + _TOLERANCE:
            best, high = trial, price
        else:
            low = price
        price = 4 * low if high is None else (low + high) / 2
    return fewest if high is None else best


def _note(study: Study, division: Division, log: FaultLog) -> None:
    """Say where time stopped the search, and who walks beyond the limit to a school that is new to them."""
    stage, seconds = division.problem.zones.stage, study.plan.zoning.time_limit_s
    if division.seconds >= _ALL_TIME * seconds:
        log.add("zoning_time_limit", severity="notice", stage=stage, seconds=f"{seconds:,.0f}")
    limit = walk_limit_m(study, stage)
    far = (division.metres > limit) & (division.zone != division.problem.zones.today)
    far &= division.problem.moving.max(axis=1) > 0
    if far.any():
        names = study.city.units["name"].astype(str).to_numpy()[far]
        log.add(
            "zoning_beyond_limit",
            severity="notice",
            stage=stage,
            count=int(far.sum()),
            pupils=f"{division.problem.moving.mean(axis=1)[far].sum():,.0f}",
            limit=f"{limit:,.0f}",
            names=", ".join(names[:_NAMED]) + (" …" if len(names) > _NAMED else ""),
        )


def _solved(study: Study, problem: StageProblem, price_m: float) -> Division:
    from layoutplan.solve.districting import solve_districting  # noqa: PLC0415  compiles with numba: slow to import

    settings = study.plan.zoning
    lacking = lacking_seats(problem.problem, problem.column_years, plain=len(problem.zones.years))
    shared = evenly_spread(problem.problem, lacking, seats=problem.seats_by_column, stay=problem.stay)
    hopeless = np.asarray((shared.capacity <= 0).all(axis=0))  # grades that no school teaches decide nothing
    hopeless[: len(problem.zones.years)] = False
    began = time.monotonic()
    answer = solve_districting(
        replace(shared, demand=shared.demand[:, ~hopeless], capacity=shared.capacity[:, ~hopeless]),
        seconds=settings.time_limit_s,
        work=settings.work,
        seed=study.seed % 2**31,
        start=problem.start,
    )
    if not len(answer.assignment):
        raise DefectError(f"{problem.zones.stage}: no division was found ({answer.outcome})")
    return Division(
        problem,
        answer,
        answer.assignment[problem.block],
        price_m,
        lacking,
        time.monotonic() - began,
    )
