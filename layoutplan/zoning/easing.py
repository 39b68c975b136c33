"""The smallest change that would do where seats lack: a farther walk, or a rule given up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd

from layoutplan.arrays import BoolArray, FloatArray, IntArray
from layoutplan.layouts.layout import Layout
from layoutplan.solve.max_flow import max_flow
from layoutplan.study import Study
from layoutplan.zoning.arcs import Arcs, permitted_pairs, walk_limit_m, walks_to_zones
from layoutplan.zoning.lacking import Lacking
from layoutplan.zoning.problem import StageProblem
from layoutplan.zoning.request import locked_units

_HALF_A_PUPIL: Final = 0.5
_MOST_PAIRS: Final = 4_000_000
_STEP_M: Final = 100.0

EasedRule = Literal["walk_limit_m", "keep_districts", "keep_feeders", "locked_units"]


@dataclass(frozen=True)
class Eased:
    """A rule which, eased alone, lets seats suffice if units could be divided.

    Attributes
    ----------
    rule
        Key of ``[zoning]``.
    metres
        Of ``walk_limit_m`` the least limit that does, in whole hundreds; else ``None``.
    """

    rule: EasedRule
    metres: float | None = None


def rules_to_ease(
    study: Study, layout: Layout, held: pd.DataFrame, problem: StageProblem, lacking: Lacking
) -> tuple[Eased, ...]:
    """Return the rules which, each eased alone, leave no set of zones that lacks seats in a year.

    The units that can go only to zones that lack seats together are given further assignments; walks to them
    that are not known are straight lines × detour factor.

    Parameters
    ----------
    study, layout, held
        As for :func:`~layoutplan.zoning.problem.stage_problem`.
    problem
        The stage.
    lacking
        Zones that lack seats together in a year.

    Returns
    -------
    tuple of Eased
        Empty where seats lack in all, whatever the rules.
    """
    case = _Case.of(study, layout, held, problem, lacking)
    if case is None or case.pupils.sum() > case.seats.sum() + _HALF_A_PUPIL:
        return ()
    limit, settings = walk_limit_m(study, problem.zones.stage), study.plan.zoning
    found: list[Eased] = []
    asked = {
        "keep_districts": settings.keep_districts,
        "keep_feeders": settings.keep_feeders,
        "locked_units": bool(settings.locked_units),
    }
    for rule, stated in asked.items():
        if stated and case.suffices(case.allowed(without=rule), limit_m=limit):
            found.append(Eased(rule))  # type: ignore[arg-type]
    metres = case.least_limit(limit)
    return (Eased("walk_limit_m", metres), *found) if metres is not None else tuple(found)


@dataclass(frozen=True)
class _Case:
    """Arcs of all units, and what else the units in question could have."""

    study: Study
    held: pd.DataFrame
    problem: StageProblem
    more: Arcs
    pupils: FloatArray
    seats: FloatArray

    @classmethod
    def of(
        cls, study: Study, layout: Layout, held: pd.DataFrame, problem: StageProblem, lacking: Lacking
    ) -> _Case | None:
        zones, arcs = problem.zones, problem.arcs
        column, moving = lacking.column, problem.moving_by_column
        inside = np.isin(arcs.zone, lacking.zones)
        elsewhere = np.zeros(len(zones.today), dtype=bool)
        elsewhere[arcs.unit[~inside]] = True
        units = np.flatnonzero(~elsewhere & (moving[:, column] > 0))
        size = len(zones.zones)
        if len(units) * size > _MOST_PAIRS:
            return None
        unit, zone = np.repeat(units, size), np.tile(np.arange(size), len(units))
        return cls(
            study,
            held,
            problem,
            Arcs(unit, zone, walks_to_zones(study, layout, zones, unit, zone)),
            moving[:, column],
            problem.problem.capacity[:, column],
        )

    def allowed(self, *, without: str = "") -> BoolArray:
        """Return which further assignments the rules permit, one of them left out."""
        locked = locked_units(self.study, self.problem.zones)
        if without == "locked_units":
            locked = np.zeros_like(locked)
        permits = permitted_pairs(self.study, self.problem.zones, self.held, locked=locked, without=without)
        return permits(self.more.unit, self.more.zone)

    def suffices(self, allowed: BoolArray, *, limit_m: float) -> bool:
        """Return whether everybody then has a seat, were units divided."""
        near = allowed & (self.more.metres <= limit_m)
        arcs, more = self.problem.arcs, self.more
        size = len(self.problem.zones.zones)
        pair = np.unique(
            np.concatenate([arcs.unit * size + arcs.zone, more.unit[near] * size + more.zone[near]])
        )
        origin: IntArray = pair // size
        placed = max_flow(origin=origin, destination=pair % size, pupils=self.pupils, seats=self.seats)
        return float(self.pupils.sum() - placed.sum()) <= _HALF_A_PUPIL

    def least_limit(self, limit_m: float) -> float | None:
        """Return the least walk limit that suffices, in whole hundreds of metres."""
        allowed = self.allowed()
        reaching = self.more.metres[allowed & np.isfinite(self.more.metres)]
        high = int(np.ceil(reaching.max(initial=0.0) / _STEP_M))
        low = int(limit_m // _STEP_M)
        if high <= low or not self.suffices(allowed, limit_m=high * _STEP_M):
            return None
        while high - low > 1:
            middle = (low + high) // 2
            if self.suffices(allowed, limit_m=middle * _STEP_M):
                high = middle
            else:
                low = middle
        return high * _STEP_M
