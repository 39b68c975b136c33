"""Projects change seats from their opening year, each kind in its way."""

import pytest

from layoutplan.texts import LANGUAGES
from tests.balance.towns import seats_of
from tests.small_city import small_city


def built(*projects, sites=(), **settings):
    rows = [
        {"project_id": f"P{rank}", "name": f"项目{rank}", "state": "approved", "opening_year": 2027, **row}
        for rank, row in enumerate(projects, start=1)
    ]
    return seats_of(small_city(tables={"projects": rows, "sites": [*sites]}), **settings)


def primary(seats, school_id):
    return seats.seats["primary"].loc[school_id].tolist()


def codes(seats):
    return [note.code for note in seats.notes]


NEW = {"kind": "new", "school_type": "primary", "classes_primary": 24, "x": 500.0, "y": 2000.0}


def test_a_new_school_opens_in_its_year_and_joins_its_catchment():
    seats = built(NEW)
    assert primary(seats, "P1") == [0, 0, 1080, 1080, 1080, 1080]
    school = seats.schools.loc["P1"]
    assert (school["status"], school["ownership"], bool(school["counts"])) == ("committed", "public", True)
    assert school["district_id"] == "D1"
    assert seats.catchment_schools.to_dict("records")[-1] == {
        "catchment_id": "C1",
        "stage": "primary",
        "school_id": "P1",
    }
    assert codes(seats) == []


def test_only_states_that_count_change_seats():
    assert "P1" not in built({**NEW, "state": "planned"}).schools.index
    assert "P1" in built({**NEW, "state": "planned"}, project_states=("planned",)).schools.index


def test_a_site_or_the_catchments_place_a_new_school():
    placeless = {key: value for key, value in NEW.items() if key not in "xy"}
    on_site = built({**placeless, "site_id": "L1"}, sites=[{"site_id": "L1", "x": 2900.0, "y": 100.0}])
    assert on_site.schools.loc["P1", "district_id"] == "D2"
    in_catchment = built({**placeless, "catchment_ids": ("C2",)})
    assert in_catchment.schools.loc["P1", "district_id"] == "D2"
    assert in_catchment.catchment_schools.iloc[-1]["catchment_id"] == "C2"
    assert codes(in_catchment) == ["project_placed_in_catchment"]
    nowhere = built(placeless)
    assert "P1" not in nowhere.schools.index
    assert codes(nowhere) == ["project_without_place"]


def test_an_expansion_adds_while_it_holds():
    seats = built({"kind": "expand", "school_id": "S1", "seats_primary": 90.0, "closing_year": 2029})
    assert primary(seats, "S1") == [810, 810, 900, 900, 810, 810]


def test_seats_never_fall_below_none():
    seats = built({"kind": "split", "school_id": "S2", "seats_primary": -500.0, "seats_junior": 50.0})
    assert primary(seats, "S2") == [405, 405, 0, 0, 0, 0]
    assert seats.seats["junior"].loc["S2"].tolist() == [600, 600, 650, 650, 650, 650]
    assert codes(seats) == ["project_takes_too_much"]


def test_a_closure_takes_all_stages():
    seats = built({"kind": "close", "school_id": "S2"})
    assert primary(seats, "S2") == [405, 405, 0, 0, 0, 0]
    assert seats.seats["junior"].loc["S2"].tolist() == [600, 600, 0, 0, 0, 0]


def test_a_relocation_moves_the_seats_and_keeps_the_catchment():
    move = {"kind": "relocate", "school_id": "S1", "x": 100.0, "y": 100.0, "seats_primary": 270.0}
    later = {"kind": "expand", "school_id": "S1", "seats_primary": 45.0, "opening_year": 2029}
    seats = built(move, later)
    assert primary(seats, "S1") == [810, 810, 0, 0, 0, 0]
    assert primary(seats, "P1") == [0, 0, 1080, 1080, 1125, 1125]
    assert seats.schools.loc["P1", "district_id"] == "D2"
    links = seats.catchment_schools
    assert links.loc[links["school_id"] == "P1", "catchment_id"].tolist() == ["C1"]


def test_a_relocation_without_a_place_stays():
    seats = built({"kind": "relocate", "school_id": "S1"})
    assert primary(seats, "S1") == [810] * 6
    assert codes(seats) == ["project_moves_in_place"]


def test_a_conversion_counts_from_its_year():
    seats = built({"kind": "convert", "school_id": "S3", "ownership": "public"})
    assert seats.counted("primary").loc["S3"].tolist() == [0, 0, 180, 180, 180, 180]
    assert primary(seats, "S3") == [180] * 6
    assert seats.catchment_schools.iloc[-1].tolist() == ["C2", "primary", "S3"]
    away = built({"kind": "convert", "school_id": "S1", "ownership": "private"})
    assert away.counted("primary").loc["S1"].tolist() == [810, 810, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("project", "code"),
    [
        ({**NEW, "opening_year": None}, "project_without_year"),
        ({"kind": "expand", "seats_primary": 9.0}, "project_without_school"),
        ({"kind": "close", "school_id": "S9"}, "project_without_school"),
        ({"kind": "expand", "school_id": "S1"}, "project_without_seats"),
        ({**NEW, "project_id": "S1"}, "project_id_taken"),
    ],
)
def test_projects_that_cannot_be_applied_are_named(project, code):
    seats = built(project)
    assert codes(seats) == [code]
    assert primary(seats, "S1") == [810] * 6
    for lang in LANGUAGES:
        assert seats.notes[0].what(lang)
        assert seats.notes[0].remedy(lang)


def test_a_project_beyond_the_horizon_changes_nothing():
    seats = built({**NEW, "opening_year": 2040})
    assert seats.schools.index.tolist() == ["S1", "S2", "S3"]


def test_the_order_of_rows_changes_nothing():
    rows = [
        {**NEW, "project_id": "A"},
        {
            "kind": "expand",
            "school_id": "S1",
            "seats_primary": -900.0,
            "opening_year": 2026,
            "project_id": "B",
        },
        {"kind": "expand", "school_id": "S1", "seats_primary": 90.0, "opening_year": 2028, "project_id": "C"},
    ]
    first, second = built(*rows), built(*reversed(rows))
    assert first.seats["primary"].equals(second.seats["primary"])
    assert primary(first, "S1") == [810, 0, 0, 90, 90, 90]
