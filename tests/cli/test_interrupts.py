"""Ctrl-C at any moment ends a run with 130, and nothing is written; also where the exception gets lost."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time

import pytest

from layoutplan.synthetic import write_demo
from tests.cli.interrupted import hear_interrupts, interrupt, start_run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")

MOMENTS = 12
QUIET_S = 2.0


def run_script(body):
    """Run Python that has ``INTERRUPTS`` at work and can ``press()``."""
    head = """
        import os, signal, sys, time
        from layoutplan.cli.interrupts import INTERRUPTS
        INTERRUPTS.begin()
        def press(): os.kill(os.getpid(), signal.SIGINT)
        """
    script = textwrap.dedent(head) + textwrap.dedent(body)
    return subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=hear_interrupts,
    )


def test_a_program_begun_deaf_to_interrupts_stays_so():
    """A script's ``&`` asks for it; a test so begun once took it for a lost interrupt."""
    script = (
        "import os, signal\n"
        "from layoutplan.cli.interrupts import INTERRUPTS\n"
        "INTERRUPTS.begin(); os.kill(os.getpid(), signal.SIGINT)\n"
        "INTERRUPTS.check(); print(INTERRUPTS.seen)"
    )
    deaf = ["bash", "-c", "trap '' INT; exec \"$@\"", "deaf", sys.executable, "-c", script]
    assert subprocess.run(deaf, capture_output=True, text=True, check=True).stdout.strip() == "False"


LOST = {
    "in a finaliser": """
        class Dying:
            def __del__(self):
                press(); time.sleep(0.1)
        one = Dying(); del one
        """,
    "in a callback of a weak reference": """
        import weakref
        class Dying: pass
        one = Dying(); ref = weakref.ref(one, lambda _: (press(), time.sleep(0.1))); del one
        """,
    "in a callback of C code": """
        import ctypes
        ctypes.CFUNCTYPE(None)(lambda: (press(), time.sleep(0.1)))()
        """,
    "in a clause that takes anything for a no": """
        try:
            press(); time.sleep(0.1)
        except BaseException: pass
        """,
    "in a search for an attribute": """
        class Asked:
            @property
            def __array_interface__(self):
                press(); time.sleep(0.1); raise AttributeError
        try:
            import numpy; numpy.asarray(Asked())
        except BaseException: pass
        """,
}


@pytest.mark.parametrize("where", LOST)
def test_an_interrupt_that_gets_lost_is_raised_again(where):
    again = """
        try:
            time.sleep(30)
        except KeyboardInterrupt:
            INTERRUPTS.end(); print("heard", INTERRUPTS.seen)
        """
    begun = time.perf_counter()
    done = run_script(textwrap.dedent(LOST[where]) + textwrap.dedent(again))
    assert done.stdout.strip() == "heard True", done.stderr
    assert done.stderr == ""
    assert time.perf_counter() - begun < 25


def test_clearing_up_is_not_interrupted_again():
    done = run_script("""
        from contextlib import contextmanager
        @contextmanager
        def folder():
            try:
                yield
            finally:
                time.sleep(1.0); print("cleared up")
        try:
            with folder():
                press(); time.sleep(5)
        except KeyboardInterrupt:
            INTERRUPTS.end()
        """)
    assert (done.stdout.strip(), done.stderr, done.returncode) == ("cleared up", "", 0)


def test_who_is_impatient_is_let_out():
    done = run_script("""
        try:
            press(); time.sleep(5)
        finally:
            for _ in range(2): press(); time.sleep(0.2)
            time.sleep(30)
        """)
    assert done.returncode == 130


def test_a_solver_is_not_waited_for():
    """HiGHS as built into OR-Tools looks at no interrupter: its thread is left behind."""
    done = run_script("""
        import threading
        from layoutplan.solve.background import run_in_thread
        threading.Timer(0.5, press).start()
        begun = time.perf_counter()
        try:
            run_in_thread(lambda: time.sleep(20))
        except KeyboardInterrupt:
            INTERRUPTS.end(); print(time.perf_counter() - begun < 10, flush=True)
        os._exit(0)
        """)
    assert done.stdout.strip() == "True", done.stderr


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    return write_demo(tmp_path_factory.mktemp("town"), residents=5_000)


def assert_ended_well(ended, out):
    assert ended.code == 130, ended.said
    assert "Interrupted" in ended.said
    for noise in ("Traceback", "Exception ignored", "leaked"):
        assert noise not in ended.said
    assert not out.exists() or list(out.iterdir()) == []
    busy = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    assert ended.seconds < QUIET_S * busy * 3


def test_an_interrupt_early_in_a_run_with_workers(town, tmp_path):
    process = start_run(town, tmp_path / "out", second_process=True)
    while not (tmp_path / "out").exists():
        assert process.poll() is None
        time.sleep(0.02)
    assert_ended_well(interrupt(process), tmp_path / "out")


@pytest.mark.slow
@pytest.mark.parametrize("second_process", [False, True])
def test_an_interrupt_at_any_moment(town, tmp_path, second_process):
    begun = time.perf_counter()
    whole = start_run(town, tmp_path / "whole", second_process=second_process)
    _, said = whole.communicate(timeout=600)
    assert whole.returncode in (0, 3), said
    lasted = time.perf_counter() - begun
    ended_before = 0
    for moment in range(MOMENTS):
        out = tmp_path / str(moment)
        process = start_run(town, out, second_process=second_process)
        wait = 0.3 + lasted * 0.9 * moment / MOMENTS
        try:
            process.wait(timeout=wait)
            ended_before += 1
        except subprocess.TimeoutExpired:
            if (out / "base").exists():
                ended_before += 1
                process.communicate()
            else:
                assert_ended_well(interrupt(process), out)
    assert ended_before < MOMENTS / 2
