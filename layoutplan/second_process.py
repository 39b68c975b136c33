"""A process that works beside this one: interpreter and solvers use one core each.

It takes seconds to start, most of them imports, so a large run starts it early and keeps it. It is one only,
however many cores there are: each would hold hundreds of megabytes, and the work is of few parts.
"""

from __future__ import annotations

import importlib
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing import resource_tracker
from queue import SimpleQueue
from typing import Final, Self, TypeVar, TypeVarTuple

import joblib
from joblib.externals.loky import ProcessPoolExecutor
from joblib.externals.loky.backend import resource_tracker as loky_tracker

Job = TypeVar("Job")
Result = TypeVar("Result")
Arguments = TypeVarTuple("Arguments")

_WATCH: Final = "layoutplan-parent"
_LOOK_EVERY_S: Final = 0.5

LARGE_UNITS: Final = 10_000
"""Units from which a city's work takes longer than starting a process for it."""


class SecondProcess:
    """A second process; none where there is one core only.

    Parameters
    ----------
    imports
        The module that holds the work: it is imported when the process starts.
    """

    def __init__(self, imports: str) -> None:
        self._imports = imports
        self._possible = joblib.cpu_count() > 1
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        """Give the process to a block."""
        return self

    def __exit__(self, *failed: object) -> None:
        """End the process with the block, however that ends: nobody waits for work that is of no use."""
        self.stop()

    def start(self) -> None:
        """Start the process now, so that it is ready when there is work; else the first work does."""
        if self._pool is None and self._possible:
            keep_signals_blocked()
            self._pool = ProcessPoolExecutor(
                max_workers=1, initializer=_ready_for, initargs=(self._imports, os.getpid())
            )
            self._pool.submit(_ready)

    def stop(self) -> None:
        """End the process, whatever it does; the memory it holds is free again."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, kill_workers=True)
            self._pool = None

    def share(self, work: Callable[[Job], Result], tasks: Sequence[Job]) -> Iterator[tuple[int, Result]]:
        """Do all tasks, in this process and the other, and yield the place and result of each when done.

        Tasks are begun in their order: give the longest first. ``work``, tasks and results are pickled. What
        fails fails as it would here; a process that the system has ended, for want of memory, is stood in
        for.
        """
        self.start()
        waiting = deque(range(len(tasks)))
        done: SimpleQueue[tuple[int, Future[Result] | None]] = SimpleQueue()

        def hand_over(pool: ProcessPoolExecutor) -> None:
            while True:
                try:
                    place = waiting.popleft()
                except IndexError:
                    return
                done.put((place, _ended(pool, work, tasks[place])))

        if self._pool is not None:
            threading.Thread(target=hand_over, args=(self._pool,), daemon=True).start()
        for _ in tasks:
            try:
                place, future = waiting.popleft(), None
            except IndexError:
                place, future = done.get()
            yield place, work(tasks[place]) if future is None else future.result()

    def begin(self, work: Callable[[*Arguments], Result], *arguments: *Arguments) -> Callable[[], Result]:
        """Begin work in another process; return how to wait for what it returns or raises.

        Without another process, or where the system has ended it, the work is done when it is waited for.
        """
        self.start()
        if self._pool is None:
            return partial(work, *arguments)
        try:
            future: Future[Result] = self._pool.submit(work, *arguments)
        except BrokenProcessPool:
            return partial(work, *arguments)

        def wait() -> Result:
            try:
                return future.result()
            except BrokenProcessPool:
                return work(*arguments)

        return wait


def _ended(pool: ProcessPoolExecutor, work: Callable[[Job], Result], task: Job) -> Future[Result] | None:
    """Have a task done in a pool and wait for its end; ``None`` where the system has ended the process."""
    try:
        future = pool.submit(work, task)
        return None if isinstance(future.exception(), BrokenProcessPool) else future
    except (BrokenProcessPool, CancelledError, RuntimeError):  # a pool broken, or stopped meanwhile
        return None


def end_with(parent: int) -> None:
    """End this process when another ends, however it does: loky's processes would live on without it.

    Does nothing in that process itself. Where the system does not say that a parent has ended (Windows), nor
    does this.
    """
    if os.getpid() == parent or _WATCH in {thread.name for thread in threading.enumerate()}:
        return

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_LOOK_EVERY_S)
        os._exit(1)

    threading.Thread(target=watch, name=_WATCH, daemon=True).start()


def keep_signals_blocked() -> None:
    """Have the processes that loky begins from here inherit which signals this thread blocks.

    With the first of them two resource trackers begin, and CPython's (until 3.13 or so) then lets SIGINT and
    SIGTERM through, whether they were blocked before or not; so they are begun here, and the mask put back.
    The command line blocks SIGINT, so that no worker ends, with a traceback, by the Ctrl-C that the first
    process heeds.
    """
    if hasattr(signal, "pthread_sigmask"):
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, ())
        for tracker in (resource_tracker, loky_tracker):
            tracker.ensure_running()
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


def _ready_for(imports: str, parent: int) -> None:
    """Import the work, and leave Ctrl-C to the process that began this one: a terminal tells both."""
    end_with(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    importlib.import_module(imports)


def _ready() -> None:
    """Do nothing: a process that is asked to has started."""
