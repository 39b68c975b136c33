"""The run folder: whole or not at all."""

import json
import os
import signal
import subprocess
import sys
import textwrap

import pytest

from layoutplan.errors import InputError
from layoutplan.runs.folder import recover, replacing, write_text


def test_a_block_that_ends_well_takes_the_place_of_the_old_folder(tmp_path):
    for content in ("first", "second"):
        with replacing(tmp_path / "base") as new:
            (new / "a.txt").write_text(content)
    assert (tmp_path / "base" / "a.txt").read_text() == "second"
    assert [path.name for path in tmp_path.iterdir()] == ["base"]


def _fail_half_way(folder):
    with replacing(folder) as new:
        (new / "a.txt").write_text("half")
        raise RuntimeError


def test_a_block_that_fails_leaves_the_last_good_run(tmp_path):
    with replacing(tmp_path / "base") as new:
        (new / "a.txt").write_text("good")
    with pytest.raises(RuntimeError):
        _fail_half_way(tmp_path / "base")
    assert (tmp_path / "base" / "a.txt").read_text() == "good"
    assert [path.name for path in tmp_path.iterdir()] == ["base"]


def test_a_full_disk_is_said_in_words_and_leaves_the_last_good_run(tmp_path):
    with replacing(tmp_path / "base") as new:
        (new / "a.txt").write_text("good")
    with pytest.raises(InputError) as raised, replacing(tmp_path / "base"):
        raise OSError(28, "No space left on device")
    assert [fault.code for fault in raised.value.faults] == ["not_written_disk_full"]
    assert (tmp_path / "base" / "a.txt").read_text() == "good"


def test_a_file_where_the_folder_should_be_is_said_in_words(tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(InputError, match="could not be written"), replacing(tmp_path / "out" / "base"):
        pass


def test_a_process_killed_in_the_middle_leaves_the_last_good_run(tmp_path):
    script = textwrap.dedent(
        """
        import sys, time
        from pathlib import Path
        from layoutplan.runs.folder import replacing
        with replacing(Path(sys.argv[1])) as new:
            (new / "a.txt").write_text("half")
            print("writing", flush=True)
            time.sleep(60)
        """
    )
    with replacing(tmp_path / "base") as new:
        (new / "a.txt").write_text("good")
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path / "base")], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "writing\n"
        os.kill(process.pid, signal.SIGKILL)
    assert (tmp_path / "base" / "a.txt").read_text() == "good"


def test_a_kill_between_the_renames_is_mended(tmp_path):
    (tmp_path / "base.previous").mkdir()
    (tmp_path / "base.previous" / "a.txt").write_text("good")
    recover(tmp_path / "base")
    assert (tmp_path / "base" / "a.txt").read_text() == "good"


def test_text_is_written_whole_and_readable_by_others(tmp_path):
    write_text(json.dumps({"学位": 1}, ensure_ascii=False), tmp_path / "deep" / "index.html")
    assert json.loads((tmp_path / "deep" / "index.html").read_text(encoding="utf-8")) == {"学位": 1}
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["index.html"]
