"""What a planner may ask of a redraw, and input that can not be divided."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import pytest

from layoutplan.errors import InputError
from layoutplan.zoning import check_redraw, redraw
from tests.small_city import small_city
from tests.zoning.grids import SIDE, connected, grid_city, grid_study, homes_of, redrawn
from tests.zoning.test_redraw import HALVES, TWO, outcome

PUPILS = [40.0, 30.0, 20.0, 20.0, 30.0, 30.0, 10.0, 10.0]


def codes(found: Any) -> set[str]:
    return {note.code for note in found.notes}


def refused(city: Any, **zoning: Any) -> dict[str, str]:
    """Return the faults of a redraw, in Chinese; both languages must fill."""
    with pytest.raises(InputError) as caught:
        redrawn(city, **zoning)
    assert all(
        fault.what("en") and fault.remedy("en") and fault.remedy("zh") for fault in caught.value.faults
    )
    return {fault.code: fault.what("zh") for fault in caught.value.faults}


def test_locked_units_stay_and_contradict_the_seats() -> None:
    city = grid_city(4, PUPILS, TWO, HALVES)
    free = redrawn(city)
    assert homes_of(free)[5] == "CB"
    held = redrawn(city, locked_units=("U05",))
    assert homes_of(held)[5] == "CA"
    assert outcome(held)["overload"] == 0
    fast = redrawn(city, locked_units=("U00", "U01", "U04", "U05"))
    assert outcome(fast)["overload"] == 30
    assert "zoning_locked_over_capacity" in codes(fast)
    assert refused(city, locked_units=("U99",)).keys() == {"zoning_locked_unknown"}


def test_districts_are_a_hard_limit() -> None:
    halves = ["D1", "D1", "D2", "D2"] * 2
    city = grid_city(4, PUPILS, TWO, HALVES, districts=halves)
    found = redrawn(city, keep_districts=True)
    assert homes_of(found) == HALVES
    row = outcome(found)
    assert (row["overload"], row["overload_bound"]) == (30, pytest.approx(30, abs=1e-4))
    assert "合计缺学位30个" in row["message_translated"]
    assert "together lack 30 seats" in row["message"]
    assert outcome(redrawn(city))["overload"] == 0
    empty = grid_city(4, PUPILS, TWO, HALVES, districts=["D1", "D3", "D2", "D2"] * 2)
    assert "D3" in refused(empty, keep_districts=True)["zoning_district_without_seats"]


def test_the_walk_limit_binds_new_catchments_only() -> None:
    pupils = [60.0, 10, 10, 10, 60.0]
    city = grid_city(5, pupils, {"A": (0, 60.0), "B": (4, 200.0)}, ["CA"] * 3 + ["CB"] * 2)
    assert homes_of(redrawn(city)) == ["CA", "CB", "CB", "CB", "CB"]
    near = redrawn(city, walk_limit_m={"primary": 2 * SIDE * 1.3 + 1})
    assert homes_of(near) == ["CA", "CA", "CB", "CB", "CB"]  # U01 has today's school and no other so near
    assert outcome(near)["overload"] == 10


def test_a_limit_on_pupils_moved_raises_the_price() -> None:
    homes = ["CA", "CA", "CA", "CB", "CA", "CA", "CA", "CA"]
    city = grid_city(4, [10.0] * 8, {"A": (0, 80.0), "B": (3, 80.0)}, homes)
    free, bound = redrawn(city, price_moved_m=0), redrawn(city, price_moved_m=0, max_moved_share=0.3)
    assert (outcome(free)["moved"], outcome(bound)["moved"]) == (30, 20)
    assert outcome(bound)["price_moved_m"] > 0
    assert "调整比例上限" in outcome(bound)["message_translated"]
    tight = grid_city(4, PUPILS, TWO, HALVES)
    found = redrawn(tight, max_moved_share=0.01)
    assert outcome(found)["overload"] == 0
    assert "zoning_move_limit" in codes(found)


def test_only_entry_grades_move() -> None:
    """In 2027, two years after the start, 2 of 6 grades have moved: a third of the pupils."""
    city = grid_city(4, PUPILS, TWO, HALVES)
    study = grid_study(city, movers="entry", from_year=2026, years=(2027,))
    row = outcome(redraw(study))
    assert row["overload"] == pytest.approx(0, abs=1e-6)
    found = redraw(study)
    problem = found.divisions[0].problem
    assert problem.moving[:, 0] == pytest.approx(np.array(PUPILS) / 3)
    assert problem.stay.sum() == pytest.approx(sum(PUPILS) * 2 / 3)
    assert "起始年级" in row["message_translated"]
    assert "no child changes school" in row["message"]
    assert found.changes["pupils"].sum() == pytest.approx(sum(PUPILS))
    assert found.changes["overload"].sum() == pytest.approx(row["overload"], abs=1e-6)


def test_one_zoning_for_several_years() -> None:
    city = grid_city(4, PUPILS, TWO, HALVES)
    study = grid_study(city, years=(2026, 2030))
    grown = study.demand.pupils["primary"].copy()
    grown[2026] = [20.0, 20, 20, 40, 10, 10, 30, 30]
    study = replace(study, demand=replace(study.demand, pupils=MappingProxyType({"primary": grown})))
    found = redraw(study)
    best = min(
        sum(np.maximum(np.bincount(division, grown[year]) - 100, 0).sum() for year in (2026, 2030))
        for division in product((0, 1), repeat=8)
        if division[0] == 0 and division[3] == 1 and connected(division, [0, 3], 4)
    )
    assert found.divisions[0].answer.overload.sum() == pytest.approx(best)
    assert found.divisions[0].answer.overload.shape == (2, 2)
    assert "2026, 2030" in outcome(found)["message"]


def test_a_school_that_closes_gives_its_area() -> None:
    schools = {**TWO, "C": (7, 50.0)}
    homes = ["CA", "CA", "CB", "CB", "CA", "CA", "CC", "CC"]
    found = redrawn(grid_city(4, PUPILS, schools, homes, closed={"C": 2028}))
    assert "CC" not in set(homes_of(found))
    assert "CC" not in found.layout.zoning.catchments.index
    assert "zoning_closing" in codes(found)
    row = found.changes.set_index("catchment_id").loc["CC"]
    assert (row["parts"], row["given"]) == (0, 20)
    assert outcome(found)["overload"] == 0


def test_a_school_that_opens_gets_a_catchment_of_its_own() -> None:
    project = {
        "project_id": "P1",
        "name": "新学校",
        "kind": "new",
        "state": "approved",
        "school_type": "primary",
        "opening_year": 2027,
        "seats_primary": 60.0,
        "x": 1.5 * SIDE,
        "y": 1.5 * SIDE,
    }
    table = small_city(tables={"projects": [project]}).tables["projects"]
    city = grid_city(4, PUPILS, {"A": (0, 70.0), "B": (3, 100.0)}, HALVES)
    city = replace(city, tables=MappingProxyType({**city.tables, "projects": table}))
    study = grid_study(city)
    new_id = study.today.seats.schools.index[-1]
    found = redraw(study)
    key = f"{new_id}-primary"
    assert homes_of(found)[5] == key
    links = found.layout.zoning.catchment_schools
    assert links[links["school_id"] == new_id]["catchment_id"].tolist() == [key]
    assert outcome(found)["overload"] == 0
    assert found.layout.zoning.catchments.loc[key].geometry.area > 0
    assert "新设片区" in str(found.changes.set_index("catchment_id").loc[key, "reason_translated"])


def test_a_catchment_of_two_schools_stays_one_zone() -> None:
    links = [("CA", "A"), ("CA", "C"), ("CB", "B")]
    schools = {"A": (0, 30.0), "C": (1, 70.0), "B": (3, 100.0)}
    found = redrawn(grid_city(4, PUPILS, schools, HALVES, links=links))
    assert outcome(found)["overload"] == 0
    assert homes_of(found)[:2] == ["CA", "CA"]
    held = found.layout.zoning.catchment_schools
    assert sorted(held.loc[held["catchment_id"] == "CA", "school_id"]) == ["A", "C"]


def test_islands_are_joined_and_said() -> None:
    city = grid_city(4, PUPILS, TWO, HALVES)
    table = pd.DataFrame({"unit_a": ["U06", "U06"], "unit_b": ["U07", "U05"], "action": "separate"})
    table = pd.concat([table, pd.DataFrame({"unit_a": ["U06"], "unit_b": ["U02"], "action": ["separate"]})])
    city = replace(city, tables=MappingProxyType({**city.tables, "adjacency": table}))
    found = redrawn(city)
    assert {"adjacency_islands", "zoning_exclaves"} <= codes(found)
    assert outcome(found)["overload"] == 0


def test_a_unit_larger_than_any_school() -> None:
    pupils = [*PUPILS[:5], 130.0, *PUPILS[6:]]
    found = redrawn(grid_city(4, pupils, TWO, HALVES))
    assert "zoning_unit_too_large" in codes(found)
    assert outcome(found)["overload"] > 0


def test_seats_would_do_if_units_could_be_divided() -> None:
    found = redrawn(grid_city(4, [60.0, 0, 0, 60, 60, 0, 0, 0], {"A": (0, 90.0), "B": (3, 90.0)}, HALVES))
    assert "若单元可拆分则学位够用" in outcome(found)["message_translated"]
    assert outcome(found)["overload"] == 30


def test_schools_outside_and_schools_that_share_a_unit() -> None:
    lost = grid_city(4, PUPILS, TWO, HALVES, places={"A": (-5000.0, 0.0)})
    assert "zoning_school_outside" in refused(lost)
    near = grid_city(4, PUPILS, TWO, HALVES, places={"A": (-50.0, 100.0)})
    assert outcome(redrawn(near))["overload"] == 0
    twins = redrawn(grid_city(4, PUPILS, {"A": (3, 100.0), "B": (3, 100.0)}, HALVES))
    assert "zoning_schools_share_unit" in codes(twins)
    assert homes_of(twins)[3] == "CB"
    assert "CA" in homes_of(twins)


def test_stages_that_can_not_be_drawn() -> None:
    city = grid_city(4, PUPILS, TWO, HALVES)
    bare = replace(
        city, catchments=city.catchments.iloc[:0], unit_catchments=city.unit_catchments.assign(primary=None)
    )
    assert "zoning_no_catchments" in refused(bare)
    seatless = grid_city(4, PUPILS, {"A": (0, 0.0), "B": (3, 0.0)}, HALVES)
    assert "zoning_no_zones" in refused(seatless)


def test_parts_of_an_area_move_together() -> None:
    city = grid_city(4, PUPILS, TWO, HALVES)
    units = city.units.assign(area_id=["U00", "U01", "U02", "U03", "U04", "U01", "U06", "U07"])
    city = replace(city, units=units)
    whole = homes_of(redrawn(city))
    assert whole[1] == whole[5]
    loose = homes_of(redrawn(city, whole_areas=False))
    assert outcome(redrawn(city, whole_areas=False))["overload"] == 0
    assert loose[1] != loose[5]


def test_all_faults_of_a_redraw_are_said_at_once_without_walks() -> None:
    """The check needs no walks and says what the redraw says: each fault once."""
    city = grid_city(4, PUPILS, TWO, ["CA", "CA", "CB", None] * 2, districts=["D1", "D3", "D2", "D2"] * 2)
    study = grid_study(city, keep_districts=True, locked_units=("U99", "U03"))
    walks = study.walking.pairs(city.units.geometry.iloc[:0], city.schools.geometry.iloc[:0], limit_m=1.0)
    said = []
    for ask, one in (
        (redraw, study),
        (check_redraw, replace(study, today=replace(study.today, walks=walks))),
    ):
        with pytest.raises(InputError) as caught:
            ask(one)
        said.append([(fault.code, fault.rows) for fault in caught.value.faults])
    assert said[0] == said[1]
    assert said[0] == [
        ("zoning_locked_unknown", ("U99",)),
        ("zoning_locked_without_catchment", ("U03",)),
        ("zoning_district_without_seats", ()),
    ]
