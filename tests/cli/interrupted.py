"""Interrupt a run at a moment and tell how it ended; ``python -m tests.cli.interrupted`` is the run itself.

With ``--beside`` every city counts as large: the second process and the search on all cores are at work.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from layoutplan.cli import main

BESIDE = "--beside"
READY = "ready"


@dataclass(frozen=True)
class Ended:
    """How an interrupted run ended: its code, what it said, seconds after the interrupt."""

    code: int
    said: str
    seconds: float


def hear_interrupts() -> None:
    """Have a process hear Ctrl-C: what a script starts with ``&`` ignores it, and so do its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def start_run(plan: Path, out: Path, *, second_process: bool = False) -> subprocess.Popen[str]:
    """Start a run in a process group of its own, as a terminal does."""
    words = [sys.executable, "-m", "tests.cli.interrupted", *([BESIDE] if second_process else [])]
    process = subprocess.Popen(
        [*words, "run", str(plan), "--out", str(out), "--lang", "en", "--no-cache"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        start_new_session=True,
        preexec_fn=hear_interrupts,  # noqa: PLW1509  nothing is locked
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == READY
    return process


def interrupt(process: subprocess.Popen[str]) -> Ended:
    """Press Ctrl-C: every process of the group is told, and the run's end is waited for."""
    begun = time.perf_counter()
    os.killpg(process.pid, signal.SIGINT)
    assert process.stderr is not None
    said = process.stderr.read()
    process.wait()
    return Ended(
        code=process.returncode,
        said=said,
        seconds=time.perf_counter() - begun,
    )


def _main() -> None:
    if BESIDE in sys.argv:
        sys.argv.remove(BESIDE)
        from layoutplan.runs import files, run  # noqa: PLC0415
        from layoutplan.travel import search  # noqa: PLC0415

        run.LARGE_UNITS = files.LARGE_UNITS = 1
        search.PARALLEL_CELLS = 0
    sys.stdout.write(READY + "\n")
    sys.stdout.flush()
    main()


if __name__ == "__main__":
    _main()
