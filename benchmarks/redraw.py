"""Redrawing measured: ``python -m benchmarks.redraw PLAN [--prices 0,500,2000] [--years 2030] [--work 20]``.

Prints one row a stage and price of moving: pupils above the seats before and after, the proven least, pupils
moved, walk to the own school, gap, seconds and memory. ``--grid UNITS SCHOOLS`` measures a made-up city of
that size instead: a square grid of units with 6 to 14 pupils each, schools scattered over it with 3 % more
seats than pupils in all.
"""

from __future__ import annotations

import argparse
import resource
import time
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.spatial import KDTree

import layoutplan as lp
from layoutplan.solve.districting import DistrictingProblem, districting_problem, solve_districting

_NEAREST = 8
_KEPT = ("stage", "year", "outcome", "overload_before", "overload", "overload_bound", "moved", "moved_units")
_WALKS = ("mean_walk_before_m", "mean_walk_m", "gap", "fullest_before", "fullest", "split_before", "split")


def measure_plan(plan: lp.Plan, *, price_m: float) -> pd.DataFrame:
    """Return the outcome of redrawing today's catchments at a price of moving.

    Parameters
    ----------
    plan
        The plan, with ``[zoning]``.
    price_m
        Metres that a pupil with another school counts as.

    Returns
    -------
    DataFrame
        One row a stage.
    """
    study = lp.make_study(plan.vary({"zoning.price_moved_m": price_m}, name=f"price-{price_m:.0f}"))
    began, used = time.monotonic(), time.process_time()
    found = lp.redraw(study)
    rows = found.outcome[[*_KEPT, *_WALKS]]
    return rows.assign(price_m=price_m, **_spent(began, used))


def grid_problem(units: int, schools: int, *, seed: int = 1) -> DistrictingProblem:
    """Return a made-up city: every unit may go to its eight nearest schools.

    Parameters
    ----------
    units, schools
        Numbers of them; the units make a square of whole rows.
    seed
        Of pupils and places.

    Returns
    -------
    DistrictingProblem
        Cost is pupils × straight line, in cells.
    """
    random = np.random.default_rng(seed)
    width = int(np.sqrt(units))
    count = width * width
    at = np.stack(np.divmod(np.arange(count), width), axis=1).astype(float)
    pupils = random.integers(6, 15, count).astype(float)
    own = np.sort(random.choice(count, schools, replace=False))
    near = KDTree(at[own]).query(at, k=_NEAREST)[1].astype(np.int64)
    unit, school = np.repeat(np.arange(count), _NEAREST), near.ravel()
    cost = pupils[unit] * np.hypot(*(at[unit] - at[own[school]]).T)
    share = random.uniform(0.85, 1.15, schools)
    grid = np.arange(count).reshape(width, width)
    edges = np.concatenate(
        [
            np.stack([grid[:, :-1].ravel(), grid[:, 1:].ravel()], axis=1),
            np.stack([grid[:-1].ravel(), grid[1:].ravel()], axis=1),
        ]
    )
    local = np.bincount(near[:, 0], weights=pupils, minlength=schools)
    seats = local * share
    seats *= 1.03 * pupils.sum() / seats.sum()
    return districting_problem(pupils, seats, own=own, arcs=(unit, school, cost), edges=edges)


def measure_grid(units: int, schools: int, *, work: float, seconds: float) -> pd.DataFrame:
    """Return what a search in a made-up city achieves.

    Parameters
    ----------
    units, schools
        As for :func:`grid_problem`.
    work, seconds
        Limits of the search.

    Returns
    -------
    DataFrame
        One row.
    """
    problem = grid_problem(units, schools)
    began, used = time.monotonic(), time.process_time()
    found = solve_districting(problem, work=work, seconds=seconds)
    row = {
        "units": problem.units,
        "schools": schools,
        "outcome": str(found.outcome),
        "overload": float(found.overload.sum()),
        "overload_bound": found.overload_bound,
        "cost": found.cost,
        "gap": found.gap,
    }
    return pd.DataFrame([{**row, **_spent(began, used)}])


def _spent(began: float, used: float) -> dict[str, float]:
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"wall_s": time.monotonic() - began, "cpu_s": time.process_time() - used, "peak_mb": most}


def main() -> None:
    """Print the table."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("plan", type=Path, nargs="?")
    ask.add_argument("--prices", default="0,500,2000")
    ask.add_argument("--years", default="")
    ask.add_argument("--work", type=float, default=20.0)
    ask.add_argument("--seconds", type=float, default=3_600.0)
    ask.add_argument("--grid", type=int, nargs=2, metavar=("UNITS", "SCHOOLS"))
    given = ask.parse_args()
    if given.grid:
        print(measure_grid(*given.grid, work=given.work, seconds=given.seconds).round(4).T.to_string())
        return
    years = [int(one) for one in given.years.split(",") if one]
    asked = {"zoning.work": given.work, "zoning.time_limit_s": given.seconds, "zoning.years": years}
    plan = lp.load_plan(given.plan).vary(asked, name="measured")
    for price in given.prices.split(","):
        print(measure_plan(plan, price_m=float(price)).round(3).T.to_string(), flush=True)


if __name__ == "__main__":
    main()
