"""A run with a layout of the planner's own shows it wherever it shows the others."""

from __future__ import annotations

import hashlib
import json
import re

import openpyxl
import pandas as pd
import pytest
from docx import Document
from typer.testing import CliRunner

from layoutplan.cli.commands import app
from layoutplan.outputs.map.stored import read_map_page
from tests.outputs.east_side import TITLES, write_layout
from tests.outputs.town import write_town

IDS = ["today", "proposed", "east-side"]
BY_LAYOUT = (
    *("city_balance", "district_balance", "catchment_balance", "school_balance", "unit_demand", "assignment"),
    *("access", "coverage", "access_gaps", "access_inequality", "access_by_place"),
)


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """Run the small town with a layout file through the command line; return its folder and what was said."""
    folder = tmp_path_factory.mktemp("three")
    plan, layout = write_town(folder, lang="en"), write_layout(folder / "east.toml")
    said = CliRunner().invoke(app, ["run", str(plan), "--layout", str(layout)])
    assert said.exit_code == 3, said.output  # the town lacks seats whatever is built
    return folder, said.output


@pytest.fixture(scope="module")
def base(town):
    return town[0] / "out" / "base"


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", BY_LAYOUT)
def test_every_table_holds_every_layout(base, name):
    frame = pd.read_csv(base / "tables" / f"{name}.csv")
    assert list(dict.fromkeys(frame["layout"])) == IDS


def test_the_layouts_are_listed_with_their_titles(base):
    listed = pd.read_csv(base / "tables" / "layouts.csv")
    assert list(listed["layout"]) == IDS
    assert dict(listed.iloc[2][["title_zh", "title_en"]]) == {
        f"title_{lang}": TITLES[lang] for lang in TITLES
    }
    summary = read(base / "summary.json")
    assert [one["id"] for one in summary["layouts"]] == IDS == list(summary["stages_by_year"])
    assert [one["proposals"] for one in summary["layouts"]] == [False, True, False]
    assert summary["layouts"][2]["title"] == TITLES


def test_its_seats_are_those_of_the_file(base):
    seats = {name: of["primary"] for name, of in read(base / "summary.json")["stages_by_year"].items()}
    added = {
        year: seats["east-side"][year]["seats"] - seats["today"][year]["seats"] for year in seats["today"]
    }
    assert added == {"2025": 0, "2026": 270, "2027": 270 + 540, "2028": 270 + 540}


def test_the_layout_file_is_an_input(town, base):
    folder, _ = town
    digest = hashlib.sha256((folder / "east.toml").read_bytes()).hexdigest()
    manifest = read(base / "manifest.json")
    assert [(one["file"], one["sha256"]) for one in manifest["inputs"] if one["table"] == "layouts"] == [
        ("east.toml", digest)
    ]
    inside = base / "east.toml"
    inside.write_bytes((folder / "east.toml").read_bytes())
    for command in ("run", "check"):
        refused = CliRunner().invoke(app, [command, str(folder / "plan.toml"), "--layout", str(inside)])
        assert refused.exit_code != 0
        assert next(fault.code for fault in refused.exception.faults) == "output_holds_input"
    inside.unlink()


def test_two_files_with_one_id_are_refused(town, tmp_path):
    folder, _ = town
    other = tmp_path / "again.toml"
    other.write_text(
        (folder / "east.toml").read_text(encoding="utf-8").replace("新校", "另一校"), encoding="utf-8"
    )
    for command in ("run", "check"):
        files = [
            "--layout",
            str(folder / "east.toml"),
            "--layout",
            str(other),
            "--out",
            str(tmp_path / "out"),
        ]
        refused = CliRunner().invoke(app, [command, str(folder / "plan.toml"), *files])
        assert {"layout_id_twice", "layout_school_twice"} <= {one.code for one in refused.exception.faults}


def test_the_command_line_the_report_and_the_workbook_name_it(town, base):
    assert TITLES["en"] in town[1]
    document = Document(base / "report.docx")
    words = [paragraph.text for paragraph in document.paragraphs]
    assert sum(TITLES["en"] in one for one in words) >= 2  # a finding and a caption
    book = openpyxl.load_workbook(base / "workbook.xlsx", read_only=True)
    summary = [str(cell) for row in book["Summary"].iter_rows(values_only=True) for cell in row if cell]
    assert sum(TITLES["en"] in one for one in summary) == 2  # one a stage
    shown = {row[0] for row in book["City balance"].iter_rows(min_row=2, values_only=True)}
    assert shown == {"today", "proposed", TITLES["en"]}


def test_the_map_holds_it(base):
    (scenario,) = read_map_page((base / "map.html").read_text(encoding="utf-8"))["scenarios"]
    assert [one["id"] for one in scenario["layouts"]] == IDS
    assert scenario["layouts"][2] == {"id": "east-side", "title": TITLES, "proposals": False}
    assert {*IDS} == set(scenario["city"]["primary"])


def test_scenarios_side_by_side_name_it(town):
    output = town[0] / "out"
    page = (output / "index.html").read_text(encoding="utf-8")
    assert "East &lt;side&gt;" in page
    assert not re.search(r"East <side>", page)
    frame = pd.read_csv(output / "comparison.csv")
    own = frame[frame["layout"] == "east-side"]
    assert set(own["title"]) == {TITLES["en"]}
    assert set(own["figure"]) >= {"seats", "unserved"}
    said = CliRunner().invoke(app, ["compare", str(output)])
    assert said.exit_code == 0
    assert f"→ {TITLES['en']}" in said.output
