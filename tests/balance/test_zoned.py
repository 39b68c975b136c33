"""As zoned: everyone at a school of the own catchment; a worse zoning scores worse."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from layoutplan.balance import Balance, evaluate
from layoutplan.layouts import Layout, Zoning
from layoutplan.study import Study
from tests.balance.towns import PLAIN, cell, study, town
from tests.small_city import DETOUR, small_city
from tests.studies import layout_of

EVEN = town(children=[30.0] * 6)


def links_of(*pairs: tuple[str, str]) -> pd.DataFrame:
    return pd.DataFrame(
        [{"catchment_id": one, "stage": "primary", "school_id": two} for one, two in pairs],
        columns=["catchment_id", "stage", "school_id"],
    )


def zoned_as(of: Study, homes: list[str | None], *pairs: tuple[str, str]) -> Layout:
    """Return today's layout with other catchments of the units and other links."""
    held = of.city.unit_catchments.assign(primary=pd.array(homes, dtype=object))
    links = links_of(*pairs) if pairs else of.today.zoning.catchment_schools
    return layout_of(of, zoning=Zoning(of.city.catchments, held, links))


def first(balance: Balance, column: str) -> Any:
    return cell(balance.zoned_city, column, stage="primary", year=2025)


def test_figures_of_today_by_hand() -> None:
    balance = evaluate(study(PLAIN))
    assert first(balance, "demand") == 1260
    assert first(balance, "overload") == 90  # S1 has 810 seats for 900
    assert first(balance, "without_school") == 0
    assert first(balance, "moved") == 0
    walks = [1000 * 240 + 0 * 300 + 1000 * 360, 1000 * 60 + 0 * 120 + 1000 * 180]
    assert first(balance, "mean_walk_m") == pytest.approx(DETOUR * sum(walks) / 1260)
    assert first(balance, "share_within_radius") == pytest.approx((300 + 120) / 1260)
    assert [first(balance, name) for name in ("catchments", "split_catchments", "schools_outside")] == [
        2,
        0,
        0,
    ]
    school = balance.zoned_schools[balance.zoned_schools["year"] == 2025].set_index("school_id")
    assert school["pupils"].to_dict() == {"S1": 900, "S2": 360}
    assert school["overload"].to_dict() == {"S1": 90, "S2": 0}
    assert school["inside"].tolist() == [True, True]
    own = balance.zoned_catchments.set_index(["catchment_id", "year"])
    assert own.loc[("C1", 2025), "mean_walk_m"] == pytest.approx(DETOUR * walks[0] / 900)
    assert own.loc[("C1", 2025), "parts"] == 1
    assert set(balance.zoned_city["stage"]) == {"primary"}  # junior has no catchments


def test_a_catchment_that_loses_its_school_scores_worse() -> None:
    of = study(EVEN)
    homes = of.city.unit_catchments["primary"].tolist()
    swapped = ["C2", "C1", "C2", "C1", "C2", "C1"]  # U2, where S2 stands, for U5, where S1 stands
    today, worse = evaluate(of, zoned_as(of, homes)), evaluate(of, zoned_as(of, swapped))
    assert cell(today.city, "shortfall", stage="primary", year=2025) == cell(
        worse.city, "shortfall", stage="primary", year=2025
    )
    assert first(worse, "mean_walk_m") > first(today, "mean_walk_m")
    assert first(worse, "share_within_radius") < first(today, "share_within_radius")
    assert [first(worse, name) for name in ("split_catchments", "schools_outside")] == [2, 2]
    assert first(worse, "moved") == 2 * 180
    assert first(today, "moved") == 0


def test_pupils_outside_and_in_catchments_without_seats_have_no_school() -> None:
    of = study(PLAIN)
    balance = evaluate(of, zoned_as(of, ["C2", "C2", None, "C1", "C1", "C1"], ("C1", "S1")))
    assert first(balance, "without_school") == 180 + 60 + 120
    assert first(balance, "mean_walk_m") == pytest.approx(DETOUR * 600_000 / 900)
    assert cell(balance.zoned_catchments, "overload", catchment_id="C2", year=2025) == 180


def test_a_shared_school_is_divided_by_the_best_flow() -> None:
    """A = 240 and B = 480 seats; the first catchment (480 pupils) has both, the second (240) B alone."""
    city = town(seats=[240.0, 480.0, 0.0], children=[20.0, 10.0, 10.0, 40.0, 30.0, 10.0])
    of = study(city)
    layout = zoned_as(
        of, of.city.unit_catchments["primary"].tolist(), ("C1", "S1"), ("C1", "S2"), ("C2", "S2")
    )
    balance = evaluate(of, layout)
    assert cell(balance.city, "shortfall", stage="primary", year=2025) == pytest.approx(0)
    assert cell(balance.catchments, "surplus", catchment_id="C1", year=2025) == pytest.approx(0)
    assert first(balance, "overload") == pytest.approx(0, abs=1e-6)
    pupils = balance.zoned_schools[balance.zoned_schools["year"] == 2025].set_index("school_id")["pupils"]
    assert pupils.to_dict() == {"S1": pytest.approx(240), "S2": pytest.approx(480)}


def test_renamed_catchments_with_the_same_schools_move_nobody() -> None:
    of = study(PLAIN)
    areas = of.city.catchments.rename(index={"C1": "N", "C2": "S"})
    held = of.city.unit_catchments.replace({"C1": "N", "C2": "S"})
    zoning = Zoning(areas, held, links_of(("N", "S1"), ("S", "S2")))
    assert first(evaluate(of, layout_of(of, zoning=zoning)), "moved") == 0
    crossed = Zoning(areas, held, links_of(("N", "S2"), ("S", "S1")))
    assert first(evaluate(of, layout_of(of, zoning=crossed)), "moved") == 1260


def test_overload_is_where_the_seats_are_short_whatever_the_year() -> None:
    city = small_city()
    schools = city.schools.assign(closed_year=pd.array([2028, pd.NA, pd.NA], dtype="Int64"))
    balance = evaluate(study(replace(city, schools=schools)))
    rows = balance.zoned_city[balance.zoned_city["stage"] == "primary"].set_index("year")
    assert rows.loc[2027, "without_school"] == 0
    assert rows.loc[2028, "without_school"] > 0
    total = balance.city[balance.city["stage"] == "primary"].set_index("year")["shortfall"]
    assert np.allclose(rows["overload"] + rows["without_school"], total)
