"""``check`` says what ``run`` would say: each refusal there is, asked of both."""

from __future__ import annotations

import ast
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

import layoutplan
from layoutplan.errors import InputError
from layoutplan.plan import load_plan
from layoutplan.runs import check_scenarios, load_ledger, run_plan
from layoutplan.texts import keys
from tests.outputs.town import WEST, write_town

PACKAGE = Path(layoutplan.__file__).parent
READ_ALIKE = ("city", "dictionary", "plan", "standards")
"""Folders whose refusals come from ``load_plan`` and ``load_city``, which both commands call."""

NOT_OF_A_PLAN = {
    "backtest_incomplete": "of the command backtest; a run goes without the test",
    "backtest_short": "of the command backtest; a run goes without the test",
    "broken_run": "of compare, about stored runs",
    "not_a_run": "of compare, about stored runs",
    "since_is_later": "of compare, about stored runs",
    "not_written": "of writing, when the disk is asked",
    "graph_without_crs": "of a networkx graph given in Python",
    "graph_without_places": "of a networkx graph given in Python",
    "roads_not_metres": "of points given in Python; the tables of a plan are projected when read",
    "travel_crs_differ": "of points given in Python; the tables of a plan are projected when read",
    "births_not_counts": "of tables given in Python; of a plan's tables reading says so",
    "births_twice": "of tables given in Python; of a plan's tables reading says so",
    "history_twice": "of tables given in Python; of a plan's tables reading says so",
    "history_negative": "of tables given in Python; of a plan's tables reading says so",
    "history_no_count": "of tables given in Python; of a plan's tables reading says so",
    "history_no_place": "of tables given in Python; of a plan's tables reading says so",
    "history_grade_unread": "of tables given in Python; of a plan's tables reading says so",
    "history_no_stage": "of tables given in Python; of a plan's tables reading says so",
    "history_ends_early": "of tables given in Python; a run starts from the table's own last year",
    "history_unknown_stage": "of tables given in Python; a plan's tables know the four stages alone",
    "zone_out_exists": "of the command zone, about the file it writes",
    "zone_out_folder": "of the command zone, about the file it writes",
    "ledger_columns": "of a ledger given in Python; of a file not_a_ledger says so",
}
FAMILIES = {
    "system_": "of school systems; `check` and `run` are compared in tests/schooling/test_systems.py",
    "batch_": "of a batch: what it is to run and where; scenarios are checked as by `check` (test_batch)",
    "output_": "of the output folder: `check` and `run` both ask `report_output` (test_ownership)",
    "layout_": "of a layout file: `check` and `run` both ask `edited_supply` (tests/layouts/test_edit.py)",
    "stored_": "of compare, about stored runs",
    "several_runs": "of compare, about stored runs",
    "not_written_": "of writing, when the disk is asked",
    "run_busy": "of writing, when another run does so",
}
"""Reasons for all codes that begin so."""
HISTORY = "school_id,area_id,stage,grade,year,pupils\n"
EVEN = "".join(f"S1,,primary,{grade},{year},40\n" for grade in range(1, 7) for year in range(2020, 2026))


def with_table(plan, name, content):
    """Write a table and name it in the plan."""
    (plan.parent / f"{name}.csv").write_text(content, encoding="utf-8")
    said = plan.read_text(encoding="utf-8")
    if f"[tables.{name}]" not in said:
        plan.write_text(said + f'[tables.{name}]\nfile = "{name}.csv"\n', encoding="utf-8")


def target(row):
    return lambda plan: with_table(plan, "targets", f"indicator,year,value,direction\n{row}\n")


def history(rows):
    return lambda plan: with_table(plan, "enrolment_history", HISTORY + rows)


def births(rows):
    return lambda plan: with_table(plan, "births", f"area_id,year,births\n{rows}")


def override(plan, key, value, of):
    said = plan.read_text(encoding="utf-8")
    plan.write_text(said + f"[[override]]\nkey = '{key}'\nof = '{of}'\nvalue = {value}\n", encoding="utf-8")


def roads_of_another_place(plan):
    roads = gpd.read_file(plan.parent / "roads.gpkg")
    roads.assign(geometry=roads.translate(97, 61)).to_file(plan.parent / "roads.gpkg", driver="GPKG")
    said = plan.read_text(encoding="utf-8")
    plan.write_text(said + "[travel]\nsnap_limit_m = 1\n", encoding="utf-8")


def young_profile(plan):
    """Plan by rules that begin with the base year, and give a history that ends before it."""
    rules = layoutplan.load_plan(plan).profile.at(2025).rules
    wanted = [rule for rule in rules if not rule.key.startswith("demand.spread")]
    head = 'id = "m"\nname_en = "M"\nname_zh = "M"\ncurrency = "CNY"\n'
    entries = [
        f'[[rule]]\nkey = "{rule.key}"\nof = "{rule.of}"\nvalue = {toml(rule.value)}\nunit = "{rule.unit}"\n'
        f'valid_from = 2000\nsource = "s"\nconfidence = "V"\n'
        for rule in {(rule.key, rule.of): rule for rule in wanted}.values()
    ]
    (plan.parent / "m.toml").write_text(head + "".join(entries), encoding="utf-8")
    said = plan.read_text(encoding="utf-8")
    plan.write_text(said.replace("cn-zhengzhou-gaoxin-2020", "m.toml"), encoding="utf-8")
    history(EVEN)(plan)


def toml(value):
    if isinstance(value, tuple):
        return "[" + ", ".join(map(toml, value)) + "]"
    return f'"{value}"' if isinstance(value, str) else repr(value)


def zoning(settings, then=None):
    """Ask for redrawn catchments."""

    def change(plan):
        said = plan.read_text(encoding="utf-8")
        asked = f"[zoning]\nenabled = true\nwork = 0.2\ntime_limit_s = 20\n{settings}\n"
        plan.write_text(said + asked, encoding="utf-8")
        if then is not None:
            then(plan)

    return change


def change_schools(**columns):
    """Give the schools other values, by column and school."""

    def change(plan):
        schools = pd.read_csv(plan.parent / "schools.csv").set_index("school_id")
        for column, values in columns.items():
            for school, value in values.items():
                schools.loc[school, column] = value
        schools.to_csv(plan.parent / "schools.csv")

    return change


def primary_catchment_of_the_west_only(plan):
    catchments = gpd.read_file(plan.parent / "catchments.gpkg")
    catchments.iloc[:1].to_file(plan.parent / "catchments.gpkg", driver="GPKG")


def zonings(row):
    return lambda plan: with_table(plan, "zonings", f"option_id,title,stage,unit_id,catchment_id\n{row}\n")


def projections(rows, *, follow=False):
    """Give the authority's own projection."""

    def change(plan):
        with_table(plan, "projections", f"area_id,stage,year,pupils\n{rows}\n")
        said = plan.read_text(encoding="utf-8")
        assert "[demand]\n" in said
        plan.write_text(
            said.replace("[demand]\n", f"[demand]\nfollow_projection = {str(follow).lower()}\n"),
            encoding="utf-8",
        )

    return change


def drawn_twice(plan):
    """Draw one catchment of a zoning over the other."""
    catchments = gpd.read_file(plan.parent / "catchments.gpkg")
    own = catchments[catchments["stage"] == "primary"].assign(option_id="east", school_ids=None)
    own.assign(geometry=own.union_all()).to_file(plan.parent / "east.gpkg", driver="GPKG")
    said = plan.read_text(encoding="utf-8")
    plan.write_text(said + '[tables.zoning_layers]\nfile = "east.gpkg"\n', encoding="utf-8")


WITHOUT_SEATS = {"seats_primary": {"S1": 0, "S2": 0}, "classes_primary": {"S1": 0, "S2": 0}}
MIXED = "D1,2024,100\n,2025,100\n"
CASES = {
    "target_unknown": target("qqqq,2026,1,"),
    "target_unknown_near": target("class_size.capp,2026,1,"),
    "target_direction": target("seats.per_1000_residents,2026,1,"),
    "stage_too_old": lambda plan: override(plan, "stage.ages", "[12, 20]", "junior"),
    "births_mixed_places": lambda plan: (history(EVEN)(plan), births(MIXED)(plan)),
    "history_empty": history("S1,,primary,1,2026,40\n"),
    "history_mixed_places": history(EVEN + ",D2,primary,1,2025,41\n"),
    "projection_not_given": projections(",primary,2090,40", follow=True),
    "projection_twice": projections(",primary,2026,40\nD1,primary,2026,40"),
    "plan_rule_not_in_force": young_profile,
    "roads_elsewhere": roads_of_another_place,
    "zoning_no_catchments": zoning('stages = ["junior"]'),
    "zoning_locked_unknown": zoning('locked_units = ["U99"]'),
    "zoning_no_zones": zoning("", change_schools(**WITHOUT_SEATS)),
    "zoning_locked_without_catchment": zoning('locked_units = ["U15"]', primary_catchment_of_the_west_only),
    "zoning_district_without_seats": zoning("keep_districts = true", change_schools(lon={"S2": WEST + 500})),
    "zoning_school_outside": zoning("", change_schools(lon={"S1": WEST - 900})),
    "zonings_id": zonings("today,,primary,U00,C2"),
    "zonings_stage": zonings("east,,junior,U00,C2"),
    "zonings_overlap": drawn_twice,
}
LEDGERS = {
    "ledger_future": {"case_id": "oversized_school:S1:all", "opened": 2031, "closed": None},
    "ledger_case": {"case_id": "no such case", "opened": 2020, "closed": None},
    "not_a_ledger": {"something": 1},
}
LAYOUTS = ("zonings_layout_id",)
"""Refusals of a layout file beside the plan."""


@pytest.fixture
def plan(tmp_path):
    return write_town(tmp_path)


def codes_of(call):
    with pytest.raises(InputError) as error:
        call()
    faults = [fault for fault in error.value.faults if fault.severity == "error"]
    for lang in ("zh", "en"):
        report = error.value.report(lang)
        assert "row 0" not in report
        assert "第 0 行" not in report
        assert "{" not in report
    assert all(fault.file for fault in faults if fault.table not in (None, "roads"))
    return {fault.code for fault in faults}


IN_TURN = [pytest.param(code, marks=pytest.mark.slow if at % 5 else ()) for at, code in enumerate(CASES)]
"""Every case in ``make test-all``, every fifth in ``make test``."""


@pytest.mark.parametrize("code", IN_TURN)
def test_check_refuses_what_a_run_refuses(plan, code):
    CASES[code](plan)
    checked = codes_of(lambda: check_scenarios([load_plan(plan)], plan.parent / "out"))
    run = codes_of(lambda: run_plan(load_plan(plan)))
    assert code in checked
    assert checked == run


@pytest.mark.parametrize("code", LEDGERS)
def test_check_refuses_the_ledger_a_run_refuses(plan, tmp_path, code):
    path = tmp_path / "ledger.csv"
    pd.DataFrame([LEDGERS[code]]).to_csv(path, index=False)
    checked = codes_of(lambda: check_scenarios([load_plan(plan)], plan.parent / "out", ledger=path))
    run = codes_of(lambda: run_plan(load_plan(plan), previous_ledger=load_ledger(path)))
    assert checked == run == {code}


def test_check_refuses_the_layout_file_a_run_refuses(plan):
    zonings("east,,primary,U00,C2")(plan)
    path = plan.parent / "east.toml"
    path.write_text('id = "east"\n[[move]]\nunits = ["U00"]\nstage = "primary"\nto = "C2"\n')
    checked = codes_of(lambda: check_scenarios([load_plan(plan)], plan.parent / "out", layout_files=[path]))
    run = codes_of(lambda: run_plan(load_plan(plan), layout_files=[path]))
    assert checked == run == {*LAYOUTS}


def test_a_run_refuses_a_redraw_before_it_evaluates(plan):
    CASES["zoning_district_without_seats"](plan)
    started = []
    with pytest.raises(InputError):
        run_plan(load_plan(plan), started=lambda name, *_: started.append(name))
    assert started[-1] == "edits"
    assert "balance" not in started


def test_a_redraw_of_the_proposal_alone_is_refused_as_far_as_today_tells(plan):
    outside = change_schools(lon={"S1": WEST - 900})
    zoning('layouts = ["proposed"]\nlocked_units = ["U00"]', outside)(plan)
    checked = codes_of(lambda: check_scenarios([load_plan(plan)], plan.parent / "out"))
    run = codes_of(lambda: run_plan(load_plan(plan)))
    assert checked == run == {"zoning_school_outside"}


def test_check_takes_a_redraw_that_can_be_made(plan):
    zoning('keep_districts = true\nlocked_units = ["U00"]\nstages = ["primary"]')(plan)
    cities, _ = check_scenarios([load_plan(plan)], plan.parent / "out")
    assert len(cities) == 1


def test_all_faults_of_all_scenarios_are_said_at_once(plan):
    target("qqqq,2026,1,")(plan)
    CASES["births_mixed_places"](plan)
    override(plan, "stage.ages", "[12, 14]", "junior")
    said = plan.read_text(encoding="utf-8")
    late = (
        "[scenarios.late]\n[[scenarios.late.override]]\nkey = 'stage.ages'\nof = 'junior'\nvalue = [12, 20]\n"
    )
    plan.write_text(said + late, encoding="utf-8")
    plans = [load_plan(plan, scenario=name) for name in (None, "late")]
    with pytest.raises(InputError) as error:
        check_scenarios(plans, plans[0].folder / "out")
    found = [(fault.code, fault.scenario) for fault in error.value.faults if fault.severity == "error"]
    assert found == [("target_unknown", None), ("births_mixed_places", None), ("stage_too_old", "late")]
    assert "scenario late" in error.value.report("en")
    assert "情景 late" in error.value.report("zh")


def test_a_sound_town_is_refused_by_neither(plan):
    history(EVEN)(plan)
    births("D1,2024,100\nD2,2024,100\n")(plan)
    cities, notes = check_scenarios([load_plan(plan)], plan.parent / "out")
    assert len(cities) == 1
    assert {"roads_network"} <= {note.code for note in notes}


def refusals():
    """Return the fault codes that modules beside those of reading may give the severity ``error``."""
    known = {key.split(".")[1] for key in keys("faults.")}
    found = {}
    for module in sorted(PACKAGE.rglob("*.py")):
        part = module.relative_to(PACKAGE).parts[0]
        if part in READ_ALIKE:
            continue
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            mild = any(word.arg == "severity" for word in node.keywords)
            names = [arg.value for arg in ast.walk(node.args[0]) if isinstance(arg, ast.Constant)]
            if called == "add" and not mild:
                found |= {name: part for name in names if name in known}
    return found


WARNED = {"project_unknown", "project_without_year", "template_exists"}
"""Collected under a name and told as warnings (``Problems``); or of ``new``, which has no plan yet."""


def test_every_refusal_has_a_case_or_a_reason():
    known = {*CASES, *LEDGERS, *LAYOUTS, *NOT_OF_A_PLAN, *WARNED}
    lacking = {code for code in refusals() if code not in known and not code.startswith(tuple(FAMILIES))}
    assert lacking == set()


def test_no_reason_is_out_of_date():
    known = {key.split(".")[1] for key in keys("faults.")}
    assert {*CASES, *LEDGERS, *LAYOUTS, *NOT_OF_A_PLAN} <= known
    assert not {*CASES, *LEDGERS, *LAYOUTS} & set(NOT_OF_A_PLAN)
