"""Compiled search moves: shifts and ejection chains of units between connected districts, with annealing.

The state is kept in arrays, so a run can be divided into several calls; every call releases the interpreter's
lock. Functions that call each other are all in this file, because Numba's cache is invalidated by the
modification time of a function's own file, not of the files of its callees.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from layoutplan.arrays import UIntArray
from layoutplan.solve.districting.compiled_arrays import (
    AnnealingSchedule,
    ColumnPool,
    Instance,
    State,
    compiled,
)

_PUSH_SHARE: Final = 0.6
"""Share of the shifts in a chain that push a unit out of the district that gained one; others pull one in."""
_MAX_EXTRA_SHIFTS: Final = 5
_CHECKS_PER_UPDATE: Final = 12  # checks for overload between two updates of the prices


@compiled
def _draw(random: UIntArray) -> float:
    """Return a uniform random number in [0, 1) by xorshift64* (Vigna 2016, https://doi.org/10.1145/2845077)."""
    x = random[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    random[0] = x
    return float((x * np.uint64(2685821657736338717)) >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@compiled
def arc_of(instance: Instance, unit: int, school: int) -> int:
    """Return the arc from a unit to a school.

    Parameters
    ----------
    instance
        The problem's arrays.
    unit, school
        Positions of the unit and the school.

    Returns
    -------
    int
        Position of the arc, or -1 if the unit may not go to the school.
    """
    low, high = int(instance.arc_first[unit]), int(instance.arc_first[unit + 1])
    if high - low == len(instance.capacity):
        return low + school
    end = high
    while low < high:
        middle = (low + high) >> 1
        if instance.arc_school[middle] < school:
            low = middle + 1
        else:
            high = middle
    if low < end and instance.arc_school[low] == school:
        return low
    return -1


@compiled
def _stays_connected(instance: Instance, state: State, unit: int) -> bool:
    """Return whether the unit's district remains connected without it."""
    own = state.district[unit]
    stamp = state.visited[-1] + 1
    state.visited[-1] = stamp
    wanted, start = 0, -1
    for place in range(instance.edge_first[unit], instance.edge_first[unit + 1]):
        other = instance.edge_to[place]
        if state.district[other] == own:
            wanted += 1
            state.visited[other] = -stamp
            start = other
    if wanted <= 1:
        return wanted == 1
    state.visited[unit] = stamp
    state.visited[start] = stamp
    state.queue[0] = start
    size, done, wanted = 1, 0, wanted - 1
    while done < size:
        current = state.queue[done]
        done += 1
        for place in range(instance.edge_first[current], instance.edge_first[current + 1]):
            other = instance.edge_to[place]
            if state.district[other] != own or state.visited[other] == stamp:
                continue
            if state.visited[other] == -stamp:
                wanted -= 1
                if wanted == 0:
                    return True
            state.visited[other] = stamp
            state.queue[size] = other
            size += 1
    return False


@compiled
def _penalty_change(instance: Instance, state: State, unit: int, source: int, target: int) -> float:
    """Return by how much a shift changes the penalty for overload."""
    change = 0.0
    for column in range(instance.demand.shape[1]):
        pupils = instance.demand[unit, column]
        excess = state.load[source, column] - instance.capacity[source, column]
        if excess > 0:
            change -= state.price[source, column] * min(excess, pupils)
        excess = state.load[target, column] - instance.capacity[target, column] + pupils
        if excess > 0:
            change += state.price[target, column] * min(excess, pupils)
    return change


@compiled
def _shift(instance: Instance, state: State, unit: int, target: int, cost: float) -> None:
    """Move a unit to another district and update loads, totals, member lists and hashes."""
    source = state.district[unit]
    for column in range(instance.demand.shape[1]):
        pupils = instance.demand[unit, column]
        excess = state.load[source, column] - instance.capacity[source, column]
        if excess > 0:
            state.totals[1] -= min(excess, pupils)
        excess = state.load[target, column] - instance.capacity[target, column] + pupils
        if excess > 0:
            state.totals[1] += min(excess, pupils)
        state.load[source, column] -= pupils
        state.load[target, column] += pupils
    state.totals[0] += cost - state.unit_cost[unit]
    state.unit_cost[unit] = cost
    previous, following = state.previous_member[unit], state.next_member[unit]
    if previous >= 0:
        state.next_member[previous] = following
    else:
        state.first_member[source] = following
    if following >= 0:
        state.previous_member[following] = previous
    first = state.first_member[target]
    state.next_member[unit], state.previous_member[unit] = first, -1
    if first >= 0:
        state.previous_member[first] = unit
    state.first_member[target] = unit
    state.district_hash[source] ^= instance.zobrist[unit]
    state.district_hash[target] ^= instance.zobrist[unit]
    state.district[unit] = target
    if not state.is_changed[unit]:
        state.is_changed[unit] = True
        state.changed[state.changed[-1]] = unit
        state.changed[-1] += 1


@compiled
def _keep_if_best(state: State) -> bool:
    """Record the solution as the best if it has less overload, or equal overload and a lower cost."""
    cost, overload = state.totals[0], state.totals[1]
    best_cost, best_overload = state.totals[2], state.totals[3]
    tolerance = 1e-9 * (1.0 + best_overload)
    if overload > best_overload + tolerance:
        return False
    if overload >= best_overload - tolerance and cost >= best_cost - 1e-9 * abs(best_cost):
        return False
    state.totals[2], state.totals[3] = cost, overload
    for place in range(state.changed[-1]):
        unit = state.changed[place]
        state.best[unit] = state.district[unit]
        state.is_changed[unit] = False
    state.changed[-1] = 0
    return True


@compiled
def _in_chain(state: State, unit: int, length: int) -> bool:
    """Return whether a unit has moved in this chain."""
    for place in range(length):  # noqa: SIM110 - Numba has no any()
        if state.chain[2 * place] == unit:
            return True
    return False


@compiled
def _best_push(instance: Instance, state: State, district: int, length: int) -> tuple[int, int, float]:
    """Return the cheapest shift out of a district: unit, target, change; unit -1 if there is none."""
    best, best_unit, best_target = np.inf, -1, -1
    unit = state.first_member[district]
    while unit >= 0:
        if not state.fixed[unit] and not _in_chain(state, unit, length):
            last = -1
            for place in range(instance.edge_first[unit], instance.edge_first[unit + 1]):
                target = state.district[instance.edge_to[place]]
                if target in (district, last):
                    continue
                last = target
                arc = arc_of(instance, unit, target)
                if arc < 0:
                    continue
                change = instance.arc_cost[arc] - state.unit_cost[unit]
                if change + _penalty_floor(instance, state, unit, district) >= best:
                    continue
                change += _penalty_change(instance, state, unit, district, target)
                if change < best and _stays_connected(instance, state, unit):
                    best, best_unit, best_target = change, unit, target
        unit = state.next_member[unit]
    return best_unit, best_target, best


@compiled
def _penalty_floor(instance: Instance, state: State, unit: int, source: int) -> float:
    """Return the change of the penalty in the district that a unit leaves: a lower bound for its shifts."""
    change = 0.0
    for column in range(instance.demand.shape[1]):
        excess = state.load[source, column] - instance.capacity[source, column]
        if excess > 0:
            change -= state.price[source, column] * min(excess, instance.demand[unit, column])
    return change


@compiled
def _best_pull(instance: Instance, state: State, district: int, length: int) -> tuple[int, int, float]:
    """Return the cheapest shift into a district: unit, its district, change; unit -1 if there is none."""
    best, best_unit, best_source = np.inf, -1, -1
    member = state.first_member[district]
    while member >= 0:
        for place in range(instance.edge_first[member], instance.edge_first[member + 1]):
            unit = instance.edge_to[place]
            source = state.district[unit]
            if source == district or state.fixed[unit] or _in_chain(state, unit, length):
                continue
            arc = arc_of(instance, unit, district)
            if arc < 0:
                continue
            change = instance.arc_cost[arc] - state.unit_cost[unit]
            change += _penalty_change(instance, state, unit, source, district)
            if change < best and _stays_connected(instance, state, unit):
                best, best_unit, best_source = change, unit, source
        member = state.next_member[member]
    return best_unit, best_source, best


@compiled
def _chain(instance: Instance, state: State, unit: int, arc: int, limit: float) -> int:
    """Try an ejection chain that begins with this shift; return its length, 0 if it was undone."""
    source, target, cost = state.district[unit], instance.arc_school[arc], instance.arc_cost[arc]
    total = cost - state.unit_cost[unit] + _penalty_change(instance, state, unit, source, target)
    state.chain[0], state.chain[1] = unit, source
    _shift(instance, state, unit, target, cost)
    length, depth = 1, 2 + int(_MAX_EXTRA_SHIFTS * _draw(state.random))
    while total > limit and length < depth:
        if _draw(state.random) < _PUSH_SHARE:
            unit, other, change = _best_push(instance, state, target, length)
            if unit < 0:
                break
            goal, from_, target = other, target, other
        else:
            unit, other, change = _best_pull(instance, state, source, length)
            if unit < 0:
                break
            goal, from_, source = source, other, other
        total += change
        state.chain[2 * length], state.chain[2 * length + 1] = unit, from_
        _shift(instance, state, unit, goal, instance.arc_cost[arc_of(instance, unit, goal)])
        length += 1
    if total <= limit:
        return length
    for place in range(length - 1, -1, -1):
        unit, back = state.chain[2 * place], state.chain[2 * place + 1]
        _shift(instance, state, unit, back, instance.arc_cost[arc_of(instance, unit, back)])
    return 0


@compiled
def _update_prices(instance: Instance, state: State, checks: int, share: float, ceiling: float) -> None:
    """Raise prices where overload was too frequent, lower them where it was rare."""
    for school in range(len(instance.capacity)):
        for column in range(instance.capacity.shape[1]):
            part = state.overload_count[school, column] / checks
            if part > share:
                state.price[school, column] = min(state.price[school, column] * 1.1, ceiling)
            elif part < 0.5 * share:
                state.price[school, column] /= 1.029
            state.overload_count[school, column] = 0


@compiled
def _add_to_pool(instance: Instance, state: State, pool: ColumnPool, school: int) -> None:
    """Add a district to the pool if it is within capacity, new, and the pool is not full."""
    for column in range(instance.capacity.shape[1]):
        if state.load[school, column] > instance.capacity[school, column] + 1e-9:
            return
    key, size = state.district_hash[school], len(pool.slots)
    slot = np.int64((key ^ (key >> np.uint64(31))) & np.uint64(size - 1))
    while pool.slots[slot] >= 0:
        known = pool.slots[slot]
        if pool.district_hash[known] == key and pool.school[known] == school:
            return
        slot = (slot + 1) & (size - 1)
    number, begin = pool.length[0], pool.first[pool.length[0]]
    if number + 1 >= len(pool.school):
        return
    cost, unit, end = 0.0, state.first_member[school], begin
    while unit >= 0:
        if end >= len(pool.units):
            return
        pool.units[end] = unit
        cost += state.unit_cost[unit]
        end += 1
        unit = state.next_member[unit]
    pool.slots[slot] = number
    pool.district_hash[number], pool.school[number], pool.cost[number] = key, school, cost
    pool.first[number + 1] = end
    pool.length[0] = number + 1


@compiled
def _propose(instance: Instance, state: State, schedule: AnnealingSchedule, temperature: float) -> int:
    """Propose one shift or chain; return the number of units moved, which ``state.chain`` lists."""
    edge = int(len(instance.edge_to) * _draw(state.random))
    unit = instance.edge_from[edge]
    source, target = state.district[unit], state.district[instance.edge_to[edge]]
    if source == target or state.fixed[unit]:
        return 0
    arc = arc_of(instance, unit, target)
    if arc < 0:
        return 0
    limit = -temperature * math.log(1.0 - _draw(state.random))
    if _draw(state.random) < schedule.chain_probability:
        return _chain(instance, state, unit, arc, limit) if _stays_connected(instance, state, unit) else 0
    change = (
        instance.arc_cost[arc]
        - state.unit_cost[unit]
        + _penalty_change(instance, state, unit, source, target)
    )
    if change > limit or not _stays_connected(instance, state, unit):
        return 0
    _shift(instance, state, unit, target, instance.arc_cost[arc])
    state.chain[0], state.chain[1] = unit, source
    return 1


@compiled
def _count_overloads(instance: Instance, state: State) -> None:
    """Count the schools and columns that are overloaded now."""
    for school in range(len(instance.capacity)):
        for column in range(instance.capacity.shape[1]):
            if state.load[school, column] > instance.capacity[school, column] + 1e-9:
                state.overload_count[school, column] += 1


@compiled
def anneal(
    instance: Instance,
    state: State,
    pool: ColumnPool,
    span: tuple[int, int, int],
    schedule: AnnealingSchedule,
) -> None:
    """Make the proposals ``span[0]`` to ``span[1]`` of an annealing run of ``span[2]`` proposals.

    A proposal moves a unit on a random border edge to the neighbouring district, alone or as the start of an
    ejection chain. It is accepted if cost plus penalty rises by at most ``-temperature * ln(u)``, with ``u``
    uniform in (0, 1] (Kirkpatrick, Gelatt and Vecchi 1983, https://doi.org/10.1126/science.220.4598.671).

    Parameters
    ----------
    instance
        The problem's arrays.
    state, pool
        Current and best solution, and the districts of good solutions; changed in place.
    span
        First proposal, one past the last proposal of this call, and the number of proposals of the run.
    schedule
        Temperatures and penalties of the run.
    """
    begin, end, total = span
    ratio = math.log(schedule.end_temperature / schedule.start_temperature) / max(total, 1)
    temperature, checks = schedule.start_temperature * math.exp(ratio * begin), 0
    for step in range(begin, end):
        if step % schedule.check_interval == 0:
            temperature = schedule.start_temperature * math.exp(ratio * step)
            _count_overloads(instance, state)
            checks += 1
            if checks == _CHECKS_PER_UPDATE:
                _update_prices(instance, state, checks, schedule.overload_share, schedule.price_ceiling)
                checks = 0
        length = _propose(instance, state, schedule, temperature)
        if length == 0:
            continue
        _keep_if_best(state)
        cost_limit = schedule.pooled_cost_factor * state.totals[2]
        if step > schedule.pooled_from * total and state.totals[0] <= cost_limit:
            for place in range(length):
                _add_to_pool(instance, state, pool, state.chain[2 * place + 1])
                _add_to_pool(instance, state, pool, state.district[state.chain[2 * place]])
