"""Recompute a plan without the search: states, limits, placement, cost and walking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from layoutplan.arrays import FloatArray
from layoutplan.errors import DefectError
from layoutplan.solve.expansion.inequalities import Capacities, ExpansionChoice
from layoutplan.solve.expansion.paths import barred_units, states_of
from layoutplan.solve.expansion.problem import Expansion
from layoutplan.solve.flow import Placement, assign_pupils

_ROUNDING: Final = 1e-6
_WALKS_PER_COST: Final = 1e5  # a unit of cost counts more than the longest walk


@dataclass(frozen=True)
class PlanFigures:
    """Figures of a plan, recomputed from its moves, states and units.

    Attributes
    ----------
    placements
        Placement of every market: most pupils served, then least cost, then least walking.
    unserved
        Pupils without a seat, by market.
    arcs_cost
        Cost of the pupils placed, by market.
    cost
        Cost of moves, states, units and pupils placed.
    walk
        What their walks count.
    spent, opened
        Money paid and schools opened by year.
    """

    placements: tuple[Placement, ...]
    unserved: FloatArray
    arcs_cost: FloatArray
    cost: float
    walk: float
    spent: FloatArray
    opened: FloatArray


def audit_plan(problem: Expansion, moves: FloatArray, choice: ExpansionChoice) -> PlanFigures:
    """Check a plan against every limit and return its figures.

    Parameters
    ----------
    problem
        The problem.
    moves
        Whether each move is made.
    choice
        States in force, and units.

    Returns
    -------
    PlanFigures
        Pupils placed by :func:`~layoutplan.solve.flow.assign_pupils`.

    Raises
    ------
    DefectError
        If a limit is exceeded, or the states are not those that the moves lead through.
    """
    held = states_of(problem, moves)
    if np.abs(held - choice.states).max(initial=0.0) > _ROUNDING:
        raise DefectError("a plan is in states that its moves do not lead to")
    spent, opened = _check_moves(problem, moves, held)
    _check_units(problem, choice.units)
    if not problem.needs.met(held).all():
        raise DefectError("a state is in force without one that it needs")
    if barred_units(problem, held, choice.units).any():
        raise DefectError("temporary units stand where a state bars them")
    capacities = Capacities(problem)
    placements, costs, walks = [], [], 0.0
    for market, of in enumerate(problem.markets):
        found = assign_pupils(
            origin=of.origin,
            destination=of.destination,
            metres=of.cost * _WALKS_PER_COST + of.walk,
            pupils=of.pupils,
            seats=np.maximum(capacities.seats(market, choice), 0.0),
        )
        placements.append(found)
        costs.append(float((found.pupils * of.cost).sum()))
        walks += float((found.pupils * of.walk).sum())
    arcs = np.array(costs)
    done = float((problem.moves.cost * moves).sum() + (problem.states.cost * held).sum())
    units = float((problem.units.cost * choice.units).sum())
    return PlanFigures(
        placements=tuple(placements),
        unserved=np.array([float(one.unserved.sum()) for one in placements]),
        arcs_cost=arcs,
        cost=done + units + float(arcs.sum()),
        walk=walks,
        spent=spent,
        opened=opened,
    )


def _check_moves(problem: Expansion, moves: FloatArray, held: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return money paid and schools opened by year; raise where a move or a limit is broken."""
    of, limits, years = problem.moves, problem.limits, problem.years
    made = np.flatnonzero(moves > _ROUNDING)
    if (np.abs(moves[made] - 1.0) > _ROUNDING).any():
        raise DefectError("a move is made in part")
    start = np.zeros(len(problem.states.site))
    start[problem.states.first] = 1.0
    for move in made:
        year = of.year[move]
        earlier = start if year == 0 else held[:, year - 1]
        if earlier[of.before[move]] < 1.0:
            raise DefectError("a move starts from a state that is not in force")
    spent = np.bincount(of.spent_in[made], weights=of.spent[made], minlength=years)
    opened = np.bincount(of.year[made], weights=of.opens[made], minlength=years)
    if (spent > limits.spent * (1 + _ROUNDING) + _ROUNDING).any():
        raise DefectError("a plan spends more in a year than its budget")
    if spent.sum() > limits.spent_in_all * (1 + _ROUNDING) + _ROUNDING:
        raise DefectError("a plan spends more than its budget")
    if (opened > limits.opened + _ROUNDING).any() or opened.sum() > limits.opened_in_all + _ROUNDING:
        raise DefectError("a plan opens more schools than allowed")
    return np.asarray(spent, dtype=np.float64), np.asarray(opened, dtype=np.float64)


def _check_units(problem: Expansion, units: FloatArray) -> None:
    rows = problem.units
    whole = np.abs(units - np.rint(units)).max(initial=0.0) <= _ROUNDING
    if not whole or (units < -_ROUNDING).any() or (units > rows.most + _ROUNDING).any():
        raise DefectError("temporary units are not whole, or more than allowed")
    shared = np.bincount(rows.shared, weights=units, minlength=len(rows.caps))
    if (shared > rows.caps + _ROUNDING).any():
        raise DefectError("temporary units exceed a shared cap")
