"""What is written can be read back: by this package, byte for byte, and as an office would write it."""

from __future__ import annotations

import filecmp
import io
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutplan.city import load_city
from layoutplan.plan import load_plan
from layoutplan.synthetic import DEMO_SEED, make_city_tables, write_city, write_demo
from tests.examples import examples
from tests.same_bytes import same_bytes

DEMO = Path(__file__).parents[2] / "data" / "demo"


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return write_demo(tmp_path_factory.mktemp("town"), residents=20_000, seed=3)


@pytest.fixture(scope="module")
def city(written):
    return load_city(load_plan(written))


def test_a_written_city_loads_without_a_word(city):
    assert not [note for note in city.notes if note.severity != "notice"]


@pytest.mark.parametrize(
    ("residents", "seed"),
    [
        (60_000, 1),  # a township that is one 学区
        (8_000, 6),  # no land is kept for schools
        (11_919, 1),  # no project
    ],
)
def test_the_checker_takes_every_city(residents, seed, tmp_path):
    assert_taken(residents, seed, tmp_path)


@given(residents=st.integers(5_000, 60_000), seed=st.integers(0, 2**31))
@settings(max_examples=examples(3))
def test_the_checker_takes_a_town_of_any_seed(residents, seed, tmp_path_factory):
    assert_taken(residents, seed, tmp_path_factory.mktemp("town"))


@pytest.mark.slow
@given(residents=st.integers(5_000, 500_000), seed=st.integers(0, 2**31))
@settings(max_examples=examples(12))
def test_the_checker_takes_a_city_of_any_size(residents, seed, tmp_path_factory):
    assert_taken(residents, seed, tmp_path_factory.mktemp("city"))


def assert_taken(residents, seed, folder):
    """What is written is read again without a fault, and the people are those who were made."""
    city = load_city(load_plan(write_demo(folder, residents=residents, seed=seed)))
    assert city.units["residents"].sum() == pytest.approx(residents)


def test_writing_and_reading_keeps_residents_schools_and_places(town, city):
    assert (
        city.population.to_numpy().sum()
        == town["units"][[f"age_{age}" for age in range(18)]].to_numpy().sum()
    )
    schools = town["schools"].set_index("school_id").sort_index()
    assert list(city.schools.index) == list(schools.index)
    moved = city.schools.geometry.distance(schools.geometry.set_crs(city.crs), align=False)
    assert moved.max() < 0.2  # six decimals of a degree
    for stage in ("primary", "junior"):
        read = city.schools[f"enrolment_{stage}"].fillna(0).astype(int)
        assert read.tolist() == schools[f"enrolment_{stage}"].fillna(0).astype(int).tolist()
        assert city.unit_catchments[stage].notna().all()


def test_pipeline_and_sites_are_where_they_were_made(town, city):
    for name, key in (("sites", "site_id"), ("projects", "project_id")):
        made = town[name].set_index(key).geometry.dropna()
        read = city.tables[name].reset_index().set_index(key).geometry
        assert read.loc[made.index].distance(made, align=True).max() < 0.2


def test_same_arguments_same_bytes(written, tmp_path):
    write_demo(tmp_path, residents=20_000, seed=3)
    names = sorted(path.name for path in tmp_path.iterdir())
    same, different, broken = filecmp.cmpfiles(written.parent, tmp_path, names, shallow=False)
    assert (sorted(same), different, broken) == (names, [], [])


def test_the_formats_are_an_offices_own(written):
    folder = written.parent
    text = (folder / "schools.csv").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        text.decode("utf-8")
    assert "学校编号" in text.decode("gbk")
    assert (folder / "births.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert list(pd.read_excel(folder / "school_records.xlsx", sheet_name=None)) == ["班级", "办学条件"]
    table = pd.read_csv(io.StringIO(text.decode("gbk")))
    assert set(table["办学性质"]) <= {"公办", "普惠性民办", "民办"}


def test_a_reader_who_forgets_the_datum_is_warned(written):
    """Without ``datum = "gcj02"`` the schools stand half a kilometre off."""
    plan = written.parent / "wrong.toml"
    plan.write_text(written.read_text(encoding="utf-8").replace('datum = "gcj02"', ""), encoding="utf-8")
    notes = load_city(load_plan(plan)).notes
    assert any(note.severity == "warning" and note.table == "schools" for note in notes)


def test_the_demo_in_the_repository_is_the_generators(demo, tmp_path):
    """Its tables, and not only its looks: other versions of GDAL may write other bytes."""
    write_city(demo, tmp_path, seed=DEMO_SEED)
    for name in ("schools.csv", "housing.csv", "births.csv", "enrolment_history.csv", "plan.toml"):
        assert same_bytes(tmp_path / name, DEMO / name), name
    assert sum(path.stat().st_size for path in DEMO.iterdir()) < 5_000_000


def test_the_demo_loads_with_every_scenario():
    plan = load_plan(DEMO / "plan.toml")
    assert plan.scenario_names == ("high-growth", "low-births", "tight-budget")
    city = load_city(plan)
    said = [note.code for note in city.notes if note.severity != "notice"]
    assert said == ["closure_without_successor", "successor_opens_later"]  # its faults on purpose
    assert set(city.areas["district_id"]) == set(city.districts.index) == {"Q01", "Q02", "Q03", "Q04"}
    assert len(city.school_districts) == 8
    assert set(city.catchments["school_district_id"].dropna()) == set(city.school_districts.index)
    assert len(city.areas) == len(make_city_tables()["units"])
