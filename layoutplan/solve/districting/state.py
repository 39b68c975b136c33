"""Make the arrays of a search from a problem and an assignment."""

from __future__ import annotations

import numpy as np

from layoutplan.arrays import BoolArray, FloatArray, IntArray
from layoutplan.solve.districting.compiled_arrays import ColumnPool, Instance, State
from layoutplan.solve.districting.problem import DistrictingProblem


def make_instance(problem: DistrictingProblem) -> Instance:
    """Return the arrays of a problem that do not change during a search.

    Parameters
    ----------
    problem
        The problem.

    Returns
    -------
    Instance
        The arrays; Zobrist numbers are the same for every call.
    """
    zobrist = np.random.Generator(np.random.PCG64(0)).integers(1, 2**63, problem.units, dtype=np.uint64)
    return Instance(
        edge_first=problem.edge_first,
        edge_from=problem.edge_from.astype(np.int64),
        edge_to=problem.edge_to.astype(np.int64),
        arc_first=problem.arc_first,
        arc_school=problem.arc_school.astype(np.int64),
        arc_cost=problem.arc_cost,
        demand=problem.demand,
        capacity=problem.capacity,
        zobrist=zobrist,
    )


def make_state(
    problem: DistrictingProblem,
    instance: Instance,
    assignment: IntArray,
    *,
    price: FloatArray,
    fixed: BoolArray,
    seed: int,
) -> State:
    """Return the search state of a connected assignment, which is also the best so far.

    Parameters
    ----------
    problem
        The problem.
    instance
        Its arrays.
    assignment
        School of each unit, shape (units,).
    price
        Initial penalty per pupil above capacity, shape (schools, columns).
    fixed
        Units that must not move, shape (units,).
    seed
        Seed of the state's random generator.

    Returns
    -------
    State
        Arrays of its own; the arguments are copied.
    """
    units, schools = problem.units, problem.schools
    first_member = np.full(schools, -1, dtype=np.int64)
    next_member, previous_member = np.full(units, -1, dtype=np.int64), np.full(units, -1, dtype=np.int64)
    order = np.argsort(assignment, kind="stable")
    same = assignment[order][1:] == assignment[order][:-1]
    next_member[order[:-1][same]] = order[1:][same]
    previous_member[order[1:][same]] = order[:-1][same]
    starts = np.flatnonzero(np.concatenate([[True], ~same]))
    first_member[assignment[order[starts]]] = order[starts]
    district_hash = np.zeros(schools, dtype=np.uint64)
    np.bitwise_xor.at(district_hash, assignment, instance.zobrist)
    unit_cost, load = problem.cost_of(assignment), problem.load_of(assignment)
    cost, overload = float(unit_cost.sum()), float(np.maximum(load - problem.capacity, 0.0).sum())
    return State(
        district=assignment.astype(np.int64),
        unit_cost=unit_cost,
        load=load,
        price=price.copy(),
        first_member=first_member,
        next_member=next_member,
        previous_member=previous_member,
        district_hash=district_hash,
        fixed=fixed.copy(),
        totals=np.array([cost, overload, cost, overload]),
        best=assignment.astype(np.int64),
        changed=np.zeros(units + 1, dtype=np.int64),
        is_changed=np.zeros(units, dtype=bool),
        visited=np.zeros(units + 1, dtype=np.int64),
        queue=np.zeros(units, dtype=np.int64),
        chain=np.zeros(16, dtype=np.int64),
        overload_count=np.zeros(load.shape, dtype=np.int64),
        random=np.array([seed * 2 + 88172645463325252], dtype=np.uint64),
    )


def make_pool(districts: int, unit_slots: int) -> ColumnPool:
    """Return an empty column pool.

    Parameters
    ----------
    districts
        Largest number of districts.
    unit_slots
        Largest number of units in all districts together.

    Returns
    -------
    ColumnPool
        The pool.
    """
    size = 1 << max(4, (2 * districts - 1).bit_length())
    return ColumnPool(
        slots=np.full(size, -1, dtype=np.int64),
        district_hash=np.zeros(districts, dtype=np.uint64),
        school=np.zeros(districts, dtype=np.int64),
        cost=np.zeros(districts),
        first=np.zeros(districts + 1, dtype=np.int64),
        units=np.zeros(unit_slots, dtype=np.int64),
        length=np.zeros(1, dtype=np.int64),
    )


def clear_pool(pool: ColumnPool) -> None:
    """Remove all districts from a pool.

    Parameters
    ----------
    pool
        The pool; changed in place.
    """
    pool.slots[:] = -1
    pool.length[0] = 0
