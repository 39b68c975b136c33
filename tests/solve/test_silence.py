"""What a solver prints does not reach standard output; what others print does."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
import threading

import pytest

from layoutplan.solve.silence import silenced

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the test prints through the C library of POSIX")


def _print(line: bytes) -> None:
    ctypes.CDLL(None).puts(line)


def test_compiled_code_is_silenced_and_python_is_not(capfd):
    sys.stdout.write("before\n")
    with silenced():
        _print(b"transformNewIntegerFeasibleSolution")
    sys.stdout.write("after\n")
    sys.stdout.flush()
    ctypes.CDLL(None).fflush(None)
    assert capfd.readouterr().out == "before\nafter\n"


def test_overlapping_blocks_and_errors_restore_the_output(capfd):
    entered, leave = threading.Event(), threading.Event()

    def other() -> None:
        with silenced():
            entered.set()
            leave.wait(10)

    thread = threading.Thread(target=other)
    with contextlib.suppress(ValueError), silenced():
        thread.start()
        entered.wait(10)
        raise ValueError
    _print(b"still silenced")
    leave.set()
    thread.join(10)
    _print(b"heard")
    ctypes.CDLL(None).fflush(None)
    assert capfd.readouterr().out == "heard\n"
