"""The search's arrays, made from a problem and a plan."""

from __future__ import annotations

import numpy as np

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.solve.districting.arrays import Net, Pool, State
from layoutplan.solve.districting.problem import DistrictingProblem, Marks


def make_net(problem: DistrictingProblem) -> Net:
    """Return the fixed arrays of a problem."""
    codes = np.random.Generator(np.random.PCG64(0)).integers(1, 2**63, problem.units, dtype=np.uint64)
    return Net(
        edge_first=problem.edge_first,
        edge_from=problem.edge_from.astype(np.int64),
        edge_to=problem.edge_to.astype(np.int64),
        arc_first=problem.arc_first,
        arc_school=problem.arc_school.astype(np.int64),
        arc_cost=problem.arc_cost,
        demand=problem.demand,
        capacity=problem.capacity,
        code=codes,
    )


def make_state(
    problem: DistrictingProblem, net: Net, plan: IntArray, *, price: FloatArray, fixed: Marks, seed: int
) -> State:
    """Return the state of a connected plan; it counts as the best so far."""
    units, schools = problem.units, problem.schools
    head = np.full(schools, -1, dtype=np.int64)
    after, before = np.full(units, -1, dtype=np.int64), np.full(units, -1, dtype=np.int64)
    order = np.argsort(plan, kind="stable")
    same = plan[order][1:] == plan[order][:-1]
    after[order[:-1][same]] = order[1:][same]
    before[order[1:][same]] = order[:-1][same]
    starts = np.flatnonzero(np.concatenate([[True], ~same]))
    head[plan[order[starts]]] = order[starts]
    key = np.zeros(schools, dtype=np.uint64)
    np.bitwise_xor.at(key, plan, net.code)
    paid, load = problem.cost_of(plan), problem.load_of(plan)
    cost, over = float(paid.sum()), float(np.maximum(load - problem.capacity, 0.0).sum())
    return State(
        district=plan.astype(np.int64),
        paid=paid,
        load=load,
        price=price.copy(),
        head=head,
        after=after,
        before=before,
        key=key,
        fixed=fixed.copy(),
        sums=np.array([cost, over, cost, over]),
        best=plan.astype(np.int64),
        stale=np.zeros(units + 1, dtype=np.int64),
        is_stale=np.zeros(units, dtype=bool),
        seen=np.zeros(units + 1, dtype=np.int64),
        queue=np.zeros(units, dtype=np.int64),
        chain=np.zeros(16, dtype=np.int64),
        late=np.zeros(load.shape, dtype=np.int64),
        random=np.array([seed * 2 + 88172645463325252], dtype=np.uint64),
    )


def make_pool(districts: int, places: int) -> Pool:
    """Return an empty pool for this many districts of so many units in all."""
    size = 1 << max(4, (2 * districts - 1).bit_length())
    return Pool(
        table=np.full(size, -1, dtype=np.int64),
        key=np.zeros(districts, dtype=np.uint64),
        school=np.zeros(districts, dtype=np.int64),
        cost=np.zeros(districts),
        first=np.zeros(districts + 1, dtype=np.int64),
        units=np.zeros(places, dtype=np.int64),
        filled=np.zeros(1, dtype=np.int64),
    )


def empty(pool: Pool) -> None:
    """Forget the districts of a pool."""
    pool.table[:] = -1
    pool.filled[0] = 0
