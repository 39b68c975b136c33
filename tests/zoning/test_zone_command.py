"""``layoutplan zone`` says what changes and why, and writes a layout file that a run takes."""

from typer.testing import CliRunner

from layoutplan import load_plan, make_study
from layoutplan.cli.commands import app
from layoutplan.layouts import read_edit
from tests.outputs.town import write_town

ZONING = "\n[zoning]\nwork = 0.2\ntime_limit_s = 20\n"


def test_the_command_prints_reasons_and_writes_the_moves(tmp_path):
    plan, out = write_town(tmp_path, lang="en"), tmp_path / "moves.toml"
    plan.write_text(plan.read_text(encoding="utf-8") + ZONING, encoding="utf-8")
    said = CliRunner().invoke(app, ["zone", str(plan), "--out", str(out)])
    assert said.exit_code == 3, said.output  # the town has too few seats, whatever the catchments
    text = " ".join(said.output.split())
    assert "no division can leave fewer" in text
    assert "It gives" in text
    edit = read_edit(out, make_study(load_plan(plan)).city)
    assert edit.moves
    again = CliRunner().invoke(app, ["zone", str(plan), "--out", str(out)])
    assert again.exit_code != 0
    assert read_edit(out, make_study(load_plan(plan)).city) is not None
