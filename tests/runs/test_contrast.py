"""Many stored runs side by side: what differs, what stays, and a table that can be read at 80 columns."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from typer.testing import CliRunner

from layoutplan.cli.commands import app
from layoutplan.dictionary import result_table
from layoutplan.outputs.files import write_csv_files
from layoutplan.runs.compare import read_whole_runs
from layoutplan.runs.contrast import chosen_measures, differing_settings, long_figures, named_runs
from tests.runs.stored_runs import store


def scenario(folder, name, *, budget, sites, demand):
    store(folder / name, scenario=name, demand=demand)
    manifest = json.loads((folder / name / "manifest.json").read_text(encoding="utf-8"))
    manifest["plan"] = {
        "plan": {"lang": "en", "seed": 1},
        "siting": {"budget": budget, "enabled": True},
        "override": [{"key": "class_size.cap", "of": "primary", "value": 50.0}] if budget else [],
    }
    (folder / name / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    rows = [
        {"site_id": site, "name": f"Site {site}", "seats": 100.0 * at} for at, site in enumerate(sites, 1)
    ]
    columns = list(result_table("proposals").column_names)
    table = pd.DataFrame(rows, dtype=object).reindex(columns=columns)
    write_csv_files({"proposals": table}, folder / name / "tables")
    return folder / name


@pytest.fixture
def twelve(tmp_path):
    return [
        scenario(
            tmp_path, f"scenario-{at:02}", budget=at % 3 * 1e8, sites="AB"[: 1 + at % 2], demand=900.0 + at
        )
        for at in range(12)
    ]


def test_settings_that_differ_and_measures_that_stay(twelve):
    runs = read_whole_runs(twelve[:4])
    named = named_runs(runs, [run.summary.scenario for run in runs])
    settings = differing_settings(named).set_index("setting")
    assert list(settings.index) == ["siting.budget", "override class_size.cap primary"]
    assert settings.loc["siting.budget"].tolist() == ["0.0", "100000000.0", "200000000.0", "0.0"]
    assert settings.loc["override class_size.cap primary"].tolist() == ["", "50.0", "50.0", ""]
    measures = chosen_measures(named)
    assert measures[["name", "runs", "share"]].to_numpy().tolist() == [["Site A", 4, 1.0], ["Site B", 2, 0.5]]
    assert measures["names"][1] == ("scenario-01", "scenario-03")
    figures = long_figures(named)
    demand = figures[(figures["figure"] == "demand") & (figures["year"] == 2030)]
    assert demand["value"].tolist() == [900.0, 901.0, 902.0, 903.0]


def test_twelve_runs_are_read_at_80_columns(twelve, monkeypatch, tmp_path):
    monkeypatch.setattr("layoutplan.cli.comparing.out", wide := console())
    words = ["compare", *map(str, twelve), "--lang", "en", "--out", str(tmp_path / "pages")]
    found = CliRunner().invoke(app, words)
    assert found.exit_code == 0, found.output
    shown = wide.file.getvalue()
    assert max(map(len, shown.splitlines())) <= 80
    for word in (
        "No seat within reach",
        "scenario-11",
        "Differs: siting.budget",
        "Chosen in 12 of 12: Site A",
    ):
        assert word in " ".join(shown.split())
    table = pd.read_csv(tmp_path / "pages" / "figures.csv", encoding="utf-8-sig")
    assert table["scenario"].nunique() == 12


def console():
    from io import StringIO  # noqa: PLC0415

    from rich.console import Console  # noqa: PLC0415

    return Console(file=StringIO(), width=80, highlight=False, markup=False)
