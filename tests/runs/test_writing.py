"""The files of a run: the same however many processes write them, and none at all when one fails."""

from __future__ import annotations

from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool

import pytest

from layoutplan import InputError, load_plan, run_plan, second_process, write_run
from layoutplan.runs import files as writing
from layoutplan.runs import write_index
from tests.city.office import Office
from tests.same_bytes import same_bytes


@pytest.fixture(scope="module")
def office_run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("office")
    office = Office(folder)
    office.drop("roads")
    office.write()
    return run_plan(load_plan(folder / "plan.toml"))


@pytest.mark.slow
def test_a_second_process_draws_the_same_bytes(office_run, tmp_path, monkeypatch):
    write_run(office_run, tmp_path / "one")
    monkeypatch.setattr(writing, "LARGE_UNITS", 1)
    monkeypatch.setattr(second_process.joblib, "cpu_count", lambda: 2)
    monkeypatch.setattr(writing, "write_atlas", None)  # so that this process could not
    write_run(office_run, tmp_path / "two")
    for name in ("report.docx", "atlas.pdf", "map.html", "workbook.xlsx"):
        assert same_bytes(tmp_path / "one" / name, tmp_path / "two" / name)


@pytest.mark.slow
def test_a_file_that_can_not_be_drawn_in_a_second_process_leaves_the_last_good_run(
    office_run, tmp_path, monkeypatch
):
    write_run(office_run, tmp_path / "out")
    before = (tmp_path / "out" / "manifest.json").read_bytes()
    monkeypatch.setattr(writing, "LARGE_UNITS", 1)
    monkeypatch.setattr(second_process.joblib, "cpu_count", lambda: 2)
    monkeypatch.setattr(writing, "write_csv_files", lambda _, tables: (tables.parent / "atlas.pdf").mkdir())
    with pytest.raises(InputError):
        write_run(office_run, tmp_path / "out")
    assert (tmp_path / "out" / "manifest.json").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


class _Killed:
    """A pool whose process the system has ended."""

    def __init__(self, max_workers, **_):
        self.max_workers = max_workers

    def submit(self, *_):
        ended = Future()
        ended.set_exception(BrokenProcessPool("killed"))
        return ended

    def shutdown(self, **_):
        pass


@pytest.mark.slow
def test_what_a_killed_process_did_not_draw_is_drawn_here(office_run, tmp_path, monkeypatch):
    monkeypatch.setattr(writing, "LARGE_UNITS", 1)
    monkeypatch.setattr(second_process.joblib, "cpu_count", lambda: 2)
    monkeypatch.setattr(second_process, "ProcessPoolExecutor", _Killed)
    write_run(office_run, tmp_path / "out")
    assert (tmp_path / "out" / "atlas.pdf").stat().st_size > 0


def test_only_the_outputs_asked_for_are_written(office_run, tmp_path):
    write_run(office_run, tmp_path / "all")
    write_run(office_run, tmp_path / "some", outputs=("workbook", "scorecard"))
    names = {path.name for path in (tmp_path / "some").iterdir()}
    assert names == {"summary.json", "manifest.json", "tables", "workbook.xlsx", "scorecard.html"}
    for name in ("summary.json", "workbook.xlsx", "scorecard.html", "tables/city_balance.csv"):
        assert same_bytes(tmp_path / "all" / name, tmp_path / "some" / name)
    page = write_index(tmp_path, lang="en").read_text(encoding="utf-8")
    assert "some/workbook.xlsx" in page
    assert "some/map.html" not in page
    assert "all/map.html" in page


def test_an_output_that_there_is_not_is_said(office_run, tmp_path):
    with pytest.raises(InputError) as raised:
        write_run(office_run, tmp_path / "out", outputs=("map", "poster"))
    assert [(fault.code, fault.params["name"]) for fault in raised.value.faults] == [
        ("output_unknown", "poster")
    ]
    assert not (tmp_path / "out").exists()
