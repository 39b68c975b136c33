"""Location on published instances: value, gap to the best value known, own bound, seconds.

Sets ``cpmp`` (p sites, no contiguity), ``cflsap`` (fixed costs, connected catchments),
``cflsap-nocontiguity`` and ``ckflsap-K*`` (exactly K sites). The folder holds ``<area>_units.csv`` (unit,
demand, x_m, y_m), ``<area>_edges.csv`` (unit_a, unit_b), ``open/schools.csv`` (set, instance, area, unit,
capacity, fixed_cost),
``open/best_known.csv`` (set, instance, best_known, lower_bound) and ``cpmp/geo_<area>.txt``. Cost is pupils x
straight-line km, and fixed costs. Each instance gives a plan file (``unit,school``, or ``unit,school,pupils``
with ``--reach`` or ``--split``) and a row of ``rows.csv``, both in ``--plans``; instances with a row there
are not run again.

::

    python benchmarks/siting.py --data DIR --set cpmp --instances zy_p10 --seconds 60 --plans OUT
    python benchmarks/siting.py --data DIR --set cpmp --instances zy_p10 --reach 1000 --plans OUT
    python benchmarks/siting.py --data DIR --set cflsap --instances zya1 gyc2 --seconds 300 --plans OUT

``--reach`` leaves nobody farther than so many metres, with pupils split. ``--cpu`` counts the CPU seconds of
the process instead of wall time: with two cores a limit of 120 is what 60 s of wall time are on a machine
that has nothing else to do.
"""

from __future__ import annotations

import argparse
import csv
import re
import resource
import time
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np
import pandas as pd

from layoutplan.solve.location import Location, LocationProblem, solve_location


@dataclass(frozen=True)
class Row:
    """What is measured of one instance; gaps in per cent."""

    set: str
    instance: str
    reach_m: float
    seed: int
    units: int
    sites: int
    opened: int
    outcome: str
    value: float
    best_known: float
    gap_to_best: float
    published_bound: float
    gap_to_published_bound: float
    bound: float
    own_gap: float
    cpu_s: float
    wall_s: float
    peak_mb: float


@dataclass(frozen=True)
class Instance:
    """An instance: the problem, and the names of units."""

    problem: LocationProblem
    units: list[int]


def read_instance(
    folder: Path, set_name: str, instance: str, *, reach_m: float | None, split: bool
) -> Instance:
    """Return an instance of a set."""
    if set_name == "cpmp":
        area, count = re.fullmatch(r"(\w+?)_p(\d+)", instance).groups()
        units = pd.read_csv(folder / "cpmp" / f"geo_{area}.txt", sep="\t").dropna(subset=["ID"])
        units = units.rename(columns={"ID": "unit", "Demand": "demand", "x": "x_m", "y": "y_m"})
        sites = units.loc[units["Fcap"] > 0, ["unit", "Fcap"]].rename(columns={"Fcap": "capacity"})
        sites["fixed_cost"], edges, opened = 0.0, None, int(count)
    else:
        base = set_name.replace("-nocontiguity", "").split("-K")[0].replace("ckflsap", "cflsap")
        sites = pd.read_csv(folder / "open" / "schools.csv")
        sites = sites[(sites["set"] == base) & (sites["instance"] == instance)]
        area = sites["area"].iloc[0]
        units = pd.read_csv(folder / f"{area}_units.csv")
        edges = None if "nocontiguity" in set_name else pd.read_csv(folder / f"{area}_edges.csv")
        opened = int(set_name.split("-K")[1]) if "-K" in set_name else None
    place = pd.Series(np.arange(len(units)), index=units["unit"].astype(int))
    own = place[sites["unit"].astype(int)].to_numpy()
    at = units[["x_m", "y_m"]].to_numpy(dtype=float)
    km = np.hypot(*(at[:, None] - at[own][None]).transpose(2, 0, 1)) / 1000
    unit, site = np.nonzero(km * 1000 <= (np.inf if reach_m is None else reach_m))
    pairs = None if edges is None else [place[edges[end]].to_numpy() for end in ("unit_a", "unit_b")]
    problem = LocationProblem(
        pupils=units["demand"].to_numpy(dtype=float),
        seats=sites["capacity"].to_numpy(dtype=float),
        fixed=sites["fixed_cost"].to_numpy(dtype=float),
        unit=unit.astype(np.int64),
        site=site.astype(np.int64),
        cost=km[unit, site],
        own=own.astype(np.int64),
        edges=None if pairs is None else np.stack(pairs, axis=1),
        count=opened,
        split=split or reach_m is not None,
    )
    return Instance(problem, place.index.tolist())


def measure(instance: Instance, chosen: argparse.Namespace) -> tuple[Location, float, float]:
    """Solve and return the answer, CPU seconds and wall seconds."""
    clock = time.process_time if chosen.cpu else time.monotonic
    begun, wall = time.process_time(), time.monotonic()
    found = solve_location(
        instance.problem, seconds=chosen.seconds, cores=chosen.cores, seed=chosen.seed, clock=clock
    )
    return found, time.process_time() - begun, time.monotonic() - wall


def write_plan(path: Path, instance: Instance, found: Location) -> None:
    """Write who goes where; a unit with its pupils divided has several rows."""
    names, problem = np.array(instance.units), instance.problem
    plan = pd.DataFrame({"unit": names[found.unit], "school": names[problem.own[found.site]]})
    if problem.split:
        plan["pupils"] = found.pupils
    plan.to_csv(path, index=False)


def run_set(chosen: argparse.Namespace) -> None:
    """Run the instances of a set that have no row yet."""
    known = pd.read_csv(chosen.data / "open" / "best_known.csv").set_index(["set", "instance"])
    listed = known.index[known.index.get_level_values("set") == chosen.set].get_level_values("instance")
    reach_m = float("inf") if chosen.reach is None else chosen.reach
    done = read_rows(chosen.plans)
    for name in chosen.instances or listed.tolist():
        if (chosen.set, name, str(reach_m), str(chosen.seed)) in done:
            continue
        instance = read_instance(chosen.data, chosen.set, name, reach_m=chosen.reach, split=chosen.split)
        found, cpu_s, wall_s = measure(instance, chosen)
        best, lower = np.nan, np.nan
        if (chosen.set, name) in known.index and chosen.reach is None:
            best, lower = known.loc[(chosen.set, name), ["best_known", "lower_bound"]].astype(float)
        row = Row(
            set=chosen.set,
            instance=name,
            reach_m=reach_m,
            seed=chosen.seed,
            units=len(instance.problem.pupils),
            sites=instance.problem.sites,
            opened=int(found.opened.sum()),
            outcome=str(found.outcome),
            value=found.cost,
            best_known=best,
            gap_to_best=100 * (found.cost / best - 1),
            published_bound=lower,
            gap_to_published_bound=100 * (found.cost / lower - 1),
            bound=found.bound,
            own_gap=100 * found.gap,
            cpu_s=cpu_s,
            wall_s=wall_s,
            peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        )
        reach = "" if chosen.reach is None else f"_reach{chosen.reach:g}"
        write_plan(chosen.plans / f"{chosen.set}_{name}{reach}_{chosen.seed}.csv", instance, found)
        write_row(chosen.plans, row)


def read_rows(folder: Path) -> set[tuple[str, str, str, str]]:
    """Return set, instance, reach and seed of the rows written."""
    path = folder / "rows.csv"
    if not path.exists():
        return set()
    with path.open(newline="", encoding="utf-8") as file:
        return {(row["set"], row["instance"], row["reach_m"], row["seed"]) for row in csv.DictReader(file)}


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
        f"{row.set} {row.instance:9} seed {row.seed}  {row.outcome:8} {row.opened} sites {row.value:14.4f}"
        f"  gap {row.gap_to_best:+.3f} % to best, {row.gap_to_published_bound:+.3f} % to published bound,"
        f" {row.own_gap:.3f} % to own  {row.cpu_s:.0f} CPU s  {row.wall_s:.0f} s  {row.peak_mb:.0f} MB",
        flush=True,
    )


def main() -> None:
    """Run what is asked for and print a summary."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--set", default="cflsap")
    parser.add_argument("--instances", nargs="*")
    parser.add_argument("--reach", type=float, help="metres beyond which nobody goes; pupils are split")
    parser.add_argument("--split", action="store_true", help="pupils of a unit may be divided")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--cpu", action="store_true", help="count CPU seconds of the process")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--plans", type=Path, required=True)
    chosen = parser.parse_args()
    chosen.plans.mkdir(parents=True, exist_ok=True)
    run_set(chosen)
    rows = pd.read_csv(chosen.plans / "rows.csv")
    columns = ["gap_to_best", "gap_to_published_bound", "own_gap"]
    print(rows.groupby(["set", "reach_m"])[columns].agg(["mean", "max"]).round(4).to_string())


if __name__ == "__main__":
    main()
