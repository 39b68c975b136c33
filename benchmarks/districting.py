"""Districting on published instances: value, gap to the best value known, own bound, seconds.

The folder holds ``<area>_units.csv`` (unit, demand, x_m, y_m), ``<area>_edges.csv`` (unit_a, unit_b),
``open/schools.csv`` (set, instance, area, unit, capacity) and ``open/best_known.csv`` (set, instance,
best_known). Cost is pupils x straight-line km. Each instance gives a plan file (``unit,school``; the school
by its own unit) and a row of ``rows.csv``, both in ``--plans``; instances with a row there are not run again.

::

    python benchmarks/districting.py --data DIR --set sap2019 --seconds 60 --plans OUT
    python benchmarks/districting.py --data DIR --set sap2020 --instances zy_13a gy_37c --seed 2 --plans OUT
    python benchmarks/districting.py --metropolis 60000 1000 --seconds 300 --plans OUT

``--cpu`` counts the CPU seconds of the process instead of wall time: with two cores a limit of 120 is what
60 s of wall time are on a machine that has nothing else to do.
"""

from __future__ import annotations

import argparse
import csv
import resource
import time
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.spatial import Delaunay, cKDTree

from layoutplan.solve.districting.problem import DistrictingProblem, dense_arcs, districting_problem
from layoutplan.solve.districting.solve import Districting, solve_districting


@dataclass(frozen=True)
class Row:
    """What is measured of one instance; gaps in per cent."""

    set: str
    instance: str
    seed: int
    units: int
    schools: int
    outcome: str
    value: float
    best_known: float
    gap_to_best: float
    bound_below_best: float
    own_gap: float
    overload: float
    cpu_s: float
    wall_s: float
    peak_mb: float


def read_instance(
    folder: Path, set_name: str, instance: str
) -> tuple[DistrictingProblem, list[int], list[int]]:
    """Return the problem and the names of units and of schools (their own units)."""
    schools = pd.read_csv(folder / "open" / "schools.csv")
    schools = schools[(schools["set"] == set_name) & (schools["instance"] == instance)]
    area = schools["area"].iloc[0]
    units = pd.read_csv(folder / f"{area}_units.csv")
    edges = pd.read_csv(folder / f"{area}_edges.csv")
    place = pd.Series(np.arange(len(units)), index=units["unit"])
    own = place[schools["unit"]].to_numpy()
    at = units[["x_m", "y_m"]].to_numpy()
    km = np.hypot(*(at[:, None] - at[own][None]).transpose(2, 0, 1)) / 1000
    problem = districting_problem(
        units["demand"].to_numpy(),
        schools["capacity"].to_numpy(),
        own=own,
        arcs=dense_arcs(km * units["demand"].to_numpy()[:, None]),
        edges=np.stack([place[edges[end]].to_numpy() for end in ("unit_a", "unit_b")], axis=1),
    )
    return problem, units["unit"].tolist(), schools["unit"].tolist()


def make_metropolis(
    units: int, schools: int, *, nearest: int = 30, tightness: float = 1.05, seed: int = 0
) -> DistrictingProblem:
    """Return random units in a square with the nearest schools each, and a triangulation as the graph."""
    random = np.random.default_rng(seed)
    at = random.uniform(0, np.sqrt(units) * 200.0, (units, 2))
    pupils = np.minimum(random.geometric(0.05, units), 300)
    own = random.choice(units, schools, replace=False)
    metres, school = cKDTree(at[own]).query(at, k=min(nearest, schools))
    size = random.uniform(0.7, 1.3, schools)
    seats = np.ceil(size / size.sum() * pupils.sum() * tightness)
    triangles = Delaunay(at).simplices
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [0, 2]]])
    unit = np.repeat(np.arange(units), school.shape[1])
    arcs = (unit, school.ravel(), (metres * pupils[:, None]).ravel())
    return districting_problem(pupils, seats, own=own, arcs=arcs, edges=np.unique(np.sort(edges), axis=0))


def measure(
    problem: DistrictingProblem, *, limits: dict[str, float], cores: int, seed: int, cpu: bool
) -> tuple[Districting, float, float]:
    """Solve and return the answer, CPU seconds and wall seconds."""
    clock = time.process_time if cpu else time.monotonic
    begun, wall = time.process_time(), time.monotonic()
    found = solve_districting(problem, cores=cores, seed=seed, clock=clock, **limits)
    return found, time.process_time() - begun, time.monotonic() - wall


def make_row(
    names: tuple[str, str],
    seed: int,
    problem: DistrictingProblem,
    *,
    best: float,
    run: tuple[Districting, float, float],
) -> Row:
    """Return the figures of a run."""
    found, cpu_s, wall_s = run
    return Row(
        set=names[0],
        instance=names[1],
        seed=seed,
        units=problem.units,
        schools=problem.schools,
        outcome=str(found.outcome),
        value=found.cost,
        best_known=best,
        gap_to_best=100 * (found.cost / best - 1),
        bound_below_best=100 * (1 - found.bound / best),
        own_gap=100 * found.gap,
        overload=float(found.overload.sum()),
        cpu_s=cpu_s,
        wall_s=wall_s,
        peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    )


def run_set(chosen: argparse.Namespace, limits: dict[str, float]) -> None:
    """Run the instances of a set that have no row yet."""
    best = pd.read_csv(chosen.data / "open" / "best_known.csv").set_index(["set", "instance"])["best_known"]
    every = best.loc[chosen.set].index.tolist()
    done = read_rows(chosen.plans)
    for instance in chosen.instances or every:
        if (chosen.set, instance, str(chosen.seed)) in done:
            continue
        problem, units, schools = read_instance(chosen.data, chosen.set, instance)
        run = measure(problem, limits=limits, cores=chosen.cores, seed=chosen.seed, cpu=chosen.cpu)
        row = make_row(
            (chosen.set, instance), chosen.seed, problem, best=float(best[chosen.set, instance]), run=run
        )
        plan = pd.DataFrame({"unit": units, "school": np.array(schools)[run[0].assignment]})
        plan.to_csv(chosen.plans / f"{chosen.set}_{instance}_{chosen.seed}.csv", index=False)
        write_row(chosen.plans, row)


def read_rows(folder: Path) -> set[tuple[str, str, str]]:
    """Return set, instance and seed of the rows written."""
    path = folder / "rows.csv"
    if not path.exists():
        return set()
    with path.open(newline="", encoding="utf-8") as file:
        return {(row["set"], row["instance"], row["seed"]) for row in csv.DictReader(file)}


def write_row(folder: Path, row: Row) -> None:
    """Append a row to the table and print it."""
    path = folder / "rows.csv"
    new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Row)])
        if new:
            writer.writeheader()
        writer.writerow(asdict(row))
    print(
        f"{row.set} {row.instance:9} seed {row.seed}  {row.outcome:8} {row.value:14.4f}"
        f"  gap {row.gap_to_best:+.3f} %  bound {row.bound_below_best:.3f} % below  over {row.overload:g}"
        f"  {row.cpu_s:.0f} CPU s  {row.wall_s:.0f} s  {row.peak_mb:.0f} MB",
        flush=True,
    )


def main() -> None:
    """Run what is asked for and print a summary."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path)
    parser.add_argument("--set", default="sap2019")
    parser.add_argument("--instances", nargs="*")
    parser.add_argument("--metropolis", type=int, nargs=2, metavar=("UNITS", "SCHOOLS"))
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--work", type=float, default=float("inf"), help="millions of proposals")
    parser.add_argument("--cpu", action="store_true", help="count CPU seconds of the process")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--plans", type=Path, required=True)
    chosen = parser.parse_args()
    chosen.plans.mkdir(parents=True, exist_ok=True)
    limits = {"seconds": chosen.seconds, "work": chosen.work}
    if chosen.metropolis:
        units, schools = chosen.metropolis
        problem = make_metropolis(units, schools)
        run = measure(problem, limits=limits, cores=chosen.cores, seed=chosen.seed, cpu=chosen.cpu)
        names = ("metropolis", f"{units}x{schools}")
        write_row(chosen.plans, make_row(names, chosen.seed, problem, best=run[0].bound, run=run))
        return
    run_set(chosen, limits)
    rows = pd.read_csv(chosen.plans / "rows.csv")
    print(
        rows.groupby(["set", rows["instance"].str.extract(r"([a-z]+\d?)s?_")[0]])[
            ["gap_to_best", "bound_below_best"]
        ]
        .agg(["mean", "max"])
        .round(4)
        .to_string()
    )


if __name__ == "__main__":
    main()
