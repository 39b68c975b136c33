"""The search: cold annealing from several starts, then rounds of four tasks until time or work is used up.

1. Prices of seats (:mod:`.prices`); a start near the relaxation's answer (:mod:`.starts`).
2. Cold runs at several temperatures. Every run pools the districts it meets.
3. Rounds of four tasks, on as many cores as there are: exact re-optimisation of neighbouring districts, or
   set partitioning over the pool; a heavy unit forced elsewhere; a warm run; a new cold run.

The tasks of a round depend on what earlier rounds found, on the seed and on nothing else, so a run stopped by
work repeats on any number of cores.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from layoutplan.arrays import FloatArray
from layoutplan.solve.districting.arrays import Pool
from layoutplan.solve.districting.bound import Relaxation
from layoutplan.solve.districting.budget import Budget
from layoutplan.solve.districting.moves import Ground, Plan, Reach, annealed, forced, reoptimised
from layoutplan.solve.districting.paths import within_slack
from layoutplan.solve.districting.pool import Columns, columns_of_plans, columns_of_pools, joined, partition
from layoutplan.solve.districting.prices import price_ceiling, seat_prices
from layoutplan.solve.districting.problem import DistrictingProblem, Marks
from layoutplan.solve.districting.starts import Grower, cheapest
from layoutplan.solve.districting.state import empty, make_net, make_pool

_SLOTS: Final = 4
_HEATS: Final = (1.5, 5.0, 5.0, 20.0)
_SCARCE_HEATS: Final = (0.2, 0.4, 0.8, 1.5)
_SCARCE: Final = 1_000
"""Proposals a unit below which a run can not cool from far: it goes on from the best plan, less hot."""
_COLD: Final = 2.0
"""Millions of proposals of a cold run for 600 units."""
_COLD_SHARE: Final = 0.3
_COLD_RUNS: Final = 12
_END: Final = 0.05
_POOLED_UNITS: Final = 40
"""Units a school up to which districts repeat often enough for set partitioning."""
_KEPT: Final = 40_000
_EVERY: Final = 6
_PART_S: Final = 3.0

Task = Callable[[], Plan]


def make_ground(problem: DistrictingProblem, budget: Budget) -> Ground:
    """Prepare what all tasks read."""
    ceiling = price_ceiling(problem)
    prices = seat_prices(problem, ceiling=ceiling)
    fixed = problem.locked >= 0
    fixed[problem.own] = True
    return Ground(
        problem=problem,
        net=make_net(problem),
        prices=prices,
        ceiling=ceiling,
        grower=Grower(problem, prices.reduced),
        fixed=fixed,
        chains=min(0.3, 6 * problem.schools / problem.units),
        over=lambda: budget.left_s <= 0,
    )


@dataclass
class Search:
    """The state of a search between rounds."""

    ground: Ground
    budget: Budget
    seed: int
    start: Plan
    best: Plan
    slots: list[Plan]
    stalled: list[int] = field(default_factory=lambda: [0] * _SLOTS)
    pools: list[Pool] = field(default_factory=list)
    archive: Columns | None = None
    duals: tuple[FloatArray, FloatArray] | None = None
    reach: Reach = field(default_factory=Reach)
    relaxation: Relaxation | None = None
    rounds: int = 0
    tasks: int = 0
    cold: float = _COLD
    log: Callable[[str, Plan], None] = lambda _word, _plan: None

    @property
    def scarce(self) -> bool:
        """Whether there are too few proposals for cold runs."""
        return self.cold * 1e6 < _SCARCE * self.ground.problem.units

    @property
    def heats(self) -> tuple[float, ...]:
        """The temperatures of cold runs, in turn."""
        return _SCARCE_HEATS if self.scarce else _HEATS

    @property
    def pooling(self) -> bool:
        """Whether districts are small enough for set partitioning."""
        problem = self.ground.problem
        return problem.units <= _POOLED_UNITS * problem.schools

    def usable(self) -> Marks:
        """Return the arcs that a plan better than the best can use, as far as is known.

        With a relaxation, it is solved again for every new best plan: its reduced costs leave fewer arcs.
        """
        best, relaxation = self.best, self.relaxation
        if relaxation is None or best.overload > relaxation.overload:
            return np.ones(len(self.ground.prices.reduced), dtype=bool)
        if best.cost < relaxation.upper:
            relaxation.tighten(best.cost, rounds=2, left_s=lambda: self.budget.left_s)
        return relaxation.usable.copy()

    def usable_by_prices(self) -> Marks:
        """Return the same from the prices of seats alone."""
        prices, problem, best = self.ground.prices, self.ground.problem, self.best
        slack = best.cost - prices.bound_with(best.overload) + 1e-7 * abs(prices.bound)
        usable = np.asarray(prices.reduced <= slack)
        return within_slack(problem, usable, prices.reduced, slack=slack)

    def part_s(self) -> float:
        """Return the seconds for one program of a part; a run that must repeat is stopped by nodes alone."""
        left = self.budget.left_s
        return left if np.isfinite(self.budget.work) else min(left, _PART_S)

    def random(self) -> np.random.Generator:
        """Return the next task's own random numbers."""
        self.tasks += 1
        return np.random.Generator(np.random.PCG64([self.seed, self.tasks]))

    def take(self, plan: Plan, word: str) -> bool:
        """Keep a plan if it is the best."""
        if plan.better_than(self.best):
            self.best = plan
            self.log(word, plan)
            return True
        return False


def begin(problem: DistrictingProblem, budget: Budget, *, seed: int) -> Search | None:
    """Return a search with its first plan, or ``None`` if no connected plan was found."""
    ground = make_ground(problem, budget)
    first = ground.grower.grow(cheapest(problem, ground.prices.reduced))
    if first is None:
        return None
    price = ground.prices.price
    positive = price[price > 0]
    floor = float(positive.mean()) if len(positive) else ground.ceiling / 100.0
    plan = ground.plan(first, np.maximum(price, floor))
    search = Search(ground=ground, budget=budget, seed=seed, start=plan, best=plan, slots=[plan] * _SLOTS)
    size = 60_000 if search.pooling else 4
    places = size * max(1, min(_POOLED_UNITS, 2 * problem.units // problem.schools))
    search.pools = [make_pool(size, places) for _ in range(_SLOTS)]
    search.cold = min(
        _COLD * max(problem.units / 600, min(1.0, problem.units / 300)),
        _COLD_SHARE * budget.planned / _COLD_RUNS * 2,
    )
    return search


def run_cold(search: Search) -> None:
    """Anneal from the start at several temperatures."""
    with ThreadPoolExecutor(max_workers=search.budget.cores) as threads:
        runs = int(np.clip(_COLD_SHARE * search.budget.planned / search.cold, 2, _COLD_RUNS))
        heats = list(search.heats * 3)[:runs]
        for first in range(0, runs, _SLOTS):
            tasks = [_cold(search, slot, heat) for slot, heat in enumerate(heats[first : first + _SLOTS])]
            found = _all(threads, tasks)
            search.budget.spent += search.cold * len(tasks)
            for slot, plan in enumerate(found):
                search.take(plan, f"cold {heats[first + slot]}")
                if plan.better_than(search.slots[slot]) or first == 0:
                    search.slots[slot] = plan
            if search.budget.over:
                return


def run_rounds(search: Search, *, share: float, cores: int, stop: Callable[[], bool] = lambda: False) -> None:
    """Search on so many cores until this share of time or work is used up, or ``stop`` says so."""
    with ThreadPoolExecutor(max_workers=cores) as threads:
        while search.budget.used < share and not stop():
            _round(search, threads)


def _round(search: Search, threads: ThreadPoolExecutor) -> None:
    """Run four tasks and take their plans over."""
    search.rounds += 1
    proposals = search.cold
    words = ["exact", "forced", "forced" if search.rounds % 3 else "warm", "cold"]
    if search.pooling and search.rounds % _EVERY == 1:
        words[0] = "partition"
        tasks = [_partition(search)]
    else:
        tasks = [_exact(search, search.usable())]
    tasks += [_forced(search, 1), _forced(search, 2) if search.rounds % 3 else _warm(search, 2)]
    tasks.append(_cold(search, 3, search.heats[search.rounds % len(_HEATS)]))
    found = _all(threads, tasks)
    search.budget.spent += proposals * len(tasks)
    for slot, (plan, word) in enumerate(zip(found, words, strict=True)):
        improved = search.take(plan, word)
        _accept(search, slot, plan, improved=improved)


def _accept(search: Search, slot: int, plan: Plan, *, improved: bool) -> None:
    """Let a slot walk on from a plan that is a little worse; call it back to the best when it stalls."""
    now = search.slots[slot]
    near = plan.overload <= now.overload and plan.cost <= now.cost + 3e-4 * abs(now.cost)
    if plan.better_than(now) or (near and slot != 0):
        search.slots[slot] = plan
    search.stalled[slot] = 0 if improved else search.stalled[slot] + 1
    if slot == 0 or search.stalled[slot] >= 8:  # noqa: PLR2004
        search.slots[slot] = search.best
        search.stalled[slot] = 0


def _all(threads: ThreadPoolExecutor, tasks: Sequence[Task]) -> list[Plan]:
    return list(threads.map(lambda task: task(), tasks))


def _cold(search: Search, slot: int, heat: float) -> Task:
    seed = int(search.random().integers(2**62))
    proposals = int(search.cold * 1e6)
    start = search.best if search.scarce else search.start

    def task() -> Plan:
        return annealed(
            search.ground, start, search.pools[slot], heat=(heat, _END), proposals=proposals, seed=seed
        )

    return task


def _warm(search: Search, slot: int) -> Task:
    random, plan = search.random(), search.slots[slot]

    def task() -> Plan:
        heat = float(random.choice([0.25, 0.5, 1.0]))
        seed, proposals = int(random.integers(2**62)), int(search.cold * 1e6)
        return annealed(
            search.ground, plan, search.pools[slot], heat=(heat, _END), proposals=proposals, seed=seed
        )

    return task


def _forced(search: Search, slot: int) -> Task:
    random, begun = search.random(), search.slots[slot]

    def task() -> Plan:
        best = plan = begun
        for _ in range(2):
            heat = float(random.choice([0.2, 0.4, 0.8]))
            plan = forced(
                search.ground,
                plan,
                search.pools[slot],
                heat=heat,
                proposals=int(search.cold * 4e5),
                random=random,
            )
            best = plan if plan.better_than(best) else best
            if search.ground.over():
                break
        return best if best is not begun else plan

    return task


def _exact(search: Search, usable: Marks) -> Task:
    random, begun = search.random(), search.slots[0]

    def task() -> Plan:
        plan = begun
        for _ in range(4):
            if search.ground.over():
                break
            plan = reoptimised(
                search.ground, plan, search.reach, usable=usable, random=random, left_s=search.part_s
            )
        return plan

    return task


def _partition(search: Search) -> Task:
    """Merge the pools, keep the most promising districts, and look for a plan made of them."""
    problem, prices = search.ground.problem, search.ground.prices
    every = columns_of_pools(search.pools)
    for pool in search.pools:
        empty(pool)
    if search.archive is not None:
        every = joined(search.archive, every)
    begun = search.best
    if search.duals is None:
        value = prices.reduced * 0 + problem.arc_cost
        value = value + (prices.price[problem.arc_school] * problem.demand[problem.arc_unit]).sum(axis=1)
        least = np.minimum.reduceat(value, problem.arc_first[:-1])
        search.duals = (least, -(prices.price * problem.capacity).sum(axis=1))

    def task() -> Plan:
        columns = joined(columns_of_plans(problem, [begun.assignment]), every)
        found = partition(
            problem,
            columns,
            best=begun.cost,
            duals=search.duals or (np.zeros(problem.units), np.zeros(problem.schools)),
            nodes=500,
            time_s=search.budget.left_s,
        )
        search.duals = (found.unit_dual, found.school_dual)
        reduced = columns.cost - columns.sums(found.unit_dual) - found.school_dual[columns.school]
        kept = np.sort(np.argsort(reduced, kind="stable")[:_KEPT])
        search.archive = columns.at(kept)
        return begun if found.plan is None else search.ground.plan(found.plan, begun.price)

    return task
