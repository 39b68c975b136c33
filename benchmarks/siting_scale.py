"""The plan over the years at the size of a metropolis: gap, CPU seconds and memory of the search by size.

Run ``python benchmarks/siting_scale.py [--sizes 0.5 2 12.8] [--folder DIR]``. Each city is made by the
package's own generator, and primary and junior schools are sited together over the years of its plan
(2026-2032). A size runs in a process of its own. The model (walks, markets, sites) and the search are timed
apart; the model is kept in ``--folder``, so that another search need not build it again. Memory is the most
that the process of the search held, the model included.
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import pickle
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

from layoutplan import load_plan, make_study
from layoutplan.balance import evaluate
from layoutplan.hotspots import find_hotspots
from layoutplan.siting.planning import model_of
from layoutplan.solve.expansion import Expansion, ExpansionEffort, solve_expansion
from layoutplan.synthetic import write_demo

GAPS = {0.5: 0.005, 2.0: 0.02, 12.8: 0.05}
STAGES = ("primary", "junior")


def main() -> None:
    """Measure the sizes asked for, print the table, write JSON."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sizes", nargs="+", type=float, default=[0.5, 2.0, 12.8], metavar="MILLIONS")
    options.add_argument("--gap", type=float, help="gap at which the search stops; by size where left out")
    options.add_argument("--seconds", type=float, default=600.0, help="most time of a search")
    options.add_argument("--folder", type=Path, help="keep the cities and models here")
    options.add_argument("--json", type=Path)
    given = options.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as name:
        for millions in sorted(given.sizes):
            folder = (given.folder or Path(name)) / f"{millions:g}"
            gap = given.gap or GAPS.get(millions, 0.02)
            rows.append(_in_process(millions, folder, gap, given.seconds))
            print(json.dumps(rows[-1]), flush=True)
    _print(rows)
    if given.json:
        given.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


def _in_process(millions: float, folder: Path, gap: float, seconds: float) -> dict[str, Any]:
    """Make the model and search it, each in a new process."""
    context = multiprocessing.get_context("spawn")
    folder.mkdir(parents=True, exist_ok=True)
    for work, arguments in ((keep_model, (millions, folder)), (measure, (millions, folder, gap, seconds))):
        process = context.Process(target=work, args=arguments)
        process.start()
        process.join()
        if process.exitcode != 0:
            raise SystemExit(f"{work.__name__} of {millions:g} million residents failed")
    found: dict[str, Any] = json.loads((folder / "search.json").read_text(encoding="utf-8"))
    return found


def keep_model(millions: float, folder: Path) -> None:
    """Write the expansion problem of a city, and what it took to make."""
    if (folder / "model.pickle").exists():
        return
    plan = load_plan(write_demo(folder / "city", residents=round(millions * 1e6)))
    study = make_study(plan.vary({"siting.stages": [*STAGES]}, name="two-stages"))
    balance = evaluate(study)
    hotspots = find_hotspots(study, balance)
    begun = time.process_time()
    problem = model_of(study, balance, hotspots).problem
    told = {"model_cpu_s": time.process_time() - begun}
    (folder / "model.json").write_text(json.dumps(told), encoding="utf-8")
    (folder / "model.pickle").write_bytes(pickle.dumps(problem))


def measure(millions: float, folder: Path, gap: float, seconds: float) -> None:
    """Search a problem that was kept, and write what it took."""
    problem: Expansion = pickle.loads((folder / "model.pickle").read_bytes())  # noqa: S301  our own file
    cpu, wall = time.process_time(), time.perf_counter()
    plan = solve_expansion(problem, ExpansionEffort(seconds, gap))
    steps = {step.name: step for step in plan.steps}
    states, moves = problem.states, problem.moves
    told = {
        "residents_m": millions,
        "arcs": sum(len(market.origin) for market in problem.markets),
        "sites": len(states.first),
        "moves": len(moves.year),
        **json.loads((folder / "model.json").read_text(encoding="utf-8")),
        "cpu_s": time.process_time() - cpu,
        "wall_s": time.perf_counter() - wall,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "unserved": steps["serve"].audited,
        "cost_m": plan.figures.cost / 1e6,
        "bound_m": steps["cost"].bound / 1e6,
        **{f"gap_{name}": step.gap for name, step in steps.items()},
        "late": plan.late,
    }
    (folder / "search.json").write_text(json.dumps(told), encoding="utf-8")


def _print(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        print(
            f"{row['residents_m']:g} M: {row['arcs']:,} arcs, {row['sites']} sites, {row['moves']:,} moves;"
            f" {row['cpu_s']:.1f} CPU s (model {row['model_cpu_s']:.1f}), {row['peak_mib']:,.0f} MiB;"
            f" cost {row['cost_m']:,.1f} M, bound {row['bound_m']:,.1f} M, gaps serve {row['gap_serve']:.2%},"
            f" cost {row['gap_cost']:.2%}, walk {row['gap_walk']:.2%}{', cut by time' if row['late'] else ''}"
        )
    if len(rows) > 1:
        times = math.log(rows[-1]["cpu_s"] / rows[0]["cpu_s"])
        power = times / math.log(rows[-1]["residents_m"] / rows[0]["residents_m"])
        print(f"CPU seconds grow with residents to the power {power:.2f}")


if __name__ == "__main__":
    main()
