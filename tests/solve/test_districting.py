"""Laws of districting: connected districts, least overload, then least cost, bounded from below."""

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutplan.solve.districting import bound, compiled_arrays, set_partitioning, subproblem
from layoutplan.solve.districting.arc_elimination import arcs_within_capacity, arcs_within_slack
from layoutplan.solve.districting.audit import audit
from layoutplan.solve.districting.budget import Budget
from layoutplan.solve.districting.lagrangian import lagrangian_prices, price_ceiling
from layoutplan.solve.districting.overload import reduce_overload
from layoutplan.solve.districting.problem import (
    LockedUnitError,
    SchoolWithoutUnitError,
    ShapeError,
    SharedUnitError,
    dense_arcs,
    districting_problem,
)
from layoutplan.solve.districting.program import solve_binary
from layoutplan.solve.districting.search import start_search
from layoutplan.solve.districting.solve import solve_districting
from layoutplan.solve.outcome import Outcome
from tests.examples import examples
from tests.solve.districts import brute_force, grid_edges, grid_problem, problems

QUICK = {"seconds": 600.0, "work": 0.5, "cores": 1}


@settings(max_examples=examples(25))
@given(problem=problems())
def test_tiny_problems_agree_with_brute_force(problem):
    found, best = solve_districting(problem, **QUICK), brute_force(problem)
    if best is None:
        assert found.outcome in (Outcome.NO_PLAN_EXISTS, Outcome.NO_PLAN_FOUND)
        return
    over, cost = best
    assert found.outcome.has_plan
    assert found.audit is not None
    assert found.audit.holds
    total = float(found.overload.sum())
    assert (total, found.cost) >= (over - 1e-6, cost - 1e-6) or total > over
    assert found.overload_bound <= over + 1e-6
    assert found.bound <= cost + 1e-6
    assert found.outcome is Outcome.OPTIMAL
    assert total == pytest.approx(over)
    assert found.cost == pytest.approx(cost)


@settings(max_examples=examples(10))
@given(seed=st.integers(0, 1000), seats=st.integers(40, 70))
def test_every_unit_once_in_connected_districts_that_hold_their_own_unit(seed, seats):
    problem = grid_problem(5, 6, own=[0, 17, 27], capacity=seats, seed=seed)
    found = solve_districting(problem, **QUICK)
    again = audit(problem, found.assignment)
    assert again.holds
    assert (again.components == 1).all()
    assert (found.assignment[problem.own] == np.arange(3)).all()
    assert again.cost == pytest.approx(found.cost)
    assert again.overload == pytest.approx(found.overload)
    spare = problem.capacity.sum() - problem.demand.sum()
    assert found.overload.sum() >= max(0.0, -spare) - 1e-6
    assert found.bound <= found.cost


@settings(max_examples=examples(10))
@given(seed=st.integers(0, 1000), more=st.integers(1, 10), which=st.integers(0, 2))
def test_more_seats_never_cost_more_where_proven(seed, more, which):
    problem = grid_problem(4, 5, own=[0, 9, 17], capacity=40, seed=seed)
    seats = problem.capacity.copy()
    seats[which] += more
    less, richer = (solve_districting(p, **QUICK) for p in (problem, replace(problem, capacity=seats)))
    if less.outcome is richer.outcome is Outcome.OPTIMAL:
        assert richer.overload.sum() <= less.overload.sum() + 1e-6
        if richer.overload.sum() == pytest.approx(less.overload.sum()):
            assert richer.cost <= less.cost * (1 + 2e-6)


@settings(max_examples=examples(10))
@given(seed=st.integers(0, 1000))
def test_renaming_changes_nothing_where_proven(seed):
    random = np.random.default_rng(seed)
    own, demand = np.array([0, 9, 17]), random.integers(1, 10, 20)
    cost, edges = random.integers(1, 50, (20, 3)).astype(float), np.array(grid_edges(4, 5))
    units, schools = random.permutation(20), random.permutation(3)
    place = np.argsort(units)
    one = districting_problem(demand, np.full(3, 45), own=own, arcs=dense_arcs(cost), edges=edges)
    other = districting_problem(
        demand[units],
        np.full(3, 45),
        own=place[own[schools]],
        arcs=dense_arcs(cost[units][:, schools]),
        edges=place[edges],
    )
    first, second = (solve_districting(p, **QUICK) for p in (one, other))
    if first.outcome is second.outcome is Outcome.OPTIMAL:
        assert first.cost == pytest.approx(second.cost, rel=2e-6)
        assert first.overload.sum() == pytest.approx(second.overload.sum())


def test_a_run_stopped_by_work_repeats_on_any_number_of_cores():
    problem = grid_problem(12, 12, own=[13, 22, 65, 112, 130], capacity=150, seed=3)
    first, again, on_two = (
        solve_districting(problem, seconds=600, work=5.0, cores=cores, seed=5) for cores in (1, 1, 2)
    )
    assert (first.assignment == again.assignment).all()
    assert (first.assignment == on_two.assignment).all()
    assert first.bound == again.bound == on_two.bound


@pytest.mark.parametrize("seats", [149, 160])
def test_the_work_limit_bounds_exact_programs_too(monkeypatch, seats):
    """Programs counted here by their columns and nodes, whatever the search itself counts."""
    problem = grid_problem(12, 12, own=[13, 22, 65, 112, 130], capacity=seats, seed=3)
    solved = []

    def counted(cost, *arguments, nodes, **options):
        answer = solve_binary(cost, *arguments, nodes=nodes, **options)
        solved.append(5e-5 * len(cost) * (min(nodes, answer.nodes) + 20))
        return answer

    for module in (bound, subproblem, set_partitioning):
        monkeypatch.setattr(module, "solve_binary", counted)
    for work in (0.5, 8.0):
        solved.clear()
        found = solve_districting(problem, seconds=3_600, work=work, cores=1)
        assert sum(solved) <= work
        assert found.audit is not None
        assert work == 0.5 or solved


def test_the_time_limit_holds():
    problem = grid_problem(16, 16, own=[17, 30, 100, 136, 200, 240], capacity=225, seed=1)
    solve_districting(problem, seconds=0.5, cores=1)  # compiles
    begun = time.process_time()
    solve_districting(problem, seconds=5.0, cores=1, clock=time.process_time)
    assert time.process_time() - begun <= 5.0 * 1.1 + 0.3


def test_several_columns_all_hold():
    demand = np.random.default_rng(2).integers(1, 10, (30, 3))
    problem = grid_problem(5, 6, own=[0, 17, 27], capacity=65, demand=demand)
    found = solve_districting(problem, **QUICK)
    assert (problem.load_of(found.assignment) <= 65 + found.overload).all()
    assert found.overload.sum() == 0


def test_seats_that_are_short_are_overloaded_as_little_as_can_be():
    problem = grid_problem(4, 4, own=[0, 15], capacity=20, demand=np.full(16, 3))
    found = solve_districting(problem, **QUICK)
    assert found.overload.sum() == 48 - 40
    assert found.outcome is Outcome.OPTIMAL
    assert found.overload_bound == pytest.approx(8)


def test_a_unit_larger_than_any_school_overloads_one():
    demand = np.ones(9)
    demand[4] = 30
    found = solve_districting(grid_problem(3, 3, own=[0, 8], capacity=20, demand=demand), **QUICK)
    assert found.outcome is Outcome.OPTIMAL
    assert found.overload.sum() == pytest.approx(30 + 2 - 20)  # with an own unit and one on the way


def test_locked_units_beyond_capacity_overload_their_school():
    problem = grid_problem(1, 4, own=[0, 3], capacity=5, demand=[3, 3, 1, 1])
    locked = np.array([-1, 0, -1, -1])
    found = solve_districting(replace(problem, locked=locked), **QUICK)
    assert found.overload[:, 0].tolist() == [1, 0]
    assert found.assignment.tolist() == [0, 0, 1, 1]


def test_a_part_of_the_graph_without_a_school_has_no_plan():
    edges = [edge for edge in grid_edges(2, 4) if set(edge) not in ({1, 2}, {5, 6})]
    problem = districting_problem(
        np.ones(8), [8, 8], own=[0, 1], arcs=dense_arcs(np.ones((8, 2))), edges=edges
    )
    found = solve_districting(problem, **QUICK)
    assert found.outcome is Outcome.NO_PLAN_EXISTS
    assert found.unreachable.tolist() == [2, 3, 6, 7]


def test_units_without_any_edge_stay_where_their_schools_are():
    problem = districting_problem(
        [3, 4], [3, 3], own=[1, 0], arcs=dense_arcs(np.ones((2, 2))), edges=np.zeros((0, 2))
    )
    found = solve_districting(problem, **QUICK)
    assert found.outcome is Outcome.OPTIMAL
    assert found.assignment.tolist() == [1, 0]
    assert found.overload[:, 0].tolist() == [1, 0]


def test_a_unit_locked_behind_another_school_has_no_plan():
    problem = grid_problem(1, 4, own=[0, 2], capacity=9, demand=[1, 1, 1, 1])
    found = solve_districting(replace(problem, locked=np.array([-1, -1, -1, 0])), **QUICK)
    assert found.outcome is Outcome.NO_PLAN_EXISTS
    assert found.unreachable.tolist() == [3]


@pytest.mark.parametrize(
    ("change", "error", "units", "schools"),
    [
        ({"own": [0, -1]}, SchoolWithoutUnitError, (), (1,)),
        ({"own": [2, 2]}, SharedUnitError, (2,), (0, 1)),
        ({"locked": [1, -1, -1, -1]}, LockedUnitError, (0,), (0,)),
        ({"locked": [-1, 7, -1, -1]}, ShapeError, (1,), ()),
        ({"demand": [1, -1, np.nan, 1]}, ShapeError, (1, 2), ()),
        ({"edges": [[0, 9]]}, ShapeError, (0, 9), ()),
        ({"arcs": ([0, 0], [1, 1], [1.0, 2.0])}, ShapeError, (0,), (1,)),
    ],
)
def test_arrays_that_state_no_problem_are_refused_with_their_places(change, error, units, schools):
    given = {
        "demand": np.ones(4),
        "capacity": np.full(2, 4.0),
        "own": [0, 3],
        "arcs": dense_arcs(np.ones((4, 2))),
        "edges": grid_edges(1, 4),
        "locked": np.full(4, -1),
    } | change
    with pytest.raises(error) as caught:
        districting_problem(given.pop("demand"), given.pop("capacity"), **given)
    assert (caught.value.units, caught.value.schools) == (units, schools)


def test_where_no_cache_can_be_written_the_search_compiles_without(monkeypatch):
    asked = []

    def njit(*, cache=False, **_):
        asked.append(cache)
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return lambda function: function

    monkeypatch.setattr(compiled_arrays.numba, "njit", njit)
    assert compiled_arrays.compiled(len) is len
    assert asked == [True, False]


def test_the_relaxation_leaves_no_arc_out_that_a_better_plan_uses():
    problem = grid_problem(4, 4, own=[0, 15], capacity=45, demand=np.full(16, 5))
    found = solve_districting(problem, **QUICK)
    every = np.ones(len(problem.arc_cost), dtype=bool)
    prices = lagrangian_prices(problem, ceiling=price_ceiling(problem))
    kept = arcs_within_capacity(problem, every, overload=0.0)
    kept = arcs_within_slack(problem, kept, prices.reduced, slack=found.cost - prices.bound + 1e-6)
    used = found.assignment[problem.arc_unit] == problem.arc_school
    assert found.overload.sum() == 0
    assert kept[used].all()
    assert prices.bound <= found.cost + 1e-9
    assert kept.sum() < len(kept)


@pytest.mark.parametrize(("seats", "least"), [(70, 20), (80, 0)])
def test_the_overload_phase_does_not_depend_on_the_costs(seats, least):
    """Random costs leave each first solution with another overload; the phase leaves the same in all."""
    problem = grid_problem(6, 8, own=[0, 19, 47], capacity=seats, seed=1)
    before, after = [], []
    for seed in range(3):
        cost = np.random.default_rng(seed).uniform(1, 1000, len(problem.arc_cost)) ** 2
        search = start_search(replace(problem, arc_cost=cost), Budget(600.0, 1.0, 1), seed=0)
        before.append(search.best.overload)
        reduce_overload(search, share=0.5, known=None)
        assert audit(problem, search.best.assignment).holds
        assert search.budget.spent <= 0.6
        after.append(search.best.overload)
    assert max(before) > min(before)
    assert after == [least] * 3


@pytest.mark.parametrize("seed", range(3))
def test_a_lower_price_of_moving_never_leaves_more_overload(seed):
    """Seats 1.5 % above the pupils: few divisions fit, and they must be found at any price."""
    walk = grid_problem(8, 8, own=[9, 14, 50, 53], capacity=0, seed=seed)
    today = walk.arc_school == np.random.default_rng(seed).integers(0, 4, 64)[walk.arc_unit]
    seats = np.full((4, 1), np.ceil(1.015 * walk.demand.sum() / 4))
    left = []
    for price in (0.0, 1.0, 10.0):
        cost = walk.arc_cost + price * walk.demand[walk.arc_unit, 0] * ~today
        priced = replace(walk, arc_cost=cost, capacity=seats)
        left.append(solve_districting(priced, seconds=600, work=1.5, cores=1).overload.sum())
    assert left == sorted(left)
    assert left[0] == 0
