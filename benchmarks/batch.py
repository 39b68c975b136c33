"""CPU and wall seconds of a batch of scenarios against runs one by one.

    python benchmarks/batch.py [--residents 60000] [--scenarios 12] [--workers 1 2] [--cluster]

A made-up city, a grid of births factor and budget. "One by one" computes every scenario from nothing (walks
kept) and makes its figures; no run folders are written. `sharing` is CPU one by one ÷ CPU of the batch;
`speed` is wall with one worker ÷ wall with more. With --cluster the same on a Dask LocalCluster.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import layoutplan as lp
from layoutplan.runs.batch import variations_of
from layoutplan.runs.summary import summarise
from layoutplan.synthetic import write_demo
from layoutplan.travel import WalkMatrixStore


def measured(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Return CPU seconds (ended child processes included), wall seconds and the result of a call.

    Parameters
    ----------
    work
        The call.
    """

    def used() -> float:
        every = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        return sum(one.ru_utime + one.ru_stime for one in every)

    cpu, wall = used(), time.perf_counter()
    found = work()
    return used() - cpu, time.perf_counter() - wall, found


def grid_of(count: int) -> dict[str, list[float]]:
    """Return a grid of about as many scenarios.

    Parameters
    ----------
    count
        Number of scenarios.
    """
    budgets = [1e8 * at for at in range(1, 5)]
    return {
        "demand.births_factor": [0.8 + 0.05 * at for at in range(max(1, round(count / len(budgets))))],
        "siting.budget": budgets,
    }


def one_by_one(plan: lp.Plan, grid: dict[str, list[float]], walks: Path) -> None:
    """Run every scenario from nothing, walks kept, and make its figures.

    Parameters
    ----------
    plan, grid
        The plan and the scenarios.
    walks
        Folder of the walks.
    """
    for one in variations_of(grid):
        run = lp.run_plan(plan.vary(one.changes, name=one.name), store=WalkMatrixStore(walks))
        summarise(run, lp.result_frames(run))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--residents", type=int, default=60_000)
    parser.add_argument("--scenarios", type=int, default=12)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--cluster", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place, grid = Path(folder), grid_of(asked.scenarios)
        plan = lp.load_plan(write_demo(place / "city", residents=asked.residents))
        lp.run_plan(plan, store=WalkMatrixStore(place / ".cache"))  # imports and walks, which both have
        alone_cpu, alone_wall, _ = measured(lambda: one_by_one(plan, grid, place / ".cache"))
        count = len(variations_of(grid))
        print(f"{count} scenarios one by one: {alone_cpu:.1f} s CPU, {alone_wall:.1f} s wall", flush=True)
        first_wall = None
        for workers in asked.workers:
            out = place / f"workers-{workers}"
            cpu, wall, found = measured(
                lambda out=out, workers=workers: lp.batch(plan, grid, output=out, workers=workers)
            )
            first_wall = first_wall or wall
            print(
                f"batch, {workers} workers: {cpu:.1f} s CPU (sharing {alone_cpu / cpu:.1f}), {wall:.1f} s "
                f"(speed {first_wall / wall:.2f}), {found.scenarios['peak_mib'].max():.0f} MiB a process, "
                f"{int(found.scenarios['stages_computed'].sum())} stages computed",
                flush=True,
            )
            again, _, known = measured(lambda out=out: lp.batch(plan, grid, output=out, workers=1))
            computed = int((~known.scenarios["known"].astype(bool)).sum())
            print(f"  again: {again:.1f} s CPU, {computed} scenarios computed", flush=True)
        if asked.cluster:
            from distributed import LocalCluster  # noqa: PLC0415  optional

            with LocalCluster(n_workers=max(asked.workers), threads_per_worker=1) as cluster:
                cpu, wall, _ = measured(
                    lambda: lp.batch(
                        plan, grid, output=place / "cluster", scheduler=cluster.scheduler_address
                    )
                )
            print(f"batch, LocalCluster of {max(asked.workers)}: {wall:.1f} s wall", flush=True)


if __name__ == "__main__":
    main()
