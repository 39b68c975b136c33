"""Stage results kept between runs: equal results, only what changed is computed, nothing foreign is read."""

from __future__ import annotations

import os
import pickle
import shutil
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

import layoutplan as lp
from layoutplan.runs import RUN_STAGES, StageStore, signed_files, write_run
from layoutplan.runs.identity import identity_of_files
from layoutplan.runs.ownership import files_of
from layoutplan.runs.signed_files import SignedFiles
from tests.every import every
from tests.examples import examples
from tests.outputs.town import write_town
from tests.runs.test_composed import assert_equal

CHANGES = {
    "budget": {"siting.budget": 2.5e7},
    "no_siting": {"siting.enabled": False},
    "max_schools": {"siting.max_new_schools": 1},
    "births": {"demand.births_factor": 1.3},
    "migration": {"demand.migration_rate": 0.05},
    "draws": {"uncertainty.draws": 60},
    "seed": {"plan.seed": 7},
    "language": {"plan.lang": "en"},
    "target": {"plan.target_year": 2026},
    "stages": {"plan.stages": ["primary"]},
    "reach": {"travel.reach_m": {"primary": 700.0}},
    "redraw": {"zoning.enabled": True},
    "class_cap": {"override": [{"key": "class_size.cap", "of": "primary", "value": 39.0}]},
    "class_size": {"override": [{"key": "class_size.standard", "of": "primary", "value": 40.0}]},
    "crossing": {"override": [{"key": "walking.crossing_distance", "value": 300.0}]},
    "profile": {"plan.profile": "cn-national"},
    "compared": {"plan.compare_profiles": ["cn-national"]},
    "review_number": {"plan.review_number": "GS2027-001"},
}


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """A small town's plan and store, and the run that computed all that the store keeps."""
    folder = tmp_path_factory.mktemp("kept")
    plan = lp.load_plan(write_town(folder))
    store = StageStore(folder / "out" / ".results")
    return plan, store, lp.run_plan(plan, results=store)


def computed(run):
    return [name for name, one in run.reuse.items() if not one.kept]


def varied(plan, names):
    changes = {}
    for name in names:
        for key, value in CHANGES[name].items():
            changes[key] = [*changes[key], *value] if key == "override" and key in changes else value
    return plan.vary(changes, name="-".join(names)) if changes else plan


def assert_as_from_nothing(plan, store, folder=None):
    again, anew = lp.run_plan(plan, results=store), lp.run_plan(plan)
    assert_equal(again, anew)
    assert again.study.plan is plan
    assert not again.study.today.walks.to_frame().empty
    if folder is not None:
        found = []
        for name, run in (("again", again), ("anew", anew)):
            shutil.rmtree(folder / name, ignore_errors=True)
            write_run(run, folder / name)
            found.append(
                {path: one for path, one in files_of(folder / name).items() if path != "manifest.json"}
            )
        assert found[0] == found[1]


def test_an_equal_run_computes_nothing(town):
    plan, store, first = town
    again = lp.run_plan(plan, results=store)
    assert computed(again) == []
    assert list(again.reuse) == [stage.name for stage in RUN_STAGES if stage.kept and stage.wanted(plan)]
    assert_equal(again, first)


def test_a_change_computes_what_reads_it_and_says_why(town):
    plan, store, _ = town
    budget = lp.run_plan(varied(plan, ["budget"]), results=store)
    assert set(computed(budget)) <= {"siting", "layouts", "evaluations", "rules"}
    assert budget.reuse["siting"].names() == ["siting.budget"]
    draws = lp.run_plan(varied(plan, ["draws"]), results=store)
    assert draws.reuse["outlook"].names() == ["uncertainty.draws"]
    assert not {"read", "demand", "travel", "balance", "review"} & set(computed(draws))
    cap = lp.run_plan(varied(plan, ["class_cap"]), results=store)
    assert cap.reuse["rules"].names()
    assert not {"read", "seats", "demand", "travel", "balance", "hotspots", "siting"} & set(computed(cap))
    number = lp.run_plan(varied(plan, ["review_number"]), results=store)
    assert computed(number) == []


def test_a_changed_file_is_read_again(town, tmp_path):
    plan, store, _ = town
    folder = tmp_path / "copy"
    shutil.copytree(plan.folder, folder, ignore=shutil.ignore_patterns("out"))
    moved = varied(lp.load_plan(folder / "plan.toml"), ["no_siting"])  # siting reads no file
    lp.run_plan(moved, results=store)
    schools = folder / "schools.csv"
    schools.write_bytes(schools.read_bytes() + b"\n")
    again = lp.run_plan(moved, results=store)
    assert again.reuse["read"].names() == ["file schools.csv"]
    assert_equal(again, lp.run_plan(moved))


def test_what_comes_out_equal_leaves_later_results_valid(town):
    plan, store, _ = town
    run = lp.run_plan(plan.vary({"siting.time_limit_s": 31.0}, name="longer"), results=store)
    assert computed(run) == ["siting"]


@pytest.mark.slow
def test_some_changes_one_after_the_other(town):
    plan, store, _ = town
    for name in ("class_size", "reach", "redraw"):
        assert_as_from_nothing(varied(plan, [name]), store)


@pytest.mark.slow
@given(st.lists(st.sampled_from(sorted(CHANGES)), max_size=3, unique=True))
@settings(max_examples=examples(6))
def test_any_changes_in_any_order(town, tmp_path_factory, names):
    plan, store, _ = town
    if {"class_cap", "class_size", "crossing"} & set(names) and "profile" in names:
        names = [name for name in names if name != "profile"]
    assert_as_from_nothing(varied(plan, names), store, tmp_path_factory.mktemp("files"))


class Trap:
    """Makes a folder where it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __getstate__(self):  # noqa: D105
        return str(self.path)

    def __setstate__(self, path):  # noqa: D105
        Path(path).mkdir()


def test_what_others_signed_is_never_loaded(town, tmp_path, monkeypatch):
    plan, store, _ = town
    folder = tmp_path / ".results"
    monkeypatch.setenv(signed_files.KEY_HOME, str(tmp_path / "other"))
    signed_files.user_key.cache_clear()
    others = SignedFiles(folder)
    for path in store.files.folder.glob("*-*.*"):
        body = pickle.dumps(Trap(tmp_path / "sprung")) if path.suffix == ".value" else path.read_bytes()[32:]
        others.put(path.name, body)
    monkeypatch.undo()
    signed_files.user_key.cache_clear()
    run = lp.run_plan(plan, results=StageStore(folder))
    assert "read" in computed(run)
    assert not (tmp_path / "sprung").exists()
    again = lp.run_plan(plan, results=StageStore(folder))
    assert computed(again) == []  # valid results replaced them


@pytest.mark.slow
def test_damaged_files_are_computed_again(town, tmp_path):
    plan, store, first = town
    folder = tmp_path / ".results"
    shutil.copytree(store.files.folder, folder)
    for number, path in enumerate(sorted(folder.glob("*-*.*"))):
        data = path.read_bytes()
        path.write_bytes(data[: len(data) // 2] if number % 2 else data[:-1] + bytes([data[-1] ^ 1]))
    run = lp.run_plan(plan, results=StageStore(folder))
    assert set(computed(run)) == set(run.reuse)
    assert_equal(run, first)


@pytest.mark.slow
def test_a_value_that_vanishes_after_it_was_found_is_computed(town, tmp_path, monkeypatch):
    plan, store, first = town
    folder = tmp_path / ".results"
    shutil.copytree(store.files.folder, folder)
    kept = SignedFiles.get
    monkeypatch.setattr(
        SignedFiles, "get", lambda self, name: None if name.endswith(".value") else kept(self, name)
    )
    assert_equal(lp.run_plan(plan, results=StageStore(folder)), first)


def test_a_foreign_folder_is_left_alone(tmp_path):
    (tmp_path / "thesis.docx").write_text("years")
    files = SignedFiles(tmp_path)
    files.put("value-" + 40 * "0" + ".value", b"mine")
    files.prune(most_bytes=0)
    assert not files.is_ours()
    assert not files.names("*")
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.docx"]


def test_the_least_recently_used_are_removed_first(tmp_path):
    files = SignedFiles(tmp_path / ".results")
    names = [f"value-{digit * 40}.value" for digit in "abc"]
    for at, name in enumerate(names):
        files.put(name, bytes(1000))
        os.utime(files.folder / name, ns=(at, at))
    assert files.get(names[0]) == bytes(1000)  # used again
    (files.folder / "tmpabcdefgh.layoutplan-new").write_text("")
    files.prune(most_bytes=2200)
    assert sorted(path.name for path in files.folder.iterdir()) == ["CACHEDIR.TAG", names[0], names[2]]


def test_a_renamed_file_is_no_other(tmp_path):
    files = SignedFiles(tmp_path / ".results")
    one, other = (f"value-{digit * 40}.value" for digit in "ab")
    files.put(one, b"content")
    (files.folder / one).rename(files.folder / other)
    assert files.get(other) is None


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_a_key_that_others_can_read_is_not_used(tmp_path, monkeypatch):
    monkeypatch.setenv(signed_files.KEY_HOME, str(tmp_path))
    signed_files.user_key.cache_clear()
    assert len(signed_files.user_key()) == 32
    (key,) = tmp_path.iterdir()
    assert key.stat().st_mode & 0o777 == 0o600
    key.chmod(0o644)
    signed_files.user_key.cache_clear()
    assert signed_files.user_key() is None
    assert not SignedFiles(tmp_path / "out").has("value-" + 40 * "0" + ".value")
    monkeypatch.undo()
    signed_files.user_key.cache_clear()


def test_parts_of_a_file_count(tmp_path):
    def differs(name):
        before = identity_of_files([tmp_path / "roads.shp"])
        (tmp_path / name).write_text(name)
        assert identity_of_files([tmp_path / "roads.shp"]) != before

    every(["roads.shp", "roads.dbf", "roads.prj", "roads.cpg"], differs)
    unrelated = identity_of_files([tmp_path / "roads.shp"])
    Path(tmp_path / "rivers.shp").write_text("")
    assert identity_of_files([tmp_path / "roads.shp"]) == unrelated
