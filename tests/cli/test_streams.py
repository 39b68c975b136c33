"""Output that can not be written, or not in these letters, ends no run and leaves no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="POSIX shells and devices")
FULL = pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has /dev/full")
PLAIN_LOCALE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def shell(line, **environment):
    """Run a line of Bash; ``$LP`` is the command line."""
    return subprocess.run(
        ["bash", "-c", line],
        env={**os.environ, "LP": f"{sys.executable} -m layoutplan", **environment},
        capture_output=True,
        check=False,
    )


@POSIX
def test_a_reader_who_leaves_is_told_by_the_code(tmp_path):
    """141 is what a shell reports of a program that SIGPIPE ended; the work is done all the same."""
    done = shell(f"$LP new {tmp_path}/town | true; exit ${{PIPESTATUS[0]}}")
    assert done.returncode == 141
    assert b"Traceback" not in done.stderr
    assert b"Broken" not in done.stderr


@pytest.mark.slow
@POSIX
def test_faults_outweigh_a_reader_who_left(tmp_path):
    done = shell(f"$LP check {tmp_path / 'no.toml'} 2>&1 | true; exit ${{PIPESTATUS[0]}}")
    assert done.returncode == 2


@FULL
@pytest.mark.parametrize(("where", "code"), [(">", 2), ("2>", 0), ("&>", 2)])
def test_a_full_device(tmp_path, where, code):
    done = shell(f"$LP new {tmp_path}/town --lang en {where} /dev/full")
    assert done.returncode == code
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr
    assert (b"could not be written" in done.stderr) == (where == ">")


@POSIX
@pytest.mark.parametrize("where", [">&-", ">&- 2>&-"])
def test_streams_closed_from_the_start(where):
    assert shell(f"$LP --help {where}").returncode == 0


@POSIX
@pytest.mark.parametrize(
    ("environment", "lang"),
    [(PLAIN_LOCALE, "zh"), (PLAIN_LOCALE, "en"), ({"PYTHONIOENCODING": "ascii"}, "zh")],
)
def test_a_terminal_without_our_letters(tmp_path, environment, lang):
    done = shell(f"$LP new {tmp_path}/town --lang {lang}", **environment)
    assert done.returncode == 0, done.stderr
    said = done.stdout.decode("ascii") + done.stderr.decode("ascii")
    assert "Traceback" not in said
    assert ("PYTHONUTF8=1" in said) == (lang == "zh")
    assert ("Fill in the tables" in said) == (lang == "en")


@POSIX
def test_a_name_that_files_can_not_bear_here(tmp_path):
    plan = tmp_path / "plan.toml"
    plan.write_text('[plan]\nname = "x"\n[tables.schools]\nfile = "学校.csv"\n', encoding="utf-8")
    done = shell(f"$LP check {plan} --lang en", **PLAIN_LOCALE)
    assert b"Traceback" not in done.stderr
    assert done.returncode == 2


def test_the_codes_are_told_by_help():
    done = shell("$LP --help")
    for code in ("0", "1", "2", "3", "130", "141"):
        assert f"{code} ".encode() in done.stdout
