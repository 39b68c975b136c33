"""Shared schools are divided so that as few pupils as possible lack a seat, as evenly as the links allow."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutplan.balance.division import divide_seats
from layoutplan.solve.max_flow import max_flow
from tests.examples import examples

LINKS = [(0, 0), (0, 1), (1, 1), (1, 2), (2, 2), (2, 0), (3, 3), (3, 1)]
CHAIN = [(0, 0), (0, 1), (1, 1), (1, 2), (2, 2)]


def divided(links: list[tuple[int, int]], seats: list[float], demand: list[float]) -> list[float]:
    frame = pd.DataFrame(links, columns=["catchment", "school"])
    return divide_seats(frame, np.array(seats)[:, None], np.array(demand)[:, None]).ravel().tolist()


def test_divisions_known_by_hand() -> None:
    cases = {
        "today 80 short and 80 over, right is 0": (LINKS[:3], [240, 480], [480, 240], [480, 240]),
        "the neighbour's own school suffices": (LINKS[:3], [200, 100], [100, 100], [200, 100]),
        "one school, two catchments": ([(0, 0), (1, 0)], [100], [60, 90], [40, 60]),
        "nobody anywhere": (LINKS[:3], [100, 60], [0, 0], [130, 30]),
        "nobody in one of them": (LINKS[:3], [100, 60], [80, 0], [160, 0]),
        "no seats": (LINKS[:3], [0, 0], [80, 10], [0, 0]),
        "a chain: the tight end first": (CHAIN, [90, 90, 30], [30, 60, 60], [90, 90, 30]),
    }
    wrong = {
        name: found
        for name, (links, seats, demand, want) in cases.items()
        if (found := divided(links, [*map(float, seats)], [*map(float, demand)])) != want
    }
    assert not wrong


@settings(max_examples=examples(150))
@given(
    st.lists(st.sampled_from(LINKS), min_size=1, max_size=8, unique=True),
    st.lists(st.integers(0, 60), min_size=4, max_size=4),
    st.lists(st.integers(0, 60), min_size=4, max_size=4),
)
def test_no_division_leaves_fewer_without_a_seat(
    links: list[tuple[int, int]], seats: list[int], demand: list[int]
) -> None:
    frame = pd.DataFrame(links, columns=["catchment", "school"])
    offered, wanted = np.array(seats, dtype=float), np.array(demand, dtype=float)
    found = np.array(divided(links, [*offered], [*wanted]))
    served = max_flow(
        origin=frame["catchment"].to_numpy(),
        destination=frame["school"].to_numpy(),
        pupils=wanted,
        seats=offered,
    ).sum()
    assert found.sum() == pytest.approx(offered[frame["school"].unique()].sum())
    assert np.maximum(wanted - found, 0).sum() == pytest.approx(wanted.sum() - served, abs=1e-5)


def test_more_seats_never_raise_what_a_catchment_lacks() -> None:
    links = [(0, 0), (0, 1), (1, 1)]
    before, after = divided(links, [10.0, 90.0], [60.0, 60.0]), divided(links, [30.0, 90.0], [60.0, 60.0])
    assert before == pytest.approx([50, 50])
    assert after == pytest.approx([60, 60])
