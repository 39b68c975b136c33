"""Planned openings and closings: the district stays, pupils go where the plan says, shares by seats."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutplan.enrolment import PlannedPlaces, forecast_enrolment
from tests.enrolment.district import FIRST, NO_BIRTHS, PROFILE, aged, history_table, noisy_district
from tests.examples import examples

LAST = FIRST + 8
YEARS = [LAST + step for step in range(6)]
STEADY = {place: aged(np.full(20, size), years=9) for place, size in (("A", 30.0), ("B", 60.0), ("C", 30.0))}
law = settings(max_examples=examples(4))


def seats_of(open_in):
    """Return primary seats from ``{place: (seats, first year, year after the last)}``."""
    rows = {
        place: [seats if first <= year < end else 0.0 for year in YEARS]
        for place, (seats, first, end) in open_in.items()
    }
    return {"primary": pd.DataFrame.from_dict(rows, orient="index", columns=YEARS)}


def ahead_of(open_in, counts=STEADY, **planned):
    plans = PlannedPlaces(seats_of(dict.fromkeys(counts, (300.0, 0, 9999)) | open_in), **planned)
    return forecast_enrolment(history_table(counts), NO_BIRTHS, profile=PROFILE, horizon=5, planned=plans)


def pupils(ahead, place):
    return ahead.schools.loc[place].sum().to_numpy() if place in ahead.history.places else np.zeros(5)


def test_a_closed_schools_pupils_and_entrants_go_to_its_successor():
    ahead = ahead_of({"A": (300.0, 0, LAST + 3)}, successors={"A": "C"})
    assert pupils(ahead, "A") == pytest.approx([180, 180, 0, 0, 0])
    assert pupils(ahead, "B") == pytest.approx([360] * 5)
    assert pupils(ahead, "C") == pytest.approx([180, 180, 360, 360, 360])
    assert [note.code for note in ahead.notes if note.code.startswith("forecast_")] == ["forecast_closings"]


def test_without_a_successor_the_schools_of_the_area_share_them():
    areas = {"A": "east", "B": "east", "C": "west"}
    ahead = ahead_of({"A": (300.0, 0, LAST + 1)}, areas=areas)
    assert pupils(ahead, "B") == pytest.approx([540] * 5)
    assert pupils(ahead, "C") == pytest.approx([180] * 5)
    alone = ahead_of({"C": (300.0, 0, LAST + 1)}, areas=areas)  # the only one of its area: to all
    assert pupils(alone, "A") == pytest.approx([240] * 5)
    assert pupils(alone, "B") == pytest.approx([480] * 5)


def test_a_new_school_draws_its_part_of_the_seats_and_fills_up_by_grade():
    ahead = ahead_of({"new": (200.0, LAST + 2, 9999)}, areas={"A": "east", "new": "east"})
    entrants = 30 * 200 / 500  # of the entrants of A, in proportion to seats
    assert pupils(ahead, "new") == pytest.approx([0, entrants, 2 * entrants, 3 * entrants, 4 * entrants])
    assert pupils(ahead, "A") == pytest.approx(180 - pupils(ahead, "new"))
    assert pupils(ahead, "B") == pytest.approx([360] * 5)
    table = ahead.table()
    assert set(table["place_id"]) == {"", "A", "B", "C", "new"}


def test_a_school_that_moves_goes_on_under_its_new_row():
    moved = {"A": (300.0, 0, LAST + 2), "P1": (400.0, LAST + 2, 9999)}
    ahead = ahead_of(moved, successors={"A": "P1"})
    assert pupils(ahead, "P1") == pytest.approx([0, 180, 180, 180, 180])
    assert pupils(ahead, "A") == pytest.approx([180, 0, 0, 0, 0])


def test_a_successor_that_has_closed_itself_hands_on():
    ahead = ahead_of({"A": (300.0, 0, LAST + 1), "C": (300.0, 0, LAST + 1)}, successors={"A": "C", "C": "A"})
    assert pupils(ahead, "B") == pytest.approx([720] * 5)


def test_the_last_school_does_not_close_and_schools_without_seats_stated_go_on():
    only = {"A": STEADY["A"]}
    assert pupils(ahead_of({"A": (300.0, 0, LAST + 1)}, only), "A") == pytest.approx([180] * 5)
    assert pupils(ahead_of({"A": (0.0, 0, 9999)}), "A") == pytest.approx([180] * 5)


def test_counts_by_area_are_left_as_they_are():
    plans = PlannedPlaces(seats_of({"other": (100.0, LAST + 1, 9999)}))
    ahead = forecast_enrolment(history_table(STEADY), NO_BIRTHS, profile=PROFILE, horizon=5, planned=plans)
    assert ahead.history.places == ("A", "B", "C")


@law
@given(st.integers(0, 10_000), st.data())
def test_the_district_is_the_same_whatever_opens_and_closes(seed, data):
    table, births = noisy_district(seed)
    last = int(table["year"].max())
    years = [last + step for step in range(6)]
    places = sorted(table["school_id"].unique())
    whole = pd.DataFrame(200.0, index=[*places, "new1", "new2"], columns=years)
    for place in places:
        end = data.draw(st.integers(1, 9), label=place)
        whole.loc[place, [year for year in years if year >= last + end]] = 0.0
    for place in ("new1", "new2"):
        start = data.draw(st.integers(1, 6), label=place)
        whole.loc[place, [year for year in years if year < last + start]] = 0.0
    areas = {place: data.draw(st.sampled_from("EW"), label="area") for place in whole.index}
    successors = {place: data.draw(st.sampled_from([*whole.index]), label="to") for place in places[:3]}
    plans = PlannedPlaces({"primary": whole}, areas, successors)
    plain = forecast_enrolment(table, births, profile=PROFILE, horizon=5)
    ahead = forecast_enrolment(table, births, profile=PROFILE, horizon=5, planned=plans)
    assert ahead.district_pupils == pytest.approx(plain.district_pupils)
    assert ahead.place_pupils.sum(axis=0) == pytest.approx(plain.district_pupils)
    assert (ahead.place_pupils >= 0).all()
    unchanged = PlannedPlaces({"primary": pd.DataFrame(200.0, index=places, columns=years)})
    same = forecast_enrolment(table, births, profile=PROFILE, horizon=5, planned=unchanged)
    assert (same.place_pupils == plain.place_pupils).all()


def test_successors_come_from_projects_whose_state_counts():
    projects = pd.DataFrame(
        [
            ("P1", "close", "building", "A", "B"),
            ("P2", "close", "idea", "B", "C"),
            ("P3", "relocate", "building", "C", None),
            ("P4", "expand", "building", "D", "E"),
        ],
        columns=["project_id", "kind", "state", "school_id", "successor_school_id"],
    )
    seats = {"primary": pd.DataFrame(1.0, index=["A", "B", "C", "P3"], columns=YEARS)}
    found = PlannedPlaces.of(
        projects, seats=seats, areas=pd.Series({"A": "E", "B": None}), states=("building",)
    )
    assert found.successors == {"A": "B", "C": "P3"}
    assert found.areas == {"A": "E"}
