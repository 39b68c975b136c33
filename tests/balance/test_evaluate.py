"""The three views of the toy town by hand, and the laws of any balance."""

import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutplan.balance import Evaluator, evaluate
from layoutplan.solve import flow
from layoutplan.standards import Rule
from tests.balance.towns import (
    PLAIN,
    REACH,
    cell,
    child_counts,
    demand_of,
    judged,
    seat_counts,
    seats_of,
    study,
    town,
)
from tests.examples import examples
from tests.small_city import SCHOOLS, small_city, small_profile, straight_pairs
from tests.studies import layout_of

law = settings(max_examples=examples(12))
BASE = {"stage": "primary", "year": 2025}
TABLES = ("schools", "catchments", "districts", "city", "units", "assignment")


@pytest.fixture(scope="module")
def plain():
    return judged(PLAIN)


def test_a_stage_without_a_placement_distance_is_named():
    with pytest.raises(ValueError, match="reach_m has no placement distance for the stages junior"):
        evaluate(study(PLAIN, reach_m={"primary": 2_000.0}))


def test_enrolment_against_seats(plain):
    over = plain.schools[plain.schools["year"] == 2025].set_index(["school_id", "stage"])["over_capacity"]
    assert over.to_dict() == {
        ("S1", "primary"): 30.0,
        ("S2", "primary"): 0.0,
        ("S3", "primary"): 0.0,
        ("S2", "junior"): 0.0,
    }
    assert plain.schools.loc[plain.schools["year"] > 2025, "enrolment"].isna().all()
    assert cell(plain.city, "enrolment", **BASE) == 1220.0  # without the private school
    assert cell(plain.city, "over_capacity_schools", **BASE) == 1


def test_enrolment_of_the_city_is_unknown_where_a_school_with_seats_leaves_it_blank():
    schools = PLAIN.schools.assign(enrolment_primary=[840.0, None, 120.0])
    found = judged(replace(PLAIN, schools=schools)).city
    assert np.isnan(cell(found, "enrolment", **BASE))
    assert cell(found, "over_capacity_schools", **BASE) == 1


def test_what_suppressed_counts_leave_open_stands_beside_the_demand(plain):
    """One more or less child of each age in unit U1: six of primary, in the city and in its catchment."""
    one = PLAIN.population.index == "U1"
    sides = [PLAIN.population + step * one[:, None] for step in (-1.0, 1.0)]
    found = judged(replace(PLAIN, population_bounds=tuple(sides)))
    demand = cell(found.city, "demand", **BASE)
    assert demand == cell(plain.city, "demand", **BASE)
    low, high = cell(found.city, "demand_low", **BASE), cell(found.city, "demand_high", **BASE)
    assert (demand - low, high - demand) == (pytest.approx(6.0), pytest.approx(6.0))
    own = found.catchments[(found.catchments["stage"] == "primary") & (found.catchments["year"] == 2025)]
    assert sorted((own["demand_high"] - own["demand_low"]).round(6)) == [0.0] * (len(own) - 1) + [12.0]
    assert (found.districts["demand_low"] <= found.districts["demand"] + 1e-9).all()
    assert plain.city[["demand_low", "demand_high"]].isna().all(axis=None)


def test_demand_against_the_own_catchment(plain):
    north, south = (
        plain.catchments[plain.catchments["catchment_id"] == name].iloc[0] for name in ("C1", "C2")
    )
    assert (north["demand"], north["seats"], north["shortfall"], north["surplus"]) == (900, 810, 90, 0)
    assert (south["demand"], south["seats"], south["shortfall"], south["surplus"]) == (360, 405, 0, 45)
    assert north["utilisation"] == pytest.approx(900 / 810)
    assert cell(plain.city, "shortfall", **BASE) == 90.0
    assert cell(plain.city, "surplus", **BASE) == 45.0
    assert cell(plain.city, "balance", **BASE) == -45.0
    assert cell(plain.districts, "shortfall", district_id="D1", **BASE) == 90.0


def test_the_best_assignment_fills_every_seat_within_reach(plain):
    assert cell(plain.city, "served", **BASE) == 1215.0
    assert cell(plain.city, "unserved", **BASE) == 45.0
    assert cell(plain.schools, "assigned", school_id="S1", **BASE) == 810.0
    assert cell(plain.schools, "assigned", school_id="S3", **BASE) == 0.0
    assert cell(plain.schools, "spare", school_id="S3", **BASE) == 0.0  # its seats do not count
    # 45 pupils of U5 walk 1,950 m to the south; 120 + 255 live at a school; 795 walk 1,300 m
    walked = 795 * 1300 + 45 * 1950
    without = 45 * REACH["primary"]  # whoever has no seat counts with the reach
    assert cell(plain.city, "mean_walk_m", **BASE) == pytest.approx((walked + without) / 1260)
    assert cell(plain.city, "max_walk_m", **BASE) == 1950.0


def test_reach_limits_the_assignment():
    near = judged(PLAIN, primary=1300.0)
    assert cell(near.city, "served", **BASE) == 810.0 + 360.0
    assert near.assignment["metres"].max() <= max(1300.0, REACH["junior"])


def test_coverage_is_by_radius_and_seats_that_count(plain):
    # within 500 m of S1 or S2 live U5 and U2 alone: 300 + 120 of 1,260
    assert cell(plain.city, "share_within_radius", **BASE) == pytest.approx(420 / 1260)
    assert cell(plain.districts, "share_within_radius", district_id="D1", **BASE) == pytest.approx(300 / 900)
    assert cell(plain.units, "nearest_school_m", unit_id="U3", **BASE) == 1300.0  # S3 at 0 m does not count


def test_more_lie_within_the_circle_than_within_the_walk():
    """At 1,000 m straight and 1,300 m on foot from the schools live U1, U3, U4 and U6: 840 of 1,260."""
    radius = Rule("walking.service_radius", "primary", 1000.0, "m", "this test", "D", valid_from=1900)
    wide = evaluate(study(PLAIN, profile=small_profile(extra=(radius,))))
    assert cell(wide.city, "share_within_radius", **BASE) == pytest.approx(420 / 1260)
    assert cell(wide.city, "share_within_circle", **BASE) == 1.0
    assert cell(wide.districts, "share_within_circle", district_id="D1", **BASE) == 1.0


def test_a_new_school_does_not_make_the_mean_worse_by_seating_more():
    before, after = (evaluate(study(small_city(schools=SCHOOLS[:count]))) for count in (1, 2))
    assert cell(after.city, "served", **BASE) > cell(before.city, "served", **BASE)
    for name in ("mean_walk_m", "mean_walk_nearest_m", "mean_walk_own_m"):
        assert cell(after.city, name, **BASE) < cell(before.city, name, **BASE)


def test_a_stage_without_catchments_has_no_shortage_within_catchments(plain):
    junior = {"stage": "junior", "year": 2025}
    assert set(plain.catchments["stage"]) == {"primary"}
    for name in ("shortfall", "surplus", "mean_walk_own_m"):
        assert np.isnan(cell(plain.city, name, **junior))
        assert np.isnan(cell(plain.districts, name, district_id="D1", **junior))
    assert cell(plain.city, "unserved", **junior) == 30.0
    assert np.isnan(cell(plain.city, "outside_catchments", **junior))
    assert cell(plain.city, "outside_catchments", **BASE) == 0.0


def test_the_id_of_the_layout_is_written_in_every_table():
    here = study(PLAIN)
    other = evaluate(here, layout_of(here, id="proposed"))
    for name in TABLES:
        assert set(getattr(other, name)["layout"]) == {"proposed"}


def test_pairs_of_other_units_are_refused():
    here = study(PLAIN)
    others = straight_pairs(PLAIN.units.geometry.iloc[::-1], here.today.seats.schools.geometry)
    with pytest.raises(ValueError, match="walks of a layout must go"):
        evaluate(study(PLAIN, walks=others))
    with pytest.raises(ValueError, match="walks of a layout must go"):
        evaluate(here, layout_of(here, walks=others))


def test_walks_known_too_short_are_warned_of():
    schools = seats_of(PLAIN).schools
    pairs = straight_pairs(PLAIN.units.geometry, schools.geometry, limit_m=2500.0)
    notes = evaluate(study(PLAIN, walks=pairs)).notes
    assert [(note.code, note.params["stage"]) for note in notes] == [("walks_cut_off", "junior")]
    assert "初中" in notes[0].what("zh")


def test_projects_change_the_balance_from_their_year():
    new = {"project_id": "P1", "name": "新校", "kind": "new", "state": "started", "opening_year": 2027}
    place = {"x": 500.0, "y": 2000.0, "school_type": "primary", "classes_primary": 12}
    balance = judged(small_city(tables={"projects": [{**new, **place}]}))
    shortfall = balance.city[balance.city["stage"] == "primary"].set_index("year")["shortfall"]
    assert shortfall.tolist() == [90.0, 90.0, 0.0, 0.0, 0.0, 0.0]
    assert cell(balance.schools, "seats", school_id="P1", stage="primary", year=2027) == 540.0
    assert "junior" not in set(balance.schools.loc[balance.schools["school_id"] == "P1", "stage"])


def test_a_city_without_catchments_and_districts_is_judged_as_one():
    bare = replace(
        PLAIN,
        catchments=PLAIN.catchments.iloc[:0],
        catchment_schools=PLAIN.catchment_schools.iloc[:0],
        unit_catchments=PLAIN.unit_catchments.iloc[:, :0],
        districts=PLAIN.districts.iloc[:0],
    )
    balance = judged(bare)
    assert balance.catchments.empty
    assert balance.districts.empty
    assert np.isnan(cell(balance.city, "shortfall", **BASE))
    assert cell(balance.city, "unserved", **BASE) == 45.0


@law
@given(seat_counts, child_counts)
def test_pupils_are_conserved(seats, children):
    balance = judged(town(seats, children))
    city = balance.city.set_index(["stage", "year"]).sort_index()
    units = (
        balance.units.groupby(["stage", "year"])[["demand", "served", "unserved"]].sum().reindex(city.index)
    )
    placed = balance.assignment.groupby(["stage", "year"])["pupils"].sum()
    taken = balance.schools.groupby(["stage", "year"])["assigned"].sum().sort_index()
    equal(units["served"] + units["unserved"], units["demand"])
    for column in ("demand", "served", "unserved"):
        equal(city[column], units[column])
    equal(placed.reindex(city.index, fill_value=0.0), city["served"])
    equal(taken, city["served"])
    known = city["shortfall"].notna()  # unknown in a stage without catchments and districts
    assert known.any()
    equal((city["surplus"] - city["shortfall"])[known], city["balance"][known])
    assert (balance.schools["assigned"] <= balance.schools["seats"]).all()


def equal(first, second):
    assert first.to_numpy(dtype=float) == pytest.approx(second.to_numpy(dtype=float), abs=1e-5)


@law
@given(seat_counts, child_counts, st.sampled_from(["S1", "S2"]), st.integers(1, 300))
def test_more_seats_never_leave_more_unserved_or_short(seats, children, school, extra):
    before = judged(town(seats, children)).city
    more = [count + extra * (name == school) for count, name in zip(seats, PLAIN.schools.index, strict=True)]
    after = judged(town(more, children)).city
    assert (after["unserved"] <= before["unserved"] + 1e-6).all()
    known = before["shortfall"].notna()  # unknown in a stage without catchments and districts
    assert (after["shortfall"] <= before["shortfall"] + 1e-6)[known].all()


@law
@given(seat_counts, child_counts, st.permutations(range(6)), st.permutations(range(3)))
def test_order_names_and_place_change_nothing(seats, children, unit_order, school_order):
    city = town(seats, children)
    first = judged(city).city
    units = city.units.iloc[unit_order]
    names = {name: f"校{name}" for name in city.schools.index}
    links = city.catchment_schools
    other = replace(
        city,
        units=units.set_geometry(units.geometry.translate(5000.0, -3000.0)),
        population=city.population.iloc[unit_order],
        unit_catchments=city.unit_catchments.iloc[unit_order],
        schools=city.schools.iloc[school_order]
        .rename(index=names)
        .pipe(lambda frame: frame.set_geometry(frame.geometry.translate(5000.0, -3000.0))),
        catchment_schools=links.assign(school_id=links["school_id"].map(names)),
    )
    pd.testing.assert_frame_equal(judged(other).city, first)


@law
@given(seat_counts, child_counts)
def test_arguments_are_not_changed(seats, children):
    city = town(seats, children)
    offered, demand = seats_of(city), demand_of(city)
    kept = offered.seats["primary"].copy(), demand.pupils["primary"].copy(), city.units.copy()
    evaluate(study(city, demand=demand, seats=offered))
    pd.testing.assert_frame_equal(offered.seats["primary"], kept[0])
    pd.testing.assert_frame_equal(demand.pupils["primary"], kept[1])
    pd.testing.assert_frame_equal(pd.DataFrame(city.units), pd.DataFrame(kept[2]))


@pytest.mark.parametrize("nothing", ["units", "schools"])
def test_a_city_without_units_or_schools_is_judged(nothing):
    if nothing == "units":
        city = replace(
            PLAIN,
            units=PLAIN.units.iloc[:0],
            population=PLAIN.population.iloc[:0],
            unit_catchments=PLAIN.unit_catchments.iloc[:0],
        )
    else:
        city = replace(
            PLAIN, schools=PLAIN.schools.iloc[:0], catchment_schools=PLAIN.catchment_schools.iloc[:0]
        )
    balance = judged(city)
    assert balance.city["served"].tolist() == [0.0] * 12
    assert balance.assignment.empty
    # The junior stage has neither catchments nor districts here: its shortage within catchments is unknown.
    assert balance.city["shortfall"].sum() == (0.0 if nothing == "units" else 1260.0 * 6)


@pytest.mark.slow
def test_processes_change_nothing(monkeypatch):
    city = town(seats=[700.0, 300.0, 200.0])
    here = judged(city)
    monkeypatch.setattr(sys.modules[evaluate.__module__], "PARALLEL_SIZE", 0)
    elsewhere = judged(city)
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(here, name), getattr(elsewhere, name))


@pytest.mark.slow
@pytest.mark.parametrize("processes", [False, True])
def test_years_that_two_plans_share_are_placed_once(monkeypatch, processes):
    """With one more school from 2028 on a plan is today's until then, and later as good as judged alone."""
    city = town(seats=[600.0, 200.0, 0.0])
    here = study(city, reach_m=dict.fromkeys(city.stages, 2500.0))
    wider = layout_of(here, seats=_with_a_new_school(here.today.seats, since=2028))
    if processes:
        monkeypatch.setattr(sys.modules[evaluate.__module__], "PARALLEL_SIZE", 0)
    with Evaluator(here) as evaluator:
        today = evaluator.evaluate(here.today)
        shared = evaluator.evaluate(wider)
    alone = evaluate(here, wider)
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(shared, name), getattr(alone, name))
    until = shared.assignment["year"] < 2028
    before = today.assignment[today.assignment["year"] < 2028]
    pd.testing.assert_frame_equal(
        shared.assignment[until].drop(columns="layout").astype(str).reset_index(drop=True),
        before.drop(columns="layout").astype(str).reset_index(drop=True),
    )
    late = {"stage": "primary", "year": 2028}
    assert cell(shared.city, "served", **late) > cell(today.city, "served", **late)


@pytest.mark.parametrize("seed", range(6))
def test_what_was_evaluated_before_changes_nothing(monkeypatch, seed):
    """All walk as far, so many placements are as good; whatever comes before, the same one is found."""
    monkeypatch.setattr(flow, "_SIFTED_FROM", 0)  # as in a city: a year begins with the prices of the last
    random = np.random.default_rng(seed)
    city = town(random.integers(100, 700, 3).astype(float), random.integers(0, 80, 6).astype(float))
    here = study(city, reach_m=dict.fromkeys(city.stages, 5000.0))
    here = replace(here, today=_as_far(here.today))
    first, second = (
        _as_far(layout_of(here, id=f"since-{year}", seats=_with_a_new_school(here.today.seats, since=year)))
        for year in (2029, 2028)
    )
    with Evaluator(here) as evaluator:
        evaluator.evaluate(here.today)
        evaluator.evaluate(first)
        after = evaluator.evaluate(second)
    alone = evaluate(here, second)
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(after, name), getattr(alone, name))


def _as_far(layout):
    """Return the layout with all its walks 500 m long."""
    return replace(layout, walks=replace(layout.walks, metres=np.full_like(layout.walks.metres, 500.0)))


def _with_a_new_school(seats, *, since):
    """Return seats with a school after all others that opens in a year."""
    new = seats.schools.iloc[[0]].rename(index={seats.schools.index[0]: "NEW"})
    new = new.set_geometry(new.geometry.translate(40.0, 30.0))
    schools = pd.concat([seats.schools, new])
    rows = {
        stage: pd.concat(
            [
                table,
                pd.DataFrame({year: [400 if year >= since else 0] for year in table}, index=["NEW"]),
            ]
        ).set_axis(schools.index, axis=0)
        for stage, table in seats.seats.items()
    }
    return replace(seats, schools=schools, seats=rows)
