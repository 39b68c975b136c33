"""Zonings of the planner's own are layouts beside the program's, judged alike."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pandas as pd
import pytest

from layoutplan.balance import evaluate
from layoutplan.errors import InputError
from layoutplan.zoning import redraw, zoning_options
from tests.zoning.grids import grid_city, grid_study
from tests.zoning.test_redraw import HALVES, TWO

PUPILS = [40.0, 30.0, 20.0, 20.0, 30.0, 30.0, 10.0, 10.0]


def with_zonings(*rows: tuple[str, str | None, str, str]) -> Any:
    table = pd.DataFrame(rows, columns=["option_id", "title", "unit_id", "catchment_id"])
    table.insert(2, "stage", "primary")
    city = grid_city(4, PUPILS, TWO, HALVES)
    return replace(city, tables=MappingProxyType({**city.tables, "zonings": table}))


def test_options_are_judged_side_by_side() -> None:
    """One option relieves A by a far unit, the other by splitting a catchment; the program does it nearer."""
    study = grid_study(
        with_zonings(
            ("east", "东案", "U01", "CB"), ("split", None, "U04", "CB"), ("split", None, "U06", "CA")
        )
    )
    layouts = [study.today, *zoning_options(study), redraw(study).layout]
    rows = pd.concat([evaluate(study, one).zoned_city for one in layouts])
    rows = rows[rows["year"] == 2030].set_index("layout")
    assert rows["overload"].to_dict() == {"today": 30, "east": 0, "split": 10, "redrawn": 0}
    assert rows["moved"].to_dict() == {"today": 0, "east": 30, "split": 40, "redrawn": 30}
    assert rows["split_catchments"].to_dict()["split"] >= 1
    walks = rows["mean_walk_m"].to_dict()
    assert walks["redrawn"] <= walks["east"]
    assert layouts[1].title["zh"] == "东案"
    assert layouts[2].title["en"] == "split"
    drawn = layouts[1].zoning.catchments.geometry
    assert drawn["CB"].contains(study.city.units.geometry["U01"])


def test_names_and_stages_are_checked() -> None:
    city = with_zonings(("today", None, "U01", "CB"), ("a b", None, "U01", "CB"))
    with pytest.raises(InputError) as caught:
        zoning_options(grid_study(city))
    assert [(fault.code, fault.rows) for fault in caught.value.faults] == [("zonings_id", ("today", "a b"))]
    table = city.tables["zonings"].assign(option_id="x", stage="junior")
    wrong = replace(city, tables=MappingProxyType({**city.tables, "zonings": table}))
    with pytest.raises(InputError) as caught:
        zoning_options(grid_study(wrong))
    assert [fault.code for fault in caught.value.faults] == ["zonings_stage"]
