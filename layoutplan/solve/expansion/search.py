"""Search one objective of an expansion problem: cutting planes, then programs over whole choices.

The relaxation is solved until no inequality is violated, at its solutions and halfway to an interior point.
Whole programs follow, their plans are priced by flows, and violated inequalities are added until the bound
meets the best plan, or the work is done. Work is counted, so that a run can be repeated; time is the last
resort, and a search that it cut short says so.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from layoutplan.arrays import BoolArray, FloatArray
from layoutplan.solve.expansion.effort import Work
from layoutplan.solve.expansion.inequalities import (
    Capacities,
    ExpansionChoice,
    FlowInequality,
    inequalities_by_area,
)
from layoutplan.solve.expansion.master import PUPILS_UNIT, MasterColumns, Weights, master_program
from layoutplan.solve.expansion.paths import least_through
from layoutplan.solve.expansion.pricing import PlacedMarket, PricedMarket, SeatSupply
from layoutplan.solve.expansion.rounding import rounded_up
from layoutplan.solve.mip import Solution, solve_program

BROKEN: Final = 1e-5
"""Violation, relative to the objective, below which an inequality is not added."""
_SLACK_ROUNDS: Final = 4  # rounds after which an inequality that is never tight is dropped
_WORSE: Final = 1e-9
_PUPIL: Final = 1e-6
_KNOWN: Final = 50  # placements remembered by market
_SEEN: Final = 1e-6
_RELAXED: Final = 100  # rounds of the relaxation
_RELAXING: Final = 0.6  # of the work of a step; the rest is for whole plans
_SLOW: Final = 2  # rounds in a row that gain little, after which the relaxation ends


@dataclass(frozen=True)
class Objective:
    """One objective: costs of the arcs in every market, weights of the rest, and what bounds the pupils.

    ``priced`` has one market each; ``most_unserved`` limits unserved pupils where serving was decided before,
    and ``free`` are then the markets without costs, whose inequalities bound the unserved pupils alone.
    """

    capacities: Capacities
    priced: tuple[PricedMarket, ...]
    weights: Weights
    most_unserved: float | None = None
    free: tuple[PricedMarket, ...] = ()

    @property
    def large(self) -> bool:
        """Whether some market has areas."""
        return any(priced.areas for priced in self.priced)

    @property
    def counts_money(self) -> bool:
        """Whether costs count, or pupils alone."""
        return self.weights.money > 0


@dataclass(frozen=True)
class PricedPlan:
    """A whole choice, with what it costs in an objective.

    Attributes
    ----------
    moves
        Whether each move is made, shape (moves,).
    choice
        States by year and units.
    value
        Objective, recomputed by flows.
    unserved
        Pupils without a seat, all markets together.
    """

    moves: FloatArray
    choice: ExpansionChoice
    value: float
    unserved: float


@dataclass
class ExpansionSearch:
    """State of the search for one objective.

    ``cuts`` may be shared between objectives of the same problem where they are valid for each; ``best`` is
    the best plan, ``bound`` what no plan is below, ``least`` the least that a plan with each move costs;
    ``late`` says that time, not work, ended something.
    """

    objective: Objective
    relative_gap: float
    until: float
    work: Work
    cuts: list[FlowInequality] = field(default_factory=list)
    best: PricedPlan | None = None
    bound: float = -np.inf
    inner: ExpansionChoice | None = None
    seen: BoolArray = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))
    late: bool = False
    idle: dict[int, int] = field(default_factory=dict)
    least: FloatArray = field(default_factory=lambda: np.zeros(0))
    known: dict[tuple[int, bytes], tuple[PlacedMarket, list[FlowInequality]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Start with no move seen."""
        if not len(self.seen):
            self.seen = np.zeros(len(self.objective.capacities.problem.moves.year), dtype=np.bool_)
        self.least = np.full(len(self.seen), -np.inf)

    @property
    def left_s(self) -> float:
        """Time left, seconds."""
        return self.until - time.monotonic()

    @property
    def ended(self) -> bool:
        """Whether the work is done, or the time is over."""
        late = self.left_s <= 0
        self.late |= late
        return late or self.work.left <= 0

    @property
    def gap(self) -> float:
        """Relative gap between the best plan and the bound; infinite without a plan."""
        if self.best is None or not np.isfinite(self.bound):
            return np.inf
        return max(self.best.value - self.bound, 0.0) / max(1.0, abs(self.best.value))

    def relax(self, *, still: float = 0.0) -> None:
        """Solve the relaxation until no inequality is violated or the effort is spent.

        Parameters
        ----------
        still
            Relative gain of a round below which it is slow; two such in a row end it. With 0 none is.
        """
        before, slow = -np.inf, 0
        enough = self.work.left * (1 - _RELAXING)
        for _ in range(_RELAXED):
            if self.work.left < enough:
                return
            found = self.solve_master(whole=False, gap=0.0)
            if found is None:
                return
            solution, columns = found
            reached = solution.bound * self.unit
            self.bound = max(self.bound, reached)
            self.seen |= solution.values[columns.moves] > _SEEN
            self._price_moves(solution, columns)
            learnt, _ = self.learn(solution, columns)
            slow = slow + 1 if reached - before <= still * abs(reached) else 0
            if not learnt or (still > 0 and slow == _SLOW):
                return
            before = reached

    def _price_moves(self, solution: Solution, columns: MasterColumns) -> None:
        """Raise what a plan with each move costs at least: the relaxation, and the way through the move."""
        if not len(solution.reduced_costs):
            return
        more = np.maximum(solution.reduced_costs, 0.0) * self.unit
        problem = self.objective.capacities.problem
        through = least_through(problem, more[columns.states], more[columns.moves])
        self.least = np.maximum(self.least, solution.bound * self.unit + through)

    def keep(self, plan: PricedPlan) -> None:
        """Keep a plan if it is the best so far and leaves no more pupils without a seat than allowed.

        Parameters
        ----------
        plan
            The plan.
        """
        limit = self.objective.most_unserved
        allowed = limit is None or plan.unserved <= limit + _PUPIL
        self.seen |= plan.moves > _SEEN
        if allowed and (self.best is None or plan.value < self.best.value - _WORSE * abs(self.best.value)):
            self.best = plan

    @property
    def wanted(self) -> float:
        """Value below which a plan is better than the best by more than the gap."""
        return np.inf if self.best is None else self.best.value - self.relative_gap * abs(self.best.value)

    def promising(self) -> BoolArray:
        """Return the moves that a plan better than the best by more than the gap may make."""
        return self.least < self.wanted

    @property
    def unit(self) -> float:
        """Money, or pupils, that the programs count as one."""
        return self.objective.weights.unit if self.objective.counts_money else 1.0

    def solve_master(
        self,
        *,
        whole: bool,
        gap: float,
        whole_units: bool = True,
        among: BoolArray | None = None,
        until: float | None = None,
    ) -> tuple[Solution, MasterColumns] | None:
        """Solve the master program with the inequalities there are; ``None`` without a solution in time.

        Parameters
        ----------
        whole, whole_units
            Whether moves are whole, and units too.
        gap
            Relative gap at which the program stops.
        among
            Moves that may be made; ``None`` for all.
        until
            End of the time; ``None`` for that of the search.
        """
        end = self.until if until is None else until
        if self.ended or (left := end - time.monotonic()) <= 0:
            return None
        objective = self.objective
        program, columns = master_program(
            objective.capacities,
            self.cuts,
            objective.weights,
            whole=whole,
            whole_units=whole_units,
            most_unserved=objective.most_unserved,
            among=among,
        )
        solution = solve_program(
            program,
            time_limit_s=left,
            relative_gap=gap,
            most_nodes=self.work.nodes(len(program.entry_row)) if whole else None,
        )
        self.work.program(solution.entries, solution.iterations, whole=whole)
        self.late |= time.monotonic() >= end
        return (solution, columns) if solution.outcome.has_plan else None

    def learn(self, solution: Solution, columns: MasterColumns) -> tuple[int, PricedPlan]:
        """Add the inequalities violated at a solution and halfway to the interior point; price its choice.

        Parameters
        ----------
        solution, columns
            Solution of the master program, and its columns.

        Returns
        -------
        int
            How many were added.
        PricedPlan
            The choice of the solution, in parts where it is not whole.
        """
        self._drop_idle(solution, columns)
        choice = columns.choice(solution.values, self.objective.capacities)
        told = columns.without_seat(solution.values)
        plan, cuts = self.price(solution.values[columns.moves], choice, told=told)
        used = solution.values[columns.units]
        stronger = [rounded_up(cut, choice, used) for cut in (*self.cuts, *cuts)]
        cuts = [*cuts, *(cut for cut in stronger if cut is not None)]
        broken = [cut for cut in cuts if self._violation(cut, solution, columns) > 0]
        if broken and self.inner is not None:
            self.inner = self.inner.between(choice)
            more = [
                cut
                for market in sorted({one.market for one in broken})
                for cut in self.placed(market, self.inner, told=float(told[market]))[1]
            ]
            broken += [cut for cut in more if self._violation(cut, solution, columns) > 0]
        elif self.inner is None:
            self.inner = choice
        self.cuts.extend(broken)
        return len(broken), plan

    def price(
        self, moves: FloatArray, choice: ExpansionChoice, *, told: FloatArray | None = None
    ) -> tuple[PricedPlan, list[FlowInequality]]:
        """Return a plan with its value by flows, and the inequalities of the flows.

        Parameters
        ----------
        moves
            Value of each move.
        choice
            States and units, which follow from the moves where they are whole.
        told
            Pupils without a seat by market according to the master program; ``None`` for none.
        """
        objective = self.objective
        problem, weights = objective.capacities.problem, objective.weights
        cuts: list[FlowInequality] = []
        lost = cost = unserved = 0.0
        for market in range(len(objective.priced)):
            found, of_market = self.placed(market, choice, told=0.0 if told is None else float(told[market]))
            missing = float(found.unserved.sum())
            unserved += missing
            lost += missing * float(weights.unserved[market])
            cost += found.cost
            cuts += of_market
        # Where serving was decided before, to serve more pupils than the limit asks for is no gain.
        value = cost + (lost if objective.most_unserved is None else max(lost - weights.constant, 0.0))
        if objective.counts_money:
            value += float((problem.units.cost * choice.units).sum())
        value += self.settled(moves, choice.states)
        return PricedPlan(moves, choice, value, unserved), cuts

    def settled(self, moves: FloatArray, states: FloatArray) -> float:
        """Return what moves and states count in the objective.

        Parameters
        ----------
        moves
            Value of each move.
        states
            Share of each state by year, shape (states, years).
        """
        objective, problem = self.objective, self.objective.capacities.problem
        if not objective.counts_money:
            return objective.weights.fees * float((problem.states.fee[:, None] * states).sum())
        return float((problem.states.cost * states).sum()) + float((problem.moves.cost * moves).sum())

    def placed(
        self, market: int, choice: ExpansionChoice, *, told: float = 0.0
    ) -> tuple[PlacedMarket, list[FlowInequality]]:
        """Return a market placed under a choice with its inequalities; remembered, since most stay as is.

        Parameters
        ----------
        market
            Position of the market.
        choice
            States and units.
        told
            Pupils without a seat according to the master program: no inequality on them alone is sought where
            the flow of a large market leaves no more.
        """
        objective = self.objective
        supply = objective.capacities.supply(market, choice)
        key = (market, supply.place.tobytes() + supply.seats.tobytes() + supply.share.tobytes())
        if key not in self.known:
            if len(self.known) > _KNOWN * len(objective.priced):
                self.known.clear()
            priced = objective.priced[market]
            found = self.flow(priced, supply)
            cuts = inequalities_by_area(
                priced,
                market,
                found.worth,
                capacities=objective.capacities,
                with_cost=objective.counts_money,
            )
            enough = told + _PUPIL if priced.areas else 0.0
            if objective.free and found.unserved.sum() > enough:
                cuts += self._bounds_on_unserved(market, choice)
            self.known[key] = found, cuts
        return self.known[key]

    def flow(self, priced: PricedMarket, supply: SeatSupply) -> PlacedMarket:
        """Return a market placed in given seats, and count the work.

        Parameters
        ----------
        priced
            The market.
        supply
            The seats.
        """
        self.work.flow(len(priced.cost))
        return priced.placed(supply)

    def _bounds_on_unserved(self, market: int, choice: ExpansionChoice) -> list[FlowInequality]:
        """Return inequalities on unserved pupils alone, whose loss may be cheaper than their seats."""
        objective = self.objective
        free = objective.free[market]
        found = self.flow(free, objective.capacities.supply(market, choice))
        return inequalities_by_area(
            free, market, found.worth, capacities=objective.capacities, with_cost=False
        )

    def _violation(self, cut: FlowInequality, solution: Solution, columns: MasterColumns) -> float:
        """Return by how much a cut is violated, as a share of what matters; 0 within tolerance."""
        missing = cut.constant - self._left(cut, solution, columns)
        scale = self.objective.weights.unit if cut.with_cost else cut.loss * PUPILS_UNIT
        return missing / scale if missing / scale > BROKEN else 0.0

    def _left(self, cut: FlowInequality, solution: Solution, columns: MasterColumns) -> float:
        values = solution.values
        at = columns.start[cut.market] + cut.regions
        total = cut.loss * PUPILS_UNIT * float(values[columns.unserved[at]].sum())
        if cut.with_cost:
            total += self.objective.weights.unit * float(values[columns.cost[at]].sum())
        total += float((cut.state_values * values[columns.states[cut.states, cut.year]]).sum())
        return total + float((cut.unit_values * values[columns.units[cut.units]]).sum())

    def _drop_idle(self, solution: Solution, columns: MasterColumns) -> None:
        """Forget inequalities that have been slack for several rounds."""
        kept = []
        for cut in self.cuts:
            slack = self._left(cut, solution, columns) - cut.constant
            scale = self.objective.weights.unit if cut.with_cost else cut.loss * PUPILS_UNIT
            idle = self.idle.get(id(cut), 0) + 1 if slack > 1e-3 * scale else 0
            self.idle[id(cut)] = idle
            if idle < _SLACK_ROUNDS:
                kept.append(cut)
            else:
                del self.idle[id(cut)]
        self.cuts[:] = kept
