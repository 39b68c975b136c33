"""Where the scenarios of a batch are run: here, in processes of this machine, or on a Dask cluster.

Local processes are those of loky, which joblib brings: it restarts a worker whose memory has grown by more
than 300 MB over its tasks, needs no ``if __name__ == "__main__"`` in scripts and notebooks, and adds no
dependency. ``distributed`` serves many machines; its LocalCluster would add a scheduler, a nanny and a
network protocol to the same processes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from joblib.externals.loky import ProcessPoolExecutor

from layoutplan.errors import DefectError, Fault, FaultLog
from layoutplan.runs.batch.task import ScenarioOutcome, Task, failed, run_task
from layoutplan.runs.identity import program
from layoutplan.second_process import keep_signals_blocked, ready_for

if TYPE_CHECKING:
    from pathlib import Path

Executor = Callable[[Sequence[Task]], Iterator[ScenarioOutcome]]
"""Runs tasks and yields each outcome when it is there, in any order."""

_MODULE: Final = "layoutplan.runs.batch.task"
_REACH_S: Final = 20.0


def in_this_process(tasks: Sequence[Task]) -> Iterator[ScenarioOutcome]:
    """Run tasks one after the other.

    Parameters
    ----------
    tasks
        The scenarios.

    Yields
    ------
    ScenarioOutcome
        Of each, in order.
    """
    yield from map(run_task, tasks)


def in_processes(workers: int, *, run: Callable[[Task], ScenarioOutcome] = run_task) -> Executor:
    """Return an executor with processes of this machine.

    If the system ends a process, for example for lack of memory, the scenarios under way are run again, each
    in a process of its own; one whose process is ended again has failed, and the others go on.

    Parameters
    ----------
    workers
        Number of processes.
    run
        Runs one task; importable by name.

    Returns
    -------
    Callable
        The executor.
    """
    return partial(_in_processes, workers, run)


def _in_processes(
    workers: int, run: Callable[[Task], ScenarioOutcome], tasks: Sequence[Task]
) -> Iterator[ScenarioOutcome]:
    waiting = list(tasks)
    while waiting:
        done: set[tuple[str, str]] = set()
        for task, outcome in _pool_outcomes(workers, run, waiting):
            if outcome is not None:
                done.add(task.key)
                yield outcome
        waiting = [task for task in waiting if task.key not in done]
        # Tasks start in order: one of the first left was under way when the pool broke.
        suspects, waiting = waiting[: 2 * workers], waiting[2 * workers :]
        for suspect in suspects:
            for task, outcome in _pool_outcomes(1, run, [suspect]):
                yield outcome or failed(task, (Fault("batch_process_ended"),))


def _pool_outcomes(
    workers: int, run: Callable[[Task], ScenarioOutcome], tasks: Sequence[Task]
) -> Iterator[tuple[Task, ScenarioOutcome | None]]:
    """Yield the outcome of tasks in a pool of processes; ``None`` for those it did not complete."""
    keep_signals_blocked()
    pool = ProcessPoolExecutor(
        max_workers=workers, initializer=ready_for, initargs=(_MODULE, os.getpid()), timeout=None
    )
    try:
        futures: dict[Future[ScenarioOutcome], Task] = {pool.submit(run, task): task for task in tasks}
        for future in as_completed(futures):
            broken = isinstance(future.exception(), BrokenProcessPool)
            yield futures[future], None if broken else future.result()
    except BrokenProcessPool:  # while submitting
        return
    finally:
        pool.shutdown(wait=True, kill_workers=True)


@contextmanager
def on_cluster(address: str, output: Path) -> Iterator[Executor]:
    """Provide an executor on a Dask cluster.

    The workers must have the same program and see the plan's files and the output folder under the same
    paths. ``tls://`` addresses use the certificates of Dask's configuration.

    Parameters
    ----------
    address
        Address of the scheduler, such as ``tcp://10.0.0.5:8786``.
    output
        The output folder.

    Yields
    ------
    Callable
        The executor.

    Raises
    ------
    InputError
        If there is no scheduler at the address, it has no workers, versions differ, or a worker does not see
        the output folder.
    """
    log = FaultLog()
    try:
        from distributed import Client  # noqa: PLC0415  optional
    except ImportError:
        log.add("batch_no_distributed")
        log.raise_if_errors()
        raise
    try:
        client: Any = Client(address, timeout=_REACH_S, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TypeError) as error:
        log.add("batch_no_scheduler", address=address, reason=str(error).splitlines()[0][:200])
        log.raise_if_errors()
        raise DefectError("unreachable") from error
    try:
        _check_workers(client, output, log)
        log.raise_if_errors()
        yield partial(_on_cluster, client)
    finally:
        client.close()


def _check_workers(client: Any, output: Path, log: FaultLog) -> None:  # noqa: ANN401  optional package
    """Record workers with another program, or without the output folder."""
    own, workers = program(), client.run(program)
    if not workers:
        log.add("batch_no_workers", address=client.scheduler.address)
        return
    differ = [address for address, one in workers.items() if one != own]
    if differ:
        log.add("batch_versions_differ", names=", ".join(differ[:5]), count=len(differ))
    blind = [address for address, sees in client.run(os.path.isdir, str(output)).items() if not sees]
    if blind:
        log.add("batch_folder_not_shared", file=str(output), names=", ".join(blind[:5]))


def _on_cluster(client: Any, tasks: Sequence[Task]) -> Iterator[ScenarioOutcome]:  # noqa: ANN401  optional package
    from distributed import KilledWorker  # noqa: PLC0415  optional
    from distributed import as_completed as each_completed  # noqa: PLC0415

    futures = {client.submit(run_task, task, pure=False): task for task in tasks}
    for future in each_completed(futures, loop=client.loop):  # type: ignore[no-untyped-call]
        error = future.exception()
        if isinstance(error, KilledWorker):
            yield failed(futures[future], (Fault("batch_process_ended"),))
        elif error is not None:
            raise error
        else:
            yield future.result()
        future.release()
