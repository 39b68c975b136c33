"""Place the pupils of one market in given capacities, and price origins and seats by the flow's duals."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np

from layoutplan.arrays import BoolArray, FloatArray, IntArray
from layoutplan.solve.expansion.areas import area_of_regions
from layoutplan.solve.expansion.problem import Market
from layoutplan.solve.transport import Transport, solve_transport

PUPIL_PARTS: Final = 64
"""Units of flow for each pupil: markets have whole multiples (:func:`rounded_market`)."""
_COST_PARTS: Final = 2**20  # units of cost for the loss of a pupil


def rounded_market(market: Market) -> Market:
    """Return a market whose pupils are whole multiples of 1/64, with the same total, and seats rounded down.

    Parameters
    ----------
    market
        The market.
    """
    parts = market.pupils * PUPIL_PARTS
    whole = np.floor(parts)
    missing = round(float((parts - whole).sum()))
    whole[np.argsort(whole - parts, kind="stable")[:missing]] += 1
    return replace(
        market, pupils=whole / PUPIL_PARTS, seats=np.floor(market.seats * PUPIL_PARTS + 1e-6) / PUPIL_PARTS
    )


@dataclass(frozen=True)
class SeatSupply:
    """Seats of one market: one entry for the seats of a place, or for the part of them in one state.

    Attributes
    ----------
    place
        Destination of each entry.
    seats
        Seats of each entry.
    share
        Most of the pupils of any origin that an entry takes, as a share: that of the state where a state is
        chosen in part, else 1. It strengthens the duals at fractional choices.
    """

    place: IntArray
    seats: FloatArray
    share: FloatArray


@dataclass(frozen=True)
class _Network:
    """A flow network: arcs by origin with node and exact cost, and the origins kept."""

    transport: Transport
    node: IntArray
    cost: FloatArray
    origins: IntArray


@dataclass(frozen=True)
class PlacedMarket:
    """Pupils placed at least cost, with the duals of the flow.

    Attributes
    ----------
    cost
        Cost of the pupils placed.
    unserved
        Pupils without a seat, by origin.
    worth
        Dual of every origin: the cost of one more pupil there, at most the loss, shape (origins,).
    prices
        What one more seat would save at every destination, shape (destinations,); infinite without seats.
    """

    cost: float
    unserved: FloatArray
    worth: FloatArray
    prices: FloatArray


@dataclass(frozen=True)
class PricedMarket:
    """A market with the cost of each arc in one objective, and the loss of a pupil without a seat."""

    market: Market
    cost: FloatArray
    loss: float

    @cached_property
    def _arcs(self) -> tuple[IntArray, IntArray]:
        """Arcs of origins with pupils, by destination, and the first of each destination."""
        market = self.market
        arcs = np.argsort(market.destination, kind="stable")
        arcs = arcs[market.pupils[market.origin[arcs]] > 0]
        starts = np.searchsorted(market.destination[arcs], np.arange(len(market.seats) + 1))
        return arcs.astype(np.int64), starts.astype(np.int64)

    @cached_property
    def areas(self) -> tuple[PricedArea, ...]:
        """The areas of the market (:mod:`layoutplan.solve.expansion.areas`); none where it is small."""
        market = self.market
        of_region = area_of_regions(market)
        if not of_region.any():
            return ()
        area = of_region[market.region]
        of_arc = area[market.origin]
        found = []
        for one in range(int(area.max()) + 1):
            arcs = of_arc == one
            part = replace(
                market,
                origin=market.origin[arcs],
                destination=market.destination[arcs],
                cost=market.cost[arcs],
                walk=market.walk[arcs],
            )
            found.append(PricedArea(area == one, PricedMarket(part, self.cost[arcs], self.loss)))
        return tuple(found)

    def placed(self, supply: SeatSupply) -> PlacedMarket:
        """Return the pupils placed in given seats at least cost.

        Parameters
        ----------
        supply
            The seats.

        Returns
        -------
        PlacedMarket
            Duals are feasible whatever the rounding of costs.
        """
        network = self._network(supply)
        flow = solve_transport(network.transport)
        market, lost = self.market, network.node == len(supply.place)
        unserved = np.zeros(len(market.pupils))
        unserved[network.origins] = flow[lost] / PUPIL_PARTS
        worth, prices = _duals(network.transport, flow)
        unit = self.loss / _COST_PARTS
        of_origin = np.full(len(market.pupils), self.loss)
        of_origin[network.origins] = worth * unit
        of_place = np.full(len(market.seats), np.inf)
        np.minimum.at(of_place, supply.place, prices[:-1] * unit)
        return PlacedMarket(
            cost=float((flow * network.cost).sum()) / PUPIL_PARTS,
            unserved=unserved,
            worth=of_origin,
            prices=of_place,
        )

    def _network(self, supply: SeatSupply) -> _Network:
        market = self.market
        arcs, starts = self._arcs
        count = starts[supply.place + 1] - starts[supply.place]
        node = np.repeat(np.arange(len(supply.place)), count)
        ahead = np.arange(len(node)) - np.repeat(np.cumsum(count) - count, count)
        arc = arcs[starts[supply.place][node] + ahead]
        origins = np.flatnonzero(market.pupils > 0)
        number = np.full(len(market.pupils), -1, dtype=np.int64)
        number[origins] = np.arange(len(origins))
        parts = np.rint(market.pupils[origins] * PUPIL_PARTS).astype(np.int64)
        tail = np.concatenate([number[market.origin[arc]], np.arange(len(origins))])
        head = np.concatenate([node, np.full(len(origins), len(supply.place))])
        cost = np.concatenate([self.cost[arc], np.zeros(len(origins))])
        whole = np.rint(cost / (self.loss / _COST_PARTS)).astype(np.int64)
        whole[len(arc) :] = _COST_PARTS
        most = np.concatenate([np.ceil(parts[tail[: len(arc)]] * supply.share[node]), parts])
        order = np.argsort(tail, kind="stable")
        room = np.floor(np.maximum(supply.seats, 0.0) * PUPIL_PARTS + 1e-6).astype(np.int64)
        transport = Transport(
            tail[order],
            head[order],
            whole[order],
            parts,
            np.append(room, parts.sum()),
            loss=0,
            most=most[order].astype(np.int64),
        )
        return _Network(transport, head[order], cost[order], origins)

    def values(self, worth: FloatArray) -> SeatValues:
        """Return what seats are worth at the destinations when origins have a given worth.

        Parameters
        ----------
        worth
            Worth of a pupil placed, by origin.

        Returns
        -------
        SeatValues
            For any capacities.
        """
        market = self.market
        gain = worth[market.origin] - self.cost
        arcs = np.flatnonzero((gain > 0) & (market.pupils[market.origin] > 0))
        arcs = arcs[np.lexsort((-gain[arcs], market.destination[arcs]))]
        return SeatValues(
            market.destination[arcs], market.pupils[market.origin[arcs]], gain[arcs], len(market.seats)
        )


@dataclass(frozen=True)
class PricedArea:
    """The ways from one area of a market.

    Attributes
    ----------
    own
        Whether each origin is of the area, shape (origins,).
    priced
        The market with the arcs of these origins alone.
    """

    own: BoolArray
    priced: PricedMarket


def _duals(problem: Transport, flow: IntArray) -> tuple[IntArray, IntArray]:
    """Return the cost of one more pupil at each origin, and the saving of one more seat at each node.

    They are shortest paths to a free seat in the residual network (Ahuja, Magnanti and Orlin 1993, ch. 9).
    """
    most = np.minimum(problem.pupils[problem.tail], problem.seats[problem.head])
    if problem.most is not None:
        most = np.minimum(most, problem.most)
    forward, back = np.flatnonzero(flow < most), np.flatnonzero(flow > 0)
    back = back[np.argsort(problem.head[back], kind="stable")]
    far = np.int64(2**40)
    worth = np.full(len(problem.pupils), far)
    prices = np.where(problem.filled(flow) < problem.seats, np.int64(0), far)
    tails, first_tail = _first(problem.tail[forward])
    heads, first_head = _first(problem.head[back])
    for _ in range(2 * len(problem.seats) + 2):
        better = worth.copy()
        if len(tails):
            costs = problem.cost[forward] + prices[problem.head[forward]]
            better[tails] = np.minimum(better[tails], np.minimum.reduceat(costs, first_tail))
        closer = prices.copy()
        if len(heads):
            costs = better[problem.tail[back]] - problem.cost[back]
            closer[heads] = np.minimum(closer[heads], np.minimum.reduceat(costs, first_head))
        if (better == worth).all() and (closer == prices).all():
            break
        worth, prices = better, closer
    return np.clip(worth, 0, _COST_PARTS), np.clip(prices, 0, _COST_PARTS)


def _first(sorted_: IntArray) -> tuple[IntArray, IntArray]:
    """Return the distinct values of an ascending array, and the first position of each."""
    first = np.flatnonzero(np.diff(sorted_, prepend=-1)).astype(np.int64)
    return sorted_[first], first


@dataclass(frozen=True)
class SeatValues:
    """Value of seats at each destination: the gains of the pupils who gain most there, up to the seats.

    Attributes
    ----------
    destination, pupils, gain
        Of each arc with a gain, by destination, largest gain first.
    destinations
        Number of destinations.
    """

    destination: IntArray
    pupils: FloatArray
    gain: FloatArray
    destinations: int

    @cached_property
    def _sums(self) -> tuple[FloatArray, FloatArray, float]:
        """Running sums of pupils within each destination, of their gains over all, and a step between."""
        step = float(self.pupils.sum()) + 1.0
        ends = np.cumsum(self.pupils)
        start = np.concatenate([[0.0], ends])[np.searchsorted(self.destination, self.destination)]
        return self.destination * step + (ends - start), np.cumsum(self.pupils * self.gain), step

    def at(self, destination: IntArray, seats: FloatArray) -> FloatArray:
        """Return the value of seats.

        Parameters
        ----------
        destination, seats
            Destinations and the seats of each, shape (queries,).

        Returns
        -------
        FloatArray
            Shape (queries,).
        """
        if not len(self.destination):
            return np.zeros(len(destination))
        keys, worth, step = self._sums
        begin = np.searchsorted(self.destination, destination)
        end = np.searchsorted(self.destination, destination, side="right")
        before = np.where(begin > 0, worth[begin - 1], 0.0)
        wanted = np.clip(seats, 0.0, step)
        at = np.minimum(np.searchsorted(keys, destination * step + wanted), end)
        inside = at < end
        last = np.minimum(at, len(keys) - 1)
        reached = np.where(at > begin, worth[np.maximum(at, 1) - 1], before)
        used = np.where(at > begin, keys[np.maximum(at, 1) - 1] - destination * step, 0.0)
        more = np.where(inside, np.maximum(wanted - used, 0.0) * self.gain[last], 0.0)
        return np.where(end > begin, reached - before + more, 0.0)
