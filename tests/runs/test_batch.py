"""Many scenarios in one go: what is asked, where it runs, what is known already, and what goes wrong."""

from __future__ import annotations

import errno
import shutil
import signal
import subprocess
import sys

import distributed
import pandas as pd
import pytest
from typer.testing import CliRunner

import layoutplan as lp
from layoutplan.cli import batch_command
from layoutplan.errors import InputError
from layoutplan.runs.batch import executors, states, variations_of
from layoutplan.runs.batch import task as tasks
from layoutplan.runs.batch.figures import FIGURE_COLUMNS
from tests.every import every
from tests.outputs.town import write_town
from tests.runs.batch_jobs import job, listed, work

GRID = {"demand.migration_rate": [0.0, 0.03], "siting.budget": [1e7, 2e7]}


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    return write_town(tmp_path_factory.mktemp("batch"), lang="en")


@pytest.fixture
def copy(town, tmp_path):
    """A town of its own, in which nothing has been run."""
    shutil.copytree(town.parent, tmp_path / "town", ignore=shutil.ignore_patterns("out"))
    return tmp_path / "town" / "plan.toml"


@pytest.fixture
def quick(monkeypatch):
    """Replace the run of a scenario by figures of its own; return the scenarios run so far."""
    ran = []

    def run(task):
        ran.append(task.scenario)
        if task.scenario == "lost":
            return tasks.failed(task, (lp.Fault("batch_no_plan", params={"reason": "none"}),))
        if task.scenario == "killed" and ran.count("killed") == 1:
            raise KeyboardInterrupt
        rows = [(task.label, task.scenario, "today", "all", 2027, "unserved", float(len(task.scenario)))]
        found = tasks.ScenarioOutcome(
            task.label, task.scenario, "done", rows=tuple(rows), peak_mib=100.0, computed=("read",)
        )
        tasks._keep(task, found)
        return found

    monkeypatch.setattr(executors, "run_task", run)
    return ran


def codes(call):
    with pytest.raises(InputError) as raised:
        call()
    return [fault.code for fault in raised.value.faults]


def test_a_grid_is_every_combination_and_a_list_is_itself(tmp_path):
    found = variations_of({"a.x": [1, 2], "a.y": ["p", "q"]})
    assert [dict(one.changes) for one in found] == [{"a.x": x, "a.y": y} for x in (1, 2) for y in ("p", "q")]
    assert [one.name for one in found] == ["x-1_y-p", "x-1_y-q", "x-2_y-p", "x-2_y-q"]
    toml = tmp_path / "grid.toml"
    toml.write_text(
        '[grid]\n"demand.births_factor" = [0.9, 1.1]\nsiting.budget = [1e8]\n'
        '[[scenario]]\nname = "own"\ntitle = "Own"\nbase = "low"\n"siting.budget" = 2e8\n'
    )
    _, second, own = variations_of(toml)
    assert dict(second.changes) == {"demand.births_factor": 1.1, "siting.budget": 1e8}
    assert (own.name, own.title, own.base, dict(own.changes)) == ("own", "Own", "low", {"siting.budget": 2e8})
    table = tmp_path / "list.csv"
    table.write_text(
        'name,demand.births_factor,plan.lang\nmore,1.2,en\nas-is,,\n\n"b",0.8,"""zh"""\n',
        encoding="utf-8-sig",
    )
    assert [(one.name, dict(one.changes)) for one in variations_of(str(table))] == [
        ("more", {"demand.births_factor": 1.2, "plan.lang": "en"}),
        ("as-is", {}),
        ("b", {"demand.births_factor": 0.8, "plan.lang": "zh"}),
    ]


def test_what_is_no_list_of_scenarios_is_said(tmp_path):
    def said(name, content, expected):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        assert codes(lambda: variations_of(path)) == expected

    cases = [
        ("empty.toml", "", ["batch_empty"]),
        ("wrong.toml", "[gird]\na = [1]\n", ["batch_unknown_section"]),
        ("one.toml", '[grid]\na = 1\nb = []\nc = "text"\n', 3 * ["batch_grid_no_list"]),
        ("same.toml", '[[scenario]]\nname = "a"\n[[scenario]]\nname = "a"\n', ["batch_names_twice"]),
        ("twice.toml", "[grid]\na = [1, 1]\n", ["batch_names_twice"]),
        ("many.toml", f"[grid]\na = {list(range(200))}\nb = {list(range(200))}\n", ["batch_too_many"]),
        ("empty.csv", "name,siting.budget\n", ["batch_empty"]),
        ("short.csv", "name,siting.budget\na\n", ["batch_csv_row"]),
        ("header.csv", "name,name,\na,b,c\n", ["batch_csv_header", "batch_csv_header"]),
        ("gbk.csv", "name,siting.budget\n情景,1\n".encode("gbk"), ["batch_file_unreadable"]),
    ]
    every(cases, said, name=lambda case: case[0])
    assert codes(lambda: variations_of(tmp_path / "gone.csv")) == ["batch_file_unreadable"]
    assert codes(lambda: variations_of([3])) == ["batch_no_changes"]


def test_every_scenario_is_checked_before_one_is_run(copy, quick):
    listing = [
        {"name": "fine", "siting.budget": 1e6},
        {"name": "contradicts", "plan.target_year": 1990},
        {"name": "unknown", "siting.bugdet": 1e6},
        {"name": "no_file", "tables.schools.file": "gone.csv"},
    ]
    with pytest.raises(InputError) as raised:
        lp.batch(copy, listing)
    assert {fault.scenario for fault in raised.value.faults} == {"contradicts", "unknown"}
    with pytest.raises(InputError) as raised:
        lp.batch(copy, [listing[0], listing[3]])
    assert {fault.scenario for fault in raised.value.faults} == {"no_file"}
    assert quick == []


def test_a_failed_scenario_is_named_and_the_others_go_on(copy, quick):
    seen = []
    found = lp.batch(copy, listed("a", "lost", "c"), workers=1, advanced=lambda *counts: seen.append(counts))
    assert found.scenarios["state"].tolist() == ["done", "failed", "done"]
    assert "none" in found.scenarios["faults"][1]
    assert seen[-1] == (2, 1, 3)
    assert found.figures["scenario"].unique().tolist() == ["a", "c"]
    assert tuple(found.figures.columns) == FIGURE_COLUMNS
    stored = pd.read_csv(copy.parent / "out" / "scenarios.csv", encoding="utf-8-sig")
    assert stored["state"].tolist() == found.scenarios["state"].tolist()
    assert stored["siting.budget"].tolist() == [1e6, 2e6, 3e6]
    assert found.scenarios["siting.budget"].tolist() == [1e6, 2e6, 3e6]
    assert len(quick) == 3


def test_what_was_done_before_an_interrupt_is_not_done_again(copy, quick):
    names = ("a", "b", "killed", "d")
    with pytest.raises(KeyboardInterrupt):
        lp.batch(copy, listed(*names), workers=1)
    stored = pd.read_csv(copy.parent / "out" / "scenarios.csv", encoding="utf-8-sig")
    assert stored["state"].tolist() == ["done", "done", "waiting", "waiting"]
    found = lp.batch(copy, listed(*names), workers=1)
    assert quick == ["a", "b", "killed", "killed", "d"]
    assert found.scenarios["known"].tolist() == [True, True, False, False]
    assert found.scenarios["state"].tolist() == 4 * ["done"]
    changed = listed(*names)
    changed[1]["siting.budget"] = 5e6
    assert lp.batch(copy, changed, workers=1).scenarios["known"].tolist() == [True, False, True, True]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_a_batch_that_was_killed_goes_on_where_it_ended(copy, monkeypatch):
    names = ("a", "b", "kill", "d")
    call = [sys.executable, "-m", "tests.runs.batch_jobs", str(copy), *names]
    killed = subprocess.run(call, check=False)
    assert killed.returncode == -signal.SIGKILL
    out = copy.parent / "out"
    stored = pd.read_csv(out / "scenarios.csv", encoding="utf-8-sig")
    assert stored["state"].tolist() == ["done", "done", "waiting", "waiting"]
    ran = []

    def run(task):
        ran.append(task.scenario)
        return tasks.ScenarioOutcome(task.label, task.scenario, "done")

    monkeypatch.setattr(executors, "run_task", run)
    found = lp.batch(copy, listed(*names), workers=1)
    assert ran == ["kill", "d"]
    assert found.scenarios["state"].tolist() == 4 * ["done"]
    assert not [path.name for path in out.rglob("*.layoutplan-new")]


def test_a_full_disk_is_said_and_nothing_is_lost(copy, quick, monkeypatch):
    written = states.write_own

    def full(folder, contents):
        if "figures.csv" in contents:
            raise OSError(errno.ENOSPC, "No space left on device")
        written(folder, contents)

    monkeypatch.setattr(states, "write_own", full)
    assert codes(lambda: lp.batch(copy, listed("a", "b"), workers=1)) == ["not_written_disk_full"]
    monkeypatch.setattr(states, "write_own", written)
    assert lp.batch(copy, listed("a", "b"), workers=1).scenarios["known"].all()
    assert quick == ["a", "b"]


def test_two_batches_do_not_write_to_one_folder(copy, quick):
    out = copy.parent / "out"
    out.mkdir()
    holder = (
        "import sys; from pathlib import Path; from layoutplan.runs.locks import held\n"
        "with held(Path(sys.argv[1])):\n    print('held', flush=True); sys.stdin.read()"
    )
    place = str(out / "batch.new")
    with subprocess.Popen(
        [sys.executable, "-c", holder, place], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout.readline() == b"held\n"
        assert codes(lambda: lp.batch(copy, listed("a"), workers=1)) == ["run_busy"]
        other.stdin.close()
    assert quick == []


def test_foreign_files_are_not_replaced(copy, quick):
    out = copy.parent / "out"
    out.mkdir()
    (out / "figures.csv").write_text("mine")
    assert codes(lambda: lp.batch(copy, listed("a"))) == ["output_page_not_ours"]
    assert (out / "figures.csv").read_text() == "mine"
    assert quick == []


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_a_process_that_the_system_ends_takes_no_other_scenario_with_it():
    names = ["a", "kill", "c", "d", "e", "f", "g"]
    found = {one.scenario: one for one in executors.in_processes(2, run=work)([job(name) for name in names])}
    assert set(found) == set(names)
    assert [name for name in names if found[name].state == "failed"] == ["kill"]
    assert [fault.code for fault in found["kill"].faults] == ["batch_process_ended"]
    assert len({one.rows for one in found.values() if one.rows}) > 1


def test_a_scheduler_that_is_not_there_is_said(copy, quick, monkeypatch):
    monkeypatch.setattr(executors, "_REACH_S", 0.5)
    call = lambda: lp.batch(copy, listed("a"), scheduler="tcp://127.0.0.1:9")  # noqa: E731
    assert codes(call) == ["batch_no_scheduler"]
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert codes(call) == ["batch_no_distributed"]
    assert quick == []


def test_on_a_cluster(copy, monkeypatch):
    monkeypatch.setattr(executors, "run_task", work)
    options = {"n_workers": 1, "processes": False, "dashboard_address": None, "protocol": "tcp://"}
    with distributed.LocalCluster(**options) as cluster:
        address = cluster.scheduler_address
        found = lp.batch(copy, listed("a", "lost", "c"), scheduler=address)
        assert found.scenarios["state"].tolist() == ["done", "failed", "done"]
        programs = iter(["this", "that"])
        monkeypatch.setattr(executors, "program", lambda: next(programs))
        assert codes(lambda: lp.batch(copy, listed("e"), scheduler=address)) == ["batch_versions_differ"]


def test_several_plans_are_one_table(copy, quick, tmp_path):
    (tmp_path / "other").mkdir()
    other = write_town(tmp_path / "other", names=("甲", "乙", "邻镇"))
    found = lp.batch([copy, other], listed("a", "b"), output=tmp_path / "both", workers=1)
    assert found.scenarios[["plan", "scenario"]].to_numpy().tolist() == [
        [plan, name] for plan in (found.scenarios["plan"][0], "邻镇") for name in ("a", "b")
    ]
    assert found.figures["plan"].nunique() == 2
    assert len(quick) == 4


def test_the_command_prints_and_writes(copy, quick):
    grid = copy.parent / "grid.csv"
    grid.write_text("name,siting.budget\na,1000000\nlost,2000000\n")
    found = CliRunner().invoke(batch_command.app, ["batch", str(copy), "--grid", str(grid), "--workers", "1"])
    assert found.exit_code == 2, found.output
    assert "Scenario lost failed" in found.stderr
    assert "2 scenarios in the target year" in found.stdout
    assert (copy.parent / "out" / "figures.csv").is_file()
    assert sorted(quick) == ["a", "lost"]


@pytest.mark.slow
def test_a_batch_finds_what_runs_find_and_computes_shared_stages_once(copy):
    found = lp.batch(copy, GRID, workers=2, keep="best")
    assert found.scenarios["state"].tolist() == 4 * ["done"]
    plan = lp.load_plan(copy)
    for at, one in enumerate(variations_of(GRID)):
        run = lp.run_plan(plan.vary(one.changes, name=one.name))
        mine = found.figures[found.figures["scenario"] == one.name]
        shortfall = mine[(mine["figure"] == "unserved") & (mine["stage"] != "all")]
        table = lp.result_frames(run)["city_balance"][["layout", "stage", "year", "unserved"]]
        both = shortfall.merge(table, on=["layout", "stage", "year"])
        assert len(both) == len(table) == len(shortfall), at
        assert (both["value"] - both["unserved"]).abs().max() <= 0.5
    every_stage = len(plan.stages) and found.scenarios["stages_computed"]
    assert every_stage[0] == max(every_stage)
    assert every_stage[1] <= 4  # the budget alone differs: siting and what follows
    kept = [path.name for path in (copy.parent / "out").iterdir() if (path / "manifest.json").is_file()]
    best = found.totals().sort_values(["unserved", "proposals_cost"])["scenario"].iloc[0]
    assert kept == [best]
