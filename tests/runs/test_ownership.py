"""Nothing is lost: only what carries a mark of ours is replaced or removed; all else is said at once."""

from __future__ import annotations

import os
import subprocess
import sys
import unicodedata
from contextlib import contextmanager

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from layoutplan import InputError, load_plan
from layoutplan.errors import FaultLog
from layoutplan.runs import report_output, reserved
from layoutplan.runs.folder import replacing, write_json
from layoutplan.runs.locks import lock_file
from layoutplan.runs.ownership import (
    clean_up_killed_runs,
    foreign_names,
    is_run,
    make_temporary,
    recover,
    remove_run,
)
from tests.city.office import PLAN
from tests.examples import examples
from tests.runs.stored_runs import store

posix = pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")


@pytest.fixture
def home(tmp_path):
    """A folder with a plan of two scenarios; its tables need not exist."""
    folder = tmp_path / "office"
    folder.mkdir()
    scenarios = "\n[scenarios.data]\n[scenarios.low.demand]\nbirths_factor = 0.9\n"
    (folder / "plan.toml").write_text(PLAN + scenarios, encoding="utf-8")
    return folder


def plans(home, *names):
    return [load_plan(home / "plan.toml", scenario=name) for name in names or (None,)]


def faults(home, output, *names, ledger=None):
    """Codes and files in the way of scenarios; looking changes nothing."""
    before = tree(home.parent)
    log = FaultLog()
    report_output(plans(home, *names), output, ledger=ledger, log=log)
    assert tree(home.parent) == before
    for fault in log:
        for lang in ("zh", "en"):
            assert "{" not in fault.what(lang) + fault.remedy(lang)
    return [(fault.code, os.path.relpath(fault.file, home) if fault.file else None) for fault in log]


def tree(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b""
        for path in sorted(folder.rglob("*"))
    }


def test_absent_empty_and_own_folders_are_free(home):
    assert faults(home, home / "out", None, "low") == []
    (home / "out" / "base").mkdir(parents=True)
    store(home / "out" / "low")
    assert faults(home, home / "out", None, "low") == []


def test_a_run_of_the_first_version_is_ours(home):
    folder = store(home / "out" / "base")
    write_json({"run_id": "82a70564", "scenario": "base", "plan": {}}, folder / "manifest.json")
    assert is_run(folder)
    assert faults(home, home / "out") == []


@pytest.mark.parametrize(
    "manifest",
    ["", "{", "[]", '{"run_id": 1}', '{"run_id": "82a70564"}', '{"name": "web app", "version": "1"}', None],
)
def test_a_folder_without_our_manifest_is_not_ours(home, manifest):
    (home / "out" / "base").mkdir(parents=True)
    (home / "out" / "base" / "thesis.docx").write_text("years")
    if manifest is not None:
        (home / "out" / "base" / "manifest.json").write_text(manifest)
    assert faults(home, home / "out") == [("output_not_ours", "out/base")]


def test_a_file_put_into_a_run_folder_is_named_and_kept(home):
    folder = store(home / "out" / "base")
    (folder / "thesis.docx").write_text("years")
    (folder / "tables" / "notes.csv").write_text("mine")
    (folder / "old").mkdir()
    assert foreign_names(folder) == ["old", "tables/notes.csv", "thesis.docx"]
    assert faults(home, home / "out") == [("output_foreign_files", "out/base")]
    with pytest.raises(InputError, match="thesis"), replacing(folder):
        pass
    assert (folder / "thesis.docx").read_text() == "years"


def test_a_file_that_comes_while_a_run_is_written_is_kept(home):
    folder = store(home / "out" / "base")
    with pytest.raises(InputError, match="thesis"), replacing(folder):
        (folder / "thesis.docx").write_text("years")
    assert (folder / "thesis.docx").read_text() == "years"


def test_removing_a_run_never_removes_another_file(home):
    folder = store(home / "out" / "base")
    (folder / "thesis.docx").write_text("years")
    remove_run(folder)
    assert [path.name for path in folder.iterdir()] == ["thesis.docx"]


def test_a_file_that_an_office_filled_in_is_not_replaced(home):
    folder = home / "out" / "base"
    with replacing(folder) as new:
        store(new)
        (new / "workbook.xlsx").write_text("as written")
        digests = {"workbook.xlsx": "0" * 64}
        write_json(
            {"run_id": "0123abcd", "scenario": "base", "plan": {}, "files": digests}, new / "manifest.json"
        )
    assert faults(home, home / "out") == [("output_edited", "out/base")]


def test_what_a_viewer_leaves_is_in_nobodys_way(home):
    folder = store(home / "out" / "base")
    for name in ("results.gpkg-wal", "results.gpkg-shm", ".DS_Store", "Thumbs.db", "tables/.DS_Store"):
        (folder / name).write_text("")
    assert faults(home, home / "out") == []


def test_the_folder_of_the_inputs_is_never_a_run_folder(home):
    plan = (home / "plan.toml").read_text(encoding="utf-8").replace('"units.gpkg"', '"data/units.gpkg"')
    (home / "plan.toml").write_text(plan, encoding="utf-8")
    (home / "data").mkdir()
    (home / "data" / "units.gpkg").write_text("people")
    assert faults(home, home, "data") == [("output_holds_input", "data")]
    store(home / "data")  # even where it carries our mark
    assert faults(home, home, "data") == [("output_holds_input", "data")]
    home.rename(home.with_name("base"))
    home = home.with_name("base")
    assert ("output_holds_input", ".") in faults(home, home.parent)


@posix
def test_links_and_roundabout_ways_are_seen_through(home, tmp_path):
    (tmp_path / "way").symlink_to(home.parent)
    home.rename(home.with_name("base"))
    home = home.with_name("base")
    for output in (tmp_path / "way", home / "..", home / "out" / ".." / ".."):
        (home / "out").mkdir(exist_ok=True)
        assert "output_holds_input" in [code for code, _ in faults(home, output)]


def test_a_ledger_in_the_folder_to_be_replaced_is_an_input(home):
    folder = store(home / "out" / "base")
    ledger = folder / "tables" / "ledger.csv"
    assert faults(home, home / "out", ledger=ledger) == [("output_holds_input", "out/base")]
    assert faults(home, home / "out", "low", ledger=ledger) == []


@posix
def test_links_in_the_way_are_faults(home, tmp_path):
    (home / "out").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (home / "out" / "base").symlink_to(tmp_path / "elsewhere")
    (home / "out" / "low").symlink_to(tmp_path / "nowhere")
    (home / "out" / "map.html").symlink_to(tmp_path / "elsewhere")
    assert faults(home, home / "out", None, "low") == [
        ("output_is_link", "out/base"),
        ("output_is_link", "out/low"),
        ("output_page_not_ours", "out/map.html"),
    ]
    (home / "gone").symlink_to(tmp_path / "nowhere")
    assert faults(home, home / "gone") == [("not_written_file_in_the_way", "gone")]


def test_everything_in_the_way_of_every_scenario_is_said_at_once(home):
    out = home / "out"
    (out / "base").mkdir(parents=True)
    (out / "base" / "thesis.docx").write_text("years")
    (out / "low").write_text("a file")
    (out / "low.previous").mkdir()
    (out / "low.previous" / "mine").write_text("")
    (out / ".cache").mkdir()
    (out / ".cache" / "pip").mkdir()
    for name in ("index.html", "map.html", "comparison.csv", ".layoutplan.json"):
        (out / name).write_text("<html>mine</html>")
    assert faults(home, out, None, "low") == [
        ("output_not_ours", "out/base"),
        ("not_written_file_in_the_way", "out/low"),
        ("output_not_ours", "out/low.previous"),
        ("output_page_not_ours", "out/.layoutplan.json"),
        ("output_page_not_ours", "out/index.html"),
        ("output_page_not_ours", "out/map.html"),
        ("output_page_not_ours", "out/comparison.csv"),
        ("output_not_ours", "out/.cache"),
    ]
    with pytest.raises(InputError), reserved(plans(home, None, "low"), out):
        pytest.fail("nothing may be computed")


@pytest.mark.parametrize("place", ["out", "out/deep"])
def test_a_file_where_a_folder_is_meant(home, place):
    (home / "out").write_text("mine")
    assert faults(home, home / place) == [("not_written_file_in_the_way", "out")]


def test_a_folder_that_may_not_be_written(home, monkeypatch):
    store(home / "out" / "base")
    closed = {home / "out" / "base", home / "out" / "base" / "tables"}
    monkeypatch.setattr(os, "access", lambda path, _mode: path not in closed)
    assert [code for code, _ in faults(home, home / "out")] == ["not_written_no_permission"] * 2
    monkeypatch.setattr(os, "access", lambda path, _mode: home / "out" not in (path, *path.parents))
    assert faults(home, home / "out") == [("not_written_no_permission", "out")]


@pytest.mark.parametrize("name", ["con", "NUL", "com1"])
def test_names_that_are_no_folder_everywhere(home, name):
    text = (home / "plan.toml").read_text(encoding="utf-8")
    (home / "plan.toml").write_text(f'{text}\n[scenarios."{name}"]\n', encoding="utf-8")
    assert {code for code, _ in faults(home, home / "out", name)} == {"output_name_unusable"}


@pytest.mark.parametrize("name", ["x" * 300, "学" * 80], ids=["latin", "chinese"])
def test_names_too_long_for_a_folder_are_no_scenarios(home, name):
    text = (home / "plan.toml").read_text(encoding="utf-8")
    (home / "plan.toml").write_text(f'{text}\n[scenarios."{name}"]\n', encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_plan(home / "plan.toml", scenario=name)
    assert [fault.code for fault in caught.value.faults] == ["plan_scenario_name_long"]


@pytest.mark.parametrize("name", ["..", ".", "a/b", "a\\b", "end.", "", " low"])
def test_names_that_would_leave_the_folder_are_no_scenarios(home, name):
    text = (home / "plan.toml").read_text(encoding="utf-8")
    (home / "plan.toml").write_text(f"{text}\n[scenarios.{name!r}]\n", encoding="utf-8")
    with pytest.raises(InputError):
        load_plan(home / "plan.toml", scenario=name)


def test_names_that_differ_in_case_only(home):
    text = (home / "plan.toml").read_text(encoding="utf-8")
    (home / "plan.toml").write_text(f"{text}\n[scenarios.Low]\n[scenarios.BASE]\n", encoding="utf-8")
    assert faults(home, home / "out", "low") == [("output_names_collide", None)]
    assert faults(home, home / "out") == [("output_names_collide", None)]
    assert faults(home, home / "out", "data") == []


@contextmanager
def another_run(place):
    """Another process that holds the lock of a place, as a run of ours does."""
    script = (
        "import fcntl, sys\n"
        "file = open(sys.argv[1], 'w')\n"
        "fcntl.flock(file, fcntl.LOCK_EX)\n"
        "file.write('layoutplan lock\\n')\n"
        "file.flush()\n"
        "print('held', flush=True)\n"
        "sys.stdin.read()\n"
    )
    words = [sys.executable, "-c", script, str(lock_file(place))]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        yield
        process.communicate()


@posix
def test_two_runs_into_one_folder(home):
    """The second is refused before it computes; into another scenario's folder it may go."""
    (home / "out").mkdir()
    with another_run(home / "out" / "base"):
        assert faults(home, home / "out", None, "low") == [("run_busy", "out/base")]
        with pytest.raises(InputError, match="Another run"), reserved(plans(home), home / "out"):
            pytest.fail("nothing may be computed")
        with pytest.raises(InputError, match="Another run"), replacing(home / "out" / "base"):
            pytest.fail("nothing may be written")
        with reserved(plans(home, "low"), home / "out"):
            pass
    with reserved(plans(home), home / "out"):  # its lock is a file that nobody holds
        assert lock_file(home / "out" / "base").exists()
    assert list((home / "out").iterdir()) == []


def test_what_a_killed_run_left_is_cleared_by_the_next_of_any_scenario(home):
    out = home / "out"
    out.mkdir()
    left = make_temporary(out / "low")
    (left / "results.gpkg").write_text("half")
    (out / ".low.lock").write_text("layoutplan lock\n")
    (out / ".base-settings").mkdir()
    (out / ".base-abcdefgh").mkdir()
    (out / ".base-abcdefgh" / "mine").write_text("years")
    store(out / "low.previous")
    (out / "mine.previous").mkdir()
    with reserved(plans(home), out):
        assert not left.exists()
    assert is_run(out / "low")
    assert {path.name for path in out.iterdir()} == {
        ".base-settings",
        ".base-abcdefgh",
        ".low.lock",
        "low",
        "mine.previous",
    }
    assert faults(home, out, "low") == []


@posix
def test_what_a_living_run_writes_is_left_alone(home):
    out = home / "out"
    out.mkdir()
    left = make_temporary(out / "low")
    store(out / "low.previous")
    with another_run(out / "low"):
        clean_up_killed_runs(out)
        assert left.is_dir()
        assert (out / "low.previous").is_dir()
    clean_up_killed_runs(out)
    assert not left.exists()
    assert is_run(out / "low")


def test_the_previous_run_is_removed_only_if_it_is_ours_alone(home):
    folder, old = store(home / "out" / "base"), store(home / "out" / "base.previous")
    (old / "thesis.docx").write_text("years")
    recover(folder)
    assert (old / "thesis.docx").read_text() == "years"
    assert faults(home, home / "out") == [("output_foreign_files", "out/base.previous")]
    (old / "thesis.docx").unlink()
    recover(folder)
    assert not old.exists()


_names = st.text(
    st.characters(blacklist_characters="/\0", blacklist_categories=("Cs",)), min_size=1, max_size=12
).filter(lambda name: name not in {".", ".."} and unicodedata.normalize("NFC", name) == name)
_parts = st.sampled_from(["out", "out/base", "out/base/tables", "out/.cache", "out/base.previous"])
_known = st.sampled_from(
    ["index.html", "map.html", "comparison.csv", "summary.json", "manifest.json", "ledger.csv", "thesis.docx"]
)


@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(_parts, _names | _known), min_size=1, max_size=6), st.booleans())
def test_whatever_people_put_beside_a_run_survives_or_is_refused(tmp_path_factory, placed, ours):
    """The law of this module: after any attempt every foreign byte is still there."""
    home = tmp_path_factory.mktemp("law")
    (home / "plan.toml").write_text(PLAN, encoding="utf-8")
    if ours:
        store(home / "out" / "base")
    mine = {}
    for place, name in placed:
        path = home / place / name
        if os.path.lexists(path):
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            path.write_bytes(b"mine " + name.encode())
        except OSError:
            continue
        mine[path] = path.read_bytes()
    try:
        with reserved(plans(home), home / "out"), replacing(home / "out" / "base") as new:
            store(new)
    except InputError:
        pass
    names = {"summary.json", "manifest.json", "Thumbs.db", "ledger.csv"}  # a run's own, in a run's own folder
    for path, content in mine.items():
        if ours and path.name in names and (home / "out" / "base") in path.parents:
            continue
        assert path.read_bytes() == content
