"""Projects change seats from their opening year, each kind in its way."""

from dataclasses import replace

import pytest

from layoutplan.plan import SupplySettings
from layoutplan.texts import LANGUAGES
from tests.balance.towns import seats_of
from tests.small_city import small_city
from tests.studies import supply_of


def built(*projects, **more):
    return supplied(*projects, **more)[0]


def supplied(*projects, sites=(), **settings):
    """Return seats and zoning of the town with these projects."""
    rows = [
        {"project_id": f"P{rank}", "name": f"项目{rank}", "state": "approved", "opening_year": 2027, **row}
        for rank, row in enumerate(projects, start=1)
    ]
    city = small_city(tables={"projects": rows, "sites": [*sites]})
    return supply_of(city, settings=SupplySettings(**settings))


def primary(seats, school_id):
    return seats.seats["primary"].loc[school_id].tolist()


def codes(seats):
    return [note.code for note in seats.notes]


NEW = {"kind": "new", "school_type": "primary", "classes_primary": 24, "x": 500.0, "y": 2000.0}


def test_a_new_school_opens_in_its_year_and_joins_its_catchment():
    seats, zoning = supplied(NEW)
    assert primary(seats, "P1") == [0, 0, 1080, 1080, 1080, 1080]
    school = seats.schools.loc["P1"]
    assert (school["status"], school["ownership"], bool(school["counts"])) == ("committed", "public", True)
    assert school["district_id"] == "D1"
    assert zoning.catchment_schools.to_dict("records")[-1] == {
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
    in_catchment, zoning = supplied({**placeless, "catchment_ids": ("C2",)})
    assert in_catchment.schools.loc["P1", "district_id"] == "D2"
    assert zoning.catchment_schools.iloc[-1]["catchment_id"] == "C2"
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
    seats, zoning = supplied(move, later)
    assert primary(seats, "S1") == [810, 810, 0, 0, 0, 0]
    assert primary(seats, "P1") == [0, 0, 1080, 1080, 1125, 1125]
    assert seats.schools.loc["P1", "district_id"] == "D2"
    links = zoning.catchment_schools
    assert links.loc[links["school_id"] == "P1", "catchment_id"].tolist() == ["C1"]


def test_a_relocation_without_a_place_stays():
    seats = built({"kind": "relocate", "school_id": "S1"})
    assert primary(seats, "S1") == [810] * 6
    assert codes(seats) == ["project_moves_in_place"]


def test_a_conversion_counts_from_its_year():
    seats, zoning = supplied({"kind": "convert", "school_id": "S3", "ownership": "public"})
    assert seats.counted("primary").loc["S3"].tolist() == [0, 0, 180, 180, 180, 180]
    assert primary(seats, "S3") == [180] * 6
    assert zoning.catchment_schools.iloc[-1].tolist() == ["C2", "primary", "S3"]
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


def test_classes_in_place_and_temporary_ones_add_like_an_expansion():
    place = built({"kind": "add_classes", "school_id": "S1", "classes_primary": 2})
    assert primary(place, "S1") == [810, 810, 900, 900, 900, 900]
    for_a_time = {"kind": "temporary", "school_id": "S1", "classes_primary": 2, "closing_year": 2029}
    assert primary(built(for_a_time), "S1") == [810, 810, 900, 900, 810, 810]


@pytest.mark.parametrize("seats", [90.0, -90.0])
def test_a_cut_takes_away_whichever_sign_it_has(seats):
    cut = built({"kind": "cut", "school_id": "S1", "seats_primary": seats})
    assert primary(cut, "S1") == [810, 810, 720, 720, 720, 720]


def test_a_purchase_counts_the_seats_bought_and_no_others():
    seats, zoning = supplied({"kind": "purchase", "school_id": "S3", "seats_primary": 60.0})
    assert seats.counted("primary").loc[["S3", "P1"]].to_numpy().tolist() == [
        [0] * 6,
        [0, 0, 60, 60, 60, 60],
    ]
    assert primary(seats, "S3") == [180, 180, 120, 120, 120, 120]
    assert zoning.catchment_schools.iloc[-1].tolist() == ["C2", "primary", "P1"]
    assert codes(built({"kind": "purchase", "school_id": "S3", "seats_primary": 600.0})) == [
        "project_takes_too_much"
    ]
    assert codes(built({"kind": "purchase", "school_id": "S1", "seats_primary": 60.0})) == [
        "purchase_of_counting_seats"
    ]


def test_a_split_without_figures_frees_the_youngest_stage_or_moves_it():
    freed = built({"kind": "split", "school_id": "S2"})
    assert primary(freed, "S2") == [405, 405, 0, 0, 0, 0]
    assert freed.seats["junior"].loc["S2"].tolist() == [600] * 6
    moved = built({"kind": "split", "school_id": "S2", "school_type": "primary", "x": 100.0, "y": 100.0})
    assert moved.seats["junior"].loc[["S2", "P1"]].to_numpy().tolist() == [
        [600, 600, 0, 0, 0, 0],
        [0, 0, 600, 600, 600, 600],
    ]
    assert moved.schools.loc["P1", "school_type"] == "junior"
    assert codes(built({"kind": "split", "school_id": "S1"})) == ["project_without_seats"]


def test_a_closed_school_opens_again_with_its_seats():
    close = {"kind": "close", "school_id": "S2"}
    seats = built(close, {"kind": "reopen", "school_id": "S2", "opening_year": 2029})
    assert primary(seats, "S2") == [405, 405, 0, 0, 405, 405]


KINDERGARTEN = replace(small_city(), stages=("kindergarten", "primary", "junior"))


def with_kindergarten(*projects, **tables):
    rows = [
        {"project_id": f"P{rank}", "name": f"项目{rank}", "state": "approved", "opening_year": 2027, **row}
        for rank, row in enumerate(projects, start=1)
    ]
    made = small_city(tables={"projects": rows, **tables})
    return seats_of(replace(made, stages=KINDERGARTEN.stages))


def test_a_kindergarten_is_attached_to_a_school():
    seats = with_kindergarten(
        {"kind": "attach_kindergarten", "school_id": "S2", "classes_kindergarten": 3, "seats_primary": 9.0}
    )
    assert seats.seats["kindergarten"].loc["P1"].tolist() == [0, 0, 90, 90, 90, 90]
    assert seats.schools.loc["P1", ["school_type", "district_id"]].tolist() == ["kindergarten", "D2"]
    assert primary(seats, "P1") == [0] * 6


CLOSE = {"kind": "close", "school_id": "S2"}
REUSE = {"kind": "reuse_as_kindergarten", "school_id": "S2", "floor_area_m2": 1000.0}


def test_a_kindergarten_in_the_rooms_of_a_closed_school_is_as_large_as_they_are():
    seats = with_kindergarten(REUSE, CLOSE)
    assert seats.seats["kindergarten"].loc["P1"].tolist() == [0, 0, 90, 90, 90, 90]
    small = with_kindergarten({**REUSE, "classes_kindergarten": 2}, CLOSE)
    assert small.seats["kindergarten"].loc["P1"].tolist()[2] == 60
    large = with_kindergarten({**REUSE, "classes_kindergarten": 9}, CLOSE)
    assert large.seats["kindergarten"].loc["P1"].tolist()[2] == 90
    assert [note.code for note in large.notes][-1] == "reuse_too_large"


def test_rooms_are_empty_only_from_the_closure_on():
    later = with_kindergarten(REUSE, {**CLOSE, "opening_year": 2029})
    assert later.seats["kindergarten"].loc["P1"].tolist() == [0, 0, 0, 0, 90, 90]
    assert "reuse_before_closed" in [note.code for note in later.notes]


def test_an_idle_site_tells_its_rooms_and_place():
    site = {"site_id": "L1", "x": 2900.0, "y": 100.0, "floor_area_m2": 700.0, "former_school_id": "OLD"}
    row = {"kind": "reuse_as_kindergarten", "site_id": "L1"}
    seats = with_kindergarten(row, sites=[site])
    assert seats.seats["kindergarten"].loc["P1"].tolist()[2] == 60
    nothing = with_kindergarten({**REUSE, "floor_area_m2": None, "classes_kindergarten": 1}, CLOSE)
    assert "reuse_without_area" in [note.code for note in nothing.notes]


def test_a_plan_switches_projects_on_and_off():
    planned = {**NEW, "state": "planned"}
    assert "P1" in built(planned, include_projects=("P1",)).schools.index
    assert "P1" not in built(NEW, exclude_projects=("P1",)).schools.index
    assert "P1" not in built(NEW, include_projects=("P1",), exclude_projects=("P1",)).schools.index
    assert codes(built(NEW, exclude_projects=("P9",))) == ["project_unknown"]


GATES = {"procedures_complete": True, "construction_accepted": True, "title_clear": True}


@pytest.mark.parametrize(
    ("row", "counts"),
    [
        ({"state": "handed_over", **GATES}, True),
        ({"state": "handed_over", **GATES, "title_clear": False}, False),
        ({"state": "handed_over"}, False),
        ({"state": "started"}, True),
    ],
)
def test_acceptance_may_be_required_of_what_is_built(row, counts):
    seats = built({**NEW, **row}, require_acceptance=True)
    assert ("P1" in seats.schools.index) == counts
    assert "P1" in built({**NEW, **row}).schools.index
