"""The master program: states, moves and units by year, with cost and unserved pupils by market and region."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from layoutplan.arrays import BoolArray, FloatArray, IntArray
from layoutplan.solve.expansion.inequalities import Capacities, ExpansionChoice, FlowInequality
from layoutplan.solve.expansion.paths import reachable
from layoutplan.solve.expansion.problem import Expansion
from layoutplan.solve.program import Program, ProgramBuilder

PUPILS_UNIT: Final = 100.0
"""Pupils are counted in hundreds, so that the solver's tolerances suit them."""


@dataclass(frozen=True)
class MasterColumns:
    """Columns of the master program, numbered as in the program.

    ``states`` has shape (states, years); ``moves`` and ``units`` one column each; ``cost`` and ``unserved``
    one for each market and region, with ``start`` the first of each market.
    """

    states: IntArray
    moves: IntArray
    units: IntArray
    cost: IntArray
    unserved: IntArray
    start: IntArray

    def without_seat(self, values: FloatArray) -> FloatArray:
        """Return the pupils without a seat in each market of a solution.

        Parameters
        ----------
        values
            Values of the columns.
        """
        sums = np.concatenate([[0.0], np.cumsum(values[self.unserved])]) * PUPILS_UNIT
        return np.diff(sums[np.append(self.start, len(self.unserved))])

    def choice(self, values: FloatArray, capacities: Capacities) -> ExpansionChoice:
        """Return the choice of a solution.

        Parameters
        ----------
        values
            Values of the columns.
        capacities
            Which row each column of units belongs to.
        """
        rows = len(capacities.problem.units.most)
        units = np.bincount(capacities.unit_row, weights=values[self.units], minlength=rows)
        return ExpansionChoice(values[self.states], np.asarray(units, dtype=np.float64))


@dataclass(frozen=True)
class Weights:
    """What an objective counts: money, unserved pupils by market, and the fees of states.

    ``money`` is 0 in the first objective; ``unserved`` has shape (markets,); ``unit`` is the money that the
    columns of cost count as one. ``constant`` is taken off: the loss of the pupils for whom there is no seat
    under any plan, so that values and gaps are those of money.
    """

    money: float
    unserved: FloatArray
    fees: float
    unit: float
    constant: float = 0.0


def master_program(
    capacities: Capacities,
    cuts: Sequence[FlowInequality],
    weights: Weights,
    *,
    whole: bool,
    whole_units: bool = True,
    most_unserved: float | None = None,
    among: BoolArray | None = None,
) -> tuple[Program, MasterColumns]:
    """Return the master program and its columns.

    Parameters
    ----------
    capacities
        The problem, with its columns of units.
    cuts
        Inequalities found so far.
    weights
        The objective.
    whole, whole_units
        Whether moves are whole, and units too.
    most_unserved
        Unserved pupils of all markets together, as many as the step before left; ``None`` for no limit.
        A plan that leaves fewer counts as if it left as many.
    among
        Moves that may be made; ``None`` for all.

    Returns
    -------
    Program
        To be minimised.
    MasterColumns
        Its columns.
    """
    builder = ProgramBuilder()
    columns = _columns(
        builder,
        capacities,
        whole=whole,
        whole_units=whole and whole_units,
        most_moves=np.ones(len(capacities.problem.moves.year)) if among is None else among.astype(np.float64),
    )
    problem = capacities.problem
    define_states(builder, problem, columns)
    define_limits(builder, problem, columns)
    define_needs(builder, problem, columns)
    define_bars(builder, capacities, columns)
    define_shared_caps(builder, capacities, columns)
    if most_unserved is not None:
        row = builder.rows(1, lower=most_unserved / PUPILS_UNIT, upper=most_unserved / PUPILS_UNIT)
        builder.entries(row, columns.unserved, 1.0)
    define_inequalities(builder, cuts, columns, unit=weights.unit)
    terms, offset = _objective(capacities, columns, weights), -weights.constant / weights.unit
    return builder.program("minimise", terms, offset=offset), columns


def _columns(
    builder: ProgramBuilder,
    capacities: Capacities,
    *,
    whole: bool,
    whole_units: bool,
    most_moves: FloatArray,
) -> MasterColumns:
    problem = capacities.problem
    count, years = problem.states.cost.shape
    most_states = reachable(problem, most_moves > 0).ravel().astype(np.float64)
    states = builder.columns(count * years, upper=most_states).reshape(count, years)
    moves = builder.columns(len(problem.moves.year), upper=most_moves, integer=whole)
    units = builder.columns(len(capacities.unit_row), upper=1.0, integer=whole_units)
    regions = np.array([market.regions for market in problem.markets], dtype=np.int64)
    start = np.cumsum(regions) - regions
    pupils = [
        np.bincount(market.region, weights=market.pupils, minlength=market.regions)
        for market in problem.markets
    ]
    most = np.concatenate([np.zeros(0), *pupils]) / PUPILS_UNIT
    cost = builder.columns(int(regions.sum()))
    unserved = builder.columns(int(regions.sum()), upper=most)
    return MasterColumns(states, moves, units, cost, unserved, start)


def define_states(builder: ProgramBuilder, problem: Expansion, columns: MasterColumns) -> None:
    """State of a site = that of the year before, less the moves out, plus those in; none moves twice a year.

    Parameters
    ----------
    builder
        The program.
    problem
        States and moves.
    columns
        Columns of the program.
    """
    count, years = problem.states.cost.shape
    if not count:
        return
    start = np.zeros((count, years))
    start[problem.states.first, 0] = 1.0
    balance = builder.rows(count * years, lower=start.ravel(), upper=start.ravel()).reshape(count, years)
    builder.entries(balance, columns.states, 1.0)
    builder.entries(balance[:, 1:], columns.states[:, :-1], -1.0)
    moves = problem.moves
    builder.entries(balance[moves.after, moves.year], columns.moves, -1.0)
    builder.entries(balance[moves.before, moves.year], columns.moves, 1.0)
    key = moves.before * years + moves.year
    used, row_of = np.unique(key[moves.year > 0], return_inverse=True)
    if len(used):
        rows = builder.rows(len(used), upper=0.0)
        builder.entries(rows[row_of], columns.moves[moves.year > 0], 1.0)
        state, year = np.divmod(used, years)
        builder.entries(rows, columns.states[state, year - 1], -1.0)
    early = moves.year == 0
    later = early & ~np.isin(moves.before, problem.states.first)
    if later.any():
        builder.entries(builder.rows(1, upper=0.0), columns.moves[later], 1.0)


def define_limits(builder: ProgramBuilder, problem: Expansion, columns: MasterColumns) -> None:
    """Limit money and openings by year, and openings over all years.

    Parameters
    ----------
    builder
        The program.
    problem
        StateMoves and limits.
    columns
        Columns of the program.
    """
    moves, limits = problem.moves, problem.limits
    for amounts, by, most in (
        (moves.spent, moves.spent_in, limits.spent),
        (moves.opens, moves.year, limits.opened),
    ):
        for year in np.flatnonzero(np.isfinite(most)):
            used = np.flatnonzero((by == year) & (amounts > 0))
            if len(used):
                scale = float(amounts[used].max())
                row = builder.rows(1, upper=float(most[year]) / scale)
                builder.entries(row, columns.moves[used], amounts[used] / scale)
    for amounts, total in (
        (moves.spent, limits.spent_in_all),
        (moves.opens, limits.opened_in_all),
    ):
        used = np.flatnonzero(amounts > 0)
        if np.isfinite(total) and len(used):
            scale = float(amounts[used].max())
            row = builder.rows(1, upper=total / scale)
            builder.entries(row, columns.moves[used], amounts[used] / scale)


def define_needs(builder: ProgramBuilder, problem: Expansion, columns: MasterColumns) -> None:
    """Let a state that needs others be in force only while one of them is.

    Parameters
    ----------
    builder
        The program.
    problem
        States and needs.
    columns
        Columns of the program.
    """
    needs = problem.needs
    needing, row_of = np.unique(needs.state, return_inverse=True)
    if not len(needing):
        return
    rows = builder.rows(len(needing) * problem.years, upper=0.0).reshape(len(needing), problem.years)
    builder.entries(rows, columns.states[needing], 1.0)
    builder.entries(rows[row_of], columns.states[needs.needed], -1.0)


def define_bars(builder: ProgramBuilder, capacities: Capacities, columns: MasterColumns) -> None:
    """Let no unit of a row stand while a state that bars it is in force.

    Parameters
    ----------
    builder
        The program.
    capacities
        Columns of units.
    columns
        Columns of the program.
    """
    problem = capacities.problem
    bars, starts = problem.bars, np.cumsum(problem.units.most) - problem.units.most
    most = problem.units.most[bars.row]
    bar = np.repeat(np.arange(len(most)), most)
    if not len(bar):
        return
    number = np.arange(len(bar)) - np.repeat(np.cumsum(most) - most, most)
    rows = builder.rows(len(bar), upper=1.0)
    builder.entries(rows, columns.units[starts[bars.row[bar]] + number], 1.0)
    builder.entries(rows, columns.states[bars.state[bar], problem.years_of_units[bars.row[bar]]], 1.0)


def define_shared_caps(builder: ProgramBuilder, capacities: Capacities, columns: MasterColumns) -> None:
    """Limit the units of rows that share a cap.

    Parameters
    ----------
    builder
        The program.
    capacities
        Columns of units.
    columns
        Columns of the program.
    """
    units = capacities.problem.units
    if not len(capacities.unit_row):
        return
    shared = units.shared[capacities.unit_row]
    counts = np.bincount(shared, minlength=len(units.caps))
    bound = np.flatnonzero(counts > units.caps)
    rows = builder.rows(len(bound), upper=units.caps[bound].astype(np.float64))
    at = np.full(len(units.caps), -1)
    at[bound] = rows
    used = at[shared] >= 0
    builder.entries(at[shared[used]], columns.units[used], 1.0)


def define_inequalities(
    builder: ProgramBuilder, cuts: Sequence[FlowInequality], columns: MasterColumns, *, unit: float
) -> None:
    """Add the inequalities on cost and unserved pupils.

    Parameters
    ----------
    builder
        The program.
    cuts
        The inequalities.
    columns
        Columns of the program.
    unit
        Money that the columns of cost count as one.
    """
    for cut in cuts:
        # Rows are scaled so that a hundred unserved pupils count as one, or the loss as much as it is.
        scale = cut.loss * PUPILS_UNIT if not cut.with_cost else unit
        row = builder.rows(1, lower=cut.constant / scale)
        at = columns.start[cut.market] + cut.regions
        builder.entries(row, columns.unserved[at], cut.loss * PUPILS_UNIT / scale)
        if cut.with_cost:
            builder.entries(row, columns.cost[at], 1.0)
        builder.entries(row, columns.states[cut.states, cut.year], cut.state_values / scale)
        builder.entries(row, columns.units[cut.units], cut.unit_values / scale)


def _objective(
    capacities: Capacities, columns: MasterColumns, weights: Weights
) -> list[tuple[IntArray, FloatArray]]:
    problem = capacities.problem
    states = problem.states
    loss = np.repeat(weights.unserved, [market.regions for market in problem.markets])
    unserved = (columns.unserved, loss * PUPILS_UNIT)
    fees = np.repeat(states.fee[:, None], states.cost.shape[1], axis=1) * weights.fees
    if weights.money == 0:
        return [unserved, (columns.states.ravel(), fees.ravel())]
    money = weights.money / weights.unit
    unit_cost = problem.units.cost[capacities.unit_row]
    return [
        (columns.unserved, loss * PUPILS_UNIT / weights.unit),
        (columns.cost, np.ones(len(columns.cost))),
        (columns.states.ravel(), states.cost.ravel() * money),
        (columns.moves, problem.moves.cost * money),
        (columns.units, unit_cost * money),
    ]
