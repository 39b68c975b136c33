"""Plans: defaults, layers, origins, and every fault of a file at once."""

import dataclasses
import json
import pickle

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from layoutplan.errors import InputError
from layoutplan.plan import SECTIONS, Override, TableSettings, load_plan
from layoutplan.plan.describe import as_toml
from tests.examples import examples
from tests.plan.conftest import MINIMAL, PLAN, TABLES

FACTORS = {
    "demand.births_factor": st.floats(0, 5),
    "demand.migration_rate": st.floats(-0.5, 0.5),
    "travel.snap_limit_m": st.floats(1, 2000),
    "siting.enabled": st.booleans(),
    "travel.reach_m.primary": st.floats(10, 9000),
}
CHANGES = st.fixed_dictionaries({}, optional=FACTORS)


def grouped(changes, prefix=""):
    """Write changes as TOML: one header for each table."""
    tables = {}
    for key, value in changes.items():
        table, _, name = key.rpartition(".")
        tables.setdefault(table, []).append(f"{name} = {as_toml(value)}\n")
    return "".join(f"[{prefix}{table}]\n{''.join(lines)}" for table, lines in tables.items())


def value_of(plan, key):
    section, name, *inside = key.split(".")
    value = getattr(getattr(plan, section), name)
    return value.get(inside[0]) if inside else value


def test_the_smallest_plan_has_all_defaults(load):
    plan = load(MINIMAL)
    for name, model in SECTIONS.items():
        if name != "plan":
            assert getattr(plan, name) == model()
            assert plan.origin(name) == "default"
    assert plan.general.target == 2030
    assert plan.general.years == tuple(range(2024, 2031))
    assert plan.stages == ("kindergarten", "primary", "junior", "senior")
    assert (plan.scenario, plan.scenario_names, plan.overrides, plan.notes) == (None, (), (), ())
    assert plan.profile.id == "cn-national"
    assert plan.folder == plan.path.parent


def test_a_plan_is_frozen_and_can_be_sent_to_another_process(load):
    plan = load(MINIMAL)
    with pytest.raises(dataclasses.FrozenInstanceError):
        plan.scenario = "x"
    with pytest.raises(ValueError, match="frozen"):
        plan.demand.births_factor = 2
    assert pickle.loads(pickle.dumps(plan)) == plan  # noqa: S301


def test_loading_twice_is_equal(write):
    path = write(MINIMAL + "[demand]\nbirths_factor = 0.9\n[scenarios.a]\n")
    assert load_plan(path) == load_plan(path)
    assert load_plan(path).settings_dict() == load_plan(path).settings_dict()


def test_the_settings_go_to_json_and_name_no_folder_of_this_machine(load, tmp_path):
    plan = load(MINIMAL + '[[override]]\nkey = "class_size.cap"\nof = "primary"\nvalue = 40\n')
    written = json.dumps(plan.settings_dict())
    assert str(tmp_path) not in written
    back = json.loads(written)
    assert back["tables"]["schools"]["file"] == "schools.csv"
    assert back["override"] == [{"key": "class_size.cap", "of": "primary", "value": 40.0, "reason": ""}]
    assert back["demand"]["births_factor"] == 1.0
    assert set(back) == {*SECTIONS, "tables", "override"}


def test_a_scenario_with_no_content_equals_the_plan(load):
    content = MINIMAL + '[demand]\nbirths_factor = 0.9\n[scenarios.same]\ntitle = "Same"\n'
    base, same = load(content), load(content, "same")
    assert same.settings_dict() == base.settings_dict()
    assert same.profile == base.profile
    assert (same.scenario, same.title) == ("same", "Same")
    assert same.origin("demand.births_factor") == "plan.toml"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(40))
@given(CHANGES, CHANGES, CHANGES)
def test_the_last_layer_wins_and_the_origin_tells_the_truth(write, base, low, worst):
    content = MINIMAL + grouped(base)
    content += "[scenarios.low]\n" + grouped(low, "scenarios.low.")
    content += '[scenarios.worst]\nbase = "low"\n' + grouped(worst, "scenarios.worst.")
    plan = load_plan(write(content), scenario="worst")
    layers = [("plan.toml", base), ("scenario low", low), ("scenario worst", worst)]
    for key in FACTORS:
        writers = [(name, layer[key]) for name, layer in layers if key in layer]
        if writers:
            assert (plan.origin(key), value_of(plan, key)) == writers[-1]
        else:
            assert plan.origin(key) == "default"


def test_overrides_are_added_in_order_and_the_later_wins(load):
    entry = '[[{}]]\nkey = "class_size.cap"\nof = "primary"\nvalue = {}\n'
    content = MINIMAL + entry.format("override", 40) + entry.format("scenarios.a.override", 41)
    content += '[scenarios.b]\nbase = "a"\n' + entry.format("scenarios.b.override", 42)
    caps = [
        load(content, name).profile.at(2025).number("class_size.cap", "primary") for name in (None, "a", "b")
    ]
    assert caps == [40, 41, 42]
    plan = load(content, "b")
    assert [override.value for override in plan.overrides] == [40, 41, 42]
    assert [plan.origin(f"override.{place}") for place in (1, 2, 3)] == [
        *("plan.toml", "scenario a", "scenario b")
    ]
    assert plan.overrides[0] == Override(key="class_size.cap", of="primary", value=40.0)


def test_tables_merge_and_age_shares_are_replaced_whole(load):
    content = MINIMAL + (
        '[tables.units.columns]\npopulation = "人口"\n'
        '[population]\nage_shares = { "0-4" = 0.5, "5" = 0.3 }\n'
        '[scenarios.a.tables.units]\nfile = "later.csv"\n'
        '[scenarios.a.population]\nage_shares = { "0-5" = 0.6 }\n'
    )
    plan = load(content, "a")
    assert plan.tables["units"] == TableSettings.model_validate(
        {"file": "later.csv", "columns": {"population": "人口"}}
    )
    assert plan.population.age_shares == {"0-5": 0.6}
    assert plan.origin("tables.units.file") == "scenario a"
    assert plan.origin("tables.units.columns") == "plan.toml"
    assert plan.origin("tables.units") == "scenario a"
    assert plan.origin("tables.schools") == "plan.toml"


@pytest.mark.parametrize(
    "key", ["demnad", "demand.birth", "plan.years", "demand.births_factor.x", "override.9"]
)
def test_asking_for_the_origin_of_nothing_is_a_defect(load, key):
    with pytest.raises(KeyError):
        load(MINIMAL).origin(key)


def test_stages_come_youngest_first(load):
    plan = load(PLAN + 'stages = ["junior", "primary"]\n' + TABLES)
    assert plan.stages == ("primary", "junior")


def test_a_profile_of_the_planner_is_read_beside_the_plan(load, write):
    write(
        'id = "mine"\nname_en = "M"\nname_zh = "自备"\ninherits = "cn-national"\n[[rule]]\n'
        'key = "class_size.cap"\nof = "primary"\nvalue = 40\nunit = "pupils/class"\nvalid_from = 2020\n'
        'source = "city"\nconfidence = "V"\n',
        name="my-profile.toml",
    )
    plan = load(PLAN + 'profile = "my-profile.toml"\n' + TABLES)
    assert plan.profile.id == "mine"
    assert plan.profile.at(2024).number("class_size.cap", "primary") == 40


def test_a_byte_order_mark_is_noticed_and_the_plan_read(tmp_path):
    path = tmp_path / "plan.toml"
    path.write_bytes(b"\xef\xbb\xbf" + MINIMAL.encode())
    assert [fault.code for fault in load_plan(path).notes] == ["toml_bom"]


def test_a_plan_that_cannot_be_read(tmp_path):
    (tmp_path / "gbk.toml").write_bytes('[plan]\nname = "高新区"\n'.encode("gbk"))
    (tmp_path / "bad.toml").write_text("[plan\n", encoding="utf-8")
    for name, code in [
        ("none.toml", "toml_missing"),
        (".", "toml_is_folder"),
        ("gbk.toml", "toml_encoding"),
        ("bad.toml", "toml_syntax"),
    ]:
        with pytest.raises(InputError) as error:
            load_plan(tmp_path / name)
        assert [fault.code for fault in error.value.faults] == [code]


def test_all_faults_of_a_plan_and_its_scenarios_come_at_once(faults):
    found = faults(
        "nonsense = 1\n[plan]\nbase_year = 'x'\nlang = 'fr'\nprofile = 'cn-nationl'\n"
        "[tables.scools]\nfile = 'a.csv'\n[demand]\nbirths_factr = 1\n"
        "[population.age_shares]\nold = 0.5\n[[override]]\nkey = 5\nvalue = 1\n"
        "[scenarios.a]\nbase = 'b'\n[scenarios.a.demand]\nmigration_rate = 'x'\n",
        scenario="z",
    )
    assert sorted(fault.code for fault in found) == sorted(
        [
            *("plan_unknown_section", "plan_type_integer", "plan_missing_key", "plan_not_a_choice"),
            *("profile_unknown", "plan_table_unknown", "plan_unknown_key", "plan_age_key", "plan_type_text"),
            *("plan_scenario_base_unknown", "plan_type_number", "plan_scenario_unknown"),
            *("plan_table_missing", "plan_units_missing"),
        ]
    )


def test_a_fault_of_the_plan_is_not_repeated_for_its_scenarios(faults):
    content = MINIMAL + "[demand]\nbirths_factor = -1\n[scenarios.a]\n[scenarios.b.siting]\nenabled = false\n"
    assert [fault.code for fault in faults(content)] == ["plan_out_of_range"]


def test_a_fault_of_another_scenario_is_found_too_at_its_line(faults):
    (fault,) = faults(MINIMAL + "[scenarios.a.plan]\nhorizon_year = 2020\n")
    assert fault.code == "plan_horizon_before_base"
    assert (fault.file, fault.rows) == ("plan.toml", ("11",))
    assert fault.params["key"] == "scenarios.a.plan.horizon_year"
