"""Lives of schools, projects and sites: what is there twice, too late, or in a circle."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point, box

from layoutplan.city.alike import alike
from layoutplan.city.listed_once import list_once
from layoutplan.dictionary import empty_frame, input_table
from layoutplan.dictionary.table_log import TableLog
from layoutplan.errors import FaultLog
from layoutplan.standards import load_profile
from tests.city.office import Office

CRS = "EPSG:4547"


def table(name, rows):
    """Return a checked table: ``at`` is a point (or a geometry), missing columns are null."""
    blank = empty_frame(input_table(name))
    data = {
        column: pd.Series(
            [row.get(column) for row in rows], dtype=blank[column].dtype, index=range(2, 2 + len(rows))
        )
        for column in blank
        if column != "geometry"
    }
    shapes = [Point(row["at"]) if isinstance(row.get("at"), tuple) else row.get("at") for row in rows]
    return gpd.GeoDataFrame(
        pd.DataFrame(data), geometry=gpd.GeoSeries(shapes, index=range(2, 2 + len(rows))), crs=CRS
    )


def school(name, at, seats=400.0, kind="primary", **more):
    return {
        "school_id": name.split()[0],
        "name": name.split(maxsplit=1)[1],
        "school_type": kind,
        "at": at,
        "seats_primary": seats,
        **more,
    }


SCHOOLS = (
    school("A Alder Primary", (0, 0)),
    school("B Birch Primary", (900, 0)),
    school("C Cedar Primary", (1800, 0)),
)


def project(id_, kind, **more):
    base = {"project_id": id_, "name": f"Work {id_}", "kind": kind, "state": "approved", "opening_year": 2027}
    return {**base, **more}


def check(schools=SCHOOLS, projects=(), sites=(), catchments=()):
    log = FaultLog()
    frames = {
        "schools": table("schools", schools),
        "projects": table("projects", projects),
        "sites": table("sites", sites),
    }
    frames = {name: frame for name, frame in frames.items() if len(frame)}
    if catchments:
        frames["catchments"] = table("catchments", catchments)
    spatial = {name: frame for name, frame in frames.items() if frame.geometry.notna().any()}
    logs = {name: TableLog(log, f"{name}.csv", name) for name in ("schools", "projects", "sites")}
    plain, placed = list_once(
        frames, spatial, schooling=load_profile("cn-national").schooling, crs=CRS, logs=logs
    )
    return plain, placed, {fault.code: fault for fault in log}


def test_a_school_listed_twice_is_kept_once_and_its_catchment_names_the_row_that_stays():
    twin = {
        **SCHOOLS[0],
        "school_id": "A2",
        "name": "ALDER  primary",
        "at": (40, 0),
        "enrolment_primary": 380.0,
    }
    plain, placed, said = check(
        schools=(*SCHOOLS, twin),
        projects=[project("P", "expand", school_id="A2", seats_primary=90.0)],
        catchments=[
            {"catchment_id": "K", "stage": "primary", "school_ids": ("A2", "B"), "at": box(0, 0, 9, 9)}
        ],
    )
    assert placed["schools"]["school_id"].tolist() == ["A", "B", "C"]
    assert plain["projects"]["school_id"].tolist() == ["A"]
    assert placed["catchments"]["school_ids"].tolist() == [("A", "B")]
    assert (said["school_twice"].severity, said["school_twice"].params["seats"]) == ("warning", 400.0)


def test_what_may_be_one_school_is_asked_and_what_is_not_is_left_alone():
    wrong = []
    for change, code in (
        ({"name": "Alder Primary", "seats_primary": 380.0}, "school_maybe_twice"),  # the figures differ
        ({"name": "Alder Primary School"}, "school_maybe_twice"),
        ({"name": "Alder Primary East"}, None),
        ({"name": "Alder Primary (east campus)"}, None),
        ({"name": "Alder Primary", "at": (400, 0)}, None),  # farther than a stone's throw
        (
            {"name": "Alder Primary", "school_type": "junior", "seats_primary": None, "seats_junior": 300.0},
            None,
        ),
    ):
        other = {**SCHOOLS[0], "school_id": "A2", "at": (40, 0), **change}
        plain, _, said = check(schools=(*SCHOOLS, other))
        if [*said] != ([code] if code else []) or len(plain["schools"]) != 4:
            wrong.append((change, [*said]))
    assert not wrong


def test_names_differ_by_their_numbers():
    assert not alike("实验第二小学", "实验第三小学")
    assert not alike("School 00", "School 01")
    assert alike("高新区实验小学", "高新区实验小学校")


def test_lives_that_contradict_themselves():
    """Each case: projects, the fault, its severity."""
    wrong = []
    close = {"kind": "close", "school_id": "A", "successor_school_id": "B"}
    for projects, code, severity in (
        ([project("P", **{**close, "successor_school_id": "A"})], "own_successor", "error"),
        (
            [project("P", **close), project("Q", "close", school_id="B", successor_school_id="A")],
            "successors_in_circle",
            "error",
        ),
        (
            [project("P", **close), project("Q", "close", school_id="B", successor_school_id="C")],
            "successor_closes_too",
            "warning",
        ),
        (
            [project("P", **close), project("Q", **{**close, "opening_year": 2029})],
            "school_closes_twice",
            "warning",
        ),
        (
            [
                project("P", **close),
                project("Q", "expand", school_id="A", opening_year=2028, seats_primary=90.0),
            ],
            "enlarged_after_closing",
            "warning",
        ),
        ([project("P", "expand", school_id="A", seats_junior=90.0)], "project_stage_not_taught", "warning"),
        (
            [
                project(
                    "P",
                    "new",
                    name="Alder primary school",
                    school_type="primary",
                    at=(50, 0),
                    seats_primary=90.0,
                )
            ],
            "project_built_already",
            "warning",
        ),
        (
            [
                project(id_, "expand", name="North wing", school_id="A", seats_primary=90.0)
                for id_ in ("P", "Q")
            ],
            "project_twice",
            "warning",
        ),
    ):
        said = check(projects=projects)[2]
        if [(one, fault.severity) for one, fault in said.items()] != [(code, severity)]:
            wrong.append((code, {one: fault.severity for one, fault in said.items()}))
    assert not wrong


def test_sound_lives_are_left_alone():
    sound = (
        [
            project("P", "close", school_id="A", successor_school_id="B"),
            project("Q", "reopen", school_id="A", opening_year=2029),
            project("R", "expand", school_id="A", opening_year=2030, seats_primary=90.0),
        ],
        [
            project("P", "relocate", school_id="A", at=(300, 300), successor_school_id="P"),
            project("Q", "expand", school_id="A", opening_year=2029, seats_primary=90.0),
        ],
        [project("P", "expand", school_id="A", seats_kindergarten=60.0)],  # nursery classes are ordinary
        [project("P", "new", name="Dogwood Primary", school_type="primary", at=(50, 0), seats_primary=90.0)],
        [project("P", "close", school_id="A", state="cancelled", successor_school_id="A")],
        [
            project(id_, "expand", name="Wing", school_id="A", seats_primary=90.0, opening_year=year)
            for id_, year in (("P", 2026), ("Q", 2028))
        ],
    )
    said = [(number, [*check(projects=projects)[2]]) for number, projects in enumerate(sound)]
    assert [one for one in said if one[1]] == []


def test_a_project_listed_twice_counts_once():
    twice = [
        project(id_, "expand", name="North wing", school_id="A", seats_primary=90.0) for id_ in ("P", "Q")
    ]
    assert check(projects=twice)[0]["projects"]["project_id"].tolist() == ["P"]


def test_sites_that_are_one_place_or_a_school():
    sites = [
        {"site_id": "L1", "status": "reserved", "at": box(100, 100, 200, 200)},
        {"site_id": "L2", "status": "reserved", "at": box(110, 100, 210, 200)},
        {"site_id": "L3", "status": "reserved", "at": box(400, 100, 500, 200)},
        {"site_id": "L4", "status": "reserved", "at": (900, 5)},
        {"site_id": "L5", "status": "idle", "at": (1800, 5)},
    ]
    said = check(sites=sites)[2]
    assert said["sites_in_one_place"].params["pairs"] == "L1 + L2"
    assert said["site_on_school"].params["schools"] == "B"


@pytest.fixture
def office(tmp_path):
    return Office(tmp_path)


def test_nursery_classes_in_a_primary_school_are_ordinary(office):
    office.replace('stages = ["primary", "junior"]', 'stages = ["kindergarten", "primary", "junior"]')
    office.frames["schools"]["幼儿园学位数"] = [60, None]
    office.frames["schools"]["幼儿园在校生数"] = [55, None]
    office.set("catchments", 0, "school_ids", "S1")
    city = office.load()
    codes = {note.code for note in city.notes}
    assert city.stages[0] == "kindergarten"
    assert not codes & {"stage_not_taught", "stated_stage_without_schools", "school_teaches_other_stage"}


def test_a_capacity_of_the_whole_campus_is_divided_and_never_counted_twice(office):
    """Two stages read one header: by enrolment, by classes, by grades; a primary school keeps all of it."""
    schools = pd.concat([office.frames["schools"].iloc[[1]]] * 3, ignore_index=True)
    schools["学校编号"] = ["S1", "S2", "S3"]
    schools["学校名称"] = ["一校", "二校", "三校"]
    schools["学校类型"] = ["九年一贯制", "九年一贯制", "小学"]
    schools["Capacity"] = [900, 900, 500]
    schools["小学在校生数"] = [500, None, 300]
    schools["初中在校生数"] = [250, None, None]
    office.frames["schools"] = schools.drop(columns=["小学学位数", "初中学位数"])
    office.replace(
        'file = "schools.csv"',
        'file = "schools.csv"\ncolumns = { seats_primary = "Capacity", seats_junior = "Capacity" }',
    )
    city = office.load()
    seats = city.schools[["seats_primary", "seats_junior"]].fillna(0.0)
    assert seats.to_numpy().tolist() == [[600.0, 300.0], [600.0, 300.0], [500.0, 0.0]]
    said = {note.code: note for note in city.notes}
    assert said["header_for_two_columns"].params["first"] == "seats_primary"
    assert said["capacity_shared"].params["count"] == 2
