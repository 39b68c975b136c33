"""The run folder: whole or not at all."""

import os
import signal
import subprocess
import sys
import textwrap

import pytest

from layoutplan.errors import InputError
from layoutplan.runs.folder import replacing, write_json
from layoutplan.runs.ownership import recover


def write(folder, content):
    """What makes a folder a run of ours, and a file that a run writes."""
    write_json({"run_id": "0123abcd", "scenario": "base", "plan": {}}, folder / "manifest.json")
    (folder / "atlas.pdf").write_text(content)


def test_a_block_that_ends_well_takes_the_place_of_the_old_folder(tmp_path):
    for content in ("first", "second"):
        with replacing(tmp_path / "base") as new:
            write(new, content)
    assert (tmp_path / "base" / "atlas.pdf").read_text() == "second"
    assert [path.name for path in tmp_path.iterdir()] == ["base"]


def _fail_half_way(folder):
    with replacing(folder) as new:
        write(new, "half")
        raise RuntimeError


def test_a_block_that_fails_leaves_the_last_good_run(tmp_path):
    with replacing(tmp_path / "base") as new:
        write(new, "good")
    with pytest.raises(RuntimeError):
        _fail_half_way(tmp_path / "base")
    assert (tmp_path / "base" / "atlas.pdf").read_text() == "good"
    assert [path.name for path in tmp_path.iterdir()] == ["base"]


def test_a_full_disk_is_said_in_words_and_leaves_the_last_good_run(tmp_path):
    with replacing(tmp_path / "base") as new:
        write(new, "good")
    with pytest.raises(InputError) as raised, replacing(tmp_path / "base"):
        raise OSError(28, "No space left on device")
    assert [fault.code for fault in raised.value.faults] == ["not_written_disk_full"]
    assert (tmp_path / "base" / "atlas.pdf").read_text() == "good"


def test_a_file_where_the_folder_should_be_is_said_in_words(tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(InputError, match="could not be written"), replacing(tmp_path / "out" / "base"):
        pass


@pytest.mark.slow
def test_a_process_killed_in_the_middle_leaves_the_last_good_run(tmp_path):
    script = textwrap.dedent(
        """
        import sys, time
        from pathlib import Path
        from layoutplan.runs.folder import replacing
        with replacing(Path(sys.argv[1])) as new:
            (new / "atlas.pdf").write_text("half")
            print("writing", flush=True)
            time.sleep(60)
        """
    )
    with replacing(tmp_path / "base") as new:
        write(new, "good")
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path / "base")], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "writing\n"
        os.kill(process.pid, signal.SIGKILL)
    assert (tmp_path / "base" / "atlas.pdf").read_text() == "good"
    assert len(list(tmp_path.iterdir())) == 3, "the killed one's folder and lock"
    with replacing(tmp_path / "base") as new:
        write(new, "next")
    assert [path.name for path in tmp_path.iterdir()] == ["base"]


def test_a_kill_between_the_renames_is_mended(tmp_path):
    (tmp_path / "base.previous").mkdir()
    write(tmp_path / "base.previous", "good")
    recover(tmp_path / "base")
    assert (tmp_path / "base" / "atlas.pdf").read_text() == "good"
    assert [path.name for path in tmp_path.iterdir()] == ["base"]


def test_a_kill_after_the_renames_is_mended(tmp_path):
    for name, content in (("base", "new"), ("base.previous", "old")):
        (tmp_path / name).mkdir()
        write(tmp_path / name, content)
    recover(tmp_path / "base")
    assert (tmp_path / "base" / "atlas.pdf").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["base"]
