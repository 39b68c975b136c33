"""The tasks of a search: each starts from a plan and returns a plan; none changes what another reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.solve.districting.arrays import Net, Pool, Run, State
from layoutplan.solve.districting.exact import improve, part_of_plan
from layoutplan.solve.districting.kernel import anneal
from layoutplan.solve.districting.prices import Prices
from layoutplan.solve.districting.problem import DistrictingProblem, Marks
from layoutplan.solve.districting.starts import Grower
from layoutplan.solve.districting.state import make_state

_PIECE: Final = 50_000
_LOOK: Final = 500
_SHARE: Final = 0.2
_POOLED_FROM: Final = 0.5
_POOLED_FACTOR: Final = 1.01


@dataclass(frozen=True)
class Plan:
    """A connected plan with its cost, its overload, and prices of overload that suit it."""

    assignment: IntArray
    cost: float
    overload: float
    price: FloatArray

    def better_than(self, other: Plan) -> bool:
        """Less overload, or as much and a lower cost."""
        small = 1e-9 * (1.0 + other.overload)
        if abs(self.overload - other.overload) > small:
            return self.overload < other.overload
        return self.cost < other.cost - 1e-9 * abs(other.cost)


@dataclass(frozen=True)
class Ground:
    """What all tasks read."""

    problem: DistrictingProblem
    net: Net
    prices: Prices
    ceiling: float
    grower: Grower
    fixed: Marks
    chains: float
    over: Callable[[], bool]

    def plan(self, assignment: IntArray, price: FloatArray) -> Plan:
        """Return a plan with its sums."""
        over = np.maximum(self.problem.load_of(assignment) - self.problem.capacity, 0.0)
        return Plan(assignment, float(self.problem.cost_of(assignment).sum()), float(over.sum()), price)


def annealed(
    ground: Ground,
    plan: Plan,
    pool: Pool,
    *,
    heat: tuple[float, float],
    proposals: int,
    seed: int,
    frozen: int = -1,
) -> Plan:
    """Anneal a plan; temperatures in units of the regret; ``frozen`` is a unit that may not move."""
    if len(ground.net.edge_to) == 0:  # nothing can move, and compiled code checks no bounds
        return plan
    fixed = ground.fixed
    if frozen >= 0:
        fixed = fixed.copy()
        fixed[frozen] = True
    state = make_state(ground.problem, ground.net, plan.assignment, price=plan.price, fixed=fixed, seed=seed)
    hot, cold = (part * ground.prices.regret for part in heat)
    run = Run(hot, cold, ground.chains, _LOOK, _SHARE, ground.ceiling, _POOLED_FROM, _POOLED_FACTOR)
    for begin in range(0, proposals, _PIECE):
        anneal(ground.net, state, pool, (begin, min(begin + _PIECE, proposals), proposals), run)
        if ground.over():
            break
    return _best(ground, state)


def _best(ground: Ground, state: State) -> Plan:
    return ground.plan(state.best.copy(), state.price.copy())


def forced(
    ground: Ground, plan: Plan, pool: Pool, *, heat: float, proposals: int, random: np.random.Generator
) -> Plan:
    """Send a unit, drawn by its size, to another of its five cheapest schools, and anneal around it."""
    problem = ground.problem
    size = (problem.demand / np.maximum(problem.capacity.mean(axis=0), 1e-9)).max(axis=1)
    several = (np.diff(problem.arc_first) > 1) & ~ground.fixed
    weight = np.where(several, size + 1e-9, 0.0)
    if weight.sum() <= 0:
        return plan
    unit = int(random.choice(problem.units, p=weight / weight.sum()))
    low, high = problem.arc_first[unit], problem.arc_first[unit + 1]
    order = np.argsort(ground.prices.reduced[low:high], kind="stable")[:5]
    schools = problem.arc_school[low:high][order]
    schools = schools[schools != plan.assignment[unit]]
    seed = int(random.integers(2**62))
    changed = ground.grower.force(plan.assignment, unit, int(random.choice(schools)))
    if changed is None:
        return plan
    begun = ground.plan(changed, plan.price)
    held = annealed(ground, begun, pool, heat=(heat, 0.05), proposals=proposals, seed=seed, frozen=unit)
    return annealed(ground, held, pool, heat=(0.2, 0.05), proposals=proposals // 4, seed=seed + 1)


@dataclass
class Reach:
    """How large the exact parts are: as large as can be solved; grows and shrinks with what was seen."""

    arcs: float = 250.0
    least: float = 60.0
    most: float = 1_500.0

    def seen(self, *, solved: bool) -> None:
        """Take note of whether a part was solved to its end."""
        self.arcs = min(self.most, self.arcs * 1.12) if solved else max(self.least, self.arcs * 0.75)


def reoptimised(
    ground: Ground,
    plan: Plan,
    reach: Reach,
    *,
    usable: Marks,
    random: np.random.Generator,
    left_s: Callable[[], float],
) -> Plan:
    """Solve a few neighbouring districts exactly; the plan itself if they can not be improved."""
    problem = ground.problem
    schools = _neighbourhood(ground, plan, usable, limit=reach.arcs, random=random)
    part = part_of_plan(problem, ground.grower.neighbours, plan.assignment, schools=schools, usable=usable)
    load = problem.load_of(plan.assignment)[part.schools]
    part.room = np.maximum(part.room, load)
    changed, solved = improve(part, plan.assignment, rounds=12, nodes=150, left_s=left_s)
    reach.seen(solved=solved)
    return plan if changed is None else ground.plan(changed, plan.price)


def _neighbourhood(
    ground: Ground, plan: Plan, usable: Marks, *, limit: float, random: np.random.Generator
) -> IntArray:
    """Grow a set of neighbouring districts from a random one until its program is large enough."""
    problem, where = ground.problem, plan.assignment
    start, end = where[problem.edge_from], where[problem.edge_to]
    border = start != end
    chosen = np.zeros(problem.schools, dtype=bool)
    chosen[int(random.integers(problem.schools))] = True
    open_arc = usable & (np.diff(problem.arc_first)[problem.arc_unit] > 1)
    home, goal = where[problem.arc_unit[open_arc]], problem.arc_school[open_arc]
    while True:
        met = np.bincount(end[border & chosen[start] & ~chosen[end]], minlength=problem.schools)
        if not met.any():
            return np.flatnonzero(chosen)
        joining = int(np.argmax(met * random.random(problem.schools)))
        chosen[joining] = True
        if chosen.sum() > 2 and (chosen[home] & chosen[goal]).sum() > limit:  # noqa: PLR2004
            chosen[joining] = False
            return np.flatnonzero(chosen)
