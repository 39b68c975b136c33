"""Files of an equal run are taken over, and only unchanged files that this program wrote."""

from __future__ import annotations

import json
import shutil

import pytest

import layoutplan as lp
from layoutplan.runs import folder as run_folder
from layoutplan.runs.ownership import files_of
from tests.outputs.town import write_town

OUTPUTS = ("scorecard",)


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A town run twice into one store of results, and its files written after the first run."""
    place = tmp_path_factory.mktemp("written")
    plan = lp.load_plan(write_town(place)).vary({"siting.enabled": False}, name="as-is")
    store = lp.StageStore(place / ".results")
    first = lp.run_plan(plan, results=store)
    summary = lp.write_run(first, place / "out", outputs=OUTPUTS)
    return lp.run_plan(plan, results=store), place / "out", summary


@pytest.fixture
def out(kept, tmp_path):
    shutil.copytree(kept[1], tmp_path / "out")
    return tmp_path / "out"


@pytest.fixture
def writings(monkeypatch):
    """Names of the writings that were not saved, in order."""
    done, write = [], run_folder.write_files

    def counted(*args, **options):
        done.append("written")
        return write(*args, **options)

    monkeypatch.setattr(run_folder, "write_files", counted)
    return done


def contents(folder):
    return {name: one for name, one in files_of(folder).items() if name != "manifest.json"}


def test_an_equal_run_takes_over_every_file(kept, out, writings):
    again, _, summary = kept
    before = contents(out)
    assert lp.write_run(again, out, outputs=OUTPUTS) == summary
    assert writings == []
    assert contents(out) == before
    assert "write.kept" in json.loads((out / "manifest.json").read_bytes())["seconds"]


def test_what_was_not_written_or_was_changed_since_is_written(kept, out, writings):
    again = kept[0]
    before = contents(out)
    lp.write_run(again, out / "elsewhere", outputs=OUTPUTS)
    assert writings == ["written"]
    shutil.rmtree(out / "elsewhere")
    manifest = json.loads((out / "manifest.json").read_bytes())
    page = out / "scorecard.html"
    page.write_text("forged", encoding="utf-8")
    manifest["files"]["scorecard.html"] = files_of(out)["scorecard.html"]
    (out / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    lp.write_run(again, out, outputs=OUTPUTS)
    assert writings == 2 * ["written"]
    assert contents(out) == before


def test_other_outputs_and_another_plan_are_written(kept, out, writings):
    again = kept[0]
    lp.write_run(again, out, outputs=())
    assert writings == ["written"]
    assert not (out / "scorecard.html").exists()
    other = again.plan.vary({"plan.review_number": "GS-1"}, name="numbered")
    numbered = lp.run_plan(other, results=lp.StageStore(again.written.results))
    assert all(one.kept for one in numbered.reuse.values())
    assert numbered.written.identity != again.written.identity
