"""Report progress, time and peak memory of each stage of a run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from layoutplan.runs.memory import peak_memory_mib, release_memory, reset_peak

StageStarted = Callable[[str], None]
"""Called with the name of a stage when it starts: ``read``, ``travel``, ``demand`` and so on."""
Advanced = Callable[[int, int], None]
"""Called within a stage with the number of steps done and their total, where known."""


class Meter:
    """Measures the stages of a run one after the other.

    Attributes
    ----------
    seconds
        Wall-clock time of each stage.
    peak_mib
        Peak memory of the process during each stage, MiB. Where the system cannot reset it (all but Linux),
        the peak until the end of the stage; empty where unavailable (Windows). Other processes are not
        included.
    """

    def __init__(self, started: StageStarted | None = None, advanced: Advanced | None = None) -> None:
        self.seconds: dict[str, float] = {}
        self.peak_mib: dict[str, float] = {}
        self._started = started
        self._advanced = advanced

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure the block as stage ``name``, then release unused memory.

        Parameters
        ----------
        name
            Name of the stage.
        """
        if self._started:
            self._started(name)
        reset_peak()
        begin = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - begin
        peak = peak_memory_mib()
        if peak is not None:
            self.peak_mib[name] = peak
        release_memory()

    def add(self, other: Meter) -> None:
        """Add the measurements of another meter, for example of another process.

        Parameters
        ----------
        other
            The other meter.
        """
        self.seconds |= other.seconds
        self.peak_mib |= other.peak_mib

    def advance(self, done: int, steps: int) -> None:
        """Report the progress of the stage.

        Parameters
        ----------
        done, steps
            Number of steps done and their total.
        """
        if self._advanced:
            self._advanced(done, steps)
