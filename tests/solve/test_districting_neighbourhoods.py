"""Laws of exact re-optimisation: never worse, connected, and as cheap as brute force where all is free."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutplan.solve.districting.audit import audit
from layoutplan.solve.districting.budget import Allowance, Budget
from layoutplan.solve.districting.neighbourhoods import (
    NeighbourhoodSearch,
    arcs_of_solutions,
    reoptimise,
)
from layoutplan.solve.districting.region_growing import cheapest_schools
from layoutplan.solve.districting.search import make_context, start_search
from layoutplan.solve.districting.subproblem import Subproblem, improve_districts
from tests.examples import examples
from tests.solve.districts import brute_force, grid_problem


def _minute() -> Allowance:
    return Allowance(lambda: 60.0)


def _start(problem):
    context = make_context(problem, Budget(600.0, np.inf, 1))
    grown = context.region_grower.grow(cheapest_schools(problem, context.prices.reduced))
    return context, context.evaluate(grown, np.ones_like(problem.capacity))


def _solve_all(problem):
    context, start = _start(problem)
    every = np.ones(len(problem.arc_cost), dtype=bool)
    subproblem = Subproblem(
        problem,
        context.region_grower.neighbours,
        start.assignment,
        candidates=every,
        overload_price=context.price_ceiling,
    )
    changed, solved = improve_districts(subproblem, rounds=100, nodes=10_000, allowance=_minute())
    assert solved
    return context, start, start if changed is None else context.evaluate(changed, start.price)


@settings(max_examples=examples(20))
@given(seed=st.integers(0, 1000), seats=st.integers(18, 40))
def test_with_every_arc_free_the_program_agrees_with_brute_force(seed, seats):
    problem = grid_problem(2, 4, own=[0, 7], capacity=seats, seed=seed)
    _, start, found = _solve_all(problem)
    overload, cost = brute_force(problem)
    assert audit(problem, found.assignment).holds
    if start.overload == 0:
        assert found.cost == pytest.approx(cost, rel=1e-4)
    assert found.overload == pytest.approx(overload)


@settings(max_examples=examples(10))
@given(seed=st.integers(0, 1000), seats=st.integers(40, 70))
def test_reoptimisation_is_never_worse_and_stays_connected(seed, seats):
    problem = grid_problem(5, 6, own=[0, 17, 27], capacity=seats, seed=seed)
    context, start = _start(problem)
    every = np.ones(len(problem.arc_cost), dtype=bool)
    found = reoptimise(
        context,
        start,
        NeighbourhoodSearch(),
        draw_arcs=every.copy,
        cuts=[],
        random=np.random.default_rng(seed),
        proposals_millions=1.0,
        allowance=_minute(),
    )
    assert audit(problem, found.assignment).holds
    assert found is start or found.is_better_than(start)


def test_units_that_are_not_free_stay_and_their_pupils_keep_their_seats():
    problem = grid_problem(4, 5, own=[0, 9, 17], capacity=50, seed=4)
    context, start = _start(problem)
    free = np.zeros(len(problem.arc_cost), dtype=bool)
    free[problem.arc_unit % 2 == 0] = True
    subproblem = Subproblem(
        problem, context.region_grower.neighbours, start.assignment, candidates=free, overload_price=10.0
    )
    assert (subproblem.units % 2 == 0).all()
    changed, _ = improve_districts(subproblem, rounds=20, nodes=1000, allowance=_minute())
    after = start.assignment if changed is None else changed
    odd = np.arange(problem.units) % 2 == 1
    assert (after[odd] == start.assignment[odd]).all()
    assert audit(problem, after).holds


def test_merging_finds_the_best_of_both_parents():
    """Two parents, each the optimum in one half of a corridor: the merged solution is optimal in both."""
    demand = np.ones(12)
    problem = grid_problem(1, 12, own=[0, 5, 6, 11], capacity=3, demand=demand)
    context = make_context(problem, Budget(600.0, np.inf, 1))
    price = np.ones_like(problem.capacity)
    left = context.evaluate(np.array([0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 3, 3]), price)
    right = context.evaluate(np.array([0, 0, 1, 1, 1, 1, 2, 2, 2, 3, 3, 3]), price)
    assert left.overload == right.overload == 1
    found = reoptimise(
        context,
        left,
        NeighbourhoodSearch(),
        draw_arcs=lambda: arcs_of_solutions(context, [right]),
        cuts=[],
        random=np.random.default_rng(0),
        proposals_millions=1.0,
        allowance=_minute(),
    )
    assert found.overload == 0
    assert found.assignment.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]


def test_a_neighbourhood_that_was_solved_is_not_solved_again():
    problem = grid_problem(4, 4, own=[0, 15], capacity=60, seed=2)
    context, _, best = _solve_all(problem)
    every = np.ones(len(problem.arc_cost), dtype=bool)
    memory, drawn = NeighbourhoodSearch(), []

    def draw_arcs():
        drawn.append(1)
        return every.copy()

    found = reoptimise(
        context,
        best,
        memory,
        draw_arcs=draw_arcs,
        cuts=[],
        random=np.random.default_rng(0),
        proposals_millions=1.0,
        allowance=_minute(),
    )
    assert found is best
    assert len(memory.solved) == 1
    assert len(drawn) == 21  # solved once, then found solved 20 times


def test_an_allowance_without_work_for_the_root_solves_nothing():
    problem = grid_problem(4, 5, own=[0, 9, 17], capacity=50, seed=4)
    context, start = _start(problem)
    every = np.ones(len(problem.arc_cost), dtype=bool)
    neighbours, price = context.region_grower.neighbours, context.price_ceiling
    subproblem = Subproblem(problem, neighbours, start.assignment, candidates=every, overload_price=price)
    allowance = Allowance(lambda: 60.0, work=1e-3)
    assert improve_districts(subproblem, rounds=20, nodes=1000, allowance=allowance) == (None, False)
    assert allowance.spent == 0


def test_the_elite_keeps_solutions_that_differ():
    problem = grid_problem(12, 12, own=[13, 22, 65, 112, 130], capacity=150, seed=3)
    search = start_search(problem, Budget(600.0, np.inf, 1), seed=0)
    search.record(search.start, "start")
    near = search.start.assignment.copy()
    search.record(search.context.evaluate(near, search.start.price), "same")
    assert len(search.elite) == 1
    assert search.elite[0] is search.start
