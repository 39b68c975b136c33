"""Choose temporary units for settled moves: markets that share no cap apart, each by its own program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.solve.expansion.inequalities import Capacities, ExpansionChoice, FlowInequality
from layoutplan.solve.expansion.master import PUPILS_UNIT
from layoutplan.solve.expansion.paths import barred_units, states_of
from layoutplan.solve.expansion.search import BROKEN, ExpansionSearch, PricedPlan
from layoutplan.solve.mip import solve_program
from layoutplan.solve.program import ProgramBuilder

_ROUNDS: Final = 20
_LEAST_S: Final = 0.01
_ROUNDING: Final = 1e-6
_PUPIL: Final = 1e-6


@dataclass
class _Part:
    """Markets whose units share caps, the best units found for them, their value, and its bound."""

    markets: IntArray
    value: float = np.inf
    bound: float = -np.inf
    open: bool = True


@dataclass
class UnitChoice:
    """Chooses units under settled states.

    Attributes
    ----------
    search
        The search whose objective counts, with its inequalities, to which violated ones are added.
    states
        States in force, shape (states, years).
    units
        Best units found so far, shape (rows,).
    """

    search: ExpansionSearch
    states: FloatArray
    units: FloatArray

    def run(self, markets: IntArray, *, settled: float, within: float, joint: bool = False) -> None:
        """Choose the units of some markets; those of the others stay.

        Parameters
        ----------
        markets
            The markets.
        settled
            Value of moves and states.
        within
            Distance from the bound, all markets together, at which the choice is good enough.
        joint
            Whether all markets together leave as many pupils without a seat as the objective allows, so that
            they are decided together.
        """
        every = np.arange(len(self.search.objective.priced))
        elsewhere, _ = self._priced(_Part(np.setdiff1d(every, markets)), self.units)
        elsewhere += settled - self.search.objective.weights.constant
        groups = [markets] if joint else markets_by_caps(self.search.objective.capacities, markets)
        parts = [_Part(group) for group in groups]
        for part in parts:
            part.value, _ = self._priced(part, self.units, joint=joint)
        best, enough = self.search.best, within / max(len(parts), 1)
        for _ in range(_ROUNDS):
            for part in parts:
                if part.open:
                    self._round(part, enough, joint=joint)
            least = elsewhere + sum(part.bound for part in parts)
            if not any(part.open for part in parts) or (best is not None and least >= best.value):
                return

    def _round(self, part: _Part, enough: float, *, joint: bool) -> None:
        """Solve the program of a part once; price its units, and learn the inequalities that it violates."""
        part.open = not self.search.ended
        if not part.open:
            return
        program = _PartProgram(self, part, joint=joint)
        solution = solve_program(
            program.program,
            time_limit_s=max(self.search.left_s, _LEAST_S),
            relative_gap=min(enough / 4 / max(abs(part.value), 1.0), 1.0),
            most_nodes=self.search.work.nodes(len(program.program.entry_row)),
        )
        self.search.work.program(solution.entries, solution.iterations, whole=True)
        self.search.late |= self.search.left_s <= 0
        if not solution.outcome.has_plan:
            part.open = False
            return
        units = program.chosen(solution.values)
        value, cuts = self._priced(part, units, joint=joint)
        part.bound = max(part.bound, solution.bound * self.search.unit)
        learnt = [cut for cut in cuts if program.violates(cut, solution.values)]
        self.search.cuts.extend(learnt)
        if value < part.value:
            part.value, self.units = value, units
        part.open = bool(learnt) and part.value - part.bound > enough + _ROUNDING

    def _priced(
        self, part: _Part, units: FloatArray, *, joint: bool = False
    ) -> tuple[float, list[FlowInequality]]:
        """Return what the pupils and units of a part cost, and the inequalities of its flows."""
        objective, rows = self.search.objective, self.search.objective.capacities.problem.units
        choice, value, lost = ExpansionChoice(self.states, units), 0.0, 0.0
        cuts: list[FlowInequality] = []
        for market in part.markets:
            found, of_market = self.search.placed(int(market), choice)
            value += found.cost
            lost += float(found.unserved.sum()) * float(objective.weights.unserved[market])
            cuts += of_market
        value += max(lost, objective.weights.constant) if joint else lost
        if objective.counts_money:
            here = np.isin(rows.market, part.markets)
            value += float((rows.cost * units)[here].sum())
        return value, cuts


class _PartProgram:
    """The program of the units of a part: columns of units, of cost and of unserved pupils by region."""

    def __init__(self, of: UnitChoice, part: _Part, *, joint: bool) -> None:
        self.of, self.part = of, part
        objective = of.search.objective
        self.capacities, self.unit = objective.capacities, of.search.unit
        problem, builder = self.capacities.problem, ProgramBuilder()
        columns = [self.capacities.units_in(int(market)) for market in part.markets]
        self.rows = np.concatenate([np.zeros(0, dtype=np.int64), *columns])
        self.at = np.full(len(self.capacities.unit_row), -1, dtype=np.int64)
        row = self.capacities.unit_row[self.rows]
        barred = barred_units(problem, of.states, np.ones(len(problem.units.most)))[row]
        self.at[self.rows] = builder.columns(len(self.rows), upper=1.0 - barred, integer=True)
        self.cost: dict[int, IntArray] = {}
        self.unserved: dict[int, IntArray] = {}
        terms: list[tuple[IntArray, FloatArray]] = []
        for number in part.markets:
            market = problem.markets[number]
            most = np.bincount(market.region, weights=market.pupils, minlength=market.regions)
            self.cost[int(number)] = builder.columns(market.regions)
            self.unserved[int(number)] = builder.columns(market.regions, upper=most / PUPILS_UNIT)
            loss = float(objective.weights.unserved[number]) * PUPILS_UNIT / self.unit
            terms.append((self.unserved[int(number)], np.full(market.regions, loss)))
            if objective.counts_money:
                terms.append((self.cost[int(number)], np.ones(market.regions)))
        if objective.counts_money:
            price = problem.units.cost[self.capacities.unit_row[self.rows]] / self.unit
            terms.append((self.at[self.rows], price))
        self._define_caps(builder)
        held = set(part.markets.tolist())
        for cut in of.search.cuts:
            if cut.market in held:
                self._define(builder, cut)
        if joint and objective.most_unserved is not None:
            limit = objective.most_unserved / PUPILS_UNIT
            row = builder.rows(1, lower=limit, upper=limit)
            builder.entries(row, np.concatenate(list(self.unserved.values())), 1.0)
        self.program = builder.program("minimise", terms)

    def _define_caps(self, builder: ProgramBuilder) -> None:
        """Limit the units of rows that share a cap, less the units of other markets that stay."""
        units = self.capacities.problem.units
        if not len(self.rows):
            return
        elsewhere = ~np.isin(units.market, self.part.markets)
        used = np.bincount(units.shared[elsewhere], self.of.units[elsewhere], minlength=len(units.caps))
        shared = units.shared[self.capacities.unit_row[self.rows]]
        room = units.caps - used
        bound = np.flatnonzero(np.bincount(shared, minlength=len(room)) > room)
        rows = np.full(len(room), -1, dtype=np.int64)
        rows[bound] = builder.rows(len(bound), upper=np.maximum(room[bound], 0.0))
        limited = rows[shared] >= 0
        builder.entries(rows[shared[limited]], self.at[self.rows[limited]], 1.0)

    def _scale(self, cut: FlowInequality) -> float:
        return self.unit if cut.with_cost else cut.loss * PUPILS_UNIT

    def _constant(self, cut: FlowInequality) -> float:
        """Return the right side of a cut, less the value of the states in force."""
        return cut.constant - float((cut.state_values * self.of.states[cut.states, cut.year]).sum())

    def _define(self, builder: ProgramBuilder, cut: FlowInequality) -> None:
        scale = self._scale(cut)
        row = builder.rows(1, lower=self._constant(cut) / scale)
        builder.entries(row, self.unserved[cut.market][cut.regions], cut.loss * PUPILS_UNIT / scale)
        if cut.with_cost:
            builder.entries(row, self.cost[cut.market][cut.regions], 1.0)
        builder.entries(row, self.at[cut.units], cut.unit_values / scale)

    def violates(self, cut: FlowInequality, values: FloatArray) -> bool:
        """Return whether a solution violates an inequality."""
        scale = self._scale(cut)
        reached = cut.loss * PUPILS_UNIT * float(values[self.unserved[cut.market][cut.regions]].sum())
        if cut.with_cost:
            reached += self.unit * float(values[self.cost[cut.market][cut.regions]].sum())
        reached += float((cut.unit_values * values[self.at[cut.units]]).sum())
        return (self._constant(cut) - reached) / scale > BROKEN

    def chosen(self, values: FloatArray) -> FloatArray:
        """Return the units of all rows, those of the part as in a solution."""
        units = self.of.units.copy()
        units[np.isin(self.capacities.problem.units.market, self.part.markets)] = 0.0
        np.add.at(units, self.capacities.unit_row[self.rows], values[self.at[self.rows]])
        return units


def choose_units(
    search: ExpansionSearch,
    moves: FloatArray,
    *,
    like: PricedPlan | None = None,
    within: float | None = None,
) -> None:
    """Choose units for settled moves, and keep the plan if it is better than the best.

    Parameters
    ----------
    search
        The search.
    moves
        Whether each move is made, shape (moves,).
    like
        A plan whose units stay in the markets where both plans have the same seats; ``None`` to choose all.
    within
        Distance from the bound at which the choice is good enough; ``None`` for half the gap of the search.
    """
    capacities, limit = search.objective.capacities, search.objective.most_unserved
    problem = capacities.problem
    states = states_of(problem, moves)
    markets = np.arange(len(problem.markets), dtype=np.int64)
    units = np.zeros(len(problem.units.most))
    if like is not None:
        units = np.where(barred_units(problem, states, like.choice.units), 0.0, like.choice.units)
        changed = like.choice.states != states
        markets = markets[
            [changed[capacities.states_in(int(one)), problem.markets[one].year].any() for one in markets]
        ]
    choice = UnitChoice(search, states, units)
    settled = search.settled(moves, states)
    if within is None:
        value = (
            search.price(moves, ExpansionChoice(states, units))[0].value
            if search.best is None
            else search.best.value
        )
        within = search.relative_gap / 2 * abs(value)
    choice.run(markets, settled=settled, within=within)
    plan, _ = search.price(moves, ExpansionChoice(states, choice.units))
    if limit is not None and plan.unserved < limit - _PUPIL:
        choice.run(
            np.arange(len(problem.markets), dtype=np.int64), settled=settled, within=within, joint=True
        )
        plan, _ = search.price(moves, ExpansionChoice(states, choice.units))
    search.keep(plan)


def keep_rounded(search: ExpansionSearch, plan: PricedPlan) -> None:
    """Keep a plan with its units rounded up as far as their caps allow, if it is better than the best.

    Of a large problem it is what there is when the work ends before units are chosen.

    Parameters
    ----------
    search
        The search.
    plan
        A plan of whole moves, with units in parts.
    """
    problem = search.objective.capacities.problem
    rows, moves = problem.units, np.rint(plan.moves)
    states = states_of(problem, moves)
    whole = np.floor(plan.choice.units + _ROUNDING)
    parts = plan.choice.units - whole
    room = rows.caps - np.bincount(rows.shared, weights=whole, minlength=len(rows.caps))
    for row in np.argsort(-parts, kind="stable"):
        if parts[row] > _ROUNDING and room[rows.shared[row]] >= 1 and whole[row] < rows.most[row]:
            whole[row] += 1
            room[rows.shared[row]] -= 1
    whole = np.where(barred_units(problem, states, whole), 0.0, whole)
    found, _ = search.price(moves, ExpansionChoice(states, whole))
    search.keep(found)


def markets_by_caps(capacities: Capacities, markets: IntArray) -> list[IntArray]:
    """Return groups of markets, those together whose units share a cap that can bind.

    Parameters
    ----------
    capacities
        The problem, with its columns of units.
    markets
        Positions of the markets.
    """
    units, count = capacities.problem.units, len(capacities.problem.markets)
    most = np.bincount(units.shared, weights=units.most, minlength=len(units.caps))
    binding = (most > units.caps)[units.shared] & np.isin(units.market, markets)
    tail, head = units.market[binding], units.shared[binding] + count
    size = count + len(units.caps)
    graph = coo_matrix((np.ones(len(tail)), (tail, head)), shape=(size, size))
    _, label = connected_components(graph, directed=False)
    of_market = label[markets]
    return [markets[of_market == one] for one in np.unique(of_market)]
