"""CPU and wall seconds of a batch of scenarios against runs one by one and against plain joblib.

    python benchmarks/batch.py [--residents 60000] [--scenarios 12] [--workers 1 2] [--cluster]
    python benchmarks/batch.py --demo --scenarios 100 --cluster --folder measured

A made-up city or the bundled one, a grid of births factor and budget. "One by one" computes every scenario
from nothing (walks kept) and makes its figures; no run folders are written. `sharing` is CPU one by one ÷
CPU of the batch; `speed` is wall with one worker ÷ wall with more. "joblib" is one by one, mapped with
joblib over the most workers. "half" ends a batch at its half and starts it again. With --cluster the same on
a Dask LocalCluster, whose CPU seconds are not those of this process. With --folder measurements are kept, and
a benchmark that was stopped goes on with those that lack; its folder serves one city and one grid.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import joblib
from joblib.externals.loky import get_reusable_executor

import layoutplan as lp
from layoutplan.runs.batch import variations_of
from layoutplan.runs.identity import digest, program
from layoutplan.runs.summary import summarise
from layoutplan.synthetic import write_demo
from layoutplan.travel import WalkMatrixStore

DEMO: Final = Path("data/demo/plan.toml")
Figures = dict[str, float]
Grid = dict[str, list[float]]


class HalfDoneError(Exception):
    """Ends a batch in the middle."""


def measured(work: Callable[[], Any]) -> tuple[Figures, Any]:
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
    return {"cpu": used() - cpu, "wall": time.perf_counter() - wall}, found


def grid_of(count: int) -> Grid:
    """Return a grid of about as many scenarios.

    Parameters
    ----------
    count
        Number of scenarios.
    """
    budgets = [1e8 * at for at in range(1, 5)]
    return {
        "demand.births_factor": [round(0.8 + 0.02 * at, 2) for at in range(max(1, round(count / 4)))],
        "siting.budget": budgets,
    }


def alone(plan: lp.Plan, walks: Path) -> None:
    """Run a scenario from nothing, walks kept, and make its figures.

    Parameters
    ----------
    plan
        The scenario.
    walks
        Folder of the walks.
    """
    run = lp.run_plan(plan, store=WalkMatrixStore(walks))
    summarise(run, lp.result_frames(run))


def one_by_one(plan: lp.Plan, grid: Grid, place: Path) -> Figures:
    """Measure the scenarios one after the other."""
    scenarios = [plan.vary(one.changes, name=one.name) for one in variations_of(grid)]
    return measured(lambda: [alone(one, place / ".cache") for one in scenarios])[0]


def with_joblib(plan: lp.Plan, grid: Grid, place: Path, workers: int) -> Figures:
    """Measure the scenarios mapped over processes by joblib alone."""
    scenarios = [plan.vary(one.changes, name=one.name) for one in variations_of(grid)]

    def map_all() -> None:
        joblib.Parallel(n_jobs=workers)(joblib.delayed(alone)(one, place / ".cache") for one in scenarios)
        get_reusable_executor().shutdown()  # time is counted of processes that have ended

    return measured(map_all)[0]


def in_batch(plan: lp.Plan, grid: Grid, output: Path, **options: Any) -> Figures:  # noqa: ANN401  of lp.batch
    """Measure a batch, with the memory of its first and its last scenarios."""
    figures, found = measured(lambda: lp.batch(plan, grid, output=output, **options))
    peak = found.scenarios["peak_mib"].astype(float)
    half = len(peak) // 2
    return figures | {
        "stages": float(found.scenarios["stages_computed"].sum()),
        "known": float(found.scenarios["known"].astype(bool).sum()),
        "peak_first_half_mib": float(peak[: max(half, 1)].max()),
        "peak_mib": float(peak.max()),
    }


def in_halves(plan: lp.Plan, grid: Grid, output: Path) -> Figures:
    """Measure a batch that is ended at its half and started again."""
    count = len(variations_of(grid))

    def advanced(done: int, failed: int, _total: int) -> None:
        if done + failed >= count // 2:
            raise HalfDoneError

    with suppress(HalfDoneError):
        lp.batch(plan, grid, output=output, workers=1, advanced=advanced)
    return in_batch(plan, grid, output, workers=1)


def on_local_cluster(plan: lp.Plan, grid: Grid, output: Path, workers: int) -> Figures:
    """Measure a batch on a cluster of this machine."""
    from distributed import LocalCluster  # noqa: PLC0415  optional

    with LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster:
        return in_batch(plan, grid, output, scheduler=cluster.scheduler_address)


def main() -> None:
    """Measure what is not known yet, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--demo", action="store_true")
    parser.add_argument("--residents", type=int, default=60_000)
    parser.add_argument("--scenarios", type=int, default=12)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--cluster", action="store_true")
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        measure_all(asked, asked.folder or Path(temporary))


def measure_all(asked: argparse.Namespace, place: Path) -> None:
    """Make the measurements asked for, each once, and print them.

    Parameters
    ----------
    asked
        Arguments of the program.
    place
        Folder of the city, the batches and the record.
    """
    place.mkdir(parents=True, exist_ok=True)
    city = place / "city" / "plan.toml"
    if not asked.demo and not city.is_file():
        write_demo(city.parent, residents=asked.residents)
    plan, grid, most = (
        lp.load_plan(DEMO if asked.demo else city),
        grid_of(asked.scenarios),
        max(asked.workers),
    )
    ways: dict[str, Callable[[], Figures]] = {
        "one by one": lambda: one_by_one(plan, grid, place),
        f"joblib, {most} workers": lambda: with_joblib(plan, grid, place, most),
        **{
            f"batch, workers {count}": lambda count=count: in_batch(  # type: ignore[misc]  # a default has no type
                plan, grid, place / f"workers-{count}", workers=count
            )
            for count in asked.workers
        },
        "again": lambda: in_batch(plan, grid, place / f"workers-{asked.workers[0]}", workers=1),
        "half, then the rest": lambda: in_halves(plan, grid, place / "half"),
    }
    if asked.cluster:
        ways |= {
            f"LocalCluster, workers {count}": lambda count=count: on_local_cluster(  # type: ignore[misc]  # a default has no type
                plan, grid, place / f"cluster-{count}", count
            )
            for count in asked.workers
        }
    record, of = place / "batch.json", digest(f"{program()} {asked.demo} {asked.residents} {grid}")
    known = json.loads(record.read_text(encoding="utf-8")) if record.is_file() else {}
    found: dict[str, Figures] = known.get(of, {})
    if set(ways) - set(found):
        alone(plan, place / ".cache")  # imports and walks, which all have
    for name, way in ways.items():
        if name not in found:
            found[name] = way()
            record.write_text(json.dumps({of: found}), encoding="utf-8")
        print_figures(name, found, first=f"batch, workers {asked.workers[0]}")


def print_figures(name: str, found: dict[str, Figures], *, first: str) -> None:
    """Print one measurement, compared with runs one by one and with the first batch.

    Parameters
    ----------
    name
        The measurement.
    found
        The measurements so far.
    first
        Name of the batch with the fewest workers.
    """
    one = found[name]
    said = [f"{name:26} {one['cpu']:8.1f} s CPU {one['wall']:8.1f} s wall"]
    if "stages" in one:
        said += [f"sharing {found['one by one']['cpu'] / one['cpu']:.1f}"] if "Cluster" not in name else []
        said += [f"speed {found[first]['wall'] / one['wall']:.2f}"]
        said += [f"{one['stages']:.0f} stages computed", f"{one['known']:.0f} scenarios known"]
        said += [f"{one['peak_first_half_mib']:.0f}, then {one['peak_mib']:.0f} MiB at most a process"]
    print(", ".join(said), flush=True)


if __name__ == "__main__":
    main()
