"""Work shared with another process: every task once, whoever does it."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import joblib
import pytest

from layoutplan.beside import Beside


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
def beside(monkeypatch):
    monkeypatch.setattr(joblib, "cpu_count", lambda: 2)
    others = Beside("layoutplan.errors")
    yield others
    others.stop()


def test_every_task_is_done_once(beside):
    found = dict(beside.share(square, range(20)))
    assert found == {number: number * number for number in range(20)}
    assert dict(beside.share(square, [])) == {}


def test_both_processes_take_part(beside):
    beside.start()
    pids = {pid for _, pid in beside.share(who, [0.5] * 8)}
    assert os.getpid() in pids
    assert len(pids) == 2


def test_one_core_does_all_alone(monkeypatch):
    monkeypatch.setattr(joblib, "cpu_count", lambda: 1)
    assert [pid for _, pid in Beside("layoutplan.errors").share(who, [0.0] * 3)] == [os.getpid()] * 3


def test_what_fails_elsewhere_fails_here(beside):
    with pytest.raises(ValueError, match="three"):
        list(beside.share(fail_at_three, range(6)))


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_a_process_that_is_ended_is_stood_in_for(beside, tmp_path):
    marker = tmp_path / "own"
    marker.write_text(str(os.getpid()), encoding="ascii")
    beside.start()
    assert dict(beside.share(end_once, [str(marker)] * 6)) == dict.fromkeys(range(6), "done")


def test_stopping_twice_and_starting_again_is_fine(beside):
    beside.start()
    beside.stop()
    beside.stop()
    assert dict(beside.share(square, [3])) == {0: 9}
