"""A second worker process, so that interpreter and solvers can use two cores.

The process takes seconds to start, mostly for imports, so a large run starts it early and keeps it. There is
only one, regardless of the number of cores: each would hold hundreds of megabytes, and the work consists of
few tasks.
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
"""Number of units from which a second process saves more time than it takes to start."""


class SecondProcess:
    """A second process; with a single core, all work is done in this process.

    Parameters
    ----------
    imports
        Name of the module that contains the work; it is imported when the process starts.
    """

    def __init__(self, imports: str) -> None:
        self._imports = imports
        self._possible = joblib.cpu_count() > 1
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        """Return the process."""
        return self

    def __exit__(self, *failed: object) -> None:
        """Stop the process, also after an exception; unfinished work is discarded."""
        self.stop()

    def start(self) -> None:
        """Start the process ahead of the work; otherwise the first task starts it."""
        if self._pool is None and self._possible:
            keep_signals_blocked()
            self._pool = ProcessPoolExecutor(
                max_workers=1, initializer=ready_for, initargs=(self._imports, os.getpid())
            )
            self._pool.submit(_ready)

    def stop(self) -> None:
        """Stop the process immediately, discarding unfinished work, and release its memory."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, kill_workers=True)
            self._pool = None

    def share(self, work: Callable[[Job], Result], tasks: Sequence[Job]) -> Iterator[tuple[int, Result]]:
        """Execute tasks in this process and the second one, and yield each result as it completes.

        Tasks start in the given order, so the longest should come first. ``work``, tasks and results are
        pickled. A task whose process was ended by the system, for example for lack of memory, is executed in
        this process.

        Parameters
        ----------
        work
            Function of one task; importable by name.
        tasks
            Arguments, one per call.

        Yields
        ------
        position, result
            Position of the task in ``tasks``, and what ``work`` returned.

        Raises
        ------
        Exception
            Whatever ``work`` raises.
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
        """Start a call in the second process and return a function that waits for its result.

        Without a second process, or if the system has ended it, the call is executed in this process when its
        result is requested.

        Parameters
        ----------
        work
            Function to call; importable by name.
        arguments
            Its positional arguments.

        Returns
        -------
        Callable
            Function without arguments that returns the result of ``work``, or raises its exception.
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
    """Execute a task in the pool and wait for it; ``None`` if the process was ended by the system."""
    try:
        future = pool.submit(work, task)
        return None if isinstance(future.exception(), BrokenProcessPool) else future
    except (BrokenProcessPool, CancelledError, RuntimeError):  # the pool is broken or was stopped meanwhile
        return None


def end_with(parent: int) -> None:
    """End this process when its parent process ends, for whatever reason; loky's workers would survive it.

    Has no effect in the parent itself, nor where the system does not report the end of a parent (Windows).

    Parameters
    ----------
    parent
        Process id of the parent.
    """
    if os.getpid() == parent or _WATCH in {thread.name for thread in threading.enumerate()}:
        return

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_LOOK_EVERY_S)
        os._exit(1)

    threading.Thread(target=watch, name=_WATCH, daemon=True).start()


def keep_signals_blocked() -> None:
    """Let the processes that loky starts from here inherit the signal mask of this thread.

    The first of them starts two resource trackers, and CPython (up to about 3.13) then unblocks SIGINT and
    SIGTERM, whether they were blocked before or not. The trackers are therefore started here and the mask is
    restored. The command line blocks SIGINT so that Ctrl-C, which the main process handles, does not end a
    worker with a traceback.
    """
    if hasattr(signal, "pthread_sigmask"):
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, ())
        for tracker in (resource_tracker, loky_tracker):
            tracker.ensure_running()
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


def ready_for(imports: str, parent: int) -> None:
    """Prepare a worker process: import its work, end it with its parent, and ignore Ctrl-C.

    A terminal sends Ctrl-C to all processes, and the main one handles it.

    Parameters
    ----------
    imports
        Name of the module that contains the work.
    parent
        Process id of the parent.
    """
    end_with(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    importlib.import_module(imports)


def _ready() -> None:
    """Do nothing: submitting this starts the process."""
