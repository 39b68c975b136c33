"""Time the best placement of pupils in seats against OR-Tools called bare and HiGHS on the linear program.

On a made-up city (units and schools at random places, each unit with its nearest schools), one table:

* ``bare``: OR-Tools ``SimpleMinCostFlow`` on the same arcs and the same whole numbers, nothing around it;
* ``ours``: :func:`layoutplan.solve.assign_pupils`, with its checks, its scaling of fractions and the worth of
  seats;
* ``next year``: the same function for the pupils of another year, that begins with the placement before;
* ``HiGHS``: ``scipy.optimize.linprog`` on the same linear program, given up after ``--limit`` seconds.

Times are seconds of one core (all four use one), so that other work on the machine counts little; the better
of ``--repeat`` calls, in turn. Objectives (pupils served, pupil-metres) must agree, else it stops.

::

    python benchmarks/assignment.py                    up to 50,000 units × 1,000 schools × 20, a few minutes
    python benchmarks/assignment.py --small            the first two sizes
    python benchmarks/assignment.py --json assignment.json
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
from ortools.graph.python import min_cost_flow
from scipy import optimize, sparse
from scipy.spatial import KDTree

from layoutplan.solve import assign_pupils

SIZES = ((2_000, 40, 20), (10_000, 200, 20), (50_000, 1_000, 20))
FILLED = {"seats to spare": 0.9, "seats short": 1.05}
DRIFT = 0.1  # the pupils of each unit change by up to this share in a year
LOSS_M = 1e7  # of a pupil not placed, in the linear program: above any chain of walks here
T = TypeVar("T")


@dataclass(frozen=True)
class City:
    """Arcs sorted by unit; whole pupils, seats and decimetres, so that all solve the same problem."""

    unit: np.ndarray
    school: np.ndarray
    metres: np.ndarray
    pupils: np.ndarray
    seats: np.ndarray


@dataclass(frozen=True)
class Row:
    """Figures of one size; ``highs`` is ``None`` where it was given up."""

    units: int
    schools: int
    arcs: int
    case: str
    bare: float
    ours: float
    ours_to_bare: float
    next_year_bare: float
    next_year: float
    next_year_to_bare: float
    highs: float | None
    highs_to_ours_at_least: float
    served: float
    pupil_metres: float


def make_city(size: tuple[int, int, int], *, filled: float) -> City:
    """Return a city whose pupils are ``filled`` times its seats."""
    units, schools, nearest = size
    random = np.random.default_rng(7)
    side = 950.0 * np.sqrt(schools)
    places = random.uniform(0, side, (schools, 2))
    straight, school = KDTree(places).query(random.uniform(0, side, (units, 2)), k=nearest)
    pupils = np.maximum(np.rint(random.gamma(1.5, 14.0, units)), 1.0)
    return City(
        unit=np.repeat(np.arange(units), nearest),
        school=school.ravel().astype(np.int64),
        metres=np.round(straight.ravel() * 1.3, 1),
        pupils=pupils,
        seats=np.rint(random.uniform(0.5, 1.5, schools) * pupils.sum() / schools / filled),
    )


def another_year(city: City) -> City:
    """Return the city with the pupils of a year later."""
    change = np.random.default_rng(8).uniform(1 - DRIFT, 1 + DRIFT, len(city.pupils))
    return replace(city, pupils=np.maximum(np.rint(city.pupils * change), 1.0))


def bare(city: City) -> tuple[float, float]:
    """Solve with OR-Tools and return pupils served and pupil-metres."""
    pupils, seats = city.pupils.astype(np.int64), city.seats.astype(np.int64)
    solver = min_cost_flow.SimpleMinCostFlow()
    solver.add_arcs_with_capacity_and_unit_cost(
        city.unit,
        city.school + len(pupils),
        np.minimum(pupils[city.unit], seats[city.school]),
        np.rint(city.metres * 10).astype(np.int64),
    )
    nodes = np.arange(len(pupils) + len(seats))
    solver.set_nodes_supplies(nodes, np.concatenate([pupils, -seats]))
    if solver.solve_max_flow_with_min_cost() != solver.OPTIMAL:
        raise SystemExit("OR-Tools found no optimum")
    return float(solver.maximum_flow()), solver.optimal_cost() / 10


def linear_program(city: City, *, limit_s: float) -> tuple[float, float] | None:
    """Solve with HiGHS; ``None`` where the time was not enough."""
    arcs, units = len(city.unit), len(city.pupils)
    number = np.arange(arcs)
    leaving = sparse.csr_array((np.ones(arcs), (city.unit, number)), shape=(units, arcs))
    arriving = sparse.csr_array((np.ones(arcs), (city.school, number)), shape=(len(city.seats), arcs))
    found = optimize.linprog(
        np.concatenate([city.metres, np.full(units, LOSS_M)]),
        A_eq=sparse.hstack([leaving, sparse.eye_array(units)]),
        b_eq=city.pupils,
        A_ub=sparse.hstack([arriving, sparse.csr_array((len(city.seats), units))]),
        b_ub=city.seats,
        method="highs",
        options={"time_limit": limit_s},
    )
    if found.status == 1:
        return None
    return float(found.x[:arcs].sum()), float(found.x[:arcs] @ city.metres)


def timed(call: Callable[[], T]) -> tuple[float, T]:
    """Return the core seconds of a call and its result."""
    begin = time.process_time()
    result = call()
    return time.process_time() - begin, result


def measure(size: tuple[int, int, int], case: str, *, limit_s: float, repeat: int) -> Row:
    """Time one size."""
    city = make_city(size, filled=FILLED[case])
    later = another_year(city)
    columns = ("bare", "ours", "next_year_bare", "next_year")
    best = dict.fromkeys(columns, float("inf"))
    for _ in range(repeat):
        seconds = {}
        seconds["bare"], expected = timed(lambda: bare(city))
        seconds["ours"], placed = timed(lambda: _assigned(city))
        seconds["next_year_bare"], expected_later = timed(lambda: bare(later))
        seconds["next_year"], placed_later = timed(lambda before=placed: _assigned(later, like=before))
        best = {name: min(best[name], seconds[name]) for name in columns}
        _agree((placed.served.sum(), placed.metres), expected, "OR-Tools")
        _agree((placed_later.served.sum(), placed_later.metres), expected_later, "OR-Tools, next year")
    highs, found = timed(lambda: linear_program(city, limit_s=limit_s))
    if found is not None:
        _agree((placed.served.sum(), placed.metres), found, "HiGHS")
    return Row(
        units=size[0],
        schools=size[1],
        arcs=len(city.unit),
        case=case,
        **best,
        ours_to_bare=best["ours"] / best["bare"],
        next_year_to_bare=best["next_year"] / best["next_year_bare"],
        highs=None if found is None else highs,
        highs_to_ours_at_least=highs / best["ours"],
        served=float(placed.served.sum()),
        pupil_metres=placed.metres,
    )


def _assigned(city: City, **more: object) -> object:
    return assign_pupils(
        origin=city.unit,
        destination=city.school,
        metres=city.metres,
        pupils=city.pupils,
        seats=city.seats,
        **more,
    )


def _agree(one: tuple[float, float], other: tuple[float, float], whom: str) -> None:
    if not np.allclose(one, other, rtol=1e-7):
        raise SystemExit(f"ours {one} is not what {whom} says: {other}")


def main() -> None:
    """Print the table, and write it as JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--small", action="store_true", help="the first two sizes only")
    parser.add_argument("--limit", type=float, default=120.0, help="seconds after which HiGHS is given up")
    parser.add_argument("--repeat", type=int, default=2, help="calls of each, the better one counts")
    parser.add_argument("--json", type=Path, help="file to write")
    chosen = parser.parse_args()
    head = (
        "units",
        "schools",
        "arcs",
        "case",
        "bare",
        "ours",
        "ratio",
        "next year",
        "ratio",
        "HiGHS",
        "ratio",
    )
    print("".join(f"{name:>15}" for name in head))
    rows = []
    for size in SIZES[:2] if chosen.small else SIZES:
        for case in FILLED:
            row = measure(size, case, limit_s=chosen.limit, repeat=chosen.repeat)
            rows.append(asdict(row))
            figures = [f"{row.units:,}", f"{row.schools:,}", f"{row.arcs:,}", case]
            figures += [f"{row.bare:.3f}", f"{row.ours:.3f}", f"{row.ours_to_bare:.2f}"]
            figures += [f"{row.next_year:.3f}", f"{row.next_year_to_bare:.2f}"]
            figures += [f"{row.highs:.1f}" if row.highs else f"over {chosen.limit:.0f}"]
            figures += [f"{'' if row.highs else '> '}{row.highs_to_ours_at_least:.0f}"]
            print("".join(f"{text:>15}" for text in figures), flush=True)
    if chosen.json:
        chosen.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
