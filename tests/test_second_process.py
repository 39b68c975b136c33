"""Work shared with another process: every task once, whoever does it."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import joblib
import pytest

from layoutplan.second_process import SecondProcess


def square(number):
    return number * number


def who(seconds):
    time.sleep(seconds)
    return os.getpid()


def fail_at_three(number):
    if number == 3:
        raise ValueError("three")
    return number


def end_once(path):
    """End the process that first comes here, as a system without memory does; but not this one."""
    marker = Path(path)
    if int(marker.read_text(encoding="ascii")) != os.getpid():
        os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(0.5)
    return "done"


@pytest.fixture
def second_process(monkeypatch):
    monkeypatch.setattr(joblib, "cpu_count", lambda: 2)
    others = SecondProcess("layoutplan.errors")
    yield others
    others.stop()


def test_every_task_is_done_once(second_process):
    found = dict(second_process.share(square, range(20)))
    assert found == {number: number * number for number in range(20)}
    assert dict(second_process.share(square, [])) == {}


def test_both_processes_take_part(second_process):
    second_process.start()
    pids = {pid for _, pid in second_process.share(who, [0.5] * 8)}
    assert os.getpid() in pids
    assert len(pids) == 2


def test_one_core_does_all_alone(monkeypatch):
    monkeypatch.setattr(joblib, "cpu_count", lambda: 1)
    assert [pid for _, pid in SecondProcess("layoutplan.errors").share(who, [0.0] * 3)] == [os.getpid()] * 3


def test_what_fails_elsewhere_fails_here(second_process):
    with pytest.raises(ValueError, match="three"):
        list(second_process.share(fail_at_three, range(6)))


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_a_process_that_is_ended_is_stood_in_for(second_process, tmp_path):
    marker = tmp_path / "own"
    marker.write_text(str(os.getpid()), encoding="ascii")
    second_process.start()
    assert dict(second_process.share(end_once, [str(marker)] * 6)) == dict.fromkeys(range(6), "done")


def test_stopping_twice_and_starting_again_is_fine(second_process):
    second_process.start()
    second_process.stop()
    second_process.stop()
    assert dict(second_process.share(square, [3])) == {0: 9}
