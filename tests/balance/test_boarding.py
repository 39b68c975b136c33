"""Boarding as a last resort: against a linear program by HiGHS, and by laws."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import linprog

from layoutplan.balance import evaluate
from layoutplan.balance.arcs import Walks
from layoutplan.balance.assignment import place_stage
from layoutplan.balance.boarding import Beds
from layoutplan.plan import SupplySettings, TravelSettings
from tests.balance.towns import PLAIN, REACH, cell, study
from tests.examples import examples
from tests.small_city import small_profile, small_rule

law = settings(max_examples=examples(60))
FARTHEST_M = 2000.0
NOT_A_PUPIL = 1e-5
BOARDS = small_profile(
    extra=(
        small_rule("boarding.first_grade", "primary", 4.0),
        small_rule("boarding.first_grade", "junior", 1.0),
    )
)


def pairs_of(draw, taken, *, units, schools, longest):
    """Return some pairs that are not taken, in order."""
    free = [
        (unit, school) for unit in range(units) for school in range(schools) if (unit, school) not in taken
    ]
    kept = sorted(draw(st.lists(st.sampled_from(free), unique=True, max_size=12))) if free else []
    metres = [draw(st.integers(0, longest)) for _ in kept]
    order = sorted(range(len(kept)), key=lambda at: (kept[at][0], metres[at]))
    found = Walks(
        units=np.array([kept[at][0] for at in order], dtype=np.int64),
        schools=np.array([kept[at][1] for at in order], dtype=np.int64),
        metres=np.array([metres[at] for at in order], dtype=float),
    )
    return found, set(kept)


@st.composite
def problems(draw):
    """Return pupils (even), seats, walks and beds; some schools have beds, never more than seats."""
    units, schools = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    pupils = 2.0 * np.array(draw(st.lists(st.integers(0, 15), min_size=units, max_size=units)))
    seats = np.array(draw(st.lists(st.integers(0, 40), min_size=schools, max_size=schools)), dtype=float)
    walks, taken = pairs_of(draw, set(), units=units, schools=schools, longest=int(FARTHEST_M))
    beds = np.array([float(draw(st.integers(0, int(most)))) for most in seats])
    ways, _ = pairs_of(draw, taken, units=units, schools=schools, longest=9000)
    ways = ways.where(beds[ways.schools] > 0)
    share = np.array([draw(st.sampled_from([0.0, 0.5, 1.0]))])
    return pupils[:, None], seats[:, None], walks, Beds(beds[:, None], share, ways, FARTHEST_M)


def by_highs(pupils, seats, walks, beds):
    """Return the most served, and the least compared metres of so many, of two commodities."""
    old, young = pupils[:, 0] * beds.share[0], pupils[:, 0] * (1 - beds.share[0])
    units, schools = len(pupils), len(seats)
    tail = np.concatenate([walks.units, walks.units + units, beds.ways.units + units])
    head = np.concatenate([walks.schools, walks.schools, beds.ways.schools])
    boards = np.arange(len(tail)) >= 2 * len(walks.units)
    cost = np.concatenate([walks.metres, walks.metres, beds.ways.metres + beds.counts_m])
    if not len(tail):
        return 0.0, 0.0
    at = np.arange(len(tail))
    rows = np.concatenate([tail, 2 * units + head, 2 * units + schools + head[boards]])
    columns = np.concatenate([at, at, at[boards]])
    size = (2 * units + 2 * schools, len(tail))
    limits = sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=size)
    most = np.concatenate([young, old, seats[:, 0], beds.beds[:, 0]])
    served = -linprog(-np.ones(len(tail)), A_ub=limits, b_ub=most).fun
    least = linprog(
        cost, A_ub=limits, b_ub=most, A_eq=np.ones((1, len(tail))), b_eq=[served], method="highs-ds"
    )
    return served, least.fun


@law
@given(problems())
def test_as_many_served_for_the_same_metres_as_highs(problem):
    pupils, seats, walks, beds = problem
    placed = place_stage(pupils, seats, walks, beds=beds)
    year = placed.years[0]
    served, metres = by_highs(pupils, seats, walks, beds)
    assert placed.served.sum() == pytest.approx(served, abs=NOT_A_PUPIL)
    boarding = year.boarders * (year.ways.metres + beds.counts_m)
    assert (year.pupils * year.walks.metres).sum() + boarding.sum() == pytest.approx(metres, abs=1.0)


@law
@given(problems())
def test_boarders_keep_to_beds_seats_and_grades(problem):
    pupils, seats, walks, beds = problem
    placed = place_stage(pupils, seats, walks, beds=beds)
    assert (placed.boarding_at <= beds.beds + NOT_A_PUPIL).all()
    assert (placed.assigned <= seats + NOT_A_PUPIL).all()
    assert (placed.boarding <= pupils * beds.share + NOT_A_PUPIL).all()
    assert (placed.boarding <= placed.served + NOT_A_PUPIL).all()
    assert placed.boarding.sum() == pytest.approx(placed.boarding_at.sum())


@law
@given(problems())
def test_boarding_never_lowers_the_served_and_beds_never_do(problem):
    pupils, seats, walks, beds = problem
    day = place_stage(pupils, seats, walks).served.sum()
    some = place_stage(pupils, seats, walks, beds=beds).served.sum()
    all_beds = replace(beds, beds=np.where(beds.beds > 0, seats, 0.0))
    assert day - NOT_A_PUPIL <= some
    assert some <= place_stage(pupils, seats, walks, beds=all_beds).served.sum() + NOT_A_PUPIL


@law
@given(problems())
def test_nobody_boards_who_could_have_a_free_seat_on_foot(problem):
    pupils, seats, walks, beds = problem
    placed = place_stage(pupils, seats, walks, beds=beds)
    boarding = np.unique(placed.years[0].ways.units)
    reached = walks.schools[np.isin(walks.units, boarding)]
    assert (placed.assigned[reached] >= seats[reached] - NOT_A_PUPIL).all()


@law
@given(problems())
def test_without_a_bed_or_a_pupil_old_enough_nothing_changes(problem):
    pupils, seats, walks, beds = problem
    plain = place_stage(pupils, seats, walks)
    for none in (
        replace(beds, beds=np.zeros_like(seats), ways=beds.ways.where(np.zeros(0, int))),
        replace(beds, share=np.zeros(1)),
    ):
        placed = place_stage(pupils, seats, walks, beds=none)
        assert placed.served.sum() == pytest.approx(plain.served.sum(), abs=NOT_A_PUPIL)
        assert not placed.boarding.any()


@law
@given(problems(), st.integers(0, 3))
def test_the_price_of_a_seat_is_that_of_one_more_with_the_beds_unchanged(problem, at):
    pupils, seats, walks, beds = problem
    school = at % len(seats)
    more = seats.copy()
    more[school] += 1.0
    now, then = (place_stage(pupils, some, walks, beds=beds) for some in (seats, more))
    if seats[school] > 0 and (walks.schools == school).any():
        gain = then.served.sum() - now.served.sum()
        assert now.served_per_seat[school, 0] == pytest.approx(gain, abs=NOT_A_PUPIL)


@law
@given(problems(), st.sampled_from([0.0, 0.5, 1.0]))
def test_a_year_alone_is_placed_as_among_others(problem, share):
    """Beds, pupils and grades differ by year: a school may have none this year."""
    pupils, seats, walks, beds = problem
    other = np.roll(beds.beds, 1) * (np.roll(beds.beds, 1) <= seats) * (beds.beds > 0)
    both = replace(beds, beds=np.hstack([beds.beds, other]), share=np.array([beds.share[0], share]))
    years = place_stage(np.repeat(pupils, 2, axis=1), np.repeat(seats, 2, axis=1), walks, beds=both)
    for at in (0, 1):
        alone = place_stage(pupils, seats, walks, beds=both.in_year(at))
        assert years.served[:, at].sum() == pytest.approx(alone.served.sum(), abs=NOT_A_PUPIL)
        assert (years.boarding_at[:, at] <= both.beds[:, at] + NOT_A_PUPIL).all()


# ── The toy town: U4 … U6 in D1 with school S1, U1 … U3 in D2 with S2 and (private) S3 ──────────────────────


def boarding_town(**beds):
    schools = PLAIN.schools.assign(boarding_beds=[beds.get(name, 0) for name in PLAIN.schools.index])
    return replace(PLAIN, schools=schools.astype({"boarding_beds": "Int64"}))


def judged(city, *, boarding=True, own_catchment_m=0.0, **reach):
    return evaluate(
        study(
            city,
            profile=BOARDS,
            reach_m={**REACH, **reach},
            supply=SupplySettings(boarding=boarding),
            travel=TravelSettings(own_catchment_m=own_catchment_m),
        )
    )


def test_those_beyond_reach_board_in_their_district_from_grade_four_on():
    """U5 lives at its school (750 × 1.3 m); U4 and U6 (240 and 360 primary pupils) are out of reach."""
    city = boarding_town(S1=100)
    off, on = judged(city, boarding=False, primary=990.0), judged(city, primary=990.0)
    key = {"stage": "primary", "year": 2025}
    assert cell(on.schools, "beds", school_id="S1", **key) == 100
    assert cell(on.schools, "boarders", school_id="S1", **key) == 100
    gain = cell(on.city, "served", **key) - cell(off.city, "served", **key)
    assert gain == pytest.approx(100)
    assert cell(on.city, "boarders", **key) == pytest.approx(100)
    assert cell(on.districts, "boarders", district_id="D2", **key) == 0
    assert cell(on.schools, "mean_walk_m", school_id="S1", **key) == cell(
        off.schools, "mean_walk_m", school_id="S1", **key
    )
    boards = on.assignment[on.assignment["boards"] & (on.assignment["year"] == 2025)]
    assert set(boards["unit_id"]) <= {"U4", "U6"}
    assert boards["metres"].isna().all()
    assert not off.assignment["boards"].any()


def test_half_of_primary_is_too_young():
    on = judged(boarding_town(S1=810), primary=990.0)
    key = {"stage": "primary", "year": 2025}
    assert cell(on.units, "boarders", unit_id="U4", **key) == pytest.approx(240 / 2)
    assert cell(on.units, "boarders", unit_id="U5", **key) == 0


def test_rows_of_units_and_schools_say_the_same():
    on = judged(boarding_town(S1=150, S2=200), primary=990.0, junior=900.0, own_catchment_m=500.0)
    boards = on.assignment[on.assignment["boards"]]
    assert len(boards)
    for key, table in (("unit_id", on.units), ("school_id", on.schools)):
        rows = boards.groupby([key, "stage", "year"])["pupils"].sum()
        told = table.set_index([key, "stage", "year"])["boarders"]
        assert told[told > 0].to_dict() == pytest.approx(rows.to_dict())
    assert not on.assignment.duplicated(["unit_id", "school_id", "stage", "year"]).any()


def test_a_unit_or_a_school_without_a_district_is_bound_to_none():
    """Half of the 60 and 180 pupils of U1 and U3 may board in the north where no district binds them."""
    city = boarding_town(S1=420)
    free = replace(city, units=city.units.assign(district_id=[None] * 6))
    everywhere = replace(city, schools=city.schools.assign(district_id=[None, "D2", "D2"]))
    for one, southern in ((city, 0), (free, 120), (everywhere, 120)):
        rows = judged(one, primary=990.0).units.query("stage == 'primary' and year == 2025")
        boarders = rows.set_index("unit_id")["boarders"]
        assert boarders.loc["U1":"U3"].sum() == pytest.approx(southern)
        assert boarders.loc["U4":"U6"].sum() == pytest.approx(300)
