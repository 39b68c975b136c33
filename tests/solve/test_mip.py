"""The door to the solver: outcomes, bounds and the audit, against brute force."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ortools.graph.python import min_cost_flow
from ortools.math_opt.python import mathopt

from layoutplan.solve import Outcome, ProgramBuilder, certify, mip, solve_program, transport
from tests.examples import examples


def knapsack(values, weights, capacity):
    builder = ProgramBuilder()
    columns = builder.columns(len(values), upper=1.0, integer=True)
    builder.entries(builder.rows(1, upper=capacity), columns, weights)
    return builder.program("maximise", [(columns, values)])


@settings(max_examples=examples(40))
@given(
    st.lists(st.tuples(st.integers(1, 30), st.integers(1, 30)), min_size=1, max_size=8), st.integers(0, 80)
)
def test_a_knapsack_is_as_good_as_trying_everything(items, capacity):
    values, weights = [v for v, _ in items], [w for _, w in items]
    best = max(
        float(np.dot(values, taken))
        for taken in product((0, 1), repeat=len(items))
        if np.dot(weights, taken) <= capacity
    )
    solution = solve_program(knapsack(values, weights, capacity), time_limit_s=20)
    assert solution.outcome is Outcome.OPTIMAL
    assert solution.objective == pytest.approx(best)
    assert solution.bound >= solution.objective
    assert solution.certificate is not None
    assert solution.certificate.objective == solution.objective
    assert solution.gap == pytest.approx(0, abs=1e-6)


def test_minimising_has_its_bound_below_and_counts_the_offset():
    builder = ProgramBuilder()
    columns = builder.columns(3, upper=4.0, integer=True)
    builder.entries(builder.rows(1, lower=5.0), columns, [2.0, 3.0, 4.0])
    solution = solve_program(
        builder.program("minimise", [(columns, [3.0, 4.0, 9.0])], offset=10.0), time_limit_s=9
    )
    assert solution.objective == pytest.approx(17.0)
    assert solution.bound <= solution.objective


def hard_program():
    random = np.random.default_rng(7)
    builder = ProgramBuilder()
    columns = builder.columns(80, upper=1.0, integer=True)
    for _ in range(6):
        builder.entries(builder.rows(1, upper=500.0), columns, random.integers(10, 60, 80))
    return builder.program("maximise", [(columns, random.integers(20, 90, 80))])


def test_no_time_and_no_plan_is_not_ok():
    solution = solve_program(hard_program(), time_limit_s=1e-6)
    assert solution.outcome is Outcome.NO_PLAN_FOUND
    assert not solution.outcome.has_plan
    assert len(solution.values) == 0
    assert solution.certificate is None


def test_a_plan_found_in_time_without_proof_is_feasible_and_inside_its_bound():
    solution = solve_program(hard_program(), time_limit_s=0.1)
    assert solution.outcome in (Outcome.FEASIBLE, Outcome.OPTIMAL)
    assert solution.bound >= solution.objective
    assert certify(hard_program(), solution.values).holds


def test_contradicting_rows_have_no_plan():
    builder = ProgramBuilder()
    columns = builder.columns(1, upper=1.0, integer=True)
    builder.entries(builder.rows(1, lower=2.0), columns, 1.0)
    solution = solve_program(builder.program("minimise", [(columns, [1.0])]), time_limit_s=5)
    assert solution.outcome is Outcome.NO_PLAN_EXISTS


def test_no_limit_is_said():
    builder = ProgramBuilder()
    columns = builder.columns(1)
    solution = solve_program(builder.program("maximise", [(columns, [1.0])]), time_limit_s=5)
    assert solution.outcome is Outcome.UNBOUNDED


def test_nothing_to_decide_is_decided():
    assert (
        solve_program(ProgramBuilder().program("maximise", [], offset=3.0), time_limit_s=1).objective == 3.0
    )
    builder = ProgramBuilder()
    builder.rows(1, lower=1.0)
    solution = solve_program(builder.program("maximise", []), time_limit_s=1)
    assert solution.outcome is Outcome.NO_PLAN_EXISTS


def test_the_same_program_gives_the_same_bytes():
    program = knapsack([5, 5, 5, 7], [3, 3, 3, 4], 7)
    one, other = (solve_program(program, time_limit_s=5) for _ in range(2))
    assert one.values.tobytes() == other.values.tobytes()


def test_a_broken_answer_fails_the_audit():
    program = knapsack([1, 1], [1, 1], 1)
    solution = mip._audited(program, np.array([1.0, 1.0]), bound=2.0, relative_gap=0.0)
    assert solution.outcome is Outcome.FAILED


def test_a_bound_on_the_wrong_side_proves_nothing():
    program = knapsack([4, 1], [1, 1], 1)
    solution = mip._audited(program, np.array([1.0, 0.0]), bound=2.0, relative_gap=0.0)
    assert solution.outcome is Outcome.FEASIBLE
    assert solution.bound == np.inf


@pytest.mark.parametrize(
    ("values", "holds"), [([1, 0], True), ([0.5, 0], False), ([2, 0], False), ([np.nan, 0], False)]
)
def test_the_certificate_finds_broken_columns(values, holds):
    assert certify(knapsack([1, 1], [1, 1], 1), values).holds is holds


def test_every_status_of_the_solvers_has_a_word():
    assert set(mip._WITHOUT_PLAN) == set(mathopt.TerminationReason)
    assert set(transport._STATUS) == set(min_cost_flow.SimpleMinCostFlow.Status.__members__.values())


def test_the_cheapest_is_found_where_presolve_misses_it():
    """HiGHS with presolve called 9,244 optimal here, bound included; 9,235 serves as many."""
    prices = np.array([3164.0, 3155.0, 6220.0, 2110.0, 6080.0])
    laws = [  # (which served, most, seats of each choice)
        (0, 62.0, [20, 20, 40, 20, 40]),
        (0, 98.18, [20, 20, 40, 0, 0]),
        (1, 58.0, [10, 10, 20, 0, 20]),
        (1, 58.0, [10, 10, 20, 0, 20]),
    ]
    builder = ProgramBuilder()
    choose = builder.columns(5, upper=1.0, integer=True)
    one_each = builder.rows(3, upper=1.0)
    builder.entries(one_each[[0, 1, 1, 2, 2]], choose, 1.0)
    builder.entries(builder.rows(1, upper=12_000 / 6.22), choose, prices / 6.22)
    builder.entries(builder.rows(1, upper=2.0), choose, 1.0)
    served = builder.columns(2, upper=np.array([0.15, 0.12]))
    for which, most, seats in laws:
        row = builder.rows(1, upper=most / 1000)
        used = np.flatnonzero(seats)
        builder.entries(row, served[which], 1.0)
        builder.entries(row, choose[used], -np.array(seats)[used] / 1000)
    worth = builder.rows(1, lower=0.17366999)
    builder.entries(worth, served, 1.0)
    builder.entries(worth, choose, -0.015)
    solution = solve_program(builder.program("minimise", [(choose, prices / 6.22)]), time_limit_s=20)
    assert solution.objective * 6.22 == pytest.approx(9235.0)
    assert solution.bound * 6.22 <= 9235.0 + 1e-6


def test_fixed_columns_are_settled_before_the_solve():
    """Two equal programs, one with columns that have no choice and a row that only they are in."""
    builder = ProgramBuilder()
    fixed = builder.columns(2, lower=np.array([1.0, 0.0]), upper=np.array([1.0, 0.0]), integer=True)
    free = builder.columns(2, upper=3.0, integer=True)
    builder.entries(builder.rows(1, upper=1.0), fixed, 1.0)
    row = builder.rows(1, lower=4.5)
    builder.entries(row, np.concatenate([fixed, free]), np.array([1.0, 9.0, 1.0, 1.0]))
    program = builder.program("minimise", [(free, [2.0, 3.0]), (fixed, [10.0, 1.0])])
    solution = solve_program(program, time_limit_s=20)
    assert solution.values.tolist() == [1.0, 0.0, 3.0, 1.0]
    assert solution.objective == pytest.approx(19.0)
    assert solution.bound == pytest.approx(19.0)
    assert solution.entries == 2


def test_a_program_whose_fixed_columns_break_a_row_has_no_plan():
    builder = ProgramBuilder()
    fixed = builder.columns(1, lower=2.0, upper=2.0)
    builder.entries(builder.rows(1, upper=1.0), fixed, 1.0)
    solution = solve_program(builder.program("minimise", [(fixed, [1.0])]), time_limit_s=20)
    assert not solution.outcome.has_plan
