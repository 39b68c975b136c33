"""Seconds and peak memory of each stage of a run, and who is told how far it is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from layoutplan.runs.memory import peak_memory_mib, release_memory, reset_peak

StageStarted = Callable[[str], None]
"""Called with the name of a stage when it starts: ``read``, ``travel``, ``demand`` and so on."""
Advanced = Callable[[int, int], None]
"""Called within a stage with the steps done and their number, where it knows it."""


class Meter:
    """Measures the stages of a run one after the other.

    Attributes
    ----------
    seconds
        Time each stage took.
    peak_mib
        Most memory the process held while the stage ran, MiB. Where the system can not forget an earlier
        peak (all but Linux), the most it held until the stage ended; empty where it does not tell (Windows).
        Other processes that a stage starts are not in it.
    """

    def __init__(self, started: StageStarted | None = None, advanced: Advanced | None = None) -> None:
        self.seconds: dict[str, float] = {}
        self.peak_mib: dict[str, float] = {}
        self._started = started
        self._advanced = advanced

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure what is done in the block, as ``name``; then give its memory back."""
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
        """Take over what another meter measured, in another process too."""
        self.seconds |= other.seconds
        self.peak_mib |= other.peak_mib

    def advance(self, done: int, steps: int) -> None:
        """Tell the listener how far the stage is."""
        if self._advanced:
            self._advanced(done, steps)
