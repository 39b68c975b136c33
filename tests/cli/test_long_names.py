"""A name that no file can bear is a fault with a remedy, wherever it is given."""

from __future__ import annotations

import sys

import pytest

from layoutplan.cli.entry import answer, asked_language
from layoutplan.synthetic import write_demo

LONG = "a" * 300
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="the limit of POSIX file systems")


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    return write_demo(tmp_path_factory.mktemp("town"), residents=5_000)


@POSIX
@pytest.mark.parametrize(
    "words",
    [
        ["check", f"{LONG}.toml"],
        ["run", "{plan}", "--ledger", f"{LONG}.csv"],
        ["run", "{plan}", "--out", "{folder}/" + LONG],
        ["compare", LONG],
        ["new", "{folder}/" + LONG],
    ],
)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_name_too_long_on_the_command_line(town, tmp_path, capsys, words, lang):
    named = [word.format(plan=town, folder=tmp_path) for word in words]
    assert answer([*named, "--lang", lang]) == 2
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert LONG in said or "File name too long" in said


@pytest.mark.parametrize(("name", "code"), [("a" * 201, 2), ("长" * 67, 2), ("长" * 66, 0)])
def test_a_scenario_bears_the_name_of_a_folder(town, capsys, name, code):
    plan = town.parent / "long.toml"
    plan.write_text(town.read_text(encoding="utf-8") + f'\n[scenarios."{name}"]\n', encoding="utf-8")
    assert answer(["check", str(plan), "--lang", "en"]) == code
    assert ("takes 201 bytes" in capsys.readouterr().err) == (code == 2)


def test_the_language_of_a_plan_whose_name_means_nothing():
    assert asked_language([f"{LONG}.toml", "a\0b.toml", "--lang", "en"]) == "en"
