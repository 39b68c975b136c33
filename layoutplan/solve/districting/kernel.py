"""Compiled search moves: shifts and ejection chains over connected districts, accepted as in annealing.

Everything here works on plain arrays and keeps its state in them, so a run can be cut into pieces; no call
allocates, and every call releases the interpreter's lock. All functions that call each other stand in this
one file: Numba's cache looks at the time of the file a function stands in, not of those it calls.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from layoutplan.solve.districting.arrays import Net, Pool, Run, State, compiled

_PUSHED: Final = 0.6
"""Share of the shifts in a chain that push a unit out of the fuller district; others pull one in."""
_LONGEST: Final = 5
_LOOKS: Final = 12
"""Looks at the overload between two changes of its prices."""


@compiled
def _draw(random: npt.NDArray[np.uint64]) -> float:
    """Return a number in [0, 1): xorshift64* (Vigna 2016)."""
    x = random[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    random[0] = x
    return float((x * np.uint64(2685821657736338717)) >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@compiled
def arc_of(net: Net, unit: int, school: int) -> int:
    """Return the arc from a unit to a school, or -1."""
    low, high = int(net.arc_first[unit]), int(net.arc_first[unit + 1])
    if high - low == len(net.capacity):
        return low + school
    end = high
    while low < high:
        middle = (low + high) >> 1
        if net.arc_school[middle] < school:
            low = middle + 1
        else:
            high = middle
    if low < end and net.arc_school[low] == school:
        return low
    return -1


@compiled
def _stays_connected(net: Net, state: State, unit: int) -> bool:
    """Tell whether the unit's district is connected without it."""
    own = state.district[unit]
    stamp = state.seen[-1] + 1
    state.seen[-1] = stamp
    wanted, start = 0, -1
    for place in range(net.edge_first[unit], net.edge_first[unit + 1]):
        other = net.edge_to[place]
        if state.district[other] == own:
            wanted += 1
            state.seen[other] = -stamp
            start = other
    if wanted <= 1:
        return wanted == 1
    state.seen[unit] = stamp
    state.seen[start] = stamp
    state.queue[0] = start
    size, done, wanted = 1, 0, wanted - 1
    while done < size:
        current = state.queue[done]
        done += 1
        for place in range(net.edge_first[current], net.edge_first[current + 1]):
            other = net.edge_to[place]
            if state.district[other] != own or state.seen[other] == stamp:
                continue
            if state.seen[other] == -stamp:
                wanted -= 1
                if wanted == 0:
                    return True
            state.seen[other] = stamp
            state.queue[size] = other
            size += 1
    return False


@compiled
def _penalty_change(net: Net, state: State, unit: int, source: int, target: int) -> float:
    """Return how a shift changes the priced overload."""
    change = 0.0
    for column in range(net.demand.shape[1]):
        pupils = net.demand[unit, column]
        over = state.load[source, column] - net.capacity[source, column]
        if over > 0:
            change -= state.price[source, column] * min(over, pupils)
        over = state.load[target, column] - net.capacity[target, column] + pupils
        if over > 0:
            change += state.price[target, column] * min(over, pupils)
    return change


@compiled
def _shift(net: Net, state: State, unit: int, target: int, cost: float) -> None:
    """Move a unit to another district and keep every sum."""
    source = state.district[unit]
    for column in range(net.demand.shape[1]):
        pupils = net.demand[unit, column]
        over = state.load[source, column] - net.capacity[source, column]
        if over > 0:
            state.sums[1] -= min(over, pupils)
        over = state.load[target, column] - net.capacity[target, column] + pupils
        if over > 0:
            state.sums[1] += min(over, pupils)
        state.load[source, column] -= pupils
        state.load[target, column] += pupils
    state.sums[0] += cost - state.paid[unit]
    state.paid[unit] = cost
    previous, following = state.before[unit], state.after[unit]
    if previous >= 0:
        state.after[previous] = following
    else:
        state.head[source] = following
    if following >= 0:
        state.before[following] = previous
    first = state.head[target]
    state.after[unit], state.before[unit] = first, -1
    if first >= 0:
        state.before[first] = unit
    state.head[target] = unit
    state.key[source] ^= net.code[unit]
    state.key[target] ^= net.code[unit]
    state.district[unit] = target
    if not state.is_stale[unit]:
        state.is_stale[unit] = True
        state.stale[state.stale[-1]] = unit
        state.stale[-1] += 1


@compiled
def _keep_if_best(state: State) -> bool:
    """Take the plan over as the best if it has less overload, or as much and a lower cost."""
    cost, over, best_cost, best_over = state.sums[0], state.sums[1], state.sums[2], state.sums[3]
    small = 1e-9 * (1.0 + best_over)
    if over > best_over + small or (over >= best_over - small and cost >= best_cost - 1e-9 * abs(best_cost)):
        return False
    state.sums[2], state.sums[3] = cost, over
    for place in range(state.stale[-1]):
        unit = state.stale[place]
        state.best[unit] = state.district[unit]
        state.is_stale[unit] = False
    state.stale[-1] = 0
    return True


@compiled
def _in_chain(state: State, unit: int, length: int) -> bool:
    """Tell whether a unit has moved in this chain."""
    for place in range(length):  # noqa: SIM110 - Numba has no any()
        if state.chain[2 * place] == unit:
            return True
    return False


@compiled
def _best_push(net: Net, state: State, district: int, length: int) -> tuple[int, int, float]:
    """Return the cheapest shift out of a district: unit, target, change; unit -1 if there is none."""
    best, best_unit, best_target = np.inf, -1, -1
    unit = state.head[district]
    while unit >= 0:
        if not state.fixed[unit] and not _in_chain(state, unit, length):
            last = -1
            for place in range(net.edge_first[unit], net.edge_first[unit + 1]):
                target = state.district[net.edge_to[place]]
                if target in (district, last):
                    continue
                last = target
                arc = arc_of(net, unit, target)
                if arc < 0:
                    continue
                change = net.arc_cost[arc] - state.paid[unit]
                if change + _penalty_floor(net, state, unit, district) >= best:
                    continue
                change += _penalty_change(net, state, unit, district, target)
                if change < best and _stays_connected(net, state, unit):
                    best, best_unit, best_target = change, unit, target
        unit = state.after[unit]
    return best_unit, best_target, best


@compiled
def _penalty_floor(net: Net, state: State, unit: int, source: int) -> float:
    """Return the change of priced overload where the unit leaves: no shift changes less than this."""
    change = 0.0
    for column in range(net.demand.shape[1]):
        over = state.load[source, column] - net.capacity[source, column]
        if over > 0:
            change -= state.price[source, column] * min(over, net.demand[unit, column])
    return change


@compiled
def _best_pull(net: Net, state: State, district: int, length: int) -> tuple[int, int, float]:
    """Return the cheapest shift into a district: unit, its district, change; unit -1 if there is none."""
    best, best_unit, best_source = np.inf, -1, -1
    member = state.head[district]
    while member >= 0:
        for place in range(net.edge_first[member], net.edge_first[member + 1]):
            unit = net.edge_to[place]
            source = state.district[unit]
            if source == district or state.fixed[unit] or _in_chain(state, unit, length):
                continue
            arc = arc_of(net, unit, district)
            if arc < 0:
                continue
            change = net.arc_cost[arc] - state.paid[unit]
            change += _penalty_change(net, state, unit, source, district)
            if change < best and _stays_connected(net, state, unit):
                best, best_unit, best_source = change, unit, source
        member = state.after[member]
    return best_unit, best_source, best


@compiled
def _chain(net: Net, state: State, unit: int, arc: int, limit: float) -> int:
    """Try a chain of shifts that begins with this one; return its length, 0 where it was undone."""
    source, target, cost = state.district[unit], net.arc_school[arc], net.arc_cost[arc]
    total = cost - state.paid[unit] + _penalty_change(net, state, unit, source, target)
    state.chain[0], state.chain[1] = unit, source
    _shift(net, state, unit, target, cost)
    length, depth = 1, 2 + int(_LONGEST * _draw(state.random))
    while total > limit and length < depth:
        if _draw(state.random) < _PUSHED:
            unit, other, change = _best_push(net, state, target, length)
            if unit < 0:
                break
            goal, from_, target = other, target, other
        else:
            unit, other, change = _best_pull(net, state, source, length)
            if unit < 0:
                break
            goal, from_, source = source, other, other
        total += change
        state.chain[2 * length], state.chain[2 * length + 1] = unit, from_
        _shift(net, state, unit, goal, net.arc_cost[arc_of(net, unit, goal)])
        length += 1
    if total <= limit:
        return length
    for place in range(length - 1, -1, -1):
        unit, back = state.chain[2 * place], state.chain[2 * place + 1]
        _shift(net, state, unit, back, net.arc_cost[arc_of(net, unit, back)])
    return 0


@compiled
def _adapt_prices(net: Net, state: State, looks: int, share: float, ceiling: float) -> None:
    """Raise the price of overload where it was too frequent, lower it where it was rare."""
    for school in range(len(net.capacity)):
        for column in range(net.capacity.shape[1]):
            part = state.late[school, column] / looks
            if part > share:
                state.price[school, column] = min(state.price[school, column] * 1.1, ceiling)
            elif part < 0.5 * share:
                state.price[school, column] /= 1.029
            state.late[school, column] = 0


@compiled
def _store(net: Net, state: State, pool: Pool, school: int) -> None:
    """Add a district to the pool if it is within capacity, new, and there is room."""
    for column in range(net.capacity.shape[1]):
        if state.load[school, column] > net.capacity[school, column] + 1e-9:
            return
    key, size = state.key[school], len(pool.table)
    slot = np.int64((key ^ (key >> np.uint64(31))) & np.uint64(size - 1))
    while pool.table[slot] >= 0:
        known = pool.table[slot]
        if pool.key[known] == key and pool.school[known] == school:
            return
        slot = (slot + 1) & (size - 1)
    number, room = pool.filled[0], pool.first[pool.filled[0]]
    if number + 1 >= len(pool.school):
        return
    cost, unit, end = 0.0, state.head[school], room
    while unit >= 0:
        if end >= len(pool.units):
            return
        pool.units[end] = unit
        cost += state.paid[unit]
        end += 1
        unit = state.after[unit]
    pool.table[slot] = number
    pool.key[number], pool.school[number], pool.cost[number] = key, school, cost
    pool.first[number + 1] = end
    pool.filled[0] = number + 1


@compiled
def _propose(net: Net, state: State, run: Run, temperature: float) -> int:
    """Propose one shift or chain; return the number of units moved, which stand in ``state.chain``."""
    edge = int(len(net.edge_to) * _draw(state.random))
    unit = net.edge_from[edge]
    source, target = state.district[unit], state.district[net.edge_to[edge]]
    if source == target or state.fixed[unit]:
        return 0
    arc = arc_of(net, unit, target)
    if arc < 0:
        return 0
    limit = -temperature * math.log(1.0 - _draw(state.random))
    if _draw(state.random) < run.chains:
        return _chain(net, state, unit, arc, limit) if _stays_connected(net, state, unit) else 0
    change = net.arc_cost[arc] - state.paid[unit] + _penalty_change(net, state, unit, source, target)
    if change > limit or not _stays_connected(net, state, unit):
        return 0
    _shift(net, state, unit, target, net.arc_cost[arc])
    state.chain[0], state.chain[1] = unit, source
    return 1


@compiled
def _count_late(net: Net, state: State) -> None:
    """Count where the plan is overloaded."""
    for school in range(len(net.capacity)):
        for column in range(net.capacity.shape[1]):
            if state.load[school, column] > net.capacity[school, column] + 1e-9:
                state.late[school, column] += 1


@compiled
def anneal(net: Net, state: State, pool: Pool, span: tuple[int, int, int], run: Run) -> None:
    """Make the proposals ``span[0]`` to ``span[1]`` of ``span[2]``."""
    begin, end, whole = span
    ratio = math.log(run.cold / run.hot) / max(whole, 1)
    temperature, seen = run.hot * math.exp(ratio * begin), 0
    for step in range(begin, end):
        if step % run.look == 0:
            temperature = run.hot * math.exp(ratio * step)
            _count_late(net, state)
            seen += 1
            if seen == _LOOKS:
                _adapt_prices(net, state, seen, run.share, run.ceiling)
                seen = 0
        length = _propose(net, state, run, temperature)
        if length == 0:
            continue
        _keep_if_best(state)
        if step > run.pooled_from * whole and state.sums[0] <= run.pooled_factor * state.sums[2]:
            for place in range(length):
                _store(net, state, pool, state.chain[2 * place + 1])
                _store(net, state, pool, state.district[state.chain[2 * place]])
