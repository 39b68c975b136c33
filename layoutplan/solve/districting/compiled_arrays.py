"""Arrays that compiled code works on, and the decorator that compiles it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numba

from layoutplan.arrays import BoolArray, FloatArray, IntArray, UIntArray

_Function = TypeVar("_Function", bound=Callable[..., Any])


def compiled(function: _Function) -> _Function:
    """Compile a function with Numba and cache the machine code on disk where possible.

    The cache is ``__pycache__`` of this package, otherwise the user's cache folder or ``NUMBA_CACHE_DIR``.
    Without a writable folder every process compiles again, which takes some seconds.

    Parameters
    ----------
    function
        A function that Numba can compile in nopython mode.

    Returns
    -------
    callable
        The compiled function; it releases the interpreter's lock and does not check array bounds.
    """
    try:
        made = numba.njit(nogil=True, cache=True, error_model="numpy")(function)
    except RuntimeError:  # "cannot cache function: no locator available"
        made = numba.njit(nogil=True, error_model="numpy")(function)
    return cast("_Function", made)


class Instance(NamedTuple):
    """The problem as plain arrays; nothing here changes during a search.

    Attributes
    ----------
    edge_first
        First edge of each unit, followed by the number of edges; shape (units + 1,).
    edge_from, edge_to
        Units at both ends of each directed edge, shape (edges,).
    arc_first
        First arc of each unit, followed by the number of arcs; shape (units + 1,).
    arc_school, arc_cost
        School and cost of each arc, sorted by school within a unit; shape (arcs,).
    demand
        Pupils, shape (units, columns).
    capacity
        Seats, shape (schools, columns).
    zobrist
        A random number per unit; a district's hash is the exclusive or of those of its units (Zobrist 1970).
    """

    edge_first: IntArray
    edge_from: IntArray
    edge_to: IntArray
    arc_first: IntArray
    arc_school: IntArray
    arc_cost: FloatArray
    demand: FloatArray
    capacity: FloatArray
    zobrist: UIntArray


class State(NamedTuple):
    """The current solution of a search, changed in place, and the best solution so far.

    Attributes
    ----------
    district
        School of each unit, shape (units,).
    unit_cost
        Cost of the arc that each unit uses, shape (units,).
    load
        Pupils assigned to each school, shape (schools, columns).
    price
        Penalty per pupil above capacity, shape (schools, columns).
    first_member, next_member, previous_member
        Members of each district as a doubly linked list; -1 ends it.
    district_hash
        Zobrist hash of each district, shape (schools,).
    fixed
        Units that must not move, shape (units,).
    totals
        Cost, overload, best cost, best overload.
    best
        School of each unit in the best solution, shape (units,).
    changed, is_changed
        Units whose district may differ from ``best`` (the last entry is their number), and as a mask.
    visited
        Stamps of the connectivity search (the latest stamp is the last entry).
    queue
        Units to visit in the connectivity search.
    chain
        Units moved by the current chain and the districts that they left, alternating.
    overload_count
        Checks in which each school and column was overloaded since the last price update.
    random
        State of the random generator, shape (1,).
    """

    district: IntArray
    unit_cost: FloatArray
    load: FloatArray
    price: FloatArray
    first_member: IntArray
    next_member: IntArray
    previous_member: IntArray
    district_hash: UIntArray
    fixed: BoolArray
    totals: FloatArray
    best: IntArray
    changed: IntArray
    is_changed: BoolArray
    visited: IntArray
    queue: IntArray
    chain: IntArray
    overload_count: IntArray
    random: UIntArray


class AnnealingSchedule(NamedTuple):
    """Parameters of an annealing run.

    Attributes
    ----------
    start_temperature, end_temperature
        The temperature decreases geometrically from one to the other; units of cost.
    chain_probability
        Probability that a proposal is an ejection chain and not a single shift.
    check_interval
        Number of proposals between two checks for overload.
    overload_share
        A price rises if its school is overloaded in more than this share of the checks.
    price_ceiling
        Largest price.
    pooled_from
        Share of the run from which districts are added to the column pool.
    pooled_cost_factor
        Districts are added only from solutions that cost at most this multiple of the best.
    """

    start_temperature: float
    end_temperature: float
    chain_probability: float
    check_interval: int
    overload_share: float
    price_ceiling: float
    pooled_from: float
    pooled_cost_factor: float


class ColumnPool(NamedTuple):
    """Districts found by the search, each once, as columns of a set partitioning problem.

    Attributes
    ----------
    slots
        Hash table with open addressing: position of a district, or -1.
    district_hash, school, cost
        Zobrist hash, school and cost of each district.
    first
        First unit of each district in ``units``.
    units
        Units of all districts.
    length
        Number of districts, shape (1,).
    """

    slots: IntArray
    district_hash: UIntArray
    school: IntArray
    cost: FloatArray
    first: IntArray
    units: IntArray
    length: IntArray
