"""Two school systems over one city: stages, catchments, pupils and faults of each, computed by hand."""

import pickle
from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import box

import layoutplan as lp
from layoutplan.dictionary import given_tables, input_table
from layoutplan.runs import check_scenarios
from layoutplan.standards import read_profile
from tests.schooling.cities import LAT, LON, STEP, of_age, write_city

PROFILE = """
id = "boards"
name_en = "Two boards"
name_zh = "两个教育局"
inherits = "ca-ontario"
[[system]]
id = "public"
name_en = "Public"
name_zh = "公立"
[[system]]
id = "catholic"
name_en = "Catholic"
name_zh = "天主教"
[[rule]]
key = "demand.system_share"
value = { public = 0.7, catholic = 0.25 }
unit = "pupils/pupil"
valid_from = 2000
source = "a test"
confidence = "D"
"""
SCHOOL = {"school_type": "elementary", "ownership": "public"}
SCHOOLS = [
    {"school_id": "P1", "name": "Parkside", "system": "public", "seats_elementary": 250, **SCHOOL},
    {"school_id": "P2", "name": "Queens", "system": "public", "seats_elementary": 290, **SCHOOL},
    {"school_id": "C1", "name": "St. Mary", "system": "Catholic", "seats_elementary": 150, **SCHOOL},
]
"""The last one serves everybody; the catchments of the other two lie in its own."""


def boards(folder: Path, *, schools=None, units=None) -> Path:
    """Two units of 20 children of each age 4-13, of whom 97 % are pupils: 194 in each."""
    (folder / "boards.toml").write_text(PROFILE, encoding="utf-8")
    if units is None:
        units = [
            {"unit_id": f"U{k}", "catchment_public_elementary": f"P{k}",
             "catchment_catholic_elementary": "C1", **of_age(20, 4, 13)}
            for k in (1, 2)
        ]  # fmt: skip
        units[1]["share_catholic"] = 0.5  # the unit's own share; its public one is given too
        units[1]["share_public"] = 0.5
    return write_city(
        folder, "boards.toml", stages=("elementary",), schools=SCHOOLS if schools is None else schools,
        units=units,
    )  # fmt: skip


def faults(path: Path) -> dict[str, lp.Fault]:
    with pytest.raises(lp.InputError) as error:
        lp.make_study(lp.load_plan(path))
    return {fault.code: fault for fault in error.value.faults if fault.severity == "error"}


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    study = lp.make_study(lp.load_plan(boards(tmp_path_factory.mktemp("boards"))))
    return study, lp.evaluate(study)


def test_each_system_has_stages_of_its_own(both):
    study, _ = both
    assert study.city.stages == ("public_elementary", "catholic_elementary")
    stage = study.city.schooling.stage("catholic_elementary")
    assert (stage.name_en, stage.name_zh) == ("Catholic elementary", "天主教小学")
    assert study.standards.ages("catholic_elementary") == (4, 13)
    assert study.city.schools["school_type"].tolist() == [
        "catholic_elementary", "public_elementary", "public_elementary",
    ]  # fmt: skip
    seats = study.city.rolls("catholic_elementary")["seats"]
    assert seats.dropna().to_dict() == {"C1": 150.0}


def test_pupils_are_divided_among_the_systems(both):
    study, balance = both
    pupils = {stage: study.demand.pupils[stage][2025] for stage in study.city.stages}
    # U1 by the profile: 194 × 0.7 = 135.8 and 194 × 0.25 = 48.5; U2 by its columns: 97 and 97
    assert pupils["public_elementary"].round(6).to_dict() == {"U1": 135.8, "U2": 97.0}
    assert pupils["catholic_elementary"].round(6).to_dict() == {"U1": 48.5, "U2": 97.0}
    rows = balance.city.query("year == 2025").set_index("stage")
    assert rows.loc["public_elementary", ["demand", "seats", "shortfall"]].round(6).tolist() == [
        232.8,
        540,
        0,
    ]
    # 145.5 Catholic pupils for 150 seats, in a catchment that lies over both public ones
    assert rows.loc["catholic_elementary", ["demand", "seats", "surplus"]].round(6).tolist() == [
        145.5,
        150,
        4.5,
    ]
    assert float(study.demand.children["catholic_elementary"][2025].sum()) == 400.0


def test_no_pupil_is_placed_in_a_school_of_another_system(both):
    _, balance = both
    placed = balance.assignment.query("year == 2025")
    schools = placed.groupby("stage", observed=True)["school_id"].agg(lambda ids: set(map(str, ids)))
    assert schools.to_dict() == {"public_elementary": {"P1", "P2"}, "catholic_elementary": {"C1"}}
    held = balance.catchments.query("year == 2025").groupby("stage")["demand"].sum().round(6)
    assert held.to_dict() == {"public_elementary": 232.8, "catholic_elementary": 145.5}


def test_a_school_of_one_system_in_the_catchment_of_another_is_refused(tmp_path):
    schools = [dict(one) for one in SCHOOLS]
    units = [{"unit_id": "U", "catchment_public_elementary": "C1", **of_age(20, 4, 13)}]
    found = faults(boards(tmp_path, schools=schools, units=units))
    assert found["school_teaches_other_stage"].params["stage"] == "public_elementary"


def test_an_unknown_system_and_a_missing_one_are_told(tmp_path):
    schools = [{**SCHOOLS[0], "system": "french"}, {**SCHOOLS[1], "system": None}, SCHOOLS[2]]
    found = faults(boards(tmp_path, schools=schools))
    assert found["system_missing"].column == "system"
    assert "public, catholic" in found["system_missing"].params["known"]
    assert any("french" in str(one.params) for one in found.values())


def test_shares_of_more_than_all_pupils_are_refused(tmp_path):
    units = [{"unit_id": "U", "share_public": 0.9, "share_catholic": 0.2, **of_age(20, 4, 13)}]
    found = faults(boards(tmp_path, units=units))
    assert (found["system_shares_above_one"].rows, found["system_shares_above_one"].params["share"]) == (
        ("U",), "1.10",
    )  # fmt: skip


def test_check_refuses_the_shares_a_run_refuses(tmp_path):
    units = [{"unit_id": "U", "share_public": 0.9, "share_catholic": 0.2, **of_age(20, 4, 13)}]
    for folder, given in (("unknown", {"share_public": None, "share_catholic": None}), ("above", {})):
        (tmp_path / folder).mkdir()
        path = boards(tmp_path / folder, units=[{**units[0], **given}])
        if folder == "unknown":
            profile = path.parent / "boards.toml"
            profile.write_text(PROFILE.split("[[rule]]", maxsplit=1)[0], encoding="utf-8")
        with pytest.raises(lp.InputError) as error:
            check_scenarios([lp.load_plan(path)], tmp_path / "out")
        checked = {fault.code for fault in error.value.faults if fault.severity == "error"}
        assert checked == set(faults(path)) == {f"system_share{'_unknown' if given else 's_above_one'}"}


def test_a_profile_with_systems_keeps_its_own_rules(tmp_path):
    (tmp_path / "boards.toml").write_text(
        PROFILE
        + """
[[rule]]
key = "class_size.standard"
of = "catholic_elementary"
value = 20
unit = "pupils/class"
valid_from = 1990
source = "a test"
confidence = "D"
"""
    )
    standards = read_profile(tmp_path / "boards.toml").at(2025)
    assert [standards.class_size(f"{one}_elementary") for one in ("public", "catholic")] == [23.0, 20.0]
    assert standards.schooling.from_home == ("public_elementary", "catholic_elementary")


def test_an_override_for_a_stage_holds_for_every_system(tmp_path):
    path = boards(tmp_path)
    text = (
        path.read_text()
        + """
[[override]]
key = "class_size.cap"
of = "elementary"
value = 24
reason = "agreement"
[[override]]
key = "class_size.standard"
of = "catholic"
value = 21
reason = "agreement"
"""
    )
    path.write_text(text)
    standards = lp.load_plan(path).profile.at(2025)
    stages = ("public_elementary", "catholic_elementary")
    assert [standards.number("class_size.cap", stage) for stage in stages] == [24.0, 24.0]
    assert [standards.class_size(stage) for stage in stages] == [23.0, 21.0]


def test_tables_ask_for_a_system_only_where_there_are_several(both):
    schooling = both[0].city.schooling
    assert "system" in given_tables(schooling)["schools"].column_names
    assert "seats_elementary" in given_tables(schooling)["schools"].column_names
    assert "share_catholic" in given_tables(schooling)["units"].column_names
    assert "system" not in input_table("schools").column_names
    again = pickle.loads(pickle.dumps(schooling))  # noqa: S301  our own
    assert again == schooling


def test_the_catchment_that_a_school_names_is_one_of_its_system(tmp_path):
    """Schools of two systems name theirs in the one column ``catchment_elementary``, as the drawn ones do."""
    own = [{**school, "catchment_elementary": f"Z{school['school_id']}"} for school in SCHOOLS]
    path = boards(tmp_path, schools=own, units=[{"unit_id": f"U{k}", **of_age(20, 4, 13)} for k in (1, 2)])
    areas = {"ZP1": (0, 1), "ZP2": (1, 2), "ZC1": (0, 2)}
    drawn = gpd.GeoDataFrame(
        {"catchment_id": [*areas], "stage": "elementary", "system": ["public", "public", "catholic"]},
        geometry=[box(LON + STEP * (a - 0.5), LAT - STEP, LON + STEP * (b - 0.5), LAT + STEP)
                  for a, b in areas.values()],
        crs="EPSG:4326",
    )  # fmt: skip
    drawn.to_file(tmp_path / "catchments.gpkg")
    path.write_text(path.read_text(encoding="utf-8") + '[tables.catchments]\nfile = "catchments.gpkg"\n')
    city = lp.load_city(lp.load_plan(path))
    links = city.catchment_schools.set_index("school_id")
    assert links["catchment_id"].to_dict() == {"P1": "ZP1", "P2": "ZP2", "C1": "ZC1"}
    assert city.unit_catchments.loc["U2"].to_dict() == {
        "public_elementary": "ZP2",
        "catholic_elementary": "ZC1",
    }


def with_projections(folder: Path, rows: str) -> Path:
    """Give the boards' own projections to a plan that follows them."""
    path = boards(folder)
    (folder / "projections.csv").write_text(f"system,stage,year,pupils\n{rows}\n", encoding="utf-8")
    plan = path.read_text(encoding="utf-8").replace(
        "[uncertainty]", "follow_projection = true\n[uncertainty]"
    )
    path.write_text(plan + '[tables.projections]\nfile = "projections.csv"\n', encoding="utf-8")
    return path


def test_each_board_brings_its_own_projection(tmp_path):
    """291 for the 232.8 public pupils, a quarter more; 97 for the 145.5 Catholic ones, a third less."""
    rows = "public,elementary,2025,291\nCatholic,elementary,2025,97"
    study = lp.make_study(lp.load_plan(with_projections(tmp_path, rows)))
    pupils = {stage: study.demand.pupils[stage][2025].tolist() for stage in study.city.stages}
    assert pupils["public_elementary"] == pytest.approx([135.8 * 1.25, 97 * 1.25])
    assert pupils["catholic_elementary"] == pytest.approx([48.5 * 2 / 3, 97 * 2 / 3])
    told = study.reconciliation.set_index("stage")["by_authority"]
    assert told.to_dict() == {"public_elementary": 291.0, "catholic_elementary": 97.0}


def test_a_board_without_a_projection_keeps_its_pupils(tmp_path):
    study = lp.make_study(lp.load_plan(with_projections(tmp_path, "public,elementary,2025,291")))
    pupils = {stage: study.demand.pupils[stage][2025].sum() for stage in study.city.stages}
    assert pupils == pytest.approx({"public_elementary": 291.0, "catholic_elementary": 145.5})


def test_a_projection_of_no_board_is_refused(tmp_path):
    assert "system_missing" in faults(with_projections(tmp_path, ",elementary,2025,291"))
