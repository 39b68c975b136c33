"""Capacity expansion: against enumeration on tiny problems, and laws."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from layoutplan.errors import DefectError
from layoutplan.solve.expansion import (
    Expansion,
    ExpansionChoice,
    ExpansionEffort,
    ExpansionPlan,
    ExpansionStep,
    PlanFigures,
    audit_plan,
    effort,
    solve_expansion,
)
from layoutplan.solve.expansion.inequalities import Capacities, FlowInequality, inequalities
from layoutplan.solve.expansion.paths import least_through, smaller_paths, states_of, without_unmet
from layoutplan.solve.expansion.pricing import PricedMarket
from layoutplan.solve.expansion.rounding import rounded_up
from layoutplan.solve.outcome import Outcome
from tests.every import every
from tests.solve.expansions import best_plan, closing, equal_sites, every_plan, free_limits, scaled, tiny

# The solver keeps rows to 1e-6, and an unserved pupil weighs 50 of the dearest arcs: 1e-5 is beyond it.
EXACT = ExpansionEffort(time_limit_s=60.0, relative_gap=1e-4)
QUICK = range(2)


def step(plan: ExpansionPlan, name: str) -> ExpansionStep:
    """Return a step by name."""
    return next(one for one in plan.steps if one.name == name)


def check_against_enumeration(seed: int) -> None:
    """The fewest pupils without a seat and the least cost are those of enumeration; bounds are below them."""
    problem = tiny(seed, years=3 - seed % 2, stages=1 + seed % 2)
    fewest, least = best_plan(problem)
    plan = solve_expansion(problem, EXACT)
    assert float(plan.figures.unserved.sum()) == pytest.approx(fewest, abs=1e-6)
    cost = step(plan, "cost")
    assert (cost.outcome is Outcome.OPTIMAL) == (cost.gap <= EXACT.relative_gap * (1 + 1e-9))
    assert cost.gap <= 2 * EXACT.relative_gap  # rounds and nodes are limited by number
    assert cost.value == pytest.approx(least, rel=1e-4)
    assert cost.bound <= least + 1e-6 * abs(least)
    assert plan.figures.cost <= least * 1.005 + 1e-6


def test_the_plan_is_the_best_of_all() -> None:
    every(QUICK, check_against_enumeration)


@pytest.mark.slow
def test_the_plan_is_the_best_of_all_more_often() -> None:
    every(range(2, 40), check_against_enumeration)


def check_closing_against_enumeration(seed: int) -> None:
    """Of all plans that close only what has a successor, the search finds one of the best."""
    problem = closing(seed, years=3 - seed % 2, stages=1 + seed % 2)
    fewest, least = best_plan(problem)
    plan = solve_expansion(problem, EXACT)
    assert float(plan.figures.unserved.sum()) == pytest.approx(fewest, abs=1e-6)
    assert step(plan, "cost").value == pytest.approx(least, rel=1e-4, abs=1e-3)
    assert step(plan, "cost").bound <= least + 1e-6 * abs(least) + 1e-6
    assert plan.figures.cost <= least + 0.005 * abs(least) + 1e-6


def test_schools_shrink_and_close_as_enumeration_says() -> None:
    every(QUICK, check_closing_against_enumeration)


@pytest.mark.slow
def test_schools_shrink_and_close_as_enumeration_says_more_often() -> None:
    every(range(2, 30), check_closing_against_enumeration)


def test_what_may_be_given_up_never_costs_more() -> None:
    """With a school that may shrink or close nobody more is without a seat, and nothing costs more."""

    def check(seed: int) -> None:
        more, less = solve_expansion(closing(seed), EXACT), solve_expansion(tiny(seed), EXACT)
        lost, lost_less = more.figures.unserved.sum(), less.figures.unserved.sum()
        assert lost == pytest.approx(lost_less, abs=1e-6)
        least = step(less, "cost").value
        assert step(more, "cost").value <= least + 1e-4 * abs(least)

    every(range(30, 33), check)


def left_side(
    capacities: Capacities, cut: FlowInequality, choice: ExpansionChoice, figures: PlanFigures
) -> float:
    """Return the left side of an inequality with the cost and the unserved pupils of a plan."""
    market, placement = capacities.problem.markets[cut.market], figures.placements[cut.market]
    here = np.isin(market.region, cut.regions)
    paid = float((placement.pupils * market.cost)[here[market.origin]].sum())
    lost = float(placement.unserved[here].sum())
    bought = capacities.unit_number[cut.units] < choice.units[capacities.unit_row[cut.units]]
    seats = float((cut.state_values * choice.states[cut.states, cut.year]).sum())
    return paid + cut.loss * lost + seats + float(cut.unit_values[bought].sum())


def test_inequalities_hold_for_every_plan() -> None:
    """Whatever the worth of the origins, no plan violates its inequalities."""
    problem = tiny(2, units=True)
    capacities = Capacities(problem)
    rng = np.random.default_rng(5)
    cuts = []
    for number, market in enumerate(problem.markets):
        priced = PricedMarket(market, market.cost, 40.0)
        for _ in range(5):
            worth = rng.choice([0.0, 7.0, 40.0], len(market.pupils))
            cuts += inequalities(priced, number, worth, capacities=capacities, with_cost=True)
    assert cuts
    checked = 0
    for _, choice, figures in every_plan(problem):
        for cut in cuts:
            assert left_side(capacities, cut, choice, figures) >= cut.constant - 1e-6
            checked += 1
    assert checked > 1000


def test_nothing_can_be_left_out_or_made_smaller() -> None:
    problem = tiny(3)
    plan = solve_expansion(problem, EXACT)
    assert plan.moves.any()
    fewest, least = float(plan.figures.unserved.sum()), step(plan, "cost").value
    others = {one.tobytes() for _, one in smaller_paths(problem, plan.moves)}
    assert others
    for moves, _, figures in every_plan(problem):
        if moves.tobytes() in others:
            unserved = float(figures.unserved.sum())
            assert unserved > fewest + 1e-6 or figures.cost >= least * (1 - 1e-6)


def test_scaling_all_prices_changes_no_plan() -> None:
    problem = tiny(0)
    plan, dear = solve_expansion(problem, EXACT), solve_expansion(scaled(problem, 1000.0), EXACT)
    assert dear.figures.cost == pytest.approx(1000.0 * plan.figures.cost, rel=1e-3)
    assert step(dear, "cost").value == pytest.approx(1000.0 * step(plan, "cost").value, rel=1e-4)


def test_one_more_candidate_never_costs_more() -> None:
    def check(seed: int) -> None:
        problem = tiny(seed)
        fewer = problem.without_moves(np.array([4, 5]))
        with_all, with_less = solve_expansion(problem, EXACT), solve_expansion(fewer, EXACT)
        lost, lost_less = with_all.figures.unserved.sum(), with_less.figures.unserved.sum()
        assert lost <= lost_less + 1e-6
        if lost == pytest.approx(lost_less, abs=1e-6):
            assert step(with_all, "cost").value <= step(with_less, "cost").value * (1 + 1e-4)

    every(range(10, 12), check)


def test_more_budget_never_leaves_more_without_a_seat() -> None:
    def check(seed: int) -> None:
        problem = tiny(seed)
        poor = replace(problem.limits, spent=np.full(problem.years, 70.0))
        rich = replace(problem.limits, spent=np.full(problem.years, 150.0))
        lost = [
            float(solve_expansion(replace(problem, limits=limits), EXACT).figures.unserved.sum())
            for limits in (poor, rich)
        ]
        assert lost[1] <= lost[0] + 1e-6

    every(range(20, 22), check)


def peak(pupils: list[float], *, unit_cost: float) -> Expansion:
    """Return a problem of one origin, a site for 20 seats at 100, and units of 10 seats."""
    problem = tiny(0)
    years = len(pupils)
    markets = tuple(
        replace(
            problem.markets[0],
            year=year,
            origin=np.array([0, 0]),
            destination=np.array([0, 2]),
            cost=np.zeros(2),
            walk=np.array([100.0, 100.0]),
            pupils=np.array([count]),
            seats=np.array([50.0, 0.0, 0.0, 0.0]),
            region=np.array([0]),
        )
        for year, count in enumerate(pupils)
    )
    states = replace(
        problem.states,
        site=np.array([0, 0]),
        place=np.array([2, 2]),
        seats=np.array([[0.0], [20.0]]),
        cost=np.zeros((2, years)),
        fee=np.zeros(2),
    )
    moves = replace(
        problem.moves,
        before=np.zeros(years - 1, dtype=np.int64),
        after=np.ones(years - 1, dtype=np.int64),
        year=np.arange(1, years),
        cost=np.full(years - 1, 100.0),
        spent=np.full(years - 1, 100.0),
        spent_in=np.arange(years - 1),
        opens=np.ones(years - 1),
    )
    units = replace(
        problem.units,
        market=np.arange(years),
        place=np.zeros(years, dtype=np.int64),
        seats=np.full(years, 10.0),
        cost=np.full(years, unit_cost),
        most=np.full(years, 2),
        shared=np.arange(years),
        caps=np.full(years, 2),
    )
    limits = replace(problem.limits, spent=np.full(years, np.inf), opened=np.full(years, np.inf))
    return Expansion(markets, states, moves, units, limits, np.full(years, 200.0))


def test_a_passing_peak_is_bridged_and_a_lasting_one_built_for() -> None:
    passing, lasting = (
        peak([50.0, 70.0, 50.0, 50.0], unit_cost=30.0),
        peak([50.0] + [70.0] * 3, unit_cost=30.0),
    )
    bridged, built = solve_expansion(passing, EXACT), solve_expansion(lasting, EXACT)
    assert not bridged.moves.any()
    assert bridged.units.tolist() == [0.0, 2.0, 0.0, 0.0]
    assert built.moves.tolist() == [1.0, 0.0, 0.0]
    assert not built.units.any()
    assert bridged.figures.cost == pytest.approx(60.0)
    assert built.figures.cost == pytest.approx(100.0)


def test_bridging_gives_way_where_it_is_dearer() -> None:
    plan = solve_expansion(peak([50.0, 70.0, 50.0, 50.0], unit_cost=60.0), EXACT)
    assert plan.moves.any()
    assert not plan.units.any()


def test_of_equal_sites_the_nearer_is_chosen() -> None:
    problem = peak([50.0, 70.0, 70.0, 70.0], unit_cost=90.0)
    two = replace(
        problem,
        markets=tuple(
            replace(
                market,
                origin=np.array([0, 0, 0]),
                destination=np.array([0, 2, 3]),
                cost=np.zeros(3),
                walk=np.array([100.0, 900.0, 300.0]),
            )
            for market in problem.markets
        ),
        states=replace(
            problem.states,
            site=np.array([0, 0, 1, 1]),
            place=np.array([2, 2, 3, 3]),
            seats=np.array([[0.0], [20.0], [0.0], [20.0]]),
            cost=np.zeros((4, 4)),
            fee=np.zeros(4),
        ),
        moves=replace(
            problem.moves,
            before=np.array([0, 0, 0, 2, 2, 2]),
            after=np.array([1, 1, 1, 3, 3, 3]),
            year=np.array([1, 2, 3, 1, 2, 3]),
            cost=np.full(6, 100.0),
            spent=np.full(6, 100.0),
            spent_in=np.array([0, 1, 2, 0, 1, 2]),
            opens=np.ones(6),
        ),
    )
    plan = solve_expansion(two, EXACT)
    assert plan.moves.tolist() == [0.0, 0.0, 0.0, 1.0, 0.0, 0.0]


def test_a_state_that_places_too_few_is_left_out() -> None:
    problem = peak([50.0, 53.0, 53.0, 53.0], unit_cost=30.0)
    none = replace(problem.units, most=np.zeros(4, dtype=np.int64))
    alone = replace(problem, units=none)
    assert solve_expansion(alone, EXACT).moves.any()
    least = replace(alone.states, fee=np.array([0.0, 5.0]))
    plan = solve_expansion(replace(alone, states=least), EXACT)
    assert not plan.moves.any()
    assert float(plan.figures.unserved.sum()) == pytest.approx(9.0)


def test_the_audit_refuses_what_breaks_a_limit() -> None:
    problem = tiny(3)
    plan = solve_expansion(problem, EXACT)
    choice = type("ExpansionChoice", (), {"states": plan.states, "units": plan.units})()
    poor = replace(problem, limits=replace(problem.limits, spent=np.zeros(problem.years)))
    with pytest.raises(DefectError, match="budget"):
        audit_plan(poor, plan.moves, choice)
    few = replace(problem, limits=replace(problem.limits, opened_in_all=0.0))
    with pytest.raises(DefectError, match="opens more"):
        audit_plan(few, plan.moves, choice)
    with pytest.raises(DefectError, match="states"):
        audit_plan(problem, np.zeros(len(plan.moves)), choice)


def test_the_audit_refuses_a_closing_without_successor_and_units_where_it_closed() -> None:
    problem = closing(3)
    free = replace(problem, limits=free_limits(problem.years))
    moves = problem.moves
    closes = ((moves.after == 8) & (moves.year == 1)).astype(float)
    opens = ((moves.after == 1) & (moves.year == 1)).astype(float)
    none, two = np.zeros(len(problem.units.most)), np.array([0.0, 0.0, 2.0])
    audit_plan(free, opens + closes, ExpansionChoice(states_of(problem, opens + closes), none))
    with pytest.raises(DefectError, match="needs"):
        audit_plan(free, closes, ExpansionChoice(states_of(problem, closes), none))
    with pytest.raises(DefectError, match="bars them"):
        audit_plan(free, opens + closes, ExpansionChoice(states_of(problem, opens + closes), two))
    assert not without_unmet(problem, closes).any()
    assert (without_unmet(problem, opens + closes) == opens + closes).all()


def test_states_follow_from_moves() -> None:
    problem = tiny(1)
    plan = solve_expansion(problem, EXACT)
    assert (states_of(problem, plan.moves) == np.rint(plan.states)).all()


def test_the_least_way_through_a_move_is_that_of_enumeration() -> None:
    """Of all plans that make a move, none costs less on the way of its site."""
    problem = tiny(1, units=False)
    rng = np.random.default_rng(0)
    states, moves = rng.random(problem.states.cost.shape), rng.random(len(problem.moves.year))
    least = np.full(len(moves), np.inf)
    for made, choice, _ in every_plan(replace(problem, limits=free_limits(problem.years))):
        for site in range(len(problem.states.first)):
            here = problem.states.site[problem.moves.after] == site
            cost = (states * choice.states)[problem.states.site == site].sum() + (moves * made)[here].sum()
            used = here & (made > 0)
            least[used] = np.minimum(least[used], cost)
    assert least_through(problem, states, moves) == pytest.approx(least)


def test_arrays_that_do_not_fit_are_refused() -> None:
    problem = tiny(0)
    wrong = [
        replace(problem, loss=np.full(len(problem.markets), 1.0)),
        replace(problem, moves=replace(problem.moves, year=problem.moves.year + 9)),
        replace(problem, moves=replace(problem.moves, after=np.zeros_like(problem.moves.after))),
        replace(problem, states=replace(problem.states, place=np.full(6, 2))),
        replace(problem, units=replace(problem.units, place=problem.units.place + 50)),
        replace(problem, moves=replace(problem.moves, spent=-problem.moves.spent)),
    ]

    def check(one: Expansion) -> None:
        with pytest.raises(DefectError):
            solve_expansion(one, EXACT)

    every(wrong, check)


def test_the_cost_step_is_no_dearer_than_the_plan_taken() -> None:
    """Where walking leads to a cheaper plan, value and gap of the cost step are that plan's."""
    for seed in range(4):
        plan = solve_expansion(tiny(seed, units=True), ExpansionEffort(60.0, 0.2))
        cost = step(plan, "cost")
        assert cost.value <= plan.figures.cost + 1e-6 * abs(plan.figures.cost)
        assert cost.bound <= cost.value
        assert cost.gap == pytest.approx((cost.value - cost.bound) / max(1.0, abs(cost.value)), abs=1e-9)
        assert not plan.late


def test_a_search_that_time_cut_short_says_so() -> None:
    assert solve_expansion(tiny(2, units=True), ExpansionEffort(1e-3, 1e-4)).late


def test_a_hard_problem_ends_by_its_work(monkeypatch) -> None:
    """With many equal sites no proof is in reach: the work ends, in every run alike, and the gap is told."""
    monkeypatch.setattr(effort, "_LEAST_WORK", 0.0)
    problem, small = equal_sites(14), ExpansionEffort(600.0, 1e-6, work_an_arc=40.0)
    first, second = solve_expansion(problem, small), solve_expansion(problem, small)
    assert first.work == second.work
    assert (first.moves == second.moves).all()
    assert not first.late
    assert first.work <= 1.5 * small.work_for(problem)
    serve = step(first, "serve")
    assert serve.outcome is Outcome.FEASIBLE
    assert 0 < serve.gap < 1
    assert serve.bound <= step(solve_expansion(problem, EXACT), "serve").value


def test_rounded_inequalities_hold_for_every_plan() -> None:
    """Inequalities rounded at any solution are kept by every whole plan."""
    problem = tiny(3, units=True)
    capacities = Capacities(problem)
    rng, rounds = np.random.default_rng(0), 0
    plans = list(every_plan(problem))
    for number, market in enumerate(problem.markets):
        priced = PricedMarket(market, market.cost, 40.0)
        for _ in range(20):
            worth = rng.choice([0.0, 3.0, 40.0], len(market.pupils))
            for cut in inequalities(priced, number, worth, capacities=capacities, with_cost=True):
                choice = ExpansionChoice(rng.random(problem.states.cost.shape), np.zeros(0))
                new = rounded_up(cut, choice, rng.random(len(capacities.unit_row)))
                if new is None:
                    continue
                rounds += 1
                least = min(left_side(capacities, new, chosen, figures) for _, chosen, figures in plans)
                assert least >= new.constant - 1e-6
    assert rounds > 5


def test_states_and_units_of_a_plan_are_whole() -> None:
    plan = solve_expansion(tiny(2, units=True), EXACT)
    for values in (plan.moves, plan.states, plan.units):
        assert (values == np.rint(values)).all()
