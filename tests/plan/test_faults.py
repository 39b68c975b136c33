"""Every fault a plan can have: what it takes to trigger it, and where it is said to be."""

import re
from pathlib import Path

import pytest

from layoutplan.texts import keys, text
from tests.plan.conftest import MINIMAL, PLAN, TABLES

TILES = "tiles = 'https://a.org/{z}/{x}/{y}.png'\n"
CREDIT = "tiles_attribution = 'A'\n"

CAP = MINIMAL + "[[override]]\nkey = 'class_size.cap'\n"

# code, plan, line (None: no line), a word the English remedy or description must hold
CASES = [
    ("plan_unknown_section", MINIMAL + "[demnad]\n", 10, "demand"),
    ("plan_unknown_section", MINIMAL + "[scenarios.a.foo]\n", 10, "demand"),
    ("plan_unknown_key", MINIMAL + "[demand]\nbirths_factr = 1\n", 11, "births_factor"),
    ("plan_unknown_key", MINIMAL + "[scenarios.a.demand]\nbirths_factr = 1\n", 11, "births_factor"),
    ("plan_stage_not_in_profile", MINIMAL + "[demand]\nparticipation = { primry = 1 }\n", 11, "primary"),
    ("plan_unknown_key", MINIMAL + "[tables.roads]\nfile = 'r.shp'\nsheets = 'x'\n", 12, "sheet"),
    ("plan_missing_key", "[plan]\nbase_year = 2024\n" + TABLES, 1, "horizon_year"),
    ("plan_missing_key", MINIMAL + "[tables.roads]\nlayer = 'x'\n", 10, "file"),
    ("plan_missing_key", MINIMAL + "[[override]]\nkey = 'class_size.cap'\n", 10, "value"),
    ("plan_type_integer", "[plan]\nbase_year = '2024'\nhorizon_year = 2030\n" + TABLES, 2, '"2024"'),
    ("plan_type_integer", PLAN + "seed = 1.5\n" + TABLES, 4, "1.5"),
    ("plan_type_integer", PLAN + "target_year = true\n" + TABLES, 4, "true"),
    ("plan_type_number", MINIMAL + "[demand]\nmigration_rate = '1 %'\n", 11, "percent"),
    ("plan_type_number", MINIMAL + "[siting]\nbudget = 2024-01-01\n", 11, "2024-01-01"),
    ("plan_type_text", PLAN + "name = 5\n" + TABLES, 4, "quotes"),
    ("plan_type_text", MINIMAL + "[tables.roads]\nfile = 5\n", 11, "quotes"),
    ("plan_type_text", MINIMAL + "[scenarios.a]\ntitle = 5\n", 11, "quotes"),
    ("plan_type_text", MINIMAL + "[tables.roads]\nfile = ['r.shp', 5]\n", 11, "quotes"),
    ("plan_no_files", MINIMAL + "[tables.roads]\nfile = []\n", 11, "list"),
    ("plan_file_twice", MINIMAL + "[tables.roads]\nfile = ['r.shp', 'r.shp']\n", 11, "once"),
    (
        "plan_unknown_key",
        MINIMAL
        + "[tables.roads]\nfile = 'r.csv'\n[tables.roads.join]\nfile = 'c.csv'\non = 'a'\ntaek = ['b']\n",
        15,
        "take",
    ),
    ("plan_column_unknown", MINIMAL + "[tables.roads]\nfile = 'r.csv'\nadd_up = ['lenght']\n", 12, "name"),
    (
        "plan_long_values",
        MINIMAL
        + "[tables.births]\nfile = 'b.csv'\n[tables.births.long]\ninto = ['year', 'area_id']\n"
        + "headers = { births = { a = 1 } }\n",
        14,
        "each column",
    ),
    ("plan_type_flag", MINIMAL + "[siting]\nenabled = 'yes'\n", 11, "true or false"),
    ("plan_type_flag", MINIMAL + "[siting]\nenabled = 1\n", 11, "true or false"),
    ("plan_type_list", PLAN + "stages = 'primary'\n" + TABLES, 4, "square brackets"),
    ("plan_type_table", "demand = 3\n" + MINIMAL, 1, "demand"),
    ("plan_type_table", "scenarios = 3\n" + MINIMAL, 1, "scenarios"),
    ("plan_type_table", MINIMAL + "[scenarios]\na = 3\n", 11, "scenarios.a"),
    ("plan_type_table", MINIMAL + "[scenarios.a]\ntables = 3\n", 11, "tables"),
    ("plan_type_table", MINIMAL + "[travel]\nreach_m = 3\n", 11, "reach_m"),
    (
        "plan_type_table",
        MINIMAL.replace("[tables.units]\n", "[tables]\nroads = 3\n[tables.units]\n"),
        7,
        "roads",
    ),
    ("plan_bad_value", MINIMAL + "[tables.roads]\nfile = 'r.shp'\nwhere = { a = true }\n", 12, "true"),
    ("plan_bad_value", MINIMAL + "[[override]]\nkey = 'class_size.cap'\nvalue = true\n", 12, "true"),
    ("plan_not_finite", MINIMAL + "[travel]\nsnap_limit_m = inf\n", 11, "finite"),
    ("plan_not_finite", MINIMAL + "[demand]\nmigration_rate = nan\n", 11, "finite"),
    ("plan_not_a_choice", PLAN + "lang = 'fr'\n" + TABLES, 4, "zh, en"),
    ("plan_stage_not_in_profile", PLAN + "stages = ['primary', 'junio']\n" + TABLES, 4, "junior"),
    ("plan_not_a_choice", MINIMAL + "[supply]\nproject_states = ['begun']\n", 11, "started"),
    ("plan_out_of_range", PLAN + "seed = -1\n" + TABLES, 4, "≥ 0"),
    ("plan_out_of_range", MINIMAL + "[demand]\npublic_share = { primary = 95 }\n", 11, "≤ 1"),
    ("plan_out_of_range", MINIMAL + "[hotspots]\nfalse_discovery_rate = 1.0\n", 11, "< 1"),
    ("plan_out_of_range", MINIMAL + "[travel]\nsnap_limit_m = 0\n", 11, "≥ 1, ≤ 20,000 m"),
    ("plan_out_of_range", MINIMAL + "[siting]\ntime_limit_s = 1e308\n", 11, "≤ 604,800 s"),
    ("plan_out_of_range", PLAN + f"seed = {2**63}\n" + TABLES, 4, "≤ 9,223,372,036,854,775,807"),
    ("plan_out_of_range", MINIMAL + "[uncertainty]\ndraws = 1000000000\n", 11, "≤ 100,000 draws"),
    ("plan_out_of_range", MINIMAL + "[hotspots]\ncell_m = 0.001\n", 11, "≥ 50, ≤ 10,000 m"),
    ("plan_out_of_range", MINIMAL + "[travel]\nreach_m = { primary = 0 }\n", 11, "≥ 10, ≤ 100,000 m"),
    ("plan_out_of_range", MINIMAL + "[travel]\ndetour_factor = 0.9\n", 11, "≥ 1, ≤ 10"),
    ("plan_out_of_range", "[plan]\nbase_year = 2024\nhorizon_year = 9999\n" + TABLES, 3, "≤ 2200"),
    ("plan_too_many_years", "[plan]\nbase_year = 2024\nhorizon_year = 2199\n" + TABLES, 3, "100"),
    ("plan_horizon_before_base", "[plan]\nbase_year = 2030\nhorizon_year = 2024\n" + TABLES, 3, "2030"),
    ("plan_target_outside", PLAN + "target_year = 2031\n" + TABLES, 4, "2031"),
    ("plan_target_outside", PLAN + "target_year = 2023\n" + TABLES, 4, "2023"),
    ("plan_tiles_host", PLAN + "tiles = 'tiles/{z}/{x}/{y}.png'\n" + CREDIT + TABLES, 4, "https://"),
    ("plan_tiles_host", PLAN + "tiles = 'file:///t/{z}/{x}/{y}.png'\n" + CREDIT + TABLES, 4, "https://"),
    ("plan_tiles_host", PLAN + "tiles = 'https://t{s}.a.org/{z}/{x}/{y}.png'\n" + CREDIT + TABLES, 4, "{s}"),
    ("plan_tiles_host", PLAN + "tiles = 'https://*/{z}/{x}/{y}.png'\n" + CREDIT + TABLES, 4, "host"),
    ("plan_tiles_host", PLAN + "tiles = 'https://me@a.org/{z}/{x}/{y}'\n" + CREDIT + TABLES, 4, "host"),
    ("plan_tiles_host", PLAN + "tiles = 'https://a.org:70000/{z}/{x}/{y}'\n" + CREDIT + TABLES, 4, "host"),
    ("plan_tiles_host", PLAN + 'tiles = "https://a.org; x/{z}/{x}/{y}"\n' + CREDIT + TABLES, 4, "host"),
    ("plan_tiles_places", PLAN + "tiles = 'https://a.org/{z}/{x}.png'\n" + CREDIT + TABLES, 4, "{y}"),
    ("plan_tiles_places", PLAN + "tiles = 'https://a.org/{z}/{x}/{y}{r}'\n" + CREDIT + TABLES, 4, "braces"),
    ("plan_tiles_places", PLAN + "tiles = 'https://a.org/{z}/{x}/{y}/}'\n" + CREDIT + TABLES, 4, "braces"),
    ("plan_tiles_attribution", PLAN + TILES + TABLES, 4, "provider"),
    ("plan_tiles_attribution", PLAN + TILES + "tiles_attribution = ' '\n" + TABLES, 4, "whose"),
    ("plan_tiles_bd09", PLAN + TILES + CREDIT + "tiles_datum = 'bd09'\n" + TABLES, 6, "gcj02"),
    (
        "plan_stage_not_in_profile",
        PLAN + "profile = 'ca-ontario'\nstages = ['elementary', 'junior']\n" + TABLES,
        5,
        "elementary, secondary",
    ),
    (
        "plan_stage_not_planned",
        PLAN + "stages = ['primary']\n" + TABLES + "[siting]\nstages = ['junior']\n",
        12,
        "primary",
    ),
    ("plan_year_not_planned", MINIMAL + "[zoning]\nyears = [2099]\n", 11, "2099"),
    (
        "plan_stage_no_grades",
        MINIMAL + "[[override]]\nkey = 'stage.ages'\nof = 'junior'\nvalue = [14, 12]\n",
        1,
        "14",
    ),
    ("plan_rule_not_in_force", "[plan]\nbase_year = 1960\nhorizon_year = 2030\n" + TABLES, 1, "stage.ages"),
    (
        "plan_compared_incomplete",
        PLAN + "stages = ['kindergarten']\ncompare_profiles = ['ca-ontario']\n" + TABLES,
        5,
        "ca-ontario",
    ),
    ("profile_unknown", PLAN + "profile = 'cn-nationl'\n" + TABLES, 4, "cn-national"),
    ("toml_missing", PLAN + "profile = 'mine.toml'\n" + TABLES, None, "mine.toml"),
    ("plan_table_unknown", MINIMAL + "[tables.scools]\nfile = 'a.csv'\n", 10, "schools"),
    ("plan_table_missing", MINIMAL.replace("tables.schools", "tables.roads"), None, "schools"),
    ("plan_units_missing", MINIMAL.replace("tables.units", "tables.roads"), None, "raster"),
    ("plan_column_unknown", MINIMAL + "[tables.catchments.columns]\nstag = '学段'\n", 11, "stage"),
    ("plan_column_unknown", MINIMAL + "[tables.catchments.constants]\nstag = 'primary'\n", 11, "stage"),
    ("plan_column_unknown", MINIMAL + "[tables.catchments.values.stag]\n'小学' = 'primary'\n", 10, "stage"),
    ("plan_encoding_unknown", MINIMAL + "encoding = 'gbkk'\n", 10, "gb18030"),
    ("plan_crs_unknown", MINIMAL + "crs = 'EPSG:999999'\n", 10, "EPSG:4547"),
    ("plan_crs_unknown", MINIMAL + "[space]\ncrs = '郑州'\n", 11, "EPSG:4547"),
    ("plan_crs_unknown", MINIMAL + "[population]\nraster_crs = 'x'\n", 11, "EPSG:4547"),
    ("plan_crs_not_metres", MINIMAL + "[space]\ncrs = 'EPSG:4490'\n", 11, "projected"),
    ("plan_crs_not_metres", MINIMAL + "[space]\ncrs = 'EPSG:2263'\n", 11, "projected"),
    ("plan_age_key", MINIMAL + "[population]\nage_shares = { '4-0' = 0.1 }\n", 11, "0-4"),
    ("plan_age_key", MINIMAL + "[population]\nage_shares = { '0–4' = 0.1 }\n", 11, "0-4"),
    ("plan_age_twice", MINIMAL + "[population.age_shares]\n'0-4' = 0.1\n4 = 0.1\n", 12, "0-4"),
    ("plan_age_sum", MINIMAL + "[population.age_shares]\n'0-4' = 0.6\n5 = 0.5\n", 10, "1.1"),
    ("plan_age_year", MINIMAL + "[population.age_profile]\n'0-4' = 0.6\n", 11, "single"),
    ("plan_scenario_base_unknown", MINIMAL + "[scenarios.low]\nbase = 'lwo'\n[scenarios.a]\n", 10, "low"),
    (
        "plan_scenario_cycle",
        MINIMAL + "[scenarios.a]\nbase = 'b'\n[scenarios.b]\nbase = 'a'\n",
        11,
        "a → b → a",
    ),
    ("plan_scenario_cycle", MINIMAL + "[scenarios.a]\nbase = 'a'\n", 11, "a → a"),
    ("plan_scenario_name", MINIMAL + "[scenarios.base]\n", 10, "base"),
    ("plan_scenario_name", MINIMAL + "[scenarios.'a/b']\n", 10, "letters"),
    ("plan_scenario_name_long", MINIMAL + f"[scenarios.{'a' * 201}]\n", 10, "201"),
    ("plan_override_list", MINIMAL + "[override]\nkey = 'x'\n", 10, "[[override]]"),
    (
        "override_unknown_key",
        MINIMAL + "[[override]]\nkey = 'class_size.capp'\nvalue = 1\n",
        10,
        "class_size.cap",
    ),
    (
        "override_unknown_of",
        MINIMAL + "[[override]]\nkey = 'class_size.cap'\nof = 'prim'\nvalue = 1\n",
        10,
        "primary",
    ),
    ("override_out_of_range", CAP + "value = -45\n", 10, "≥ 5, ≤ 150 pupils a class"),
    ("override_out_of_range", CAP + "value = 0\n", 10, "≥ 5, ≤ 150 pupils a class"),
    (
        "override_out_of_range",
        MINIMAL + "[[override]]\nkey = 'stage.ages'\nof = 'junior'\nvalue = [12]\n",
        10,
        "two values",
    ),
    (
        "override_out_of_range",
        MINIMAL + "[[override]]\nkey = 'cost.per_seat'\nvalue = -1\n",
        10,
        "≥ 1",
    ),
    ("override_wrong_kind", MINIMAL + "[[override]]\nkey = 'class_size.cap'\nvalue = 'x'\n", 10, "35"),
    (
        "override_wrong_kind",
        MINIMAL + "[[scenarios.a.override]]\nkey = 'class_size.cap'\nvalue = 'x'\n",
        10,
        "35",
    ),
]


@pytest.mark.parametrize(("code", "content", "line", "word"), CASES)
def test_a_fault_is_found_with_its_line_and_its_remedy(faults, code, content, line, word):
    (fault,) = faults(content)
    assert fault.code == code
    assert fault.rows == (() if line is None else (str(line),))
    assert word in fault.what("en") + fault.remedy("en")
    assert fault.what("zh") != fault.what("en")


def test_an_unknown_scenario_names_the_nearest(faults):
    (fault,) = faults(MINIMAL + "[scenarios.high-growth]\n[scenarios.low]\n", scenario="high-grwth")
    assert (fault.code, fault.params["nearest"]) == ("plan_scenario_unknown", "high-growth")


def test_a_scenario_of_a_plan_without_any(faults):
    assert [fault.code for fault in faults(MINIMAL, scenario="x")] == ["plan_scenario_none"]


def test_the_line_of_a_scenarios_own_override(faults):
    entry = "key = 'class_size.cap'\nof = 'primary'\nvalue = "
    content = MINIMAL + f"[[override]]\n{entry}40\n[[scenarios.a.override]]\n{entry}42\n"
    (fault,) = faults(content + f"[[scenarios.a.override]]\n{entry}'x'\n")
    assert (fault.code, fault.rows) == ("override_wrong_kind", ("18",))


def test_rules_missing_from_a_planners_profile_are_named_once_each(write, faults):
    write(
        'id = "m"\nname_en = "M"\nname_zh = "M"\ncurrency = "CNY"\n'
        '[[rule]]\nkey = "stage.ages"\nof = "primary"\n'
        'value = [6, 11]\nunit = "years"\nvalid_from = 2000\nsource = "s"\nconfidence = "V"\n',
        name="m.toml",
    )
    found = faults(PLAN + "profile = 'm.toml'\n" + TABLES)
    assert {fault.code for fault in found} == {"plan_rule_not_in_force", "plan_rule_for_proposals"}
    of_proposals = {fault.params["rule"] for fault in found if fault.code == "plan_rule_for_proposals"}
    assert of_proposals == {"land.per_seat", "floor.per_seat", "cost.per_seat"}
    balance = faults(PLAN + "profile = 'm.toml'\n" + TABLES + "[siting]\nenabled = false\n")
    assert not of_proposals & {fault.params["rule"] for fault in balance}
    rules = [fault.params["rule"] for fault in found]
    assert len(rules) == len(set(rules))
    assert {"class_size.standard", "walking.reach", "cost.per_seat", "walking.detour_factor"} <= set(rules)


def test_every_fault_code_of_a_plan_has_a_case_here():
    others = {"plan_scenario_unknown", "plan_scenario_none", "plan_rule_for_proposals"}
    here = {code for code, *_ in CASES} | others
    source = (Path(__file__).parent / "test_vary.py").read_text(encoding="utf-8")
    here |= set(re.findall(r'"(plan_(?:vary_\w+|section_type|stages_differ))"', source))
    known = {key.split(".")[1] for key in keys("faults.plan_")} | {
        key.split(".")[1] for key in keys("faults.override_")
    }
    assert known <= here


def test_no_text_is_left_with_an_unfilled_placeholder(faults):
    for _, content, _, _ in CASES:
        for fault in faults(content):
            for lang in ("zh", "en"):
                said = fault.what(lang) + fault.remedy(lang)
                said = re.sub(r"\{ (name = value|名称 = 值) \}|\{(z|x|-?y|s|r)\}", "", said)
                assert "{" not in said
    assert text("faults.plan_type_table.remedy", "en")
