"""The waterfall of remedies: whole pupils, whose parts add up to the shortage shown."""

from __future__ import annotations

from itertools import pairwise

import pandas as pd
import pytest

from layoutplan.dictionary import result_table
from layoutplan.outputs.programme import STEPS, shortage_outside, waterfall, waterfall_notes

YEAR = 2031
REMEDIES = [name for name in result_table("remedy_totals").column_names if name.startswith("after_")]


def totals(shortfall, met):
    """Return result table remedy_totals of one stage and year; ``met`` by kind of remedy."""
    row, left = {"stage": "junior", "year": YEAR, "shortfall": shortfall}, shortfall
    for name in REMEDIES:
        left -= met.get(name.removeprefix("after_"), 0.0)
        row[name] = left
    return {"remedy_totals": pd.DataFrame([{**row, "left": left, "left_beyond": 2.6}])}


@pytest.mark.parametrize(
    ("shortfall", "met", "shown"),
    [
        (6.4, {"redraw": 1.4, "bus": 1.4, "temporary": 1.0, "build": 1.4}, [6, 5, 3, 3, 1, 1]),
        (3.5, {"redraw": 0.5, "enlarge": 0.5, "build_indicative": 2.5}, [4, 3, 3, 3, 0, 0]),
    ],
)
def test_what_is_shown_adds_up(shortfall, met, shown):
    row = waterfall(totals(shortfall, met), "junior").loc[YEAR]
    assert [*row.index] == ["shortfall", *STEPS, "left", "left_beyond"]
    assert [*row] == [*shown, 3]
    steps = [before - after for before, after in pairwise([*row][:-2])]
    assert min(steps) >= 0
    assert row["shortfall"] - sum(steps) == row["left"]


def test_what_a_waterfall_does_not_show_is_said():
    """7.4 seats are lacking in all, 5.2 of them in catchments: two lie in none."""
    now = {"layout": "today", "stage": "junior", "year": YEAR}
    tables = {
        **totals(5.2, {"redraw": 5.2}),
        "city_balance": pd.DataFrame([{**now, "shortfall": 7.4}]),
        "catchment_balance": pd.DataFrame([{**now, "shortfall": 4.0}, {**now, "shortfall": 1.2}]),
    }
    assert waterfall_notes(tables, "junior", YEAR, "en") == [
        "Pupils who live in no catchment lack 2 seats more.",
        "The plan leaves 3 more pupils without a seat: too far from one, or in no catchment.",
    ]
    assert shortage_outside(tables, "senior", YEAR) == 0


def test_no_siting_no_waterfall():
    assert waterfall({}, "junior").empty
