"""Redrawn catchments against brute force, and the laws of a redraw."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely

from layoutplan.balance import evaluate
from layoutplan.dictionary import result_table
from layoutplan.zoning import Redraw, redraw
from tests.zoning.grids import best_by_hand, grid_city, grid_study, homes_of, redrawn

HALVES = ["CA", "CA", "CB", "CB"] * 2
TWO: dict[str, tuple[int, float]] = {"A": (0, 100.0), "B": (3, 100.0)}


def outcome(found: Redraw) -> pd.Series[Any]:
    return found.outcome.iloc[0]


def random_town(seed: int) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    width, count = 3, 9
    pupils = random.integers(0, 40, count).astype(float)
    own = random.choice(count, 2, replace=False).tolist()
    tight = random.uniform(0.85, 1.2)
    share = random.uniform(0.35, 0.65)
    seats = [round(pupils.sum() * tight * part) for part in (share, 1 - share)]
    schools = {"A": (own[0], float(seats[0])), "B": (own[1], float(seats[1]))}
    homes = ["CA" if random.random() < 0.5 else "CB" for _ in range(count)]
    homes[own[0]], homes[own[1]] = "CA", "CB"
    return {"width": width, "pupils": pupils.tolist(), "schools": schools, "homes": homes}


def test_tiny_cities_against_every_division() -> None:
    """Overload first, then walking and moves; the bound is never above the best there is."""
    wrong = {}
    for seed in range(12):
        town = random_town(seed)
        price_m = [0.0, 300.0, 2000.0][seed % 3]
        row = outcome(redrawn(grid_city(**town), price_moved_m=price_m))
        over, cost = best_by_hand(**town, price_m=price_m)
        if not (
            row["overload"] == pytest.approx(over, abs=1e-6)
            and row["objective"] == pytest.approx(cost, rel=1e-6)
            and row["bound"] <= cost * (1 + 1e-6)
            and row["overload_bound"] <= over + 1e-6
        ):
            wrong[seed] = (row["overload"], over, row["objective"], cost, row["bound"])
    assert not wrong


@pytest.fixture(scope="module")
def relieved() -> Any:
    """A town whose catchment A has 30 pupils too many and B room for them, with its redraw."""
    city = grid_city(4, [40.0, 30.0, 20.0, 20.0, 30.0, 30.0, 10.0, 10.0], TWO, HALVES)
    study = grid_study(city)
    return study, redraw(study)


def test_a_catchment_gives_what_it_has_too_many(relieved: Any) -> None:
    _, found = relieved
    row = outcome(found)
    assert (row["overload_before"], row["overload"], row["outcome"]) == (30, 0, "OPTIMAL")
    assert homes_of(found) == ["CA", "CA", "CB", "CB", "CA", "CB", "CB", "CB"]
    assert found.moves["unit_id"].tolist() == ["U05"]
    assert found.moves.iloc[0][["from_name", "to_name", "pupils"]].tolist() == ["A片区", "B片区", 30.0]
    reason = found.changes.set_index("catchment_id").loc["CA"]
    assert "超员30人" in reason["reason_translated"]
    assert "划出U05（30人）至B片区" in reason["reason_translated"]
    assert "30 too many" in reason["reason"]
    assert "学位之内" in row["message_translated"]


def test_who_has_no_school_by_catchment_is_told_apart_from_who_is_above_the_seats() -> None:
    """30 too many in A, and 10 in no catchment: with A's unit given to B and U07 in one, all have a seat."""
    homes = [*HALVES[:7], None]
    row = outcome(redrawn(grid_city(4, [40.0, 30.0, 20.0, 20.0, 30.0, 30.0, 10.0, 10.0], TWO, homes)))
    assert row[["overload_before", "without_school_before", "overload"]].tolist() == [30.0, 10.0, 0.0]
    assert "30 pupils are above the seats in 2030, and 10 live where no school's" in row["message"]
    assert "超员30人，另有10人未划入片区" in row["message_translated"]


def test_the_layout_is_evaluated_like_any_other(relieved: Any) -> None:
    study, found = relieved
    today, after = evaluate(study), evaluate(study, found.layout)
    pick = {"stage": "primary", "year": 2030}

    def of(frame: pd.DataFrame, column: str) -> float:
        rows = frame[(frame["stage"] == pick["stage"]) & (frame["year"] == pick["year"])]
        return float(rows[column].iloc[0])

    assert (of(today.city, "shortfall"), of(after.city, "shortfall")) == (30, 0)
    assert of(after.zoned_city, "overload") == 0
    assert of(after.zoned_city, "moved") == outcome(found)["moved"] == 30
    assert of(after.zoned_city, "mean_walk_m") == pytest.approx(outcome(found)["mean_walk_m"])
    assert of(after.zoned_city, "split_catchments") == 0
    assert of(after.city, "demand") == of(today.city, "demand")
    assert set(after.catchments["layout"]) == {"redrawn"}


def test_outlines_tile_and_follow_the_units(relieved: Any) -> None:
    study, found = relieved
    shapes = found.layout.zoning.of_stage("primary").geometry
    assert shapes.area.sum() == pytest.approx(8 * 250_000, abs=1)
    assert shapely.union_all(shapes.to_numpy()).area == pytest.approx(8 * 250_000, abs=1)
    held = found.layout.zoning.held("primary")
    inside = [shapes[held[unit]].contains(place) for unit, place in study.city.units.geometry.items()]
    assert all(inside)
    assert all(shape.geom_type == "Polygon" for shape in shapes)


def test_tables_are_as_the_dictionary_says(relieved: Any) -> None:
    _, found = relieved
    for name, frame in (
        ("zoning_outcome", found.outcome),
        ("zoning_changes", found.changes),
        ("zoning_moves", found.moves),
    ):
        table = result_table(name)
        assert list(frame.columns) == list(table.column_names)
        assert not frame.duplicated([*table.key]).any()
    assert found.moves["pupils"].sum() == outcome(found)["moved"]
    assert found.changes["given"].sum() == found.changes["taken"].sum() == 30


def test_more_seats_and_dearer_moves() -> None:
    """More seats never cost more where that is proven; a dearer move never moves more pupils."""
    pupils = [40.0, 30.0, 20.0, 20.0, 30.0, 30.0, 10.0, 10.0]
    costs = []
    for seats in (95.0, 100.0, 120.0, 140.0):
        row = outcome(redrawn(grid_city(4, pupils, {"A": (0, seats), "B": (3, 100.0)}, HALVES)))
        assert row["outcome"] == "OPTIMAL"
        costs.append((row["overload"], row["objective"]))
    assert costs == sorted(costs, reverse=True)
    free = [
        outcome(redrawn(grid_city(4, pupils, TWO, HALVES), price_moved_m=one))["moved"] for one in (0, 5000)
    ]
    assert free[0] >= free[1]


def test_names_and_order_change_nothing() -> None:
    town = random_town(5)
    found = redrawn(grid_city(**town))
    swap = {"A": "B", "B": "A"}
    renamed = redrawn(
        grid_city(
            town["width"],
            town["pupils"],
            {swap[key]: value for key, value in town["schools"].items()},
            [f"C{swap[one[1:]]}" for one in town["homes"]],
        )
    )
    assert [f"C{swap[one[1:]]}" for one in homes_of(renamed)] == homes_of(found)
    assert outcome(renamed)["objective"] == pytest.approx(outcome(found)["objective"])
    again = redrawn(grid_city(**town))
    pd.testing.assert_frame_equal(again.outcome, found.outcome)


def test_nothing_is_moved_where_nothing_is_wrong() -> None:
    city = grid_city(4, [10.0] * 8, TWO, HALVES)
    found = redrawn(city, price_moved_m=500)
    assert found.moves.empty
    assert set(found.changes["reason"]) == {"Unchanged."}
    same = found.layout.zoning.catchments.geometry.geom_equals(city.catchments.geometry)
    assert same.all()
