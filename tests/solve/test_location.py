"""Location of sites: against enumeration on tiny problems, bounds, refusals, and the benchmark."""

from __future__ import annotations

import runpy
import sys
import time
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from layoutplan.errors import DefectError
from layoutplan.solve.location import LocationProblem, solve_location
from layoutplan.solve.location.location_bound import location_bound
from layoutplan.solve.outcome import Outcome
from tests.every import every

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "siting.py"
UNITS, SITES = 6, 4


def tiny(seed: int, *, count: int | None = None, split: bool = False) -> LocationProblem:
    """Return units in a row of a grid two wide, and sites with seats for about twice the pupils."""
    random = np.random.default_rng(seed)
    at = np.array([(place // 2, place % 2) for place in range(UNITS)], dtype=float)
    own = np.sort(random.choice(UNITS, SITES, replace=False))
    km = np.hypot(*(at[:, None] - at[own][None]).transpose(2, 0, 1))
    unit, site = (ends.ravel() for ends in np.indices((UNITS, SITES)))
    edges = [(a, b) for a in range(UNITS) for b in range(a) if abs(at[a] - at[b]).sum() == 1]
    return LocationProblem(
        pupils=random.integers(1, 20, UNITS).astype(float),
        seats=random.integers(30, 50, SITES).astype(float),
        fixed=np.zeros(SITES) if count else random.integers(5, 40, SITES).astype(float),
        unit=unit,
        site=site,
        cost=km.ravel(),
        own=own,
        edges=np.array(edges),
        count=count,
        split=split,
    )


def sets_of(problem: LocationProblem) -> list[np.ndarray]:
    """Return every set of sites that may be opened."""
    chosen = [np.array(one, dtype=bool) for one in product((False, True), repeat=SITES)]
    return [one for one in chosen if one.any() and problem.count in (None, int(one.sum()))]


def least_split(problem: LocationProblem) -> float:
    """Return the least cost with pupils divided, by a linear program for every set of sites."""
    best = np.inf
    of_unit = np.arange(UNITS)[:, None] == problem.unit[None]
    of_site = np.arange(SITES)[:, None] == problem.site[None]
    for opened in sets_of(problem):
        seats = np.where(opened, problem.seats, 0.0)
        found = linprog(problem.cost, A_ub=of_site, b_ub=seats, A_eq=of_unit, b_eq=problem.pupils)
        if found.status == 0:
            best = min(best, found.fun + problem.fixed[opened].sum())
    return best


def connected(problem: LocationProblem, members: np.ndarray, start: int) -> bool:
    """Return whether units are connected to one of them."""
    reached, ahead = {start}, [start]
    while ahead:
        here = ahead.pop()
        for a, b in problem.edges.tolist():
            for other in {a, b} - {here} if here in (a, b) else ():
                if members[other] and other not in reached:
                    reached.add(other)
                    ahead.append(other)
    return reached == set(np.flatnonzero(members).tolist())


def least_whole(problem: LocationProblem) -> float:
    """Return the least cost with whole units in connected districts, by trying every assignment."""
    cost = problem.cost.reshape(UNITS, SITES) * problem.pupils[:, None]
    best = np.inf
    for opened in sets_of(problem):
        for sites in product(np.flatnonzero(opened), repeat=UNITS):
            at = np.array(sites)
            total = cost[np.arange(UNITS), at].sum() + problem.fixed[opened].sum()
            load = np.bincount(at, weights=problem.pupils, minlength=SITES)
            if total >= best or (load > problem.seats).any():
                continue
            if all(
                at[problem.own[one]] == one and connected(problem, at == one, int(problem.own[one]))
                for one in np.flatnonzero(opened)
            ):
                best = total
    return best


def test_divided_pupils_cost_the_least_of_all_sets() -> None:
    def check(seed: int, count: int | None) -> None:
        problem = tiny(seed, count=count, split=True)
        found = solve_location(problem, seconds=0.5, clock=time.process_time)
        assert found.cost == pytest.approx(least_split(problem), rel=1e-6)
        assert found.bound <= found.cost + 1e-9

    every([(0, None), (1, None), (2, 2), (3, 3)], check)


def test_connected_districts_cost_the_least_of_all_assignments() -> None:
    problem = tiny(4)
    found = solve_location(problem, seconds=1.0, cores=1, clock=time.process_time)
    assert found.cost == pytest.approx(least_whole(problem), rel=1e-9)
    assert found.bound <= found.cost


def test_a_bound_is_below_every_set_whatever_the_guess() -> None:
    problem = tiny(5, split=True)
    least = least_split(problem)
    for guess in (0.1 * least, least, 10 * least):
        assert location_bound(problem, least=guess, rounds=200).value <= least + 1e-9


def test_too_few_seats_give_no_plan() -> None:
    problem = tiny(6, split=True)
    found = solve_location(replace(problem, seats=problem.seats / 50), seconds=0.2, clock=time.process_time)
    assert found.outcome is Outcome.NO_PLAN_FOUND
    assert not len(found.unit)


def test_more_sites_than_there_are_are_refused() -> None:
    with pytest.raises(DefectError, match="cannot be opened"):
        solve_location(tiny(7, count=SITES + 1), seconds=0.1)


def test_the_benchmark_writes_a_row_and_a_plan_once(tmp_path, monkeypatch, capsys) -> None:
    places = pd.DataFrame({"ID": range(1, 10), "Demand": 2, "x": 0.0, "y": np.arange(9) * 500.0})
    places = places.assign(Fcand=0, Fcost=0, Fcap=[0, 10, 0, 0, 10, 0, 0, 10, 0])
    (tmp_path / "cpmp").mkdir()
    places.to_csv(tmp_path / "cpmp" / "geo_toy.txt", sep="\t", index=False)
    (tmp_path / "open").mkdir()
    best = {"set": "cpmp", "instance": "toy_p2", "best_known": [9.0], "lower_bound": [9.0]}
    pd.DataFrame(best).to_csv(tmp_path / "open" / "best_known.csv", index=False)
    arguments = [
        "siting.py",
        "--data",
        str(tmp_path),
        "--set",
        "cpmp",
        "--seconds",
        "0.3",
        "--cpu",
        "--split",
    ]
    monkeypatch.setattr(sys, "argv", [*arguments, "--plans", str(tmp_path / "out")])
    for _ in range(2):
        runpy.run_path(str(BENCHMARK), run_name="__main__")
    rows = pd.read_csv(tmp_path / "out" / "rows.csv")
    assert len(rows) == 1
    assert rows.loc[0, "opened"] == 2
    plan = pd.read_csv(tmp_path / "out" / "cpmp_toy_p2_0.csv")
    assert plan.groupby("unit")["pupils"].sum().tolist() == [2.0] * 9
    assert "toy_p2" in capsys.readouterr().out
