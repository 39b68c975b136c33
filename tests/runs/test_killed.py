"""A signal at any moment of a run: the last good run intact, the next one clean, nothing left behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

import pytest

from layoutplan.runs.ownership import files_of, is_run
from layoutplan.runs.pages import MARKS
from tests.city.office import PLAN, Office
from tests.examples import THOROUGH
from tests.runs.killed import FILES, PAGES, STAGES, SWAP

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="signals, forks and /proc")

MOMENTS = (*STAGES, *FILES, *SWAP, *PAGES)
SIGNALS = ("SIGKILL", "SIGTERM", "SIGINT")
ENDS = {"SIGKILL": -9, "SIGTERM": 143, "SIGINT": 130, None: 0}
ROOT = Path(__file__).parents[2]


@contextmanager
def driver(folder, *options):
    """Give a function that runs a case in a fork of a loaded process."""
    temporary = folder / "tmp"
    temporary.mkdir()
    environment = {**os.environ, "TMPDIR": str(temporary), "LAYOUTPLAN_KILLED": str(folder)}
    words = [sys.executable, "-m", "tests.runs.killed", str(folder / "said"), *options]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment
    ) as process:

        def ask(moment, number, content):
            case = {
                "words": ["run", str(folder / "plan.toml"), "--lang", "en", "--no-cache"],
                "moment": moment,
                "signal": number,
                "content": content,
            }
            process.stdin.write(json.dumps(case) + "\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

        yield ask
        process.stdin.close()
        assert process.wait(timeout=60) == 0
    assert others(folder) == []
    assert list(temporary.iterdir()) == []


def others(folder):
    """Processes of this test that live on."""
    mark = f"LAYOUTPLAN_KILLED={folder}".encode()
    until = time.monotonic() + 20
    while True:
        found = []
        for path in Path("/proc").glob("[0-9]*/environ"):
            try:
                found += [path.parent.name] if mark in path.read_bytes() else []
            except OSError:
                continue
        if not found or time.monotonic() > until:
            return found
        time.sleep(0.2)


def names(out):
    return {path.name for path in out.iterdir()}


def whole(folder):
    """Say whether a run folder is as its manifest says."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    files = files_of(folder)
    del files["manifest.json"]
    return files == manifest["files"]


def _cases():
    """Every signal at every moment; in the quick suite the signals take turns."""
    if THOROUGH:
        return [(moment, number) for moment in MOMENTS for number in SIGNALS]
    return list(zip(MOMENTS, cycle(SIGNALS), strict=False))


def test_a_signal_at_any_moment(tmp_path):
    (tmp_path / "plan.toml").write_text(PLAN, encoding="utf-8")
    out = tmp_path / "out"
    clean = {"base", "index.html", "comparison.csv", MARKS}
    with driver(tmp_path) as ask:
        first = ask("", None, "0")
        assert first["code"] == 0, first["said"]
        assert names(out) == clean
        for turn, (moment, number) in enumerate(_cases()):
            case, good = f"{moment} {number}", (out / "base" / "atlas.pdf").read_text()
            ended = ask(moment, number, str(turn + 1))
            assert ended["code"] == ENDS[number], case + ended["said"]
            assert "Traceback" not in ended["said"], case
            kept = out / "base" if (out / "base").exists() else out / "base.previous"
            late = moment in {*SWAP[2:], *PAGES}
            assert is_run(kept), case
            assert whole(kept), case
            assert (kept / "atlas.pdf").read_text() == (str(turn + 1) if late else good), case
            if number != "SIGKILL":
                assert names(out) == clean, case
            following = ask("", None, f"{turn + 1} again")
            assert following["code"] == 0, case + following["said"]
            assert names(out) == clean, case
            assert whole(out / "base"), case
            assert (out / "base" / "atlas.pdf").read_text() == f"{turn + 1} again"


@pytest.mark.slow
def test_a_signal_in_a_real_run_with_a_process_beside_it(tmp_path):
    office = Office(tmp_path)
    office.drop("roads")
    office.write()
    inputs = {path: path.read_bytes() for path in tmp_path.iterdir()}
    out = tmp_path / "out"
    with driver(tmp_path, "--real") as ask:
        assert ask("", None, "")["code"] in {0, 3}
        clean, good = names(out), files_of(out / "base")
        for moment, number in (
            ("balance", "SIGTERM"),
            ("write.map", "SIGKILL"),
        ):
            ended = ask(moment, number, "")
            assert ended["code"] == ENDS[number], ended["said"]
            assert files_of(out / "base") == good
            if number != "SIGKILL":
                assert names(out) == clean
        assert ask("", None, "")["code"] in {0, 3}
        assert names(out) == clean
        again = files_of(out / "base")
        del again["manifest.json"], good["manifest.json"]  # timings
        assert again == good
    assert {path: path.read_bytes() for path in inputs} == inputs
