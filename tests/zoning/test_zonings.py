"""Zonings of the planner's own are layouts beside the program's, judged alike."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest

from layoutplan.balance import evaluate
from layoutplan.city import load_city
from layoutplan.errors import InputError
from layoutplan.plan import load_plan
from layoutplan.zoning import redraw, zoning_options
from tests.outputs.town import write_town
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


def test_drawn_options_and_named_units() -> None:
    """A layer moves the units whose points it contains; units outside it stay; a named unit counts first."""
    city = with_zonings(("drawn", None, "U05", "CA"))
    shapes = city.areas.geometry
    drawn = gpd.GeoDataFrame(
        {
            "option_id": ["drawn"] * 2,
            "title": ["图层", None],
            "stage": "primary",
            "catchment_id": ["CB", "CA"],
        },
        geometry=[shapes[["U01", "U05", "U02"]].union_all(), shapes["U06"]],
        crs=city.crs,
    )
    city = replace(city, tables=MappingProxyType({**city.tables, "zoning_layers": drawn}))
    (found,) = zoning_options(grid_study(city))
    assert found.zoning.held("primary").tolist() == ["CA", "CB", "CB", "CB", "CA", "CA", "CA", "CB"]
    assert found.title["zh"] == "图层"
    outlines = found.zoning.catchments.geometry
    assert outlines.area.sum() == pytest.approx(8 * 250_000, abs=1)
    assert outlines["CA"].intersection(outlines["CB"]).area < 1
    twice = gpd.GeoDataFrame(pd.concat([drawn, drawn.iloc[:1].assign(catchment_id="CA")]), crs=city.crs)
    wrong = replace(city, tables=MappingProxyType({**city.tables, "zoning_layers": twice}))
    with pytest.raises(InputError) as caught:
        zoning_options(grid_study(wrong))
    assert [(fault.code, fault.rows) for fault in caught.value.faults] == [
        ("zonings_overlap", ("U01", "U02", "U05"))
    ]


def test_columns_of_the_units_table_are_options(tmp_path: Path) -> None:
    """Columns of a wide table of units become options by `long`."""
    plan = Path(str(write_town(tmp_path)))
    rows = "unit_id,案一,案二\nU00,C2,\nU01,,C2\nU02,C2,C2\n"
    (tmp_path / "options.csv").write_text(rows, encoding="utf-8")
    said = (
        '[tables.zonings]\nfile = "options.csv"\nconstants = { stage = "primary" }\n'
        'long = { into = "option_id", headers = { catchment_id = { "案一" = "one", "案二" = "two" } } }\n'
    )
    plan.write_text(plan.read_text(encoding="utf-8") + said, encoding="utf-8")
    table = load_city(load_plan(plan)).tables["zonings"]
    named = table.groupby("option_id")["unit_id"].agg(list).to_dict()
    assert named == {"one": ["U00", "U02"], "two": ["U01", "U02"]}
