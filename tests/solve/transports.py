"""Small transport problems in whole numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from layoutplan.solve.transport import Transport, unserved_cost


def transport(
    *, arcs: list[tuple[int, int]], cost: list[int], pupils: list[int], seats: list[int]
) -> Transport:
    """Return a problem; origins without an arc are left out."""
    order = sorted(range(len(arcs)), key=lambda place: arcs[place])
    origins = sorted({tail for tail, _ in arcs})
    costs = np.array([cost[place] for place in order], dtype=np.int64)
    return Transport(
        tail=np.array([origins.index(arcs[place][0]) for place in order], dtype=np.int64),
        head=np.array([arcs[place][1] for place in order], dtype=np.int64),
        cost=costs,
        pupils=np.array([pupils[origin] for origin in origins], dtype=np.int64),
        seats=np.array(seats, dtype=np.int64),
        loss=unserved_cost(costs, len(seats)),
    )


@st.composite
def transports(draw: Any) -> Transport:
    """Draw a problem of up to 7 origins and 5 destinations; some seats are none."""
    origins, destinations = draw(st.integers(1, 7)), draw(st.integers(1, 5))
    cells = [(i, j) for i in range(origins) for j in range(destinations)]
    arcs = draw(st.lists(st.sampled_from(cells), unique=True, min_size=1, max_size=len(cells)))
    cost = draw(st.lists(st.integers(0, 3000), min_size=len(arcs), max_size=len(arcs)))
    pupils = draw(st.lists(st.integers(1, 30), min_size=origins, max_size=origins))
    seats = draw(st.lists(st.integers(0, 40), min_size=destinations, max_size=destinations))
    return transport(arcs=arcs, cost=cost, pupils=pupils, seats=seats)
