"""Pages and tables next to the run folders: ours are replaced, others never."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pandas as pd
import pytest

from layoutplan import InputError
from layoutplan.dictionary import empty_frame, result_table
from layoutplan.errors import FaultLog
from layoutplan.outputs.files.csv_files import csv_bytes
from layoutplan.runs import report_pages, write_files_of_ours, write_index, write_table
from layoutplan.runs.pages import MARKS, write_pages
from tests.runs.stored_runs import store


def codes(folder, *names):
    log = FaultLog()
    report_pages(folder, names, log=log)
    return [fault.code for fault in log]


def test_what_we_wrote_is_replaced_and_what_was_changed_is_not(tmp_path):
    for name in ("base", "low"):
        store(tmp_path / name, scenario=name)
    page = write_index(tmp_path, lang="en")
    first = page.read_bytes()
    write_index(tmp_path, lang="zh")
    assert page.read_bytes() != first
    page.write_bytes(b"<html>mine</html>")
    with pytest.raises(InputError, match="did not write it"):
        write_index(tmp_path, lang="en")
    assert page.read_bytes() == b"<html>mine</html>"
    assert codes(tmp_path, "index.html", "comparison.csv") == ["output_page_not_ours"]
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"base", "low", "index.html", "comparison.csv", MARKS}


def test_a_table_that_somebody_has_there_is_not_replaced(tmp_path):
    frame = pd.DataFrame({"stage": ["=1+1"], "year": [2030]})
    path = tmp_path / "schools.csv"
    path.write_text("mine")
    with pytest.raises(InputError):
        write_table(frame, path)
    assert path.read_text() == "mine"
    path.unlink()
    write_table(frame, path)
    write_table(frame.assign(year=2031), path)
    assert path.read_text(encoding="utf-8-sig") == "stage,year\n'=1+1,2031\n"


def test_pages_of_the_first_version_are_known_by_their_content(tmp_path):
    store(tmp_path / "base")
    write_index(tmp_path, lang="en")
    (tmp_path / MARKS).unlink()
    (tmp_path / "comparison.csv").write_text(
        "stage,variant,figure,base\n", encoding="utf-8-sig", newline="\n"
    )
    for name in ("triggers", "enrolment_backtest"):
        (tmp_path / f"{name}.csv").write_bytes(csv_bytes(empty_frame(result_table(name))))
    data = '<script type="application/octet-stream" id="payload">x</script>'
    page = f"{data}<script>layoutplan.start(n1);</script>"
    (tmp_path / "map.html").write_text(page)
    names = ("index.html", "comparison.csv", "triggers.csv", "enrolment_backtest.csv", "map.html")
    assert codes(tmp_path, *names) == []
    for name in names:
        (tmp_path / name).write_text("stage,variant,figure\nmine")
    assert codes(tmp_path, *names) == ["output_page_not_ours"] * 5


@pytest.mark.parametrize(
    "marks", ["", "{}x", '{"layoutplan": "x"}', "[1]", '{"files": {"index.html": ["short"]}}', "\0" * 9]
)
def test_marks_that_are_not_ours_are_named(tmp_path, marks):
    (tmp_path / MARKS).write_text(marks)
    assert codes(tmp_path) == ["output_page_not_ours"]


def test_a_kill_between_marks_and_pages_leaves_both_known(tmp_path, monkeypatch):
    write_pages(tmp_path, {"a.csv": b"old", "b.csv": b"old"}, log=FaultLog())

    class Killed(BaseException):
        pass

    replace = Path.replace

    def kill(path, target):
        if path.name == "b.csv":
            raise Killed
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", kill)
    with pytest.raises(Killed):
        write_pages(tmp_path, {"a.csv": b"new", "b.csv": b"new"}, log=FaultLog())
    monkeypatch.undo()
    assert ((tmp_path / "a.csv").read_bytes(), (tmp_path / "b.csv").read_bytes()) == (b"new", b"old")
    assert codes(tmp_path, "a.csv", "b.csv") == []
    assert {path.name for path in tmp_path.iterdir()} == {"a.csv", "b.csv", MARKS}


def test_made_files_replace_their_like_and_nothing_else(tmp_path):
    def make(content):
        def write(new):
            (new / "plan.toml").write_text(content)
            (new / "schools.csv").write_text("1")
            return new / "plan.toml"

        return write

    folder = tmp_path / "demo"
    assert write_files_of_ours(folder, make("a")) == folder / "plan.toml"
    write_files_of_ours(folder, make("b"))
    assert (folder / "plan.toml").read_text() == "b"
    (folder / "plan.toml").write_text("mine")
    with pytest.raises(InputError):
        write_files_of_ours(folder, make("c"))
    assert (folder / "plan.toml").read_text() == "mine"
    (folder / MARKS).unlink()
    with pytest.raises(InputError):
        write_files_of_ours(folder, make("c"))
    write_files_of_ours(folder, make("mine"))  # the same bytes: nothing is lost
    digest = hashlib.sha256(b"mine").hexdigest()
    assert json.loads((folder / MARKS).read_text())["files"]["plan.toml"] == [digest]
    assert {path.name for path in folder.iterdir()} == {"plan.toml", "schools.csv", MARKS}
