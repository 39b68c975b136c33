"""The waterfall of remedies: whole pupils, whose parts add up to the shortage shown."""

from __future__ import annotations

from itertools import pairwise

import pandas as pd
import pytest

from layoutplan.dictionary import result_table
from layoutplan.outputs.programme import STEPS, waterfall

YEAR = 2031
REMEDIES = [name for name in result_table("remedy_totals").column_names if name.startswith("after_")]


def totals(shortfall, met):
    """Return result table remedy_totals of one stage and year; ``met`` by kind of remedy."""
    row, left = {"stage": "junior", "year": YEAR, "shortfall": shortfall}, shortfall
    for name in REMEDIES:
        left -= met.get(name.removeprefix("after_"), 0.0)
        row[name] = left
    return {"remedy_totals": pd.DataFrame([{**row, "left": left}])}


@pytest.mark.parametrize(
    ("shortfall", "met", "shown"),
    [
        (6.4, {"redraw": 1.4, "bus": 1.4, "temporary": 1.0, "build": 1.4}, [6, 5, 3, 3, 1, 1]),
        (3.5, {"redraw": 0.5, "enlarge": 0.5, "build_indicative": 2.5}, [4, 3, 3, 3, 0, 0]),
    ],
)
def test_what_is_shown_adds_up(shortfall, met, shown):
    row = waterfall(totals(shortfall, met), "junior").loc[YEAR]
    assert [*row.index] == ["shortfall", *STEPS, "left"]
    assert [*row] == shown
    steps = [before - after for before, after in pairwise([*row][:-1])]
    assert min(steps) >= 0
    assert row["shortfall"] - sum(steps) == row["left"]


def test_no_siting_no_waterfall():
    assert waterfall({}, "junior").empty
