"""The authority's own projection: beside ours, and followed where the plan says so. All figures by hand."""

import pandas as pd
import pytest

from layoutplan.demand import Demand, check_projections, with_projection
from layoutplan.dictionary import empty_frame, input_table, result_table
from layoutplan.errors import FaultLog

UNITS = pd.Index(["U", "V", "W"])
YEARS_OF_PLAN = (2025, 2026, 2027, 2028)
DISTRICT = pd.Series(["D", "D", "E"], UNITS, dtype=object)
NONE = empty_frame(result_table("reconciliation"))


def demand():
    """60, 40 and 100 pupils, the same in every year."""
    pupils = pd.DataFrame({year: [60.0, 40.0, 100.0] for year in YEARS_OF_PLAN}, index=UNITS)
    return Demand(years=YEARS_OF_PLAN, children={"primary": pupils}, pupils={"primary": pupils},
                  unborn={"primary": pupils / 4})  # fmt: skip


def given(*rows):
    table = pd.DataFrame(rows, columns=["area_id", "year", "pupils"]).assign(stage="primary")
    return table[[*input_table("projections").column_names]]


def test_it_is_compared_and_nothing_follows_it_unless_the_plan_says_so():
    own = demand()
    same, table = with_projection(own, NONE, given((None, 2027, 240.0)), districts=DISTRICT, follow=False)
    assert same.pupils["primary"].equals(own.pupils["primary"])
    row = table[table["year"] == 2027].iloc[0]
    assert row[["by_residents", "by_authority", "demand", "factor"]].tolist() == [200, 240, 200, 1]
    assert table.loc[table["year"] != 2027, "by_authority"].isna().all()
    (note,) = same.notes
    assert (note.code, note.params["ours"], note.params["theirs"]) == ("projection_compared", 200, 240)


def test_a_projection_of_the_city_scales_every_unit_on_a_line_between_its_years():
    """240 of 200 in 2027: × 1.1 in 2026, × 1.2 in 2027 and after; parts are scaled alike, people are not."""
    followed, table = with_projection(
        demand(), NONE, given((None, 2027, 240.0)), districts=DISTRICT, follow=True
    )
    assert followed.pupils["primary"].loc["U"].to_numpy() == pytest.approx([60, 66, 72, 72])
    assert followed.unborn["primary"].loc["W"].to_numpy() == pytest.approx([25, 27.5, 30, 30])
    assert followed.children["primary"].loc["U"].tolist() == [60] * 4
    assert table["demand"].to_numpy() == pytest.approx([200, 220, 240, 240])
    assert (table["by_residents"] * table["factor"]).to_numpy() == pytest.approx(table["demand"].to_numpy())


def test_a_district_with_a_projection_of_its_own_is_scaled_alone():
    followed, table = with_projection(
        demand(), NONE, given(("D", 2025, 50.0)), districts=DISTRICT, follow=True
    )
    assert followed.pupils["primary"][2028].tolist() == [30, 20, 100]
    assert table["by_authority"].isna().all(), "the city as a whole is not projected"
    _, both = with_projection(
        demand(), NONE, given(("D", 2025, 50.0), ("E", 2025, 90.0)), districts=DISTRICT, follow=False
    )
    assert both["by_authority"].tolist()[0] == 140


def faults(rows, *, follow=False):
    log = FaultLog()
    check_projections(rows, stages=("primary",), years=YEARS_OF_PLAN, follow=follow, log=log)
    return [fault.code for fault in log]


def test_what_can_not_be_followed_is_refused():
    assert faults(given()) == []
    assert faults(given(), follow=True) == ["projection_not_given"]
    assert faults(given((None, 2031, 5.0)), follow=True) == ["projection_not_given"]
    assert faults(given((None, 2026, 5.0), ("D", 2026, 4.0))) == ["projection_twice"]
    later, _ = with_projection(demand(), NONE, given((None, 2031, 5.0)), districts=DISTRICT, follow=True)
    assert [note.code for note in later.notes] == ["projection_unused"]
