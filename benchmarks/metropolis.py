"""The whole run at the size of a metropolis: every stage, ten years ahead, map and workbook included.

Run ``python benchmarks/metropolis.py [--sizes 0.5 2 5 12.8]`` (millions of residents). Each city is made by
the package's own generator and run in a process of its own, as ``layoutplan run`` does it: four stages, the
base year and ten more. The table tells seconds and peak memory by stage and size, and how each grows: with
the power of residents between the smallest and the largest size. Beside them stand the counts that the work
grows with, so that a stage that grows faster than the city can be seen to grow with what it works on.

Memory of the whole run is the proportional set size of the process and all it started, sampled while it runs
(Linux only); memory by stage is that of the process the stage runs in, from the run's own manifest. Of a
large city ``write.report`` and ``write.atlas`` run in a second process beside the other files: stages do not
add up to the whole there.
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import os
import re
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from layoutplan import load_plan, run_plan, write_run
from layoutplan.synthetic import write_demo

YEARS_AHEAD = 10
SAMPLE_S = 0.25
LIMIT_S, LIMIT_MIB = 300, 4096
WHY = {
    "read": "rows of streets, units, classes and pupils by school: their checks are one pass each",
    "travel": "pairs: the same reach meets more schools in a denser city",
    "balance": "arcs within reach, times years; a flow grows a little faster than its arcs",
    "layouts": "as balance",
    "siting": "stops at siting.time_limit_s, with the gap it has not closed; the rest grows with proposals",
    "hotspots": "clusters and draws, each with the homes within reach",
    "write.atlas": "pages: one for each stage and district",
    "write.tables": "rows of units and of the assignment, by stage, year and plan",
    "write.geopackage": "rows of the layers",
    "write.map": "homes, streets and names",
}


@dataclass
class Peak:
    """The most memory a process and its descendants held together, MiB."""

    mib: float = 0.0
    _stop: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def watching(self, pid: int) -> Iterator[None]:
        """Sample a process and its descendants while the block runs."""
        thread = threading.Thread(target=self._watch, args=(pid,), daemon=True)
        thread.start()
        yield
        self._stop.set()
        thread.join()

    def _watch(self, pid: int) -> None:
        while not self._stop.wait(SAMPLE_S):
            self.mib = max(self.mib, sum(_pss_mib(one) for one in _family(pid)))


def _family(pid: int) -> list[int]:
    found = [pid]
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            for child in tasks.read_text(encoding="ascii").split():
                found += _family(int(child))
        except OSError:  # it ended meanwhile
            continue
    return found


def _pss_mib(pid: int) -> float:
    try:
        told = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0.0
    found = re.search(r"^Pss:\s+(\d+) kB", told, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def main() -> None:
    """Measure the sizes asked for, print the tables, write JSON."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sizes", nargs="+", type=float, default=[0.5, 2.0, 5.0, 12.8], metavar="MILLIONS")
    options.add_argument("--folder", type=Path, help="keep the cities and runs here")
    options.add_argument("--json", type=Path)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = given.folder or Path(name)
        found = {f"{size:g} M": measure(size, folder / f"{size:g}") for size in sorted(given.sizes)}
    _print(found)
    if given.json:
        given.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def measure(millions: float, folder: Path) -> dict[str, Any]:
    """Make a city, run it in a new process, and return what its run took."""
    plan = _city(round(millions * 1e6), folder)
    context = multiprocessing.get_context("spawn")
    runner = context.Process(target=_run, args=(plan, folder / "run"))
    peak, begin = Peak(), time.perf_counter()
    runner.start()
    with peak.watching(runner.pid or 0):
        runner.join()
    wall = time.perf_counter() - begin
    if runner.exitcode != 0:
        raise SystemExit(f"the run of {millions:g} million residents ended with {runner.exitcode}")
    manifest = json.loads((folder / "run" / "manifest.json").read_text(encoding="utf-8"))
    told = json.loads((folder / "told.json").read_text(encoding="utf-8"))
    return {
        "residents": round(millions * 1e6),
        "seconds": manifest["seconds"],
        "peak_memory_mib": manifest["peak_memory_mib"],
        "whole": {"seconds": round(wall, 1), "processes_peak_mib": round(peak.mib), **told["whole"]},
        "counts": told["counts"],
        "files_mb": {path.name: round(_size(path) / 1e6, 1) for path in sorted((folder / "run").iterdir())},
        "solver": [{key: row[key] for key in ("step", "outcome", "gap")} for row in manifest["solver"]],
    }


def _city(residents: int, folder: Path) -> Path:
    """Write the city, its plan ten years ahead; return the plan."""
    path = write_demo(folder, residents=residents)
    plan = path.read_text(encoding="utf-8")
    base = int(re.search(r"base_year = (\d+)", plan)[1])  # type: ignore[index]
    plan = re.sub(r"horizon_year = \d+", f"horizon_year = {base + YEARS_AHEAD}", plan)
    path.write_text(plan, encoding="utf-8", newline="\n")
    return path


def _run(plan: Path, folder: Path) -> None:
    """Run a plan as the command line does, and tell what its manifest does not."""
    before = os.times()
    run = run_plan(load_plan(plan))
    write_run(run, folder)
    after = os.times()
    cpu = sum(after[:4]) - sum(before[:4])
    counts = {
        "streets": len(run.city.tables["roads"]),
        "units": len(run.city.units),
        "schools": len(run.city.schools),
        "catchments": len(run.city.catchments),
        "pairs": len(run.study.today.walks.metres),
        "hotspots": len(run.hotspots.hotspots),
        "proposals": 0 if run.proposal is None else len(run.proposal.proposals),
    }
    told = {"whole": {"cpu_seconds": round(cpu, 1)}, "counts": counts}
    (folder.parent / "told.json").write_text(json.dumps(told), encoding="utf-8")


def _size(path: Path) -> int:
    return sum(one.stat().st_size for one in path.rglob("*")) if path.is_dir() else path.stat().st_size


def _print(found: dict[str, dict[str, Any]]) -> None:
    sizes = {name: of["residents"] for name, of in found.items()}
    for title, key in (("Counts", "counts"), ("Seconds by stage", "seconds")):
        table = pd.DataFrame({name: of[key] for name, of in found.items()})
        if len(sizes) > 1:
            table["power"] = [_power(row[list(sizes)], list(sizes.values())) for _, row in table.iterrows()]
        print(f"\n{title}\n{table.to_string(float_format=lambda value: f'{value:,.2f}')}")
        if key == "seconds" and "power" in table:
            for name, power in table["power"].items():
                if power > 1.1 and name in WHY:  # noqa: PLR2004  faster than the city
                    print(f"  {name} grows with the power {power:.2f}: {WHY[str(name)]}")
    memory = pd.DataFrame({name: of["peak_memory_mib"] for name, of in found.items()})
    shown = memory.to_string(float_format=lambda value: f"{value:,.0f}")
    print(f"\nPeak of its process by stage, MiB\n{shown}")
    print("\nWhole run, with start and imports")
    for name, of in found.items():
        whole = of["whole"]
        within = whole["seconds"] <= LIMIT_S and whole["processes_peak_mib"] <= LIMIT_MIB
        print(
            f"  {name}: {whole['seconds']:,.0f} s ({whole['cpu_seconds']:,.0f} s of CPU), all processes"
            f" {whole['processes_peak_mib']:,} MiB, map {of['files_mb'].get('map.html', math.nan)} MB;"
            f" {'within' if within else 'NOT within'} {LIMIT_S} s and {LIMIT_MIB:,} MiB"
        )
        for step in of["solver"]:
            gap = "–" if step["gap"] is None else f"{step['gap']:.2%}"
            print(f"      {step['step']}: {step['outcome']}, gap {gap}")


def _power(values: pd.Series, residents: list[int]) -> float:
    """Return how a figure grows with residents, between the smallest and the largest size."""
    first, last = float(values.iloc[0]), float(values.iloc[-1])
    if not (first > 0 and last > 0) or residents[0] == residents[-1]:
        return math.nan
    return math.log(last / first) / math.log(residents[-1] / residents[0])


if __name__ == "__main__":
    main()
