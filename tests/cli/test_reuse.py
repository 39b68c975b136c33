"""Repeated runs from the command line: what was computed and why; a scenario that fails leaves the others."""

from __future__ import annotations

import json
import shutil

import pytest
from typer.testing import CliRunner

from layoutplan.cli.commands import app
from tests.outputs.town import write_town


@pytest.fixture
def town(tmp_path):
    plan = write_town(tmp_path, lang="en")
    plan.write_text(
        plan.read_text(encoding="utf-8").replace("[siting]", "[siting]\nenabled = false")
        + "[scenarios.more]\n[scenarios.more.demand]\nmigration_rate = 0.03\n"
        + '[scenarios.lost]\n[scenarios.lost.tables.schools]\nfile = "gone.csv"\n',
        encoding="utf-8",
    )
    return plan


@pytest.fixture
def quickly(monkeypatch):
    """Write a run without its pages, which take most of the time."""

    def write(run, folder, **_):
        from layoutplan.runs.manifest import make_manifest  # noqa: PLC0415
        from layoutplan.runs.meter import Meter  # noqa: PLC0415
        from layoutplan.runs.results import result_frames  # noqa: PLC0415
        from layoutplan.runs.summary import summarise  # noqa: PLC0415

        folder.mkdir(parents=True, exist_ok=True)
        summary = {"format": 2, **summarise(run, result_frames(run))}
        (folder / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
        manifest = {"format": 2, **make_manifest(run, writing=Meter())}
        (folder / "manifest.json").write_text(json.dumps(manifest, default=str), encoding="utf-8")
        return summary

    monkeypatch.setattr("layoutplan.write_run", write, raising=False)


@pytest.mark.usefixtures("quickly")
def test_a_second_run_explains_that_nothing_is_computed(town):
    words = ["run", str(town), "--explain"]
    first = CliRunner().invoke(app, words)
    assert first.exit_code == 0, first.output
    assert "computed: no earlier result" in first.output
    again = CliRunner().invoke(app, words)
    assert again.exit_code == 0
    assert "computed:" not in again.output
    reuse = json.loads((town.parent / "out" / "base" / "manifest.json").read_text(encoding="utf-8"))["reuse"]
    assert all(one["kept"] for one in reuse.values())
    changed = CliRunner().invoke(app, [*words, "--scenario", "more"])
    assert "demand.migration_rate" in changed.output
    assert "result" in CliRunner().invoke(app, [*words, "--no-cache"]).output


@pytest.mark.usefixtures("quickly")
def test_a_scenario_at_fault_is_named_and_the_others_are_run(town):
    found = CliRunner().invoke(app, ["run", str(town), "--all"])
    assert found.exit_code == 2
    assert "gone.csv" in found.stderr
    assert "in scenario lost, which was not run" in found.stderr
    assert "Nothing was written" not in found.stderr
    out = town.parent / "out"
    assert {path.name for path in out.iterdir() if not path.name.startswith(".")} >= {
        "base",
        "more",
        "index.html",
    }
    assert not (out / "lost").exists()
    shutil.rmtree(out)
